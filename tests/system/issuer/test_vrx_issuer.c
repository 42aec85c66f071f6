/* SPDX-License-Identifier: Apache-2.0
 *
 * The real vrx-issuer, asked over its socket as a taken-over caller would: it signs what the signed
 * objects allow, once, and nothing else; it survives what it is sent; killed between two steps it
 * has used the application and says so.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "client/client.h"
#include "files/files.h"
#include "formats/hcert.h"
#include "support/issue_reply.h"
#include "support/issuer_fixture.h"

/* Tests ---------------------------------------------------------------------------------------- */

static void issues_a_certificate_that_verifies(void **state) {
    struct issuer_fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_hcert hcert;
    vrx_arena_init(&arena, 0);
    issuer_start(fixture);
    assert_ok(vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply));
    assert_int_equal(reply.reason, VRX_OK);
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add(trust, vrx_certificate_der(fixture->world.dsc.cert)));
    assert_ok(vrx_hcert_verify(
        issue_reply_text(&reply, VRX_FORMAT_HCERT), trust, time(NULL), &arena, &finding, &hcert));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(vrx_view_equal(hcert.given, vrx_view_text("HANAKO")));
    assert_true(vrx_view_equal(hcert.identifier, reply.uvci));
    assert_true(reply.issued_at >= fixture->world.now && reply.issued_at <= time(NULL));
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    vrx_trust_list_free(&trust);
    vrx_arena_done(&arena);
    issuer_stop(fixture);
    assert_int_not_equal(access(fixture->socket, F_OK), 0);
}

static void an_application_has_one_certificate_also_after_a_restart(void **state) {
    struct issuer_fixture *fixture = *state;
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_expect(fixture, VRX_OK); /* given again */
    issuer_stop(fixture);
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    issuer_next_case(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

/* The daemon's key is not a municipality's, and it has no other. */
static void refusal_taken_over_caller_signs_for_itself(void **state) {
    struct issuer_fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    issuer_start(fixture);
    world->application_by = WORLD_KASHIWA;
    world->evidence_by = WORLD_KASHIWA;
    world->statement_by = WORLD_KASHIWA;
    world_sign(world);
    issuer_expect(fixture, VRX_KEY_UNKNOWN);
    world->claims_sapporo = true;
    world_sign(world);
    issuer_expect(fixture, VRX_SIGNATURE_INVALID);
    world->application_by = WORLD_SAPPORO;
    world_sign(world);
    issuer_expect(fixture, VRX_SIGNATURE_INVALID);
    world->request.evidence = (struct vrx_view){0};
    issuer_expect(fixture, VRX_EVIDENCE_MISSING);
    world->evidence_by = WORLD_SAPPORO;
    world_sign(world);
    issuer_expect(fixture, VRX_SIGNATURE_INVALID);
    assert_int_equal(issuer_listed(fixture, " intent "), 0);
    world->statement_by = WORLD_SAPPORO;
    world_sign(world);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

/* Evidence and statement of one case under another's application. */
static void refusal_taken_over_caller_mixes_two_cases(void **state) {
    struct issuer_fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    issuer_start(fixture);
    struct vrx_buffer first = world->signed_application;
    world->signed_application = (struct vrx_buffer){0};
    issuer_next_case(fixture);
    world->request.application = vrx_buffer_view(&first);
    issuer_expect(fixture, VRX_EVIDENCE_SUBJECT);
    vrx_buffer_done(&first);
    issuer_stop(fixture);
}

static void survives_what_is_no_request(void **state) {
    struct issuer_fixture *fixture = *state;
    struct vrx_buffer request = {0};
    uint8_t framed[4 + 64];
    issuer_start(fixture);
    assert_int_equal(issuer_send_raw(fixture, "", 0), 0);
    assert_int_equal(issuer_send_raw(fixture, "\0\0", 2), 0);
    assert_int_equal(issuer_send_raw(fixture, "\xff\xff\xff\xff", 4), 0);
    vrx_put_u32(framed, (uint32_t)VRX_LIMIT_ISSUER_REQUEST + 1);
    assert_int_equal(issuer_send_raw(fixture, framed, 4), 0);
    vrx_put_u32(framed, 64); /* promises 64 bytes, sends 10 */
    memset(framed + 4, 'x', 64);
    assert_int_equal(issuer_send_raw(fixture, framed, 14), 0);
    /* Bytes to be signed: a refusal comes back, and is no certificate. */
    size_t refusal = issuer_send_raw(fixture, framed, sizeof framed);
    assert_in_range(refusal, 5, 200);
    assert_in_range(issuer_send_raw(fixture, "\0\0\0\0", 4), 5, 200);
    /* Every beginning of a good request. */
    assert_ok(vrx_object_encode(&vrx_issue_request_schema, &fixture->world.request, &request));
    for (size_t len = 0; len < request.len; len += 97) {
        struct vrx_buffer message = {0};
        uint8_t head[4];
        vrx_put_u32(head, (uint32_t)len);
        assert_ok(vrx_buffer_append(&message, vrx_view_of(head, 4)));
        assert_ok(vrx_buffer_append(&message, vrx_view_of(request.ptr, len)));
        assert_in_range(issuer_send_raw(fixture, message.ptr, message.len), 5, 200);
        vrx_buffer_done(&message);
    }
    vrx_buffer_done(&request);
    assert_int_equal(issuer_listed(fixture, " intent "), 0);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

/* One that connects and says nothing has its time; who comes meanwhile is served after it. */
static void silent_peer_is_dropped(void **state) {
    struct issuer_fixture *fixture = *state;
    issuer_start(fixture);
    int silent = issuer_dial(fixture);
    issuer_expect(fixture, VRX_OK);
    assert_true(issuer_saw(fixture->log, "unread DEADLINE_EXCEEDED"));
    close(silent);
    issuer_stop(fixture);
}

static void refusal_so_peercred_another_user(void **state) {
    struct issuer_fixture *fixture = *state;
    if (geteuid() != 0) {
        print_message("needs root to become another user\n");
        skip();
    }
    issuer_start(fixture);
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
    assert_true(issuer_saw(fixture->log, "SO_PEERCRED"));
    assert_int_equal(issuer_listed(fixture, " intent "), 0);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

/* Killed at the n-th sync of a run that begins with an existing journal: 1 opening, 2 intent, 3
 * record of the certificate. */
static void killed_at(struct issuer_fixture *fixture, const char *variable) {
    issuer_start(fixture);
    issuer_stop(fixture);
    issuer_launch(fixture, variable);
    assert_true(issuer_saw(fixture->log, "serving on"));
    issuer_expect_no_answer(fixture);
    int status = issuer_ended(fixture);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* Lines of --list --unfinished, as text and as JSON. */
static void assert_unfinished(const struct issuer_fixture *fixture, size_t expected) {
    char text[4096];
    char json[4096];
    size_t lines = 0;
    issuer_list(fixture, "--unfinished", text, sizeof text);
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, expected);
    issuer_list(fixture, "--unfinished --json", json, sizeof json);
    assert_int_equal(
        strstr(json, "\"what\":\"intent\",\"municipality\":\"011002\"") != NULL, expected != 0);
}

static void killed_after_the_intent_is_finished_when_asked_again(void **state) {
    struct issuer_fixture *fixture = *state;
    killed_at(fixture, "VRX_KILL_AFTER_SYNC=2");
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 0);
    assert_unfinished(fixture, 1);
    issuer_launch(fixture, NULL);
    assert_true(issuer_saw(fixture->log, ": 1 intents without a certificate"));
    assert_true(issuer_saw(fixture->log, "serving on"));
    issuer_expect(fixture, VRX_OK);
    assert_unfinished(fixture, 0);
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    issuer_next_case(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

static void killed_before_the_record_issues_once(void **state) {
    struct issuer_fixture *fixture = *state;
    killed_at(fixture, "VRX_KILL_BEFORE_SYNC=3");
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    issuer_stop(fixture);
}

static void killed_after_the_record_gives_what_was_issued(void **state) {
    struct issuer_fixture *fixture = *state;
    killed_at(fixture, "VRX_KILL_AFTER_SYNC=3");
    assert_int_equal(issuer_listed(fixture, " intent "), 1);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    assert_int_equal(issuer_listed(fixture, " issued "), 1);
    issuer_stop(fixture);
}

static void directory_is_read_again_when_it_changes(void **state) {
    struct issuer_fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    issuer_start(fixture);
    world->directory.version++;
    world->entry[WORLD_SAPPORO].valid_until = world->now - 1;
    issuer_write_directory(fixture);
    issuer_expect(fixture, VRX_SENDER_NOT_CURRENT);
    world->directory.version--;
    world->entry[WORLD_SAPPORO].valid_until = world->now + 86400;
    issuer_write_directory(fixture);
    issuer_expect(fixture, VRX_SENDER_NOT_CURRENT);
    issuer_stop(fixture);
    issuer_refuses_to_start(fixture, "older than the one already held");
}

static void refusal_to_start_with_a_key_that_others_can_read(void **state) {
    struct issuer_fixture *fixture = *state;
    assert_int_equal(chmod(fixture->key, 0640), 0);
    issuer_refuses_to_start(fixture, "signer.key");
}

static void refusal_to_start_with_another_key(void **state) {
    struct issuer_fixture *fixture = *state;
    struct vrx_secret *key = NULL;
    assert_ok(vrx_private_key_to_pem(fixture->world.csca.key, &key));
    assert_ok(vrx_file_replace(fixture->key, 0600, vrx_secret_view(key)));
    vrx_secret_free(&key);
    issuer_refuses_to_start(fixture, "the key is not the certificate's");
}

static void refusal_to_start_with_a_directory_of_another_authority(void **state) {
    struct issuer_fixture *fixture = *state;
    struct vrx_private_key *authority = fixture->world.authority;
    fixture->world.authority = fixture->world.dsc.key;
    issuer_write_directory(fixture);
    fixture->world.authority = authority;
    issuer_refuses_to_start(fixture, "no known key");
}

static void refusal_to_start_beside_another(void **state) {
    struct issuer_fixture *fixture = *state;
    struct issuer_fixture second = *fixture;
    issuer_start(fixture);
    (void)snprintf(second.socket, ISSUER_PATH, "%s/second", fixture->folder);
    issuer_refuses_to_start(&second, "one process");
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
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
    struct issuer_fixture *fixture = *state;
    struct stat status;
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    assert_status(fixture->pid, "status", "NoNewPrivs:\t1\n");
    assert_status(fixture->pid, "status", "Seccomp:\t2\n");
    assert_status(fixture->pid, "status", "Umask:\t0077\n");
    assert_status(fixture->pid, "limits",
        "Max core file size        0                    0                    bytes");
    char journal[ISSUER_PATH + 16];
    (void)snprintf(journal, sizeof journal, "%s/journal", fixture->state);
    assert_int_equal(stat(journal, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    issuer_stop(fixture);
}

/* Below the folder of the directory's file all can be read, and nothing beside it: a newer
 * directory behind a link that leads out of there is not taken, the same in the file's place is. */
static void process_reads_only_where_the_directory_lies(void **state) {
    struct issuer_fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    char outside[] = "/tmp/vrx-directory-XXXXXX";
    issuer_launch(fixture, NULL);
    if (issuer_saw_either(fixture->log, "files are closed", "has no Landlock") != 1) {
        print_message("this kernel has no Landlock\n");
        skip();
    }
    assert_true(issuer_saw(fixture->log, "serving on"));
    const int fd = mkstemp(outside);
    assert_true(fd >= 0);
    close(fd);
    world->directory.version++;
    world->entry[WORLD_SAPPORO].valid_until = world->now - 1;
    issuer_write_directory(fixture);
    assert_int_equal(unlink(outside), 0);
    struct vrx_buffer bytes = {0};
    assert_ok(vrx_file_read(fixture->directory, 65536, &bytes));
    assert_ok(vrx_file_create(outside, 0644, vrx_buffer_view(&bytes)));
    assert_int_equal(unlink(fixture->directory), 0);
    assert_int_equal(symlink(outside, fixture->directory), 0);
    issuer_expect(fixture, VRX_OK); /* by the directory of before */
    assert_true(issuer_saw(fixture->log, "directory FILE_REFUSED"));
    assert_int_equal(unlink(outside), 0);
    assert_ok(vrx_file_replace(fixture->directory, 0644, vrx_buffer_view(&bytes)));
    issuer_expect(fixture, VRX_SENDER_NOT_CURRENT);
    vrx_buffer_done(&bytes);
    issuer_stop(fixture);
}

static void socket_of_a_killed_process_is_replaced(void **state) {
    struct issuer_fixture *fixture = *state;
    issuer_start(fixture);
    kill(fixture->pid, SIGKILL);
    issuer_ended(fixture);
    assert_int_equal(access(fixture->socket, F_OK), 0);
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

static void reader_of_the_log_may_end_first(void **state) {
    struct issuer_fixture *fixture = *state;
    issuer_start(fixture);
    close(fixture->log);
    issuer_expect(fixture, VRX_OK);
    issuer_next_case(fixture);
    issuer_expect(fixture, VRX_OK);
    fixture->log = open("/dev/null", O_RDONLY | O_CLOEXEC);
    issuer_stop(fixture);
}

static void caller_without_issuer_is_told(void **state) {
    issuer_expect_no_answer(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, issuer_setup, issuer_teardown)

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
        TEST(process_reads_only_where_the_directory_lies),
        TEST(socket_of_a_killed_process_is_replaced),
        TEST(reader_of_the_log_may_end_first),
        TEST(caller_without_issuer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
