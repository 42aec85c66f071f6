/* SPDX-License-Identifier: Apache-2.0
 *
 * The codec walks an object's table and a table of kinds: what each kind's member looks like, how
 * it is written and how it is read. An object's texts and byte strings are views into one copy of
 * its encoding, made in the arena before anything is read from it.
 *
 * The reader has already refused descending and double keys, so a decoded map and the table are
 * both in ascending order and are merged: a gap is a missing field, an extra an unknown one.
 */
#include "objects/codec.h"

#include "base/text.h"
#include "cbor/reader.h"
#include "cbor/writer.h"
#include "cose/sign1.h"
#include "objects/schema.h"

/* How one kind is handled. at points to the member, or to an array's element. */
struct kind {
    size_t size; /* of the member; 0 where the field says it */
    bool (*is_absent)(const void *at);
    struct vrx_result (*put)(
        const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer);
    struct vrx_result (*take)(const struct vrx_object_field *field, struct vrx_cbor_reader *reader,
        struct vrx_arena *arena, void *at);
};

static struct vrx_result put_record(
    const struct vrx_object_schema *schema, const void *object, struct vrx_cbor_writer *writer);
static struct vrx_result take_record(const struct vrx_object_schema *schema,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *object);

static struct vrx_result refuse(const struct vrx_object_field *field, enum vrx_reason reason) {
    return vrx_refuse(reason, field->name);
}

/* The same refusal, naming the field. */
static struct vrx_result named(const struct vrx_object_field *field, struct vrx_result result) {
    return vrx_is_ok(result) ? result : refuse(field, result.reason);
}

/* UINT and TIME */

static bool uint_is_absent(const void *at) {
    return *(const uint64_t *)at == 0;
}

static struct vrx_result check_uint(const struct vrx_object_field *field, uint64_t value) {
    if (value < field->min || value > field->max)
        return refuse(field, VRX_INPUT_RANGE);
    return vrx_ok();
}

static struct vrx_result put_uint(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    uint64_t value = *(const uint64_t *)at;
    VRX_TRY(check_uint(field, value));
    vrx_cbor_put_uint(writer, value);
    return vrx_ok();
}

static struct vrx_result take_uint(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    uint64_t value;
    VRX_TRY(named(field, vrx_cbor_uint(reader, &value)));
    VRX_TRY(check_uint(field, value));
    *(uint64_t *)at = value;
    return vrx_ok();
}

static bool time_is_absent(const void *at) {
    return *(const int64_t *)at == 0;
}

/* A negative time is out of range as a large uint is. */
static struct vrx_result put_time(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    uint64_t value = (uint64_t) * (const int64_t *)at;
    return put_uint(field, &value, writer);
}

static struct vrx_result take_time(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    uint64_t value;
    VRX_TRY(take_uint(field, reader, arena, &value));
    *(int64_t *)at = (int64_t)value; /* at most VRX_OBJECT_TIME_MAX */
    return vrx_ok();
}

/* BOOL */

static bool never_absent(const void *at) {
    (void)at;
    return false;
}

static struct vrx_result put_bool(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    (void)field;
    vrx_cbor_put_bool(writer, *(const bool *)at);
    return vrx_ok();
}

static struct vrx_result take_bool(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    return named(field, vrx_cbor_bool(reader, at));
}

/* TEXT, DIGITS and BYTES */

static bool view_is_absent(const void *at) {
    return ((const struct vrx_view *)at)->len == 0;
}

static struct vrx_result check_length(const struct vrx_object_field *field, struct vrx_view view) {
    if (view.len > field->max)
        return refuse(field, VRX_INPUT_TOO_LARGE);
    if (view.len < field->min)
        return refuse(field, VRX_INPUT_RANGE);
    return vrx_ok();
}

static struct vrx_result put_text(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    const struct vrx_view *text = at;
    VRX_TRY(check_length(field, *text));
    if (!vrx_utf8_valid(*text))
        return refuse(field, VRX_INPUT_TEXT);
    vrx_cbor_put_text(writer, *text);
    return vrx_ok();
}

static struct vrx_result take_text(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    struct vrx_view text;
    VRX_TRY(named(field, vrx_cbor_text(reader, &text)));
    VRX_TRY(check_length(field, text));
    *(struct vrx_view *)at = text;
    return vrx_ok();
}

static struct vrx_result check_digits(const struct vrx_object_field *field, struct vrx_view text) {
    if (!vrx_text_is_digits(text, field->max, field->max))
        return refuse(field, VRX_INPUT_MALFORMED);
    return vrx_ok();
}

static struct vrx_result put_digits(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    const struct vrx_view *text = at;
    VRX_TRY(check_digits(field, *text));
    vrx_cbor_put_text(writer, *text);
    return vrx_ok();
}

static struct vrx_result take_digits(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    struct vrx_view text;
    VRX_TRY(named(field, vrx_cbor_text(reader, &text)));
    VRX_TRY(check_digits(field, text));
    *(struct vrx_view *)at = text;
    return vrx_ok();
}

static struct vrx_result put_bytes(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    const struct vrx_view *bytes = at;
    VRX_TRY(check_length(field, *bytes));
    vrx_cbor_put_bytes(writer, *bytes);
    return vrx_ok();
}

static struct vrx_result take_bytes(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    struct vrx_view bytes;
    VRX_TRY(named(field, vrx_cbor_bytes(reader, &bytes)));
    VRX_TRY(check_length(field, bytes));
    *(struct vrx_view *)at = bytes;
    return vrx_ok();
}

/* FIXED */

static struct vrx_result put_fixed(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    vrx_cbor_put_bytes(writer, vrx_view_of(at, (size_t)field->max));
    return vrx_ok();
}

static struct vrx_result take_fixed(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    struct vrx_view bytes;
    VRX_TRY(named(field, vrx_cbor_bytes(reader, &bytes)));
    if (bytes.len != field->max)
        return refuse(field, VRX_INPUT_RANGE);
    memcpy(at, bytes.ptr, bytes.len);
    return vrx_ok();
}

/* DATE */

static struct vrx_result put_date(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    const struct vrx_date *date = at;
    char text[VRX_DATE_TEXT + 1];
    if (!vrx_date_valid(*date))
        return refuse(field, VRX_DATE_INVALID);
    vrx_date_format(*date, text);
    vrx_cbor_put_text(writer, vrx_view_of(text, VRX_DATE_TEXT));
    return vrx_ok();
}

static struct vrx_result take_date(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    struct vrx_view text;
    VRX_TRY(named(field, vrx_cbor_text(reader, &text)));
    if (text.len != VRX_DATE_TEXT) /* the basic form is shorter */
        return refuse(field, VRX_INPUT_MALFORMED);
    return named(field, vrx_date_parse(text, at));
}

/* MUNICIPALITY */

static struct vrx_result put_municipality(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    const struct vrx_municipality_code *code = at;
    struct vrx_municipality_code checked;
    struct vrx_view text = vrx_view_of(code->digits, strnlen(code->digits, sizeof code->digits));
    VRX_TRY(named(field, vrx_municipality_code_parse(text, &checked)));
    vrx_cbor_put_text(writer, text);
    return vrx_ok();
}

static struct vrx_result take_municipality(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    (void)arena;
    struct vrx_view text;
    VRX_TRY(named(field, vrx_cbor_text(reader, &text)));
    return named(field, vrx_municipality_code_parse(text, at));
}

/* RECORD */

static struct vrx_result put_record_field(
    const struct vrx_object_field *field, const void *at, struct vrx_cbor_writer *writer) {
    return put_record(field->record, at, writer);
}

static struct vrx_result take_record_field(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *at) {
    if (vrx_cbor_peek(reader) != VRX_CBOR_MAP)
        return refuse(field, VRX_INPUT_TYPE);
    return take_record(field->record, reader, arena, at);
}

static const struct kind kinds[] = {
    [VRX_FIELD_UINT] = {sizeof(uint64_t), uint_is_absent, put_uint, take_uint},
    [VRX_FIELD_BOOL] = {sizeof(bool), never_absent, put_bool, take_bool},
    [VRX_FIELD_TEXT] = {sizeof(struct vrx_view), view_is_absent, put_text, take_text},
    [VRX_FIELD_DIGITS] = {sizeof(struct vrx_view), view_is_absent, put_digits, take_digits},
    [VRX_FIELD_BYTES] = {sizeof(struct vrx_view), view_is_absent, put_bytes, take_bytes},
    [VRX_FIELD_FIXED] = {0, never_absent, put_fixed, take_fixed},
    [VRX_FIELD_DATE] = {sizeof(struct vrx_date), never_absent, put_date, take_date},
    [VRX_FIELD_TIME] = {sizeof(int64_t), time_is_absent, put_time, take_time},
    [VRX_FIELD_MUNICIPALITY] = {sizeof(struct vrx_municipality_code), never_absent,
        put_municipality, take_municipality},
    [VRX_FIELD_RECORD] = {0, never_absent, put_record_field, take_record_field},
};

static size_t element_size(const struct vrx_object_field *field) {
    if (field->kind == VRX_FIELD_FIXED)
        return (size_t)field->max;
    return field->kind == VRX_FIELD_RECORD ? field->record->size : kinds[field->kind].size;
}

static struct vrx_result check_count(const struct vrx_object_field *field, uint64_t count) {
    if (count > field->max_count)
        return refuse(field, VRX_INPUT_TOO_LARGE);
    if (count < field->min_count)
        return refuse(field, VRX_INPUT_RANGE);
    return vrx_ok();
}

static struct vrx_result put_array(
    const struct vrx_object_field *field, const uint8_t *object, struct vrx_cbor_writer *writer) {
    const uint8_t *elements;
    size_t count;
    memcpy(&elements, object + field->offset, sizeof elements);
    memcpy(&count, object + field->count_offset, sizeof count);
    VRX_TRY(check_count(field, count));
    vrx_cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(kinds[field->kind].put(field, elements + i * element_size(field), writer));
    return vrx_ok();
}

static struct vrx_result take_array(const struct vrx_object_field *field,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, uint8_t *object) {
    uint64_t declared;
    VRX_TRY(named(field, vrx_cbor_array(reader, &declared)));
    VRX_TRY(check_count(field, declared));
    size_t count = (size_t)declared;
    uint8_t *elements = vrx_arena_alloc_array(arena, count, element_size(field));
    if (!elements)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(kinds[field->kind].take(field, reader, arena, elements + i * element_size(field)));
    memcpy(object + field->offset, &elements, sizeof elements);
    memcpy(object + field->count_offset, &count, sizeof count);
    return vrx_ok();
}

static bool is_absent(const struct vrx_object_field *field, const uint8_t *object) {
    size_t count;
    if (field->optional && field->array) {
        memcpy(&count, object + field->count_offset, sizeof count);
        return count == 0;
    }
    return field->optional && kinds[field->kind].is_absent(object + field->offset);
}

static struct vrx_result put_record(
    const struct vrx_object_schema *schema, const void *object, struct vrx_cbor_writer *writer) {
    const uint8_t *members = object;
    uint64_t count = 0;
    for (size_t i = 0; i < schema->field_count; i++)
        count += !is_absent(&schema->fields[i], members);
    vrx_cbor_put_map(writer, count);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct vrx_object_field *field = &schema->fields[i];
        if (is_absent(field, members))
            continue;
        vrx_cbor_put_uint(writer, field->key);
        VRX_TRY(field->array ? put_array(field, members, writer)
                             : kinds[field->kind].put(field, members + field->offset, writer));
    }
    return vrx_ok();
}

/* Advances *index to the field with this key; what is passed over must be optional. */
static struct vrx_result find_field(
    const struct vrx_object_schema *schema, uint64_t key, size_t *index) {
    while (*index < schema->field_count && schema->fields[*index].key < key) {
        const struct vrx_object_field *field = &schema->fields[(*index)++];
        if (!field->optional)
            return refuse(field, VRX_INPUT_FIELD_MISSING);
    }
    if (*index == schema->field_count || schema->fields[*index].key != key)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, schema->name);
    return vrx_ok();
}

static struct vrx_result take_record(const struct vrx_object_schema *schema,
    struct vrx_cbor_reader *reader, struct vrx_arena *arena, void *object) {
    uint8_t *members = object;
    uint64_t pairs;
    size_t index = 0;
    if (!vrx_is_ok(vrx_cbor_map(reader, &pairs)))
        return vrx_refuse(VRX_INPUT_TYPE, schema->name);
    for (; pairs; pairs--) {
        uint64_t key;
        if (!vrx_is_ok(vrx_cbor_uint(reader, &key)))
            return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, schema->name);
        VRX_TRY(find_field(schema, key, &index));
        const struct vrx_object_field *field = &schema->fields[index++];
        VRX_TRY(field->array
                    ? take_array(field, reader, arena, members)
                    : kinds[field->kind].take(field, reader, arena, members + field->offset));
    }
    for (; index < schema->field_count; index++)
        if (!schema->fields[index].optional)
            return refuse(&schema->fields[index], VRX_INPUT_FIELD_MISSING);
    return vrx_ok();
}

struct vrx_result vrx_object_encode(
    const struct vrx_object_schema *schema, const void *object, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    struct vrx_result result = put_record(schema, object, &writer);
    /* Finishing an unfinished item restores out. */
    struct vrx_result written = vrx_cbor_writer_finish(&writer);
    return vrx_is_ok(result) ? written : result;
}

struct vrx_result vrx_object_decode(const struct vrx_object_schema *schema, struct vrx_view input,
    struct vrx_arena *arena, void *ret_object) {
    struct vrx_cbor_reader reader;
    struct vrx_view copy;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, input));
    VRX_TRY(vrx_arena_copy(arena, input, &copy));
    reader.input = copy; /* the same bytes: no need to check them again */
    void *object = vrx_arena_alloc(arena, schema->size);
    if (!object)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(take_record(schema, &reader, arena, object));
    memcpy(ret_object, object, schema->size);
    return vrx_ok();
}

struct vrx_result vrx_object_sign(const struct vrx_object_schema *schema, const void *object,
    const struct vrx_private_key *key, struct vrx_view kid, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_TRY(vrx_object_encode(schema, object, &payload));
    return vrx_sign1_make(vrx_buffer_view(&payload), vrx_view_text(schema->name), key, kid, out);
}

struct vrx_result vrx_object_kid(struct vrx_view message, struct vrx_view *ret_kid) {
    struct vrx_sign1 parts;
    VRX_TRY(vrx_sign1_parse(message, &parts));
    *ret_kid = parts.kid;
    return vrx_ok();
}

struct vrx_result vrx_object_verify(const struct vrx_object_schema *schema, struct vrx_view message,
    const struct vrx_public_key *key, struct vrx_arena *arena, void *ret_object) {
    struct vrx_sign1 parts;
    VRX_TRY(vrx_sign1_parse(message, &parts));
    VRX_TRY(vrx_sign1_verify(&parts, vrx_view_text(schema->name), key));
    return vrx_object_decode(schema, parts.payload, arena, ret_object);
}
