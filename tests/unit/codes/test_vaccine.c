/* SPDX-License-Identifier: Apache-2.0 */
#include "codes/vaccine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/text.h"

/* The id of the product that a file's field names, 0 for none. Folds as every caller does. */
static uint64_t matched(const char *text) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_view folded;
    const struct vrx_vaccine *vaccine = NULL;
    assert_true(vrx_is_ok(vrx_text_fold(&arena, vrx_view_text(text), &folded)));
    struct vrx_result result = vrx_vaccine_match(folded, &vaccine);
    assert_int_equal(result.reason, vaccine ? VRX_OK : VRX_PRODUCT_UNKNOWN);
    return vaccine ? vaccine->id : 0;
}

static void names_of_vrs(void **state) {
    (void)state;
    assert_int_equal(matched("ファイザー"), 1);
    assert_int_equal(matched("武田／モデルナ"), 2);
    assert_int_equal(matched("アストラゼネカ"), 3);
    assert_int_equal(matched("武田社（ノババックス）"), 4);
}

static void widths_cases_and_spaces_do_not_matter(void **state) {
    (void)state;
    assert_int_equal(matched("　ファイザー "), 1);
    assert_int_equal(matched("ﾌｧｲｻﾞｰ"), 1);
    assert_int_equal(matched("ＣＯＭＩＲＮＡＴＹ"), 1);
    assert_int_equal(matched("comirnaty"), 1);
    assert_int_equal(matched("武田/モデルナ"), 2);
    assert_int_equal(matched("武田／ﾓﾃﾞﾙﾅ"), 2);
    assert_int_equal(matched("武田社(ノババックス)"), 4);
    assert_int_equal(matched("武田社（ノババックス)"), 4);
}

static void unknown_names_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", "ファイザ", "ファイザー社", "武田", "武田／",
        "モデルナ／武田", "武田モデルナ", "ヤンセン", "武田社（ノババックス）１"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(matched(texts[i]), 0);
    const struct vrx_vaccine *vaccine = NULL;
    assert_int_equal(
        vrx_vaccine_match(vrx_view_text("\xef\xbc"), &vaccine).reason, VRX_PRODUCT_UNKNOWN);
    assert_null(vaccine);
}

/* These numbers are stored and signed: a change here is a change of history. */
static void numbers_stay(void **state) {
    (void)state;
    static const struct {
        uint64_t id;
        const char *product;
        struct vrx_date approved;
        uint8_t interval;
        const char *icd11;
    } rows[] = {
        {1, "Comirnaty", {2021, 2, 14}, 18, "XM0GQ8"},
        {2, "Spikevax", {2021, 5, 21}, 20, "XM0GQ8"},
        {3, "Vaxzevria", {2021, 5, 21}, 27, "XM9QW8"},
        {4, "Nuvaxovid", {2022, 4, 19}, 20, "XM5JC5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct vrx_vaccine *vaccine = vrx_vaccine_find(rows[i].id);
        assert_non_null(vaccine);
        assert_ptr_equal(vrx_vaccine_at(i), vaccine);
        assert_string_equal(vaccine->product_en, rows[i].product);
        assert_int_equal(vrx_date_compare(vaccine->approved, rows[i].approved), 0);
        assert_int_equal(vaccine->interval_days, rows[i].interval);
        assert_string_equal(vaccine->icd11, rows[i].icd11);
        assert_int_equal(vaccine->primary_doses, 2);
        assert_string_equal(vaccine->disease, "840539006");
    }
    assert_null(vrx_vaccine_find(0));
    assert_null(vrx_vaccine_find(5));
    assert_null(vrx_vaccine_at(4));
}

static void no_name_means_two_products(void **state) {
    (void)state;
    for (size_t i = 0; vrx_vaccine_at(i); i++) {
        const struct vrx_vaccine *vaccine = vrx_vaccine_at(i);
        assert_int_equal(matched(vaccine->vrs_name), vaccine->id);
        for (size_t at = 0; at < VRX_VACCINE_ALIASES && vaccine->alias[at]; at++)
            assert_int_equal(matched(vaccine->alias[at]), vaccine->id);
        assert_true(strlen(vaccine->product_ja) > 0 && strlen(vaccine->manufacturer_en) > 0);
        assert_true(strlen(vaccine->manufacturer_ja) > 0);
    }
}

/* The file of the EU's value sets, NUL-terminated; NULL where it is absent. */
static char *read_value_sets(const char *name) {
    const char *folder = getenv("VRX_VECTORS");
    char path[4096];
    snprintf(path, sizeof path, "%s/eu-dcc/%s", folder ? folder : "../shared/vectors", name);
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

/* The entry of this key, cut off at its closing brace. */
static char *entry(char *text, const char *key) {
    char quoted[128];
    snprintf(quoted, sizeof quoted, "\"%s\": {", key);
    char *start = strstr(text, quoted);
    assert_non_null(start);
    char *end = strchr(start, '}');
    assert_non_null(end);
    *end = '\0';
    return start;
}

static void codes_are_those_of_the_eu_encoding_instructions(void **state) {
    (void)state;
    for (size_t i = 0; vrx_vaccine_at(i); i++) {
        const struct vrx_vaccine *vaccine = vrx_vaccine_at(i);
        char *instructions = read_value_sets("vaccine-encoding-instructions.json");
        if (!instructions)
            skip();
        const char *found = entry(instructions, vaccine->product_en);
        assert_non_null(strstr(found, vaccine->product));
        assert_non_null(strstr(found, vaccine->holder));
        assert_non_null(strstr(found, vaccine->prophylaxis));
        free(instructions);
    }
}

static void codes_are_active_in_the_eu_value_sets(void **state) {
    (void)state;
    for (size_t i = 0; vrx_vaccine_at(i); i++) {
        const struct vrx_vaccine *vaccine = vrx_vaccine_at(i);
        const char *const sets[][2] = {
            {"disease-agent-targeted.json", vaccine->disease},
            {"vaccine-prophylaxis.json", vaccine->prophylaxis},
            {"vaccine-medicinal-product.json", vaccine->product},
            {"vaccine-mah-manf.json", vaccine->holder},
        };
        for (size_t at = 0; at < 4; at++) {
            char *set = read_value_sets(sets[at][0]);
            if (!set)
                skip();
            assert_non_null(strstr(entry(set, sets[at][1]), "\"active\": true"));
            free(set);
        }
    }
}

static void intervals_count_the_days_between(void **state) {
    (void)state;
    const struct vrx_vaccine *comirnaty = vrx_vaccine_find(1);
    const struct vrx_vaccine *spikevax = vrx_vaccine_find(2);
    struct vrx_date first = {2021, 6, 1};
    assert_false(
        vrx_vaccine_interval_kept(comirnaty, first, comirnaty, (struct vrx_date){2021, 6, 19}));
    assert_true(
        vrx_vaccine_interval_kept(comirnaty, first, comirnaty, (struct vrx_date){2021, 6, 20}));
    assert_false(
        vrx_vaccine_interval_kept(spikevax, first, spikevax, (struct vrx_date){2021, 6, 21}));
    assert_true(
        vrx_vaccine_interval_kept(spikevax, first, spikevax, (struct vrx_date){2021, 6, 22}));
    assert_false(
        vrx_vaccine_interval_kept(comirnaty, first, spikevax, (struct vrx_date){2021, 6, 28}));
    assert_true(
        vrx_vaccine_interval_kept(comirnaty, first, spikevax, (struct vrx_date){2021, 6, 29}));
    assert_false(
        vrx_vaccine_interval_kept(comirnaty, first, comirnaty, (struct vrx_date){2021, 5, 1}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_vrs),
        cmocka_unit_test(widths_cases_and_spaces_do_not_matter),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(numbers_stay),
        cmocka_unit_test(no_name_means_two_products),
        cmocka_unit_test(codes_are_those_of_the_eu_encoding_instructions),
        cmocka_unit_test(codes_are_active_in_the_eu_value_sets),
        cmocka_unit_test(intervals_count_the_days_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
