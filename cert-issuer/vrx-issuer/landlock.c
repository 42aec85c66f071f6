/* SPDX-License-Identifier: Apache-2.0
 *
 * By the bare system calls: the C library has no functions for them, and older kernel headers do
 * not know what newer kernels can do. A kernel takes a longer attribute than it knows as long as
 * the rest is zero.
 */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers of every architecture (linux/landlock.h). */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE 445
#define CALL_RESTRICT_SELF 446
#define CREATE_VERSION 1U
#define RULE_PATH_BENEATH 1

enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_DIR = 1 << 4,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_REG = 1 << 8,
    FS_FIRST = (1 << 13) - 1, /* all of version 1 */
    FS_REFER = 1 << 13,       /* version 2 */
    FS_TRUNCATE = 1 << 14,    /* version 3 */
    FS_IOCTL_DEV = 1 << 15,   /* version 5 */
    NET_TCP = 3,              /* bind and connect, version 4 */
    SCOPE_ALL = 3,            /* abstract sockets and signals, version 6 */
};
/* Of those, what a rule on a file, not a folder, may have. */
#define FS_OF_FILE (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

static uint64_t handled(int abi) {
    uint64_t all = FS_FIRST;
    if (abi >= 2)
        all |= FS_REFER;
    if (abi >= 3)
        all |= FS_TRUNCATE;
    if (abi >= 5)
        all |= FS_IOCTL_DEV;
    return all;
}

static uint64_t allowed_by(unsigned may) {
    uint64_t allowed = 0;
    if (may & (VRX_LANDLOCK_READ | VRX_LANDLOCK_WRITE))
        allowed |= FS_READ_FILE | FS_READ_DIR;
    if (may & VRX_LANDLOCK_WRITE)
        allowed |= FS_WRITE_FILE | FS_TRUNCATE | FS_MAKE_REG | FS_REMOVE_FILE | FS_IOCTL_DEV;
    if (may & VRX_LANDLOCK_REMOVE)
        allowed |= FS_REMOVE_FILE;
    return allowed;
}

static bool add_rule(int ruleset, const struct vrx_landlock_rule *rule, uint64_t all) {
    struct stat status;
    struct path_beneath beneath = {.allowed = allowed_by(rule->may) & all};
    beneath.parent = open(rule->path, O_PATH | O_CLOEXEC);
    if (beneath.parent < 0)
        return false;
    bool good = fstat(beneath.parent, &status) == 0;
    if (good && !S_ISDIR(status.st_mode))
        beneath.allowed &= FS_OF_FILE;
    good =
        good && syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, (const void *)&beneath, 0U) == 0;
    const int why = errno;
    close(beneath.parent);
    errno = why;
    return good;
}

static bool add_rules(int ruleset, const struct vrx_landlock_rule *rules, size_t count,
    uint64_t all, const char **ret_path) {
    for (size_t i = 0; i < count; i++)
        if (!add_rule(ruleset, &rules[i], all)) {
            *ret_path = rules[i].path;
            return false;
        }
    return true;
}

bool vrx_landlock_close(
    const struct vrx_landlock_rule *rules, size_t count, int *ret_abi, const char **ret_path) {
    const long abi = syscall(CALL_CREATE_RULESET, NULL, (size_t)0, CREATE_VERSION);
    *ret_abi = abi > 0 ? (int)abi : 0;
    *ret_path = NULL;
    if (abi <= 0)
        return true;
    const struct ruleset attribute = {
        .fs = handled(*ret_abi),
        .net = abi >= 4 ? NET_TCP : 0,
        .scoped = abi >= 6 ? SCOPE_ALL : 0,
    };
    const int ruleset = (int)syscall(CALL_CREATE_RULESET, &attribute, sizeof attribute, 0U);
    if (ruleset < 0)
        return false;
    const bool good = add_rules(ruleset, rules, count, attribute.fs, ret_path) &&
                      syscall(CALL_RESTRICT_SELF, ruleset, 0U) == 0;
    const int why = errno;
    close(ruleset);
    errno = why;
    return good;
}
