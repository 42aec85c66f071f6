/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/uvci.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:";
#define ALPHABET 38u

static const char prefix[] = "URN:UVCI:01:JP:";
#define PREFIX (sizeof prefix - 1)

struct vrx_result vrx_uvci_check_character(struct vrx_view text, char *ret_character) {
    unsigned factor = 2;
    unsigned sum = 0;
    for (size_t i = text.len; i; i--) {
        const char *at = text.ptr[i - 1] ? strchr(alphabet, text.ptr[i - 1]) : NULL;
        if (!at)
            return vrx_refuse(VRX_INPUT_TEXT, "UVCI annex 2: A to Z, 0 to 9, '/' and ':' only");
        unsigned addend = factor * (unsigned)(at - alphabet);
        sum = (sum + addend / ALPHABET + addend % ALPHABET) % ALPHABET;
        factor = factor == 2 ? 1 : 2;
    }
    *ret_character = alphabet[(ALPHABET - sum) % ALPHABET];
    return vrx_ok();
}

void vrx_uvci_make(const uint8_t random[VRX_UVCI_RANDOM], char out[VRX_UVCI_TEXT + 1]) {
    static const char base32[32] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    memcpy(out, prefix, PREFIX);
    size_t len = PREFIX;
    unsigned bits = 0;
    uint32_t held = 0;
    for (size_t i = 0; i < VRX_UVCI_RANDOM; i++) {
        held = (held << 8 | random[i]) & 0xffff;
        for (bits += 8; bits >= 5; bits -= 5)
            out[len++] = base32[held >> (bits - 5) & 31];
    }
    out[len++] = base32[held << (5 - bits) & 31];
    char check = 0;
    VRX_IGNORE(vrx_uvci_check_character(vrx_view_of(out, len), &check));
    out[len++] = '#';
    out[len++] = check;
    out[len] = 0;
}

bool vrx_uvci_is_checked(struct vrx_view text) {
    char check = 0;
    if (text.len < 3 || text.ptr[text.len - 2] != '#')
        return false;
    struct vrx_result result =
        vrx_uvci_check_character(vrx_view_slice(text, 0, text.len - 2), &check);
    return vrx_is_ok(result) && text.ptr[text.len - 1] == (uint8_t)check;
}
