/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/signer/issue.c and directory_file.c: one request through policy, journal and mint,
 * with the files in place and no process around them.
 */
#include "signer/issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "files/files.h"
#include "formats/uvci.h"
#include "support/check.h"
#include "support/issue_reply.h"
#include "support/issue_world.h"

#define NOW ((int64_t)1639000000)

struct fixture {
    struct issue_world world;
    char folder[64];
    char directory_path[96];
    struct vrx_public_key *authority;
    struct vrx_issue_terms terms;
    struct vrx_journal *journal;
    struct vrx_mint *mint;
    struct vrx_directory_file *directory;
    struct vrx_issuer issuer;
};

static void write_directory(const struct fixture *fixture) {
    struct vrx_buffer message = {0};
    world_sign_directory(&fixture->world, &message);
    assert_ok(vrx_file_replace(fixture->directory_path, 0644, vrx_buffer_view(&message)));
    vrx_buffer_done(&message);
}

static void make_mint(struct fixture *fixture) {
    struct vrx_buffer certificate = {0};
    struct vrx_secret *pem = NULL;
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_certificate_to_pem(fixture->world.dsc.cert, &certificate));
    assert_ok(vrx_private_key_to_pem(fixture->world.dsc.key, &pem));
    assert_ok(vrx_private_key_from_pem(vrx_secret_view(pem), &key));
    assert_ok(vrx_mint_new(vrx_buffer_view(&certificate), &key, &fixture->mint));
    vrx_secret_free(&pem);
    vrx_buffer_done(&certificate);
}

static void open_all(struct fixture *fixture) {
    assert_ok(vrx_journal_open(fixture->folder, NULL, &fixture->journal));
    assert_ok(vrx_directory_file_new(
        fixture->directory_path, fixture->authority, fixture->journal, NOW, &fixture->directory));
    fixture->issuer = (struct vrx_issuer){.terms = &fixture->terms,
        .journal = fixture->journal,
        .mint = fixture->mint,
        .directory = fixture->directory,
        .random = vrx_random_system()};
}

static void close_all(struct fixture *fixture) {
    vrx_directory_file_free(&fixture->directory);
    vrx_journal_free(&fixture->journal);
}

static int setup(void **state) {
    static const char pattern[] = "/tmp/vrx-issue-XXXXXX";
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->terms = vrx_issue_terms_default;
    memcpy(fixture->folder, pattern, sizeof pattern);
    assert_non_null(mkdtemp(fixture->folder));
    (void)snprintf(
        fixture->directory_path, sizeof fixture->directory_path, "%s/directory", fixture->folder);
    world_init(&fixture->world, NOW);
    world_record(&fixture->world);
    world_sign(&fixture->world);
    assert_ok(vrx_private_key_public(fixture->world.authority, &fixture->authority));
    write_directory(fixture);
    make_mint(fixture);
    open_all(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    char journal[96];
    (void)snprintf(journal, sizeof journal, "%s/journal", fixture->folder);
    close_all(fixture);
    vrx_mint_free(&fixture->mint);
    vrx_public_key_free(&fixture->authority);
    world_done(&fixture->world);
    unlink(journal);
    unlink(fixture->directory_path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static struct vrx_issue_note answer_bytes(const struct fixture *fixture, struct vrx_view request,
    struct vrx_arena *arena, struct vrx_issue_reply *reply) {
    struct vrx_buffer bytes = {0};
    struct vrx_issue_note note;
    assert_ok(vrx_issuer_answer(&fixture->issuer, request, NOW, &bytes, &note));
    assert_ok(vrx_object_decode(&vrx_issue_reply_schema, vrx_buffer_view(&bytes), arena, reply));
    vrx_buffer_done(&bytes);
    assert_int_equal(reply->reason, note.result.reason);
    return note;
}

static struct vrx_issue_note answer(
    const struct fixture *fixture, struct vrx_arena *arena, struct vrx_issue_reply *reply) {
    struct vrx_buffer request = {0};
    assert_ok(vrx_object_encode(&vrx_issue_request_schema, &fixture->world.request, &request));
    struct vrx_issue_note note = answer_bytes(fixture, vrx_buffer_view(&request), arena, reply);
    vrx_buffer_done(&request);
    return note;
}

static struct vrx_issue_note expect(const struct fixture *fixture, enum vrx_reason reason) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    struct vrx_issue_note note = answer(fixture, &arena, &reply);
    assert_reason(note.result, reason);
    assert_int_equal(issue_reply_text(&reply, VRX_FORMAT_HCERT).len != 0, reason == VRX_OK);
    vrx_arena_done(&arena);
    return note;
}

/* Of any kind. */
static struct vrx_issue_note answer_kind(const struct fixture *fixture, enum vrx_reason reason) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    struct vrx_issue_note note = answer(fixture, &arena, &reply);
    assert_reason(note.result, reason);
    assert_int_equal(reply.certificate_count != 0, reason == VRX_OK);
    vrx_arena_done(&arena);
    return note;
}

struct seen {
    size_t intents, issued;
    struct vrx_journal_entry last;
    char uvci[64];
};

static struct vrx_result see(void *context, const struct vrx_journal_entry *entry) {
    struct seen *seen = context;
    seen->intents += entry->kind == VRX_JOURNAL_INTENT;
    seen->issued += entry->kind == VRX_JOURNAL_KEPT;
    seen->last = *entry;
    (void)snprintf(
        seen->uvci, sizeof seen->uvci, "%.*s", (int)entry->uvci.len, (const char *)entry->uvci.ptr);
    return vrx_ok();
}

static void issued_certificate_verifies_and_is_recorded(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_hcert hcert;
    struct seen seen = {0};
    uint8_t digest[VRX_SHA256];
    vrx_arena_init(&arena, 0);
    struct vrx_issue_note note = answer(fixture, &arena, &reply);
    assert_ok(note.result);
    assert_true(note.known && note.intended);
    assert_memory_equal(note.application, fixture->world.application.id, VRX_ID);
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add(trust, vrx_certificate_der(fixture->world.dsc.cert)));
    assert_ok(vrx_hcert_verify(
        issue_reply_text(&reply, VRX_FORMAT_HCERT), trust, NOW, &arena, &finding, &hcert));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(vrx_view_equal(hcert.identifier, reply.uvci));
    assert_true(vrx_uvci_is_checked(reply.uvci));
    assert_true(vrx_view_equal(hcert.surname_mrz, vrx_view_text("ONO<SMITH")));
    assert_int_equal(reply.issued_at, NOW);
    assert_int_equal(reply.expires_at, NOW + INT64_C(365) * 86400);
    assert_ok(vrx_journal_each(fixture->folder, see, &seen));
    assert_int_equal(seen.intents, 1);
    assert_int_equal(seen.issued, 1);
    assert_ok(vrx_sha256(issue_reply_text(&reply, VRX_FORMAT_HCERT), digest));
    assert_memory_equal(seen.last.certificate, digest, VRX_SHA256);
    assert_true(vrx_view_equal(reply.uvci, vrx_view_text(seen.uvci)));
    vrx_trust_list_free(&trust);
    vrx_arena_done(&arena);
}

static void certificate_ends_with_its_signer(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    fixture->terms.lifetime = UINT64_C(10) * 365 * 86400;
    assert_ok(answer(fixture, &arena, &reply).result);
    assert_int_equal(reply.expires_at, world_signer_until(&fixture->world));
    vrx_arena_done(&arena);
}

static void expect_same(
    const struct fixture *fixture, const struct vrx_issue_reply *first, bool again) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    struct vrx_issue_note note = answer(fixture, &arena, &reply);
    assert_ok(note.result);
    assert_int_equal(note.again, again);
    assert_true(vrx_view_equal(reply.uvci, first->uvci));
    assert_int_equal(reply.issued_at, first->issued_at);
    assert_int_equal(reply.expires_at, first->expires_at);
    if (again)
        assert_true(vrx_view_equal(
            issue_reply_text(&reply, VRX_FORMAT_HCERT), issue_reply_text(first, VRX_FORMAT_HCERT)));
    vrx_arena_done(&arena);
}

/* The answer may have been lost: one application, one certificate, byte for byte, in one record. */
static void an_application_gives_its_certificate_again_also_after_a_restart(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply first;
    struct seen seen = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(answer(fixture, &arena, &first).result);
    expect_same(fixture, &first, true);
    close_all(fixture);
    open_all(fixture);
    expect_same(fixture, &first, true);
    fixture->world.statement.stated_at++; /* stated anew, the same */
    world_sign(&fixture->world);
    assert_ok(vrx_journal_each(fixture->folder, see, &seen));
    assert_int_equal(seen.intents, 1);
    assert_int_equal(seen.issued, 1);
    world_renew(&fixture->world); /* what is appended after a recall stands at the end */
    world_sign(&fixture->world);
    expect(fixture, VRX_OK);
    close_all(fixture);
    open_all(fixture);
    vrx_arena_done(&arena);
}

/* Whose doses, in whose ledger, the statement says; the application is Kashiwa's. */
static void certify_by(struct fixture *fixture, enum world_municipality town) {
    struct issue_world *world = &fixture->world;
    world->statement.municipality = world->entry[town].code;
    world->statement_by = world->checkpoint_by = world->checkpoint_of = town;
    for (size_t i = 0; i < WORLD_DOSES; i++)
        world->dose[i].item.administered_by = world->entry[town].code;
    world_record(world);
    world_sign(world);
}

/* Issued now, and again, under the application at hand; the journal then has so many of each. */
static void expect_one_more(struct fixture *fixture, struct vrx_arena *arena,
    struct vrx_view application, size_t count, struct vrx_issue_reply *reply) {
    struct seen seen = {0};
    fixture->world.request.application = application;
    struct vrx_issue_note note = answer(fixture, arena, reply);
    assert_ok(note.result);
    assert_false(note.again);
    assert_true(
        vrx_municipality_code_equal(&note.municipality, &fixture->world.statement.municipality));
    expect_same(fixture, reply, true);
    assert_ok(vrx_journal_each(fixture->folder, see, &seen));
    assert_int_equal(seen.intents, count);
    assert_int_equal(seen.issued, count);
}

/* One application for two municipalities: each uses it, and each once, also after a restart. */
static void each_municipality_of_an_application_has_its_own_use(void **state) {
    struct fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    struct vrx_arena arena;
    struct vrx_issue_reply replies[WORLD_MUNICIPALITIES];
    struct vrx_buffer application VRX_CLEANUP(vrx_buffer_done) = {0};
    vrx_arena_init(&arena, 0);
    world->application.municipality = world->entry[WORLD_KASHIWA].code;
    world->application.elsewhere = &world->entry[WORLD_SAPPORO].code;
    world->application.elsewhere_count = 1;
    world->application_by = world->evidence_by = WORLD_KASHIWA;
    world->evidence.municipality = world->entry[WORLD_KASHIWA].code;
    world->statement.subject = vrx_view_of(world->application.subject, VRX_DIGEST);
    certify_by(fixture, WORLD_SAPPORO);
    assert_ok(vrx_buffer_append(&application, vrx_buffer_view(&world->signed_application)));
    expect_one_more(fixture, &arena, vrx_buffer_view(&application), 1, &replies[0]);
    close_all(fixture);
    open_all(fixture);
    expect_same(fixture, &replies[0], true);
    certify_by(fixture, WORLD_KASHIWA);
    expect_one_more(fixture, &arena, vrx_buffer_view(&application), 2, &replies[1]);
    assert_false(vrx_view_equal(replies[0].uvci, replies[1].uvci));
    vrx_arena_done(&arena);
}

/* Neither name nor birth date, in the clear, stand in the journal that keeps it. */
static void what_is_kept_is_sealed(void **state) {
    struct fixture *fixture = *state;
    char path[96];
    struct vrx_arena arena;
    struct vrx_issue_reply first;
    struct vrx_buffer journal VRX_CLEANUP(vrx_buffer_done) = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(answer(fixture, &arena, &first).result);
    (void)snprintf(path, sizeof path, "%s/journal", fixture->folder);
    assert_ok(vrx_file_read(path, 1 << 20, &journal));
    assert_true(journal.len > issue_reply_text(&first, VRX_FORMAT_HCERT).len);
    assert_null(memmem(journal.ptr, journal.len, "HC1:", 4));
    assert_null(
        memmem(journal.ptr, journal.len, issue_reply_text(&first, VRX_FORMAT_HCERT).ptr + 10, 40));
    vrx_arena_done(&arena);
}

/* Another name under the same application id, signed by the municipality: not the same request. */
static void refusal_application_used_for_another_content(void **state) {
    struct fixture *fixture = *state;
    expect(fixture, VRX_OK);
    fixture->world.application.surname = vrx_view_text("TANAKA");
    world_sign(&fixture->world);
    struct vrx_issue_note note = expect(fixture, VRX_APPLICATION_USED);
    assert_false(note.intended);
    close_all(fixture);
    open_all(fixture);
    expect(fixture, VRX_APPLICATION_USED);
}

/* A crash after the intent: nothing was let out, and the certificate is made under that intent. */
static void an_intent_that_was_left_is_carried_out(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct seen seen = {0};
    struct vrx_journal_entry intent = {.kind = VRX_JOURNAL_INTENT,
        .time = NOW - 60,
        .municipality = fixture->world.application.municipality};
    char uvci[VRX_UVCI_TEXT + 1];
    static const uint8_t random[VRX_UVCI_RANDOM] = {7};
    vrx_uvci_make(random, uvci);
    intent.uvci = vrx_view_text(uvci);
    memcpy(intent.application, fixture->world.application.id, VRX_ID);
    assert_ok(vrx_journal_append(fixture->journal, &intent));
    close_all(fixture);
    open_all(fixture);
    vrx_arena_init(&arena, 0);
    assert_ok(answer(fixture, &arena, &reply).result);
    assert_true(vrx_view_equal(reply.uvci, vrx_view_text(uvci)));
    assert_int_equal(reply.issued_at, NOW - 60);
    expect_same(fixture, &reply, true);
    assert_ok(vrx_journal_each(fixture->folder, see, &seen));
    assert_int_equal(seen.intents, 1);
    assert_int_equal(seen.issued, 1);
    vrx_arena_done(&arena);
}

/* What an earlier version issued was not kept. */
static void refusal_application_used_where_nothing_was_kept(void **state) {
    struct fixture *fixture = *state;
    struct vrx_journal_entry entry = {.kind = VRX_JOURNAL_INTENT,
        .time = NOW,
        .uvci = vrx_view_text("URN:UVCI:01:JP:X#Y"),
        .municipality = fixture->world.application.municipality};
    memcpy(entry.application, fixture->world.application.id, VRX_ID);
    assert_ok(vrx_journal_append(fixture->journal, &entry));
    entry.kind = VRX_JOURNAL_ISSUED;
    assert_ok(vrx_journal_append(fixture->journal, &entry));
    expect(fixture, VRX_APPLICATION_USED);
}

/* What can be known beforehand does not use the application up. */
static void refusal_leaves_the_application_open(void **state) {
    struct fixture *fixture = *state;
    struct seen seen = {0};
    fixture->world.application.surname = vrx_view_text("小野");
    world_sign(&fixture->world);
    struct vrx_issue_note note = expect(fixture, VRX_INPUT_TEXT);
    assert_false(note.intended);
    fixture->world.application.surname = vrx_view_text("ONO");
    world_sign(&fixture->world);
    expect(fixture, VRX_OK);
    assert_ok(vrx_journal_each(fixture->folder, see, &seen));
    assert_int_equal(seen.intents, 1);
}

static void refusal_rate_counts_this_municipality_s_hour(void **state) {
    struct fixture *fixture = *state;
    fixture->terms.hourly_cap = 2;
    for (int i = 0; i < 2; i++) {
        expect(fixture, VRX_OK);
        world_renew(&fixture->world);
        world_sign(&fixture->world);
    }
    expect(fixture, VRX_RATE_EXCEEDED);
}

static void refusal_codec_of_bytes_that_are_no_request(void **state) {
    const struct fixture *fixture = *state;
    static const char *const rows[] = {"", "\x01", "\xa1\x01\x01", "sign this, please"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_arena arena;
        struct vrx_issue_reply reply;
        vrx_arena_init(&arena, 0);
        struct vrx_issue_note note = answer_bytes(fixture, vrx_view_text(rows[i]), &arena, &reply);
        assert_int_equal(vrx_reason_category(note.result.reason), VRX_CATEGORY_INPUT);
        assert_int_equal(issue_reply_text(&reply, VRX_FORMAT_HCERT).len, 0);
        assert_false(note.known);
        vrx_arena_done(&arena);
    }
}

/* Other kinds than HCERT ------------------------------------------------------------------------
 */

#define CARDS "https://cards.sapporo.example"

static void add_shc(struct fixture *fixture, uint8_t ret_point[VRX_P256_POINT]) {
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    vrx_private_key_point(key, ret_point);
    assert_ok(vrx_mint_add_shc(fixture->mint, vrx_view_text(CARDS), &key));
    assert_null(key);
}

static void add_vds(struct fixture *fixture) {
    struct test_signer signer = {0};
    struct vrx_buffer certificate = {0};
    struct vrx_buffer authority = {0};
    test_certificate(VRX_PROFILE_VDS_SIGNER, &fixture->world.csca, 3, NOW - 86400,
        world_signer_until(&fixture->world), &signer);
    assert_ok(vrx_certificate_to_pem(signer.cert, &certificate));
    assert_ok(vrx_certificate_to_pem(fixture->world.csca.cert, &authority));
    assert_ok(vrx_mint_add_vds(
        fixture->mint, vrx_buffer_view(&certificate), vrx_buffer_view(&authority), &signer.key));
    vrx_buffer_done(&certificate);
    vrx_buffer_done(&authority);
    test_signer_done(&signer);
}

static void apply_for(struct fixture *fixture, enum vrx_certificate_kind kind) {
    struct vrx_application *application = &fixture->world.application;
    application->kind = kind;
    application->surname = vrx_view_text(kind == VRX_CERTIFICATE_DOMESTIC ? "" : "ONO-SMITH");
    application->given_name = vrx_view_text(kind == VRX_CERTIFICATE_DOMESTIC ? "" : "HANAKO");
    application->name = vrx_view_text(kind == VRX_CERTIFICATE_DOMESTIC ? "小野　花子" : "");
    application->passport_number = vrx_view_text(kind == VRX_CERTIFICATE_TRAVEL ? "TR123456" : "");
    application->nationality = vrx_view_text(kind == VRX_CERTIFICATE_TRAVEL ? "JPN" : "");
    fixture->world.statement.dose_count = WORLD_DOSES;
    world_sign(&fixture->world);
}

/* One list that trusts all three. */
static struct vrx_trust_list *trust_all(
    const struct fixture *fixture, const uint8_t point[VRX_P256_POINT]) {
    struct vrx_trust_list *trust = NULL;
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add(trust, vrx_certificate_der(fixture->world.dsc.cert)));
    assert_ok(vrx_trust_list_add_csca(trust, vrx_certificate_der(fixture->world.csca.cert)));
    assert_ok(
        vrx_trust_list_add_issuer(trust, vrx_view_text(CARDS), vrx_view_of(point, VRX_P256_POINT)));
    return trust;
}

static void travel_gives_three_certificates_of_one_record(void **state) {
    struct fixture *fixture = *state;
    uint8_t point[VRX_P256_POINT];
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct vrx_finding finding;
    struct vrx_hcert hcert;
    struct vrx_shc shc;
    struct vrx_vds_nc vds;
    struct seen seen = {0};
    add_shc(fixture, point);
    add_vds(fixture);
    apply_for(fixture, VRX_CERTIFICATE_TRAVEL);
    struct vrx_trust_list *trust = trust_all(fixture, point);
    vrx_arena_init(&arena, 0);
    assert_ok(answer(fixture, &arena, &reply).result);
    assert_int_equal(reply.certificate_count, 3);
    const struct vrx_issued_certificate *issued = reply.certificates;
    assert_ok(vrx_hcert_verify(issued[0].text, trust, NOW, &arena, &finding, &hcert));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(vrx_view_equal(hcert.identifier, reply.uvci));
    assert_int_equal(hcert.dose, WORLD_DOSES);
    assert_ok(vrx_shc_verify(issued[1].text, trust, NOW, &arena, &finding, &shc));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_int_equal(shc.dose_count, WORLD_DOSES);
    assert_int_equal(shc.expires, reply.expires_at);
    assert_ok(vrx_vds_nc_verify(issued[2].text, trust, NOW, &arena, &finding, &vds));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_int_equal(vds.dose_count, WORLD_DOSES);
    assert_true(vrx_view_equal(vds.document, vrx_view_text("TR123456")));
    assert_ok(vrx_journal_each(fixture->folder, see, &seen));
    assert_int_equal(seen.intents, 1);
    assert_int_equal(seen.issued, 1);
    vrx_trust_list_free(&trust);
    vrx_arena_done(&arena);
}

static void all_formats_are_given_again_after_a_restart(void **state) {
    struct fixture *fixture = *state;
    uint8_t point[VRX_P256_POINT];
    struct vrx_arena arena;
    struct vrx_issue_reply first;
    struct vrx_issue_reply again;
    add_shc(fixture, point);
    add_vds(fixture);
    apply_for(fixture, VRX_CERTIFICATE_TRAVEL);
    vrx_arena_init(&arena, 0);
    assert_ok(answer(fixture, &arena, &first).result);
    close_all(fixture);
    open_all(fixture);
    struct vrx_issue_note note = answer(fixture, &arena, &again);
    assert_ok(note.result);
    assert_true(note.again);
    assert_int_equal(again.certificate_count, first.certificate_count);
    for (size_t i = 0; i < first.certificate_count; i++) {
        assert_int_equal(again.certificates[i].format, first.certificates[i].format);
        assert_true(vrx_view_equal(again.certificates[i].text, first.certificates[i].text));
    }
    fixture->world.application.passport_number = vrx_view_text("TR999999");
    world_sign(&fixture->world);
    expect(fixture, VRX_APPLICATION_USED);
    vrx_arena_done(&arena);
}

static void domestic_gives_a_card_with_the_register_s_name(void **state) {
    struct fixture *fixture = *state;
    uint8_t point[VRX_P256_POINT];
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct vrx_finding finding;
    struct vrx_shc shc;
    add_shc(fixture, point);
    apply_for(fixture, VRX_CERTIFICATE_DOMESTIC);
    struct vrx_trust_list *trust = trust_all(fixture, point);
    vrx_arena_init(&arena, 0);
    assert_ok(answer(fixture, &arena, &reply).result);
    assert_int_equal(reply.certificate_count, 1);
    assert_int_equal(reply.expires_at, NOW + INT64_C(365) * 86400);
    assert_ok(vrx_shc_verify(
        issue_reply_text(&reply, VRX_FORMAT_SHC), trust, NOW, &arena, &finding, &shc));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(vrx_view_equal(shc.surname, vrx_view_text("小野")));
    assert_true(vrx_view_equal(shc.given, vrx_view_text("花子")));
    vrx_trust_list_free(&trust);
    vrx_arena_done(&arena);
}

/* A key for each format, or the application stays open. */
static void refusal_kind_not_issued_leaves_the_application_open(void **state) {
    struct fixture *fixture = *state;
    uint8_t point[VRX_P256_POINT];
    apply_for(fixture, VRX_CERTIFICATE_TRAVEL);
    assert_false(answer_kind(fixture, VRX_KIND_NOT_ISSUED).intended);
    add_shc(fixture, point);
    assert_false(answer_kind(fixture, VRX_KIND_NOT_ISSUED).intended);
    add_vds(fixture);
    assert_true(answer_kind(fixture, VRX_OK).intended);
}

/* VDS-NC 1.1: a lot is needed, which a record may be without. */
static void refusal_vds_nc_lot_leaves_the_application_open(void **state) {
    struct fixture *fixture = *state;
    uint8_t point[VRX_P256_POINT];
    add_shc(fixture, point);
    add_vds(fixture);
    fixture->world.dose[0].item.lot = (struct vrx_view){0};
    world_record(&fixture->world);
    apply_for(fixture, VRX_CERTIFICATE_TRAVEL);
    struct vrx_issue_note note = answer_kind(fixture, VRX_INPUT_FIELD_MISSING);
    assert_string_equal(note.result.clause, "VDS-NC 1.1: lot");
    assert_false(note.intended);
    apply_for(fixture, VRX_CERTIFICATE_DOMESTIC);
    assert_true(answer_kind(fixture, VRX_OK).intended);
}

/* The directory's file ------------------------------------------------------------------------- */

static void newer_directory_is_taken_up(void **state) {
    struct fixture *fixture = *state;
    fixture->world.directory.version++;
    fixture->world.entry[WORLD_SAPPORO].valid_until = NOW - 1;
    write_directory(fixture);
    expect(fixture, VRX_SENDER_NOT_CURRENT);
}

static void refusal_directory_stale_keeps_the_newer_one(void **state) {
    struct fixture *fixture = *state;
    fixture->world.directory.version--;
    fixture->world.entry[WORLD_SAPPORO].valid_until = NOW - 1;
    write_directory(fixture);
    struct vrx_issue_note note = expect(fixture, VRX_OK);
    assert_reason(note.directory, VRX_DIRECTORY_STALE);
    struct vrx_directory_file *again = NULL;
    close_all(fixture);
    assert_ok(vrx_journal_open(fixture->folder, NULL, &fixture->journal));
    assert_reason(vrx_directory_file_new(
                      fixture->directory_path, fixture->authority, fixture->journal, NOW, &again),
        VRX_DIRECTORY_STALE);
    assert_null(again);
}

static void refusal_directory_by_another_authority(void **state) {
    struct fixture *fixture = *state;
    struct vrx_private_key *authority = fixture->world.authority;
    fixture->world.authority = fixture->world.municipality[WORLD_SAPPORO];
    fixture->world.directory.version++;
    write_directory(fixture);
    fixture->world.authority = authority;
    struct vrx_issue_note note = expect(fixture, VRX_OK);
    assert_reason(note.directory, VRX_KEY_UNKNOWN);
}

static void refusal_directory_file_is_gone(void **state) {
    struct fixture *fixture = *state;
    unlink(fixture->directory_path);
    struct vrx_issue_note note = expect(fixture, VRX_OK);
    assert_reason(note.directory, VRX_FILE_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(issued_certificate_verifies_and_is_recorded),
        TEST(certificate_ends_with_its_signer),
        TEST(an_application_gives_its_certificate_again_also_after_a_restart),
        TEST(each_municipality_of_an_application_has_its_own_use),
        TEST(what_is_kept_is_sealed),
        TEST(refusal_application_used_for_another_content),
        TEST(an_intent_that_was_left_is_carried_out),
        TEST(refusal_application_used_where_nothing_was_kept),
        TEST(refusal_leaves_the_application_open),
        TEST(refusal_rate_counts_this_municipality_s_hour),
        TEST(refusal_codec_of_bytes_that_are_no_request),
        TEST(travel_gives_three_certificates_of_one_record),
        TEST(all_formats_are_given_again_after_a_restart),
        TEST(domestic_gives_a_card_with_the_register_s_name),
        TEST(refusal_kind_not_issued_leaves_the_application_open),
        TEST(refusal_vds_nc_lot_leaves_the_application_open),
        TEST(newer_directory_is_taken_up),
        TEST(refusal_directory_stale_keeps_the_newer_one),
        TEST(refusal_directory_by_another_authority),
        TEST(refusal_directory_file_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
