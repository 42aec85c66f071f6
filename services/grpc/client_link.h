/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's socket, TLS and nghttp2 session, turned by hand: private to client.c.
 */
#ifndef VRX_GRPC_CLIENT_LINK_H
#define VRX_GRPC_CLIENT_LINK_H

#include <nghttp2/nghttp2.h>
#include <stdatomic.h>

#include "base/bytes.h"
#include "net/peer.h"
#include "net/tls.h"

struct vrx_client_link {
    int fd;                       /* -1: lost */
    const atomic_bool *cancelled; /* NULL: never */
    SSL *ssl;
    nghttp2_session *h2; /* set by the user between connect and the first turn */
    struct vrx_buffer unsent;
    struct vrx_peer *peer; /* for its exporter */
};

int64_t vrx_client_now(void);

/* Name, TCP, TLS. Errors as vrx_client_new. until: on vrx_client_now's clock. */
struct vrx_result vrx_client_link_open(struct vrx_client_link *link, const struct vrx_tls *tls,
    const char *host, uint16_t port, int64_t until);
/* Sends what there is to send and takes what has come; waits only when there is neither. Errors:
 * VRX_NETWORK_FAILED, VRX_CERTIFICATE_INVALID, VRX_OUT_OF_MEMORY (the link is lost);
 * VRX_DEADLINE_EXCEEDED (it is not). */
struct vrx_result vrx_client_link_turn(struct vrx_client_link *link, int64_t until);
/* close_notify, without waiting for the peer's. */
void vrx_client_link_close(struct vrx_client_link *link);

#endif
