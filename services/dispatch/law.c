/* SPDX-License-Identifier: Apache-2.0
 *
 * A snapshot is immutable and counted; the keeper holds one reference to the present one. Change is
 * noticed by the files' modification times and judged by the versions inside the signatures.
 */
#include "dispatch/law.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "dispatch/log.h"
#include "files/files.h"
#include "files/seen.h"

struct snapshot {
    struct vrx_law law; /* first: a law pointer is its snapshot's */
    struct vrx_arena arena;
    size_t references;
};

struct vrx_law_keeper {
    pthread_mutex_t lock; /* guards present, its count, and the stamps */
    const char *files[2];
    const char *archive; /* NULL: none */
    struct timespec stamps[2];
    struct vrx_seen seen;
    const struct vrx_public_key *authority;
    struct snapshot *present;
};

enum { DIRECTORY, PERMITS };

static void snapshot_free(struct snapshot *snapshot) {
    vrx_arena_done(&snapshot->arena);
    free(snapshot);
}

static struct vrx_result read_signed(const struct vrx_law_keeper *keeper, int which,
    const struct vrx_object_schema *schema, struct vrx_arena *arena, void *ret_object,
    struct vrx_view *ret_signed) {
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(keeper->files[which], VRX_LIMIT_CBOR_BYTES, &message));
    VRX_TRY(vrx_arena_copy(arena, vrx_buffer_view(&message), ret_signed));
    return vrx_object_verify_pinned(
        schema, vrx_buffer_view(&message), keeper->authority, arena, ret_object);
}

static struct vrx_result snapshot_read(
    const struct vrx_law_keeper *keeper, struct snapshot **ret_snapshot) {
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (!snapshot)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    snapshot->references = 1;
    vrx_arena_init(&snapshot->arena, 4 * VRX_LIMIT_CBOR_BYTES);
    struct vrx_law *law = &snapshot->law;
    struct vrx_result result = read_signed(keeper, DIRECTORY, &vrx_directory_schema,
        &snapshot->arena, &law->directory, &law->signed_directory);
    if (vrx_is_ok(result))
        result = read_signed(keeper, PERMITS, &vrx_permit_table_schema, &snapshot->arena,
            &law->permits, &law->signed_permits);
    if (vrx_is_ok(result))
        result = vrx_sha256(law->signed_directory, law->directory_digest);
    if (vrx_is_ok(result))
        result = vrx_sha256(law->signed_permits, law->permits_digest);
    if (!vrx_is_ok(result)) {
        snapshot_free(snapshot);
        return result;
    }
    *ret_snapshot = snapshot;
    return vrx_ok();
}

/* Takes the files' times; true when either differs from what was seen last. */
static bool changed(struct vrx_law_keeper *keeper) {
    bool differs = false;
    for (int i = 0; i < 2; i++) {
        struct stat status;
        if (stat(keeper->files[i], &status) != 0)
            continue;
        if (status.st_mtim.tv_sec != keeper->stamps[i].tv_sec ||
            status.st_mtim.tv_nsec != keeper->stamps[i].tv_nsec)
            differs = true;
        keeper->stamps[i] = status.st_mtim;
    }
    return differs;
}

/* What both files' versions are compared with. A file that has gone back is the disk's word against
 * the authority's signature, and the newer signature stands. */
static struct vrx_seen seen_in(const char *file) {
    return (struct vrx_seen){
        .file = file,
        .count = 2,
        .clause = {"directory.version ascends", "permit_table.version ascends"},
    };
}

static const uint64_t *versions_of(const struct vrx_law *law, uint64_t versions[2]) {
    versions[DIRECTORY] = law->directory.version;
    versions[PERMITS] = law->permits.version;
    return versions;
}

/* ---- copies ---- */

#define PATH 4096

static const char *const kinds[] = {
    [VRX_LAW_DIRECTORY] = "directory",
    [VRX_LAW_PERMITS] = "permits",
};

/* "directory-00000000000000000007-0123456789abcdef.cbor": in the order of the versions. */
static struct vrx_result copy_path(
    const char *folder, const struct vrx_law_text *law, char path[PATH]) {
    char start[17];
    vrx_hex_string(vrx_view_of(law->digest, 8), start);
    const int len = snprintf(
        path, PATH, "%s/%s-%020" PRIu64 "-%s.cbor", folder, kinds[law->kind], law->version, start);
    return len > 0 && len < PATH ? vrx_ok() : vrx_fail(VRX_FILE_REFUSED);
}

static struct vrx_result keep_copy(const char *folder, const struct vrx_law_text *law) {
    char path[PATH];
    VRX_TRY(copy_path(folder, law, path));
    if (access(path, F_OK) == 0)
        return vrx_ok();
    struct vrx_result kept = vrx_file_create(path, 0600, law->text);
    return kept.reason == VRX_ALREADY_EXISTS ? vrx_ok() : kept;
}

static struct vrx_law_text directory_text(const struct vrx_law *law) {
    struct vrx_law_text text = {.kind = VRX_LAW_DIRECTORY,
        .version = law->directory.version,
        .text = law->signed_directory};
    memcpy(text.digest, law->directory_digest, VRX_DIGEST);
    return text;
}

static struct vrx_law_text permits_text(const struct vrx_law *law) {
    struct vrx_law_text text = {
        .kind = VRX_LAW_PERMITS, .version = law->permits.version, .text = law->signed_permits};
    memcpy(text.digest, law->permits_digest, VRX_DIGEST);
    return text;
}

/* A law counts whether a copy can be kept or not: it may be what ends a permit. */
static void keep_copies(const struct vrx_law_keeper *keeper, const struct vrx_law *law) {
    const struct vrx_law_text texts[] = {directory_text(law), permits_text(law)};
    if (!keeper->archive)
        return;
    if (mkdir(keeper->archive, 0700) != 0 && errno != EEXIST) {
        vrx_log_event("no copy of the law kept", keeper->archive, vrx_fail(VRX_DISK_FAILED));
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        struct vrx_result kept = keep_copy(keeper->archive, &texts[i]);
        if (!vrx_is_ok(kept))
            vrx_log_event("no copy of the law kept", keeper->archive, kept);
    }
}

struct vrx_result vrx_law_archived(
    const struct vrx_law_keeper *keeper, const struct vrx_law_text *law, struct vrx_buffer *out) {
    struct vrx_buffer copy VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t digest[VRX_DIGEST];
    char path[PATH];
    if (!keeper->archive)
        return vrx_fail(VRX_NOT_FOUND);
    VRX_TRY(copy_path(keeper->archive, law, path));
    VRX_TRY(vrx_file_read(path, VRX_LIMIT_CBOR_BYTES, &copy));
    VRX_TRY(vrx_sha256(vrx_buffer_view(&copy), digest));
    if (memcmp(digest, law->digest, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_NOT_FOUND, "law.h: a copy with its digest");
    return vrx_buffer_append(out, vrx_buffer_view(&copy));
}

/* ---- what counts ---- */

/* What is over is no reason to give up what is there, which may be over too. */
static struct vrx_result not_over(
    const struct vrx_law_keeper *keeper, const struct vrx_law *fresh, int64_t now) {
    const struct vrx_law *present = keeper->present ? &keeper->present->law : NULL;
    if (!present)
        return vrx_ok();
    if (memcmp(present->directory_digest, fresh->directory_digest, VRX_DIGEST) != 0 &&
        fresh->directory.expires < now)
        return vrx_refuse(VRX_DIRECTORY_EXPIRED, "directory.expires");
    if (memcmp(present->permits_digest, fresh->permits_digest, VRX_DIGEST) != 0 &&
        fresh->permits.expires < now)
        return vrx_refuse(VRX_DIRECTORY_EXPIRED, "permit_table.expires");
    return vrx_ok();
}

/* Both files as they are, if they count. */
static struct vrx_result take(
    struct vrx_law_keeper *keeper, int64_t now, struct snapshot **ret_snapshot) {
    struct snapshot *fresh = NULL;
    uint64_t versions[2];
    VRX_TRY(snapshot_read(keeper, &fresh));
    struct vrx_result result = not_over(keeper, &fresh->law, now);
    if (vrx_is_ok(result))
        result = vrx_seen_note(&keeper->seen, versions_of(&fresh->law, versions));
    if (vrx_is_ok(result)) {
        keep_copies(keeper, &fresh->law);
        *ret_snapshot = fresh;
        return result;
    }
    snapshot_free(fresh);
    if (result.reason != VRX_DIRECTORY_STALE && result.reason != VRX_DIRECTORY_EXPIRED)
        memset(keeper->stamps, 0, sizeof keeper->stamps); /* tried again with the next look */
    return result;
}

static struct vrx_law_keeper keeper_of(
    const struct vrx_law_files *files, const struct vrx_public_key *authority) {
    return (struct vrx_law_keeper){
        .files = {[DIRECTORY] = files->directory, [PERMITS] = files->permits},
        .archive = files->archive,
        .seen = seen_in(files->seen),
        .authority = authority,
    };
}

struct vrx_result vrx_law_keeper_new(const struct vrx_law_files *files,
    const struct vrx_public_key *authority, struct vrx_law_keeper **ret_keeper) {
    struct vrx_law_keeper *keeper = malloc(sizeof *keeper);
    if (!keeper)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *keeper = keeper_of(files, authority);
    pthread_mutex_init(&keeper->lock, NULL);
    changed(keeper);
    struct vrx_result result = vrx_seen_read(&keeper->seen);
    if (vrx_is_ok(result))
        result = take(keeper, 0, &keeper->present);
    if (!vrx_is_ok(result)) {
        vrx_law_keeper_free(&keeper);
        return result;
    }
    *ret_keeper = keeper;
    return vrx_ok();
}

struct vrx_result vrx_law_check(
    const struct vrx_law_files *files, const struct vrx_public_key *authority) {
    struct vrx_law_keeper keeper = keeper_of(files, authority);
    struct snapshot *snapshot = NULL;
    uint64_t versions[2];
    VRX_TRY(vrx_seen_read(&keeper.seen));
    VRX_TRY(snapshot_read(&keeper, &snapshot));
    const struct vrx_result result =
        vrx_seen_check(&keeper.seen, versions_of(&snapshot->law, versions));
    snapshot_free(snapshot);
    return result;
}

void vrx_law_keeper_free(struct vrx_law_keeper **keeper) {
    if (!keeper || !*keeper)
        return;
    if ((*keeper)->present)
        vrx_law_release(*keeper, &(*keeper)->present->law);
    pthread_mutex_destroy(&(*keeper)->lock);
    free(*keeper);
    *keeper = NULL;
}

struct vrx_result vrx_law_reload(struct vrx_law_keeper *keeper, int64_t now) {
    if (!changed(keeper))
        return vrx_ok();
    struct snapshot *fresh = NULL;
    VRX_TRY(take(keeper, now, &fresh));
    pthread_mutex_lock(&keeper->lock);
    struct snapshot *before = keeper->present;
    keeper->present = fresh;
    pthread_mutex_unlock(&keeper->lock);
    vrx_law_release(keeper, &before->law);
    return vrx_ok();
}

const struct vrx_law *vrx_law_hold(struct vrx_law_keeper *keeper) {
    pthread_mutex_lock(&keeper->lock);
    struct snapshot *snapshot = keeper->present;
    snapshot->references++;
    pthread_mutex_unlock(&keeper->lock);
    return &snapshot->law;
}

void vrx_law_release(struct vrx_law_keeper *keeper, const struct vrx_law *law) {
    pthread_mutex_lock(&keeper->lock);
    /* The law is the snapshot's first member; the keeper made it writable and still owns it. */
    struct snapshot *snapshot = keeper->present;
    if (&snapshot->law != law)
        memcpy(&snapshot, &law, sizeof snapshot);
    bool last = --snapshot->references == 0;
    pthread_mutex_unlock(&keeper->lock);
    if (last)
        snapshot_free(snapshot);
}
