/* SPDX-License-Identifier: Apache-2.0 */
#include "support/issuer_fixture.h"
#include "support/issue_reply.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "client/client.h"
#include "files/files.h"
#include "objects/codec.h"
#include "support/check.h"

/* The process ---------------------------------------------------------------------------------- */

static pid_t spawn(bool traced, char *const argv[], char *const environment[], int out, int err) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (traced)
            ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        dup2(out, 1);
        dup2(err, 2);
        execve(argv[0], argv, environment);
        _exit(127);
    }
    return pid;
}

int issuer_saw_either(int fd, const char *text, const char *other) {
    char seen[8192] = {0};
    size_t len = 0;
    while (len + 1 < sizeof seen && !strstr(seen, text) && !strstr(seen, other)) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (poll(&poll_fd, 1, 30000) <= 0 || read(fd, seen + len, 1) != 1)
            return 0;
        len++;
    }
    return strstr(seen, text) ? 1 : strstr(seen, other) ? 2 : 0;
}

bool issuer_saw(int fd, const char *text) {
    return issuer_saw_either(fd, text, text) == 1;
}

#define ARGUMENTS 16

static void add_all(char **list, size_t *count, char *const *more) {
    for (; *more; more++)
        list[(*count)++] = *more;
    list[*count] = NULL;
}

void issuer_launch(struct issuer_fixture *fixture, const char *extra) {
    char program[] = VRX_ISSUER_PROGRAM;
    char *arguments[ARGUMENTS + ISSUER_MORE] = {program, (char[]){"--socket"}, fixture->socket,
        (char[]){"--state"}, fixture->state, (char[]){"--directory"}, fixture->directory,
        (char[]){"--authority-key"}, fixture->authority, (char[]){"--certificate"},
        fixture->certificate, (char[]){"--key"}, fixture->key};
    /* The leak check ptraces its own process, which the filter forbids. */
    char leaks[] = "ASAN_OPTIONS=detect_leaks=0";
    char preload[] = "LD_PRELOAD=" VRX_KILL_AT_SYNC;
    char variable[64] = "VRX_NONE=1";
    char *environment[ARGUMENTS + ISSUER_MORE] = {leaks, variable};
    size_t count = 13;
    size_t variables = 2;
    int ends[2];
    if (extra) {
        (void)snprintf(variable, sizeof variable, "%s", extra);
        environment[variables++] = preload;
    }
    add_all(arguments, &count, fixture->more);
    add_all(environment, &variables, fixture->environment);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fixture->pid = spawn(fixture->traced, arguments, environment, ends[1], ends[1]);
    fixture->log = ends[0];
    close(ends[1]);
}

void issuer_start(struct issuer_fixture *fixture) {
    issuer_launch(fixture, NULL);
    assert_true(issuer_saw(fixture->log, "serving on"));
}

int issuer_ended(struct issuer_fixture *fixture) {
    int status = 0;
    assert_int_equal(waitpid(fixture->pid, &status, 0), fixture->pid);
    close(fixture->log);
    fixture->pid = 0;
    return status;
}

void issuer_stop(struct issuer_fixture *fixture) {
    kill(fixture->pid, SIGTERM);
    int status = issuer_ended(fixture);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

void issuer_kill(struct issuer_fixture *fixture) {
    kill(fixture->pid, SIGKILL);
    int status = issuer_ended(fixture);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

void issuer_refuses_to_start(struct issuer_fixture *fixture, const char *because) {
    issuer_launch(fixture, NULL);
    assert_true(issuer_saw(fixture->log, because));
    int status = issuer_ended(fixture);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_not_equal(access(fixture->socket, F_OK), 0);
}

void issuer_list(
    const struct issuer_fixture *fixture, const char *options, char *out, size_t size) {
    char program[] = VRX_ISSUER_PROGRAM;
    char state[ISSUER_PATH];
    char more[32];
    memcpy(state, fixture->state, sizeof state);
    (void)snprintf(more, sizeof more, "%s", options ? options : "");
    char *rest = more;
    char *argv[8] = {program, (char[]){"--list"}, (char[]){"--state"}, state};
    for (size_t i = 4; i < 7 && options; i++)
        argv[i] = strsep(&rest, " ");
    char leaks[] = "ASAN_OPTIONS=detect_leaks=0";
    char *environment[] = {leaks, NULL};
    int ends[2];
    int status = 0;
    size_t len = 0;
    ssize_t got = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = spawn(false, argv, environment, ends[1], 2);
    close(ends[1]);
    while (len + 1 < size && (got = read(ends[0], out + len, size - len - 1)) > 0)
        len += (size_t)got;
    out[len] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

size_t issuer_listed(const struct issuer_fixture *fixture, const char *word) {
    char text[65536];
    char id[2 * VRX_ID + 1];
    char *rest = text;
    size_t count = 0;
    for (size_t i = 0; i < VRX_ID; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", fixture->world.application.id[i]);
    issuer_list(fixture, NULL, text, sizeof text);
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        count += strstr(line, word) && strstr(line, id);
    return count;
}

/* The files ------------------------------------------------------------------------------------ */

void issuer_write_directory(const struct issuer_fixture *fixture) {
    struct vrx_buffer message = {0};
    world_sign_directory(&fixture->world, &message);
    assert_ok(vrx_file_replace(fixture->directory, 0644, vrx_buffer_view(&message)));
    vrx_buffer_done(&message);
}

static void write_keys(const struct issuer_fixture *fixture) {
    struct vrx_public_key *authority = NULL;
    struct vrx_buffer pem = {0};
    struct vrx_secret *key = NULL;
    assert_ok(vrx_private_key_public(fixture->world.authority, &authority));
    assert_ok(vrx_public_key_to_pem(authority, &pem));
    assert_ok(vrx_file_replace(fixture->authority, 0644, vrx_buffer_view(&pem)));
    vrx_buffer_clear(&pem);
    assert_ok(vrx_certificate_to_pem(fixture->world.dsc.cert, &pem));
    assert_ok(vrx_file_replace(fixture->certificate, 0644, vrx_buffer_view(&pem)));
    assert_ok(vrx_private_key_to_pem(fixture->world.dsc.key, &key));
    assert_ok(vrx_file_replace(fixture->key, 0600, vrx_secret_view(key)));
    vrx_secret_free(&key);
    vrx_buffer_done(&pem);
    vrx_public_key_free(&authority);
}

int issuer_setup(void **state) {
    static const char pattern[] = "/tmp/vrx-issuer-XXXXXX";
    struct issuer_fixture *fixture = calloc(1, sizeof *fixture);
    memcpy(fixture->folder, pattern, sizeof pattern);
    assert_non_null(mkdtemp(fixture->folder));
    assert_int_equal(chmod(fixture->folder, 0755), 0); /* another user comes as far as the socket */
    const struct {
        char *path;
        const char *name;
    } paths[] = {{fixture->socket, "socket"}, {fixture->state, "state"},
        {fixture->directory, "directory"}, {fixture->authority, "authority.pem"},
        {fixture->certificate, "signer.pem"}, {fixture->key, "signer.key"}};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        (void)snprintf(paths[i].path, ISSUER_PATH, "%s/%s", fixture->folder, paths[i].name);
    assert_int_equal(mkdir(fixture->state, 0700), 0);
    world_init(&fixture->world, time(NULL));
    world_record(&fixture->world);
    world_sign(&fixture->world);
    issuer_write_directory(fixture);
    write_keys(fixture);
    *state = fixture;
    return 0;
}

static void remove_folder(const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        char inner[ISSUER_PATH + 260];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            remove_folder(inner);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

int issuer_teardown(void **state) {
    struct issuer_fixture *fixture = *state;
    if (fixture->pid) {
        kill(fixture->pid, SIGKILL);
        issuer_ended(fixture);
    }
    world_done(&fixture->world);
    remove_folder(fixture->folder);
    free(fixture);
    return 0;
}

/* Asking --------------------------------------------------------------------------------------- */

void issuer_expect(const struct issuer_fixture *fixture, enum vrx_reason reason) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply));
    assert_string_equal(
        vrx_reason_name(vrx_reason_from_value((unsigned)reply.reason)), vrx_reason_name(reason));
    assert_int_equal(issue_reply_text(&reply, VRX_FORMAT_HCERT).len != 0, reason == VRX_OK);
    vrx_arena_done(&arena);
}

void issuer_expect_no_answer(const struct issuer_fixture *fixture) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    assert_reason(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply),
        VRX_ISSUER_UNAVAILABLE);
    vrx_arena_done(&arena);
}

void issuer_next_case(struct issuer_fixture *fixture) {
    world_renew(&fixture->world);
    world_sign(&fixture->world);
}

int issuer_dial(const struct issuer_fixture *fixture) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(fixture->socket) < sizeof address.sun_path);
    memcpy(address.sun_path, fixture->socket, strlen(fixture->socket));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void issuer_frame(const struct issuer_fixture *fixture, struct vrx_buffer *out) {
    struct vrx_buffer request = {0};
    uint8_t head[4];
    assert_ok(vrx_object_encode(&vrx_issue_request_schema, &fixture->world.request, &request));
    vrx_put_u32(head, (uint32_t)request.len);
    assert_ok(vrx_buffer_append(out, vrx_view_of(head, sizeof head)));
    assert_ok(vrx_buffer_append(out, vrx_buffer_view(&request)));
    vrx_buffer_done(&request);
}

size_t issuer_send_raw(const struct issuer_fixture *fixture, const void *bytes, size_t len) {
    int fd = issuer_dial(fixture);
    char answer[8192];
    size_t total = 0;
    ssize_t got = 0;
    const char *at = bytes;
    while (len) {
        ssize_t put = send(fd, at, len, MSG_NOSIGNAL);
        if (put < 0)
            break;
        at += put;
        len -= (size_t)put;
    }
    shutdown(fd, SHUT_WR);
    while ((got = recv(fd, answer, sizeof answer, 0)) > 0)
        total += (size_t)got;
    close(fd);
    return total;
}
