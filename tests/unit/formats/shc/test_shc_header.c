/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/shc/shc_header.h"

#include <stdlib.h>

#include "support/check.h"

#define GOOD "{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"abc\"}"

/* Of memory of its own size, so that a sanitizer sees what lies behind it. */
static struct vrx_result read_exactly(const char *text, size_t len, bool expect_kid) {
    uint8_t *copy = malloc(len ? len : 1);
    struct vrx_view kid = {0};
    assert_non_null(copy);
    memcpy(copy, text, len);
    struct vrx_result result = vrx_shc_header_read(vrx_view_of(copy, len), &kid);
    if (vrx_is_ok(result) && expect_kid)
        assert_true(vrx_view_equal(kid, vrx_view_text("abc")));
    else
        assert_int_equal(kid.len, 0);
    free(copy);
    return result;
}

static void forms_that_are_taken(void **state) {
    (void)state;
    static const char *const rows[] = {
        GOOD,
        " {\t\"kid\" : \"abc\" ,\r\n\"alg\":\"ES256\", \"zip\":\"DEF\"\n}\n",
        "{\"a\":\"\",\"zip\":\"DEF\",\"a\":\"{[\",\"alg\":\"ES256\",\"kid\":\"abc\",\"\":\"\"}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_ok(read_exactly(rows[i], strlen(rows[i]), true));
    assert_ok(read_exactly("{\"zip\":\"DEF\",\"alg\":\"ES256\"}", 27, false));
}

static void refusals_each_with_its_reason(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {"{}", VRX_INPUT_MALFORMED},
        {"null", VRX_INPUT_MALFORMED},
        {GOOD "x", VRX_INPUT_MALFORMED},
        {GOOD GOOD, VRX_INPUT_MALFORMED},
        {"{\"zip\":\"DEF\",}", VRX_INPUT_MALFORMED},
        {"{\"zip\",\"DEF\"}", VRX_INPUT_MALFORMED},
        {"{zip:\"DEF\"}", VRX_INPUT_MALFORMED},
        {"{\"zip\":\"D\\u0045F\",\"alg\":\"ES256\",\"kid\":\"abc\"}", VRX_INPUT_MALFORMED},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"a\nc\"}", VRX_INPUT_MALFORMED},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"\xc3\xa9\"}", VRX_INPUT_MALFORMED},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"b64\":false}", VRX_INPUT_MALFORMED},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"x\":{}}", VRX_INPUT_MALFORMED},
        {"{\"zip\":\"DEF\",\"alg\":\"es256\"}", VRX_ALGORITHM_REFUSED},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256K\"}", VRX_ALGORITHM_REFUSED},
        {"{\"zip\":\"def\",\"alg\":\"ES256\"}", VRX_INPUT_MALFORMED},
        {"{\"crit\":[]}", VRX_ALGORITHM_REFUSED},
        {"{\"crit\":\"\"}", VRX_ALGORITHM_REFUSED},
        {"{\"alg\":\"none\",\"alg\":\"ES256\",\"zip\":\"DEF\"}", VRX_INPUT_DUPLICATE_KEY},
        {"{\"kid\":\"\",\"kid\":\"abc\",\"alg\":\"ES256\",\"zip\":\"DEF\"}",
            VRX_INPUT_DUPLICATE_KEY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct vrx_result result = read_exactly(rows[i].text, strlen(rows[i].text), false);
        if (result.reason != rows[i].reason || !result.clause)
            fail_msg("%s: %s", rows[i].text, vrx_reason_name(result.reason));
    }
}

static void refusal_of_every_beginning(void **state) {
    (void)state;
    for (size_t len = 0; len < sizeof GOOD - 1; len++)
        assert_reason(read_exactly(GOOD, len, false), VRX_INPUT_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_that_are_taken),
        cmocka_unit_test(refusals_each_with_its_reason),
        cmocka_unit_test(refusal_of_every_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
