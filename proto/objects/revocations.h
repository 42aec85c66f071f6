/* SPDX-License-Identifier: Apache-2.0
 *
 * Which certificates of a municipality are revoked, signed by it: its part of the revocation list
 * that the platform authority makes of all parts (cert-issuer/formats/revocation_list.h). By hashes
 * of the certificates' identifiers, so that whoever carries the part learns of no person.
 *
 *     revocations = {
 *       1: municipality-code,
 *       2: time,                            ; as of when
 *       3: bstr,                            ; hashes, 16 bytes each, one behind the other
 *     }
 */
#ifndef VRX_OBJECTS_REVOCATIONS_H
#define VRX_OBJECTS_REVOCATIONS_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_REVOKED 65536 /* certificates: of a city of 3.7 million every hundredth */

struct vrx_revocations {
    struct vrx_municipality_code municipality;
    int64_t as_of;
    struct vrx_view hashes; /* at most VRX_LIMIT_REVOKED of 16 bytes */
};

extern const struct vrx_object_schema vrx_revocations_schema;

#endif
