/* SPDX-License-Identifier: Apache-2.0
 *
 * services/pki/revoke.c: what stands in a CA's folder after renewals and revocations.
 */
#include "pki/revoke.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.h"
#include "files/files.h"
#include "support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NOW ((int64_t)1640995200) /* 2022-01-01T00:00:00Z */
#define DAY ((int64_t)86400)

static char home[4096];
static char folder[64];

static void make(const char *name, const char *ca) {
    char path[4][64];
    for (size_t i = 0; i < 4; i++)
        (void)snprintf(path[i], sizeof path[i], "%s/%s.pem",
            i < 2 ? name
            : ca  ? ca
                  : "",
            i % 2 ? "key" : "certificate");
    assert_int_equal(mkdir(name, 0700), 0);
    const struct vrx_pki_order order = {
        .profile = strcmp(name, "server") == 0 ? VRX_PROFILE_SERVER
                   : ca                        ? VRX_PROFILE_TERMINAL
                                               : VRX_PROFILE_PLATFORM_CA,
        .common_name = vrx_view_text(name),
        .alternative_names = vrx_view_text(strcmp(name, "server") == 0 ? "DNS:localhost" : ""),
        .days = ca ? 0 : 3650,
        .hours = ca ? 8 : 0,
        .certificate = path[0],
        .key = path[1],
        .issuer_certificate = ca ? path[2] : NULL,
        .issuer_key = ca ? path[3] : NULL,
    };
    assert_ok(vrx_pki_make(&order, NOW, vrx_random_system()));
}

/* A CA, another one, and certificates of the first. */
static int set_up(void **state) {
    (void)state;
    assert_non_null(getcwd(home, sizeof home));
    (void)snprintf(folder, sizeof folder, "/tmp/vrx-revoke-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    make("ca", NULL);
    make("other", NULL);
    make("one", "ca");
    make("two", "ca");
    make("server", "ca");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    static const char *const names[] = {"ca", "other", "one", "two", "server"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_ok(vrx_folder_remove(names[i]));
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static struct vrx_certificate *read_one(const char *path) {
    struct vrx_certificate *certificate = NULL;
    assert_ok(vrx_pki_read_certificate(path, &certificate));
    return certificate;
}

static struct vrx_result revoke_file(const char *path) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = read_one(path);
    return vrx_pki_revoke("ca", certificate, VRX_REVOCATION_SUPERSEDED, NOW + 1);
}

static void make_crl(uint64_t number, size_t count, struct vrx_crls *crls) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_crl_made made = {0};
    vrx_crls_done(crls);
    assert_ok(vrx_pki_make_crl("ca", NOW + 2, DAY, &made));
    assert_int_equal(made.number, number);
    assert_int_equal(made.count, count);
    assert_int_equal(made.next_update, NOW + 2 + DAY);
    assert_ok(vrx_file_read("ca/crl.pem", 65536, &pem));
    assert_ok(vrx_crls_read(vrx_buffer_view(&pem), crls));
    assert_int_equal(crls->count, 1);
}

static void what_is_revoked_stands_on_every_list_from_then_on(void **state) {
    (void)state;
    struct vrx_certificate *one VRX_CLEANUP(vrx_certificate_free) = read_one("one/certificate.pem");
    struct vrx_certificate *two VRX_CLEANUP(vrx_certificate_free) = read_one("two/certificate.pem");
    struct vrx_crls crls VRX_CLEANUP(vrx_crls_done) = {0};
    make_crl(1, 0, &crls);
    assert_ok(revoke_file("one/certificate.pem"));
    make_crl(2, 1, &crls);
    assert_true(vrx_crl_names(crls.list[0], one));
    assert_false(vrx_crl_names(crls.list[0], two));
    assert_ok(revoke_file("two/certificate.pem"));
    make_crl(3, 2, &crls);
    assert_true(vrx_crl_names(crls.list[0], one));
    assert_true(vrx_crl_names(crls.list[0], two));
    assert_reason(revoke_file("one/certificate.pem"), VRX_ALREADY_EXISTS);
    make_crl(4, 2, &crls);
}

static void only_the_cas_own_are_revoked(void **state) {
    (void)state;
    struct vrx_certificate *one VRX_CLEANUP(vrx_certificate_free) = read_one("one/certificate.pem");
    struct vrx_result result = vrx_pki_revoke("other", one, VRX_REVOCATION_UNSPECIFIED, NOW);
    assert_reason(result, VRX_CERTIFICATE_INVALID);
    assert_int_equal(access("other/revoked", F_OK), -1);
}

static void a_record_that_does_not_read_signs_nothing(void **state) {
    (void)state;
    static const char *const records[] = {"zz 1 0 x\n", "12 x 0 x\n", "12 1 99 x\n", "12\n",
        " 1 0 x\n", "12 1 0 x", "0102030405060708090a0b0c0d0e0f101112131415 1 0 x\n"};
    struct vrx_crl_made made;
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        assert_ok(vrx_file_replace("ca/revoked", 0644, vrx_view_text(records[i])));
        assert_reason(vrx_pki_make_crl("ca", NOW, DAY, &made), VRX_FILE_REFUSED);
        assert_reason(revoke_file("one/certificate.pem"), VRX_FILE_REFUSED);
    }
    assert_int_equal(access("ca/crl.pem", F_OK), -1);
    assert_ok(vrx_file_replace("ca/revoked", 0644, vrx_view_text("")));
    assert_ok(vrx_file_replace("ca/crl-number", 0644, vrx_view_text("seven\n")));
    assert_reason(vrx_pki_make_crl("ca", NOW, DAY, &made), VRX_FILE_REFUSED);
}

static void a_renewal_keeps_the_key(void **state) {
    (void)state;
    struct vrx_pki_renewal renewal = {
        .ca = "ca", .certificate = "one/certificate.pem", .out = "one/next.pem", .seconds = 3600};
    uint8_t before[32];
    uint8_t after[32];
    assert_ok(vrx_pki_renew(&renewal, NOW + DAY, vrx_random_system()));
    struct vrx_certificate *one VRX_CLEANUP(vrx_certificate_free) = read_one("one/certificate.pem");
    struct vrx_certificate *next VRX_CLEANUP(vrx_certificate_free) = read_one("one/next.pem");
    assert_ok(vrx_public_key_spki_sha256(vrx_certificate_key(one), before));
    assert_ok(vrx_public_key_spki_sha256(vrx_certificate_key(next), after));
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(vrx_certificate_not_after(one), NOW + 8 * 3600 - 1);
    assert_int_equal(vrx_certificate_not_before(next), NOW + DAY);
    assert_int_equal(vrx_certificate_not_after(next), NOW + DAY + 3600 - 1);
    assert_true(vrx_view_equal(vrx_certificate_common_name(next), vrx_view_text("one")));
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_ALREADY_EXISTS);
    renewal.out = renewal.certificate; /* in its place */
    assert_ok(vrx_pki_renew(&renewal, NOW, vrx_random_system()));
}

static void renewals_that_are_refused(void **state) {
    (void)state;
    struct vrx_pki_renewal renewal = {
        .ca = "ca", .certificate = "server/certificate.pem", .out = "next.pem", .seconds = 3600};
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_INPUT_RANGE);
    renewal.certificate = "one/certificate.pem";
    renewal.seconds = 0;
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_INPUT_RANGE);
    renewal.seconds = 3651 * DAY; /* longer than its CA */
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_INPUT_RANGE);
    renewal.seconds = 3600;
    renewal.ca = "other";
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_CERTIFICATE_INVALID);
    renewal.ca = "nowhere";
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_NOT_FOUND);
    renewal.ca = "ca";
    assert_ok(revoke_file("one/certificate.pem"));
    assert_reason(vrx_pki_renew(&renewal, NOW, vrx_random_system()), VRX_WRONG_STATE);
    assert_int_equal(access("next.pem", F_OK), -1);
}

#define REVOKE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        REVOKE_TEST(what_is_revoked_stands_on_every_list_from_then_on),
        REVOKE_TEST(only_the_cas_own_are_revoked),
        REVOKE_TEST(a_record_that_does_not_read_signs_nothing),
        REVOKE_TEST(a_renewal_keeps_the_key),
        REVOKE_TEST(renewals_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
