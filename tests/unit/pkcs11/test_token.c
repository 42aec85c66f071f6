/* SPDX-License-Identifier: Apache-2.0
 *
 * services/pkcs11/token.c, on SoftHSM2: ECDH on the token with the keys of RFC 5903 §8.1, whose
 * answer is published. Skipped, and counted so, where the machine has no SoftHSM2.
 */
#include "pkcs11/token.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/files.h"
#include "support/check.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define PIN "4711"
#define PKCS8_HEAD "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
#define INITIATOR PKCS8_HEAD "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
#define RESPONDER PKCS8_HEAD "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"
#define SHARED "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"

static char folder[] = "/tmp/vrx-token-XXXXXX";
static bool there;

static struct vrx_private_key *published(const char *hex) {
    uint8_t der[80];
    size_t len = test_hex(hex, der, sizeof der);
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_from_pkcs8(vrx_view_of(der, len), &key));
    return key;
}

static void write_text(const char *name, const char *text, mode_t mode) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(vrx_file_replace(path, mode, vrx_view_text(text)));
}

static void write_key(const char *name, const char *hex) {
    char path[256];
    struct vrx_private_key *key = published(hex);
    struct vrx_secret *pem = NULL;
    assert_ok(vrx_private_key_to_pem(key, &pem));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(vrx_file_replace(path, 0600, vrx_secret_view(pem)));
    vrx_secret_free(&pem);
    vrx_private_key_free(&key);
}

static void run(const char *command) {
    char line[1024];
    snprintf(line, sizeof line, "cd %s && %s >/dev/null", folder, command);
    if (system(line) != 0)
        fail_msg("%s", command);
}

static int make_token(void **state) {
    (void)state;
    char text[512];
    there = access(MODULE, R_OK) == 0 && access("/usr/bin/softhsm2-util", X_OK) == 0;
    if (!there)
        return 0;
    assert_non_null(mkdtemp(folder));
    snprintf(text, sizeof text, "%s/tokens", folder);
    assert_int_equal(mkdir(text, 0700), 0);
    snprintf(text, sizeof text, "directories.tokendir = %s/tokens\nlog.level = ERROR\n", folder);
    write_text("softhsm.conf", text, 0600);
    snprintf(text, sizeof text, "%s/softhsm.conf", folder);
    assert_int_equal(setenv("SOFTHSM2_CONF", text, 1), 0);
    write_key("initiator.pem", INITIATOR);
    write_key("responder.pem", RESPONDER);
    write_text("pin", PIN "\n", 0600);
    write_text("wrong", "0000\n", 0600);
    write_text("empty", "\n", 0600);
    write_text("open", PIN "\n", 0644);
    run("softhsm2-util --init-token --free --label Sapporo --so-pin 12345678 --pin " PIN);
    run("softhsm2-util --init-token --free --label Twins --so-pin 12345678 --pin " PIN);
    run("softhsm2-util --init-token --free --label Twins --so-pin 12345678 --pin " PIN);
    run(VRX_TOKEN_KEY " " MODULE " Sapporo " PIN " initiator.pem custodian 1");
    run(VRX_TOKEN_KEY " " MODULE " Sapporo " PIN " responder.pem second 2");
    run(VRX_TOKEN_KEY " " MODULE " Sapporo " PIN " responder.pem signs 3 no-derive");
    return 0;
}

static int remove_token(void **state) {
    (void)state;
    char line[512];
    snprintf(line, sizeof line, "rm -rf %s", folder);
    return there ? system(line) : 0;
}

static struct vrx_result no_terminal(void *context, const char *label, struct vrx_secret **pin) {
    (void)pin;
    snprintf(context, 33, "%s", label);
    return vrx_fail(VRX_CANCELLED);
}

/* what: attributes of the URI's path; pin: a file of the folder, or NULL. */
static struct vrx_result open_as(
    const char *module, const char *what, const char *pin, struct vrx_token **ret_token) {
    char asked[33] = "";
    char text[1024];
    const struct vrx_token_pin ask = {no_terminal, asked};
    struct vrx_pkcs11_uri uri;
    snprintf(text, sizeof text, "pkcs11:%s?module-path=%s%s%s%s%s", what, module,
        pin ? "&pin-source=" : "", pin ? folder : "", pin ? "/" : "", pin ? pin : "");
    assert_ok(vrx_pkcs11_uri_parse(vrx_view_text(text), &uri));
    struct vrx_result result = vrx_token_open(&uri, &ask, ret_token);
    if (!pin && result.reason == VRX_CANCELLED)
        assert_string_equal(asked, "Sapporo");
    return result;
}

static void needs_softhsm(void) {
    if (!there)
        skip();
}

static void rfc5903_ecdh_on_the_token(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_private_key *initiator = published(INITIATOR);
    struct vrx_private_key *responder = published(RESPONDER);
    struct vrx_public_key *own = NULL;
    struct vrx_public_key *other = NULL;
    struct vrx_token *token = NULL;
    uint8_t shared[VRX_P256_SHARED];
    uint8_t expected[32];
    uint8_t got[32];
    assert_ok(vrx_private_key_public(initiator, &own));
    assert_ok(vrx_private_key_public(responder, &other));
    assert_ok(open_as(MODULE, "token=Sapporo;object=custodian;type=private", "pin", &token));
    assert_ok(vrx_public_key_spki_sha256(own, expected));
    assert_ok(vrx_public_key_spki_sha256(vrx_token_public(token), got));
    assert_memory_equal(got, expected, sizeof got);
    for (int i = 0; i < 3; i++) {
        const struct vrx_ecdh_key key = vrx_token_private(token);
        memset(shared, 0, sizeof shared);
        assert_ok(key.agree(key.context, other, shared));
        assert_hex(shared, sizeof shared, SHARED);
    }
    vrx_token_close(&token);
    assert_ok(open_as(MODULE, "token=Sapporo;id=%32", "pin", &token)); /* the responder's */
    const struct vrx_ecdh_key key = vrx_token_private(token);
    assert_ok(key.agree(key.context, own, shared));
    assert_hex(shared, sizeof shared, SHARED);
    vrx_token_close(&token);
    vrx_token_close(&token);
    vrx_public_key_free(&own);
    vrx_public_key_free(&other);
    vrx_private_key_free(&initiator);
    vrx_private_key_free(&responder);
}

static void several_keys_at_a_time(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_token *first = NULL;
    struct vrx_token *second = NULL;
    uint8_t shared[VRX_P256_SHARED];
    assert_ok(open_as(MODULE, "token=Sapporo;object=custodian", "pin", &first));
    assert_ok(open_as(MODULE, "token=Sapporo;object=second", "pin", &second));
    const struct vrx_ecdh_key one = vrx_token_private(first);
    const struct vrx_ecdh_key other = vrx_token_private(second);
    assert_ok(one.agree(one.context, vrx_token_public(second), shared));
    assert_hex(shared, sizeof shared, SHARED);
    memset(shared, 0, sizeof shared);
    assert_ok(other.agree(other.context, vrx_token_public(first), shared));
    assert_hex(shared, sizeof shared, SHARED);
    vrx_token_close(&second);
    memset(shared, 0, sizeof shared);
    struct vrx_private_key *responder = published(RESPONDER);
    struct vrx_public_key *public = NULL;
    assert_ok(vrx_private_key_public(responder, &public));
    assert_ok(one.agree(one.context, public, shared)); /* closing one leaves the other */
    assert_hex(shared, sizeof shared, SHARED);
    vrx_token_close(&first);
    vrx_public_key_free(&public);
    vrx_private_key_free(&responder);
}

static void assert_refused(
    const char *module, const char *what, const char *pin, enum vrx_reason expected) {
    struct vrx_token *token = NULL;
    struct vrx_result result = open_as(module, what, pin, &token);
    if (result.reason != expected)
        fail_msg("%s: %s", what, vrx_reason_name(result.reason));
    assert_null(token);
}

static void token_pin(void **state) {
    (void)state;
    needs_softhsm();
    assert_refused(MODULE, "token=Sapporo;object=custodian", "wrong", VRX_TOKEN_PIN);
    assert_refused(MODULE, "token=Sapporo;object=custodian", "empty", VRX_TOKEN_PIN);
    assert_refused(MODULE, "token=Sapporo;object=custodian", "open", VRX_FILE_REFUSED);
    assert_refused(MODULE, "token=Sapporo;object=custodian", "none", VRX_NOT_FOUND);
    assert_refused(MODULE, "token=Sapporo;object=custodian", NULL, VRX_CANCELLED); /* asked */
}

static void rfc7512_names_one_key_of_one_token(void **state) {
    (void)state;
    needs_softhsm();
    assert_refused(MODULE, "token=Otaru;object=custodian", "pin", VRX_TOKEN_FAILED);
    assert_refused(MODULE, "token=Twins;object=custodian", "pin", VRX_INPUT_DUPLICATE_KEY);
    assert_refused(MODULE, "token=Sapporo;object=nobody", "pin", VRX_NOT_FOUND);
    assert_refused(MODULE, "token=Sapporo;object=custodian;id=%32", "pin", VRX_NOT_FOUND);
    assert_refused(MODULE, "token=Sapporo", "pin", VRX_INPUT_DUPLICATE_KEY);
    assert_refused("/nowhere.so", "token=Sapporo", "pin", VRX_TOKEN_FAILED);
    assert_refused("libm.so.6", "token=Sapporo", "pin", VRX_TOKEN_FAILED);
}

static void token_failed_for_a_key_that_may_not_derive(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_token *token = NULL;
    uint8_t shared[VRX_P256_SHARED] = {0};
    assert_ok(open_as(MODULE, "token=Sapporo;object=signs", "pin", &token));
    const struct vrx_ecdh_key key = vrx_token_private(token);
    assert_reason(key.agree(key.context, vrx_token_public(token), shared), VRX_TOKEN_FAILED);
    vrx_token_close(&token);
}

static struct vrx_private_key *outside(struct vrx_token *token) {
    const struct vrx_outside_signer signer = vrx_token_signer(token);
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_outside(vrx_token_public(token), &signer, &key));
    return key;
}

static void rfc9053_2_1_signs_on_the_token(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_token *token = NULL;
    uint8_t signature[VRX_P256_SIGNATURE];
    const struct vrx_view message = vrx_view_text("what is signed");
    assert_ok(open_as(MODULE, "token=Sapporo;object=signs", "pin", &token));
    struct vrx_private_key *key = outside(token);
    struct vrx_private_key *responder = published(RESPONDER);
    struct vrx_public_key *public = NULL;
    assert_ok(vrx_private_key_public(responder, &public));
    for (int i = 0; i < 3; i++) {
        assert_ok(vrx_sign_es256(key, message, signature));
        assert_ok(vrx_verify(VRX_ES256, public, message, vrx_view_of(signature, sizeof signature)));
    }
    vrx_private_key_free(&key);
    vrx_private_key_free(&responder);
    vrx_public_key_free(&public);
    vrx_token_close(&token);
}

/* Away and back: its folder is what a token of SoftHSM2 is. */
static void lost_token_signs_again_when_it_is_back(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_token *token = NULL;
    struct vrx_pkcs11_uri uri;
    char asked[33] = "";
    char text[512];
    const struct vrx_token_pin ask = {no_terminal, asked};
    uint8_t signature[VRX_P256_SIGNATURE];
    snprintf(text, sizeof text,
        "pkcs11:token=Sapporo;object=custodian?module-path=%s&pin-source=%s/pin", MODULE, folder);
    assert_ok(vrx_pkcs11_uri_parse(vrx_view_text(text), &uri));
    assert_ok(vrx_token_open(&uri, &ask, &token));
    struct vrx_private_key *key = outside(token);
    run("mv tokens away && mkdir tokens");
    assert_reason(vrx_sign_es256(key, vrx_view_text("x"), signature), VRX_TOKEN_FAILED);
    assert_reason(vrx_token_renew(token, &uri, &ask), VRX_TOKEN_FAILED);
    assert_reason(vrx_sign_es256(key, vrx_view_text("x"), signature), VRX_TOKEN_FAILED);
    run("rmdir tokens && mv away tokens");
    assert_ok(vrx_token_renew(token, &uri, &ask));
    assert_ok(vrx_sign_es256(key, vrx_view_text("x"), signature));
    /* The same name, another key. */
    memcpy(uri.object.bytes, "second", uri.object.len = 6);
    assert_reason(vrx_token_renew(token, &uri, &ask), VRX_TOKEN_FAILED);
    vrx_private_key_free(&key);
    vrx_token_close(&token);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc5903_ecdh_on_the_token),
        cmocka_unit_test(several_keys_at_a_time),
        cmocka_unit_test(token_pin),
        cmocka_unit_test(rfc7512_names_one_key_of_one_token),
        cmocka_unit_test(token_failed_for_a_key_that_may_not_derive),
        cmocka_unit_test(rfc9053_2_1_signs_on_the_token),
        cmocka_unit_test(lost_token_signs_again_when_it_is_back),
    };
    return cmocka_run_group_tests(tests, make_token, remove_token);
}
