/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing JSON as text, without white space: what certificates are made of is a fixed form with
 * texts in it, and needs no tree.
 */
#ifndef VRX_FORMATS_JSON_JSON_TEXT_H
#define VRX_FORMATS_JSON_JSON_TEXT_H

#include "base/bytes.h"

/* Appends it as it stands. Errors of all three: the buffer's. */
struct vrx_result vrx_json_append(struct vrx_buffer *out, const char *json);

/* Appends a text in quotes, with the escapes of RFC 8785 §3.2.2.2; text is UTF-8 and not looked
 * at. */
struct vrx_result vrx_json_put_text(struct vrx_buffer *out, struct vrx_view text);

/* JSON as it stands, and a text behind it. */
struct vrx_json_piece {
    const char *json;
    struct vrx_view text;
    bool optional; /* the piece is left out where the text is empty */
};

struct vrx_result vrx_json_put_pieces(
    struct vrx_buffer *out, const struct vrx_json_piece *pieces, size_t count);

#endif
