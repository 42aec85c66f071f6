/* SPDX-License-Identifier: Apache-2.0 */
#include "store/linkage.h"

#include "fixture.h"

static struct vrx_result give(struct fixture *fixture, const struct vrx_municipality_code *to,
    int64_t resident, uint8_t ret_code[VRX_LINKAGE_CODE]) {
    VRX_TRY(vrx_linkage_code(fixture->tenant, to, resident, ret_code));
    return vrx_linkage_give(fixture->tenant, to, resident, ret_code, NOW);
}

/* 0: nobody, and the work was done on somebody else. */
static int64_t meant(
    struct fixture *fixture, const struct vrx_municipality_code *asker, struct vrx_view code) {
    int64_t resident = 0;
    bool exact = false;
    assert_ok(vrx_linkage_near(fixture->tenant, asker, code, &resident, &exact));
    assert_true(resident > 0);
    return exact ? resident : 0;
}

static struct vrx_view view_of(const uint8_t code[VRX_LINKAGE_CODE]) {
    return vrx_view_of(code, VRX_LINKAGE_CODE);
}

static void a_code_names_the_resident_to_whom_it_was_given(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    uint8_t code[VRX_LINKAGE_CODE];
    uint8_t again[VRX_LINKAGE_CODE];
    int64_t person = add_resident(fixture, 1);
    int64_t other = add_resident(fixture, 2);
    assert_ok(give(fixture, &kashiwa, person, code));
    assert_ok(give(fixture, &kashiwa, person, again));
    assert_memory_equal(code, again, sizeof code);
    assert_int_equal(rows_in(fixture, "linkage_given"), 1);
    assert_int_equal(meant(fixture, &kashiwa, view_of(code)), person);
    assert_ok(give(fixture, &kashiwa, other, again));
    assert_memory_not_equal(code, again, sizeof code);
    assert_int_equal(meant(fixture, &kashiwa, view_of(again)), other);
}

/* The same person has another code with each municipality, and each can use its own only. */
static void a_code_means_nothing_to_a_third(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    struct vrx_municipality_code kofu = code_of("192015");
    uint8_t to_kashiwa[VRX_LINKAGE_CODE];
    uint8_t to_kofu[VRX_LINKAGE_CODE];
    int64_t person = add_resident(fixture, 1);
    assert_ok(give(fixture, &kashiwa, person, to_kashiwa));
    assert_int_equal(meant(fixture, &kofu, view_of(to_kashiwa)), 0);
    assert_ok(give(fixture, &kofu, person, to_kofu));
    assert_memory_not_equal(to_kashiwa, to_kofu, sizeof to_kofu);
    assert_int_equal(meant(fixture, &kofu, view_of(to_kashiwa)), 0);
}

static void no_code_is_known_by_its_start_or_made_up(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    uint8_t code[VRX_LINKAGE_CODE + 1] = {0};
    int64_t person = add_resident(fixture, 1);
    assert_ok(give(fixture, &kashiwa, person, code));
    const size_t lengths[] = {0, VRX_LINKAGE_CODE - 1, VRX_LINKAGE_CODE + 1};
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        assert_int_equal(meant(fixture, &kashiwa, vrx_view_of(code, lengths[i])), 0);
    code[15] ^= 1;
    assert_int_equal(meant(fixture, &kashiwa, view_of(code)), 0);
    assert_reason(give(fixture, &kashiwa, person + 1, code), VRX_NOT_FOUND);
}

/* Two vaults with other keys give other codes, one vault the same one for as long as it lives. */
static void a_code_is_made_under_the_vaults_own_key(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    uint8_t code[VRX_LINKAGE_CODE];
    uint8_t again[VRX_LINKAGE_CODE];
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    int64_t person = add_resident(fixture, 1);
    assert_ok(give(fixture, &kashiwa, person, code));
    sql_run(db, "DELETE FROM linkage_given");
    assert_ok(give(fixture, &kashiwa, person, again));
    assert_memory_equal(code, again, sizeof code);
    sql_run(db, "UPDATE audit_salt SET salt = zeroblob(32)"); /* a person who came anew */
    assert_ok(give(fixture, &kashiwa, person, again));
    assert_memory_not_equal(code, again, sizeof code);
    struct vrx_tenant_keys *other = keys_of(2);
    assert_false(vrx_view_equal(
        vrx_tenant_linkage_key(vrx_tenant_keys(fixture->tenant)), vrx_tenant_linkage_key(other)));
    vrx_tenant_adopt_keys(fixture->tenant, &other);
    assert_ok(give(fixture, &kashiwa, person, code));
    assert_memory_not_equal(code, again, sizeof code);
}

static void an_empty_vault_knows_no_code(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    int64_t resident = 0;
    bool exact = true;
    assert_reason(vrx_linkage_near(fixture->tenant, &kashiwa, vrx_view_text("one of sixteen b"),
                      &resident, &exact),
        VRX_NOT_FOUND);
    assert_true(exact);
}

static void one_code_is_kept_of_each_origin(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    struct vrx_municipality_code kofu = code_of("192015");
    uint8_t code[VRX_LINKAGE_CODE];
    int64_t person = add_resident(fixture, 1);
    struct vrx_tenant *tenant = fixture->tenant;
    assert_reason(vrx_linkage_kept(tenant, person, &kashiwa, code), VRX_NOT_FOUND);
    assert_ok(vrx_linkage_keep(tenant, person, &kashiwa, vrx_view_text("one of sixteen b"), NOW));
    assert_ok(vrx_linkage_keep(tenant, person, &kofu, vrx_view_text("another of 16 by"), NOW));
    assert_ok(vrx_linkage_keep(tenant, person, &kashiwa, vrx_view_text("a later one of16"), NOW));
    assert_ok(vrx_linkage_kept(tenant, person, &kashiwa, code));
    assert_memory_equal(code, "a later one of16", sizeof code);
    assert_ok(vrx_linkage_forget(tenant, person, &kashiwa));
    assert_ok(vrx_linkage_forget(tenant, person, &kashiwa));
    assert_reason(vrx_linkage_kept(tenant, person, &kashiwa, code), VRX_NOT_FOUND);
    assert_ok(vrx_linkage_kept(tenant, person, &kofu, code));
    assert_memory_equal(code, "another of 16 by", sizeof code);
}

static void what_is_no_code_is_not_kept(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code kashiwa = code_of("122173");
    int64_t person = add_resident(fixture, 1);
    assert_reason(
        vrx_linkage_keep(fixture->tenant, person, &kashiwa, vrx_view_text("fifteen bytes ."), NOW),
        VRX_INPUT_RANGE);
    assert_reason(vrx_linkage_keep(fixture->tenant, person + 1, &kashiwa,
                      vrx_view_text("one of sixteen b"), NOW),
        VRX_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_code_names_the_resident_to_whom_it_was_given),
        STORE_TEST(a_code_means_nothing_to_a_third),
        STORE_TEST(no_code_is_known_by_its_start_or_made_up),
        STORE_TEST(a_code_is_made_under_the_vaults_own_key),
        STORE_TEST(an_empty_vault_knows_no_code),
        STORE_TEST(one_code_is_kept_of_each_origin),
        STORE_TEST(what_is_no_code_is_not_kept),
    };
    return cmocka_run_group_tests_name("store/linkage", tests, NULL, NULL);
}
