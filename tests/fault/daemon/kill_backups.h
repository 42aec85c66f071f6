/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups taken and put back while the daemon is killed.
 */
#ifndef VRX_FAULT_KILL_BACKUPS_H
#define VRX_FAULT_KILL_BACKUPS_H

#include "fault/daemon/kill_world.h"

/* Takes one, of the vault as it is, and remembers it once it is acknowledged. */
enum fate take_backup(struct vrx_client *client);
/* The vault is sealed: takes a backup and puts it in the vault's place, so that nothing that was
 * acknowledged is missing afterwards; the next unseal verifies it. */
enum fate change_for_backup(struct vrx_client *client);
unsigned long backups_put_back(void);

/* What was acknowledged is there; what is not wanted any more is removed. */
enum fate check_backups(struct vrx_client *console);
/* Opens the newest one. No daemon runs. */
void open_newest_backup(void);

#endif
