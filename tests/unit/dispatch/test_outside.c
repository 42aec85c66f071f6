/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes beside a sealed vault, and how they come into its ledger: once each, also after a crash
 * between the ledger's commit and the notes' removal.
 */
#include "dispatch/outside.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "crypto/random.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "support/check.h"
#include "support/vault_files.h"

struct fixture {
    void *folder;
    struct vrx_vault *vault;
    struct vrx_ledger *ledger;
};

static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || vault_folder_setup(&fixture->folder))
        return -1;
    const struct vault_folder *folder = fixture->folder;
    assert_ok(
        vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), true, &fixture->vault));
    assert_ok(vrx_ledger_create(vrx_vault_db(fixture->vault)));
    assert_ok(vrx_ledger_open(vrx_vault_db(fixture->vault), &fixture->ledger));
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    vrx_ledger_free(&fixture->ledger);
    vrx_vault_close(&fixture->vault);
    int failed = vault_folder_teardown(&fixture->folder);
    free(fixture);
    return failed;
}

static void encode(
    const char *method, const char *purpose, uint8_t number, struct vrx_buffer *out) {
    struct vrx_audit_entry entry = {.time = 1000 + number,
        .method = vrx_view_text(method),
        .terminal = vrx_view_text("0123456789abcdef"),
        .purpose = vrx_view_text(purpose),
        .request = {number}};
    assert_ok(vrx_audit_entry_encode(&entry, out));
}

static void note(struct vrx_buffer *notes, uint8_t number) {
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    encode("/vrx.v1.Backups/TakeBackup", VRX_OUTSIDE_PURPOSE, number, &entry);
    assert_ok(vrx_outside_add(notes, vrx_buffer_view(&entry)));
}

static void append_other(struct vrx_ledger *ledger, uint8_t number) {
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    uint64_t index = 0;
    encode("/vrx.v1.Tenancy/Unseal", "administration", number, &entry);
    assert_ok(vrx_ledger_append(ledger, vrx_buffer_view(&entry), &index));
}

static void enters(struct vrx_ledger *ledger, const struct vrx_buffer *notes, uint64_t size) {
    bool unread = true;
    assert_ok(vrx_outside_enter(ledger, vrx_buffer_view(notes), &unread));
    assert_false(unread);
    assert_int_equal(vrx_ledger_size(ledger), size);
}

static void test_notes_are_entered_in_order(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer expected VRX_CLEANUP(vrx_buffer_done) = {0};
    enters(fixture->ledger, &notes, 0);
    note(&notes, 1);
    note(&notes, 2);
    enters(fixture->ledger, &notes, 2);
    assert_ok(vrx_ledger_get(fixture->ledger, 0, &first));
    encode("/vrx.v1.Backups/TakeBackup", VRX_OUTSIDE_PURPOSE, 1, &expected);
    assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&expected)));
}

static void test_none_is_entered_twice(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    for (uint8_t i = 0; i < 100; i++)
        append_other(fixture->ledger, i);
    note(&notes, 1);
    note(&notes, 2);
    enters(fixture->ledger, &notes, 102);
    append_other(fixture->ledger, 200); /* the unseal's own; then the crash, and a further note */
    note(&notes, 3);
    enters(fixture->ledger, &notes, 104);
    enters(fixture->ledger, &notes, 104);
}

/* What others wrote into the file is not entered, and does not keep the rest out. */
static void test_only_notes_of_this_house_are_entered(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        const char *method;
        const char *purpose;
    } wrong[] = {{"/vrx.v1.Records/GetHistory", VRX_OUTSIDE_PURPOSE},
        {"/vrx.v1.Backups/TakeBackup", "administration"}, {"/vrx.v1.Backups", VRX_OUTSIDE_PURPOSE}};
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    bool unread = false;
    note(&notes, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
        encode(wrong[i].method, wrong[i].purpose, 9, &entry);
        assert_ok(vrx_outside_add(&notes, vrx_buffer_view(&entry)));
    }
    assert_ok(vrx_outside_add(&notes, vrx_view_text("no entry")));
    note(&notes, 2);
    assert_ok(vrx_outside_enter(fixture->ledger, vrx_buffer_view(&notes), &unread));
    assert_true(unread);
    assert_int_equal(vrx_ledger_size(fixture->ledger), 2);
}

static void test_input_truncated_keeps_what_was_whole(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    note(&notes, 1);
    const size_t one = notes.len;
    note(&notes, 2);
    for (size_t len = one + 1; len < notes.len; len++) {
        bool unread = false;
        assert_ok(vrx_outside_enter(fixture->ledger, vrx_view_of(notes.ptr, len), &unread));
        assert_true(unread);
        assert_int_equal(vrx_ledger_size(fixture->ledger), 1);
    }
    notes.ptr[one] = 0xff; /* longer than any entry */
    bool unread = false;
    assert_ok(vrx_outside_enter(fixture->ledger, vrx_buffer_view(&notes), &unread));
    assert_true(unread);
}

static void test_cap_reached(void **state) {
    (void)state;
    static const uint8_t large[VRX_LIMIT_LEDGER_ENTRY + 1] = {1};
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(vrx_outside_add(&notes, vrx_view_of(large, sizeof large)), VRX_INPUT_RANGE);
    assert_reason(vrx_outside_add(&notes, vrx_view_of(large, 0)), VRX_INPUT_RANGE);
    struct vrx_result result = vrx_ok();
    while (vrx_is_ok(result))
        result = vrx_outside_add(&notes, vrx_view_of(large, VRX_LIMIT_LEDGER_ENTRY));
    assert_reason(result, VRX_CAP_REACHED);
    assert_true(notes.len <= VRX_LIMIT_OUTSIDE && notes.len > VRX_LIMIT_OUTSIDE / 2);
}

static void test_the_file(void **state) {
    (void)state;
    char folder[] = "/tmp/vrx-outside-XXXXXX";
    char path[64];
    struct stat file;
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer read VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_non_null(mkdtemp(folder));
    assert_ok(vrx_outside_read(folder, &read)); /* none yet */
    assert_int_equal(read.len, 0);
    note(&notes, 1);
    assert_ok(vrx_outside_write(folder, vrx_buffer_view(&notes)));
    snprintf(path, sizeof path, "%s/outside", folder);
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_ok(vrx_outside_read(folder, &read));
    assert_true(vrx_view_equal(vrx_buffer_view(&read), vrx_buffer_view(&notes)));
    assert_ok(vrx_outside_forget(folder));
    assert_ok(vrx_outside_forget(folder));
    assert_int_equal(rmdir(folder), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_notes_are_entered_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_none_is_entered_twice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_only_notes_of_this_house_are_entered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_input_truncated_keeps_what_was_whole, set_up, tear_down),
        cmocka_unit_test(test_cap_reached),
        cmocka_unit_test(test_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
