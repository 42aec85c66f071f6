/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/folder.h"
#include "cli/print.h"
#include "cli/values.h"
#include "files/files.h"

static int path_in(const char *terminal, char ret_path[VRX_CLI_PATH]) {
    struct vrx_result result = vrx_folder_path(terminal, VRX_SESSION_FILE, ret_path);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("--terminal", result);
}

/* The line that keep wrote, and nothing else. */
static struct vrx_result check(const struct vrx_secret *line) {
    if (line->len != VRX_SESSION_TOKEN + 1 || line->ptr[VRX_SESSION_TOKEN] != '\n')
        return vrx_fail(VRX_INPUT_MALFORMED);
    for (size_t i = 0; i < VRX_SESSION_TOKEN; i++) {
        const char c = (char)line->ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                c == '-' || c == '_'))
            return vrx_fail(VRX_INPUT_MALFORMED);
    }
    return vrx_ok();
}

static struct vrx_result read_token(const char *path, struct vrx_secret **ret_token) {
    struct vrx_secret *line VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_secret *token = NULL;
    VRX_TRY(vrx_file_read_secret(path, &line));
    VRX_TRY(check(line));
    VRX_TRY(vrx_secret_new(VRX_SESSION_TOKEN, &token));
    memcpy(token->ptr, line->ptr, VRX_SESSION_TOKEN);
    *ret_token = token;
    return vrx_ok();
}

int vrx_cli_session_read(const char *terminal, struct vrx_secret **ret_token) {
    char path[VRX_CLI_PATH];
    VRX_CLI_TRY(path_in(terminal, path));
    struct vrx_result result = read_token(path, ret_token);
    if (result.reason == VRX_NOT_FOUND) {
        *ret_token = NULL;
        return VRX_EXIT_OK;
    }
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

int vrx_cli_session_keep(const char *terminal, const char *token) {
    char path[VRX_CLI_PATH];
    char line[VRX_SESSION_TOKEN + 2];
    VRX_CLI_TRY(path_in(terminal, path));
    if (snprintf(line, sizeof line, "%s\n", token) != VRX_SESSION_TOKEN + 1)
        return vrx_print_refusal("session", vrx_fail(VRX_INPUT_MALFORMED));
    struct vrx_result result = vrx_file_replace(path, 0600, vrx_view_text(line));
    vrx_wipe(line, sizeof line);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

int vrx_cli_session_forget(const char *terminal, const struct vrx_secret *token) {
    char path[VRX_CLI_PATH];
    struct vrx_secret *held VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_CLI_TRY(path_in(terminal, path));
    if (!vrx_is_ok(read_token(path, &held)) ||
        !vrx_equal_constant_time(vrx_secret_view(held), vrx_secret_view(token)))
        return VRX_EXIT_OK;
    if (unlink(path) != 0 && errno != ENOENT)
        return vrx_print_file_failure(path, vrx_fail(VRX_FILE_REFUSED));
    return VRX_EXIT_OK;
}
