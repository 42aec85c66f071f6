/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/policy/issue_case.c: one good case, and each rule's refusal with everything else
 * right.
 */
#include "policy/issue_case.h"

#include <stdlib.h>

#include "base/text.h"
#include "policy/content.h"
#include "support/check.h"
#include "support/issue_world.h"

static bool used;
static uint64_t count_this_hour;

static bool is_used(const void *context, const uint8_t application[VRX_ID]) {
    const struct issue_world *world = context;
    return used && memcmp(application, world->application.id, VRX_ID) == 0;
}

static uint64_t hour_count(
    const void *context, const struct vrx_municipality_code *municipality, int64_t now) {
    const struct issue_world *world = context;
    return now == WORLD_NOW &&
                   vrx_municipality_code_equal(municipality, &world->entry[WORLD_SAPPORO].code)
               ? count_this_hour
               : 0;
}

static int setup(void **state) {
    struct issue_world *world = calloc(1, sizeof *world);
    used = false;
    count_this_hour = 0;
    world_init(world, WORLD_NOW);
    world_record(world);
    *state = world;
    return 0;
}

static int teardown(void **state) {
    struct issue_world *world = *state;
    world_done(world);
    free(world);
    return 0;
}

/* Decides the request as it stands. content may be NULL. */
static struct vrx_result decide_all(
    const struct issue_world *world, struct vrx_arena *arena, struct vrx_issue_content *content) {
    const struct vrx_issue_memory memory = {is_used, hour_count, world};
    struct vrx_issue_case issue_case = {.now = WORLD_NOW,
        .terms = &vrx_issue_terms_default,
        .directory = &world->directory,
        .memory = &memory,
        .request = &world->request,
        .arena = arena};
    struct vrx_result result = vrx_issue_decide(&issue_case);
    if (vrx_is_ok(result) && content)
        result = vrx_issue_content(&issue_case,
            &(struct vrx_issue_frame){.uvci = vrx_view_text("URN:UVCI:01:JP:X"),
                .not_after = world_signer_until(world),
                .shc_issuer = vrx_view_text("https://cards.example")},
            content);
    return result;
}

/* The same; the HCERT of it alone. */
static struct vrx_result decide(
    const struct issue_world *world, struct vrx_arena *arena, struct vrx_hcert *hcert) {
    struct vrx_issue_content content = {0};
    struct vrx_result result = decide_all(world, arena, hcert ? &content : NULL);
    if (hcert)
        *hcert = content.hcert;
    return result;
}

static void expect_request(
    const struct issue_world *world, enum vrx_reason reason, const char *clause) {
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = decide(world, &arena, NULL);
    assert_reason(result, reason);
    if (clause) {
        assert_non_null(result.clause);
        if (strncmp(result.clause, clause, strlen(clause)) != 0)
            fail_msg("clause is \"%s\", expected \"%s\"", result.clause, clause);
    }
    vrx_arena_done(&arena);
}

static void expect(struct issue_world *world, enum vrx_reason reason, const char *clause) {
    world_sign(world);
    expect_request(world, reason, clause);
}

static void good_case_is_accepted(void **state) {
    expect(*state, VRX_OK, NULL);
}

static void assert_text(struct vrx_view view, const char *text) {
    assert_int_equal(view.len, strlen(text));
    assert_memory_equal(view.ptr, text, view.len);
}

static void content_shows_the_latest_dose(void **state) {
    struct issue_world *world = *state;
    struct vrx_arena arena;
    struct vrx_hcert content = {0};
    vrx_arena_init(&arena, 0);
    world_sign(world);
    assert_ok(decide(world, &arena, &content));
    assert_text(content.issuer, "JP");
    assert_text(content.surname, "ONO-SMITH");
    assert_text(content.surname_mrz, "ONO<SMITH");
    assert_text(content.given_mrz, "HANAKO");
    assert_text(content.birth_date, "1964-08-12");
    assert_text(content.date, "2021-07-22");
    assert_text(content.disease, "840539006");
    assert_text(content.product, "EU/1/20/1528");
    assert_text(content.manufacturer, "ORG-100030215");
    assert_text(content.authority, "Sapporo City");
    assert_text(content.country, "JP");
    assert_text(content.identifier, "URN:UVCI:01:JP:X");
    assert_int_equal(content.dose, 2);
    assert_int_equal(content.series, 2);
    assert_int_equal(content.issued, WORLD_NOW);
    assert_int_equal(content.expires, WORLD_NOW + INT64_C(365) * 86400);
    vrx_arena_done(&arena);
}

static void content_counts_series_and_boosters(void **state) {
    struct issue_world *world = *state;
    static const uint32_t series[WORLD_DOSES] = {2, 2, 3};
    for (size_t count = 1; count <= WORLD_DOSES; count++) {
        struct vrx_arena arena;
        struct vrx_hcert content = {0};
        vrx_arena_init(&arena, 0);
        world->statement.dose_count = count;
        world_sign(world);
        assert_ok(decide(world, &arena, &content));
        assert_int_equal(content.dose, count);
        assert_int_equal(content.series, series[count - 1]);
        vrx_arena_done(&arena);
    }
}

/* ---- domestic and travel ---- */

static void apply_for(struct issue_world *world, enum vrx_certificate_kind kind) {
    struct vrx_application *application = &world->application;
    application->kind = kind;
    if (kind == VRX_CERTIFICATE_DOMESTIC) {
        application->surname = application->given_name = (struct vrx_view){0};
        application->name = vrx_view_text("　小野　花子 マリー");
    } else {
        application->given_name = vrx_view_text("HANAKO  MARIE");
        application->passport_number = vrx_view_text("TR1234567");
        application->nationality = vrx_view_text("JPN");
    }
    world->statement.dose_count = WORLD_DOSES;
    world_sign(world);
}

static void domestic_shows_every_dose_and_the_register_s_name(void **state) {
    struct issue_world *world = *state;
    struct vrx_arena arena;
    struct vrx_issue_content content = {0};
    vrx_arena_init(&arena, 0);
    apply_for(world, VRX_CERTIFICATE_DOMESTIC);
    assert_ok(decide_all(world, &arena, &content));
    assert_int_equal(content.formats.count, 1);
    assert_int_equal(content.formats.at[0], VRX_FORMAT_SHC);
    assert_int_equal(content.hcert.issuer.len, 0);
    assert_int_equal(content.vds_nc.issuer.len, 0);
    assert_text(content.shc.issuer, "https://cards.example");
    assert_text(content.shc.surname, "小野");
    assert_text(content.shc.given, "花子 マリー");
    assert_text(content.shc.birth_date, "1964-08-12");
    assert_int_equal(content.shc.issued, WORLD_NOW);
    assert_int_equal(content.shc.expires, WORLD_NOW + INT64_C(365) * 86400);
    assert_int_equal(content.shc.identifier.len, 22);
    assert_int_equal(content.shc.dose_count, WORLD_DOSES);
    for (size_t i = 0; i < WORLD_DOSES; i++) {
        assert_text(content.shc.doses[i].system, "http://hl7.org/fhir/sid/cvx");
        assert_text(content.shc.doses[i].code, "208");
        assert_text(content.shc.doses[i].performer, "札幌市");
        assert_true(vrx_view_equal(content.shc.doses[i].lot, world->dose[i].item.lot));
    }
    assert_text(content.shc.doses[1].date, "2021-07-22");
    vrx_arena_done(&arena);
}

static void travel_has_three_formats_of_one_identifier(void **state) {
    struct issue_world *world = *state;
    struct vrx_arena arena;
    struct vrx_issue_content content = {0};
    vrx_arena_init(&arena, 0);
    apply_for(world, VRX_CERTIFICATE_TRAVEL);
    assert_ok(decide_all(world, &arena, &content));
    assert_int_equal(content.formats.count, 3);
    assert_text(content.hcert.identifier, "URN:UVCI:01:JP:X");
    assert_int_equal(content.hcert.dose, WORLD_DOSES);
    assert_int_equal(content.hcert.expires, content.shc.expires);
    assert_text(content.shc.surname, "ONO-SMITH");
    assert_text(content.shc.given, "HANAKO MARIE");
    assert_text(content.shc.doses[0].performer, "Sapporo City");
    assert_text(content.vds_nc.issuer, "JPN");
    assert_text(content.vds_nc.surname, "ONO SMITH");
    assert_text(content.vds_nc.given, "HANAKO MARIE");
    assert_text(content.vds_nc.document, "TR1234567");
    assert_text(content.vds_nc.birth_date, "1964-08-12");
    assert_int_equal(content.vds_nc.identifier.len, 12);
    assert_int_equal(content.vds_nc.sex.len, 0);
    assert_int_equal(content.vds_nc.dose_count, WORLD_DOSES);
    for (size_t i = 0; i < WORLD_DOSES; i++) {
        assert_text(content.vds_nc.doses[i].prophylaxis, "XM0GQ8");
        assert_text(content.vds_nc.doses[i].product, "Comirnaty");
        assert_text(content.vds_nc.doses[i].disease, "RA01.0");
        assert_text(content.vds_nc.doses[i].centre, "Sapporo City");
        assert_text(content.vds_nc.doses[i].country, "JPN");
        assert_int_equal(content.vds_nc.doses[i].number, i + 1);
    }
    vrx_arena_done(&arena);
}

/* ICAO 9303-4 §4.2.3: 39 characters, and something of the given name among them. */
static void vds_nc_has_room_for_39_characters_of_a_name(void **state) {
    struct issue_world *world = *state;
    static const struct {
        const char *surname, *given, *shown, *shown_given;
    } rows[] = {
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP", "X", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ",
            "X"},
        {"SMITH", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF GHIJKL", "SMITH",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF"},
        {"SMITH", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE FGHIJKL", "SMITH",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDE"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_arena arena;
        struct vrx_issue_content content = {0};
        vrx_arena_init(&arena, 0);
        apply_for(world, VRX_CERTIFICATE_TRAVEL);
        world->application.surname = vrx_view_text(rows[i].surname);
        world->application.given_name = vrx_view_text(rows[i].given);
        world_sign(world);
        assert_ok(decide_all(world, &arena, &content));
        assert_text(content.vds_nc.surname, rows[i].shown);
        assert_text(content.vds_nc.given, rows[i].shown_given);
        vrx_arena_done(&arena);
    }
}

static void vds_nc_names_a_municipality_of_a_long_name_by_its_code(void **state) {
    struct issue_world *world = *state;
    static const char *const names[] = {"A Municipality of a Long Name", "Ōtsu City"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct vrx_arena arena;
        struct vrx_issue_content content = {0};
        vrx_arena_init(&arena, 0);
        world->entry[WORLD_SAPPORO].name_en = vrx_view_text(names[i]);
        apply_for(world, VRX_CERTIFICATE_TRAVEL);
        assert_ok(decide_all(world, &arena, &content));
        assert_text(content.vds_nc.doses[0].centre, world->entry[WORLD_SAPPORO].code.digits);
        assert_text(content.shc.doses[0].performer, names[i]);
        vrx_arena_done(&arena);
    }
}

static void refusal_icao_9303_3_4_6_name_in_kana(void **state) {
    struct issue_world *world = *state;
    struct vrx_arena arena;
    struct vrx_hcert content = {0};
    vrx_arena_init(&arena, 0);
    world->application.surname = vrx_view_text("オノ");
    world_sign(world);
    assert_reason(decide(world, &arena, &content), VRX_INPUT_TEXT);
    vrx_arena_done(&arena);
}

/* The municipality ----------------------------------------------------------------------------- */

static void refusal_sender_unknown(void **state) {
    struct issue_world *world = *state;
    world->directory.entry_count = 1;
    world->entry[0] = world->entry[WORLD_KASHIWA];
    expect(world, VRX_SENDER_UNKNOWN, NULL);
}

static void refusal_sender_not_current(void **state) {
    struct issue_world *world = *state;
    world->entry[WORLD_SAPPORO].valid_until = WORLD_NOW - 1;
    expect(world, VRX_SENDER_NOT_CURRENT, NULL);
}

static void refusal_directory_expired(void **state) {
    struct issue_world *world = *state;
    world->directory.expires = WORLD_NOW - 1;
    expect(world, VRX_DIRECTORY_EXPIRED, NULL);
}

/* The application ------------------------------------------------------------------------------ */

static void refusal_application_missing(void **state) {
    struct issue_world *world = *state;
    world_sign(world);
    world->request.application = (struct vrx_view){0};
    expect_request(world, VRX_APPLICATION_MISSING, NULL);
}

static void refusal_application_signed_by_another_municipality(void **state) {
    struct issue_world *world = *state;
    world->application_by = WORLD_KASHIWA;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->claims_sapporo = true;
    expect(world, VRX_SIGNATURE_INVALID, NULL);
}

static void refusal_application_changed_after_signing(void **state) {
    struct issue_world *world = *state;
    world_sign(world);
    /* Inside the surname: still a good object, no longer the one that was signed. */
    uint8_t *at =
        memmem(world->signed_application.ptr, world->signed_application.len, "ONO-SMITH", 9);
    assert_non_null(at);
    at[0] = 'I';
    expect_request(world, VRX_SIGNATURE_INVALID, NULL);
}

static void refusal_evidence_in_the_application_s_place(void **state) {
    struct issue_world *world = *state;
    world_sign(world);
    world->request.application = world->request.evidence;
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    assert_int_not_equal(decide(world, &arena, NULL).reason, VRX_OK);
    vrx_arena_done(&arena);
}

static void refusal_application_for_another_kind(void **state) {
    struct issue_world *world = *state;
    world_sign(world);
    world->request.kind++; /* domestic */
    expect_request(world, VRX_INPUT_RANGE, "application.h: another kind of certificate");
}

/* application.h: what each kind has. */
static void refusal_application_without_what_its_kind_needs(void **state) {
    struct issue_world *world = *state;
    world->application.name = vrx_view_text("小野　花子");
    expect(world, VRX_INPUT_FIELD_UNKNOWN, "application.name");
    world->application.name = (struct vrx_view){0};
    world->application.given_name = (struct vrx_view){0};
    expect(world, VRX_INPUT_FIELD_MISSING, "application.given_name");
}

static void refusal_application_expired(void **state) {
    struct issue_world *world = *state;
    world->application.applied_at = WORLD_NOW - 86400;
    expect(world, VRX_OK, NULL);
    world->application.applied_at = WORLD_NOW - 86401;
    expect(world, VRX_APPLICATION_EXPIRED, NULL);
    world->application.applied_at = WORLD_NOW + 61;
    expect(world, VRX_APPLICATION_EXPIRED, NULL);
}

static void refusal_application_used(void **state) {
    used = true;
    expect(*state, VRX_APPLICATION_USED, NULL);
}

static void refusal_rate_exceeded(void **state) {
    count_this_hour = vrx_issue_terms_default.hourly_cap - 1;
    expect(*state, VRX_OK, NULL);
    count_this_hour++;
    expect(*state, VRX_RATE_EXCEEDED, NULL);
}

/* The identity check --------------------------------------------------------------------------- */

static void refusal_number_act_16_evidence_missing(void **state) {
    struct issue_world *world = *state;
    world_sign(world);
    world->request.evidence = (struct vrx_view){0};
    expect_request(world, VRX_EVIDENCE_MISSING, "Number Act art. 16");
}

static void refusal_evidence_signed_by_another_municipality(void **state) {
    struct issue_world *world = *state;
    world->evidence_by = WORLD_KASHIWA;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->claims_sapporo = true;
    expect(world, VRX_SIGNATURE_INVALID, NULL);
}

static void refusal_number_act_16_evidence_of_another_person_or_case(void **state) {
    struct issue_world *world = *state;
    world->evidence.subject[0] ^= 1;
    expect(world, VRX_EVIDENCE_SUBJECT, "Number Act art. 16");
    world->evidence.subject[0] ^= 1;
    world->evidence.id[0] ^= 1;
    expect(world, VRX_EVIDENCE_SUBJECT, "Number Act art. 16");
    world->evidence.id[0] ^= 1;
    world->evidence.purpose = VRX_PURPOSE_MOVER;
    expect(world, VRX_EVIDENCE_SUBJECT, "Number Act art. 16");
    world->evidence.purpose = VRX_PURPOSE_CERTIFICATE;
    world->evidence.municipality = world->entry[WORLD_KASHIWA].code;
    expect(world, VRX_EVIDENCE_SUBJECT, "Number Act art. 16");
}

static void refusal_evidence_method_of_proxy_and_person(void **state) {
    struct issue_world *world = *state;
    world->evidence.method = VRX_IDENTITY_PROXY;
    expect(world, VRX_EVIDENCE_METHOD, NULL);
    world->application.applicant = VRX_APPLICANT_PROXY;
    expect(world, VRX_OK, NULL);
    world->evidence.method = VRX_IDENTITY_CARD_SIGNATURE;
    expect(world, VRX_EVIDENCE_METHOD, NULL);
}

static void refusal_evidence_method_without_its_documents(void **state) {
    struct issue_world *world = *state;
    world->evidence.document_count = 0;
    expect(world, VRX_EVIDENCE_METHOD, "identity_evidence.documents");
    world->evidence.document_count = 1;
    expect(world, VRX_OK, NULL);
}

static void refusal_evidence_stale(void **state) {
    struct issue_world *world = *state;
    world->evidence.checked_at = WORLD_NOW - 86401;
    expect(world, VRX_EVIDENCE_STALE, NULL);
    world->evidence.checked_at = WORLD_NOW + 61;
    expect(world, VRX_EVIDENCE_STALE, NULL);
}

/* The doses ------------------------------------------------------------------------------------ */

static void refusal_statement_missing(void **state) {
    struct issue_world *world = *state;
    world_sign(world);
    world->request.statement = (struct vrx_view){0};
    expect_request(world, VRX_DOSE_UNPROVEN, NULL);
}

static void refusal_statement_signed_by_another_municipality(void **state) {
    struct issue_world *world = *state;
    world->statement_by = WORLD_KASHIWA;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->claims_sapporo = true;
    expect(world, VRX_SIGNATURE_INVALID, NULL);
}

static void refusal_statement_for_another_application_or_person(void **state) {
    struct issue_world *world = *state;
    world->statement.application_id[0] ^= 1;
    expect(world, VRX_APPLICATION_MISSING, NULL);
    world->statement.application_id[0] ^= 1;
    world->statement.person[0] ^= 1;
    expect(world, VRX_APPLICATION_MISSING, NULL);
    world->statement.person[0] ^= 1;
    world->statement.municipality = world->entry[WORLD_KASHIWA].code;
    expect(world, VRX_APPLICATION_MISSING, NULL);
}

/* Another municipality's doses ------------------------------------------------------------------
 */

/* Sapporo certifies on an application that was made at Kashiwa, which names it. Sapporo's ledger
 * knows the person by a token of its own. */
static struct issue_world *make_elsewhere(void **state) {
    struct issue_world *world = *state;
    world->application.municipality = world->entry[WORLD_KASHIWA].code;
    world->application.elsewhere = &world->entry[WORLD_SAPPORO].code;
    world->application.elsewhere_count = 1;
    world->application.person[0] ^= 1;
    world->application_by = WORLD_KASHIWA;
    world->evidence.municipality = world->entry[WORLD_KASHIWA].code;
    world->evidence_by = WORLD_KASHIWA;
    world->statement.subject = vrx_view_of(world->application.subject, VRX_DIGEST);
    return world;
}

static void elsewhere_the_one_that_administered_is_named(void **state) {
    struct issue_world *world = make_elsewhere(state);
    struct vrx_arena arena;
    struct vrx_hcert content = {0};
    vrx_arena_init(&arena, 0);
    world_sign(world);
    assert_ok(decide(world, &arena, &content));
    assert_text(content.authority, "Sapporo City");
    vrx_arena_done(&arena);
}

static void elsewhere_refusal_not_named_in_the_application(void **state) {
    struct issue_world *world = make_elsewhere(state);
    world->application.elsewhere_count = 0;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->statement_by = WORLD_KASHIWA;
    expect(world, VRX_APPLICATION_MISSING, NULL);
}

static void elsewhere_refusal_another_or_no_subject(void **state) {
    struct issue_world *world = make_elsewhere(state);
    uint8_t other[VRX_DIGEST];
    memcpy(other, world->application.subject, VRX_DIGEST);
    other[0] ^= 1;
    world->statement.subject = vrx_view_of(other, VRX_DIGEST);
    expect(world, VRX_APPLICATION_MISSING, "dose_statement.h: application and person");
    world->statement.subject = (struct vrx_view){0};
    expect(world, VRX_APPLICATION_MISSING, "dose_statement.h: application and person");
    memcpy(world->application.person, world->statement.person, VRX_DIGEST);
    expect(world, VRX_APPLICATION_MISSING, "dose_statement.h: application and person");
}

/* The right subject does not stand for the person where the ledger is that of the counter. */
static void refusal_subject_in_the_place_of_the_person(void **state) {
    struct issue_world *world = *state;
    world->statement.subject = vrx_view_of(world->application.subject, VRX_DIGEST);
    expect(world, VRX_OK, NULL);
    world->application.person[0] ^= 1;
    expect(world, VRX_APPLICATION_MISSING, NULL);
}

static void elsewhere_refusal_signed_by_the_wrong_one(void **state) {
    struct issue_world *world = make_elsewhere(state);
    world->application_by = WORLD_SAPPORO;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->application_by = WORLD_KASHIWA;
    world->evidence_by = WORLD_SAPPORO;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->evidence_by = WORLD_KASHIWA;
    world->statement_by = WORLD_KASHIWA;
    expect(world, VRX_KEY_UNKNOWN, "RFC 9052 §3.1");
    world->statement_by = WORLD_SAPPORO;
    world->checkpoint_by = WORLD_KASHIWA;
    world_record(world);
    expect(world, VRX_KEY_UNKNOWN, NULL);
    world->checkpoint_by = WORLD_SAPPORO;
    world->checkpoint_of = WORLD_KASHIWA;
    world_record(world);
    expect(world, VRX_DOSE_UNPROVEN, "C2SP tlog-checkpoint: origin");
}

static void elsewhere_refusal_evidence_of_the_one_that_certifies(void **state) {
    struct issue_world *world = make_elsewhere(state);
    world->evidence.municipality = world->entry[WORLD_SAPPORO].code;
    expect(world, VRX_EVIDENCE_SUBJECT, "Number Act art. 16");
}

static void elsewhere_refusal_doses_of_the_counter_s_municipality(void **state) {
    struct issue_world *world = make_elsewhere(state);
    world->dose[1].item.administered_by = world->entry[WORLD_KASHIWA].code;
    world_record(world);
    expect(world, VRX_DOSE_FOREIGN, NULL);
}

static void elsewhere_refusal_not_current(void **state) {
    struct issue_world *world = make_elsewhere(state);
    world->entry[WORLD_SAPPORO].valid_until = WORLD_NOW - 1;
    expect(world, VRX_SENDER_NOT_CURRENT, NULL);
}

/* memory knows the application by its id, which is Kashiwa's use of it, and counts for Sapporo. */
static void elsewhere_the_use_and_the_cap_are_of_the_one_that_certifies(void **state) {
    struct issue_world *world = make_elsewhere(state);
    used = true;
    expect(world, VRX_OK, NULL);
    count_this_hour = vrx_issue_terms_default.hourly_cap;
    expect(world, VRX_RATE_EXCEEDED, NULL);
}

static void refusal_statement_too_old(void **state) {
    struct issue_world *world = *state;
    world->statement.stated_at = WORLD_NOW - 901;
    expect(world, VRX_DOSE_UNPROVEN, "issue_case.h: statement_age");
}

static void refusal_disclosure_protection_flag(void **state) {
    struct issue_world *world = *state;
    world->statement.closed = true;
    expect(world, VRX_DISCLOSURE_REFUSED, NULL);
}

static void refusal_dose_foreign(void **state) {
    struct issue_world *world = *state;
    world->dose[0].item.administered_by = world->entry[WORLD_KASHIWA].code;
    world_record(world);
    expect(world, VRX_DOSE_FOREIGN, NULL);
}

static void refusal_checkpoint_signed_by_another_municipality(void **state) {
    struct issue_world *world = *state;
    world->checkpoint_by = WORLD_KASHIWA;
    world_record(world);
    expect(world, VRX_KEY_UNKNOWN, NULL);
}

/* Between application and statement Sapporo's key changes: what was signed before stays good. */
static void a_case_may_span_a_change_of_keys(void **state) {
    struct issue_world *world = *state;
    struct vrx_dated_key keys[2];
    world->entry[WORLD_SAPPORO].signing_keys = keys;
    world->entry[WORLD_SAPPORO].signing_key_count = 2;
    /* Kashiwa's key stands in for Sapporo's next one. */
    keys[0] = world->key[WORLD_KASHIWA];
    keys[1] = world->key[WORLD_SAPPORO];
    keys[0].from = WORLD_NOW - 30;
    keys[1].until = WORLD_NOW - 30;
    world->statement_by = world->checkpoint_by = WORLD_KASHIWA;
    world_record(world);
    expect(world, VRX_OK, NULL);
    keys[0].from = WORLD_NOW;
    expect(world, VRX_KEY_NOT_IN_FORCE, "dose_statement.stated_at");
    keys[0].from = WORLD_NOW - 30;
    keys[1].until = WORLD_NOW - 61;
    expect(world, VRX_KEY_NOT_IN_FORCE, "application.applied_at");
    keys[1].until = WORLD_NOW - 30;
    world->application.applied_at = WORLD_NOW - 29;
    expect(world, VRX_KEY_NOT_IN_FORCE, "application.applied_at");
    world->application.applied_at = WORLD_NOW - 60;
    keys[1].from = WORLD_NOW - 119;
    expect(world, VRX_KEY_NOT_IN_FORCE, "identity_evidence.checked_at");
    keys[1].from = 0;
    world->checkpoint_by = WORLD_SAPPORO;
    world_record(world);
    expect(world, VRX_KEY_NOT_IN_FORCE, "dose_statement.checkpoint");
}

static void refusal_tlog_checkpoint_origin_is_another_municipality(void **state) {
    struct issue_world *world = *state;
    world->checkpoint_of = WORLD_KASHIWA;
    world_record(world);
    expect(world, VRX_DOSE_UNPROVEN, "C2SP tlog-checkpoint: origin");
}

static void refusal_entry_that_records_a_refusal(void **state) {
    struct issue_world *world = *state;
    world->outcome = VRX_DATE_IN_FUTURE;
    world_record(world);
    expect(world, VRX_DOSE_UNPROVEN, "audit_entry.h: the entry records a refusal");
}

static void refusal_dose_item_commitment(void **state) {
    struct issue_world *world = *state;
    world->dose[1].item.administered_on.day++;
    expect(world, VRX_DOSE_UNPROVEN, "dose_item.h: commitment");
    world->dose[1].item.administered_on.day--;
    world->dose[0].salt[0] ^= 1;
    expect(world, VRX_DOSE_UNPROVEN, "dose_item.h: commitment");
}

static void refusal_entry_of_another_person(void **state) {
    struct issue_world *world = *state;
    world->application.person[0] ^= 1;
    world->statement.person[0] ^= 1;
    expect(world, VRX_DOSE_UNPROVEN, "audit_entry.h: the entry is about another person");
}

/* An entry that commits to the dose and was never written. */
static void refusal_rfc_9162_2_1_3_2_entry_not_in_the_ledger(void **state) {
    struct issue_world *world = *state;
    struct issue_world other = *world;
    memset(other.ledger, 0, sizeof other.ledger);
    memset(other.proof, 0, sizeof other.proof);
    other.checkpoint = (struct vrx_buffer){0};
    world_record(&other); /* new salts, new request ids: another tree */
    world->dose[0] = other.dose[0];
    expect(world, VRX_DOSE_UNPROVEN, "RFC 9162 §2.1.3.2");
    for (size_t i = 0; i < WORLD_ENTRIES; i++)
        vrx_buffer_done(&other.ledger[i]);
    for (size_t i = 0; i < WORLD_DOSES; i++)
        vrx_buffer_done(&other.proof[i]);
    vrx_buffer_done(&other.checkpoint);
}

static void refusal_rfc_9162_2_1_3_2_proof(void **state) {
    struct issue_world *world = *state;
    uint8_t *hash = world->proof[0].ptr;
    hash[0] ^= 1;
    expect(world, VRX_DOSE_UNPROVEN, "RFC 9162 §2.1.3.2");
    hash[0] ^= 1;
    world->dose[0].ledger_index++;
    expect(world, VRX_DOSE_UNPROVEN, "RFC 9162 §2.1.3.2");
    world->dose[0].ledger_index--;
    world->dose[0].proof.len -= 1;
    expect(world, VRX_DOSE_UNPROVEN, "dose_statement.h: hashes of 32 bytes");
    world->dose[0].proof.len -= 31;
    expect(world, VRX_DOSE_UNPROVEN, "RFC 9162 §2.1.3.2");
}

static void refusal_quality_gate_runs_last(void **state) {
    struct issue_world *world = *state;
    world->dose[1].item.administered_on = world->dose[0].item.administered_on;
    world_record(world);
    expect(world, VRX_DOSE_INTERVAL, "quality gate: two doses on one day");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(good_case_is_accepted),
        TEST(content_shows_the_latest_dose),
        TEST(content_counts_series_and_boosters),
        TEST(domestic_shows_every_dose_and_the_register_s_name),
        TEST(travel_has_three_formats_of_one_identifier),
        TEST(vds_nc_has_room_for_39_characters_of_a_name),
        TEST(vds_nc_names_a_municipality_of_a_long_name_by_its_code),
        TEST(refusal_icao_9303_3_4_6_name_in_kana),
        TEST(refusal_sender_unknown),
        TEST(refusal_sender_not_current),
        TEST(refusal_directory_expired),
        TEST(refusal_application_missing),
        TEST(refusal_application_signed_by_another_municipality),
        TEST(refusal_application_changed_after_signing),
        TEST(refusal_evidence_in_the_application_s_place),
        TEST(refusal_application_for_another_kind),
        TEST(refusal_application_without_what_its_kind_needs),
        TEST(refusal_application_expired),
        TEST(refusal_application_used),
        TEST(refusal_rate_exceeded),
        TEST(refusal_number_act_16_evidence_missing),
        TEST(refusal_evidence_signed_by_another_municipality),
        TEST(refusal_number_act_16_evidence_of_another_person_or_case),
        TEST(refusal_evidence_method_of_proxy_and_person),
        TEST(refusal_evidence_method_without_its_documents),
        TEST(refusal_evidence_stale),
        TEST(refusal_statement_missing),
        TEST(refusal_statement_signed_by_another_municipality),
        TEST(refusal_statement_for_another_application_or_person),
        TEST(elsewhere_the_one_that_administered_is_named),
        TEST(elsewhere_refusal_not_named_in_the_application),
        TEST(elsewhere_refusal_another_or_no_subject),
        TEST(refusal_subject_in_the_place_of_the_person),
        TEST(elsewhere_refusal_signed_by_the_wrong_one),
        TEST(elsewhere_refusal_evidence_of_the_one_that_certifies),
        TEST(elsewhere_refusal_doses_of_the_counter_s_municipality),
        TEST(elsewhere_refusal_not_current),
        TEST(elsewhere_the_use_and_the_cap_are_of_the_one_that_certifies),
        TEST(refusal_statement_too_old),
        TEST(refusal_disclosure_protection_flag),
        TEST(refusal_dose_foreign),
        TEST(refusal_checkpoint_signed_by_another_municipality),
        TEST(a_case_may_span_a_change_of_keys),
        TEST(refusal_tlog_checkpoint_origin_is_another_municipality),
        TEST(refusal_entry_that_records_a_refusal),
        TEST(refusal_dose_item_commitment),
        TEST(refusal_entry_of_another_person),
        TEST(refusal_rfc_9162_2_1_3_2_entry_not_in_the_ledger),
        TEST(refusal_rfc_9162_2_1_3_2_proof),
        TEST(refusal_quality_gate_runs_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
