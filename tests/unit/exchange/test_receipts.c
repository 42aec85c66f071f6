/* SPDX-License-Identifier: Apache-2.0
 *
 * Receipts of both ends, through the code that also takes notices: once each, of what was sent, by
 * whom it was sent to, and tied to both ledgers.
 */
#include "exchange/receipts.h"

#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
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

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_both_ends_hold_the_others_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
