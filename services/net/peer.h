/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is at the other end of a connection, as TLS has proved it. Immutable once the handshake is
 * done; shared by the connection and its calls, on any thread.
 */
#ifndef VRX_NET_PEER_H
#define VRX_NET_PEER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define VRX_PEER_ADDRESS 64 /* "[2001:db8::1]:50051" and its NUL */

struct vrx_peer {
    atomic_uint references;
    bool has_certificate;           /* its chain, validity and purpose are verified */
    uint8_t spki_sha256[32];        /* RFC 5280 §4.1.2.7 SubjectPublicKeyInfo; zero without one */
    int64_t certificate_not_before; /* seconds; 0 without one */
    int64_t certificate_not_after;  /* inclusive; the same */
    uint8_t exporter[32];           /* RFC 9266 tls-exporter channel binding */
    char address[VRX_PEER_ADDRESS]; /* of the socket: for logs and rates, never for rights */
};

/* One reference, for the caller. NULL when memory ran out. */
struct vrx_peer *vrx_peer_new(void);
struct vrx_peer *vrx_peer_ref(struct vrx_peer *peer);
/* Drops the reference and sets *peer to NULL; accepts NULL. */
void vrx_peer_unref(struct vrx_peer **peer);

#endif
