/* SPDX-License-Identifier: Apache-2.0
 *
 * A command's connection to the daemon, and unary calls on it.
 */
#ifndef VRX_CLI_CONNECT_H
#define VRX_CLI_CONNECT_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "cli/command.h"
#include "grpc/client.h"

struct vrx_connection {
    struct vrx_client *client;
    struct vrx_arena arena; /* of decoded replies */
};

/* By the options --server, --terminal and --operator. What failed is printed; the status is the
 * command's exit status then. */
int vrx_connect(const struct vrx_arguments *arguments, struct vrx_connection *ret_connection);
void vrx_connection_done(struct vrx_connection *connection);

/* One unary call: path "/vrx.v1.Records/GetHistory". *ret_reply lives in the connection's arena. A
 * refusal is printed (vrx_print_refusal) and is the exit status. */
int vrx_call_unary(struct vrx_connection *connection, const char *path,
    const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply,
    ProtobufCMessage **ret_reply);

#endif
