/* SPDX-License-Identifier: Apache-2.0
 *
 * Three steps a record: find its end in the raw bytes, decode it, cut it into fields. The end is
 * found before decoding because that is safe in every charset of charset.h: no byte of a longer
 * character is a comma, a quote or a line end (CP932's second bytes start at 0x40). So a byte that
 * is no character spoils one record and not the file.
 */
#include "layouts/csv.h"

enum scan_state {
    AT_FIELD_START = 0,
    IN_PLAIN_FIELD,
    IN_QUOTES,
    BEHIND_QUOTE, /* closing, or the first of two that stand for one */
};

#define DOS_END_OF_FILE 0x1A

void vrx_csv_init(struct vrx_csv *csv) {
    memset(csv, 0, sizeof *csv);
    csv->line = 1;
}

void vrx_csv_done(struct vrx_csv *csv) {
    vrx_buffer_done(&csv->input);
    vrx_buffer_done(&csv->text);
    vrx_decoder_done(&csv->decoder);
}

struct vrx_result vrx_csv_feed(struct vrx_csv *csv, struct vrx_view chunk) {
    /* What was read makes room first, so that the buffer stays as small as a record and a chunk. */
    if (csv->at) {
        size_t rest = csv->input.len - csv->at;
        memmove(csv->input.ptr, csv->input.ptr + csv->at, rest);
        vrx_wipe(csv->input.ptr + rest, csv->at);
        csv->input.len = rest;
        csv->at = 0;
    }
    return vrx_buffer_append(&csv->input, chunk);
}

void vrx_csv_finish(struct vrx_csv *csv) {
    csv->finished = true;
}

static enum scan_state step_state(enum scan_state state, uint8_t byte) {
    if (state == IN_QUOTES)
        return byte == '"' ? BEHIND_QUOTE : IN_QUOTES;
    if (byte == '"' && state != IN_PLAIN_FIELD)
        return IN_QUOTES;
    return byte == ',' ? AT_FIELD_START : IN_PLAIN_FIELD;
}

/* Looks for the line feed that ends the record. What is scanned once is not scanned again. */
static bool scan(struct vrx_csv *csv) {
    struct vrx_view rest = vrx_view_slice(vrx_buffer_view(&csv->input), csv->at, SIZE_MAX);
    enum scan_state state = (enum scan_state)csv->state;
    size_t i = csv->scanned;
    bool found = false;
    for (; i < rest.len && i <= VRX_CSV_RECORD_BYTES; i++) {
        if (rest.ptr[i] == '\n') {
            if (state != IN_QUOTES) {
                found = true;
                break;
            }
            csv->newlines++;
        }
        state = step_state(state, rest.ptr[i]);
    }
    csv->scanned = i;
    csv->state = (int)state;
    return found;
}

static struct vrx_result malformed(const char *clause) {
    return vrx_refuse(VRX_INPUT_MALFORMED, clause);
}

/* The field in quotes that starts at *at, its doubled quotes made single where it stands. */
static struct vrx_result cut_quoted(
    uint8_t *text, size_t len, size_t *at, struct vrx_view *ret_field) {
    size_t from = *at + 1;
    size_t to = from;
    size_t i = from;
    for (; i < len; i++) {
        if (text[i] == '"') {
            if (i + 1 >= len || text[i + 1] != '"')
                break;
            i++;
        }
        text[to++] = text[i];
    }
    if (i >= len || (i + 1 < len && text[i + 1] != ','))
        return malformed("RFC 4180 §2.5: a closing quote ends the field");
    *ret_field = vrx_view_of(text + from, to - from);
    *at = i + 1;
    return vrx_ok();
}

static struct vrx_result cut_plain(
    const uint8_t *text, size_t len, size_t *at, struct vrx_view *ret_field) {
    size_t from = *at;
    size_t i = from;
    for (; i < len && text[i] != ','; i++) {
        if (text[i] == '"')
            return malformed("RFC 4180 §2.5: a quote within a field without quotes");
        if (text[i] == '\r')
            return malformed("RFC 4180 §2.1: a carriage return without line feed");
    }
    *ret_field = vrx_view_of(text + from, i - from);
    *at = i;
    return vrx_ok();
}

static struct vrx_result cut_fields(struct vrx_csv *csv) {
    uint8_t *text = csv->text.ptr;
    size_t len = csv->text.len;
    struct vrx_csv_record *record = &csv->record;
    for (size_t at = 0;; at++) {
        if (record->count == VRX_CSV_FIELDS)
            return vrx_fail(VRX_INPUT_TOO_LARGE);
        struct vrx_view *field = &record->fields[record->count];
        if (at < len && text[at] == '"')
            VRX_TRY(cut_quoted(text, len, &at, field));
        else
            VRX_TRY(cut_plain(text, len, &at, field));
        record->count++;
        if (at >= len)
            return vrx_ok();
    }
}

/* The charset is settled by the first record that needs one, from all input that is at hand. */
static struct vrx_result decode(struct vrx_csv *csv, struct vrx_view raw) {
    if (csv->decoder.charset == VRX_CHARSET_ASCII && vrx_charset_detect(raw) != VRX_CHARSET_ASCII) {
        struct vrx_view sample = vrx_view_slice(vrx_buffer_view(&csv->input), csv->at, SIZE_MAX);
        VRX_TRY(vrx_decoder_init(&csv->decoder, vrx_charset_detect(sample)));
    }
    vrx_buffer_clear(&csv->text);
    return vrx_decoder_append(&csv->decoder, raw, &csv->text);
}

static struct vrx_result read_record(struct vrx_csv *csv, struct vrx_view raw) {
    csv->record.line = csv->line;
    csv->record.count = 0;
    struct vrx_result result = decode(csv, raw);
    if (vrx_is_ok(result))
        result = cut_fields(csv);
    else if (result.reason != VRX_INPUT_TEXT)
        return result;
    if (!vrx_is_ok(result))
        csv->record.count = 0;
    csv->record.error = result;
    return vrx_ok();
}

/* Goes behind the record that was scanned and its line feed, if it has one. */
static void pass(struct vrx_csv *csv, bool has_line_feed) {
    csv->at += csv->scanned + (has_line_feed ? 1 : 0);
    csv->line += csv->newlines + 1;
    csv->scanned = 0;
    csv->newlines = 0;
    csv->state = AT_FIELD_START;
}

/* False while the first bytes do not show yet whether they are a byte order mark. */
static bool begin(struct vrx_csv *csv) {
    struct vrx_view start = vrx_buffer_view(&csv->input);
    if (start.len < VRX_BOM_BYTES && !csv->finished)
        return false;
    if (vrx_charset_has_bom(start)) {
        csv->at = VRX_BOM_BYTES;
        csv->decoder.charset = VRX_CHARSET_UTF8;
    }
    csv->begun = true;
    return true;
}

struct vrx_result vrx_csv_next(
    struct vrx_csv *csv, enum vrx_csv_step *ret_step, const struct vrx_csv_record **ret_record) {
    if (!csv->begun && !begin(csv)) {
        *ret_step = VRX_CSV_MORE;
        return vrx_ok();
    }
    for (;;) {
        bool found = scan(csv);
        if (csv->scanned > VRX_CSV_RECORD_BYTES)
            return vrx_fail(VRX_INPUT_TOO_LARGE);
        if (!found && (!csv->finished || csv->scanned == 0)) {
            *ret_step = csv->finished ? VRX_CSV_END : VRX_CSV_MORE;
            return vrx_ok();
        }
        if (!found && csv->state == IN_QUOTES)
            return vrx_refuse(VRX_INPUT_TRUNCATED, "RFC 4180 §2.5: a quote that is never closed");

        struct vrx_view raw = vrx_view_of(csv->input.ptr + csv->at, csv->scanned);
        if (raw.len && raw.ptr[raw.len - 1] == '\r')
            raw.len--;
        bool last = !found && raw.len == 1 && raw.ptr[0] == DOS_END_OF_FILE;
        if (!raw.len || last) {
            pass(csv, found);
            continue;
        }
        VRX_TRY(read_record(csv, raw));
        pass(csv, found);
        *ret_record = &csv->record;
        *ret_step = VRX_CSV_RECORD;
        return vrx_ok();
    }
}
