/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/text.h"
#include "cli/print.h"

void vrx_json_object(struct vrx_json *ret_json) {
    ret_json->value = json_object();
}

void vrx_json_array(struct vrx_json *ret_json) {
    ret_json->value = json_array();
}

void vrx_json_done(struct vrx_json *json) {
    json_decref(json->value);
    json->value = NULL;
}

static void set(struct vrx_json *json, const char *name, json_t *value) {
    if (!json->value)
        json_decref(value);
    else if (json_object_set_new(json->value, name, value) != 0)
        vrx_json_done(json);
}

static json_t *text_of(const char *text) {
    return json_string(vrx_utf8_valid(vrx_view_text(text)) ? text : "\ufffd");
}

void vrx_json_text(struct vrx_json *json, const char *name, const char *text) {
    set(json, name, text_of(text));
}

void vrx_json_number(struct vrx_json *json, const char *name, uint64_t number) {
    set(json, name, json_integer((json_int_t)number));
}

void vrx_json_bool(struct vrx_json *json, const char *name, bool value) {
    set(json, name, json_boolean(value));
}

static json_t *hex_of(struct vrx_view bytes) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!vrx_is_ok(vrx_hex_encode(bytes, &text)))
        return NULL;
    return json_stringn(text.len ? (const char *)text.ptr : "", text.len);
}

void vrx_json_hex(struct vrx_json *json, const char *name, struct vrx_view bytes) {
    set(json, name, hex_of(bytes));
}

void vrx_json_time(struct vrx_json *json, const char *name, int64_t time) {
    char text[VRX_TIME_TEXT + 1];
    vrx_time_format(time, text);
    vrx_json_text(json, name, text);
}

void vrx_json_put(struct vrx_json *json, const char *name, struct vrx_json *inner) {
    set(json, name, inner->value);
    inner->value = NULL;
}

static void append(struct vrx_json *array, json_t *value) {
    if (!array->value)
        json_decref(value);
    else if (json_array_append_new(array->value, value) != 0)
        vrx_json_done(array);
}

void vrx_json_add(struct vrx_json *array, struct vrx_json *inner) {
    append(array, inner->value);
    inner->value = NULL;
}

void vrx_json_add_number(struct vrx_json *array, uint64_t number) {
    append(array, json_integer((json_int_t)number));
}
void vrx_json_add_text(struct vrx_json *array, const char *text) {
    append(array, text_of(text));
}

void vrx_json_add_hex(struct vrx_json *array, struct vrx_view bytes) {
    append(array, hex_of(bytes));
}

struct vrx_result vrx_json_write(const struct vrx_json *json, struct vrx_buffer *out) {
    char *text = json->value ? json_dumps(json->value, JSON_INDENT(2)) : NULL;
    if (!text)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_buffer_append(out, vrx_view_text(text));
    free(text);
    VRX_TRY(result);
    return vrx_buffer_append_byte(out, '\n');
}

int vrx_json_print(const struct vrx_json *json) {
    if (!json->value)
        return vrx_print_refusal("JSON", vrx_fail(VRX_OUT_OF_MEMORY));
    if (json_dumpf(json->value, stdout, JSON_COMPACT) != 0 || fputc('\n', stdout) == EOF)
        return vrx_print_refusal("standard output / 標準出力", vrx_fail(VRX_DISK_FAILED));
    return VRX_EXIT_OK;
}
