/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx audit verify`: a proof that was exported with `vrx audit prove` or `vrx audit consistency`,
 * checked with nothing but the municipality's public keys, the present one and those before. No
 * daemon is asked.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/limits.h"
#include "cli/print.h"
#include "cli/signers.h"
#include "cli/themes.h"
#include "files/files.h"
#include "objects/audit_entry.h"
#include "objects/checkpoint.h"
#include "objects/merkle.h"

#define LIMIT_BUNDLE ((size_t)65536)

/* A bundle as it was read; texts belong to the JSON document. */
struct bundle {
    json_t *document;
    struct vrx_merkle_proof proof;
    struct vrx_buffer entry; /* inclusion */
    struct vrx_checkpoint checkpoint;
    struct vrx_checkpoint first; /* consistency: the earlier one */
};

static void bundle_done(struct bundle *bundle) {
    json_decref(bundle->document);
    vrx_buffer_done(&bundle->entry);
}

static struct vrx_view text_of(const struct bundle *bundle, const char *name) {
    return vrx_view_text(json_string_value(json_object_get(bundle->document, name)));
}

static struct vrx_result read_proof(struct bundle *bundle) {
    const json_t *path = json_object_get(bundle->document, "path");
    size_t count = json_array_size(path);
    if (!json_is_array(path) || count > VRX_MERKLE_PROOF_MAX)
        return vrx_refuse(VRX_INPUT_MALFORMED, "bundle: path");
    for (size_t i = 0; i < count; i++) {
        struct vrx_buffer hash VRX_CLEANUP(vrx_buffer_done) = {0};
        VRX_TRY(vrx_hex_decode(vrx_view_text(json_string_value(json_array_get(path, i))), &hash));
        if (hash.len != VRX_MERKLE_HASH)
            return vrx_refuse(VRX_INPUT_RANGE, "bundle: a hash has 32 bytes");
        memcpy(bundle->proof.hash[i].bytes, hash.ptr, VRX_MERKLE_HASH);
    }
    bundle->proof.count = count;
    return vrx_ok();
}

static struct vrx_result read_bundle(const struct vrx_arguments *arguments, struct bundle *bundle) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(vrx_argument(arguments, ""), LIMIT_BUNDLE, &text));
    bundle->document = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(bundle->document))
        return vrx_refuse(VRX_INPUT_MALFORMED, "bundle: a JSON object (RFC 8259)");
    VRX_TRY(read_proof(bundle));
    struct vrx_cli_signers signers VRX_CLEANUP(vrx_cli_signers_done) = {0};
    size_t age = 0;
    size_t first_age = 0;
    VRX_TRY(vrx_cli_signers_read(vrx_argument(arguments, "keyring"), &signers));
    VRX_TRY(vrx_cli_signers_note(&signers, text_of(bundle, "note"), &bundle->checkpoint, &age));
    if (!vrx_argument_given(arguments, "first"))
        return vrx_ok();
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(vrx_argument(arguments, "first"), VRX_LIMIT_CHECKPOINT, &note));
    VRX_TRY(vrx_cli_signers_note(&signers, vrx_buffer_view(&note), &bundle->first, &first_age));
    return vrx_cli_signers_order(first_age, age);
}

static struct vrx_result check_inclusion(struct bundle *bundle, uint64_t *ret_index) {
    const json_t *index = json_object_get(bundle->document, "index");
    if (!json_is_integer(index) || json_integer_value(index) < 0)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "bundle: index");
    *ret_index = (uint64_t)json_integer_value(index);
    VRX_TRY(vrx_hex_decode(text_of(bundle, "entry"), &bundle->entry));
    struct vrx_merkle_hash leaf;
    VRX_TRY(vrx_merkle_leaf(vrx_buffer_view(&bundle->entry), &leaf));
    return vrx_merkle_verify_inclusion(
        &bundle->proof, *ret_index, bundle->checkpoint.size, &leaf, &bundle->checkpoint.root);
}

static int show_entry(
    const struct vrx_arguments *arguments, const struct bundle *bundle, uint64_t index) {
    struct vrx_audit_entry entry;
    struct vrx_result result = vrx_audit_entry_decode(vrx_buffer_view(&bundle->entry), &entry);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("ledger entry", result);
    if (vrx_argument_json(arguments)) {
        printf("{\"verified\": true, \"municipality\": \"%s\", \"index\": %llu, \"size\": %llu}\n",
            bundle->checkpoint.municipality.digits, (unsigned long long)index,
            (unsigned long long)bundle->checkpoint.size);
        return VRX_EXIT_OK;
    }
    char time[VRX_TIME_TEXT + 1];
    vrx_time_format(entry.time, time);
    printf("verified: entry %llu stands in the ledger of %s with %llu entries\n"
           "検証済み: 記録 %llu は %s の台帳（%llu 件）にあります\n"
           "  %s  %.*s  %s\n",
        (unsigned long long)index, bundle->checkpoint.municipality.digits,
        (unsigned long long)bundle->checkpoint.size, (unsigned long long)index,
        bundle->checkpoint.municipality.digits, (unsigned long long)bundle->checkpoint.size, time,
        (int)entry.method.len, (const char *)entry.method.ptr, vrx_reason_name(entry.outcome));
    return VRX_EXIT_OK;
}

static int show_consistency(const struct vrx_arguments *arguments, const struct bundle *bundle) {
    const char *code = bundle->checkpoint.municipality.digits;
    unsigned long long first = bundle->first.size;
    unsigned long long size = bundle->checkpoint.size;
    if (vrx_argument_json(arguments))
        printf("{\"verified\": true, \"municipality\": \"%s\", \"first\": %llu, \"size\": %llu}\n",
            code, first, size);
    else
        printf("verified: the ledger of %s has only grown from %llu to %llu entries\n"
               "検証済み: %s の台帳は %llu 件から %llu 件へ追記されただけです\n",
            code, first, size, code, first, size);
    return VRX_EXIT_OK;
}

static int run_verify(const struct vrx_arguments *arguments) {
    struct bundle bundle VRX_CLEANUP(bundle_done) = {0};
    bool consistency = vrx_argument_given(arguments, "first");
    uint64_t index = 0;
    struct vrx_result result = read_bundle(arguments, &bundle);
    if (vrx_is_ok(result))
        result = consistency
                     ? vrx_merkle_verify_consistency(&bundle.proof, bundle.first.size,
                           bundle.checkpoint.size, &bundle.first.root, &bundle.checkpoint.root)
                     : check_inclusion(&bundle, &index);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, ""), result);
    return consistency ? show_consistency(arguments, &bundle)
                       : show_entry(arguments, &bundle, index);
}

static const struct vrx_option options[] = {
    {"", "BUNDLE", true, false, "file of vrx audit prove or vrx audit consistency",
        "証明のファイル"},
    {"keyring", "FILE", true, false, "the municipality's keyring, for its public keys",
        "自治体の鍵束"},
    {"first", "FILE", false, false,
        "the earlier checkpoint: check that the ledger has only grown since", "以前の検証点"},
    {0},
};

const struct vrx_command vrx_cli_proof_commands[] = {
    {"audit verify", false, "check an exported proof offline", "監査証明をオフラインで検証する",
        options, run_verify},
    {0},
};
