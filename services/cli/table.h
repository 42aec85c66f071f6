/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows and columns for people. Columns are as wide as their widest cell, and a Japanese character
 * counts for the two columns that a terminal gives it. Texts come from files and from other
 * municipalities: control characters in them are shown as "?" and never reach the terminal.
 */
#ifndef VRX_CLI_TABLE_H
#define VRX_CLI_TABLE_H

#include <stdio.h>

#include "base/arena.h"

#define VRX_TABLE_COLUMNS 16

/* Columns of a terminal that UTF-8 text takes; a byte that is not UTF-8 takes one. */
size_t vrx_text_columns(const char *text);
/* The text without control characters, then spaces up to width; at least one space where more is
 * true. */
void vrx_text_pad(FILE *out, const char *text, size_t width, bool more);

struct vrx_table {
    struct vrx_arena arena;
    size_t columns;
    size_t count; /* cells, row by row, the headings first */
    size_t capacity;
    const char **cells;
    struct vrx_result error; /* sticky: ask when printing */
};

/* headings: ended by NULL. */
void vrx_table_init(struct vrx_table *table, const char *const *headings);
void vrx_table_done(struct vrx_table *table);
/* The next cell, copied; NULL is the empty text. */
void vrx_table_text(struct vrx_table *table, const char *text);
void vrx_table_format(struct vrx_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* In hexadecimal. */
void vrx_table_hex(struct vrx_table *table, struct vrx_view bytes);
/* Errors: VRX_OUT_OF_MEMORY, of any cell; nothing is printed then. */
struct vrx_result vrx_table_print(const struct vrx_table *table, FILE *out);

#endif
