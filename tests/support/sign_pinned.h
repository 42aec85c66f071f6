/* SPDX-License-Identifier: Apache-2.0
 *
 * Signs as the platform authority does: under the identifier of its own key.
 */
#ifndef VRX_TEST_SIGN_PINNED_H
#define VRX_TEST_SIGN_PINNED_H

#include "objects/dated_key.h"
#include "support/check.h"

static inline void test_sign_pinned(const struct vrx_object_schema *schema, const void *object,
    const struct vrx_private_key *key, struct vrx_buffer *out) {
    struct vrx_public_key *public_key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_dated_key pinned;
    assert_ok(vrx_private_key_public(key, &public_key));
    assert_ok(vrx_public_key_to_spki(public_key, &spki));
    assert_ok(vrx_dated_key_make(vrx_buffer_view(&spki), 0, VRX_KEY_NO_END, &pinned));
    assert_ok(vrx_object_sign(schema, object, key, vrx_view_of(pinned.kid, VRX_DATED_KID), out));
}

#endif
