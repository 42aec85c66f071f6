/* SPDX-License-Identifier: Apache-2.0
 *
 * services/pkcs11/uri.c
 */
#include "pkcs11/uri.h"

#include <stdio.h>

#include "support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static struct vrx_result parse(const char *text, struct vrx_pkcs11_uri *uri) {
    return vrx_pkcs11_uri_parse(vrx_view_text(text), uri);
}

static void assert_text(const struct vrx_pkcs11_text *text, const char *expected) {
    assert_int_equal(text->given, expected != NULL);
    assert_true(vrx_view_equal(vrx_view_of(text->bytes, text->len), vrx_view_text(expected)));
}

static void all_attributes_that_are_taken(void **state) {
    (void)state;
    struct vrx_pkcs11_uri uri;
    assert_ok(parse("pkcs11:token=Chiyoda%20ku;serial=0a;manufacturer=M;model=v2;object=a%3bb;"
                    "id=%01%fF%00;type=private?module-path=/lib/x.so&pin-source=file:/run/pin",
        &uri));
    assert_text(&uri.token, "Chiyoda ku");
    assert_text(&uri.serial, "0a");
    assert_text(&uri.manufacturer, "M");
    assert_text(&uri.model, "v2");
    assert_text(&uri.object, "a;b");
    assert_int_equal(uri.id.len, 3);
    assert_memory_equal(uri.id.bytes, "\x01\xff\x00", 3);
    assert_string_equal(uri.module_path, "/lib/x.so");
    assert_string_equal(uri.pin_source, "/run/pin");
}

static void what_is_not_given_is_empty(void **state) {
    (void)state;
    struct vrx_pkcs11_uri uri;
    assert_ok(parse("pkcs11:", &uri));
    assert_text(&uri.token, NULL);
    assert_text(&uri.id, NULL);
    assert_string_equal(uri.module_path, "");
    assert_string_equal(uri.pin_source, "");
    assert_ok(parse("pkcs11:object=?pin-source=/a/b", &uri)); /* an empty label is one too */
    assert_text(&uri.object, "");
    assert_string_equal(uri.pin_source, "/a/b");
    assert_ok(parse("pkcs11:?pin-source=file:///a", &uri));
    assert_string_equal(uri.pin_source, "/a");
    assert_true(vrx_pkcs11_is_uri("pkcs11:token=a"));
    assert_false(vrx_pkcs11_is_uri("pkcs11"));
    assert_false(vrx_pkcs11_is_uri("./pkcs11:token"));
}

static void rfc7512_refusals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {"pkcs12:token=a", VRX_INPUT_MALFORMED},
        {"", VRX_INPUT_MALFORMED},
        {"pkcs11:token", VRX_INPUT_MALFORMED},
        {"pkcs11:token=a;", VRX_INPUT_MALFORMED},
        {"pkcs11:;token=a", VRX_INPUT_MALFORMED},
        {"pkcs11:token=a b", VRX_INPUT_MALFORMED},
        {"pkcs11:token=%4", VRX_INPUT_MALFORMED},
        {"pkcs11:token=%g0", VRX_INPUT_MALFORMED},
        {"pkcs11:token=札幌", VRX_INPUT_MALFORMED},
        {"pkcs11:token=a;token=b", VRX_INPUT_DUPLICATE_KEY},
        {"pkcs11:?pin-source=/a&pin-source=/b", VRX_INPUT_DUPLICATE_KEY},
        {"pkcs11:slot-id=1", VRX_INPUT_FIELD_UNKNOWN},
        {"pkcs11:module-path=/a", VRX_INPUT_FIELD_UNKNOWN},
        {"pkcs11:?token=a", VRX_INPUT_FIELD_UNKNOWN},
        {"pkcs11:?pin-value=1234", VRX_INPUT_FIELD_UNKNOWN},
        {"pkcs11:Token=a", VRX_INPUT_FIELD_UNKNOWN},
        {"pkcs11:type=public", VRX_INPUT_RANGE},
        {"pkcs11:?module-path=", VRX_INPUT_RANGE},
        {"pkcs11:?pin-source=", VRX_INPUT_RANGE},
        {"pkcs11:?pin-source=pin.txt", VRX_INPUT_RANGE},
        {"pkcs11:?pin-source=%7cecho%201234", VRX_INPUT_RANGE},
        {"pkcs11:?pin-source=file://host/a", VRX_INPUT_RANGE},
        {"pkcs11:?module-path=/a%00b", VRX_INPUT_MALFORMED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct vrx_pkcs11_uri uri;
        struct vrx_result result = parse(rows[i].text, &uri);
        if (result.reason != rows[i].reason)
            fail_msg("%s: %s", rows[i].text, vrx_reason_name(result.reason));
    }
}

static void lengths_have_ends(void **state) {
    (void)state;
    static char text[VRX_PKCS11_PATH + 64];
    struct vrx_pkcs11_uri uri;
    snprintf(text, sizeof text, "pkcs11:token=%0*d", VRX_PKCS11_TEXT, 0);
    assert_ok(parse(text, &uri));
    snprintf(text, sizeof text, "pkcs11:token=%0*d", VRX_PKCS11_TEXT + 1, 0);
    assert_reason(parse(text, &uri), VRX_INPUT_TOO_LARGE);
    snprintf(text, sizeof text, "pkcs11:?module-path=%0*d", VRX_PKCS11_PATH - 1, 0);
    assert_ok(parse(text, &uri));
    snprintf(text, sizeof text, "pkcs11:?module-path=%0*d", VRX_PKCS11_PATH, 0);
    assert_reason(parse(text, &uri), VRX_INPUT_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_attributes_that_are_taken),
        cmocka_unit_test(what_is_not_given_is_empty),
        cmocka_unit_test(rfc7512_refusals),
        cmocka_unit_test(lengths_have_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
