/* SPDX-License-Identifier: Apache-2.0
 *
 * A number card as PKCS #11 shows it: an X.509 certificate, which the URI names by its label or
 * CKA_ID, and the RSA private key with the same CKA_ID, which the PIN opens.
 */
#ifndef VRX_PKCS11_CARD_H
#define VRX_PKCS11_CARD_H

#include "pkcs11/token.h"

#define VRX_CARD_SIGNATURE 512 /* bytes: RSA 4096; cards have 2048 */

/* Opens the card; pin NULL: for its certificate alone, which anybody who holds it may read. Closed
 * by vrx_token_close. The certificate's DER is appended. Errors: vrx_token_open's, but for
 * VRX_KEY_INVALID. */
struct vrx_result vrx_card_open(const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin,
    struct vrx_token **ret_card, struct vrx_buffer *certificate);

/* RSASSA-PKCS1-v1_5 over SHA-256 of the message (RFC 8017 §8.2.1), by a card that was opened with
 * its PIN; appended. A card that does not hash is given the digest. Errors: VRX_TOKEN_FAILED,
 * vrx_sha256's. */
struct vrx_result vrx_card_sign(
    struct vrx_token *card, struct vrx_view message, struct vrx_buffer *out);

#endif
