/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of people's acts share: acts.c, officers.c, lists.c.
 */
#ifndef VRX_FAULT_ACTS_H
#define VRX_FAULT_ACTS_H

#include "fault/exchange/sim.h"
#include "vrx/v1/exchange.pb-c.h"
#include "vrx/v1/records.pb-c.h"

/* A call of somebody at a terminal: its outcome when it is durable, and otherwise that it was lost.
 */
struct vrx_result sim_call(struct sim *sim, unsigned town,
    struct vrx_result (*run)(struct sim_step *step), void *arg, bool *ret_lost);

/* What vrx_exchange_transfer_committed does after a call. */
void sim_nudge(struct sim *sim, unsigned town);

/* Trouble of the machine's own, or a key whose time is over where the next is not known yet: after
 * which somebody tries again. */
bool sim_is_trouble(struct vrx_result result);

/* The query as it is made now, by the law that its asker holds. */
struct truth_query sim_made_now(const struct sim *sim, const struct truth_query *query);

/* The query is durable, as made. */
void sim_made(struct truth_query *query, const struct truth_query *made);

size_t sim_items_of(unsigned bits, Vrx__V1__DataItem items[VRX_ITEM_LAST]);
char *sim_code_of(unsigned town);
Vrx__V1__ResidentKey sim_key_of(struct truth_person *person);

#endif
