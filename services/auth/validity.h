/* SPDX-License-Identifier: Apache-2.0
 *
 * When people are to be told that a certificate ends.
 */
#ifndef VRX_AUTH_VALIDITY_H
#define VRX_AUTH_VALIDITY_H

#include <stdbool.h>
#include <stdint.h>

#define VRX_EXPIRY_WARNING INT64_C(2592000) /* seconds: 30 days, a month's round of the offices */

/* Less than VRX_EXPIRY_WARNING is left, or of a certificate that lives shorter than three times
 * that, a third of its life: one of a day is renewed by a machine, which has failed by then. Also
 * true of one that is over. False when until is 0: its end is not known. Seconds since 1970. */
bool vrx_validity_ends_soon(int64_t from, int64_t until, int64_t now);

#endif
