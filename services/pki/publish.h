/* SPDX-License-Identifier: Apache-2.0
 *
 * What verifiers fetch, as a folder of files that vrxd (web/folder.h, which has the names too) or
 * any web server can give out as they are:
 *
 *     trust-list.cbor               the signed trust list
 *     trust-list.json               its keys as a JWK set, unsigned: for who trusts the server
 *     revocation-list.cbor          the signed revocation list
 *     dcc-revocation.json           its certificates, as batches of the EU's gateway
 *     .well-known/jwks.json         our keys for SMART Health Cards (RFC 7517), with certificates
 *     .well-known/crl/KID.json      what of each key's cards is revoked
 *
 * The same lists and signers make the same bytes. Each file is put in its place whole; a revocation
 * list is there before the key that it is of. Files of keys that are not named any more stay.
 */
#ifndef VRX_PKI_PUBLISH_H
#define VRX_PKI_PUBLISH_H

#include "crypto/x509.h"
#include "formats/revocation_list.h"
#include "formats/trust_list.h"

struct vrx_publication {
    const char *folder; /* made where it is not there */
    struct vrx_view trust_message;
    const struct vrx_trust_list *trust;
    struct vrx_view revocation_message;
    const struct vrx_revocation_list *revocations;
    struct vrx_certificate *const *signers; /* ours, P-256 */
    size_t signer_count;                    /* at least 1 */
};

/* *ret_files: how many were written. Errors: VRX_KEY_INVALID for a signer that has no P-256 key;
 * VRX_INPUT_TOO_LARGE for a path; VRX_FILE_REFUSED, VRX_DISK_FULL; vrx_file_replace's; the
 * writers'.
 */
struct vrx_result vrx_pki_publish(const struct vrx_publication *publication, size_t *ret_files);

#endif
