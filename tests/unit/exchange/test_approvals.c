/* SPDX-License-Identifier: Apache-2.0
 *
 * What leaves about a protected person: what two officers saw, when it is asked for again, and
 * nothing else. Officers act by the handlers of vrx.v1.Approvals.
 */
#include "exchange/approvals.h"

#include <stdio.h>

#include "exchange/overdue.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "records/record_dose.h"
#include "store/approval.h"
#include "store/foreign_consent.h"
#include "store/resident.h"
#include "support/exchange_world.h"
#include "vrx/v1/approvals.pb-c.h"

/* ---- officers ---- */

static struct vrx_result call(struct exchange_world *world, const char *officer, const char *path,
    const void *request, void *reply) {
    const struct vrx_method *method = NULL;
    for (size_t i = 0; i < VRX_APPROVALS_METHODS; i++)
        if (strstr(vrx_approvals_methods[i].path, path))
            method = &vrx_approvals_methods[i];
    assert_non_null(method);
    protobuf_c_message_init(method->reply, reply);
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    (void)snprintf(context->operator_id, sizeof context->operator_id, "%s", officer);
    (void)snprintf(context->terminal_id, sizeof context->terminal_id, "0011223344556677");
    exchange_world_begin(world, WORLD_SAPPORO);
    return exchange_world_end(world, WORLD_SAPPORO, method->handle(context, request, reply));
}

static Vrx__V1__ListApprovalsResponse list(struct exchange_world *world, bool all) {
    Vrx__V1__ListApprovalsRequest in = VRX__V1__LIST_APPROVALS_REQUEST__INIT;
    Vrx__V1__ListApprovalsResponse out;
    in.all = all;
    assert_ok(call(world, "sato", "/ListApprovals", &in, &out));
    return out;
}

struct one {
    uint8_t id[VRX_ID];
    uint8_t digest[VRX_DIGEST];
};

static ProtobufCBinaryData binary(uint8_t *bytes, size_t len) {
    return (ProtobufCBinaryData){len, bytes};
}

/* Fills in the digest, where there is one. The reply lives until the next step. */
static Vrx__V1__GetApprovalResponse look(struct exchange_world *world, struct one *one) {
    Vrx__V1__GetApprovalRequest in = VRX__V1__GET_APPROVAL_REQUEST__INIT;
    Vrx__V1__GetApprovalResponse out;
    in.approval = binary(one->id, VRX_ID);
    assert_ok(call(world, "sato", "/GetApproval", &in, &out));
    if (out.digest.len)
        memcpy(one->digest, out.digest.data, VRX_DIGEST);
    return out;
}

static struct vrx_result approve(
    struct exchange_world *world, const char *officer, struct one *one, unsigned *ret_state) {
    Vrx__V1__ApproveAnswerRequest in = VRX__V1__APPROVE_ANSWER_REQUEST__INIT;
    Vrx__V1__ApproveAnswerResponse out;
    in.approval = binary(one->id, VRX_ID);
    in.digest = binary(one->digest, VRX_DIGEST);
    VRX_TRY(call(world, officer, "/ApproveAnswer", &in, &out));
    if (ret_state)
        *ret_state = (unsigned)out.state;
    return vrx_ok();
}

static struct vrx_result refuse(
    struct exchange_world *world, const char *officer, struct one *one, const char *reason) {
    Vrx__V1__RefuseAnswerRequest in = VRX__V1__REFUSE_ANSWER_REQUEST__INIT;
    Vrx__V1__RefuseAnswerResponse out;
    in.approval = binary(one->id, VRX_ID);
    in.reason = (char *)(uintptr_t)reason;
    return call(world, officer, "/RefuseAnswer", &in, &out);
}

static void approve_by_two(struct exchange_world *world, struct one *one) {
    assert_ok(approve(world, "sato", one, NULL));
    assert_ok(approve(world, "suzuki", one, NULL));
}

/* ---- the asker ---- */

/* Asks about Taro, who is protected; the approval that waits now. */
static struct one ask(struct exchange_world *world) {
    struct one one = {0};
    exchange_world_about(world, WORLD_TARO);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_PENDING);
    Vrx__V1__ListApprovalsResponse out = list(world, false);
    assert_int_equal(out.n_approvals, 1);
    memcpy(one.id, out.approvals[0]->approval.data, VRX_ID);
    return one;
}

static uint64_t again(struct exchange_world *world) {
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    return world->answer.outcome;
}

/* ---- the record ---- */

static int64_t taro(const struct exchange_world *world) {
    return world->person[WORLD_TARO].resident[WORLD_SAPPORO];
}

static void add_dose(struct exchange_world *world) {
    struct vrx_dose recorded;
    struct vrx_dose dose = {
        .resident = taro(world),
        .item = {.administered_by = world->base.town[WORLD_SAPPORO].code,
            .administered_on = {2021, 8, 2},
            .product = 1,
            .dose_number = 2,
            .lot = vrx_view_text("EW4812")},
        .registered_at = world->now - 60,
        .provenance = {.source = VRX_DOSE_OWN},
    };
    exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(
        world, WORLD_SAPPORO, vrx_record_dose(&world->context, "test", "test", &dose, &recorded)));
}

/* ---- the ledger ---- */

struct looked_for {
    const char *method, *operator_id, *basis;
    const uint8_t *commitment;
    unsigned found;
};

static bool is_text(struct vrx_view view, const char *expected) {
    return !expected || vrx_view_equal(view, vrx_view_text(expected));
}

static struct vrx_result visit(void *context, uint64_t seq, struct vrx_view bytes) {
    struct looked_for *what = context;
    struct vrx_audit_entry entry;
    (void)seq;
    assert_ok(vrx_audit_entry_decode(bytes, &entry));
    what->found += is_text(entry.method, what->method) && entry.person.len &&
                   is_text(entry.operator_id, what->operator_id) &&
                   is_text(entry.basis, what->basis) &&
                   (!what->commitment ||
                       vrx_view_equal(entry.commitment, vrx_view_of(what->commitment, VRX_DIGEST)));
    return vrx_ok();
}

static unsigned entries(struct exchange_world *world, const char *method, const char *operator_id,
    const char *basis, const uint8_t *commitment) {
    struct looked_for what = {method, operator_id, basis, commitment, 0};
    assert_ok(vrx_ledger_each(
        vrx_tenant_ledger(world->tenant[WORLD_SAPPORO]), 0, UINT64_MAX, visit, &what));
    return what.found;
}

/* ---- tests ---- */

static void test_officers_see_what_would_leave(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    Vrx__V1__GetApprovalResponse out = look(world, &one);
    assert_string_equal(out.approval->to_municipality, "122173");
    assert_int_equal(out.approval->state, VRX__V1__APPROVAL_STATE__APPROVAL_STATE_WAITING);
    assert_int_equal(out.approval->opened_at, world->now);
    assert_int_equal(out.approval->closes_at, world->now + WORLD_PENDING_SECONDS);
    assert_string_equal(out.resident->name, "東　太郎");
    assert_string_equal(out.consent_form, "K-17");
    assert_int_equal(out.consent_given_at, world->consent.given_at);
    assert_int_equal(out.consent_expires_at, world->consent.expires_at);
    assert_int_equal(out.identity_checked_at, world->evidence.checked_at);
    assert_int_equal(out.n_items, 2);
    assert_int_equal(out.items[0], VRX__V1__DATA_ITEM__DATA_ITEM_DOSE);
    assert_int_equal(out.items[1], VRX__V1__DATA_ITEM__DATA_ITEM_LOT);
    assert_int_equal(out.n_doses, 1);
    assert_string_equal(out.doses[0]->administered_on, "2021-07-02");
    assert_string_equal(out.doses[0]->lot, "EW4811");
    assert_string_equal(out.doses[0]->venue, ""); /* not asked for */
    assert_string_equal(out.doses[0]->physician, "");
    assert_int_equal(out.digest.len, VRX_DIGEST);
    assert_string_equal(out.reason, "");
    assert_true(world->context.audit.about_person);
}

static void test_a_person_who_is_not_there_is_nothing_to_look_at(void **state) {
    struct exchange_world *world = *state;
    exchange_world_about(world, WORLD_UNKNOWN);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "approval"), 1);
    assert_int_equal(list(world, true).n_approvals, 0);
    exchange_world_renew(world);
    exchange_world_about(world, WORLD_TARO);
    world->query.birth_date.day++; /* somebody else, as far as anyone is told */
    assert_ok(exchange_world_ask(world));
    assert_int_equal(list(world, true).n_approvals, 0);
}

static void test_what_two_saw_leaves_when_it_is_asked_for_again(void **state) {
    struct exchange_world *world = *state;
    unsigned reached = 0;
    struct one one = ask(world);
    look(world, &one);
    assert_ok(approve(world, "sato", &one, &reached));
    assert_int_equal(reached, VRX_APPROVAL_SECOND);
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    assert_string_equal(look(world, &one).approval->first_by, "sato");
    assert_ok(approve(world, "suzuki", &one, &reached));
    assert_int_equal(reached, VRX_APPROVAL_APPROVED);
    world->now += 60;
    assert_int_equal(entries(world, "exchange/release", NULL, NULL, NULL), 0);
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.answered_at, world->now);
    assert_int_equal(world->answer.dose_count, 1);
    assert_true(vrx_view_equal(world->answer.doses[0].lot, vrx_view_text("EW4811")));
    assert_int_equal(world->answer.doses[0].venue.len, 0);
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&first, vrx_buffer_view(&world->reply)));
    world->now += WORLD_DAY;
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
    assert_true(vrx_view_equal(vrx_buffer_view(&world->reply), vrx_buffer_view(&first)));
    assert_int_equal(list(world, false).n_approvals, 0);
    Vrx__V1__ListApprovalsResponse all = list(world, true);
    assert_int_equal(all.n_approvals, 1);
    assert_string_equal(all.approvals[0]->first_by, "sato");
    assert_string_equal(all.approvals[0]->ended_by, "suzuki");
}

static void test_the_ledger_names_both_officers(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
    assert_int_equal(entries(world, "exchange/release", "sato", NULL, one.digest), 1);
    assert_int_equal(entries(world, "exchange/release", "suzuki", NULL, one.digest), 1);
    assert_int_equal(entries(world, "exchange/release", NULL, NULL, NULL), 2);
}

static void test_one_officer_is_not_two(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    assert_ok(approve(world, "sato", &one, NULL));
    assert_reason(approve(world, "sato", &one, NULL), VRX_SECOND_PERSON_SAME);
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    world->now += WORLD_PENDING_SECONDS;
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
}

static void test_nobody_agrees_to_what_they_did_not_see(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    one.digest[0] ^= 1;
    assert_reason(approve(world, "sato", &one, NULL), VRX_CONFLICT);
    assert_int_equal(look(world, &one).approval->state, VRX_APPROVAL_WAITING);
}

static void test_a_record_that_changed_asks_again(void **state) {
    struct exchange_world *world = *state;
    unsigned reached = 0;
    struct one one = ask(world);
    look(world, &one);
    struct one old = one;
    assert_ok(approve(world, "sato", &one, NULL));
    add_dose(world);
    assert_reason(approve(world, "suzuki", &old, NULL), VRX_CONFLICT);
    Vrx__V1__GetApprovalResponse out = look(world, &one);
    assert_int_equal(out.n_doses, 2);
    assert_int_equal(out.approval->state, VRX_APPROVAL_WAITING); /* Sato's counts no more */
    assert_string_equal(out.approval->first_by, "");
    assert_memory_not_equal(one.digest, old.digest, VRX_DIGEST);
    assert_ok(approve(world, "suzuki", &one, &reached));
    assert_int_equal(reached, VRX_APPROVAL_SECOND);
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    assert_ok(approve(world, "sato", &one, &reached));
    assert_int_equal(reached, VRX_APPROVAL_APPROVED);
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.dose_count, 2);
}

static void test_a_record_that_changed_after_both_asks_again(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    add_dose(world);
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    assert_int_equal(entries(world, "exchange/release", NULL, NULL, one.digest), 1); /* refused */
    assert_int_equal(list(world, false).n_approvals, 1);
    look(world, &one);
    approve_by_two(world, &one);
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.dose_count, 2);
}

static void test_a_record_that_changed_too_late_does_not_leave(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    add_dose(world);
    world->now += WORLD_PENDING_SECONDS;
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
    assert_int_equal(list(world, true).approvals[0]->state, VRX_APPROVAL_EXPIRED);
}

static void test_a_refusal_shows_at_the_closing_time_only(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&first, vrx_buffer_view(&world->reply)));
    assert_ok(refuse(world, "sato", &one, "order 14 of 2022-01-04"));
    assert_int_equal(entries(world, "exchange/refusal", "sato", "order 14 of 2022-01-04", NULL), 1);
    assert_reason(approve(world, "suzuki", &one, NULL), VRX_WRONG_STATE);
    world->now += WORLD_PENDING_SECONDS - 1;
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    vrx_arena_init(&arena, 0);
    struct vrx_transfer_in transfer;
    assert_ok(vrx_transfer_in_get(
        world->tenant[WORLD_SAPPORO], &arena, &world->query.asker, world->query.id, &transfer));
    assert_true(vrx_view_equal(transfer.answer, vrx_buffer_view(&first)));
    world->now++;
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
    assert_int_equal(world->answer.reason, VRX_OK);
    assert_int_equal(list(world, true).approvals[0]->state, VRX_APPROVAL_REFUSED);
}

static void test_a_refusal_says_why_to_the_ledger(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    char long_reason[VRX_LIMIT_BASIS + 2];
    memset(long_reason, 'x', sizeof long_reason);
    long_reason[VRX_LIMIT_BASIS + 1] = '\0';
    assert_reason(refuse(world, "sato", &one, ""), VRX_INPUT_FIELD_MISSING);
    assert_reason(refuse(world, "sato", &one, long_reason), VRX_INPUT_TOO_LARGE);
    assert_reason(refuse(world, "sato", &one, "a\nb"), VRX_INPUT_TEXT);
    assert_int_equal(look(world, &one).approval->state, VRX_APPROVAL_WAITING);
    one.id[0] ^= 1;
    assert_reason(refuse(world, "sato", &one, "none"), VRX_NOT_FOUND);
}

static void test_nobody_answers_once_it_is_closed(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    assert_ok(approve(world, "sato", &one, NULL));
    world->now += WORLD_PENDING_SECONDS;
    assert_reason(approve(world, "suzuki", &one, NULL), VRX_WRONG_STATE);
    assert_reason(refuse(world, "suzuki", &one, "late"), VRX_WRONG_STATE);
    assert_int_equal(look(world, &one).approval->state, VRX_APPROVAL_EXPIRED);
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
}

/* Who was down at the closing time is given what was approved before it. */
static void test_what_was_approved_in_time_leaves_later_too(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    world->now += WORLD_PENDING_SECONDS + WORLD_DAY;
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
}

/* The asker takes nothing that was answered after the deadline. */
static void test_what_was_approved_does_not_leave_after_the_deadline(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    world->now = world->query.deadline + 1;
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
}

static void test_it_closes_with_the_query(void **state) {
    struct exchange_world *world = *state;
    world->query.deadline = world->now + 60;
    struct one one = ask(world);
    assert_int_equal(look(world, &one).approval->closes_at, world->now + 60);
}

/* Days may lie between: what ended meanwhile stops it, for the officers and when it would leave. */
static void end_permit(struct exchange_world *world) {
    world->base.permit.in_force_until = world->now - 1;
    daemon_world_sign_law(&world->base);
}

static void test_a_permit_that_ended_stops_it(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    assert_ok(approve(world, "sato", &one, NULL));
    world->now += 60;
    end_permit(world);
    Vrx__V1__GetApprovalResponse out = look(world, &one);
    assert_string_equal(out.reason, "PERMIT_NOT_IN_FORCE");
    assert_int_equal(out.digest.len, 0);
    assert_int_equal(out.n_doses, 0);
    assert_reason(approve(world, "suzuki", &one, NULL), VRX_PERMIT_NOT_IN_FORCE);
}

static void test_a_permit_that_ended_after_both_stops_it(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    world->now += 60;
    end_permit(world);
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    world->now += WORLD_PENDING_SECONDS;
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
}

static void test_a_consent_that_ended_stops_it(void **state) {
    struct exchange_world *world = *state;
    world->consent.expires_at = world->now + 60;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    world->now += 61;
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    assert_string_equal(look(world, &one).reason, "CONSENT_EXPIRED");
    assert_reason(approve(world, "sato", &one, NULL), VRX_CONSENT_EXPIRED);
}

/* A notice says that the consent was revoked: nothing leaves, approved or not. */
static void test_a_consent_that_was_revoked_stops_it(void **state) {
    struct exchange_world *world = *state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer object = {0};
    const struct world_town *kashiwa = &world->base.town[WORLD_KASHIWA];
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    struct vrx_consent withdrawn = world->consent;
    withdrawn.status = VRX_CONSENT_WITHDRAWN;
    withdrawn.status_since = world->now;
    assert_ok(vrx_object_sign(&vrx_consent_schema, &withdrawn, kashiwa->keys->signing,
        vrx_view_of(kashiwa->keys->signing_kid, VRX_KID), &object));
    struct vrx_foreign_consent told = {
        .sender = kashiwa->code,
        .object = vrx_buffer_view(&object),
        .status = VRX_CONSENT_WITHDRAWN,
        .expires_at = withdrawn.expires_at,
        .told_at = world->now,
    };
    memcpy(told.id, withdrawn.id, VRX_ID);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(
        world, WORLD_SAPPORO, vrx_foreign_consent_put(world->tenant[WORLD_SAPPORO], &told)));
    assert_string_equal(look(world, &one).reason, "CONSENT_REVOKED");
    assert_int_equal(again(world), VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, VRX_CONSENT_REVOKED);
    assert_int_equal(world->answer.dose_count, 0);
    assert_reason(approve(world, "ito", &one, NULL), VRX_WRONG_STATE);
}

static void end_overdue(struct exchange_world *world, unsigned expected) {
    bool more = true;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    const unsigned before = entries(world, "exchange/end", NULL, NULL, NULL);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, vrx_exchange_end_overdue(context, &more)));
    assert_false(more);
    assert_int_equal(entries(world, "exchange/end", NULL, NULL, NULL) - before, expected);
}

static enum vrx_transfer_state state_of(struct exchange_world *world) {
    struct vrx_transfer_in transfer;
    assert_ok(vrx_transfer_in_get(world->tenant[WORLD_SAPPORO], &world->context.arena,
        &world->query.asker, world->query.id, &transfer));
    return transfer.state;
}

/* Whoever asked never came again: the query ends at its deadline, approved or not. */
static void test_what_nobody_asks_for_again_ends(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    look(world, &one);
    approve_by_two(world, &one);
    world->now = world->query.deadline;
    end_overdue(world, 0);
    assert_int_equal(state_of(world), VRX_TRANSFER_PENDING);
    world->now++;
    end_overdue(world, 1);
    assert_int_equal(state_of(world), VRX_TRANSFER_EXPIRED);
    end_overdue(world, 0);
    assert_int_equal(again(world), VRX_ANSWER_PENDING); /* what was stored last; and nothing else */
    assert_int_equal(state_of(world), VRX_TRANSFER_EXPIRED);
    assert_reason(approve(world, "ito", &one, NULL), VRX_WRONG_STATE);
}

static void test_what_was_answered_does_not_end_again(void **state) {
    struct exchange_world *world = *state;
    ask(world);
    world->now += WORLD_PENDING_SECONDS;
    assert_int_equal(again(world), VRX_ANSWER_NO_RECORD);
    world->now = world->query.deadline + 1;
    end_overdue(world, 0);
    assert_int_equal(state_of(world), VRX_TRANSFER_NO_RECORD);
}

/* Taking the protection away answers nothing that pends; two officers still can. */
static void test_protection_taken_away_is_no_approval(void **state) {
    struct exchange_world *world = *state;
    struct one one = ask(world);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO,
        vrx_resident_set_protection(
            world->tenant[WORLD_SAPPORO], taro(world), false, false, world->now)));
    assert_int_equal(again(world), VRX_ANSWER_PENDING);
    look(world, &one);
    approve_by_two(world, &one);
    assert_int_equal(again(world), VRX_ANSWER_DOSES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_officers_see_what_would_leave),
        EXCHANGE_TEST(test_a_person_who_is_not_there_is_nothing_to_look_at),
        EXCHANGE_TEST(test_what_two_saw_leaves_when_it_is_asked_for_again),
        EXCHANGE_TEST(test_the_ledger_names_both_officers),
        EXCHANGE_TEST(test_one_officer_is_not_two),
        EXCHANGE_TEST(test_nobody_agrees_to_what_they_did_not_see),
        EXCHANGE_TEST(test_a_record_that_changed_asks_again),
        EXCHANGE_TEST(test_a_record_that_changed_after_both_asks_again),
        EXCHANGE_TEST(test_a_record_that_changed_too_late_does_not_leave),
        EXCHANGE_TEST(test_a_refusal_shows_at_the_closing_time_only),
        EXCHANGE_TEST(test_a_refusal_says_why_to_the_ledger),
        EXCHANGE_TEST(test_nobody_answers_once_it_is_closed),
        EXCHANGE_TEST(test_what_was_approved_in_time_leaves_later_too),
        EXCHANGE_TEST(test_what_was_approved_does_not_leave_after_the_deadline),
        EXCHANGE_TEST(test_it_closes_with_the_query),
        EXCHANGE_TEST(test_a_permit_that_ended_stops_it),
        EXCHANGE_TEST(test_a_permit_that_ended_after_both_stops_it),
        EXCHANGE_TEST(test_a_consent_that_ended_stops_it),
        EXCHANGE_TEST(test_a_consent_that_was_revoked_stops_it),
        EXCHANGE_TEST(test_what_nobody_asks_for_again_ends),
        EXCHANGE_TEST(test_what_was_answered_does_not_end_again),
        EXCHANGE_TEST(test_protection_taken_away_is_no_approval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
