/* SPDX-License-Identifier: Apache-2.0
 *
 * A custodian's part in putting another keyring in force, whatever is new in it.
 */
#ifndef VRX_CLI_REPLACING_H
#define VRX_CLI_REPLACING_H

#include "cli/connect.h"
#include "keyring/keyring.h"

/* Begins, or joins, with this keyring, and makes the custodian's answer for this connection.
 * *ret_session lives in the connection's arena. The exit status; what failed is said. */
int vrx_cli_replacing_answer(struct vrx_connection *connection, const struct vrx_buffer *keyring,
    const struct vrx_custodian_key *key, ProtobufCBinaryData *ret_session,
    struct vrx_buffer *ret_answer);

#endif
