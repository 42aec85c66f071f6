/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking things up in a google.protobuf.FileDescriptorSet. A file is the view of its encoded
 * FileDescriptorProto within the set.
 */
#ifndef VRX_STANDARD_DESCRIPTORS_H
#define VRX_STANDARD_DESCRIPTORS_H

#include "base/bytes.h"

/* What protoc made of all of proto/: those of the daemon. */
struct vrx_view vrx_descriptors(void);

/* The place-th of all files, counted from 0; the empty view after the last. */
struct vrx_view vrx_descriptors_at(struct vrx_view set, size_t place);
/* By the name with which it is imported; the empty view where there is none. */
struct vrx_view vrx_descriptors_named(struct vrx_view set, struct vrx_view name);
/* The file that declares package.Type, package.Type.Nested, package.Enum, package.Service or
 * package.Service.Method; the empty view where there is none. */
struct vrx_view vrx_descriptors_declaring(struct vrx_view set, struct vrx_view symbol);

/* Parts of a file: the place-th import; the package; the place-th service's name without it. Empty
 * where there is none. */
struct vrx_view vrx_descriptor_import(struct vrx_view file, size_t place);
struct vrx_view vrx_descriptor_package(struct vrx_view file);
struct vrx_view vrx_descriptor_service(struct vrx_view file, size_t place);

#endif
