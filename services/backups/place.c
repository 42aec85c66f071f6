/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/date.h"
#include "dispatch/swap.h"
#include "files/files.h"

#define STAMP 16 /* "20261121T101658Z" */

void vrx_backup_name(int64_t time, unsigned nth, char out[VRX_BACKUP_NAME + 1]) {
    vrx_swap_stamp(time, out);
    if (nth > 1)
        snprintf(out + STAMP, VRX_BACKUP_NAME + 1 - STAMP, "-%u", nth % 10);
}

static bool is_digits(const uint8_t *at, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return true;
}

struct vrx_result vrx_backup_name_time(struct vrx_view name, int64_t *ret_time) {
    char text[VRX_TIME_TEXT + 1];
    const uint8_t *at = name.ptr;
    const bool numbered = name.len == STAMP + 2;
    if ((name.len != STAMP && !numbered) || !is_digits(at, 8) || at[8] != 'T' ||
        !is_digits(at + 9, 6) || at[15] != 'Z' ||
        (numbered && (at[16] != '-' || at[17] < '2' || at[17] > '9')))
        return vrx_refuse(VRX_INPUT_MALFORMED, "the name of a backup: 20261121T101658Z");
    const char *stamp = (const char *)at;
    snprintf(text, sizeof text, "%.4s-%.2s-%.5s:%.2s:%.3s", stamp, stamp + 4, stamp + 6, stamp + 11,
        stamp + 13);
    return vrx_time_parse(vrx_view_text(text), ret_time);
}

static struct vrx_result fits(int len) {
    return len >= 0 && len < PATH_MAX ? vrx_ok() : vrx_fail(VRX_INPUT_TOO_LARGE);
}

struct vrx_result vrx_backup_parent(const struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, char path[PATH_MAX]) {
    const struct vrx_daemon_options *options = &daemon->options;
    const char *below = code ? code->digits : "";
    if (options->backups)
        return fits(snprintf(path, PATH_MAX, "%s/%s", options->backups, below));
    return fits(snprintf(path, PATH_MAX, "%s/backups/%s", options->state, below));
}

struct vrx_result vrx_backup_tenants(const struct vrx_daemon *daemon, char path[PATH_MAX]) {
    return fits(snprintf(path, PATH_MAX, "%s/tenants", daemon->options.state));
}

struct vrx_result vrx_backup_path(const struct vrx_daemon *daemon,
    const struct vrx_backup_place *place, const char *end, char path[PATH_MAX]) {
    char parent[PATH_MAX];
    if (!place->replaced) {
        VRX_TRY(vrx_backup_parent(daemon, &place->code, parent));
        return fits(snprintf(path, PATH_MAX, "%s/%s%s", parent, place->name, end));
    }
    VRX_TRY(vrx_backup_tenants(daemon, parent));
    return fits(snprintf(path, PATH_MAX, "%s/%s" VRX_SWAP_ASIDE "%s%s", parent, place->code.digits,
        place->name, end));
}

/* The name must last as well as what is in it. */
static struct vrx_result sync_parent(const char *path) {
    char parent[PATH_MAX];
    VRX_TRY(fits(snprintf(parent, sizeof parent, "%s/..", path)));
    return vrx_folder_sync(parent);
}

struct vrx_result vrx_backup_make_folder(const char *path) {
    if (mkdir(path, 0700) == 0)
        return sync_parent(path);
    switch (errno) {
    case EEXIST:
        return vrx_ok();
    case ENOSPC:
    case EDQUOT:
        return vrx_fail(VRX_DISK_FULL);
    case EIO:
        return vrx_fail(VRX_DISK_FAILED);
    default:
        return vrx_fail(VRX_FILE_REFUSED);
    }
}

struct vrx_result vrx_backup_bytes(const char *folder, uint64_t *ret_bytes) {
    DIR *open_folder = opendir(folder);
    if (!open_folder)
        return vrx_fail(errno == ENOENT ? VRX_NOT_FOUND : VRX_DISK_FAILED);
    uint64_t bytes = 0;
    for (struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder)) {
        struct stat state;
        if (fstatat(dirfd(open_folder), entry->d_name, &state, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(state.st_mode))
            bytes += (uint64_t)state.st_size;
    }
    closedir(open_folder);
    *ret_bytes = bytes;
    return vrx_ok();
}

/* ---- what there is ---- */

struct found {
    const struct vrx_daemon *daemon;
    struct vrx_backup_place *places;
    size_t count;
};

static struct vrx_result add(struct found *found, const struct vrx_municipality_code *code,
    bool replaced, const char *name) {
    int64_t time = 0;
    if (!vrx_is_ok(vrx_backup_name_time(vrx_view_text(name), &time)))
        return vrx_ok(); /* a backup on its way, or what is none of ours */
    struct vrx_backup_place *grown =
        realloc(found->places, (found->count + 1) * sizeof *found->places);
    if (!grown)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    found->places = grown;
    struct vrx_backup_place *place = &grown[found->count++];
    *place = (struct vrx_backup_place){.code = *code, .replaced = replaced};
    snprintf(place->name, sizeof place->name, "%s", name);
    return vrx_ok();
}

/* Each name in a folder that need not be there. */
static struct vrx_result each_name(
    const char *path, struct vrx_result (*visit)(void *context, const char *name), void *context) {
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? vrx_ok() : vrx_fail(VRX_FILE_REFUSED);
    struct vrx_result result = vrx_ok();
    for (struct dirent *entry = readdir(folder); entry && vrx_is_ok(result);
         entry = readdir(folder))
        result = visit(context, entry->d_name);
    closedir(folder);
    return result;
}

struct of_code {
    struct found *found;
    const struct vrx_municipality_code *code;
};

static struct vrx_result find_backup(void *context, const char *name) {
    struct of_code *of = context;
    return add(of->found, of->code, false, name);
}

static struct vrx_result find_backups(
    struct found *found, const struct vrx_municipality_code *code) {
    char path[PATH_MAX];
    struct of_code of = {found, code};
    VRX_TRY(vrx_backup_parent(found->daemon, code, path));
    return each_name(path, find_backup, &of);
}

static struct vrx_result find_municipality(void *context, const char *name) {
    struct vrx_municipality_code code;
    return vrx_is_ok(vrx_municipality_code_parse(vrx_view_text(name), &code))
               ? find_backups(context, &code)
               : vrx_ok();
}

static struct vrx_result find_replaced(void *context, const char *name) {
    struct of_code *of = context;
    const struct vrx_view text = vrx_view_text(name);
    const size_t digits = VRX_MUNICIPALITY_CODE_DIGITS;
    const struct vrx_view aside = vrx_view_text(VRX_SWAP_ASIDE);
    struct vrx_municipality_code code;
    if (!vrx_is_ok(vrx_municipality_code_parse(vrx_view_slice(text, 0, digits), &code)) ||
        !vrx_view_equal(vrx_view_slice(text, digits, aside.len), aside) ||
        (of->code && !vrx_municipality_code_equal(&code, of->code)))
        return vrx_ok();
    return add(of->found, &code, true, name + digits + aside.len);
}

static int compare(const void *a, const void *b) {
    const struct vrx_backup_place *left = a;
    const struct vrx_backup_place *right = b;
    int order = strcmp(left->code.digits, right->code.digits);
    if (!order)
        order = (int)left->replaced - (int)right->replaced;
    return order ? order : strcmp(left->name, right->name);
}

struct vrx_result vrx_backup_places(const struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, struct vrx_backup_place **ret_places,
    size_t *ret_count) {
    struct found found = {.daemon = daemon};
    struct of_code aside = {&found, code};
    char path[PATH_MAX];
    struct vrx_result result = vrx_backup_parent(daemon, NULL, path);
    if (vrx_is_ok(result))
        result = code ? find_backups(&found, code) : each_name(path, find_municipality, &found);
    if (vrx_is_ok(result))
        result = vrx_backup_tenants(daemon, path);
    if (vrx_is_ok(result))
        result = each_name(path, find_replaced, &aside);
    if (!vrx_is_ok(result)) {
        free(found.places);
        return result;
    }
    if (found.count)
        qsort(found.places, found.count, sizeof *found.places, compare);
    *ret_places = found.places;
    *ret_count = found.count;
    return vrx_ok();
}

/* ---- after a crash ---- */

struct clearing {
    const struct vrx_daemon *daemon;
    char parent[PATH_MAX];
};

static struct vrx_result clear_part(void *context, const char *name) {
    const struct clearing *clearing = context;
    char path[PATH_MAX];
    int64_t time = 0;
    const struct vrx_view text = vrx_view_text(name);
    const size_t end = strlen(VRX_BACKUP_PART);
    if (text.len <= end || strcmp(name + text.len - end, VRX_BACKUP_PART) != 0 ||
        !vrx_is_ok(vrx_backup_name_time(vrx_view_slice(text, 0, text.len - end), &time)))
        return vrx_ok();
    VRX_TRY(fits(snprintf(path, sizeof path, "%s/%s", clearing->parent, name)));
    return vrx_folder_remove(path);
}

static struct vrx_result clear_municipality(void *context, const char *name) {
    struct clearing *clearing = context;
    struct vrx_municipality_code code;
    if (!vrx_is_ok(vrx_municipality_code_parse(vrx_view_text(name), &code)))
        return vrx_ok();
    VRX_TRY(vrx_backup_parent(clearing->daemon, &code, clearing->parent));
    return each_name(clearing->parent, clear_part, clearing);
}

struct vrx_result vrx_backups_clear(const struct vrx_daemon *daemon) {
    struct clearing clearing = {.daemon = daemon};
    char path[PATH_MAX];
    VRX_TRY(vrx_backup_parent(daemon, NULL, path));
    return each_name(path, clear_municipality, &clearing);
}
