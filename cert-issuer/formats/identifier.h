/* SPDX-License-Identifier: Apache-2.0
 *
 * One application, one identifier, in the three forms that the formats have room for: the UVCI
 * itself in an HCERT, 22 characters in a SMART Health Card, 12 in a VDS-NC. The shorter ones follow
 * from the UVCI and not the other way round, so one entry of a revocation list, the revocation hash
 * of the UVCI, stands for all certificates of an application.
 */
#ifndef VRX_FORMATS_IDENTIFIER_H
#define VRX_FORMATS_IDENTIFIER_H

#include "base/bytes.h"

#define VRX_REVOCATION_HASH 16 /* bytes: SHA-256, truncated */
#define VRX_RID_TEXT 22        /* the hash in base64url; the specification allows 24 */
#define VRX_VDS_ID_TEXT 12     /* the hash's first 60 bits in base 32, as many as VDS-NC allows */

/* The revocation hash of a text or bytes (EU DCC revocation, "UCI"): SHA-256, its first 16 bytes.
 * Errors: vrx_sha256's. */
struct vrx_result vrx_identifier_hash(struct vrx_view uvci, uint8_t ret_hash[VRX_REVOCATION_HASH]);

/* "vc.rid" of a SMART Health Card: base64url of the hash. Writes VRX_RID_TEXT characters and a NUL.
 * Errors: vrx_sha256's. */
struct vrx_result vrx_identifier_rid(struct vrx_view uvci, char ret_rid[VRX_RID_TEXT + 1]);
/* "uvci" of a VDS-NC: [A-Z2-7]. Writes VRX_VDS_ID_TEXT characters and a NUL. Errors: vrx_sha256's.
 */
struct vrx_result vrx_identifier_vds(struct vrx_view uvci, char ret_id[VRX_VDS_ID_TEXT + 1]);

/* The way back. False for a text that is none of ours. */
bool vrx_identifier_of_rid(struct vrx_view rid, uint8_t ret_hash[VRX_REVOCATION_HASH]);
/* The hash's first 60 bits, in 8 bytes; the last 4 bits are 0. False for a text that is none of
 * ours. */
bool vrx_identifier_of_vds(struct vrx_view id, uint8_t ret_prefix[8]);

/* What a hash is written as, for who has hashes and no UVCI. Writes VRX_RID_TEXT characters and a
 * NUL. */
void vrx_identifier_rid_of(const uint8_t hash[VRX_REVOCATION_HASH], char ret_rid[VRX_RID_TEXT + 1]);

#endif
