/* SPDX-License-Identifier: Apache-2.0
 *
 * A text that someone shows as a vaccination certificate, of whichever format: recognised by its
 * first characters, then judged by that format's own verification.
 */
#ifndef VRX_FORMATS_SHOWN_SHOWN_H
#define VRX_FORMATS_SHOWN_SHOWN_H

#include "formats/hcert.h"
#include "formats/shc/shc.h"

/* Explicit and append-only: values stand in replies. */
enum vrx_format {
    VRX_FORMAT_HCERT = 1,
    VRX_FORMAT_SHC = 2,
};

/* What was shown; which of the two is filled says format. */
struct vrx_shown {
    enum vrx_format format; /* 0: none */
    struct vrx_hcert hcert;
    struct vrx_shc shc;
};

/* "HCERT", "SHC"; "UNKNOWN" for a value that no row has. */
const char *vrx_format_name(enum vrx_format format);

/* As vrx_hcert_verify and vrx_shc_verify: ret_shown is filled when ret_finding->readable, its texts
 * live in the arena. A text of neither format is NOT_A_CERTIFICATE. Errors: theirs. */
struct vrx_result vrx_shown_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown);

#endif
