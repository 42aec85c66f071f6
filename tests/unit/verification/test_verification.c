/* SPDX-License-Identifier: Apache-2.0
 *
 * The trust list and the revocation list as a daemon holds them, and what is said by them of a
 * certificate at any instant.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "files/files.h"
#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/shc_card.h"
#include "support/signers.h"
#include "verification/handlers.h"
#include "verification/holder.h"
#include "vrx/v1/verification.pb-c.h"

#define LIST_ISSUED (SAMPLE_ISSUED - 100)
#define LIST_EXPIRES (SAMPLE_EXPIRES + 1000)

static struct {
    char folder[40];
    char file[64];
    char seen[64];
    char revoked_file[64];
    char revoked_seen[64];
    struct vrx_private_key *authority;
    struct vrx_public_key *authority_public;
    struct test_signer csca;
    struct test_signer dsc;
    struct vrx_buffer text; /* a certificate */
    struct vrx_buffer card; /* a SMART Health Card by the same signer */
} t;

static int setup(void **state) {
    (void)state;
    struct vrx_buffer payload VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_hcert sample = test_hcert_sample();
    uint8_t kid[VRX_KID];
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/vrx-trust-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.file, sizeof t.file, "%s/list", t.folder);
    (void)snprintf(t.seen, sizeof t.seen, "%s/seen", t.folder);
    (void)snprintf(t.revoked_file, sizeof t.revoked_file, "%s/revoked", t.folder);
    (void)snprintf(t.revoked_seen, sizeof t.revoked_seen, "%s/revoked-seen", t.folder);
    assert_ok(vrx_private_key_new_p256(&t.authority));
    assert_ok(vrx_private_key_public(t.authority, &t.authority_public));
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &t.csca);
    test_certificate(VRX_PROFILE_DSC_VACCINATION, &t.csca, 2, TEST_FROM, TEST_UNTIL, &t.dsc);
    assert_ok(vrx_hcert_payload(&sample, &payload));
    assert_ok(vrx_signer_kid(t.dsc.cert, kid));
    assert_ok(vrx_hcert_sign(vrx_buffer_view(&payload), t.dsc.key, kid, NULL, &t.text));
    t.card = test_shc_card(t.dsc.key, vrx_view_text(SAMPLE_SHC_PAYLOAD));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    assert_ok(vrx_folder_remove(t.folder));
    vrx_buffer_done(&t.text);
    vrx_buffer_done(&t.card);
    test_signer_done(&t.dsc);
    test_signer_done(&t.csca);
    vrx_public_key_free(&t.authority_public);
    vrx_private_key_free(&t.authority);
    return 0;
}

static int forget(void **state) {
    (void)state;
    (void)remove(t.seen);
    (void)remove(t.revoked_seen);
    return 0;
}

/* A file with a time of its own whatever the disk's clock. */
static void put_file(const char *file, struct vrx_view content) {
    static time_t stamp = 1700000000;
    assert_ok(vrx_file_replace(file, 0600, content));
    stamp++;
    const struct timespec times[2] = {{.tv_sec = stamp}, {.tv_sec = stamp}};
    assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
}

static void put_list(uint64_t version, const struct vrx_private_key *authority) {
    const struct vrx_view signer = vrx_certificate_der(t.dsc.cert);
    const struct vrx_view csca = vrx_certificate_der(t.csca.cert);
    uint8_t point[VRX_P256_POINT];
    vrx_private_key_point(t.dsc.key, point);
    const struct vrx_view key = vrx_view_of(point, sizeof point);
    const struct vrx_trust_issuer issuer = {vrx_view_text(SAMPLE_SHC_ISSUER), &key, 1};
    const struct vrx_trust_list_content content = {.version = version,
        .issued = LIST_ISSUED,
        .expires = LIST_EXPIRES,
        .signers = &signer,
        .signer_count = 1,
        .cscas = &csca,
        .csca_count = 1,
        .issuers = &issuer,
        .issuer_count = 1};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_trust_list_sign(&content, authority, vrx_view_text("authority"), &out));
    put_file(t.file, vrx_buffer_view(&out));
}

static struct vrx_result keep(struct vrx_holder **ret_keeper) {
    return vrx_holder_new(
        &(struct vrx_held_source){VRX_HELD_TRUST, t.file, t.seen, t.authority_public}, ret_keeper);
}

static struct vrx_result start_and_end(void) {
    struct vrx_holder *keeper = NULL;
    VRX_TRY(keep(&keeper));
    vrx_holder_free(&keeper);
    return vrx_ok();
}

static uint64_t held_version(struct vrx_holder *keeper) {
    const struct vrx_held *trust = vrx_holder_hold(keeper);
    const uint64_t version = vrx_trust_list_version(trust->trust);
    vrx_holder_release(keeper, trust);
    return version;
}

/* ---- the keeper ---- */

static void an_older_list_is_refused_after_a_restart(void **state) {
    (void)state;
    put_list(7, t.authority);
    assert_ok(vrx_holder_check(
        &(struct vrx_held_source){VRX_HELD_TRUST, t.file, t.seen, t.authority_public}));
    assert_int_equal(access(t.seen, F_OK), -1); /* looking changes nothing */
    assert_ok(start_and_end());
    assert_ok(start_and_end()); /* the same again */
    put_list(6, t.authority);
    assert_reason(start_and_end(), VRX_DIRECTORY_STALE);
    assert_reason(vrx_holder_check(&(struct vrx_held_source){
                      VRX_HELD_TRUST, t.file, t.seen, t.authority_public}),
        VRX_DIRECTORY_STALE);
    put_list(8, t.authority);
    assert_ok(start_and_end());
}

static void a_changed_list_is_taken_while_it_runs_an_older_one_is_not(void **state) {
    (void)state;
    struct vrx_holder *keeper = NULL;
    put_list(7, t.authority);
    assert_ok(keep(&keeper));
    assert_ok(vrx_holder_reload(keeper));
    const struct vrx_held *held = vrx_holder_hold(keeper);
    put_list(9, t.authority);
    assert_ok(vrx_holder_reload(keeper));
    assert_int_equal(held_version(keeper), 9);
    assert_int_equal(vrx_trust_list_version(held->trust), 7); /* as long as it is held */
    vrx_holder_release(keeper, held);
    put_list(8, t.authority);
    assert_reason(vrx_holder_reload(keeper), VRX_DIRECTORY_STALE);
    assert_ok(vrx_holder_reload(keeper)); /* said once */
    assert_int_equal(held_version(keeper), 9);
    assert_int_equal(remove(t.file), 0);
    assert_ok(vrx_holder_reload(keeper)); /* not there is no change */
    vrx_holder_free(&keeper);
    vrx_holder_free(&keeper);
}

static void a_list_by_another_authority_is_refused(void **state) {
    (void)state;
    struct vrx_holder *keeper = NULL;
    struct vrx_private_key *other = NULL;
    assert_ok(vrx_private_key_new_p256(&other));
    put_list(7, t.authority);
    assert_ok(keep(&keeper));
    put_list(8, other);
    assert_reason(vrx_holder_reload(keeper), VRX_SIGNATURE_INVALID);
    assert_int_equal(held_version(keeper), 7);
    assert_reason(start_and_end(), VRX_SIGNATURE_INVALID);
    vrx_holder_free(&keeper);
    vrx_private_key_free(&other);
}

/* What cannot be noted does not count, and is tried again. */
static void a_version_counts_only_when_it_is_noted(void **state) {
    (void)state;
    struct vrx_holder *keeper = NULL;
    char moved[80];
    put_list(7, t.authority);
    assert_ok(keep(&keeper));
    put_list(8, t.authority);
    (void)snprintf(moved, sizeof moved, "%s.moved", t.folder);
    assert_int_equal(rename(t.folder, moved), 0);
    assert_int_equal(mkdir(t.folder, 0700), 0);
    put_list(9, t.authority);
    assert_int_equal(chmod(t.folder, 0500), 0);
    if (access(t.folder, W_OK) != 0) { /* root may write anywhere */
        assert_false(vrx_is_ok(vrx_holder_reload(keeper)));
        assert_int_equal(held_version(keeper), 7);
        assert_int_equal(chmod(t.folder, 0700), 0);
    } else {
        assert_int_equal(chmod(t.folder, 0700), 0);
        assert_int_equal(mkdir(t.seen, 0700), 0); /* a folder is no file */
        assert_false(vrx_is_ok(vrx_holder_reload(keeper)));
        assert_int_equal(held_version(keeper), 7);
        assert_int_equal(rmdir(t.seen), 0);
    }
    assert_ok(vrx_holder_reload(keeper));
    assert_int_equal(held_version(keeper), 9);
    assert_ok(vrx_folder_remove(moved));
    vrx_holder_free(&keeper);
}

static void a_note_of_another_form_is_refused(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 7, 9};
    static const uint8_t bytes[9];
    put_list(7, t.authority);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_ok(vrx_file_replace(t.seen, 0600, vrx_view_of(bytes, lengths[i])));
        assert_reason(start_and_end(), VRX_FILE_REFUSED);
    }
}

static void no_list_is_refused(void **state) {
    (void)state;
    (void)remove(t.file);
    assert_reason(start_and_end(), VRX_NOT_FOUND);
}

/* ---- the handlers ---- */

static struct vrx_daemon daemon_of_ours;

/* What the daemon says at this instant of this text; for one check of the reply. */
static struct vrx_result verify_at(int64_t now, struct vrx_view text,
    void (*look)(const Vrx__V1__VerifyResponse *reply, int64_t now)) {
    struct vrx_holder *keeper = NULL;
    struct vrx_context context = {.daemon = &daemon_of_ours, .now = now, .anyone = true};
    Vrx__V1__VerifyRequest request;
    Vrx__V1__VerifyResponse reply;
    vrx__v1__verify_request__init(&request);
    vrx__v1__verify_response__init(&reply);
    request.qr_content.len = text.len;
    memcpy(&request.qr_content.data, &text.ptr, sizeof text.ptr);
    vrx_arena_init(&context.arena, VRX_LIMIT_ARENA);
    put_list(7, t.authority);
    assert_ok(keep(&keeper));
    atomic_store(&daemon_of_ours.trust, keeper);
    struct vrx_result result = vrx_verification_verify(&context, &request, &reply);
    if (vrx_is_ok(result))
        look(&reply, now);
    vrx_arena_done(&context.arena);
    vrx_holder_free(&keeper);
    return result;
}

static void check_always(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    assert_int_equal(reply->verified_at, now);
    assert_int_equal(reply->revocation, VRX__V1__REVOCATION__REVOCATION_UNKNOWN);
    assert_int_equal(reply->trust_list_version, 7);
    assert_int_equal(reply->trust_list_issued_at, LIST_ISSUED);
}

static void check_content(const Vrx__V1__VerifyResponse *reply) {
    const Vrx__V1__VerifiedCertificate *content = reply->certificate;
    assert_non_null(content);
    assert_int_equal(content->format, VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_HCERT);
    assert_int_equal(content->n_doses, 0);
    assert_int_equal(content->kind, VRX__V1__VERIFIED_KIND__VERIFIED_KIND_VACCINATION);
    assert_string_equal(content->surname, "YAMADA");
    assert_string_equal(content->given_name, "HANAKO");
    assert_string_equal(content->birth_date, "1964-08-12");
    assert_string_equal(content->disease, "840539006");
    assert_string_equal(content->prophylaxis, "1119349007");
    assert_string_equal(content->product, "EU/1/20/1528");
    assert_string_equal(content->manufacturer, "ORG-100030215");
    assert_string_equal(content->administered_on, "2021-08-02");
    assert_string_equal(content->country, "JP");
    assert_string_equal(content->authority, "Sapporo City");
    assert_string_equal(content->identifier, SAMPLE_UVCI);
    assert_int_equal(content->dose, 2);
    assert_int_equal(content->series, 2);
    assert_int_equal(content->issued_at, SAMPLE_ISSUED);
    assert_int_equal(content->expires_at, SAMPLE_EXPIRES);
}

static void is_valid(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    check_always(reply, now);
    check_content(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_VALID);
    assert_string_equal(reply->clause, "");
}

static void is_expired(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    check_always(reply, now);
    check_content(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_EXPIRED);
    assert_string_equal(reply->clause, "HCERT specification §3.3.4: exp");
}

static void is_early(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    check_always(reply, now);
    check_content(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_NOT_YET_VALID);
    assert_string_equal(reply->clause, "HCERT specification §3.3.5: iat");
}

static void is_none(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    check_always(reply, now);
    assert_null(reply->certificate);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_NOT_A_CERTIFICATE);
}

static void check_dose(
    const Vrx__V1__VerifiedDose *dose, const char *date, const char *lot, const char *performer) {
    assert_string_equal(dose->vaccine_system, "http://hl7.org/fhir/sid/cvx");
    assert_string_equal(dose->vaccine_code, "208");
    assert_string_equal(dose->administered_on, date);
    assert_string_equal(dose->lot, lot);
    assert_string_equal(dose->performer, performer);
}

static void check_card(const Vrx__V1__VerifyResponse *reply) {
    const Vrx__V1__VerifiedCertificate *content = reply->certificate;
    assert_non_null(content);
    assert_int_equal(
        content->format, VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_SMART_HEALTH_CARD);
    assert_int_equal(content->kind, VRX__V1__VERIFIED_KIND__VERIFIED_KIND_VACCINATION);
    assert_string_equal(content->surname, "YAMADA");
    assert_string_equal(content->given_name, "HANAKO MARIE");
    assert_string_equal(content->birth_date, "1964-08-12");
    assert_string_equal(content->authority, SAMPLE_SHC_ISSUER);
    assert_string_equal(content->identifier, "MKyCxh7p6uQ");
    assert_int_equal(content->issued_at, SAMPLE_SHC_NBF);
    assert_int_equal(content->expires_at, 0);
    assert_int_equal(content->dose, 0);
    assert_string_equal(content->administered_on, "");
    assert_int_equal(content->n_doses, 2);
    check_dose(content->doses[0], "2021-06-22", "EY0779", "Sapporo City");
    check_dose(content->doses[1], "2021-07-13", "", "");
}

static void is_valid_card(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    check_always(reply, now);
    check_card(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_VALID);
}

static void is_early_card(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    check_always(reply, now);
    check_card(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_NOT_YET_VALID);
    assert_string_equal(reply->clause, "RFC 7519 §4.1.5: nbf");
}

static void a_card_is_judged_too(void **state) {
    (void)state;
    const struct vrx_view card = vrx_buffer_view(&t.card);
    assert_ok(verify_at(SAMPLE_SHC_NBF, card, is_valid_card));
    assert_ok(verify_at(SAMPLE_SHC_NBF - 1, card, is_early_card));
    assert_ok(verify_at(SAMPLE_SHC_NBF, vrx_view_text("shc;/"), is_none));
}

static void a_verdict_is_of_an_instant(void **state) {
    (void)state;
    const struct vrx_view text = vrx_buffer_view(&t.text);
    assert_ok(verify_at(SAMPLE_ISSUED, text, is_valid));
    assert_ok(verify_at(SAMPLE_EXPIRES, text, is_valid));
    assert_ok(verify_at(SAMPLE_ISSUED - 1, text, is_early));
    assert_ok(verify_at(SAMPLE_EXPIRES + 1, text, is_expired));
    assert_ok(verify_at(SAMPLE_ISSUED, vrx_view_text("hello"), is_none));
}

/* By a list that has run out nothing is said, not even that a certificate is forged. */
static void a_list_that_has_run_out_says_nothing(void **state) {
    (void)state;
    const struct vrx_view texts[] = {vrx_buffer_view(&t.text), vrx_view_text("hello")};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(verify_at(LIST_EXPIRES, texts[i], i ? is_none : is_expired));
        assert_reason(verify_at(LIST_EXPIRES + 1, texts[i], is_valid), VRX_TRUST_LIST_EXPIRED);
    }
    assert_reason(verify_at(SAMPLE_ISSUED, (struct vrx_view){0}, is_none), VRX_INPUT_FIELD_MISSING);
}

/* ---- revocation ---- */

#define REVOKED_ISSUED (SAMPLE_ISSUED + 50)
#define REVOKED_UNTIL (SAMPLE_ISSUED + 100)

/* A list that speaks of the signer and names the certificate, or does not. */
static void put_revocations(uint64_t version, bool named) {
    struct vrx_revocation_set set VRX_CLEANUP(vrx_revocation_set_done) = {0};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_revocation_dating dating = {version, REVOKED_ISSUED, REVOKED_UNTIL};
    uint8_t hash[VRX_REVOCATION_HASH];
    assert_ok(vrx_identifier_hash(vrx_view_text(SAMPLE_UVCI), hash));
    if (named)
        assert_ok(vrx_revocation_set_add_hashes(&set, vrx_view_of(hash, sizeof hash)));
    assert_ok(vrx_revocation_set_add_key(&set, vrx_certificate_key(t.dsc.cert)));
    assert_ok(
        vrx_revocation_list_sign(&set, &dating, t.authority, vrx_view_text("authority"), &out));
    put_file(t.revoked_file, vrx_buffer_view(&out));
}

static struct vrx_result hold_revocations(struct vrx_holder **ret_holder) {
    const struct vrx_held_source source = {
        VRX_HELD_REVOCATIONS, t.revoked_file, t.revoked_seen, t.authority_public};
    VRX_TRY(vrx_holder_check(&source));
    return vrx_holder_new(&source, ret_holder);
}

static void check_dated(const Vrx__V1__VerifyResponse *reply) {
    check_content(reply);
    assert_int_equal(reply->revocation_list_version, 4);
    assert_int_equal(reply->revocation_list_issued_at, REVOKED_ISSUED);
    assert_int_equal(reply->revocation_list_next_update, REVOKED_UNTIL);
}

static void is_not_revoked(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    (void)now;
    check_dated(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_VALID);
    assert_int_equal(reply->revocation, VRX__V1__REVOCATION__REVOCATION_NOT_REVOKED);
}

static void is_revoked(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    (void)now;
    check_dated(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_REVOKED);
    assert_int_equal(reply->revocation, VRX__V1__REVOCATION__REVOCATION_REVOKED);
    assert_string_equal(reply->clause, "revocation_list.cddl: the list names the certificate");
}

static void is_too_old(const Vrx__V1__VerifyResponse *reply, int64_t now) {
    (void)now;
    check_dated(reply);
    assert_int_equal(reply->verdict, VRX__V1__VERDICT__VERDICT_REVOCATION_UNKNOWN);
    assert_int_equal(reply->revocation, VRX__V1__REVOCATION__REVOCATION_STALE);
    assert_string_equal(reply->clause, "revocation_list.cddl: the list's next update is past");
}

static void a_revocation_list_is_looked_at(void **state) {
    (void)state;
    const struct vrx_view text = vrx_buffer_view(&t.text);
    struct vrx_holder *holder = NULL;
    put_revocations(4, false);
    assert_ok(hold_revocations(&holder));
    atomic_store(&daemon_of_ours.revocations, holder);
    assert_ok(verify_at(REVOKED_UNTIL, text, is_not_revoked));
    assert_ok(verify_at(REVOKED_UNTIL + 1, text, is_too_old));
    vrx_holder_free(&holder);
    put_revocations(4, true);
    assert_ok(hold_revocations(&holder));
    atomic_store(&daemon_of_ours.revocations, holder);
    assert_ok(verify_at(REVOKED_UNTIL, text, is_revoked));
    assert_ok(verify_at(REVOKED_UNTIL + 1, text, is_revoked));
    atomic_store(&daemon_of_ours.revocations, NULL);
    vrx_holder_free(&holder);
}

static struct vrx_result ask_revocations(
    uint64_t known, Vrx__V1__GetRevocationListResponse *reply, struct vrx_arena *arena) {
    struct vrx_context context = {.daemon = &daemon_of_ours, .anyone = true};
    Vrx__V1__GetRevocationListRequest request;
    vrx__v1__get_revocation_list_request__init(&request);
    vrx__v1__get_revocation_list_response__init(reply);
    request.known_version = known;
    context.arena = *arena;
    struct vrx_result result = vrx_verification_revocation_list(&context, &request, reply);
    *arena = context.arena;
    return result;
}

static void a_revocation_list_is_handed_out(void **state) {
    (void)state;
    Vrx__V1__GetRevocationListResponse reply;
    struct vrx_revocation_list *list = NULL;
    struct vrx_holder *holder = NULL;
    struct vrx_arena arena;
    vrx_arena_init(&arena, VRX_LIMIT_ARENA);
    assert_reason(ask_revocations(0, &reply, &arena), VRX_NOT_FOUND);
    put_revocations(4, true);
    assert_ok(hold_revocations(&holder));
    atomic_store(&daemon_of_ours.revocations, holder);
    assert_ok(ask_revocations(0, &reply, &arena));
    assert_ok(vrx_revocation_list_parse(
        vrx_view_of(reply.revocation_list.data, reply.revocation_list.len), t.authority_public,
        &list));
    assert_int_equal(vrx_revocation_list_count(list, VRX_REVOKED_CERTIFICATES), 1);
    assert_ok(ask_revocations(4, &reply, &arena));
    assert_int_equal(reply.revocation_list.len, 0);
    assert_int_equal(reply.version, 4);
    assert_int_equal(reply.next_update, REVOKED_UNTIL);
    atomic_store(&daemon_of_ours.revocations, NULL);
    vrx_revocation_list_free(&list);
    vrx_holder_free(&holder);
    vrx_arena_done(&arena);
}

static void an_older_revocation_list_is_refused(void **state) {
    (void)state;
    struct vrx_holder *holder = NULL;
    put_revocations(4, true);
    assert_ok(hold_revocations(&holder));
    put_revocations(3, false);
    assert_reason(vrx_holder_reload(holder), VRX_DIRECTORY_STALE);
    put_revocations(5, false);
    assert_ok(vrx_holder_reload(holder));
    const struct vrx_held *held = vrx_holder_hold(holder);
    assert_int_equal(vrx_revocation_list_dating(held->revocations).version, 5);
    assert_null(held->trust);
    vrx_holder_release(holder, held);
    vrx_holder_free(&holder);
    put_revocations(4, true);
    assert_reason(hold_revocations(&holder), VRX_DIRECTORY_STALE);
    put_file(t.revoked_file, vrx_view_text("nothing"));
    assert_false(vrx_is_ok(hold_revocations(&holder)));
    assert_null(holder);
}

/* All fields of a certificate are texts of one kind or numbers that are set: a field that is added
 * to the message must be filled. */
static void every_field_of_the_message_is_filled(void **state) {
    (void)state;
    assert_int_equal(vrx__v1__verified_certificate__descriptor.n_fields, 20);
    assert_int_equal(vrx__v1__verified_dose__descriptor.n_fields, 9);
    assert_int_equal(vrx__v1__verify_response__descriptor.n_fields, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_older_list_is_refused_after_a_restart, forget),
        cmocka_unit_test_setup(a_changed_list_is_taken_while_it_runs_an_older_one_is_not, forget),
        cmocka_unit_test_setup(a_list_by_another_authority_is_refused, forget),
        cmocka_unit_test_setup(a_version_counts_only_when_it_is_noted, forget),
        cmocka_unit_test_setup(a_note_of_another_form_is_refused, forget),
        cmocka_unit_test_setup(no_list_is_refused, forget),
        cmocka_unit_test_setup(a_verdict_is_of_an_instant, forget),
        cmocka_unit_test_setup(a_card_is_judged_too, forget),
        cmocka_unit_test_setup(a_list_that_has_run_out_says_nothing, forget),
        cmocka_unit_test_setup(a_revocation_list_is_looked_at, forget),
        cmocka_unit_test_setup(a_revocation_list_is_handed_out, forget),
        cmocka_unit_test_setup(an_older_revocation_list_is_refused, forget),
        cmocka_unit_test(every_field_of_the_message_is_filled),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
