/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/certificate_reply.c: what stands in a reply goes with its outcome. Its encoding is
 * tested with the codec.
 */
#include "objects/certificate_reply.h"

#include "support/check.h"
#include "unit/objects/samples.h"

static void assert_wrong(const struct vrx_certificate_reply *reply, const char *field) {
    struct vrx_result result = vrx_certificate_reply_check(reply);
    assert_reason(result, VRX_INPUT_RANGE);
    assert_non_null(strstr(result.clause, field));
}

static void each_outcome_has_what_it_says(void **state) {
    (void)state;
    struct vrx_certificate_reply none = sample_certificate_reply_least;
    none.outcome = VRX_CERTIFICATE_OUTCOME_NO_RECORD;
    none.reason = 0;
    none.clause.len = 0;
    assert_ok(vrx_certificate_reply_check(&none));
    assert_ok(vrx_certificate_reply_check(&sample_certificate_reply));
    assert_ok(vrx_certificate_reply_check(&sample_certificate_reply_least));
}

static void refusal_issued_without_what_was_issued(void **state) {
    (void)state;
    struct vrx_certificate_reply reply = sample_certificate_reply;
    reply.certificate_count = 0;
    assert_wrong(&reply, "certificates");
    reply = sample_certificate_reply;
    reply.uvci.len = 0;
    assert_wrong(&reply, "uvci");
    reply = sample_certificate_reply;
    reply.issued_at = 0;
    assert_wrong(&reply, "issued_at");
    reply = sample_certificate_reply;
    reply.expires_at = 0;
    assert_wrong(&reply, "expires_at");
    reply = sample_certificate_reply;
    reply.reason = VRX_CONSENT_REVOKED;
    assert_wrong(&reply, "reason");
}

static void refusal_one_format_twice(void **state) {
    (void)state;
    struct vrx_certificate_reply reply = sample_certificate_reply;
    struct vrx_issued_certificate twice[] = {sample_issued[0], sample_issued[0]};
    reply.certificates = twice;
    assert_wrong(&reply, "each format once");
}

static void refusal_a_certificate_where_none_was_issued(void **state) {
    (void)state;
    struct vrx_certificate_reply reply = sample_certificate_reply_least;
    reply.certificates = sample_issued;
    reply.certificate_count = 1;
    assert_wrong(&reply, "certificates");
    reply = sample_certificate_reply_least;
    reply.reason = 0;
    assert_wrong(&reply, "reason");
    reply.outcome = VRX_CERTIFICATE_OUTCOME_NO_RECORD;
    assert_wrong(&reply, "clause");
    reply.clause.len = 0;
    reply.uvci = sample_certificate_reply.uvci;
    assert_wrong(&reply, "uvci");
}

/* Whoever counts bytes learns nothing about whom there is no record of. */
static void no_record_has_one_length(void **state) {
    (void)state;
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer second VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_certificate_reply reply = {.query_id = {1},
        .origin = KASHIWA,
        .destination = SAPPORO,
        .outcome = VRX_CERTIFICATE_OUTCOME_NO_RECORD,
        .replied_at = SAMPLE_TIME};
    assert_ok(vrx_object_encode(&vrx_certificate_reply_schema, &reply, &first));
    reply.query_id[0] = 0xff;
    memset(reply.query_digest, 0xff, sizeof reply.query_digest);
    reply.replied_at += 1000000;
    assert_ok(vrx_object_encode(&vrx_certificate_reply_schema, &reply, &second));
    assert_int_equal(first.len, second.len);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_outcome_has_what_it_says),
        cmocka_unit_test(refusal_issued_without_what_was_issued),
        cmocka_unit_test(refusal_one_format_twice),
        cmocka_unit_test(refusal_a_certificate_where_none_was_issued),
        cmocka_unit_test(no_record_has_one_length),
    };
    return cmocka_run_group_tests_name("objects/certificate_reply", tests, NULL, NULL);
}
