/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the store: an open tenant in a real vault file inside one transaction, an arena, and
 * residents and doses that every rule accepts.
 */
#ifndef VRX_TEST_STORE_FIXTURE_H
#define VRX_TEST_STORE_FIXTURE_H

#include <stdio.h>

#include "base/limits.h"
#include "codes/individual_number.h"
#include "crypto/random.h"
#include "keyring/keys.h"
#include "store/dose.h"
#include "store/resident.h"
#include "store/tenant.h"

#include "support/check.h"
#include "support/tenant_keys_of.h"
#include "support/vault_files.h"

#define NOW ((int64_t)1640995200) /* 2022-01-01T00:00:00Z */
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

struct fixture {
    struct vault_folder *folder;
    struct vrx_tenant *tenant;
    struct vrx_arena arena;
};

static inline struct vrx_municipality_code code_of(const char *digits) {
    struct vrx_municipality_code code = {0};
    assert_ok(vrx_municipality_code_parse(vrx_view_text(digits), &code));
    return code;
}

/* The keys that this byte's root key gives, the same each time. */
static inline struct vrx_tenant_keys *keys_of(uint8_t root) {
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(tenant_keys_of(vault_key(root), &keys));
    return keys;
}

static inline struct vrx_result try_open(
    const char *path, uint8_t root, const char *code, struct vrx_tenant **ret_tenant) {
    struct vrx_municipality_code municipality = code_of(code);
    struct vrx_tenant_keys *keys = keys_of(root);
    struct vrx_result result =
        vrx_tenant_open(path, &keys, &municipality, vrx_random_system(), NOW, ret_tenant);
    assert_true((keys == NULL) == vrx_is_ok(result)); /* taken over on success only */
    vrx_tenant_keys_free(&keys);
    return result;
}

static inline struct vrx_tenant *open_tenant(const char *path) {
    struct vrx_tenant *tenant = NULL;
    assert_ok(try_open(path, 1, "011002", &tenant));
    return tenant;
}

static inline int fixture_setup(void **state) {
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    if (vault_folder_setup((void **)&fixture->folder) != 0)
        return -1;
    fixture->tenant = open_tenant(fixture->folder->vault);
    vrx_arena_init(&fixture->arena, 0);
    sql_run(vrx_tenant_db(fixture->tenant), "BEGIN IMMEDIATE");
    *state = fixture;
    return 0;
}

static inline int fixture_teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_arena_done(&fixture->arena);
    vrx_tenant_close(&fixture->tenant);
    void *folder = fixture->folder;
    test_free(fixture);
    return vault_folder_teardown(&folder);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static inline int64_t rows_in(struct fixture *fixture, const char *table) {
    char sql[64];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return sql_number(vrx_tenant_db(fixture->tenant), sql);
}

#define assert_text(view, expected) assert_true(vrx_view_equal((view), vrx_view_text(expected)))

static inline void assert_date(struct vrx_date date, uint16_t year, uint8_t month, uint8_t day) {
    assert_int_equal(vrx_date_compare(date, (struct vrx_date){year, month, day}), 0);
}

/* A view of the digits; the buffer is the caller's. */
static inline struct vrx_view number_text(unsigned person, char out[13]) {
    (void)snprintf(out, 13, "%011u", person);
    out[11] = vrx_individual_number_check_digit(out);
    out[12] = '\0';
    return vrx_view_text(out);
}

static inline struct vrx_resident resident_called(const char *addressee, const char *name) {
    return (struct vrx_resident){
        .addressee = vrx_view_text(addressee),
        .name = vrx_view_text(name),
        .kana = vrx_view_text("サッポロ　ハナコ"),
        .address = vrx_view_text("札幌市中央区北一条西二丁目"),
        .birth_date = {1985, 4, 1},
        .sex = VRX_SEX_FEMALE,
    };
}

/* Registers one more person with an individual number of their own. */
static inline int64_t add_resident(struct fixture *fixture, unsigned person) {
    char addressee[16];
    char number[13];
    int64_t id = 0;
    (void)snprintf(addressee, sizeof addressee, "%u", person);
    struct vrx_resident resident = resident_called(addressee, "札幌　花子");
    assert_ok(
        vrx_resident_register(fixture->tenant, &resident, number_text(person, number), NOW, &id));
    assert_true(id > 0);
    return id;
}

static inline struct vrx_dose dose_on(
    int64_t resident, uint64_t number, uint16_t year, uint8_t month, uint8_t day) {
    return (struct vrx_dose){
        .resident = resident,
        .item =
            {
                .administered_by = code_of("011002"),
                .administered_on = {year, month, day},
                .product = 1,
                .dose_number = number,
                .lot = vrx_view_text("EW4811"),
                .venue = vrx_view_text("中央区民センター"),
                .physician = vrx_view_text("北　一郎"),
                .ticket = vrx_view_text("1234567890"),
            },
        .maker = vrx_view_text("ファイザー"),
        .registered_at = NOW - 86400,
        .provenance = {.source = VRX_DOSE_OWN},
    };
}

static inline struct vrx_dose add_dose(struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_dose recorded = {0};
    assert_ok(vrx_dose_record(fixture->tenant, dose, NOW, &recorded));
    return recorded;
}

#endif
