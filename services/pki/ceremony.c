/* SPDX-License-Identifier: Apache-2.0
 *
 * The log is read whole, verified, and written anew with one line more: a ceremony is a rare thing,
 * and a file that is replaced whole is never half a line.
 */
#include "pki/ceremony.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/date.h"
#include "base/encode.h"
#include "crypto/hash.h"
#include "files/files.h"

#define LOG_MAX ((size_t)16 << 20) /* bytes: 40,000 lines at their longest */
#define HEX ((size_t)2 * VRX_CEREMONY_HASH)

struct vrx_ceremony_log {
    char path[PATH_MAX];
    int held;
    struct vrx_buffer text;
    struct vrx_ceremony_line *lines;
    size_t count;
};

static const char *const names[VRX_CEREMONY_ACTS] = {
    [VRX_CEREMONY_MADE] = "made",
    [VRX_CEREMONY_SIGNED] = "signed",
    [VRX_CEREMONY_RENEWED] = "renewed",
    [VRX_CEREMONY_REVOKED] = "revoked",
    [VRX_CEREMONY_LISTED] = "listed",
};

const char *vrx_ceremony_act_name(enum vrx_ceremony_act act) {
    return act > 0 && act < VRX_CEREMONY_ACTS ? names[act] : "unknown";
}

/* ---- lines ---- */

static struct vrx_view take_word(struct vrx_view *rest) {
    const uint8_t *space = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;
    const size_t len = space ? (size_t)(space - rest->ptr) : rest->len;
    const struct vrx_view word = vrx_view_slice(*rest, 0, len);
    *rest = vrx_view_slice(*rest, len + 1, SIZE_MAX);
    return word;
}

static bool take_hash(struct vrx_view *rest, uint8_t ret_hash[VRX_CEREMONY_HASH]) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_view word = take_word(rest);
    if (word.len != HEX || !vrx_is_ok(vrx_hex_decode(word, &bytes)))
        return false;
    memcpy(ret_hash, bytes.ptr, VRX_CEREMONY_HASH);
    return true;
}

static bool take_act(struct vrx_view *rest, enum vrx_ceremony_act *ret_act) {
    const struct vrx_view word = take_word(rest);
    for (unsigned act = VRX_CEREMONY_MADE; act < VRX_CEREMONY_ACTS; act++)
        if (vrx_view_equal(word, vrx_view_text(names[act]))) {
            *ret_act = (enum vrx_ceremony_act)act;
            return true;
        }
    return false;
}

static struct vrx_result chain_of(
    const uint8_t *before, struct vrx_view rest, uint8_t ret_chain[VRX_CEREMONY_HASH]) {
    static const uint8_t none[VRX_CEREMONY_HASH] = {0};
    const struct vrx_view parts[] = {vrx_view_of(before ? before : none, VRX_CEREMONY_HASH), rest};
    return vrx_sha256_parts(parts, 2, ret_chain);
}

static struct vrx_result read_line(
    struct vrx_view text, const uint8_t *before, struct vrx_ceremony_line *ret_line) {
    struct vrx_ceremony_line line = {0};
    uint8_t chain[VRX_CEREMONY_HASH];
    struct vrx_view rest = text;
    const bool begins = take_hash(&rest, line.chain);
    VRX_TRY(chain_of(before, rest, chain));
    if (!begins || !vrx_is_ok(vrx_time_parse(take_word(&rest), &line.time)) ||
        !take_act(&rest, &line.act) || !take_hash(&rest, line.key) ||
        !take_hash(&rest, line.object) || !rest.len)
        return vrx_refuse(VRX_FILE_REFUSED, "ceremony.log: chain, time, act, key, object, name");
    if (memcmp(chain, line.chain, sizeof chain) != 0)
        return vrx_refuse(VRX_FILE_REFUSED, "ceremony.log: the chain is broken");
    line.who = rest;
    *ret_line = line;
    return vrx_ok();
}

static size_t count_lines(struct vrx_view text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '\n';
    return count;
}

static struct vrx_result read_lines(struct vrx_ceremony_log *log) {
    struct vrx_view left = vrx_buffer_view(&log->text);
    free(log->lines);
    log->count = 0;
    log->lines = calloc(count_lines(left) + 1, sizeof *log->lines);
    if (!log->lines)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (left.len && left.ptr[left.len - 1] != '\n')
        return vrx_refuse(VRX_FILE_REFUSED, "ceremony.log: its last line is not complete");
    while (left.len) {
        const uint8_t *end = memchr(left.ptr, '\n', left.len);
        const size_t len = end ? (size_t)(end - left.ptr) : left.len;
        const uint8_t *before = log->count ? log->lines[log->count - 1].chain : NULL;
        VRX_TRY(read_line(vrx_view_slice(left, 0, len), before, &log->lines[log->count]));
        log->count++;
        left = vrx_view_slice(left, len + 1, SIZE_MAX);
    }
    return vrx_ok();
}

/* ---- the log ---- */

static struct vrx_result hold(const char *folder, struct vrx_ceremony_log *log) {
    char path[PATH_MAX];
    if ((size_t)snprintf(log->path, PATH_MAX, "%s/ceremony.log", folder) >= PATH_MAX ||
        (size_t)snprintf(path, PATH_MAX, "%s/ceremony.lock", folder) >= PATH_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    log->held = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log->held < 0)
        return vrx_refuse(VRX_NOT_FOUND, "ceremony.log: the CA's folder");
    while (flock(log->held, LOCK_EX) != 0)
        if (errno != EINTR)
            return vrx_fail(VRX_DISK_FAILED);
    return vrx_ok();
}

static struct vrx_result read_log(const char *folder, struct vrx_ceremony_log *log) {
    VRX_TRY(hold(folder, log));
    struct vrx_result result = vrx_file_read(log->path, LOG_MAX, &log->text);
    if (!vrx_is_ok(result) && result.reason != VRX_NOT_FOUND)
        return result;
    return read_lines(log);
}

struct vrx_result vrx_ceremony_open(const char *folder, struct vrx_ceremony_log **ret_log) {
    struct vrx_ceremony_log *log = calloc(1, sizeof *log);
    if (!log)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    log->held = -1;
    struct vrx_result result = read_log(folder, log);
    if (vrx_is_ok(result))
        *ret_log = log;
    else
        vrx_ceremony_close(&log);
    return result;
}

void vrx_ceremony_close(struct vrx_ceremony_log **log) {
    if (!log || !*log)
        return;
    if ((*log)->held >= 0)
        close((*log)->held);
    vrx_buffer_done(&(*log)->text);
    free((*log)->lines);
    free(*log);
    *log = NULL;
}

size_t vrx_ceremony_count(const struct vrx_ceremony_log *log) {
    return log->count;
}

struct vrx_ceremony_line vrx_ceremony_at(const struct vrx_ceremony_log *log, size_t n) {
    return log->lines[n];
}

static struct vrx_result put_hash(const uint8_t hash[VRX_CEREMONY_HASH], struct vrx_buffer *out) {
    VRX_TRY(vrx_hex_encode(vrx_view_of(hash, VRX_CEREMONY_HASH), out));
    return vrx_buffer_append_byte(out, ' ');
}

/* The line behind its chain. */
static struct vrx_result put_rest(const struct vrx_ceremony_line *line, struct vrx_buffer *out) {
    char time[VRX_TIME_TEXT + 1];
    vrx_time_format(line->time, time);
    VRX_TRY(vrx_buffer_append(out, vrx_view_text(time)));
    VRX_TRY(vrx_buffer_append_byte(out, ' '));
    VRX_TRY(vrx_buffer_append(out, vrx_view_text(vrx_ceremony_act_name(line->act))));
    VRX_TRY(vrx_buffer_append_byte(out, ' '));
    VRX_TRY(put_hash(line->key, out));
    VRX_TRY(put_hash(line->object, out));
    const size_t before = out->len;
    for (size_t i = 0; i < line->who.len && i < VRX_CEREMONY_WHO; i++)
        if (line->who.ptr[i] >= 0x20 && line->who.ptr[i] != 0x7f)
            VRX_TRY(vrx_buffer_append_byte(out, line->who.ptr[i]));
    return out->len > before ? vrx_ok()
                             : vrx_refuse(VRX_INPUT_FIELD_MISSING, "ceremony.log: who was there");
}

struct vrx_result vrx_ceremony_note(
    struct vrx_ceremony_log *log, const struct vrx_ceremony_line *line) {
    struct vrx_buffer rest VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t chain[VRX_CEREMONY_HASH];
    const uint8_t *before = log->count ? log->lines[log->count - 1].chain : NULL;
    VRX_TRY(put_rest(line, &rest));
    VRX_TRY(chain_of(before, vrx_buffer_view(&rest), chain));
    VRX_TRY(vrx_buffer_append(&text, vrx_buffer_view(&log->text)));
    VRX_TRY(put_hash(chain, &text));
    VRX_TRY(vrx_buffer_append(&text, vrx_buffer_view(&rest)));
    VRX_TRY(vrx_buffer_append_byte(&text, '\n'));
    if (text.len > LOG_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_file_replace(log->path, 0644, vrx_buffer_view(&text)));
    vrx_buffer_clear(&log->text);
    VRX_TRY(vrx_buffer_append(&log->text, vrx_buffer_view(&text)));
    return read_lines(log);
}
