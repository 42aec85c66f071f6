/* SPDX-License-Identifier: Apache-2.0
 *
 * Prometheus' text exposition format, version 0.0.4: families of samples, each with help and type.
 *
 *     vrx_metrics_family(&text, "vrx_calls_total", "counter", "Calls by method and outcome.");
 *     vrx_metrics_sample(&text, &(struct vrx_metrics_label){"method", "Records/GetHistory"}, 1, 7);
 */
#ifndef VRX_METRICS_EXPOSITION_H
#define VRX_METRICS_EXPOSITION_H

#include "base/bytes.h"
#include "base/histogram.h"

/* The first failure stays: what comes after it does nothing. */
struct vrx_metrics {
    struct vrx_buffer *out;
    const char *name; /* of the family */
    struct vrx_result result;
};

struct vrx_metrics_label {
    const char *name;
    const char *value;
};

/* out is appended to and must outlive *metrics. */
void vrx_metrics_init(struct vrx_metrics *metrics, struct vrx_buffer *out);

/* type: "counter", "gauge" or "histogram". Samples follow. All texts are static; help is a line. */
void vrx_metrics_family(
    struct vrx_metrics *metrics, const char *name, const char *type, const char *help);
/* A sample of a counter or a gauge. Whole numbers up to 2^53 are exact in the reader. */
void vrx_metrics_sample(struct vrx_metrics *metrics, const struct vrx_metrics_label *labels,
    size_t count, uint64_t value);
/* A sample in seconds of a time in nanoseconds. */
void vrx_metrics_seconds(struct vrx_metrics *metrics, const struct vrx_metrics_label *labels,
    size_t count, uint64_t nanoseconds);
/* All samples of a histogram: buckets, sum and count. seconds: bounds and sum are nanoseconds, told
 * in seconds. */
void vrx_metrics_histogram(struct vrx_metrics *metrics, const struct vrx_metrics_label *labels,
    size_t count, const struct vrx_scale *scale, const struct vrx_histogram_sums *sums,
    bool seconds);

#endif
