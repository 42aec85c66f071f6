/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "files/files.h"

#define FILE_MAX 16384
#define OPTIONS_MAX 64

/* Each option takes "--" and "=" beside its line. */
static char texts[FILE_MAX + 4 * OPTIONS_MAX];
static char *arguments[2 * OPTIONS_MAX];

static const char *find_config(int argc, char **argv) {
    static const char name[] = "--config";
    const size_t len = sizeof name - 1;
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0) {
            if (argv[i][len] == '=')
                return argv[i] + len + 1;
            if (!argv[i][len] && i + 1 < argc)
                return argv[i + 1];
        }
    return NULL;
}

static struct vrx_view trim(struct vrx_view text) {
    while (text.len && isspace(text.ptr[0]))
        text = vrx_view_slice(text, 1, text.len);
    while (text.len && isspace(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* Without its quotes. False: one of them is missing. */
static bool unquote(struct vrx_view *value) {
    const uint8_t quote = value->len ? value->ptr[0] : 0;
    if (quote != '"' && quote != '\'')
        return true;
    if (value->len < 2 || value->ptr[value->len - 1] != quote)
        return false;
    *value = vrx_view_slice(*value, 1, value->len - 2);
    return true;
}

/* "--name=value" at *at, which moves on. */
static bool put_option(struct vrx_view line, char **at) {
    const uint8_t *equals = memchr(line.ptr, '=', line.len);
    if (!equals)
        return false;
    const size_t split = (size_t)(equals - line.ptr);
    const struct vrx_view name = trim(vrx_view_slice(line, 0, split));
    struct vrx_view value = trim(vrx_view_slice(line, split + 1, line.len));
    if (!name.len || !unquote(&value) || memchr(line.ptr, '\0', line.len))
        return false;
    memcpy(*at, "--", 2);
    memcpy(*at + 2, name.ptr, name.len);
    (*at)[2 + name.len] = '=';
    if (value.len)
        memcpy(*at + 3 + name.len, value.ptr, value.len);
    (*at)[3 + name.len + value.len] = '\0';
    *at += 4 + name.len + value.len;
    return true;
}

/* Returns the line that does not read, from 1; 0: all do. */
static unsigned put_all(struct vrx_view rest, int *count) {
    char *at = texts;
    unsigned number = 0;
    while (rest.len) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        const size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
        const struct vrx_view line = trim(vrx_view_slice(rest, 0, len));
        number++;
        if (line.len && line.ptr[0] != '#') {
            arguments[*count] = at;
            if (*count > OPTIONS_MAX || !put_option(line, &at))
                return number;
            ++*count;
        }
        rest = vrx_view_slice(rest, end ? len + 1 : len, rest.len);
    }
    return 0;
}

bool vrx_issuer_config_expand(int argc, char **argv, int *ret_argc, char ***ret_argv) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    const char *path = find_config(argc, argv);
    *ret_argc = argc;
    *ret_argv = argv;
    if (!path)
        return true;
    const struct vrx_result result = vrx_file_read(path, FILE_MAX, &content);
    int count = 1;
    arguments[0] = argv[0];
    const unsigned wrong = put_all(vrx_buffer_view(&content), &count);
    if (!vrx_is_ok(result) || wrong) {
        (void)fprintf(stderr, "vrx-issuer: %s: ", path);
        if (wrong)
            (void)fprintf(stderr, "line %u is not \"name = value\"\n", wrong);
        else
            (void)fprintf(stderr, "%s\n", vrx_reason_sentence_en(result.reason));
        return false;
    }
    if (argc - 1 >= OPTIONS_MAX - 1) {
        (void)fprintf(stderr, "vrx-issuer: too many options\n");
        return false;
    }
    memcpy(&arguments[count], &argv[1], (size_t)(argc - 1) * sizeof *argv);
    *ret_argc = count + argc - 1;
    arguments[*ret_argc] = NULL;
    *ret_argv = arguments;
    return true;
}
