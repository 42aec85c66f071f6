/* SPDX-License-Identifier: Apache-2.0
 *
 * A text that someone shows as a vaccination certificate, of whichever format: recognised by its
 * first characters or by its type, then judged by that format's own verification.
 */
#ifndef VRX_FORMATS_SHOWN_SHOWN_H
#define VRX_FORMATS_SHOWN_SHOWN_H

#include "codes/certificate_format.h"
#include "formats/hcert.h"
#include "formats/shc/shc.h"
#include "formats/vds/vds_nc.h"

/* What was shown; which of the three is filled says format. */
struct vrx_shown {
    enum vrx_format format; /* 0: none */
    struct vrx_hcert hcert;
    struct vrx_shc shc;
    struct vrx_vds_nc vds_nc;
};

/* "HCERT", "SHC", "VDS_NC"; "UNKNOWN" for a value that no row has. */
const char *vrx_format_name(enum vrx_format format);

/* As vrx_hcert_verify, vrx_shc_verify and vrx_vds_nc_verify: ret_shown is filled when
 * ret_finding->readable, its texts live in the arena. A text of no such format is
 * NOT_A_CERTIFICATE. Errors: theirs. */
struct vrx_result vrx_shown_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shown *ret_shown);

#endif
