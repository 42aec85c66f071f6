/* SPDX-License-Identifier: Apache-2.0
 *
 * Civil dates as a count of days and back. Years are counted from March, so that the leap day is
 * the last of its year and months follow one linear formula; 400 Gregorian years are 146,097 days
 * (Fliegel and Van Flandern, CACM 11 (1968) 657, in the form that needs no table).
 */
#include "base/date.h"

#define DAYS_400_YEARS 146097
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 to 1970-01-01 */
#define SECONDS_A_DAY 86400
#define MONTH_FEBRUARY 2

static const uint8_t month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool leap_year(unsigned year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool day_exists(unsigned year, unsigned month, unsigned day) {
    if (month < 1 || month > 12 || day < 1)
        return false;
    unsigned last = month_days[month - 1];
    if (month == MONTH_FEBRUARY && leap_year(year))
        last++;
    return day <= last;
}

bool vrx_date_valid(struct vrx_date date) {
    return date.year >= 1868 && date.year <= 9999 && day_exists(date.year, date.month, date.day);
}

int vrx_date_compare(struct vrx_date a, struct vrx_date b) {
    int left = a.year * 10000 + a.month * 100 + a.day;
    int right = b.year * 10000 + b.month * 100 + b.day;
    return (left > right) - (left < right);
}

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    if (month <= MONTH_FEBRUARY)
        year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_400_YEARS + day_of_era - DAYS_BEFORE_1970;
}

struct civil {
    int64_t year;
    unsigned month;
    unsigned day;
};

static struct civil civil_from_days(int64_t days) {
    days += DAYS_BEFORE_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_400_YEARS - 1)) / DAYS_400_YEARS;
    int64_t day_of_era = days - era * DAYS_400_YEARS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_400_YEARS - 1)) /
        365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct civil civil;
    civil.day = (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    civil.month = (unsigned)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= MONTH_FEBRUARY ? 1 : 0);
    return civil;
}

int32_t vrx_date_to_days(struct vrx_date date) {
    return (int32_t)days_from_civil(date.year, date.month, date.day);
}

/* What no struct vrx_date can hold is no date. */
struct vrx_date vrx_date_from_days(int32_t days) {
    struct civil civil = civil_from_days(days);
    if (civil.year < 1868 || civil.year > 9999)
        return (struct vrx_date){0, 0, 0};
    return (struct vrx_date){(uint16_t)civil.year, (uint8_t)civil.month, (uint8_t)civil.day};
}

/* Rounds towards the past, as calendars do; the remainder is never negative. */
static int64_t split_days(int64_t time, int64_t *ret_second) {
    int64_t days = time / SECONDS_A_DAY;
    int64_t second = time % SECONDS_A_DAY;
    if (second < 0) {
        second += SECONDS_A_DAY;
        days--;
    }
    *ret_second = second;
    return days;
}

struct vrx_date vrx_date_in_japan(int64_t time) {
    int64_t second;
    int64_t shifted;
    if (__builtin_add_overflow(time, VRX_JST_OFFSET, &shifted))
        return (struct vrx_date){0, 0, 0};
    int64_t days = split_days(shifted, &second);
    if (days < INT32_MIN || days > INT32_MAX)
        return (struct vrx_date){0, 0, 0};
    return vrx_date_from_days((int32_t)days);
}

/* count ASCII digits at offset as a number, or -1. The caller has checked the length. */
static int take_digits(struct vrx_view text, size_t offset, size_t count) {
    int value = 0;
    for (size_t i = offset; i < offset + count; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

struct vrx_result vrx_date_parse(struct vrx_view text, struct vrx_date *ret_date) {
    static const char clause[] = "ISO 8601-1 §5.2.2: complete calendar date";
    bool extended = text.len == VRX_DATE_TEXT;
    if (!extended && text.len != VRX_DATE_TEXT - 2)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    if (extended && (text.ptr[4] != '-' || text.ptr[7] != '-'))
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    int year = take_digits(text, 0, 4);
    int month = take_digits(text, extended ? 5 : 4, 2);
    int day = take_digits(text, extended ? 8 : 6, 2);
    if (year < 0 || month < 0 || day < 0)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    struct vrx_date date = {(uint16_t)year, (uint8_t)month, (uint8_t)day};
    if (!vrx_date_valid(date))
        return vrx_fail(VRX_DATE_INVALID);
    *ret_date = date;
    return vrx_ok();
}

static void put_digits(char *out, unsigned value, size_t count) {
    while (count--) {
        out[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void vrx_date_format(struct vrx_date date, char out[VRX_DATE_TEXT + 1]) {
    put_digits(out, date.year, 4);
    out[4] = '-';
    put_digits(out + 5, date.month, 2);
    out[7] = '-';
    put_digits(out + 8, date.day, 2);
    out[VRX_DATE_TEXT] = '\0';
}

/* The six numbers of an instant as they stand in the text; -1 where there are no digits. */
struct clock_fields {
    int year, month, day, hour, minute, second;
};

static struct vrx_result instant(struct clock_fields at, int64_t offset, int64_t *ret_time) {
    if (at.year < 0 || at.month < 0 || at.day < 0 || at.hour < 0 || at.minute < 0 || at.second < 0)
        return vrx_fail(VRX_INPUT_MALFORMED);
    /* A leap second (60) has no place in a count that has none. */
    if (!day_exists((unsigned)at.year, (unsigned)at.month, (unsigned)at.day) || at.hour > 23 ||
        at.minute > 59 || at.second > 59)
        return vrx_fail(VRX_DATE_INVALID);
    int64_t days = days_from_civil(at.year, (unsigned)at.month, (unsigned)at.day);
    *ret_time = days * SECONDS_A_DAY + (int64_t)at.hour * 3600 + (int64_t)at.minute * 60 +
                at.second - offset;
    return vrx_ok();
}

struct vrx_result vrx_time_parse(struct vrx_view text, int64_t *ret_time) {
    static const char clause[] = "RFC 3339 §5.6: date-time in UTC, whole seconds";
    static const char shape[] = "0000-00-00T00:00:00Z";
    if (text.len != VRX_TIME_TEXT)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    for (size_t i = 0; i < VRX_TIME_TEXT; i++) {
        if (shape[i] != '0' && text.ptr[i] != (uint8_t)shape[i])
            return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    }
    struct clock_fields at = {take_digits(text, 0, 4), take_digits(text, 5, 2),
        take_digits(text, 8, 2), take_digits(text, 11, 2), take_digits(text, 14, 2),
        take_digits(text, 17, 2)};
    struct vrx_result result = instant(at, 0, ret_time);
    return vrx_is_ok(result) ? result : vrx_refuse(result.reason, clause);
}

struct vrx_result vrx_time_parse_vrs(struct vrx_view text, int64_t *ret_time) {
    if (text.len != 14)
        return vrx_fail(VRX_INPUT_MALFORMED);
    struct clock_fields at = {take_digits(text, 0, 4), take_digits(text, 4, 2),
        take_digits(text, 6, 2), take_digits(text, 8, 2), take_digits(text, 10, 2),
        take_digits(text, 12, 2)};
    return instant(at, VRX_JST_OFFSET, ret_time);
}

void vrx_time_format(int64_t time, char out[VRX_TIME_TEXT + 1]) {
    static const char first[] = "0000-01-01T00:00:00Z";
    static const char last[] = "9999-12-31T23:59:59Z";
    int64_t lowest = days_from_civil(0, 1, 1) * SECONDS_A_DAY;
    int64_t beyond = days_from_civil(10000, 1, 1) * SECONDS_A_DAY;
    if (time < lowest || time >= beyond) {
        memcpy(out, time < lowest ? first : last, VRX_TIME_TEXT + 1);
        return;
    }
    int64_t second;
    struct civil civil = civil_from_days(split_days(time, &second));
    memcpy(out, first, VRX_TIME_TEXT + 1);
    put_digits(out, (unsigned)civil.year, 4);
    put_digits(out + 5, civil.month, 2);
    put_digits(out + 8, civil.day, 2);
    put_digits(out + 11, (unsigned)(second / 3600), 2);
    put_digits(out + 14, (unsigned)(second / 60 % 60), 2);
    put_digits(out + 17, (unsigned)(second % 60), 2);
}

void vrx_time_format_vrs(int64_t time, char out[VRX_TIME_TEXT_VRS + 1]) {
    char utc[VRX_TIME_TEXT + 1];
    int64_t shifted;
    if (__builtin_add_overflow(time, VRX_JST_OFFSET, &shifted))
        shifted = time;
    vrx_time_format(shifted, utc);
    size_t len = 0;
    for (size_t i = 0; i < VRX_TIME_TEXT && len < VRX_TIME_TEXT_VRS; i++)
        if (utc[i] >= '0' && utc[i] <= '9')
            out[len++] = utc[i];
    out[len] = '\0';
}
