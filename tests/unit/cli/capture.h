/* SPDX-License-Identifier: Apache-2.0
 *
 * What a command says: standard output and error of a call, in a buffer.
 */
#ifndef VRX_TEST_CLI_CAPTURE_H
#define VRX_TEST_CLI_CAPTURE_H

#include <stdio.h>
#include <unistd.h>

#include "support/check.h"

struct capture {
    int fd; /* STDOUT_FILENO or STDERR_FILENO */
    int saved;
    FILE *file;
    char text[65536];
};

static inline void capture_begin(struct capture *capture, int fd) {
    fflush(stdout);
    fflush(stderr);
    capture->fd = fd;
    capture->file = tmpfile();
    assert_non_null(capture->file);
    capture->saved = dup(fd);
    assert_int_equal(dup2(fileno(capture->file), fd), fd);
}

static inline const char *capture_end(struct capture *capture) {
    fflush(stdout);
    fflush(stderr);
    assert_int_equal(dup2(capture->saved, capture->fd), capture->fd);
    close(capture->saved);
    rewind(capture->file);
    size_t len = fread(capture->text, 1, sizeof capture->text - 1, capture->file);
    capture->text[len] = '\0';
    fclose(capture->file);
    return capture->text;
}

#endif
