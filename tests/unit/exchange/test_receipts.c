/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts of both ends, through the code that also takes notices: once each, of what was sent, by
 * whom it was sent to, and tied to both ledgers.
 */
#include "exchange/receipts.h"

#include "crypto/hash.h"
#include "crypto/random.h"
#include "dispatch/signed.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "rules/timely.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* The message that waits in the outbox of a town; copies, the arena's next step frees it. */
struct waiting {
    struct vrx_sending sending;
    uint8_t digest[VRX_DIGEST];
};

static struct waiting waiting_at(struct exchange_world *world, unsigned town) {
    struct vrx_context *context = exchange_world_context(world, town);
    struct vrx_outbox_message *messages = NULL;
    size_t count = 0;
    assert_ok(
        vrx_outbox_list_due(context->tenant, &context->arena, INT64_MAX, 9, &messages, &count));
    assert_int_equal(count, 1);
    struct waiting waiting = {.sending = {.to = messages[0].key.to, .kind = messages[0].key.kind}};
    memcpy(waiting.sending.query_id, messages[0].key.id, VRX_ID);
    memcpy(waiting.digest, messages[0].digest, VRX_DIGEST);
    assert_ok(vrx_buffer_append(&waiting.sending.envelope, messages[0].envelope));
    return waiting;
}

/* As the engine does: the step and its entry in one transaction, the reply in world->reply. */
static struct vrx_result arrive(
    struct exchange_world *world, unsigned town, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, town);
    struct vrx_result decision;
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, town);
    struct vrx_result result = vrx_exchange_receive(context, envelope, &world->reply, &decision);
    if (vrx_is_ok(result))
        assert_ok(vrx_exchange_record_receive(context, envelope, result, decision));
    return exchange_world_end(world, town, result);
}

static struct vrx_result accept(
    struct exchange_world *world, const struct vrx_sending *sent, struct vrx_view reply) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    struct vrx_result result = vrx_exchange_accept(context, sent, reply);
    return exchange_world_end(world, WORLD_KASHIWA, result);
}

static uint64_t entries(struct exchange_world *world, unsigned town) {
    return vrx_ledger_size(vrx_tenant_ledger(world->tenant[town]));
}

/* Hanako's doses are at Kashiwa, whose receipt waits. */
static struct waiting transferred(struct exchange_world *world, unsigned person) {
    assert_ok(exchange_world_request(world, person, dose_and_lot, 2));
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope)));
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&answer)));
    return waiting_at(world, WORLD_KASHIWA);
}

static struct vrx_transfer_in at_sapporo(struct exchange_world *world) {
    struct vrx_transfer_in transfer;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_transfer_in_get(context->tenant, &context->arena,
        &world->base.town[WORLD_KASHIWA].code, world->query.id, &transfer));
    return transfer;
}

/* A receipt as kept at this town, by that one, verified with its public key. */
static struct vrx_receipt read_receipt(
    struct exchange_world *world, struct vrx_view receipt, unsigned by) {
    struct vrx_receipt read;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    assert_ok(vrx_private_key_public(world->base.town[by].keys->signing, &key));
    assert_ok(vrx_object_verify(&vrx_receipt_schema, receipt, key, &world->context.arena, &read));
    return read;
}

static void assert_root(
    struct exchange_world *world, unsigned town, const struct vrx_receipt *receipt) {
    struct vrx_merkle_hash root;
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[town]);
    assert_ok(vrx_ledger_root(ledger, receipt->ledger_size, &root));
    assert_memory_equal(root.bytes, receipt->ledger_root, VRX_DIGEST);
}

/* The last entry of a tree of this size commits to what the receipt is of. */
static void assert_committed(struct exchange_world *world, unsigned town, uint64_t size,
    const char *method, const uint8_t digest[VRX_DIGEST]) {
    struct vrx_audit_entry entry;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    assert_ok(vrx_ledger_get(vrx_tenant_ledger(world->tenant[town]), size - 1, &bytes));
    assert_ok(vrx_audit_entry_decode(vrx_buffer_view(&bytes), &entry));
    assert_true(vrx_view_equal(entry.method, vrx_view_text(method)));
    assert_true(vrx_view_equal(entry.commitment, vrx_view_of(digest, VRX_DIGEST)));
}

static void test_both_ends_hold_the_others_receipt(void **state) {
    struct exchange_world *world = *state;
    struct waiting sent = transferred(world, WORLD_HANAKO);
    assert_int_equal(sent.sending.kind, VRX_ENVELOPE_RECEIPT);
    assert_memory_equal(sent.sending.query_id, world->query.id, VRX_ID);
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_ANSWERED);
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&sent.sending.envelope)));
    uint64_t sapporo_size = entries(world, WORLD_SAPPORO);

    struct vrx_transfer_in kept = at_sapporo(world);
    assert_int_equal(kept.state, VRX_TRANSFER_RECEIVED);
    struct vrx_receipt theirs = read_receipt(world, kept.receipt, WORLD_KASHIWA);
    assert_int_equal(theirs.kind, VRX_ENVELOPE_ANSWER);
    assert_string_equal(theirs.sender.digits, "011002");
    assert_memory_equal(theirs.digest, kept.tie.answer_digest, VRX_DIGEST);
    assert_memory_equal(theirs.transfer->query_digest, kept.query_digest, VRX_DIGEST);
    assert_true(vrx_view_equal(theirs.transfer->permit_id, world->base.permit.id));
    assert_false(theirs.transfer->without_consent);
    assert_int_equal(theirs.signed_at, world->now);
    assert_int_equal(theirs.ledger_size, entries(world, WORLD_KASHIWA));
    assert_root(world, WORLD_KASHIWA, &theirs);
    assert_committed(world, WORLD_KASHIWA, theirs.ledger_size, "exchange/answer", theirs.digest);
    assert_committed(world, WORLD_SAPPORO, sapporo_size, "exchange/receipt", sent.digest);
    assert_committed(
        world, WORLD_SAPPORO, sapporo_size - 1, "exchange/query", kept.tie.answer_digest);

    assert_ok(accept(world, &sent.sending, vrx_buffer_view(&world->reply)));
    struct vrx_transfer_out closed = exchange_world_transfer(world);
    assert_int_equal(closed.state, VRX_TRANSFER_IMPORTED);
    struct vrx_receipt ours = read_receipt(world, closed.receipt, WORLD_SAPPORO);
    assert_int_equal(ours.kind, VRX_ENVELOPE_RECEIPT);
    assert_memory_equal(ours.digest, sent.digest, VRX_DIGEST);
    assert_memory_equal(ours.transfer->query_digest, closed.query_digest, VRX_DIGEST);
    assert_memory_equal(ours.transfer->answer_digest, closed.answer_digest, VRX_DIGEST);
    assert_int_equal(ours.ledger_size, sapporo_size);
    assert_root(world, WORLD_SAPPORO, &ours);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE state = 2"), 1);
    vrx_buffer_done(&sent.sending.envelope);
}

/* An answer that is final and has no doses is receipted too; one that waits is not. */
static void test_an_absence_is_receipted_and_a_pending_one_is_not(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_request(world, WORLD_UNKNOWN, dose_and_lot, 2));
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope)));
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&answer)));
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox"), 0);

    world->now += WORLD_PENDING_SECONDS;
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope)));
    vrx_buffer_clear(&answer);
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&answer)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_NO_RECORD);
    struct waiting sent = waiting_at(world, WORLD_KASHIWA);
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&sent.sending.envelope)));
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_NO_RECORD); /* as it was */
    assert_true(at_sapporo(world).receipt.len > 0);
    assert_ok(accept(world, &sent.sending, vrx_buffer_view(&world->reply)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_NO_RECORD);
    assert_true(exchange_world_transfer(world).receipt.len > 0);
    vrx_buffer_done(&sent.sending.envelope);
}

static void test_a_permit_without_consent_is_marked_by_both(void **state) {
    struct exchange_world *world = *state;
    world->base.permit.consent_required = false;
    daemon_world_sign_law(&world->base);
    struct waiting sent = transferred(world, WORLD_HANAKO);
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&sent.sending.envelope)));
    struct vrx_receipt theirs = read_receipt(world, at_sapporo(world).receipt, WORLD_KASHIWA);
    assert_true(theirs.transfer->without_consent);
    assert_ok(accept(world, &sent.sending, vrx_buffer_view(&world->reply)));
    struct vrx_receipt ours =
        read_receipt(world, exchange_world_transfer(world).receipt, WORLD_SAPPORO);
    assert_true(ours.transfer->without_consent);
    vrx_buffer_done(&sent.sending.envelope);
}

static void test_a_receipt_that_comes_again_is_answered_and_not_taken_again(void **state) {
    struct exchange_world *world = *state;
    struct waiting sent = transferred(world, WORLD_HANAKO);
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&sent.sending.envelope)));
    assert_ok(vrx_buffer_append(&first, vrx_buffer_view(&world->reply)));
    int64_t changed = at_sapporo(world).changed_at;
    world->now += 60;
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&sent.sending.envelope)));
    assert_true(vrx_view_equal(vrx_buffer_view(&world->reply), vrx_buffer_view(&first)));
    assert_int_equal(at_sapporo(world).changed_at, changed);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "arrival"), 1);

    assert_ok(accept(world, &sent.sending, vrx_buffer_view(&first)));
    assert_ok(accept(world, &sent.sending, vrx_buffer_view(&first))); /* the same */
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE state = 2"), 1);
    vrx_buffer_done(&sent.sending.envelope);
}

/* ---- dishonest ones ---- */

/* A receipt, signed by whichever town and sealed to this one, as this routing says. */
struct forged {
    struct vrx_receipt receipt;
    struct vrx_receipt_transfer tie; /* the receipt's */
    struct vrx_envelope routing;
    unsigned by, to;
};

/* What this town would say of the transfer, honestly; digest: of the message that it received. */
static struct forged begin(struct exchange_world *world, unsigned by, enum vrx_envelope_kind kind,
    const uint8_t digest[VRX_DIGEST]) {
    const struct vrx_transfer_out transfer = exchange_world_transfer(world);
    const unsigned to = by == WORLD_KASHIWA ? WORLD_SAPPORO : WORLD_KASHIWA;
    struct forged forged = {
        .receipt = {.signer = world->base.town[by].code,
            .sender = world->base.town[to].code,
            .kind = kind,
            .transfer_count = 1,
            .signed_at = world->now},
        .tie = {.permit_id = world->base.permit.id},
        .routing = {.kind = VRX_ENVELOPE_RECEIPT,
            .from = world->base.town[by].code,
            .to = world->base.town[to].code},
        .by = by,
        .to = to,
    };
    memcpy(forged.receipt.id, world->query.id, VRX_ID);
    memcpy(forged.routing.query_id, world->query.id, VRX_ID);
    memcpy(forged.receipt.digest, digest, VRX_DIGEST);
    memcpy(forged.tie.query_digest, transfer.query_digest, VRX_DIGEST);
    memcpy(forged.tie.answer_digest, transfer.answer_digest, VRX_DIGEST);
    const struct vrx_transfer_in asked = at_sapporo(world);
    memcpy(forged.tie.permit_table_digest, asked.tie.permit_table_digest, VRX_DIGEST);
    return forged;
}

static void forge(struct exchange_world *world, struct forged *forged, struct vrx_buffer *out) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_tenant_keys *keys = world->base.town[forged->by].keys;
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    forged->receipt.transfer = &forged->tie;
    assert_ok(vrx_object_sign(&vrx_receipt_schema, &forged->receipt, keys->signing,
        vrx_view_of(keys->signing_kid, VRX_KID), &content));
    assert_ok(vrx_private_key_public(world->base.town[forged->to].keys->exchange, &key));
    vrx_buffer_clear(out);
    assert_ok(vrx_envelope_seal(
        &forged->routing, vrx_buffer_view(&content), key, vrx_random_system(), out));
}

static struct vrx_municipality_code kofu(const struct exchange_world *world) {
    return world->base.town[WORLD_KOFU].code;
}

#define CHANGE(name) static void name(struct exchange_world *world, struct forged *forged)
CHANGE(of_another_kind) {
    (void)world;
    forged->receipt.kind =
        forged->receipt.kind == VRX_ENVELOPE_ANSWER ? VRX_ENVELOPE_RECEIPT : VRX_ENVELOPE_ANSWER;
}
CHANGE(of_no_transfer) {
    (void)world;
    forged->receipt.transfer_count = 0;
}
CHANGE(of_another_id) {
    (void)world;
    forged->receipt.id[3] ^= 1;
}
CHANGE(of_another_message) {
    (void)world;
    forged->receipt.digest[3] ^= 1;
}
CHANGE(signed_for_another) {
    forged->receipt.signer = kofu(world);
}
CHANGE(sent_by_another) {
    forged->receipt.sender = kofu(world);
}
CHANGE(of_another_query) {
    (void)world;
    forged->tie.query_digest[3] ^= 1;
}
CHANGE(of_another_answer) {
    (void)world;
    forged->tie.answer_digest[3] ^= 1;
    if (forged->receipt.kind == VRX_ENVELOPE_ANSWER)
        forged->receipt.digest[3] ^= 1;
}
CHANGE(under_another_permit) {
    (void)world;
    forged->tie.permit_id = vrx_view_text("mover-2020");
}
CHANGE(by_another_law) {
    (void)world;
    forged->tie.permit_table_digest[3] ^= 1;
}
CHANGE(without_consent) {
    (void)world;
    forged->tie.without_consent = true;
}
CHANGE(before_the_message) {
    forged->receipt.signed_at = world->now - VRX_CLOCK_WRONG - 1;
}
CHANGE(in_the_future) {
    forged->receipt.signed_at = world->now + VRX_CLOCK_WRONG + 1;
}
CHANGE(by_another_key) {
    (void)world;
    forged->by = WORLD_KOFU;
}
CHANGE(to_another_key) {
    (void)world;
    forged->to = WORLD_KOFU;
}
CHANGE(from_another) {
    forged->routing.from = kofu(world);
}
CHANGE(for_another) {
    forged->routing.to = kofu(world);
}
CHANGE(routed_as_an_answer) {
    (void)world;
    forged->routing.kind = VRX_ENVELOPE_ANSWER;
}
CHANGE(of_a_transfer_that_never_was) {
    (void)world;
    forged->receipt.id[0] ^= 1;
    forged->routing.query_id[0] ^= 1;
}

/* Each way to change a receipt, signed anew: the destination's as it comes to the origin, and the
 * origin's acknowledgement of that one. */
static const struct {
    void (*change)(struct exchange_world *world, struct forged *forged);
    enum vrx_reason at_origin, at_destination;
} changes[] = {
    {of_another_kind, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {of_no_transfer, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {of_another_id, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {of_another_message, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {signed_for_another, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {sent_by_another, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {of_another_query, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {of_another_answer, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {under_another_permit, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {by_another_law, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {without_consent, VRX_RECEIPT_MISMATCH, VRX_RECEIPT_MISMATCH},
    {before_the_message, VRX_INPUT_RANGE, VRX_INPUT_RANGE},
    {in_the_future, VRX_INPUT_RANGE, VRX_INPUT_RANGE},
    {by_another_key, VRX_KEY_UNKNOWN, VRX_KEY_UNKNOWN},
    {to_another_key, VRX_KEY_UNKNOWN, VRX_KEY_UNKNOWN},
    {from_another, VRX_KEY_UNKNOWN, VRX_QUERY_NOT_FOR_US},
    {for_another, VRX_QUERY_NOT_FOR_US, VRX_QUERY_NOT_FOR_US},
    {routed_as_an_answer, VRX_MESSAGE_KIND, VRX_QUERY_NOT_FOR_US},
    {of_a_transfer_that_never_was, VRX_NOT_FOUND, VRX_RECEIPT_MISMATCH},
};
#define ROWS (sizeof changes / sizeof *changes)

static void test_a_receipt_of_something_else_is_refused(void **state) {
    struct exchange_world *world = *state;
    struct waiting sent = transferred(world, WORLD_HANAKO);
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_receipt_transfer tie = at_sapporo(world).tie;
    const struct forged good = begin(world, WORLD_KASHIWA, VRX_ENVELOPE_ANSWER, tie.answer_digest);
    for (size_t i = 0; i < ROWS; i++) {
        struct forged forged = good;
        changes[i].change(world, &forged);
        forge(world, &forged, &bytes);
        enum vrx_reason reason = arrive(world, WORLD_SAPPORO, vrx_buffer_view(&bytes)).reason;
        if (reason != changes[i].at_origin)
            fail_msg("change %zu: %s", i, vrx_reason_name(reason));
        assert_int_equal(world->reply.len, 0);
        assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_ANSWERED);
        assert_int_equal(at_sapporo(world).receipt.len, 0);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "arrival"), 0);
    struct forged unchanged = good;
    forge(world, &unchanged, &bytes);
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&bytes)));
    /* Its id came with other content now. */
    assert_reason(
        arrive(world, WORLD_SAPPORO, vrx_buffer_view(&sent.sending.envelope)), VRX_QUERY_REPLAYED);
    vrx_buffer_done(&sent.sending.envelope);
}

/* The message waits on. */
static void test_an_acknowledgement_of_something_else_is_refused(void **state) {
    struct exchange_world *world = *state;
    struct waiting sent = transferred(world, WORLD_HANAKO);
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct forged good = begin(world, WORLD_SAPPORO, VRX_ENVELOPE_RECEIPT, sent.digest);
    for (size_t i = 0; i < ROWS; i++) {
        struct forged forged = good;
        changes[i].change(world, &forged);
        forge(world, &forged, &bytes);
        enum vrx_reason reason = accept(world, &sent.sending, vrx_buffer_view(&bytes)).reason;
        if (reason != changes[i].at_destination)
            fail_msg("change %zu: %s", i, vrx_reason_name(reason));
        assert_int_equal(exchange_world_transfer(world).receipt.len, 0);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE state = 1"), 1);
    struct forged unchanged = good;
    forge(world, &unchanged, &bytes);
    assert_ok(accept(world, &sent.sending, vrx_buffer_view(&bytes)));
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE state = 2"), 1);
    vrx_buffer_done(&sent.sending.envelope);
}

static void test_messages_of_no_kind_and_for_others_are_refused(void **state) {
    struct exchange_world *world = *state;
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_envelope envelope = {.kind = VRX_ENVELOPE_ANSWER,
        .from = world->base.town[WORLD_KASHIWA].code,
        .to = world->base.town[WORLD_SAPPORO].code,
        .sealed = vrx_view_text("sealed")};
    assert_ok(vrx_object_encode(&vrx_envelope_schema, &envelope, &bytes));
    assert_reason(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&bytes)), VRX_MESSAGE_KIND);
    envelope.kind = VRX_ENVELOPE_RECEIPT;
    envelope.to = world->base.town[WORLD_KOFU].code;
    vrx_buffer_clear(&bytes);
    assert_ok(vrx_object_encode(&vrx_envelope_schema, &envelope, &bytes));
    assert_reason(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&bytes)), VRX_QUERY_NOT_FOR_US);
    world->base.entry[WORLD_KASHIWA].valid_until = world->now - 1;
    daemon_world_sign_law(&world->base);
    envelope.to = world->base.town[WORLD_SAPPORO].code;
    vrx_buffer_clear(&bytes);
    assert_ok(vrx_object_encode(&vrx_envelope_schema, &envelope, &bytes));
    assert_reason(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&bytes)), VRX_SENDER_NOT_CURRENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_both_ends_hold_the_others_receipt),
        EXCHANGE_TEST(test_an_absence_is_receipted_and_a_pending_one_is_not),
        EXCHANGE_TEST(test_a_permit_without_consent_is_marked_by_both),
        EXCHANGE_TEST(test_a_receipt_that_comes_again_is_answered_and_not_taken_again),
        EXCHANGE_TEST(test_a_receipt_of_something_else_is_refused),
        EXCHANGE_TEST(test_messages_of_no_kind_and_for_others_are_refused),
        EXCHANGE_TEST(test_an_acknowledgement_of_something_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
