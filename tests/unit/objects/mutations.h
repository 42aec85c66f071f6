/* SPDX-License-Identifier: Apache-2.0
 *
 * From an object's table and a good encoding, every bad encoding that the table must refuse: each
 * field left out, of another type, too long, too short, too large, each list too long and too
 * short, each record inside likewise, an unknown field, a field twice, two fields in the wrong
 * order. The expected reason and clause come with it.
 */
#ifndef VRX_TEST_OBJECT_MUTATIONS_H
#define VRX_TEST_OBJECT_MUTATIONS_H

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "objects/schema.h"

#define MUTATION_PAIRS 32

typedef void mutation_sink(
    void *context, struct vrx_view encoding, enum vrx_reason reason, const char *clause);

struct mutation_pair {
    uint64_t key;
    struct vrx_view value;
};

struct mutation_record {
    size_t count;
    struct mutation_pair pairs[MUTATION_PAIRS];
};

/* Where a mutated value goes: into its field of the record, and that to the sink. */
struct mutation_place {
    const struct vrx_object_field *field;
    const struct mutation_record *record;
    size_t index;
    mutation_sink *sink;
    void *context;
};

static void mutate_record(const struct vrx_object_schema *schema, struct vrx_view encoding,
    mutation_sink *sink, void *context);

static void mutation_parse(struct vrx_view encoding, struct mutation_record *record) {
    struct vrx_cbor_reader reader;
    uint64_t count;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, encoding));
    assert_ok(vrx_cbor_map(&reader, &count));
    assert_true(count <= MUTATION_PAIRS);
    record->count = (size_t)count;
    for (size_t i = 0; i < record->count; i++) {
        assert_ok(vrx_cbor_uint(&reader, &record->pairs[i].key));
        assert_ok(vrx_cbor_item(&reader, &record->pairs[i].value));
    }
}

/* The record with one pair's value replaced, or left out where the value is empty. */
static void mutation_emit(const struct mutation_place *place, struct vrx_view value,
    enum vrx_reason reason, const char *clause) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_map(&writer, place->record->count - (value.len == 0));
    for (size_t i = 0; i < place->record->count; i++) {
        const struct mutation_pair *pair = &place->record->pairs[i];
        if (i == place->index && value.len == 0)
            continue;
        vrx_cbor_put_uint(&writer, pair->key);
        vrx_cbor_put_item(&writer, i == place->index ? value : pair->value);
    }
    assert_ok(vrx_cbor_writer_finish(&writer));
    place->sink(place->context, vrx_buffer_view(&out), reason, clause);
}

/* The value as it is, or as an array's only element. */
static void mutation_value(
    const struct mutation_place *place, struct vrx_view value, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    if (place->field->array)
        assert_ok(vrx_buffer_append_byte(&out, 0x81));
    assert_ok(vrx_buffer_append(&out, value));
    mutation_emit(place, vrx_buffer_view(&out), reason, place->field->name);
}

static void mutation_uint(
    const struct mutation_place *place, uint64_t value, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_uint(&writer, value);
    assert_ok(vrx_cbor_writer_finish(&writer));
    mutation_value(place, vrx_buffer_view(&out), reason);
}

static void mutation_text(
    const struct mutation_place *place, struct vrx_view text, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_text(&writer, text);
    assert_ok(vrx_cbor_writer_finish(&writer));
    mutation_value(place, vrx_buffer_view(&out), reason);
}

static void mutation_bytes(
    const struct mutation_place *place, size_t len, bool text, char fill, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    uint8_t *at;
    assert_ok(vrx_buffer_extend(&content, len, &at));
    if (len)
        memset(at, fill, len);
    vrx_cbor_writer_init(&writer, &out);
    if (text)
        vrx_cbor_put_text(&writer, vrx_buffer_view(&content));
    else
        vrx_cbor_put_bytes(&writer, vrx_buffer_view(&content));
    assert_ok(vrx_cbor_writer_finish(&writer));
    mutation_value(place, vrx_buffer_view(&out), reason);
}

static void mutate_uint(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    const struct vrx_object_field *field = place->field;
    mutation_uint(place, field->max + 1, VRX_INPUT_RANGE);
    mutation_uint(place, UINT64_MAX, VRX_INPUT_RANGE);
    if (field->min > 0)
        mutation_uint(place, field->min - 1, VRX_INPUT_RANGE);
    mutation_value(place, vrx_view_of("\x20", 1), VRX_INPUT_TYPE); /* -1 */
}

static void mutate_text(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    const struct vrx_object_field *field = place->field;
    bool text = field->kind == VRX_FIELD_TEXT;
    mutation_bytes(place, (size_t)field->max + 1, text, 'a', VRX_INPUT_TOO_LARGE);
    if (field->min > 0)
        mutation_bytes(place, (size_t)field->min - 1, text, 'a', VRX_INPUT_RANGE);
    mutation_bytes(place, (size_t)field->max, !text, 'a', VRX_INPUT_TYPE);
}

static void mutate_digits(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    size_t count = (size_t)place->field->max;
    mutation_bytes(place, count + 1, true, '1', VRX_INPUT_MALFORMED);
    mutation_bytes(place, count - 1, true, '1', VRX_INPUT_MALFORMED);
    mutation_bytes(place, count, true, 'a', VRX_INPUT_MALFORMED);
    mutation_bytes(place, count, false, '1', VRX_INPUT_TYPE);
}

static void mutate_fixed(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    size_t len = (size_t)place->field->max;
    mutation_bytes(place, len + 1, false, 'a', VRX_INPUT_RANGE);
    mutation_bytes(place, len - 1, false, 'a', VRX_INPUT_RANGE);
    mutation_bytes(place, len, true, 'a', VRX_INPUT_TYPE);
}

static void mutate_date(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    mutation_text(place, vrx_view_text("2021-02-29"), VRX_DATE_INVALID);
    mutation_text(place, vrx_view_text("20210228"), VRX_INPUT_MALFORMED);
    mutation_text(place, vrx_view_text("2021-2-028"), VRX_INPUT_MALFORMED);
    mutation_bytes(place, VRX_DATE_TEXT, false, '1', VRX_INPUT_TYPE);
}

static void mutate_municipality(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    mutation_text(place, vrx_view_text("122174"), VRX_CHECK_DIGIT_WRONG);
    mutation_text(place, vrx_view_text("12217"), VRX_INPUT_MALFORMED);
    mutation_text(place, vrx_view_text("480002"), VRX_INPUT_RANGE);
    mutation_bytes(place, 6, false, '1', VRX_INPUT_TYPE);
}

static void mutate_bool(const struct mutation_place *place, struct vrx_view value) {
    (void)value;
    mutation_uint(place, 1, VRX_INPUT_TYPE);
}

/* A bad record inside: into the array or the field that held the good one. */
static void mutation_inner(
    void *context, struct vrx_view encoding, enum vrx_reason reason, const char *clause) {
    const struct mutation_place *place = context;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    if (place->field->array)
        assert_ok(vrx_buffer_append_byte(&out, 0x81));
    assert_ok(vrx_buffer_append(&out, encoding));
    mutation_emit(place, vrx_buffer_view(&out), reason, clause);
}

static void mutate_inner(const struct mutation_place *place, struct vrx_view value) {
    struct mutation_place copy = *place;
    mutate_record(place->field->record, value, mutation_inner, &copy);
}

/* Too many and too few of the first element. */
static void mutation_counts(const struct mutation_place *place, struct vrx_view element) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    size_t count = place->field->max_count + 1;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_array(&writer, count);
    for (size_t i = 0; i < count; i++)
        vrx_cbor_put_item(&writer, element);
    assert_ok(vrx_cbor_writer_finish(&writer));
    mutation_emit(place, vrx_buffer_view(&out), VRX_INPUT_TOO_LARGE, place->field->name);
    if (place->field->min_count > 0)
        mutation_emit(place, vrx_view_of("\x80", 1), VRX_INPUT_RANGE, place->field->name);
    mutation_emit(place, vrx_view_of("\x81\xf6", 2), VRX_INPUT_TYPE, place->field->name);
}

static void mutate_field(const struct mutation_place *place, struct vrx_view value) {
    static void (*const mutate[])(const struct mutation_place *, struct vrx_view) = {
        [VRX_FIELD_UINT] = mutate_uint,
        [VRX_FIELD_BOOL] = mutate_bool,
        [VRX_FIELD_TEXT] = mutate_text,
        [VRX_FIELD_DIGITS] = mutate_digits,
        [VRX_FIELD_BYTES] = mutate_text,
        [VRX_FIELD_FIXED] = mutate_fixed,
        [VRX_FIELD_DATE] = mutate_date,
        [VRX_FIELD_TIME] = mutate_uint,
        [VRX_FIELD_MUNICIPALITY] = mutate_municipality,
        [VRX_FIELD_RECORD] = mutate_inner,
    };
    const struct vrx_object_field *field = place->field;
    struct vrx_view none = vrx_view_of(NULL, 0);
    mutation_emit(place, none, field->optional ? VRX_OK : VRX_INPUT_FIELD_MISSING, field->name);
    mutation_emit(place, vrx_view_of("\xf6", 1), VRX_INPUT_TYPE, field->name);
    if (!field->array) {
        mutate[field->kind](place, value);
        return;
    }
    struct vrx_cbor_reader reader;
    uint64_t count;
    assert_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, value));
    assert_ok(vrx_cbor_array(&reader, &count));
    if (count == 0)
        return; /* a fuller sample shows the elements */
    assert_ok(vrx_cbor_item(&reader, &value));
    mutation_counts(place, value);
    mutate[field->kind](place, value);
}

/* key: an encoded key; first: before all others, else after them. */
static void mutation_extra(const struct mutation_record *record, struct vrx_view key, bool first,
    mutation_sink *sink, void *context, const char *clause) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &out);
    vrx_cbor_put_map(&writer, record->count + 1);
    for (size_t i = 0; i <= record->count; i++) {
        bool extra = i == (first ? 0 : record->count);
        const struct mutation_pair *pair = &record->pairs[first && i > 0 ? i - 1 : i];
        if (extra)
            vrx_cbor_put_item(&writer, key);
        else
            vrx_cbor_put_uint(&writer, pair->key);
        vrx_cbor_put_item(&writer, extra ? vrx_view_of("\xf6", 1) : pair->value);
    }
    assert_ok(vrx_cbor_writer_finish(&writer));
    sink(context, vrx_buffer_view(&out), VRX_INPUT_FIELD_UNKNOWN, clause);
}

/* So many pairs as they are named, which no writer would put so. */
static void mutation_order(const struct mutation_record *record, const size_t *which, size_t count,
    enum vrx_reason reason, mutation_sink *sink, void *context) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    if (count >= 24)
        assert_ok(vrx_buffer_append_byte(&out, 0xb8));
    assert_ok(vrx_buffer_append_byte(&out, (uint8_t)(count < 24 ? 0xa0 | count : count)));
    for (size_t i = 0; i < count; i++) {
        const struct mutation_pair *pair = &record->pairs[which[i]];
        assert_true(pair->key < 24);
        assert_ok(vrx_buffer_append_byte(&out, (uint8_t)pair->key));
        assert_ok(vrx_buffer_append(&out, pair->value));
    }
    sink(context, vrx_buffer_view(&out), reason, NULL);
}

/* Each field twice, and each before the one that it should follow. */
static void mutation_orders(
    const struct mutation_record *record, mutation_sink *sink, void *context) {
    for (size_t i = 0; i < record->count; i++) {
        size_t which[MUTATION_PAIRS + 1];
        for (size_t k = 0; k <= record->count; k++)
            which[k] = k <= i ? k : k - 1;
        mutation_order(record, which, record->count + 1, VRX_INPUT_DUPLICATE_KEY, sink, context);
        if (i == 0)
            continue;
        for (size_t k = 0; k < record->count; k++)
            which[k] = k == i ? i - 1 : k == i - 1 ? i : k;
        mutation_order(record, which, record->count, VRX_INPUT_NOT_CANONICAL, sink, context);
    }
}

static const struct vrx_object_field *mutation_field(
    const struct vrx_object_schema *schema, uint64_t key) {
    size_t i = 0;
    while (i < schema->field_count && schema->fields[i].key != key)
        i++;
    assert_true(i < schema->field_count);
    return &schema->fields[i];
}

static void mutate_record(const struct vrx_object_schema *schema, struct vrx_view encoding,
    mutation_sink *sink, void *context) {
    struct mutation_record record;
    mutation_parse(encoding, &record);
    for (size_t i = 0; i < record.count; i++) {
        struct mutation_place place = {
            mutation_field(schema, record.pairs[i].key), &record, i, sink, context};
        mutate_field(&place, record.pairs[i].value);
    }
    mutation_orders(&record, sink, context);
    mutation_extra(&record, vrx_view_of("\x00", 1), true, sink, context, schema->name);
    mutation_extra(&record, vrx_view_of("\x18\x63", 2), false, sink, context, schema->name);
    mutation_extra(&record, vrx_view_of("\x20", 1), false, sink, context, schema->name);
    mutation_extra(&record, vrx_view_of("\x61\x31", 2), false, sink, context, schema->name);
    sink(context, vrx_view_of("\x80", 1), VRX_INPUT_TYPE, NULL);
}

#endif
