/* SPDX-License-Identifier: Apache-2.0
 *
 * How much each caller did lately, and whether the next thing is too much. In memory only: what a
 * restart forgets is at most an hour's counts, and no caller can make the daemon restart.
 *
 * A municipality has one struct vrx_limits, so that no municipality's callers meet another's, not
 * even at a lock; one more is for who belongs to none. Thread-safe. Time comes in, in milliseconds
 * of a clock that does not go back; where it does, it stands.
 *
 * Memory: an entry of about 100 bytes for each caller of the last ten minutes; 0.5 KiB more for one
 * whose look-ups fail, and persons.h's for one who looks persons up. There are at most
 * VRX_LIMIT_CALLERS of each class.
 */
#ifndef VRX_AUTH_LIMITS_H
#define VRX_AUTH_LIMITS_H

#include <stdatomic.h>

#include "base/bytes.h"

#define VRX_LIMIT_CALLERS 4096 /* as many as a municipality has terminals */
#define VRX_LIMIT_BURST 2048   /* calls at once, half of a municipality's queue */
#define VRX_LIMIT_RESERVE 20   /* calls a second that a municipality over its limit takes of each */
#define VRX_LIMIT_CALLER_NAME 64    /* bytes: an operator's name, an address */
#define VRX_LIMIT_PLACES (1u << 21) /* for persons, of all callers of a municipality: 32 MiB */
#define VRX_LIMIT_TELL_MS 1000      /* of one caller's flood, one refusal in so long is recorded */

enum vrx_limit {
#define VRX_LIMIT(name, option, fallback, greatest, en, ja) VRX_LIMIT_##name,
#include "auth/limits.def"
#undef VRX_LIMIT
    VRX_LIMITS,
};

/* The limits in force: read at each use, so that a change counts at once. */
struct vrx_limit_settings {
    _Atomic uint32_t value[VRX_LIMITS];
};

void vrx_limit_settings_default(struct vrx_limit_settings *ret_settings);

enum vrx_limited {
    VRX_LIMITED_SYSTEM,  /* a terminal that is a machine */
    VRX_LIMITED_SEAT,    /* a terminal that people sit at */
    VRX_LIMITED_PERSON,  /* an operator */
    VRX_LIMITED_ADDRESS, /* of what is no terminal */
    VRX_LIMITED_PEER,    /* another municipality, by its queries */
    VRX_LIMITED_CLASSES,
};

/* Who calls; views are borrowed for the call. */
struct vrx_limit_caller {
    enum vrx_limited what;  /* of name: never PERSON */
    struct vrx_view name;   /* the terminal's digest, or the address */
    struct vrx_view person; /* the operator; empty where a machine acts */
};

struct vrx_limits;

/* together: the municipality's own limit counts here. settings must outlive it. Errors:
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_limits_new(
    const struct vrx_limit_settings *settings, bool together, struct vrx_limits **ret_limits);
/* Accepts NULL. */
void vrx_limits_free(struct vrx_limits **limits);

/* What to do about a refusal of vrx_limits_call. */
struct vrx_limit_tell {
    bool record;    /* this one is to be recorded; otherwise it is counted */
    uint32_t since; /* and stands for so many more that were counted */
};

/* One call. path: constant, of the method, for vrx_limits_untold. Errors: VRX_RATE_EXCEEDED, with
 * how long to wait; VRX_CAP_REACHED where a further caller has no place, VRX_OUT_OF_MEMORY. An
 * operator without a place is counted as the terminal alone. */
struct vrx_result vrx_limits_call(struct vrx_limits *limits, const struct vrx_limit_caller *caller,
    const char *path, int64_t now_ms, struct vrx_limit_tell *ret_tell);

/* Calls that were refused and counted, and after which none came that could tell of them. */
struct vrx_limit_untold {
    enum vrx_limited what; /* of name */
    uint8_t name[VRX_LIMIT_CALLER_NAME];
    size_t name_len;
    char person[VRX_LIMIT_CALLER_NAME + 1]; /* of the last of them; may be empty */
    const char *path;                       /* the same */
    uint32_t count;
};
/* Takes one caller's; false where there is none. */
bool vrx_limits_untold(
    struct vrx_limits *limits, int64_t now_ms, struct vrx_limit_untold *ret_untold);

/* The call is about this person: before anything of theirs is handed out. Errors as above. */
struct vrx_result vrx_limits_person(struct vrx_limits *limits,
    const struct vrx_limit_caller *caller, int64_t resident, int64_t now_ms);

/* May they look somebody up? Errors as above. And: that one found nobody. */
struct vrx_result vrx_limits_look_up(
    struct vrx_limits *limits, const struct vrx_limit_caller *caller, int64_t now_ms);
void vrx_limits_failed(
    struct vrx_limits *limits, const struct vrx_limit_caller *caller, int64_t now_ms);

/* What is to be done about a refusal of vrx_limits_query. */
struct vrx_limit_query {
    bool unanswered; /* too many before it were not answered at once; else too many in all */
    struct vrx_limit_tell tell;
};

/* A query of another municipality, by its code: counts it. path: as of vrx_limits_call. Errors:
 * VRX_RATE_EXCEEDED, with how long to wait; VRX_CAP_REACHED, VRX_OUT_OF_MEMORY. And: it is not
 * answered at once, for whatever reason. */
struct vrx_result vrx_limits_query(struct vrx_limits *limits, struct vrx_view peer,
    const char *path, int64_t now_ms, struct vrx_limit_query *ret_refusal);
void vrx_limits_unanswered(struct vrx_limits *limits, struct vrx_view peer, int64_t now_ms);

#endif
