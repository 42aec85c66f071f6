/* SPDX-License-Identifier: Apache-2.0
 *
 * As verification/holder.c: a snapshot is immutable and counted, the folder has one reference to
 * the present one. Whether anything has changed is told by a stamp of all files' times, sizes and
 * inodes, which is taken again after reading: a folder that is being written is read at the next
 * look, not half.
 */
#include "web/folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/encode.h"
#include "base/limits.h"
#include "files/files.h"
#include "formats/revocation_list.h"
#include "formats/trust_list.h"

#define JSON "application/json"
#define COSE "application/cose; cose-type=\"cose-sign1\"" /* RFC 9052 §11.3 */
#define CRLS "/.well-known/crl"
#define KID 43 /* characters of a JWK thumbprint (RFC 7638) */
#define CRL_NAME (KID + sizeof ".json" - 1)

enum list { NO_LIST = -1, TRUST, REVOCATIONS, LISTS };

static const struct row {
    const char *path;
    const char *type;
    enum list of;      /* whose end is the file's */
    enum list signed_; /* which of them it is */
} rows[] = {
    {"/.well-known/jwks.json", JSON, NO_LIST, NO_LIST},
    {"/trust-list.json", JSON, TRUST, NO_LIST},
    {"/trust-list.cbor", COSE, TRUST, TRUST},
    {"/revocation-list.cbor", COSE, REVOCATIONS, REVOCATIONS},
    {"/dcc-revocation.json", JSON, REVOCATIONS, NO_LIST},
};

#define ROWS (sizeof rows / sizeof *rows)

struct dating {
    uint64_t version;
    int64_t ends;
};

struct vrx_web_snapshot {
    struct vrx_web_folder *folder;
    size_t references;
    uint64_t stamp;
    struct dating dating[LISTS];
    size_t bytes;
    size_t count; /* the rows, then the keys' lists */
    struct vrx_web_file file[ROWS + VRX_WEB_KEYS];
};

struct vrx_web_folder {
    pthread_mutex_t lock; /* guards present and all counts */
    const char *path;
    const struct vrx_public_key *authority;
    uint64_t stamp; /* as it was read, or failed to be, last */
    struct vrx_web_snapshot *present;
};

static void snapshot_free(struct vrx_web_snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->count; i++)
        vrx_buffer_done(&snapshot->file[i].content);
    free(snapshot);
}

/* ---- what there is ---- */

static struct vrx_result path_of(
    const struct vrx_web_folder *folder, const char *name, char path[PATH_MAX]) {
    const int len = snprintf(path, PATH_MAX, "%s%s", folder->path, name);
    return len > 0 && len < PATH_MAX ? vrx_ok() : vrx_fail(VRX_INPUT_TOO_LARGE);
}

static uint64_t mix(uint64_t stamp, uint64_t value) {
    for (unsigned i = 0; i < 64; i += 8)
        stamp = (stamp ^ (value >> i & 0xff)) * 1099511628211U; /* FNV-1a */
    return stamp;
}

/* The order in which a folder lists its names does not count. */
static uint64_t stamp_of(const struct vrx_web_file *file, const char *path) {
    struct stat status;
    uint64_t stamp = 14695981039346656037U;
    for (const char *at = file->path; *at; at++)
        stamp = mix(stamp, (uint8_t)*at);
    if (stat(path, &status) != 0)
        return mix(stamp, (uint64_t)errno);
    stamp = mix(stamp, (uint64_t)status.st_mtim.tv_sec);
    stamp = mix(stamp, (uint64_t)status.st_mtim.tv_nsec);
    stamp = mix(stamp, (uint64_t)status.st_ino);
    return mix(stamp, (uint64_t)status.st_size);
}

static bool name_is_crl(const char *name) {
    static const char characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return strspn(name, characters) == KID && strcmp(name + KID, ".json") == 0;
}

static struct vrx_result list_crls(DIR *open, struct vrx_web_snapshot *snapshot) {
    for (const struct dirent *entry = NULL; (entry = readdir(open));) {
        if (!name_is_crl(entry->d_name))
            continue; /* one that is being written, for one */
        if (snapshot->count == ROWS + VRX_WEB_KEYS)
            return vrx_refuse(VRX_CAP_REACHED, "public-folder: 256 keys");
        struct vrx_web_file *file = &snapshot->file[snapshot->count++];
        (void)snprintf(file->path, sizeof file->path, CRLS "/%.*s", (int)CRL_NAME, entry->d_name);
        file->type = JSON;
    }
    return vrx_ok();
}

static struct vrx_result list_names(
    const struct vrx_web_folder *folder, struct vrx_web_snapshot *snapshot) {
    char path[PATH_MAX];
    for (; snapshot->count < ROWS; snapshot->count++) {
        struct vrx_web_file *file = &snapshot->file[snapshot->count];
        (void)snprintf(file->path, sizeof file->path, "%s", rows[snapshot->count].path);
        file->type = rows[snapshot->count].type;
    }
    VRX_TRY(path_of(folder, CRLS, path));
    DIR *open = opendir(path);
    if (!open)
        return vrx_refuse(errno == ENOENT ? VRX_NOT_FOUND : VRX_FILE_REFUSED, CRLS);
    const struct vrx_result result = list_crls(open, snapshot);
    closedir(open);
    return result;
}

/* The names and their stamp, which is never 0; nothing is read yet. */
static struct vrx_result look(
    struct vrx_web_folder *folder, struct vrx_web_snapshot **ret_snapshot) {
    struct vrx_web_snapshot *snapshot = calloc(1, sizeof *snapshot);
    char path[PATH_MAX];
    if (!snapshot)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    snapshot->folder = folder;
    snapshot->references = 1;
    struct vrx_result result = list_names(folder, snapshot);
    for (size_t i = 0; vrx_is_ok(result) && i < snapshot->count; i++) {
        result = path_of(folder, snapshot->file[i].path, path);
        if (vrx_is_ok(result))
            snapshot->stamp += stamp_of(&snapshot->file[i], path);
    }
    if (!vrx_is_ok(result)) {
        snapshot_free(snapshot);
        return result;
    }
    snapshot->stamp += !snapshot->stamp;
    *ret_snapshot = snapshot;
    return vrx_ok();
}

/* ---- what is in it ---- */

static struct vrx_result date_trust(
    struct vrx_view message, const struct vrx_public_key *authority, struct dating *ret_dating) {
    struct vrx_trust_list *list VRX_CLEANUP(vrx_trust_list_free) = NULL;
    VRX_TRY(vrx_trust_list_parse(message, authority, INT64_MIN, &list)); /* one that is over too */
    *ret_dating = (struct dating){vrx_trust_list_version(list), vrx_trust_list_expires(list)};
    return vrx_ok();
}

static struct vrx_result date_revocations(
    struct vrx_view message, const struct vrx_public_key *authority, struct dating *ret_dating) {
    struct vrx_revocation_list *list VRX_CLEANUP(vrx_revocation_list_free) = NULL;
    VRX_TRY(vrx_revocation_list_parse(message, authority, &list));
    const struct vrx_revocation_dating dating = vrx_revocation_list_dating(list);
    *ret_dating = (struct dating){dating.version, dating.next_update};
    return vrx_ok();
}

static const struct {
    const char *clause; /* when the version does not ascend */
    struct vrx_result (*date)(
        struct vrx_view message, const struct vrx_public_key *authority, struct dating *ret_dating);
} lists[LISTS] = {
    [TRUST] = {"trust_list.version ascends", date_trust},
    [REVOCATIONS] = {"revocation_list.version ascends", date_revocations},
};

static struct vrx_result read_content(const char *path, struct vrx_web_file *file) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_file_read(path, VRX_WEB_FILE_BYTES, &file->content));
    VRX_TRY(vrx_sha256(vrx_buffer_view(&file->content), digest));
    file->etag[0] = '"';
    vrx_hex_string(vrx_view_of(digest, sizeof digest), file->etag + 1);
    memcpy(file->etag + 1 + 2 * sizeof digest, "\"", 2);
    return vrx_ok();
}

static struct vrx_result read_file(struct vrx_web_snapshot *snapshot, size_t i) {
    struct vrx_web_file *file = &snapshot->file[i];
    const enum list list = i < ROWS ? rows[i].signed_ : NO_LIST;
    char path[PATH_MAX];
    VRX_TRY(path_of(snapshot->folder, file->path, path));
    const struct vrx_result result = read_content(path, file);
    if (!vrx_is_ok(result))
        return vrx_refuse(result.reason, i < ROWS ? rows[i].path : CRLS);
    file->snapshot = snapshot;
    snapshot->bytes += file->content.len;
    if (snapshot->bytes > VRX_WEB_FOLDER_BYTES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "public-folder: 128 MiB");
    return list == NO_LIST ? vrx_ok()
                           : lists[list].date(vrx_buffer_view(&file->content),
                                 snapshot->folder->authority, &snapshot->dating[list]);
}

static struct vrx_result read_files(struct vrx_web_snapshot *snapshot) {
    for (size_t i = 0; i < snapshot->count; i++)
        VRX_TRY(read_file(snapshot, i));
    for (size_t i = 0; i < snapshot->count; i++) {
        const enum list of = i < ROWS ? rows[i].of : REVOCATIONS;
        snapshot->file[i].ends = of == NO_LIST ? INT64_MAX : snapshot->dating[of].ends;
    }
    return vrx_ok();
}

/* ---- the folder ---- */

/* Whether it still is what the snapshot was read from. */
static struct vrx_result settled(const struct vrx_web_snapshot *snapshot, bool *ret_settled) {
    struct vrx_web_snapshot *now = NULL;
    VRX_TRY(look(snapshot->folder, &now));
    *ret_settled = now->stamp == snapshot->stamp;
    snapshot_free(now);
    return vrx_ok();
}

static struct vrx_result ascends(
    const struct vrx_web_snapshot *before, const struct vrx_web_snapshot *snapshot) {
    for (size_t i = 0; before && i < LISTS; i++)
        if (snapshot->dating[i].version < before->dating[i].version)
            return vrx_refuse(VRX_DIRECTORY_STALE, lists[i].clause);
    return vrx_ok();
}

/* *ret_snapshot is NULL when there is nothing new to take. */
static struct vrx_result take(
    struct vrx_web_folder *folder, struct vrx_web_snapshot **ret_snapshot) {
    struct vrx_web_snapshot *fresh = NULL;
    bool whole = true;
    *ret_snapshot = NULL;
    struct vrx_result result = look(folder, &fresh);
    if (!vrx_is_ok(result)) {
        const bool told = folder->present && !folder->stamp;
        folder->stamp = 0;
        return told ? vrx_ok() : result;
    }
    if (fresh->stamp == folder->stamp) {
        snapshot_free(fresh);
        return vrx_ok();
    }
    folder->stamp = fresh->stamp;
    result = read_files(fresh);
    if (folder->present) { /* the first one is taken as it is, and again at the next look */
        const struct vrx_result looked = settled(fresh, &whole);
        whole = whole && vrx_is_ok(looked);
    }
    if (whole && vrx_is_ok(result))
        result = ascends(folder->present, fresh);
    if (whole && vrx_is_ok(result)) {
        *ret_snapshot = fresh;
        return vrx_ok();
    }
    snapshot_free(fresh);
    return whole ? result : vrx_ok();
}

struct vrx_result vrx_web_folder_new(
    const char *path, const struct vrx_public_key *authority, struct vrx_web_folder **ret_folder) {
    struct vrx_web_folder *folder = calloc(1, sizeof *folder);
    if (!folder)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    folder->path = path;
    folder->authority = authority;
    pthread_mutex_init(&folder->lock, NULL);
    const struct vrx_result result = take(folder, &folder->present);
    if (!vrx_is_ok(result)) {
        vrx_web_folder_free(&folder);
        return result;
    }
    *ret_folder = folder;
    return vrx_ok();
}

void vrx_web_folder_free(struct vrx_web_folder **folder) {
    if (!folder || !*folder)
        return;
    if ((*folder)->present)
        snapshot_free((*folder)->present);
    pthread_mutex_destroy(&(*folder)->lock);
    free(*folder);
    *folder = NULL;
}

static void release(struct vrx_web_snapshot *snapshot) {
    struct vrx_web_folder *folder = snapshot->folder;
    pthread_mutex_lock(&folder->lock);
    const bool last = --snapshot->references == 0;
    pthread_mutex_unlock(&folder->lock);
    if (last)
        snapshot_free(snapshot);
}

struct vrx_result vrx_web_folder_reload(struct vrx_web_folder *folder) {
    struct vrx_web_snapshot *fresh = NULL;
    VRX_TRY(take(folder, &fresh));
    if (!fresh)
        return vrx_ok();
    pthread_mutex_lock(&folder->lock);
    struct vrx_web_snapshot *before = folder->present;
    folder->present = fresh;
    pthread_mutex_unlock(&folder->lock);
    release(before);
    return vrx_ok();
}

const struct vrx_web_file *vrx_web_folder_hold(
    struct vrx_web_folder *folder, struct vrx_view path) {
    const struct vrx_web_file *found = NULL;
    pthread_mutex_lock(&folder->lock);
    struct vrx_web_snapshot *snapshot = folder->present;
    for (size_t i = 0; !found && i < snapshot->count; i++)
        if (vrx_view_equal(vrx_view_text(snapshot->file[i].path), path))
            found = &snapshot->file[i];
    snapshot->references += found != NULL;
    pthread_mutex_unlock(&folder->lock);
    return found;
}

void vrx_web_folder_release(const struct vrx_web_file *file) {
    release(file->snapshot);
}
