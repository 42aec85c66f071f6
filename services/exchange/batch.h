/* SPDX-License-Identifier: Apache-2.0
 *
 * Several messages between the same two municipalities in one transaction: each stands in a
 * savepoint of its own and has its own entry in the ledger, so that one that is refused takes
 * nothing from the others. The same for both ends of one daemon and for Peer.Deliver.
 */
#ifndef VRX_EXCHANGE_BATCH_H
#define VRX_EXCHANGE_BATCH_H

#include "exchange/steps.h"

/* Of one call or job: so many replies of the largest kind fit one gRPC message, and a
 * municipality's thread is taken for some tens of milliseconds. */
#define VRX_BATCH_MESSAGES 48

/* A message at its receiver. */
struct vrx_delivery {
    struct vrx_view envelope;
    struct vrx_buffer reply;   /* sealed; empty where the message was refused */
    struct vrx_result outcome; /* why there is no reply, or VRX_OK */
};

/* Not the message's fault: nothing of a batch is done, and it comes again. */
bool vrx_exchange_is_our_trouble(struct vrx_result result);

/* Takes in what from sent to this municipality. raised gets the alerts to be told once that is
 * committed. What is refused has its reason in outcome and its entry; a failure that is nobody's
 * fault ends the batch and takes all of it back. Errors: those of category LIMIT, IO, INTERNAL;
 * VRX_VAULT_DAMAGED, VRX_CRYPTO_FAILED, VRX_RANDOM_FAILED. */
struct vrx_result vrx_exchange_receive_all(struct vrx_slot *slot, struct vrx_tenant *tenant,
    const struct vrx_municipality_code *from, struct vrx_delivery *deliveries, size_t count,
    struct vrx_raised *raised);

/* Takes in the replies to what this municipality sent to one other. deliveries: as the receiver
 * left them, with retry_ms of an outcome as its advice, which is followed. Errors: as above. */
struct vrx_result vrx_exchange_accept_all(struct vrx_slot *slot, struct vrx_tenant *tenant,
    const struct vrx_sending *sent, const struct vrx_delivery *deliveries, size_t count);

#endif
