/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/journal_entry.h"

#include "cbor/reader.h"
#include "cbor/writer.h"

enum key {
    KEY_KIND = 1,
    KEY_TIME = 2,
    KEY_VERSION = 3,
    KEY_APPLICATION = 4,
    KEY_MUNICIPALITY = 5,
    KEY_UVCI = 6,
    KEY_CERTIFICATE = 7,
    KEY_EXPIRES = 8,
    KEY_KEPT = 9,
};

/* The keys of each kind, ascending; 0 ends them. */
static const uint8_t keys_of[][9] = {
    [VRX_JOURNAL_DIRECTORY] = {KEY_KIND, KEY_TIME, KEY_VERSION},
    [VRX_JOURNAL_INTENT] = {KEY_KIND, KEY_TIME, KEY_APPLICATION, KEY_MUNICIPALITY, KEY_UVCI},
    [VRX_JOURNAL_ISSUED] = {KEY_KIND, KEY_TIME, KEY_APPLICATION, KEY_MUNICIPALITY, KEY_UVCI,
        KEY_CERTIFICATE, KEY_EXPIRES},
    [VRX_JOURNAL_KEPT] = {KEY_KIND, KEY_TIME, KEY_APPLICATION, KEY_MUNICIPALITY, KEY_UVCI,
        KEY_CERTIFICATE, KEY_EXPIRES, KEY_KEPT},
};

static bool is_kind(uint64_t kind) {
    return kind >= VRX_JOURNAL_DIRECTORY && kind <= VRX_JOURNAL_KEPT;
}

static uint64_t count_keys(uint64_t kind) {
    uint64_t count = 0;
    while (keys_of[kind][count])
        count++;
    return count;
}

static void put_field(
    struct vrx_cbor_writer *writer, uint8_t key, const struct vrx_journal_entry *entry) {
    vrx_cbor_put_uint(writer, key);
    switch (key) {
    case KEY_KIND:
        vrx_cbor_put_uint(writer, entry->kind);
        break;
    case KEY_TIME:
        vrx_cbor_put_int(writer, entry->time);
        break;
    case KEY_VERSION:
        vrx_cbor_put_uint(writer, entry->directory_version);
        break;
    case KEY_APPLICATION:
        vrx_cbor_put_bytes(writer, vrx_view_of(entry->application, VRX_ID));
        break;
    case KEY_MUNICIPALITY:
        vrx_cbor_put_text(writer, vrx_municipality_code_view(&entry->municipality));
        break;
    case KEY_UVCI:
        vrx_cbor_put_text(writer, entry->uvci);
        break;
    case KEY_CERTIFICATE:
        vrx_cbor_put_bytes(writer, vrx_view_of(entry->certificate, VRX_DIGEST));
        break;
    case KEY_EXPIRES:
        vrx_cbor_put_int(writer, entry->expires);
        break;
    case KEY_KEPT:
        vrx_cbor_put_bytes(writer, entry->kept);
        break;
    }
}

struct vrx_result vrx_journal_entry_encode(
    const struct vrx_journal_entry *entry, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    if (!is_kind(entry->kind))
        return vrx_refuse(VRX_INPUT_RANGE, "journal.cddl: kind");
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, count_keys(entry->kind));
    for (const uint8_t *key = keys_of[entry->kind]; *key; key++)
        put_field(&writer, *key, entry);
    return vrx_cbor_writer_finish(&writer);
}

static struct vrx_result take_bytes(struct vrx_cbor_reader *reader, uint8_t *at, size_t len) {
    struct vrx_view bytes;
    VRX_TRY(vrx_cbor_bytes(reader, &bytes));
    if (bytes.len != len)
        return vrx_refuse(VRX_INPUT_RANGE, "journal.cddl: size");
    memcpy(at, bytes.ptr, len);
    return vrx_ok();
}

static struct vrx_result take_municipality(
    struct vrx_cbor_reader *reader, struct vrx_municipality_code *code) {
    struct vrx_view text;
    VRX_TRY(vrx_cbor_text(reader, &text));
    return vrx_municipality_code_parse(text, code);
}

static struct vrx_result take_field(
    struct vrx_cbor_reader *reader, uint8_t key, struct vrx_journal_entry *entry) {
    uint64_t found = 0;
    VRX_TRY(vrx_cbor_uint(reader, &found));
    if (found != key)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "journal.cddl");
    switch (key) {
    case KEY_KIND:
        return vrx_cbor_uint(reader, &entry->kind);
    case KEY_TIME:
        return vrx_cbor_int(reader, &entry->time);
    case KEY_VERSION:
        return vrx_cbor_uint(reader, &entry->directory_version);
    case KEY_APPLICATION:
        return take_bytes(reader, entry->application, VRX_ID);
    case KEY_MUNICIPALITY:
        return take_municipality(reader, &entry->municipality);
    case KEY_UVCI:
        return vrx_cbor_text(reader, &entry->uvci);
    case KEY_CERTIFICATE:
        return take_bytes(reader, entry->certificate, VRX_DIGEST);
    case KEY_KEPT:
        return vrx_cbor_bytes(reader, &entry->kept);
    default:
        return vrx_cbor_int(reader, &entry->expires);
    }
}

struct vrx_result vrx_journal_entry_decode(
    struct vrx_view bytes, struct vrx_journal_entry *ret_entry) {
    struct vrx_cbor_reader reader;
    struct vrx_journal_entry entry = {0};
    uint64_t count = 0;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, bytes));
    VRX_TRY(vrx_cbor_map(&reader, &count));
    VRX_TRY(take_field(&reader, KEY_KIND, &entry));
    if (!is_kind(entry.kind) || count != count_keys(entry.kind))
        return vrx_refuse(VRX_INPUT_RANGE, "journal.cddl: kind");
    for (const uint8_t *key = keys_of[entry.kind] + 1; *key; key++)
        VRX_TRY(take_field(&reader, *key, &entry));
    *ret_entry = entry;
    return vrx_ok();
}
