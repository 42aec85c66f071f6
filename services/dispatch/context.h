/* SPDX-License-Identifier: Apache-2.0
 *
 * What a handler knows about its call, and where it notes what the audit entry shall say.
 */
#ifndef VRX_DISPATCH_CONTEXT_H
#define VRX_DISPATCH_CONTEXT_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/random.h"
#include "dispatch/daemon.h"
#include "store/tenant.h"

#define VRX_DAEMON_TERMINAL "vrxd" /* in entries of what no call asked for */
#define VRX_TERMINAL_TEXT 16       /* the first 8 bytes of the terminal's digest, in hexadecimal */

/* Noted by the handler, written by dispatch, also when the handler refuses. */
struct vrx_audit_facts {
    bool about_person;
    uint8_t person[VRX_DIGEST];
    bool has_commitment;
    uint8_t commitment[VRX_DIGEST];
    struct vrx_view basis; /* permit id or clause; in the arena or static */
    bool written;          /* the handler appended the call's entry itself */
    bool in_dossier;       /* the entry is noted in the dossier of what follows */
    struct vrx_municipality_code dossier_sender; /* no digits: this municipality's */
    uint8_t dossier_id[VRX_ID];
};

/* Alerts of this step (dispatch/alert.h); bits by enum vrx_alert_kind. */
struct vrx_raised {
    unsigned kinds;      /* to be kept with the step's entry */
    unsigned kept_first; /* kept, and not there before: to be told */
    uint32_t more;       /* events beside this one that these stand for */
};

struct vrx_context {
    struct vrx_daemon *daemon;
    struct vrx_slot *slot;     /* the caller's municipality; NULL for the platform operator, and for
                                * anyone */
    bool anyone;               /* the caller showed no certificate: nothing is known of them */
    struct vrx_tenant *tenant; /* NULL outside the tenant's thread */
    struct vrx_call *call;     /* NULL for work that no call asked for */
    struct vrx_arena arena;    /* for this call; strings of the reply may stand in it */
    const struct vrx_random *random;
    int64_t now; /* seconds, of this step */
    uint8_t terminal_spki[VRX_SPKI_DIGEST];
    char terminal_id[VRX_TERMINAL_TEXT + 1];
    unsigned terminal_kind; /* enum vrx_terminal_kind, 0 by route only */
    char operator_id[VRX_LIMIT_OPERATOR + 1];
    bool has_session;               /* who is named has logged in; otherwise it is a claim */
    struct vrx_session_key session; /* of it */
    unsigned roles;                 /* the operator's when the call began */
    uint8_t request_id[VRX_ID];
    void *state;
    bool ends_connections; /* set by committed: after the reply, connections of terminals that may
                            * not call any more are ended */
    struct vrx_audit_facts audit;
    struct vrx_raised raised;
    bool looks_up; /* this step did, by what the caller gave (dispatch/guard.h) */
};

/* Notes that the call is about this resident: before anything of theirs is handed out, for whoever
 * asks about too many is refused here. Errors: vrx_guard_person's, the store's. */
struct vrx_result vrx_context_about(struct vrx_context *context, int64_t resident);

/* Notes that the call's entry belongs to the dossier (store/dossier.h) of this query, consent or
 * identity check. sender: whose query it is; NULL: this municipality's. Called last, when what the
 * entry says has been done. */
void vrx_context_in_dossier(struct vrx_context *context, const struct vrx_municipality_code *sender,
    const uint8_t id[VRX_ID]);

/* Appends one entry to the caller's municipality's ledger: the call's identity with these facts,
 * this method and outcome. ret_index may be NULL. For handlers that record several things in one
 * call; dispatch writes the entry of the call itself. */
struct vrx_result vrx_context_record(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    uint64_t *ret_index);

/* Appends the encoding of that entry to out, in place of the ledger: for what no ledger is open to
 * take (outside.h). Errors: vrx_audit_entry_encode's. */
struct vrx_result vrx_context_entry(const struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    struct vrx_buffer *out);

#endif
