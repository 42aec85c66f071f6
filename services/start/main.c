/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-start: one thread, which waits for signals (its children's ends among them) and for the time
 * at which one is to be started again. Both are started in no order: either does without the other
 * for a while. They are ended in order, since calls that vrxd finishes may want the issuer.
 */
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "options.h"

#define ENDING_MOST 120000 /* milliseconds from SIGTERM to SIGKILL */
#define FILES 65536

enum { VRXD, ISSUER, CHILDREN };

struct start {
    struct vrx_start_child children[CHILDREN];
    bool ending;
    int64_t ending_until;
    int status;
};

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- what it gives up ---- */

/* What a service manager would set for them; without the right to, the present limits stand. */
static void set_limits(void) {
    const struct rlimit none = {0, 0};
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    const struct rlimit files = {FILES, FILES};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_MEMLOCK, &unlimited);
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

/* All but becoming another user and sending it a signal. */
static bool give_up_rights(void) {
    const uint32_t kept = 1U << CAP_SETUID | 1U << CAP_SETGID | 1U << CAP_KILL;
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct data[2] = {{.effective = kept, .permitted = kept}};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    return geteuid() != 0 || syscall(SYS_capset, &head, data) == 0;
}

/* ---- signals ---- */

static void send_to(const struct vrx_start_child *child, int signal_number) {
    if (child->pid)
        (void)kill(child->pid, signal_number);
}

/* vrxd first; when it has ended, the issuer. */
static void begin_end(struct start *start, int64_t now) {
    if (start->ending) { /* asked twice */
        start->ending_until = now;
        return;
    }
    start->ending = true;
    start->ending_until = now + ENDING_MOST;
    send_to(&start->children[start->children[VRXD].pid ? VRXD : ISSUER], SIGTERM);
}

static void note_ends(struct start *start, int64_t now) {
    int status = 0;
    pid_t pid = 0;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < CHILDREN; i++) {
            struct vrx_start_child *child = &start->children[i];
            if (child->pid != pid)
                continue;
            if (!vrx_start_child_ended(child, status, start->ending, now) && !start->ending) {
                start->status = 2;
                begin_end(start, now);
            }
            if (start->ending && i == VRXD)
                send_to(&start->children[ISSUER], SIGTERM);
        }
}

static void take_signal(struct start *start, int signal_number, int64_t now) {
    if (signal_number == SIGTERM || signal_number == SIGINT)
        begin_end(start, now);
    else if (signal_number == SIGHUP || signal_number == SIGUSR1)
        send_to(&start->children[VRXD], signal_number);
}

/* ---- the loop ---- */

/* Starts what is due. Returns when the next is; 0: nothing will be. */
static int64_t start_due(struct start *start, int64_t now) {
    int64_t next = start->ending ? start->ending_until : 0;
    for (size_t i = 0; i < CHILDREN && !start->ending; i++) {
        struct vrx_start_child *child = &start->children[i];
        if (!child->pid && child->due <= now && !vrx_start_child_run(child, now))
            child->due = now + 1000;
        if (!child->pid && (!next || child->due < next))
            next = child->due;
    }
    return next;
}

static void kill_late(struct start *start, int64_t now) {
    if (!start->ending || now < start->ending_until)
        return;
    for (size_t i = 0; i < CHILDREN; i++)
        send_to(&start->children[i], SIGKILL);
    start->ending_until = now + ENDING_MOST;
}

static bool any_runs(const struct start *start) {
    return start->children[VRXD].pid || start->children[ISSUER].pid;
}

static int keep_running(struct start *start, const sigset_t *signals) {
    while (!start->ending || any_runs(start)) {
        const int64_t next = start_due(start, milliseconds());
        const int64_t now = milliseconds();
        const int64_t left = next > now ? next - now : 0;
        const struct timespec time = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
        const int signal_number =
            next ? sigtimedwait(signals, NULL, &time) : sigwaitinfo(signals, NULL);
        take_signal(start, signal_number, milliseconds());
        note_ends(start, milliseconds()); /* signals of several ends are one */
        kill_late(start, milliseconds());
    }
    return start->status;
}

/* ---- the start ---- */

static bool prepare(struct vrx_start_child *child, const char *name, const char *programs,
    char *config, const char *user) {
    static char config_option[] = "--config";
    child->name = name;
    child->arguments[0] = child->path;
    child->arguments[1] = config_option;
    child->arguments[2] = config;
    if ((size_t)snprintf(child->path, sizeof child->path, "%s/%s", programs, name) >=
        sizeof child->path) {
        (void)fprintf(stderr, "vrx-start: %s: a name too long\n", programs);
        return false;
    }
    return vrx_start_user_find(user, &child->user);
}

static bool prepare_both(const struct vrx_start_options *options, struct start *start) {
    static char configs[CHILDREN][PATH_MAX];
    static char uid_option[] = "--uid";
    static char uid[16];
    const char *const names[CHILDREN] = {"vrxd", "vrx-issuer"};
    const char *const users[CHILDREN] = {options->vrxd_user, options->issuer_user};
    for (size_t i = 0; i < CHILDREN; i++) {
        (void)snprintf(configs[i], PATH_MAX, "%s/%s.conf", options->config, names[i]);
        if (!prepare(&start->children[i], names[i], options->programs, configs[i], users[i]))
            return false;
    }
    const struct vrx_start_user *asks = &start->children[VRXD].user;
    struct vrx_start_child *issuer = &start->children[ISSUER];
    if (!asks->other)
        return true;
    if (asks->uid == issuer->user.uid) {
        (void)fprintf(stderr, "vrx-start: two users, so that vrxd cannot reach the signing key\n");
        return false;
    }
    (void)snprintf(uid, sizeof uid, "%u", (unsigned)asks->uid);
    issuer->arguments[3] = uid_option;
    issuer->arguments[4] = uid;
    return true;
}

int main(int argc, char **argv) {
    static struct start start;
    struct vrx_start_options options;
    sigset_t signals;
    int status = 0;
    if (!vrx_start_options_parse(argc, argv, &options, &status))
        return status;
    if (!prepare_both(&options, &start))
        return 2;
    if (!options.vrxd_user)
        (void)fprintf(stderr, "vrx-start: both run as user %u\n", (unsigned)geteuid());
    set_limits();
    (void)close_range(STDERR_FILENO + 1, UINT_MAX, 0); /* what a shell left open is not theirs */
    if (!give_up_rights()) {
        perror("vrx-start: capset");
        return 1;
    }
    sigemptyset(&signals);
    for (size_t i = 0; i < 5; i++)
        sigaddset(&signals, (const int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1}[i]);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return keep_running(&start, &signals);
}
