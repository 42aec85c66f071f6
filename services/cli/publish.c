/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx pki publish`: what verifiers fetch, as files for any web server (pki/publish.h). Both lists
 * are verified first, so that nothing is published that nobody would take.
 */
#include "pki/publish.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "files/files.h"
#include "pki/pki.h"

struct publishing {
    struct vrx_arena arena;
    struct vrx_public_key *authority;
    struct vrx_buffer trust_message;
    struct vrx_trust_list *trust;
    struct vrx_buffer revocation_message;
    struct vrx_revocation_list *revocations;
    struct vrx_certificate **signers;
    size_t signer_count;
};

static void publishing_done(struct publishing *publishing) {
    for (size_t i = 0; i < publishing->signer_count; i++)
        vrx_certificate_free(&publishing->signers[i]);
    vrx_revocation_list_free(&publishing->revocations);
    vrx_trust_list_free(&publishing->trust);
    vrx_buffer_done(&publishing->revocation_message);
    vrx_buffer_done(&publishing->trust_message);
    vrx_public_key_free(&publishing->authority);
    vrx_arena_done(&publishing->arena);
}

static struct vrx_result read_lists(
    const struct vrx_arguments *arguments, struct publishing *publishing, const char **ret_file) {
    *ret_file = vrx_argument(arguments, "authority");
    VRX_TRY(vrx_cli_certificate_key(*ret_file, &publishing->authority));
    *ret_file = vrx_argument(arguments, "trust-list");
    VRX_TRY(vrx_file_read(*ret_file, VRX_LIMIT_CBOR_BYTES, &publishing->trust_message));
    VRX_TRY(vrx_trust_list_parse(vrx_buffer_view(&publishing->trust_message), publishing->authority,
        vrx_cli_now(), &publishing->trust));
    *ret_file = vrx_argument(arguments, "revocation-list");
    VRX_TRY(vrx_file_read(*ret_file, VRX_LIMIT_CBOR_BYTES, &publishing->revocation_message));
    VRX_TRY(vrx_revocation_list_parse(vrx_buffer_view(&publishing->revocation_message),
        publishing->authority, &publishing->revocations));
    if (vrx_cli_now() > vrx_revocation_list_dating(publishing->revocations).next_update)
        return vrx_refuse(VRX_TRUST_LIST_EXPIRED, "revocation_list.cddl: its next update is past");
    return vrx_ok();
}

static struct vrx_result read_signers(
    const struct vrx_arguments *arguments, struct publishing *publishing, const char **ret_file) {
    const size_t count = vrx_argument_count(arguments, "signer");
    publishing->signers =
        vrx_arena_alloc_array(&publishing->arena, count, sizeof *publishing->signers);
    if (!publishing->signers)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        *ret_file = vrx_argument_at(arguments, "signer", i);
        VRX_TRY(vrx_pki_read_certificate(*ret_file, &publishing->signers[i]));
        publishing->signer_count++;
    }
    return vrx_ok();
}

static struct vrx_result publish(const struct vrx_arguments *arguments,
    struct publishing *publishing, size_t *ret_files, const char **ret_file) {
    vrx_arena_init(&publishing->arena, 0);
    VRX_TRY(read_lists(arguments, publishing, ret_file));
    VRX_TRY(read_signers(arguments, publishing, ret_file));
    *ret_file = vrx_argument(arguments, "out");
    const struct vrx_publication publication = {
        .folder = *ret_file,
        .trust_message = vrx_buffer_view(&publishing->trust_message),
        .trust = publishing->trust,
        .revocation_message = vrx_buffer_view(&publishing->revocation_message),
        .revocations = publishing->revocations,
        .signers = publishing->signers,
        .signer_count = publishing->signer_count,
    };
    return vrx_pki_publish(&publication, ret_files);
}

static int run_publish(const struct vrx_arguments *arguments) {
    struct publishing publishing VRX_CLEANUP(publishing_done) = {0};
    const char *file = NULL;
    size_t files = 0;
    struct vrx_result result = publish(arguments, &publishing, &files, &file);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(file, result);
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
        vrx_json_object(&json);
        vrx_json_text(&json, "folder", file);
        vrx_json_number(&json, "files", files);
        return vrx_json_print(&json);
    }
    printf("%s: %zu files / ファイル\n", file, files);
    return VRX_EXIT_OK;
}

static const struct vrx_option publish_options[] = {
    {"authority", "FILE", true, false, "certificate of the authority that signed the two lists",
        "二つのリストの署名機関の証明書"},
    {"trust-list", "FILE", true, false, "the signed trust list", "署名済み信頼リスト"},
    {"revocation-list", "FILE", true, false, "the signed revocation list", "署名済み失効リスト"},
    {"signer", "FILE", true, true, "a signer of our SMART Health Cards: its keys are published",
        "SMART Health Card の署名者の証明書"},
    {"out", "FOLDER", true, false, "for a web server, as https://ISSUER/",
        "出力先フォルダー（ウェブサーバーで公開）"},
    {0},
};

const struct vrx_command vrx_cli_publish_commands[] = {
    {"pki publish", false,
        "write what verifiers fetch: both lists, jwks.json, crl/KID.json, as static files",
        "検証者向けのファイル一式を書き出す", publish_options, run_publish},
    {0},
};
