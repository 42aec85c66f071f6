/* SPDX-License-Identifier: Apache-2.0
 *
 * What is revoked, for verifiers: the municipality's part of the revocation list. The hashes stand
 * in their own order, which says nothing of when each was revoked or of who follows whom.
 */
#include "objects/revocations.h"

#include <stdlib.h>

#include "certificates/handlers.h"
#include "dispatch/message.h"
#include "formats/identifier.h"
#include "store/certificate_record.h"
#include "store/signer.h"
#include "vrx/v1/certificates.pb-c.h"

static int by_hash(const void *a, const void *b) {
    return memcmp(a, b, VRX_REVOCATION_HASH);
}

static struct vrx_result add_hashes(
    const struct vrx_view *uvcis, size_t count, struct vrx_buffer *hashes) {
    if (hashes->len / VRX_REVOCATION_HASH + count > VRX_LIMIT_REVOKED)
        return vrx_refuse(VRX_CAP_REACHED, "revocations.h: certificates in one part");
    for (size_t i = 0; i < count; i++) {
        uint8_t hash[VRX_REVOCATION_HASH];
        VRX_TRY(vrx_identifier_hash(uvcis[i], hash));
        VRX_TRY(vrx_buffer_append(hashes, vrx_view_of(hash, sizeof hash)));
    }
    return vrx_ok();
}

static struct vrx_result collect(struct vrx_context *context, struct vrx_buffer *hashes) {
    struct vrx_view *uvcis = NULL;
    struct vrx_view after = {0};
    size_t count = 0;
    do {
        VRX_TRY(vrx_certificate_record_revoked(
            context->tenant, &context->arena, after, context->now, &uvcis, &count));
        VRX_TRY(add_hashes(uvcis, count, hashes));
        if (count)
            after = uvcis[count - 1];
    } while (count);
    if (hashes->len)
        qsort(hashes->ptr, hashes->len / VRX_REVOCATION_HASH, VRX_REVOCATION_HASH, by_hash);
    return vrx_ok();
}

struct vrx_result vrx_certificates_revocations(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetRevocationsResponse *out = reply;
    struct vrx_buffer hashes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(collect(context, &hashes));
    const struct vrx_revocations revocations = {.municipality = context->slot->code,
        .as_of = context->now,
        .hashes = vrx_buffer_view(&hashes)};
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_revocations_schema, &revocations, &message));
    out->count = (uint32_t)(hashes.len / VRX_REVOCATION_HASH);
    return vrx_message_put_bytes(&context->arena, vrx_buffer_view(&message), &out->revocations);
}
