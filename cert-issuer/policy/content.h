/* SPDX-License-Identifier: Apache-2.0
 *
 * From an accepted case to what its certificates say. One application has one identifier, one issue
 * time and one expiry in every format that its kind has.
 */
#ifndef VRX_POLICY_CONTENT_H
#define VRX_POLICY_CONTENT_H

#include "codes/certificate_format.h"
#include "formats/hcert.h"
#include "formats/shc/shc.h"
#include "formats/vds/vds_nc.h"
#include "policy/issue_case.h"

struct vrx_issue_formats {
    enum vrx_format at[VRX_FORMAT_LAST]; /* in the order in which they are given */
    size_t count;
};

/* Those of a kind of certificate (objects/application.h); none for a kind that there is not. */
struct vrx_issue_formats vrx_issue_formats_of(uint64_t kind);

/* What is the issuer's own. */
struct vrx_issue_frame {
    struct vrx_view uvci;
    int64_t not_after;          /* the last second of whichever signer ends first */
    struct vrx_view shc_issuer; /* "iss" of SMART Health Cards; may be empty where none is made */
};

struct vrx_issue_content {
    struct vrx_issue_formats formats; /* which of those below are filled */
    struct vrx_view uvci;
    int64_t issued, expires; /* seconds, inclusive */
    struct vrx_hcert hcert;
    struct vrx_shc shc;
    struct vrx_vds_nc vds_nc;
};

/* HCERT: the latest dose (EU DCC 1.3 shows one). SMART Health Card and VDS-NC: every dose of the
 * statement. A domestic card has the name as in the register, its first word as the family's, and
 * the municipality in Japanese; the others have the name as in the passport. In a VDS-NC it is as
 * in the machine-readable zone with spaces for its fillers, cut off as there (ICAO 9303-4 §4.2.3).
 * Texts live in the case's arena; the frame's must live as long. Errors: VRX_INPUT_RANGE for a kind
 * without formats; vrx_mrz_from_roman's for a name that is no Roman name; VRX_PRODUCT_UNKNOWN;
 * VRX_CERTIFICATE_INVALID when the signer has ended; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_issue_content(const struct vrx_issue_case *issue_case,
    const struct vrx_issue_frame *frame, struct vrx_issue_content *ret_content);

#endif
