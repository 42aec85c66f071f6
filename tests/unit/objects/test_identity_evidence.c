/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/identity_evidence.c: freshness, documents. Its encoding is tested with the codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static void assert_stale(int64_t time, uint64_t max_age) {
    struct vrx_result result = vrx_identity_evidence_fresh(&sample_evidence, time, max_age);
    assert_reason(result, VRX_EVIDENCE_STALE);
    assert_string_equal(result.clause, "identity_evidence.checked_at");
}

static void fresh_to_the_last_second(void **state) {
    (void)state;
    assert_ok(vrx_identity_evidence_fresh(&sample_evidence, SAMPLE_TIME, 0));
    assert_ok(vrx_identity_evidence_fresh(&sample_evidence, SAMPLE_TIME + 600, 600));
    assert_ok(vrx_identity_evidence_fresh(&sample_evidence, SAMPLE_TIME - 60, 600));
    assert_ok(vrx_identity_evidence_fresh(&sample_evidence, INT64_MAX, UINT64_MAX));
}

static void evidence_stale(void **state) {
    (void)state;
    assert_stale(SAMPLE_TIME + 601, 600);
    assert_stale(SAMPLE_TIME + 1, 0);
    assert_stale(INT64_MAX, 600);
}

static void evidence_from_the_future(void **state) {
    (void)state;
    assert_stale(SAMPLE_TIME - 61, UINT64_MAX);
    assert_stale(INT64_MIN, UINT64_MAX);
}

static void evidence_method_needs_documents(void **state) {
    (void)state;
    static const size_t least[] = {[VRX_IDENTITY_CARD_SIGNATURE] = 0,
        [VRX_IDENTITY_CARD_SEEN] = 1,
        [VRX_IDENTITY_NOTIFICATION_PHOTO] = 2,
        [VRX_IDENTITY_TWO_DOCUMENTS] = 2,
        [VRX_IDENTITY_PROXY] = 2};
    for (uint64_t method = VRX_IDENTITY_CARD_SIGNATURE; method <= VRX_IDENTITY_LAST; method++) {
        struct vrx_identity_evidence evidence = sample_evidence;
        evidence.method = method;
        evidence.document_count = least[method];
        assert_ok(vrx_identity_evidence_shown(&evidence));
        if (!least[method])
            continue;
        evidence.document_count--;
        struct vrx_result result = vrx_identity_evidence_shown(&evidence);
        assert_reason(result, VRX_EVIDENCE_METHOD);
        assert_string_equal(
            result.clause, "identity_evidence.documents: as many as the method needs");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_to_the_last_second),
        cmocka_unit_test(evidence_stale),
        cmocka_unit_test(evidence_from_the_future),
        cmocka_unit_test(evidence_method_needs_documents),
    };
    return cmocka_run_group_tests_name("objects/identity_evidence", tests, NULL, NULL);
}
