/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/cbor/reader.c: every example of RFC 8949 Appendix A, every refusal by its clause.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cbor/reader.h"
#include "support/hex.h"

#define ANY VRX_CBOR_END

/* RFC 8949 Appendix A in its order. strict: VRX_OK or why deterministic encoding refuses it. */
static const struct example {
    const char *hex;
    enum vrx_cbor_type type;
    enum vrx_reason strict;
    enum vrx_reason foreign;
} examples[] = {
    {"00", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"01", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"0a", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"17", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1818", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1819", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1864", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1903e8", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1a000f4240", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1b000000e8d4a51000", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"1bffffffffffffffff", VRX_CBOR_UINT, VRX_OK, VRX_OK},
    {"c249010000000000000000", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"3bffffffffffffffff", VRX_CBOR_NEGINT, VRX_OK, VRX_OK},
    {"c349010000000000000000", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"20", VRX_CBOR_NEGINT, VRX_OK, VRX_OK},
    {"29", VRX_CBOR_NEGINT, VRX_OK, VRX_OK},
    {"3863", VRX_CBOR_NEGINT, VRX_OK, VRX_OK},
    {"3903e7", VRX_CBOR_NEGINT, VRX_OK, VRX_OK},
    {"f90000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f98000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f93c00", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fb3ff199999999999a", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f93e00", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f97bff", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fa47c35000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fa7f7fffff", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fb7e37e43c8800759c", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f90001", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f90400", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f9c400", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fbc010666666666666", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f97c00", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f97e00", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f9fc00", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fa7f800000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fa7fc00000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"faff800000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fb7ff0000000000000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fb7ff8000000000000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"fbfff0000000000000", VRX_CBOR_FLOAT, VRX_INPUT_TYPE, VRX_OK},
    {"f4", VRX_CBOR_BOOL, VRX_OK, VRX_OK},
    {"f5", VRX_CBOR_BOOL, VRX_OK, VRX_OK},
    {"f6", VRX_CBOR_NULL, VRX_OK, VRX_OK},
    {"f7", VRX_CBOR_UNDEFINED, VRX_INPUT_TYPE, VRX_OK},
    {"f0", ANY, VRX_INPUT_TYPE, VRX_INPUT_TYPE},
    {"f8ff", ANY, VRX_INPUT_TYPE, VRX_INPUT_TYPE},
    {"c074323031332d30332d32315432303a30343a30305a", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"c11a514b67b0", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"c1fb41d452d9ec200000", VRX_CBOR_TAG, VRX_INPUT_TYPE, VRX_OK},
    {"d74401020304", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"d818456449455446", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"d82076687474703a2f2f7777772e6578616d706c652e636f6d", VRX_CBOR_TAG, VRX_OK, VRX_OK},
    {"40", VRX_CBOR_BYTES, VRX_OK, VRX_OK},
    {"4401020304", VRX_CBOR_BYTES, VRX_OK, VRX_OK},
    {"60", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"6161", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"6449455446", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"62225c", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"62c3bc", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"63e6b0b4", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"64f0908591", VRX_CBOR_TEXT, VRX_OK, VRX_OK},
    {"80", VRX_CBOR_ARRAY, VRX_OK, VRX_OK},
    {"83010203", VRX_CBOR_ARRAY, VRX_OK, VRX_OK},
    {"8301820203820405", VRX_CBOR_ARRAY, VRX_OK, VRX_OK},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819", VRX_CBOR_ARRAY, VRX_OK, VRX_OK},
    {"a0", VRX_CBOR_MAP, VRX_OK, VRX_OK},
    {"a201020304", VRX_CBOR_MAP, VRX_OK, VRX_OK},
    {"a26161016162820203", VRX_CBOR_MAP, VRX_OK, VRX_OK},
    {"826161a161626163", VRX_CBOR_ARRAY, VRX_OK, VRX_OK},
    {"a56161614161626142616361436164614461656145", VRX_CBOR_MAP, VRX_OK, VRX_OK},
    {"5f42010243030405ff", VRX_CBOR_BYTES, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"7f657374726561646d696e67ff", VRX_CBOR_TEXT, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"9fff", VRX_CBOR_ARRAY, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"9f018202039f0405ffff", VRX_CBOR_ARRAY, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"9f01820203820405ff", VRX_CBOR_ARRAY, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"83018202039f0405ff", VRX_CBOR_ARRAY, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"83019f0203ff820405", VRX_CBOR_ARRAY, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", VRX_CBOR_ARRAY,
        VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"bf61610161629f0203ffff", VRX_CBOR_MAP, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"826161bf61626163ff", VRX_CBOR_ARRAY, VRX_INPUT_NOT_CANONICAL, VRX_OK},
    {"bf6346756ef563416d7421ff", VRX_CBOR_MAP, VRX_INPUT_NOT_CANONICAL, VRX_OK},
};

static void rfc_8949_appendix_a(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const struct example *example = &examples[i];
        struct vrx_view input = vrx_test_hex(example->hex);
        struct vrx_cbor_reader reader;
        enum vrx_reason strict = vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, input).reason;
        if (strict == VRX_OK)
            assert_int_equal(vrx_cbor_peek(&reader), example->type);
        enum vrx_reason foreign = vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, input).reason;
        if (foreign == VRX_OK)
            assert_int_equal(vrx_cbor_peek(&reader), example->type);
        if (strict != example->strict || foreign != example->foreign)
            fail_msg("%s: strict %s, foreign %s", example->hex, vrx_reason_name(strict),
                vrx_reason_name(foreign));
        vrx_test_hex_free(input);
    }
}

static struct refusal {
    const char *name;
    const char *hex;
    enum vrx_cbor_mode mode;
    enum vrx_reason reason;
    const char *clause;
} refusals[] = {
    {"§3 empty input", "", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3 head cut off", "19 03", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3 tag head cut off", "d8", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3 tag without content", "d2", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3 string cut off", "43 0102", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3 string of 2^64-1 bytes", "5bffffffffffffffff", VRX_CBOR_FOREIGN, VRX_INPUT_TRUNCATED,
        "RFC 8949 §3:"},
    {"§3 array of 2^64-1 items", "9bffffffffffffffff00", VRX_CBOR_FOREIGN, VRX_INPUT_TRUNCATED,
        "RFC 8949 §3:"},
    {"§3 map of 2^63 pairs", "bb8000000000000000", VRX_CBOR_FOREIGN, VRX_INPUT_TRUNCATED,
        "RFC 8949 §3:"},
    {"§3 array with an item missing", "82 8101", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED,
        "RFC 8949 §3:"},
    {"§3 map with a value missing", "a1 01", VRX_CBOR_STRICT, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3 indefinite array without break", "9f 01", VRX_CBOR_FOREIGN, VRX_INPUT_TRUNCATED,
        "RFC 8949 §3:"},
    {"§3 additional information 28", "1c", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED, "RFC 8949 §3:"},
    {"§3 additional information 30", "fe", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED, "RFC 8949 §3:"},
    {"§3 tag with additional information 29", "dd", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3:"},
    {"§3 integer of indefinite length", "1f", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3:"},
    {"§3 tag of indefinite length", "df00", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED, "RFC 8949 §3:"},
    {"§3.1 text that is not UTF-8", "62 c328", VRX_CBOR_STRICT, VRX_INPUT_TEXT, "RFC 8949 §3.1:"},
    {"§3.1 foreign text that is not UTF-8", "61 ff", VRX_CBOR_FOREIGN, VRX_INPUT_TEXT,
        "RFC 8949 §3.1:"},
    {"§3.2.3 chunk that ends inside a character", "7f 61c3 61bc ff", VRX_CBOR_FOREIGN,
        VRX_INPUT_TEXT, "RFC 8949 §3.1:"},
    {"§3.2.1 break alone", "ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED, "RFC 8949 §3.2.1:"},
    {"§3.2.1 break alone, strict", "ff", VRX_CBOR_STRICT, VRX_INPUT_MALFORMED, "RFC 8949 §3.2.1:"},
    {"§3.2.1 break in a definite array", "82 01 ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.2.1:"},
    {"§3.2.1 break instead of a value", "bf 01 ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.2.1:"},
    {"§3.2.1 break as a tag's content", "9f c1 ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.2.1:"},
    {"§3.2.3 chunk of another type", "5f 6161 ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.2.3:"},
    {"§3.2.3 chunk that is an integer", "7f 01 ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.2.3:"},
    {"§3.2.3 chunk in chunks", "5f 5f 41 00 ff ff", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.2.3:"},
    {"§3.3 simple value below 32 in two bytes", "f818", VRX_CBOR_FOREIGN, VRX_INPUT_MALFORMED,
        "RFC 8949 §3.3:"},
    {"§3.3 false in two bytes", "f814", VRX_CBOR_STRICT, VRX_INPUT_MALFORMED, "RFC 8949 §3.3:"},
    {"§3.3 simple value cut off", "f8", VRX_CBOR_FOREIGN, VRX_INPUT_TRUNCATED, "RFC 8949 §3:"},
    {"§3.3 unassigned simple value", "e0", VRX_CBOR_FOREIGN, VRX_INPUT_TYPE, "RFC 8949 §3.3:"},
    {"§3.3 undefined", "81 f7", VRX_CBOR_STRICT, VRX_INPUT_TYPE, "RFC 8949 §3.3:"},
    {"§4.2.2 float", "f93c00", VRX_CBOR_STRICT, VRX_INPUT_TYPE, "RFC 8949 §4.2.2:"},
    {"§4.2.1 integer below 24 in two bytes", "1817", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 integer below 2^8 in three bytes", "1900ff", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 integer below 2^16 in five bytes", "1a0000ffff", VRX_CBOR_STRICT,
        VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1:"},
    {"§4.2.1 integer below 2^32 in nine bytes", "3b00000000ffffffff", VRX_CBOR_STRICT,
        VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1:"},
    {"§4.2.1 string length not shortest", "580100", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 array count not shortest", "980101", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 map count not shortest", "b8010101", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 tag not shortest", "d81200", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 indefinite array", "9f ff", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 indefinite text", "7f ff", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 keys descend", "a2 0200 0100", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 keys in RFC 7049's order", "a2 20f4 1818f4", VRX_CBOR_STRICT, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §4.2.1:"},
    {"§4.2.1 keys of an inner map descend", "a1 01 a2 0200 0100", VRX_CBOR_STRICT,
        VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1:"},
    {"§4.2.1 keys that are arrays descend", "a2 8102 00 8101 00", VRX_CBOR_STRICT,
        VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1:"},
    {"§5.6 key twice", "a2 0100 0100", VRX_CBOR_STRICT, VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6:"},
    {"§5.6 array key twice", "a2 8101 00 8101 00", VRX_CBOR_STRICT, VRX_INPUT_DUPLICATE_KEY,
        "RFC 8949 §5.6:"},
    {"§5.6 foreign key twice, apart", "a3 0500 0100 0500", VRX_CBOR_FOREIGN,
        VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6:"},
    {"§5.6 foreign key twice in heads of two lengths", "a2 0100 180100", VRX_CBOR_FOREIGN,
        VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6:"},
    {"§5.6 foreign text key twice", "bf 616200 616100 616200 ff", VRX_CBOR_FOREIGN,
        VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6:"},
    {"§5.6 foreign bytes key twice", "a2 4100 00 580100 00", VRX_CBOR_FOREIGN,
        VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6:"},
    {"§5.6 foreign key twice around an inner map", "a3 01a10200 0300 0100", VRX_CBOR_FOREIGN,
        VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6:"},
    {"§5.6 foreign key in chunks", "a1 7f6161ff 00", VRX_CBOR_FOREIGN, VRX_INPUT_NOT_CANONICAL,
        "RFC 8949 §5.6:"},
    {"§5.1 bytes after the item", "0000", VRX_CBOR_STRICT, VRX_INPUT_TRAILING, "RFC 8949 §5.1:"},
    {"§5.1 bytes after a foreign item", "a000", VRX_CBOR_FOREIGN, VRX_INPUT_TRAILING,
        "RFC 8949 §5.1:"},
    {"§10 17 arrays", "8181818181818181818181818181818181 00", VRX_CBOR_STRICT, VRX_INPUT_TOO_DEEP,
        "RFC 8949 §10:"},
    {"§10 17 tags", "d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2 00", VRX_CBOR_STRICT, VRX_INPUT_TOO_DEEP,
        "RFC 8949 §10:"},
    {"§10 an empty array as level 17", "8181818181818181818181818181818180", VRX_CBOR_STRICT,
        VRX_INPUT_TOO_DEEP, "RFC 8949 §10:"},
    {"§10 17 indefinite maps", "bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf00bf",
        VRX_CBOR_FOREIGN, VRX_INPUT_TOO_DEEP, "RFC 8949 §10:"},
};

#define REFUSALS (sizeof refusals / sizeof *refusals)

static struct vrx_view without_spaces(const char *hex) {
    char text[128];
    size_t len = 0;
    for (; *hex; hex++)
        if (*hex != ' ')
            text[len++] = *hex;
    text[len] = '\0';
    return vrx_test_hex(text);
}

static void refuses(void **state) {
    const struct refusal *refusal = *state;
    struct vrx_view input = without_spaces(refusal->hex);
    struct vrx_cbor_reader reader = {.at = 77};
    struct vrx_result result = vrx_cbor_reader_init(&reader, refusal->mode, input);
    assert_string_equal(vrx_reason_name(result.reason), vrx_reason_name(refusal->reason));
    assert_non_null(result.clause);
    assert_memory_equal(result.clause, refusal->clause, strlen(refusal->clause));
    assert_int_equal(reader.at, 77);
    vrx_test_hex_free(input);
}

static void accepts_16_levels(void **state) {
    (void)state;
    struct vrx_view input = vrx_test_hex("8181818181818181818181818181818100");
    struct vrx_cbor_reader reader;
    assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, input).reason, VRX_OK);
    vrx_test_hex_free(input);
}

static void accepts_foreign_keys_in_any_order(void **state) {
    (void)state;
    /* 1 and -1, "a" and h'61' are different keys; an inner map starts afresh. */
    struct vrx_view input = without_spaces("a7 616100 416100 2000 0100 00a20100 0200 0200 f4f4");
    struct vrx_cbor_reader reader;
    assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, input).reason, VRX_OK);
    vrx_test_hex_free(input);
}

static void s10_input_over_the_limit(void **state) {
    (void)state;
    size_t len = VRX_LIMIT_CBOR_BYTES + 1;
    uint8_t *input = test_calloc(1, len);
    struct vrx_cbor_reader reader;
    assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, vrx_view_of(input, len)).reason,
        VRX_INPUT_TOO_LARGE);
    /* measure takes the first item whatever follows, but no item over the limit. */
    size_t used = 0;
    assert_int_equal(
        vrx_cbor_measure(VRX_CBOR_STRICT, vrx_view_of(input, len), &used).reason, VRX_OK);
    assert_int_equal(used, 1);
    uint32_t content = (uint32_t)len - 5;
    input[0] = 0x5a;
    input[1] = (uint8_t)(content >> 24);
    input[2] = (uint8_t)(content >> 16);
    input[3] = (uint8_t)(content >> 8);
    input[4] = (uint8_t)content;
    assert_int_equal(vrx_cbor_measure(VRX_CBOR_STRICT, vrx_view_of(input, len), &used).reason,
        VRX_INPUT_TOO_LARGE);
    test_free(input);
}

static struct vrx_view map_of(uint8_t *out, uint16_t pairs) {
    uint8_t *at = out;
    *at++ = 0xb9;
    *at++ = (uint8_t)(pairs >> 8);
    *at++ = (uint8_t)pairs;
    for (uint16_t i = 0; i < pairs; i++) {
        uint16_t key = (uint16_t)(pairs - i); /* descending */
        *at++ = 0x19;
        *at++ = (uint8_t)(key >> 8);
        *at++ = (uint8_t)key;
        *at++ = 0;
    }
    return vrx_view_of(out, (size_t)(at - out));
}

static void s10_foreign_keys_over_the_limit(void **state) {
    (void)state;
    static uint8_t input[8 + 4 * (VRX_LIMIT_CBOR_FOREIGN_KEYS + 1)];
    struct vrx_cbor_reader reader;
    struct vrx_view most = map_of(input, VRX_LIMIT_CBOR_FOREIGN_KEYS);
    assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, most).reason, VRX_OK);
    /* The limit is on maps that are open at once: one after another they may have more. */
    static uint8_t twice[1 + 2 * sizeof input];
    twice[0] = 0x82;
    memcpy(twice + 1, most.ptr, most.len);
    memcpy(twice + 1 + most.len, most.ptr, most.len);
    struct vrx_view both = vrx_view_of(twice, 1 + 2 * most.len);
    assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, both).reason, VRX_OK);
    struct vrx_view more = map_of(input, VRX_LIMIT_CBOR_FOREIGN_KEYS + 1);
    assert_int_equal(
        vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, more).reason, VRX_INPUT_TOO_LARGE);
}

static void pulls_every_type(void **state) {
    (void)state;
    struct vrx_view input = without_spaces(
        "8c 1bffffffffffffffff 3b7fffffffffffffff 4201ff 63e6b0b4 f5 f6 d2 01 81 02 a1 03 04"
        "820506 20 1b7fffffffffffffff");
    struct vrx_cbor_reader r;
    assert_int_equal(vrx_cbor_reader_init(&r, VRX_CBOR_STRICT, input).reason, VRX_OK);
    uint64_t u = 0;
    int64_t i = 0;
    struct vrx_view v = {0};
    bool b = false;
    assert_int_equal(vrx_cbor_array(&r, &u).reason, VRX_OK);
    assert_int_equal(u, 12);
    assert_int_equal(vrx_cbor_int(&r, &i).reason, VRX_INPUT_RANGE);
    assert_int_equal(vrx_cbor_uint(&r, &u).reason, VRX_OK);
    assert_true(u == UINT64_MAX);
    assert_int_equal(vrx_cbor_uint(&r, &u).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_int(&r, &i).reason, VRX_OK);
    assert_true(i == INT64_MIN);
    assert_int_equal(vrx_cbor_text(&r, &v).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_bytes(&r, &v).reason, VRX_OK);
    assert_true(vrx_view_equal(v, vrx_view_of("\x01\xff", 2)));
    assert_int_equal(vrx_cbor_bytes(&r, &v).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_text(&r, &v).reason, VRX_OK);
    assert_true(vrx_view_equal(v, vrx_view_text("水")));
    assert_int_equal(vrx_cbor_null(&r).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_bool(&r, &b).reason, VRX_OK);
    assert_true(b);
    assert_int_equal(vrx_cbor_bool(&r, &b).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_null(&r).reason, VRX_OK);
    assert_int_equal(vrx_cbor_map(&r, &u).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_tag(&r, &u).reason, VRX_OK);
    assert_int_equal(u, 18);
    assert_int_equal(vrx_cbor_tag(&r, &u).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_int(&r, &i).reason, VRX_OK);
    assert_int_equal(i, 1);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_OK);
    assert_true(vrx_view_equal(v, vrx_view_of("\x81\x02", 2)));
    assert_int_equal(vrx_cbor_array(&r, &u).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_leave(&r).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_map(&r, &u).reason, VRX_OK);
    assert_int_equal(u, 1);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_OK);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_OK);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_OK);
    assert_int_equal(v.len, 3);
    assert_int_equal(vrx_cbor_int(&r, &i).reason, VRX_OK);
    assert_int_equal(i, -1);
    assert_int_equal(vrx_cbor_number(&r, &i).reason, VRX_OK);
    assert_true(i == INT64_MAX);
    assert_int_equal(vrx_cbor_peek(&r), VRX_CBOR_END);
    assert_int_equal(vrx_cbor_uint(&r, &u).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_INPUT_TYPE);
    vrx_test_hex_free(input);
}

static void pulls_indefinite_containers(void **state) {
    (void)state;
    struct vrx_view input = without_spaces("bf 01 9f 02 ff 03 5f 4100 ff ff");
    struct vrx_cbor_reader r;
    assert_int_equal(vrx_cbor_reader_init(&r, VRX_CBOR_FOREIGN, input).reason, VRX_OK);
    uint64_t u = 0;
    struct vrx_view v;
    assert_int_equal(vrx_cbor_map(&r, &u).reason, VRX_OK);
    assert_true(u == UINT64_MAX);
    assert_int_equal(vrx_cbor_uint(&r, &u).reason, VRX_OK);
    assert_int_equal(vrx_cbor_array(&r, &u).reason, VRX_OK);
    assert_true(u == UINT64_MAX);
    assert_int_equal(vrx_cbor_uint(&r, &u).reason, VRX_OK);
    assert_int_equal(u, 2);
    assert_int_equal(vrx_cbor_peek(&r), VRX_CBOR_END);
    assert_int_equal(vrx_cbor_leave(&r).reason, VRX_OK);
    assert_int_equal(vrx_cbor_uint(&r, &u).reason, VRX_OK);
    assert_int_equal(vrx_cbor_bytes(&r, &v).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_OK);
    assert_int_equal(v.len, 4);
    assert_int_equal(vrx_cbor_item(&r, &v).reason, VRX_INPUT_TYPE);
    assert_int_equal(vrx_cbor_leave(&r).reason, VRX_OK);
    assert_int_equal(r.at, input.len);
    vrx_test_hex_free(input);
}

static void numeric_date_rfc_8392_s2(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        enum vrx_reason reason;
        int64_t value;
    } rows[] = {
        {"1a6162f0c0", VRX_OK, 1633874112},
        {"fb41d858bc30200000", VRX_OK, 1633874112},
        {"fb41d858bc303fffff", VRX_OK, 1633874112}, /* a fraction is cut off */
        {"fbbff8000000000000", VRX_OK, -1},
        {"f97e00", VRX_INPUT_RANGE, 0},             /* NaN */
        {"f97c00", VRX_INPUT_RANGE, 0},             /* infinity */
        {"fb43e0000000000000", VRX_INPUT_RANGE, 0}, /* 2^63 */
        {"fbc3e0000000000000", VRX_OK, INT64_MIN},
        {"1b8000000000000000", VRX_INPUT_RANGE, 0},
        {"6131", VRX_INPUT_TYPE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_view input = vrx_test_hex(rows[i].hex);
        struct vrx_cbor_reader reader;
        int64_t value = 0;
        assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, input).reason, VRX_OK);
        assert_int_equal(vrx_cbor_number(&reader, &value).reason, rows[i].reason);
        assert_true(value == rows[i].value);
        vrx_test_hex_free(input);
    }
}

static void measures_the_first_of_a_sequence(void **state) {
    (void)state;
    struct vrx_view input = without_spaces("820102 03");
    size_t used = 0;
    assert_int_equal(vrx_cbor_measure(VRX_CBOR_STRICT, input, &used).reason, VRX_OK);
    assert_int_equal(used, 3);
    assert_int_equal(
        vrx_cbor_measure(VRX_CBOR_STRICT, vrx_view_of(NULL, 0), &used).reason, VRX_INPUT_TRUNCATED);
    vrx_test_hex_free(input);
}

int main(void) {
    struct CMUnitTest tests[9 + REFUSALS] = {
        cmocka_unit_test(rfc_8949_appendix_a),
        cmocka_unit_test(accepts_16_levels),
        cmocka_unit_test(accepts_foreign_keys_in_any_order),
        cmocka_unit_test(s10_input_over_the_limit),
        cmocka_unit_test(s10_foreign_keys_over_the_limit),
        cmocka_unit_test(pulls_every_type),
        cmocka_unit_test(pulls_indefinite_containers),
        cmocka_unit_test(numeric_date_rfc_8392_s2),
        cmocka_unit_test(measures_the_first_of_a_sequence),
    };
    for (size_t i = 0; i < REFUSALS; i++)
        tests[9 + i] = (struct CMUnitTest){refusals[i].name, refuses, NULL, NULL, &refusals[i]};
    return cmocka_run_group_tests_name("cbor/reader", tests, NULL, NULL);
}
