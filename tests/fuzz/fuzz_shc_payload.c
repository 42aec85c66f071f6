/* SPDX-License-Identifier: Apache-2.0
 *
 * The payload behind a good signature: another country's issuer is a stranger, too.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "formats/shc/shc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_text(struct vrx_view text, bool needed) {
    if (text.len > VRX_LIMIT_JSON_FIELD || (needed && !text.len) || !vrx_utf8_valid(text))
        abort();
}

static void expect_card(const struct vrx_shc *shc) {
    expect_text(shc->issuer, true);
    expect_text(shc->surname, !shc->given.len);
    expect_text(shc->given, !shc->surname.len);
    expect_text(shc->birth_date, true);
    expect_text(shc->identifier, false);
    if (shc->issued < 0 || shc->expires < 0)
        abort();
    if (!shc->dose_count || shc->dose_count > VRX_LIMIT_DOSES)
        abort();
    for (size_t i = 0; i < shc->dose_count; i++) {
        expect_text(shc->doses[i].system, true);
        expect_text(shc->doses[i].code, true);
        expect_text(shc->doses[i].date, true);
        expect_text(shc->doses[i].lot, false);
        expect_text(shc->doses[i].performer, false);
    }
}

/* What can be written is read as the same, and written as the same. */
static void check_written(const struct vrx_shc *shc) {
    struct vrx_buffer once VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer twice VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_shc again = {0};
    vrx_arena_init(&arena, 0);
    if (!vrx_is_ok(vrx_shc_payload(shc, &once)))
        return;
    if (!vrx_is_ok(vrx_shc_read(vrx_buffer_view(&once), &arena, &again)) ||
        !vrx_is_ok(vrx_shc_payload(&again, &twice)) ||
        !vrx_view_equal(vrx_buffer_view(&once), vrx_buffer_view(&twice)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_arena arena;
    struct vrx_shc shc = {0};
    if (size > VRX_LIMIT_SHC_INFLATED)
        return 0;
    vrx_arena_init(&arena, 0);
    if (vrx_is_ok(vrx_shc_read(vrx_view_of(data, size), &arena, &shc))) {
        expect_card(&shc);
        check_written(&shc);
    }
    vrx_arena_done(&arena);
    return 0;
}
