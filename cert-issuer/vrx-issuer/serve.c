/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests are served one after the other: each waits for the disk twice and for nothing else, and
 * the journal has one writer. They are read side by side, so that a peer that is slow or silent
 * keeps nobody waiting: it is dropped after PEER_TIME, or when PEERS others are there and another
 * comes. SIGTERM and SIGINT are blocked except while the process waits for a connection, so that
 * they never cut a request in two.
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
#define PEERS 64       /* whose requests are read; each at most VRX_LIMIT_ISSUER_REQUEST */
#define BACKLOG 128

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

/* ---- one peer ---- */

struct peer {
    int fd;
    int64_t deadline; /* as vrx_frame_deadline gives it */
    struct vrx_frame_in request;
};

struct serving {
    int listener;
    uid_t uid;
    const struct vrx_issuer *issuer;
    bool broken; /* the journal: nothing can be issued any more */
    size_t count;
    struct peer peers[PEERS]; /* the first to come is the first here */
};

/* The request is whole: answers it. */
static void answer(struct serving *serving, const struct peer *peer) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer reply = {0};
    struct vrx_issue_note note = {0};
    const int64_t now = time(NULL);
    struct vrx_result result = vrx_issuer_answer(
        serving->issuer, vrx_buffer_view(&peer->request.message), now, &reply, &note);
    say_note(now, &note);
    if (vrx_is_ok(result))
        result = vrx_frame_write(peer->fd, vrx_frame_deadline(PEER_TIME), vrx_buffer_view(&reply));
    if (!vrx_is_ok(result))
        say_result(now, "unanswered", result);
    serving->broken = note.result.reason == VRX_DISK_FAILED || note.result.reason == VRX_DISK_FULL;
}

static void drop(struct serving *serving, size_t i) {
    struct peer *peer = &serving->peers[i];
    close(peer->fd);
    vrx_frame_in_done(&peer->request);
    memmove(peer, peer + 1, (--serving->count - i) * sizeof *peer);
}

/* False where the peer was dropped: answered, or not to be. */
static bool attend(struct serving *serving, size_t i) {
    struct peer *peer = &serving->peers[i];
    bool whole = false;
    struct vrx_result result = vrx_frame_take(peer->fd, &peer->request, &whole);
    if (vrx_is_ok(result) && !whole)
        return true;
    if (whole)
        answer(serving, peer);
    else if (result.reason != VRX_CANCELLED) /* vrx_issuer_is_available knocks and goes */
        say_result(time(NULL), "unread", result);
    drop(serving, i);
    return false;
}

static void drop_late(struct serving *serving, size_t i, const char *clause) {
    say_result(time(NULL), "unread", vrx_refuse(VRX_DEADLINE_EXCEEDED, clause));
    drop(serving, i);
}

/* Most peers have sent their request by now. */
static void welcome(struct serving *serving) {
    const int fd = accept4(serving->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (!may_ask(fd, serving->uid)) {
        say(time(NULL), "refused", "-", "SO_PEERCRED: not a user who may ask");
        close(fd);
        return;
    }
    if (serving->count == PEERS)
        drop_late(serving, 0, "serve.c: others came meanwhile");
    serving->peers[serving->count++] =
        (struct peer){.fd = fd, .deadline = vrx_frame_deadline(PEER_TIME)};
    (void)attend(serving, serving->count - 1);
}

/* ---- all of them ---- */

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

/* Until something comes, the first deadline is there, or a signal. fds: of the peers, the
 * listener's last. */
static bool wait_for_any(
    const struct serving *serving, const sigset_t *waiting, struct pollfd fds[PEERS + 1]) {
    struct timespec left = {0};
    for (size_t i = 0; i < serving->count; i++)
        fds[i] = (struct pollfd){.fd = serving->peers[i].fd, .events = POLLIN};
    fds[serving->count] = (struct pollfd){.fd = serving->listener, .events = POLLIN};
    if (serving->count) { /* each has the same time, so that the first ends first */
        const int64_t now = vrx_frame_deadline(0);
        const int64_t until = serving->peers[0].deadline;
        const int64_t milliseconds = until > now ? until - now : 0;
        left.tv_sec = (time_t)(milliseconds / 1000);
        left.tv_nsec = (long)(milliseconds % 1000) * 1000000;
    }
    return ppoll(fds, serving->count + 1, serving->count ? &left : NULL, waiting) >= 0;
}

static void serve_round(struct serving *serving, const sigset_t *waiting) {
    struct pollfd fds[PEERS + 1];
    const size_t count = serving->count;
    if (!wait_for_any(serving, waiting, fds))
        return;
    for (size_t i = count; i-- > 0 && !serving->broken;) /* from the end: one may be dropped */
        if (fds[i].revents)
            (void)attend(serving, i);
    while (serving->count && serving->peers[0].deadline <= vrx_frame_deadline(0))
        drop_late(serving, 0, "frame.h: one deadline for the whole message");
    if (fds[count].revents && !serving->broken)
        welcome(serving);
}

int vrx_serve(int listener, const char *path, uid_t uid, const struct vrx_issuer *issuer) {
    struct serving serving = {.listener = listener, .uid = uid, .issuer = issuer};
    sigset_t waiting = take_signals();
    /* Only now: who reads this may send SIGTERM at once. */
    (void)fprintf(stderr, "vrx-issuer: serving on %s\n", path);
    while (!serving.broken && !ending)
        serve_round(&serving, &waiting);
    while (serving.count)
        drop(&serving, serving.count - 1);
    return serving.broken ? 1 : 0;
}
