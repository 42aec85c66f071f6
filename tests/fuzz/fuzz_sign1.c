/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through both parsers of COSE_Sign1. What is taken for our own must be taken as a
 * foreign message too, with the same parts, and those parts must give back the same bytes to be
 * signed.
 */
#include <stdlib.h>

#include "cose/sign1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static bool inside(struct vrx_view part, struct vrx_view whole) {
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer to_be_signed = {0};
    struct vrx_view input = vrx_view_of(data, size);
    struct vrx_sign1 own;
    struct vrx_sign1 foreign;
    bool is_own = vrx_is_ok(vrx_sign1_parse(input, &own));
    bool is_foreign = vrx_is_ok(vrx_sign1_parse_foreign(input, &foreign));
    require(!is_own || is_foreign);
    if (!is_foreign)
        return 0;
    require(inside(foreign.payload, input) && inside(foreign.kid, input) &&
            inside(foreign.signature, input) && inside(foreign.protected_bytes, input));
    require(
        !is_own || (own.algorithm == foreign.algorithm && vrx_view_equal(own.kid, foreign.kid) &&
                       vrx_view_equal(own.payload, foreign.payload)));
    require(vrx_is_ok(vrx_sign1_to_be_signed(
        foreign.protected_bytes, vrx_view_of(NULL, 0), foreign.payload, &to_be_signed)));
    return 0;
}
