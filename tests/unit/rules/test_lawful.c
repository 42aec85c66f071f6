/* SPDX-License-Identifier: Apache-2.0
 *
 * The law of a query, one condition broken at a time: each refusal has its own reason, and the
 * order of the checks decides which one is told when several are broken.
 */
#include "rules/lawful.h"
#include "rules/timely.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW 1700000000
#define DAY 86400

struct world {
    struct vrx_municipality_code kashiwa, sapporo, kofu;
    uint64_t items[2];
    uint64_t asked_items[2];
    uint64_t methods[1];
    struct vrx_permit permit;
    struct vrx_consent consent;
    struct vrx_identity_evidence evidence;
    struct vrx_document_seen document;
    uint8_t subject[VRX_DIGEST];
    struct vrx_lawful_query query;
};

/* A query to which nothing can be objected. */
static void lawful_world(struct world *world) {
    *world = (struct world){
        .kashiwa = {"122173"},
        .sapporo = {"011002"},
        .kofu = {"192015"},
        .items = {VRX_ITEM_DOSE, VRX_ITEM_LOT},
        .asked_items = {VRX_ITEM_DOSE, VRX_ITEM_LOT},
        .methods = {VRX_IDENTITY_CARD_SEEN},
        .subject = {1, 2, 3},
    };
    world->permit = (struct vrx_permit){
        .id = vrx_view_text("mover"),
        .purpose = VRX_PURPOSE_MOVER,
        .items = world->items,
        .item_count = 2,
        .consent_required = true,
        .methods = world->methods,
        .method_count = 1,
        .evidence_seconds = 30 * DAY,
        .in_force_from = NOW - 100 * DAY,
        .in_force_until = NOW + 100 * DAY,
    };
    world->consent = (struct vrx_consent){
        .destination = world->kashiwa,
        .purpose = VRX_PURPOSE_MOVER,
        .origins = &world->sapporo,
        .origin_count = 1,
        .items = world->items,
        .item_count = 2,
        .given_at = NOW - DAY,
        .expires_at = NOW + DAY,
        .revocable = true,
        .status = VRX_CONSENT_GRANTED,
        .status_since = NOW - DAY,
    };
    memcpy(world->consent.subject, world->subject, VRX_DIGEST);
    world->evidence = (struct vrx_identity_evidence){
        .municipality = world->kashiwa,
        .method = VRX_IDENTITY_CARD_SEEN,
        .documents = &world->document,
        .document_count = 1,
        .checked_at = NOW - DAY,
        .purpose = VRX_PURPOSE_MOVER,
    };
    memcpy(world->evidence.subject, world->subject, VRX_DIGEST);
    world->query = (struct vrx_lawful_query){
        .purpose = VRX_PURPOSE_MOVER,
        .asker = &world->kashiwa,
        .asked = &world->sapporo,
        .items = world->asked_items,
        .item_count = 2,
        .subject = world->subject,
        .consent = &world->consent,
        .evidence = &world->evidence,
        .asked_at = NOW,
    };
}

static void permit_ended(struct world *w) {
    w->permit.in_force_until = NOW - 1;
}
static void permit_not_begun(struct world *w) {
    w->permit.in_force_from = NOW + 1;
}
static void permit_of_others(struct world *w) {
    w->permit.askers = &w->kofu;
    w->permit.asker_count = 1;
}
static void permit_to_others(struct world *w) {
    w->permit.asked = &w->kofu;
    w->permit.asked_count = 1;
}
static void permit_without_lot(struct world *w) {
    w->permit.item_count = 1;
}
static void no_consent(struct world *w) {
    w->query.consent = NULL;
}
static void consent_withdrawn(struct world *w) {
    w->consent.status = VRX_CONSENT_WITHDRAWN;
}
static void consent_ended(struct world *w) {
    w->consent.expires_at = NOW - 1;
}
static void consent_later(struct world *w) {
    w->consent.given_at = NOW + 1;
}
static void consent_for_too_long(struct world *w) {
    w->consent.expires_at = w->consent.given_at + VRX_LIMIT_CONSENT_SECONDS + 1;
}
static void consent_since_before_it_was_given(struct world *w) {
    w->consent.status_since = w->consent.given_at - 1;
}
static void consent_of_the_future(struct world *w) {
    w->consent.status_since = NOW + VRX_CLOCK_WRONG + 1;
}
static void consent_other_origin(struct world *w) {
    w->consent.origins = &w->kofu;
}
static void consent_other_destination(struct world *w) {
    w->consent.destination = w->kofu;
}
static void consent_other_person(struct world *w) {
    w->consent.subject[0] ^= 1;
}
static void consent_other_purpose(struct world *w) {
    w->consent.purpose = VRX_PURPOSE_CERTIFICATE;
}
static void consent_without_lot(struct world *w) {
    w->consent.item_count = 1;
}
static void no_evidence(struct world *w) {
    w->query.evidence = NULL;
}
static void evidence_other_method(struct world *w) {
    w->evidence.method = VRX_IDENTITY_PROXY;
}
static void evidence_without_documents(struct world *w) {
    w->evidence.document_count = 0;
}
static void evidence_old(struct world *w) {
    w->evidence.checked_at = NOW - 31 * DAY;
}
static void evidence_future(struct world *w) {
    w->evidence.checked_at = NOW + DAY;
}
static void evidence_other_person(struct world *w) {
    w->evidence.subject[0] ^= 1;
}
static void evidence_other_purpose(struct world *w) {
    w->evidence.purpose = VRX_PURPOSE_CERTIFICATE;
}
static void evidence_of_others(struct world *w) {
    w->evidence.municipality = w->kofu;
}

static const struct {
    void (*break_it)(struct world *world);
    enum vrx_reason reason;
} rows[] = {
    /* in the order of the decision: an earlier row wins over every later one */
    {permit_ended, VRX_PERMIT_NOT_IN_FORCE},
    {permit_not_begun, VRX_PERMIT_NOT_IN_FORCE},
    {permit_of_others, VRX_PERMIT_NOT_IN_FORCE},
    {permit_to_others, VRX_PERMIT_NOT_IN_FORCE},
    {permit_without_lot, VRX_PERMIT_ITEMS},
    {no_consent, VRX_CONSENT_MISSING},
    {consent_withdrawn, VRX_CONSENT_REVOKED},
    {consent_ended, VRX_CONSENT_EXPIRED},
    {consent_later, VRX_CONSENT_EXPIRED},
    {consent_for_too_long, VRX_CONSENT_EXPIRED},
    {consent_since_before_it_was_given, VRX_CONSENT_EXPIRED},
    {consent_of_the_future, VRX_CONSENT_EXPIRED},
    {consent_other_origin, VRX_CONSENT_SCOPE},
    {consent_other_destination, VRX_CONSENT_SCOPE},
    {consent_other_person, VRX_CONSENT_SCOPE},
    {consent_other_purpose, VRX_CONSENT_SCOPE},
    {consent_without_lot, VRX_CONSENT_SCOPE},
    {no_evidence, VRX_EVIDENCE_MISSING},
    {evidence_other_method, VRX_EVIDENCE_METHOD},
    {evidence_without_documents, VRX_EVIDENCE_METHOD},
    {evidence_old, VRX_EVIDENCE_STALE},
    {evidence_future, VRX_EVIDENCE_STALE},
    {evidence_other_person, VRX_EVIDENCE_SUBJECT},
    {evidence_other_purpose, VRX_EVIDENCE_SUBJECT},
    {evidence_of_others, VRX_EVIDENCE_SUBJECT},
};

#define ROWS (sizeof rows / sizeof rows[0])

static void test_a_lawful_query_is_lawful(void **state) {
    (void)state;
    struct world world;
    lawful_world(&world);
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_OK);
}

static void test_each_condition_has_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct world world;
        lawful_world(&world);
        rows[i].break_it(&world);
        struct vrx_result result = vrx_lawful_check(&world.permit, &world.query);
        if (result.reason != rows[i].reason)
            fail_msg("row %zu: %s instead of %s", i, vrx_reason_name(result.reason),
                vrx_reason_name(rows[i].reason));
        assert_non_null(result.clause);
    }
}

static void test_the_first_condition_of_two_is_told(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = i + 1; j < ROWS; j++) {
            struct world world;
            lawful_world(&world);
            rows[i].break_it(&world);
            rows[j].break_it(&world);
            enum vrx_reason reason = vrx_lawful_check(&world.permit, &world.query).reason;
            /* A later row may undo what an earlier one broke, by taking the object away. */
            if (reason != rows[i].reason && reason != rows[j].reason)
                fail_msg("rows %zu and %zu: %s", i, j, vrx_reason_name(reason));
            if (rows[i].reason == VRX_PERMIT_NOT_IN_FORCE)
                assert_int_equal(reason, VRX_PERMIT_NOT_IN_FORCE);
        }
}

static void test_a_permit_without_consent_needs_none(void **state) {
    (void)state;
    struct world world;
    lawful_world(&world);
    world.permit.consent_required = false;
    world.query.consent = NULL;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_OK);
    world.query.evidence = NULL;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_EVIDENCE_MISSING);
    world.permit.method_count = 0;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_OK);
}

/* What was told of a consent since counts beside it. */
static void test_a_consent_covers_as_it_was_and_as_it_is(void **state) {
    (void)state;
    struct world world;
    struct vrx_consent told;
    lawful_world(&world);
    told = world.consent;
    world.query.told = &told;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_OK);
    told.item_count = 1;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_CONSENT_SCOPE);
    world.query.item_count = 1;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_OK);
    told.expires_at = NOW - 1;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_CONSENT_EXPIRED);
    told.status = VRX_CONSENT_WITHDRAWN;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_CONSENT_REVOKED);
}

/* Who said no has been asked: no permit needs less than that. */
static void test_a_withdrawn_consent_stops_what_needs_none(void **state) {
    (void)state;
    struct world world;
    struct vrx_consent told;
    lawful_world(&world);
    told = world.consent;
    world.permit.consent_required = false;
    world.consent.expires_at = NOW - 1;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_OK);
    world.query.told = &told;
    told.status = VRX_CONSENT_WITHDRAWN;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_CONSENT_REVOKED);
    world.query.told = NULL;
    world.consent.status = VRX_CONSENT_WITHDRAWN;
    assert_int_equal(vrx_lawful_check(&world.permit, &world.query).reason, VRX_CONSENT_REVOKED);
}

/* Three permits: with consent and without the lot, with consent, without. */
struct permits {
    struct world world;
    struct vrx_permit list[3];
    struct vrx_permit_table table;
    const struct vrx_permit *found;
};

static void three_permits(struct permits *permits) {
    *permits = (struct permits){.table = {.expires = NOW + DAY, .permit_count = 3}};
    lawful_world(&permits->world);
    permits->table.permits = permits->list;
    for (size_t i = 0; i < 3; i++)
        permits->list[i] = permits->world.permit;
    permits->list[0].item_count = 1;
    permits->list[2].consent_required = false;
}

static enum vrx_reason find(struct permits *permits) {
    permits->found = NULL;
    return vrx_lawful_find(&permits->table, &permits->world.query, &permits->found).reason;
}

static void test_a_consent_is_asked_under_a_permit_that_requires_it(void **state) {
    (void)state;
    struct permits permits;
    three_permits(&permits);
    assert_int_equal(find(&permits), VRX_OK);
    assert_ptr_equal(permits.found, &permits.list[1]);
    permits.list[1].in_force_until = NOW - 1;
    assert_int_equal(find(&permits), VRX_PERMIT_ITEMS);
    permits.list[0].in_force_until = NOW - 1; /* only the one without is left */
    assert_int_equal(find(&permits), VRX_OK);
    assert_ptr_equal(permits.found, &permits.list[2]);
}

static void test_nobody_whose_consent_does_not_hold_is_asked_for_without(void **state) {
    (void)state;
    static void (*const broken[])(struct world * world) = {
        consent_withdrawn, consent_ended, consent_other_origin};
    static const enum vrx_reason reasons[] = {
        VRX_CONSENT_REVOKED, VRX_CONSENT_EXPIRED, VRX_CONSENT_SCOPE};
    for (size_t i = 0; i < 3; i++) {
        struct permits permits;
        three_permits(&permits);
        permits.list[0] = permits.list[1];
        broken[i](&permits.world);
        assert_int_equal(find(&permits), reasons[i]);
        assert_null(permits.found);
    }
}

static void test_without_consent_under_a_permit_that_needs_none(void **state) {
    (void)state;
    struct permits permits;
    three_permits(&permits);
    no_consent(&permits.world);
    assert_int_equal(find(&permits), VRX_OK);
    assert_ptr_equal(permits.found, &permits.list[2]);
    permits.list[2].in_force_from = 1; /* switched off */
    permits.list[2].in_force_until = 0;
    permits.list[0] = permits.list[1];
    assert_int_equal(find(&permits), VRX_CONSENT_MISSING);
}

static void test_no_permit_or_an_old_table(void **state) {
    (void)state;
    struct permits permits;
    three_permits(&permits);
    permits.table.expires = NOW - 1;
    assert_int_equal(find(&permits), VRX_PERMIT_NOT_IN_FORCE);
    permits.table.expires = NOW;
    assert_int_equal(find(&permits), VRX_OK);
    permits.table.permit_count = 0;
    assert_int_equal(find(&permits), VRX_PERMIT_NOT_IN_FORCE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_lawful_query_is_lawful),
        cmocka_unit_test(test_each_condition_has_its_reason),
        cmocka_unit_test(test_the_first_condition_of_two_is_told),
        cmocka_unit_test(test_a_permit_without_consent_needs_none),
        cmocka_unit_test(test_a_consent_covers_as_it_was_and_as_it_is),
        cmocka_unit_test(test_a_withdrawn_consent_stops_what_needs_none),
        cmocka_unit_test(test_a_consent_is_asked_under_a_permit_that_requires_it),
        cmocka_unit_test(test_nobody_whose_consent_does_not_hold_is_asked_for_without),
        cmocka_unit_test(test_without_consent_under_a_permit_that_needs_none),
        cmocka_unit_test(test_no_permit_or_an_old_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
