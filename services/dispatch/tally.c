/* SPDX-License-Identifier: Apache-2.0
 *
 * A reason's counter is found by its number's place in reasons.def, a method's row by the address
 * of its table row, both by halving: ten comparisons, a hundredth of what a call costs.
 */
#include "dispatch/tally.h"

#include <stdlib.h>

#include "dispatch/method.h"

#define SHARDS 8 /* of all counters: 60 methods' take 80 KiB each */

static const unsigned reasons[] = {
    VRX_OK,
#define VRX_REASON(name, value, category, retry, en, ja) (value),
#include "base/reasons.def"
#undef VRX_REASON
};

#define REASONS (sizeof reasons / sizeof *reasons)

struct row {
    atomic_uint_fast64_t outcomes[REASONS];
    struct vrx_histogram times;
};

struct vrx_tally {
    const struct vrx_method **methods; /* by address */
    size_t count;
    struct row *rows; /* SHARDS times count + 1 */
};

static int by_address(const void *a, const void *b) {
    const uintptr_t one = (uintptr_t) * (const struct vrx_method *const *)a;
    const uintptr_t other = (uintptr_t) * (const struct vrx_method *const *)b;
    return (one > other) - (one < other);
}

struct vrx_result vrx_tally_new(
    const struct vrx_method *const *methods, size_t count, struct vrx_tally **ret_tally) {
    struct vrx_tally *tally = calloc(1, sizeof *tally);
    if (!tally)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    tally->methods = calloc(count + 1, sizeof(const struct vrx_method *));
    tally->rows = calloc(SHARDS * (count + 1), sizeof *tally->rows);
    if (!tally->methods || !tally->rows) {
        vrx_tally_free(&tally);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < count; i++)
        tally->methods[i] = methods[i];
    qsort(tally->methods, count, sizeof(const struct vrx_method *), by_address);
    for (size_t i = 0; i < count; i++)
        if (!i || tally->methods[i] != tally->methods[tally->count - 1])
            tally->methods[tally->count++] = tally->methods[i];
    *ret_tally = tally;
    return vrx_ok();
}

void vrx_tally_free(struct vrx_tally **tally) {
    if (!tally || !*tally)
        return;
    free((*tally)->methods);
    free((*tally)->rows);
    free(*tally);
    *tally = NULL;
}

static size_t row_of(const struct vrx_tally *tally, const struct vrx_method *method) {
    for (size_t low = 0, high = tally->count; low < high;) {
        const size_t middle = low + (high - low) / 2;
        if (tally->methods[middle] == method)
            return middle;
        if ((uintptr_t)tally->methods[middle] < (uintptr_t)method)
            low = middle + 1;
        else
            high = middle;
    }
    return tally->count;
}

static size_t place_of(enum vrx_reason reason) {
    size_t low = 0;
    for (size_t high = REASONS; high - low > 1;) {
        const size_t middle = low + (high - low) / 2;
        *(reasons[middle] <= (unsigned)reason ? &low : &high) = middle;
    }
    return low;
}

/* Objects lie at multiples of 16, and those of a kind at about the same distances. */
static size_t shard_of(const void *near) {
    return (size_t)((uint64_t)(uintptr_t)near * UINT64_C(0x9e3779b97f4a7c15) >> 32) % SHARDS;
}

static struct row *find(
    const struct vrx_tally *tally, const void *near, const struct vrx_method *method) {
    return &tally->rows[shard_of(near) * (tally->count + 1) + row_of(tally, method)];
}

void vrx_tally_outcome(struct vrx_tally *tally, const void *near, const struct vrx_method *method,
    enum vrx_reason outcome) {
    if (tally)
        atomic_fetch_add_explicit(
            &find(tally, near, method)->outcomes[place_of(outcome)], 1, memory_order_relaxed);
}

void vrx_tally_time(struct vrx_tally *tally, const void *near, const struct vrx_method *method,
    uint64_t nanoseconds) {
    if (tally)
        vrx_histogram_add(&find(tally, near, method)->times, &vrx_scale_time, nanoseconds);
}

size_t vrx_tally_rows(const struct vrx_tally *tally) {
    return tally->count + 1;
}

const char *vrx_tally_path(const struct vrx_tally *tally, size_t row) {
    return row < tally->count ? tally->methods[row]->path : NULL;
}

uint64_t vrx_tally_count(const struct vrx_tally *tally, size_t row, enum vrx_reason outcome) {
    uint64_t sum = 0;
    for (size_t shard = 0; shard < SHARDS; shard++)
        sum += atomic_load_explicit(
            &tally->rows[shard * (tally->count + 1) + row].outcomes[place_of(outcome)],
            memory_order_relaxed);
    return sum;
}

struct vrx_histogram_sums vrx_tally_times(const struct vrx_tally *tally, size_t row) {
    struct vrx_histogram_sums sums = {0};
    for (size_t shard = 0; shard < SHARDS; shard++)
        vrx_histogram_collect(&tally->rows[shard * (tally->count + 1) + row].times, &sums);
    return sums;
}
