/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 8785 §3.2: what ECMAScript's JSON.stringify writes, with sorted keys. Text needs no change
 * beyond its few escapes (no Unicode normalisation, §3.2.2.2 and §3.1).
 */
#include "formats/json/jcs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "formats/json/json_text.h"

#define SAFE_INTEGER (((json_int_t)1 << 53) - 1) /* RFC 7493 §2.2 */
#define INTEGER_TEXT 24                          /* characters of a 64-bit number and a NUL */

/* §3.2.2.3 */
static struct vrx_result put_integer(json_int_t number, struct vrx_buffer *out) {
    char text[INTEGER_TEXT];
    if (number > SAFE_INTEGER || number < -SAFE_INTEGER)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 8785 §3.2.2.3: a number beyond 2^53 - 1");
    (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, number);
    return vrx_json_append(out, text);
}

/* UTF-8 sorts by code points, UTF-16 puts those above U+FFFF (first bytes F0 to F4) before U+E000
 * to U+FFFF (first bytes EE and EF). */
static int utf16_rank(uint8_t byte) {
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
}

/* §3.2.3 */
static int compare_keys(const void *a, const void *b) {
    const char *const *left = a;
    const char *const *right = b;
    const char *one = *left;
    const char *other = *right;
    while (*one && *one == *other) {
        one++;
        other++;
    }
    return utf16_rank((uint8_t)*one) - utf16_rank((uint8_t)*other);
}

static struct vrx_result put_value(const json_t *value, size_t depth, struct vrx_buffer *out);

static struct vrx_result put_array(const json_t *array, size_t depth, struct vrx_buffer *out) {
    VRX_TRY(vrx_buffer_append_byte(out, '['));
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i)
            VRX_TRY(vrx_buffer_append_byte(out, ','));
        VRX_TRY(put_value(json_array_get(array, i), depth, out));
    }
    return vrx_buffer_append_byte(out, ']');
}

static struct vrx_result put_members(const json_t *object, const char *const *keys, size_t count,
    size_t depth, struct vrx_buffer *out) {
    for (size_t i = 0; i < count; i++) {
        if (i)
            VRX_TRY(vrx_buffer_append_byte(out, ','));
        VRX_TRY(vrx_json_put_text(out, vrx_view_text(keys[i])));
        VRX_TRY(vrx_buffer_append_byte(out, ':'));
        VRX_TRY(put_value(json_object_get(object, keys[i]), depth, out));
    }
    return vrx_ok();
}

/* The keys in their order; the caller frees them, they live as long as the object. */
static struct vrx_result sorted_keys(const json_t *object, const char ***ret_keys) {
    json_t *borrowed = NULL;
    memcpy(&borrowed, &object, sizeof object); /* jansson's iterators take no const */
    const char **keys = calloc(json_object_size(object) + 1, sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t count = 0;
    for (void *at = json_object_iter(borrowed); at; at = json_object_iter_next(borrowed, at))
        keys[count++] = json_object_iter_key(at);
    qsort(keys, count, sizeof *keys, compare_keys);
    *ret_keys = keys;
    return vrx_ok();
}

static struct vrx_result put_object(const json_t *object, size_t depth, struct vrx_buffer *out) {
    const char **keys = NULL;
    VRX_TRY(vrx_buffer_append_byte(out, '{'));
    VRX_TRY(sorted_keys(object, &keys));
    struct vrx_result result = put_members(object, keys, json_object_size(object), depth, out);
    free(keys);
    VRX_TRY(result);
    return vrx_buffer_append_byte(out, '}');
}

/* depth: how many arrays and objects stand around it. */
static struct vrx_result put_value(const json_t *value, size_t depth, struct vrx_buffer *out) {
    if (depth == VRX_LIMIT_JSON_DEPTH && (json_is_array(value) || json_is_object(value)))
        return vrx_refuse(VRX_INPUT_TOO_DEEP, "limits.h: nesting of JSON");
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return put_object(value, depth + 1, out);
    case JSON_ARRAY:
        return put_array(value, depth + 1, out);
    case JSON_STRING:
        return vrx_json_put_text(
            out, vrx_view_of(json_string_value(value), json_string_length(value)));
    case JSON_INTEGER:
        return put_integer(json_integer_value(value), out);
    case JSON_REAL:
        return vrx_refuse(VRX_INPUT_TYPE, "RFC 8785 §3.2.2.3: whole numbers only");
    case JSON_TRUE:
        return vrx_json_append(out, "true");
    case JSON_FALSE:
        return vrx_json_append(out, "false");
    case JSON_NULL:
        return vrx_json_append(out, "null");
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

struct vrx_result vrx_jcs_write(const json_t *value, struct vrx_buffer *out) {
    return put_value(value, 0, out);
}
