/* SPDX-License-Identifier: Apache-2.0
 *
 * Applications and the certificates that end them.
 */
#include "store/certificate_record.h"

#include "cases.h"
#include "objects/query.h"
#include "store/application_record.h"

static const uint8_t unknown[VRX_ID] = {0xff};

static struct vrx_application_record application_of(const struct test_case *about, uint8_t id) {
    struct vrx_application_record application = {
        .id = {0xa, id},
        .resident = about->resident,
        .object = vrx_view_text("signed application"),
        .recorded_at = NOW,
    };
    memcpy(application.evidence_id, about->evidence_id, VRX_ID);
    return application;
}

static struct vrx_application_record add_application(
    struct fixture *fixture, const struct test_case *about, uint8_t id) {
    struct vrx_application_record application = application_of(about, id);
    assert_ok(vrx_application_record_put(fixture->tenant, &application));
    return application;
}

static enum vrx_reason advance(
    struct fixture *fixture, const uint8_t id[VRX_ID], enum vrx_application_record_state state) {
    return vrx_application_record_advance(fixture->tenant, id, state, NOW + 9).reason;
}

static enum vrx_application_record_state state_of(
    struct fixture *fixture, const uint8_t id[VRX_ID]) {
    struct vrx_application_record found;
    assert_ok(vrx_application_record_get(fixture->tenant, &fixture->arena, id, &found));
    return found.state;
}

static struct vrx_issued_certificate issued[VRX_FORMAT_LAST];

static struct vrx_certificate_record certificate_of(const uint8_t application[VRX_ID]) {
    issued[0] = (struct vrx_issued_certificate){VRX_FORMAT_HCERT, vrx_view_text("HC1:ABC")};
    struct vrx_certificate_record certificate = {
        .uvci = vrx_view_text("URN:UVCI:01:JP:A"),
        .kind = VRX_CERTIFICATE_HCERT,
        .certificates = issued,
        .certificate_count = 1,
        .issued_at = NOW,
        .expires_at = NOW + 86400,
    };
    memcpy(certificate.application_id, application, VRX_ID);
    return certificate;
}

static enum vrx_reason put(
    struct fixture *fixture, const struct vrx_certificate_record *certificate) {
    return vrx_certificate_record_put(fixture->tenant, certificate, NOW + 5).reason;
}

static void an_application_is_open_when_it_was_put(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record given = add_application(fixture, &about, 1);
    struct vrx_application_record found;
    assert_ok(vrx_application_record_get(fixture->tenant, &fixture->arena, given.id, &found));
    assert_memory_equal(found.id, given.id, VRX_ID);
    assert_memory_equal(found.evidence_id, about.evidence_id, VRX_ID);
    assert_int_equal(found.resident, about.resident);
    assert_text(found.object, "signed application");
    assert_int_equal(found.state, VRX_APPLICATION_RECORD_OPEN);
    assert_int_equal(found.recorded_at, NOW);
    assert_int_equal(found.changed_at, NOW);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    assert_ok(vrx_application_record_get(fixture->tenant, &fixture->arena, given.id, &found));
    assert_int_equal(found.state, VRX_APPLICATION_RECORD_ISSUING);
    assert_int_equal(found.changed_at, NOW + 9);
}

static void an_application_needs_evidence_of_the_same_person(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct test_case other = add_evidence(fixture, 2);
    struct vrx_application_record application = application_of(&about, 1);
    memcpy(application.evidence_id, other.evidence_id, VRX_ID);
    assert_reason(vrx_application_record_put(fixture->tenant, &application), VRX_EVIDENCE_SUBJECT);
    memcpy(application.evidence_id, unknown, VRX_ID);
    assert_reason(vrx_application_record_put(fixture->tenant, &application), VRX_EVIDENCE_MISSING);
    application = application_of(&about, 1);
    application.object = (struct vrx_view){0};
    assert_reason(
        vrx_application_record_put(fixture->tenant, &application), VRX_INPUT_FIELD_MISSING);
    (void)add_application(fixture, &about, 1);
    application = application_of(&about, 1);
    assert_reason(vrx_application_record_put(fixture->tenant, &application), VRX_ALREADY_EXISTS);
}

static void only_the_steps_of_the_table_are_taken(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record given = add_application(fixture, &about, 1);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_OPEN), VRX_WRONG_STATE);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_ISSUED), VRX_WRONG_STATE);
    assert_int_equal(
        advance(fixture, given.id, (enum vrx_application_record_state)5), VRX_WRONG_STATE);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_ISSUING), VRX_WRONG_STATE);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_ISSUED), VRX_WRONG_STATE);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_OPEN), VRX_OK);
    assert_int_equal(advance(fixture, given.id, VRX_APPLICATION_RECORD_CLOSED), VRX_OK);
    for (unsigned to = 1; to <= 4; to++)
        assert_int_equal(
            advance(fixture, given.id, (enum vrx_application_record_state)to), VRX_WRONG_STATE);
    assert_int_equal(
        advance(fixture, unknown, VRX_APPLICATION_RECORD_ISSUING), VRX_APPLICATION_MISSING);
    struct vrx_application_record found;
    assert_reason(vrx_application_record_get(fixture->tenant, &fixture->arena, unknown, &found),
        VRX_APPLICATION_MISSING);
}

static void a_certificate_ends_its_application(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record application = add_application(fixture, &about, 1);
    struct vrx_certificate_record given = certificate_of(application.id);
    struct vrx_certificate_record found[2];
    assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(state_of(fixture, application.id), VRX_APPLICATION_RECORD_ISSUED);

    assert_ok(vrx_certificate_record_get(fixture->tenant, &fixture->arena, given.uvci, &found[0]));
    assert_ok(vrx_certificate_record_of_application(
        fixture->tenant, &fixture->arena, application.id, &found[1]));
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        assert_text(found[i].uvci, "URN:UVCI:01:JP:A");
        assert_int_equal(found[i].kind, VRX_CERTIFICATE_HCERT);
        assert_int_equal(found[i].certificate_count, 1);
        assert_int_equal(found[i].certificates[0].format, VRX_FORMAT_HCERT);
        assert_text(found[i].certificates[0].text, "HC1:ABC");
        assert_memory_equal(found[i].application_id, application.id, VRX_ID);
        assert_int_equal(found[i].resident, about.resident);
        assert_int_equal(found[i].state, VRX_CERTIFICATE_RECORD_VALID);
        assert_int_equal(found[i].issued_at, NOW);
        assert_int_equal(found[i].expires_at, NOW + 86400);
        assert_int_equal(found[i].revoked_at, 0);
    }
}

static struct vrx_certificate_record travel_of(const uint8_t application[VRX_ID]) {
    struct vrx_certificate_record certificate = certificate_of(application);
    issued[1] = (struct vrx_issued_certificate){VRX_FORMAT_SHC, vrx_view_text("shc:/56")};
    issued[2] = (struct vrx_issued_certificate){VRX_FORMAT_VDS_NC, vrx_view_text("{}")};
    certificate.kind = VRX_CERTIFICATE_TRAVEL;
    certificate.certificate_count = 3;
    return certificate;
}

static void a_certificate_is_kept_in_each_of_its_formats(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record application = add_application(fixture, &about, 1);
    struct vrx_certificate_record found;
    struct vrx_certificate_record *list = NULL;
    size_t count = 0;
    assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    struct vrx_certificate_record given = travel_of(application.id);
    issued[2].format = VRX_FORMAT_SHC; /* twice */
    sql_run(vrx_tenant_db(fixture->tenant), "SAVEPOINT twice");
    assert_int_equal(put(fixture, &given), VRX_ALREADY_EXISTS);
    sql_run(vrx_tenant_db(fixture->tenant), "ROLLBACK TO twice");
    given = travel_of(application.id);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_ok(vrx_certificate_record_get(fixture->tenant, &fixture->arena, given.uvci, &found));
    assert_int_equal(found.kind, VRX_CERTIFICATE_TRAVEL);
    assert_int_equal(found.certificate_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(found.certificates[i].format, given.certificates[i].format);
        assert_true(vrx_view_equal(found.certificates[i].text, given.certificates[i].text));
    }
    assert_ok(vrx_certificate_record_list(
        fixture->tenant, &fixture->arena, about.resident, &list, &count));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].kind, VRX_CERTIFICATE_TRAVEL);
    assert_int_equal(list[0].certificate_count, 0);
    assert_int_equal(rows_in(fixture, "certificate_text"), 3);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM certificate");
    assert_int_equal(rows_in(fixture, "certificate_text"), 0);
}

static void an_application_is_used_once(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record application = add_application(fixture, &about, 1);
    struct vrx_certificate_record certificate = certificate_of(application.id);
    assert_int_equal(put(fixture, &certificate), VRX_WRONG_STATE); /* not yet ISSUING */
    assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    assert_int_equal(put(fixture, &certificate), VRX_OK);
    certificate.uvci = vrx_view_text("URN:UVCI:01:JP:B");
    assert_int_equal(put(fixture, &certificate), VRX_APPLICATION_USED);
    for (unsigned to = 1; to <= 4; to++)
        assert_int_equal(advance(fixture, application.id, (enum vrx_application_record_state)to),
            VRX_APPLICATION_USED);
    assert_int_equal(rows_in(fixture, "certificate"), 1);
}

static void a_certificate_without_application_or_with_faulty_texts_is_refused(void **state) {
    struct fixture *fixture = *state;
    static char text[VRX_LIMIT_HCERT_TEXT + 2];
    memset(text, 'A', sizeof text - 1);
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record application = add_application(fixture, &about, 1);
    assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    struct vrx_certificate_record certificate = certificate_of(unknown);
    assert_int_equal(put(fixture, &certificate), VRX_APPLICATION_MISSING);
    certificate = certificate_of(application.id);
    certificate.uvci = (struct vrx_view){0};
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_FIELD_MISSING);
    certificate.uvci = vrx_view_of(text, VRX_LIMIT_UVCI + 1);
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_TOO_LARGE);
    certificate.uvci = vrx_view_text("a\rb");
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_TEXT);
    certificate = certificate_of(application.id);
    issued[0].text = vrx_view_of(text, VRX_LIMIT_HCERT_TEXT + 1);
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_TOO_LARGE);
    certificate = certificate_of(application.id);
    certificate.certificate_count = 0;
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_FIELD_MISSING);
    certificate = certificate_of(application.id);
    certificate.kind = VRX_CERTIFICATE_LAST + 1;
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_RANGE);
    certificate = certificate_of(application.id);
    issued[0].format = 0;
    assert_int_equal(put(fixture, &certificate), VRX_INPUT_RANGE);
    assert_int_equal(state_of(fixture, application.id), VRX_APPLICATION_RECORD_ISSUING);
}

static void a_known_identifier_is_refused_and_the_application_stays(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    for (uint8_t i = 1; i <= 2; i++) {
        struct vrx_application_record application = add_application(fixture, &about, i);
        struct vrx_certificate_record certificate = certificate_of(application.id);
        assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
        assert_int_equal(put(fixture, &certificate), i == 1 ? VRX_OK : VRX_ALREADY_EXISTS);
        assert_int_equal(state_of(fixture, application.id),
            i == 1 ? VRX_APPLICATION_RECORD_ISSUED : VRX_APPLICATION_RECORD_ISSUING);
    }
}

static void the_list_has_the_newest_first(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_record *list = NULL;
    size_t count = 7;
    const char *uvcis[] = {"A", "B", "C"};
    const int64_t times[] = {NOW, NOW + 10, NOW};
    const char *expected[] = {"B", "C", "A"};
    struct test_case about = add_evidence(fixture, 1);
    for (uint8_t i = 0; i < COUNT_OF(uvcis); i++) {
        struct vrx_application_record application = add_application(fixture, &about, i);
        struct vrx_certificate_record certificate = certificate_of(application.id);
        certificate.uvci = vrx_view_text(uvcis[i]);
        certificate.issued_at = times[i];
        assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
        assert_int_equal(put(fixture, &certificate), VRX_OK);
    }
    assert_ok(vrx_certificate_record_list(
        fixture->tenant, &fixture->arena, about.resident, &list, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_text(list[i].uvci, expected[i]);
    assert_ok(vrx_certificate_record_list(fixture->tenant, &fixture->arena, 99, &list, &count));
    assert_int_equal(count, 0);
}

static void a_certificate_is_revoked_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_record found;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_application_record application = add_application(fixture, &about, 1);
    struct vrx_certificate_record given = certificate_of(application.id);
    assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_ok(vrx_certificate_record_revoke(fixture->tenant, given.uvci, NOW + 7));
    assert_ok(vrx_certificate_record_get(fixture->tenant, &fixture->arena, given.uvci, &found));
    assert_int_equal(found.state, VRX_CERTIFICATE_RECORD_REVOKED);
    assert_int_equal(found.revoked_at, NOW + 7);
    assert_reason(
        vrx_certificate_record_revoke(fixture->tenant, given.uvci, NOW + 8), VRX_WRONG_STATE);
    assert_reason(
        vrx_certificate_record_revoke(fixture->tenant, vrx_view_text("X"), NOW), VRX_NOT_FOUND);
    assert_reason(
        vrx_certificate_record_get(fixture->tenant, &fixture->arena, vrx_view_text("X"), &found),
        VRX_NOT_FOUND);
    assert_reason(
        vrx_certificate_record_of_application(fixture->tenant, &fixture->arena, unknown, &found),
        VRX_NOT_FOUND);
}

/* ---- what it rests on ---- */

/* A certificate of two doses, the second shown. */
static struct vrx_certificate_record certify(struct fixture *fixture, struct vrx_dose doses[2]) {
    const struct test_case about = add_case(fixture, 1);
    doses[0] = dose_on(about.resident, 1, 2021, 7, 1);
    doses[1] = dose_on(about.resident, 2, 2021, 7, 22);
    const struct vrx_application_record application = add_application(fixture, &about, 1);
    assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
    const struct vrx_certificate_record certificate = certificate_of(application.id);
    assert_int_equal(put(fixture, &certificate), VRX_OK);
    for (unsigned i = 0; i < 2; i++) {
        doses[i] = add_dose(fixture, &doses[i]);
        assert_ok(vrx_certificate_record_rests_on(
            fixture->tenant, certificate.uvci, doses[i].id, i == 1));
    }
    return certificate;
}

static struct vrx_certificate_record read_back(
    struct fixture *fixture, const struct vrx_certificate_record *certificate) {
    struct vrx_certificate_record found;
    assert_ok(
        vrx_certificate_record_get(fixture->tenant, &fixture->arena, certificate->uvci, &found));
    return found;
}

/* Corrects *dose, which becomes the version that stands. */
static struct vrx_certificate_changes correct_to(
    struct fixture *fixture, struct vrx_dose *dose, const struct vrx_dose *change) {
    struct vrx_certificate_changes changes = {0};
    const int64_t from = dose->id;
    assert_ok(vrx_dose_correct(fixture->tenant, from, dose->version, change, NOW, dose));
    assert_ok(
        vrx_certificate_record_dose_changed(fixture->tenant, from, dose->id, NOW + 9, &changes));
    return changes;
}

static struct vrx_certificate_changes take_out(
    struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_certificate_changes changes = {0};
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, dose->id, dose->version, NOW));
    assert_ok(vrx_certificate_record_dose_changed(
        fixture->tenant, dose->id, dose->id, NOW + 9, &changes));
    return changes;
}

/* Those that are revoked and not over yet, each once and in their order. */
static void what_is_revoked_is_told_until_it_is_over(void **state) {
    struct fixture *fixture = *state;
    static const char *const uvcis[] = {"D", "A", "C", "B"};
    const int64_t expires[] = {NOW + 10, NOW + 20, NOW + 30, NOW + 40};
    struct vrx_view *found = NULL;
    size_t count = 9;
    struct test_case about = add_evidence(fixture, 1);
    for (uint8_t i = 0; i < 4; i++) {
        struct vrx_application_record application =
            add_application(fixture, &about, (uint8_t)(i + 1));
        struct vrx_certificate_record certificate = certificate_of(application.id);
        certificate.uvci = vrx_view_text(uvcis[i]);
        certificate.expires_at = expires[i];
        assert_int_equal(advance(fixture, application.id, VRX_APPLICATION_RECORD_ISSUING), VRX_OK);
        assert_int_equal(put(fixture, &certificate), VRX_OK);
        if (i < 3)
            assert_ok(vrx_certificate_record_revoke(fixture->tenant, certificate.uvci, NOW + 7));
    }
    assert_ok(vrx_certificate_record_revoked(
        fixture->tenant, &fixture->arena, (struct vrx_view){0}, NOW + 11, &found, &count));
    assert_int_equal(count, 2);
    assert_text(found[0], "A");
    assert_text(found[1], "C");
    assert_ok(vrx_certificate_record_revoked(
        fixture->tenant, &fixture->arena, vrx_view_text("A"), NOW + 10, &found, &count));
    assert_int_equal(count, 2);
    assert_text(found[0], "C");
    assert_text(found[1], "D");
    assert_ok(vrx_certificate_record_revoked(
        fixture->tenant, &fixture->arena, vrx_view_text("D"), NOW, &found, &count));
    assert_int_equal(count, 0);
}

static void a_correction_of_what_is_shown_marks_for_reissue(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    struct vrx_dose change = dose_on(0, 2, 2021, 7, 23);
    const struct vrx_certificate_changes changes = correct_to(fixture, &doses[1], &change);
    assert_int_equal(changes.marked, 1);
    assert_int_equal(changes.revoked, 0);
    struct vrx_certificate_record found = read_back(fixture, &certificate);
    assert_int_equal(found.mark, VRX_CERTIFICATE_MARK_REISSUE);
    assert_int_equal(found.marked_at, NOW + 9);
    assert_int_equal(found.state, VRX_CERTIFICATE_RECORD_VALID);
    change = dose_on(0, 2, 2021, 7, 22); /* it was right after all */
    (void)correct_to(fixture, &doses[1], &change);
    found = read_back(fixture, &certificate);
    assert_int_equal(found.mark, VRX_CERTIFICATE_MARK_NONE);
    assert_int_equal(found.marked_at, 0);
}

static void what_a_certificate_does_not_show_marks_nothing(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    struct vrx_dose change = dose_on(0, 2, 2021, 7, 22);
    change.item.lot = vrx_view_text("FA7338");
    change.item.venue = vrx_view_text("another venue");
    assert_int_equal(correct_to(fixture, &doses[1], &change).marked, 0);
    change = dose_on(0, 1, 2021, 6, 30); /* behind the number only */
    assert_int_equal(correct_to(fixture, &doses[0], &change).marked, 0);
    assert_int_equal(read_back(fixture, &certificate).mark, VRX_CERTIFICATE_MARK_NONE);
}

/* A SMART Health Card and a VDS-NC show every dose with its lot. */
static void a_corrected_lot_marks_what_shows_lots(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    sql_run(vrx_tenant_db(fixture->tenant),
        "UPDATE certificate SET kind = 3; UPDATE certificate_dose SET shown = 1");
    struct vrx_dose change = dose_on(0, 1, 2021, 7, 1);
    change.item.venue = vrx_view_text("another venue");
    assert_int_equal(correct_to(fixture, &doses[0], &change).marked, 0);
    change.item.lot = vrx_view_text("FA7338");
    assert_int_equal(correct_to(fixture, &doses[0], &change).marked, 1);
    assert_int_equal(read_back(fixture, &certificate).mark, VRX_CERTIFICATE_MARK_REISSUE);
}

static void another_product_or_number_marks_too(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    struct vrx_dose change = dose_on(0, 3, 2021, 7, 22);
    assert_int_equal(correct_to(fixture, &doses[1], &change).marked, 1);
    change = dose_on(0, 2, 2021, 7, 22);
    change.item.product = 2;
    change.item.lot = vrx_view_text("3004667");
    (void)correct_to(fixture, &doses[1], &change);
    assert_int_equal(read_back(fixture, &certificate).mark, VRX_CERTIFICATE_MARK_REISSUE);
}

static void a_dose_that_is_for_reference_now_is_none_to_certify(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    struct vrx_dose change = dose_on(0, 2, 2021, 7, 22);
    change.provenance = (struct vrx_dose_provenance){
        .source = VRX_DOSE_TRANSFER, .municipality = code_of("192015"), .digest = {1}};
    assert_int_equal(correct_to(fixture, &doses[1], &change).marked, 1);
    assert_int_equal(read_back(fixture, &certificate).mark, VRX_CERTIFICATE_MARK_REISSUE);
}

static void a_dose_that_never_was_revokes_what_shows_it(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    struct vrx_dose change = dose_on(0, 2, 2021, 7, 23);
    (void)correct_to(fixture, &doses[1], &change); /* found by its next version too */
    const struct vrx_certificate_changes changes = take_out(fixture, &doses[1]);
    assert_int_equal(changes.revoked, 1);
    assert_int_equal(changes.marked, 0);
    const struct vrx_certificate_record found = read_back(fixture, &certificate);
    assert_int_equal(found.state, VRX_CERTIFICATE_RECORD_REVOKED);
    assert_int_equal(found.mark, VRX_CERTIFICATE_MARK_IN_ERROR);
    assert_int_equal(found.revoked_at, NOW + 9);
    assert_reason(
        vrx_certificate_record_revoke(fixture->tenant, certificate.uvci, NOW), VRX_WRONG_STATE);
}

static void a_dose_behind_the_number_that_never_was_marks_for_reissue(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    assert_int_equal(take_out(fixture, &doses[0]).marked, 1);
    const struct vrx_certificate_record found = read_back(fixture, &certificate);
    assert_int_equal(found.mark, VRX_CERTIFICATE_MARK_REISSUE);
    assert_int_equal(found.state, VRX_CERTIFICATE_RECORD_VALID);
    assert_int_equal(take_out(fixture, &doses[1]).revoked, 1);
}

static void a_revoked_certificate_is_marked_no_more(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    assert_ok(vrx_certificate_record_revoke(fixture->tenant, certificate.uvci, NOW + 3));
    const struct vrx_certificate_changes changes = take_out(fixture, &doses[1]);
    assert_int_equal(changes.revoked, 0);
    assert_int_equal(changes.marked, 0);
    assert_int_equal(read_back(fixture, &certificate).revoked_at, NOW + 3);
}

static void what_it_rests_on_is_kept_once_and_goes_with_it(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose doses[2];
    const struct vrx_certificate_record certificate = certify(fixture, doses);
    assert_reason(
        vrx_certificate_record_rests_on(fixture->tenant, certificate.uvci, doses[0].id, false),
        VRX_ALREADY_EXISTS);
    assert_reason(vrx_certificate_record_rests_on(fixture->tenant, certificate.uvci, 99, false),
        VRX_NOT_FOUND);
    assert_reason(vrx_certificate_record_rests_on(
                      fixture->tenant, vrx_view_text("URN:UVCI:X"), doses[0].id, false),
        VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "certificate_dose"), 2);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM certificate");
    assert_int_equal(rows_in(fixture, "certificate_dose"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_application_is_open_when_it_was_put),
        STORE_TEST(an_application_needs_evidence_of_the_same_person),
        STORE_TEST(only_the_steps_of_the_table_are_taken),
        STORE_TEST(a_certificate_ends_its_application),
        STORE_TEST(a_certificate_is_kept_in_each_of_its_formats),
        STORE_TEST(an_application_is_used_once),
        STORE_TEST(a_certificate_without_application_or_with_faulty_texts_is_refused),
        STORE_TEST(a_known_identifier_is_refused_and_the_application_stays),
        STORE_TEST(the_list_has_the_newest_first),
        STORE_TEST(a_certificate_is_revoked_once),
        STORE_TEST(what_is_revoked_is_told_until_it_is_over),
        STORE_TEST(a_correction_of_what_is_shown_marks_for_reissue),
        STORE_TEST(what_a_certificate_does_not_show_marks_nothing),
        STORE_TEST(a_corrected_lot_marks_what_shows_lots),
        STORE_TEST(another_product_or_number_marks_too),
        STORE_TEST(a_dose_that_is_for_reference_now_is_none_to_certify),
        STORE_TEST(a_dose_that_never_was_revokes_what_shows_it),
        STORE_TEST(a_dose_behind_the_number_that_never_was_marks_for_reissue),
        STORE_TEST(a_revoked_certificate_is_marked_no_more),
        STORE_TEST(what_it_rests_on_is_kept_once_and_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
