/* SPDX-License-Identifier: Apache-2.0
 *
 * The layouts read a whole invented town (tests/support/town.h) and must find exactly the faults
 * that were put into it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "layouts/residents.h"
#include "layouts/vrs.h"
#include "support/town.h"

#define RESIDENTS 3000
#define FAULTS 3
#define KINDS_BY_LAYOUT 23
#define KINDS_BY_VAULT 2

struct found {
    char *text; /* as expected.tsv has it */
    size_t count;
    uint64_t residents;
    uint64_t vaccinations;
    uint64_t doses;
    uint64_t elsewhere;
    char numbers[RESIDENTS][VRX_INDIVIDUAL_NUMBER_DIGITS + 1];
};

static void write_town(char folder[32], uint64_t seed) {
    snprintf(folder, 32, "/tmp/vrx-town-XXXXXX");
    assert_non_null(mkdtemp(folder));
    struct vrx_town_options options = {.municipality = "011002",
        .folder = folder,
        .residents = RESIDENTS,
        .seed = seed,
        .faults = FAULTS};
    assert_true(vrx_is_ok(vrx_town_write(&options)));
}

static void path_of(const char *folder, const char *name, char path[128]) {
    snprintf(path, 128, "%s/%s", folder, name);
}

/* The file's text, NUL-terminated, for the caller to free. */
static char *read_file(const char *folder, const char *name) {
    char path[128];
    path_of(folder, name, path);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t capacity = (size_t)4 << 20;
    char *text = calloc(1, capacity);
    assert_non_null(text);
    assert_true(fread(text, 1, capacity - 1, file) > 0);
    fclose(file);
    return text;
}

static void remove_town(const char *folder) {
    const char *const names[] = {VRX_TOWN_RESIDENTS, VRX_TOWN_VACCINATIONS, VRX_TOWN_EXPECTED};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        path_of(folder, names[i], path);
        unlink(path);
    }
    rmdir(folder);
}

/* Notes one row's faults; true where it has some. */
static bool note(struct found *found, const char *file, const struct vrx_row_errors *errors) {
    for (size_t i = 0; i < errors->count; i++) {
        const struct vrx_row_error *error = &errors->item[i];
        size_t len = strlen(found->text);
        snprintf(found->text + len, 200, "%s\t%lu\t%s\t%s\t%u\tlayout\n", file,
            (unsigned long)error->line, error->field->en, vrx_reason_name(error->reason),
            error->dose);
        found->count++;
    }
    return errors->count > 0;
}

static void take_resident(
    const struct vrx_resident_texts *row, struct vrx_date today, struct found *found) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_row_errors errors;
    struct vrx_resident_values values;
    assert_true(vrx_is_ok(vrx_resident_check(row, today, &arena, &errors, &values)));
    if (note(found, VRX_TOWN_RESIDENTS, &errors))
        return;
    memcpy(found->numbers[found->residents++], values.individual_number.digits,
        sizeof found->numbers[0]);
}

static void take_vaccinations(
    const struct vrx_vaccination_texts *row, struct vrx_date today, struct found *found) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_row_errors errors;
    struct vrx_vaccination_values values;
    assert_true(vrx_is_ok(vrx_vaccination_check(row, today, &arena, &errors, &values)));
    if (note(found, VRX_TOWN_VACCINATIONS, &errors))
        return;
    found->vaccinations++;
    found->doses += values.dose_count;
    for (size_t i = 0; i < values.dose_count; i++)
        found->elsewhere += strcmp(values.doses[i].administered_by.digits, "011002") != 0;
}

static void read_residents(const char *folder, struct vrx_date today, struct found *found) {
    VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
    vrx_residents_init(&residents);
    char *text = read_file(folder, VRX_TOWN_RESIDENTS);
    assert_true(vrx_is_ok(vrx_csv_feed(&residents.csv, vrx_view_text(text))));
    vrx_csv_finish(&residents.csv);
    free(text);
    for (;;) {
        enum vrx_csv_step step;
        struct vrx_resident_texts row;
        struct vrx_row_errors errors;
        assert_true(vrx_is_ok(vrx_residents_next(&residents, &step, &row, &errors)));
        if (step == VRX_CSV_END)
            return;
        if (!note(found, VRX_TOWN_RESIDENTS, &errors))
            take_resident(&row, today, found);
    }
}

static void read_vaccinations(const char *folder, struct vrx_date today, struct found *found) {
    VRX_CLEANUP(vrx_vrs_done) struct vrx_vrs vrs;
    vrx_vrs_init(&vrs);
    char *text = read_file(folder, VRX_TOWN_VACCINATIONS);
    assert_true(vrx_is_ok(vrx_csv_feed(&vrs.csv, vrx_view_text(text))));
    vrx_csv_finish(&vrs.csv);
    free(text);
    for (;;) {
        enum vrx_csv_step step;
        struct vrx_vaccination_texts row;
        struct vrx_row_errors errors;
        assert_true(vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)));
        if (step == VRX_CSV_END)
            return;
        if (!note(found, VRX_TOWN_VACCINATIONS, &errors))
            take_vaccinations(&row, today, found);
    }
}

static struct found *read_town(const char *folder, const char *day) {
    struct found *found = calloc(1, sizeof *found);
    assert_non_null(found);
    found->text = calloc(1, 1 << 20);
    assert_non_null(found->text);
    struct vrx_date today;
    assert_true(vrx_is_ok(vrx_date_parse(vrx_view_text(day), &today)));
    read_residents(folder, today, found);
    read_vaccinations(folder, today, found);
    return found;
}

static void free_found(struct found *found) {
    free(found->text);
    free(found);
}

static uint64_t total(const char *expected, const char *name) {
    char key[64];
    snprintf(key, sizeof key, "# %s\t", name);
    const char *at = strstr(expected, key);
    assert_non_null(at);
    return strtoull(at + strlen(key), NULL, 10);
}

/* Each line that the layouts found is expected, and no expected line was missed. */
static void assert_same_faults(const char *expected, const struct found *found) {
    for (const char *line = found->text; *line;) {
        char copy[256] = "\n";
        size_t len = strcspn(line, "\n") + 1;
        assert_true(len < sizeof copy - 1);
        memcpy(copy + 1, line, len);
        if (!strstr(expected, copy))
            fail_msg("not expected: %s", copy + 1);
        line += len;
    }
    size_t by_layout = 0;
    for (const char *at = expected; (at = strstr(at, "\tlayout\n")); at++)
        by_layout++;
    assert_int_equal(found->count, by_layout);
    assert_int_equal(found->count, FAULTS * KINDS_BY_LAYOUT);
}

static void the_layouts_find_exactly_the_faults(void **state) {
    (void)state;
    char folder[32];
    write_town(folder, 1);
    char *expected = read_file(folder, VRX_TOWN_EXPECTED);
    struct found *found = read_town(folder, VRX_TOWN_LAST_DAY);
    assert_same_faults(expected, found);
    assert_int_equal(found->residents, total(expected, "residents_good"));
    assert_int_equal(found->residents + total(expected, "residents_faulty"), RESIDENTS);
    /* The layouts cannot see the vault's faults: those rows, of two doses, are good to them. */
    uint64_t by_vault = total(expected, "vaccinations_faulty_by_vault");
    assert_int_equal(by_vault, FAULTS * KINDS_BY_VAULT);
    assert_int_equal(found->vaccinations, total(expected, "vaccinations_good") + by_vault);
    assert_int_equal(found->doses, total(expected, "doses_good") + 2 * by_vault);
    assert_int_equal(found->elsewhere, total(expected, "doses_elsewhere"));
    free_found(found);
    free(expected);
    remove_town(folder);
}

static void any_today_between_gives_the_same_faults(void **state) {
    (void)state;
    char folder[32];
    write_town(folder, 1);
    char *expected = read_file(folder, VRX_TOWN_EXPECTED);
    struct found *found = read_town(folder, "2099-12-30");
    assert_same_faults(expected, found);
    free_found(found);
    free(expected);
    remove_town(folder);
}

static int compare_numbers(const void *a, const void *b) {
    return strcmp(a, b);
}

static void a_town_is_like_a_town(void **state) {
    (void)state;
    char folder[32];
    write_town(folder, 7);
    struct found *found = read_town(folder, VRX_TOWN_LAST_DAY);
    assert_string_equal(found->numbers[0], VRX_TOWN_HANAKO_NUMBER);
    assert_string_equal(found->numbers[1], VRX_TOWN_TARO_NUMBER);
    qsort(found->numbers, found->residents, sizeof found->numbers[0], compare_numbers);
    for (size_t i = 1; i < found->residents; i++)
        assert_string_not_equal(found->numbers[i - 1], found->numbers[i]);
    double doses = (double)found->doses / RESIDENTS;
    double elsewhere = (double)found->elsewhere / (double)found->doses;
    assert_true(doses > 2.3 && doses < 2.7);
    assert_true(elsewhere > 0.01 && elsewhere < 0.05);
    free_found(found);
    remove_town(folder);
}

/* The second row's own words: what other tests and demonstrations count on. */
static void the_well_known_are_clean(void **state) {
    (void)state;
    char folder[32];
    write_town(folder, 3);
    VRX_CLEANUP(vrx_vrs_done) struct vrx_vrs vrs;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_vrs_init(&vrs);
    vrx_arena_init(&arena, 0);
    char *text = read_file(folder, VRX_TOWN_VACCINATIONS);
    assert_true(vrx_is_ok(vrx_csv_feed(&vrs.csv, vrx_view_text(text))));
    free(text);
    for (unsigned i = 1; i <= 2; i++) {
        enum vrx_csv_step step;
        struct vrx_vaccination_texts row;
        struct vrx_row_errors errors;
        struct vrx_vaccination_values values;
        assert_true(vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)));
        assert_int_equal(step, VRX_CSV_RECORD);
        assert_int_equal(errors.count, 0);
        struct vrx_date today = {2023, 12, 31};
        assert_true(vrx_is_ok(vrx_vaccination_check(&row, today, &arena, &errors, &values)));
        assert_int_equal(errors.count, 0);
        assert_int_equal(values.addressee_number.digits[0], '0' + i);
        assert_int_equal(values.dose_count, 2);
        for (size_t dose = 0; dose < 2; dose++) {
            assert_int_equal(values.doses[dose].vaccine->id, 1);
            assert_string_equal(values.doses[dose].administered_by.digits, "011002");
        }
        assert_int_equal(
            vrx_date_compare(values.doses[0].administered_on, (struct vrx_date){2021, 6, 1}), 0);
        assert_int_equal(
            vrx_date_compare(values.doses[1].administered_on, (struct vrx_date){2021, 6, 22}), 0);
    }
    remove_town(folder);
}

static void the_same_options_give_the_same_bytes(void **state) {
    (void)state;
    char folders[3][32];
    char *texts[3];
    for (size_t i = 0; i < 3; i++) {
        write_town(folders[i], i == 2 ? 2 : 1);
        texts[i] = read_file(folders[i], VRX_TOWN_VACCINATIONS);
    }
    assert_string_equal(texts[0], texts[1]);
    assert_string_not_equal(texts[0], texts[2]);
    for (size_t i = 0; i < 3; i++) {
        free(texts[i]);
        remove_town(folders[i]);
    }
}

static void options_that_give_no_town(void **state) {
    (void)state;
    struct vrx_town_options good = {
        .municipality = "011002", .folder = "/nonexistent", .residents = RESIDENTS, .seed = 1};
    struct vrx_town_options options = good;
    assert_int_equal(vrx_town_write(&options).reason, VRX_FILE_REFUSED);
    options.municipality = "011003";
    assert_int_equal(vrx_town_write(&options).reason, VRX_CHECK_DIGIT_WRONG);
    options.municipality = "131016"; /* without a file of names */
    assert_int_equal(vrx_town_write(&options).reason, VRX_MUNICIPALITY_UNKNOWN);
    options = good;
    options.residents = VRX_TOWN_RESIDENTS_MIN - 1;
    assert_int_equal(vrx_town_write(&options).reason, VRX_INPUT_RANGE);
    options = good;
    options.faults = RESIDENTS;
    assert_int_equal(vrx_town_write(&options).reason, VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layouts_find_exactly_the_faults),
        cmocka_unit_test(any_today_between_gives_the_same_faults),
        cmocka_unit_test(a_town_is_like_a_town),
        cmocka_unit_test(the_well_known_are_clean),
        cmocka_unit_test(the_same_options_give_the_same_bytes),
        cmocka_unit_test(options_that_give_no_town),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
