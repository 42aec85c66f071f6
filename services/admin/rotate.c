/* SPDX-License-Identifier: Apache-2.0
 *
 * The vault moves to the present data key of its keyring, a part a message:
 *
 *     PENDING  nothing; after the commit the change is begun       ask again
 *     MOVING   nothing; after the commit some pages are moved      ask again
 *     ENDING   the entry of the end; after the commit the last     ask again
 *              pages are moved and the key before is given up,
 *              which no transaction can hold
 *     DONE     nothing                                             last message
 *
 * What failed outside of the transaction is the outcome of the next one, and stands in the ledger
 * so. The entry of the end is durable before the key goes: a crash between the two leaves the entry
 * and a change that the next call ends once more.
 */
#include <stdio.h>

#include "admin/handlers.h"
#include "keyring/keys.h"
#include "vrx/v1/tenancy.pb-c.h"

#define METHOD "/vrx.v1.Tenancy/RotateDataKey"
#define STEP_PAGES 256 /* 1 MiB: other calls wait for its two writings */

/* The keyring in force must be the one that the caller means: a new data key that did not come into
 * force is not moved to. */
static struct vrx_result check_key(
    const struct vrx_context *context, const Vrx__V1__RotateDataKeyRequest *in) {
    const uint32_t present = vrx_tenant_keys(context->tenant)->data_number;
    return !in->data_key || in->data_key == present
               ? vrx_ok()
               : vrx_refuse(VRX_WRONG_STATE, "the keyring in force has another data key");
}

static struct vrx_result record_end(
    struct vrx_context *context, const struct vrx_rotation_state *rotation) {
    char basis[VRX_LIMIT_BASIS + 1];
    snprintf(basis, sizeof basis, "data key %u: all %u pages", (unsigned)rotation->data_number,
        (unsigned)rotation->total);
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(basis)};
    return vrx_context_record(context, METHOD, VRX_TENANCY_PURPOSE, &facts, VRX_OK, NULL);
}

static void put(const struct vrx_rotation_state *rotation, Vrx__V1__RotationPhase phase,
    Vrx__V1__RotateDataKeyResponse *out) {
    out->phase = phase;
    out->data_key = rotation->data_number;
    out->pages = rotation->done;
    out->pages_total = rotation->total;
}

struct vrx_result vrx_tenancy_rotate_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    struct vrx_rotate_state *state = context->state;
    struct vrx_rotation_state rotation;
    VRX_TRY(state->failed);
    VRX_TRY(check_key(context, request));
    VRX_TRY(vrx_tenant_rotation(context->tenant, &rotation));
    if (rotation.at == VRX_ROTATION_DONE) {
        put(&rotation,
            state->begun ? VRX__V1__ROTATION_PHASE__ROTATION_PHASE_DONE
                         : VRX__V1__ROTATION_PHASE__ROTATION_PHASE_NOTHING,
            reply);
        *ret_next = VRX_NEXT_LAST;
        return vrx_ok();
    }
    state->ending = rotation.at == VRX_ROTATION_ENDING;
    if (state->ending)
        VRX_TRY(record_end(context, &rotation));
    put(&rotation, VRX__V1__ROTATION_PHASE__ROTATION_PHASE_MOVING, reply);
    state->begun = true;
    state->due = true;
    *ret_next = VRX_NEXT_MORE;
    return vrx_ok();
}

void vrx_tenancy_rotate_committed(struct vrx_context *context) {
    struct vrx_rotate_state *state = context->state;
    struct vrx_rotation_state rotation;
    if (!state->due)
        return;
    state->due = false;
    state->failed = vrx_tenant_rotation(context->tenant, &rotation);
    if (!vrx_is_ok(state->failed) || rotation.at == VRX_ROTATION_DONE)
        return;
    /* Another caller's step may have come in between: the end has an entry before it. */
    if (rotation.at != VRX_ROTATION_ENDING || state->ending)
        state->failed = vrx_tenant_rotate(context->tenant, STEP_PAGES);
}
