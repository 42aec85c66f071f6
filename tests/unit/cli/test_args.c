/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"

#include "capture.h"
#include "support/check.h"

/* What the last command that ran was given. */
static struct {
    unsigned runs;
    char file[64];
    char name[64];
    size_t tags;
    char second_tag[64];
    bool quick;
    bool json;
} seen;

static void keep(char out[64], const char *text) {
    snprintf(out, 64, "%s", text ? text : "(none)");
}

static int run_send(const struct vrx_arguments *arguments) {
    seen.runs++;
    keep(seen.file, vrx_argument(arguments, ""));
    keep(seen.name, vrx_argument(arguments, "name"));
    seen.tags = vrx_argument_count(arguments, "tag");
    keep(seen.second_tag, vrx_argument_at(arguments, "tag", 1));
    seen.quick = vrx_argument_given(arguments, "quick");
    seen.json = vrx_argument_json(arguments);
    return 7;
}

static const struct vrx_option send_options[] = {
    {"", "FILE", true, false, "a file", "ファイル"},
    {"name", "TEXT", false, false, "a name", "名前"},
    {"tag", "TEXT", false, true, "a tag", "札"},
    {"quick", NULL, false, false, "quickly", "速く"},
    {0},
};
static const struct vrx_command first_theme[] = {
    {"box send", false, "send a box", "箱を送る", send_options, run_send},
    {0},
};
static const struct vrx_command second_theme[] = {
    {"box", false, "show a box", "箱を見る", NULL, run_send},
    {"far", true, "ask afar", "遠くに聞く", NULL, run_send},
    {0},
};
static const struct vrx_command *const themes[] = {first_theme, second_theme, NULL};

#define RUN(...) run((const char *[]){"vrx", __VA_ARGS__, NULL})

/* The exit status; standard error is kept. */
static char complaint[65536];
static int run(const char *const *words) {
    char copies[32][128];
    char *argv[33] = {0};
    int argc = 0;
    for (; words[argc]; argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", words[argc]);
        argv[argc] = copies[argc];
    }
    static struct capture out, err;
    memset(&seen, 0, sizeof seen);
    capture_begin(&out, STDOUT_FILENO);
    capture_begin(&err, STDERR_FILENO);
    int status = vrx_cli_run(argc, argv, themes);
    snprintf(complaint, sizeof complaint, "%s", capture_end(&err));
    capture_end(&out);
    return status;
}

static void the_commands_status_is_the_programs(void **state) {
    (void)state;
    assert_int_equal(RUN("box", "send", "a.csv"), 7);
    assert_int_equal(seen.runs, 1);
    assert_string_equal(seen.file, "a.csv");
    assert_string_equal(seen.name, "(none)");
    assert_false(seen.quick || seen.json);
}

static void options_come_in_any_order(void **state) {
    (void)state;
    assert_int_equal(RUN("box", "send", "--tag", "x", "--quick", "a.csv", "--json", "--tag", "--y",
                         "--name", "--quick"),
        7);
    assert_string_equal(seen.file, "a.csv");
    assert_string_equal(seen.name, "--quick");
    assert_int_equal(seen.tags, 2);
    assert_string_equal(seen.second_tag, "--y");
    assert_true(seen.quick && seen.json);
}

static void an_empty_value_is_a_value(void **state) {
    (void)state;
    assert_int_equal(RUN("box", "send", "a.csv", "--name", ""), 7);
    assert_string_equal(seen.name, "");
}

static void a_later_theme_is_found(void **state) {
    (void)state;
    assert_int_equal(RUN("box"), 7);
    assert_int_equal(seen.runs, 1);
}

static void refused(int status, const char *says) {
    assert_int_equal(status, VRX_EXIT_USAGE);
    assert_int_equal(seen.runs, 0);
    if (!strstr(complaint, says))
        fail_msg("\"%s\" does not say \"%s\"", complaint, says);
}

static void usage_is_refused(void **state) {
    (void)state;
    refused(RUN("crate"), "no command crate");
    refused(RUN("box", "send"), "missing: argument");
    refused(RUN("box", "send", "a", "b"), "given twice: argument");
    refused(RUN("box", "send", "a", "--colour", "red"), "no --colour");
    refused(RUN("box", "send", "a", "--name"), "missing for --name");
    refused(RUN("box", "send", "a", "--name", "x", "--name", "y"), "given twice: --name");
    refused(RUN("box", "send", "a", "--quick", "--quick"), "given twice: --quick");
    refused(RUN("box", "a"), "no argument");
    refused(RUN("box", "--server", "h:1"), "no --server");
}

static void a_value_is_not_repeated_in_a_complaint(void **state) {
    (void)state;
    refused(RUN("box", "send", "a", "札幌 花子"), "given twice");
    assert_null(strstr(complaint, "札幌"));
}

static void a_command_that_connects_needs_server_and_terminal(void **state) {
    (void)state;
    refused(RUN("far"), "missing: --server");
    refused(RUN("far", "--server", "h:1"), "missing: --terminal");
    assert_int_equal(
        RUN("far", "--server", "h:1", "--terminal", "d", "--operator", "o", "--json"), 7);
}

static void help_runs_nothing(void **state) {
    (void)state;
    assert_int_equal(RUN("box", "send", "--help"), VRX_EXIT_OK);
    assert_int_equal(RUN("box", "send", "a", "--name", "x", "--help", "--nonsense"), VRX_EXIT_OK);
    assert_int_equal(RUN("--help"), VRX_EXIT_OK);
    assert_int_equal(RUN("help"), VRX_EXIT_OK);
    assert_int_equal(RUN("--version"), VRX_EXIT_OK);
    assert_int_equal(seen.runs, 0);
    const char *nothing[] = {"vrx", NULL};
    assert_int_equal(run(nothing), VRX_EXIT_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_commands_status_is_the_programs),
        cmocka_unit_test(options_come_in_any_order),
        cmocka_unit_test(an_empty_value_is_a_value),
        cmocka_unit_test(a_later_theme_is_found),
        cmocka_unit_test(usage_is_refused),
        cmocka_unit_test(a_value_is_not_repeated_in_a_complaint),
        cmocka_unit_test(a_command_that_connects_needs_server_and_terminal),
        cmocka_unit_test(help_runs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
