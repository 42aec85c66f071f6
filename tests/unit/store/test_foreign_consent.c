/* SPDX-License-Identifier: Apache-2.0 */
#include "store/foreign_consent.h"

#include "fixture.h"
#include "objects/query.h"

static struct vrx_foreign_consent consent_of(const char *sender, uint8_t id) {
    return (struct vrx_foreign_consent){
        .sender = code_of(sender),
        .id = {id},
        .object = vrx_view_text("signed consent"),
        .status = VRX_CONSENT_GRANTED,
        .expires_at = NOW + 86400,
        .told_at = NOW,
    };
}

static struct vrx_result get(struct fixture *fixture, const struct vrx_foreign_consent *consent,
    struct vrx_foreign_consent *ret_found) {
    return vrx_foreign_consent_get(
        fixture->tenant, &fixture->arena, &consent->sender, consent->id, ret_found);
}

static void what_was_told_is_known_of_its_sender_only(void **state) {
    struct fixture *fixture = *state;
    struct vrx_foreign_consent consent = consent_of("122173", 1);
    struct vrx_foreign_consent found;
    assert_ok(vrx_foreign_consent_put(fixture->tenant, &consent));
    assert_ok(get(fixture, &consent, &found));
    assert_text(found.object, "signed consent");
    assert_int_equal(found.status, VRX_CONSENT_GRANTED);
    assert_int_equal(found.expires_at, NOW + 86400);
    assert_int_equal(found.told_at, NOW);
    struct vrx_foreign_consent other = consent_of("192015", 1);
    assert_reason(get(fixture, &other, &found), VRX_NOT_FOUND);
    other = consent_of("122173", 2);
    assert_reason(get(fixture, &other, &found), VRX_NOT_FOUND);
}

static void what_is_withdrawn_stays_so(void **state) {
    struct fixture *fixture = *state;
    struct vrx_foreign_consent consent = consent_of("122173", 1);
    struct vrx_foreign_consent found;
    assert_ok(vrx_foreign_consent_put(fixture->tenant, &consent));
    consent.status = VRX_CONSENT_WITHDRAWN;
    consent.object = vrx_view_text("signed revocation");
    assert_ok(vrx_foreign_consent_put(fixture->tenant, &consent));
    struct vrx_foreign_consent granted = consent_of("122173", 1);
    assert_reason(vrx_foreign_consent_put(fixture->tenant, &granted), VRX_CONSENT_REVOKED);
    assert_ok(get(fixture, &consent, &found));
    assert_int_equal(found.status, VRX_CONSENT_WITHDRAWN);
    assert_text(found.object, "signed revocation");
    assert_int_equal(rows_in(fixture, "foreign_consent"), 1);
}

static void what_is_no_consent_is_not_kept(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_SIGNED_OBJECT + 1];
    struct vrx_foreign_consent consent = consent_of("122173", 1);
    consent.object = (struct vrx_view){0};
    assert_reason(vrx_foreign_consent_put(fixture->tenant, &consent), VRX_INPUT_FIELD_MISSING);
    consent.object = vrx_view_of(bytes, sizeof bytes);
    assert_reason(vrx_foreign_consent_put(fixture->tenant, &consent), VRX_INPUT_TOO_LARGE);
    consent = consent_of("122173", 1);
    consent.status = (enum vrx_consent_status)3;
    assert_reason(vrx_foreign_consent_put(fixture->tenant, &consent), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "foreign_consent"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_told_is_known_of_its_sender_only),
        STORE_TEST(what_is_withdrawn_stays_so),
        STORE_TEST(what_is_no_consent_is_not_kept),
    };
    return cmocka_run_group_tests_name("store/foreign_consent", tests, NULL, NULL);
}
