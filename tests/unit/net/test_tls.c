/* SPDX-License-Identifier: Apache-2.0
 *
 * What a TLS context is made of. Handshakes, good and bad, are in tests/unit/grpc/test_client.c and
 * tests/system/grpc_transport.test.mjs.
 */
#include "net/tls.h"

#include "crypto/crl.h"
#include "support/check.h"
#include "support/test_pki.h"

static struct test_pki pki;
static struct test_identity server;
static struct test_identity other;

static int setup(void **state) {
    (void)state;
    test_pki_init(&pki);
    test_identity_init(&server, &pki, VRX_PROFILE_SERVER);
    test_identity_init(&other, &pki, VRX_PROFILE_SERVER);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_identity_done(&server);
    test_identity_done(&other);
    test_pki_done(&pki);
    return 0;
}

static struct vrx_result make(const struct vrx_tls_identity *identity, struct vrx_view authority) {
    struct vrx_tls *tls = NULL;
    struct vrx_result result = vrx_tls_server_new(identity, authority, &tls);
    assert_true(vrx_is_ok(result) == (tls != NULL));
    vrx_tls_free(&tls);
    return result;
}

static void sound_identity(void **state) {
    (void)state;
    struct vrx_tls_identity identity = test_identity_tls(&server);
    assert_ok(make(&identity, vrx_buffer_view(&pki.authority_pem)));
    assert_ok(make(&identity, (struct vrx_view){0}));
}

static void a_renewal_that_fails_leaves_what_was(void **state) {
    (void)state;
    struct vrx_tls *tls = NULL;
    SSL *ssl = NULL;
    struct vrx_tls_identity identity = test_identity_tls(&server);
    struct vrx_tls_identity unfit = {identity.certificates_pem, other.key_pem};
    struct vrx_view authority = vrx_buffer_view(&pki.authority_pem);
    assert_ok(vrx_tls_server_new(&identity, authority, &tls));
    assert_reason(
        vrx_tls_server_renew(tls, &unfit, authority, (struct vrx_view){0}), VRX_KEY_INVALID);
    assert_reason(vrx_tls_server_renew(tls, &identity, vrx_view_text("text"), (struct vrx_view){0}),
        VRX_CERTIFICATE_INVALID);
    assert_reason(vrx_tls_server_renew(tls, &identity, authority, vrx_view_text("text")),
        VRX_CERTIFICATE_INVALID);
    assert_ok(vrx_tls_accept(tls, -1, &ssl)); /* by what was there first */
    assert_ok(vrx_tls_server_renew(tls, &identity, authority, (struct vrx_view){0}));
    vrx_tls_free(&tls);
    vrx_tls_close(&ssl);
}

/* Of these authorities and of no other. */
static void lists_of_other_authorities_are_refused(void **state) {
    (void)state;
    struct test_pki foreign;
    struct vrx_tls *tls = NULL;
    struct vrx_tls_identity identity = test_identity_tls(&server);
    struct vrx_view authority = vrx_buffer_view(&pki.authority_pem);
    test_pki_init(&foreign);
    const struct test_pki *const signers[] = {&pki, &foreign};
    assert_ok(vrx_tls_server_new(&identity, authority, &tls));
    for (size_t i = 0; i < 2; i++) {
        struct vrx_crl *crl = NULL;
        struct vrx_crl_request request = {.number = 1, .this_update = 1, .next_update = 2};
        assert_ok(vrx_crl_make(&request, signers[i]->authority, signers[i]->key, &crl));
        struct vrx_result result =
            vrx_tls_server_renew(tls, &identity, authority, vrx_crl_der(crl));
        assert_true(vrx_is_ok(result) == !i); /* the same name, another key */
        vrx_crl_free(&crl);
    }
    test_pki_done(&foreign);
    vrx_tls_free(&tls);
}

static void key_of_another_certificate_is_refused(void **state) {
    (void)state;
    struct vrx_tls_identity identity = test_identity_tls(&server);
    identity.key_pem = other.key_pem;
    assert_reason(make(&identity, (struct vrx_view){0}), VRX_KEY_INVALID);
}

static void absent_key_is_refused(void **state) {
    (void)state;
    struct vrx_tls_identity identity = test_identity_tls(&server);
    identity.key_pem = NULL;
    assert_reason(make(&identity, (struct vrx_view){0}), VRX_KEY_INVALID);
}

static void what_is_no_certificate_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", "text", "-----BEGIN CERTIFICATE-----\nAAAA\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct vrx_tls_identity identity = test_identity_tls(&server);
        identity.certificates_pem = vrx_view_text(texts[i]);
        assert_reason(make(&identity, (struct vrx_view){0}), VRX_CERTIFICATE_INVALID);
    }
}

static void what_is_no_authority_is_refused(void **state) {
    (void)state;
    struct vrx_tls *tls = NULL;
    struct vrx_tls_identity identity = test_identity_tls(&server);
    assert_reason(make(&identity, vrx_view_text("text")), VRX_CERTIFICATE_INVALID);
    assert_reason(
        vrx_tls_client_new(&identity, (struct vrx_view){0}, &tls), VRX_CERTIFICATE_INVALID);
    assert_reason(vrx_tls_client_new(NULL, vrx_view_text("text"), &tls), VRX_CERTIFICATE_INVALID);
    assert_null(tls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_identity),
        cmocka_unit_test(a_renewal_that_fails_leaves_what_was),
        cmocka_unit_test(lists_of_other_authorities_are_refused),
        cmocka_unit_test(key_of_another_certificate_is_refused),
        cmocka_unit_test(absent_key_is_refused),
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(what_is_no_authority_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
