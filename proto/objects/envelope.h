/* SPDX-License-Identifier: Apache-2.0
 *
 * What the platform between two municipalities sees and routes: from whom, to whom, which query,
 * and a sealed content that only the other municipality can open (COSE_Encrypt to its exchange key;
 * the routing fields are its external authenticated data, so that a sealed content cannot be
 * re-addressed).
 *
 *     envelope = {
 *       1: 1..7,                            ; kind: enum vrx_envelope_kind
 *       2: municipality-code,               ; from
 *       3: municipality-code,               ; to
 *       4: bstr .size 16,                   ; query id, or a message's own
 *       5: bstr,                            ; COSE_Encrypt
 *     }
 */
#ifndef VRX_OBJECTS_ENVELOPE_H
#define VRX_OBJECTS_ENVELOPE_H

#include "base/random.h"
#include "codes/municipality_code.h"
#include "crypto/key.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_SEALED 65536 /* an answer of VRX_LIMIT_DOSES doses takes about 20 KiB */

enum vrx_envelope_kind {
    VRX_ENVELOPE_QUERY = 1,
    VRX_ENVELOPE_ANSWER = 2,
    VRX_ENVELOPE_RECEIPT = 3,           /* of an answer; or the acknowledgement of any other */
    VRX_ENVELOPE_CONSENT_NOTICE = 4,    /* a consent that was narrowed or withdrawn */
    VRX_ENVELOPE_CORRECTION_NOTICE = 5, /* of doses that were handed out before */
    VRX_ENVELOPE_CERTIFICATE_QUERY = 6, /* a query with an application: for a certificate */
    VRX_ENVELOPE_CERTIFICATE_REPLY = 7, /* what became of that */
    VRX_ENVELOPE_LAST = VRX_ENVELOPE_CERTIFICATE_REPLY,
};

struct vrx_envelope {
    uint64_t kind; /* enum vrx_envelope_kind */
    struct vrx_municipality_code from;
    struct vrx_municipality_code to;
    uint8_t query_id[VRX_ID]; /* of kinds 1 to 3, 6, 7; the message's own of 4, 5 */
    struct vrx_view sealed;
};

extern const struct vrx_object_schema vrx_envelope_schema;

/* Seals content to the receiver's exchange key (kid: the first 8 bytes of its SPKI's SHA-256) and
 * appends the encoded envelope. routing->sealed is ignored. Errors: vrx_encrypt_make's. */
struct vrx_result vrx_envelope_seal(const struct vrx_envelope *routing, struct vrx_view content,
    const struct vrx_public_key *receiver, const struct vrx_random *random, struct vrx_buffer *out);

/* Opens a decoded envelope with the receiver's exchange key and appends the content. Errors:
 * vrx_encrypt_open's. */
struct vrx_result vrx_envelope_open(const struct vrx_envelope *envelope,
    const struct vrx_private_key *receiver, struct vrx_buffer *out);

#endif
