/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of a VRS export (予防接種台帳向け出力): a person's doses as texts, and the same checked
 * and typed. Everything that can be known without the vault is checked here, once, for files at a
 * municipality's desk and for rows that arrive at the service alike. A row with a fault is refused
 * whole: a clerk corrects it and sends it again.
 */
#ifndef VRX_LAYOUTS_VACCINATION_ROW_H
#define VRX_LAYOUTS_VACCINATION_ROW_H

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "codes/addressee_number.h"
#include "codes/lot.h"
#include "codes/municipality_code.h"
#include "codes/ticket_line.h"
#include "codes/vaccine.h"
#include "layouts/row_error.h"

/* In the order of the layout. */
enum vrx_dose_field {
    VRX_DOSE_REGISTERED_AT,     /* YYYYMMDDHHMMSS in Japan's time */
    VRX_DOSE_ADMINISTERED_ON,   /* YYYYMMDD */
    VRX_DOSE_TICKET_NUMBER,     /* 10 digits */
    VRX_DOSE_MUNICIPALITY_CODE, /* 6 digits */
    VRX_DOSE_VENUE,             /* 30 characters */
    VRX_DOSE_PHYSICIAN,         /* 20 characters */
    VRX_DOSE_MANUFACTURER,      /* as in proto/codes/vaccine.h */
    VRX_DOSE_LOT,
    VRX_DOSE_FIELDS,
};

extern const struct vrx_field_name vrx_dose_field_names[VRX_DOSE_FIELDS];
extern const struct vrx_field_name vrx_addressee_field;

/* Texts as they arrived: UTF-8 of any width. Borrowed. */
struct vrx_dose_texts {
    struct vrx_view field[VRX_DOSE_FIELDS];
};

struct vrx_vaccination_texts {
    uint64_t line; /* from 1 */
    struct vrx_view addressee_number;
    const struct vrx_dose_texts *doses; /* the first dose first */
    size_t dose_count;
};

struct vrx_dose_values {
    unsigned number;       /* 1 for the first group of the row, whether or not others are empty */
    int64_t registered_at; /* seconds since 1970 */
    struct vrx_date administered_on;
    struct vrx_ticket_number ticket;
    struct vrx_municipality_code administered_by;
    struct vrx_view venue;
    struct vrx_view physician;
    struct vrx_view manufacturer; /* as written, folded */
    const struct vrx_vaccine *vaccine;
    struct vrx_lot lot;
};

struct vrx_vaccination_values {
    struct vrx_addressee_number addressee_number;
    size_t dose_count; /* groups that are not empty; none is no fault */
    struct vrx_dose_values doses[VRX_LIMIT_DOSES];
};

/* One field of a dose by itself, for rows of another layout: the same check, the value put into
 * *values. Errors: those of the field below, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_dose_field_check(enum vrx_dose_field field, struct vrx_view text,
    struct vrx_date today, struct vrx_arena *arena, struct vrx_dose_values *values);

/* Checks one row. today is the date in Japan. *errors is initialised with the row's line and lists
 * each fault; *ret_values may be used where it lists none, and its views live in the arena. The
 * reasons, by field:
 *
 *   row                 VRX_INPUT_TOO_LARGE (more than VRX_LIMIT_DOSES groups)
 *   any field           VRX_INPUT_TEXT; in a dose VRX_DOSE_INCOMPLETE (empty, others are not)
 *   addressee_number    VRX_INPUT_MALFORMED, VRX_INPUT_RANGE
 *   registered_at       VRX_INPUT_MALFORMED, VRX_DATE_INVALID, VRX_DATE_IN_FUTURE
 *   administered_on     the same; VRX_DATE_BEFORE_APPROVAL (of the product); VRX_DOSE_INTERVAL (on
 *                       the day of the dose before), VRX_DOSE_ORDER (earlier than it)
 *   ticket_number       VRX_INPUT_MALFORMED
 *   municipality_code   VRX_INPUT_MALFORMED, VRX_INPUT_RANGE, VRX_CHECK_DIGIT_WRONG
 *   venue, physician    VRX_INPUT_TOO_LARGE
 *   manufacturer        VRX_PRODUCT_UNKNOWN, VRX_INPUT_TOO_LARGE
 *   lot                 VRX_LOT_INVALID
 *
 * Errors of the function itself: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_vaccination_check(const struct vrx_vaccination_texts *texts,
    struct vrx_date today, struct vrx_arena *arena, struct vrx_row_errors *errors,
    struct vrx_vaccination_values *ret_values);

#endif
