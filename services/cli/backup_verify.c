/* SPDX-License-Identifier: Apache-2.0
 *
 * The backup is never opened itself: opening replays its WAL. A copy of it is, in a folder that is
 * removed afterwards; that copy is as encrypted as the backup.
 */
#include "cli/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "cli/custodian_key.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "files/files.h"
#include "ledger/ledger.h"
#include "objects/checkpoint.h"
#include "store/integrity.h"
#include "vaultfs/backup.h"

struct verifying {
    const struct vrx_arguments *arguments;
    struct vrx_buffer bytes; /* of the keyring */
    struct vrx_keyring keyring;
    struct vrx_tenant_keys *keys;
    struct vrx_buffer note; /* the checkpoint that is held; empty: none */
    struct vrx_checkpoint held;
    char scratch[VRX_CLI_PATH];
    struct vrx_progress progress;
    uint64_t entries;
    struct vrx_merkle_hash root;
    bool behind;
};

static void verifying_done(struct verifying *verifying) {
    vrx_tenant_keys_free(&verifying->keys);
    vrx_buffer_done(&verifying->bytes);
    vrx_buffer_done(&verifying->note);
    if (verifying->scratch[0])
        VRX_IGNORE(vrx_folder_remove(verifying->scratch));
}

/* ---- keys ---- */

/* The custodians' own copy must be the backup's: a keyring that somebody else put beside the vault
 * would make the custodians open what is not theirs. */
static int load_keyring(struct verifying *verifying) {
    const char *own = vrx_argument(verifying->arguments, "keyring");
    char path[VRX_CLI_PATH];
    struct vrx_buffer beside VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(own, VRX_LIMIT_KEYRING, &verifying->bytes));
    struct vrx_result result =
        vrx_folder_path(vrx_argument(verifying->arguments, "backup"), "keyring.cbor", path);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("--backup", result);
    VRX_CLI_TRY(vrx_value_file(path, VRX_LIMIT_KEYRING, &beside));
    if (!vrx_view_equal(vrx_buffer_view(&beside), vrx_buffer_view(&verifying->bytes)))
        return vrx_print_refusal(path,
            vrx_refuse(VRX_VAULT_DAMAGED, "the backup's keyring is not the municipality's copy; "
                                          "after a change of custodians name the copy of then"));
    result = vrx_keyring_parse(vrx_buffer_view(&verifying->bytes), &verifying->keyring);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(own, result);
}

static int open_shares(struct verifying *verifying, struct vrx_share shares[VRX_LIMIT_RECIPIENTS],
    struct vrx_secret **ret_root) {
    const size_t count = vrx_argument_count(verifying->arguments, "custodian");
    if (count != verifying->keyring.threshold)
        return vrx_value_wrong("custodian", "as many custodians as the keyring asks for",
            "鍵束が求める人数の鍵管理者を指定します");
    for (size_t i = 0; i < count; i++) {
        struct vrx_cli_custodian custodian VRX_CLEANUP(vrx_cli_custodian_done) = {0};
        const char *name = vrx_argument_at(verifying->arguments, "custodian", i);
        VRX_CLI_TRY(vrx_cli_custodian_open(name, &custodian));
        struct vrx_result result =
            vrx_keyring_open_share(&verifying->keyring, &custodian.key, &shares[i]);
        if (!vrx_is_ok(result))
            return vrx_print_refusal(name, result);
    }
    struct vrx_result result = vrx_keyring_join(&verifying->keyring, shares, count, ret_root);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("--custodian", result);
}

static int unlock(struct verifying *verifying) {
    struct vrx_share shares[VRX_LIMIT_RECIPIENTS] = {0};
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    int status = open_shares(verifying, shares, &root);
    for (size_t i = 0; i < VRX_LIMIT_RECIPIENTS; i++)
        vrx_share_done(&shares[i]);
    VRX_CLI_TRY(status);
    struct vrx_result result = vrx_keyring_unlock(&verifying->keyring, root, &verifying->keys);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("--keyring", result);
}

/* By any signing key that the municipality has or had. */
static struct vrx_result verify_note(struct verifying *verifying) {
    const struct vrx_published_keys *signing = &verifying->keyring.signing;
    struct vrx_result result = vrx_fail(VRX_SIGNATURE_INVALID);
    for (size_t i = 0; i < signing->count && !vrx_is_ok(result); i++) {
        struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
        VRX_TRY(vrx_public_key_from_spki(signing->key[i].spki, &key));
        result = vrx_checkpoint_verify(vrx_buffer_view(&verifying->note), key, &verifying->held);
    }
    return result;
}

static int load_checkpoint(struct verifying *verifying) {
    const char *path = vrx_argument(verifying->arguments, "checkpoint");
    if (!path)
        return VRX_EXIT_OK;
    VRX_CLI_TRY(vrx_value_file(path, VRX_LIMIT_CHECKPOINT, &verifying->note));
    struct vrx_result result = verify_note(verifying);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(path, result);
}

/* ---- the copy ---- */

static int make_scratch(struct verifying *verifying) {
    const char *parent = vrx_argument(verifying->arguments, "scratch");
    const char *fallback = getenv("TMPDIR");
    if (!parent)
        parent = fallback && fallback[0] ? fallback : "/tmp";
    char path[VRX_CLI_PATH];
    if ((size_t)snprintf(path, sizeof path, "%s/vrx-verify-XXXXXX", parent) >= sizeof path)
        return vrx_print_refusal("--scratch", vrx_fail(VRX_INPUT_TOO_LARGE));
    if (!mkdtemp(path))
        return vrx_print_file_failure(parent, vrx_fail(VRX_FILE_REFUSED));
    memcpy(verifying->scratch, path, sizeof path);
    return VRX_EXIT_OK;
}

static bool show(void *context, uint64_t done, uint64_t total) {
    struct verifying *verifying = context;
    vrx_progress_show(&verifying->progress, done, total + 1); /* then it is checked */
    return true;
}

/* Every page, those too that no query reads; then what the pages hold. */
static struct vrx_result check_tenant(struct verifying *verifying, struct vrx_tenant *tenant) {
    struct vrx_integrity check = {0};
    while (check.phase == VRX_INTEGRITY_PAGES) {
        VRX_TRY(vrx_integrity_part(tenant, &check));
        vrx_progress_show(&verifying->progress, check.done[VRX_INTEGRITY_PAGES],
            check.total[VRX_INTEGRITY_PAGES] + 1); /* the rest is the last part */
    }
    return vrx_tenant_check(tenant);
}

static struct vrx_result check(struct verifying *verifying, const char *from, const char *copy) {
    const struct vrx_random *random = vrx_random_system();
    const struct vrx_backup_watch watch = {show, verifying};
    struct vrx_tenant *tenant VRX_CLEANUP(vrx_tenant_close) = NULL;
    enum vrx_restored restored;
    VRX_TRY(vrx_backup_restore(from, copy, vrx_view_of(NULL, 0), random, &watch, &restored));
    VRX_TRY(vrx_tenant_open(
        copy, &verifying->keys, &verifying->keyring.municipality, random, vrx_cli_now(), &tenant));
    VRX_TRY(check_tenant(verifying, tenant));
    struct vrx_ledger *ledger = vrx_tenant_ledger(tenant);
    verifying->entries = vrx_ledger_size(ledger);
    VRX_TRY(vrx_ledger_root(ledger, verifying->entries, &verifying->root));
    if (!verifying->note.len)
        return vrx_ok();
    verifying->behind = verifying->held.size > verifying->entries;
    if (verifying->behind)
        return vrx_ok();
    struct vrx_merkle_hash root;
    VRX_TRY(vrx_ledger_root(ledger, verifying->held.size, &root));
    return vrx_merkle_hash_equal(&root, &verifying->held.root)
               ? vrx_ok()
               : vrx_refuse(VRX_LEDGER_BEHIND, "RFC 9162 §2.1.4: the ledger is another one");
}

static int check_copy(struct verifying *verifying) {
    const char *folder = vrx_argument(verifying->arguments, "backup");
    char from[VRX_CLI_PATH];
    char copy[VRX_CLI_PATH];
    VRX_CLI_TRY(make_scratch(verifying));
    struct vrx_result result = vrx_folder_path(folder, "vault.db", from);
    if (vrx_is_ok(result))
        result = vrx_folder_path(verifying->scratch, "vault.db", copy);
    vrx_progress_init(&verifying->progress, "verify / 検証");
    if (vrx_is_ok(result))
        result = check(verifying, from, copy);
    if (vrx_is_ok(result))
        vrx_progress_show(&verifying->progress, 1, 1);
    vrx_progress_stop(&verifying->progress);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(folder, result);
}

/* ---- what came of it ---- */

static int print_json(const struct verifying *verifying) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_bool(&json, "genuine", true);
    vrx_json_text(&json, "municipality", verifying->keyring.municipality.digits);
    vrx_json_number(&json, "entries", verifying->entries);
    vrx_json_hex(&json, "root", vrx_view_of(verifying->root.bytes, VRX_MERKLE_HASH));
    if (verifying->note.len) {
        vrx_json_number(&json, "held", verifying->held.size);
        vrx_json_bool(&json, "behind", verifying->behind);
    }
    return vrx_json_print(&json);
}

static int print(const struct verifying *verifying) {
    if (vrx_argument_json(verifying->arguments))
        return print_json(verifying);
    printf("genuine and whole: every page, the structures, a ledger of %llu entries\n"
           "真正かつ完全です。すべてのページと構造、台帳（%llu件）を確認しました\n",
        (unsigned long long)verifying->entries, (unsigned long long)verifying->entries);
    if (verifying->behind)
        printf("it was taken before the checkpoint that you hold: %llu entries are not in it. Put "
               "back, it would be refused as LEDGER_BEHIND\n"
               "保持している検証点より前のバックアップです。%llu件の記録が含まれていません\n",
            (unsigned long long)(verifying->held.size - verifying->entries),
            (unsigned long long)(verifying->held.size - verifying->entries));
    return VRX_EXIT_OK;
}

int vrx_cli_backup_verify(const struct vrx_arguments *arguments) {
    struct verifying verifying VRX_CLEANUP(verifying_done) = {.arguments = arguments};
    VRX_CLI_TRY(load_keyring(&verifying));
    VRX_CLI_TRY(load_checkpoint(&verifying));
    VRX_CLI_TRY(unlock(&verifying));
    VRX_CLI_TRY(check_copy(&verifying));
    return print(&verifying);
}

const struct vrx_option vrx_cli_backup_verify_options[] = {
    {"backup", "DIR", true, false, "the backup's folder, or a copy of it",
        "バックアップのフォルダー"},
    {"custodian", "FILE|URI", true, true,
        "a custodian's private key, as many as the keyring asks for",
        "鍵管理者の秘密鍵（必要な人数分）"},
    {"keyring", "FILE", true, false, "the municipality's own copy of keyring.cbor",
        "自治体が保持する鍵束"},
    {"checkpoint", "FILE", false, false,
        "the last checkpoint that the municipality holds; it is left as it is",
        "自治体が保持する検証点（変更しません）"},
    {"scratch", "DIR", false, false,
        "where the encrypted copy that is checked lies meanwhile; $TMPDIR or /tmp",
        "検証用の（暗号化されたままの）写しを置くフォルダー"},
    {0},
};
