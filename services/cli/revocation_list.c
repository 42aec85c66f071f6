/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx pki revocation-list`: the platform authority signs what is revoked, of the parts that
 * municipalities signed, of the lists of others whose certificates verifiers here see, and of the
 * list before. A part counts only as its municipality signed it: by the directory, with a key that
 * was in force when the part was made.
 */
#include "formats/revocation_list.h"

#include <stdio.h>

#include "base/limits.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/law.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "files/files.h"
#include "formats/shc/shc_crl.h"
#include "objects/revocations.h"
#include "pki/pki.h"

#define CLOCKS_APART 300 /* seconds that a municipality's clock may be ahead */

/* What is made, and of what. */
struct making {
    const struct vrx_arguments *arguments;
    struct vrx_cli_authority authority;
    struct vrx_public_key *authority_public;
    struct vrx_arena arena;
    struct vrx_directory directory;
    struct vrx_revocation_set set;
    struct vrx_revocation_list *before; /* NULL: the first list */
    struct vrx_revocation_dating dating;
};

static void making_done(struct making *making) {
    vrx_revocation_list_free(&making->before);
    vrx_revocation_set_done(&making->set);
    vrx_arena_done(&making->arena);
    vrx_public_key_free(&making->authority_public);
    vrx_cli_authority_done(&making->authority);
}

/* Every file of an option, each with its place. On failure *ret_file is the one. */
static struct vrx_result each_file(struct making *making, const char *option, size_t limit,
    struct vrx_result (*take)(struct making *making, struct vrx_view content, size_t at),
    const char **ret_file) {
    for (size_t i = 0; i < vrx_argument_count(making->arguments, option); i++) {
        struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = limit};
        *ret_file = vrx_argument_at(making->arguments, option, i);
        VRX_TRY(vrx_file_read(*ret_file, limit, &content));
        VRX_TRY(take(making, vrx_buffer_view(&content), i));
    }
    return vrx_ok();
}

/* ---- parts ---- */

static struct vrx_result check_part(
    const struct vrx_directory_entry *entry, const struct vrx_revocations *part) {
    if (!vrx_municipality_code_equal(&part->municipality, &entry->code))
        return vrx_refuse(VRX_SENDER_UNKNOWN, "revocations.municipality: another than signed it");
    if (part->as_of < entry->valid_from || part->as_of > entry->valid_until)
        return vrx_refuse(VRX_SENDER_NOT_CURRENT, "directory: the municipality was not valid then");
    if (part->as_of > vrx_cli_now() + CLOCKS_APART)
        return vrx_refuse(VRX_INPUT_RANGE, "revocations.as_of: in the future");
    return vrx_ok();
}

/* By the entry that has the key which the part names. */
static struct vrx_result take_part(struct making *making, struct vrx_view message, size_t at) {
    (void)at;
    struct vrx_view kid = {0};
    struct vrx_revocations part;
    VRX_TRY(vrx_object_kid(message, &kid));
    for (size_t i = 0; i < making->directory.entry_count; i++) {
        const struct vrx_directory_entry *entry = &making->directory.entries[i];
        const struct vrx_dated_keys keys = vrx_directory_signing_keys(entry);
        if (!vrx_dated_key_find(keys, kid))
            continue;
        VRX_TRY(
            vrx_object_verify_by(&vrx_revocations_schema, message, keys, &making->arena, &part));
        VRX_TRY(check_part(entry, &part));
        return vrx_revocation_set_add_hashes(&making->set, part.hashes);
    }
    return vrx_refuse(VRX_KEY_UNKNOWN, "directory: no municipality signs with this key");
}

/* ---- others ---- */

static struct vrx_result take_shc_crl(struct making *making, struct vrx_view text, size_t at) {
    (void)at;
    struct vrx_shc_crl crl;
    return vrx_shc_crl_read(text, &making->set, &crl);
}

/* The list of the authority whose certificate has the same place. A list of ours promises to be
 * right until its next update, which no list in it may end before. */
static struct vrx_result take_crl(struct making *making, struct vrx_view file, size_t at) {
    struct vrx_certificate *csca VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_crls crls VRX_CLEANUP(vrx_crls_done) = {0};
    VRX_TRY(vrx_pki_read_certificate(vrx_argument_at(making->arguments, "csca", at), &csca));
    VRX_TRY(vrx_crls_read(file, &crls));
    for (size_t i = 0; i < crls.count; i++) {
        if (vrx_crl_next_update(crls.list[i]) < making->dating.next_update)
            return vrx_refuse(VRX_INPUT_RANGE,
                "RFC 5280 §5.1.2.5: nextUpdate is before this list's; fewer --days");
        VRX_TRY(vrx_revocation_set_add_crl(&making->set, crls.list[i], csca));
    }
    return vrx_ok();
}

static struct vrx_result take_signer(struct making *making, struct vrx_view pem, size_t at) {
    (void)at;
    struct vrx_certificate *signer VRX_CLEANUP(vrx_certificate_free) = NULL;
    VRX_TRY(vrx_certificate_from_pem(pem, &signer));
    return vrx_revocation_set_add_key(&making->set, vrx_certificate_key(signer));
}

static struct vrx_result take_before(struct making *making, struct vrx_view message, size_t at) {
    (void)at;
    VRX_TRY(vrx_revocation_list_parse(message, making->authority_public, &making->before));
    return vrx_revocation_set_add_list(&making->set, making->before);
}

/* ---- the list ---- */

static struct vrx_result read_dating(struct making *making) {
    struct vrx_cli_dating dating;
    uint64_t version = 0;
    if (making->before)
        version = vrx_revocation_list_dating(making->before).version;
    VRX_TRY(vrx_cli_dating_after(making->arguments, making->before ? &version : NULL, &dating));
    making->dating = (struct vrx_revocation_dating){dating.version, dating.issued, dating.expires};
    return vrx_ok();
}

static struct vrx_result begin(struct making *making, const char **ret_file) {
    const struct vrx_arguments *arguments = making->arguments;
    vrx_arena_init(&making->arena, 0);
    *ret_file = vrx_argument(arguments, "authority");
    VRX_TRY(vrx_cli_authority_read(*ret_file, &making->authority));
    VRX_TRY(vrx_private_key_public(making->authority.key, &making->authority_public));
    *ret_file = vrx_argument(arguments, "directory");
    VRX_TRY(vrx_cli_law_read(
        arguments, *ret_file, &vrx_directory_schema, &making->arena, &making->directory));
    VRX_TRY(each_file(making, "before", VRX_LIMIT_CBOR_BYTES, take_before, ret_file));
    *ret_file = "--version";
    if (vrx_argument_count(arguments, "csca") != vrx_argument_count(arguments, "csca-crl"))
        return vrx_refuse(VRX_INPUT_RANGE, "--csca-crl: one file for each --csca");
    return read_dating(making);
}

static struct vrx_result sign(struct making *making, const char **ret_file) {
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(begin(making, ret_file));
    VRX_TRY(each_file(making, "part", VRX_LIMIT_CBOR_BYTES, take_part, ret_file));
    VRX_TRY(each_file(making, "signer", 4 * VRX_CERTIFICATE_MAX, take_signer, ret_file));
    VRX_TRY(each_file(making, "shc-crl", VRX_LIMIT_SHC_CRL, take_shc_crl, ret_file));
    VRX_TRY(each_file(making, "csca-crl", 2 * VRX_CRL_MAX, take_crl, ret_file));
    *ret_file = vrx_argument(making->arguments, "out");
    VRX_TRY(vrx_revocation_list_sign(&making->set, &making->dating, making->authority.key,
        vrx_view_of(making->authority.kid, sizeof making->authority.kid), &message));
    if (message.len > VRX_LIMIT_CBOR_BYTES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: one CBOR item from outside");
    return vrx_file_replace(*ret_file, 0644, vrx_buffer_view(&message));
}

static int report(const struct making *making, const char *out) {
    const size_t certificates =
        making->set.table[VRX_REVOKED_CERTIFICATES].len / VRX_REVOCATION_HASH;
    const size_t signers = making->set.table[VRX_REVOKED_SIGNERS].len / VRX_REVOCATION_HASH;
    char when[VRX_PRINT_TIME];
    if (vrx_argument_json(making->arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
        vrx_json_object(&json);
        vrx_json_text(&json, "revocation_list", out);
        vrx_json_number(&json, "version", making->dating.version);
        vrx_json_number(&json, "certificates", certificates);
        vrx_json_number(&json, "signers", signers);
        vrx_json_time(&json, "next_update", making->dating.next_update);
        return vrx_json_print(&json);
    }
    vrx_print_time(making->dating.next_update, when);
    printf(
        "signed %s: version / 版 %llu, certificates / 証明書 %zu, signers / 署名者 %zu, next by / "
        "次回 %s\n",
        out, (unsigned long long)making->dating.version, certificates, signers, when);
    return VRX_EXIT_OK;
}

static int run_revocation_list(const struct vrx_arguments *arguments) {
    struct making making VRX_CLEANUP(making_done) = {.arguments = arguments};
    const char *file = NULL;
    struct vrx_result result = sign(&making, &file);
    return vrx_is_ok(result) ? report(&making, vrx_argument(arguments, "out"))
                             : vrx_print_refusal(file, result);
}

static const struct vrx_option revocation_options[] = {
    VRX_AUTHORITY_OPTION,
    {"directory", "FILE", true, false, "the signed directory, by which the parts are checked",
        "署名済み自治体名簿"},
    {"signer", "FILE", true, true, "a document signer whose certificates the list speaks of",
        "リストの対象となる署名者の証明書"},
    {"part", "FILE", false, true, "a municipality's: vrx certificate revocations",
        "自治体の失効一覧（vrx certificate revocations）"},
    {"before", "FILE", false, false,
        "the list before: what it names stays revoked; give it whenever there is one",
        "直前のリスト（失効は取り消されません）"},
    {"shc-crl", "FILE", false, true, "another issuer's URL/.well-known/crl/KID.json",
        "他の発行者の失効リスト（SMART Health Card）"},
    {"csca", "FILE", false, true, "a CSCA's certificate", "CSCA の証明書"},
    {"csca-crl", "FILE", false, true, "its list of revoked signers, in order",
        "その失効リスト（CRL、同じ順）"},
    VRX_DATING_OPTIONS,
    {0},
};

const struct vrx_command vrx_cli_revocation_commands[] = {
    {"pki revocation-list", false,
        "sign the list of revoked certificates, for verifiers and vrxd --revocation-list",
        "検証者向けの失効リストに署名する", revocation_options, run_revocation_list},
    {0},
};
