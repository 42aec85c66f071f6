/* SPDX-License-Identifier: Apache-2.0
 *
 * One function a family or a few that belong together. Reading costs nothing to who counts: no lock
 * is taken that a call takes, but the worker's for a moment and the list of municipalities' for
 * reading.
 */
#include "metrics/collect.h"

#include <string.h>

#include "dispatch/log.h"
#include "metrics/exposition.h"
#include "metrics/process.h"

static const enum vrx_reason reasons[] = {
    VRX_OK,
#define VRX_REASON(name, value, category, retry, en, ja) VRX_##name,
#include "base/reasons.def"
#undef VRX_REASON
};

static void one(struct vrx_metrics *metrics, const char *name, const char *type, const char *help,
    uint64_t value) {
    vrx_metrics_family(metrics, name, type, help);
    vrx_metrics_sample(metrics, NULL, 0, value);
}

static void labelled(
    struct vrx_metrics *metrics, const char *label, const char *value, uint64_t number) {
    const struct vrx_metrics_label labels[] = {{label, value}};
    vrx_metrics_sample(metrics, labels, 1, number);
}

/* ---- calls ---- */

/* "/vrx.v1.Records/GetHistory" is Records/GetHistory; a standard service keeps its package. */
static const char *short_path(const char *path) {
    static const char own[] = "/vrx.v1.";
    if (!path)
        return "none";
    return strncmp(path, own, sizeof own - 1) == 0 ? path + sizeof own - 1 : path + 1;
}

static void tell_outcomes(struct vrx_metrics *metrics, const struct vrx_tally *tally, size_t row) {
    const char *method = short_path(vrx_tally_path(tally, row));
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        const uint64_t count = vrx_tally_count(tally, row, reasons[i]);
        const struct vrx_metrics_label labels[] = {
            {"method", method}, {"outcome", vrx_reason_name(reasons[i])}};
        if (count)
            vrx_metrics_sample(metrics, labels, 2, count);
    }
}

static void tell_calls(struct vrx_metrics *metrics, const struct vrx_tally *tally) {
    vrx_metrics_family(metrics, "vrx_calls_total", "counter",
        "Calls that ended, by method and outcome; method none: refused before it was known.");
    for (size_t row = 0; row < vrx_tally_rows(tally); row++)
        tell_outcomes(metrics, tally, row);
    vrx_metrics_family(metrics, "vrx_call_seconds", "histogram",
        "From a complete message to the first reply to it that was handed over, by method.");
    for (size_t row = 0; row + 1 < vrx_tally_rows(tally); row++) {
        const struct vrx_metrics_label labels[] = {
            {"method", short_path(vrx_tally_path(tally, row))}};
        const struct vrx_histogram_sums sums = vrx_tally_times(tally, row);
        vrx_metrics_histogram(metrics, labels, 1, &vrx_scale_time, &sums, true);
    }
}

/* ---- connections ---- */

#define LISTENERS 2

static const char *const listeners[LISTENERS] = {"terminals", "public"};

/* One number of each listener that there is. */
static void by_listener(struct vrx_metrics *metrics, const struct vrx_metrics_sources *sources,
    uint64_t (*number)(const struct vrx_net_statistics *now)) {
    for (size_t i = 0; i < LISTENERS; i++) {
        if (!sources->servers[i])
            continue;
        const struct vrx_net_statistics now = vrx_grpc_server_statistics(sources->servers[i]);
        labelled(metrics, "listener", listeners[i], number(&now));
    }
}

static uint64_t number_open(const struct vrx_net_statistics *now) {
    return now->open;
}

static uint64_t number_accepted(const struct vrx_net_statistics *now) {
    return now->accepted;
}

static uint64_t number_failed(const struct vrx_net_statistics *now) {
    return now->handshakes_failed;
}

static void tell_limits(
    struct vrx_metrics *metrics, const char *listener, const struct vrx_grpc_server *server) {
    const struct vrx_net_statistics now = vrx_grpc_server_statistics(server);
    for (int limit = VRX_NET_WITHIN_LIMITS + 1; limit < VRX_NET_LIMITS; limit++) {
        const struct vrx_metrics_label labels[] = {
            {"listener", listener}, {"limit", vrx_net_limit_name((enum vrx_net_limit)limit)}};
        vrx_metrics_sample(metrics, labels, 2, now.limited[limit]);
    }
}

static void tell_connections(
    struct vrx_metrics *metrics, const struct vrx_metrics_sources *sources) {
    vrx_metrics_family(metrics, "vrx_connections", "gauge", "Connections that are open.");
    by_listener(metrics, sources, number_open);
    vrx_metrics_family(metrics, "vrx_connections_accepted_total", "counter", "Connections begun.");
    by_listener(metrics, sources, number_accepted);
    vrx_metrics_family(metrics, "vrx_handshakes_failed_total", "counter",
        "Connections that ended before TLS 1.3 with the certificate asked for was agreed on.");
    by_listener(metrics, sources, number_failed);
    vrx_metrics_family(metrics, "vrx_connections_limited_total", "counter",
        "Connections that a limit ended or turned away, by limit (services/net/limits.h).");
    for (size_t i = 0; i < LISTENERS; i++)
        if (sources->servers[i])
            tell_limits(metrics, listeners[i], sources->servers[i]);
}

/* ---- municipalities ---- */

struct vaults {
    uint64_t open;
    uint64_t sealed;
    uint64_t queued;
    uint64_t longest_queue;
    uint64_t jobs;
    uint64_t lost;
    uint64_t rests;
    uint64_t exchange_due;
    uint64_t retention_due;
    struct vrx_histogram_sums batch_jobs;
    struct vrx_histogram_sums commit_ns;
};

static void add_vault(struct vaults *sums, struct vrx_slot *slot, int64_t now) {
    const struct vrx_actor_statistics actor = vrx_actor_statistics(slot->actor);
    const bool open = vrx_slot_is_open(slot);
    sums->open += open;
    sums->sealed += !open;
    sums->queued += actor.queued;
    if (actor.queued > sums->longest_queue)
        sums->longest_queue = actor.queued;
    sums->jobs += actor.jobs;
    sums->lost += actor.failures;
    sums->rests += actor.rests;
    sums->exchange_due += open && atomic_load(&slot->exchange_due) <= now;
    sums->retention_due += open && atomic_load(&slot->retention_due) <= now;
    vrx_histogram_collect(vrx_actor_batch_jobs(slot->actor), &sums->batch_jobs);
    vrx_histogram_collect(vrx_actor_commit_ns(slot->actor), &sums->commit_ns);
}

static void tell_sums(struct vrx_metrics *metrics, const struct vaults *sums) {
    vrx_metrics_family(metrics, "vrx_vaults", "gauge", "Municipalities kept here, by state.");
    labelled(metrics, "state", "open", sums->open);
    labelled(metrics, "state", "sealed", sums->sealed);
    one(metrics, "vrx_queue_jobs", "gauge", "Jobs that wait for a vault or are being done.",
        sums->queued);
    one(metrics, "vrx_queue_jobs_longest", "gauge",
        "The same of the municipality that has most; over 4096 calls are refused (QUEUE_FULL).",
        sums->longest_queue);
    one(metrics, "vrx_jobs_total", "counter", "Jobs done in vaults.", sums->jobs);
    one(metrics, "vrx_transactions_lost_total", "counter",
        "Transactions that could not be committed; their callers were told.", sums->lost);
    one(metrics, "vrx_vault_rests_total", "counter", "Idle vaults that gave memory back.",
        sums->rests);
    one(metrics, "vrx_exchange_due", "gauge",
        "Open vaults with a transfer that wants attention now.", sums->exchange_due);
    one(metrics, "vrx_retention_due", "gauge",
        "Open vaults whose standing order to erase is due now.", sums->retention_due);
    vrx_metrics_family(
        metrics, "vrx_batch_jobs", "histogram", "Jobs that shared one transaction and its fsync.");
    vrx_metrics_histogram(metrics, NULL, 0, &vrx_scale_jobs, &sums->batch_jobs, false);
    vrx_metrics_family(metrics, "vrx_commit_seconds", "histogram",
        "COMMIT of a transaction, which is the time of fsync.");
    vrx_metrics_histogram(metrics, NULL, 0, &vrx_scale_time, &sums->commit_ns, true);
}

static void tell_vaults(struct vrx_metrics *metrics, struct vrx_daemon *daemon) {
    struct vaults sums = {0};
    const int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++)
        add_vault(&sums, daemon->slots[i], now);
    vrx_metrics_family(metrics, "vrx_vault_open", "gauge", "1 while the vault is unsealed.");
    for (size_t i = 0; i < daemon->slot_count; i++)
        labelled(metrics, "municipality", daemon->slots[i]->code.digits,
            vrx_slot_is_open(daemon->slots[i]));
    vrx_metrics_family(metrics, "vrx_vault_queue_jobs", "gauge",
        "Jobs that wait for the vault or are being done in it.");
    for (size_t i = 0; i < daemon->slot_count; i++)
        labelled(metrics, "municipality", daemon->slots[i]->code.digits,
            vrx_actor_statistics(daemon->slots[i]->actor).queued);
    pthread_rwlock_unlock(&daemon->slots_lock);
    tell_sums(metrics, &sums);
}

/* ---- the rest ---- */

static void tell_worker(struct vrx_metrics *metrics, struct vrx_daemon *daemon) {
    const struct vrx_worker_statistics now = vrx_worker_statistics(daemon->worker);
    vrx_metrics_family(metrics, "vrx_worker_tasks", "gauge",
        "Unseals, calls to the issuer and the like, by state.");
    labelled(metrics, "state", "waiting", now.waiting);
    labelled(metrics, "state", "running", now.running);
    one(metrics, "vrx_issuer_up", "gauge", "1 while the certificate issuer takes connections.",
        !atomic_load(&daemon->issuer_away));
    one(metrics, "vrx_ticks_total", "counter",
        "Looks at what is due, about one a second; one that stands still is stuck.", now.ticks);
}

static void tell_log(struct vrx_metrics *metrics) {
    const struct vrx_lines_counts log = vrx_log_counts();
    one(metrics, "vrx_log_lines_total", "counter", "Lines of the log that were written.",
        log.written);
    one(metrics, "vrx_log_lines_lost_total", "counter",
        "Lines of the log that were lost, for nobody read standard error.", log.lost);
}

static void tell_expiry(struct vrx_metrics *metrics, const struct vrx_metrics_sources *sources) {
    const struct vrx_law *law = vrx_law_hold(sources->daemon->law);
    vrx_metrics_family(metrics, "vrx_expiry_timestamp_seconds", "gauge",
        "When what the daemon works with expires, in seconds since 1970.");
    labelled(metrics, "of", "directory", (uint64_t)law->directory.expires);
    labelled(metrics, "of", "permits", (uint64_t)law->permits.expires);
    vrx_law_release(sources->daemon->law, law);
    if (sources->certificate_not_after)
        labelled(
            metrics, "of", "certificate", (uint64_t)atomic_load(sources->certificate_not_after));
}

static void tell_process(struct vrx_metrics *metrics, const struct vrx_metrics_sources *sources) {
    const struct vrx_process now = vrx_process_now();
    const struct vrx_metrics_label version[] = {{"version", sources->version}};
    vrx_metrics_family(metrics, "vrx_build_info", "gauge", "1; the label says which vrxd it is.");
    vrx_metrics_sample(metrics, version, 1, 1);
    one(metrics, "vrx_memory_locked_bytes", "gauge", "Memory that is never swapped: keys.",
        now.locked_bytes);
    one(metrics, "process_start_time_seconds", "gauge", "Start, in seconds since 1970.",
        (uint64_t)sources->started_at);
    vrx_metrics_family(metrics, "process_cpu_seconds_total", "counter", "CPU time.");
    vrx_metrics_seconds(metrics, NULL, 0, now.cpu_ns);
    one(metrics, "process_resident_memory_bytes", "gauge", "Memory in use.", now.resident_bytes);
    one(metrics, "process_threads", "gauge", "Threads.", now.threads);
    one(metrics, "process_open_fds", "gauge", "Open files and sockets.", now.open_files);
    one(metrics, "process_max_fds", "gauge", "As many may be open.", now.max_files);
}

struct vrx_result vrx_metrics_collect(
    const struct vrx_metrics_sources *sources, struct vrx_buffer *out) {
    struct vrx_metrics metrics;
    vrx_metrics_init(&metrics, out);
    tell_process(&metrics, sources);
    tell_log(&metrics);
    tell_connections(&metrics, sources);
    if (sources->daemon) {
        if (sources->daemon->tally)
            tell_calls(&metrics, sources->daemon->tally);
        tell_vaults(&metrics, sources->daemon);
        tell_worker(&metrics, sources->daemon);
        tell_expiry(&metrics, sources);
    }
    return metrics.result;
}
