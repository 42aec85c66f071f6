/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom a signed object is about, without naming them: HMAC-SHA256 of the individual number under a
 * random salt of the case. Who is given the salt and the number can check it (the municipality of
 * origin); who has the object alone (the issuer, an auditor) can only see that two objects of one
 * case agree.
 */
#ifndef VRX_OBJECTS_SUBJECT_H
#define VRX_OBJECTS_SUBJECT_H

#include "base/bytes.h"
#include "objects/terms.h"

/* number: 12 digits. Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_subject_make(
    struct vrx_view number, const uint8_t salt[VRX_DIGEST], uint8_t ret_subject[VRX_DIGEST]);

#endif
