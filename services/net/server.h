/* SPDX-License-Identifier: Apache-2.0
 *
 * A TLS listener on several I/O threads. Each has its own socket with SO_REUSEPORT, so the kernel
 * spreads the connections and no thread hands work to another.
 */
#ifndef VRX_NET_SERVER_H
#define VRX_NET_SERVER_H

#include "base/random.h"
#include "net/http2.h"
#include "net/quota.h"
#include "net/tls.h"

struct vrx_net_server;

/* How long what may take, in milliseconds; the meaning and the reasons are in net/limits.h. */
struct vrx_net_times {
    int64_t handshake;
    int64_t idle;
    int64_t keepalive;
    int64_t ping;
    int64_t stall;
    int64_t linger;
};

/* Who may have how much; the meaning and the reasons are in net/limits.h. */
struct vrx_net_bounds {
    size_t connections;              /* of the listener */
    struct vrx_quota_limits address; /* of one address */
    size_t addresses;                /* that are remembered; at least connections */
    unsigned terminal;               /* connections of one certificate */
};

/* Those of the listener for terminals, which count no calls, and of the one for anyone. */
extern const struct vrx_net_bounds vrx_net_bounds_terminals;
extern const struct vrx_net_bounds vrx_net_bounds_public;
extern const struct vrx_net_times vrx_net_times_terminals;
extern const struct vrx_net_times vrx_net_times_public;

/* Who may keep a connection that is open. */
struct vrx_net_guard {
    bool (*may_stay)(void *context, const struct vrx_peer *peer); /* on all I/O threads; or NULL */
    void *context;
};

struct vrx_net_config {
    const char *address;                     /* numeric: "127.0.0.1", "::" */
    uint16_t port;                           /* 0: the kernel picks one, the same for all threads */
    unsigned threads;                        /* 1 to VRX_NET_THREADS */
    const struct vrx_tls *tls;               /* these three must outlive the server */
    const struct vrx_http2_handler *handler; /* called on all I/O threads */
    const struct vrx_random *random;
    const struct vrx_net_times *times;   /* NULL: those for terminals */
    const struct vrx_net_bounds *bounds; /* the same */
    struct vrx_net_guard guard;
};

/* Binds and listens; nobody is answered yet. Errors: VRX_INPUT_RANGE (address, threads, bounds),
 * VRX_NETWORK_FAILED (the port is taken), VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_net_server_new(
    const struct vrx_net_config *config, struct vrx_net_server **ret_server);
/* The bound port. */
uint16_t vrx_net_server_port(const struct vrx_net_server *server);
/* Starts the threads. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_net_server_start(struct vrx_net_server *server);
/* Wakes every I/O thread for which tasks were posted quietly. Any thread. */
void vrx_net_server_wake(struct vrx_net_server *server);

/* Asks the guard about every connection, soon, and ends those that may not stay: what was answered
 * is sent, then GOAWAY, then the streams still open are cut. Any thread. */
void vrx_net_server_recheck(struct vrx_net_server *server);

/* Stops accepting, tells every peer (GOAWAY), lets the streams that are open finish, closes.
 * Returns when all connections are gone or after grace_ms, when the rest is closed as it is. Not
 * from an I/O thread. */
void vrx_net_server_drain(struct vrx_net_server *server, int64_t grace_ms);
/* Connections that are open now; approximate while the threads run. */
size_t vrx_net_server_connections(const struct vrx_net_server *server);
/* Since the server was made; each number is right, but not all of the same moment. Any thread. */
struct vrx_net_statistics {
    uint64_t open;                    /* connections, now */
    uint64_t accepted;                /* connections begun */
    uint64_t handshakes_failed;       /* of them: no TLS 1.3 with a client certificate came about */
    uint64_t limited[VRX_NET_LIMITS]; /* connections that each limit ended or turned away */
};
struct vrx_net_statistics vrx_net_server_statistics(const struct vrx_net_server *server);
/* "head", for VRX_NET_LIMIT_HEAD; "none" for VRX_NET_WITHIN_LIMITS. Never NULL. */
const char *vrx_net_limit_name(enum vrx_net_limit limit);

/* Asks every I/O thread for a sign of life, and says whether all have answered the question before
 * this one; true at first. From one thread, with time for an answer between the calls. */
bool vrx_net_server_answers(struct vrx_net_server *server);

/* Drains with no grace, and joins the threads. */
void vrx_net_server_free(struct vrx_net_server **server);

#endif
