/* SPDX-License-Identifier: Apache-2.0
 *
 * Civil dates (proleptic Gregorian) and instants (seconds since 1970-01-01T00:00:00Z, leap seconds
 * not counted). Nothing here reads a clock.
 */
#ifndef VRX_BASE_DATE_H
#define VRX_BASE_DATE_H

#include "base/bytes.h"

/* All zero means: no date. */
struct vrx_date {
    uint16_t year; /* 1868 (Meiji 1) to 9999 */
    uint8_t month; /* 1 to 12 */
    uint8_t day;   /* 1 to 31 */
};

#define VRX_DATE_TEXT 10     /* "2021-10-12" */
#define VRX_TIME_TEXT 20     /* "2021-10-12T03:04:05Z" */
#define VRX_JST_OFFSET 32400 /* seconds east of UTC */

bool vrx_date_valid(struct vrx_date date);
/* <0, 0, >0 */
int vrx_date_compare(struct vrx_date a, struct vrx_date b);
/* Days since 1970-01-01, negative before. */
int32_t vrx_date_to_days(struct vrx_date date);
struct vrx_date vrx_date_from_days(int32_t days);
/* The date in Japan at this instant (UTC+9, no summer time). */
struct vrx_date vrx_date_in_japan(int64_t time);

/* "2021-10-12" (ISO 8601-1 §5.2.2 extended) or "20211012" (basic). Errors: VRX_INPUT_MALFORMED,
 * VRX_DATE_INVALID. */
struct vrx_result vrx_date_parse(struct vrx_view text, struct vrx_date *ret_date);
/* Writes VRX_DATE_TEXT characters and a NUL. */
void vrx_date_format(struct vrx_date date, char out[VRX_DATE_TEXT + 1]);

/* RFC 3339 §5.6 in UTC: "2021-10-12T03:04:05Z". Errors: VRX_INPUT_MALFORMED, VRX_DATE_INVALID. */
struct vrx_result vrx_time_parse(struct vrx_view text, int64_t *ret_time);
/* Writes VRX_TIME_TEXT characters and a NUL; years outside 0..9999 are clamped. */
void vrx_time_format(int64_t time, char out[VRX_TIME_TEXT + 1]);
/* "YYYYMMDDHHMMSS" in Japan's time, as VRS writes it. Errors as vrx_time_parse. */
struct vrx_result vrx_time_parse_vrs(struct vrx_view text, int64_t *ret_time);
#define VRX_TIME_TEXT_VRS 14
/* Writes VRX_TIME_TEXT_VRS characters and a NUL; years as vrx_time_format. */
void vrx_time_format_vrs(int64_t time, char out[VRX_TIME_TEXT_VRS + 1]);

#endif
