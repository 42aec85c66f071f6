/* SPDX-License-Identifier: Apache-2.0
 *
 * From the digits to the JWS. Two digits are one of its characters; base64url without unused bits
 * leaves one text for one JWS.
 */
#include "base/encode.h"
#include "base/limits.h"
#include "formats/shc/shc.h"
#include "formats/shc/shc_header.h"

#define PREFIX (sizeof VRX_SHC_PREFIX - 1)
#define LOWEST '-' /* the lowest character of a JWS, "00" */

static struct vrx_result check_text(struct vrx_view text) {
    if (text.len > VRX_LIMIT_SHC_TEXT)
        return vrx_refuse(VRX_INPUT_VERSION, "limits.h: longer than the QR code of a card");
    if (!vrx_view_equal(vrx_view_slice(text, 0, PREFIX), vrx_view_text(VRX_SHC_PREFIX)))
        return vrx_refuse(VRX_INPUT_VERSION, "SMART Health Cards 1.4: prefix shc:/");
    if (text.len > PREFIX && memchr(text.ptr + PREFIX, '/', text.len - PREFIX))
        return vrx_refuse(VRX_INPUT_MALFORMED,
            "SMART Health Cards 1.4: cards in several QR codes are deprecated, and not taken");
    if (text.len % 2 == PREFIX % 2)
        return vrx_ok();
    return vrx_refuse(VRX_INPUT_MALFORMED, "SMART Health Cards 1.4: two digits a character");
}

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static struct vrx_result decode_digits(
    struct vrx_view digits, struct vrx_arena *arena, struct vrx_view *ret_jws) {
    uint8_t *jws = vrx_arena_alloc(arena, digits.len / 2);
    if (!jws)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < digits.len; i += 2) {
        const uint8_t *pair = digits.ptr + i;
        if (!is_digit(pair[0]) || !is_digit(pair[1]))
            return vrx_refuse(VRX_INPUT_MALFORMED, "SMART Health Cards 1.4: numeric segment");
        jws[i / 2] = (uint8_t)(LOWEST + (pair[0] - '0') * 10 + (pair[1] - '0'));
    }
    *ret_jws = vrx_view_of(jws, digits.len / 2);
    return vrx_ok();
}

/* RFC 7515 §7.1: header.payload.signature. */
static struct vrx_result split(struct vrx_view jws, struct vrx_view part[3]) {
    size_t count = 0;
    size_t from = 0;
    for (size_t i = 0; i <= jws.len; i++)
        if (i == jws.len || jws.ptr[i] == '.') {
            if (count < 3)
                part[count] = vrx_view_slice(jws, from, i - from);
            count++;
            from = i + 1;
        }
    return count == 3 ? vrx_ok() : vrx_refuse(VRX_INPUT_MALFORMED, "RFC 7515 §7.1: three parts");
}

/* base64url into the arena. */
static struct vrx_result decode(
    struct vrx_view text, struct vrx_arena *arena, struct vrx_view *ret_bytes) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    VRX_TRY(vrx_base64_decode(VRX_BASE64_URL, text, &bytes));
    return vrx_arena_copy(arena, vrx_buffer_view(&bytes), ret_bytes);
}

static struct vrx_result decode_exactly(struct vrx_view text, struct vrx_arena *arena, size_t len,
    const char *clause, uint8_t *ret_bytes) {
    struct vrx_view bytes;
    VRX_TRY(decode(text, arena, &bytes));
    if (bytes.len != len)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    memcpy(ret_bytes, bytes.ptr, len);
    return vrx_ok();
}

static struct vrx_result read_header(
    struct vrx_view text, struct vrx_arena *arena, uint8_t ret_thumbprint[VRX_THUMBPRINT]) {
    struct vrx_view bytes;
    struct vrx_view kid;
    VRX_TRY(decode(text, arena, &bytes));
    VRX_TRY(vrx_shc_header_read(bytes, &kid));
    return decode_exactly(kid, arena, VRX_THUMBPRINT,
        "SMART Health Cards 1.4: kid is an RFC 7638 thumbprint", ret_thumbprint);
}

struct vrx_result vrx_shc_unpack(
    struct vrx_view text, struct vrx_arena *arena, struct vrx_shc_jws *ret_jws) {
    struct vrx_view jws;
    struct vrx_view part[3];
    struct vrx_shc_jws parts = {0};
    VRX_TRY(check_text(text));
    VRX_TRY(decode_digits(vrx_view_slice(text, PREFIX, text.len - PREFIX), arena, &jws));
    VRX_TRY(split(jws, part));
    VRX_TRY(read_header(part[0], arena, parts.thumbprint));
    VRX_TRY(decode(part[1], arena, &parts.payload));
    VRX_TRY(decode_exactly(part[2], arena, VRX_P256_SIGNATURE,
        "RFC 7518 §3.4: a signature of 64 bytes", parts.signature));
    parts.signed_text = vrx_view_slice(jws, 0, part[0].len + 1 + part[1].len);
    *ret_jws = parts;
    return vrx_ok();
}
