/* SPDX-License-Identifier: Apache-2.0 */
#include "vrxd/pulse.h"

#include <stdio.h>

void vrxd_pulse_init(struct vrxd_pulse *pulse, struct vrx_daemon *daemon, int64_t limit_ms) {
    const int64_t now = vrx_clock_monotonic_ms(NULL);
    *pulse = (struct vrxd_pulse){
        .daemon = daemon, .limit_ms = limit_ms, .answered_ms = now, .ticked_ms = now};
}

/* Each is asked, whatever the other says. */
static bool all_answer(const struct vrxd_pulse *pulse) {
    bool all = true;
    for (size_t i = 0; i < sizeof pulse->servers / sizeof *pulse->servers; i++)
        if (pulse->servers[i] && !vrx_grpc_server_answers(pulse->servers[i]))
            all = false;
    return all;
}

/* A vault without a job has nothing to finish. */
static bool vault_moves(struct vrx_slot *slot, int64_t now, int64_t limit) {
    const struct vrx_actor_statistics actor = vrx_actor_statistics(slot->actor);
    if (!actor.queued || actor.jobs != slot->pulse_jobs || !slot->pulse_ms) {
        slot->pulse_jobs = actor.jobs;
        slot->pulse_ms = now;
    }
    return now - slot->pulse_ms < limit;
}

static void look_at_vaults(struct vrxd_pulse *pulse, int64_t now) {
    struct vrx_slot *slot = NULL;
    for (size_t i = 0; (slot = vrx_daemon_slot_at(pulse->daemon, i)); i++)
        if (!vault_moves(slot, now, pulse->limit_ms) && !pulse->stuck[0])
            (void)snprintf(pulse->stuck, sizeof pulse->stuck, "vault %s", slot->code.digits);
}

bool vrxd_pulse_feel(struct vrxd_pulse *pulse) {
    const int64_t now = vrx_clock_monotonic_ms(NULL);
    const uint64_t ticks = vrx_worker_statistics(pulse->daemon->worker).ticks;
    if (all_answer(pulse))
        pulse->answered_ms = now;
    if (ticks != pulse->ticks)
        pulse->ticked_ms = now;
    pulse->ticks = ticks;
    pulse->stuck[0] = '\0';
    if (now - pulse->answered_ms >= pulse->limit_ms)
        (void)snprintf(pulse->stuck, sizeof pulse->stuck, "I/O");
    else if (now - pulse->ticked_ms >= pulse->limit_ms)
        (void)snprintf(pulse->stuck, sizeof pulse->stuck, "tick");
    look_at_vaults(pulse, now);
    return !pulse->stuck[0];
}
