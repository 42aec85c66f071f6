/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that an issuer publishes: every one that is read makes a key of a trust list.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/shc/jwks.h"
#include "formats/trust_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_keys(const struct vrx_view *points, size_t count) {
    struct vrx_trust_list *list = NULL;
    if (!count || !vrx_is_ok(vrx_trust_list_new(&list)))
        abort();
    for (size_t i = 0; i < count; i++)
        if (!vrx_is_ok(
                vrx_trust_list_add_issuer(list, vrx_view_text("https://cards.example"), points[i])))
            abort();
    vrx_trust_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_arena arena;
    const struct vrx_view *points = NULL;
    size_t count = 0;
    vrx_arena_init(&arena, 0);
    if (vrx_is_ok(vrx_jwks_read(vrx_view_of(data, size), &arena, &points, &count)))
        expect_keys(points, count);
    vrx_arena_done(&arena);
    return 0;
}
