/* SPDX-License-Identifier: Apache-2.0
 *
 * One program that is kept running, as its own user.
 */
#ifndef VRX_START_CHILD_H
#define VRX_START_CHILD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct vrx_start_user {
    bool other; /* than who runs this: the rest counts */
    uid_t uid;
    gid_t gid;
    char name[64]; /* for its further groups; "" has none */
};

/* A name, or a number, which is the group's too. False: there is no such user (said), or it is
 * root. NULL: ourselves. */
bool vrx_start_user_find(const char *text, struct vrx_start_user *ret_user);

#define VRX_START_ARGUMENTS 6

struct vrx_start_child {
    const char *name;                     /* of the program */
    char path[PATH_MAX];                  /* its file */
    char *arguments[VRX_START_ARGUMENTS]; /* with its name, ended by NULL */
    struct vrx_start_user user;
    pid_t pid;       /* 0: it does not run */
    int64_t started; /* milliseconds of the monotonic clock */
    int64_t due;     /* when it is started again; the same */
    int64_t pause;   /* before the next start, which doubles it */
};

/* Starts it: with no signal blocked, and to be ended by SIGTERM when this process is gone. Where
 * it cannot become its user or the program cannot be run it ends with status 127, having said so.
 * False: no process could be made. */
bool vrx_start_child_run(struct vrx_start_child *child, int64_t now);

/* It has ended: says how and when it is started again, a minute later at most. False: it need not
 * be, for it ended over wrong use or cannot be run at all, which another start does not mend. */
bool vrx_start_child_ended(struct vrx_start_child *child, int status, bool ending, int64_t now);

#endif
