/* SPDX-License-Identifier: Apache-2.0
 *
 * services/rules/match.c: every row of its table, on both sides of each boundary, and which of
 * several doses here a dose is held against.
 */
#include "rules/match.h"

#include "support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

struct brief {
    uint8_t month, day;
    uint64_t product;
    const char *lot;
    uint64_t number;
    const char *by;
};

static struct vrx_dose_item item_of(const struct brief *brief) {
    struct vrx_dose_item item = {
        .administered_on = {2021, brief->month, brief->day},
        .product = brief->product,
        .dose_number = brief->number,
        .lot = vrx_view_text(brief->lot),
    };
    assert_ok(vrx_municipality_code_parse(vrx_view_text(brief->by), &item.administered_by));
    return item;
}

/* Here: the second dose, on 15 July. */
static const struct brief ours = {7, 15, 1, "EW4811", 2, "011002"};

static const struct {
    struct brief theirs;
    enum vrx_match match;
} cases[] = {
    {{7, 15, 1, "EW4811", 2, "011002"}, VRX_MATCH_SAME},
    {{7, 15, 1, "", 2, "011002"}, VRX_MATCH_SAME},
    {{7, 15, 1, "EW4811", 2, "192015"}, VRX_MATCH_ADMINISTRATOR},
    {{7, 15, 1, "", 3, "192015"}, VRX_MATCH_ADMINISTRATOR},
    {{7, 15, 1, "EW4811", 1, "011002"}, VRX_MATCH_NUMBER},
    {{7, 15, 1, "", 3, "011002"}, VRX_MATCH_NUMBER},
    {{7, 15, 1, "FA7338", 2, "011002"}, VRX_MATCH_LOT},
    {{7, 15, 1, "FA7338", 3, "192015"}, VRX_MATCH_LOT},
    {{7, 15, 2, "EW4811", 2, "011002"}, VRX_MATCH_PRODUCT},
    {{7, 15, 2, "", 1, "192015"}, VRX_MATCH_PRODUCT},
    {{7, 16, 1, "EW4811", 2, "011002"}, VRX_MATCH_DATE},
    {{7, 14, 1, "EW4811", 2, "011002"}, VRX_MATCH_DATE},
    {{7, 21, 2, "EW4811", 3, "192015"}, VRX_MATCH_DATE},
    {{7, 9, 1, "EW4811", 1, "011002"}, VRX_MATCH_DATE},
    {{7, 21, 1, "FA7338", 3, "011002"}, VRX_MATCH_INTERVAL},
    {{7, 9, 1, "", 2, "011002"}, VRX_MATCH_INTERVAL},
    {{7, 22, 1, "EW4811", 2, "011002"}, VRX_MATCH_SAME_NUMBER},
    {{7, 8, 2, "FA7338", 2, "192015"}, VRX_MATCH_SAME_NUMBER},
    {{7, 22, 1, "EW4811", 1, "011002"}, VRX_MATCH_ORDER},
    {{7, 8, 1, "EW4811", 3, "011002"}, VRX_MATCH_ORDER},
    {{7, 22, 1, "EW4811", 3, "011002"}, VRX_MATCH_NONE},
    {{7, 8, 1, "EW4811", 1, "011002"}, VRX_MATCH_NONE},
    {{12, 1, 2, "", 9, "192015"}, VRX_MATCH_NONE},
};

static void every_row_of_the_table(void **state) {
    (void)state;
    const struct vrx_dose_item here = item_of(&ours);
    unsigned met = 0;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct vrx_dose_item theirs = item_of(&cases[i].theirs);
        const enum vrx_match found = vrx_match_pair(&theirs, &here);
        if (found != cases[i].match)
            fail_msg("case %zu: %d, expected %d", i, (int)found, (int)cases[i].match);
        met |= 1u << found;
    }
    assert_int_equal(met, (1u << (VRX_MATCH_ORDER + 1)) - 1);
}

/* It makes no difference who sent and who has it. */
static void disagreement_has_no_direction(void **state) {
    (void)state;
    const struct vrx_dose_item here = item_of(&ours);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct vrx_dose_item theirs = item_of(&cases[i].theirs);
        assert_int_equal(vrx_match_pair(&theirs, &here), vrx_match_pair(&here, &theirs));
    }
}

static void words_for_people_make_no_other_dose(void **state) {
    (void)state;
    struct vrx_dose_item here = item_of(&ours);
    struct vrx_dose_item theirs = here;
    here.venue = vrx_view_text("中央区民センター");
    theirs.venue = vrx_view_text("札幌市コミュニティドーム");
    theirs.physician = vrx_view_text("北海 花子");
    theirs.ticket = vrx_view_text("1234567890");
    assert_int_equal(vrx_match_pair(&theirs, &here), VRX_MATCH_SAME);
}

static void a_lot_that_is_not_known_here_disagrees_with_nothing(void **state) {
    (void)state;
    struct vrx_dose_item here = item_of(&ours);
    const struct vrx_dose_item theirs = here;
    here.lot = (struct vrx_view){0};
    assert_int_equal(vrx_match_pair(&theirs, &here), VRX_MATCH_SAME);
}

static enum vrx_match among(
    const struct brief *theirs, const struct brief *list, size_t count, size_t *ret_at) {
    struct vrx_dose_item items[8];
    const struct vrx_dose_item *pointers[8];
    const struct vrx_dose_item item = item_of(theirs);
    for (size_t i = 0; i < count; i++) {
        items[i] = item_of(&list[i]);
        pointers[i] = &items[i];
    }
    return vrx_match_among(&item, pointers, count, ret_at);
}

static void the_closest_dose_counts(void **state) {
    (void)state;
    static const struct brief here[] = {{6, 24, 1, "EW4811", 1, "011002"},
        {7, 15, 1, "EW4811", 2, "011002"}, {12, 1, 2, "3004667", 3, "011002"}};
    static const struct {
        struct brief theirs;
        enum vrx_match match;
        size_t at;
    } rows[] = {
        {{7, 15, 1, "EW4811", 2, "011002"}, VRX_MATCH_SAME, 1},
        {{6, 24, 1, "", 1, "011002"}, VRX_MATCH_SAME, 0},
        {{7, 15, 1, "FA7338", 1, "011002"}, VRX_MATCH_LOT, 1}, /* not the first, of that number */
        {{7, 18, 1, "EW4811", 1, "011002"}, VRX_MATCH_DATE, 1},
        {{9, 1, 1, "EW4811", 3, "011002"}, VRX_MATCH_SAME_NUMBER, 2},
        {{9, 1, 1, "EW4811", 4, "011002"}, VRX_MATCH_ORDER, 2},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t at = 99;
        assert_int_equal(among(&rows[i].theirs, here, 3, &at), rows[i].match);
        assert_int_equal(at, rows[i].at);
    }
    size_t at = 99;
    const struct brief fourth = {12, 28, 1, "", 4, "192015"};
    assert_int_equal(among(&fourth, here, 3, &at), VRX_MATCH_NONE);
    assert_int_equal(among(&fourth, here, 0, &at), VRX_MATCH_NONE);
    assert_int_equal(at, 99);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_table),
        cmocka_unit_test(disagreement_has_no_direction),
        cmocka_unit_test(words_for_people_make_no_other_dose),
        cmocka_unit_test(a_lot_that_is_not_known_here_disagrees_with_nothing),
        cmocka_unit_test(the_closest_dose_counts),
    };
    return cmocka_run_group_tests_name("rules/match", tests, NULL, NULL);
}
