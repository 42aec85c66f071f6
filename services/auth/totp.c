/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/totp.h"

#include <liboath/oath.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialised = OATH_CRYPTO_ERROR;

static void initialise(void) {
    initialised = oath_init();
}

struct vrx_result vrx_totp_code(
    const uint8_t secret[VRX_TOTP_SECRET], int64_t step, char ret_code[VRX_TOTP_DIGITS + 1]) {
    char copy[VRX_TOTP_SECRET]; /* liboath takes characters */
    char code[VRX_TOTP_DIGITS + 1];
    if (step < 0)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 6238 §4.2: T0 is 1970");
    (void)pthread_once(&once, initialise);
    if (initialised != OATH_OK)
        return vrx_fail(VRX_CRYPTO_FAILED);
    memcpy(copy, secret, sizeof copy);
    const int error = oath_hotp_generate(copy, sizeof copy, (uint64_t)step, VRX_TOTP_DIGITS, false,
        OATH_HOTP_DYNAMIC_TRUNCATION, code);
    vrx_wipe(copy, sizeof copy);
    if (error != OATH_OK)
        return vrx_fail(VRX_CRYPTO_FAILED);
    memcpy(ret_code, code, sizeof code);
    return vrx_ok();
}

struct vrx_result vrx_totp_match(const uint8_t secret[VRX_TOTP_SECRET], struct vrx_view code,
    int64_t now, int64_t used_step, int64_t *ret_step) {
    int64_t matched = 0;
    for (int64_t drift = -1; drift <= 1; drift++) {
        const int64_t step = now / VRX_TOTP_STEP_SECONDS + drift;
        char right[VRX_TOTP_DIGITS + 1];
        VRX_TRY(vrx_totp_code(secret, step, right));
        const bool same = vrx_equal_constant_time(vrx_view_of(right, VRX_TOTP_DIGITS), code);
        const bool later = step > used_step;
        matched = (same & later) ? step : matched;
    }
    *ret_step = matched;
    return vrx_ok();
}

/* RFC 3986 §2.3: all but unreserved characters. */
static struct vrx_result put_escaped(struct vrx_view text, struct vrx_buffer *out) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t byte = text.ptr[i];
        const char escaped[] = {'%', digits[byte >> 4], digits[byte & 15]};
        if (byte && strchr(plain, byte))
            VRX_TRY(vrx_buffer_append_byte(out, byte));
        else
            VRX_TRY(vrx_buffer_append(out, vrx_view_of(escaped, sizeof escaped)));
    }
    return vrx_ok();
}

static struct vrx_result put_base32(const uint8_t secret[VRX_TOTP_SECRET], struct vrx_buffer *out) {
    char *text = NULL;
    size_t len = 0;
    char copy[VRX_TOTP_SECRET];
    memcpy(copy, secret, sizeof copy);
    const int error = oath_base32_encode(copy, sizeof copy, &text, &len);
    vrx_wipe(copy, sizeof copy);
    if (error != OATH_OK)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_buffer_append(out, vrx_view_of(text, len));
    vrx_wipe(text, len);
    free(text);
    return result;
}

static struct vrx_result put_text(const char *text, struct vrx_buffer *out) {
    return vrx_buffer_append(out, vrx_view_text(text));
}

struct vrx_result vrx_totp_uri(struct vrx_view issuer, struct vrx_view operator_id,
    const uint8_t secret[VRX_TOTP_SECRET], struct vrx_buffer *out) {
    VRX_TRY(put_text("otpauth://totp/", out));
    VRX_TRY(put_escaped(issuer, out));
    VRX_TRY(put_text(":", out));
    VRX_TRY(put_escaped(operator_id, out));
    VRX_TRY(put_text("?secret=", out));
    VRX_TRY(put_base32(secret, out));
    VRX_TRY(put_text("&issuer=", out));
    VRX_TRY(put_escaped(issuer, out));
    return put_text("&algorithm=SHA1&digits=6&period=30", out);
}
