/* SPDX-License-Identifier: Apache-2.0
 *
 * The real vrx-issuer, asked over its socket as a taken-over caller would: it signs what the signed
 * objects allow, once, and nothing else; it survives what it is sent; killed between two steps it
 * has used the application and says so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "client/client.h"
#include "files/files.h"
#include "formats/hcert.h"
#include "support/check.h"
#include "support/issue_world.h"

#define PATH 128

struct fixture {
    struct issue_world world;
    char folder[64];
    char socket[PATH], state[PATH], directory[PATH], authority[PATH], certificate[PATH], key[PATH];
    pid_t pid;
    int log; /* its standard error */
};

/* The process ---------------------------------------------------------------------------------- */

static pid_t spawn(char *const argv[], char *const environment[], int out, int err) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out, 1);
        dup2(err, 2);
        execve(argv[0], argv, environment);
        _exit(127);
    }
    return pid;
}

/* Reads the process's log up to and including this text. */
static bool saw(int fd, const char *text) {
    char seen[8192] = {0};
    size_t len = 0;
    while (len + 1 < sizeof seen && !strstr(seen, text)) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (poll(&poll_fd, 1, 30000) <= 0 || read(fd, seen + len, 1) != 1)
            return false;
        len++;
    }
    return strstr(seen, text) != NULL;
}

/* extra: one more environment variable, or NULL. */
static void launch(struct fixture *fixture, const char *extra) {
    char program[] = VRX_ISSUER_PROGRAM;
    char *argv[] = {program, (char[]){"--socket"}, fixture->socket, (char[]){"--state"},
        fixture->state, (char[]){"--directory"}, fixture->directory, (char[]){"--authority-key"},
        fixture->authority, (char[]){"--certificate"}, fixture->certificate, (char[]){"--key"},
        fixture->key, NULL};
    /* The leak check ptraces its own process, which the filter forbids. */
    char leaks[] = "ASAN_OPTIONS=detect_leaks=0";
    char preload[] = "LD_PRELOAD=" VRX_KILL_AT_SYNC;
    char variable[64] = "VRX_NONE=1";
    int ends[2];
    if (extra)
        (void)snprintf(variable, sizeof variable, "%s", extra);
    char *environment[] = {leaks, variable, extra ? preload : NULL, NULL};
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fixture->pid = spawn(argv, environment, ends[1], ends[1]);
    fixture->log = ends[0];
    close(ends[1]);
}

static void start(struct fixture *fixture) {
    launch(fixture, NULL);
    assert_true(saw(fixture->log, "serving on"));
}

/* Waits for its end and returns the wait status. */
static int ended(struct fixture *fixture) {
    int status = 0;
    assert_int_equal(waitpid(fixture->pid, &status, 0), fixture->pid);
    close(fixture->log);
    fixture->pid = 0;
    return status;
}

static void stop(struct fixture *fixture) {
    kill(fixture->pid, SIGTERM);
    int status = ended(fixture);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void refuses_to_start(struct fixture *fixture, const char *because) {
    launch(fixture, NULL);
    assert_true(saw(fixture->log, because));
    int status = ended(fixture);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_not_equal(access(fixture->socket, F_OK), 0);
}

/* --list, as text. */
static void list(const struct fixture *fixture, char *out, size_t size) {
    char program[] = VRX_ISSUER_PROGRAM;
    char state[PATH];
    memcpy(state, fixture->state, sizeof state);
    char *argv[] = {program, (char[]){"--list"}, (char[]){"--state"}, state, NULL};
    char leaks[] = "ASAN_OPTIONS=detect_leaks=0";
    char *environment[] = {leaks, NULL};
    int ends[2];
    int status = 0;
    size_t len = 0;
    ssize_t got = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = spawn(argv, environment, ends[1], 2);
    close(ends[1]);
    while (len + 1 < size && (got = read(ends[0], out + len, size - len - 1)) > 0)
        len += (size_t)got;
    out[len] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* How often --list has this word on a line with the application of the world. */
static size_t listed(const struct fixture *fixture, const char *word) {
    char text[65536];
    char id[2 * VRX_ID + 1];
    char *rest = text;
    size_t count = 0;
    for (size_t i = 0; i < VRX_ID; i++)
        (void)snprintf(id + 2 * i, 3, "%02x", fixture->world.application.id[i]);
    list(fixture, text, sizeof text);
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        count += strstr(line, word) && strstr(line, id);
    return count;
}

/* The files ------------------------------------------------------------------------------------ */

static void write_directory(const struct fixture *fixture) {
    struct vrx_buffer message = {0};
    world_sign_directory(&fixture->world, &message);
    assert_ok(vrx_file_replace(fixture->directory, 0644, vrx_buffer_view(&message)));
    vrx_buffer_done(&message);
}

static void write_keys(const struct fixture *fixture) {
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

static int setup(void **state) {
    static const char pattern[] = "/tmp/vrx-issuer-XXXXXX";
    struct fixture *fixture = calloc(1, sizeof *fixture);
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
        (void)snprintf(paths[i].path, PATH, "%s/%s", fixture->folder, paths[i].name);
    assert_int_equal(mkdir(fixture->state, 0700), 0);
    world_init(&fixture->world, time(NULL));
    world_record(&fixture->world);
    world_sign(&fixture->world);
    write_directory(fixture);
    write_keys(fixture);
    *state = fixture;
    return 0;
}

static void remove_folder(const char *path) {
    DIR *folder = opendir(path);
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        char inner[PATH + 260];
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

static int teardown(void **state) {
    struct fixture *fixture = *state;
    if (fixture->pid) {
        kill(fixture->pid, SIGKILL);
        ended(fixture);
    }
    world_done(&fixture->world);
    remove_folder(fixture->folder);
    free(fixture);
    return 0;
}

/* Asking --------------------------------------------------------------------------------------- */

static void expect(const struct fixture *fixture, enum vrx_reason reason) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply));
    assert_string_equal(
        vrx_reason_name(vrx_reason_from_value((unsigned)reply.reason)), vrx_reason_name(reason));
    assert_int_equal(vrx_issue_reply_text(&reply, VRX_FORMAT_HCERT).len != 0, reason == VRX_OK);
    vrx_arena_done(&arena);
}

static void expect_no_answer(const struct fixture *fixture) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    assert_reason(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply),
        VRX_ISSUER_UNAVAILABLE);
    vrx_arena_done(&arena);
}

static void next_case(struct fixture *fixture) {
    world_renew(&fixture->world);
    world_sign(&fixture->world);
}

static int dial(const struct fixture *fixture) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(strlen(fixture->socket) < sizeof address.sun_path);
    memcpy(address.sun_path, fixture->socket, strlen(fixture->socket));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Sends these bytes, closes the sending side, and counts what comes back. */
static size_t send_raw(const struct fixture *fixture, const void *bytes, size_t len) {
    int fd = dial(fixture);
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

/* Tests ---------------------------------------------------------------------------------------- */

static void issues_a_certificate_that_verifies(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_hcert hcert;
    vrx_arena_init(&arena, 0);
    start(fixture);
    assert_ok(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply));
    assert_int_equal(reply.reason, VRX_OK);
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add(trust, vrx_certificate_der(fixture->world.dsc.cert)));
    assert_ok(vrx_hcert_verify(vrx_issue_reply_text(&reply, VRX_FORMAT_HCERT), trust, time(NULL),
        &arena, &finding, &hcert));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(vrx_view_equal(hcert.given, vrx_view_text("HANAKO")));
    assert_true(vrx_view_equal(hcert.identifier, reply.uvci));
    assert_true(reply.issued_at >= fixture->world.now && reply.issued_at <= time(NULL));
    assert_int_equal(listed(fixture, " intent "), 1);
    assert_int_equal(listed(fixture, " issued "), 1);
    vrx_trust_list_free(&trust);
    vrx_arena_done(&arena);
    stop(fixture);
    assert_int_not_equal(access(fixture->socket, F_OK), 0);
}

static void an_application_has_one_certificate_also_after_a_restart(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    expect(fixture, VRX_OK);
    expect(fixture, VRX_OK); /* given again */
    stop(fixture);
    start(fixture);
    expect(fixture, VRX_OK);
    assert_int_equal(listed(fixture, " issued "), 1);
    next_case(fixture);
    expect(fixture, VRX_OK);
    stop(fixture);
}

/* The daemon's key is not a municipality's, and it has no other. */
static void refusal_taken_over_caller_signs_for_itself(void **state) {
    struct fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    start(fixture);
    world->application_by = WORLD_KASHIWA;
    world->evidence_by = WORLD_KASHIWA;
    world->statement_by = WORLD_KASHIWA;
    world_sign(world);
    expect(fixture, VRX_KEY_UNKNOWN);
    world->claims_sapporo = true;
    world_sign(world);
    expect(fixture, VRX_SIGNATURE_INVALID);
    world->application_by = WORLD_SAPPORO;
    world_sign(world);
    expect(fixture, VRX_SIGNATURE_INVALID);
    world->request.evidence = (struct vrx_view){0};
    expect(fixture, VRX_EVIDENCE_MISSING);
    world->evidence_by = WORLD_SAPPORO;
    world_sign(world);
    expect(fixture, VRX_SIGNATURE_INVALID);
    assert_int_equal(listed(fixture, " intent "), 0);
    world->statement_by = WORLD_SAPPORO;
    world_sign(world);
    expect(fixture, VRX_OK);
    stop(fixture);
}

/* Evidence and statement of one case under another's application. */
static void refusal_taken_over_caller_mixes_two_cases(void **state) {
    struct fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    start(fixture);
    struct vrx_buffer first = world->signed_application;
    world->signed_application = (struct vrx_buffer){0};
    next_case(fixture);
    world->request.application = vrx_buffer_view(&first);
    expect(fixture, VRX_EVIDENCE_SUBJECT);
    vrx_buffer_done(&first);
    stop(fixture);
}

static void survives_what_is_no_request(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer request = {0};
    uint8_t framed[4 + 64];
    start(fixture);
    assert_int_equal(send_raw(fixture, "", 0), 0);
    assert_int_equal(send_raw(fixture, "\0\0", 2), 0);
    assert_int_equal(send_raw(fixture, "\xff\xff\xff\xff", 4), 0);
    vrx_put_u32(framed, (uint32_t)VRX_LIMIT_ISSUER_REQUEST + 1);
    assert_int_equal(send_raw(fixture, framed, 4), 0);
    vrx_put_u32(framed, 64); /* promises 64 bytes, sends 10 */
    memset(framed + 4, 'x', 64);
    assert_int_equal(send_raw(fixture, framed, 14), 0);
    /* Bytes to be signed: a refusal comes back, and is no certificate. */
    size_t refusal = send_raw(fixture, framed, sizeof framed);
    assert_in_range(refusal, 5, 200);
    assert_in_range(send_raw(fixture, "\0\0\0\0", 4), 5, 200);
    /* Every beginning of a good request. */
    assert_ok(vrx_object_encode(&vrx_issue_request_schema, &fixture->world.request, &request));
    for (size_t len = 0; len < request.len; len += 97) {
        struct vrx_buffer message = {0};
        uint8_t head[4];
        vrx_put_u32(head, (uint32_t)len);
        assert_ok(vrx_buffer_append(&message, vrx_view_of(head, 4)));
        assert_ok(vrx_buffer_append(&message, vrx_view_of(request.ptr, len)));
        assert_in_range(send_raw(fixture, message.ptr, message.len), 5, 200);
        vrx_buffer_done(&message);
    }
    vrx_buffer_done(&request);
    assert_int_equal(listed(fixture, " intent "), 0);
    expect(fixture, VRX_OK);
    stop(fixture);
}

/* One that connects and says nothing has its time; who comes meanwhile is served after it. */
static void silent_peer_is_dropped(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    int silent = dial(fixture);
    expect(fixture, VRX_OK);
    assert_true(saw(fixture->log, "unread DEADLINE_EXCEEDED"));
    close(silent);
    stop(fixture);
}

static void refusal_so_peercred_another_user(void **state) {
    struct fixture *fixture = *state;
    if (geteuid() != 0) {
        print_message("needs root to become another user\n");
        skip();
    }
    start(fixture);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct vrx_arena arena;
        struct vrx_issue_reply reply;
        vrx_arena_init(&arena, 0);
        if (setresuid(65534, 65534, 65534) != 0)
            _exit(2);
        struct vrx_result result =
            vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply);
        _exit(result.reason == VRX_ISSUER_UNAVAILABLE ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(saw(fixture->log, "SO_PEERCRED"));
    assert_int_equal(listed(fixture, " intent "), 0);
    expect(fixture, VRX_OK);
    stop(fixture);
}

/* Killed at the n-th sync of a run that begins with an existing journal: 1 opening, 2 intent, 3
 * record of the certificate. */
static void killed_at(struct fixture *fixture, const char *variable) {
    start(fixture);
    stop(fixture);
    launch(fixture, variable);
    assert_true(saw(fixture->log, "serving on"));
    expect_no_answer(fixture);
    int status = ended(fixture);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void killed_after_the_intent_is_finished_when_asked_again(void **state) {
    struct fixture *fixture = *state;
    killed_at(fixture, "VRX_KILL_AFTER_SYNC=2");
    assert_int_equal(listed(fixture, " intent "), 1);
    assert_int_equal(listed(fixture, " issued "), 0);
    start(fixture);
    expect(fixture, VRX_OK);
    assert_int_equal(listed(fixture, " intent "), 1);
    assert_int_equal(listed(fixture, " issued "), 1);
    next_case(fixture);
    expect(fixture, VRX_OK);
    stop(fixture);
}

static void killed_before_the_record_issues_once(void **state) {
    struct fixture *fixture = *state;
    killed_at(fixture, "VRX_KILL_BEFORE_SYNC=3");
    assert_int_equal(listed(fixture, " intent "), 1);
    start(fixture);
    expect(fixture, VRX_OK);
    assert_int_equal(listed(fixture, " issued "), 1);
    stop(fixture);
}

static void killed_after_the_record_gives_what_was_issued(void **state) {
    struct fixture *fixture = *state;
    killed_at(fixture, "VRX_KILL_AFTER_SYNC=3");
    assert_int_equal(listed(fixture, " intent "), 1);
    assert_int_equal(listed(fixture, " issued "), 1);
    start(fixture);
    expect(fixture, VRX_OK);
    assert_int_equal(listed(fixture, " issued "), 1);
    stop(fixture);
}

static void directory_is_read_again_when_it_changes(void **state) {
    struct fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    start(fixture);
    world->directory.version++;
    world->entry[WORLD_SAPPORO].valid_until = world->now - 1;
    write_directory(fixture);
    expect(fixture, VRX_SENDER_NOT_CURRENT);
    world->directory.version--;
    world->entry[WORLD_SAPPORO].valid_until = world->now + 86400;
    write_directory(fixture);
    expect(fixture, VRX_SENDER_NOT_CURRENT);
    stop(fixture);
    refuses_to_start(fixture, "older than the one already held");
}

static void refusal_to_start_with_a_key_that_others_can_read(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(chmod(fixture->key, 0640), 0);
    refuses_to_start(fixture, "signer.key");
}

static void refusal_to_start_with_another_key(void **state) {
    struct fixture *fixture = *state;
    struct vrx_secret *key = NULL;
    assert_ok(vrx_private_key_to_pem(fixture->world.csca.key, &key));
    assert_ok(vrx_file_replace(fixture->key, 0600, vrx_secret_view(key)));
    vrx_secret_free(&key);
    refuses_to_start(fixture, "the key is not the certificate's");
}

static void refusal_to_start_with_a_directory_of_another_authority(void **state) {
    struct fixture *fixture = *state;
    struct vrx_private_key *authority = fixture->world.authority;
    fixture->world.authority = fixture->world.dsc.key;
    write_directory(fixture);
    fixture->world.authority = authority;
    refuses_to_start(fixture, "no known key");
}

static void refusal_to_start_beside_another(void **state) {
    struct fixture *fixture = *state;
    struct fixture second = *fixture;
    start(fixture);
    (void)snprintf(second.socket, PATH, "%s/second", fixture->folder);
    refuses_to_start(&second, "one process");
    expect(fixture, VRX_OK);
    stop(fixture);
}

static void assert_status(pid_t pid, const char *file, const char *line) {
    char path[64];
    char text[16384];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t len = read(fd, text, sizeof text - 1);
    assert_true(len > 0);
    text[len] = 0;
    close(fd);
    if (!strstr(text, line))
        fail_msg("%s has no line \"%s\"", path, line);
}

static void process_has_given_up_what_it_does_not_need(void **state) {
    struct fixture *fixture = *state;
    struct stat status;
    start(fixture);
    expect(fixture, VRX_OK);
    assert_status(fixture->pid, "status", "NoNewPrivs:\t1\n");
    assert_status(fixture->pid, "status", "Seccomp:\t2\n");
    assert_status(fixture->pid, "status", "Umask:\t0077\n");
    assert_status(fixture->pid, "limits",
        "Max core file size        0                    0                    bytes");
    char journal[PATH + 16];
    (void)snprintf(journal, sizeof journal, "%s/journal", fixture->state);
    assert_int_equal(stat(journal, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    stop(fixture);
}

static void socket_of_a_killed_process_is_replaced(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    kill(fixture->pid, SIGKILL);
    ended(fixture);
    assert_int_equal(access(fixture->socket, F_OK), 0);
    start(fixture);
    expect(fixture, VRX_OK);
    stop(fixture);
}

static void reader_of_the_log_may_end_first(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    close(fixture->log);
    expect(fixture, VRX_OK);
    next_case(fixture);
    expect(fixture, VRX_OK);
    fixture->log = open("/dev/null", O_RDONLY | O_CLOEXEC);
    stop(fixture);
}

static void caller_without_issuer_is_told(void **state) {
    expect_no_answer(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(issues_a_certificate_that_verifies),
        TEST(an_application_has_one_certificate_also_after_a_restart),
        TEST(refusal_taken_over_caller_signs_for_itself),
        TEST(refusal_taken_over_caller_mixes_two_cases),
        TEST(survives_what_is_no_request),
        TEST(silent_peer_is_dropped),
        TEST(refusal_so_peercred_another_user),
        TEST(killed_after_the_intent_is_finished_when_asked_again),
        TEST(killed_before_the_record_issues_once),
        TEST(killed_after_the_record_gives_what_was_issued),
        TEST(directory_is_read_again_when_it_changes),
        TEST(refusal_to_start_with_a_key_that_others_can_read),
        TEST(refusal_to_start_with_another_key),
        TEST(refusal_to_start_with_a_directory_of_another_authority),
        TEST(refusal_to_start_beside_another),
        TEST(process_has_given_up_what_it_does_not_need),
        TEST(socket_of_a_killed_process_is_replaced),
        TEST(reader_of_the_log_may_end_first),
        TEST(caller_without_issuer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
