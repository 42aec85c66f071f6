/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's word on its ledger: so many entries, this root. A signed note (C2SP signed-note)
 * in the form of C2SP tlog-checkpoint:
 *
 *     vrx/011002
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *     — vrx/011002 Az3grlgtzPICa5OS8npVmf1Myq/5…
 *
 * Origin and key name are "vrx/" and the municipality code. The signature is of the note type 0x02,
 * ECDSA on P-256 with SHA-256 (signed-note, Signature types; as github.com/transparency-dev/formats
 * makes and verifies it): an ASN.1 DER ECDSA-Sig-Value (RFC 3279 §2.2.3) behind a key ID that is
 * the first 4 bytes of the SHA-256 of the key's SubjectPublicKeyInfo. There are no extension lines.
 * Other signatures may stand beside the municipality's (witnesses); they are left alone.
 */
#ifndef VRX_OBJECTS_CHECKPOINT_H
#define VRX_OBJECTS_CHECKPOINT_H

#include "codes/municipality_code.h"
#include "crypto/key.h"
#include "objects/merkle.h"

struct vrx_checkpoint {
    struct vrx_municipality_code municipality;
    uint64_t size; /* entries */
    struct vrx_merkle_hash root;
};

/* Appends the note, signed with the municipality's ES256 key. Errors: VRX_INPUT_RANGE above
 * VRX_MERKLE_SIZE_MAX; vrx_sign_es256's; the buffer's. */
struct vrx_result vrx_checkpoint_make(const struct vrx_checkpoint *checkpoint,
    const struct vrx_private_key *key, struct vrx_buffer *out);

/* Reads what a note claims, without any signature checked: for finding the key, never for belief.
 * Errors: VRX_INPUT_TOO_LARGE above VRX_LIMIT_CHECKPOINT, VRX_INPUT_TEXT, VRX_INPUT_MALFORMED with
 * the specification's clause; those of vrx_municipality_code_parse. */
struct vrx_result vrx_checkpoint_parse(struct vrx_view note, struct vrx_checkpoint *ret_checkpoint);

/* The same with the municipality's signature verified. Errors: vrx_checkpoint_parse's;
 * VRX_KEY_UNKNOWN when no signature has the note's origin as its name and this key's ID;
 * VRX_SIGNATURE_INVALID when one has and does not verify; VRX_KEY_INVALID for a key other than
 * P-256. Whether the key is that of ret_checkpoint->municipality is the caller's to know. */
struct vrx_result vrx_checkpoint_verify(
    struct vrx_view note, const struct vrx_public_key *key, struct vrx_checkpoint *ret_checkpoint);

#endif
