/* SPDX-License-Identifier: Apache-2.0
 *
 * FHIR's date and dateTime (R4 §2.24.0.1) as far as a record can use them: a whole day at least.
 */
#ifndef VRX_FHIR_MOMENT_H
#define VRX_FHIR_MOMENT_H

#include "base/date.h"

/* "2021-07-01", and nothing less: a month or a year is no day. Errors: VRX_INPUT_MALFORMED,
 * VRX_DATE_INVALID. */
struct vrx_result vrx_fhir_date(struct vrx_view text, struct vrx_date *ret_date);

/* The same, or "2021-07-01T10:30:00+09:00" with any zone and any fraction of a second, which goes.
 * A day without a time is its first second in Japan. Errors: VRX_INPUT_MALFORMED, VRX_DATE_INVALID,
 * VRX_INPUT_RANGE (a zone beyond 14 hours). */
struct vrx_result vrx_fhir_moment(struct vrx_view text, int64_t *ret_time);

#define VRX_FHIR_MOMENT_TEXT 25 /* "2021-07-01T10:30:00+09:00" */
/* Of an instant, in Japan's time. */
void vrx_fhir_moment_format(int64_t time, char out[VRX_FHIR_MOMENT_TEXT + 1]);

#endif
