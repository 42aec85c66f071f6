/* SPDX-License-Identifier: Apache-2.0
 *
 * services/pkcs11/card.c, on SoftHSM2: a certificate, and what the RSA key beside it signs, by the
 * token's own hash and by ours. Skipped, and counted so, where the machine has no SoftHSM2.
 */
#include "pkcs11/card.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/x509.h"
#include "files/files.h"
#include "support/check.h"

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define PIN "4711"

static char folder[] = "/tmp/vrx-card-XXXXXX";
static bool there;

static void write_text(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_ok(vrx_file_replace(path, 0600, vrx_view_text(text)));
}

static void run(const char *command) {
    char line[1024];
    snprintf(line, sizeof line, "cd %s && %s >/dev/null 2>&1", folder, command);
    if (system(line) != 0)
        fail_msg("%s", command);
}

/* mechanisms: as SoftHSM2's configuration takes them. */
static void configure(const char *mechanisms) {
    char text[512];
    snprintf(text, sizeof text,
        "directories.tokendir = %s/tokens\nlog.level = ERROR\nslots.mechanisms = %s\n", folder,
        mechanisms);
    write_text("softhsm.conf", text);
    snprintf(text, sizeof text, "%s/softhsm.conf", folder);
    assert_int_equal(setenv("SOFTHSM2_CONF", text, 1), 0);
}

static int make_card(void **state) {
    (void)state;
    char text[512];
    there = access(MODULE, R_OK) == 0 && access("/usr/bin/softhsm2-util", X_OK) == 0;
    if (!there)
        return 0;
    assert_non_null(mkdtemp(folder));
    snprintf(text, sizeof text, "%s/tokens", folder);
    assert_int_equal(mkdir(text, 0700), 0);
    configure("ALL");
    write_text("pin", PIN "\n");
    write_text("wrong", "0000\n");
    run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
    run("openssl req -x509 -new -key key.pem -subj /CN=user -days 30 -out card.pem");
    run("softhsm2-util --init-token --free --label Card --so-pin 12345678 --pin " PIN);
    run("softhsm2-util --import key.pem --token Card --label user --id 31 --pin " PIN);
    run(VRX_TOKEN_KEY " " MODULE " Card " PIN " card.pem user 1");
    run(VRX_TOKEN_KEY " " MODULE " Card " PIN " card.pem alone 2");
    return 0;
}

static int remove_card(void **state) {
    (void)state;
    char line[512];
    snprintf(line, sizeof line, "rm -rf %s", folder);
    return there ? system(line) : 0;
}

static struct vrx_result read_pin(void *context, const char *label, struct vrx_secret **ret_pin) {
    char path[256];
    assert_string_equal(label, "Card");
    snprintf(path, sizeof path, "%s/%s", folder, (const char *)context);
    struct vrx_secret *line VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_file_read_secret(path, &line));
    VRX_TRY(vrx_secret_new(line->len - 1, ret_pin));
    memcpy((*ret_pin)->ptr, line->ptr, line->len - 1);
    return vrx_ok();
}

/* pin: a file of the folder; NULL: the certificate alone. */
static struct vrx_result open_as(const char *what, const char *pin, struct vrx_token **ret_card,
    struct vrx_buffer *certificate) {
    char text[1024];
    char name[16] = "";
    struct vrx_pkcs11_uri uri;
    snprintf(text, sizeof text, "pkcs11:token=Card;%s?module-path=" MODULE, what);
    assert_ok(vrx_pkcs11_uri_parse(vrx_view_text(text), &uri));
    snprintf(name, sizeof name, "%s", pin ? pin : "");
    const struct vrx_token_pin ask = {read_pin, name};
    return vrx_card_open(&uri, pin ? &ask : NULL, ret_card, certificate);
}

static void needs_softhsm(void) {
    if (!there)
        skip();
}

static void signs(void) {
    static const char message[] = "vrx.card-challenge.1";
    struct vrx_token *card VRX_CLEANUP(vrx_token_close) = NULL;
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer signature VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    assert_ok(open_as("object=user", "pin", &card, &der));
    assert_ok(vrx_certificate_from_der(vrx_buffer_view(&der), &certificate));
    for (int i = 0; i < 2; i++) {
        vrx_buffer_clear(&signature);
        assert_ok(vrx_card_sign(card, vrx_view_text(message), &signature));
        assert_int_equal(signature.len, 256);
        assert_ok(vrx_verify_pkcs1(
            vrx_certificate_key(certificate), vrx_view_text(message), vrx_buffer_view(&signature)));
        assert_reason(vrx_verify_pkcs1(vrx_certificate_key(certificate),
                          vrx_view_text("something else"), vrx_buffer_view(&signature)),
            VRX_SIGNATURE_INVALID);
    }
}

static void rfc8017_8_2_1_by_a_card_that_hashes(void **state) {
    (void)state;
    needs_softhsm();
    configure("ALL");
    signs();
}

static void rfc8017_9_2_by_a_card_that_does_not_hash(void **state) {
    (void)state;
    needs_softhsm();
    configure("CKM_RSA_PKCS");
    signs();
    configure("ALL");
}

static void the_certificate_needs_no_pin(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_token *card VRX_CLEANUP(vrx_token_close) = NULL;
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer signature VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(open_as("id=%31", NULL, &card, &der));
    assert_true(der.len > 0);
    assert_reason(vrx_card_sign(card, vrx_view_text("a"), &signature), VRX_TOKEN_FAILED);
}

static void what_opens_no_card(void **state) {
    (void)state;
    needs_softhsm();
    struct vrx_token *card = NULL;
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(open_as("object=user", "wrong", &card, &der), VRX_TOKEN_PIN);
    assert_reason(open_as("object=nobody", "pin", &card, &der), VRX_NOT_FOUND);
    assert_reason(open_as("type=private", "pin", &card, &der), VRX_INPUT_DUPLICATE_KEY);
    assert_reason(open_as("object=alone", "pin", &card, &der), VRX_NOT_FOUND); /* its key */
    assert_null(card);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc8017_8_2_1_by_a_card_that_hashes),
        cmocka_unit_test(rfc8017_9_2_by_a_card_that_does_not_hash),
        cmocka_unit_test(the_certificate_needs_no_pin),
        cmocka_unit_test(what_opens_no_card),
    };
    return cmocka_run_group_tests(tests, make_card, remove_card);
}
