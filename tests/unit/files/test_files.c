/* SPDX-License-Identifier: Apache-2.0
 *
 * services/files/files.c in a folder of its own, on the real file system.
 */
#include "files/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "support/check.h"

static char folder[64];
static char path[128];

static int set_up(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/vrx-files-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

/* Counts what lies in the folder: nothing may be left behind. */
static int entries(void) {
    DIR *open_folder = opendir(folder);
    assert_non_null(open_folder);
    int count = 0;
    for (struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        count += entry->d_name[0] != '.';
    closedir(open_folder);
    return count;
}

static int tear_down(void **state) {
    (void)state;
    DIR *open_folder = opendir(folder);
    assert_non_null(open_folder);
    for (struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        if (entry->d_name[0] != '.')
            assert_int_equal(unlinkat(dirfd(open_folder), entry->d_name, 0), 0);
    closedir(open_folder);
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

static void put(const char *text, mode_t mode) {
    assert_ok(vrx_file_replace(path, mode, vrx_view_text(text)));
}

static void assert_content(const char *expected) {
    struct vrx_buffer content = {0};
    assert_ok(vrx_file_read(path, 1000, &content));
    assert_true(vrx_view_equal(vrx_buffer_view(&content), vrx_view_text(expected)));
    vrx_buffer_done(&content);
}

static mode_t mode_of(const char *file) {
    struct stat state;
    assert_int_equal(stat(file, &state), 0);
    return state.st_mode & 07777;
}

static void replace_and_read(void **state) {
    (void)state;
    mode_t umask_before = umask(0777);
    put("first", 0640);
    put("second, longer", 0600);
    umask(umask_before);
    assert_content("second, longer");
    assert_int_equal(mode_of(path), 0600);
    put("", 0644);
    assert_content("");
    assert_int_equal(mode_of(path), 0644);
    assert_int_equal(entries(), 1);
}

static void read_appends(void **state) {
    (void)state;
    struct vrx_buffer content = {0};
    put("world", 0600);
    assert_ok(vrx_buffer_append(&content, vrx_view_text("hello ")));
    assert_ok(vrx_file_read(path, 5, &content));
    assert_true(vrx_view_equal(vrx_buffer_view(&content), vrx_view_text("hello world")));
    vrx_buffer_done(&content);
}

static void replace_leaves_an_open_reader_its_content(void **state) {
    (void)state;
    char bytes[8] = "";
    put("old", 0600);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    put("new", 0600);
    assert_int_equal(read(fd, bytes, sizeof bytes), 3);
    assert_string_equal(bytes, "old");
    close(fd);
}

static void already_exists(void **state) {
    (void)state;
    assert_ok(vrx_file_create(path, 0600, vrx_view_text("the first")));
    assert_int_equal(mode_of(path), 0600);
    assert_reason(vrx_file_create(path, 0644, vrx_view_text("the second")), VRX_ALREADY_EXISTS);
    assert_content("the first");
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(entries(), 1);
}

static void not_found(void **state) {
    (void)state;
    struct vrx_buffer content = {0};
    struct vrx_secret *secret = NULL;
    char inside[200];
    snprintf(inside, sizeof inside, "%s/none/file", folder);
    assert_reason(vrx_file_read(path, 1000, &content), VRX_NOT_FOUND);
    assert_reason(vrx_file_read_secret(path, &secret), VRX_NOT_FOUND);
    assert_reason(vrx_file_replace(inside, 0600, vrx_view_text("x")), VRX_NOT_FOUND);
    assert_reason(vrx_file_create(inside, 0600, vrx_view_text("x")), VRX_NOT_FOUND);
    assert_reason(vrx_folder_sync(inside), VRX_NOT_FOUND);
    put("a file, no folder", 0600);
    assert_reason(vrx_folder_sync(path), VRX_NOT_FOUND);
    assert_ok(vrx_folder_sync(folder));
    assert_null(secret);
}

static void input_too_large(void **state) {
    (void)state;
    struct vrx_buffer content = {0};
    put("12345", 0600);
    assert_ok(vrx_buffer_append(&content, vrx_view_text("kept")));
    assert_reason(vrx_file_read(path, 4, &content), VRX_INPUT_TOO_LARGE);
    assert_true(vrx_view_equal(vrx_buffer_view(&content), vrx_view_text("kept")));
    vrx_buffer_done(&content);

    struct vrx_secret *secret = NULL;
    assert_int_equal(truncate(path, (off_t)VRX_LIMIT_SECRET + 1), 0);
    assert_reason(vrx_file_read_secret(path, &secret), VRX_INPUT_TOO_LARGE);
    assert_int_equal(truncate(path, (off_t)VRX_LIMIT_SECRET), 0);
    assert_ok(vrx_file_read_secret(path, &secret));
    vrx_secret_free(&secret);
}

static void file_refused_when_it_is_none(void **state) {
    (void)state;
    struct vrx_buffer content = {0};
    struct vrx_secret *secret = NULL;
    assert_reason(vrx_file_read(folder, 1000, &content), VRX_FILE_REFUSED);
    assert_int_equal(mkfifo(path, 0600), 0); /* and nobody waits for a writer */
    assert_reason(vrx_file_read(path, 1000, &content), VRX_FILE_REFUSED);
    assert_reason(vrx_file_read_secret(path, &secret), VRX_FILE_REFUSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(path, path), 0);
    assert_reason(vrx_file_read(path, 1000, &content), VRX_FILE_REFUSED);

    static char long_path[8192];
    memset(long_path, 'a', sizeof long_path - 1);
    assert_reason(vrx_file_read(long_path, 1000, &content), VRX_FILE_REFUSED);
    assert_reason(vrx_file_replace(long_path, 0600, vrx_view_text("x")), VRX_FILE_REFUSED);
    assert_reason(vrx_file_create(long_path, 0600, vrx_view_text("x")), VRX_FILE_REFUSED);
}

static void file_refused_for_every_bit_of_group_and_others(void **state) {
    (void)state;
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        struct vrx_secret *secret = NULL;
        put("secret", 0600 | bit);
        assert_reason(vrx_file_read_secret(path, &secret), VRX_FILE_REFUSED);
        assert_null(secret);
    }
    static const mode_t closed[] = {0600, 0400, 0700};
    for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
        struct vrx_secret *secret = NULL;
        put("secret", closed[i]);
        assert_ok(vrx_file_read_secret(path, &secret));
        assert_true(vrx_view_equal(vrx_secret_view(secret), vrx_view_text("secret")));
        vrx_secret_free(&secret);
    }
}

static void file_refused_for_a_stranger_s_file(void **state) {
    (void)state;
    struct vrx_secret *secret = NULL;
    put("secret", 0600);
    if (geteuid() != 0)
        skip(); /* only root gives files away */
    assert_int_equal(chown(path, 12345, 12345), 0);
    assert_reason(vrx_file_read_secret(path, &secret), VRX_FILE_REFUSED);
    assert_null(secret);
}

static void input_truncated_for_an_empty_secret(void **state) {
    (void)state;
    struct vrx_secret *secret = NULL;
    put("", 0600);
    assert_reason(vrx_file_read_secret(path, &secret), VRX_INPUT_TRUNCATED);
    assert_null(secret);
}

/* A file that cannot be written whole: the old content stays, nothing lies beside it. */
static void disk_full_leaves_the_old_file(void **state) {
    (void)state;
    static uint8_t large[10000];
    struct rlimit before;
    put("old", 0600);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {4096, before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct vrx_result replaced = vrx_file_replace(path, 0600, vrx_view_of(large, sizeof large));
    char other[200];
    snprintf(other, sizeof other, "%s/other", folder);
    struct vrx_result created = vrx_file_create(other, 0600, vrx_view_of(large, sizeof large));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_reason(replaced, VRX_DISK_FULL);
    assert_reason(created, VRX_DISK_FULL);
    assert_content("old");
    assert_int_equal(entries(), 1);
}

static void replace_refuses_a_folder_in_its_place(void **state) {
    (void)state;
    char inner[200];
    snprintf(inner, sizeof inner, "%s/inner", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_reason(vrx_file_replace(inner, 0600, vrx_view_text("x")), VRX_FILE_REFUSED);
    assert_int_equal(entries(), 1);
    assert_int_equal(rmdir(inner), 0);
}

static void names_without_a_folder(void **state) {
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    struct vrx_result result = vrx_file_create("file", 0600, vrx_view_text("here"));
    assert_int_equal(chdir(before), 0);
    assert_ok(result);
    assert_content("here");
}

static void *unlink_backwards(void *inner) {
    char name[128];
    for (int i = 63; i >= 0; i--) {
        snprintf(name, sizeof name, "%s/%d", (const char *)inner, i);
        unlink(name);
    }
    return NULL;
}

/* A backup's copy is unlinked by whoever closes the vault while its folder is removed. */
static void remove_goes_on_where_a_file_is_gone_already(void **state) {
    (void)state;
    char inner[80];
    char name[128];
    snprintf(inner, sizeof inner, "%s/inner", folder);
    for (int round = 0; round < 50; round++) {
        pthread_t thread;
        assert_int_equal(mkdir(inner, 0700), 0);
        for (int i = 0; i < 64; i++) {
            snprintf(name, sizeof name, "%s/%d", inner, i);
            assert_ok(vrx_file_create(name, 0600, vrx_view_text("x")));
        }
        assert_int_equal(pthread_create(&thread, NULL, unlink_backwards, inner), 0);
        struct vrx_result result = vrx_folder_remove(inner);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_ok(result);
        assert_int_equal(entries(), 0);
    }
    assert_reason(vrx_folder_remove(inner), VRX_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        EACH(replace_and_read),
        EACH(read_appends),
        EACH(replace_leaves_an_open_reader_its_content),
        EACH(already_exists),
        EACH(not_found),
        EACH(input_too_large),
        EACH(file_refused_when_it_is_none),
        EACH(file_refused_for_every_bit_of_group_and_others),
        EACH(file_refused_for_a_stranger_s_file),
        EACH(input_truncated_for_an_empty_secret),
        EACH(disk_full_leaves_the_old_file),
        EACH(replace_refuses_a_folder_in_its_place),
        EACH(names_without_a_folder),
        EACH(remove_goes_on_where_a_file_is_gone_already),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
