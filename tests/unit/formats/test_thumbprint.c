/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/thumbprint.h"

#include "base/encode.h"
#include "support/check.h"

/* RFC 7517 appendix A.1 has a P-256 key; its thumbprint is by node:crypto. The second is the key of
 * the examples in SMART Health Cards 1.4, whose kid is its thumbprint. */
static void known_thumbprints(void **state) {
    (void)state;
    static const struct {
        const char *x, *y, *kid;
    } rows[] = {
        {"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"},
        {"11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw",
            "eZXwxvO1hvCY0KucrPfKo7yAyMT6Ajc3N7OkAB6VYy8",
            "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_buffer point = {0};
        struct vrx_buffer kid = {0};
        uint8_t thumbprint[VRX_THUMBPRINT];
        assert_ok(vrx_buffer_append_byte(&point, 4));
        assert_ok(vrx_base64_decode(VRX_BASE64_URL, vrx_view_text(rows[i].x), &point));
        assert_ok(vrx_base64_decode(VRX_BASE64_URL, vrx_view_text(rows[i].y), &point));
        assert_int_equal(point.len, VRX_P256_POINT);
        assert_ok(vrx_thumbprint(point.ptr, thumbprint));
        assert_ok(
            vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(thumbprint, sizeof thumbprint), &kid));
        assert_true(vrx_view_equal(vrx_buffer_view(&kid), vrx_view_text(rows[i].kid)));
        vrx_buffer_done(&kid);
        vrx_buffer_done(&point);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_thumbprints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
