/* SPDX-License-Identifier: Apache-2.0
 *
 * One accepted socket, from the TLS handshake to the close; private to server.c. It frees itself.
 */
#ifndef VRX_NET_CONNECTION_H
#define VRX_NET_CONNECTION_H

#include <sys/socket.h>

#include "net/http2.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls.h"

struct vrx_connection;

/* For what one thread counts and others read: no order is needed. */
static inline void vrx_count(atomic_uint_fast64_t *counter) {
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Counted by the loop's thread, read by any. */
struct vrx_connection_counts {
    atomic_uint_fast64_t accepted;
    atomic_uint_fast64_t handshakes_failed;
    atomic_uint_fast64_t limited[VRX_NET_LIMITS];
};

/* What the connections of one loop share. */
struct vrx_connection_group {
    struct vrx_loop *loop;
    const struct vrx_tls *tls;
    const struct vrx_http2_handler *handler;
    struct vrx_net_guard guard;
    struct vrx_net_times times;
    struct vrx_quota *addresses; /* these two must outlive the group */
    struct vrx_quota *terminals;
    struct vrx_connection *first;
    atomic_size_t count;
    struct vrx_connection_counts counts;
    bool draining;
    void (*emptied)(struct vrx_connection_group *group); /* the last connection is gone */
    struct vrx_buffer out;                               /* scratch of one turn */
    uint8_t record[1 << 14]; /* scratch: one TLS record (RFC 8446 §5.1) */
};

/* Takes the non-blocking socket, also when it fails. Errors: VRX_RATE_EXCEEDED (its address has
 * enough), VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_connection_new(struct vrx_connection_group *group, int fd,
    const struct sockaddr *address, socklen_t address_len);
/* GOAWAY to all; they close as their streams end. */
void vrx_connection_group_drain(struct vrx_connection_group *group);
/* Ends those whose peers may not stay. */
void vrx_connection_group_recheck(struct vrx_connection_group *group);
/* Closes all as they are. */
void vrx_connection_group_close(struct vrx_connection_group *group);

#endif
