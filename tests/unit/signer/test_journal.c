/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/signer/journal.c: what it keeps across openings, what a torn end loses, what damage
 * it notices.
 */
#include "signer/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"

#define NOW ((int64_t)1639000000)

struct fixture {
    char folder[64];
    char path[80];
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    memcpy(fixture->folder, "/tmp/vrx-journal-XXXXXX", sizeof "/tmp/vrx-journal-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    (void)snprintf(fixture->path, sizeof fixture->path, "%s/journal", fixture->folder);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    unlink(fixture->path);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static struct vrx_journal *open_journal(const struct fixture *fixture, size_t expected_torn) {
    struct vrx_journal *journal = NULL;
    size_t torn = 99;
    assert_ok(vrx_journal_open(fixture->folder, &torn, &journal));
    assert_int_equal(torn, expected_torn);
    return journal;
}

static void expect_open(const struct fixture *fixture, enum vrx_reason reason) {
    struct vrx_journal *journal = NULL;
    assert_reason(vrx_journal_open(fixture->folder, NULL, &journal), reason);
    assert_null(journal);
}

static struct vrx_journal_entry intent(uint32_t number, const char *municipality, int64_t time) {
    struct vrx_journal_entry entry = {
        .kind = VRX_JOURNAL_INTENT, .time = time, .uvci = vrx_view_text("URN:UVCI:01:JP:X#Y")};
    memcpy(entry.application, &number, sizeof number);
    assert_ok(vrx_municipality_code_parse(vrx_view_text(municipality), &entry.municipality));
    return entry;
}

static struct vrx_result intend(struct vrx_journal *journal, uint32_t number) {
    struct vrx_journal_entry entry = intent(number, "011002", NOW);
    return vrx_journal_append(journal, &entry);
}

static bool is_used(const struct vrx_journal *journal, uint32_t number) {
    struct vrx_journal_entry entry = intent(number, "011002", NOW);
    return vrx_journal_is_used(journal, entry.application);
}

static off_t size_of(const struct fixture *fixture) {
    struct stat status;
    assert_int_equal(stat(fixture->path, &status), 0);
    return status.st_size;
}

static void used_applications_survive(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    for (uint32_t i = 0; i < 3000; i++)
        assert_ok(intend(journal, i));
    vrx_journal_free(&journal);
    journal = open_journal(fixture, 0);
    for (uint32_t i = 0; i < 3000; i++)
        assert_true(is_used(journal, i));
    assert_false(is_used(journal, 3000));
    assert_reason(intend(journal, 2999), VRX_APPLICATION_USED);
    assert_ok(intend(journal, 3000));
    vrx_journal_free(&journal);
}

struct seen {
    size_t count;
    struct vrx_journal_entry last;
    char uvci[64];
};

static struct vrx_result note(void *context, const struct vrx_journal_entry *entry) {
    struct seen *seen = context;
    seen->count++;
    seen->last = *entry;
    (void)snprintf(
        seen->uvci, sizeof seen->uvci, "%.*s", (int)entry->uvci.len, (const char *)entry->uvci.ptr);
    return vrx_ok();
}

static void entries_read_back_beside_the_writer(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    struct vrx_journal_entry directory = {
        .kind = VRX_JOURNAL_DIRECTORY, .time = NOW, .directory_version = 77};
    struct vrx_journal_entry issued = intent(7, "122173", NOW + 1);
    assert_ok(vrx_journal_append(journal, &directory));
    assert_int_equal(vrx_journal_directory_version(journal), 77);
    assert_ok(vrx_journal_append(journal, &issued));
    issued.kind = VRX_JOURNAL_ISSUED;
    issued.expires = NOW + 1000;
    memset(issued.certificate, 0xab, VRX_DIGEST);
    assert_ok(vrx_journal_append(journal, &issued));
    struct seen seen = {0};
    assert_ok(vrx_journal_each(fixture->folder, note, &seen));
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.last.kind, VRX_JOURNAL_ISSUED);
    assert_int_equal(seen.last.time, NOW + 1);
    assert_int_equal(seen.last.expires, NOW + 1000);
    assert_memory_equal(seen.last.application, issued.application, VRX_ID);
    assert_memory_equal(seen.last.certificate, issued.certificate, VRX_DIGEST);
    assert_string_equal(seen.last.municipality.digits, "122173");
    assert_string_equal(seen.uvci, "URN:UVCI:01:JP:X#Y");
    vrx_journal_free(&journal);
    journal = open_journal(fixture, 0);
    assert_int_equal(vrx_journal_directory_version(journal), 77);
    vrx_journal_free(&journal);
}

static void hour_count_is_a_municipality_s_own(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    int64_t hour = NOW - NOW % 3600;
    struct vrx_journal_entry entries[] = {intent(1, "011002", hour - 1), intent(2, "011002", hour),
        intent(3, "122173", hour + 10), intent(4, "011002", hour + 3599)};
    for (size_t i = 0; i < 4; i++)
        assert_ok(vrx_journal_append(journal, &entries[i]));
    for (int again = 0; again < 2; again++) {
        assert_int_equal(vrx_journal_hour_count(journal, &entries[0].municipality, hour + 3599), 2);
        assert_int_equal(vrx_journal_hour_count(journal, &entries[2].municipality, hour), 1);
        assert_int_equal(vrx_journal_hour_count(journal, &entries[0].municipality, hour + 3600), 0);
        vrx_journal_free(&journal);
        journal = open_journal(fixture, 0);
    }
    vrx_journal_free(&journal);
}

/* Cut at every byte of the last record: the one before is still there, the last is gone. */
static void torn_end_is_cut_off(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    assert_ok(intend(journal, 1));
    vrx_journal_free(&journal);
    off_t good = size_of(fixture);
    journal = open_journal(fixture, 0);
    assert_ok(intend(journal, 2));
    vrx_journal_free(&journal);
    off_t full = size_of(fixture);
    for (off_t cut = full - 1; cut > good; cut--) {
        assert_int_equal(truncate(fixture->path, cut), 0);
        journal = open_journal(fixture, (size_t)(cut - good));
        assert_true(is_used(journal, 1));
        assert_false(is_used(journal, 2));
        assert_ok(intend(journal, 2));
        vrx_journal_free(&journal);
        assert_int_equal(size_of(fixture), full);
    }
}

/* Blocks that were allocated and never written. */
static void torn_end_of_zeros_is_cut_off(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    assert_ok(intend(journal, 1));
    vrx_journal_free(&journal);
    assert_int_equal(truncate(fixture->path, size_of(fixture) + 130), 0);
    journal = open_journal(fixture, 130);
    assert_true(is_used(journal, 1));
    vrx_journal_free(&journal);
}

static void creation_cut_short_begins_anew(void **state) {
    const struct fixture *fixture = *state;
    int fd = open(fixture->path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "vrxj", 4), 4);
    close(fd);
    struct vrx_journal *journal = open_journal(fixture, 0);
    assert_ok(intend(journal, 1));
    vrx_journal_free(&journal);
}

static void flip(const struct fixture *fixture, off_t at) {
    uint8_t byte = 0;
    int fd = open(fixture->path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* Any byte of any record but the last: what follows it no longer hangs together. */
static void refusal_journal_chain_changed_byte(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    for (uint32_t i = 0; i < 3; i++)
        assert_ok(intend(journal, i));
    vrx_journal_free(&journal);
    off_t last = 8 + (size_of(fixture) - 8) / 3 * 2;
    for (off_t at = 0; at < last; at++) {
        flip(fixture, at);
        expect_open(fixture, VRX_VAULT_DAMAGED);
        flip(fixture, at);
    }
    off_t full = size_of(fixture);
    journal = open_journal(fixture, 0);
    vrx_journal_free(&journal);
    assert_int_equal(size_of(fixture), full);
}

/* A record taken out of the middle. */
static void refusal_journal_chain_missing_record(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    for (uint32_t i = 0; i < 9; i++)
        assert_ok(intend(journal, i));
    vrx_journal_free(&journal);
    uint8_t content[4096];
    int fd = open(fixture->path, O_RDWR);
    ssize_t len = read(fd, content, sizeof content);
    assert_true(len > 0 && (size_t)len < sizeof content);
    size_t record = ((size_t)len - 8) / 9;
    assert_int_equal((size_t)len, 8 + 9 * record);
    memmove(content + 8, content + 8 + record, (size_t)len - 8 - record);
    assert_int_equal(pwrite(fd, content, (size_t)len - record, 0), (ssize_t)((size_t)len - record));
    assert_int_equal(ftruncate(fd, (off_t)((size_t)len - record)), 0);
    close(fd);
    expect_open(fixture, VRX_VAULT_DAMAGED);
}

static void refusal_second_process(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    expect_open(fixture, VRX_ALREADY_EXISTS);
    vrx_journal_free(&journal);
}

static void refusal_no_folder(void **state) {
    (void)state;
    struct vrx_journal *journal = NULL;
    assert_reason(vrx_journal_open("/nonexistent/vrx", NULL, &journal), VRX_FILE_REFUSED);
    assert_reason(vrx_journal_each("/nonexistent/vrx", note, NULL), VRX_FILE_REFUSED);
}

static void refusal_issued_without_intent(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_journal *journal = open_journal(fixture, 0);
    struct vrx_journal_entry entry = intent(1, "011002", NOW);
    entry.kind = VRX_JOURNAL_ISSUED;
    assert_reason(vrx_journal_append(journal, &entry), VRX_WRONG_STATE);
    vrx_journal_free(&journal);
}

/* A write that fails: nothing more is taken, and the next opening finds what is good. */
static void refusal_disk_full_then_nothing_more(void **state) {
    const struct fixture *fixture = *state;
    struct rlimit before;
    struct vrx_journal *journal = open_journal(fixture, 0);
    assert_ok(intend(journal, 1));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit tight = {(rlim_t)size_of(fixture) + 20, before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_reason(intend(journal, 2), VRX_DISK_FAILED);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_reason(intend(journal, 3), VRX_DISK_FAILED);
    assert_false(is_used(journal, 2));
    vrx_journal_free(&journal);
    journal = open_journal(fixture, 20);
    assert_true(is_used(journal, 1));
    assert_false(is_used(journal, 3));
    assert_ok(intend(journal, 3));
    vrx_journal_free(&journal);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(used_applications_survive),
        TEST(entries_read_back_beside_the_writer),
        TEST(hour_count_is_a_municipality_s_own),
        TEST(torn_end_is_cut_off),
        TEST(torn_end_of_zeros_is_cut_off),
        TEST(creation_cut_short_begins_anew),
        TEST(refusal_journal_chain_changed_byte),
        TEST(refusal_journal_chain_missing_record),
        TEST(refusal_second_process),
        TEST(refusal_no_folder),
        TEST(refusal_issued_without_intent),
        TEST(refusal_disk_full_then_nothing_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
