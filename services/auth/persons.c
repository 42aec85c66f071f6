/* SPDX-License-Identifier: Apache-2.0
 *
 * A mark for each person says in which second they were seen last; that second is counted in two
 * windows, and moves with the person. Marks that count no more are left out when the table is
 * remade, which happens when three quarters of it are used.
 */
#include "auth/persons.h"

#include <stdlib.h>

#define LEAST_PLACES 64

static int64_t minute_of(int64_t second) {
    return second / 60;
}

void vrx_persons_done(struct vrx_persons *persons) {
    free(persons->marks);
    *persons = (struct vrx_persons){0};
}

/* The person's mark, or the empty place for it. Ids of residents follow one another: multiplying
 * spreads them. */
static struct vrx_person_mark *place_of(
    struct vrx_person_mark *marks, uint32_t mask, int64_t resident) {
    uint32_t at = (uint32_t)(((uint64_t)resident * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (marks[at].seen && marks[at].resident != resident)
        at = (at + 1) & mask;
    return &marks[at];
}

/* Second in which the person was seen last; -1 where they are not known. */
static int64_t last_seen(const struct vrx_persons *persons, int64_t resident) {
    if (!persons->marks)
        return -1;
    return (int64_t)place_of(persons->marks, persons->mask, resident)->seen - 1;
}

static void move(struct vrx_persons *persons, int64_t second) {
    vrx_window_move(&persons->minute, second);
    vrx_window_move(&persons->hour, minute_of(second));
}

static struct vrx_result refuse(const char *clause, int64_t wait_ms) {
    return vrx_refuse_for(VRX_RATE_EXCEEDED, clause, (uint32_t)wait_ms);
}

struct vrx_result vrx_persons_check(struct vrx_persons *persons,
    const struct vrx_person_limits *limits, int64_t resident, int64_t second) {
    const int64_t seen = last_seen(persons, resident);
    move(persons, second);
    const bool in_minute = seen >= 0 && vrx_window_holds(&persons->minute, seen);
    const bool in_hour = seen >= 0 && vrx_window_holds(&persons->hour, minute_of(seen));
    if (limits->hour && !in_hour && persons->hour.total >= limits->hour) {
        const int64_t minutes = vrx_window_wait(&persons->hour, limits->hour);
        return refuse("limit: persons an hour", (minutes * 60 - second % 60) * 1000);
    }
    if (limits->minute && !in_minute && persons->minute.total >= limits->minute)
        return refuse(
            "limit: persons a minute", vrx_window_wait(&persons->minute, limits->minute) * 1000);
    return vrx_ok();
}

static bool counts(
    const struct vrx_persons *persons, const struct vrx_person_limits *limits, int64_t seen) {
    return vrx_window_holds(&persons->minute, seen) ||
           (limits->hour && vrx_window_holds(&persons->hour, minute_of(seen)));
}

/* A table with room for one mark more, of those that still count. */
static struct vrx_result remake(
    struct vrx_persons *persons, const struct vrx_person_limits *limits) {
    uint32_t live = 0;
    uint32_t places = LEAST_PLACES;
    for (uint32_t i = 0; persons->marks && i <= persons->mask; i++)
        live += persons->marks[i].seen && counts(persons, limits, persons->marks[i].seen - 1);
    while (places / 2 <= live && places < UINT32_C(1) << 30)
        places *= 2;
    struct vrx_person_mark *marks = calloc(places, sizeof *marks);
    if (!marks)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (uint32_t i = 0; persons->marks && i <= persons->mask; i++) {
        const struct vrx_person_mark *old = &persons->marks[i];
        if (old->seen && counts(persons, limits, old->seen - 1))
            *place_of(marks, places - 1, old->resident) = *old;
    }
    free(persons->marks);
    persons->marks = marks;
    persons->mask = places - 1;
    persons->used = live;
    return vrx_ok();
}

size_t vrx_persons_places(const struct vrx_persons *persons) {
    return persons->marks ? (size_t)persons->mask + 1 : 0;
}

bool vrx_persons_grows(const struct vrx_persons *persons) {
    return !persons->marks || persons->used >= persons->mask / 4 * 3;
}

struct vrx_result vrx_persons_add(struct vrx_persons *persons,
    const struct vrx_person_limits *limits, int64_t resident, int64_t second) {
    if (!limits->minute && !limits->hour)
        return vrx_ok();
    move(persons, second);
    if (vrx_persons_grows(persons))
        VRX_TRY(remake(persons, limits));
    struct vrx_person_mark *mark = place_of(persons->marks, persons->mask, resident);
    if (mark->seen) {
        vrx_window_take_back(&persons->minute, (int64_t)mark->seen - 1);
        vrx_window_take_back(&persons->hour, minute_of((int64_t)mark->seen - 1));
    } else {
        persons->used++;
    }
    *mark = (struct vrx_person_mark){resident, (uint32_t)second + 1};
    vrx_window_add(&persons->minute);
    vrx_window_add(&persons->hour);
    return vrx_ok();
}

bool vrx_persons_idle(const struct vrx_persons *persons, int64_t second) {
    return !persons->hour.total || minute_of(second) - persons->hour.last >= VRX_WINDOW_SPANS;
}
