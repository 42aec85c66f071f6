/* SPDX-License-Identifier: Apache-2.0
 *
 * Four eyes, for rows whose `second` column says so. Such a call is done only where another
 * operator has agreed to exactly this request (store/action.h): same method, same bytes, same
 * operator who asks. Without an agreement the call is refused with SECOND_PERSON_NEEDED, the action
 * that waits for the other is noted under the same commit as the refusal's audit entry, and its
 * identifier goes with the refusal. With one, the agreement is used up in the transaction of the
 * call's effect:
 *
 *     unary              its only step
 *     unary and outside  looked for in the first step, used in the last
 *     server stream      its first step; the further ones belong to it
 *
 * so that no two runs share one and none is lost by a crash. What would be refused anyway is,
 * before anybody is asked: the first step is tried and taken back. The ledger has an entry that
 * names the action for the question, the answer and the run.
 *
 * dispatch.c is the user. Only rows of VRX_SCOPE_TENANT that take one message can have it.
 */
#ifndef VRX_DISPATCH_SECOND_H
#define VRX_DISPATCH_SECOND_H

#include "dispatch/method.h"
#include "objects/terms.h"

#define VRX_SECOND_PURPOSE "agreed to by a second person"
#define VRX_ACTION_TEXT (2 * VRX_ID) /* characters of its identifier */

/* Of one call; begins with all zero. */
struct vrx_second {
    struct vrx_buffer request;        /* as it came */
    bool kept;                        /* request is there */
    bool settled;                     /* agreed to and used, or no agreement is needed */
    bool asking;                      /* refused for want of one, and not yet noted */
    char action[VRX_ACTION_TEXT + 1]; /* that waits, once noted */
};

/* Wipes. */
void vrx_second_done(struct vrx_second *second);

/* Keeps the message where the row asks for a second person. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_second_keep(
    struct vrx_second *second, const struct vrx_method *method, struct vrx_view message);

/* In the tenant's transaction, before the handler: may this step be done? effect: it is the step
 * that uses the agreement up. Errors: VRX_SECOND_PERSON_NEEDED; VRX_INPUT_FIELD_MISSING when nobody
 * is named who asks; vrx_action_ask's; second_when's; the store's. */
struct vrx_result vrx_second_look(struct vrx_context *context, const struct vrx_method *method,
    const void *message, bool effect, struct vrx_second *second);

/* After a step that vrx_second_look refused was undone, in the same transaction and before the
 * refusal's entry: begins the action, where it does not wait already, and names it as the entry's
 * basis. Nothing where nothing is asked. Errors: vrx_action_ask's, the store's. */
struct vrx_result vrx_second_note(
    struct vrx_context *context, const struct vrx_method *method, struct vrx_second *second);

/* "action 00112233…" as the basis of an entry, in the context's arena. Errors: VRX_OUT_OF_MEMORY.
 */
struct vrx_result vrx_second_basis(
    struct vrx_context *context, const uint8_t action[VRX_ID], struct vrx_view *ret_basis);

/* An action of this municipality expires then: whoever sweeps looks no later. Any thread. */
void vrx_second_expires(struct vrx_slot *slot, int64_t at);

#endif
