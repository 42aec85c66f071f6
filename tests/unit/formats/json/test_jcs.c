/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/json/jcs.c: RFC 8785's own examples as far as they have no fractions, and
 * what is refused.
 */
#include "formats/json/jcs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "formats/json/foreign_json.h"
#include "support/check.h"

static struct vrx_result canonical(const char *text, struct vrx_buffer *out) {
    json_t *value VRX_CLEANUP(vrx_foreign_json_done) =
        json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    return vrx_jcs_write(value, out);
}

static void expect(const char *text, const char *expected) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(canonical(text, &out));
    assert_ok(vrx_buffer_append_byte(&out, '\0'));
    assert_string_equal((const char *)out.ptr, expected);
}

static void expect_refusal(const char *text, enum vrx_reason reason, const char *clause) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_result result = canonical(text, &out);
    if (result.reason != reason)
        fail_msg(
            "%s: %s, expected %s", text, vrx_reason_name(result.reason), vrx_reason_name(reason));
    if (strncmp(result.clause, clause, strlen(clause)) != 0)
        fail_msg("%s: clause is \"%s\", expected \"%s\"", text, result.clause, clause);
}

/* §3.2.1 to §3.2.4, the numbers left out. */
static void rfc_8785_3_2_2_sample(void **state) {
    (void)state;
    expect("{\n  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
           "  \"literals\": [null, true, false]\n}",
        "{\"literals\":[null,true,false],"
        "\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

static void rfc_8785_3_2_3_sorting_sample(void **state) {
    (void)state;
    expect("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\","
           " \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\", \"1\": \"One\","
           " \"\\ud83d\\ude00\": \"Emoji: Grinning Face\", \"\\u0080\": \"Control\","
           " \"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}",
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
        "\"\U0001f600\":\"Emoji: Grinning Face\","
        "\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

static void rfc_8785_3_2_2_2_every_escape(void **state) {
    (void)state;
    expect("[\"\\b\\t\\n\\f\\r\\\"\\\\\\/\\u0001\\u001F\\u007f\\u3042\"]",
        "[\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\\u001f\x7f\u3042\"]");
}

static void rfc_8785_3_2_2_3_whole_numbers(void **state) {
    (void)state;
    expect("[0, -0, 1, -1, 9007199254740991, -9007199254740991]",
        "[0,0,1,-1,9007199254740991,-9007199254740991]");
}

static void objects_within_arrays_are_sorted_too(void **state) {
    (void)state;
    expect("{ \"b\" : [ { \"z\" : 1 , \"a\" : [ ] } , { } ] , \"\" : { } , \"a\" : \"\" }",
        "{\"\":{},\"a\":\"\",\"b\":[{\"a\":[],\"z\":1},{}]}");
    expect("\"a\"", "\"a\"");
    expect("{\"aa\":1,\"a\":2,\"ab\":3,\"B\":4}", "{\"B\":4,\"a\":2,\"aa\":1,\"ab\":3}");
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
        const char *clause;
    } rows[] = {
        {"[1.0]", VRX_INPUT_TYPE, "RFC 8785 §3.2.2.3"},
        {"[1e0]", VRX_INPUT_TYPE, "RFC 8785 §3.2.2.3"},
        {"[-0.5]", VRX_INPUT_TYPE, "RFC 8785 §3.2.2.3"},
        {"[9007199254740992]", VRX_INPUT_RANGE, "RFC 8785 §3.2.2.3"},
        {"[-9007199254740992]", VRX_INPUT_RANGE, "RFC 8785 §3.2.2.3"},
        {"[9223372036854775807]", VRX_INPUT_RANGE, "RFC 8785 §3.2.2.3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refusal(rows[i].text, rows[i].reason, rows[i].clause);
}

static void refusal_limits_depth(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    json_t *value VRX_CLEANUP(vrx_foreign_json_done) = json_integer(1);
    for (size_t i = 0; i < VRX_LIMIT_JSON_DEPTH; i++)
        value = json_pack("[o]", value);
    assert_ok(vrx_jcs_write(value, &out));
    value = json_pack("{so}", "a", value);
    assert_reason(vrx_jcs_write(value, &out), VRX_INPUT_TOO_DEEP);
}

static void nothing_is_written_beyond_the_buffer(void **state) {
    (void)state;
    static const char text[] = "{\"a\":[1,\"b\\n\",{\"c\":null}]}";
    json_t *value VRX_CLEANUP(vrx_foreign_json_done) = json_loads(text, 0, NULL);
    for (size_t limit = 1; limit < sizeof text - 1; limit++) {
        struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {.limit = limit};
        assert_reason(vrx_jcs_write(value, &out), VRX_INPUT_TOO_LARGE);
        assert_true(out.len <= limit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_8785_3_2_2_sample),
        cmocka_unit_test(rfc_8785_3_2_3_sorting_sample),
        cmocka_unit_test(rfc_8785_3_2_2_2_every_escape),
        cmocka_unit_test(rfc_8785_3_2_2_3_whole_numbers),
        cmocka_unit_test(objects_within_arrays_are_sorted_too),
        cmocka_unit_test(refusals),
        cmocka_unit_test(refusal_limits_depth),
        cmocka_unit_test(nothing_is_written_beyond_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
