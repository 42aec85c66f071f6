/* SPDX-License-Identifier: Apache-2.0
 *
 * Renewing and revoking. The record is text, for people and for `vrx pki crl`:
 *
 *     4b1d…e7 1795276500 1 窓口3番
 */
#include "pki/revoke.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/text.h"
#include "files/files.h"

#define RECORD_MAX ((size_t)16 << 20) /* bytes: 100,000 lines of 160 */
#define NUMBER_MAX ((size_t)32)
#define DAY ((int64_t)86400)
#define CLIENT_AUTH "1.3.6.1.5.5.7.3.2"

/* A CA's folder, held while something in it changes. */
struct ca {
    const char *folder;
    int held;
    struct vrx_certificate *certificate;
    struct vrx_private_key *key;
    struct vrx_buffer record;
};

static struct vrx_result path_in(const char *folder, const char *name, char path[PATH_MAX]) {
    if ((size_t)snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    return vrx_ok();
}

/* A file that may not be there yet. */
static struct vrx_result read_if_there(const char *path, size_t limit, struct vrx_buffer *out) {
    struct vrx_result result = vrx_file_read(path, limit, out);
    return result.reason == VRX_NOT_FOUND ? vrx_ok() : result;
}

static struct vrx_result hold(struct ca *ca) {
    ca->held = open(ca->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ca->held < 0)
        return vrx_refuse(VRX_NOT_FOUND, "--ca: the CA's folder");
    if (flock(ca->held, LOCK_EX | LOCK_NB) != 0)
        return vrx_refuse(VRX_CAP_REACHED, "the CA's folder is in use");
    return vrx_ok();
}

static struct vrx_result ca_open(const char *folder, struct ca *ca) {
    char path[PATH_MAX];
    *ca = (struct ca){.folder = folder, .held = -1};
    VRX_TRY(hold(ca));
    VRX_TRY(path_in(folder, "certificate.pem", path));
    VRX_TRY(vrx_pki_read_certificate(path, &ca->certificate));
    VRX_TRY(path_in(folder, "key.pem", path));
    VRX_TRY(vrx_pki_read_key(path, &ca->key));
    VRX_TRY(path_in(folder, "revoked", path));
    return read_if_there(path, RECORD_MAX, &ca->record);
}

static void ca_close(struct ca *ca) {
    vrx_certificate_free(&ca->certificate);
    vrx_private_key_free(&ca->key);
    vrx_buffer_done(&ca->record);
    if (ca->held >= 0)
        close(ca->held);
}

/* ---- the record ---- */

/* The next word of a line, or what is left of it. */
static struct vrx_view take_word(struct vrx_view *rest) {
    const uint8_t *space = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;
    const size_t len = space ? (size_t)(space - rest->ptr) : rest->len;
    const struct vrx_view word = vrx_view_slice(*rest, 0, len);
    *rest = vrx_view_slice(*rest, len + 1, SIZE_MAX);
    return word;
}

static bool take_number(struct vrx_view *rest, int64_t *ret_number) {
    const struct vrx_view word = take_word(rest);
    int64_t number = 0;
    if (!vrx_text_is_digits(word, 1, 12))
        return false;
    for (size_t i = 0; i < word.len; i++)
        number = 10 * number + (word.ptr[i] - '0');
    *ret_number = number;
    return true;
}

static struct vrx_result read_line(struct vrx_view line, struct vrx_revocation *ret_revocation) {
    struct vrx_revocation revocation = {0};
    struct vrx_buffer serial VRX_CLEANUP(vrx_buffer_done) = {0};
    int64_t reason = 0;
    struct vrx_result hex = vrx_hex_decode(take_word(&line), &serial);
    if (!vrx_is_ok(hex) || !serial.len || serial.len > VRX_SERIAL_MAX ||
        !take_number(&line, &revocation.time) || !take_number(&line, &reason) || reason > 10)
        return vrx_refuse(VRX_FILE_REFUSED, "revoked: serial number, seconds, reason, name");
    memcpy(revocation.serial.bytes, serial.ptr, serial.len);
    revocation.serial.len = serial.len;
    revocation.reason = (enum vrx_revocation_reason)reason;
    *ret_revocation = revocation;
    return vrx_ok();
}

/* All of it; the caller frees the array. */
static struct vrx_result read_record(
    const struct ca *ca, struct vrx_revocation **ret_list, size_t *ret_count) {
    struct vrx_view left = vrx_buffer_view(&ca->record);
    size_t lines = 0;
    size_t count = 0;
    for (size_t i = 0; i < left.len; i++)
        lines += left.ptr[i] == '\n';
    struct vrx_revocation *list = calloc(lines + 1, sizeof *list);
    struct vrx_result result = list ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
    if (left.len && left.ptr[left.len - 1] != '\n')
        result = vrx_refuse(VRX_FILE_REFUSED, "revoked: its last line is not complete");
    while (left.len && vrx_is_ok(result)) {
        const uint8_t *end = memchr(left.ptr, '\n', left.len);
        const size_t len = end ? (size_t)(end - left.ptr) : left.len;
        result = read_line(vrx_view_slice(left, 0, len), &list[count++]);
        left = vrx_view_slice(left, len + 1, SIZE_MAX);
    }
    if (!vrx_is_ok(result)) {
        free(list);
        return result;
    }
    *ret_list = list;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result is_on_record(
    const struct ca *ca, const struct vrx_certificate *certificate, bool *ret_there) {
    struct vrx_serial serial;
    struct vrx_revocation *list = NULL;
    size_t count = 0;
    bool there = false;
    VRX_TRY(vrx_certificate_serial(certificate, &serial));
    VRX_TRY(read_record(ca, &list, &count));
    for (size_t i = 0; i < count && !there; i++)
        there = list[i].serial.len == serial.len &&
                memcmp(list[i].serial.bytes, serial.bytes, serial.len) == 0;
    free(list);
    *ret_there = there;
    return vrx_ok();
}

/* The name is for people: nothing in it ends a line. */
static struct vrx_result append_line(struct ca *ca, const struct vrx_certificate *certificate,
    enum vrx_revocation_reason reason, int64_t now) {
    struct vrx_serial serial;
    char text[64];
    const struct vrx_view name = vrx_certificate_common_name(certificate);
    VRX_TRY(vrx_certificate_serial(certificate, &serial));
    VRX_TRY(vrx_hex_encode(vrx_view_of(serial.bytes, serial.len), &ca->record));
    (void)snprintf(text, sizeof text, " %lld %u ", (long long)now, (unsigned)reason);
    VRX_TRY(vrx_buffer_append(&ca->record, vrx_view_text(text)));
    for (size_t i = 0; i < name.len; i++)
        VRX_TRY(vrx_buffer_append_byte(
            &ca->record, name.ptr[i] < 0x20 || name.ptr[i] == 0x7f ? '?' : name.ptr[i]));
    return vrx_buffer_append_byte(&ca->record, '\n');
}

struct vrx_result vrx_pki_revoke(const char *folder, const struct vrx_certificate *certificate,
    enum vrx_revocation_reason reason, int64_t now) {
    struct ca ca VRX_CLEANUP(ca_close);
    char path[PATH_MAX];
    bool there = false;
    VRX_TRY(ca_open(folder, &ca));
    VRX_TRY(vrx_certificate_issued_by(certificate, ca.certificate));
    VRX_TRY(is_on_record(&ca, certificate, &there));
    if (there)
        return vrx_refuse(VRX_ALREADY_EXISTS, "the certificate is revoked already");
    VRX_TRY(append_line(&ca, certificate, reason, now));
    if (ca.record.len > RECORD_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(path_in(folder, "revoked", path));
    return vrx_file_replace(path, 0644, vrx_buffer_view(&ca.record));
}

/* ---- the list ---- */

static struct vrx_result read_number(const char *path, uint64_t *ret_number) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(read_if_there(path, NUMBER_MAX, &text));
    struct vrx_view digits = vrx_buffer_view(&text);
    uint64_t number = 0;
    if (digits.len && digits.ptr[digits.len - 1] == '\n')
        digits.len--;
    if (text.len && !vrx_text_is_digits(digits, 1, 18))
        return vrx_refuse(VRX_FILE_REFUSED, "crl-number: a number");
    for (size_t i = 0; i < digits.len; i++)
        number = 10 * number + (uint64_t)(digits.ptr[i] - '0');
    *ret_number = number;
    return vrx_ok();
}

/* Durable before it is signed with: a list that is lost leaves a gap and no second one of its
 * number. */
static struct vrx_result next_number(const struct ca *ca, uint64_t *ret_number) {
    char path[PATH_MAX];
    char text[NUMBER_MAX];
    uint64_t number = 0;
    VRX_TRY(path_in(ca->folder, "crl-number", path));
    VRX_TRY(read_number(path, &number));
    (void)snprintf(text, sizeof text, "%llu\n", (unsigned long long)++number);
    VRX_TRY(vrx_file_replace(path, 0644, vrx_view_text(text)));
    *ret_number = number;
    return vrx_ok();
}

static struct vrx_result make_crl(
    const struct ca *ca, struct vrx_crl_request *request, struct vrx_buffer *pem) {
    struct vrx_revocation *list = NULL;
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = NULL;
    VRX_TRY(read_record(ca, &list, &request->revoked_count));
    request->revoked = list;
    struct vrx_result result = next_number(ca, &request->number);
    if (vrx_is_ok(result))
        result = vrx_crl_make(request, ca->certificate, ca->key, &crl);
    free(list);
    VRX_TRY(result);
    return vrx_crl_to_pem(crl, pem);
}

struct vrx_result vrx_pki_make_crl(
    const char *folder, int64_t now, int64_t seconds, struct vrx_crl_made *ret_made) {
    struct ca ca VRX_CLEANUP(ca_close);
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_crl_request request = {.this_update = now, .next_update = now + seconds};
    char path[PATH_MAX];
    VRX_TRY(ca_open(folder, &ca));
    if (seconds < 1 || seconds > VRX_PKI_DAYS_MAX * DAY)
        return vrx_refuse(VRX_INPUT_RANGE, "pki.h: days of validity");
    VRX_TRY(make_crl(&ca, &request, &pem));
    VRX_TRY(path_in(folder, "crl.pem", path));
    VRX_TRY(vrx_file_replace(path, 0644, vrx_buffer_view(&pem)));
    *ret_made = (struct vrx_crl_made){request.number, request.revoked_count, request.next_update};
    return vrx_ok();
}

/* ---- renewal ---- */

static struct vrx_result make_next(const struct ca *ca, const struct vrx_certificate *before,
    const struct vrx_pki_renewal *renewal, int64_t now, const struct vrx_random *random,
    struct vrx_buffer *pem) {
    struct vrx_certificate *next VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_certificate_request request = {
        .profile = VRX_PROFILE_TERMINAL,
        .subject_key = vrx_certificate_key(before),
        .common_name = vrx_certificate_common_name(before),
        .not_before = now,
        .not_after = now + renewal->seconds - 1, /* inclusive (RFC 5280 §4.1.2.5) */
    };
    VRX_TRY(vrx_random_fill(random, request.serial, sizeof request.serial));
    VRX_TRY(vrx_certificate_make(&request, ca->certificate, ca->key, &next));
    return vrx_certificate_to_pem(next, pem);
}

static struct vrx_result may_renew(const struct ca *ca, const struct vrx_certificate *before) {
    bool revoked = false;
    VRX_TRY(vrx_certificate_issued_by(before, ca->certificate));
    if (!vrx_certificate_has_eku(before) || !vrx_certificate_eku(before, CLIENT_AUTH))
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 5280 §4.2.1.12: clientAuth");
    VRX_TRY(is_on_record(ca, before, &revoked));
    return revoked ? vrx_refuse(VRX_WRONG_STATE, "it was revoked: make one with another key")
                   : vrx_ok();
}

struct vrx_result vrx_pki_renew(
    const struct vrx_pki_renewal *renewal, int64_t now, const struct vrx_random *random) {
    struct ca ca VRX_CLEANUP(ca_close);
    struct vrx_certificate *before VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(ca_open(renewal->ca, &ca));
    if (renewal->seconds < 1 || renewal->seconds > VRX_PKI_DAYS_MAX * DAY)
        return vrx_refuse(VRX_INPUT_RANGE, "pki.h: days of validity");
    VRX_TRY(vrx_pki_read_certificate(renewal->certificate, &before));
    VRX_TRY(may_renew(&ca, before));
    VRX_TRY(make_next(&ca, before, renewal, now, random, &pem));
    return strcmp(renewal->out, renewal->certificate) == 0
               ? vrx_file_replace(renewal->out, 0644, vrx_buffer_view(&pem))
               : vrx_file_create(renewal->out, 0644, vrx_buffer_view(&pem));
}
