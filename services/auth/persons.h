/* SPDX-License-Identifier: Apache-2.0
 *
 * How many distinct persons one caller's calls were about in the last minute and in the last hour:
 * whoever looks somebody up again has looked up nobody more. It is exact, so that nobody is refused
 * by an estimate, and holds no more persons than the larger limit lets pass: about 32 bytes each.
 */
#ifndef VRX_AUTH_PERSONS_H
#define VRX_AUTH_PERSONS_H

#include <stddef.h>

#include "auth/window.h"
#include "base/result.h"

struct vrx_person_mark {
    int64_t resident;
    uint32_t seen; /* second, plus 1; 0: no mark */
};

struct vrx_persons {          /* all zero: nobody yet */
    struct vrx_window minute; /* by the second */
    struct vrx_window hour;   /* by the minute */
    struct vrx_person_mark *marks;
    uint32_t mask; /* places less one; of 0 there are none */
    uint32_t used;
};

/* 0: no limit. */
struct vrx_person_limits {
    uint32_t minute;
    uint32_t hour;
};

void vrx_persons_done(struct vrx_persons *persons);

/* Would this person be one too many in that second (which is at least that of the last call of
 * either function and less than 2^32 - 1)? Errors: VRX_RATE_EXCEEDED, with how long to wait. */
struct vrx_result vrx_persons_check(struct vrx_persons *persons,
    const struct vrx_person_limits *limits, int64_t resident, int64_t second);

/* Counts the person, after the check of the same second. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_persons_add(struct vrx_persons *persons,
    const struct vrx_person_limits *limits, int64_t resident, int64_t second);

/* Places for marks, 16 bytes each; and whether one more person makes the table anew, larger where
 * all its marks still count. */
size_t vrx_persons_places(const struct vrx_persons *persons);
bool vrx_persons_grows(const struct vrx_persons *persons);

/* Whether nobody counts any more: it can be forgotten. */
bool vrx_persons_idle(const struct vrx_persons *persons, int64_t second);

#endif
