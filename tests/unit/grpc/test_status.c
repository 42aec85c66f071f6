/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/status.h"

#include "support/check.h"

static void categories(void **state) {
    (void)state;
    assert_int_equal(vrx_grpc_code_of(VRX_OK), VRX_GRPC_OK);
    assert_int_equal(vrx_grpc_code_of(VRX_CHECK_DIGIT_WRONG), VRX_GRPC_INVALID_ARGUMENT);
    assert_int_equal(vrx_grpc_code_of(VRX_CONSENT_REVOKED), VRX_GRPC_PERMISSION_DENIED);
    assert_int_equal(vrx_grpc_code_of(VRX_WRONG_STATE), VRX_GRPC_FAILED_PRECONDITION);
    assert_int_equal(vrx_grpc_code_of(VRX_RATE_EXCEEDED), VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_int_equal(vrx_grpc_code_of(VRX_NETWORK_FAILED), VRX_GRPC_UNAVAILABLE);
    assert_int_equal(vrx_grpc_code_of(VRX_VAULT_DAMAGED), VRX_GRPC_DATA_LOSS);
    assert_int_equal(vrx_grpc_code_of(VRX_INTERNAL_ERROR), VRX_GRPC_INTERNAL);
}

static void exceptions(void **state) {
    (void)state;
    assert_int_equal(vrx_grpc_code_of(VRX_TENANT_SEALED), VRX_GRPC_UNAVAILABLE);
    assert_int_equal(vrx_grpc_code_of(VRX_SHUTTING_DOWN), VRX_GRPC_UNAVAILABLE);
    assert_int_equal(vrx_grpc_code_of(VRX_ISSUER_UNAVAILABLE), VRX_GRPC_UNAVAILABLE);
    assert_int_equal(vrx_grpc_code_of(VRX_NOT_FOUND), VRX_GRPC_NOT_FOUND);
    assert_int_equal(vrx_grpc_code_of(VRX_TENANT_UNKNOWN), VRX_GRPC_NOT_FOUND);
    assert_int_equal(vrx_grpc_code_of(VRX_ALREADY_EXISTS), VRX_GRPC_ALREADY_EXISTS);
    assert_int_equal(vrx_grpc_code_of(VRX_CANCELLED), VRX_GRPC_CANCELLED);
    assert_int_equal(vrx_grpc_code_of(VRX_DEADLINE_EXCEEDED), VRX_GRPC_DEADLINE_EXCEEDED);
    assert_int_equal(vrx_grpc_code_of(VRX_METHOD_UNKNOWN), VRX_GRPC_UNIMPLEMENTED);
    assert_int_equal(vrx_grpc_code_of(VRX_TERMINAL_UNKNOWN), VRX_GRPC_UNAUTHENTICATED);
    assert_int_equal(vrx_grpc_code_of(VRX_CONFLICT), VRX_GRPC_ABORTED);
}

/* A client library repeats UNAVAILABLE by itself: only what may be repeated unchanged is that. */
static void unavailable_may_be_repeated(void **state) {
    (void)state;
#define VRX_REASON(name, value, category, retry, en, ja) \
    if (vrx_grpc_code_of(VRX_##name) == VRX_GRPC_UNAVAILABLE) \
        assert_true(VRX_RETRY_##retry == VRX_RETRY_LATER || VRX_RETRY_##retry == VRX_RETRY_NOW);
#include "base/reasons.def"
#undef VRX_REASON
}

static void no_refusal_is_ok(void **state) {
    (void)state;
#define VRX_REASON(name, value, category, retry, en, ja) \
    assert_int_not_equal(vrx_grpc_code_of(VRX_##name), VRX_GRPC_OK);
#include "base/reasons.def"
#undef VRX_REASON
}

static void names_of_codes(void **state) {
    (void)state;
    assert_string_equal(vrx_grpc_code_name(VRX_GRPC_OK), "OK");
    assert_string_equal(vrx_grpc_code_name(VRX_GRPC_UNIMPLEMENTED), "UNIMPLEMENTED");
    assert_string_equal(vrx_grpc_code_name(VRX_GRPC_UNAUTHENTICATED), "UNAUTHENTICATED");
    assert_string_equal(vrx_grpc_code_name((enum vrx_grpc_code)17), "UNKNOWN");
}

static void http_statuses(void **state) {
    (void)state;
    assert_int_equal(vrx_grpc_code_of_http(400), VRX_GRPC_INTERNAL);
    assert_int_equal(vrx_grpc_code_of_http(401), VRX_GRPC_UNAUTHENTICATED);
    assert_int_equal(vrx_grpc_code_of_http(403), VRX_GRPC_PERMISSION_DENIED);
    assert_int_equal(vrx_grpc_code_of_http(404), VRX_GRPC_UNIMPLEMENTED);
    assert_int_equal(vrx_grpc_code_of_http(429), VRX_GRPC_UNAVAILABLE);
    assert_int_equal(vrx_grpc_code_of_http(503), VRX_GRPC_UNAVAILABLE);
    assert_int_equal(vrx_grpc_code_of_http(415), VRX_GRPC_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(categories),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(unavailable_may_be_repeated),
        cmocka_unit_test(no_refusal_is_ok),
        cmocka_unit_test(names_of_codes),
        cmocka_unit_test(http_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
