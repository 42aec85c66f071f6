/* SPDX-License-Identifier: Apache-2.0
 *
 * One call of Backups at work: for which municipality, whether the caller may, its turn, and the
 * note of how it ended. A platform operator's call belongs to no municipality; its entry stands in
 * the ledger of the one that it is about.
 */
#ifndef VRX_BACKUPS_WORK_H
#define VRX_BACKUPS_WORK_H

#include "backups/place.h"
#include "dispatch/context.h"

struct vrx_backup_work {
    struct vrx_context *call;      /* of dispatch: the stream, the caller */
    struct vrx_context about;      /* the same for the municipality, for its ledger */
    struct vrx_slot *slot;         /* NULL where it is not kept here */
    struct vrx_backup_place place; /* what it is about */
    const char *method;
    char basis[VRX_LIMIT_BASIS + 1]; /* "backup 20261121T101658Z" */
    struct vrx_turn turn;
    bool has_turn;
    int64_t told_ms; /* when progress was last sent */
};

/* Which municipality a request is about: code may be "" for the caller's own. Errors:
 * VRX_TERMINAL_TENANT, VRX_TERMINAL_KIND, vrx_municipality_code_parse's. */
struct vrx_result vrx_backup_target(
    struct vrx_context *call, const char *code, struct vrx_municipality_code *ret_code);

/* Begins work for vrx_backup_target's municipality; vrx_backup_end_work in any case. Errors: those.
 */
struct vrx_result vrx_backup_begin_work(
    struct vrx_context *call, const char *method, const char *code, struct vrx_backup_work *work);
/* The municipality's turn, for what is not done beside another backup or restore. Errors:
 * VRX_CAP_REACHED. */
struct vrx_result vrx_backup_take_turn(struct vrx_backup_work *work);
/* What of it the work is about; name is the request's. Errors: vrx_backup_name_time's. */
struct vrx_result vrx_backup_work_name(
    struct vrx_backup_work *work, const char *name, bool replaced);
/* Records the outcome, unless that was done for VRX_OK, gives up the turn, and hands the outcome
 * up. */
struct vrx_result vrx_backup_end_work(struct vrx_backup_work *work, struct vrx_result outcome);

/* Records it durably, now: in the ledger, or beside the sealed vault. Nothing where the
 * municipality is not kept here. Errors: vrx_errand_send's, vrx_outside_write's. */
struct vrx_result vrx_backup_record(struct vrx_backup_work *work, enum vrx_reason outcome);
/* The same entry into notes, which go where the vault goes. Errors: vrx_outside_add's. */
struct vrx_result vrx_backup_note(
    const struct vrx_backup_work *work, enum vrx_reason outcome, struct vrx_buffer *notes);

/* Whether a progress message is due; five a second at most. */
bool vrx_backup_is_due(struct vrx_backup_work *work);

#endif
