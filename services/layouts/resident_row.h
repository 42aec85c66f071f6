/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of a resident file: texts, and the same checked and typed. As vaccination_row.h.
 */
#ifndef VRX_LAYOUTS_RESIDENT_ROW_H
#define VRX_LAYOUTS_RESIDENT_ROW_H

#include "base/arena.h"
#include "base/date.h"
#include "codes/addressee_number.h"
#include "codes/individual_number.h"
#include "layouts/row_error.h"

/* In the order of the layout. */
enum vrx_resident_field {
    VRX_RESIDENT_ADDRESSEE_NUMBER,  /* 1 to 15 digits */
    VRX_RESIDENT_INDIVIDUAL_NUMBER, /* 12 digits, or empty where the person has none */
    VRX_RESIDENT_NAME,
    VRX_RESIDENT_KANA,       /* may be empty */
    VRX_RESIDENT_BIRTH_DATE, /* YYYYMMDD */
    VRX_RESIDENT_SEX,        /* 1 male, 2 female; 0 or empty: not stated */
    VRX_RESIDENT_ADDRESS,    /* may be empty */
    VRX_RESIDENT_FIELDS,
};

/* The Japanese names are the file's header row. */
extern const struct vrx_field_name vrx_resident_field_names[VRX_RESIDENT_FIELDS];

/* Texts as they arrived: UTF-8 of any width. Borrowed. */
struct vrx_resident_texts {
    uint64_t line; /* from 1 */
    struct vrx_view field[VRX_RESIDENT_FIELDS];
};

struct vrx_resident_values {
    struct vrx_addressee_number addressee_number;
    struct vrx_individual_number individual_number; /* to be wiped: vrx_resident_values_clear */
    struct vrx_view name;
    struct vrx_view kana;
    struct vrx_date birth_date;
    unsigned sex;
    struct vrx_view address;
};

/* Checks one row. today is the date in Japan. *errors is initialised with the row's line and lists
 * each fault; *ret_values may be used where it lists none, and its views live in the arena. The
 * reasons, by field:
 *
 *   any field           VRX_INPUT_TEXT
 *   addressee_number    VRX_INPUT_FIELD_MISSING, VRX_INPUT_MALFORMED, VRX_INPUT_RANGE
 *   individual_number   VRX_INPUT_MALFORMED, VRX_INPUT_RANGE, VRX_CHECK_DIGIT_WRONG
 *   name                VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE
 *   kana, address       VRX_INPUT_TOO_LARGE
 *   birth_date          VRX_INPUT_FIELD_MISSING, VRX_INPUT_MALFORMED, VRX_DATE_INVALID,
 *                       VRX_DATE_IN_FUTURE
 *   sex                 VRX_INPUT_RANGE
 *
 * Errors of the function itself: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_resident_check(const struct vrx_resident_texts *texts, struct vrx_date today,
    struct vrx_arena *arena, struct vrx_row_errors *errors, struct vrx_resident_values *ret_values);

/* Wipes; a cleanup function. */
void vrx_resident_values_clear(struct vrx_resident_values *values);

#endif
