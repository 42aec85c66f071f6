/* SPDX-License-Identifier: Apache-2.0
 *
 * Base45: two bytes are one number, written as three digits to the base 45, the least significant
 * first; a last single byte takes two digits. Decoding is one table look-up a character, and a
 * group is checked as a whole: a wrong digit makes the sum too large by construction.
 */
#include "formats/base45.h"

static const char alphabet[45] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/* A digit's value plus one; 0 is "no digit". */
static const uint8_t digits[256] = {
    ['0'] = 1,
    ['1'] = 2,
    ['2'] = 3,
    ['3'] = 4,
    ['4'] = 5,
    ['5'] = 6,
    ['6'] = 7,
    ['7'] = 8,
    ['8'] = 9,
    ['9'] = 10,
    ['A'] = 11,
    ['B'] = 12,
    ['C'] = 13,
    ['D'] = 14,
    ['E'] = 15,
    ['F'] = 16,
    ['G'] = 17,
    ['H'] = 18,
    ['I'] = 19,
    ['J'] = 20,
    ['K'] = 21,
    ['L'] = 22,
    ['M'] = 23,
    ['N'] = 24,
    ['O'] = 25,
    ['P'] = 26,
    ['Q'] = 27,
    ['R'] = 28,
    ['S'] = 29,
    ['T'] = 30,
    ['U'] = 31,
    ['V'] = 32,
    ['W'] = 33,
    ['X'] = 34,
    ['Y'] = 35,
    ['Z'] = 36,
    [' '] = 37,
    ['$'] = 38,
    ['%'] = 39,
    ['*'] = 40,
    ['+'] = 41,
    ['-'] = 42,
    ['.'] = 43,
    ['/'] = 44,
    [':'] = 45,
};

/* Larger than any group's highest sum, so that one wrong digit alone refuses the group. */
#define NO_DIGIT 100000u

static uint32_t digit(uint8_t character) {
    return digits[character] ? digits[character] - 1u : NO_DIGIT;
}

struct vrx_result vrx_base45_encode(struct vrx_view input, struct vrx_buffer *out) {
    size_t pairs = input.len / 2;
    size_t odd = input.len % 2;
    uint8_t *at = NULL;
    if (input.len > SIZE_MAX / 3)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_buffer_extend(out, pairs * 3 + odd * 2, &at));
    const uint8_t *in = input.ptr;
    for (size_t i = 0; i < pairs; i++, in += 2, at += 3) {
        unsigned value = (unsigned)in[0] << 8 | in[1];
        at[0] = (uint8_t)alphabet[value % 45];
        at[1] = (uint8_t)alphabet[value / 45 % 45];
        at[2] = (uint8_t)alphabet[value / 2025];
    }
    if (odd) {
        at[0] = (uint8_t)alphabet[*in % 45];
        at[1] = (uint8_t)alphabet[*in / 45];
    }
    return vrx_ok();
}

static bool decode_groups(struct vrx_view input, uint8_t *out) {
    const uint8_t *in = input.ptr;
    for (size_t left = input.len / 3; left; left--, in += 3, out += 2) {
        uint32_t value = digit(in[0]) + 45 * digit(in[1]) + 2025 * digit(in[2]);
        if (value > 0xffff)
            return false;
        out[0] = (uint8_t)(value >> 8);
        out[1] = (uint8_t)value;
    }
    if (input.len % 3) {
        uint32_t value = digit(in[0]) + 45 * digit(in[1]);
        if (value > 0xff)
            return false;
        *out = (uint8_t)value;
    }
    return true;
}

struct vrx_result vrx_base45_decode(struct vrx_view input, struct vrx_buffer *out) {
    uint8_t *at = NULL;
    size_t before = out->len;
    if (input.len % 3 == 1)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9285 §6: the length is 1 modulo 3");
    VRX_TRY(vrx_buffer_extend(out, input.len / 3 * 2 + (input.len % 3 ? 1 : 0), &at));
    if (!decode_groups(input, at)) {
        out->len = before;
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9285 §6: no digit, or a group out of range");
    }
    return vrx_ok();
}
