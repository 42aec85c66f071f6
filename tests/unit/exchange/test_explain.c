/* SPDX-License-Identifier: Apache-2.0
 *
 * What a municipality says of a transfer, and what follows from it without the municipality: at
 * both ends, for each way in which a transfer ends. Then the same with something changed, by who
 * has no key and by the municipality itself: the check that fails is named.
 */
#include "explaining.h"

#include <stdio.h>
#include <stdlib.h>

#include "cose/sign1.h"
#include "exchange/approvals.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "store/outbox.h"
#include "vrx/v1/approvals.pb-c.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* Signed once more, by this town. */
static void resign(struct exchange_world *world, unsigned town, struct shown *shown,
    const struct vrx_explanation *explanation) {
    const struct vrx_tenant_keys *keys = world->base.town[town].keys;
    struct vrx_buffer again = {0};
    assert_ok(vrx_object_sign(&vrx_explanation_schema, explanation, keys->signing,
        vrx_view_of(keys->signing_kid, VRX_KID), &again));
    vrx_buffer_done(&shown->bundle);
    shown->bundle = again;
}

/* ---- ways of a transfer ---- */

static void ask(struct exchange_world *world, unsigned person) {
    assert_ok(exchange_world_request(world, person, dose_and_lot, 2));
}
static void answer(struct exchange_world *world) {
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
}
static void take(struct exchange_world *world) {
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
}

/* The one message that waits in Kashiwa's outbox goes to Sapporo, and its receipt back. */
static void exchange_receipts(struct exchange_world *world) {
    struct vrx_outbox_message *messages = NULL;
    size_t count = 0;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(
        vrx_outbox_list_due(context->tenant, &context->arena, INT64_MAX, 9, &messages, &count));
    assert_int_equal(count, 1);
    struct vrx_sending sent = {.to = messages[0].key.to, .kind = messages[0].key.kind};
    memcpy(sent.query_id, messages[0].key.id, VRX_ID);
    assert_ok(vrx_buffer_append(&sent.envelope, messages[0].envelope));
    struct vrx_view envelope = vrx_buffer_view(&sent.envelope);
    struct vrx_result decision;
    context = exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    struct vrx_result result = vrx_exchange_receive(context, envelope, &world->reply, &decision);
    assert_ok(vrx_exchange_record_receive(context, envelope, result, decision));
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, result));
    context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    result = vrx_exchange_accept(context, &sent, vrx_buffer_view(&world->reply));
    assert_ok(vrx_exchange_record_accept(context, &sent, result));
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, result));
    vrx_buffer_done(&sent.envelope);
}

static void set_permits_end(struct exchange_world *world, int64_t until) {
    world->base.permit.in_force_until = until;
    daemon_world_sign_law(&world->base);
}

/* ---- what follows ---- */

/* directory explanation permits query answer consents receipts checkpoint entries ledger,
 * steps 1 to 9, outcome */
static void test_doses(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    SHOWN(sapporo);
    ask(world, WORLD_HANAKO);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPPPnnnPPP PPPPPnnn- P");
    assert_int_equal(kashiwa.explained.explanation.state, VRX_TRANSFER_REQUESTED);
    assert_int_equal(kashiwa.explained.entry_count, 3);
    answer(world);
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_checks(&sapporo, "PPPPPnnPPP PPPPPPPPP P");
    take(world);
    exchange_receipts(world);
    explain(world, WORLD_KASHIWA, &kashiwa);
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_checks(&kashiwa, "PPPPPnPPPP PPPPPPPPP P");
    assert_checks(&sapporo, "PPPPPnPPPP PPPPPPPPP P");
    assert_int_equal(kashiwa.explained.explanation.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(kashiwa.explained.answer.dose_count, 2);
    assert_memory_equal(
        kashiwa.explained.answer_digest, sapporo.explained.answer_digest, VRX_DIGEST);
    assert_memory_equal(kashiwa.explained.query_digest, sapporo.explained.query_digest, VRX_DIGEST);
    assert_true(vrx_view_equal(kashiwa.explained.permit->id, world->base.permit.id));
    assert_true(kashiwa.explained.has_consent && kashiwa.explained.has_evidence);
    assert_int_equal(sapporo.explained.explanation.person, VRX_EXPLAINED_FOUND);
    assert_false(sapporo.explained.explanation.held);
    assert_string_equal(sapporo.explained.asker->code.digits, "122173");
}

static void test_nobody_and_somebody_protected(void **state) {
    struct exchange_world *world = *state;
    static const struct {
        unsigned person;
        const char *pending, *ended;
        enum vrx_check step;
        enum vrx_reason reason;
    } cases[] = {
        {WORLD_UNKNOWN, "PPPPPnnPPP PPPPPPR-- P", "PPPPPnnPPP PPPPPPR-- P", VRX_CHECK_STEP_7,
            VRX_NOT_FOUND},
        {WORLD_TARO, "PPPPPnnPPP PPPPPPPR- P", "PPPPPnnPPP PPPPPPPR- P", VRX_CHECK_STEP_8,
            VRX_SECOND_PERSON_NEEDED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SHOWN(kashiwa);
        SHOWN(sapporo);
        ask(world, cases[i].person);
        answer(world);
        take(world);
        explain(world, WORLD_SAPPORO, &sapporo);
        assert_checks(&sapporo, cases[i].pending);
        explain(world, WORLD_KASHIWA, &kashiwa);
        assert_checks(&kashiwa, "PPPPPnnPPP PPPPPnnn- P");
        world->now += WORLD_PENDING_SECONDS + 1;
        answer(world);
        take(world);
        explain(world, WORLD_SAPPORO, &sapporo);
        assert_checks(&sapporo, cases[i].ended);
        assert_int_equal(vrx_explained_refused(&sapporo.explained), cases[i].step);
        assert_reason(sapporo.explained.check[cases[i].step].why, cases[i].reason);
        assert_int_equal(sapporo.explained.explanation.state, VRX_TRANSFER_NO_RECORD);
        explain(world, WORLD_KASHIWA, &kashiwa); /* as little for either of them */
        assert_checks(&kashiwa, "PPPPPnnPPP PPPPPnnn- P");
        assert_int_equal(kashiwa.explained.explanation.person, VRX_EXPLAINED_NOT_LOOKED_FOR);
        assert_false(kashiwa.explained.explanation.held);
    }
}

static struct vrx_result officer_calls(struct exchange_world *world, const char *officer,
    const char *path, const void *request, void *reply) {
    const struct vrx_method *method = NULL;
    for (size_t i = 0; i < VRX_APPROVALS_METHODS; i++)
        if (strstr(vrx_approvals_methods[i].path, path))
            method = &vrx_approvals_methods[i];
    assert_non_null(method);
    protobuf_c_message_init(method->reply, reply);
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    (void)snprintf(context->operator_id, sizeof context->operator_id, "%s", officer);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result = method->handle(context, request, reply);
    assert_ok(vrx_context_record(
        context, method->path, method->purpose, &context->audit, result.reason, NULL));
    return exchange_world_end(world, WORLD_SAPPORO, result);
}

static void approve_by_two(struct exchange_world *world) {
    uint8_t id[VRX_ID];
    uint8_t digest[VRX_DIGEST];
    Vrx__V1__ListApprovalsRequest list = VRX__V1__LIST_APPROVALS_REQUEST__INIT;
    Vrx__V1__ListApprovalsResponse listed;
    assert_ok(officer_calls(world, "sato", "/ListApprovals", &list, &listed));
    memcpy(id, listed.approvals[0]->approval.data, VRX_ID);
    Vrx__V1__GetApprovalRequest get = VRX__V1__GET_APPROVAL_REQUEST__INIT;
    Vrx__V1__GetApprovalResponse got;
    get.approval = (ProtobufCBinaryData){VRX_ID, id};
    assert_ok(officer_calls(world, "sato", "/GetApproval", &get, &got));
    memcpy(digest, got.digest.data, VRX_DIGEST);
    static const char *const officers[] = {"sato", "suzuki"};
    for (unsigned i = 0; i < 2; i++) {
        Vrx__V1__ApproveAnswerRequest approve = VRX__V1__APPROVE_ANSWER_REQUEST__INIT;
        Vrx__V1__ApproveAnswerResponse approved;
        approve.approval = (ProtobufCBinaryData){VRX_ID, id};
        approve.digest = (ProtobufCBinaryData){VRX_DIGEST, digest};
        assert_ok(officer_calls(world, officers[i], "/ApproveAnswer", &approve, &approved));
    }
}

/* What two officers let leave: both stand in the ledger, and without one of them it is not so. */
static void test_released_by_two(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    SHOWN(sapporo);
    ask(world, WORLD_TARO);
    answer(world);
    take(world);
    world->now += 60;
    approve_by_two(world);
    world->now += 60;
    answer(world);
    take(world);
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_checks(&sapporo, "PPPPPnnPPP PPPPPPPPP P");
    assert_true(sapporo.explained.explanation.held);
    assert_int_equal(sapporo.explained.answer.outcome, VRX_ANSWER_DOSES);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPPPPnnPPP PPPPPPPPP P");
    struct vrx_explanation explanation = sapporo.explained.explanation;
    size_t kept = 0;
    for (size_t i = 0; i < sapporo.explained.entry_count; i++)
        if (!vrx_view_equal(
                sapporo.explained.entries[i].entry.operator_id, vrx_view_text("suzuki")))
            explanation.entries[kept++] = explanation.entries[i];
    assert_true(kept < explanation.entry_count);
    explanation.entry_count = kept;
    resign(world, WORLD_SAPPORO, &sapporo, &explanation);
    read_again(world, &sapporo);
    assert_checks(&sapporo, "PPPPPnnPPP PPPPPPPBP P");
}

/* The permit ended between asking and answering; the table that said so is the origin's. */
static void test_denied(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    SHOWN(sapporo);
    ask(world, WORLD_HANAKO);
    set_permits_end(world, world->now - 1);
    answer(world);
    take(world);
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_checks(&sapporo, "PPPPPnnPPP PPR------ P");
    assert_refused(&sapporo, VRX_CHECK_STEP_3, VRX_PERMIT_NOT_IN_FORCE, "permit.in_force_until");
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPPPPnnPPP PPR------ P");
    assert_int_equal(kashiwa.explained.explanation.reason, VRX_PERMIT_NOT_IN_FORCE);
}

/* Kashiwa signs with a key that says nothing of the time before this. */
static void begin_key(struct exchange_world *world, int64_t from) {
    world->base.town[WORLD_KASHIWA].signing_key.from = from;
    daemon_world_sign_law(&world->base);
}

/* Each refusal of steps 2 to 5, by a destination that sends what it must not. */
static void test_every_refusal(void **state) {
    struct exchange_world *world = *state;
    static const uint64_t ticket[] = {VRX_ITEM_DOSE, VRX_ITEM_TICKET};
    static const struct {
        enum vrx_check step;
        enum vrx_reason reason;
        const char *clause;
    } cases[] = {
        {VRX_CHECK_STEP_2, VRX_QUERY_EXPIRED,
            "query.deadline: at most 14 days after query.asked_at"},
        {VRX_CHECK_STEP_3, VRX_PERMIT_ITEMS, "permit.items"},
        {VRX_CHECK_STEP_4, VRX_CONSENT_MISSING, "permit: consent of the person is required"},
        {VRX_CHECK_STEP_4, VRX_CONSENT_REVOKED, "consent.status"},
        {VRX_CHECK_STEP_4, VRX_CONSENT_EXPIRED, "consent.expires_at"},
        {VRX_CHECK_STEP_4, VRX_CONSENT_SCOPE, "consent.subject"},
        {VRX_CHECK_STEP_4, VRX_KEY_NOT_IN_FORCE, "consent.status_since"},
        {VRX_CHECK_STEP_5, VRX_EVIDENCE_MISSING, "Number Act art. 16: identity check"},
        {VRX_CHECK_STEP_5, VRX_EVIDENCE_METHOD, "permit: accepted methods of identity check"},
        {VRX_CHECK_STEP_5, VRX_EVIDENCE_SUBJECT, "Number Act art. 16: of this person, for this"},
        {VRX_CHECK_STEP_5, VRX_KEY_NOT_IN_FORCE, "identity_evidence.checked_at"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SHOWN(sapporo);
        struct exchange_world before = *world;
        exchange_world_renew(world);
        switch (i) {
        case 0:
            world->query.deadline = world->query.asked_at + VRX_LIMIT_QUERY_SECONDS + 1;
            break;
        case 1:
            exchange_world_items(world, ticket, 2);
            break;
        case 2:
            world->with_consent = false;
            break;
        case 3:
            world->consent.status = VRX_CONSENT_WITHDRAWN;
            break;
        case 4:
            world->consent.expires_at = world->query.asked_at - 1;
            break;
        case 5:
            world->consent.subject[0] ^= 1;
            break;
        case 6:
            begin_key(world, world->consent.status_since + 1);
            break;
        case 7:
            world->with_evidence = false;
            break;
        case 8:
            world->evidence.method = VRX_IDENTITY_PROXY;
            break;
        case 9:
            world->evidence.purpose = VRX_PURPOSE_CERTIFICATE;
            break;
        default:
            begin_key(world, world->evidence.checked_at + 1);
            break;
        }
        assert_ok(exchange_world_ask(world));
        assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
        explain(world, WORLD_SAPPORO, &sapporo);
        assert_refused(&sapporo, cases[i].step, cases[i].reason, cases[i].clause);
        assert_int_equal(sapporo.explained.check[VRX_CHECK_OUTCOME].verdict, VRX_CHECK_PASSED);
        assert_int_equal(sapporo.explained.check[VRX_CHECK_LEDGER].verdict, VRX_CHECK_PASSED);
        before.signed_evidence = world->signed_evidence; /* buffers may have moved */
        before.signed_consent = world->signed_consent;
        before.signed_query = world->signed_query;
        before.envelope = world->envelope;
        before.reply = world->reply;
        before.signed_answer = world->signed_answer;
        before.context = world->context;
        before.base.directory.version = world->base.directory.version;
        before.base.permits.version = world->base.permits.version;
        *world = before;
        daemon_world_sign_law(&world->base);
    }
}

/* What is due at Kashiwa is looked at; what ends there has an entry. */
static void look_at_what_is_due(struct exchange_world *world) {
    struct vrx_sendings sendings = {0};
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    struct vrx_result result = vrx_exchange_send_due(context, &sendings);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, result));
    vrx_sendings_done(&sendings);
}

/* Revoked before it left: the destination ends it by itself. */
static void test_revoked_before_it_was_sent(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    ask(world, WORLD_HANAKO);
    world->now += 60;
    revoke(world);
    world->now += 60;
    look_at_what_is_due(world);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_int_equal(kashiwa.explained.explanation.state, VRX_TRANSFER_DENIED);
    assert_refused(&kashiwa, VRX_CHECK_STEP_4, VRX_CONSENT_REVOKED, "consent.status");
    assert_int_equal(kashiwa.explained.check[VRX_CHECK_CONSENTS].verdict, VRX_CHECK_PASSED);
    assert_int_equal(kashiwa.explained.check[VRX_CHECK_OUTCOME].verdict, VRX_CHECK_PASSED);
    assert_int_equal(kashiwa.explained.later_count, 1);
    assert_int_equal(kashiwa.explained.later[0].status, VRX_CONSENT_WITHDRAWN);
}

/* Revoked after the doses came: what was lawful then stays so, and is shown beside. */
static void test_revoked_afterwards(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    ask(world, WORLD_HANAKO);
    answer(world);
    take(world);
    world->now += WORLD_DAY;
    revoke(world);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPPPPPnPPP PPPPPPPPP P");
}

/* The origin was told in the second in which it had answered. */
static void test_revoked_in_the_same_second(void **state) {
    struct exchange_world *world = *state;
    SHOWN(sapporo);
    ask(world, WORLD_HANAKO);
    look_at_what_is_due(world); /* whoever was asked is told */
    answer(world);
    take(world);
    exchange_receipts(world);
    revoke(world);
    exchange_receipts(world);
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_int_equal(sapporo.explained.later_count, 1);
    assert_int_equal(sapporo.explained.later[0].status, VRX_CONSENT_WITHDRAWN);
    assert_checks(&sapporo, "PPPPPPPPPP PPPPPPPPP P");
}

static void test_expired(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    ask(world, WORLD_HANAKO);
    world->now += WORLD_TRANSFER_SECONDS + 1;
    look_at_what_is_due(world);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_int_equal(kashiwa.explained.explanation.state, VRX_TRANSFER_EXPIRED);
    assert_checks(&kashiwa, "PPPPnnnPPP PPPPPnnn- P");
}

/* The law has gone on; what was lawful is shown by the table of then. Without it nobody says that
 * it was, nor that it was not. */
static void test_the_law_has_gone_on(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    SHOWN(sapporo);
    ask(world, WORLD_HANAKO);
    answer(world);
    take(world);
    uint64_t then = world->base.permits.version;
    set_permits_end(world, world->now - 1);
    world->now += WORLD_DAY;
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPPPPnnPPP PPPPPPPPP P");
    explain(world, WORLD_SAPPORO, &sapporo);
    assert_checks(&sapporo, "PPPPPnnPPP PPPPPPPPP P");
    assert_int_equal(sapporo.explained.permits.version, then);
    assert_true(world->base.permits.version > then);
    exchange_world_run(world, WORLD_KASHIWA, "DELETE FROM law_text");
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPnPPnnPPP PPnnnPPPP n");
}

/* A transfer of before there were dossiers, or one whose entries were not noted. */
static void test_what_was_not_kept(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    ask(world, WORLD_HANAKO);
    answer(world);
    take(world);
    exchange_world_run(world, WORLD_KASHIWA, "DELETE FROM dossier; DELETE FROM dossier_entry");
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_checks(&kashiwa, "PPPnPPnPnn --------- n");
}

static void test_no_such_transfer(void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    assert_reason(call(world, WORLD_KASHIWA, "", &out), VRX_NOT_FOUND);
    assert_reason(call(world, WORLD_SAPPORO, "122173", &out), VRX_NOT_FOUND);
    ask(world, WORLD_HANAKO);
    answer(world);
    assert_reason(call(world, WORLD_SAPPORO, "192015", &out), VRX_NOT_FOUND);
    assert_reason(call(world, WORLD_SAPPORO, "", &out), VRX_NOT_FOUND);
    assert_reason(call(world, WORLD_KASHIWA, "122174", &out), VRX_CHECK_DIGIT_WRONG);
}

/* ---- somebody without a key changes it ---- */

static void test_no_byte_can_be_changed(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    unsigned unreadable = 0;
    unsigned broken = 0;
    ask(world, WORLD_HANAKO);
    answer(world);
    take(world);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_int_equal(vrx_explained_broken(&kashiwa.explained), VRX_CHECKS);
    for (size_t at = 0; at < kashiwa.bundle.len; at += 23) {
        struct vrx_explained explained;
        kashiwa.bundle.ptr[at] ^= 1u << (at % 8);
        vrx_arena_done(&kashiwa.arena);
        vrx_arena_init(&kashiwa.arena, 0);
        struct vrx_result result = vrx_explain(vrx_buffer_view(&kashiwa.bundle),
            world->base.authority_public, &kashiwa.arena, &explained);
        if (!vrx_is_ok(result)) {
            assert_true(result.clause || vrx_reason_category(result.reason) == VRX_CATEGORY_INPUT);
            unreadable++;
        } else {
            assert_true(vrx_explained_broken(&explained) <= VRX_CHECK_EXPLANATION);
            broken++;
        }
        kashiwa.bundle.ptr[at] ^= 1u << (at % 8);
    }
    assert_true(unreadable > 0);
    assert_true(broken > 100);
    struct vrx_view whole = vrx_buffer_view(&kashiwa.bundle);
    for (size_t len = 0; len < whole.len; len += 61) {
        struct vrx_explained explained;
        assert_false(vrx_is_ok(vrx_explain(vrx_view_slice(whole, 0, len),
            world->base.authority_public, &kashiwa.arena, &explained)));
    }
}

static void test_another_authority(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *other = NULL;
    struct vrx_explained explained;
    ask(world, WORLD_HANAKO);
    explain(world, WORLD_KASHIWA, &kashiwa);
    assert_ok(vrx_private_key_public(world->base.town[WORLD_KOFU].keys->signing, &other));
    assert_ok(vrx_explain(vrx_buffer_view(&kashiwa.bundle), other, &kashiwa.arena, &explained));
    kashiwa.explained = explained;
    assert_checks(&kashiwa, "B--------- --------- -");
    assert_reason(explained.check[VRX_CHECK_DIRECTORY].why, VRX_KEY_UNKNOWN);
}

/* ---- the municipality itself changes it, and signs what it changed ---- */

static struct vrx_later_consent wider;
static struct vrx_view one_more[2];

enum change {
    STATE_TO_NO_RECORD,
    STATE_TO_DENIED,
    REASON,
    PERSON,
    HELD,
    BEGUN_EARLIER,
    DEADLINE,
    OTHER_MUNICIPALITY,
    OTHER_QUERY_ID,
    NO_ANSWER,
    NO_ENTRIES_OF_IT,
    ENTRY_CHANGED,
    ENTRY_MOVED,
    PROOF_CUT,
    CHECKPOINT_OF_ANOTHER,
    QUERY_CHANGED,
    ANSWER_CHANGED,
    ANSWER_IS_THE_QUERY,
    DIRECTORY_CHANGED,
    PERMITS_CHANGED,
    PERMITS_OF_NOBODY,
    RECEIPT_IS_THE_ANSWER,
    CONSENT_OF_ANOTHER,
    MADE_BEFORE_THE_KEY,
    CHANGES,
};

static uint8_t *copy_of(struct shown *shown, struct vrx_view *view) {
    uint8_t *copy = vrx_arena_alloc(&shown->arena, view->len);
    memcpy(copy, view->ptr, view->len);
    view->ptr = copy;
    return copy;
}

static void change(struct shown *shown, struct vrx_explanation *explanation, enum change what) {
    switch (what) {
    case STATE_TO_NO_RECORD:
        explanation->state = VRX_TRANSFER_NO_RECORD;
        break;
    case STATE_TO_DENIED:
        explanation->state = VRX_TRANSFER_DENIED;
        explanation->reason = VRX_CONSENT_EXPIRED;
        break;
    case REASON:
        explanation->reason = VRX_CONSENT_EXPIRED;
        explanation->state = VRX_TRANSFER_DENIED;
        explanation->answer = (struct vrx_view){0};
        break;
    case PERSON:
        explanation->person = VRX_EXPLAINED_NOT_FOUND;
        break;
    case HELD:
        explanation->held = true;
        break;
    case BEGUN_EARLIER:
        explanation->begun_at--;
        break;
    case DEADLINE:
        explanation->deadline++;
        break;
    case OTHER_MUNICIPALITY:
        explanation->other = (struct vrx_municipality_code){"192015"};
        break;
    case OTHER_QUERY_ID:
        explanation->query_id[0] ^= 1;
        break;
    case NO_ANSWER:
        explanation->answer = (struct vrx_view){0};
        break;
    case NO_ENTRIES_OF_IT:
        explanation->entry_count = 0;
        explanation->state = VRX_TRANSFER_EXPIRED;
        break;
    case ENTRY_CHANGED:
        copy_of(shown, &explanation->entries[0].entry)[10] ^= 1;
        break;
    case ENTRY_MOVED:
        explanation->entries[0].index++;
        break;
    case PROOF_CUT:
        explanation->entries[0].proof.len--;
        break;
    case CHECKPOINT_OF_ANOTHER:
        copy_of(shown, &explanation->checkpoint)[4] ^= 1;
        break;
    case QUERY_CHANGED:
        copy_of(shown, &explanation->query)[explanation->query.len / 2] ^= 1;
        break;
    case ANSWER_CHANGED:
        copy_of(shown, &explanation->answer)[explanation->answer.len - 1] ^= 1;
        break;
    case ANSWER_IS_THE_QUERY:
        explanation->answer = explanation->query;
        break;
    case DIRECTORY_CHANGED:
        copy_of(shown, &explanation->directory)[explanation->directory.len / 2] ^= 1;
        break;
    case PERMITS_CHANGED:
        copy_of(shown, &explanation->permits[0])[explanation->permits[0].len / 2] ^= 1;
        break;
    case PERMITS_OF_NOBODY:
        explanation->judged_by[0] ^= 1;
        break;
    case RECEIPT_IS_THE_ANSWER:
        one_more[0] = explanation->answer;
        explanation->receipts = one_more;
        explanation->receipt_count = 1;
        break;
    case CONSENT_OF_ANOTHER:
        explanation->consents = &wider;
        explanation->consent_count = 1;
        break;
    case MADE_BEFORE_THE_KEY:
        explanation->made_at = 0;
        break;
    case CHANGES:
        break;
    }
}

static void test_a_municipality_cannot_change_its_story(void **state) {
    struct exchange_world *world = *state;
    static const struct {
        enum change what;
        enum vrx_check check;
        const char *clause;
    } cases[] = {
        {STATE_TO_NO_RECORD, VRX_CHECK_OUTCOME, "answer.outcome: no record"},
        {STATE_TO_DENIED, VRX_CHECK_OUTCOME, "explanation.reason: no step refuses"},
        {REASON, VRX_CHECK_OUTCOME, "explanation.reason: no step refuses"},
        {PERSON, VRX_CHECK_LEDGER, "audit_entry.person: somebody was found"},
        {HELD, VRX_CHECK_STEP_8, "ledger: two officers let it leave"},
        {BEGUN_EARLIER, VRX_CHECK_LEDGER, "ledger: no entry says that it was asked"},
        {DEADLINE, VRX_CHECK_QUERY, "query.deadline"},
        {OTHER_MUNICIPALITY, VRX_CHECK_QUERY, NULL},
        {OTHER_QUERY_ID, VRX_CHECK_QUERY, "query.id"},
        {NO_ANSWER, VRX_CHECK_OUTCOME, "answer.outcome: doses"},
        {NO_ENTRIES_OF_IT, VRX_CHECK_OUTCOME, "explanation.changed_at: after the deadline"},
        {ENTRY_CHANGED, VRX_CHECK_ENTRIES, NULL},
        {ENTRY_MOVED, VRX_CHECK_ENTRIES, NULL},
        {PROOF_CUT, VRX_CHECK_ENTRIES, "proven_entry.proof: hashes of 32 bytes"},
        {CHECKPOINT_OF_ANOTHER, VRX_CHECK_CHECKPOINT, NULL},
        {QUERY_CHANGED, VRX_CHECK_QUERY, NULL},
        {ANSWER_CHANGED, VRX_CHECK_ANSWER, "RFC 9052 §4.4: the signature does not verify"},
        {ANSWER_IS_THE_QUERY, VRX_CHECK_ANSWER, NULL},
        {DIRECTORY_CHANGED, VRX_CHECK_DIRECTORY, NULL},
        {PERMITS_CHANGED, VRX_CHECK_PERMITS, NULL},
        {RECEIPT_IS_THE_ANSWER, VRX_CHECK_RECEIPTS, NULL},
        {CONSENT_OF_ANOTHER, VRX_CHECK_CONSENTS, "consent.id"},
        {MADE_BEFORE_THE_KEY, VRX_CHECK_EXPLANATION, NULL},
    };
    SHOWN(sapporo);
    ask(world, WORLD_TARO); /* another consent of Kashiwa's */
    explain(world, WORLD_KASHIWA, &sapporo);
    struct vrx_buffer consent VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&consent, sapporo.explained.query.consent));
    wider = (struct vrx_later_consent){vrx_buffer_view(&consent), world->now};
    world->now += 10;
    ask(world, WORLD_HANAKO);
    answer(world);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        explain(world, WORLD_SAPPORO, &sapporo);
        assert_int_equal(vrx_explained_broken(&sapporo.explained), VRX_CHECKS);
        struct vrx_explanation explanation = sapporo.explained.explanation;
        change(&sapporo, &explanation, cases[i].what);
        resign(world, WORLD_SAPPORO, &sapporo, &explanation);
        read_again(world, &sapporo);
        enum vrx_check broken = vrx_explained_broken(&sapporo.explained);
        if (broken != cases[i].check)
            fail_msg("case %zu: %s is broken, expected %s", i,
                broken == VRX_CHECKS ? "nothing" : vrx_check_name(broken),
                vrx_check_name(cases[i].check));
        if (cases[i].clause)
            assert_string_equal(sapporo.explained.check[broken].why.clause, cases[i].clause);
    }
    /* A table that is not there is not shown; it breaks nothing and proves nothing. */
    explain(world, WORLD_SAPPORO, &sapporo);
    struct vrx_explanation explanation = sapporo.explained.explanation;
    change(&sapporo, &explanation, PERMITS_OF_NOBODY);
    resign(world, WORLD_SAPPORO, &sapporo, &explanation);
    read_again(world, &sapporo);
    assert_checks(&sapporo, "PPnPPnnPPP PPnnnPPPP n");
}

/* What both municipalities signed cannot be true: the origin's answer, the destination's receipt.
 */
static void test_what_contradicts_itself(void **state) {
    struct exchange_world *world = *state;
    SHOWN(kashiwa);
    SHOWN(sapporo);
    struct vrx_answer impossible;
    struct vrx_dose_item doses[2];
    ask(world, WORLD_HANAKO);
    answer(world);
    take(world);
    exchange_receipts(world);
    for (unsigned i = 0; i < 2; i++) {
        explain(world, WORLD_KASHIWA, &kashiwa);
        struct vrx_explanation explanation = kashiwa.explained.explanation;
        exchange_world_answer(world, &impossible, doses);
        if (i == 0)
            impossible.reason = VRX_CONSENT_REVOKED;
        else
            impossible.answered_at = explanation.deadline + 1;
        exchange_world_seal(world, &impossible, WORLD_SAPPORO, WORLD_KASHIWA);
        explanation.answer = vrx_buffer_view(&world->signed_answer);
        resign(world, WORLD_KASHIWA, &kashiwa, &explanation);
        read_again(world, &kashiwa);
        assert_int_equal(vrx_explained_broken(&kashiwa.explained), VRX_CHECK_ANSWER);
        assert_string_equal(kashiwa.explained.check[VRX_CHECK_ANSWER].why.clause,
            i == 0 ? "answer.reason: with a denial, and with it alone"
                   : "answer.answered_at: not after query.deadline");
    }
    static const char *const clauses[] = {"receipt.permit_id", "receipt.permit_table_digest"};
    for (unsigned i = 0; i < 2; i++) {
        const struct vrx_tenant_keys *keys = world->base.town[WORLD_KASHIWA].keys;
        struct vrx_buffer other VRX_CLEANUP(vrx_buffer_done) = {0};
        explain(world, WORLD_SAPPORO, &sapporo);
        struct vrx_receipt receipt = sapporo.explained.receipts[0];
        struct vrx_explanation explanation = sapporo.explained.explanation;
        if (i == 0)
            receipt.transfer->permit_id = vrx_view_text("another");
        else
            receipt.transfer->permit_table_digest[0] ^= 1;
        assert_ok(vrx_object_sign(&vrx_receipt_schema, &receipt, keys->signing,
            vrx_view_of(keys->signing_kid, VRX_KID), &other));
        one_more[0] = vrx_buffer_view(&other);
        explanation.receipts = one_more;
        resign(world, WORLD_SAPPORO, &sapporo, &explanation);
        read_again(world, &sapporo);
        assert_int_equal(vrx_explained_broken(&sapporo.explained), VRX_CHECK_RECEIPTS);
        assert_string_equal(sapporo.explained.check[VRX_CHECK_RECEIPTS].why.clause, clauses[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXPLAIN_TEST(test_doses),
        EXPLAIN_TEST(test_nobody_and_somebody_protected),
        EXPLAIN_TEST(test_released_by_two),
        EXPLAIN_TEST(test_denied),
        EXPLAIN_TEST(test_every_refusal),
        EXPLAIN_TEST(test_revoked_before_it_was_sent),
        EXPLAIN_TEST(test_revoked_afterwards),
        EXPLAIN_TEST(test_revoked_in_the_same_second),
        EXPLAIN_TEST(test_expired),
        EXPLAIN_TEST(test_the_law_has_gone_on),
        EXPLAIN_TEST(test_what_was_not_kept),
        EXPLAIN_TEST(test_no_such_transfer),
        EXPLAIN_TEST(test_no_byte_can_be_changed),
        EXPLAIN_TEST(test_what_contradicts_itself),
        EXPLAIN_TEST(test_another_authority),
        EXPLAIN_TEST(test_a_municipality_cannot_change_its_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
