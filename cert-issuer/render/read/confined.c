/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter is compiled by libseccomp before the fork and set by one system call after it: between
 * fork and exec nothing may allocate, for the caller may have threads.
 */
#include "render/read/confined.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Programs of at most this many instructions are all that the kernel takes (BPF_MAXINSNS). */
#define FILTER_MAX 4096
#define CANNOT 127

/* What a program needs to be loaded, to read, to compute, to write what it has open, to end. */
static const int allowed[] = {
    /* what is open, and files that it looks at */
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    SCMP_SYS(fadvise64),
    SCMP_SYS(dup),
    SCMP_SYS(fcntl),
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    /* itself */
    SCMP_SYS(arch_prctl),
    SCMP_SYS(set_tid_address),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(getrandom),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Files are opened for reading only; limits are read and not set; and one program is run: the one
 * whose path lies at this address, which is gone once it runs. */
static bool add_conditions(scmp_filter_ctx filter, const char *program) {
    const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    const struct {
        int call;
        struct scmp_arg_cmp only;
    } rows[] = {
        {SCMP_SYS(openat), {2, SCMP_CMP_MASKED_EQ, writing, O_RDONLY}},
        {SCMP_SYS(open), {1, SCMP_CMP_MASKED_EQ, writing, O_RDONLY}},
        {SCMP_SYS(prlimit64), {2, SCMP_CMP_EQ, 0, 0}},
        {SCMP_SYS(execve), {0, SCMP_CMP_EQ, (scmp_datum_t)(uintptr_t)program, 0}},
    };
    bool good = true;
    for (size_t i = 0; good && i < sizeof rows / sizeof *rows; i++)
        good = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rows[i].call, 1, &rows[i].only) == 0;
    return good;
}

/* The filter as the kernel takes it, in a file in memory. */
static bool compile(const char *program, int file) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool good = filter != NULL;
    for (size_t i = 0; good && i < sizeof allowed / sizeof *allowed; i++)
        good = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    good = good && add_conditions(filter, program) && seccomp_export_bpf(filter, file) == 0;
    if (filter)
        seccomp_release(filter);
    return good;
}

static bool load(const char *program, struct sock_filter *steps, unsigned short *ret_count) {
    const int file = memfd_create("filter", MFD_CLOEXEC);
    bool good = file >= 0 && compile(program, file);
    const off_t size = good ? lseek(file, 0, SEEK_END) : 0;
    good = good && size > 0 && (size_t)size <= FILTER_MAX * sizeof *steps &&
           pread(file, steps, (size_t)size, 0) == size;
    *ret_count = (unsigned short)((size_t)size / sizeof *steps);
    if (file >= 0)
        close(file);
    return good;
}

static bool limit(__rlimit_resource_t resource, rlim_t most) {
    const struct rlimit both = {most, most};
    return setrlimit(resource, &both) == 0;
}

/* The new process from here on; system calls only. */
_Noreturn static void become(
    const char *const *argv, int input, int output, const struct sock_fprog *filter) {
    char locale[] = "LC_ALL=C";
    char home[] = "HOME=/nonexistent";
    char *const environment[] = {locale, home, NULL};
    /* execve does not write to them, its type is older than const. */
    union {
        const char *const *in;
        char *const *out;
    } borrowed = {argv};
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const bool good =
        null >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(null, STDERR_FILENO) >= 0 && close_range(STDERR_FILENO + 1, ~0U, 0) == 0 &&
        setpgid(0, 0) == 0 && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
        limit(RLIMIT_CPU, VRX_CONFINED_SECONDS) && limit(RLIMIT_NOFILE, VRX_CONFINED_FILES) &&
        limit(RLIMIT_AS, VRX_CONFINED_MEMORY) && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) == 0;
    if (good)
        execve(argv[0], borrowed.out, environment);
    _exit(CANNOT);
}

static bool write_all(int file, struct vrx_view bytes) {
    while (bytes.len) {
        const ssize_t written = write(file, bytes.ptr, bytes.len);
        if (written <= 0)
            return false;
        bytes = vrx_view_slice(bytes, (size_t)written, bytes.len);
    }
    return lseek(file, 0, SEEK_SET) == 0;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct vrx_result run(const char *const *argv, int input, const struct sock_fprog *filter,
    struct vrx_confined *ret_confined) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return vrx_fail(VRX_INTERNAL_ERROR);
    const pid_t pid = fork();
    if (pid == 0)
        become(argv, input, ends[1], filter);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return vrx_fail(VRX_INTERNAL_ERROR);
    }
    *ret_confined = (struct vrx_confined){.pid = pid,
        .output = ends[0],
        .deadline = now_ms() + (int64_t)2 * VRX_CONFINED_SECONDS * 1000};
    return vrx_ok();
}

struct vrx_result vrx_confined_start(
    const char *const *argv, struct vrx_view input, struct vrx_confined *ret_confined) {
    struct sock_filter *steps = calloc(FILTER_MAX, sizeof *steps);
    if (!steps)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct sock_fprog filter = {.filter = steps};
    struct vrx_result result = vrx_fail(VRX_INTERNAL_ERROR);
    const int file = memfd_create("input", MFD_CLOEXEC);
    if (file >= 0 && load(argv[0], steps, &filter.len) && write_all(file, input))
        result = run(argv, file, &filter, ret_confined);
    if (file >= 0)
        close(file);
    free(steps);
    return result;
}

struct vrx_result vrx_confined_read(
    struct vrx_confined *confined, void *bytes, size_t len, size_t *ret_len) {
    for (;;) {
        struct pollfd wait = {.fd = confined->output, .events = POLLIN};
        const int64_t left = confined->deadline - now_ms();
        if (left <= 0)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "confined.h: time");
        if (poll(&wait, 1, (int)left) <= 0)
            continue;
        const ssize_t got = read(confined->output, bytes, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return vrx_fail(VRX_INTERNAL_ERROR);
        confined->ended = got == 0;
        *ret_len = (size_t)got;
        return vrx_ok();
    }
}

int vrx_confined_end(struct vrx_confined *confined) {
    int status = 0;
    close(confined->output);
    if (!confined->ended)
        kill(confined->pid, SIGKILL);
    pid_t ended = 0;
    while ((ended = waitpid(confined->pid, &status, WNOHANG)) == 0 && now_ms() < confined->deadline)
        poll(NULL, 0, 1);
    if (ended == 0) {
        kill(confined->pid, SIGKILL);
        ended = waitpid(confined->pid, &status, 0);
    }
    *confined = (struct vrx_confined){.output = -1};
    return ended > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
