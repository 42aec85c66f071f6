/* SPDX-License-Identifier: Apache-2.0 */
#include "store/kiosk_settings.h"

#include "fixture.h"
#include "store/application_record.h"
#include "store/evidence_record.h"

static struct vrx_kiosk_settings workdays(void) {
    return (struct vrx_kiosk_settings){.hours = {.on = true,
                                           .days = 31,
                                           .from = 540,
                                           .until = 1020,
                                           .operator_id = vrx_view_text("sato"),
                                           .terminal_id = vrx_view_text("0123456789abcdef")},
        .fee = {[VRX_CERTIFICATE_DOMESTIC] = 300, [VRX_CERTIFICATE_TRAVEL] = VRX_LIMIT_FEE}};
}

static struct vrx_kiosk_settings get(struct fixture *fixture) {
    struct vrx_kiosk_settings settings;
    assert_ok(vrx_kiosk_settings_get(fixture->tenant, &fixture->arena, &settings));
    return settings;
}

static void a_new_vault_has_no_hours_and_no_fees(void **state) {
    const struct vrx_kiosk_settings settings = get(*state);
    assert_false(settings.hours.on);
    assert_true(settings.hours.refuse);
    assert_int_equal(settings.hours.changed_at, 0);
    assert_int_equal(vrx_office_hours_wait(&settings.hours, NOW), 0);
    assert_ok(vrx_office_hours_check(&settings.hours));
    for (size_t kind = 1; kind <= VRX_CERTIFICATE_LAST; kind++)
        assert_int_equal(settings.fee[kind], 0);
}

static void what_is_set_is_got_and_takes_the_place_of_what_was(void **state) {
    struct fixture *fixture = *state;
    struct vrx_kiosk_settings given = workdays();
    uint64_t yen = 0;
    assert_ok(vrx_kiosk_settings_set(fixture->tenant, &given, NOW));
    struct vrx_kiosk_settings settings = get(fixture);
    assert_true(settings.hours.on && settings.hours.refuse);
    assert_int_equal(settings.hours.days, 31);
    assert_int_equal(settings.hours.from, 540);
    assert_int_equal(settings.hours.until, 1020);
    assert_text(settings.hours.operator_id, "sato");
    assert_text(settings.hours.terminal_id, "0123456789abcdef");
    assert_int_equal(settings.hours.changed_at, NOW);
    assert_int_equal(settings.fee[VRX_CERTIFICATE_HCERT], 0);
    assert_int_equal(settings.fee[VRX_CERTIFICATE_DOMESTIC], 300);
    assert_int_equal(settings.fee[VRX_CERTIFICATE_TRAVEL], VRX_LIMIT_FEE);
    given.fee[VRX_CERTIFICATE_DOMESTIC] = 0;
    given.fee[VRX_CERTIFICATE_HCERT] = 250;
    given.hours.on = false;
    assert_ok(vrx_kiosk_settings_set(fixture->tenant, &given, NOW + 1));
    settings = get(fixture);
    assert_false(settings.hours.on);
    assert_int_equal(settings.hours.changed_at, NOW + 1);
    assert_ok(vrx_certificate_fee(fixture->tenant, VRX_CERTIFICATE_DOMESTIC, &yen));
    assert_int_equal(yen, 0);
    assert_ok(vrx_certificate_fee(fixture->tenant, VRX_CERTIFICATE_HCERT, &yen));
    assert_int_equal(yen, 250);
    assert_int_equal(rows_in(fixture, "kiosk_settings"), 1);
    assert_int_equal(rows_in(fixture, "certificate_fee"), 2);
}

static void what_is_no_setting_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_kiosk_settings wrong[4] = {workdays(), workdays(), workdays(), workdays()};
    wrong[0].hours.days = 0;
    wrong[1].hours.from = 1020;
    wrong[2].hours.until = VRX_OFFICE_DAY + 1;
    wrong[3].fee[VRX_CERTIFICATE_LAST] = VRX_LIMIT_FEE + 1;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_reason(vrx_kiosk_settings_set(fixture->tenant, &wrong[i], NOW), VRX_INPUT_RANGE);
}

static void an_applications_fee_stays_and_goes_with_it(void **state) {
    struct fixture *fixture = *state;
    const uint8_t nothing[VRX_ID] = {9};
    uint64_t yen = 1;
    const struct vrx_evidence_record evidence = {.id = {1},
        .resident = add_resident(fixture, 1),
        .object = vrx_view_text("signed evidence"),
        .recorded_at = NOW};
    const struct vrx_application_record application = {.id = {2},
        .resident = evidence.resident,
        .evidence_id = {1},
        .object = vrx_view_text("signed application"),
        .recorded_at = NOW};
    assert_ok(vrx_evidence_record_put(fixture->tenant, &evidence));
    assert_ok(vrx_application_record_put(fixture->tenant, &application));
    assert_ok(vrx_application_fee_put(fixture->tenant, application.id, 300));
    assert_ok(vrx_application_fee_get(fixture->tenant, application.id, &yen));
    assert_int_equal(yen, 300);
    assert_ok(vrx_application_fee_put(fixture->tenant, nothing, 0));
    assert_ok(vrx_application_fee_get(fixture->tenant, nothing, &yen));
    assert_int_equal(yen, 0);
    assert_reason(vrx_application_fee_put(fixture->tenant, nothing, 300), VRX_NOT_FOUND);
    assert_reason(vrx_application_fee_put(fixture->tenant, application.id, VRX_LIMIT_FEE + 1),
        VRX_INPUT_RANGE);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM application");
    assert_int_equal(rows_in(fixture, "application_fee"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_new_vault_has_no_hours_and_no_fees),
        STORE_TEST(what_is_set_is_got_and_takes_the_place_of_what_was),
        STORE_TEST(what_is_no_setting_is_refused),
        STORE_TEST(an_applications_fee_stays_and_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
