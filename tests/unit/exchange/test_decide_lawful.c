/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 2 to 5 at the origin, asked by a destination that does not check what it sends: each
 * refusal comes back signed and sealed, with its reason and its clause, and is kept.
 */
#include "rules/timely.h"
#include "support/exchange_world.h"

/* step 2: fresh */

static void deadline_passed(struct exchange_world *world) {
    world->query.deadline = world->now - 1;
}
static void asked_in_future(struct exchange_world *world) {
    world->query.asked_at = world->now + 301;
}
/* Permit, consent and identity check are those of the query's instant, so it may not be any. */
static void asked_long_ago(struct exchange_world *world) {
    world->query.asked_at = world->now - VRX_LIMIT_QUERY_SECONDS - 1;
    world->query.deadline = world->now + 1;
    world->consent.given_at = world->evidence.checked_at = world->query.asked_at - 3600;
}
static void open_for_too_long(struct exchange_world *world) {
    world->query.deadline = world->query.asked_at + VRX_LIMIT_QUERY_SECONDS + 1;
}

/* step 3: permit */

static void permit_unknown(struct exchange_world *world) {
    world->query.permit_id = vrx_view_text("mover-2019");
}
static void permit_ended(struct exchange_world *world) {
    world->base.permit.in_force_until = world->query.asked_at - 1;
    daemon_world_sign_law(&world->base);
}
static void permit_not_begun(struct exchange_world *world) {
    world->base.permit.in_force_from = world->query.asked_at + 1;
    daemon_world_sign_law(&world->base);
}
static void permit_for_other_askers(struct exchange_world *world) {
    world->base.permit.askers = &world->base.town[WORLD_KOFU].code;
    world->base.permit.asker_count = 1;
    daemon_world_sign_law(&world->base);
}
static void permit_to_ask_others(struct exchange_world *world) {
    world->base.permit.asked = &world->base.town[WORLD_KOFU].code;
    world->base.permit.asked_count = 1;
    daemon_world_sign_law(&world->base);
}
static void other_purpose(struct exchange_world *world) {
    world->query.purpose = VRX_PURPOSE_CERTIFICATE;
}
static void table_expired(struct exchange_world *world) {
    world->base.permits.expires = world->now - 1;
    daemon_world_sign_law(&world->base);
}
static void items_beyond_permit(struct exchange_world *world) {
    static const uint64_t items[] = {VRX_ITEM_DOSE, VRX_ITEM_TICKET};
    exchange_world_items(world, items, 2);
}
static void items_without_the_dose(struct exchange_world *world) {
    static const uint64_t items[] = {VRX_ITEM_LOT, VRX_ITEM_VENUE};
    exchange_world_items(world, items, 2);
}

/* step 4: consent */

static void no_consent(struct exchange_world *world) {
    world->with_consent = false;
}
static void consent_withdrawn(struct exchange_world *world) {
    world->consent.status = VRX_CONSENT_WITHDRAWN;
}
static void consent_ended(struct exchange_world *world) {
    world->consent.expires_at = world->query.asked_at - 1;
}
static void consent_later(struct exchange_world *world) {
    world->consent.given_at = world->query.asked_at + 1;
}
static void consent_for_too_long(struct exchange_world *world) {
    world->consent.expires_at = world->consent.given_at + VRX_LIMIT_CONSENT_SECONDS + 1;
}
static void consent_since_before_it_was_given(struct exchange_world *world) {
    world->consent.status_since = world->consent.given_at - 1;
}
static void consent_of_the_future(struct exchange_world *world) {
    world->consent.status_since = world->query.asked_at + VRX_CLOCK_WRONG + 1;
}
static void consent_of_fewer_items(struct exchange_world *world) {
    world->consent.item_count = 1;
}
static void consent_for_another_origin(struct exchange_world *world) {
    world->consent_origin = world->base.town[WORLD_KOFU].code;
}
static void consent_for_another_destination(struct exchange_world *world) {
    world->consent.destination = world->base.town[WORLD_KOFU].code;
}
static void consent_for_another_purpose(struct exchange_world *world) {
    world->consent.purpose = VRX_PURPOSE_CERTIFICATE;
}
static void consent_of_another_person(struct exchange_world *world) {
    world->consent.subject[31] ^= 1;
}
/* The destination's keys change before what they come to: what lies before it was not theirs. */
static void consent_older_than_its_key(struct exchange_world *world) {
    world->base.town[WORLD_KASHIWA].signing_key.from = world->consent.status_since + 1;
    daemon_world_sign_law(&world->base);
}

static void evidence_older_than_its_key(struct exchange_world *world) {
    world->base.town[WORLD_KASHIWA].signing_key.from = world->evidence.checked_at + 1;
    daemon_world_sign_law(&world->base);
}

/* step 5: identity check */

static void no_evidence(struct exchange_world *world) {
    world->with_evidence = false;
}
static void evidence_too_old(struct exchange_world *world) {
    world->evidence.checked_at = world->query.asked_at - 30 * WORLD_DAY - 1;
}
static void evidence_in_future(struct exchange_world *world) {
    world->evidence.checked_at = world->query.asked_at + 61;
}
static void evidence_by_another_method(struct exchange_world *world) {
    world->evidence.method = VRX_IDENTITY_TWO_DOCUMENTS;
}
static void evidence_without_documents(struct exchange_world *world) {
    world->evidence.document_count = 0;
}
static void evidence_of_another_person(struct exchange_world *world) {
    world->evidence.subject[0] ^= 1;
}
static void evidence_for_another_purpose(struct exchange_world *world) {
    world->evidence.purpose = VRX_PURPOSE_CERTIFICATE;
}
static void evidence_of_another_municipality(struct exchange_world *world) {
    world->evidence.municipality = world->base.town[WORLD_KOFU].code;
}
/* Both objects are right for Hanako; the number asked with them is Taro's. */
static void number_of_another_person(struct exchange_world *world) {
    world->query.individual_number = vrx_view_text(world->person[WORLD_TARO].number);
}

static const struct {
    void (*change)(struct exchange_world *world);
    enum vrx_reason reason;
    const char *clause;
} rows[] = {
    {deadline_passed, VRX_QUERY_EXPIRED, "query.deadline"},
    {asked_in_future, VRX_QUERY_EXPIRED, "query.asked_at"},
    {asked_long_ago, VRX_QUERY_EXPIRED, "query.deadline"},
    {open_for_too_long, VRX_QUERY_EXPIRED, "query.deadline"},
    {permit_unknown, VRX_PERMIT_NOT_IN_FORCE, "permit.id"},
    {permit_ended, VRX_PERMIT_NOT_IN_FORCE, "permit.in_force_until"},
    {permit_not_begun, VRX_PERMIT_NOT_IN_FORCE, "permit.in_force_from"},
    {permit_for_other_askers, VRX_PERMIT_NOT_IN_FORCE, "permit.askers"},
    {permit_to_ask_others, VRX_PERMIT_NOT_IN_FORCE, "permit.asked"},
    {other_purpose, VRX_PERMIT_NOT_IN_FORCE, "permit.purpose"},
    {table_expired, VRX_PERMIT_NOT_IN_FORCE, "permit_table.expires"},
    {items_beyond_permit, VRX_PERMIT_ITEMS, "permit.items"},
    {items_without_the_dose, VRX_PERMIT_ITEMS, "query.items"},
    {no_consent, VRX_CONSENT_MISSING, "permit: consent of the person is required"},
    {consent_withdrawn, VRX_CONSENT_REVOKED, "consent.status"},
    {consent_ended, VRX_CONSENT_EXPIRED, "consent.expires_at"},
    {consent_later, VRX_CONSENT_EXPIRED, "consent.given_at"},
    {consent_for_too_long, VRX_CONSENT_EXPIRED, "consent.expires_at: at most"},
    {consent_since_before_it_was_given, VRX_CONSENT_EXPIRED, "consent.status_since: not before"},
    {consent_of_the_future, VRX_CONSENT_EXPIRED, "consent.status_since: not in the future"},
    {consent_of_fewer_items, VRX_CONSENT_SCOPE, "consent.items"},
    {consent_for_another_origin, VRX_CONSENT_SCOPE, "consent.origins"},
    {consent_for_another_destination, VRX_CONSENT_SCOPE, "consent.destination"},
    {consent_for_another_purpose, VRX_CONSENT_SCOPE, "consent.purpose"},
    {consent_of_another_person, VRX_CONSENT_SCOPE, "consent.subject"},
    {consent_older_than_its_key, VRX_KEY_NOT_IN_FORCE, "consent.status_since"},
    {no_evidence, VRX_EVIDENCE_MISSING, "Number Act art. 16"},
    {evidence_too_old, VRX_EVIDENCE_STALE, "identity_evidence.checked_at"},
    {evidence_in_future, VRX_EVIDENCE_STALE, "identity_evidence.checked_at"},
    {evidence_by_another_method, VRX_EVIDENCE_METHOD, "permit: accepted methods"},
    {evidence_without_documents, VRX_EVIDENCE_METHOD, "identity_evidence.documents"},
    {evidence_of_another_person, VRX_EVIDENCE_SUBJECT, "Number Act art. 16"},
    {evidence_for_another_purpose, VRX_EVIDENCE_SUBJECT, "Number Act art. 16"},
    {evidence_of_another_municipality, VRX_EVIDENCE_SUBJECT, "Number Act art. 16"},
    {evidence_older_than_its_key, VRX_KEY_NOT_IN_FORCE, "identity_evidence.checked_at"},
    {number_of_another_person, VRX_CONSENT_SCOPE, "consent.subject"},
};

static bool begins_with(struct vrx_view text, const char *start) {
    size_t len = strlen(start);
    return text.len >= len && memcmp(text.ptr, start, len) == 0;
}

static struct vrx_transfer_in kept(struct exchange_world *world) {
    struct vrx_transfer_in transfer;
    assert_ok(vrx_transfer_in_get(world->tenant[WORLD_SAPPORO], &world->context.arena,
        &world->query.asker, world->query.id, &transfer));
    return transfer;
}

static void check_denied(
    struct exchange_world *world, size_t row, enum vrx_reason reason, const char *clause) {
    if (world->answer.outcome != VRX_ANSWER_DENIED || world->answer.reason != (uint64_t)reason ||
        !begins_with(world->answer.clause, clause))
        fail_msg("row %zu: %s (%.*s) instead of %s (%s)", row,
            vrx_reason_name(vrx_reason_from_value((unsigned)world->answer.reason)),
            (int)world->answer.clause.len, (const char *)world->answer.clause.ptr,
            vrx_reason_name(reason), clause);
    assert_int_equal(world->answer.dose_count, 0);
    assert_reason(world->decision, reason);
    assert_false(world->context.audit.about_person);
    struct vrx_transfer_in transfer = kept(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_DENIED);
    assert_int_equal(transfer.reason, reason);
    assert_int_equal(transfer.resident, 0);
    assert_true(vrx_view_equal(transfer.answer, vrx_buffer_view(&world->reply)));
}

static void test_each_refusal_is_answered_with_reason_and_clause(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *own = NULL;
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        rows[i].change(world);
        struct vrx_result result = exchange_world_ask(world);
        if (!vrx_is_ok(result))
            fail_msg("row %zu: no answer, %s", i, vrx_reason_name(result.reason));
        check_denied(world, i, rows[i].reason, rows[i].clause);
        exchange_world_teardown(&own);
    }
}

/* The instants that bound each rule belong to it. */
static void test_the_last_moment_is_still_good(void **state) {
    struct exchange_world *world = *state;
    world->query.asked_at = world->now - 600;
    world->query.deadline = world->now;
    world->consent.given_at = world->consent.status_since = world->query.asked_at;
    world->consent.expires_at = world->query.asked_at;
    world->evidence.checked_at = world->query.asked_at - 30 * WORLD_DAY;
    world->base.permit.in_force_from = world->base.permit.in_force_until = world->query.asked_at;
    world->base.permits.expires = world->now;
    world->base.entry[WORLD_KASHIWA].valid_until = world->now;
    daemon_world_sign_law(&world->base);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    exchange_world_renew(world);
    world->query.asked_at = world->now + 300;
    world->query.deadline = world->query.asked_at + VRX_LIMIT_QUERY_SECONDS;
    world->consent.expires_at = world->query.asked_at;
    world->evidence.checked_at = world->query.asked_at + 60;
    world->base.permit.in_force_until = world->query.asked_at;
    daemon_world_sign_law(&world->base);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
}

/* What is lawful is dated data: a permit may need neither. */
static void test_a_permit_may_need_no_consent_and_no_check(void **state) {
    struct exchange_world *world = *state;
    world->with_consent = world->with_evidence = false;
    world->base.permit.consent_required = false;
    world->base.permit.method_count = 0;
    daemon_world_sign_law(&world->base);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
}

static void test_the_answer_names_the_law_it_was_made_by(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    const struct vrx_law *law = vrx_law_hold(world->base.daemon->law);
    assert_memory_equal(world->answer.permit_table_digest, law->permits_digest, VRX_DIGEST);
    struct vrx_law_text kept;
    struct vrx_tenant *sapporo = world->tenant[WORLD_SAPPORO];
    struct vrx_arena *arena = &world->context.arena;
    assert_ok(vrx_law_text_get(sapporo, arena, world->answer.permit_table_digest, &kept));
    assert_true(vrx_view_equal(kept.text, law->signed_permits));
    assert_ok(vrx_law_text_at(sapporo, arena, VRX_LAW_DIRECTORY, world->now, &kept));
    assert_memory_equal(kept.digest, law->directory_digest, VRX_DIGEST);
    vrx_law_release(world->base.daemon->law, law);
    assert_true(vrx_view_equal(world->answer.permit_id, world->base.permit.id));
    assert_int_equal(world->answer.answered_at, world->now);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refusal_is_answered_with_reason_and_clause),
        EXCHANGE_TEST(test_the_last_moment_is_still_good),
        EXCHANGE_TEST(test_a_permit_may_need_no_consent_and_no_check),
        EXCHANGE_TEST(test_the_answer_names_the_law_it_was_made_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
