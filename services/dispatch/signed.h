/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what a municipality signed or sealed: this one, or another by the directory. Signing is
 * store/signer.h's.
 */
#ifndef VRX_DISPATCH_SIGNED_H
#define VRX_DISPATCH_SIGNED_H

#include <protobuf-c/protobuf-c.h>

#include "dispatch/context.h"
#include "objects/directory.h"
#include "objects/envelope.h"
#include "objects/identity_evidence.h"
#include "store/evidence_record.h"
#include "store/signer.h"

/* Opens what was sealed to this municipality, with that of its exchange keys to which it was: the
 * present one, or the last for what was under way when it changed. Appends the content. Errors:
 * VRX_KEY_UNKNOWN, vrx_envelope_open's. */
struct vrx_result vrx_context_open_envelope(
    struct vrx_context *context, const struct vrx_envelope *envelope, struct vrx_buffer *out);

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
