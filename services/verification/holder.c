/* SPDX-License-Identifier: Apache-2.0
 *
 * As dispatch/law.c: a snapshot is immutable and counted, the holder has one reference to the
 * present one, change is noticed by the file's modification time and judged by the version inside
 * the signature.
 */
#include "verification/holder.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "files/files.h"
#include "files/seen.h"

/* As if it were always that long ago: no list has run out then. */
#define EVER INT64_MIN

struct snapshot {
    struct vrx_held held; /* first: a held pointer is its snapshot's */
    size_t references;
};

struct vrx_holder {
    pthread_mutex_t lock; /* guards present and its count */
    struct vrx_held_source source;
    struct timespec stamp; /* these two belong to whoever reloads */
    struct vrx_seen seen;
    struct snapshot *present;
};

/* ---- the two kinds ---- */

static struct vrx_result parse_trust(
    struct vrx_view message, const struct vrx_public_key *authority, struct vrx_held *held) {
    return vrx_trust_list_parse(message, authority, EVER, &held->trust);
}

static struct vrx_result parse_revocations(
    struct vrx_view message, const struct vrx_public_key *authority, struct vrx_held *held) {
    return vrx_revocation_list_parse(message, authority, &held->revocations);
}

static uint64_t trust_version(const struct vrx_held *held) {
    return vrx_trust_list_version(held->trust);
}

static uint64_t revocations_version(const struct vrx_held *held) {
    return vrx_revocation_list_dating(held->revocations).version;
}

static const struct kind {
    const char *clause; /* when the version does not ascend */
    struct vrx_result (*parse)(
        struct vrx_view message, const struct vrx_public_key *authority, struct vrx_held *held);
    uint64_t (*version)(const struct vrx_held *held);
} kinds[] = {
    [VRX_HELD_TRUST] = {"trust_list.version ascends", parse_trust, trust_version},
    [VRX_HELD_REVOCATIONS] = {"revocation_list.version ascends", parse_revocations,
        revocations_version},
};

/* ---- snapshots ---- */

static void snapshot_free(struct snapshot *snapshot) {
    vrx_trust_list_free(&snapshot->held.trust);
    vrx_revocation_list_free(&snapshot->held.revocations);
    vrx_buffer_done(&snapshot->held.message);
    free(snapshot);
}

static struct vrx_result snapshot_read(
    const struct vrx_held_source *source, struct snapshot **ret_snapshot) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    snapshot->references = 1;
    struct vrx_held *held = &snapshot->held;
    struct vrx_result result = vrx_file_read(source->file, VRX_LIMIT_CBOR_BYTES, &held->message);
    if (vrx_is_ok(result))
        result =
            kinds[source->kind].parse(vrx_buffer_view(&held->message), source->authority, held);
    if (!vrx_is_ok(result)) {
        snapshot_free(snapshot);
        return result;
    }
    *ret_snapshot = snapshot;
    return vrx_ok();
}

/* Takes the file's time; true when it differs from what was seen last. */
static bool changed(struct vrx_holder *holder) {
    struct stat status;
    if (stat(holder->source.file, &status) != 0)
        return false;
    const bool differs = status.st_mtim.tv_sec != holder->stamp.tv_sec ||
                         status.st_mtim.tv_nsec != holder->stamp.tv_nsec;
    holder->stamp = status.st_mtim;
    return differs;
}

static struct vrx_seen seen_in(const struct vrx_held_source *source) {
    return (struct vrx_seen){
        .file = source->seen_file, .count = 1, .clause = {kinds[source->kind].clause}};
}

/* The file as it is, if it counts. */
static struct vrx_result take(struct vrx_holder *holder, struct snapshot **ret_snapshot) {
    struct snapshot *fresh = NULL;
    VRX_TRY(snapshot_read(&holder->source, &fresh));
    const uint64_t version = kinds[holder->source.kind].version(&fresh->held);
    struct vrx_result result = vrx_seen_note(&holder->seen, &version);
    if (vrx_is_ok(result)) {
        *ret_snapshot = fresh;
        return result;
    }
    snapshot_free(fresh);
    if (result.reason != VRX_DIRECTORY_STALE)
        memset(&holder->stamp, 0, sizeof holder->stamp); /* tried again with the next look */
    return result;
}

struct vrx_result vrx_holder_new(
    const struct vrx_held_source *source, struct vrx_holder **ret_holder) {
    struct vrx_holder *holder = calloc(1, sizeof *holder);
    if (!holder)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    holder->source = *source;
    holder->seen = seen_in(source);
    pthread_mutex_init(&holder->lock, NULL);
    changed(holder);
    struct vrx_result result = vrx_seen_read(&holder->seen);
    if (vrx_is_ok(result))
        result = take(holder, &holder->present);
    if (!vrx_is_ok(result)) {
        vrx_holder_free(&holder);
        return result;
    }
    *ret_holder = holder;
    return vrx_ok();
}

struct vrx_result vrx_holder_check(const struct vrx_held_source *source) {
    struct vrx_seen seen = seen_in(source);
    struct snapshot *snapshot = NULL;
    VRX_TRY(vrx_seen_read(&seen));
    VRX_TRY(snapshot_read(source, &snapshot));
    const uint64_t version = kinds[source->kind].version(&snapshot->held);
    const struct vrx_result result = vrx_seen_check(&seen, &version);
    snapshot_free(snapshot);
    return result;
}

void vrx_holder_free(struct vrx_holder **holder) {
    if (!holder || !*holder)
        return;
    if ((*holder)->present)
        snapshot_free((*holder)->present);
    pthread_mutex_destroy(&(*holder)->lock);
    free(*holder);
    *holder = NULL;
}

/* Under the lock. True: nobody has it any more, free it without. */
static bool drop(struct snapshot *snapshot) {
    return --snapshot->references == 0;
}

struct vrx_result vrx_holder_reload(struct vrx_holder *holder) {
    if (!changed(holder))
        return vrx_ok();
    struct snapshot *fresh = NULL;
    VRX_TRY(take(holder, &fresh));
    pthread_mutex_lock(&holder->lock);
    struct snapshot *before = holder->present;
    holder->present = fresh;
    const bool last = drop(before);
    pthread_mutex_unlock(&holder->lock);
    if (last)
        snapshot_free(before);
    return vrx_ok();
}

const struct vrx_held *vrx_holder_hold(struct vrx_holder *holder) {
    pthread_mutex_lock(&holder->lock);
    struct snapshot *snapshot = holder->present;
    snapshot->references++;
    pthread_mutex_unlock(&holder->lock);
    return &snapshot->held;
}

void vrx_holder_release(struct vrx_holder *holder, const struct vrx_held *held) {
    struct snapshot *snapshot = NULL;
    memcpy(&snapshot, &held, sizeof snapshot); /* the holder made it writable and still owns it */
    pthread_mutex_lock(&holder->lock);
    const bool last = drop(snapshot);
    pthread_mutex_unlock(&holder->lock);
    if (last)
        snapshot_free(snapshot);
}
