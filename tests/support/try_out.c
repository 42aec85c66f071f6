/* SPDX-License-Identifier: Apache-2.0
 *
 * Tries what a program that was taken over would try, and says of each how it went: for tests of
 * what confines it. "copy" copies its input, "sleep" never ends, "full" writes without
 * end, "status" ends with 3.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void say(const char *what, int good) {
    printf("%s: %s\n", what, good ? "done" : strerrorname_np(errno));
}

static int run_true(void) {
    char *const arguments[] = {(char[]){"true"}, NULL};
    return execve("/bin/true", arguments, environ) == 0;
}

static int try_fork(void) {
    const pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static int raise_limit(void) {
    const struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    return setrlimit(RLIMIT_CPU, &more) == 0;
}

static int take_memory(void) {
    return mmap(NULL, (size_t)2 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
               0) != MAP_FAILED;
}

static void try_all(void) {
    say("read a file", open("/etc/passwd", O_RDONLY) >= 0);
    say("write a file", open("/tmp/vrx-try-out", O_WRONLY | O_CREAT, 0600) >= 0);
    say("append to a file", open("/etc/passwd", O_WRONLY | O_APPEND) >= 0);
    say("remove a file", unlink("/tmp/vrx-try-out") == 0);
    say("make a folder", mkdir("/tmp/vrx-try-out", 0700) == 0);
    say("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
    say("local socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    say("fork", try_fork());
    say("run a program", run_true());
    say("raise a limit", raise_limit());
    say("memory", take_memory());
    say("kill", kill(getppid(), 0) == 0);
    say("trace", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0);
    for (int file = 3; file < 1024; file++)
        if (fcntl(file, F_GETFD) >= 0 && file != 3) /* 3: opened above */
            printf("open file %d\n", file);
    for (char **variable = environ; *variable; variable++)
        printf("%s\n", *variable);
}

static void copy(void) {
    char bytes[4096];
    ssize_t len;
    while ((len = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        if (write(STDOUT_FILENO, bytes, (size_t)len) != len)
            _exit(1);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "copy") == 0)
        copy();
    else if (strcmp(what, "sleep") == 0)
        for (;;)
            pause();
    else if (strcmp(what, "full") == 0)
        while (write(STDOUT_FILENO, "0123456789abcdef", 16) == 16)
            ;
    else if (strcmp(what, "status") == 0)
        return 3;
    else
        try_all();
    return 0;
}
