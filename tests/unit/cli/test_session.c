/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "cli/command.h"
#include "support/check.h"

static const char token[] = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";
static const char other[] = "zbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";

static struct {
    char folder[32];
    char path[64];
} at;

static int enter(void **state) {
    (void)state;
    snprintf(at.folder, sizeof at.folder, "/tmp/vrx-session-XXXXXX");
    if (!mkdtemp(at.folder))
        return -1;
    snprintf(at.path, sizeof at.path, "%s/" VRX_SESSION_FILE, at.folder);
    return 0;
}

static int leave(void **state) {
    (void)state;
    unlink(at.path);
    return rmdir(at.folder);
}

static void reads(const char *expected) {
    struct vrx_secret *read = NULL;
    assert_int_equal(vrx_cli_session_read(at.folder, &read), VRX_EXIT_OK);
    if (expected)
        assert_true(vrx_view_equal(vrx_secret_view(read), vrx_view_text(expected)));
    else
        assert_null(read);
    vrx_secret_free(&read);
}

static void put(const char *content, mode_t mode) {
    unlink(at.path);
    FILE *file = fopen(at.path, "wx");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    assert_int_equal(chmod(at.path, mode), 0);
}

static void is_refused(const char *says) {
    static struct capture err;
    struct vrx_secret *read = NULL;
    capture_begin(&err, STDERR_FILENO);
    int status = vrx_cli_session_read(at.folder, &read);
    const char *said = capture_end(&err);
    assert_int_equal(status, VRX_EXIT_FAILED);
    assert_non_null(strstr(said, at.path));
    assert_non_null(strstr(said, says));
    assert_null(strstr(said, token));
    assert_null(read);
}

static void what_is_kept_is_read_by_its_owner_alone(void **state) {
    (void)state;
    struct stat status;
    reads(NULL);
    assert_int_equal(vrx_cli_session_keep(at.folder, token), VRX_EXIT_OK);
    assert_int_equal(stat(at.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    reads(token);
    assert_int_equal(vrx_cli_session_keep(at.folder, other), VRX_EXIT_OK);
    reads(other);
}

static void a_file_that_others_can_read_is_refused(void **state) {
    (void)state;
    char line[64];
    snprintf(line, sizeof line, "%s\n", token);
    put(line, 0640);
    is_refused("FILE_REFUSED");
}

static void anything_but_a_token_is_refused(void **state) {
    (void)state;
    char lines[4][64];
    snprintf(lines[0], sizeof lines[0], "%s", token);
    snprintf(lines[1], sizeof lines[1], "%s\n\n", token);
    snprintf(lines[2], sizeof lines[2], "%s\n", token + 1);
    snprintf(lines[3], sizeof lines[3], "=%s\n", token + 1);
    for (size_t i = 0; i < 4; i++) {
        put(lines[i], 0600);
        is_refused("INPUT_MALFORMED");
    }
    put("", 0600);
    is_refused("INPUT_TRUNCATED");
}

/* What another command wrote meanwhile stays. */
static void only_the_session_that_is_over_is_forgotten(void **state) {
    (void)state;
    struct vrx_secret *read = NULL;
    assert_int_equal(vrx_cli_session_keep(at.folder, token), VRX_EXIT_OK);
    assert_int_equal(vrx_cli_session_read(at.folder, &read), VRX_EXIT_OK);
    assert_int_equal(vrx_cli_session_keep(at.folder, other), VRX_EXIT_OK);
    assert_int_equal(vrx_cli_session_forget(at.folder, read), VRX_EXIT_OK);
    reads(other);
    assert_int_equal(vrx_cli_session_keep(at.folder, token), VRX_EXIT_OK);
    assert_int_equal(vrx_cli_session_forget(at.folder, read), VRX_EXIT_OK);
    reads(NULL);
    assert_int_equal(vrx_cli_session_forget(at.folder, read), VRX_EXIT_OK);
    vrx_secret_free(&read);
}

static void what_is_no_token_is_not_kept(void **state) {
    (void)state;
    static struct capture err;
    capture_begin(&err, STDERR_FILENO);
    int status = vrx_cli_session_keep(at.folder, "short");
    capture_end(&err);
    assert_int_equal(status, VRX_EXIT_REFUSED);
    reads(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_is_read_by_its_owner_alone, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_that_others_can_read_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(anything_but_a_token_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(only_the_session_that_is_over_is_forgotten, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_no_token_is_not_kept, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
