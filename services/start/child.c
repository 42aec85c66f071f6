/* SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_FIRST 500  /* milliseconds */
#define PAUSE_MOST 60000 /* and who has run so long begins with the first again */
#define STATUS_USAGE 2
#define STATUS_NOT_RUN 127

static bool parse_number(const char *text, unsigned long *ret_number) {
    char *end = NULL;
    errno = 0;
    *ret_number = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno && *ret_number < UINT32_MAX;
}

bool vrx_start_user_find(const char *text, struct vrx_start_user *ret_user) {
    struct vrx_start_user user = {.other = text != NULL};
    unsigned long number = 0;
    const struct passwd *entry = NULL;
    if (text && parse_number(text, &number)) {
        user.uid = (uid_t)number;
        user.gid = (gid_t)number;
    } else if (text) {
        entry = getpwnam(text);
        if (!entry || strlen(text) >= sizeof user.name) {
            (void)fprintf(stderr, "vrx-start: there is no user %s\n", text);
            return false;
        }
        user.uid = entry->pw_uid;
        user.gid = entry->pw_gid;
        memcpy(user.name, text, strlen(text) + 1);
    }
    if (text && (user.uid == 0 || user.gid == 0)) {
        (void)fprintf(stderr, "vrx-start: %s is root, which neither of them needs\n", text);
        return false;
    }
    *ret_user = user;
    return true;
}

static bool become(const struct vrx_start_user *user) {
    if (!user->other)
        return true;
    const int groups = user->name[0] ? initgroups(user->name, user->gid) : setgroups(1, &user->gid);
    return groups == 0 && setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

/* In the new process. */
static void become_program(const struct vrx_start_child *child, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* After the change of user, which would undo it. */
    if (!become(&child->user) || prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
        perror(child->name);
    else if (getppid() == parent) {
        (void)execv(child->path, child->arguments);
        perror(child->path);
    }
    _exit(STATUS_NOT_RUN);
}

bool vrx_start_child_run(struct vrx_start_child *child, int64_t now) {
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        become_program(child, parent);
    if (pid < 0) {
        perror("vrx-start: fork");
        return false;
    }
    child->pid = pid;
    child->started = now;
    (void)fprintf(stderr, "vrx-start: %s is process %d\n", child->name, (int)pid);
    return true;
}

bool vrx_start_child_ended(struct vrx_start_child *child, int status, bool ending, int64_t now) {
    const bool by_signal = WIFSIGNALED(status);
    const int code = by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
    const bool hopeless = !by_signal && (code == STATUS_USAGE || code == STATUS_NOT_RUN);
    child->pid = 0;
    if (!child->pause || now - child->started >= PAUSE_MOST)
        child->pause = PAUSE_FIRST;
    child->due = now + child->pause;
    (void)fprintf(
        stderr, "vrx-start: %s ended, %s %d", child->name, by_signal ? "signal" : "status", code);
    if (!ending && !hopeless)
        (void)fprintf(stderr, "; again in %lld.%lld s", (long long)(child->pause / 1000),
            (long long)(child->pause % 1000 / 100));
    (void)fputc('\n', stderr);
    child->pause = 2 * child->pause < PAUSE_MOST ? 2 * child->pause : PAUSE_MOST;
    return !hopeless;
}
