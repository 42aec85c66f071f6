/* SPDX-License-Identifier: Apache-2.0
 *
 * The reference count of struct vrx_peer; tls.c fills it.
 */
#include "net/peer.h"

#include <stdlib.h>

struct vrx_peer *vrx_peer_new(void) {
    struct vrx_peer *peer = calloc(1, sizeof *peer);
    if (peer)
        atomic_init(&peer->references, 1);
    return peer;
}

struct vrx_peer *vrx_peer_ref(struct vrx_peer *peer) {
    atomic_fetch_add_explicit(&peer->references, 1, memory_order_relaxed);
    return peer;
}

void vrx_peer_unref(struct vrx_peer **peer) {
    struct vrx_peer *own = *peer;
    *peer = NULL;
    if (own && atomic_fetch_sub_explicit(&own->references, 1, memory_order_acq_rel) == 1)
        free(own);
}
