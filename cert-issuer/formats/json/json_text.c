/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/json/json_text.h"

#include <stdio.h>

struct vrx_result vrx_json_append(struct vrx_buffer *out, const char *json) {
    return vrx_buffer_append(out, vrx_view_text(json));
}

struct vrx_result vrx_json_put_text(struct vrx_buffer *out, struct vrx_view text) {
    static const char *const escapes[0x80] = {['\b'] = "\\b",
        ['\t'] = "\\t",
        ['\n'] = "\\n",
        ['\f'] = "\\f",
        ['\r'] = "\\r",
        ['"'] = "\\\"",
        ['\\'] = "\\\\"};
    VRX_TRY(vrx_buffer_append_byte(out, '"'));
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.ptr[i];
        char escape[sizeof "\\u0000"];
        if (byte < sizeof escapes / sizeof *escapes && escapes[byte]) {
            VRX_TRY(vrx_json_append(out, escapes[byte]));
        } else if (byte < 0x20) {
            (void)snprintf(escape, sizeof escape, "\\u%04x", byte);
            VRX_TRY(vrx_json_append(out, escape));
        } else {
            VRX_TRY(vrx_buffer_append_byte(out, byte));
        }
    }
    return vrx_buffer_append_byte(out, '"');
}

struct vrx_result vrx_json_put_pieces(
    struct vrx_buffer *out, const struct vrx_json_piece *pieces, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].optional && !pieces[i].text.len)
            continue;
        VRX_TRY(vrx_json_append(out, pieces[i].json));
        VRX_TRY(vrx_json_put_text(out, pieces[i].text));
    }
    return vrx_ok();
}
