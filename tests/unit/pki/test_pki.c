/* SPDX-License-Identifier: Apache-2.0
 *
 * services/pki/pki.c: what `vrx pki` leaves in a folder, and what it refuses to.
 */
#include "pki/pki.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/random.h"
#include "files/files.h"
#include "support/check.h"

#define NOW ((int64_t)1640995200) /* 2022-01-01T00:00:00Z */
#define DAY ((int64_t)86400)
#define DSC_PURPOSE "1.3.6.1.4.1.1847.2021.1.2"

static char home[4096];
static char folder[64];

/* The tests work inside their folder, so that names stay short. */
static int set_up(void **state) {
    (void)state;
    assert_non_null(getcwd(home, sizeof home));
    snprintf(folder, sizeof folder, "/tmp/vrx-pki-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    DIR *open_folder = opendir(".");
    assert_non_null(open_folder);
    for (struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(entry->d_name), 0);
    closedir(open_folder);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static int entries(void) {
    DIR *open_folder = opendir(".");
    assert_non_null(open_folder);
    int count = 0;
    for (struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        count += entry->d_name[0] != '.';
    closedir(open_folder);
    return count;
}

static struct vrx_pki_order authority(enum vrx_certificate_profile profile) {
    return (struct vrx_pki_order){
        .profile = profile,
        .country = vrx_view_text("JP"),
        .common_name = vrx_view_text("CA"),
        .days = 3650,
        .certificate = "ca.pem",
        .key = "ca.key",
    };
}

static struct vrx_pki_order leaf(enum vrx_certificate_profile profile) {
    struct vrx_pki_order order = {
        .profile = profile,
        .country = vrx_view_text("JP"),
        .organization = vrx_view_text("札幌市"),
        .common_name = vrx_view_text("leaf"),
        .days = 365,
        .certificate = "leaf.pem",
        .key = "leaf.key",
        .issuer_certificate = "ca.pem",
        .issuer_key = "ca.key",
    };
    if (profile == VRX_PROFILE_SERVER)
        order.alternative_names = vrx_view_text("DNS:localhost,IP:127.0.0.1");
    return order;
}

static struct vrx_result make(const struct vrx_pki_order *order) {
    return vrx_pki_make(order, NOW, vrx_random_system());
}

static void make_authority(enum vrx_certificate_profile profile) {
    const struct vrx_pki_order order = authority(profile);
    assert_ok(make(&order));
}

static mode_t mode_of(const char *file) {
    struct stat state;
    assert_int_equal(stat(file, &state), 0);
    return state.st_mode & 07777;
}

static struct vrx_certificate *certificate_in(const char *path) {
    struct vrx_certificate *cert = NULL;
    assert_ok(vrx_pki_read_certificate(path, &cert));
    return cert;
}

/* The key in the file is the certificate's. */
static void assert_pair(const struct vrx_certificate *cert, const char *key_path) {
    struct vrx_private_key *key = NULL;
    uint8_t signature[VRX_P256_SIGNATURE];
    assert_ok(vrx_pki_read_key(key_path, &key));
    assert_ok(vrx_sign_es256(key, vrx_view_text("x"), signature));
    assert_ok(vrx_verify(VRX_ES256, vrx_certificate_key(cert), vrx_view_text("x"),
        vrx_view_of(signature, sizeof signature)));
    vrx_private_key_free(&key);
}

static void authorities_sign_themselves(void **state) {
    (void)state;
    static const enum vrx_certificate_profile profiles[] = {
        VRX_PROFILE_PLATFORM_CA, VRX_PROFILE_CSCA};
    for (size_t i = 0; i < 2; i++) {
        mode_t umask_before = umask(0);
        make_authority(profiles[i]);
        umask(umask_before);
        assert_int_equal(entries(), 2);
        assert_int_equal(mode_of("ca.key"), 0600);
        assert_int_equal(mode_of("ca.pem"), 0644);
        struct vrx_certificate *ca = certificate_in("ca.pem");
        assert_true(vrx_certificate_is_ca(ca));
        assert_ok(vrx_certificate_issued_by(ca, ca));
        assert_int_equal(vrx_certificate_not_before(ca), NOW);
        assert_int_equal(vrx_certificate_not_after(ca), NOW + 3650 * DAY - 1);
        assert_pair(ca, "ca.key");
        vrx_certificate_free(&ca);
        assert_int_equal(unlink("ca.key"), 0);
        assert_int_equal(unlink("ca.pem"), 0);
    }
}

static void leaves_are_issued_by_their_authority(void **state) {
    (void)state;
    static const struct {
        enum vrx_certificate_profile profile, ca;
        const char *purpose;
    } rows[] = {
        {VRX_PROFILE_SERVER, VRX_PROFILE_PLATFORM_CA, "1.3.6.1.5.5.7.3.1"},
        {VRX_PROFILE_TERMINAL, VRX_PROFILE_PLATFORM_CA, "1.3.6.1.5.5.7.3.2"},
        {VRX_PROFILE_DSC_VACCINATION, VRX_PROFILE_CSCA, DSC_PURPOSE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vrx_pki_order order = leaf(rows[i].profile);
        make_authority(rows[i].ca);
        assert_ok(make(&order));
        struct vrx_certificate *ca = certificate_in("ca.pem");
        struct vrx_certificate *cert = certificate_in("leaf.pem");
        assert_int_equal(mode_of("leaf.key"), 0600);
        assert_ok(vrx_certificate_issued_by(cert, ca));
        assert_true(vrx_certificate_eku(cert, rows[i].purpose));
        assert_int_equal(vrx_certificate_not_after(cert), NOW + 365 * DAY - 1);
        assert_pair(cert, "leaf.key");
        vrx_certificate_free(&ca);
        vrx_certificate_free(&cert);
        static const char *const files[] = {"ca.pem", "ca.key", "leaf.pem", "leaf.key"};
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(unlink(files[j]), 0);
    }
}

static void serials_and_keys_differ(void **state) {
    (void)state;
    struct vrx_pki_order order = leaf(VRX_PROFILE_TERMINAL);
    make_authority(VRX_PROFILE_PLATFORM_CA);
    assert_ok(make(&order));
    order.certificate = "second.pem";
    order.key = "second.key";
    assert_ok(make(&order));
    struct vrx_certificate *first = certificate_in("leaf.pem");
    struct vrx_certificate *second = certificate_in("second.pem");
    /* tbsCertificate begins with head, version 5 bytes; then the serial of 2 + 16. */
    assert_memory_not_equal(
        vrx_certificate_der(first).ptr + 15, vrx_certificate_der(second).ptr + 15, 16);
    assert_false(vrx_view_equal(
        vrx_certificate_subject_key_id(first), vrx_certificate_subject_key_id(second)));
    vrx_certificate_free(&first);
    vrx_certificate_free(&second);
}

static void already_exists_and_stays(void **state) {
    (void)state;
    struct vrx_pki_order order = authority(VRX_PROFILE_PLATFORM_CA);
    struct vrx_buffer before = {0};
    struct vrx_buffer after = {0};
    make_authority(VRX_PROFILE_PLATFORM_CA);
    assert_ok(vrx_file_read("ca.key", 1000, &before));
    assert_reason(make(&order), VRX_ALREADY_EXISTS);
    /* The certificate alone is in the way: no key is left behind either. */
    order.key = "other.key";
    assert_reason(make(&order), VRX_ALREADY_EXISTS);
    struct vrx_private_key *key = NULL;
    assert_reason(vrx_pki_make_key("ca.key", &key), VRX_ALREADY_EXISTS);
    assert_null(key);
    assert_int_equal(entries(), 2);
    assert_ok(vrx_file_read("ca.key", 1000, &after));
    assert_true(vrx_view_equal(vrx_buffer_view(&before), vrx_buffer_view(&after)));
    vrx_buffer_done(&before);
    vrx_buffer_done(&after);
}

static void orders_refused_leave_nothing(void **state) {
    (void)state;
    make_authority(VRX_PROFILE_CSCA);
    struct vrx_pki_order order = leaf(VRX_PROFILE_DSC_VACCINATION);
    order.days = 0;
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order.days = VRX_PKI_DAYS_MAX + 1;
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order.days = 3651; /* a day longer than its issuer */
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order = leaf(VRX_PROFILE_DSC_VACCINATION);
    order.country = vrx_view_text("");
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order = leaf(VRX_PROFILE_DSC_VACCINATION);
    order.issuer_key = NULL;
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order.issuer_certificate = NULL;
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order = leaf(VRX_PROFILE_CSCA); /* a third tier */
    assert_reason(make(&order), VRX_INPUT_RANGE);
    order = leaf(VRX_PROFILE_TERMINAL);
    order.issuer_certificate = "none.pem";
    assert_reason(make(&order), VRX_NOT_FOUND);
    assert_int_equal(entries(), 2);
}

static void key_invalid_when_the_issuer_s_key_is_another(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_pki_order order = leaf(VRX_PROFILE_TERMINAL);
    make_authority(VRX_PROFILE_PLATFORM_CA);
    assert_ok(vrx_pki_make_key("other.key", &key));
    assert_int_equal(mode_of("other.key"), 0600);
    order.issuer_key = "other.key";
    assert_reason(make(&order), VRX_KEY_INVALID);
    vrx_private_key_free(&key);
    assert_int_equal(entries(), 3);
}

static void certificate_invalid_when_the_issuer_is_no_ca(void **state) {
    (void)state;
    struct vrx_pki_order order = leaf(VRX_PROFILE_TERMINAL);
    make_authority(VRX_PROFILE_PLATFORM_CA);
    assert_ok(make(&order));
    order.issuer_certificate = "leaf.pem";
    order.issuer_key = "leaf.key";
    order.certificate = "third.pem";
    order.key = "third.key";
    assert_reason(make(&order), VRX_CERTIFICATE_INVALID);
    assert_int_equal(entries(), 4);
}

static void file_refused_for_a_key_that_others_can_read(void **state) {
    (void)state;
    static const mode_t open_modes[] = {0640, 0604, 0644, 0620, 0601};
    const struct vrx_pki_order order = leaf(VRX_PROFILE_TERMINAL);
    make_authority(VRX_PROFILE_PLATFORM_CA);
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        struct vrx_private_key *key = NULL;
        assert_int_equal(chmod("ca.key", open_modes[i]), 0);
        assert_reason(vrx_pki_read_key("ca.key", &key), VRX_FILE_REFUSED);
        assert_null(key);
        assert_reason(make(&order), VRX_FILE_REFUSED);
    }
    assert_int_equal(entries(), 2);
}

static void files_of_the_wrong_kind(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_certificate *cert = NULL;
    make_authority(VRX_PROFILE_PLATFORM_CA);
    assert_int_equal(chmod("ca.pem", 0600), 0);
    assert_reason(vrx_pki_read_key("ca.pem", &key), VRX_KEY_INVALID);
    assert_reason(vrx_pki_read_certificate("ca.key", &cert), VRX_CERTIFICATE_INVALID);
    assert_reason(vrx_pki_read_key("none.key", &key), VRX_NOT_FOUND);
    assert_reason(vrx_pki_read_certificate("none.pem", &cert), VRX_NOT_FOUND);
    assert_int_equal(truncate("ca.pem", 65537), 0);
    assert_reason(vrx_pki_read_certificate("ca.pem", &cert), VRX_INPUT_TOO_LARGE);
    assert_null(key);
    assert_null(cert);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        EACH(authorities_sign_themselves),
        EACH(leaves_are_issued_by_their_authority),
        EACH(serials_and_keys_differ),
        EACH(already_exists_and_stays),
        EACH(orders_refused_leave_nothing),
        EACH(key_invalid_when_the_issuer_s_key_is_another),
        EACH(certificate_invalid_when_the_issuer_is_no_ca),
        EACH(file_refused_for_a_key_that_others_can_read),
        EACH(files_of_the_wrong_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
