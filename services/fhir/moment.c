/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/moment.h"

#include "base/text.h"

#define CLAUSE "FHIR R4 §2.24.0.1: date, or dateTime with a zone"
#define DAY_TIME 19 /* "2021-07-01T10:30:00" */

struct vrx_result vrx_fhir_date(struct vrx_view text, struct vrx_date *ret_date) {
    if (text.len != VRX_DATE_TEXT)
        return vrx_refuse(VRX_INPUT_MALFORMED, CLAUSE);
    return vrx_date_parse(text, ret_date);
}

static int64_t two_digits(struct vrx_view text, size_t at) {
    return (text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0');
}

/* "Z" or "+09:00"; seconds east of UTC. */
static struct vrx_result zone(struct vrx_view text, int64_t *ret_east) {
    *ret_east = 0;
    if (vrx_view_equal(text, vrx_view_text("Z")))
        return vrx_ok();
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') || text.ptr[3] != ':' ||
        !vrx_text_is_digits(vrx_view_slice(text, 1, 2), 2, 2) ||
        !vrx_text_is_digits(vrx_view_slice(text, 4, 2), 2, 2))
        return vrx_refuse(VRX_INPUT_MALFORMED, CLAUSE);
    int64_t minutes = two_digits(text, 1) * 60 + two_digits(text, 4);
    if (two_digits(text, 4) > 59 || minutes > 14 * 60)
        return vrx_refuse(VRX_INPUT_RANGE, CLAUSE);
    *ret_east = (text.ptr[0] == '+' ? 60 : -60) * minutes;
    return vrx_ok();
}

struct vrx_result vrx_fhir_moment(struct vrx_view text, int64_t *ret_time) {
    if (text.len == VRX_DATE_TEXT) {
        struct vrx_date date;
        VRX_TRY(vrx_date_parse(text, &date));
        *ret_time = (int64_t)vrx_date_to_days(date) * 86400 - VRX_JST_OFFSET;
        return vrx_ok();
    }
    if (text.len <= DAY_TIME)
        return vrx_refuse(VRX_INPUT_MALFORMED, CLAUSE);
    char utc[VRX_TIME_TEXT];
    memcpy(utc, text.ptr, DAY_TIME);
    utc[DAY_TIME] = 'Z';
    struct vrx_view rest = vrx_view_slice(text, DAY_TIME, text.len);
    if (rest.ptr[0] == '.') {
        size_t digits = 1;
        while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
            digits++;
        if (digits == 1)
            return vrx_refuse(VRX_INPUT_MALFORMED, CLAUSE);
        rest = vrx_view_slice(rest, digits, rest.len);
    }
    int64_t east = 0;
    int64_t time = 0;
    VRX_TRY(zone(rest, &east));
    VRX_TRY(vrx_time_parse(vrx_view_of(utc, sizeof utc), &time));
    *ret_time = time - east;
    return vrx_ok();
}

void vrx_fhir_moment_format(int64_t time, char out[VRX_FHIR_MOMENT_TEXT + 1]) {
    char utc[VRX_TIME_TEXT + 1];
    int64_t shifted = 0;
    if (__builtin_add_overflow(time, VRX_JST_OFFSET, &shifted))
        shifted = time;
    vrx_time_format(shifted, utc);
    memcpy(out, utc, DAY_TIME);
    memcpy(out + DAY_TIME, "+09:00", sizeof "+09:00");
}
