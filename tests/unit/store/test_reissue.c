/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reissue.h"

#include "fixture.h"
#include "store/application_record.h"
#include "store/evidence_record.h"

static void an_application_replaces_one_certificate_or_none(void **state) {
    struct fixture *fixture = *state;
    const uint8_t nothing[VRX_ID] = {9};
    struct vrx_view uvci = {0};
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
    assert_ok(vrx_reissue_get(fixture->tenant, &fixture->arena, application.id, &uvci));
    assert_int_equal(uvci.len, 0);
    assert_reason(
        vrx_reissue_put(fixture->tenant, application.id, vrx_view_text("")), VRX_INPUT_RANGE);
    assert_ok(vrx_reissue_put(fixture->tenant, application.id, vrx_view_text("URN:UVCI:1")));
    assert_reason(vrx_reissue_put(fixture->tenant, application.id, vrx_view_text("URN:UVCI:2")),
        VRX_ALREADY_EXISTS);
    assert_reason(
        vrx_reissue_put(fixture->tenant, nothing, vrx_view_text("URN:UVCI:1")), VRX_NOT_FOUND);
    assert_ok(vrx_reissue_get(fixture->tenant, &fixture->arena, application.id, &uvci));
    assert_text(uvci, "URN:UVCI:1");
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM application");
    assert_int_equal(rows_in(fixture, "application_replaces"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_application_replaces_one_certificate_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
