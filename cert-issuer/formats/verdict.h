/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verifier says of a certificate that someone shows: one of nine words, and the clause
 * behind it. A verdict is not an error; a verification fails (struct vrx_result) only when memory
 * or the cryptographic library does.
 */
#ifndef VRX_FORMATS_VERDICT_H
#define VRX_FORMATS_VERDICT_H

#include <stdbool.h>

#include "base/result.h"

/* Explicit and append-only: values stand in replies. */
enum vrx_verdict {
    VRX_VERDICT_VALID = 1,
    VRX_VERDICT_EXPIRED = 2,       /* the certificate, or its signer */
    VRX_VERDICT_NOT_YET_VALID = 3, /* the certificate, or its signer */
    /* no signer in the trust list has its key identifier, or none of that name has this key, or no
     * authority there issued its signer */
    VRX_VERDICT_ISSUER_UNKNOWN = 4,
    VRX_VERDICT_DAMAGED = 5, /* the signature does not verify, or the structure is wrong */
    VRX_VERDICT_NOT_A_CERTIFICATE = 6, /* no vaccination certificate at all */
    VRX_VERDICT_WRONG_KEY_USAGE = 7,   /* the signer may not sign this kind of certificate */
    VRX_VERDICT_REVOKED = 8,           /* it, or its signer's certificate */
    /* all else is well, but the revocation list is older than its next update */
    VRX_VERDICT_REVOCATION_UNKNOWN = 9,
};

struct vrx_finding {
    enum vrx_verdict verdict;
    const char *clause; /* static storage; NULL where the verdict is VALID */
    bool readable;      /* the signature verifies and the content was read */
};

/* Sets verdict and clause; readable stays. Never fails: so that a step can end with it. */
struct vrx_result vrx_finding_conclude(
    struct vrx_finding *finding, enum vrx_verdict verdict, const char *clause);
/* The refusal of an inner step as a verdict, with its clause or its sentence. Errors: what says
 * nothing of the certificate but of this machine is handed on: VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED, VRX_INTERNAL_ERROR. */
struct vrx_result vrx_finding_conclude_from(
    struct vrx_finding *finding, enum vrx_verdict verdict, struct vrx_result refusal);

/* "VALID", "EXPIRED", …; "UNKNOWN" for a value that no row has. */
const char *vrx_verdict_name(enum vrx_verdict verdict);

#endif
