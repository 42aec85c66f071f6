/* SPDX-License-Identifier: Apache-2.0
 *
 * The entry's fields are a table, in the order of their keys; encoding and decoding walk it. What
 * decode accepts encodes to the same bytes again.
 */
#include "objects/audit_entry.h"

#include "cbor/reader.h"
#include "cbor/writer.h"

enum field_type {
    UINT_TIME,
    UINT_OUTCOME,
    TEXT,
    DIGEST,
    REQUEST,
};

struct field {
    unsigned key;
    enum field_type type;
    bool required;
    size_t offset; /* of the view, for TEXT and DIGEST */
    size_t limit;  /* bytes of a TEXT */
};

#define FIELD_VIEW(member) offsetof(struct vrx_audit_entry, member)

static const struct field fields[] = {
    {1, UINT_TIME, true, 0, 0},
    {2, TEXT, true, FIELD_VIEW(method), VRX_LIMIT_METHOD},
    {3, TEXT, true, FIELD_VIEW(terminal), VRX_LIMIT_OPERATOR},
    {4, TEXT, false, FIELD_VIEW(operator_id), VRX_LIMIT_OPERATOR},
    {5, UINT_OUTCOME, true, 0, 0},
    {6, DIGEST, false, FIELD_VIEW(person), 0},
    {7, TEXT, false, FIELD_VIEW(purpose), VRX_LIMIT_PURPOSE},
    {8, TEXT, false, FIELD_VIEW(basis), VRX_LIMIT_BASIS},
    {9, REQUEST, true, 0, 0},
    {10, DIGEST, false, FIELD_VIEW(commitment), 0},
};

#define FIELDS (sizeof fields / sizeof fields[0])

static struct vrx_view view_of(const struct vrx_audit_entry *entry, const struct field *field) {
    struct vrx_view view;
    memcpy(&view, (const char *)entry + field->offset, sizeof view);
    return view;
}

static void set_view(
    struct vrx_audit_entry *entry, const struct field *field, struct vrx_view view) {
    memcpy((char *)entry + field->offset, &view, sizeof view);
}

static bool is_view(const struct field *field) {
    return field->type == TEXT || field->type == DIGEST;
}

/* A view that is there has the length that the schema asks for. */
static struct vrx_result check_view(const struct field *field, struct vrx_view view) {
    if (field->type == DIGEST && view.len != VRX_DIGEST)
        return vrx_fail(VRX_INPUT_RANGE);
    if (field->type == TEXT && !view.len)
        return vrx_fail(VRX_INPUT_RANGE);
    if (field->type == TEXT && view.len > field->limit)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    return vrx_ok();
}

/* Whether the field is written, into *ret_present. */
static struct vrx_result check_field(
    const struct vrx_audit_entry *entry, const struct field *field, bool *ret_present) {
    bool present = !is_view(field) || view_of(entry, field).len;
    if (!present && field->required)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (present && is_view(field))
        VRX_TRY(check_view(field, view_of(entry, field)));
    if (field->type == UINT_TIME && entry->time < 0)
        return vrx_fail(VRX_INPUT_RANGE);
    *ret_present = present;
    return vrx_ok();
}

static void put_field(struct vrx_cbor_writer *writer, const struct vrx_audit_entry *entry,
    const struct field *field) {
    vrx_cbor_put_uint(writer, field->key);
    switch (field->type) {
    case UINT_TIME:
        vrx_cbor_put_int(writer, entry->time);
        break;
    case UINT_OUTCOME:
        vrx_cbor_put_uint(writer, entry->outcome);
        break;
    case TEXT:
        vrx_cbor_put_text(writer, view_of(entry, field));
        break;
    case DIGEST:
        vrx_cbor_put_bytes(writer, view_of(entry, field));
        break;
    case REQUEST:
        vrx_cbor_put_bytes(writer, vrx_view_of(entry->request, VRX_ID));
        break;
    }
}

struct vrx_result vrx_audit_entry_encode(
    const struct vrx_audit_entry *entry, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {.limit = VRX_LIMIT_LEDGER_ENTRY};
    bool present[FIELDS] = {false};
    size_t count = 0;
    for (size_t i = 0; i < FIELDS; i++) {
        VRX_TRY(check_field(entry, &fields[i], &present[i]));
        count += present[i];
    }
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &bytes);
    vrx_cbor_put_map(&writer, count);
    for (size_t i = 0; i < FIELDS; i++)
        if (present[i])
            put_field(&writer, entry, &fields[i]);
    VRX_TRY(vrx_cbor_writer_finish(&writer));
    return vrx_buffer_append(out, vrx_buffer_view(&bytes));
}

static struct vrx_result take_field(
    struct vrx_cbor_reader *reader, struct vrx_audit_entry *entry, const struct field *field) {
    struct vrx_view view = {0};
    uint64_t number = 0;
    switch (field->type) {
    case UINT_TIME:
        VRX_TRY(vrx_cbor_uint(reader, &number));
        if (number > INT64_MAX)
            return vrx_fail(VRX_INPUT_RANGE);
        entry->time = (int64_t)number;
        return vrx_ok();
    case UINT_OUTCOME:
        VRX_TRY(vrx_cbor_uint(reader, &number));
        if (number > UINT16_MAX)
            return vrx_fail(VRX_INPUT_RANGE);
        entry->outcome = (uint16_t)number;
        return vrx_ok();
    case REQUEST:
        VRX_TRY(vrx_cbor_bytes(reader, &view));
        if (view.len != VRX_ID)
            return vrx_fail(VRX_INPUT_RANGE);
        memcpy(entry->request, view.ptr, VRX_ID);
        return vrx_ok();
    case TEXT:
        VRX_TRY(vrx_cbor_text(reader, &view));
        break;
    case DIGEST:
        VRX_TRY(vrx_cbor_bytes(reader, &view));
        break;
    }
    VRX_TRY(check_view(field, view));
    set_view(entry, field, view);
    return vrx_ok();
}

/* Keys ascend, or the reader would have refused: one walk through the table meets them all. */
struct vrx_result vrx_audit_entry_decode(struct vrx_view bytes, struct vrx_audit_entry *ret_entry) {
    if (bytes.len > VRX_LIMIT_LEDGER_ENTRY)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    struct vrx_cbor_reader reader;
    struct vrx_audit_entry entry = {0};
    uint64_t left = 0;
    uint64_t key = 0;
    size_t next = 0;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, bytes));
    VRX_TRY(vrx_cbor_map(&reader, &left));
    for (; left; left--) {
        VRX_TRY(vrx_cbor_uint(&reader, &key));
        for (; next < FIELDS && fields[next].key < key; next++)
            if (fields[next].required)
                return vrx_fail(VRX_INPUT_FIELD_MISSING);
        if (next == FIELDS || fields[next].key != key)
            return vrx_fail(VRX_INPUT_FIELD_UNKNOWN);
        VRX_TRY(take_field(&reader, &entry, &fields[next++]));
    }
    for (; next < FIELDS; next++)
        if (fields[next].required)
            return vrx_fail(VRX_INPUT_FIELD_MISSING);
    *ret_entry = entry;
    return vrx_ok();
}
