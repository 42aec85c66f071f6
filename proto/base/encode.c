/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal and base64. Decoders look at all of the input before they append, so that a refusal
 * leaves the buffer as it was. The time depends on the content: for public data and ciphertext.
 */
#include "base/encode.h"

static const char hex_digits[] = "0123456789abcdef";

static const char base64_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void hex_write(struct vrx_view input, uint8_t *out) {
    for (size_t i = 0; i < input.len; i++) {
        out[2 * i] = (uint8_t)hex_digits[input.ptr[i] >> 4];
        out[2 * i + 1] = (uint8_t)hex_digits[input.ptr[i] & 15];
    }
}

struct vrx_result vrx_hex_encode(struct vrx_view input, struct vrx_buffer *out) {
    uint8_t *at;
    if (input.len > SIZE_MAX / 2)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_buffer_extend(out, 2 * input.len, &at));
    hex_write(input, at);
    return vrx_ok();
}

void vrx_hex_string(struct vrx_view input, char *out) {
    hex_write(input, (uint8_t *)out);
    out[2 * input.len] = '\0';
}

static int hex_value(uint8_t digit) {
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

struct vrx_result vrx_hex_decode(struct vrx_view input, struct vrx_buffer *out) {
    static const char clause[] = "RFC 4648 §8: pairs of hexadecimal digits";
    if (input.len % 2 != 0)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    for (size_t i = 0; i < input.len; i++) {
        if (hex_value(input.ptr[i]) < 0)
            return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    }
    uint8_t *at;
    VRX_TRY(vrx_buffer_extend(out, input.len / 2, &at));
    for (size_t i = 0; i < input.len / 2; i++)
        at[i] = (uint8_t)(hex_value(input.ptr[2 * i]) * 16 + hex_value(input.ptr[2 * i + 1]));
    return vrx_ok();
}

static const char *base64_alphabet(enum vrx_base64 variant) {
    return variant == VRX_BASE64_STANDARD ? base64_standard : base64_url;
}

static bool base64_padded(enum vrx_base64 variant) {
    return variant != VRX_BASE64_URL;
}

struct vrx_result vrx_base64_encode(
    enum vrx_base64 variant, struct vrx_view input, struct vrx_buffer *out) {
    const char *alphabet = base64_alphabet(variant);
    size_t whole = input.len / 3;
    size_t left = input.len % 3;
    if (whole > SIZE_MAX / 4 - 1)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    size_t last_len = left == 0 ? 0 : base64_padded(variant) ? 4 : left + 1;
    uint8_t *at;
    VRX_TRY(vrx_buffer_extend(out, 4 * whole + last_len, &at));

    const uint8_t *in = input.ptr;
    for (size_t i = 0; i < whole; i++, in += 3, at += 4) {
        at[0] = (uint8_t)alphabet[in[0] >> 2];
        at[1] = (uint8_t)alphabet[(in[0] & 3) << 4 | in[1] >> 4];
        at[2] = (uint8_t)alphabet[(in[1] & 15) << 2 | in[2] >> 6];
        at[3] = (uint8_t)alphabet[in[2] & 63];
    }
    if (left) {
        unsigned second = left == 2 ? in[1] : 0;
        uint8_t group[4] = {(uint8_t)alphabet[in[0] >> 2],
            (uint8_t)alphabet[(in[0] & 3u) << 4 | second >> 4], '=', '='};
        if (left == 2)
            group[2] = (uint8_t)alphabet[(second & 15) << 2];
        memcpy(at, group, last_len);
    }
    return vrx_ok();
}

static int base64_value(uint8_t digit, const char *alphabet) {
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    if (digit == (uint8_t)alphabet[62])
        return 62;
    return digit == (uint8_t)alphabet[63] ? 63 : -1;
}

/* Takes the padding off, where the variant has one. */
static struct vrx_result base64_unpad(enum vrx_base64 variant, struct vrx_view *input) {
    static const char clause[] = "RFC 4648 §3.2: padding";
    if (base64_padded(variant)) {
        if (input->len % 4 != 0)
            return vrx_refuse(VRX_INPUT_MALFORMED, clause);
        for (int i = 0; i < 2 && input->len && input->ptr[input->len - 1] == '='; i++)
            input->len--;
    }
    if (input->len % 4 == 1)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    return vrx_ok();
}

static struct vrx_result base64_check(struct vrx_view input, const char *alphabet) {
    for (size_t i = 0; i < input.len; i++) {
        if (base64_value(input.ptr[i], alphabet) < 0)
            return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 4648 §3.3: character outside the alphabet");
    }
    size_t left = input.len % 4;
    if (left) {
        int last = base64_value(input.ptr[input.len - 1], alphabet);
        int unused = left == 2 ? 15 : 3;
        if (last & unused)
            return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 4648 §3.5: unused bits are zero");
    }
    return vrx_ok();
}

struct vrx_result vrx_base64_decode(
    enum vrx_base64 variant, struct vrx_view input, struct vrx_buffer *out) {
    const char *alphabet = base64_alphabet(variant);
    VRX_TRY(base64_unpad(variant, &input));
    VRX_TRY(base64_check(input, alphabet));
    size_t left = input.len % 4;
    uint8_t *at;
    VRX_TRY(vrx_buffer_extend(out, input.len / 4 * 3 + (left ? left - 1 : 0), &at));

    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < input.len; i++) {
        bits = bits << 6 | (uint32_t)base64_value(input.ptr[i], alphabet);
        held += 6;
        if (held >= 8) {
            held -= 8;
            *at++ = (uint8_t)(bits >> held);
        }
    }
    return vrx_ok();
}
