/* SPDX-License-Identifier: Apache-2.0
 *
 * Folders that hold a key and its certificate: certificate.pem, key.pem (0600) and, for those that
 * connect, ca.pem.
 */
#ifndef VRX_CLI_FOLDER_H
#define VRX_CLI_FOLDER_H

#include "base/bytes.h"

#define VRX_CLI_PATH 4096

/* folder/name. Errors: VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_folder_path(
    const char *folder, const char *name, char ret_path[VRX_CLI_PATH]);

/* Made with mode 0700 when it is not there. Errors: VRX_FILE_REFUSED, VRX_DISK_FULL. */
struct vrx_result vrx_folder_make(const char *folder);

/* Seconds since 1970: the one place of the command line that reads the clock. */
int64_t vrx_cli_now(void);

#endif
