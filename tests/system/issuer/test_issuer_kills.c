/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-issuer ended, as kill -9 would, before and after each of its system calls in turn (ptrace):
 * in its start, and in a request from the connection to the reply. Then it is started again and
 * asked again: no certificate got out without a record, none is lost, the same answer is given
 * again, no application serves two contents. Here the calls are those that write, sync, talk and
 * name files; with VRX_KILLS=1 every call. Skipped, and counted so, where tracing is forbidden.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client.h"
#include "client/frame.h"
#include "objects/codec.h"
#include "support/check.h"
#include "support/issue_reply.h"
#include "support/issuer_fixture.h"

/* Ended by -1. Of a request; a start reads much, and what it writes, syncs and names is what it can
 * tear. */
static const long in_request[] = {SYS_write, SYS_writev, SYS_fdatasync, SYS_fsync, SYS_lseek,
    SYS_accept4, SYS_recvfrom, SYS_sendto, SYS_close, -1};
static const long in_start[] = {
    SYS_write, SYS_fdatasync, SYS_fsync, SYS_ftruncate, SYS_unlink, SYS_bind, SYS_listen, -1};

static bool is_counted(unsigned long call, const long *kinds) {
    if (getenv("VRX_KILLS"))
        return true;
    for (; *kinds >= 0; kinds++)
        if ((unsigned long)*kinds == call)
            return true;
    return false;
}

/* ---- tracing ---- */

static bool is_stopped(int status, int signal_number) {
    return WIFSTOPPED(status) && WSTOPSIG(status) == signal_number;
}

static int wait_for_stop(const struct issuer_fixture *fixture) {
    int status = 0;
    assert_int_equal(waitpid(fixture->pid, &status, 0), fixture->pid);
    return status;
}

/* Stopped at its first instruction. */
static void launch_traced(struct issuer_fixture *fixture) {
    fixture->traced = true;
    issuer_launch(fixture, NULL);
    fixture->traced = false;
    const int status = wait_for_stop(fixture);
    if (!is_stopped(status, SIGTRAP)) {
        close(fixture->log);
        fixture->pid = 0;
        print_message("tracing is forbidden here\n");
        skip();
    }
    assert_int_equal(
        ptrace(PTRACE_SETOPTIONS, fixture->pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL),
        0);
}

static void let_go(const struct issuer_fixture *fixture) {
    assert_int_equal(ptrace(PTRACE_CONT, fixture->pid, NULL, NULL), 0);
}

static void start_traced(struct issuer_fixture *fixture) {
    launch_traced(fixture);
    let_go(fixture);
    assert_true(issuer_saw(fixture->log, "serving on"));
}

/* While it waits for a connection. */
static void halt(const struct issuer_fixture *fixture) {
    kill(fixture->pid, SIGSTOP);
    assert_true(is_stopped(wait_for_stop(fixture), SIGSTOP));
}

/* Goes on up to the n-th stop at a call that counts and kills it there: true. False: it came to
 * wait for a connection, when that had been reached n times, before; it is stopped then. */
static bool killed_at(
    struct issuer_fixture *fixture, const long *kinds, unsigned n, unsigned waits) {
    unsigned count = 0;
    for (;;) {
        struct __ptrace_syscall_info info = {0};
        assert_int_equal(ptrace(PTRACE_SYSCALL, fixture->pid, NULL, NULL), 0);
        const int status = wait_for_stop(fixture);
        assert_true(is_stopped(status, SIGTRAP | 0x80));
        assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, fixture->pid, (void *)sizeof info, &info) > 0);
        static unsigned long call; /* an exit does not say of which call */
        const bool entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
        if (entry)
            call = (unsigned long)info.entry.nr;
        if (entry && call == SYS_ppoll && waits-- == 0)
            return false;
        if (is_counted(call, kinds) && ++count == n) {
            issuer_kill(fixture);
            return true;
        }
    }
}

/* ---- the answer ---- */

struct answer {
    char text[4096]; /* of the certificate; "" where none came */
};

static void read_certificate(struct vrx_view message, struct answer *answer) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_object_decode(&vrx_issue_reply_schema, message, &arena, &reply));
    assert_int_equal(reply.reason, VRX_OK);
    const struct vrx_view text = issue_reply_text(&reply, VRX_FORMAT_HCERT);
    assert_in_range(text.len, 1, sizeof answer->text - 1);
    memcpy(answer->text, text.ptr, text.len);
    answer->text[text.len] = '\0';
    vrx_arena_done(&arena);
}

/* Of who may have been killed meanwhile. */
static struct answer read_answer(int fd) {
    struct answer answer = {""};
    struct vrx_buffer message = {0};
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    if (vrx_is_ok(vrx_frame_read(fd, vrx_frame_deadline(5000), &message)))
        read_certificate(vrx_buffer_view(&message), &answer);
    vrx_buffer_done(&message);
    return answer;
}

static struct answer ask(const struct issuer_fixture *fixture) {
    struct vrx_buffer frame = {0};
    issuer_frame(fixture, &frame);
    const int fd = issuer_dial(fixture);
    assert_int_equal(send(fd, frame.ptr, frame.len, MSG_NOSIGNAL), frame.len);
    const struct answer answer = read_answer(fd);
    close(fd);
    vrx_buffer_done(&frame);
    return answer;
}

/* What the restarted process and its journal say of the case that was cut off. */
static void check_case(struct issuer_fixture *fixture, const struct answer *before, unsigned n) {
    const size_t intents = issuer_listed(fixture, " intent ");
    const size_t issued = issuer_listed(fixture, " issued ");
    if (intents > 1 || issued > intents || (before->text[0] && !issued))
        fail_msg("stop %u: %zu intents, %zu issued", n, intents, issued);
    const struct answer first = ask(fixture);
    const struct answer second = ask(fixture);
    assert_int_not_equal(first.text[0], '\0');
    assert_string_equal(first.text, second.text);
    if (before->text[0])
        assert_string_equal(first.text, before->text);
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    const struct vrx_view name = fixture->world.application.given_name;
    fixture->world.application.given_name = vrx_view_text("TARO");
    world_sign(&fixture->world);
    issuer_expect(fixture, VRX_APPLICATION_USED);
    fixture->world.application.given_name = name;
}

/* ---- tests ---- */

static void killed_at_each_call_of_a_request(void **state) {
    struct issuer_fixture *fixture = *state;
    struct answer answer = {""};
    bool killed = true;
    unsigned n = 0;
    start_traced(fixture);
    while (killed) {
        struct vrx_buffer frame = {0};
        issuer_next_case(fixture);
        issuer_frame(fixture, &frame);
        halt(fixture);
        const int fd = issuer_dial(fixture);
        assert_int_equal(send(fd, frame.ptr, frame.len, MSG_NOSIGNAL), frame.len);
        /* The wait that the stop interrupted is taken up again first. */
        killed = killed_at(fixture, in_request, ++n, 1);
        answer = read_answer(fd);
        close(fd);
        vrx_buffer_done(&frame);
        if (killed)
            start_traced(fixture);
        else
            let_go(fixture);
        check_case(fixture, &answer, n);
    }
    assert_int_not_equal(answer.text[0], '\0'); /* the last was let through */
    print_message("killed at %u stops\n", n - 1);
    assert_in_range(n, 20, 2000);
    issuer_kill(fixture);
}

static void append_to_journal(const struct issuer_fixture *fixture) {
    char path[ISSUER_PATH + 16];
    (void)snprintf(path, sizeof path, "%s/journal", fixture->state);
    const int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "\x01\x02\x03", 3), 3);
    close(fd);
}

static void remove_journal(const struct issuer_fixture *fixture) {
    char path[ISSUER_PATH + 16];
    (void)snprintf(path, sizeof path, "%s/journal", fixture->state);
    assert_true(unlink(path) == 0 || errno == ENOENT);
}

/* Kills each start, which prepare() has a new journal or a torn one for. */
static unsigned kill_starts(
    struct issuer_fixture *fixture, void (*prepare)(const struct issuer_fixture *fixture)) {
    unsigned n = 0;
    for (bool killed = true; killed;) {
        prepare(fixture);
        launch_traced(fixture);
        killed = killed_at(fixture, in_start, ++n, 0);
        if (!killed)
            issuer_kill(fixture);
        start_traced(fixture);
        const struct answer first = ask(fixture);
        const struct answer second = ask(fixture);
        assert_int_not_equal(first.text[0], '\0');
        assert_string_equal(first.text, second.text);
        issuer_kill(fixture);
    }
    return n - 1;
}

static void killed_at_each_call_of_its_first_start(void **state) {
    const unsigned stops = kill_starts(*state, remove_journal);
    print_message("killed at %u stops\n", stops);
    assert_in_range(stops, 10, 5000);
}

static void killed_at_each_call_of_a_start_that_repairs(void **state) {
    struct issuer_fixture *fixture = *state;
    start_traced(fixture);
    const struct answer before = ask(fixture);
    issuer_kill(fixture);
    const unsigned stops = kill_starts(fixture, append_to_journal);
    print_message("killed at %u stops\n", stops);
    assert_in_range(stops, 10, 5000);
    start_traced(fixture);
    check_case(fixture, &before, stops);
    issuer_kill(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, issuer_setup, issuer_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(killed_at_each_call_of_a_request),
        TEST(killed_at_each_call_of_its_first_start),
        TEST(killed_at_each_call_of_a_start_that_repairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
