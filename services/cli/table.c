/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <stdarg.h>

#include "base/encode.h"
#include "base/text.h"

/* Wide in Unicode's East Asian Width (UAX #11), as far as names, places and sentences need it. */
static const struct {
    uint32_t first, last;
} wide[] = {
    {0x1100, 0x115f},
    {0x2e80, 0x303e},
    {0x3041, 0x33ff},
    {0x3400, 0x4dbf},
    {0x4e00, 0x9fff},
    {0xa000, 0xa4cf},
    {0xac00, 0xd7a3},
    {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},
    {0xff00, 0xff60},
    {0xffe0, 0xffe6},
    {0x20000, 0x3fffd},
};

/* Drawn over the character before: combining marks, and the selectors that registers use to tell
 * variants of a kanji apart. */
static const struct {
    uint32_t first, last;
} without_width[] = {
    {0x0300, 0x036f},
    {0x3099, 0x309a},
    {0xfe00, 0xfe0f},
    {0xe0100, 0xe01ef},
};

static size_t columns_of(uint32_t character) {
    for (size_t i = 0; i < sizeof without_width / sizeof *without_width; i++)
        if (character >= without_width[i].first && character <= without_width[i].last)
            return 0;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (character >= wide[i].first && character <= wide[i].last)
            return 2;
    return 1;
}

/* Bytes of the character at the start of text, 0 at its end; 1 and U+FFFD where it is none. */
static size_t take_character(struct vrx_view text, uint32_t *ret_character) {
    if (!text.len)
        return 0;
    uint8_t first = text.ptr[0];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    struct vrx_view part = vrx_view_slice(text, 0, len);
    *ret_character = 0xfffd;
    if (part.len != len || !vrx_utf8_valid(part))
        return 1;
    static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t character = first & mask[len];
    for (size_t i = 1; i < len; i++)
        character = character << 6 | (text.ptr[i] & 0x3f);
    *ret_character = character;
    return len;
}

size_t vrx_text_columns(const char *text) {
    size_t columns = 0;
    struct vrx_view rest = vrx_view_text(text);
    uint32_t character = 0;
    for (size_t len; (len = take_character(rest, &character)) > 0;
         rest = vrx_view_slice(rest, len, rest.len))
        columns += columns_of(character);
    return columns;
}

/* C0, DEL, C1: what moves a cursor or begins an escape sequence (ISO/IEC 6429). */
static bool is_control(uint32_t character) {
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

void vrx_text_pad(FILE *out, const char *text, size_t width, bool more) {
    size_t columns = 0;
    struct vrx_view rest = vrx_view_text(text);
    uint32_t character = 0;
    for (size_t len; (len = take_character(rest, &character)) > 0;
         rest = vrx_view_slice(rest, len, rest.len)) {
        columns += columns_of(character);
        if (is_control(character) || character == 0xfffd)
            fputc('?', out);
        else
            fwrite(rest.ptr, 1, len, out);
    }
    for (size_t spaces = width > columns ? width - columns : more; more && spaces; spaces--)
        fputc(' ', out);
}

static void put_cell(struct vrx_table *table, char *text) {
    const char **cells =
        vrx_arena_grow(&table->arena, table->cells, table->count, sizeof *cells, &table->capacity);
    if (!cells) {
        table->error = vrx_fail(VRX_OUT_OF_MEMORY);
        return;
    }
    table->cells = cells;
    table->cells[table->count++] = text;
}

void vrx_table_text(struct vrx_table *table, const char *text) {
    char *copy = NULL;
    if (vrx_is_ok(table->error))
        table->error = vrx_arena_string(&table->arena, vrx_view_text(text), &copy);
    if (vrx_is_ok(table->error))
        put_cell(table, copy);
}

void vrx_table_format(struct vrx_table *table, const char *format, ...) {
    char text[256];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    vrx_table_text(table, text);
}

void vrx_table_hex(struct vrx_table *table, struct vrx_view bytes) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_hex_encode(bytes, &text);
    if (vrx_is_ok(result))
        result = vrx_buffer_append_byte(&text, '\0');
    if (!vrx_is_ok(result))
        table->error = result;
    else
        vrx_table_text(table, (const char *)text.ptr);
}

void vrx_table_init(struct vrx_table *table, const char *const *headings) {
    *table = (struct vrx_table){0};
    vrx_arena_init(&table->arena, 0);
    for (; *headings && table->columns < VRX_TABLE_COLUMNS; headings++, table->columns++)
        vrx_table_text(table, *headings);
}

void vrx_table_done(struct vrx_table *table) {
    vrx_arena_done(&table->arena);
}

struct vrx_result vrx_table_print(const struct vrx_table *table, FILE *out) {
    VRX_TRY(table->error);
    size_t width[VRX_TABLE_COLUMNS] = {0};
    for (size_t i = 0; i < table->count; i++) {
        size_t columns = vrx_text_columns(table->cells[i]) + 2;
        if (columns > width[i % table->columns])
            width[i % table->columns] = columns;
    }
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;
        vrx_text_pad(out, table->cells[i], width[column], !last);
        if (last)
            fputc('\n', out);
    }
    return vrx_ok();
}
