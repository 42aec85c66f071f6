/* SPDX-License-Identifier: Apache-2.0
 *
 * An open vault is moved to the data key of the keyring in force, with a progress bar.
 */
#ifndef VRX_CLI_ROTATE_DATA_H
#define VRX_CLI_ROTATE_DATA_H

#include "cli/connect.h"
#include "cli/json.h"

struct vrx_cli_moved {
    bool moved; /* false: every page was under this key before */
    uint32_t data_key;
    uint64_t pages; /* of the vault */
};

/* data_key: the number that the keyring on this side says. The exit status; what failed is said,
 * and how to go on where a change was begun: by this keyring's coming in force just now, or as the
 * service told. */
int vrx_cli_move_pages(struct vrx_connection *connection, uint32_t data_key, bool begun,
    struct vrx_cli_moved *ret_moved);

/* Members of a JSON object, or a sentence in both languages. */
void vrx_cli_moved_json(const struct vrx_cli_moved *moved, struct vrx_json *json);
void vrx_cli_moved_print(const struct vrx_cli_moved *moved);

#endif
