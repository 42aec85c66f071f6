/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to other daemons: calls Peer.Deliver at the endpoint that the directory has for a
 * municipality, on threads of its own. The server's certificate must chain to the configured
 * authorities, name the endpoint's host, and be one that the directory's entry of the receiver
 * names.
 *
 * An endpoint whose last call failed is doubtful: it is tried by other threads, one call at a time
 * and no second one waiting, until one goes well. So one that hangs keeps nobody waiting but who
 * wants to reach it, and that no longer than one call may take.
 */
#ifndef VRX_EXCHANGE_PEERS_H
#define VRX_EXCHANGE_PEERS_H

#include "dispatch/daemon.h"
#include "exchange/batch.h"
#include "net/tls.h"

struct vrx_peers;

/* tls: a client's (vrx_tls_client_new). Both are borrowed. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_peers_new(
    struct vrx_daemon *daemon, const struct vrx_tls *tls, struct vrx_peers **ret_peers);

/* Gives up the calls that are under way; all that was given is done first, with VRX_SHUTTING_DOWN.
 * Nobody may give any more. Accepts NULL. */
void vrx_peers_free(struct vrx_peers **peers);

/* Messages of one municipality to one other; embedded in the giver's object. */
struct vrx_consignment {
    struct vrx_task task; /* the peers', as the next two */
    struct vrx_peers *peers;
    void *way;
    struct vrx_municipality_code from;
    struct vrx_municipality_code to;
    struct vrx_delivery *deliveries; /* reply and outcome are filled in where the call went well */
    size_t count;                    /* 1 to VRX_BATCH_MESSAGES */
    /* Called once, on any thread. outcome: of the call; where it is a refusal no message arrived,
     * or it is not known whether one did, and retry_ms is the other side's advice. */
    void (*done)(struct vrx_consignment *consignment, struct vrx_result outcome);
};

/* From any thread, without waiting; done may be called at once: VRX_SENDER_UNKNOWN,
 * VRX_SENDER_NOT_CURRENT, VRX_DIRECTORY_EXPIRED; VRX_PEER_UNKNOWN (no endpoint, or no daemon in the
 * entry); VRX_NETWORK_FAILED (doubtful, and being tried); VRX_QUEUE_FULL. */
void vrx_peers_give(struct vrx_peers *peers, struct vrx_consignment *consignment);

#endif
