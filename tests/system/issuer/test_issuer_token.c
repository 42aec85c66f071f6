/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-issuer with its key on a PKCS #11 token, SoftHSM2: the certificate verifies, the file is not
 * needed, a token that is gone is said and costs nothing but the wait. Skipped, and counted so,
 * where the machine has no SoftHSM2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/client.h"
#include "files/files.h"
#include "formats/hcert.h"
#include "support/check.h"
#include "support/issue_reply.h"
#include "support/issuer_fixture.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"

static void run(const struct issuer_fixture *fixture, const char *command) {
    char line[1024];
    (void)snprintf(line, sizeof line, "cd %s && %s >/dev/null", fixture->folder, command);
    if (system(line) != 0)
        fail_msg("%s", command);
}

static void write_text(
    const struct issuer_fixture *fixture, const char *name, const char *text, mode_t mode) {
    char path[2 * ISSUER_PATH];
    (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    assert_ok(vrx_file_replace(path, mode, vrx_view_text(text)));
}

static bool there(void) {
    return access(MODULE, R_OK) == 0 && access("/usr/bin/softhsm2-util", X_OK) == 0;
}

/* The signer's key goes onto a token, and its file away. */
static void put_on_token(struct issuer_fixture *fixture) {
    char text[512];
    static char conf[ISSUER_PATH + 32];
    static char pin[ISSUER_PATH];
    static char option[] = "--pin-file";
    static char files[] = "--token-files";
    static char tokens[ISSUER_PATH];
    (void)snprintf(text, sizeof text, "directories.tokendir = %s/tokens\nlog.level = ERROR\n",
        fixture->folder);
    write_text(fixture, "softhsm.conf", text, 0600);
    write_text(fixture, "pin", "4711\n", 0600);
    (void)snprintf(conf, sizeof conf, "SOFTHSM2_CONF=%s/softhsm.conf", fixture->folder);
    assert_int_equal(putenv(conf), 0);
    run(fixture, "mkdir -m 700 tokens");
    run(fixture, "softhsm2-util --init-token --free --label Signer --so-pin 12345678 --pin 4711");
    run(fixture, VRX_TOKEN_KEY " " MODULE " Signer 4711 signer.key dsc 1 no-derive");
    run(fixture, "rm signer.key");
    (void)snprintf(
        fixture->key, sizeof fixture->key, "pkcs11:token=Signer;object=dsc?module-path=" MODULE);
    (void)snprintf(pin, sizeof pin, "%s/pin", fixture->folder);
    fixture->more[0] = option;
    fixture->more[1] = pin;
    fixture->more[2] = files;
    fixture->more[3] = strchr(conf, '/');
    fixture->more[4] = files;
    fixture->more[5] = tokens;
    (void)snprintf(tokens, sizeof tokens, "%s/tokens", fixture->folder);
    fixture->environment[0] = conf;
}

static int setup(void **state) {
    int status = issuer_setup(state);
    if (status == 0 && there())
        put_on_token(*state);
    return status;
}

static void needs_softhsm(void) {
    if (!there()) {
        print_message("needs SoftHSM2\n");
        skip();
    }
}

static void certificate_signed_on_the_token_verifies(void **state) {
    struct issuer_fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_hcert hcert;
    needs_softhsm();
    vrx_arena_init(&arena, 0);
    issuer_start(fixture);
    assert_ok(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply));
    assert_int_equal(reply.reason, VRX_OK);
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add(trust, vrx_certificate_der(fixture->world.dsc.cert)));
    assert_ok(vrx_hcert_verify(
        issue_reply_text(&reply, VRX_FORMAT_HCERT), trust, time(NULL), &arena, &finding, &hcert));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    vrx_trust_list_free(&trust);
    vrx_arena_done(&arena);
    for (int i = 0; i < 3; i++) {
        issuer_next_case(fixture);
        issuer_expect(fixture, VRX_OK);
    }
    issuer_stop(fixture);
}

/* The folder of a token of SoftHSM2 is the token: moved away, it is pulled out. */
static void lost_token_is_said_and_signs_again_when_it_is_back(void **state) {
    struct issuer_fixture *fixture = *state;
    needs_softhsm();
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_next_case(fixture);
    run(fixture, "mv tokens away && mkdir -m 700 tokens");
    for (int i = 0; i < 3; i++) {
        issuer_expect(fixture, VRX_ISSUER_UNAVAILABLE);
        assert_true(issuer_saw(fixture->log, "because ISSUER_UNAVAILABLE"));
    }
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 0);
    run(fixture, "rm -r tokens && mv away tokens");
    issuer_expect(fixture, VRX_OK); /* under the same intent */
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    issuer_next_case(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

static void write_pem(
    const struct issuer_fixture *fixture, const char *name, const struct vrx_certificate *cert) {
    struct vrx_buffer pem = {0};
    char path[2 * ISSUER_PATH];
    (void)snprintf(path, sizeof path, "%s/%s", fixture->folder, name);
    assert_ok(vrx_certificate_to_pem(cert, &pem));
    assert_ok(vrx_file_create(path, 0644, vrx_buffer_view(&pem)));
    vrx_buffer_done(&pem);
}

/* Its file is there for as long as it takes to put it on the token. */
static void put_key(const struct issuer_fixture *fixture, const struct vrx_private_key *key,
    const char *object_and_id) {
    struct vrx_secret *pem = NULL;
    char path[2 * ISSUER_PATH];
    char command[512];
    (void)snprintf(path, sizeof path, "%s/other.key", fixture->folder);
    assert_ok(vrx_private_key_to_pem(key, &pem));
    assert_ok(vrx_file_create(path, 0600, vrx_secret_view(pem)));
    (void)snprintf(command, sizeof command,
        VRX_TOKEN_KEY " " MODULE " Signer 4711 other.key %s no-derive && rm other.key",
        object_and_id);
    run(fixture, command);
    vrx_secret_free(&pem);
}

/* Keys for SMART Health Cards and VDS-NC beside the document signer's, and who applies to travel.
 */
static void put_all_on_token(struct issuer_fixture *fixture) {
    static char certificate[ISSUER_PATH + 16];
    static char authority[ISSUER_PATH + 16];
    static char shc[] = "pkcs11:token=Signer;object=shc?module-path=" MODULE;
    static char vds[] = "pkcs11:token=Signer;object=vds?module-path=" MODULE;
    struct issue_world *world = &fixture->world;
    struct test_signer cards = {0};
    struct test_signer seals = {0};
    assert_ok(vrx_private_key_new_p256(&cards.key));
    test_certificate(VRX_PROFILE_VDS_SIGNER, &world->csca, 9, world->now - 3600,
        world_signer_until(world) - 1, &seals);
    put_key(fixture, cards.key, "shc 2");
    put_key(fixture, seals.key, "vds 3");
    write_pem(fixture, "vds.pem", seals.cert);
    write_pem(fixture, "csca.pem", world->csca.cert);
    (void)snprintf(certificate, sizeof certificate, "%s/vds.pem", fixture->folder);
    (void)snprintf(authority, sizeof authority, "%s/csca.pem", fixture->folder);
    char *more[] = {(char[]){"--shc-issuer"}, (char[]){"https://cards.example/vrx"},
        (char[]){"--shc-key"}, shc, (char[]){"--vds-certificate"}, certificate,
        (char[]){"--vds-key"}, vds, (char[]){"--vds-csca"}, authority};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        fixture->more[6 + i] = more[i];
    world->application.kind = VRX_CERTIFICATE_TRAVEL;
    world->application.passport_number = vrx_view_text("TR123456");
    world->application.nationality = vrx_view_text("JPN");
    issuer_next_case(fixture);
    issuer_start(fixture); /* while the names of the options are there */
    test_signer_done(&cards);
    test_signer_done(&seals);
}

static void expect_all_formats(const struct issuer_fixture *fixture) {
    static const enum vrx_format formats[] = {VRX_FORMAT_HCERT, VRX_FORMAT_SHC, VRX_FORMAT_VDS_NC};
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply));
    assert_int_equal(reply.reason, VRX_OK);
    for (size_t i = 0; i < 3; i++)
        assert_true(issue_reply_text(&reply, formats[i]).len > 0);
    vrx_arena_done(&arena);
}

static void three_keys_sign_on_one_token_also_after_it_was_lost(void **state) {
    struct issuer_fixture *fixture = *state;
    needs_softhsm();
    put_all_on_token(fixture);
    expect_all_formats(fixture);
    for (int i = 0; i < 2; i++) {
        issuer_next_case(fixture);
        run(fixture, "mv tokens away && mkdir -m 700 tokens");
        issuer_expect(fixture, VRX_ISSUER_UNAVAILABLE);
        run(fixture, "rm -r tokens && mv away tokens");
        expect_all_formats(fixture);
        assert_int_equal(issuer_listed(fixture, " intent "), 1);
        assert_int_equal(issuer_listed(fixture, " issued "), 1);
    }
    issuer_stop(fixture);
}

static void refusal_to_start_without_the_token_s_key_or_pin(void **state) {
    struct issuer_fixture *fixture = *state;
    needs_softhsm();
    char *pin = fixture->more[1];
    write_text(fixture, "pin", "0000\n", 0600);
    issuer_refuses_to_start(fixture, "C_Login: the token does not take this PIN");
    write_text(fixture, "pin", "4711\n", 0644);
    issuer_refuses_to_start(fixture, "FILE_REFUSED");
    write_text(fixture, "pin", "4711\n", 0600);
    fixture->more[0] = NULL;
    issuer_refuses_to_start(fixture, "give a PIN file");
    fixture->more[0] = (char[]){"--pin-file"};
    (void)snprintf(fixture->key, sizeof fixture->key,
        "pkcs11:token=Signer;object=dsc?module-path=" MODULE "&pin-source=%s", pin);
    issuer_refuses_to_start(fixture, "not pin-source");
    (void)snprintf(
        fixture->key, sizeof fixture->key, "pkcs11:token=Signer;object=none?module-path=" MODULE);
    issuer_refuses_to_start(fixture, "the token has no such object");
    (void)snprintf(
        fixture->key, sizeof fixture->key, "pkcs11:token=None;object=dsc?module-path=" MODULE);
    issuer_refuses_to_start(fixture, "no such token");
    (void)snprintf(fixture->key, sizeof fixture->key, "pkcs11:token=Signer;object=dsc?pin-value=1");
    issuer_refuses_to_start(fixture, "not an attribute that is taken here");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, issuer_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(certificate_signed_on_the_token_verifies),
        TEST(lost_token_is_said_and_signs_again_when_it_is_back),
        TEST(three_keys_sign_on_one_token_also_after_it_was_lost),
        TEST(refusal_to_start_without_the_token_s_key_or_pin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
