/* SPDX-License-Identifier: Apache-2.0
 *
 * services/cli/watch.c: the list of municipalities. The watching itself:
 * tests/system/watch.test.mjs.
 */
#include "cli/watch.h"

#include <stdio.h>

#include "support/check.h"

static struct vrx_result parse(
    const char *text, char *copy, struct vrx_watched *entries, size_t max, size_t *ret_count) {
    const size_t len = strlen(text);
    memcpy(copy, text, len + 1);
    return vrx_watch_list(copy, len, entries, max, ret_count);
}

static void lines_of_four_parts(void **state) {
    (void)state;
    char copy[256];
    struct vrx_watched entries[2];
    size_t count = 0;
    assert_ok(parse("# office\n\nterm one\tpkcs11:token=a\tk.cbor\tk.note\n"
                    "t2\tc.pem\tl.cbor\tl.note\n#end\n",
        copy, entries, 2, &count));
    assert_int_equal(count, 2);
    assert_string_equal(entries[0].terminal, "term one");
    assert_string_equal(entries[0].names.custodian, "pkcs11:token=a");
    assert_string_equal(entries[0].names.keyring, "k.cbor");
    assert_string_equal(entries[0].names.checkpoint, "k.note");
    assert_string_equal(entries[1].terminal, "t2");
    assert_string_equal(entries[1].names.checkpoint, "l.note");
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {"", VRX_INPUT_FIELD_MISSING},
        {"# nobody\n", VRX_INPUT_FIELD_MISSING},
        {"a\tb\tc\td", VRX_INPUT_MALFORMED},
        {"a\tb\tc\n", VRX_INPUT_MALFORMED},
        {"a\tb\tc\td\te\n", VRX_INPUT_MALFORMED},
        {"a\tb\tc\t\n", VRX_INPUT_MALFORMED},
        {"\tb\tc\td\n", VRX_INPUT_MALFORMED},
        {"a\t\tc\td\n", VRX_INPUT_MALFORMED},
        {"a b c d\n", VRX_INPUT_MALFORMED},
        {"a\tb\tc\td\na\tb\tc\td\n", VRX_INPUT_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char copy[64];
        struct vrx_watched entry;
        size_t count = 99;
        struct vrx_result result = parse(rows[i].text, copy, &entry, 1, &count);
        if (result.reason != rows[i].reason)
            fail_msg("row %zu: %s", i, vrx_reason_name(result.reason));
        assert_int_equal(count, 99);
    }
    char with_nul[] = "a\tb\tc\td\0\n";
    struct vrx_watched entry;
    size_t count = 99;
    assert_reason(
        vrx_watch_list(with_nul, sizeof with_nul - 1, &entry, 1, &count), VRX_INPUT_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_four_parts),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
