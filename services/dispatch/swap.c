/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/swap.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "codes/municipality_code.h"
#include "files/files.h"

void vrx_swap_stamp(int64_t time, char out[VRX_SWAP_STAMP + 1]) {
    char text[VRX_TIME_TEXT + 1];
    vrx_time_format(time, text); /* "2026-11-21T10:16:58Z" */
    snprintf(out, VRX_SWAP_STAMP + 1, "%.4s%.2s%.5s%.2s%.3s", text, text + 5, text + 8, text + 14,
        text + 17); /* 2026 11 21T10 16 58Z */
}

struct vrx_result vrx_swap_path(const char *tenants, const char *code, const char *suffix,
    const char *name, char path[PATH_MAX]) {
    return (size_t)snprintf(path, PATH_MAX, "%s/%s%s%s", tenants, code, suffix, name) < PATH_MAX
               ? vrx_ok()
               : vrx_fail(VRX_INPUT_TOO_LARGE);
}

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

static struct vrx_result rename_folder(const char *tenants, const char *from, const char *to) {
    if (rename(from, to) == 0)
        return vrx_folder_sync(tenants);
    switch (errno) {
    case EEXIST:
    case ENOTEMPTY:
        return vrx_fail(VRX_ALREADY_EXISTS);
    case ENOSPC:
        return vrx_fail(VRX_DISK_FULL);
    default:
        return vrx_fail(VRX_DISK_FAILED);
    }
}

/* The code that a folder with this suffix is named by; false where it is none. */
static bool is_named(
    const char *name, const char *suffix, char code[VRX_MUNICIPALITY_CODE_DIGITS + 1]) {
    struct vrx_municipality_code parsed;
    if (strlen(name) != VRX_MUNICIPALITY_CODE_DIGITS + strlen(suffix) ||
        strcmp(name + VRX_MUNICIPALITY_CODE_DIGITS, suffix) != 0 ||
        !vrx_is_ok(vrx_municipality_code_parse(
            vrx_view_of((const uint8_t *)name, VRX_MUNICIPALITY_CODE_DIGITS), &parsed)))
        return false;
    memcpy(code, parsed.digits, sizeof parsed.digits);
    return true;
}

static struct vrx_result recover_one(const char *tenants, const char *name) {
    char code[VRX_MUNICIPALITY_CODE_DIGITS + 1];
    char path[PATH_MAX];
    char place[PATH_MAX];
    const bool making = is_named(name, VRX_SWAP_MAKING, code);
    if (!making && !is_named(name, VRX_SWAP_READY, code))
        return vrx_ok();
    VRX_TRY(vrx_swap_path(tenants, name, "", "", path));
    VRX_TRY(vrx_swap_path(tenants, code, "", "", place));
    return making || is_there(place) ? vrx_folder_remove(path)
                                     : rename_folder(tenants, path, place);
}

struct vrx_result vrx_swap_recover(const char *tenants) {
    DIR *folder = opendir(tenants);
    if (!folder)
        return vrx_fail(VRX_FILE_REFUSED);
    struct vrx_result result = vrx_ok();
    for (struct dirent *entry = readdir(folder); entry && vrx_is_ok(result);
         entry = readdir(folder))
        result = recover_one(tenants, entry->d_name);
    closedir(folder);
    return result;
}

struct vrx_result vrx_swap_in(const char *tenants, const char *code, const char *aside) {
    char ready[PATH_MAX];
    char place[PATH_MAX];
    char old[PATH_MAX];
    VRX_TRY(vrx_swap_path(tenants, code, VRX_SWAP_READY, "", ready));
    VRX_TRY(vrx_swap_path(tenants, code, "", "", place));
    VRX_TRY(vrx_swap_path(tenants, code, VRX_SWAP_ASIDE, aside, old));
    const bool in_use = is_there(place);
    struct vrx_result result = in_use ? rename_folder(tenants, place, old) : vrx_ok();
    if (vrx_is_ok(result))
        result = rename_folder(tenants, ready, place);
    if (vrx_is_ok(result))
        return result;
    if (!is_there(ready)) /* it has the name, and the disk did not keep it */
        VRX_IGNORE(rename_folder(tenants, place, ready));
    if (in_use && !is_there(place))
        VRX_IGNORE(rename_folder(tenants, old, place));
    return result;
}

struct vrx_result vrx_swap_out(const char *tenants, const char *code, const char *aside) {
    char place[PATH_MAX];
    char retired[PATH_MAX];
    VRX_TRY(vrx_swap_path(tenants, code, "", "", place));
    VRX_TRY(vrx_swap_path(tenants, code, VRX_SWAP_RETIRED, aside, retired));
    if (!is_there(place))
        return vrx_fail(VRX_NOT_FOUND);
    struct vrx_result result = rename_folder(tenants, place, retired);
    if (!vrx_is_ok(result) && !is_there(place)) /* it has the name, and the disk did not keep it */
        VRX_IGNORE(rename_folder(tenants, retired, place));
    return result;
}
