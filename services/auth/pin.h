/* SPDX-License-Identifier: Apache-2.0
 *
 * PINs: what may be one, and the verifier that is kept in its place: Argon2id with the second
 * recommended option of RFC 9106 §4 (3 passes over 64 MiB in 4 lanes, 128 bits of salt, a tag of
 * 256), as libargon2 writes it. Verifying and hashing take about a tenth of a second and 64 MiB
 * each: on a worker's thread only.
 */
#ifndef VRX_AUTH_PIN_H
#define VRX_AUTH_PIN_H

#include "base/bytes.h"
#include "base/random.h"
#include "store/operator.h"

#define VRX_PIN_MIN 6
#define VRX_PIN_MAX 64
#define VRX_PIN_INITIAL 8 /* digits: it is read from paper, and only once */

/* Whether an operator may choose it: ASCII without spaces, 6 to 64 characters, and not what is
 * tried first: a run of digits up, down or in place, a group of up to three characters again and
 * again, or the operator's own id. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE,
 * VRX_INPUT_TEXT; VRX_PIN_WEAK, also below 6 characters. */
struct vrx_result vrx_pin_check(struct vrx_view pin, struct vrx_view operator_id);

/* Random digits that vrx_pin_check takes, NUL-terminated. Errors: VRX_RANDOM_FAILED. */
struct vrx_result vrx_pin_generate(
    const struct vrx_random *random, char ret_pin[VRX_PIN_INITIAL + 1]);

/* Errors: VRX_RANDOM_FAILED, VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_pin_hash(
    struct vrx_view pin, const struct vrx_random *random, char ret_verifier[VRX_PIN_VERIFIER]);

/* Errors: VRX_OUT_OF_MEMORY; VRX_CRYPTO_FAILED, also for a verifier that is none. */
struct vrx_result vrx_pin_verify(struct vrx_view pin, const char *verifier, bool *ret_right);

/* A verifier that costs what others cost and that no PIN opens: for operators that there are not.
 */
const char *vrx_pin_of_nobody(void);

#endif
