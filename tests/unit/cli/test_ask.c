/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers from a pipe, and from a terminal of the test's own: a child whose controlling terminal is
 * a pseudo-terminal, at the other end of which the test sees what a person would.
 */
#include "cli/ask.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "capture.h"
#include "support/check.h"

/* ---- from a pipe ---- */

static int saved;

static void feed(const char *bytes, size_t len) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, len), (ssize_t)len);
    close(ends[1]);
    saved = dup(STDIN_FILENO);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
}

static void fed(void) {
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    close(saved);
}

static void answers(const char *expected) {
    struct vrx_secret *answer = NULL;
    assert_int_equal(vrx_ask("PIN", VRX_ASK_HIDDEN, &answer), VRX_EXIT_OK);
    assert_true(vrx_view_equal(vrx_secret_view(answer), vrx_view_text(expected)));
    vrx_secret_free(&answer);
}

static void fails_with(const char *says) {
    static struct capture err;
    struct vrx_secret *answer = NULL;
    capture_begin(&err, STDERR_FILENO);
    int status = vrx_ask("PIN", VRX_ASK_HIDDEN, &answer);
    const char *said = capture_end(&err);
    assert_int_equal(status, VRX_EXIT_REFUSED);
    assert_non_null(strstr(said, says));
    assert_null(answer);
}

static void each_line_of_a_pipe_is_an_answer(void **state) {
    (void)state;
    static const char lines[] = "first pin\n492039\r\nlast";
    feed(lines, strlen(lines));
    answers("first pin");
    answers("492039");
    answers("last");
    fails_with("INPUT_TRUNCATED");
    fed();
}

static void an_empty_line_is_no_answer(void **state) {
    (void)state;
    feed("\nnext\n", 6);
    fails_with("INPUT_TRUNCATED");
    answers("next");
    fed();
}

static void a_line_has_a_limit(void **state) {
    (void)state;
    char line[VRX_ASK_LIMIT + 2];
    memset(line, 'x', sizeof line);
    feed(line, sizeof line);
    fails_with("INPUT_TOO_LARGE");
    fed();
    line[VRX_ASK_LIMIT] = '\n';
    feed(line, VRX_ASK_LIMIT + 1);
    line[VRX_ASK_LIMIT] = '\0';
    answers(line);
    fed();
}

/* ---- at a terminal ---- */

static int own_terminal(void) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    return master;
}

/* In the child: 0 when the answer was the expected one. */
static int ask_as_child(int master, enum vrx_ask_echo echo) {
    struct vrx_secret *answer = NULL;
    char name[64];
    if (setsid() < 0 || ptsname_r(master, name, sizeof name) != 0)
        return 10;
    int slave = open(name, O_RDWR);
    if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0 || dup2(slave, STDIN_FILENO) < 0)
        return 11;
    if (vrx_ask("PIN / 暗証番号", echo, &answer) != VRX_EXIT_OK)
        return 12;
    bool right = vrx_view_equal(vrx_secret_view(answer), vrx_view_text("open sesame"));
    vrx_secret_free(&answer);
    return right ? 0 : 13;
}

/* Appends what the terminal shows until it shows `until`, or ends. */
static void look(int master, char *seen, size_t size, const char *until) {
    struct pollfd ready = {.fd = master, .events = POLLIN};
    while (!until || !strstr(seen, until)) {
        size_t len = strlen(seen);
        if (poll(&ready, 1, 20000) != 1)
            fail_msg("the terminal stays silent after \"%s\"", seen);
        ssize_t got = read(master, seen + len, size - len - 1);
        if (got <= 0) /* EIO: the other end is closed */
            return;
        seen[len + (size_t)got] = '\0';
    }
}

static void type_at_terminal(enum vrx_ask_echo echo, char *seen, size_t size) {
    int master = own_terminal();
    pid_t child = fork();
    if (child == 0)
        _exit(ask_as_child(master, echo));
    seen[0] = '\0';
    look(master, seen, size, ": ");
    struct termios modes;
    assert_int_equal(tcgetattr(master, &modes), 0);
    assert_int_equal(modes.c_lflag & ECHO, echo == VRX_ASK_SHOWN ? ECHO : 0);
    assert_int_equal(write(master, "open sesame\n", 12), 12);
    int status = 0;
    look(master, seen, size, NULL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    close(master);
}

static void a_hidden_answer_is_not_shown(void **state) {
    (void)state;
    char seen[512];
    type_at_terminal(VRX_ASK_HIDDEN, seen, sizeof seen);
    assert_non_null(strstr(seen, "PIN / 暗証番号: "));
    assert_null(strstr(seen, "sesame"));
}

static void a_shown_answer_is_shown(void **state) {
    (void)state;
    char seen[512];
    type_at_terminal(VRX_ASK_SHOWN, seen, sizeof seen);
    assert_non_null(strstr(seen, "PIN / 暗証番号: open sesame"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_of_a_pipe_is_an_answer),
        cmocka_unit_test(an_empty_line_is_no_answer),
        cmocka_unit_test(a_line_has_a_limit),
        cmocka_unit_test(a_hidden_answer_is_not_shown),
        cmocka_unit_test(a_shown_answer_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
