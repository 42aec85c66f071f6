/* SPDX-License-Identifier: Apache-2.0
 *
 * A consent that is narrowed or withdrawn, at both ends: whoever was asked under it is told, and
 * from then on nothing leaves under it that it does not cover, whatever came first.
 */
#include "crypto/random.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/standing.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "rules/timely.h"
#include "store/approval.h"
#include "store/consent_record.h"
#include "store/foreign_consent.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* ---- Kashiwa by its own handlers ---- */

static struct vrx_result revoke(struct exchange_world *world) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    Vrx__V1__RevokeConsentRequest in = VRX__V1__REVOKE_CONSENT_REQUEST__INIT;
    Vrx__V1__RevokeConsentResponse out = VRX__V1__REVOKE_CONSENT_RESPONSE__INIT;
    in.consent_id = (ProtobufCBinaryData){VRX_ID, world->consent.id};
    exchange_world_begin(world, WORLD_KASHIWA);
    return exchange_world_end(
        world, WORLD_KASHIWA, vrx_exchange_revoke_consent(context, &in, &out));
}

static struct vrx_result narrow(
    struct exchange_world *world, const Vrx__V1__DataItem *items, size_t count, int64_t expires) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    Vrx__V1__DataItem fewer[VRX_ITEM_LAST];
    Vrx__V1__NarrowConsentRequest in = VRX__V1__NARROW_CONSENT_REQUEST__INIT;
    Vrx__V1__NarrowConsentResponse out = VRX__V1__NARROW_CONSENT_RESPONSE__INIT;
    for (size_t i = 0; i < count; i++)
        fewer[i] = items[i];
    in.consent_id = (ProtobufCBinaryData){VRX_ID, world->consent.id};
    in.n_items = count;
    in.items = fewer;
    in.expires_at = expires;
    exchange_world_begin(world, WORLD_KASHIWA);
    return exchange_world_end(
        world, WORLD_KASHIWA, vrx_exchange_narrow_consent(context, &in, &out));
}

static const Vrx__V1__DataItem dose_only[] = {VRX__V1__DATA_ITEM__DATA_ITEM_DOSE};

/* What is due at Kashiwa goes out; the last of it that is a notice is kept. */
static void send(
    struct exchange_world *world, struct vrx_sending *ret_notice, size_t *ret_queries) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    struct vrx_sendings sendings = {0};
    *ret_notice = (struct vrx_sending){0};
    *ret_queries = 0;
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
    for (size_t i = 0; i < sendings.count; i++) {
        struct vrx_sending *sending = &sendings.items[i];
        *ret_queries += sending->kind == VRX_ENVELOPE_QUERY;
        if (sending->kind != VRX_ENVELOPE_CONSENT_NOTICE)
            continue;
        vrx_buffer_done(&ret_notice->envelope);
        *ret_notice = *sending;
        sending->envelope = (struct vrx_buffer){0};
    }
    vrx_sendings_done(&sendings);
}

/* Hanako, or whoever, is asked for, once on its way. */
static void ask(struct exchange_world *world, unsigned person) {
    struct vrx_sending none;
    size_t queries = 0;
    assert_ok(exchange_world_request(world, person, dose_and_lot, 2));
    send(world, &none, &queries);
    assert_int_equal(queries, 1);
    assert_null(none.envelope.ptr);
}

/* ---- Sapporo ---- */

static struct vrx_result arrive(struct exchange_world *world, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result =
        vrx_exchange_receive(context, envelope, &world->reply, &world->decision);
    if (vrx_is_ok(result))
        assert_ok(vrx_exchange_record_receive(context, envelope, result, world->decision));
    return exchange_world_end(world, WORLD_SAPPORO, result);
}

static void query_arrives(struct exchange_world *world, enum vrx_answer_outcome outcome) {
    assert_ok(arrive(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    assert_int_equal(world->answer.outcome, outcome);
}

static void notice_arrives(struct exchange_world *world) {
    struct vrx_sending notice;
    size_t queries = 0;
    send(world, &notice, &queries);
    assert_string_equal(notice.to.digits, "011002");
    assert_ok(arrive(world, vrx_buffer_view(&notice.envelope)));
    exchange_world_begin(world, WORLD_KASHIWA);
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA,
        vrx_exchange_accept(context, &notice, vrx_buffer_view(&world->reply))));
    vrx_buffer_done(&notice.envelope);
    send(world, &notice, &queries); /* acknowledged: it does not go out again */
    assert_null(notice.envelope.ptr);
}

static struct vrx_transfer_in at_sapporo(struct exchange_world *world) {
    struct vrx_transfer_in transfer;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_transfer_in_get(context->tenant, &context->arena,
        &world->base.town[WORLD_KASHIWA].code, world->query.id, &transfer));
    return transfer;
}

static void assert_denied(struct exchange_world *world, enum vrx_reason reason) {
    query_arrives(world, VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, reason);
    assert_int_equal(world->answer.dose_count, 0);
    assert_int_equal(world->answer.linkage_code.len, 0);
    assert_reason(world->decision, reason);
}

/* The last entry at this town with this method. */
static struct vrx_audit_entry last_entry(
    struct exchange_world *world, unsigned town, const char *method, struct vrx_buffer *bytes) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[town]);
    struct vrx_audit_entry entry;
    for (uint64_t at = vrx_ledger_size(ledger); at > 0; at--) {
        vrx_buffer_clear(bytes);
        assert_ok(vrx_ledger_get(ledger, at - 1, bytes));
        assert_ok(vrx_audit_entry_decode(vrx_buffer_view(bytes), &entry));
        if (vrx_view_equal(entry.method, vrx_view_text(method)))
            return entry;
    }
    fail_msg("no entry %s", method);
    return entry;
}

static void assert_last_entry(
    struct exchange_world *world, unsigned town, const char *method, enum vrx_reason outcome) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    assert_int_equal(last_entry(world, town, method, &bytes).outcome, outcome);
}

/* ---- in every order ---- */

static void test_a_query_after_the_notice_is_denied(void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_HANAKO);
    assert_ok(revoke(world));
    notice_arrives(world);
    assert_denied(world, VRX_CONSENT_REVOKED);
    assert_true(vrx_view_equal(world->answer.clause, vrx_view_text("consent.status")));
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_DENIED);
    assert_int_equal(at_sapporo(world).resident, 0); /* nobody was looked for */
}

static void test_what_waits_when_the_notice_comes_is_denied(void **state) {
    struct exchange_world *world = *state;
    static const unsigned people[] = {WORLD_TARO, WORLD_UNKNOWN};
    for (size_t i = 0; i < 2; i++) {
        ask(world, people[i]);
        query_arrives(world, VRX_ANSWER_PENDING);
        assert_ok(revoke(world));
        notice_arrives(world);
        struct vrx_transfer_in transfer = at_sapporo(world);
        assert_int_equal(transfer.state, VRX_TRANSFER_DENIED);
        assert_int_equal(transfer.reason, VRX_CONSENT_REVOKED);
        assert_int_equal(transfer.due_at, 0);
        assert_last_entry(world, WORLD_SAPPORO, "exchange/end", VRX_CONSENT_REVOKED);
        assert_last_entry(world, WORLD_SAPPORO, "exchange/consent-notice", VRX_OK);
        assert_denied(world, VRX_CONSENT_REVOKED);
        world->now += WORLD_PENDING_SECONDS + 1;
        assert_denied(world, VRX_CONSENT_REVOKED);
    }
}

/* Nobody can tell by the denial whether there was somebody. */
static void test_the_denial_tells_nothing_of_the_person(void **state) {
    struct exchange_world *world = *state;
    static const unsigned people[] = {WORLD_TARO, WORLD_UNKNOWN, WORLD_HANAKO};
    size_t lengths[3];
    for (size_t i = 0; i < 3; i++) {
        ask(world, people[i]);
        if (people[i] != WORLD_HANAKO)
            query_arrives(world, VRX_ANSWER_PENDING);
        assert_ok(revoke(world));
        notice_arrives(world);
        assert_denied(world, VRX_CONSENT_REVOKED);
        lengths[i] = world->signed_answer.len;
    }
    assert_int_equal(lengths[0], lengths[1]);
    assert_int_equal(lengths[0], lengths[2]);
}

/* The answer got lost; the doses do not leave a second time. */
static void test_a_repetition_after_the_notice_is_denied(void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_HANAKO);
    query_arrives(world, VRX_ANSWER_DOSES);
    struct vrx_buffer doses VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&doses, vrx_buffer_view(&world->reply)));
    query_arrives(world, VRX_ANSWER_DOSES);
    assert_ok(revoke(world));
    query_arrives(world, VRX_ANSWER_DOSES); /* Sapporo cannot know yet */
    notice_arrives(world);
    for (int i = 0; i < 2; i++) {
        world->now += WORLD_DAY;
        assert_denied(world, VRX_CONSENT_REVOKED);
    }
    /* That it was, once; test_denied_doses.c has what becomes of it. */
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_ANSWERED);
    assert_true(vrx_view_equal(at_sapporo(world).answer, vrx_buffer_view(&doses)));
}

static void test_an_approved_answer_does_not_leave_after_the_notice(void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_TARO);
    query_arrives(world, VRX_ANSWER_PENDING);
    exchange_world_run(world, WORLD_SAPPORO,
        "UPDATE approval SET state = 3, digest = zeroblob(32), first_by = 'a', first_terminal = "
        "'b', first_at = 1, ended_by = 'c', ended_terminal = 'd', ended_at = 1");
    assert_ok(revoke(world));
    notice_arrives(world);
    assert_denied(world, VRX_CONSENT_REVOKED);
    assert_int_equal(at_sapporo(world).state, VRX_TRANSFER_DENIED);
}

/* A final state that says nothing stays what it was. */
static void test_no_record_stays_no_record(void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_UNKNOWN);
    query_arrives(world, VRX_ANSWER_PENDING);
    world->now += WORLD_PENDING_SECONDS;
    query_arrives(world, VRX_ANSWER_NO_RECORD);
    assert_ok(revoke(world));
    notice_arrives(world);
    query_arrives(world, VRX_ANSWER_NO_RECORD);
}

/* ---- narrower ---- */

static void test_a_narrowed_consent_covers_the_rest(void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_TARO);
    query_arrives(world, VRX_ANSWER_PENDING);
    assert_ok(narrow(world, dose_only, 1, 0));
    notice_arrives(world);
    assert_denied(world, VRX_CONSENT_SCOPE);
    assert_true(vrx_view_equal(world->answer.clause, vrx_view_text("consent.items")));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
    assert_int_equal(exchange_world_transfer(world).reason, VRX_CONSENT_SCOPE);
}

/* Its end is earlier, and not before what was asked. */
static void test_an_earlier_end_stops_nothing_that_was_asked_before(void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_TARO);
    query_arrives(world, VRX_ANSWER_PENDING);
    world->now += 60;
    assert_ok(narrow(world, NULL, 0, world->now + 60));
    notice_arrives(world);
    query_arrives(world, VRX_ANSWER_PENDING);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_REQUESTED);
}

static void test_nothing_is_widened_or_left_as_it_is(void **state) {
    struct exchange_world *world = *state;
    static const Vrx__V1__DataItem more[] = {VRX__V1__DATA_ITEM__DATA_ITEM_DOSE,
        VRX__V1__DATA_ITEM__DATA_ITEM_LOT, VRX__V1__DATA_ITEM__DATA_ITEM_VENUE};
    ask(world, WORLD_HANAKO);
    assert_reason(narrow(world, more, 3, 0), VRX_CONSENT_SCOPE);
    assert_reason(narrow(world, more, 2, 0), VRX_INPUT_RANGE);
    assert_reason(narrow(world, NULL, 0, 0), VRX_INPUT_RANGE);
    assert_reason(narrow(world, NULL, 0, world->now - 1), VRX_INPUT_RANGE);
    assert_reason(narrow(world, NULL, 0, world->now + 400 * WORLD_DAY), VRX_CONSENT_SCOPE);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "consent_narrowing"), 0);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox"), 0);
    assert_ok(narrow(world, more, 1, 0));
    assert_reason(narrow(world, more, 2, 0), VRX_CONSENT_SCOPE);
    assert_ok(revoke(world));
    assert_reason(narrow(world, NULL, 0, world->now), VRX_CONSENT_REVOKED);
    assert_reason(revoke(world), VRX_CONSENT_REVOKED);
}

/* ---- the notice itself, by a dishonest destination ---- */

static void sign_notice(struct exchange_world *world, unsigned by, uint8_t id,
    const struct vrx_consent *consent, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    const struct vrx_tenant_keys *keys = world->base.town[by].keys;
    struct vrx_envelope routing = {.kind = VRX_ENVELOPE_CONSENT_NOTICE,
        .from = world->base.town[WORLD_KASHIWA].code,
        .to = world->base.town[WORLD_SAPPORO].code,
        .query_id = {id}};
    assert_ok(vrx_object_sign(&vrx_consent_schema, consent, keys->signing,
        vrx_view_of(keys->signing_kid, VRX_KID), &content));
    assert_ok(vrx_private_key_public(world->base.town[WORLD_SAPPORO].keys->exchange, &key));
    vrx_buffer_clear(out);
    assert_ok(
        vrx_envelope_seal(&routing, vrx_buffer_view(&content), key, vrx_random_system(), out));
}

static struct vrx_result tell(
    struct exchange_world *world, unsigned by, uint8_t id, const struct vrx_consent *consent) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    sign_notice(world, by, id, consent, &envelope);
    return arrive(world, vrx_buffer_view(&envelope));
}

static struct vrx_foreign_consent known(struct exchange_world *world) {
    struct vrx_foreign_consent found;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_foreign_consent_get(context->tenant, &context->arena,
        &world->base.town[WORLD_KASHIWA].code, world->consent.id, &found));
    return found;
}

/* Whatever the order, the narrowest is what is known. */
static void test_notices_in_any_order(void **state) {
    (void)state;
    static const unsigned orders[][3] = {
        {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < 6; i++) {
        void *own = NULL;
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        struct vrx_consent objects[3] = {world->consent, world->consent, world->consent};
        objects[1].item_count = objects[2].item_count = 1;
        objects[1].status_since = objects[2].status_since = world->now;
        objects[2].status = VRX_CONSENT_WITHDRAWN;
        for (uint8_t k = 0; k < 3; k++)
            assert_ok(tell(world, WORLD_KASHIWA, (uint8_t)(k + 1), &objects[orders[i][k]]));
        assert_int_equal(known(world).status, VRX_CONSENT_WITHDRAWN);
        assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "foreign_consent"), 1);
        assert_ok(exchange_world_ask(world));
        assert_int_equal(world->answer.reason, VRX_CONSENT_REVOKED);
        exchange_world_teardown(&own);
    }
}

/* The query carries the consent as it once was; what was told since counts beside it. */
static void test_an_old_object_in_a_query_does_not_help(void **state) {
    struct exchange_world *world = *state;
    struct vrx_consent narrowed = world->consent;
    narrowed.item_count = 1;
    narrowed.status_since = world->now;
    assert_ok(tell(world, WORLD_KASHIWA, 1, &narrowed));
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, VRX_CONSENT_SCOPE);
    exchange_world_renew(world);
    world->query.item_count = 1;
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
}

static void test_who_withdrew_is_not_asked_for_without_consent(void **state) {
    struct exchange_world *world = *state;
    struct vrx_consent withdrawn = world->consent;
    withdrawn.status = VRX_CONSENT_WITHDRAWN;
    world->base.permit.consent_required = false;
    daemon_world_sign_law(&world->base);
    assert_ok(tell(world, WORLD_KASHIWA, 1, &withdrawn));
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.reason, VRX_CONSENT_REVOKED);
}

static void test_the_same_notice_again_is_acknowledged_again(void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
    sign_notice(world, WORLD_KASHIWA, 1, &world->consent, &envelope);
    assert_ok(arrive(world, vrx_buffer_view(&envelope)));
    assert_ok(vrx_buffer_append(&first, vrx_buffer_view(&world->reply)));
    assert_ok(arrive(world, vrx_buffer_view(&envelope)));
    assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&world->reply)));
}

static void test_whose_consent_it_is_not_says_nothing_of_it(void **state) {
    struct exchange_world *world = *state;
    struct vrx_consent other = world->consent;
    other.destination = world->base.town[WORLD_KOFU].code;
    assert_reason(tell(world, WORLD_KASHIWA, 1, &other), VRX_QUERY_NOT_FOR_US);
    assert_reason(tell(world, WORLD_KOFU, 2, &world->consent), VRX_KEY_UNKNOWN);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "foreign_consent"), 0);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "arrival"), 0);
}

/* Nothing that is signed later could follow it. */
static void test_a_notice_of_the_future_is_refused(void **state) {
    struct exchange_world *world = *state;
    struct vrx_consent narrowed = world->consent;
    narrowed.status_since = world->now + VRX_CLOCK_WRONG + 1;
    assert_reason(tell(world, WORLD_KASHIWA, 1, &narrowed), VRX_CONSENT_EXPIRED);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "foreign_consent"), 0);
    narrowed.status_since--;
    assert_ok(tell(world, WORLD_KASHIWA, 2, &narrowed));
}

/* Neither narrower nor wider: two things were said under one id. */
static void test_another_consent_under_the_same_id_is_refused(void **state) {
    struct exchange_world *world = *state;
    struct vrx_consent other = world->consent;
    assert_ok(tell(world, WORLD_KASHIWA, 1, &world->consent));
    other.subject[0] ^= 1;
    other.status = VRX_CONSENT_WITHDRAWN;
    assert_reason(tell(world, WORLD_KASHIWA, 2, &other), VRX_CONSENT_SCOPE);
    assert_int_equal(known(world).status, VRX_CONSENT_GRANTED);
}

/* ---- the destination ---- */

static void test_an_answer_after_the_revocation_is_discarded(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    ask(world, WORLD_HANAKO);
    query_arrives(world, VRX_ANSWER_DOSES);
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    assert_ok(revoke(world));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
    assert_last_entry(world, WORLD_KASHIWA, "exchange/end", VRX_CONSENT_REVOKED);
    for (int i = 0; i < 2; i++) {
        assert_reason(exchange_world_take(world, vrx_buffer_view(&answer)), VRX_CONSENT_REVOKED);
        assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
        assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 0);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "linkage_held"), 0);
}

/* A revocation of which the transfer was not told, as of a vault of before. */
static void test_an_answer_finds_the_consent_withdrawn(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    ask(world, WORLD_HANAKO);
    query_arrives(world, VRX_ANSWER_DOSES);
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    exchange_world_run(
        world, WORLD_KASHIWA, "UPDATE consent SET state = 2, revocation = x'00', revoked_at = 1");
    assert_ok(exchange_world_take(world, vrx_buffer_view(&answer)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
    assert_int_equal(exchange_world_transfer(world).reason, VRX_CONSENT_REVOKED);
    assert_last_entry(world, WORLD_KASHIWA, "exchange/answer", VRX_CONSENT_REVOKED);
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 0);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox"), 0);
}

static void test_doses_that_came_before_stay(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    ask(world, WORLD_HANAKO);
    query_arrives(world, VRX_ANSWER_DOSES);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_ok(revoke(world));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 2);
    int64_t revoked_at = 0;
    for (size_t i = 0; i < 2; i++) {
        assert_ok(vrx_consent_record_revoked_behind(world->tenant[WORLD_KASHIWA], doses[i].resident,
            doses[i].provenance.digest, &revoked_at));
        assert_int_equal(revoked_at, world->now);
    }
    doses[0].provenance.digest[0] ^= 1;
    assert_ok(vrx_consent_record_revoked_behind(
        world->tenant[WORLD_KASHIWA], doses[0].resident, doses[0].provenance.digest, &revoked_at));
    assert_int_equal(revoked_at, 0);
}

static void test_who_was_not_asked_is_not_told(void **state) {
    struct exchange_world *world = *state;
    struct vrx_sending notice;
    size_t queries = 0;
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    assert_ok(revoke(world)); /* before anything was sent */
    send(world, &notice, &queries);
    assert_int_equal(queries, 0);
    assert_null(notice.envelope.ptr);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
}

/* The mover's word counts at home, whether the other side can be written to or not. */
static void test_a_municipality_that_left_the_directory_does_not_hold_up_a_revocation(
    void **state) {
    struct exchange_world *world = *state;
    ask(world, WORLD_HANAKO);
    world->base.entry[WORLD_SAPPORO].valid_until = world->now - 1;
    daemon_world_sign_law(&world->base);
    assert_ok(revoke(world));
    assert_last_entry(world, WORLD_KASHIWA, "exchange/consent-notice", VRX_SENDER_NOT_CURRENT);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox"), 0);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_a_query_after_the_notice_is_denied),
        EXCHANGE_TEST(test_what_waits_when_the_notice_comes_is_denied),
        EXCHANGE_TEST(test_the_denial_tells_nothing_of_the_person),
        EXCHANGE_TEST(test_a_repetition_after_the_notice_is_denied),
        EXCHANGE_TEST(test_an_approved_answer_does_not_leave_after_the_notice),
        EXCHANGE_TEST(test_no_record_stays_no_record),
        EXCHANGE_TEST(test_a_narrowed_consent_covers_the_rest),
        EXCHANGE_TEST(test_an_earlier_end_stops_nothing_that_was_asked_before),
        EXCHANGE_TEST(test_nothing_is_widened_or_left_as_it_is),
        cmocka_unit_test(test_notices_in_any_order),
        EXCHANGE_TEST(test_an_old_object_in_a_query_does_not_help),
        EXCHANGE_TEST(test_who_withdrew_is_not_asked_for_without_consent),
        EXCHANGE_TEST(test_the_same_notice_again_is_acknowledged_again),
        EXCHANGE_TEST(test_whose_consent_it_is_not_says_nothing_of_it),
        EXCHANGE_TEST(test_a_notice_of_the_future_is_refused),
        EXCHANGE_TEST(test_another_consent_under_the_same_id_is_refused),
        EXCHANGE_TEST(test_an_answer_after_the_revocation_is_discarded),
        EXCHANGE_TEST(test_an_answer_finds_the_consent_withdrawn),
        EXCHANGE_TEST(test_doses_that_came_before_stay),
        EXCHANGE_TEST(test_who_was_not_asked_is_not_told),
        EXCHANGE_TEST(test_a_municipality_that_left_the_directory_does_not_hold_up_a_revocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
