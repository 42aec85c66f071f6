/* SPDX-License-Identifier: Apache-2.0
 *
 * One invented resident at a time: the cells of their row in either file. Each is made from the
 * town's seed and their own index only.
 */
#ifndef VRX_TESTS_SUPPORT_TOWN_PEOPLE_H
#define VRX_TESTS_SUPPORT_TOWN_PEOPLE_H

#include "layouts/resident_row.h"
#include "layouts/vaccination_row.h"
#include "support/town_text.h"

#define TOWN_DOSES 5 /* at most, of one resident */

struct town_cell {
    size_t len;
    char bytes[112];
};

struct town_row {
    size_t count;
    bool quoted; /* every cell */
    struct town_cell cell[1 + TOWN_DOSES * VRX_DOSE_FIELDS];
};

struct town_person {
    struct town_row resident;
    struct town_row vaccinations; /* count 0: none */
    unsigned doses;
    unsigned doses_elsewhere; /* of them, given by another municipality */
};

struct town {
    const char *municipality;
    const char *elsewhere; /* a neighbour */
    uint64_t residents;
    uint64_t seed; /* mixed with the municipality's code */
    struct town_words words;
};

/* What faults need of the person whose row they spoil. */
enum town_shape {
    TOWN_ANYONE,   /* as chance has it */
    TOWN_STANDARD, /* two own doses of Comirnaty, 2021-06-01 and 2021-06-22, ASCII digits */
    TOWN_BABY,     /* the same, and born 2022-03-01 */
};

void town_init(struct town *town, const char *municipality, uint64_t residents, uint64_t seed);

/* index from 0; the first two are the well-known ones. */
struct vrx_result town_person_make(
    const struct town *town, uint64_t index, enum town_shape shape, struct town_person *person);

#endif
