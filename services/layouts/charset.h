/* SPDX-License-Identifier: Apache-2.0
 *
 * Municipal files arrive in UTF-8, with or without a byte order mark, or in CP932 (Windows'
 * Shift_JIS), and say nowhere which. Everything behind this file is UTF-8.
 */
#ifndef VRX_LAYOUTS_CHARSET_H
#define VRX_LAYOUTS_CHARSET_H

#include "base/bytes.h"

enum vrx_charset {
    VRX_CHARSET_ASCII = 0, /* so far; either of the two below may follow */
    VRX_CHARSET_UTF8 = 1,
    VRX_CHARSET_CP932 = 2,
};

#define VRX_BOM_BYTES 3

/* True where UTF-8's byte order mark (RFC 3629 §6) stands at the start. */
bool vrx_charset_has_bom(struct vrx_view start);

/* UTF-8 where the sample is valid UTF-8, a last character that is cut off disregarded; CP932
 * otherwise. The longer the sample, the surer: two half-width kana of CP932 can look like one
 * character of UTF-8, a line of Japanese never does. */
enum vrx_charset vrx_charset_detect(struct vrx_view sample);

struct vrx_decoder {
    enum vrx_charset charset;
    void *converter; /* iconv_t; NULL but for CP932 */
};

/* Errors: VRX_OUT_OF_MEMORY; VRX_FILE_REFUSED when the system has no converter for CP932. */
struct vrx_result vrx_decoder_init(struct vrx_decoder *decoder, enum vrx_charset charset);
void vrx_decoder_done(struct vrx_decoder *decoder);

/* Appends text as UTF-8. Errors: VRX_INPUT_TEXT when a byte is none of the charset's (for ASCII:
 * of UTF-8's); the buffer's. */
struct vrx_result vrx_decoder_append(
    struct vrx_decoder *decoder, struct vrx_view text, struct vrx_buffer *out);

#endif
