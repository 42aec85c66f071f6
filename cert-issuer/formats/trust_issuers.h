/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose SMART Health Cards a verifier believes: an issuer is the address in a card's "iss" with the
 * P-256 keys that it publishes there. Cards carry no certificate and most issuers have none, so the
 * trust list holds the keys themselves; the authority that signs the list has looked at whose they
 * are. A key counts for its own issuer alone.
 *
 * A part of struct vrx_trust_list; callers use trust_list.h.
 */
#ifndef VRX_FORMATS_TRUST_ISSUERS_H
#define VRX_FORMATS_TRUST_ISSUERS_H

#include "base/bytes.h"
#include "cbor/reader.h"
#include "cbor/writer.h"
#include "crypto/key.h"
#include "formats/thumbprint.h"

#define VRX_LIMIT_ISSUER_URL 256 /* bytes; the longest in the VCI directory has about 100 */
#define VRX_LIMIT_TRUST_ISSUER_KEYS 16384 /* the VCI directory holds some thousand */

/* What stands in a list about one issuer. */
struct vrx_trust_issuer {
    struct vrx_view url;         /* as vrx_trust_issuer_check takes it */
    const struct vrx_view *keys; /* uncompressed P-256 points */
    size_t key_count;            /* at least 1 */
};

struct vrx_trust_issuer_key; /* one key of one issuer */

/* All zero is an empty table. */
struct vrx_trust_issuers {
    struct vrx_trust_issuer_key *keys; /* by thumbprint */
    size_t count;
    size_t capacity;
};

void vrx_trust_issuers_done(struct vrx_trust_issuers *issuers);

/* An issuer's address: "https://", printable ASCII without spaces, no "/" at the end, at most
 * VRX_LIMIT_ISSUER_URL bytes. Errors: VRX_INPUT_RANGE ("SMART Health Cards 1.4: iss …"). */
struct vrx_result vrx_trust_issuer_check(struct vrx_view url);

/* Adds a key; one that stands there already for this issuer is not added again. Errors:
 * vrx_trust_issuer_check's; VRX_KEY_INVALID; VRX_INPUT_TOO_LARGE over
 * VRX_LIMIT_TRUST_ISSUER_KEYS. */
struct vrx_result vrx_trust_issuers_add(
    struct vrx_trust_issuers *issuers, struct vrx_view url, struct vrx_view point);

/* The key with this thumbprint, whoever's it is; NULL where there is none. */
const struct vrx_public_key *vrx_trust_issuers_key(
    const struct vrx_trust_issuers *issuers, const uint8_t thumbprint[VRX_THUMBPRINT]);
/* It is a key of this issuer. */
bool vrx_trust_issuers_own(const struct vrx_trust_issuers *issuers,
    const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view url);

/* The n-th key of all (from 0), in the order of their thumbprints, and whose it is; NULL beyond the
 * last. They live as long as the table. */
const struct vrx_public_key *vrx_trust_issuers_at(
    const struct vrx_trust_issuers *issuers, size_t n, struct vrx_view *ret_url);

/* Field 6 of trust_list.cddl, both ways. Errors of reading: the CBOR reader's; VRX_INPUT_RANGE for
 * an empty array; vrx_trust_issuers_add's. */
struct vrx_result vrx_trust_issuers_read(
    struct vrx_cbor_reader *reader, struct vrx_trust_issuers *issuers);
void vrx_trust_issuers_write(
    struct vrx_cbor_writer *writer, const struct vrx_trust_issuer *issuers, size_t count);

#endif
