/* SPDX-License-Identifier: Apache-2.0
 *
 * What the municipality's administrators are to look at: somebody or something met a limit, or did
 * what is not usual. An alert has one cause (kind, terminal, operator), and stands for all that
 * this cause did in the window of time that its first event began: a flood is one alert with a
 * number. It names no person whom records are about. Each event has its entry in the ledger too,
 * and that is the proof; an alert is the bell.
 *
 * That a terminal's certificate ends is one alert until it is acknowledged, however long that
 * takes.
 *
 * There is an end to how many are kept. The oldest acknowledged one makes room; where none is
 * acknowledged the new one is not kept, and VRX_ALERT_LOST counts it: what is there already is what
 * came first, and no flood of later ones takes it away.
 */
#ifndef VRX_STORE_ALERT_H
#define VRX_STORE_ALERT_H

#include "base/arena.h"
#include "base/limits.h"
#include "store/tenant.h"

#define VRX_ALERT_WINDOW 3600 /* seconds: somebody who goes on for a day rings 24 times */
#define VRX_LIMIT_ALERTS 1000 /* of one municipality; nobody reads more */

/* Values of AlertKind in proto/vrx/v1/alerts.proto. */
enum vrx_alert_kind {
    VRX_ALERT_RATE = 1,             /* calls a second */
    VRX_ALERT_PERSONS = 2,          /* distinct persons a minute or an hour */
    VRX_ALERT_FAILED_LOOKUPS = 3,   /* look-ups that found nobody, in a minute or an hour */
    VRX_ALERT_OFF_HOURS = 4,        /* persons' records outside of the office's hours */
    VRX_ALERT_LOGIN_FAILURES = 5,   /* log-ins refused until they were slowed down */
    VRX_ALERT_TERMINAL_EXPIRES = 6, /* a terminal's certificate is about to end */
    VRX_ALERT_LOST = 7,             /* alerts that found no place */
    VRX_ALERT_CARD_FAILURES = 8, /* answers of number cards refused until they were slowed down */
};
#define VRX_ALERT_KINDS 8

/* "RATE", "PERSONS" …: the value's name without its prefix. */
const char *vrx_alert_kind_name(enum vrx_alert_kind kind);

/* Who or what; borrowed. */
struct vrx_alert_cause {
    enum vrx_alert_kind kind;
    struct vrx_view terminal_id; /* as it stands in the ledger; may be empty */
    struct vrx_view operator_id; /* the same */
};

struct vrx_alert {
    int64_t id; /* ascends; never given twice */
    struct vrx_alert_cause cause;
    int64_t first_at;
    int64_t last_at;
    uint64_t events;
    int64_t acknowledged_at;         /* 0: not yet */
    struct vrx_view acknowledged_by; /* operator */
};

/* One event more, or so many. *ret_new (may be NULL): an alert that was not there before. A clock
 * that went back begins no new one. Errors: VRX_INPUT_RANGE (kind, events 0), VRX_INPUT_TOO_LARGE
 * (a name longer than VRX_LIMIT_OPERATOR). */
struct vrx_result vrx_alert_note(struct vrx_tenant *tenant, const struct vrx_alert_cause *cause,
    uint64_t events, int64_t now, bool *ret_new);

/* The alerts with an id above after, oldest first, at most limit; without those that are
 * acknowledged unless all. Texts are copied into the arena. */
struct vrx_result vrx_alert_list(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t after,
    bool all, size_t limit, struct vrx_alert **ret_alerts, size_t *ret_count);

/* By this operator; what happens from the same cause afterwards is a new alert. Errors:
 * VRX_NOT_FOUND; VRX_WRONG_STATE where it is acknowledged already; VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_alert_acknowledge(
    struct vrx_tenant *tenant, int64_t id, struct vrx_view operator_id, int64_t now);

#endif
