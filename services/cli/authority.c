/* SPDX-License-Identifier: Apache-2.0
 *
 * The platform authority: its key, and how what it signs is dated, signed and written. What it
 * signs is in directory.c and permits.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cli/folder.h"
#include "cli/law.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "objects/dated_key.h"
#include "pki/pki.h"

#define SECONDS_A_DAY 86400
#define LONGEST_DAYS 3660

void vrx_cli_authority_done(struct vrx_cli_authority *authority) {
    vrx_private_key_free(&authority->key);
}

struct vrx_result vrx_cli_authority_read(
    const char *folder, struct vrx_cli_authority *ret_authority) {
    char path[VRX_CLI_PATH];
    VRX_TRY(vrx_folder_path(folder, "key.pem", path));
    VRX_TRY(vrx_pki_read_key(path, &ret_authority->key));
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_private_key_public(ret_authority->key, &key));
    return vrx_public_key_kid(key, ret_authority->kid);
}

struct vrx_result vrx_cli_certificate_key(const char *file, struct vrx_public_key **ret_key) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_pki_read_certificate(file, &certificate));
    VRX_TRY(vrx_public_key_to_spki(vrx_certificate_key(certificate), &spki));
    return vrx_public_key_from_spki(vrx_buffer_view(&spki), ret_key);
}

struct vrx_result vrx_cli_dating_read(
    const struct vrx_arguments *arguments, struct vrx_cli_dating *ret_dating) {
    return vrx_cli_dating_after(arguments, NULL, ret_dating);
}

struct vrx_result vrx_cli_dating_after(const struct vrx_arguments *arguments,
    const uint64_t *previous, struct vrx_cli_dating *ret_dating) {
    char *version_end = NULL;
    char *days_end = NULL;
    const char *version_text = vrx_argument(arguments, "version");
    const char *days_text = vrx_argument(arguments, "days");
    if (!version_text && !previous)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "--version: of the first table");
    long long version = version_text ? strtoll(version_text, &version_end, 10) : 0;
    long days = strtol(days_text, &days_end, 10);
    if (version_text && (!*version_text || *version_end || version < 1))
        return vrx_refuse(VRX_INPUT_RANGE, "--version: from 1 on");
    if (!*days_text || *days_end || days < 1 || days > LONGEST_DAYS)
        return vrx_refuse(VRX_INPUT_RANGE, "--days: 1 to 3660");
    if (version_text && previous && (uint64_t)version <= *previous)
        return vrx_refuse(VRX_DIRECTORY_STALE, "--version: ascends");
    int64_t now = vrx_cli_now();
    *ret_dating = (struct vrx_cli_dating){
        version_text ? (uint64_t)version : *previous + 1, now, now + (int64_t)days * SECONDS_A_DAY};
    return vrx_ok();
}

struct vrx_result vrx_cli_law_sign(const struct vrx_arguments *arguments,
    const struct vrx_object_schema *schema, const void *object) {
    struct vrx_cli_authority authority VRX_CLEANUP(vrx_cli_authority_done) = {0};
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_cli_authority_read(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_object_sign(
        schema, object, authority.key, vrx_view_of(authority.kid, VRX_KID), &message));
    return vrx_file_replace(vrx_argument(arguments, "out"), 0644, vrx_buffer_view(&message));
}

struct vrx_result vrx_cli_law_read(const struct vrx_arguments *arguments, const char *file,
    const struct vrx_object_schema *schema, struct vrx_arena *arena, void *ret_object) {
    struct vrx_cli_authority authority VRX_CLEANUP(vrx_cli_authority_done) = {0};
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_cli_authority_read(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_private_key_public(authority.key, &key));
    VRX_TRY(vrx_file_read(file, VRX_LIMIT_CBOR_BYTES, &message));
    return vrx_object_verify_pinned(schema, vrx_buffer_view(&message), key, arena, ret_object);
}

int vrx_cli_law_report(
    const struct vrx_arguments *arguments, const char *what, struct vrx_result result) {
    const char *out = vrx_argument(arguments, "out");
    if (!vrx_is_ok(result))
        return vrx_print_refusal(out, result);
    if (vrx_argument_json(arguments))
        printf("{\"%s\": \"%s\"}\n", what, out);
    else
        printf("signed the %s: %s\n", what, out);
    return VRX_EXIT_OK;
}

/* ---- init ---- */

static int run_init(const struct vrx_arguments *arguments) {
    const char *out = vrx_argument(arguments, "out");
    char certificate[VRX_CLI_PATH];
    char key[VRX_CLI_PATH];
    struct vrx_pki_order order = {
        .profile = VRX_PROFILE_PLATFORM_CA,
        .common_name = vrx_view_text("VRX platform authority"),
        .days = 3650,
        .certificate = certificate,
        .key = key,
    };
    struct vrx_result result = vrx_folder_make(out);
    if (vrx_is_ok(result))
        result = vrx_folder_path(out, "certificate.pem", certificate);
    if (vrx_is_ok(result))
        result = vrx_folder_path(out, "key.pem", key);
    if (vrx_is_ok(result))
        result = vrx_pki_make(&order, vrx_cli_now(), vrx_random_system());
    return vrx_cli_law_report(arguments, "authority", result);
}

/* ---- the table ---- */

static const struct vrx_option init_options[] = {
    {"out", "DIR", true, false, "folder to write to", "出力先フォルダー"}, {0}};

const struct vrx_command vrx_cli_authority_commands[] = {
    {"authority init", false, "make the platform authority's key and certificate",
        "署名機関の鍵を作る", init_options, run_init},
    {0},
};
