/* SPDX-License-Identifier: Apache-2.0
 *
 * One row a format; a text that no row recognises is no certificate.
 */
#include "formats/shown/shown.h"

typedef struct vrx_result verify_text(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown);

static bool begins(struct vrx_view text, const char *prefix) {
    return vrx_view_equal(vrx_view_slice(text, 0, strlen(prefix)), vrx_view_text(prefix));
}

static bool is_hcert(struct vrx_view text) {
    return begins(text, VRX_HCERT_PREFIX);
}

static bool is_shc(struct vrx_view text) {
    return begins(text, VRX_SHC_PREFIX);
}

static struct vrx_result verify_hcert(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown) {
    return vrx_hcert_verify(text, trust, now, arena, ret_finding, &ret_shown->hcert);
}

static struct vrx_result verify_shc(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown) {
    return vrx_shc_verify(text, trust, now, arena, ret_finding, &ret_shown->shc);
}

static struct vrx_result verify_vds_nc(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown) {
    return vrx_vds_nc_verify(text, trust, now, arena, ret_finding, &ret_shown->vds_nc);
}

static const struct format {
    const char *name;
    bool (*recognise)(struct vrx_view text);
    verify_text *verify;
} formats[] = {
    [VRX_FORMAT_HCERT] = {"HCERT", is_hcert, verify_hcert},
    [VRX_FORMAT_SHC] = {"SHC", is_shc, verify_shc},
    [VRX_FORMAT_VDS_NC] = {"VDS_NC", vrx_vds_nc_recognise, verify_vds_nc},
};

#define FORMATS (sizeof formats / sizeof *formats)

const char *vrx_format_name(enum vrx_format format) {
    const size_t at = (size_t)format;
    return at < FORMATS && formats[at].name ? formats[at].name : "UNKNOWN";
}

struct vrx_result vrx_shown_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown) {
    size_t at = VRX_FORMAT_HCERT;
    while (at < FORMATS && !formats[at].recognise(text))
        at++;
    if (at == FORMATS) {
        *ret_finding = (struct vrx_finding){.verdict = VRX_VERDICT_NOT_A_CERTIFICATE,
            .clause = "a certificate begins with HC1: or shc:/, or is JSON with \"icao.vacc\""};
        return vrx_ok();
    }
    struct vrx_shown shown = {.format = (enum vrx_format)at};
    VRX_TRY(formats[at].verify(text, trust, now, arena, ret_finding, &shown));
    if (ret_finding->readable)
        *ret_shown = shown;
    return vrx_ok();
}
