/* SPDX-License-Identifier: Apache-2.0
 *
 * From an accepted case to what the certificate says.
 */
#ifndef VRX_POLICY_CONTENT_H
#define VRX_POLICY_CONTENT_H

#include "formats/hcert.h"
#include "policy/issue_case.h"

/* The latest dose of an accepted case (EU DCC 1.3 shows one), with the issuer's own identifier and
 * times. not_after: the signer's last second, which no certificate outlives. Texts live in the
 * case's arena; uvci must live as long. Errors: VRX_INPUT_RANGE for
 * another kind than HCERT; vrx_mrz_from_roman's for a name that is no Roman name;
 * VRX_CERTIFICATE_INVALID when the signer has ended; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_issue_content(const struct vrx_issue_case *issue_case, struct vrx_view uvci,
    int64_t not_after, struct vrx_hcert *ret_content);

#endif
