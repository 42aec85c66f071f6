/* SPDX-License-Identifier: Apache-2.0
 *
 * vrxd-hasty: vrxd with a fault, for the test that looks for it (tests/fault/login). The verifier
 * that stands in for operators who are not known costs an eighth less memory than others do, so
 * that the time of a refusal tells who is known.
 */
#include "auth/pin.h"

/* A name that the linker gives. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
const char *__wrap_vrx_pin_of_nobody(void);

const char *__wrap_vrx_pin_of_nobody(void) {
    return "$argon2id$v=19$m=57344,t=3,p=4$dnJ4IG5vYm9keSdzIFBJTg$"
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
