/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are read from arguments, and arguments are made by args.c: each case is a command line.
 */
#include "cli/values.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "capture.h"
#include "cli/args.h"
#include "support/check.h"

static struct {
    struct vrx_value_id id;
    uint64_t number;
    unsigned choice;
    struct vrx_value_items items;
    struct vrx_value_resident resident;
} read_as;

static int run_id(const struct vrx_arguments *arguments) {
    return vrx_value_id(arguments, "id", &read_as.id);
}

static int run_number(const struct vrx_arguments *arguments) {
    return vrx_value_number(arguments, "n", 1, 366, 30, &read_as.number);
}

static int run_any_number(const struct vrx_arguments *arguments) {
    return vrx_value_number(arguments, "n", 0, UINT64_MAX, 0, &read_as.number);
}

static int run_choice(const struct vrx_arguments *arguments) {
    return vrx_value_choice(arguments, "kind", 0, vrx_terminal_kind_choices, &read_as.choice);
}

static int run_items(const struct vrx_arguments *arguments) {
    return vrx_value_items(arguments, &read_as.items);
}

static int run_resident(const struct vrx_arguments *arguments) {
    return vrx_value_resident(arguments, &read_as.resident);
}

static int run_municipality(const struct vrx_arguments *arguments) {
    return vrx_value_municipality("from", vrx_argument(arguments, "from"));
}

static int run_text(const struct vrx_arguments *arguments) {
    assert_string_equal(vrx_value_text(arguments, "name"), "");
    assert_string_equal(vrx_value_text(arguments, "from"), "x");
    assert_string_equal(vrx_value_text_at(arguments, "from", 1), "");
    return VRX_EXIT_OK;
}

static const struct vrx_option options[] = {
    {"id", "ID", false, false, "id", "識別子"},
    {"n", "N", false, false, "number", "数"},
    {"kind", "KIND", false, false, "kind", "種別"},
    {"from", "CODE", false, false, "from", "団体"},
    {"name", "TEXT", false, false, "name", "名"},
    VRX_ITEM_OPTION,
    VRX_RESIDENT_OPTIONS,
    {0},
};
static const struct vrx_option without_items[] = {
    {"id", "ID", false, false, "id", "識別子"},
    {"n", "N", false, false, "number", "数"},
    {"kind", "KIND", false, false, "kind", "種別"},
    {"from", "CODE", false, false, "from", "団体"},
    {"name", "TEXT", false, false, "name", "名"},
    VRX_RESIDENT_OPTIONS,
    {0},
};

static const struct vrx_command commands[] = {
    {"id", false, "id", "識別子", without_items, run_id},
    {"number", false, "number", "数", without_items, run_number},
    {"any", false, "number", "数", without_items, run_any_number},
    {"choice", false, "choice", "種別", without_items, run_choice},
    {"items", false, "items", "項目", options, run_items},
    {"resident", false, "resident", "住民", without_items, run_resident},
    {"municipality", false, "municipality", "団体", without_items, run_municipality},
    {"text", false, "text", "文", without_items, run_text},
    {0},
};
static const struct vrx_command *const themes[] = {commands, NULL};

#define RUN(...) run((const char *[]){"vrx", __VA_ARGS__, NULL})

static char complaint[65536];
static int run(const char *const *words) {
    char copies[16][128];
    char *argv[17] = {0};
    int argc = 0;
    for (; words[argc]; argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", words[argc]);
        argv[argc] = copies[argc];
    }
    static struct capture err;
    memset(&read_as, 0, sizeof read_as);
    capture_begin(&err, STDERR_FILENO);
    int status = vrx_cli_run(argc, argv, themes);
    snprintf(complaint, sizeof complaint, "%s", capture_end(&err));
    return status;
}

static void an_identifier_has_32_hexadecimal_digits(void **state) {
    (void)state;
    assert_int_equal(RUN("id", "--id", "000102030405060708090a0b0c0d0eFF"), VRX_EXIT_OK);
    assert_hex(read_as.id.bytes, VRX_ID, "000102030405060708090a0b0c0d0eff");
    ProtobufCBinaryData field = vrx_value_id_field(&read_as.id);
    assert_int_equal(field.len, VRX_ID);
    assert_ptr_equal(field.data, read_as.id.bytes);
    assert_int_equal(RUN("id", "--id", "000102030405060708090a0b0c0d0e"), VRX_EXIT_USAGE);
    assert_int_equal(RUN("id", "--id", "000102030405060708090a0b0c0d0e0f00"), VRX_EXIT_USAGE);
    assert_int_equal(RUN("id", "--id", "000102030405060708090a0b0c0d0e0g"), VRX_EXIT_USAGE);
    assert_int_equal(RUN("id"), VRX_EXIT_USAGE);
}

static void a_number_is_decimal_and_in_its_range(void **state) {
    (void)state;
    assert_int_equal(RUN("number"), VRX_EXIT_OK);
    assert_int_equal(read_as.number, 30);
    assert_int_equal(RUN("number", "--n", "366"), VRX_EXIT_OK);
    assert_int_equal(read_as.number, 366);
    static const char *const wrong[] = {
        "0", "367", "-1", "+1", " 1", "1 ", "0x1", "", "1e2", "18446744073709551617"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(RUN("number", "--n", wrong[i]), VRX_EXIT_USAGE);
    assert_int_equal(RUN("any", "--n", "18446744073709551615"), VRX_EXIT_OK);
    assert_true(read_as.number == UINT64_MAX);
    assert_int_equal(RUN("any", "--n", "18446744073709551616"), VRX_EXIT_USAGE);
}

static void a_choice_is_one_of_its_words(void **state) {
    (void)state;
    assert_int_equal(RUN("choice", "--kind", "health-system"), VRX_EXIT_OK);
    assert_int_equal(read_as.choice, VRX__V1__TERMINAL_KIND__TERMINAL_KIND_HEALTH_SYSTEM);
    assert_int_equal(RUN("choice", "--kind", "Counter"), VRX_EXIT_USAGE);
    assert_non_null(strstr(complaint, "  counter  窓口\n"));
    assert_int_equal(RUN("choice", "--kind", ""), VRX_EXIT_USAGE);
    assert_int_equal(RUN("choice"), VRX_EXIT_USAGE);
}

static void items_are_named_once_each(void **state) {
    (void)state;
    assert_int_equal(RUN("items", "--item", "lot", "--item", "dose"), VRX_EXIT_OK);
    assert_int_equal(read_as.items.count, 2);
    assert_int_equal(read_as.items.item[0], VRX__V1__DATA_ITEM__DATA_ITEM_LOT);
    assert_int_equal(read_as.items.item[1], VRX__V1__DATA_ITEM__DATA_ITEM_DOSE);
    assert_int_equal(RUN("items", "--item", "lot", "--item", "lot"), VRX_EXIT_USAGE);
    assert_int_equal(RUN("items", "--item", "name"), VRX_EXIT_USAGE);
}

static void a_municipality_code_has_its_check_digit(void **state) {
    (void)state;
    assert_int_equal(RUN("municipality", "--from", "011002"), VRX_EXIT_OK);
    assert_int_equal(RUN("municipality", "--from", "011003"), VRX_EXIT_USAGE);
    assert_int_equal(RUN("municipality", "--from", "01100"), VRX_EXIT_USAGE);
}

static void what_was_not_given_is_the_empty_text(void **state) {
    (void)state;
    assert_int_equal(RUN("text", "--from", "x"), VRX_EXIT_OK);
}

/* A file with this content; its name is static. */
static const char *file_with(const char *content) {
    static char path[] = "/tmp/vrx-test-values-XXXXXX";
    memcpy(path + strlen(path) - 6, "XXXXXX", 6);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    return path;
}

static int run_with_file(const char *content) {
    const char *path = file_with(content);
    int status = RUN("resident", "--number-file", path);
    unlink(path);
    return status;
}

static int run_with_standard_input(const char *content) {
    const char *path = file_with(content);
    int saved = dup(STDIN_FILENO);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(dup2(fileno(file), STDIN_FILENO), STDIN_FILENO);
    int status = RUN("resident", "--number-file", "-");
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    close(saved);
    fclose(file);
    unlink(path);
    return status;
}

static void a_resident_is_named_by_addressee_number(void **state) {
    (void)state;
    assert_int_equal(RUN("resident", "--addressee", "000500001"), VRX_EXIT_OK);
    assert_int_equal(read_as.resident.key.key_case, VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER);
    assert_string_equal(read_as.resident.key.addressee_number, "500001");
    assert_int_equal(RUN("resident", "--addressee", "1234567890123456"), VRX_EXIT_USAGE);
    assert_int_equal(RUN("resident", "--addressee", "12x"), VRX_EXIT_USAGE);
}

static void a_resident_is_named_by_a_file_with_the_number(void **state) {
    (void)state;
    static const char *const right[] = {"123456789018", "123456789018\n", "123456789018\r\n"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        assert_int_equal(run_with_file(right[i]), VRX_EXIT_OK);
        assert_int_equal(
            read_as.resident.key.key_case, VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER);
        assert_string_equal(read_as.resident.key.individual_number, "123456789018");
        assert_int_equal(run_with_standard_input(right[i]), VRX_EXIT_OK);
        assert_string_equal(read_as.resident.key.individual_number, "123456789018");
    }
    vrx_value_resident_clear(&read_as.resident);
    assert_string_equal(read_as.resident.number.digits, "");
}

static void a_wrong_number_is_refused_and_not_repeated(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "123456789011\n", "12345678901\n", "123456789018\n1", "123456789018 ", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(run_with_file(wrong[i]), VRX_EXIT_USAGE);
        assert_null(strstr(complaint, "1234"));
        assert_int_equal(run_with_standard_input(wrong[i]), VRX_EXIT_USAGE);
    }
    char large[8192];
    memset(large, '1', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    assert_int_equal(run_with_file(large), VRX_EXIT_FAILED);
    assert_int_equal(run_with_standard_input(large), VRX_EXIT_FAILED);
    assert_int_equal(RUN("resident", "--number-file", "/nowhere/at/all"), VRX_EXIT_FAILED);
}

static void a_resident_is_named_in_exactly_one_way(void **state) {
    (void)state;
    assert_int_equal(RUN("resident"), VRX_EXIT_USAGE);
    assert_int_equal(
        RUN("resident", "--addressee", "1", "--number-file", "/dev/null"), VRX_EXIT_USAGE);
}

static void an_instant_is_a_day_in_japan_or_a_time(void **state) {
    (void)state;
    int64_t time = 7;
    assert_ok(vrx_value_instant("2021-10-12", false, &time));
    assert_int_equal(time, 1633964400); /* 2021-10-11T15:00:00Z */
    assert_ok(vrx_value_instant("2021-10-12", true, &time));
    assert_int_equal(time, 1633964400 + 86399);
    assert_ok(vrx_value_instant("2021-10-12T03:04:05Z", true, &time));
    assert_int_equal(time, 1634007845);
    assert_reason(vrx_value_instant("2021-02-29", true, &time), VRX_DATE_INVALID);
    assert_reason(vrx_value_instant("2021-10-12T03:04:05+0", true, &time), VRX_INPUT_MALFORMED);
    assert_reason(vrx_value_instant("tomorrow", true, &time), VRX_INPUT_MALFORMED);
    assert_reason(vrx_value_instant("", true, &time), VRX_INPUT_MALFORMED);
    assert_int_equal(time, 1634007845);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_identifier_has_32_hexadecimal_digits),
        cmocka_unit_test(a_number_is_decimal_and_in_its_range),
        cmocka_unit_test(an_instant_is_a_day_in_japan_or_a_time),
        cmocka_unit_test(a_choice_is_one_of_its_words),
        cmocka_unit_test(items_are_named_once_each),
        cmocka_unit_test(a_municipality_code_has_its_check_digit),
        cmocka_unit_test(what_was_not_given_is_the_empty_text),
        cmocka_unit_test(a_resident_is_named_by_addressee_number),
        cmocka_unit_test(a_resident_is_named_by_a_file_with_the_number),
        cmocka_unit_test(a_wrong_number_is_refused_and_not_repeated),
        cmocka_unit_test(a_resident_is_named_in_exactly_one_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
