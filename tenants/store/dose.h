/* SPDX-License-Identifier: Apache-2.0
 *
 * Vaccinations. A row is one version of a dose and never changes but for its state: a correction
 * is a new row that supersedes the old one, and entered-in-error is a state; nothing is deleted. So
 * an id names exactly what a certificate showed or an answer handed over.
 *
 * A dose identical in person, date, product and lot is there already (VRX_ALREADY_EXISTS), so that
 * an import can be repeated. For imports and transfers this counts doses that were corrected or
 * marked as errors too: a repeated file must not bring back what a clerk took out.
 *
 * What binds a dose to the ledger is vrx_dose_item_commitment of its item and salt
 * (objects/dose_item.h), in the entry whose index the row keeps.
 */
#ifndef VRX_STORE_DOSE_H
#define VRX_STORE_DOSE_H

#include "base/arena.h"
#include "objects/dose_item.h"
#include "store/tenant.h"

#define VRX_DOSE_INTERVAL_DAYS 7 /* see vrx_dose_record */

enum vrx_dose_state {
    VRX_DOSE_CURRENT = 1,
    VRX_DOSE_SUPERSEDED = 2,
    VRX_DOSE_ENTERED_IN_ERROR = 3,
};

enum vrx_dose_source {
    VRX_DOSE_OWN = 1,      /* recorded here by hand or by the municipality's health system */
    VRX_DOSE_IMPORT = 2,   /* from a file, such as the VRS export */
    VRX_DOSE_TRANSFER = 3, /* from another municipality's answer; for reference, never certified */
};

struct vrx_dose_provenance {
    enum vrx_dose_source source;
    struct vrx_municipality_code municipality; /* TRANSFER: who answered */
    uint8_t digest[VRX_DIGEST];                /* TRANSFER: SHA-256 of the signed answer */
};

struct vrx_dose {
    int64_t id;
    int64_t resident;
    uint64_t version; /* 1, or one more than the dose that it corrects */
    int64_t corrects; /* that dose's id, or 0 */
    enum vrx_dose_state state;
    struct vrx_dose_item item;
    struct vrx_view maker; /* the manufacturer's name as the source has it; may be empty */
    int64_t registered_at; /* when the source registered it */
    struct vrx_dose_provenance provenance;
    int64_t recorded_at; /* when this row was written */
    int64_t ended_at;    /* when it was superseded or marked; 0 while current */
    uint8_t salt[VRX_DIGEST];
    int64_t ledger_index; /* -1 until vrx_dose_set_ledger_index */
};

/* Records one dose: resident, item, maker, registered_at and provenance of *dose; the rest is not
 * looked at. item.dose_number 0 takes the next one. *ret_dose is the dose as recorded, with its
 * id, number and salt; its texts are those of *dose.
 *
 * Errors, in this order:
 *   VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT, VRX_INPUT_RANGE   the fields;
 *   VRX_DATE_INVALID, VRX_DATE_IN_FUTURE (after now's date in Japan);
 *   VRX_PRODUCT_UNKNOWN, VRX_DATE_BEFORE_APPROVAL   codes/vaccine.h;
 *   VRX_LOT_INVALID        a lot that is not as vrx_lot_parse gives it; empty is accepted;
 *   VRX_NOT_FOUND          no such resident;
 *   VRX_DATE_BEFORE_BIRTH;
 *   VRX_ALREADY_EXISTS     see above;
 *   VRX_DOSE_INTERVAL      a current dose lies less than VRX_DOSE_INTERVAL_DAYS away: a slip of the
 *                          pen, not an early dose. A dose that came sooner than its schedule says
 *                          was given all the same and is recorded (codes/vaccine.h);
 *   VRX_DOSE_ORDER         another current dose of the person has this number, or numbers and
 *                          dates would not ascend together; gaps are allowed;
 *   VRX_CAP_REACHED        the person has VRX_LIMIT_DOSES current doses. */
struct vrx_result vrx_dose_record(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose);

/* The same after an officer has looked (review.h): the interval is not asked for, two doses of one
 * day may have either order, and what was taken out before does not speak against it. Errors:
 * record's but for VRX_DOSE_INTERVAL. */
struct vrx_result vrx_dose_record_decided(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose);

/* Puts a dose down as superseded from the beginning: it is kept, and in no history but the whole
 * one. item.dose_number is required. Errors: record's as far as VRX_DATE_BEFORE_BIRTH. */
struct vrx_result vrx_dose_put_aside(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose);

/* Supersedes dose id by *dose, as for record; dose->resident is not looked at, and item.dose_number
 * 0 keeps the old one. version is the one that the caller has read. Errors: VRX_NOT_FOUND;
 * VRX_CONFLICT when the version is another, or the dose was superseded or marked meanwhile; and
 * record's, with the old dose left out of the comparison: only current doses count as the same, the
 * interval is looked at when the day changes, the order when day or number do. */
struct vrx_result vrx_dose_correct(struct vrx_tenant *tenant, int64_t id, uint64_t version,
    const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose);

/* The same after an officer has looked, as vrx_dose_record_decided. */
struct vrx_result vrx_dose_correct_decided(struct vrx_tenant *tenant, int64_t id, uint64_t version,
    const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose);

/* Takes the dose out of the history. Errors: VRX_NOT_FOUND; VRX_CONFLICT as for correct. */
struct vrx_result vrx_dose_mark_entered_in_error(
    struct vrx_tenant *tenant, int64_t id, uint64_t version, int64_t now);

/* Whether the ledger has the dose's commitment is known once its entry is appended, in the same
 * transaction. Errors: VRX_NOT_FOUND; VRX_WRONG_STATE when it is set already; VRX_ALREADY_EXISTS
 * when another dose has this index; VRX_INPUT_RANGE above INT64_MAX. */
struct vrx_result vrx_dose_set_ledger_index(
    struct vrx_tenant *tenant, int64_t id, uint64_t ledger_index);

/* One version in any state. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_dose_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t id, struct vrx_dose *ret_dose);

/* The version that stands for this one now: the last of its corrections, or itself, in whatever
 * state. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_dose_head(struct vrx_tenant *tenant, int64_t id, int64_t *ret_head);

enum vrx_dose_selection {
    VRX_DOSES_CURRENT,
    VRX_DOSES_ALL, /* superseded and entered in error too */
};

/* A resident's doses, the oldest administered first; empty for an unknown resident. */
struct vrx_result vrx_dose_history(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, enum vrx_dose_selection selection, struct vrx_dose **ret_doses,
    size_t *ret_count);

#endif
