/* SPDX-License-Identifier: Apache-2.0
 *
 * How often a value fell where: counts that any thread adds to and any thread reads, without a lock
 * and without an order between them (relaxed atomics). A reader may see a value that was added in
 * the count and not yet in the sum; nothing is lost.
 */
#ifndef VRX_BASE_HISTOGRAM_H
#define VRX_BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define VRX_HISTOGRAM_BOUNDS 20

/* Upper bounds, each included, ascending; at most VRX_HISTOGRAM_BOUNDS. */
struct vrx_scale {
    const uint64_t *bounds;
    size_t count;
};

/* 50 µs to 10 s in steps of 1, 2.5, 5; in nanoseconds: from a read out of memory to what a client
 * gives up on. */
extern const struct vrx_scale vrx_scale_time;
/* 1 to 256 in steps of 2: jobs of a batch. */
extern const struct vrx_scale vrx_scale_jobs;

/* All zero at first. */
struct vrx_histogram {
    atomic_uint_fast64_t counts[VRX_HISTOGRAM_BOUNDS + 1]; /* the last: above all bounds */
    atomic_uint_fast64_t sum;
};

/* One reader's copy. */
struct vrx_histogram_sums {
    uint64_t counts[VRX_HISTOGRAM_BOUNDS + 1];
    uint64_t sum;
};

/* One more value. */
void vrx_histogram_add(
    struct vrx_histogram *histogram, const struct vrx_scale *scale, uint64_t value);
/* Adds what the histogram has to *sums, which must be of the same scale. */
void vrx_histogram_collect(const struct vrx_histogram *histogram, struct vrx_histogram_sums *sums);

#endif
