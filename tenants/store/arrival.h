/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that came from other municipalities beside queries for doses and answers, each once:
 * which content came under a name, and how it was acknowledged, so that whoever sends it again is
 * told the same.
 */
#ifndef VRX_STORE_ARRIVAL_H
#define VRX_STORE_ARRIVAL_H

#include "base/arena.h"
#include "objects/envelope.h"
#include "store/tenant.h"
#include "store/transfer.h"

struct vrx_arrival_record {
    struct vrx_municipality_code sender;
    enum vrx_envelope_kind kind;     /* VRX_ENVELOPE_RECEIPT or one after it */
    uint8_t id[VRX_ID];              /* unique together with sender and kind */
    uint8_t digest[VRX_DIGEST];      /* SHA-256 of the signed content */
    struct vrx_view acknowledgement; /* the envelope that answered it, 1 to VRX_LIMIT_TRANSFER */
    int64_t arrived_at;
};

/* Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (acknowledgement); VRX_INPUT_RANGE (kind);
 * VRX_ALREADY_EXISTS. */
struct vrx_result vrx_arrival_put(
    struct vrx_tenant *tenant, const struct vrx_arrival_record *arrival);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_arrival_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, enum vrx_envelope_kind kind,
    const uint8_t id[VRX_ID], struct vrx_arrival_record *ret_arrival);

#endif
