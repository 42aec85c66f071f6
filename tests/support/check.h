/* SPDX-License-Identifier: Apache-2.0
 *
 * What cmocka lacks: results that print their reason, and bytes written as hexadecimal.
 */
#ifndef VRX_TEST_CHECK_H
#define VRX_TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/result.h"

#define assert_reason(expression, expected) \
    assert_string_equal(vrx_reason_name((expression).reason), vrx_reason_name(expected))
#define assert_ok(expression) assert_reason((expression), VRX_OK)

/* Lower-case digits only; fails the test on anything else or when out is too small. */
static inline size_t test_hex(const char *hex, uint8_t *out, size_t capacity) {
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(hex) / 2;
    assert_int_equal(strlen(hex) % 2, 0);
    assert_true(len <= capacity);
    for (size_t i = 0; i < len; i++) {
        const char *high = strchr(digits, hex[2 * i]);
        const char *low = strchr(digits, hex[2 * i + 1]);
        assert_non_null(high);
        assert_non_null(low);
        out[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return len;
}

/* Compares bytes with their hexadecimal form. */
static inline void assert_hex(const uint8_t *bytes, size_t len, const char *hex) {
    static const char digits[] = "0123456789abcdef";
    assert_int_equal(strlen(hex), 2 * len);
    for (size_t i = 0; i < len; i++) {
        if (hex[2 * i] != digits[bytes[i] >> 4] || hex[2 * i + 1] != digits[bytes[i] & 15])
            fail_msg("byte %zu is %02x, expected %.2s", i, (unsigned)bytes[i], hex + 2 * i);
    }
}

#endif
