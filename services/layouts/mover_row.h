/* SPDX-License-Identifier: Apache-2.0
 *
 * One row of a list of movers whose doses are asked for in bulk: texts, and the same checked and
 * typed. As resident_row.h.
 */
#ifndef VRX_LAYOUTS_MOVER_ROW_H
#define VRX_LAYOUTS_MOVER_ROW_H

#include "base/arena.h"
#include "codes/addressee_number.h"
#include "codes/municipality_code.h"
#include "layouts/row_error.h"

/* In the order of the layout. */
enum vrx_mover_field {
    VRX_MOVER_ADDRESSEE_NUMBER, /* 1 to 15 digits */
    VRX_MOVER_ORIGIN,           /* 6 digits: the municipality of origin */
    VRX_MOVER_CONSENT,          /* 32 hexadecimal digits; empty where a permit needs none */
    VRX_MOVER_EVIDENCE,         /* the same */
    VRX_MOVER_ITEMS,            /* words of the table, spaces between them, each once */
    VRX_MOVER_FIELDS,
};

/* The Japanese names are the file's header row. */
extern const struct vrx_field_name vrx_mover_field_names[VRX_MOVER_FIELDS];

/* Words for data items: 接種 or dose, ロット or lot, 会場 or venue, 医師 or physician, 券番号 or
 * ticket; values 1 to 5 in this order, those of enum vrx_data_item. */
#define VRX_MOVER_ITEM_WORDS 5
extern const struct vrx_field_name vrx_mover_item_words[VRX_MOVER_ITEM_WORDS];

/* Texts as they arrived: UTF-8 of any width. Borrowed. */
struct vrx_mover_texts {
    uint64_t line; /* from 1 */
    struct vrx_view field[VRX_MOVER_FIELDS];
};

#define VRX_MOVER_ID 16

struct vrx_mover_values {
    struct vrx_addressee_number addressee_number;
    struct vrx_municipality_code origin;
    bool has_consent;
    uint8_t consent_id[VRX_MOVER_ID];
    bool has_evidence;
    uint8_t evidence_id[VRX_MOVER_ID];
    unsigned items[VRX_MOVER_ITEM_WORDS]; /* in the order in which they stand */
    size_t item_count;
};

/* Checks one row. *errors is initialised with the row's line and lists each fault; *ret_values may
 * be used where it lists none. The reasons, by field:
 *
 *   any field          VRX_INPUT_TEXT
 *   addressee_number   VRX_INPUT_FIELD_MISSING, VRX_INPUT_MALFORMED, VRX_INPUT_RANGE
 *   from_municipality  VRX_INPUT_FIELD_MISSING, those of vrx_municipality_code_parse
 *   consent_id, evidence_id
 *                      VRX_INPUT_MALFORMED
 *   items              VRX_INPUT_FIELD_MISSING, VRX_INPUT_RANGE (no such word),
 *                      VRX_INPUT_DUPLICATE_KEY
 *
 * Errors of the function itself: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_mover_check(const struct vrx_mover_texts *texts, struct vrx_arena *arena,
    struct vrx_row_errors *errors, struct vrx_mover_values *ret_values);

#endif
