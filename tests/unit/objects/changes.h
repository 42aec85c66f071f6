/* SPDX-License-Identifier: Apache-2.0
 *
 * From an object's table and a good encoding, every other good encoding that differs from it in one
 * field: each value another one that its row allows, each list longer, shorter and in another
 * order, what is optional left out, and the same inside records. What mutations.h is for bytes that
 * the table refuses, this is for those that only a signature or a rule can refuse.
 */
#ifndef VRX_TEST_OBJECT_CHANGES_H
#define VRX_TEST_OBJECT_CHANGES_H

#include <stdio.h>

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "objects/schema.h"

#define CHANGE_PAIRS 32
#define CHANGE_LABEL 128

/* label: which field, and how it was changed: "consent.items: shorter". */
typedef void change_sink(void *context, struct vrx_view encoding, const char *label);

struct change_record {
    const char *inside; /* the field that holds it: "answer.doses / ", or empty */
    size_t count;
    uint64_t keys[CHANGE_PAIRS];
    struct vrx_view values[CHANGE_PAIRS];
    change_sink *sink;
    void *context;
};

/* A field of it. */
struct change_place {
    const struct change_record *record;
    const struct vrx_object_field *field;
    size_t index;
};

static void change_all(const struct vrx_object_schema *schema, struct vrx_view encoding,
    const char *inside, change_sink *sink, void *context);

/* value: what stands there instead; empty: nothing. */
static void change_emit(const struct change_place *place, struct vrx_view value, const char *how) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    const struct change_record *record = place->record;
    struct vrx_cbor_writer writer;
    char label[CHANGE_LABEL];
    if (vrx_view_equal(value, record->values[place->index]))
        return;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_map(&writer, record->count - (value.len == 0));
    for (size_t i = 0; i < record->count; i++) {
        if (i == place->index && value.len == 0)
            continue;
        vrx_cbor_put_uint(&writer, record->keys[i]);
        vrx_cbor_put_item(&writer, i == place->index ? value : record->values[i]);
    }
    assert_ok(vrx_cbor_writer_finish(&writer));
    (void)snprintf(label, sizeof label, "%s%s: %s", record->inside, place->field->name, how);
    record->sink(record->context, vrx_buffer_view(&out), label);
}

/* ---- one value ---- */

/* Where another value goes: into the field, or into the list that is the field. */
struct change_value {
    const struct change_place *place;
    bool listed;          /* the value is the list's first element */
    struct vrx_view rest; /* its other elements */
    uint64_t count;
};

static void change_put(const struct change_value *at, struct vrx_view value, const char *how) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    if (!at->listed) {
        change_emit(at->place, value, how);
        return;
    }
    assert_true(at->count < 24);
    assert_ok(vrx_buffer_append_byte(&out, (uint8_t)(0x80 | at->count)));
    assert_ok(vrx_buffer_append(&out, value));
    assert_ok(vrx_buffer_append(&out, at->rest));
    change_emit(at->place, vrx_buffer_view(&out), how);
}

static void change_to_uint(const struct change_value *at, uint64_t value, const char *how) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_uint(&writer, value);
    assert_ok(vrx_cbor_writer_finish(&writer));
    change_put(at, vrx_buffer_view(&out), how);
}

static void change_to_bytes(
    const struct change_value *at, struct vrx_view value, bool text, const char *how) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    if (text)
        vrx_cbor_put_text(&writer, value);
    else
        vrx_cbor_put_bytes(&writer, value);
    assert_ok(vrx_cbor_writer_finish(&writer));
    change_put(at, vrx_buffer_view(&out), how);
}

static void change_uint(const struct change_value *at, struct vrx_cbor_reader *reader) {
    const struct vrx_object_field *field = at->place->field;
    uint64_t value;
    assert_ok(vrx_cbor_uint(reader, &value));
    if (value < field->max)
        change_to_uint(at, value + 1, "one more");
    if (value > field->min)
        change_to_uint(at, value - 1, "one less");
    change_to_uint(at, field->min, "the least");
    change_to_uint(at, field->max, "the most");
}

static void change_bool(const struct change_value *at, struct vrx_cbor_reader *reader) {
    bool value;
    assert_ok(vrx_cbor_bool(reader, &value));
    change_put(at, vrx_view_of(value ? "\xf4" : "\xf5", 1), "the other");
}

static void change_text(const struct change_value *at, struct vrx_cbor_reader *reader) {
    const struct vrx_object_field *field = at->place->field;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer other = {0};
    struct vrx_view value;
    assert_ok(vrx_cbor_text(reader, &value));
    assert_ok(vrx_buffer_append(&other, value));
    assert_ok(vrx_buffer_append_byte(&other, 'z'));
    if (other.len <= field->max)
        change_to_bytes(at, vrx_buffer_view(&other), true, "longer");
    change_to_bytes(at, vrx_view_of("z", 1), true, "another");
    if (field->min == 0)
        change_to_bytes(at, vrx_view_of(NULL, 0), true, "empty");
}

static void change_digits(const struct change_value *at, struct vrx_cbor_reader *reader) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer other = {0};
    struct vrx_view value;
    assert_ok(vrx_cbor_text(reader, &value));
    assert_ok(vrx_buffer_append(&other, value));
    other.ptr[0] = other.ptr[0] == '9' ? '0' : (uint8_t)(other.ptr[0] + 1);
    change_to_bytes(at, vrx_buffer_view(&other), true, "another");
}

static void change_bytes(const struct change_value *at, struct vrx_cbor_reader *reader) {
    const struct vrx_object_field *field = at->place->field;
    const bool fixed = field->kind == VRX_FIELD_FIXED;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer other = {0};
    struct vrx_view value;
    assert_ok(vrx_cbor_bytes(reader, &value));
    assert_ok(vrx_buffer_append(&other, value));
    if (other.len) {
        other.ptr[0] ^= 1;
        change_to_bytes(at, vrx_buffer_view(&other), false, "first bit");
        other.ptr[0] ^= 1;
        other.ptr[other.len - 1] ^= 0x80;
        change_to_bytes(at, vrx_buffer_view(&other), false, "last bit");
        memset(other.ptr, 0, other.len);
        change_to_bytes(at, vrx_buffer_view(&other), false, "zero");
    }
    if (!fixed && value.len > field->min)
        change_to_bytes(at, vrx_view_of(value.ptr, value.len - 1), false, "shorter");
}

static void change_date(const struct change_value *at, struct vrx_cbor_reader *reader) {
    struct vrx_view value;
    assert_ok(vrx_cbor_text(reader, &value));
    change_to_bytes(at, vrx_view_text("1999-09-09"), true, "earlier");
    change_to_bytes(at, vrx_view_text("2031-09-09"), true, "later");
}

static void change_municipality(const struct change_value *at, struct vrx_cbor_reader *reader) {
    struct vrx_view value;
    assert_ok(vrx_cbor_text(reader, &value));
    change_to_bytes(at, vrx_view_text("192015"), true, "Kofu");
    change_to_bytes(at, vrx_view_text("011002"), true, "Sapporo");
    change_to_bytes(at, vrx_view_text("122173"), true, "Kashiwa");
    change_to_bytes(at, vrx_view_text("131016"), true, "Chiyoda"); /* in no directory */
}

static void change_inner(void *context, struct vrx_view encoding, const char *label) {
    const struct change_value *at = context;
    const struct change_record *record = at->place->record;
    struct change_record labelled = *record;
    struct change_place place = *at->place;
    struct change_value inner = *at;
    struct vrx_object_field field = *place.field;
    const char *how = strchr(label, ':');
    char name[CHANGE_LABEL];
    (void)snprintf(name, sizeof name, "%s / %.*s", field.name, (int)(how - label), label);
    field.name = name;
    place.record = &labelled;
    place.field = &field;
    inner.place = &place;
    change_put(&inner, encoding, how + 2);
}

static void change_one(const struct change_value *at, struct vrx_view value) {
    static void (*const change[])(const struct change_value *, struct vrx_cbor_reader *) = {
        [VRX_FIELD_UINT] = change_uint,
        [VRX_FIELD_BOOL] = change_bool,
        [VRX_FIELD_TEXT] = change_text,
        [VRX_FIELD_DIGITS] = change_digits,
        [VRX_FIELD_BYTES] = change_bytes,
        [VRX_FIELD_FIXED] = change_bytes,
        [VRX_FIELD_DATE] = change_date,
        [VRX_FIELD_TIME] = change_uint,
        [VRX_FIELD_MUNICIPALITY] = change_municipality,
    };
    const struct vrx_object_field *field = at->place->field;
    struct vrx_cbor_reader reader;
    if (field->kind == VRX_FIELD_RECORD) {
        struct change_value copy = *at;
        change_all(field->record, value, "", change_inner, &copy);
        return;
    }
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, value));
    change[field->kind](at, &reader);
}

/* ---- lists ---- */

/* The elements from this one on, so many, and the first once more where it says so. */
static void change_list(const struct change_place *place, const struct vrx_view *elements,
    size_t count, const struct vrx_view *more, const char *how) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_array(&writer, count + (more != NULL));
    for (size_t i = 0; i < count; i++)
        vrx_cbor_put_item(&writer, elements[i]);
    if (more)
        vrx_cbor_put_item(&writer, *more);
    assert_ok(vrx_cbor_writer_finish(&writer));
    change_emit(place, vrx_buffer_view(&out), how);
}

static void change_array(const struct change_place *place, struct vrx_view value) {
    const struct vrx_object_field *field = place->field;
    struct vrx_view elements[CHANGE_PAIRS];
    struct vrx_cbor_reader reader;
    uint64_t count;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, value));
    assert_ok(vrx_cbor_array(&reader, &count));
    assert_true(count <= CHANGE_PAIRS);
    for (size_t i = 0; i < count; i++)
        assert_ok(vrx_cbor_item(&reader, &elements[i]));
    if (field->min_count == 0)
        change_list(place, elements, 0, NULL, "none");
    if (count == 0)
        return; /* a fuller sample shows the elements */
    if (count > 1) {
        const struct vrx_view swapped[2] = {elements[1], elements[0]};
        change_list(place, elements, (size_t)count - 1, NULL, "without the last");
        change_list(place, elements + 1, (size_t)count - 1, NULL, "without the first");
        if (count == 2)
            change_list(place, swapped, 2, NULL, "turned round");
    }
    if (count < field->max_count)
        change_list(place, elements, (size_t)count, &elements[0], "the first twice");
    const uint8_t *rest = elements[0].ptr + elements[0].len;
    const struct change_value at = {.place = place,
        .listed = true,
        .rest = vrx_view_of(rest, (size_t)(value.ptr + value.len - rest)),
        .count = count};
    change_one(&at, elements[0]);
}

/* ---- an object ---- */

static const struct vrx_object_field *change_field(
    const struct vrx_object_schema *schema, uint64_t key) {
    size_t i = 0;
    while (i < schema->field_count && schema->fields[i].key != key)
        i++;
    assert_true(i < schema->field_count);
    return &schema->fields[i];
}

static void change_all(const struct vrx_object_schema *schema, struct vrx_view encoding,
    const char *inside, change_sink *sink, void *context) {
    struct change_record record = {.inside = inside, .sink = sink, .context = context};
    struct vrx_cbor_reader reader;
    uint64_t count;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, encoding));
    assert_ok(vrx_cbor_map(&reader, &count));
    assert_true(count <= CHANGE_PAIRS);
    record.count = (size_t)count;
    for (size_t i = 0; i < record.count; i++) {
        assert_ok(vrx_cbor_uint(&reader, &record.keys[i]));
        assert_ok(vrx_cbor_item(&reader, &record.values[i]));
    }
    for (size_t i = 0; i < record.count; i++) {
        const struct change_place place = {&record, change_field(schema, record.keys[i]), i};
        const struct change_value at = {.place = &place};
        if (place.field->optional)
            change_emit(&place, vrx_view_of(NULL, 0), "left out");
        if (place.field->array)
            change_array(&place, record.values[i]);
        else
            change_one(&at, record.values[i]);
    }
}

#endif
