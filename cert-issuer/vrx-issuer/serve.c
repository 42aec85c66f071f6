/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests are served one after the other: each waits for the disk twice and for nothing else, and
 * the journal has one writer. A peer that does not finish its request within PEER_TIME is dropped.
 * SIGTERM and SIGINT are blocked except while the process waits for a connection, so that they
 * never cut a request in two.
 */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/encode.h"
#include "client/frame.h"

#define PEER_TIME 5000 /* milliseconds for a peer to send its request, and to take its reply */
#define BACKLOG 64

static volatile sig_atomic_t ending;

static void end_serving(int signal_number) {
    (void)signal_number;
    ending = 1;
}

static int fail(const char *what, int fd) {
    perror(what);
    if (fd >= 0)
        close(fd);
    return -1;
}

int vrx_serve_listen(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    size_t len = strlen(path);
    if (len >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return fail(path, -1);
    }
    memcpy(address.sun_path, path, len + 1);
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode) && unlink(path) != 0)
        return fail(path, -1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(path, 0666) != 0 || listen(fd, BACKLOG) != 0)
        return fail(path, fd);
    return fd;
}

/* Log: time, what, and who or why; one line. */
static void say(int64_t now, const char *what, const char *detail, const char *more) {
    char time_text[VRX_TIME_TEXT + 1];
    vrx_time_format(now, time_text);
    (void)fprintf(stderr, "%s %s %s%s%s\n", time_text, what, detail, *more ? " " : "", more);
}

static void say_result(int64_t now, const char *what, struct vrx_result result) {
    say(now, what, vrx_reason_name(result.reason), result.clause ? result.clause : "");
}

static void say_note(int64_t now, const struct vrx_issue_note *note) {
    char whose[VRX_MUNICIPALITY_CODE_DIGITS + 1 + 2 * VRX_ID + 1] = "-";
    if (note->known) {
        memcpy(whose, note->municipality.digits, VRX_MUNICIPALITY_CODE_DIGITS);
        whose[VRX_MUNICIPALITY_CODE_DIGITS] = ' ';
        vrx_hex_string(
            vrx_view_of(note->application, VRX_ID), whose + VRX_MUNICIPALITY_CODE_DIGITS + 1);
    }
    char asked[sizeof "request " + (size_t)2 * VRX_ID] = "";
    if (note->asked) {
        memcpy(asked, "request ", sizeof "request ");
        vrx_hex_string(vrx_view_of(note->request, VRX_ID), asked + sizeof "request " - 1);
    }
    if (!vrx_is_ok(note->directory))
        say_result(now, "directory", note->directory);
    if (vrx_is_ok(note->result))
        say(now, note->again ? "given again" : "issued", whose, asked);
    else {
        say(now, note->intended ? "intent-without-certificate" : "refused", whose, asked);
        say_result(now, "because", note->result);
    }
}

static bool may_ask(int fd, uid_t uid) {
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof peer)
        return false;
    return peer.uid == uid || peer.uid == 0 || peer.uid == geteuid();
}

/* False where the journal is broken. */
static bool serve_one(int fd, uid_t uid, const struct vrx_issuer *issuer) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer request = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer reply = {0};
    struct vrx_issue_note note = {0};
    int64_t now = time(NULL);
    if (!may_ask(fd, uid)) {
        say(now, "refused", "-", "SO_PEERCRED: not a user who may ask");
        return true;
    }
    struct vrx_result result = vrx_frame_read(fd, vrx_frame_deadline(PEER_TIME), &request);
    if (!vrx_is_ok(result)) {
        if (result.reason != VRX_CANCELLED) /* vrx_issuer_is_available knocks and goes */
            say_result(now, "unread", result);
        return true;
    }
    now = time(NULL);
    result = vrx_issuer_answer(issuer, vrx_buffer_view(&request), now, &reply, &note);
    say_note(now, &note);
    if (vrx_is_ok(result))
        result = vrx_frame_write(fd, vrx_frame_deadline(PEER_TIME), vrx_buffer_view(&reply));
    if (!vrx_is_ok(result))
        say_result(now, "unanswered", result);
    return note.result.reason != VRX_DISK_FAILED && note.result.reason != VRX_DISK_FULL;
}

/* The mask of a process that waits for a connection. */
static sigset_t take_signals(void) {
    struct sigaction action = {.sa_handler = end_serving};
    sigset_t blocked;
    sigset_t waiting;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &waiting);
    sigdelset(&waiting, SIGTERM);
    sigdelset(&waiting, SIGINT);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN; /* whoever reads the log may end before us */
    sigaction(SIGPIPE, &action, NULL);
    return waiting;
}

int vrx_serve(int listener, const char *path, uid_t uid, const struct vrx_issuer *issuer) {
    bool good = true;
    sigset_t waiting = take_signals();
    /* Only now: who reads this may send SIGTERM at once. */
    (void)fprintf(stderr, "vrx-issuer: serving on %s\n", path);
    while (good && !ending) {
        struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
        if (ppoll(&poll_fd, 1, NULL, &waiting) <= 0)
            continue;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            continue;
        good = serve_one(fd, uid, issuer);
        close(fd);
    }
    return good ? 0 : 1;
}
