/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of what a municipality says of a transfer: its explanation, and what follows from it
 * without the municipality. Each step has its entry in the ledger, as with a daemon.
 */
#ifndef VRX_TEST_EXCHANGE_EXPLAINING_H
#define VRX_TEST_EXCHANGE_EXPLAINING_H

#include "exchange/handlers.h"
#include "rules/explain.h"
#include "support/exchange_world.h"

/* An explanation as it left the municipality, and what follows from it. */
struct shown {
    struct vrx_buffer bundle;
    struct vrx_arena arena;
    struct vrx_explained explained;
};

static inline void shown_done(struct shown *shown) {
    vrx_buffer_done(&shown->bundle);
    vrx_arena_done(&shown->arena);
}
#define SHOWN(name) VRX_CLEANUP(shown_done) struct shown name = {0}

static inline struct vrx_result call(
    struct exchange_world *world, unsigned town, const char *asker, struct vrx_buffer *out) {
    struct vrx_context *context = exchange_world_context(world, town);
    Vrx__V1__ExplainTransferRequest in = VRX__V1__EXPLAIN_TRANSFER_REQUEST__INIT;
    Vrx__V1__ExplainTransferResponse reply = VRX__V1__EXPLAIN_TRANSFER_RESPONSE__INIT;
    in.query_id = (ProtobufCBinaryData){VRX_ID, world->query.id};
    in.asker_municipality = (char *)(uintptr_t)asker;
    exchange_world_begin(world, town);
    struct vrx_result result = vrx_exchange_explain_transfer(context, &in, &reply);
    if (vrx_is_ok(result))
        assert_ok(
            vrx_buffer_append(out, vrx_view_of(reply.explanation.data, reply.explanation.len)));
    return exchange_world_end(world, town, result);
}

static inline void read_again(struct exchange_world *world, struct shown *shown) {
    vrx_arena_done(&shown->arena);
    vrx_arena_init(&shown->arena, 0);
    assert_ok(vrx_explain(vrx_buffer_view(&shown->bundle), world->base.authority_public,
        &shown->arena, &shown->explained));
}

static inline void explain(struct exchange_world *world, unsigned town, struct shown *shown) {
    vrx_buffer_clear(&shown->bundle);
    assert_ok(call(world, town, town == WORLD_SAPPORO ? "122173" : "", &shown->bundle));
    read_again(world, shown);
}

static inline int setup(void **state) {
    if (exchange_world_setup(state) != 0)
        return -1;
    ((struct exchange_world *)*state)->recorded = true;
    return 0;
}
#define EXPLAIN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, exchange_world_teardown)

/* One letter a check, in their order: P passed, R refused, B broken, n not shown, - not reached. */
static inline void assert_checks(const struct shown *shown, const char *expected) {
    static const char letters[] = "-PRBn";
    char found[VRX_CHECKS + 3] = "";
    char *at = found;
    for (unsigned i = 0; i < VRX_CHECKS; i++) {
        if (i == VRX_CHECK_STEP_1 || i == VRX_CHECK_OUTCOME)
            *at++ = ' ';
        *at++ = letters[shown->explained.check[i].verdict];
    }
    if (strcmp(found, expected) == 0)
        return;
    for (unsigned i = 0; i < VRX_CHECKS; i++)
        if (shown->explained.check[i].verdict != VRX_CHECK_PASSED)
            print_message("%s: %c (%s %s)\n", vrx_check_name((enum vrx_check)i),
                letters[shown->explained.check[i].verdict],
                vrx_reason_name(shown->explained.check[i].why.reason),
                shown->explained.check[i].why.clause ? shown->explained.check[i].why.clause : "");
    assert_string_equal(found, expected);
}

static inline void assert_refused(
    const struct shown *shown, enum vrx_check step, enum vrx_reason reason, const char *clause) {
    assert_int_equal(vrx_explained_broken(&shown->explained), VRX_CHECKS);
    assert_int_equal(vrx_explained_refused(&shown->explained), step);
    assert_reason(shown->explained.check[step].why, reason);
    assert_string_equal(shown->explained.check[step].why.clause, clause);
}

static inline void revoke(struct exchange_world *world) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    Vrx__V1__RevokeConsentRequest in = VRX__V1__REVOKE_CONSENT_REQUEST__INIT;
    Vrx__V1__RevokeConsentResponse out = VRX__V1__REVOKE_CONSENT_RESPONSE__INIT;
    in.consent_id = (ProtobufCBinaryData){VRX_ID, world->consent.id};
    exchange_world_begin(world, WORLD_KASHIWA);
    struct vrx_result result = vrx_exchange_revoke_consent(context, &in, &out);
    assert_ok(vrx_context_record(context, "vrx.v1.Exchange/RevokeConsent", VRX_EXCHANGE_PURPOSE,
        &context->audit, result.reason, NULL));
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, result));
}

#endif
