/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/gate.h"

#include <errno.h>
#include <time.h>

#define PATIENCE_SECONDS 10 /* a copy looks up after each 64 KiB; a sync may take so long */

void vrx_gate_init(struct vrx_gate *gate) {
    pthread_condattr_t attributes;
    (void)pthread_mutex_init(&gate->lock, NULL); /* none of these can fail on Linux */
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&gate->turned, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

void vrx_gate_done(struct vrx_gate *gate) {
    (void)pthread_cond_destroy(&gate->turned);
    (void)pthread_mutex_destroy(&gate->lock);
}

static void turn(struct vrx_gate *gate) {
    (void)pthread_cond_broadcast(&gate->turned);
    (void)pthread_mutex_unlock(&gate->lock);
}

struct vrx_result vrx_gate_open_begin(struct vrx_gate *gate) {
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_SECONDS;
    struct vrx_result result = vrx_ok();
    (void)pthread_mutex_lock(&gate->lock);
    gate->wanted++;
    int error = 0;
    while ((gate->opening || (gate->copying && !gate->replacing)) && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&gate->turned, &gate->lock, &until);
    gate->wanted--;
    if (gate->replacing)
        result = vrx_refuse(VRX_CAP_REACHED, "vault: a restore is under way");
    else if (gate->opening || gate->copying)
        result = vrx_refuse(VRX_CAP_REACHED, "vault: a backup is being ended");
    else
        gate->opening = true;
    turn(gate);
    return result;
}

void vrx_gate_open_end(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    gate->opening = false;
    turn(gate);
}

static void wait_for_unseals(struct vrx_gate *gate) {
    while (gate->opening || gate->wanted)
        (void)pthread_cond_wait(&gate->turned, &gate->lock);
}

void vrx_gate_copy_begin(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    wait_for_unseals(gate);
    gate->copying++;
    turn(gate);
}

bool vrx_gate_copy_unwanted(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    const bool unwanted = gate->wanted > 0;
    (void)pthread_mutex_unlock(&gate->lock);
    return unwanted;
}

void vrx_gate_copy_end(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    gate->copying--;
    turn(gate);
}

void vrx_gate_replace_begin(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    wait_for_unseals(gate);
    gate->replacing = true;
    turn(gate);
}

void vrx_gate_replace_end(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    gate->replacing = false;
    turn(gate);
}

void vrx_gate_note_begin(struct vrx_gate *gate) {
    (void)pthread_mutex_lock(&gate->lock);
    wait_for_unseals(gate);
}

void vrx_gate_note_end(struct vrx_gate *gate) {
    turn(gate);
}
