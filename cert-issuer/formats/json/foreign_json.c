/* SPDX-License-Identifier: Apache-2.0
 *
 * jansson recurses 2,048 levels deep, which is much for a thread's stack and for anything genuine,
 * so brackets are counted before it starts. Where an allocation fails within a string it loses
 * bytes or aborts, so whether there is enough memory is asked for before, too; it says that mostly
 * as a wrong token, and errno tells. That a number is too large, a key stands twice or text follows
 * is jansson's to find; its codes become reasons by a table.
 */
#include "formats/json/foreign_json.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json_cost.h"
#include "base/limits.h"

static struct vrx_result check_cost(struct vrx_view text) {
    const struct vrx_json_cost cost = vrx_json_cost_of(text);
    if (cost.depth > VRX_LIMIT_JSON_DEPTH)
        return vrx_refuse(VRX_INPUT_TOO_DEEP, "limits.h: nesting of JSON");
    return vrx_json_cost_affordable(&cost);
}

static const struct {
    enum json_error_code code;
    enum vrx_reason reason;
    const char *clause;
} refusals[] = {
    {json_error_out_of_memory, VRX_OUT_OF_MEMORY, NULL},
    {json_error_stack_overflow, VRX_INPUT_TOO_DEEP, "limits.h: nesting of JSON"},
    {json_error_invalid_utf8, VRX_INPUT_TEXT, "RFC 8259 §8.1: UTF-8"},
    {json_error_null_character, VRX_INPUT_TEXT, "RFC 8259 §7: U+0000 in a text"},
    {json_error_null_byte_in_key, VRX_INPUT_TEXT, "RFC 8259 §7: U+0000 in a text"},
    {json_error_duplicate_key, VRX_INPUT_DUPLICATE_KEY, "RFC 8259 §4: names are unique"},
    {json_error_numeric_overflow, VRX_INPUT_RANGE, "RFC 8259 §6: a number of 64 bits"},
    {json_error_end_of_input_expected, VRX_INPUT_TRAILING, "RFC 8259 §2: one value"},
};

static struct vrx_result refusal(enum json_error_code code) {
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].code == code)
            return vrx_refuse(refusals[i].reason, refusals[i].clause);
    return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 8259 §2: not JSON, or damaged");
}

static struct vrx_result read_value(
    struct vrx_view text, json_type type, const char *clause, json_t **ret_value) {
    VRX_TRY(check_cost(text));
    json_error_t error;
    errno = 0;
    json_t *value = json_loadb(text.ptr ? (const char *)text.ptr : "", text.len,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value)
        return errno == ENOMEM ? vrx_fail(VRX_OUT_OF_MEMORY) : refusal(json_error_code(&error));
    if (json_typeof(value) != type) {
        json_decref(value);
        return vrx_refuse(VRX_INPUT_TYPE, clause);
    }
    *ret_value = value;
    return vrx_ok();
}

struct vrx_result vrx_foreign_json_read(struct vrx_view text, json_t **ret_object) {
    return read_value(text, JSON_OBJECT, "RFC 8259 §4: an object", ret_object);
}

struct vrx_result vrx_foreign_json_read_array(struct vrx_view text, json_t **ret_array) {
    return read_value(text, JSON_ARRAY, "RFC 8259 §5: an array", ret_array);
}

void vrx_foreign_json_done(json_t **object) {
    json_decref(*object);
    *object = NULL;
}

struct vrx_result vrx_foreign_json_member(const json_t *object, const char *key, json_type type,
    const char *clause, const json_t **ret_member) {
    const json_t *member = json_object_get(object, key);
    if (!json_is_object(object) || (member && json_typeof(member) != type))
        return vrx_refuse(VRX_INPUT_TYPE, clause);
    *ret_member = member;
    return vrx_ok();
}

struct vrx_result vrx_foreign_json_needed(const json_t *object, const char *key, json_type type,
    const char *clause, const json_t **ret_member) {
    const json_t *member = NULL;
    VRX_TRY(vrx_foreign_json_member(object, key, type, clause, &member));
    if (!member)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, clause);
    *ret_member = member;
    return vrx_ok();
}

struct vrx_result vrx_foreign_json_text(struct vrx_arena *arena, const json_t *object,
    const char *key, const char *clause, struct vrx_view *ret_text) {
    const json_t *member = NULL;
    VRX_TRY(vrx_foreign_json_member(object, key, JSON_STRING, clause, &member));
    if (json_string_length(member) > VRX_LIMIT_JSON_FIELD)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: one text");
    return vrx_arena_copy(
        arena, vrx_view_of(json_string_value(member), json_string_length(member)), ret_text);
}

bool vrx_foreign_json_is(const json_t *object, const char *key, const char *text) {
    const char *value = json_string_value(json_object_get(object, key));
    return value && strcmp(value, text) == 0;
}
