/* SPDX-License-Identifier: Apache-2.0
 *
 * As dispatch/law.c: a snapshot is immutable and counted, the keeper holds one reference to the
 * present one, change is noticed by the file's modification time and judged by the version inside
 * the signature.
 */
#include "verification/trust.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "files/files.h"
#include "files/seen.h"

/* As if it were always that long ago: no list has run out then. */
#define EVER INT64_MIN

struct snapshot {
    struct vrx_trust trust; /* first: a trust pointer is its snapshot's */
    size_t references;
};

struct vrx_trust_keeper {
    pthread_mutex_t lock; /* guards present and its count */
    const char *file;
    const struct vrx_public_key *authority;
    struct timespec stamp; /* these two belong to whoever reloads */
    struct vrx_seen seen;
    struct snapshot *present;
};

static void snapshot_free(struct snapshot *snapshot) {
    vrx_trust_list_free(&snapshot->trust.list);
    vrx_buffer_done(&snapshot->trust.message);
    free(snapshot);
}

static struct vrx_result snapshot_read(
    const struct vrx_trust_keeper *keeper, struct snapshot **ret_snapshot) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    snapshot->references = 1;
    struct vrx_trust *trust = &snapshot->trust;
    struct vrx_result result = vrx_file_read(keeper->file, VRX_LIMIT_CBOR_BYTES, &trust->message);
    if (vrx_is_ok(result))
        result = vrx_trust_list_parse(
            vrx_buffer_view(&trust->message), keeper->authority, EVER, &trust->list);
    if (!vrx_is_ok(result)) {
        snapshot_free(snapshot);
        return result;
    }
    *ret_snapshot = snapshot;
    return vrx_ok();
}

/* Takes the file's time; true when it differs from what was seen last. */
static bool changed(struct vrx_trust_keeper *keeper) {
    struct stat status;
    if (stat(keeper->file, &status) != 0)
        return false;
    const bool differs = status.st_mtim.tv_sec != keeper->stamp.tv_sec ||
                         status.st_mtim.tv_nsec != keeper->stamp.tv_nsec;
    keeper->stamp = status.st_mtim;
    return differs;
}

static struct vrx_seen seen_in(const char *file) {
    return (struct vrx_seen){.file = file, .count = 1, .clause = {"trust_list.version ascends"}};
}

/* The file as it is, if it counts. */
static struct vrx_result take(struct vrx_trust_keeper *keeper, struct snapshot **ret_snapshot) {
    struct snapshot *fresh = NULL;
    VRX_TRY(snapshot_read(keeper, &fresh));
    const uint64_t version = vrx_trust_list_version(fresh->trust.list);
    struct vrx_result result = vrx_seen_note(&keeper->seen, &version);
    if (vrx_is_ok(result)) {
        *ret_snapshot = fresh;
        return result;
    }
    snapshot_free(fresh);
    if (result.reason != VRX_DIRECTORY_STALE)
        memset(&keeper->stamp, 0, sizeof keeper->stamp); /* tried again with the next look */
    return result;
}

struct vrx_result vrx_trust_keeper_new(const char *file, const char *seen_file,
    const struct vrx_public_key *authority, struct vrx_trust_keeper **ret_keeper) {
    struct vrx_trust_keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    keeper->file = file;
    keeper->seen = seen_in(seen_file);
    keeper->authority = authority;
    pthread_mutex_init(&keeper->lock, NULL);
    changed(keeper);
    struct vrx_result result = vrx_seen_read(&keeper->seen);
    if (vrx_is_ok(result))
        result = take(keeper, &keeper->present);
    if (!vrx_is_ok(result)) {
        vrx_trust_keeper_free(&keeper);
        return result;
    }
    *ret_keeper = keeper;
    return vrx_ok();
}

struct vrx_result vrx_trust_check(
    const char *file, const char *seen_file, const struct vrx_public_key *authority) {
    struct vrx_trust_keeper keeper = {
        .file = file, .seen = seen_in(seen_file), .authority = authority};
    struct snapshot *snapshot = NULL;
    VRX_TRY(vrx_seen_read(&keeper.seen));
    VRX_TRY(snapshot_read(&keeper, &snapshot));
    const uint64_t version = vrx_trust_list_version(snapshot->trust.list);
    const struct vrx_result result = vrx_seen_check(&keeper.seen, &version);
    snapshot_free(snapshot);
    return result;
}

void vrx_trust_keeper_free(struct vrx_trust_keeper **keeper) {
    if (!keeper || !*keeper)
        return;
    if ((*keeper)->present)
        snapshot_free((*keeper)->present);
    pthread_mutex_destroy(&(*keeper)->lock);
    free(*keeper);
    *keeper = NULL;
}

/* Under the lock. True: nobody has it any more, free it without. */
static bool drop(struct snapshot *snapshot) {
    return --snapshot->references == 0;
}

struct vrx_result vrx_trust_reload(struct vrx_trust_keeper *keeper) {
    if (!changed(keeper))
        return vrx_ok();
    struct snapshot *fresh = NULL;
    VRX_TRY(take(keeper, &fresh));
    pthread_mutex_lock(&keeper->lock);
    struct snapshot *before = keeper->present;
    keeper->present = fresh;
    const bool last = drop(before);
    pthread_mutex_unlock(&keeper->lock);
    if (last)
        snapshot_free(before);
    return vrx_ok();
}

const struct vrx_trust *vrx_trust_hold(struct vrx_trust_keeper *keeper) {
    pthread_mutex_lock(&keeper->lock);
    struct snapshot *snapshot = keeper->present;
    snapshot->references++;
    pthread_mutex_unlock(&keeper->lock);
    return &snapshot->trust;
}

void vrx_trust_release(struct vrx_trust_keeper *keeper, const struct vrx_trust *trust) {
    struct snapshot *snapshot = NULL;
    memcpy(&snapshot, &trust, sizeof snapshot); /* the keeper made it writable and still owns it */
    pthread_mutex_lock(&keeper->lock);
    const bool last = drop(snapshot);
    pthread_mutex_unlock(&keeper->lock);
    if (last)
        snapshot_free(snapshot);
}
