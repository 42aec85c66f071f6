/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/shown/shown.h"

static const char *const names[] = {[VRX_FORMAT_HCERT] = "HCERT", [VRX_FORMAT_SHC] = "SHC"};

const char *vrx_format_name(enum vrx_format format) {
    size_t at = (size_t)format;
    return at < sizeof names / sizeof *names && names[at] ? names[at] : "UNKNOWN";
}

static bool begins(struct vrx_view text, const char *prefix) {
    return vrx_view_equal(vrx_view_slice(text, 0, strlen(prefix)), vrx_view_text(prefix));
}

struct vrx_result vrx_shown_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown) {
    struct vrx_shown shown = {0};
    if (begins(text, VRX_HCERT_PREFIX)) {
        shown.format = VRX_FORMAT_HCERT;
        VRX_TRY(vrx_hcert_verify(text, trust, now, arena, ret_finding, &shown.hcert));
    } else if (begins(text, VRX_SHC_PREFIX)) {
        shown.format = VRX_FORMAT_SHC;
        VRX_TRY(vrx_shc_verify(text, trust, now, arena, ret_finding, &shown.shc));
    } else {
        *ret_finding = (struct vrx_finding){.verdict = VRX_VERDICT_NOT_A_CERTIFICATE,
            .clause = "a certificate begins with HC1: or shc:/"};
    }
    if (ret_finding->readable)
        *ret_shown = shown;
    return vrx_ok();
}
