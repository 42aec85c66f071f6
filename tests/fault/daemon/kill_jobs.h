/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done to the vault until the daemon is dead, each by a thread of its own, and what of it
 * was acknowledged and must therefore be there afterwards.
 */
#ifndef VRX_FAULT_KILL_JOBS_H
#define VRX_FAULT_KILL_JOBS_H

#include "fault/daemon/kill_world.h"

enum job { WRITE, WRITE_TOO, ERASE, REPLACE_KEYRING, MOVE_PAGES, BACK_UP, SEAL, JOBS };

/* Starts these (bits 1 << enum job), and waits until all have seen the daemon die. */
void jobs_start(unsigned which);
void jobs_join(void);

/* Looks for what was acknowledged and not looked at since, and goes on with what was interrupted.
 * GONE when the daemon died meanwhile. */
enum fate jobs_check(struct vrx_client *console, struct vrx_client *counter);
/* So that the next check looks for everything. */
void jobs_check_all_next(void);
/* The vault is about to become one that knows of no erasure. */
void jobs_forget_certificates(void);

/* One line a job; ends the program when one of them (bits) came to nothing. */
void jobs_report(unsigned required);

#endif
