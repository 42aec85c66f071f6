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
    int64_t due;                /* INT64_MAX: no key waits any more */
};

#define CHANGE_OF(pointer) \
    ((struct key_change *)(void *)((char *)(pointer)-offsetof(struct key_change, job)))

/* From when the directory that this daemon holds has this key in force as the municipality's;
 * INT64_MAX when it does not. */
static int64_t known_from(struct vrx_context *context, const uint8_t kid[VRX_DATED_KID]) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    const struct vrx_directory_entry *entry = NULL;
    const struct vrx_dated_key *key = NULL;
    if (vrx_is_ok(vrx_directory_find(&law->directory, &context->slot->code, context->now, &entry)))
        key =
            vrx_dated_key_find(vrx_directory_signing_keys(entry), vrx_view_of(kid, VRX_DATED_KID));
    const int64_t from = key && key->until >= context->now ? key->from : INT64_MAX;
    vrx_law_release(context->daemon->law, law);
    return from;
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
    bool waits = false;
    VRX_TRY(vrx_signer_waiting(tenant, &waits, &change));
    work->due = INT64_MAX;
    if (!waits)
        return vrx_ok();
    const int64_t from = known_from(context, change.new_kid);
    const int64_t due = from <= change.old_until ? from : change.old_until + 1;
    if (due <= context->now)
        return change_key(context, &change);
    work->due = due;
    return vrx_ok();
}

static void done(struct vrx_job *job, struct vrx_result outcome) {
    struct key_change *work = CHANGE_OF(job);
    if (!vrx_is_ok(outcome) && outcome.reason != VRX_TENANT_SEALED)
        vrx_log_event("signing key", work->context.slot->code.digits, outcome);
    if (!vrx_is_ok(outcome))
        atomic_store(&work->context.slot->key_due, 0);
    else if (work->due != INT64_MAX)
        atomic_store(&work->context.slot->key_due, work->due);
    free(work);
}

static uint64_t law_version(struct vrx_daemon *daemon) {
    const struct vrx_law *law = vrx_law_hold(daemon->law);
    const uint64_t version = law->directory.version;
    vrx_law_release(daemon->law, law);
    return version;
}

/* Its time has come, or there is a directory that it was not asked for yet. */
static bool is_due(struct vrx_slot *slot) {
    const int64_t due = atomic_load(&slot->key_due);
    if (due == INT64_MAX)
        return false;
    const uint64_t version = law_version(slot->daemon);
    const bool newer = version != slot->key_law;
    slot->key_law = version;
    return newer || due <= vrx_clock_seconds();
}

void vrx_key_change_tick(struct vrx_slot *slot) {
    if (!is_due(slot))
        return;
    atomic_store(&slot->key_due, INT64_MAX); /* until the job says */
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
    atomic_store(&slot->key_due, 0);
    free(work);
}
