/* SPDX-License-Identifier: Apache-2.0
 *
 * A SMART Health Card from a stranger, in two ways: its text; and the JWS within, which is written
 * as digits here. The trust list holds the key that signed the good seeds, so that the path through
 * the signature is reached; its other half was thrown away.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/shc/shc.h"
#include "support/fuzz_trust.h"

static const char point[] = "04e245b51c7a4dc014a047cb88186121a5d0992ab0898bb4c1b07b95809d53a004"
                            "881791712b6c130eb5f25f1f45a4304cf5bfffbe59910e2253e8849210e1e731";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vrx_result add_issuer(struct vrx_trust_list *list, struct vrx_view key) {
    return vrx_trust_list_add_issuer(list, vrx_view_text("https://cards.example/fuzz"), key);
}

static void check_verify(struct vrx_view text) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    if (!vrx_is_ok(vrx_shc_verify(
            text, fuzz_trust(add_issuer, point), 1650000000, &arena, &finding, &shc)))
        abort();
    if (!finding.verdict || !finding.clause != (finding.verdict == VRX_VERDICT_VALID))
        abort();
    if (finding.readable != (shc.dose_count > 0))
        abort();
    vrx_arena_done(&arena);
}

/* Characters that no pair of digits stands for end it. */
static void check_jws(const uint8_t *data, size_t size) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!vrx_is_ok(vrx_buffer_append(&text, vrx_view_text(VRX_SHC_PREFIX))))
        abort();
    for (size_t i = 0; i < size && data[i] >= 45 && data[i] < 145; i++) {
        const unsigned value = data[i] - 45u;
        if (!vrx_is_ok(vrx_buffer_append_byte(&text, (uint8_t)('0' + value / 10))) ||
            !vrx_is_ok(vrx_buffer_append_byte(&text, (uint8_t)('0' + value % 10))))
            abort();
    }
    check_verify(vrx_buffer_view(&text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_verify(vrx_view_of(data, size));
    check_jws(data, size);
    return 0;
}
