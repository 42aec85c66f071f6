/* SPDX-License-Identifier: Apache-2.0 */
#include "base/histogram.h"

#define US UINT64_C(1000)
#define MS (1000 * US)
#define S (1000 * MS)

static const uint64_t times[] = {50 * US, 100 * US, 250 * US, 500 * US, 1 * MS, 2500 * US, 5 * MS,
    10 * MS, 25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, 1 * S, 2500 * MS, 5 * S, 10 * S};
static const uint64_t jobs[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

#define COUNT(array) (sizeof(array) / sizeof *(array))

_Static_assert(COUNT(times) <= VRX_HISTOGRAM_BOUNDS, "a histogram has no room for the times");
_Static_assert(COUNT(jobs) <= VRX_HISTOGRAM_BOUNDS, "a histogram has no room for the jobs");

const struct vrx_scale vrx_scale_time = {times, COUNT(times)};
const struct vrx_scale vrx_scale_jobs = {jobs, COUNT(jobs)};

void vrx_histogram_add(
    struct vrx_histogram *histogram, const struct vrx_scale *scale, uint64_t value) {
    size_t at = 0;
    while (at < scale->count && value > scale->bounds[at])
        at++;
    if (at == scale->count)
        at = VRX_HISTOGRAM_BOUNDS;
    atomic_fetch_add_explicit(&histogram->counts[at], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum, value, memory_order_relaxed);
}

void vrx_histogram_collect(const struct vrx_histogram *histogram, struct vrx_histogram_sums *sums) {
    for (size_t i = 0; i <= VRX_HISTOGRAM_BOUNDS; i++)
        sums->counts[i] += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
    sums->sum += atomic_load_explicit(&histogram->sum, memory_order_relaxed);
}
