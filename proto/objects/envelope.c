/* SPDX-License-Identifier: Apache-2.0
 *
 * See envelope.h for the format, schema.h for how a table is written. The routing fields are the
 * first of the same table, encoded by themselves.
 */
#include "objects/envelope.h"

#include "cose/encrypt.h"
#include "objects/schema.h"

#define ROUTING_FIELDS 4
#define KID 8 /* bytes of the SPKI's SHA-256 */

static const struct vrx_object_field fields[] = {
    ROW_ENUM(1, envelope, kind, VRX_ENVELOPE_LAST),
    ROW_MUNICIPALITY(2, envelope, from),
    ROW_MUNICIPALITY(3, envelope, to),
    ROW_FIXED(4, envelope, query_id),
    ROW_BYTES(5, envelope, sealed, 1, VRX_LIMIT_SEALED),
};

const struct vrx_object_schema vrx_envelope_schema = ROW_SCHEMA(envelope, "vrx.envelope.1", fields);

static const struct vrx_object_schema routing_schema = {
    .name = "vrx.envelope-routing.1",
    .size = sizeof(struct vrx_envelope),
    .fields = fields,
    .field_count = ROUTING_FIELDS,
};

struct vrx_result vrx_envelope_seal(const struct vrx_envelope *routing, struct vrx_view content,
    const struct vrx_public_key *receiver, const struct vrx_random *random,
    struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer external = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer sealed = {0};
    uint8_t digest[VRX_DIGEST];
    VRX_TRY(vrx_object_encode(&routing_schema, routing, &external));
    VRX_TRY(vrx_public_key_spki_sha256(receiver, digest));
    struct vrx_recipient recipient = {vrx_view_of(digest, KID), receiver};
    VRX_TRY(vrx_encrypt_make(content, vrx_buffer_view(&external), &recipient, 1, random, &sealed));
    struct vrx_envelope envelope = *routing;
    envelope.sealed = vrx_buffer_view(&sealed);
    return vrx_object_encode(&vrx_envelope_schema, &envelope, out);
}

struct vrx_result vrx_envelope_open(const struct vrx_envelope *envelope,
    const struct vrx_private_key *receiver, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer external = {0};
    uint8_t digest[VRX_DIGEST];
    VRX_TRY(vrx_object_encode(&routing_schema, envelope, &external));
    VRX_TRY(vrx_private_key_spki_sha256(receiver, digest));
    return vrx_encrypt_open(
        envelope->sealed, vrx_buffer_view(&external), vrx_view_of(digest, KID), receiver, out);
}
