/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/directory_file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "files/files.h"

/* Which state of the file it was. */
struct version {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

struct vrx_directory_file {
    const char *path;
    const struct vrx_public_key *authority;
    struct vrx_journal *journal;
    struct version tried;   /* the state that was last read, well or not */
    struct vrx_arena arena; /* of the directory held */
    struct vrx_directory directory;
};

/* Verified and not older, in an arena of its own; nothing of the file object has changed yet. */
static struct vrx_result read_directory(struct vrx_directory_file *file, struct vrx_arena *arena,
    int64_t now, struct vrx_directory *ret_directory) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct vrx_directory directory;
    VRX_TRY(vrx_file_read(file->path, VRX_LIMIT_CBOR_BYTES, &message));
    VRX_TRY(vrx_object_verify_pinned(
        &vrx_directory_schema, vrx_buffer_view(&message), file->authority, arena, &directory));
    uint64_t newest = vrx_journal_directory_version(file->journal);
    if (directory.version < newest)
        return vrx_refuse(VRX_DIRECTORY_STALE, "directory.h: version ascends");
    if (directory.version > newest) {
        struct vrx_journal_entry entry = {
            .kind = VRX_JOURNAL_DIRECTORY, .time = now, .directory_version = directory.version};
        VRX_TRY(vrx_journal_append(file->journal, &entry));
    }
    *ret_directory = directory;
    return vrx_ok();
}

static struct vrx_result look(const char *path, struct version *ret_version) {
    struct stat status;
    if (stat(path, &status) != 0)
        return vrx_refuse(VRX_FILE_REFUSED, "directory_file.h: the file is gone");
    *ret_version = (struct version){.device = status.st_dev,
        .inode = status.st_ino,
        .size = status.st_size,
        .changed = status.st_mtim};
    return vrx_ok();
}

static bool same_version(const struct version *a, const struct version *b) {
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

struct vrx_result vrx_directory_file_refresh(struct vrx_directory_file *file, int64_t now) {
    struct version present;
    struct vrx_arena arena;
    VRX_TRY(look(file->path, &present));
    if (same_version(&present, &file->tried))
        return vrx_ok();
    file->tried = present;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = read_directory(file, &arena, now, &file->directory);
    if (!vrx_is_ok(result)) {
        vrx_arena_done(&arena);
        return result;
    }
    vrx_arena_done(&file->arena);
    file->arena = arena;
    return vrx_ok();
}

struct vrx_result vrx_directory_file_new(const char *path, const struct vrx_public_key *authority,
    struct vrx_journal *journal, int64_t now, struct vrx_directory_file **ret_file) {
    VRX_CLEANUP(vrx_directory_file_free) struct vrx_directory_file *file = calloc(1, sizeof *file);
    if (!file)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    file->path = path;
    file->authority = authority;
    file->journal = journal;
    vrx_arena_init(&file->arena, 0);
    VRX_TRY(vrx_directory_file_refresh(file, now));
    *ret_file = file;
    file = NULL;
    return vrx_ok();
}

void vrx_directory_file_free(struct vrx_directory_file **file) {
    if (!*file)
        return;
    vrx_arena_done(&(*file)->arena);
    free(*file);
    *file = NULL;
}

const struct vrx_directory *vrx_directory_file_get(const struct vrx_directory_file *file) {
    return &file->directory;
}
