/* SPDX-License-Identifier: Apache-2.0
 *
 * See key_change.h. A peer that has not seen the directory yet refuses what the new key signs as
 * KEY_UNKNOWN and keeps nothing of it; the exchange sends a query again until its deadline
 * (exchange/engine.c). Within one daemon all municipalities hold the same directory.
 */
#include "admin/key_change.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/handlers.h"
#include "base/encode.h"
#include "dispatch/log.h"
#include "store/signer.h"

#define METHOD "tenancy/signing-key"

struct key_change {
    struct vrx_job job;
    struct vrx_context context; /* a call's without the call */
    bool waits;
};

#define CHANGE_OF(pointer) \
    ((struct key_change *)(void *)((char *)(pointer)-offsetof(struct key_change, job)))

/* Whether the directory in force names this key as the municipality's. */
static bool is_known(struct vrx_context *context, const uint8_t kid[VRX_DATED_KID]) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    const struct vrx_directory_entry *entry = NULL;
    const struct vrx_dated_key *key = NULL;
    if (vrx_is_ok(vrx_directory_find(&law->directory, &context->slot->code, context->now, &entry)))
        key =
            vrx_dated_key_find(vrx_directory_signing_keys(entry), vrx_view_of(kid, VRX_DATED_KID));
    const bool known = key && vrx_dated_key_in_force(key, context->now);
    vrx_law_release(context->daemon->law, law);
    return known;
}

/* The entry names both keys, so that an auditor sees where the one ends and the other begins. */
static struct vrx_result change_key(
    struct vrx_context *context, const struct vrx_signer_change *change) {
    char basis[VRX_LIMIT_BASIS + 1];
    char old_kid[2 * VRX_DATED_KID + 1];
    char new_kid[2 * VRX_DATED_KID + 1];
    uint64_t entry = 0;
    vrx_hex_string(vrx_view_of(change->old_kid, VRX_DATED_KID), old_kid);
    vrx_hex_string(vrx_view_of(change->new_kid, VRX_DATED_KID), new_kid);
    (void)snprintf(basis, sizeof basis, "signing key %s -> %s", old_kid, new_kid);
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(basis)};
    VRX_TRY(vrx_context_record(context, METHOD, VRX_TENANCY_PURPOSE, &facts, VRX_OK, &entry));
    return vrx_signer_change(context->tenant, change, entry, context->now);
}

static struct vrx_result run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct key_change *work = CHANGE_OF(job);
    struct vrx_context *context = &work->context;
    struct vrx_signer_change change;
    context->tenant = tenant;
    context->now = vrx_clock_seconds();
    VRX_TRY(vrx_signer_waiting(tenant, &work->waits, &change));
    if (!work->waits || (change.old_until >= context->now && !is_known(context, change.new_kid)))
        return vrx_ok();
    work->waits = false;
    return change_key(context, &change);
}

static void done(struct vrx_job *job, struct vrx_result outcome) {
    struct key_change *work = CHANGE_OF(job);
    if (!vrx_is_ok(outcome) && outcome.reason != VRX_TENANT_SEALED)
        vrx_log_event("signing key", work->context.slot->code.digits, outcome);
    if (work->waits || !vrx_is_ok(outcome))
        atomic_store(&work->context.slot->key_waits, true);
    free(work);
}

void vrx_key_change_tick(struct vrx_slot *slot) {
    if (!atomic_exchange(&slot->key_waits, false))
        return;
    struct key_change *work = calloc(1, sizeof *work);
    if (work) {
        work->context = (struct vrx_context){.daemon = slot->daemon,
            .slot = slot,
            .random = slot->daemon->random,
            .terminal_id = "vrxd"};
        work->job = (struct vrx_job){.run = run, .done = done};
        if (vrx_is_ok(vrx_random_fill(slot->daemon->random, work->context.request_id, VRX_ID)) &&
            vrx_is_ok(vrx_actor_post(slot->actor, &work->job)))
            return;
    }
    atomic_store(&slot->key_waits, true);
    free(work);
}
