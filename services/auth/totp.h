/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes of an authenticator app: RFC 6238 with SHA-1, 6 digits and steps of 30 seconds, which is
 * all that the common apps know.
 */
#ifndef VRX_AUTH_TOTP_H
#define VRX_AUTH_TOTP_H

#include "base/bytes.h"
#include "store/operator.h"

#define VRX_TOTP_DIGITS 6
#define VRX_TOTP_STEP_SECONDS 30

/* The code of a step (seconds since 1970 divided by 30), NUL-terminated. Errors: VRX_INPUT_RANGE
 * before 1970; VRX_CRYPTO_FAILED. */
struct vrx_result vrx_totp_code(
    const uint8_t secret[VRX_TOTP_SECRET], int64_t step, char ret_code[VRX_TOTP_DIGITS + 1]);

/* Which of the steps around now this is the code of: the present one, the one before or the one
 * after (RFC 6238 §5.2, §6: the clocks differ); 0: of none that is later than used_step. The time
 * that it takes depends on the code's length only. Errors: vrx_totp_code's. */
struct vrx_result vrx_totp_match(const uint8_t secret[VRX_TOTP_SECRET], struct vrx_view code,
    int64_t now, int64_t used_step, int64_t *ret_step);

/* Appends "otpauth://totp/VRX%20011002:yamada?secret=…&issuer=VRX%20011002&algorithm=SHA1&digits=6&
 * period=30", what authenticator apps read as a QR code. issuer: "VRX 011002". Errors: the
 * buffer's, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_totp_uri(struct vrx_view issuer, struct vrx_view operator_id,
    const uint8_t secret[VRX_TOTP_SECRET], struct vrx_buffer *out);

#endif
