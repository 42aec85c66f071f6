/* SPDX-License-Identifier: Apache-2.0
 *
 * The salt is the key: without it the number's 10^11 values cannot be tried out against a subject.
 */
#include "objects/subject.h"

#include "crypto/hash.h"

struct vrx_result vrx_subject_make(
    struct vrx_view number, const uint8_t salt[VRX_DIGEST], uint8_t ret_subject[VRX_DIGEST]) {
    return vrx_hmac_sha256(vrx_view_of(salt, VRX_DIGEST), number, ret_subject);
}
