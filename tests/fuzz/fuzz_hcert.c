/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate from a stranger, in two ways: its text; and the message within, which is compressed
 * and written as text here, so that what changes meets COSE and not a checksum. The trust list
 * holds the certificate that signed the good seeds, so that the path through the signature is
 * reached; its key was thrown away.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "formats/base45.h"
#include "formats/hcert.h"
#include "formats/inflate.h"
#include "support/fuzz_trust.h"

static const char signer[] =
    "308201583081ffa003020102020101300a06082a8648ce3d0403023020310b3009060355040613024a503111300f"
    "06035504030c085652582066757a7a301e170d3230303130313030303030305a170d343030313031303030303030"
    "5a3020310b3009060355040613024a503111300f06035504030c085652582066757a7a3059301306072a8648ce3d"
    "020106082a8648ce3d03010703420004117e73baa1c8fb6bf3f273eb6bf27f06b2332b59e795f01f19b12a0542c9"
    "1d76e88bd237fde40bbe4a380285930338f27a7523c86e55ac271ada23df572394b3a32a3028300e0603551d0f01"
    "01ff04040302078030160603551d25040f300d060b2b060104018e378f650102300a06082a8648ce3d0403020348"
    "00304502207056adf4b40918571df9cd59816f2854c82b5d497705c8b13244b0a8d59f5304022100d4e7a8238d55"
    "18c37ac6005a85a2adcd15ad7863ddd2be45efb9c58fa5113812";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_verify(struct vrx_view text) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_hcert hcert;
    vrx_arena_init(&arena, 0);
    if (!vrx_is_ok(vrx_hcert_verify(
            text, fuzz_trust(vrx_trust_list_add, signer), 1640000000, &arena, &finding, &hcert)))
        abort();
    if (!finding.verdict || !finding.clause != (finding.verdict == VRX_VERDICT_VALID))
        abort();
    vrx_arena_done(&arena);
}

static void check_message(struct vrx_view message) {
    struct vrx_buffer packed VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer back VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!vrx_is_ok(vrx_deflate(NULL, message, &packed)) ||
        !vrx_is_ok(vrx_buffer_append(&text, vrx_view_text(VRX_HCERT_PREFIX))) ||
        !vrx_is_ok(vrx_base45_encode(vrx_buffer_view(&packed), &text)))
        abort();
    if (text.len <= VRX_LIMIT_HCERT_TEXT &&
        (!vrx_is_ok(vrx_hcert_unpack(vrx_buffer_view(&text), &back)) ||
            !vrx_view_equal(vrx_buffer_view(&back), message)))
        abort();
    check_verify(vrx_buffer_view(&text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_verify(vrx_view_of(data, size));
    if (size <= VRX_LIMIT_HCERT_INFLATED)
        check_message(vrx_view_of(data, size));
    return 0;
}
