/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/directory.c: finding a municipality. Its encoding is tested with the codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static const struct vrx_municipality_code kashiwa = KASHIWA;
static const struct vrx_municipality_code kofu = KOFU;

static void assert_refused(const struct vrx_directory *directory,
    const struct vrx_municipality_code *code, int64_t time, enum vrx_reason reason,
    const char *clause) {
    const struct vrx_directory_entry *entry = NULL;
    struct vrx_result result = vrx_directory_find(directory, code, time, &entry);
    assert_reason(result, reason);
    assert_string_equal(result.clause, clause);
    assert_null(entry);
}

static void finds_from_the_first_to_the_last_second(void **state) {
    (void)state;
    const struct vrx_directory_entry *entry = NULL;
    assert_ok(vrx_directory_find(&sample_directory, &kashiwa, SAMPLE_TIME, &entry));
    assert_ptr_equal(entry, &sample_entries[0]);
    assert_ok(vrx_directory_find(&sample_directory, &kashiwa, SAMPLE_TIME + 86400, &entry));
}

static void sender_unknown(void **state) {
    (void)state;
    assert_refused(&sample_directory, &kofu, SAMPLE_TIME, VRX_SENDER_UNKNOWN, "directory.entries");
    assert_refused(&sample_directory_least, &kofu, 0, VRX_SENDER_UNKNOWN, "directory.entries");
}

static void sender_not_current(void **state) {
    (void)state;
    assert_refused(&sample_directory, &kashiwa, SAMPLE_TIME - 1, VRX_SENDER_NOT_CURRENT,
        "directory_entry.valid_until");
    assert_refused(&sample_directory, &kashiwa, SAMPLE_TIME + 86401, VRX_SENDER_NOT_CURRENT,
        "directory_entry.valid_until");
}

static void directory_expired(void **state) {
    (void)state;
    const struct vrx_municipality_code sapporo = SAPPORO;
    const struct vrx_directory_entry *entry = NULL;
    int64_t end = sample_directory.expires;
    assert_ok(vrx_directory_find(&sample_directory, &sapporo, end, &entry));
    assert_refused(
        &sample_directory, &sapporo, end + 1, VRX_DIRECTORY_EXPIRED, "directory.expires");
}

static void daemons_are_known_by_their_keys(void **state) {
    (void)state;
    uint8_t spki[VRX_DIGEST] = {0xd2};
    assert_true(vrx_directory_has_daemon(&sample_entries[0], spki));
    assert_false(vrx_directory_has_daemon(&sample_entries[1], spki)); /* which has none */
    spki[VRX_DIGEST - 1] = 1;
    assert_false(vrx_directory_has_daemon(&sample_entries[0], spki));
}

/* A municipality that was renamed before its old entry ended. */
static void of_two_valid_entries_the_later(void **state) {
    (void)state;
    struct vrx_directory_entry entries[3];
    struct vrx_directory directory = sample_directory;
    for (size_t i = 0; i < 3; i++) {
        entries[i] = sample_entries[0];
        entries[i].valid_until = SAMPLE_TIME + 300000;
    }
    entries[1].valid_from = SAMPLE_TIME + 100;
    entries[2].valid_from = SAMPLE_TIME + 50;
    directory.entries = entries;
    directory.entry_count = 3;
    const struct vrx_directory_entry *entry = NULL;
    assert_ok(vrx_directory_find(&directory, &kashiwa, SAMPLE_TIME + 99, &entry));
    assert_ptr_equal(entry, &entries[2]);
    assert_ok(vrx_directory_find(&directory, &kashiwa, SAMPLE_TIME + 100, &entry));
    assert_ptr_equal(entry, &entries[1]);
}

static void writes_to_the_exchange_key_in_force(void **state) {
    (void)state;
    struct vrx_private_key *private = NULL;
    struct vrx_public_key *public = NULL;
    struct vrx_buffer spki = {0};
    struct vrx_dated_key keys[2];
    struct vrx_directory_entry entry = {.exchange_keys = keys, .exchange_key_count = 2};
    assert_ok(vrx_private_key_new_p256(&private));
    assert_ok(vrx_private_key_public(private, &public));
    assert_ok(vrx_public_key_to_spki(public, &spki));
    vrx_public_key_free(&public);
    keys[0] = (struct vrx_dated_key){.spki = SAMPLE_VIEW("gone"), .from = 0, .until = 99};
    assert_ok(vrx_dated_key_make(vrx_buffer_view(&spki), 100, 199, &keys[1]));
    assert_ok(vrx_directory_exchange_key(&entry, 199, &public));
    vrx_public_key_free(&public);
    struct vrx_result result = vrx_directory_exchange_key(&entry, 200, &public);
    assert_reason(result, VRX_KEY_NOT_IN_FORCE);
    assert_string_equal(result.clause, "directory_entry.exchange_keys");
    assert_reason(vrx_directory_exchange_key(&entry, 99, &public), VRX_KEY_INVALID);
    assert_null(public);
    vrx_buffer_done(&spki);
    vrx_private_key_free(&private);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_from_the_first_to_the_last_second),
        cmocka_unit_test(sender_unknown),
        cmocka_unit_test(sender_not_current),
        cmocka_unit_test(directory_expired),
        cmocka_unit_test(daemons_are_known_by_their_keys),
        cmocka_unit_test(of_two_valid_entries_the_later),
        cmocka_unit_test(writes_to_the_exchange_key_in_force),
    };
    return cmocka_run_group_tests_name("objects/directory", tests, NULL, NULL);
}
