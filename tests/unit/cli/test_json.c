/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"

#include "capture.h"
#include "cli/command.h"
#include "support/check.h"

static void prints(const struct vrx_json *json, int status, const char *expected) {
    static struct capture out, err;
    capture_begin(&out, STDOUT_FILENO);
    capture_begin(&err, STDERR_FILENO);
    int printed = vrx_json_print(json);
    capture_end(&err);
    assert_string_equal(capture_end(&out), expected);
    assert_int_equal(printed, status);
}

static void an_object_is_one_line(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_json_done) struct vrx_json json;
    struct vrx_json list;
    struct vrx_json inner;
    vrx_json_object(&json);
    vrx_json_text(&json, "name", "札幌 \"花子\"\n");
    vrx_json_number(&json, "n", 9007199254740993);
    vrx_json_bool(&json, "b", true);
    vrx_json_hex(&json, "h", vrx_view_of("\x00\xff", 2));
    vrx_json_hex(&json, "none", vrx_view_text(""));
    vrx_json_time(&json, "t", 1634007845);
    vrx_json_array(&list);
    vrx_json_object(&inner);
    vrx_json_add(&list, &inner);
    vrx_json_add_hex(&list, vrx_view_of("\x0a", 1));
    assert_null(inner.value);
    vrx_json_put(&json, "list", &list);
    assert_null(list.value);
    prints(&json, VRX_EXIT_OK,
        "{\"name\":\"札幌 \\\"花子\\\"\\n\",\"n\":9007199254740993,\"b\":true,\"h\":\"00ff\","
        "\"none\":\"\",\"t\":\"2021-10-12T03:04:05Z\",\"list\":[{},\"0a\"]}\n");
}

/* RFC 8259 §8.1: JSON is UTF-8. */
static void text_that_is_not_utf8_is_replaced(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_json_done) struct vrx_json json;
    vrx_json_object(&json);
    vrx_json_text(&json, "bad", "a\xff");
    prints(&json, VRX_EXIT_OK, "{\"bad\":\"\ufffd\"}\n");
}

static void one_failure_makes_the_whole_object_fail(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_json_done) struct vrx_json json;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct vrx_json inner;
    vrx_json_object(&json);
    vrx_json_array(&inner);
    vrx_json_text(&inner, "a name", "in an array");
    vrx_json_text(&inner, "good", "x");
    assert_null(inner.value);
    vrx_json_put(&json, "inner", &inner);
    vrx_json_number(&json, "n", 1);
    assert_null(json.value);
    prints(&json, VRX_EXIT_REFUSED, "");
    assert_reason(vrx_json_write(&json, &text), VRX_OUT_OF_MEMORY);
    assert_int_equal(text.len, 0);
}

static void a_file_is_indented_and_ends_with_a_line_feed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_json_done) struct vrx_json json;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    vrx_json_object(&json);
    vrx_json_number(&json, "n", 1);
    assert_ok(vrx_json_write(&json, &text));
    assert_true(vrx_view_equal(vrx_buffer_view(&text), vrx_view_text("{\n  \"n\": 1\n}\n")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_is_one_line),
        cmocka_unit_test(text_that_is_not_utf8_is_replaced),
        cmocka_unit_test(one_failure_makes_the_whole_object_fail),
        cmocka_unit_test(a_file_is_indented_and_ends_with_a_line_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
