/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers are read straight into locked memory, and from a pipe byte by byte: what stands behind
 * the line is the next question's.
 */
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/print.h"

static struct vrx_result cut(const struct vrx_secret *line, struct vrx_secret **ret_answer) {
    size_t len = 0;
    while (len < line->len && line->ptr[len] && !strchr("\r\n", line->ptr[len]))
        len++;
    if (!len)
        return vrx_fail(VRX_INPUT_TRUNCATED);
    struct vrx_secret *answer = NULL;
    VRX_TRY(vrx_secret_new(len, &answer));
    memcpy(answer->ptr, line->ptr, len);
    *ret_answer = answer;
    return vrx_ok();
}

/* A line; the secret's memory is all zero before and one byte longer than what is taken. */
static struct vrx_result read_line(int from, struct vrx_secret *line) {
    for (size_t len = 0; len + 1 < line->len;) {
        ssize_t got = read(from, line->ptr + len, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vrx_fail(VRX_FILE_REFUSED);
        if (got == 0 || line->ptr[len++] == '\n')
            return vrx_ok();
    }
    return vrx_fail(VRX_INPUT_TOO_LARGE);
}

/* The question comes when nothing that is typed is shown any more. */
static struct vrx_result read_typed(
    int terminal, const char *question, enum vrx_ask_echo echo, struct vrx_secret *line) {
    struct termios before;
    if (tcgetattr(terminal, &before) != 0)
        return vrx_fail(VRX_FILE_REFUSED);
    struct termios asking = before;
    asking.c_lflag |= ICANON | ECHONL;
    if (echo == VRX_ASK_HIDDEN)
        asking.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(terminal, TCSAFLUSH, &asking) != 0)
        return vrx_fail(VRX_FILE_REFUSED);
    dprintf(terminal, "%s: ", question);
    struct vrx_result result = read_line(terminal, line);
    tcsetattr(terminal, TCSAFLUSH, &before);
    return result;
}

struct vrx_result vrx_ask_terminal(
    const char *question, enum vrx_ask_echo echo, struct vrx_secret **ret_answer) {
    struct vrx_secret *line VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_secret_new(VRX_ASK_LIMIT + 2, &line));
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0)
        return vrx_fail(VRX_FILE_REFUSED);
    struct vrx_result result = read_typed(terminal, question, echo, line);
    close(terminal);
    VRX_TRY(result);
    return cut(line, ret_answer);
}

static struct vrx_result next_line(struct vrx_secret **ret_answer) {
    struct vrx_secret *line VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_secret_new(VRX_ASK_LIMIT + 2, &line));
    VRX_TRY(read_line(STDIN_FILENO, line));
    return cut(line, ret_answer);
}

int vrx_ask(const char *question, enum vrx_ask_echo echo, struct vrx_secret **ret_answer) {
    struct vrx_result result =
        isatty(STDIN_FILENO) ? vrx_ask_terminal(question, echo, ret_answer) : next_line(ret_answer);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(question, result);
}
