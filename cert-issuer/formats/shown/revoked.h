/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a certificate that was verified is revoked, by the list that the verifier has. The last
 * step of a verification: it asks nobody.
 */
#ifndef VRX_FORMATS_SHOWN_REVOKED_H
#define VRX_FORMATS_SHOWN_REVOKED_H

#include "formats/revocation_list.h"
#include "formats/shown/shown.h"

/* What is known of it. Explicit and append-only: values stand in replies. */
enum vrx_revoked {
    VRX_REVOKED_UNKNOWN = 1, /* there is no list, or it does not speak of this signer */
    VRX_REVOKED_NO = 2,
    VRX_REVOKED_YES = 3,
    VRX_REVOKED_STALE = 4, /* the list's next update is past, and it does not name it */
};

/* "UNKNOWN", "NOT_REVOKED", "REVOKED", "STALE". */
const char *vrx_revoked_name(enum vrx_revoked revoked);

/* Looks for an HCERT by the hashes of its UVCI, of its country and UVCI, and of its signature; for
 * a SMART Health Card by its rid; for a VDS-NC by its identifier, and that behind its country; for
 * all by what names their signer. A finding that is VALID becomes REVOKED or, where the list is
 * over at now (seconds), REVOCATION_UNKNOWN; any other verdict stays, for it stands alone. list
 * NULL: none. Nothing is known of what is not readable. Errors: VRX_CRYPTO_FAILED,
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_shown_revoked(const struct vrx_shown *shown,
    const struct vrx_revocation_list *list, int64_t now, struct vrx_finding *finding,
    enum vrx_revoked *ret_revoked);

/* The revocation hashes of an HCERT (EU DCC revocation): of the UVCI, of country and UVCI, of the
 * signature. Errors: the same. */
#define VRX_HCERT_HASHES 3
struct vrx_result vrx_hcert_hashes(
    const struct vrx_hcert *hcert, uint8_t ret_hashes[VRX_HCERT_HASHES][VRX_REVOCATION_HASH]);

#endif
