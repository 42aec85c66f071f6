/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/json/foreign_json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "support/check.h"

static struct vrx_result parse(struct vrx_view text) {
    json_t *object = NULL;
    struct vrx_result result = vrx_foreign_json_read(text, &object);
    assert_int_equal(object != NULL, vrx_is_ok(result));
    vrx_foreign_json_done(&object);
    assert_null(object);
    return result;
}

static void refusals_each_with_its_reason(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {"{}", VRX_OK},
        {" {\"a\": [1, 2.5, \"\\u00e9\", null]}\n", VRX_OK},
        {"{\"a\":\"[[[[{{{{\\\"[[[[\\\\\"}", VRX_OK},
        {"", VRX_INPUT_MALFORMED},
        {"{", VRX_INPUT_MALFORMED},
        {"{'a':1}", VRX_INPUT_MALFORMED},
        {"{\"a\":01}", VRX_INPUT_MALFORMED},
        {"{\"a\":NaN}", VRX_INPUT_MALFORMED},
        {"{\"a\":1,}", VRX_INPUT_MALFORMED},
        {"\xef\xbb\xbf{}", VRX_INPUT_MALFORMED},
        {"{\"a\":\"\xff\"}", VRX_INPUT_TEXT},
        {"{\"a\":\"\xed\xa0\x80\"}", VRX_INPUT_TEXT},
        {"{\"a\":\"\\u0000\"}", VRX_INPUT_TEXT},
        {"{\"a\\u0000\":1}", VRX_INPUT_TEXT},
        {"{\"a\":\"\\ud800\"}", VRX_INPUT_MALFORMED},
        {"{\"a\":1,\"a\":1}", VRX_INPUT_DUPLICATE_KEY},
        {"{\"x\":{\"a\":1,\"\\u0061\":2}}", VRX_INPUT_DUPLICATE_KEY},
        {"{\"a\":9223372036854775808}", VRX_INPUT_RANGE},
        {"{\"a\":1e999}", VRX_INPUT_RANGE},
        {"{\"a\":-1e999}", VRX_INPUT_RANGE},
        {"{}{}", VRX_INPUT_TRAILING},
        {"{} x", VRX_INPUT_TRAILING},
        {"[]", VRX_INPUT_TYPE},
        {"7", VRX_INPUT_TYPE},
        {"null", VRX_INPUT_TYPE},
        {"\"{}\"", VRX_INPUT_TYPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vrx_result result = parse(vrx_view_text(rows[i].text));
        if (result.reason != rows[i].reason)
            fail_msg("%s: %s, not %s", rows[i].text, vrx_reason_name(result.reason),
                vrx_reason_name(rows[i].reason));
    }
    assert_reason(parse((struct vrx_view){0}), VRX_INPUT_MALFORMED);
    assert_reason(parse(vrx_view_of("{}\0", 3)), VRX_INPUT_TRAILING);
}

/* A number of any length is refused or is not a number of 64 bits: it takes no time either. */
static void refusal_of_a_huge_number(void **state) {
    (void)state;
    char text[60000];
    memset(text, '9', sizeof text);
    memcpy(text, "{\"a\":", 5);
    text[sizeof text - 1] = '}';
    assert_reason(parse(vrx_view_of(text, sizeof text)), VRX_INPUT_RANGE);
    text[6] = '.';
    assert_ok(parse(vrx_view_of(text, sizeof text)));
}

static void refusal_limits_depth(void **state) {
    (void)state;
    for (size_t depth = VRX_LIMIT_JSON_DEPTH; depth <= VRX_LIMIT_JSON_DEPTH + 1; depth++) {
        char text[256] = "{\"a\":";
        size_t len = strlen(text);
        for (size_t i = 1; i < depth; i++)
            text[len++] = '[';
        for (size_t i = 1; i < depth; i++)
            text[len++] = ']';
        text[len++] = '}';
        assert_reason(parse(vrx_view_of(text, len)),
            depth > VRX_LIMIT_JSON_DEPTH ? VRX_INPUT_TOO_DEEP : VRX_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_each_with_its_reason),
        cmocka_unit_test(refusal_of_a_huge_number),
        cmocka_unit_test(refusal_limits_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
