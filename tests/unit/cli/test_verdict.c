/* SPDX-License-Identifier: Apache-2.0
 *
 * services/cli/verdict.c: a service's answer in this program's words, where the service is older or
 * newer than the program. What is printed is the business of tests/system/shc.test.mjs and
 * vds.test.mjs.
 */
#include "cli/verdict.h"

#include "support/check.h"

struct answer {
    Vrx__V1__VerifyResponse response;
    Vrx__V1__VerifiedCertificate content;
    Vrx__V1__VerifiedDose dose;
    Vrx__V1__VerifiedDose *doses[1];
};

static void answer_init(struct answer *answer) {
    static char surname[] = "YAMADA";
    static char code[] = "208";
    vrx__v1__verify_response__init(&answer->response);
    vrx__v1__verified_certificate__init(&answer->content);
    vrx__v1__verified_dose__init(&answer->dose);
    answer->dose.vaccine_code = code;
    answer->doses[0] = &answer->dose;
    answer->content.surname = surname;
    answer->content.doses = answer->doses;
    answer->content.n_doses = 1;
    answer->response.verdict = VRX__V1__VERDICT__VERDICT_VALID;
    answer->response.certificate = &answer->content;
    answer->response.trust_list_version = 7;
}

static struct vrx_result take(const struct answer *answer, struct vrx_arena *arena,
    struct vrx_finding *finding, struct vrx_shown *shown) {
    struct vrx_cli_lists lists;
    return vrx_cli_verdict_take(&answer->response, arena, finding, shown, &lists);
}

/* What is known of the revocation, and by which list; a word of a later service says nothing. */
static void revocation_is_taken(void **state) {
    (void)state;
    static const struct {
        int stated;
        enum vrx_revoked taken;
    } rows[] = {{-1, VRX_REVOKED_UNKNOWN}, {0, VRX_REVOKED_UNKNOWN}, {1, VRX_REVOKED_UNKNOWN},
        {2, VRX_REVOKED_NO}, {3, VRX_REVOKED_YES}, {4, VRX_REVOKED_STALE},
        {5, VRX_REVOKED_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer;
        struct vrx_arena arena;
        struct vrx_finding finding = {0};
        struct vrx_shown shown = {0};
        struct vrx_cli_lists lists;
        answer_init(&answer);
        answer.response.verdict = VRX__V1__VERDICT__VERDICT_REVOKED;
        answer.response.revocation = (Vrx__V1__Revocation)rows[i].stated;
        answer.response.revocation_list_version = 3;
        answer.response.revocation_list_issued_at = 4;
        answer.response.revocation_list_next_update = 5;
        vrx_arena_init(&arena, 0);
        assert_ok(vrx_cli_verdict_take(&answer.response, &arena, &finding, &shown, &lists));
        assert_int_equal(finding.verdict, VRX_VERDICT_REVOKED);
        assert_int_equal(lists.trust_version, 7);
        assert_int_equal(lists.revoked, rows[i].taken);
        assert_int_equal(lists.revocations.version, 3);
        assert_int_equal(lists.revocations.issued, 4);
        assert_int_equal(lists.revocations.next_update, 5);
        vrx_arena_done(&arena);
    }
}

static void formats_are_told_apart(void **state) {
    (void)state;
    static const struct {
        Vrx__V1__CertificateFormat stated;
        enum vrx_format taken;
    } rows[] = {
        {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_UNSPECIFIED, VRX_FORMAT_HCERT},
        {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_HCERT, VRX_FORMAT_HCERT},
        {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_SMART_HEALTH_CARD, VRX_FORMAT_SHC},
        {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_VDS_NC, VRX_FORMAT_VDS_NC},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer;
        struct vrx_arena arena;
        struct vrx_finding finding = {0};
        struct vrx_shown shown = {0};
        answer_init(&answer);
        answer.content.format = rows[i].stated;
        vrx_arena_init(&arena, 0);
        assert_ok(take(&answer, &arena, &finding, &shown));
        assert_true(finding.readable);
        assert_null(finding.clause);
        assert_int_equal(shown.format, rows[i].taken);
        const struct vrx_view surname = shown.format == VRX_FORMAT_SHC      ? shown.shc.surname
                                        : shown.format == VRX_FORMAT_VDS_NC ? shown.vds_nc.surname
                                                                            : shown.hcert.surname;
        assert_true(vrx_view_equal(surname, vrx_view_text("YAMADA")));
        assert_int_equal(shown.shc.dose_count, shown.format == VRX_FORMAT_SHC);
        assert_int_equal(shown.vds_nc.dose_count, shown.format == VRX_FORMAT_VDS_NC);
        assert_true(shown.format != VRX_FORMAT_SHC || shown.shc.expires == VRX_SHC_FOREVER);
        vrx_arena_done(&arena);
    }
}

static void what_came_later_is_refused(void **state) {
    (void)state;
    struct answer answer;
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    vrx_arena_init(&arena, 0);
    answer_init(&answer);
    answer.content.format = (Vrx__V1__CertificateFormat)4;
    assert_reason(take(&answer, &arena, &finding, &shown), VRX_INPUT_VERSION);
    static const int verdicts[] = {-1, 0, 10, 1000};
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        answer_init(&answer);
        answer.response.verdict = (Vrx__V1__Verdict)verdicts[i];
        assert_reason(take(&answer, &arena, &finding, &shown), VRX_INPUT_VERSION);
    }
    assert_false(finding.readable);
    vrx_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_told_apart),
        cmocka_unit_test(revocation_is_taken),
        cmocka_unit_test(what_came_later_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
