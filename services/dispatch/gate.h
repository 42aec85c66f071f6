/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may touch the files of a municipality whose vault is closed: the unseal that opens them, a
 * backup that copies them, a restore that puts others in their place, a note beside them. An unseal
 * goes before a backup, which begins again; a restore goes before an unseal.
 *
 * The gate does not know whether the vault is open: who has passed asks the actor.
 */
#ifndef VRX_DISPATCH_GATE_H
#define VRX_DISPATCH_GATE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/result.h"

struct vrx_gate {
    pthread_mutex_t lock;
    pthread_cond_t turned;
    unsigned wanted;  /* unseals that wait for a copy to end */
    unsigned copying; /* who reads the files */
    bool opening;     /* an unseal is under way */
    bool replacing;   /* a restore is */
};

void vrx_gate_init(struct vrx_gate *gate);
void vrx_gate_done(struct vrx_gate *gate);

/* Around an unseal. Waits for a copy to notice that it is in the way. Errors: VRX_CAP_REACHED while
 * a restore is under way, or when the copy did not end in ten seconds. */
struct vrx_result vrx_gate_open_begin(struct vrx_gate *gate);
void vrx_gate_open_end(struct vrx_gate *gate);

/* Around a copy; waits while an unseal is under way. Who copies asks often whether to stop. */
void vrx_gate_copy_begin(struct vrx_gate *gate);
bool vrx_gate_copy_unwanted(struct vrx_gate *gate);
void vrx_gate_copy_end(struct vrx_gate *gate);

/* Around a restore; the same. Meanwhile unseals are refused. */
void vrx_gate_replace_begin(struct vrx_gate *gate);
void vrx_gate_replace_end(struct vrx_gate *gate);

/* Around a note of a moment; the same. Others wait. */
void vrx_gate_note_begin(struct vrx_gate *gate);
void vrx_gate_note_end(struct vrx_gate *gate);

#endif
