/* SPDX-License-Identifier: Apache-2.0
 *
 * libconfuse tells an error to a function without a context of ours, hence the one buffer.
 */
#include "vrxd/config_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/files.h"

static char told[VRXD_LIMIT_WRONG / 2];
static int told_line;

__attribute__((format(printf, 2, 0))) static void tell(
    cfg_t *file, const char *format, va_list arguments) {
    if (told[0]) /* the first is what is wrong; the rest follows from it */
        return;
    told_line = file ? file->line : 0;
    vsnprintf(told, sizeof told, format, arguments);
}

static void say(char wrong[VRXD_LIMIT_WRONG], const char *path, int line, const char *what) {
    char where[16] = "";
    if (line)
        snprintf(where, sizeof where, ":%d", line);
    /* A long path is cut at its beginning: the end says which file it is. */
    const size_t len = strlen(path);
    const size_t shown = VRXD_LIMIT_WRONG / 3;
    snprintf(
        wrong, VRXD_LIMIT_WRONG, "%s%s: %s", len > shown ? path + len - shown : path, where, what);
}

/* The file as a string: bounded before it is parsed, without a NUL inside. */
static char *read_text(const char *path, char wrong[VRXD_LIMIT_WRONG]) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_file_read(path, VRXD_LIMIT_CONFIG, &bytes);
    if (vrx_is_ok(result) && bytes.len && memchr(bytes.ptr, '\0', bytes.len))
        result = vrx_fail(VRX_INPUT_TEXT);
    char *text = vrx_is_ok(result) ? malloc(bytes.len + 1) : NULL;
    if (!text) {
        say(wrong, path, 0, vrx_reason_name(vrx_is_ok(result) ? VRX_OUT_OF_MEMORY : result.reason));
        return NULL;
    }
    if (bytes.len)
        memcpy(text, bytes.ptr, bytes.len);
    text[bytes.len] = '\0';
    return text;
}

static cfg_t *new_file(const struct vrxd_config_name *names, size_t count) {
    cfg_opt_t *options = calloc(count + 1, sizeof *options);
    if (!options)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const cfg_opt_t one = CFG_STR(names[i].name, NULL, CFGF_NODEFAULT);
        const cfg_opt_t list = CFG_STR_LIST(names[i].name, NULL, CFGF_NODEFAULT);
        options[i] = names[i].list ? list : one;
    }
    options[count] = (cfg_opt_t)CFG_END();
    cfg_t *file = cfg_init(options, CFGF_NONE); /* copies them */
    free(options);
    return file;
}

bool vrxd_config_read(const char *path, const struct vrxd_config_name *names, size_t count,
    cfg_t **ret_file, char wrong[VRXD_LIMIT_WRONG]) {
    char *text = read_text(path, wrong);
    if (!text)
        return false;
    cfg_t *file = new_file(names, count);
    told[0] = '\0';
    told_line = 0;
    int status = CFG_PARSE_ERROR;
    if (file) {
        cfg_set_error_function(file, tell);
        status = cfg_parse_buf(file, text);
    }
    free(text);
    if (status == CFG_SUCCESS) {
        *ret_file = file;
        return true;
    }
    say(wrong, path, told_line, file ? told : vrx_reason_name(VRX_OUT_OF_MEMORY));
    if (file)
        cfg_free(file);
    return false;
}
