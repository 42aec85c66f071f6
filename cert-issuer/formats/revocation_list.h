/* SPDX-License-Identifier: Apache-2.0
 *
 * What is revoked, for verifiers that ask nobody: a signed file that anyone may fetch, cache and
 * carry, so that nobody learns which certificate was looked up. It holds hashes and names no person
 * (revocation_list.cddl). One list for the three formats; the platform authority signs it, whose
 * key verifiers have for the trust list already.
 *
 * A list is of its time. After its next update it still names what was revoked for good, and no
 * longer says that anything else was not.
 */
#ifndef VRX_FORMATS_REVOCATION_LIST_H
#define VRX_FORMATS_REVOCATION_LIST_H

#include "base/bytes.h"
#include "crypto/crl.h"
#include "crypto/key.h"
#include "formats/identifier.h"
#include "formats/thumbprint.h"

enum vrx_revocation_table {
    VRX_REVOKED_CERTIFICATES,
    VRX_REVOKED_KEYS, /* that the list speaks of */
    VRX_REVOKED_CARDS,
    VRX_REVOKED_SIGNERS,
    VRX_REVOKED_TABLES,
};

#define VRX_REVOKED_ALWAYS INT64_MAX /* as the end of a card's revocation that states none */
#define VRX_LIMIT_RID 24             /* characters of base64url (SMART Health Cards 1.4) */

/* ---- making one ---- */

/* What is to stand in a list, in any order and as often as it comes. All zero is an empty one.
 * Errors of all that add: the buffer's, vrx_sha256's. */
struct vrx_revocation_set {
    struct vrx_buffer table[VRX_REVOKED_TABLES];
};

void vrx_revocation_set_done(struct vrx_revocation_set *set);

/* Hashes one behind the other. Errors also: VRX_INPUT_RANGE when that is no multiple of
 * VRX_REVOCATION_HASH. */
struct vrx_result vrx_revocation_set_add_hashes(
    struct vrx_revocation_set *set, struct vrx_view hashes);
/* The list speaks of what this key signed; of a P-256 key also of its SMART Health Cards. */
struct vrx_result vrx_revocation_set_add_key(
    struct vrx_revocation_set *set, const struct vrx_public_key *key);
/* The same of a key of which no more is known, of its SMART Health Cards alone. */
struct vrx_result vrx_revocation_set_add_thumbprint(
    struct vrx_revocation_set *set, const uint8_t thumbprint[VRX_THUMBPRINT]);
/* A card of another issuer. before: seconds, or VRX_REVOKED_ALWAYS. */
struct vrx_result vrx_revocation_set_add_card(struct vrx_revocation_set *set,
    const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view rid, int64_t before);
/* All that an authority's list names, once the authority is known to have signed it. Errors also:
 * vrx_crl_issued_by's. */
struct vrx_result vrx_revocation_set_add_crl(struct vrx_revocation_set *set,
    const struct vrx_crl *crl, const struct vrx_certificate *authority);

struct vrx_revocation_list;

/* All that stands in another list: revoked is for good. */
struct vrx_result vrx_revocation_set_add_list(
    struct vrx_revocation_set *set, const struct vrx_revocation_list *list);

struct vrx_revocation_dating {
    uint64_t version;    /* from 1; ascends with every list that the authority signs */
    int64_t issued;      /* seconds */
    int64_t next_update; /* seconds, inclusive */
};

/* Sorts the set, signs the list and appends it. kid: the authority's key identifier. Errors:
 * VRX_INPUT_RANGE for version 0 or a next update before the issue; vrx_sign1_make's; the CBOR
 * writer's. */
struct vrx_result vrx_revocation_list_sign(struct vrx_revocation_set *set,
    const struct vrx_revocation_dating *dating, const struct vrx_private_key *authority,
    struct vrx_view kid, struct vrx_buffer *out);

/* ---- reading one ---- */

/* Verifies and reads a signed list; how old it is, is the caller's to ask. Errors: those of
 * vrx_sign1_parse and vrx_sign1_verify; vrx_revocation_list_read's. */
struct vrx_result vrx_revocation_list_parse(struct vrx_view message,
    const struct vrx_public_key *authority, struct vrx_revocation_list **ret_list);
/* Reads a payload. Verify its signature first. Errors: the CBOR reader's; VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_FIELD_UNKNOWN, VRX_INPUT_RANGE ("revocation_list.cddl: …"); VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_revocation_list_read(
    struct vrx_view payload, struct vrx_revocation_list **ret_list);
/* Accepts NULL. */
void vrx_revocation_list_free(struct vrx_revocation_list **list);

struct vrx_revocation_dating vrx_revocation_list_dating(const struct vrx_revocation_list *list);
size_t vrx_revocation_list_count(
    const struct vrx_revocation_list *list, enum vrx_revocation_table table);
/* The hashes of VRX_REVOKED_CERTIFICATES, one behind the other. Lives as long as the list. */
struct vrx_view vrx_revocation_list_hashes(const struct vrx_revocation_list *list);

bool vrx_revocation_list_has_hash(
    const struct vrx_revocation_list *list, const uint8_t hash[VRX_REVOCATION_HASH]);
/* Any hash that begins with these 60 bits (vrx_identifier_of_vds). */
bool vrx_revocation_list_has_prefix(
    const struct vrx_revocation_list *list, const uint8_t prefix[8]);

/* A card of another issuer. issued: its nbf. Errors: vrx_sha256's. */
struct vrx_result vrx_revocation_list_has_card(const struct vrx_revocation_list *list,
    const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view rid, int64_t issued,
    bool *ret_revoked);

/* How a list names a signer. */
struct vrx_signer_names {
    uint8_t key[VRX_REVOCATION_HASH];
    uint8_t certificate[VRX_REVOCATION_HASH];
};
/* Errors: vrx_sha256's. */
struct vrx_result vrx_signer_names_of(
    const struct vrx_certificate *signer, struct vrx_signer_names *ret_names);

/* Whether the list speaks of what this key signed. A SMART Health Card's key goes by the first
 * bytes of its thumbprint. */
bool vrx_revocation_list_speaks_of(
    const struct vrx_revocation_list *list, const uint8_t key[VRX_REVOCATION_HASH]);
/* A signer's own certificate. */
bool vrx_revocation_list_has_signer(
    const struct vrx_revocation_list *list, const uint8_t certificate[VRX_REVOCATION_HASH]);

#endif
