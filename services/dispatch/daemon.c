/* SPDX-License-Identifier: Apache-2.0
 *
 * The state folder:
 *
 *     tenants/011002/keyring.cbor   made by the municipality; useless without a custodian
 *     tenants/011002/terminals      routes: one digest in hexadecimal a line
 *     tenants/011002/vault.db       from the first unseal on
 *     tenants/011002/outside        what was done while it was sealed (outside.h)
 *     tenants/011002/restored       the vault was put back and is to be verified whole
 *     tenants/011002.retired-TIME   the municipality has left (swap.h)
 *     law                           newest versions of directory and permit table seen (law.h)
 *     laws/KIND-VERSION-DIGEST.cbor a copy of each that counted
 *
 * A tenant's folder is made under another name and renamed when it is complete, so that a crash
 * leaves none or all of it.
 */
#include "dispatch/daemon.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "dispatch/context.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "dispatch/outside.h"
#include "dispatch/swap.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "objects/query.h"

#define WAS_CONSOLE " console"
#define SUSPENDED " suspended"
#define LONG_TASKS 8     /* backups and restores at a time: they share the disk */
#define QUEUE_LIMIT 4096 /* jobs: at 50 µs each, 0.2 s of work waits at the most */
#define BATCH_LIMIT 256  /* jobs under one fsync: more gains nothing, and the first waits */
#define WORKERS 8        /* unseals wait for the disk more than they compute */
#define REST_MS 2000     /* pages are read again in microseconds; a counter's clerk pauses longer */

int64_t vrx_clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t vrx_clock_monotonic_ms(void *unused) {
    (void)unused;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t vrx_clock_monotonic_ns(void *unused) {
    (void)unused;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void slot_free(struct vrx_slot *slot) {
    if (!slot)
        return;
    vrx_actor_free(&slot->actor);
    vrx_unseal_session_free(&slot->unseal);
    vrx_unseal_session_free(&slot->replacing);
    vrx_buffer_done(&slot->held_notes);
    vrx_buffer_done(&slot->keyring);
    vrx_limits_free(&slot->limits);
    vrx_gate_done(&slot->gate);
    pthread_mutex_destroy(&slot->lock);
    pthread_mutex_destroy(&slot->changed.lock);
    free(slot->folder);
    free(slot);
}

/* A path below the slot's folder. */
static struct vrx_result slot_path(const struct vrx_slot *slot, const char *name, char path[4096]) {
    if ((size_t)snprintf(path, 4096, "%s/%s", slot->folder, name) >= 4096)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    return vrx_ok();
}

/* Takes the word off the front of what is left of a line, if it stands there. */
static bool take_word(struct vrx_view *rest, const char *word) {
    const struct vrx_view text = vrx_view_text(word);
    if (!vrx_view_equal(vrx_view_slice(*rest, 0, text.len), text))
        return false;
    *rest = vrx_view_slice(*rest, text.len, SIZE_MAX);
    return true;
}

/* Takes one line's digest into the registry, its kind unknown. What another municipality has by now
 * (an old backup was put back) stays with that one. */
static struct vrx_result read_route(struct vrx_slot *slot, struct vrx_view line) {
    const struct vrx_view hex = vrx_view_slice(line, 0, (size_t)2 * VRX_SPKI_DIGEST);
    struct vrx_view rest = vrx_view_slice(line, hex.len, SIZE_MAX);
    const bool was_console = take_word(&rest, WAS_CONSOLE);
    const bool suspended = take_word(&rest, SUSPENDED);
    struct vrx_buffer digest VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_hex_decode(hex, &digest));
    if (digest.len != VRX_SPKI_DIGEST || rest.len)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_registered route = {
        .owner = slot, .was_console = was_console, .suspended = suspended};
    struct vrx_result result = vrx_registry_put(slot->daemon->registry, digest.ptr, &route);
    if (result.reason != VRX_ALREADY_EXISTS)
        return result;
    vrx_log_event("a route belongs to another municipality", slot->code.digits, result);
    return vrx_ok();
}

static struct vrx_result read_routes(struct vrx_slot *slot) {
    char path[4096];
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(slot_path(slot, "terminals", path));
    VRX_TRY(vrx_file_read(path, VRX_LIMIT_ROUTES, &text));
    for (struct vrx_view left = vrx_buffer_view(&text); left.len;) {
        const uint8_t *end = memchr(left.ptr, '\n', left.len);
        const size_t len = end ? (size_t)(end - left.ptr) : left.len;
        VRX_TRY(read_route(slot, vrx_view_slice(left, 0, len)));
        left = vrx_view_slice(left, len + 1, SIZE_MAX);
    }
    return vrx_ok();
}

static struct vrx_result format_route(
    const uint8_t digest[VRX_SPKI_DIGEST], bool console, bool suspended, struct vrx_buffer *out) {
    VRX_TRY(vrx_hex_encode(vrx_view_of(digest, VRX_SPKI_DIGEST), out));
    if (console)
        VRX_TRY(vrx_buffer_append(out, vrx_view_text(WAS_CONSOLE)));
    if (suspended)
        VRX_TRY(vrx_buffer_append(out, vrx_view_text(SUSPENDED)));
    return vrx_buffer_append_byte(out, '\n');
}

static struct vrx_result format_routes(
    const struct vrx_registration *list, size_t count, struct vrx_buffer *out) {
    for (size_t i = 0; i < count; i++) {
        const struct vrx_registered *entry = &list[i].entry;
        VRX_TRY(format_route(list[i].spki_sha256,
            entry->kind ? entry->kind == VRX_TERMINAL_CONSOLE : entry->was_console,
            entry->suspended, out));
    }
    return vrx_ok();
}

/* Takes those out of the list that are to be changed; how many are left. */
static size_t leave_out(struct vrx_registration *list, size_t count,
    const struct vrx_registration *changes, size_t change_count) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        bool changed = false;
        for (size_t j = 0; j < change_count && !changed; j++)
            changed = !memcmp(list[i].spki_sha256, changes[j].spki_sha256, VRX_SPKI_DIGEST);
        if (!changed)
            list[left++] = list[i];
    }
    return left;
}

struct vrx_result vrx_slot_write_routes(
    struct vrx_slot *slot, const struct vrx_registration *changes, size_t change_count) {
    struct vrx_registration *list = NULL;
    size_t count = 0;
    VRX_TRY(vrx_registry_list(slot->daemon->registry, slot, &list, &count));
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    count = leave_out(list, count, changes, change_count);
    struct vrx_result result = format_routes(list, count, &text);
    free(list);
    VRX_TRY(result);
    VRX_TRY(format_routes(changes, change_count, &text));
    char path[4096];
    VRX_TRY(slot_path(slot, "terminals", path));
    /* At most unseals nothing has changed, and writing waits for the disk twice. */
    struct vrx_buffer before VRX_CLEANUP(vrx_buffer_done) = {0};
    if (vrx_is_ok(vrx_file_read(path, VRX_LIMIT_ROUTES, &before)) &&
        vrx_view_equal(vrx_buffer_view(&before), vrx_buffer_view(&text)))
        return vrx_ok();
    return vrx_file_replace(path, 0600, vrx_buffer_view(&text));
}

static struct vrx_result municipality_of(
    struct vrx_view bytes, struct vrx_municipality_code *ret_code) {
    struct vrx_keyring keyring;
    VRX_TRY(vrx_keyring_parse(bytes, &keyring));
    *ret_code = keyring.municipality;
    return vrx_ok();
}

/* The ledger of a vault that closes for damage takes no entry: it gets one at the next unseal. The
 * actor does not count as sealed yet, so that nobody else touches what lies beside the vault. */
static struct vrx_result note_closing(const struct vrx_slot *slot, struct vrx_result why) {
    struct vrx_context context = {.random = slot->daemon->random,
        .now = vrx_clock_seconds(),
        .terminal_id = VRX_DAEMON_TERMINAL};
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    char basis[VRX_LIMIT_BASIS + 1] = "sealed by itself";
    if (why.clause && strlen(why.clause) + sizeof "sealed by itself: " <= sizeof basis)
        (void)snprintf(basis, sizeof basis, "sealed by itself: %s", why.clause);
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(basis)};
    VRX_TRY(vrx_random_fill(context.random, context.request_id, VRX_ID));
    VRX_TRY(vrx_context_entry(
        &context, "/vrx.v1.Tenancy/Seal", VRX_OUTSIDE_PURPOSE, &facts, why.reason, &entry));
    VRX_TRY(vrx_outside_read(slot->folder, &notes));
    VRX_TRY(vrx_outside_add(&notes, vrx_buffer_view(&entry)));
    return vrx_outside_write(slot->folder, vrx_buffer_view(&notes));
}

static void tell_closing(const struct vrx_slot *slot, struct vrx_result why) {
    vrx_log_event("sealed by itself", slot->code.digits, why);
    struct vrx_result noted = note_closing(slot, why);
    if (!vrx_is_ok(noted))
        vrx_log_event("the sealing is not on record", slot->code.digits, noted);
}

/* Whatever closed the vault, a custodian, a signal or damage: what was known of its terminals does
 * not count any more, and who waits for it is told. */
static void slot_closed(void *context, struct vrx_result why) {
    struct vrx_slot *slot = context;
    if (!vrx_is_ok(why))
        tell_closing(slot, why);
    atomic_store(&slot->open, false);
    slot->hours_known = false;
    slot->kiosk_hours_known = false;
    vrx_registry_forget_kinds(slot->daemon->registry, slot);
    vrx_session_end_owner(slot->daemon->sessions, slot);
    vrx_dispatch_wake(slot);
    vrx_dispatch_wake_states(slot->daemon);
}

/* Replies to calls wait at their I/O threads. */
static void slot_answered(void *context) {
    const struct vrx_slot *slot = context;
    if (slot->daemon->answered)
        slot->daemon->answered(slot->daemon->answered_context);
}

/* A sealed slot on a folder that is there. */
static struct vrx_result slot_new(
    struct vrx_daemon *daemon, const char *folder, struct vrx_slot **ret_slot) {
    struct vrx_slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    slot->daemon = daemon;
    slot->exchange_due = INT64_MAX;
    slot->bulk_due = INT64_MAX;
    slot->certificates_due = INT64_MAX;
    slot->retention_due = INT64_MAX;
    slot->actions_due = INT64_MAX;
    pthread_mutex_init(&slot->lock, NULL);
    pthread_mutex_init(&slot->changed.lock, NULL);
    vrx_gate_init(&slot->gate);
    slot->folder = strdup(folder);
    struct vrx_result result = slot->folder ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
    char path[4096];
    if (vrx_is_ok(result))
        result = slot_path(slot, "keyring.cbor", path);
    if (vrx_is_ok(result))
        result = vrx_file_read(path, VRX_LIMIT_KEYRING, &slot->keyring);
    if (vrx_is_ok(result))
        result = municipality_of(vrx_buffer_view(&slot->keyring), &slot->code);
    struct vrx_actor_options options = {.queue_limit = QUEUE_LIMIT,
        .batch_limit = BATCH_LIMIT,
        .rest_ms = REST_MS,
        .answered = slot_answered,
        .now = vrx_clock_monotonic_ms,
        .now_ns = vrx_clock_monotonic_ns,
        .closed = slot_closed,
        .context = slot};
    if (vrx_is_ok(result))
        result = vrx_limits_new(&daemon->options.live.limits, true, &slot->limits);
    if (vrx_is_ok(result))
        result = vrx_actor_new(&options, &slot->actor);
    if (vrx_is_ok(result))
        result = read_routes(slot);
    if (!vrx_is_ok(result)) {
        vrx_registry_remove_owner(daemon->registry, slot);
        slot_free(slot);
        return result;
    }
    *ret_slot = slot;
    return vrx_ok();
}

/* Keeps the slots in order of code. */
static struct vrx_result add_slot(struct vrx_daemon *daemon, struct vrx_slot *slot) {
    pthread_rwlock_wrlock(&daemon->slots_lock);
    struct vrx_slot **grown =
        realloc(daemon->slots, (daemon->slot_count + 1) * sizeof *daemon->slots);
    struct vrx_result result = grown ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
    if (grown) {
        size_t at = daemon->slot_count++;
        for (; at && strcmp(grown[at - 1]->code.digits, slot->code.digits) > 0; at--)
            grown[at] = grown[at - 1];
        grown[at] = slot;
        daemon->slots = grown;
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
    return result;
}

/* A tenant's folder is named by its code; others are left alone. */
static struct vrx_result load_tenant(
    struct vrx_daemon *daemon, const char *parent, const char *name) {
    struct vrx_municipality_code code;
    if (!vrx_is_ok(vrx_municipality_code_parse(vrx_view_text(name), &code)))
        return vrx_ok();
    char folder[4096];
    if ((size_t)snprintf(folder, sizeof folder, "%s/%s", parent, name) >= sizeof folder)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    struct vrx_slot *slot = NULL;
    VRX_TRY(slot_new(daemon, folder, &slot));
    struct vrx_result result = vrx_municipality_code_equal(&slot->code, &code)
                                   ? add_slot(daemon, slot)
                                   : vrx_refuse(VRX_TENANT_UNKNOWN, "state: a keyring lies in "
                                                                    "another's folder");
    if (!vrx_is_ok(result))
        slot_free(slot);
    return result;
}

static struct vrx_result make_folder(const char *path) {
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return vrx_ok();
    return vrx_fail(errno == ENOSPC ? VRX_DISK_FULL : VRX_FILE_REFUSED);
}

static struct vrx_result tenants_folder(const struct vrx_daemon *daemon, char path[4096]) {
    if ((size_t)snprintf(path, 4096, "%s/tenants", daemon->options.state) >= 4096)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    return vrx_ok();
}

/* A second daemon would take part of the first one's connections, and then find every vault held.
 */
static struct vrx_result lock_state(struct vrx_daemon *daemon) {
    VRX_TRY(make_folder(daemon->options.state));
    daemon->state_lock = open(daemon->options.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (daemon->state_lock < 0 || flock(daemon->state_lock, LOCK_EX | LOCK_NB) != 0)
        return vrx_refuse(VRX_FILE_REFUSED, "state: one daemon a folder");
    return vrx_ok();
}

static struct vrx_result load_law(struct vrx_daemon *daemon) {
    const struct vrx_daemon_options *options = &daemon->options;
    if ((size_t)snprintf(daemon->law_seen, sizeof daemon->law_seen, "%s/law", options->state) >=
            sizeof daemon->law_seen ||
        (size_t)snprintf(daemon->law_archive, sizeof daemon->law_archive, "%s/laws",
            options->state) >= sizeof daemon->law_archive)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    const struct vrx_law_files files = {
        .directory = options->directory_file,
        .permits = options->permits_file,
        .seen = daemon->law_seen,
        .archive = daemon->law_archive,
    };
    return vrx_law_keeper_new(&files, options->authority, &daemon->law);
}

static struct vrx_result load_tenants(struct vrx_daemon *daemon) {
    char parent[4096];
    VRX_TRY(tenants_folder(daemon, parent));
    VRX_TRY(make_folder(parent));
    VRX_TRY(vrx_swap_recover(parent));
    DIR *folder = opendir(parent);
    if (!folder)
        return vrx_fail(VRX_FILE_REFUSED);
    struct vrx_result result = vrx_ok();
    for (struct dirent *entry = readdir(folder); entry && vrx_is_ok(result);
         entry = readdir(folder)) {
        result = load_tenant(daemon, parent, entry->d_name);
        if (!vrx_is_ok(result))
            vrx_log_event("tenant not loaded", entry->d_name, result);
    }
    closedir(folder);
    return result;
}

void vrx_daemon_set(struct vrx_daemon *daemon, const struct vrx_daemon_live *live) {
    daemon->options.live.idle_seal_seconds = live->idle_seal_seconds;
    daemon->options.live.pending_seconds = live->pending_seconds;
    daemon->options.live.transfer_seconds = live->transfer_seconds;
    daemon->options.live.backup_wal_bytes = live->backup_wal_bytes;
    daemon->options.live.cache_mebibytes = live->cache_mebibytes;
    for (size_t i = 0; i < VRX_LIMITS; i++)
        daemon->options.live.limits.value[i] = live->limits.value[i];
}

static bool is_rule(const struct vrx_slow_down_rule *rule) {
    return rule->tries >= 1 && rule->wait_seconds >= 1 &&
           rule->wait_seconds <= VRX_SLOW_DOWN_MOST && rule->window_seconds >= 1 &&
           rule->rest_seconds >= 1;
}

static struct vrx_result check_log_in(const struct vrx_daemon_options *options) {
    if (options->session_idle_seconds < 1 || options->session_seconds < 1)
        return vrx_refuse(VRX_INPUT_RANGE, "session-seconds, session-idle-seconds: at least 1");
    if (!is_rule(&options->log_in_rule) || !is_rule(&options->log_in_terminal_rule))
        return vrx_refuse(
            VRX_INPUT_RANGE, "log-in-tries: at least 1; log-in-wait-seconds: 1 to 900");
    return vrx_ok();
}

struct vrx_result vrx_daemon_new(const struct vrx_daemon_options *options, void (*tick)(void *),
    struct vrx_daemon **ret_daemon) {
    const int64_t transfer_seconds = options->live.transfer_seconds;
    if (transfer_seconds < 1 || transfer_seconds > VRX_LIMIT_QUERY_SECONDS)
        return vrx_refuse(VRX_INPUT_RANGE, "transfer-seconds: 1 second to 14 days");
    VRX_TRY(check_log_in(options));
    struct vrx_daemon *daemon = calloc(1, sizeof *daemon);
    if (!daemon)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    daemon->options = *options;
    daemon->state_lock = -1;
    daemon->random = vrx_random_system();
    pthread_rwlock_init(&daemon->slots_lock, NULL);
    pthread_mutex_init(&daemon->states.lock, NULL);
    pthread_mutex_init(&daemon->turns_lock, NULL);
    struct vrx_result result = vrx_registry_new(&daemon->registry);
    if (vrx_is_ok(result))
        result = vrx_sessions_new(options->session_idle_seconds * 1000,
            options->session_seconds * 1000, &daemon->sessions);
    if (vrx_is_ok(result))
        result = vrx_limits_new(&daemon->options.live.limits, false, &daemon->strangers);
    if (vrx_is_ok(result))
        result = lock_state(daemon);
    if (vrx_is_ok(result))
        result = load_law(daemon);
    if (vrx_is_ok(result))
        result = load_tenants(daemon);
    if (vrx_is_ok(result))
        result = vrx_worker_new(WORKERS, tick, daemon, &daemon->worker);
    if (vrx_is_ok(result))
        result = vrx_threads_new(LONG_TASKS, &daemon->threads);
    if (!vrx_is_ok(result)) {
        vrx_daemon_free(&daemon);
        return result;
    }
    *ret_daemon = daemon;
    return vrx_ok();
}

void vrx_daemon_stop_waiting(struct vrx_daemon *daemon) {
    atomic_store(&daemon->stopping, true);
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++)
        vrx_dispatch_wake(daemon->slots[i]);
    pthread_rwlock_unlock(&daemon->slots_lock);
    vrx_dispatch_wake_states(daemon);
}

void vrx_daemon_seal_all(struct vrx_daemon *daemon) {
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++)
        vrx_actor_seal(daemon->slots[i]->actor);
    pthread_rwlock_unlock(&daemon->slots_lock);
}

void vrx_daemon_free(struct vrx_daemon **daemon) {
    if (!daemon || !*daemon)
        return;
    atomic_store(
        &(*daemon)->stopping, true); /* what takes long ends by it; it may need the worker */
    vrx_threads_free(&(*daemon)->threads);
    vrx_worker_free(&(*daemon)->worker);
    for (size_t i = 0; i < (*daemon)->slot_count; i++)
        slot_free((*daemon)->slots[i]);
    free((*daemon)->slots);
    while ((*daemon)->retired) {
        struct vrx_slot *slot = (*daemon)->retired;
        (*daemon)->retired = slot->next_retired;
        slot_free(slot);
    }
    vrx_registry_free(&(*daemon)->registry);
    vrx_tally_free(&(*daemon)->tally);
    vrx_sessions_free(&(*daemon)->sessions);
    vrx_limits_free(&(*daemon)->strangers);
    if ((*daemon)->state_lock >= 0)
        close((*daemon)->state_lock);
    vrx_law_keeper_free(&(*daemon)->law);
    pthread_rwlock_destroy(&(*daemon)->slots_lock);
    pthread_mutex_destroy(&(*daemon)->states.lock);
    pthread_mutex_destroy(&(*daemon)->turns_lock);
    free(*daemon);
    *daemon = NULL;
}

bool vrx_slot_is_open(const struct vrx_slot *slot) {
    return atomic_load(&slot->open) && !vrx_actor_is_sealed(slot->actor);
}

struct vrx_slot *vrx_daemon_slot_at(struct vrx_daemon *daemon, size_t index) {
    pthread_rwlock_rdlock(&daemon->slots_lock);
    struct vrx_slot *slot = index < daemon->slot_count ? daemon->slots[index] : NULL;
    pthread_rwlock_unlock(&daemon->slots_lock);
    return slot;
}

struct vrx_result vrx_daemon_slot(struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, struct vrx_slot **ret_slot) {
    struct vrx_result result = vrx_fail(VRX_TENANT_UNKNOWN);
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t low = 0, high = daemon->slot_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(daemon->slots[middle]->code.digits, code->digits);
        if (order == 0) {
            *ret_slot = daemon->slots[middle];
            result = vrx_ok();
            break;
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
    return result;
}

/* Writes the folder's two files under the temporary name, then gives it the real one. */
static struct vrx_result write_tenant(const char *parent, const char *folder,
    struct vrx_view keyring, const uint8_t console[VRX_SPKI_DIGEST], struct vrx_view notes) {
    char fresh[4096];
    char path[4096];
    if ((size_t)snprintf(fresh, sizeof fresh, "%s.new", folder) >= sizeof fresh - 32)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    struct vrx_buffer routes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(format_route(console, true, false, &routes));
    VRX_TRY(make_folder(fresh));
    snprintf(path, sizeof path, "%.4000s/keyring.cbor", fresh);
    VRX_TRY(vrx_file_replace(path, 0600, keyring));
    snprintf(path, sizeof path, "%.4000s/terminals", fresh);
    VRX_TRY(vrx_file_replace(path, 0600, vrx_buffer_view(&routes)));
    VRX_TRY(vrx_outside_write(fresh, notes));
    if (rename(fresh, folder) != 0)
        return vrx_fail(
            errno == ENOTEMPTY || errno == EEXIST ? VRX_ALREADY_EXISTS : VRX_DISK_FAILED);
    return vrx_folder_sync(parent);
}

static struct vrx_result take_in(
    struct vrx_daemon *daemon, const char *folder, struct vrx_slot **ret_slot) {
    struct vrx_slot *slot = NULL;
    VRX_TRY(slot_new(daemon, folder, &slot));
    struct vrx_result result = add_slot(daemon, slot);
    if (!vrx_is_ok(result)) {
        vrx_registry_remove_owner(daemon->registry, slot);
        slot_free(slot);
        return result;
    }
    vrx_dispatch_wake_states(daemon);
    *ret_slot = slot;
    return vrx_ok();
}

struct vrx_result vrx_daemon_create_tenant(struct vrx_daemon *daemon, struct vrx_view keyring,
    const uint8_t console_spki_sha256[VRX_SPKI_DIGEST], struct vrx_view notes,
    struct vrx_slot **ret_slot) {
    struct vrx_municipality_code code;
    VRX_TRY(municipality_of(keyring, &code));
    struct vrx_slot *slot = NULL;
    struct vrx_registered registered;
    if (vrx_is_ok(vrx_daemon_slot(daemon, &code, &slot)) ||
        vrx_is_ok(vrx_registry_find(daemon->registry, console_spki_sha256, &registered)))
        return vrx_fail(VRX_ALREADY_EXISTS);
    char parent[4096];
    char folder[4096 + 8];
    VRX_TRY(tenants_folder(daemon, parent));
    snprintf(folder, sizeof folder, "%s/%s", parent, code.digits);
    VRX_TRY(write_tenant(parent, folder, keyring, console_spki_sha256, notes));
    return take_in(daemon, folder, ret_slot);
}

/* The keyring is read before the names change: afterwards nothing is left that can fail but memory.
 */
static struct vrx_result read_ready_keyring(
    const char *parent, const struct vrx_municipality_code *code, struct vrx_buffer *out) {
    char path[PATH_MAX];
    struct vrx_municipality_code named;
    VRX_TRY(vrx_swap_path(parent, code->digits, VRX_SWAP_READY, "/keyring.cbor", path));
    VRX_TRY(vrx_file_read(path, VRX_LIMIT_KEYRING, out));
    VRX_TRY(municipality_of(vrx_buffer_view(out), &named));
    return vrx_municipality_code_equal(&named, code)
               ? vrx_ok()
               : vrx_refuse(VRX_TENANT_UNKNOWN, "keyring: it is another municipality's");
}

struct vrx_result vrx_daemon_restore_tenant(struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, const char *aside, struct vrx_slot **slot) {
    char parent[4096];
    char folder[PATH_MAX];
    struct vrx_buffer keyring VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(tenants_folder(daemon, parent));
    VRX_TRY(vrx_swap_path(parent, code->digits, "", "", folder));
    VRX_TRY(read_ready_keyring(parent, code, &keyring));
    struct vrx_slot *other = NULL;
    if (!*slot && vrx_is_ok(vrx_daemon_slot(daemon, code, &other)))
        return vrx_fail(VRX_ALREADY_EXISTS); /* created meanwhile */
    VRX_TRY(vrx_swap_in(parent, code->digits, aside));
    if (!*slot)
        return take_in(daemon, folder, slot);
    const struct vrx_buffer before = (*slot)->keyring;
    (*slot)->keyring = keyring;
    keyring = before;
    vrx_unseal_session_free(&(*slot)->unseal);
    vrx_unseal_session_free(&(*slot)->replacing);
    vrx_buffer_clear(&(*slot)->held_notes);
    return read_routes(*slot);
}

static void take_out(struct vrx_daemon *daemon, struct vrx_slot *slot) {
    pthread_rwlock_wrlock(&daemon->slots_lock);
    size_t at = 0;
    while (daemon->slots[at] != slot)
        at++;
    daemon->slot_count--;
    for (; at < daemon->slot_count; at++)
        daemon->slots[at] = daemon->slots[at + 1];
    slot->next_retired = daemon->retired;
    daemon->retired = slot;
    pthread_rwlock_unlock(&daemon->slots_lock);
}

struct vrx_result vrx_daemon_retire_tenant(struct vrx_slot *slot, const char *aside) {
    struct vrx_daemon *daemon = slot->daemon;
    char parent[4096];
    VRX_TRY(tenants_folder(daemon, parent));
    VRX_TRY(vrx_swap_out(parent, slot->code.digits, aside));
    atomic_store(&slot->retired, true);
    vrx_registry_remove_owner(daemon->registry, slot);
    vrx_unseal_session_free(&slot->unseal);
    vrx_unseal_session_free(&slot->replacing);
    take_out(daemon, slot);
    vrx_dispatch_wake(slot);
    vrx_dispatch_wake_states(daemon);
    return vrx_ok();
}

struct vrx_result vrx_daemon_take_turn(struct vrx_daemon *daemon, struct vrx_turn *turn) {
    bool taken = false;
    (void)pthread_mutex_lock(&daemon->turns_lock);
    for (const struct vrx_turn *other = daemon->turns; other && !taken; other = other->next)
        taken = vrx_municipality_code_equal(&other->code, &turn->code);
    if (!taken) {
        turn->next = daemon->turns;
        daemon->turns = turn;
    }
    (void)pthread_mutex_unlock(&daemon->turns_lock);
    return taken ? vrx_refuse(VRX_CAP_REACHED, "one backup or restore of a municipality at a time")
                 : vrx_ok();
}

void vrx_daemon_end_turn(struct vrx_daemon *daemon, struct vrx_turn *turn) {
    (void)pthread_mutex_lock(&daemon->turns_lock);
    struct vrx_turn **link = &daemon->turns;
    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
    (void)pthread_mutex_unlock(&daemon->turns_lock);
}
