/* SPDX-License-Identifier: Apache-2.0
 *
 * Doses that left, and a consent that was withdrawn before anybody knew whether they got there: a
 * repetition is given one denial, and the destination's receipt says which of the two it has. Both
 * ends end the same way, in whichever order things come.
 */
#include "exchange/steps.h"
#include "explaining.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "store/outbox.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* Whoever was sent a query is told what becomes of its consent. */
static void ask(struct exchange_world *world) {
    struct vrx_sendings sendings = {0};
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
    assert_int_equal(sendings.count, 1);
    vrx_sendings_done(&sendings);
}

static void query_arrives(
    struct exchange_world *world, enum vrx_answer_outcome outcome, struct vrx_buffer *ret_reply) {
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    vrx_buffer_clear(ret_reply);
    assert_ok(vrx_buffer_append(ret_reply, vrx_buffer_view(&world->reply)));
    exchange_world_open_reply(world);
    assert_int_equal(world->answer.outcome, outcome);
}

static struct vrx_result take(struct exchange_world *world, const struct vrx_buffer *reply) {
    return exchange_world_take(world, vrx_buffer_view(reply));
}

static struct vrx_result arrive(struct exchange_world *world, const struct vrx_buffer *envelope) {
    struct vrx_result decision;
    struct vrx_view view = vrx_buffer_view(envelope);
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result = vrx_exchange_receive(context, view, &world->reply, &decision);
    if (vrx_is_ok(result))
        assert_ok(vrx_exchange_record_receive(context, view, result, decision));
    return exchange_world_end(world, WORLD_SAPPORO, result);
}

/* The one message that waits at Kashiwa. */
static struct vrx_sending waiting(struct exchange_world *world, enum vrx_envelope_kind kind) {
    struct vrx_outbox_message *messages = NULL;
    size_t count = 0;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(
        vrx_outbox_list_due(context->tenant, &context->arena, INT64_MAX, 9, &messages, &count));
    assert_int_equal(count, 1);
    assert_int_equal(messages[0].key.kind, kind);
    struct vrx_sending sending = {.to = messages[0].key.to, .kind = kind};
    memcpy(sending.query_id, messages[0].key.id, VRX_ID);
    assert_ok(vrx_buffer_append(&sending.envelope, messages[0].envelope));
    return sending;
}

/* It arrives, and comes again; both times the same is said to it, and Kashiwa takes that. */
static void deliver(struct exchange_world *world, struct vrx_sending *sending) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
    assert_ok(arrive(world, &sending->envelope));
    assert_ok(vrx_buffer_append(&first, vrx_buffer_view(&world->reply)));
    world->now += 10;
    assert_ok(arrive(world, &sending->envelope));
    assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&world->reply)));
    for (int i = 0; i < 2; i++) {
        struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
        exchange_world_begin(world, WORLD_KASHIWA);
        struct vrx_result result = vrx_exchange_accept(context, sending, vrx_buffer_view(&first));
        assert_ok(exchange_world_end(world, WORLD_KASHIWA, result));
    }
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE state = 1"), 0);
    vrx_buffer_done(&sending->envelope);
}

static struct vrx_transfer_in at_sapporo(struct exchange_world *world) {
    struct vrx_transfer_in transfer;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_transfer_in_get(context->tenant, &context->arena,
        &world->base.town[WORLD_KASHIWA].code, world->query.id, &transfer));
    return transfer;
}

static int64_t rows(struct exchange_world *world, const char *table) {
    return exchange_world_rows(world, WORLD_SAPPORO, table);
}

/* What the entry that is so far from Sapporo's last one says. */
static void assert_entry(struct exchange_world *world, uint64_t from_last, const char *method,
    enum vrx_reason outcome, const uint8_t commitment[VRX_DIGEST]) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[WORLD_SAPPORO]);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    struct vrx_audit_entry entry;
    assert_ok(vrx_ledger_get(ledger, vrx_ledger_size(ledger) - 1 - from_last, &bytes));
    assert_ok(vrx_audit_entry_decode(vrx_buffer_view(&bytes), &entry));
    assert_true(vrx_view_equal(entry.method, vrx_view_text(method)));
    assert_int_equal(entry.outcome, outcome);
    assert_true(entry.person.len > 0);
    if (commitment)
        assert_true(vrx_view_equal(entry.commitment, vrx_view_of(commitment, VRX_DIGEST)));
}

/* At both ends, one letter a check as in explaining.h; and that it is one answer. */
static void assert_explained(struct exchange_world *world, const char *expected) {
    SHOWN(kashiwa);
    SHOWN(sapporo);
    explain(world, WORLD_KASHIWA, &kashiwa);
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_checks(&kashiwa, expected);
    assert_checks(&sapporo, expected);
    assert_memory_equal(
        kashiwa.explained.answer_digest, sapporo.explained.answer_digest, VRX_DIGEST);
    if (sapporo.explained.explanation.state != VRX_TRANSFER_DENIED)
        return;
    assert_refused(&kashiwa, VRX_CHECK_STEP_4, VRX_CONSENT_REVOKED, "consent.status");
    assert_refused(&sapporo, VRX_CHECK_STEP_4, VRX_CONSENT_REVOKED, "consent.status");
}

/* Doses that left Sapporo and are lost, a consent that Sapporo knows to be withdrawn, and what it
 * says to who asks again. */
static void deny_doses(
    struct exchange_world *world, struct vrx_buffer *ret_doses, struct vrx_buffer *ret_denial) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    ask(world);
    query_arrives(world, VRX_ANSWER_DOSES, ret_doses);
    revoke(world);
    struct vrx_sending notice = waiting(world, VRX_ENVELOPE_CONSENT_NOTICE);
    deliver(world, &notice);
    query_arrives(world, VRX_ANSWER_DENIED, ret_denial);
    assert_int_equal(world->answer.reason, VRX_CONSENT_REVOKED);
    for (int i = 0; i < 2; i++) {
        world->now += 60;
        query_arrives(world, VRX_ANSWER_DENIED, &again);
        assert_true(vrx_view_equal(vrx_buffer_view(&again), vrx_buffer_view(ret_denial)));
        assert_reason(world->decision, VRX_CONSENT_REVOKED);
    }
    assert_int_equal(rows(world, "denial"), 1);
    assert_int_equal(rows(world, "dose_sent"), 2);
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_ANSWERED);
    assert_true(vrx_view_equal(at_sapporo(world).answer, vrx_buffer_view(ret_doses)));
}

static void test_the_denial_is_what_both_end_with(void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer doses = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer denial = {0};
    deny_doses(world, &doses, &denial);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
    assert_int_equal(exchange_world_transfer(world).answer.len, 0); /* by itself */
    for (int i = 0; i < 2; i++)
        assert_ok(take(world, &denial));
    assert_reason(take(world, &doses), VRX_CONSENT_REVOKED); /* late */
    assert_true(exchange_world_transfer(world).answer.len > 0);
    SHOWN(sapporo);
    explain(world, WORLD_SAPPORO, &sapporo); /* as far as it can know */
    assert_checks(&sapporo, "PPPPPPnPPP PPPPPPPPP P");
    assert_int_equal(sapporo.explained.explanation.state, VRX_TRANSFER_ANSWERED);

    struct vrx_sending receipt = waiting(world, VRX_ENVELOPE_RECEIPT);
    deliver(world, &receipt);
    struct vrx_transfer_in ended = at_sapporo(world);
    assert_int_equal(ended.state, VRX_TRANSFER_DENIED);
    assert_int_equal(ended.reason, VRX_CONSENT_REVOKED);
    assert_int_equal(ended.changed_at, world->now - 10); /* by the first of the two */
    assert_true(vrx_view_equal(ended.answer, vrx_buffer_view(&denial)));
    assert_true(ended.receipt.len > 0);
    assert_memory_equal(
        ended.tie.answer_digest, exchange_world_transfer(world).answer_digest, VRX_DIGEST);
    assert_true(exchange_world_transfer(world).receipt.len > 0);
    assert_int_equal(rows(world, "denial"), 0);
    assert_int_equal(rows(world, "dose_sent"), 0); /* of which nobody is told */
    assert_int_equal(rows(world, "dossier WHERE denial IS NOT NULL"), 0);
    ended = at_sapporo(world);
    assert_entry(world, 2, "exchange/end", VRX_CONSENT_REVOKED, ended.tie.answer_digest);
    assert_entry(world, 1, "exchange/receipt", VRX_OK, NULL); /* the last one is its repetition's */

    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    query_arrives(world, VRX_ANSWER_DENIED, &again);
    assert_true(vrx_view_equal(vrx_buffer_view(&again), vrx_buffer_view(&denial)));
    assert_explained(world, "PPPPPPPPPP PPPR----- P");
}

/* The lost answer came after all, and before Sapporo hears so it has signed the denial. */
static void test_doses_that_got_there_stay_when_the_denial_was_signed_before_their_receipt(
    void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer doses = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer denial = {0};
    ask(world);
    query_arrives(world, VRX_ANSWER_DOSES, &doses);
    assert_ok(take(world, &doses));
    struct vrx_sending receipt = waiting(world, VRX_ENVELOPE_RECEIPT);
    exchange_world_run(
        world, WORLD_KASHIWA, "UPDATE outbox SET state = 3, next_attempt_at = NULL"); /* held up */
    revoke(world);
    struct vrx_sending notice = waiting(world, VRX_ENVELOPE_CONSENT_NOTICE);
    deliver(world, &notice);
    exchange_world_run(world, WORLD_KASHIWA,
        "UPDATE outbox SET state = 1, next_attempt_at = created_at WHERE state = 3");
    query_arrives(world, VRX_ANSWER_DENIED, &denial);
    assert_ok(take(world, &denial)); /* it has an answer */
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    deliver(world, &receipt);
    struct vrx_transfer_in received = at_sapporo(world);
    assert_int_equal(received.state, VRX_TRANSFER_RECEIVED);
    assert_true(vrx_view_equal(received.answer, vrx_buffer_view(&doses)));
    assert_memory_equal(
        received.tie.answer_digest, exchange_world_transfer(world).answer_digest, VRX_DIGEST);
    assert_int_equal(rows(world, "dose_sent"), 2);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    query_arrives(world, VRX_ANSWER_DENIED, &again);
    assert_true(vrx_view_equal(vrx_buffer_view(&again), vrx_buffer_view(&denial)));
    assert_explained(world, "PPPPPPPPPP PPPPPPPPP P");
}

static void test_doses_that_got_there_stay_when_the_denial_was_signed_after_their_receipt(
    void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer doses = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer denial = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    ask(world);
    query_arrives(world, VRX_ANSWER_DOSES, &doses);
    assert_ok(take(world, &doses));
    struct vrx_sending receipt = waiting(world, VRX_ENVELOPE_RECEIPT);
    deliver(world, &receipt);
    revoke(world);
    struct vrx_sending notice = waiting(world, VRX_ENVELOPE_CONSENT_NOTICE);
    deliver(world, &notice);
    query_arrives(world, VRX_ANSWER_DENIED, &denial);
    query_arrives(world, VRX_ANSWER_DENIED, &again);
    assert_true(vrx_view_equal(vrx_buffer_view(&again), vrx_buffer_view(&denial)));
    assert_ok(take(world, &denial));
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE state = 1"), 0);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_RECEIVED);
    assert_int_equal(rows(world, "dose_sent"), 2);
    assert_explained(world, "PPPPPPPPPP PPPPPPPPP P");
}

/* Of neither of the two. */
static void test_a_receipt_of_another_denial_is_refused(void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer doses = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer denial = {0};
    deny_doses(world, &doses, &denial);
    assert_ok(take(world, &denial));
    struct vrx_sending receipt = waiting(world, VRX_ENVELOPE_RECEIPT);
    static const char *const others[][2] = {
        {"UPDATE denial SET permit_id = 'x' || permit_id",
            "UPDATE denial SET permit_id = substr(permit_id, 2)"},
        {"UPDATE denial SET without_consent = 1", "UPDATE denial SET without_consent = 0"},
        {"UPDATE transfer_in SET state = 7", "UPDATE transfer_in SET state = 4"},
    };
    for (size_t i = 0; i < 3; i++) {
        exchange_world_run(world, WORLD_SAPPORO, others[i][0]);
        assert_reason(arrive(world, &receipt.envelope), VRX_RECEIPT_MISMATCH);
        exchange_world_run(world, WORLD_SAPPORO, others[i][1]);
        assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_ANSWERED);
        assert_int_equal(rows(world, "dose_sent"), 2);
    }
    deliver(world, &receipt);
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_DENIED);
}

/* Kashiwa has ended it for its consent, Sapporo says no for another reason: not the same word. */
static void test_a_denial_for_another_reason_is_not_what_it_ended_with(void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer denial = {0};
    ask(world);
    revoke(world);
    world->base.permit.in_force_until = world->now - 1;
    daemon_world_sign_law(&world->base);
    query_arrives(world, VRX_ANSWER_DENIED, &denial);
    assert_int_equal(world->answer.reason, VRX_PERMIT_NOT_IN_FORCE);
    assert_ok(take(world, &denial));
    assert_int_equal(exchange_world_transfer(world).reason, VRX_CONSENT_REVOKED);
    assert_int_equal(exchange_world_transfer(world).answer.len, 0);
    struct vrx_sending notice = waiting(world, VRX_ENVELOPE_CONSENT_NOTICE); /* and no receipt */
    vrx_buffer_done(&notice.envelope);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXPLAIN_TEST(test_the_denial_is_what_both_end_with),
        EXPLAIN_TEST(
            test_doses_that_got_there_stay_when_the_denial_was_signed_before_their_receipt),
        EXPLAIN_TEST(test_doses_that_got_there_stay_when_the_denial_was_signed_after_their_receipt),
        EXPLAIN_TEST(test_a_receipt_of_another_denial_is_refused),
        EXPLAIN_TEST(test_a_denial_for_another_reason_is_not_what_it_ended_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
