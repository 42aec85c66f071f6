/* SPDX-License-Identifier: Apache-2.0
 *
 * What waits for a second person holds a request, which may name someone: it goes when it expires,
 * not when somebody next asks. The slot says when that is; an unseal lets the tick look at once.
 */
#include <stddef.h>
#include <stdlib.h>

#include "actions/handlers.h"
#include "dispatch/log.h"
#include "dispatch/second.h"
#include "store/action.h"

#define PAUSE 60 /* seconds after a failure */

struct sweep {
    struct vrx_job job;
    struct vrx_slot *slot;
    int64_t due; /* next */
};

#define SWEEP_OF(pointer) ((struct sweep *)(void *)((char *)(pointer)-offsetof(struct sweep, job)))

static struct vrx_result run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct sweep *sweep = SWEEP_OF(job);
    VRX_TRY(vrx_action_sweep(tenant, vrx_clock_seconds()));
    return vrx_action_next_expiry(tenant, &sweep->due);
}

static void done(struct vrx_job *job, struct vrx_result outcome) {
    struct sweep *sweep = SWEEP_OF(job);
    if (!vrx_is_ok(outcome))
        vrx_log_event("actions not swept", sweep->slot->code.digits, outcome);
    vrx_second_expires(sweep->slot, vrx_is_ok(outcome) ? sweep->due : vrx_clock_seconds() + PAUSE);
    free(sweep);
}

static void begin(struct vrx_slot *slot) {
    struct sweep *sweep = calloc(1, sizeof *sweep);
    struct vrx_result posted = sweep ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
    atomic_store(&slot->actions_due, INT64_MAX); /* until the sweep says when */
    if (sweep) {
        *sweep = (struct sweep){.job = {.run = run, .done = done}, .slot = slot};
        posted = vrx_actor_post(slot->actor, &sweep->job);
    }
    if (vrx_is_ok(posted))
        return;
    free(sweep);
    vrx_second_expires(slot, vrx_clock_seconds() + PAUSE);
}

void vrx_actions_tick(struct vrx_daemon *daemon) {
    const int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (atomic_load(&slot->actions_due) <= now && vrx_slot_is_open(slot))
            begin(slot);
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
}
