/* SPDX-License-Identifier: Apache-2.0 */
#include "support/crash_vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SECTOR 512
#define FILE_LIMIT ((size_t)64 << 20)

static struct crash_file *file_of(struct crash_vfs *crash, const char *path) {
    for (size_t i = 0; i < CRASH_FILES; i++) {
        struct crash_file *file = &crash->files[i];
        if (file->known && strcmp(file->path, path) == 0)
            return file;
        if (file->known)
            continue;
        file->known = true;
        file->durable.limit = file->pending.limit = file->bytes.limit = FILE_LIMIT;
        assert_true(
            (size_t)snprintf(file->path, sizeof file->path, "%s", path) < sizeof file->path);
        return file;
    }
    fail_msg("%s: one file too many", path);
    return NULL;
}

static void forget_pending(struct crash_file *file) {
    vrx_buffer_clear(&file->pending);
    vrx_buffer_clear(&file->bytes);
}

/* A sector's version: how many of the pending operations reached it. */
static size_t version(struct sequence *sequence, size_t operations) {
    uint32_t choice = sequence_below(sequence, 10);
    if (choice < 4)
        return operations;
    return choice < 7 ? 0 : sequence_below(sequence, (uint32_t)operations + 1);
}

static void resize(struct vrx_buffer *image, size_t size) {
    uint8_t *added = NULL;
    if (size > image->len)
        assert_true(vrx_is_ok(vrx_buffer_extend(image, size - image->len, &added)));
    image->len = size;
}

/* The size after the first of the pending operations. */
static size_t size_after(const struct crash_file *file, size_t size, size_t operations) {
    for (size_t i = 0; i < operations; i++) {
        struct crash_pending pending;
        memcpy(&pending, file->pending.ptr + i * sizeof pending, sizeof pending);
        size_t end = (size_t)pending.offset + pending.len;
        size = pending.len == 0 || end > size ? end : size;
    }
    return size;
}

/* The part of a write that lies in sectors of a version late enough. versions has one entry a
 * sector. */
static void apply_write(struct vrx_buffer *image, const struct crash_file *file, size_t number,
    const size_t *versions) {
    struct crash_pending pending;
    memcpy(&pending, file->pending.ptr + number * sizeof pending, sizeof pending);
    size_t offset = (size_t)pending.offset;
    for (size_t done = 0; done < pending.len;) {
        size_t part = SECTOR - (offset + done) % SECTOR;
        part = part < pending.len - done ? part : pending.len - done;
        if (number < versions[(offset + done) / SECTOR])
            memcpy(image->ptr + offset + done, file->bytes.ptr + pending.at + done, part);
        done += part;
    }
}

/* What the disk holds of the present file when every sector is in the version that choose gives. */
static void apply(struct crash_file *file, struct sequence *sequence) {
    if (file->fresh)
        vrx_buffer_clear(&file->durable);
    file->fresh = false;
    size_t operations = file->pending.len / sizeof(struct crash_pending);
    size_t largest = file->durable.len;
    for (size_t i = 1; i <= operations; i++) {
        size_t size = size_after(file, file->durable.len, i);
        largest = size > largest ? size : largest;
    }
    size_t sectors = largest / SECTOR + 1;
    size_t *versions = calloc(sectors, sizeof *versions);
    assert_non_null(versions);
    for (size_t i = 0; i < sectors; i++)
        versions[i] = sequence ? version(sequence, operations) : operations;
    size_t size =
        size_after(file, file->durable.len, sequence ? version(sequence, operations) : operations);
    resize(&file->durable, largest);
    for (size_t i = 0; i < operations; i++)
        apply_write(&file->durable, file, i, versions);
    resize(&file->durable, size);
    free(versions);
    forget_pending(file);
}

static void note(struct crash_file *file, const struct shim_call *call) {
    struct crash_pending pending = {
        .offset = call->offset, .len = (uint32_t)call->amount, .at = file->bytes.len};
    assert_true(
        vrx_is_ok(vrx_buffer_append(&file->bytes, vrx_view_of(call->bytes, (size_t)call->amount))));
    assert_true(
        vrx_is_ok(vrx_buffer_append(&file->pending, vrx_view_of(&pending, sizeof pending))));
}

static void changed(struct crash_vfs *crash, struct shim_call *call) {
    struct crash_file *file = file_of(crash, call->path);
    switch (call->operation) {
    case SHIM_WRITE:
    case SHIM_TRUNCATE:
        note(file, call);
        break;
    case SHIM_SYNC:
        crash->syncs++;
        if (crash->skipped_sync == 0 || crash->syncs % crash->skipped_sync != 0)
            apply(file, NULL);
        break;
    case SHIM_DELETE:
        forget_pending(file);
        file->fresh = true;
        break;
    default:
        break;
    }
}

static int before(void *context, struct shim_call *call) {
    struct crash_vfs *crash = context;
    bool reads = call->operation == SHIM_READ || call->operation == SHIM_SIZE;
    if (!reads && !crash_vfs_is_dark(crash))
        crash->calls++;
    if (crash_vfs_is_dark(crash)) {
        call->amount = 0;
        return SQLITE_IOERR;
    }
    if (!reads)
        changed(crash, call);
    return SQLITE_OK;
}

const char *crash_vfs_register(struct crash_vfs *crash, uint64_t seed) {
    *crash = (struct crash_vfs){
        .shim = {.before = before, .context = crash}, .sequence = sequence_of(seed)};
    crash->power_until = (unsigned long)-1;
    return shim_vfs_register(&crash->shim, "crash") == SQLITE_OK ? "crash" : NULL;
}

void crash_vfs_unregister(struct crash_vfs *crash) {
    shim_vfs_unregister(&crash->shim);
    for (size_t i = 0; i < CRASH_FILES; i++) {
        vrx_buffer_done(&crash->files[i].durable);
        vrx_buffer_done(&crash->files[i].pending);
        vrx_buffer_done(&crash->files[i].bytes);
    }
}

void crash_vfs_power(struct crash_vfs *crash, unsigned long calls) {
    crash->calls = 0;
    crash->power_until = calls;
}

void crash_vfs_cut(struct crash_vfs *crash) {
    crash->power_until = 0;
    crash->calls = 1;
}

bool crash_vfs_is_dark(const struct crash_vfs *crash) {
    return crash->calls > crash->power_until;
}

/* A file that took the name of a removed one and was never synced: either of the two, or none. */
void crash_vfs_settle(struct crash_vfs *crash) {
    for (size_t i = 0; i < CRASH_FILES; i++) {
        struct crash_file *file = &crash->files[i];
        if (!file->known)
            continue;
        bool older = file->fresh && sequence_below(&crash->sequence, 2) == 0;
        if (older)
            forget_pending(file);
        else
            apply(file, &crash->sequence);
        file->fresh = false;
        file_write(file->path, vrx_buffer_view(&file->durable));
    }
    crash_vfs_power(crash, (unsigned long)-1);
}
