/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx authority …` as a platform authority uses it: each command is a command line in a folder of
 * its own, and what it wrote is read back by the objects' own code.
 */
#include "cli/law.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "capture.h"
#include "cli/args.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"

#define MOST_WORDS 40
#define NEW_YEAR INT64_C(1924959600) /* 2031-01-01 in Japan */

static char folder[64];
static char before[512];
static struct capture said;

/* A command line; its words are divided by blanks. */
static int vrx(const char *line) {
    char text[1024];
    char *argv[MOST_WORDS] = {text};
    int argc = 1;
    char *rest = NULL;
    (void)snprintf(text, sizeof text, "vrx %s", line);
    (void)strtok_r(text, " ", &rest);
    for (char *word = strtok_r(NULL, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(argc < MOST_WORDS - 1);
        argv[argc++] = word;
    }
    return vrx_cli_run(argc, argv, vrx_cli_themes);
}

static void assert_done(const char *line) {
    capture_begin(&said, STDOUT_FILENO);
    const int status = vrx(line);
    (void)capture_end(&said);
    assert_int_equal(status, VRX_EXIT_OK);
}

/* Refused, for this reason or clause. */
static void assert_refused(const char *line, const char *why) {
    capture_begin(&said, STDERR_FILENO);
    const int status = vrx(line);
    const char *words = capture_end(&said);
    assert_int_equal(status, VRX_EXIT_REFUSED);
    if (!strstr(words, why))
        fail_msg("%s: %s", line, words);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw) {
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int setup(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/vrx-law-XXXXXX");
    if (!getcwd(before, sizeof before) || !mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    assert_done("authority init --out authority");
    assert_done("authority init --out another");
    assert_done("custodian init --municipality 011002 --out sapporo");
    assert_done("custodian init --municipality 122173 --out kashiwa");
    assert_done("custodian init --municipality 011002 --out stranger");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    return chdir(before) == 0 && nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : -1;
}

static void read_file(const char *path, const struct vrx_object_schema *schema,
    struct vrx_arena *arena, void *ret_object) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    assert_ok(vrx_cli_certificate_key("authority/certificate.pem", &key));
    assert_ok(vrx_file_read(path, VRX_LIMIT_CBOR_BYTES, &message));
    vrx_arena_init(arena, 0);
    assert_ok(vrx_object_verify_pinned(schema, vrx_buffer_view(&message), key, arena, ret_object));
}

/* ---- directory ---- */

#define DIRECTORY "authority directory --authority authority --days 30 "
#define SAPPORO "--municipality sapporo/keyring.cbor,札幌市,Sapporo "
#define KASHIWA "--municipality kashiwa/keyring.cbor,柏市,Kashiwa "

static void a_directory_is_amended(void **state) {
    (void)state;
    struct vrx_arena arena;
    struct vrx_directory first;
    struct vrx_directory next;
    assert_done(DIRECTORY SAPPORO "--version 7 --out d7");
    assert_done(DIRECTORY "--amend d7 " KASHIWA "--from 2031-01-01 --out d8 "
                          "--daemon 011002,sapporo.example:7440,authority/certificate.pem");
    read_file("d7", &vrx_directory_schema, &arena, &first);
    const int64_t since = first.entries[0].valid_from;
    vrx_arena_done(&arena);
    read_file("d8", &vrx_directory_schema, &arena, &next);
    assert_int_equal(next.version, 8);
    assert_int_equal(next.entry_count, 2);
    assert_int_equal(next.entries[0].valid_from, since); /* it stays since when it was */
    assert_int_equal(next.entries[0].valid_until, next.expires);
    assert_int_equal(next.entries[0].daemon_count, 1);
    assert_int_equal(next.entries[1].valid_from, NEW_YEAR);
    const struct vrx_directory_entry *found = NULL;
    assert_reason(vrx_directory_find(&next, &next.entries[1].code, next.issued, &found),
        VRX_SENDER_NOT_CURRENT);
    vrx_arena_done(&arena);
    /* Its daemon is another one, and Sapporo ends; both stay in the directory. */
    assert_done(DIRECTORY "--amend d8 --version 20 --end 011002 --out d20 "
                          "--daemon 011002,new.example:7440,another/certificate.pem");
    read_file("d20", &vrx_directory_schema, &arena, &next);
    assert_int_equal(next.version, 20);
    assert_int_equal(next.entry_count, 2);
    assert_int_equal(next.entries[0].valid_until, next.issued);
    assert_int_equal(next.entries[0].daemon_count, 1);
    assert_true(vrx_view_equal(next.entries[0].endpoint, vrx_view_text("new.example:7440")));
    assert_reason(vrx_directory_find(&next, &next.entries[0].code, next.issued + 1, &found),
        VRX_SENDER_NOT_CURRENT);
    vrx_arena_done(&arena);
}

static void a_directory_is_not_amended_for_the_worse(void **state) {
    (void)state;
    assert_done(DIRECTORY SAPPORO "--version 7 --out d7");
    assert_refused(DIRECTORY "--amend d7 --version 7 --out no", "DIRECTORY_STALE");
    assert_refused(DIRECTORY "--amend d7 --out no "
                             "--municipality stranger/keyring.cbor,札幌市,Sapporo",
        "an older keyring");
    assert_refused(DIRECTORY "--amend d7 --out no --end 122173", "MUNICIPALITY_UNKNOWN");
    assert_refused(DIRECTORY "--amend d7 --out no --end 011002=2001-01-01", "INPUT_RANGE");
    assert_refused(DIRECTORY "--amend d7 --out no --end 011002=soon", "INPUT_MALFORMED");
    assert_refused(DIRECTORY SAPPORO "--version 8 --out no --end 011002", "with --amend");
    assert_refused(DIRECTORY SAPPORO "--amend d7 --previous d7 --out no", "INPUT_RANGE");
    assert_refused(DIRECTORY SAPPORO "--out no", "of the first table");
    assert_refused(
        "authority directory --authority another --days 30 --amend d7 --out no", "KEY_UNKNOWN");
    assert_int_equal(access("no", F_OK), -1);
}

/* ---- permits ---- */

#define PERMITS "authority permits --authority authority --days 30 "

static void write_shipped(void) {
    char path[600];
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    (void)snprintf(path, sizeof path, "%s/services/permits.json", before);
    assert_ok(vrx_file_read(path, VRX_LIMIT_CBOR_BYTES, &text));
    assert_ok(vrx_file_replace("shipped.json", 0600, vrx_buffer_view(&text)));
}

/* What VRX ships: with consent, and the other one switched off. */
static void the_permit_without_consent_is_shipped_switched_off(void **state) {
    (void)state;
    struct vrx_arena arena;
    struct vrx_permit_table table;
    const struct vrx_municipality_code any = {"122173"};
    write_shipped();
    assert_done(PERMITS "--version 1 --table shipped.json --out p1");
    read_file("p1", &vrx_permit_table_schema, &arena, &table);
    assert_int_equal(table.permit_count, 2);
    assert_true(table.permits[0].consent_required);
    assert_false(table.permits[1].consent_required);
    for (int64_t time = 0; time <= VRX_KEY_NO_END; time += VRX_KEY_NO_END / 1000)
        assert_reason(vrx_permit_in_force(&table.permits[1], VRX_PURPOSE_MOVER, &any, &any, time),
            VRX_PERMIT_NOT_IN_FORCE);
    vrx_arena_done(&arena);
}

static void a_permit_is_switched_on_and_off_at_its_instants(void **state) {
    (void)state;
    struct vrx_arena arena;
    struct vrx_permit_table table;
    write_shipped();
    assert_done(PERMITS "--version 1 --table shipped.json --out p1");
    assert_done(PERMITS "--amend p1 --begin mover-without-consent=2031-01-01 "
                        "--end mover-without-consent=2031-01-01T03:04:05Z --out p2");
    read_file("p2", &vrx_permit_table_schema, &arena, &table);
    assert_int_equal(table.version, 2);
    assert_int_equal(table.permits[1].in_force_from, NEW_YEAR);
    assert_int_equal(table.permits[1].in_force_until, NEW_YEAR + 12 * 3600 + 245);
    vrx_arena_done(&arena);
    assert_done(PERMITS "--amend p2 --end mover-with-consent --out p3");
    read_file("p3", &vrx_permit_table_schema, &arena, &table);
    assert_int_equal(table.permits[0].in_force_until, table.issued);
    assert_int_equal(table.permits[1].in_force_from, NEW_YEAR);
    vrx_arena_done(&arena);
}

static void permits_are_not_amended_for_the_worse(void **state) {
    (void)state;
    write_shipped();
    assert_done(PERMITS "--version 5 --table shipped.json --out p5");
    assert_refused(PERMITS "--amend p5 --begin mover-without-consent --out no", "give --end too");
    assert_refused(PERMITS "--amend p5 --begin nobody --out no", "no permit has this id");
    assert_refused(PERMITS "--amend p5 --version 4 --out no", "DIRECTORY_STALE");
    assert_refused(PERMITS "--version 6 --out no", "a JSON array");
    assert_ok(vrx_file_replace("twice.json", 0600,
        vrx_view_text("[{\"id\":\"a\",\"purpose\":\"mover\",\"legal_basis\":\"x\",\"items\":"
                      "[\"dose\"],\"consent_required\":true,\"methods\":[]},"
                      "{\"id\":\"a\",\"purpose\":\"mover\",\"legal_basis\":\"x\",\"items\":"
                      "[\"dose\"],\"consent_required\":true,\"methods\":[]}]")));
    assert_refused(PERMITS "--version 6 --table twice.json --out no", "an id once");
    assert_ok(vrx_file_replace("half.json", 0600,
        vrx_view_text("[{\"id\":\"a\",\"purpose\":\"mover\",\"legal_basis\":\"x\",\"items\":"
                      "[\"dose\"],\"consent_required\":true,\"methods\":[],"
                      "\"in_force_from\":\"2031-01-01\"}]")));
    assert_refused(PERMITS "--version 6 --table half.json --out no", "in_force_until");
    assert_int_equal(access("no", F_OK), -1);
}

/* What is shown can be edited and signed again. */
static void what_is_shown_makes_the_same_table(void **state) {
    (void)state;
    write_shipped();
    assert_done(PERMITS "--version 1 --table shipped.json --out p1");
    assert_done("authority show --in p1 --authority authority/certificate.pem --json");
    json_t *shown = json_loads(said.text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(shown, "kind")), "permits");
    assert_int_equal(json_dump_file(json_object_get(shown, "permits"), "again.json", 0), 0);
    json_decref(shown);
    assert_done(PERMITS "--version 2 --table again.json --out p2");
    struct vrx_permit_table tables[2];
    struct vrx_arena arenas[2];
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer second = {0};
    struct vrx_buffer *const encoded[] = {&first, &second};
    for (size_t i = 0; i < 2; i++) {
        read_file(i ? "p2" : "p1", &vrx_permit_table_schema, &arenas[i], &tables[i]);
        tables[i].version = 1;
        tables[i].issued = tables[i].expires = 0;
        assert_ok(vrx_object_encode(&vrx_permit_table_schema, &tables[i], encoded[i]));
        vrx_arena_done(&arenas[i]);
    }
    assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&second)));
}

/* ---- show and check ---- */

#define CHECK "authority check --authority authority/certificate.pem "

static void what_may_be_used_is_said(void **state) {
    (void)state;
    write_shipped();
    assert_done(PERMITS "--version 1 --table shipped.json --out p1");
    assert_done(PERMITS "--amend p1 --out p2");
    assert_done(DIRECTORY SAPPORO "--version 1 --out d1");
    assert_done(CHECK "--in p1");
    assert_done(CHECK "--in p2 --held p1");
    assert_done(CHECK "--in p1 --held p1");
    assert_refused(CHECK "--in p1 --held p2", "DIRECTORY_STALE");
    assert_refused(CHECK "--in p2 --held d1", "of the same kind");
    assert_refused(CHECK "--in p2 --at 2099-01-01", "DIRECTORY_EXPIRED");
    assert_refused(CHECK "--in p2 --held p2 --at 2099-01-01", "DIRECTORY_EXPIRED");
    assert_refused("authority check --in p1 --authority another/certificate.pem", "KEY_UNKNOWN");
    assert_refused("authority show --in p1 --authority another/certificate.pem", "KEY_UNKNOWN");
    assert_done("authority show --in d1 --authority authority/certificate.pem");
    assert_non_null(strstr(said.text, "札幌市"));
    assert_done("authority show --in p1 --authority authority/certificate.pem");
    assert_non_null(strstr(said.text, "off / 停止"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_is_amended),
        cmocka_unit_test(a_directory_is_not_amended_for_the_worse),
        cmocka_unit_test(the_permit_without_consent_is_shipped_switched_off),
        cmocka_unit_test(a_permit_is_switched_on_and_off_at_its_instants),
        cmocka_unit_test(permits_are_not_amended_for_the_worse),
        cmocka_unit_test(what_is_shown_makes_the_same_table),
        cmocka_unit_test(what_may_be_used_is_said),
    };
    return cmocka_run_group_tests_name("cli/law", tests, setup, teardown);
}
