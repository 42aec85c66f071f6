/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct vrx_registry *registry;
static int sapporo, kashiwa; /* owners are known by their address only */

static int set_up(void **state) {
    (void)state;
    return vrx_is_ok(vrx_registry_new(&registry)) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vrx_registry_free(&registry);
    return 0;
}

static void digest_of(unsigned number, uint8_t digest[VRX_SPKI_DIGEST]) {
    memset(digest, 0, VRX_SPKI_DIGEST);
    /* All in one place of a small table: look-ups must step on. */
    digest[20] = (uint8_t)number;
    digest[21] = (uint8_t)(number >> 8);
}

static void put(unsigned number, void *owner, unsigned kind) {
    uint8_t digest[VRX_SPKI_DIGEST];
    digest_of(number, digest);
    struct vrx_registered entry = {.owner = owner, .kind = kind};
    assert_int_equal(vrx_registry_put(registry, digest, &entry).reason, VRX_OK);
}

static enum vrx_reason find(unsigned number, struct vrx_registered *ret_entry) {
    uint8_t digest[VRX_SPKI_DIGEST];
    digest_of(number, digest);
    return vrx_registry_find(registry, digest, ret_entry).reason;
}

static void test_finds_each_of_many(void **state) {
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        put(i, i % 2 ? &sapporo : &kashiwa, 1 + i % 4);
    for (unsigned i = 0; i < 1000; i++) {
        struct vrx_registered entry;
        assert_int_equal(find(i, &entry), VRX_OK);
        assert_ptr_equal(entry.owner, i % 2 ? &sapporo : &kashiwa);
        assert_int_equal(entry.kind, 1 + i % 4);
    }
    struct vrx_registered entry;
    assert_int_equal(find(1000, &entry), VRX_TERMINAL_UNKNOWN);
}

static void test_a_terminal_has_one_owner(void **state) {
    (void)state;
    put(1, &sapporo, VRX_TERMINAL_COUNTER);
    uint8_t digest[VRX_SPKI_DIGEST];
    digest_of(1, digest);
    struct vrx_registered other = {.owner = &kashiwa, .kind = VRX_TERMINAL_COUNTER};
    assert_int_equal(vrx_registry_put(registry, digest, &other).reason, VRX_ALREADY_EXISTS);
    struct vrx_registered platform = {.platform = true};
    assert_int_equal(vrx_registry_put(registry, digest, &platform).reason, VRX_ALREADY_EXISTS);
    struct vrx_registered entry;
    assert_int_equal(find(1, &entry), VRX_OK);
    assert_ptr_equal(entry.owner, &sapporo);
}

static void test_removing_an_owner_leaves_the_others(void **state) {
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        put(i, i % 3 ? &sapporo : &kashiwa, VRX_TERMINAL_COUNTER);
    vrx_registry_remove_owner(registry, &sapporo);
    for (unsigned i = 0; i < 300; i++) {
        struct vrx_registered entry;
        assert_int_equal(find(i, &entry), i % 3 ? VRX_TERMINAL_UNKNOWN : VRX_OK);
    }
}

static void registration_of(
    unsigned number, void *owner, unsigned kind, struct vrx_registration *ret_registration) {
    digest_of(number, ret_registration->spki_sha256);
    ret_registration->entry = (struct vrx_registered){.owner = owner, .kind = kind};
}

static void test_replacing_changes_one_owners_terminals_only(void **state) {
    (void)state;
    for (unsigned i = 0; i < 300; i++)
        put(i, i % 3 ? &sapporo : &kashiwa, VRX_TERMINAL_COUNTER);
    static struct vrx_registration list[200]; /* over what the table had room for */
    for (unsigned i = 0; i < 200; i++)
        registration_of(1000 + i, &sapporo, VRX_TERMINAL_KIOSK, &list[i]);
    registration_of(1, &sapporo, VRX_TERMINAL_CONSOLE, &list[0]);
    size_t left_out = 99;
    assert_int_equal(vrx_registry_replace(registry, &sapporo, list, 200, &left_out).reason, VRX_OK);
    assert_int_equal(left_out, 0);
    struct vrx_registered entry;
    for (unsigned i = 2; i < 300; i++)
        assert_int_equal(find(i, &entry), i % 3 ? VRX_TERMINAL_UNKNOWN : VRX_OK);
    assert_int_equal(find(1, &entry), VRX_OK);
    assert_int_equal(entry.kind, VRX_TERMINAL_CONSOLE);
    for (unsigned i = 1; i < 200; i++) {
        assert_int_equal(find(1000 + i, &entry), VRX_OK);
        assert_ptr_equal(entry.owner, &sapporo);
    }
}

static void test_a_replacement_leaves_others_their_terminals(void **state) {
    (void)state;
    put(1, &sapporo, VRX_TERMINAL_CONSOLE);
    put(2, &kashiwa, VRX_TERMINAL_CONSOLE);
    struct vrx_registration list[2];
    registration_of(3, &sapporo, VRX_TERMINAL_COUNTER, &list[0]);
    registration_of(2, &sapporo, VRX_TERMINAL_COUNTER, &list[1]);
    size_t left_out = 99;
    assert_int_equal(vrx_registry_replace(registry, &sapporo, list, 2, &left_out).reason, VRX_OK);
    assert_int_equal(left_out, 1);
    struct vrx_registered entry;
    assert_int_equal(find(1, &entry), VRX_TERMINAL_UNKNOWN);
    assert_int_equal(find(2, &entry), VRX_OK);
    assert_ptr_equal(entry.owner, &kashiwa);
    assert_int_equal(entry.kind, VRX_TERMINAL_CONSOLE);
    assert_int_equal(find(3, &entry), VRX_OK);
    assert_ptr_equal(entry.owner, &sapporo);
}

static void test_sealing_leaves_the_route_and_forgets_the_kind(void **state) {
    (void)state;
    put(1, &sapporo, VRX_TERMINAL_CONSOLE);
    put(2, &kashiwa, VRX_TERMINAL_CONSOLE);
    put(3, &sapporo, VRX_TERMINAL_KIOSK);
    vrx_registry_forget_kinds(registry, &sapporo);
    struct vrx_registered entry;
    assert_int_equal(find(1, &entry), VRX_OK);
    assert_ptr_equal(entry.owner, &sapporo);
    assert_int_equal(entry.kind, 0);
    assert_true(entry.was_console);
    vrx_registry_forget_kinds(registry, &sapporo); /* a second time it is still known */
    assert_int_equal(find(1, &entry), VRX_OK);
    assert_true(entry.was_console);
    assert_int_equal(find(3, &entry), VRX_OK);
    assert_false(entry.was_console);
    assert_int_equal(find(2, &entry), VRX_OK);
    assert_int_equal(entry.kind, VRX_TERMINAL_CONSOLE);
}

static void test_lists_one_owners_terminals(void **state) {
    (void)state;
    put(1, &sapporo, 1);
    put(2, &kashiwa, 1);
    put(3, &sapporo, 2);
    struct vrx_registration *list = NULL;
    size_t count = 0;
    assert_int_equal(vrx_registry_list(registry, &sapporo, &list, &count).reason, VRX_OK);
    assert_int_equal(count, 2);
    assert_int_equal(list[0].spki_sha256[20] + list[1].spki_sha256[20], 4);
    assert_int_equal(list[0].entry.kind + list[1].entry.kind, 3);
    free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_finds_each_of_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_terminal_has_one_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_removing_an_owner_leaves_the_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_replacing_changes_one_owners_terminals_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_a_replacement_leaves_others_their_terminals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_sealing_leaves_the_route_and_forgets_the_kind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lists_one_owners_terminals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
