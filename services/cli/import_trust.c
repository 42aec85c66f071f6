/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx pki import-trust`: whom others trust, as files that a person can look at before they go on a
 * trust list (vrx pki trust-list --foreign). What is refused is said, with its reason.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/encode.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "files/files.h"
#include "formats/foreign/foreign_list.h"
#include "pki/pki.h"

/* What is read, and by whom it is judged. */
struct importing {
    struct vrx_arena arena;
    struct vrx_certificate **authorities;
    size_t authority_count;
    struct vrx_foreign_entry *entries;
    size_t count;
    size_t authorities_taken;
    size_t signers_taken;
};

static void importing_done(struct importing *importing) {
    for (size_t i = 0; i < importing->authority_count; i++)
        vrx_certificate_free(&importing->authorities[i]);
    vrx_arena_done(&importing->arena);
}

static struct vrx_result read_authorities(
    const struct vrx_arguments *arguments, struct importing *importing, const char **ret_file) {
    const size_t count = vrx_argument_count(arguments, "csca");
    importing->authorities =
        vrx_arena_alloc_array(&importing->arena, count, sizeof *importing->authorities);
    if (!importing->authorities)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        *ret_file = vrx_argument_at(arguments, "csca", i);
        VRX_TRY(vrx_pki_read_certificate(*ret_file, &importing->authorities[i]));
        importing->authority_count++;
    }
    return vrx_ok();
}

static struct vrx_result read_list(
    const struct vrx_arguments *arguments, struct importing *importing, const char **ret_file) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    const bool dcc = vrx_argument_given(arguments, "dcc");
    *ret_file = "--dcc, --did";
    if (dcc == vrx_argument_given(arguments, "did"))
        return vrx_refuse(VRX_INPUT_RANGE, "--dcc or --did: one of the two");
    *ret_file = vrx_argument(arguments, dcc ? "dcc" : "did");
    VRX_TRY(vrx_file_read(*ret_file, VRX_LIMIT_FOREIGN_LIST, &text));
    VRX_TRY(vrx_foreign_list_read(dcc ? VRX_FOREIGN_DCC : VRX_FOREIGN_DID, vrx_buffer_view(&text),
        &importing->arena, &importing->entries, &importing->count));
    return vrx_foreign_list_judge(importing->entries, importing->count, importing->authorities,
        importing->authority_count, vrx_cli_now());
}

/* One that stands there twice is written once. */
static struct vrx_result write_entry(const char *folder, const struct vrx_foreign_entry *entry) {
    struct vrx_certificate *cert VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    char name[sizeof "signer-.pem" + 32];
    char hex[33];
    char path[VRX_CLI_PATH];
    uint8_t digest[32];
    VRX_TRY(vrx_certificate_from_der(entry->der, &cert));
    VRX_TRY(vrx_certificate_sha256(cert, digest));
    VRX_TRY(vrx_certificate_to_pem(cert, &pem));
    vrx_hex_string(vrx_view_of(digest, 16), hex);
    (void)snprintf(name, sizeof name, "%s-%s.pem", entry->authority ? "csca" : "signer", hex);
    VRX_TRY(vrx_folder_path(folder, name, path));
    return vrx_file_replace(path, 0644, vrx_buffer_view(&pem));
}

static struct vrx_result write_all(struct importing *importing, const char *folder) {
    if (mkdir(folder, 0755) != 0)
        return vrx_fail(errno == EEXIST ? VRX_ALREADY_EXISTS : VRX_FILE_REFUSED);
    for (size_t i = 0; i < importing->count; i++) {
        if (!vrx_is_ok(importing->entries[i].refusal))
            continue;
        VRX_TRY(write_entry(folder, &importing->entries[i]));
        if (importing->entries[i].authority)
            importing->authorities_taken++;
        else
            importing->signers_taken++;
    }
    return vrx_ok();
}

static struct vrx_result import(
    const struct vrx_arguments *arguments, struct importing *importing, const char **ret_file) {
    vrx_arena_init(&importing->arena, 0);
    VRX_TRY(read_authorities(arguments, importing, ret_file));
    VRX_TRY(read_list(arguments, importing, ret_file));
    *ret_file = vrx_argument(arguments, "out");
    return write_all(importing, *ret_file);
}

/* ---- what came of it ---- */

static const char *reason_of(const struct vrx_foreign_entry *entry) {
    return entry->refusal.clause ? entry->refusal.clause
                                 : vrx_reason_sentence_en(entry->refusal.reason);
}

static int report_json(const struct importing *importing, const char *out) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
    struct vrx_json refused;
    vrx_json_object(&json);
    vrx_json_text(&json, "folder", out);
    vrx_json_number(&json, "authorities", importing->authorities_taken);
    vrx_json_number(&json, "signers", importing->signers_taken);
    vrx_json_array(&refused);
    for (size_t i = 0; i < importing->count; i++) {
        const struct vrx_foreign_entry *entry = &importing->entries[i];
        struct vrx_json row;
        char name[256];
        if (vrx_is_ok(entry->refusal))
            continue;
        (void)snprintf(name, sizeof name, "%.*s", (int)entry->name.len,
            entry->name.ptr ? (const char *)entry->name.ptr : "");
        vrx_json_object(&row);
        vrx_json_text(&row, "name", name);
        vrx_json_text(&row, "reason", vrx_reason_name(entry->refusal.reason));
        vrx_json_text(&row, "clause", reason_of(entry));
        vrx_json_add(&refused, &row);
    }
    vrx_json_put(&json, "refused", &refused);
    return vrx_json_print(&json);
}

/* Control characters of a foreign list never reach the terminal. */
static int report_text(const struct importing *importing, const char *out) {
    for (size_t i = 0; i < importing->count; i++) {
        const struct vrx_foreign_entry *entry = &importing->entries[i];
        if (vrx_is_ok(entry->refusal))
            continue;
        printf("refused / 除外: ");
        for (size_t at = 0; at < entry->name.len; at++) {
            const uint8_t byte = entry->name.ptr[at];
            putchar(byte < 0x20 || byte >= 0x7f ? '?' : byte);
        }
        printf("  %s\n", reason_of(entry));
    }
    printf("%s: authorities / 認証局 %zu, signers / 署名者 %zu, refused / 除外 %zu\n", out,
        importing->authorities_taken, importing->signers_taken,
        importing->count - importing->authorities_taken - importing->signers_taken);
    return VRX_EXIT_OK;
}

static int run_import(const struct vrx_arguments *arguments) {
    struct importing importing VRX_CLEANUP(importing_done) = {0};
    const char *file = NULL;
    struct vrx_result result = import(arguments, &importing, &file);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(file, result);
    return vrx_argument_json(arguments) ? report_json(&importing, file)
                                        : report_text(&importing, file);
}

static const struct vrx_option import_options[] = {
    {"dcc", "FILE", false, false, "the EU gateway's trust list in JSON", "EU DCC の信頼リスト"},
    {"did", "FILE", false, false, "did.json of WHO's network (GDHCN)",
        "WHO GDHCN の信頼リスト（did.json）"},
    {"csca", "FILE", false, true,
        "an authority whose signers count; without any those of the list itself",
        "信頼する認証局（省略時はリスト内の認証局）"},
    {"out", "FOLDER", true, false, "to write to, for vrx pki trust-list --foreign",
        "出力先フォルダー（vrx pki trust-list --foreign で使用）"},
    {0},
};

const struct vrx_command vrx_cli_import_trust_commands[] = {
    {"pki import-trust", false, "take another's trust list apart, and say what is refused",
        "外国の信頼リストを取り込む（除外したものと理由を表示）", import_options, run_import},
    {0},
};
