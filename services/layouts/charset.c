/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversion is iconv(3)'s "CP932", which has the NEC and IBM extensions (髙, ①) that municipal
 * names and addresses use and plain Shift_JIS lacks.
 */
#include "layouts/charset.h"

#include <errno.h>
#include <iconv.h>

#include "base/text.h"

/* UTF-8 bytes for one byte of CP932, at most: a half-width kana, one byte, takes three. */
#define GROWTH 3
/* Bytes of a character of UTF-8 that a sample may be cut behind. */
#define CUT_MAX 3

bool vrx_charset_has_bom(struct vrx_view start) {
    return start.len >= VRX_BOM_BYTES && memcmp(start.ptr, "\xEF\xBB\xBF", VRX_BOM_BYTES) == 0;
}

static bool is_ascii(struct vrx_view text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* The bytes at the end that are the beginning of a character; 0 to CUT_MAX. */
static size_t cut_bytes(struct vrx_view text) {
    for (size_t cut = 1; cut <= CUT_MAX && cut <= text.len; cut++) {
        uint8_t byte = text.ptr[text.len - cut];
        if ((byte & 0xC0) != 0x80)
            return byte >= 0xC0 ? cut : 0;
    }
    return 0;
}

enum vrx_charset vrx_charset_detect(struct vrx_view sample) {
    if (is_ascii(sample))
        return VRX_CHARSET_ASCII;
    if (vrx_utf8_valid(sample))
        return VRX_CHARSET_UTF8;
    struct vrx_view whole = vrx_view_slice(sample, 0, sample.len - cut_bytes(sample));
    if (vrx_utf8_valid(whole) && !is_ascii(whole))
        return VRX_CHARSET_UTF8;
    return VRX_CHARSET_CP932;
}

struct vrx_result vrx_decoder_init(struct vrx_decoder *decoder, enum vrx_charset charset) {
    void *converter = NULL;
    if (charset == VRX_CHARSET_CP932) {
        iconv_t opened = iconv_open("UTF-8", "CP932");
        if ((intptr_t)opened == -1)
            return vrx_fail(errno == ENOMEM ? VRX_OUT_OF_MEMORY : VRX_FILE_REFUSED);
        converter = opened;
    }
    *decoder = (struct vrx_decoder){charset, converter};
    return vrx_ok();
}

void vrx_decoder_done(struct vrx_decoder *decoder) {
    if (decoder->converter)
        (void)iconv_close(decoder->converter);
    decoder->converter = NULL;
}

static struct vrx_result append_cp932(
    iconv_t converter, struct vrx_view text, struct vrx_buffer *out) {
    if (text.len > SIZE_MAX / GROWTH)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    size_t before = out->len;
    uint8_t *at;
    VRX_TRY(vrx_buffer_extend(out, GROWTH * text.len, &at));
    char *to = (char *)at;
    size_t room = GROWTH * text.len;
    /* iconv's prototype lacks a const; it does not write through it (iconv(3)). */
    char *from = (char *)(uintptr_t)text.ptr;
    size_t left = text.len;
    size_t failed = iconv(converter, &from, &left, &to, &room);
    if (failed != 0) {
        (void)iconv(converter, NULL, NULL, NULL, NULL);
        vrx_wipe(at, GROWTH * text.len);
        out->len = before;
        return vrx_refuse(VRX_INPUT_TEXT, "CP932: bytes that are no character");
    }
    out->len -= room;
    return vrx_ok();
}

struct vrx_result vrx_decoder_append(
    struct vrx_decoder *decoder, struct vrx_view text, struct vrx_buffer *out) {
    if (!text.len)
        return vrx_ok();
    if (is_ascii(text))
        return vrx_buffer_append(out, text);
    if (decoder->charset == VRX_CHARSET_CP932)
        return append_cp932(decoder->converter, text, out);
    if (!vrx_utf8_valid(text))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 3629 §4: syntax of UTF-8");
    return vrx_buffer_append(out, text);
}
