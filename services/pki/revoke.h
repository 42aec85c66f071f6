/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a platform CA's certificates after they were made: renewed with the same key, or
 * revoked. The CA's folder keeps the record:
 *
 *     certificate.pem, key.pem   the CA
 *     revoked                    a line for each certificate: serial number, seconds, reason, name
 *     crl-number                 of the last list that was signed
 *     crl.pem                    that list
 *
 * Each step is durable before the next, and one process at a time works in a folder: a number is
 * never used twice, and what is on record stands on every list from then on.
 *
 * Errors of all: those of pki.h; VRX_CAP_REACHED while another process works in the folder,
 * VRX_FILE_REFUSED when the record does not read.
 */
#ifndef VRX_PKI_REVOKE_H
#define VRX_PKI_REVOKE_H

#include "crypto/crl.h"
#include "pki/pki.h"

/* Puts the certificate on record; the next list names it. Errors also: VRX_ALREADY_EXISTS when it
 * is there, and those of vrx_certificate_issued_by when it is another CA's. */
struct vrx_result vrx_pki_revoke(const char *ca, const struct vrx_certificate *certificate,
    enum vrx_revocation_reason reason, int64_t now);

/* Signs the next list of all that is on record, valid for so many seconds, as ca/crl.pem. */
struct vrx_crl_made {
    uint64_t number;
    size_t count; /* of revoked certificates */
    int64_t next_update;
};
struct vrx_result vrx_pki_make_crl(
    const char *ca, int64_t now, int64_t seconds, struct vrx_crl_made *ret_made);

/* A terminal's next certificate: the same key, so that the terminal is the same to every
 * municipality, the same common name, another time. Written to out; where out is the file that
 * holds the present one, in its place. Errors also: VRX_INPUT_RANGE when it is no terminal's or
 * would outlive the CA; VRX_WRONG_STATE when it was revoked; vrx_certificate_issued_by's;
 * VRX_ALREADY_EXISTS when out is another file that is there. */
struct vrx_pki_renewal {
    const char *ca;
    const char *certificate; /* the present one; over or not */
    const char *out;
    int64_t seconds; /* of validity, from now; 1 to VRX_PKI_DAYS_MAX days */
};
struct vrx_result vrx_pki_renew(
    const struct vrx_pki_renewal *renewal, int64_t now, const struct vrx_random *random);

#endif
