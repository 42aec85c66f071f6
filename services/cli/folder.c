/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

struct vrx_result vrx_folder_path(
    const char *folder, const char *name, char ret_path[VRX_CLI_PATH]) {
    int len = snprintf(ret_path, VRX_CLI_PATH, "%s/%s", folder, name);
    return len < 0 || len >= VRX_CLI_PATH ? vrx_fail(VRX_INPUT_TOO_LARGE) : vrx_ok();
}

struct vrx_result vrx_folder_make(const char *folder) {
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return vrx_ok();
    return vrx_fail(errno == ENOSPC ? VRX_DISK_FULL : VRX_FILE_REFUSED);
}

int64_t vrx_cli_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}
