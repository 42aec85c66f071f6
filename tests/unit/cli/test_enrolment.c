/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/enrolment.h"

#include <unistd.h>

#include "capture.h"
#include "cli/args.h"
#include "support/check.h"

static const char uri[] =
    "otpauth://totp/VRX:hanako?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=VRX&digits=6";

static void has(const char *name, const char *value) {
    char found[VRX_ENROLMENT_PART] = "as it was";
    vrx_enrolment_part(uri, name, found);
    assert_string_equal(found, value);
}

static void a_part_is_named_whole(void **state) {
    (void)state;
    has("secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    has("issuer", "VRX");
    has("digits", "6");
    has("ecret", "");
    has("secre", "");
    has("period", "");
    has("otpauth", "");
}

static void a_part_too_long_is_cut(void **state) {
    (void)state;
    char long_uri[512];
    char found[VRX_ENROLMENT_PART];
    memset(long_uri, 'A', sizeof long_uri);
    memcpy(long_uri, "?secret=", 8);
    long_uri[sizeof long_uri - 1] = '\0';
    vrx_enrolment_part(long_uri, "secret", found);
    assert_int_equal(strlen(found), VRX_ENROLMENT_PART - 1);
}

static int run_show(const struct vrx_arguments *arguments) {
    const struct vrx_enrolment enrolment = {"hanako", uri, "k7Qm2xWd"};
    return vrx_enrolment_print(arguments, &enrolment);
}

static const struct vrx_command commands[] = {
    {"show", false, "show", "表示する", NULL, run_show}, {0}};
static const struct vrx_command *const themes[] = {commands, NULL};

static const char *shown(const char *option) {
    static struct capture out;
    char program[] = "vrx";
    char word[] = "show";
    char last[16];
    snprintf(last, sizeof last, "%s", option ? option : "");
    char *argv[] = {program, word, option ? last : NULL, NULL};
    capture_begin(&out, STDOUT_FILENO);
    int status = vrx_cli_run(option ? 3 : 2, argv, themes);
    const char *said = capture_end(&out);
    assert_int_equal(status, VRX_EXIT_OK);
    return said;
}

static void people_get_a_code_and_words_to_type(void **state) {
    (void)state;
    const char *said = shown(NULL);
    assert_non_null(strstr(said, "\u2588\u2588\u2588\u2588")); /* its reading: test_qr.c */
    assert_non_null(strstr(said, " hanako\n"));
    assert_non_null(strstr(said, " GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ\n"));
    assert_non_null(strstr(said, " k7Qm2xWd\n"));
    assert_non_null(strstr(said, "Shown only now"));
    assert_non_null(strstr(said, "表示は今回限りです"));
}

static void machines_get_one_object(void **state) {
    (void)state;
    const char *said = shown("--json");
    assert_non_null(strstr(said, "\"operator\":\"hanako\""));
    assert_non_null(strstr(said, "\"enrolment_uri\":\"otpauth://totp/VRX:hanako?secret="));
    assert_non_null(strstr(said, "\"secret\":\"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\""));
    assert_non_null(strstr(said, "\"initial_pin\":\"k7Qm2xWd\""));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_named_whole),
        cmocka_unit_test(a_part_too_long_is_cut),
        cmocka_unit_test(people_get_a_code_and_words_to_type),
        cmocka_unit_test(machines_get_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
