/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocations fail in turn, once or from then on, while a request goes through policy, journal and
 * mint: one in 7, every one with VRX_FAULT_STRIDE=1. The request is refused for that reason, the
 * issuer stays as it was, and the same request is answered afterwards, once.
 */
#include "desk.h"

#include <stdlib.h>

#include "support/check.h"
#include "support/fault_malloc.h"

static void assert_starved(struct vrx_result result, unsigned long at) {
    /* OpenSSL does not always say why it gave up. */
    static const enum vrx_reason allowed[] = {
        VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED, VRX_RANDOM_FAILED};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (result.reason == allowed[i])
            return;
    fail_msg("allocation %lu: %s (%s)", at, vrx_reason_name(result.reason),
        result.clause ? result.clause : "");
}

/* True while there was an allocation to fail. */
static bool starve(struct desk *desk, unsigned long at, bool lasting) {
    struct vrx_buffer request = {0};
    char first[DESK_TEXT];
    char then[DESK_TEXT];
    desk_next_case(desk);
    desk_request(desk, &request);
    fault_malloc_arm(at, lasting);
    const struct vrx_result result = desk_ask(desk, &request, first);
    const bool met = fault_malloc_met() > 0;
    fault_malloc_arm(0, false);
    if (!vrx_is_ok(result))
        assert_starved(result, at);
    struct desk_lines lines = desk_lines(desk);
    assert_true(lines.intents <= 1 && lines.issued <= lines.intents);
    assert_true(lines.issued == 1 || !first[0]);
    assert_ok(desk_ask(desk, &request, then));
    assert_true(then[0]);
    if (first[0])
        assert_string_equal(first, then);
    lines = desk_lines(desk);
    assert_int_equal(lines.intents, 1);
    assert_int_equal(lines.issued, 1);
    vrx_buffer_done(&request);
    return met;
}

static void starve_each(struct desk *desk, bool lasting) {
    const char *given = getenv("VRX_FAULT_STRIDE");
    const unsigned long stride = given ? strtoul(given, NULL, 10) : 7;
    unsigned long at = 1;
    /* What OpenSSL sets up at its first use is its own. */
    assert_false(starve(desk, 0, false));
    while (starve(desk, at, lasting)) {
        at += stride;
        if (at % 500 < stride) { /* listing a long journal is what takes time */
            desk_close(desk);
            assert_ok(desk_open(desk));
        }
    }
    print_message("%lu allocations\n", at);
    assert_true(at > 200);
}

static void one_allocation_fails(void **state) {
    starve_each(*state, false);
}

static void all_allocations_fail_from_then_on(void **state) {
    starve_each(*state, true);
}

int main(void) {
    if (!fault_malloc_install())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_allocation_fails, desk_setup, desk_teardown),
        cmocka_unit_test_setup_teardown(
            all_allocations_fail_from_then_on, desk_setup, desk_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
