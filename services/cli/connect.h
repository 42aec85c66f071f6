/* SPDX-License-Identifier: Apache-2.0
 *
 * A command's connection to the daemon, and calls on it. Whatever fails is said on standard error
 * here; the commands hand up the exit status.
 */
#ifndef VRX_CLI_CONNECT_H
#define VRX_CLI_CONNECT_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "cli/command.h"
#include "grpc/client.h"

struct vrx_connection {
    struct vrx_tls *tls;
    struct vrx_client *client;
    struct vrx_arena arena;     /* of decoded replies */
    int64_t patience_ms;        /* for a unary call; 0: a minute */
    enum vrx_reason refused;    /* why the last call failed; VRX_OK when it did not */
    const char *about;          /* whom messages name, where there are several; NULL: nobody */
    enum vrx_reason expected;   /* what the caller knows how to go on with: not said */
    const char *terminal;       /* the folder of the session that goes with the calls */
    struct vrx_secret *session; /* its token; NULL: none goes with them */
};

/* To this HOST:PORT as the terminal of this folder, without a person's session; operator_id may be
 * NULL. */
int vrx_connect_to(const char *server, const char *terminal, const char *operator_id,
    struct vrx_connection *ret_connection);
/* To the listener for anyone, whose certificate must chain to one in this file. */
int vrx_connect_as_anyone(
    const char *server, const char *ca_file, struct vrx_connection *ret_connection);
/* By the options --server, --terminal and --operator, with the session of who has logged in at the
 * terminal (session.h), if anybody has. */
int vrx_connect(const struct vrx_arguments *arguments, struct vrx_connection *ret_connection);
/* The same without it, for what asks for no session: the last one may have ended with the seal that
 * is to be opened. */
int vrx_connect_unlogged(
    const struct vrx_arguments *arguments, struct vrx_connection *ret_connection);
/* A cleanup function; accepts a connection of all zero. */
void vrx_connection_done(struct vrx_connection *connection);

/* One method: path "/vrx.v1.Records/GetHistory" and the type of its replies. */
struct vrx_remote {
    const char *path;
    const ProtobufCMessageDescriptor *reply;
};
#define VRX_REMOTE(service, method, snake) \
    (&(const struct vrx_remote){ \
        "/vrx.v1." service "/" method, &vrx__v1__##snake##_response__descriptor})

/* One unary call; *ret_reply (may be NULL) lives in the connection's arena. */
int vrx_call_unary(struct vrx_connection *connection, const struct vrx_remote *remote,
    const ProtobufCMessage *request, ProtobufCMessage **ret_reply);

/* A connection for one unary call whose reply says nothing. */
int vrx_call_once(const struct vrx_arguments *arguments, const struct vrx_remote *remote,
    const ProtobufCMessage *request);

/* One call that streams replies: each of them to take, which lives until it returns and whose exit
 * status other than VRX_EXIT_OK ends the call. */
int vrx_call_replies(struct vrx_connection *connection, const struct vrx_remote *remote,
    const ProtobufCMessage *request, int (*take)(void *context, const ProtobufCMessage *reply),
    void *context);

/* One call that streams requests: begun, then any number of messages, then ended with the one
 * reply. */
struct vrx_upload {
    struct vrx_connection *connection;
    const struct vrx_remote *remote;
    bool open;
};
int vrx_upload_begin(struct vrx_connection *connection, const struct vrx_remote *remote,
    struct vrx_upload *ret_upload);
int vrx_upload_send(struct vrx_upload *upload, const ProtobufCMessage *request);
int vrx_upload_end(struct vrx_upload *upload, ProtobufCMessage **ret_reply);
/* A cleanup function: cancels what was not ended. */
void vrx_upload_done(struct vrx_upload *upload);

#define VRX_SERVER_HOST 254 /* characters of a DNS name, RFC 1035 §2.3.4 */

/* Splits "HOST:PORT" or "[::1]:PORT". False when it is neither. */
bool vrx_server_parse(const char *text, char ret_host[VRX_SERVER_HOST], uint16_t *ret_port);

#endif
