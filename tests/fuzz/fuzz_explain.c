/* SPDX-License-Identifier: Apache-2.0
 *
 * The first bytes are the authority's key (SubjectPublicKeyInfo, P-256), the rest is an explanation
 * as it came from anywhere. What follows from it keeps to its own rules: nothing is believed
 * without the directory, one step refuses at the most, and nothing is looked at behind it.
 */
#include <stdlib.h>

#include "rules/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SPKI 91

static void check(bool holds) {
    if (!holds)
        abort();
}

static void check_steps(const struct vrx_explained *explained) {
    bool refused = false;
    for (unsigned i = VRX_CHECK_STEP_1; i <= VRX_CHECK_STEP_9; i++) {
        enum vrx_check_verdict verdict = explained->check[i].verdict;
        check(!refused || verdict == VRX_CHECK_NOT_REACHED);
        refused = refused || verdict == VRX_CHECK_REFUSED;
    }
    for (unsigned i = 0; i < VRX_CHECK_STEP_1; i++)
        check(explained->check[i].verdict != VRX_CHECK_REFUSED);
    check(explained->has_query || explained->check[VRX_CHECK_STEP_1].verdict == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *authority = NULL;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_explained explained;
    vrx_arena_init(&arena, 0);
    if (size < SPKI || !vrx_is_ok(vrx_public_key_from_spki(vrx_view_of(data, SPKI), &authority)) ||
        !vrx_is_ok(
            vrx_explain(vrx_view_of(data + SPKI, size - SPKI), authority, &arena, &explained)))
        return 0;
    if (explained.check[VRX_CHECK_DIRECTORY].verdict != VRX_CHECK_PASSED)
        for (unsigned i = VRX_CHECK_EXPLANATION; i < VRX_CHECKS; i++)
            check(explained.check[i].verdict == VRX_CHECK_NOT_REACHED);
    check_steps(&explained);
    for (unsigned i = 0; i < VRX_CHECKS; i++)
        check(explained.check[i].verdict != VRX_CHECK_BROKEN || explained.check[i].why.reason);
    return 0;
}
