/* SPDX-License-Identifier: Apache-2.0 */
#include "store/consent_record.h"

#include "cases.h"
#include "objects/query.h"

static const uint8_t unknown[VRX_ID] = {0xff};

static void what_was_put_is_granted(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_consent_record found;
    assert_ok(vrx_consent_record_get(fixture->tenant, &fixture->arena, about.consent_id, &found));
    assert_memory_equal(found.id, about.consent_id, VRX_ID);
    assert_memory_equal(found.evidence_id, about.evidence_id, VRX_ID);
    assert_int_equal(found.resident, about.resident);
    assert_text(found.object, "signed consent");
    assert_int_equal(found.recorded_at, NOW);
    assert_int_equal(found.state, VRX_CONSENT_RECORD_GRANTED);
    assert_int_equal(found.revocation.len, 0);
    assert_int_equal(found.revoked_at, 0);
}

static void a_revoked_consent_is_kept_with_what_revoked_it(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_consent_record found;
    assert_ok(vrx_consent_record_revoke(
        fixture->tenant, about.consent_id, vrx_view_text("signed revocation"), NOW + 5));
    assert_ok(vrx_consent_record_get(fixture->tenant, &fixture->arena, about.consent_id, &found));
    assert_int_equal(found.state, VRX_CONSENT_RECORD_REVOKED);
    assert_text(found.object, "signed consent");
    assert_text(found.revocation, "signed revocation");
    assert_int_equal(found.revoked_at, NOW + 5);
}

static void each_narrowing_is_kept_and_the_last_is_present(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct test_case other = add_case(fixture, 2);
    struct vrx_consent_record found;
    struct vrx_tenant *tenant = fixture->tenant;
    assert_ok(vrx_consent_record_get(tenant, &fixture->arena, about.consent_id, &found));
    assert_text(found.present, "signed consent");
    assert_ok(vrx_consent_record_narrow(tenant, about.consent_id, vrx_view_text("fewer"), NOW));
    assert_ok(vrx_consent_record_narrow(tenant, about.consent_id, vrx_view_text("fewest"), NOW));
    assert_ok(vrx_consent_record_get(tenant, &fixture->arena, about.consent_id, &found));
    assert_int_equal(found.state, VRX_CONSENT_RECORD_GRANTED);
    assert_text(found.object, "signed consent");
    assert_text(found.present, "fewest");
    assert_int_equal(rows_in(fixture, "consent_narrowing"), 2);
    assert_ok(vrx_consent_record_revoke(tenant, about.consent_id, vrx_view_text("none"), NOW + 1));
    assert_ok(vrx_consent_record_get(tenant, &fixture->arena, about.consent_id, &found));
    assert_text(found.present, "none");
    assert_ok(vrx_consent_record_get(tenant, &fixture->arena, other.consent_id, &found));
    assert_text(found.present, "signed consent");
}

static void what_is_revoked_or_not_there_is_not_narrowed(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_view object = vrx_view_text("signed narrowing");
    struct vrx_tenant *tenant = fixture->tenant;
    assert_reason(vrx_consent_record_narrow(tenant, about.consent_id, (struct vrx_view){0}, NOW),
        VRX_INPUT_FIELD_MISSING);
    assert_reason(vrx_consent_record_narrow(tenant, unknown, object, NOW), VRX_CONSENT_MISSING);
    assert_ok(vrx_consent_record_revoke(tenant, about.consent_id, object, NOW));
    assert_reason(
        vrx_consent_record_narrow(tenant, about.consent_id, object, NOW), VRX_CONSENT_REVOKED);
    assert_int_equal(rows_in(fixture, "consent_narrowing"), 0);
}

static void revoking_twice_or_nothing_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_consent_record found;
    struct vrx_view object = vrx_view_text("signed revocation");
    assert_reason(
        vrx_consent_record_revoke(fixture->tenant, about.consent_id, (struct vrx_view){0}, NOW),
        VRX_INPUT_FIELD_MISSING);
    assert_ok(vrx_consent_record_revoke(fixture->tenant, about.consent_id, object, NOW));
    assert_reason(vrx_consent_record_revoke(fixture->tenant, about.consent_id, object, NOW + 1),
        VRX_CONSENT_REVOKED);
    assert_ok(vrx_consent_record_get(fixture->tenant, &fixture->arena, about.consent_id, &found));
    assert_int_equal(found.revoked_at, NOW);
    assert_reason(
        vrx_consent_record_revoke(fixture->tenant, unknown, object, NOW), VRX_CONSENT_MISSING);
    assert_reason(vrx_consent_record_get(fixture->tenant, &fixture->arena, unknown, &found),
        VRX_CONSENT_MISSING);
}

static void consent_needs_evidence_of_the_same_person(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct test_case other = add_evidence(fixture, 2);
    struct vrx_consent_record consent = consent_of(&about);
    memcpy(consent.evidence_id, other.evidence_id, VRX_ID);
    assert_reason(vrx_consent_record_put(fixture->tenant, &consent), VRX_EVIDENCE_SUBJECT);
    memcpy(consent.evidence_id, unknown, VRX_ID);
    assert_reason(vrx_consent_record_put(fixture->tenant, &consent), VRX_EVIDENCE_MISSING);
    assert_int_equal(rows_in(fixture, "consent"), 0);
}

static void the_same_id_twice_exists_already(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_consent_record consent = consent_of(&about);
    assert_reason(vrx_consent_record_put(fixture->tenant, &consent), VRX_ALREADY_EXISTS);
}

static void an_object_of_no_bytes_or_too_many_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_SIGNED_OBJECT + 1];
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_consent_record consent = consent_of(&about);
    consent.object = (struct vrx_view){0};
    assert_reason(vrx_consent_record_put(fixture->tenant, &consent), VRX_INPUT_FIELD_MISSING);
    consent.object = vrx_view_of(bytes, sizeof bytes);
    assert_reason(vrx_consent_record_put(fixture->tenant, &consent), VRX_INPUT_TOO_LARGE);
}

static void whose_it_is_can_be_asked(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_tenant *tenant = fixture->tenant;
    assert_ok(vrx_consent_record_about(tenant, about.consent_id, about.resident));
    assert_reason(
        vrx_consent_record_about(tenant, about.consent_id, about.resident + 1), VRX_CONSENT_SCOPE);
    assert_reason(vrx_consent_record_about(tenant, unknown, about.resident), VRX_CONSENT_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_is_granted),
        STORE_TEST(a_revoked_consent_is_kept_with_what_revoked_it),
        STORE_TEST(each_narrowing_is_kept_and_the_last_is_present),
        STORE_TEST(what_is_revoked_or_not_there_is_not_narrowed),
        STORE_TEST(revoking_twice_or_nothing_is_refused),
        STORE_TEST(consent_needs_evidence_of_the_same_person),
        STORE_TEST(the_same_id_twice_exists_already),
        STORE_TEST(an_object_of_no_bytes_or_too_many_is_refused),
        STORE_TEST(whose_it_is_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
