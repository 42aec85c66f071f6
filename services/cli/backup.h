/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx backup verify`: a backup's files checked without a daemon, by the custodians who could open
 * them: keyring, every page, SQLite's structures, the ledger's tree, and whether the ledger goes on
 * from the checkpoint that the municipality holds.
 */
#ifndef VRX_CLI_BACKUP_H
#define VRX_CLI_BACKUP_H

#include "cli/command.h"

extern const struct vrx_option vrx_cli_backup_verify_options[];
int vrx_cli_backup_verify(const struct vrx_arguments *arguments);

#endif
