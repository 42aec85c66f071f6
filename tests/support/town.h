/* SPDX-License-Identifier: Apache-2.0
 *
 * Invents a municipality: its residents and their vaccinations as the files that real systems
 * write, with a known number of faulty rows of every kind. The same options give the same bytes.
 * make_town.c is the program; the file names and the first two residents are below.
 */
#ifndef VRX_TESTS_SUPPORT_TOWN_H
#define VRX_TESTS_SUPPORT_TOWN_H

#include "base/result.h"

#include <stdint.h>

/* In CP932 with CRLF; expected.tsv in UTF-8 with LF. */
#define VRX_TOWN_RESIDENTS "residents.csv"
#define VRX_TOWN_VACCINATIONS "vaccinations.csv"
#define VRX_TOWN_EXPECTED "expected.tsv"

/* The first two residents are clean in every town, with two doses of Comirnaty (2021-06-01 and
 * 2021-06-22) given by the town itself: addressee 1, 札幌 花子, and addressee 2, 北海 太郎. */
#define VRX_TOWN_HANAKO_NUMBER "123456789018"
#define VRX_TOWN_TARO_NUMBER "987654321093"

#define VRX_TOWN_RESIDENTS_MIN 100
#define VRX_TOWN_RESIDENTS_MAX 10000000

struct vrx_town_options {
    const char *municipality; /* code, 6 digits */
    const char *names;        /* municipalities.csv; NULL or absent: four towns are known */
    const char *folder;       /* exists; files in it are overwritten */
    uint64_t residents;       /* VRX_TOWN_RESIDENTS_MIN to _MAX */
    uint64_t seed;
    uint64_t faults; /* of each kind; 0: one for each 1,000 residents, at least 1 */
};

/* No date lies behind this day but those that are wrong for lying in the future, 2099-12-31: checks
 * with any today from this day on until then find the same faults. */
#define VRX_TOWN_LAST_DAY "2023-12-31"

/* Errors: VRX_INPUT_RANGE (residents, or too many faults for them), the municipality code's;
 * VRX_MUNICIPALITY_UNKNOWN when its name is nowhere; VRX_FILE_REFUSED, VRX_DISK_FAILED,
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_town_write(const struct vrx_town_options *options);

#endif
