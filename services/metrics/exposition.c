/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/exposition.h"

#include <inttypes.h>
#include <stdio.h>

#define LABELS 4 /* of one sample, with "le" */
#define NUMBER 32

void vrx_metrics_init(struct vrx_metrics *metrics, struct vrx_buffer *out) {
    *metrics = (struct vrx_metrics){.out = out};
}

static void put(struct vrx_metrics *metrics, const char *text) {
    if (vrx_is_ok(metrics->result))
        metrics->result = vrx_buffer_append(metrics->out, vrx_view_text(text));
}

void vrx_metrics_family(
    struct vrx_metrics *metrics, const char *name, const char *type, const char *help) {
    metrics->name = name;
    const char *const parts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        put(metrics, parts[i]);
}

/* A label's value: backslash, quote and the line's end are escaped, all else is UTF-8 as it is. */
static void put_value(struct vrx_metrics *metrics, const char *value) {
    for (; *value; value++) {
        const char plain[2] = {*value, '\0'};
        if (*value == '\\')
            put(metrics, "\\\\");
        else if (*value == '"')
            put(metrics, "\\\"");
        else if (*value == '\n')
            put(metrics, "\\n");
        else
            put(metrics, plain);
    }
}

static void put_sample(struct vrx_metrics *metrics, const char *suffix,
    const struct vrx_metrics_label *labels, size_t count, const char *number) {
    put(metrics, metrics->name);
    put(metrics, suffix);
    for (size_t i = 0; i < count; i++) {
        put(metrics, i ? "," : "{");
        put(metrics, labels[i].name);
        put(metrics, "=\"");
        put_value(metrics, labels[i].value);
        put(metrics, "\"");
    }
    put(metrics, count ? "} " : " ");
    put(metrics, number);
    put(metrics, "\n");
}

static void write_number(char out[NUMBER], uint64_t value, bool seconds) {
    const uint64_t second = 1000000000;
    int len = 0;
    if (!seconds) {
        (void)snprintf(out, NUMBER, "%" PRIu64, value);
        return;
    }
    len = snprintf(out, NUMBER, "%" PRIu64 ".%09" PRIu64, value / second, value % second);
    while (len > 1 && out[len - 1] == '0')
        out[--len] = '\0';
    if (out[len - 1] == '.')
        out[len - 1] = '\0';
}

static void put_number(struct vrx_metrics *metrics, const char *suffix,
    const struct vrx_metrics_label *labels, size_t count, uint64_t value, bool seconds) {
    char number[NUMBER];
    write_number(number, value, seconds);
    put_sample(metrics, suffix, labels, count, number);
}

void vrx_metrics_sample(struct vrx_metrics *metrics, const struct vrx_metrics_label *labels,
    size_t count, uint64_t value) {
    put_number(metrics, "", labels, count, value, false);
}

void vrx_metrics_seconds(struct vrx_metrics *metrics, const struct vrx_metrics_label *labels,
    size_t count, uint64_t nanoseconds) {
    put_number(metrics, "", labels, count, nanoseconds, true);
}

void vrx_metrics_histogram(struct vrx_metrics *metrics, const struct vrx_metrics_label *labels,
    size_t count, const struct vrx_scale *scale, const struct vrx_histogram_sums *sums,
    bool seconds) {
    struct vrx_metrics_label with_bound[LABELS] = {{0}};
    char bound[NUMBER];
    uint64_t total = 0;
    if (count >= LABELS) {
        metrics->result = vrx_fail(VRX_INTERNAL_ERROR);
        return;
    }
    for (size_t i = 0; i < count; i++)
        with_bound[i] = labels[i];
    with_bound[count] = (struct vrx_metrics_label){"le", bound};
    for (size_t i = 0; i < scale->count; i++) {
        total += sums->counts[i];
        write_number(bound, scale->bounds[i], seconds);
        put_number(metrics, "_bucket", with_bound, count + 1, total, false);
    }
    total += sums->counts[VRX_HISTOGRAM_BOUNDS];
    with_bound[count].value = "+Inf";
    put_number(metrics, "_bucket", with_bound, count + 1, total, false);
    put_number(metrics, "_sum", labels, count, sums->sum, seconds);
    put_number(metrics, "_count", labels, count, total, false);
}
