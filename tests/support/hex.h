/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal in a test's source, as the RFCs print it. Include after cmocka.h.
 */
#ifndef VRX_TEST_HEX_H
#define VRX_TEST_HEX_H

#include "base/encode.h"

/* An allocation of exactly the right size, so that a sanitizer sees a read beyond the end. The
 * caller ends it with test_free(). */
static inline struct vrx_view vrx_test_hex(const char *text) {
    struct vrx_buffer buffer = {0};
    assert_int_equal(vrx_hex_decode(vrx_view_text(text), &buffer).reason, VRX_OK);
    uint8_t *exact = test_malloc(buffer.len ? buffer.len : 1);
    if (buffer.len)
        memcpy(exact, buffer.ptr, buffer.len);
    struct vrx_view view = vrx_view_of(exact, buffer.len);
    vrx_buffer_done(&buffer);
    return view;
}

static inline void vrx_test_hex_free(struct vrx_view view) {
    test_free((void *)(uintptr_t)view.ptr);
}

#endif
