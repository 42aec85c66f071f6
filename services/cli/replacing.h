/* SPDX-License-Identifier: Apache-2.0
 *
 * A custodian's part in putting another keyring in force, whatever is new in it.
 */
#ifndef VRX_CLI_REPLACING_H
#define VRX_CLI_REPLACING_H

#include "cli/connect.h"
#include "cli/folder.h"
#include "keyring/keyring.h"

/* The municipality's keyring and the one that is to follow it, which lies beside it under its name
 * with VRX_KEYRING_NEXT until it is known to be in force. */
struct vrx_cli_next {
    const char *path; /* borrowed */
    char next_path[VRX_CLI_PATH];
    struct vrx_buffer old_bytes, bytes;
    struct vrx_keyring old, keyring; /* views of those */
};
/* A cleanup function; accepts all zero. */
void vrx_cli_next_done(struct vrx_cli_next *next);

/* *ret_begun: what a run before left is there. The exit status of all three; what failed is said.
 */
int vrx_cli_next_load(const char *path, struct vrx_cli_next *ret_next, bool *ret_begun);
/* Makes it for the same custodians and writes it durably, before anybody hears of it. */
int vrx_cli_next_make(struct vrx_cli_next *next, const struct vrx_secret *root,
    const struct vrx_keyring_renewal *renewal);
/* It takes the present one's name. */
int vrx_cli_next_take_place(const struct vrx_cli_next *next);

/* Begins, or joins, with this keyring, and makes the custodian's answer for this connection.
 * *ret_session lives in the connection's arena. The exit status; what failed is said. */
int vrx_cli_replacing_answer(struct vrx_connection *connection, const struct vrx_buffer *keyring,
    const struct vrx_custodian_key *key, ProtobufCBinaryData *ret_session,
    struct vrx_buffer *ret_answer);

#endif
