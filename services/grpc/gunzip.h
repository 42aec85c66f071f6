/* SPDX-License-Identifier: Apache-2.0
 *
 * A message that came with "grpc-encoding: gzip" (RFC 1952).
 */
#ifndef VRX_GRPC_GUNZIP_H
#define VRX_GRPC_GUNZIP_H

#include "base/bytes.h"

/* Appends what the one member in gzip holds, at most limit bytes of it: what inflates to more costs
 * the limit and no more. Errors: VRX_INPUT_TOO_LARGE over the limit; VRX_INPUT_MALFORMED (not gzip,
 * a wrong checksum or length, bytes after the member, an end too early); VRX_OUT_OF_MEMORY. On
 * failure out is as it was. */
struct vrx_result vrx_gunzip(struct vrx_view gzip, size_t limit, struct vrx_buffer *out);

#endif
