/* SPDX-License-Identifier: Apache-2.0
 *
 * What a responder may send: no bytes are a good answer about a card whose issuer's key nobody has.
 */
#include <stdlib.h>

#include "crypto/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW ((int64_t)1640995200)

static struct vrx_certificate *ca;
static struct vrx_certificate *card;

static void require(bool holds) {
    if (!holds)
        abort();
}

/* Once: the keys are thrown away. */
static void make_certificates(void) {
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_certificate_request request = {.profile = VRX_PROFILE_PLATFORM_CA,
        .common_name = vrx_view_text("CA"),
        .serial = {1},
        .not_before = NOW - 86400,
        .not_after = NOW + 86400};
    require(vrx_is_ok(vrx_private_key_new_p256(&key)));
    require(vrx_is_ok(vrx_private_key_public(key, &public)));
    request.subject_key = public;
    require(vrx_is_ok(vrx_certificate_make(&request, NULL, key, &ca)));
    request.profile = VRX_PROFILE_TERMINAL;
    require(vrx_is_ok(vrx_certificate_make(&request, ca, key, &card)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t nonce[VRX_OCSP_NONCE];
    if (!ca)
        make_certificates();
    require(vrx_ocsp_check(vrx_view_of(data, size), card, ca, nonce, NOW).reason ==
            VRX_CARD_STATUS_UNKNOWN);
    return 0;
}
