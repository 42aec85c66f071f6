/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing with the tenant's own key, and reading back what it signed or what a municipality in the
 * directory signed.
 */
#ifndef VRX_DISPATCH_SIGNED_H
#define VRX_DISPATCH_SIGNED_H

#include <protobuf-c/protobuf-c.h>

#include "dispatch/context.h"
#include "objects/directory.h"
#include "objects/identity_evidence.h"
#include "store/evidence_record.h"

/* Signs with the open tenant's key and appends the message. Errors: vrx_object_sign's. */
struct vrx_result vrx_tenant_sign(struct vrx_tenant *tenant, const struct vrx_object_schema *schema,
    const void *object, struct vrx_buffer *out);

/* Verifies with the open tenant's own key. Errors: vrx_object_verify's. */
struct vrx_result vrx_tenant_verify_own(struct vrx_tenant *tenant,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object);

/* Verifies with that signing key of the directory's entry which the message names. Errors:
 * vrx_object_verify_by's. */
struct vrx_result vrx_entry_verify(const struct vrx_directory_entry *entry,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object);

/* The identity check that a request names by its id, which must be of this resident (Number Act
 * art. 16), read from the vault and verified; ret_record's object and ret_evidence live in the
 * context's arena. Errors: VRX_EVIDENCE_MISSING (no id, or nothing under it), VRX_INPUT_RANGE,
 * VRX_EVIDENCE_SUBJECT, vrx_object_verify's. */
struct vrx_result vrx_context_evidence(struct vrx_context *context, ProtobufCBinaryData id,
    int64_t resident, struct vrx_evidence_record *ret_record,
    struct vrx_identity_evidence *ret_evidence);

#endif
