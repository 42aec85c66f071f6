/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are never copied or printed back beyond what is wrong with them: an argument may be a
 * person's name. Secrets are not taken on the command line at all.
 */
#include "cli/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct vrx_option vrx_connection_options[] = {
    {"server", "HOST:PORT", true, false, "the daemon", "接続先"},
    {"terminal", "DIR", true, false,
        "this terminal's folder: certificate.pem, key.pem, ca.pem (made by vrx pki terminal); "
        "session, while somebody is logged in",
        "端末のフォルダー"},
    {"operator", "ID", false, false,
        "who logs in, for vrx login. Later the session says it; where nobody logs in, at a health "
        "system's and the platform's terminals, the name for the audit ledger",
        "vrx login でログインする操作者の ID。ログイン後は不要。健康管理システムと運営者の端末では"
        "監査台帳に記録する操作者名"},
    {0},
};

static const struct vrx_option json_option = {
    "json", NULL, false, false, "machine-readable output", "JSON で出力"};

struct value {
    const char *name;
    const char *text;
};

struct vrx_arguments {
    const struct vrx_command *command;
    size_t count;
    struct value *values;
};

static const struct vrx_option *find_in(const struct vrx_option *options, const char *name) {
    for (; options && options->name; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

static const struct vrx_option *find_option(const struct vrx_command *command, const char *name) {
    const struct vrx_option *found = find_in(command->options, name);
    if (!found && command->connects)
        found = find_in(vrx_connection_options, name);
    if (!found && strcmp(name, json_option.name) == 0)
        found = &json_option;
    return found;
}

size_t vrx_argument_count(const struct vrx_arguments *arguments, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < arguments->count; i++)
        count += strcmp(arguments->values[i].name, name) == 0;
    return count;
}

const char *vrx_argument_at(const struct vrx_arguments *arguments, const char *name, size_t index) {
    for (size_t i = 0; i < arguments->count; i++)
        if (strcmp(arguments->values[i].name, name) == 0 && index-- == 0)
            return arguments->values[i].text;
    return NULL;
}

const char *vrx_argument(const struct vrx_arguments *arguments, const char *name) {
    return vrx_argument_at(arguments, name, 0);
}

bool vrx_argument_given(const struct vrx_arguments *arguments, const char *name) {
    return vrx_argument_count(arguments, name) > 0;
}

bool vrx_argument_json(const struct vrx_arguments *arguments) {
    return vrx_argument_given(arguments, json_option.name);
}

static void help_option(const struct vrx_option *option) {
    if (option->name[0])
        printf("  --%s%s%s%s\n", option->name, option->value ? " " : "",
            option->value ? option->value : "", option->required ? "  (required)" : "");
    else
        printf("  %s%s\n", option->value, option->required ? "  (required)" : "");
    printf("        %s%s\n        %s\n", option->en, option->repeated ? "; may be given again" : "",
        option->ja);
}

static void help_command(const struct vrx_command *command) {
    printf("vrx %s\n  %s\n  %s\n\n", command->words, command->en, command->ja);
    for (const struct vrx_option *option = command->options; option && option->name; option++)
        help_option(option);
    for (const struct vrx_option *option = vrx_connection_options;
         command->connects && option->name; option++)
        help_option(option);
    help_option(&json_option);
}

static void help_all(const struct vrx_command *const *themes) {
    printf("vrx - the Vaccination Record eXchange at your desk / 接種記録交換システム\n\n"
           "usage: vrx COMMAND [OPTIONS]     vrx COMMAND --help\n\n");
    for (; *themes; themes++)
        for (const struct vrx_command *command = *themes; command->words; command++)
            printf("  %-24s %s\n  %-24s %s\n", command->words, command->en, "", command->ja);
    printf("\nExit status: 0 done, 1 refused, 2 wrong usage, 3 something failed.\n"
           "終了コード: 0 完了、1 拒否、2 使い方の誤り、3 障害\n");
}

/* How many words of argv the command's words are; 0 when they differ. */
static int match_words(const char *words, int argc, char **argv) {
    int used = 0;
    while (*words) {
        size_t len = strcspn(words, " ");
        if (used == argc || strlen(argv[used]) != len || strncmp(argv[used], words, len) != 0)
            return 0;
        used++;
        words += len + (words[len] == ' ');
    }
    return used;
}

static int wrong(const struct vrx_command *command, const char *what, const char *name) {
    fprintf(stderr, "vrx %s: %s %s%s; see vrx %s --help\n", command->words, what,
        name[0] ? "--" : "", name[0] ? name : "argument", command->words);
    return VRX_EXIT_USAGE;
}

/* One option or plain argument at argv[*at]. */
static int take(struct vrx_arguments *arguments, int argc, char **argv, int *at) {
    const struct vrx_command *command = arguments->command;
    const char *word = argv[*at];
    const char *name = strncmp(word, "--", 2) == 0 ? word + 2 : "";
    const struct vrx_option *option = find_option(command, name);
    if (!option)
        return wrong(command, "there is no", name);
    if (!option->repeated && vrx_argument_given(arguments, option->name))
        return wrong(command, "given twice:", name);
    const char *text = word;
    if (name[0] && option->value) {
        if (++*at == argc)
            return wrong(command, "a value is missing for", name);
        text = argv[*at];
    }
    arguments->values[arguments->count++] = (struct value){option->name, text};
    ++*at;
    return VRX_EXIT_OK;
}

static int check_required(const struct vrx_arguments *arguments, const struct vrx_option *options) {
    for (; options && options->name; options++)
        if (options->required && !vrx_argument_given(arguments, options->name))
            return wrong(arguments->command, "missing:", options->name);
    return VRX_EXIT_OK;
}

static int run_command(const struct vrx_command *command, int argc, char **argv) {
    struct vrx_arguments arguments = {.command = command};
    arguments.values = calloc((size_t)argc + 1, sizeof *arguments.values);
    if (!arguments.values)
        return VRX_EXIT_FAILED;
    int status = VRX_EXIT_OK;
    bool help = false;
    for (int at = 0; at < argc && status == VRX_EXIT_OK && !help;) {
        help = strcmp(argv[at], "--help") == 0;
        if (!help)
            status = take(&arguments, argc, argv, &at);
    }
    if (help) {
        help_command(command);
        status = VRX_EXIT_OK;
    } else {
        if (status == VRX_EXIT_OK)
            status = check_required(&arguments, command->options);
        if (status == VRX_EXIT_OK && command->connects)
            status = check_required(&arguments, vrx_connection_options);
        if (status == VRX_EXIT_OK)
            status = command->run(&arguments);
    }
    free(arguments.values);
    return status;
}

int vrx_cli_run(int argc, char **argv, const struct vrx_command *const *themes) {
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help_all(themes);
        return argc < 2 ? VRX_EXIT_USAGE : VRX_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("vrx %s\n", VRX_VERSION);
        return VRX_EXIT_OK;
    }
    for (; *themes; themes++)
        for (const struct vrx_command *command = *themes; command->words; command++) {
            int used = match_words(command->words, argc - 1, argv + 1);
            if (used)
                return run_command(command, argc - 1 - used, argv + 1 + used);
        }
    fprintf(stderr, "vrx: there is no command %s; see vrx --help\n", argv[1]);
    return VRX_EXIT_USAGE;
}
