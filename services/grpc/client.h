/* SPDX-License-Identifier: Apache-2.0
 *
 * A gRPC client on one connection: blocking, one call at a time, one thread. For the command line
 * and for municipality to municipality; a program that wants parallel calls opens several.
 *
 * Every call returns what the server answered as a struct vrx_result: its reason, by ErrorInfo
 * where the server sent one and by gRPC status where not. The words, and the server's clause, are
 * in vrx_client_outcome until the next call.
 */
#ifndef VRX_GRPC_CLIENT_H
#define VRX_GRPC_CLIENT_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "grpc/status.h"
#include "net/tls.h"

struct vrx_client;

struct vrx_client_config {
    const char *host; /* to connect to, and what the server's certificate must name */
    uint16_t port;
    const struct vrx_tls *tls;    /* vrx_tls_client_new; must outlive the client */
    int64_t connect_ms;           /* for name, TCP, TLS and HTTP/2 together; 0 for 10 s */
    const atomic_bool *cancelled; /* once true, waiting ends within a quarter of a second, as when
                                   * the connection is lost; NULL: never */
};

struct vrx_client_outcome {
    enum vrx_grpc_code code;
    enum vrx_reason reason;
    enum vrx_retry retry;
    char message[512];    /* UTF-8, cut where longer; as are these */
    char message_ja[512]; /* empty without ErrorInfo */
    char clause[256];     /* empty where no rule is behind the refusal */
    uint32_t retry_ms;    /* the server advises to wait so long; 0: it does not say */
    char request_id[33];  /* 32 hexadecimal digits by which the server knows the call; or empty */
    char action[64];      /* what waits for a second person, in hexadecimal; or empty */
};

/* Connects. Errors: VRX_NETWORK_FAILED; VRX_CERTIFICATE_INVALID (the server's does not verify, or
 * the server refused ours); VRX_DEADLINE_EXCEEDED; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_client_new(
    const struct vrx_client_config *config, struct vrx_client **ret_client);
/* Says goodbye. Accepts NULL. */
void vrx_client_free(struct vrx_client **client);

/* Metadata that goes with every call from now on, such as a session token; replaces the value of
 * the same name. name in lower case. Errors: VRX_OUT_OF_MEMORY, VRX_CAP_REACHED over 8 names. */
struct vrx_result vrx_client_set_metadata(
    struct vrx_client *client, const char *name, struct vrx_view value);
/* SHA-256 of the SubjectPublicKeyInfo of the server's certificate. */
void vrx_client_server_spki(const struct vrx_client *client, uint8_t ret_sha256[32]);
/* RFC 9266: what binds a signature to this very TLS connection. */
void vrx_client_exporter(const struct vrx_client *client, uint8_t ret_exporter[32]);
/* False after GOAWAY or a lost connection: open another one. */
bool vrx_client_usable(const struct vrx_client *client);

/* Errors of the calls: the server's reasons; VRX_NETWORK_FAILED (the connection is lost: the call
 * may or may not have been done); VRX_DEADLINE_EXCEEDED after timeout_ms (0: wait for ever), which
 * the server is told; VRX_INPUT_TOO_LARGE for messages over VRX_LIMIT_MESSAGE either way;
 * VRX_INTERNAL_ERROR when the server breaks the protocol. */

/* Appends the reply. */
struct vrx_result vrx_client_unary(struct vrx_client *client, const char *path,
    struct vrx_view request, int64_t timeout_ms, struct vrx_buffer *reply);

/* Called for each message, in order. It must not use the client; an error ends the call and is what
 * the call returns. */
typedef struct vrx_result vrx_client_message(void *context, struct vrx_view message);
struct vrx_result vrx_client_server_stream(struct vrx_client *client, const char *path,
    struct vrx_view request, int64_t timeout_ms, vrx_client_message *message, void *context);

/* A client stream: begin, any number of sends, then finish (appends the reply) or cancel. send
 * blocks while the server does not take more, and returns the server's answer if that comes early;
 * finish must not follow then. */
struct vrx_result vrx_client_stream_begin(
    struct vrx_client *client, const char *path, int64_t timeout_ms);
struct vrx_result vrx_client_stream_send(struct vrx_client *client, struct vrx_view message);
struct vrx_result vrx_client_stream_finish(struct vrx_client *client, struct vrx_buffer *reply);
void vrx_client_stream_cancel(struct vrx_client *client);

/* Of the last call. Lives as long as the client. */
const struct vrx_client_outcome *vrx_client_outcome(const struct vrx_client *client);

#endif
