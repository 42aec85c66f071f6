/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables themselves: what must hold for every command that vrx has.
 */
#include "cli/themes.h"

#include "base/text.h"
#include "cli/args.h"
#include "support/check.h"

static void each_command(void (*check)(const struct vrx_command *command)) {
    size_t count = 0;
    for (const struct vrx_command *const *theme = vrx_cli_themes; *theme; theme++)
        for (const struct vrx_command *command = *theme; command->words; command++, count++)
            check(command);
    assert_true(count > 30);
}

/* Text for people: there, and valid UTF-8; the Japanese one is Japanese. */
static void is_bilingual(const char *whose, const char *en, const char *ja) {
    if (!en || !en[0] || !ja || !ja[0])
        fail_msg("%s: help is missing", whose);
    assert_true(vrx_utf8_valid(vrx_view_text(en)) && vrx_utf8_valid(vrx_view_text(ja)));
    bool japanese = false;
    for (const char *at = ja; *at; at++)
        japanese = japanese || (*at & 0x80);
    if (!japanese)
        fail_msg("%s: \"%s\" is not Japanese", whose, ja);
}

static void command_is_bilingual(const struct vrx_command *command) {
    is_bilingual(command->words, command->en, command->ja);
    assert_non_null(command->run);
    for (const struct vrx_option *option = command->options; option && option->name; option++)
        is_bilingual(command->words, option->en, option->ja);
}

static void every_command_and_option_has_both_languages(void **state) {
    (void)state;
    each_command(command_is_bilingual);
    for (const struct vrx_option *option = vrx_connection_options; option->name; option++)
        is_bilingual("connection", option->en, option->ja);
}

/* True where all words of a stand at the start of b's. */
static bool begins(const char *a, const char *b) {
    size_t len = strlen(a);
    return strncmp(a, b, len) == 0 && (b[len] == '\0' || b[len] == ' ');
}

static const struct vrx_command *present;
static bool passed; /* the present one stands before */

/* The first that fits is taken, so "backup list" stands before "backup". */
static void differs_from_present(const struct vrx_command *command) {
    if (passed && begins(present->words, command->words))
        fail_msg("vrx %s hides vrx %s", present->words, command->words);
    passed = passed || command == present;
}

static void differs_from_all(const struct vrx_command *command) {
    present = command;
    passed = false;
    each_command(differs_from_present);
}

static void no_command_hides_another(void **state) {
    (void)state;
    each_command(differs_from_all);
}

static bool connection_has(const char *name) {
    for (const struct vrx_option *option = vrx_connection_options; option->name; option++)
        if (strcmp(option->name, name) == 0)
            return true;
    return false;
}

static void options_are_sound(const struct vrx_command *command) {
    for (const struct vrx_option *option = command->options; option && option->name; option++) {
        for (const struct vrx_option *other = command->options; other != option; other++)
            if (strcmp(option->name, other->name) == 0)
                fail_msg("vrx %s: --%s stands twice", command->words, option->name);
        if (strcmp(option->name, "json") == 0 || strcmp(option->name, "help") == 0 ||
            (command->connects && connection_has(option->name)))
            fail_msg("vrx %s: --%s is everybody's", command->words, option->name);
        if (!option->value && (option->required || option->repeated))
            fail_msg("vrx %s: the switch --%s is on or off", command->words, option->name);
        if (!option->name[0] && !option->value)
            fail_msg("vrx %s: an argument has a value", command->words);
    }
}

static void no_option_stands_twice(void **state) {
    (void)state;
    each_command(options_are_sound);
}

/* What other users of the machine see in the list of processes. */
static void takes_no_secret(const struct vrx_command *command) {
    static const char *const secrets[] = {
        "number", "individual-number", "document", "key", "pin", "password", "token"};
    for (const struct vrx_option *option = command->options; option && option->name; option++)
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
            if (strcmp(option->name, secrets[i]) == 0 &&
                (!option->value || strcmp(option->value, "FILE") != 0))
                fail_msg("vrx %s: --%s belongs into a file", command->words, option->name);
}

static void no_secret_stands_on_the_command_line(void **state) {
    (void)state;
    each_command(takes_no_secret);
}

static void residents_are_named_one_way(const struct vrx_command *command) {
    bool addressee = false;
    bool number = false;
    for (const struct vrx_option *option = command->options; option && option->name; option++) {
        addressee = addressee || strcmp(option->name, "addressee") == 0;
        number = number || strcmp(option->name, "number-file") == 0;
    }
    if (addressee != number)
        fail_msg("vrx %s: --addressee and --number-file go together", command->words);
}

static void every_resident_can_be_named_both_ways(void **state) {
    (void)state;
    each_command(residents_are_named_one_way);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_and_option_has_both_languages),
        cmocka_unit_test(no_command_hides_another),
        cmocka_unit_test(no_option_stands_twice),
        cmocka_unit_test(no_secret_stands_on_the_command_line),
        cmocka_unit_test(every_resident_can_be_named_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
