/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/custody.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "cli/extends.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/unseal.h"
#include "vrx/v1/ledger.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

/* A vault that was put back is verified whole before the answer: minutes for the largest. */
#define UNSEAL_MS (30 * 60 * 1000)

void vrx_custody_done(struct vrx_custody *custody) {
    vrx_cli_custodian_done(&custody->custodian);
    vrx_cli_signers_done(&custody->signers);
    vrx_buffer_done(&custody->held);
}

static int load_held(const char *path, struct vrx_custody *custody) {
    custody->held_path = path;
    if (!path) {
        fprintf(stderr,
            "vrx: without --checkpoint nobody notices when an old copy of the vault is "
            "put back\n     --checkpoint がないと、古い保管庫への差し替えを検出できません\n");
        return VRX_EXIT_OK;
    }
    struct vrx_result result = vrx_file_read(path, VRX_LIMIT_CHECKPOINT, &custody->held);
    if (result.reason == VRX_NOT_FOUND) {
        fprintf(stderr,
            "vrx: %s: no checkpoint is kept yet; right at the first unseal only\n"
            "     検証点がまだありません。初回の開封のときだけ正常です\n",
            path);
        return VRX_EXIT_OK;
    }
    if (!vrx_is_ok(result))
        return vrx_print_file_failure(path, result);
    result = vrx_cli_signers_note(&custody->signers, vrx_buffer_view(&custody->held),
        &custody->held_checkpoint, &custody->held_age);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(path, result);
}

int vrx_custody_load(const struct vrx_custody_names *names, struct vrx_custody *ret_custody) {
    VRX_CLI_TRY(vrx_cli_custodian_open(names->custodian, &ret_custody->custodian));
    ret_custody->keyring_path = names->keyring;
    struct vrx_result result = vrx_cli_signers_read(names->keyring, &ret_custody->signers);
    if (!vrx_is_ok(result))
        return vrx_reason_category(result.reason) == VRX_CATEGORY_INPUT
                   ? vrx_print_refusal(names->keyring, result)
                   : vrx_print_file_failure(names->keyring, result);
    return load_held(names->checkpoint, ret_custody);
}

/* How far each side came; entries of the service may be unknown to us. */
struct behind {
    uint64_t held;
    bool known; /* the members below are set */
    uint64_t entries;
    int64_t last_at; /* 0: unknown */
};

/* When the file was written last: when the municipality last saw the vault. */
static bool held_since(const char *path, char out[VRX_PRINT_TIME]) {
    struct stat file;
    if (!path || stat(path, &file) != 0)
        return false;
    vrx_print_time(file.st_mtime, out);
    return true;
}

static void explain_sides(const struct vrx_custody *custody, const struct behind *behind) {
    char held[VRX_PRINT_TIME] = "?";
    char last[VRX_PRINT_TIME] = "?";
    held_since(custody->held_path, held);
    if (behind->last_at)
        vrx_print_time(behind->last_at, last);
    fprintf(stderr,
        "  held / 保持している検証点: %llu entries / 件  (%s)\n"
        "  service / サービスの台帳:  ",
        (unsigned long long)behind->held, held);
    if (behind->known)
        fprintf(stderr, "%llu entries / 件  (last / 最終 %s)\n",
            (unsigned long long)behind->entries, last);
    else
        fputs("unknown / 不明\n", stderr);
    if (!behind->known)
        return;
    if (behind->entries < behind->held)
        fprintf(stderr,
            "  At least %llu entries are missing: all that was done after %s.\n"
            "  少なくとも %llu 件（%s 以降の操作）が失われています。\n",
            (unsigned long long)(behind->held - behind->entries), last,
            (unsigned long long)(behind->held - behind->entries), last);
    else
        fprintf(stderr,
            "  It is long enough, but its first %llu entries are not those that were there.\n"
            "  件数は足りていますが、先頭の %llu 件が以前の内容と異なります。\n",
            (unsigned long long)behind->held, (unsigned long long)behind->held);
}

static void explain_behind(const struct vrx_custody *custody, const struct behind *behind) {
    const char *code = custody->signers.municipality.digits;
    const char *path = custody->held_path ? custody->held_path : "-";
    flockfile(stderr);
    fprintf(stderr,
        "\n"
        "%s: the service's ledger does not contain what %s proves was there. Either\n"
        "an old copy of the vault was put back (a restored backup, a cloned disk), or the\n"
        "ledger was rewritten. The vault is to stay sealed.\n"
        "%s: 保持している検証点 %s にある台帳の内容が、サービス側の台帳にありません。\n"
        "古い保管庫（バックアップや複製）に差し替えられたか、台帳が書き換えられています。\n"
        "保管庫は封印しておきます。\n\n",
        code, path, code, path);
    explain_sides(custody, behind);
    fputs(
        "\n"
        "What to do:\n"
        "  1. Keep the checkpoint file: it is the evidence. Do not delete it to get past this.\n"
        "  2. Have the newest vault put back, a backup or what a restore has set aside, and "
        "unseal\n"
        "     again, with the same checkpoint: vrx backup list shows them, vrx backup verify\n"
        "     --checkpoint says whether one has everything, vrx restore puts it back.\n"
        "  3. Only if entries are really lost: decide so in writing, then unseal with "
        "--checkpoint\n"
        "     naming a new file; what was recorded after the old copy must be entered again.\n"
        "対応:\n"
        "  1. 検証点ファイルは証拠です。削除しないでください。\n"
        "  2. 最新のバックアップ、または復元時に退避した保管庫を戻し、同じ検証点でもう一度\n"
        "     開封してください。一覧は vrx backup list、記録がそろっているかは vrx backup verify\n"
        "     --checkpoint、復元は vrx restore です。\n"
        "  3. 記録が本当に失われたときに限り、文書で決定したうえで、--checkpoint に新しい\n"
        "     ファイルを指定して開封し、失われた記録を入力し直してください。\n",
        stderr);
    funlockfile(stderr);
}

/* What the daemon found when it refused; why it refused stays the connection's last word. */
static struct behind ask_behind(
    struct vrx_connection *connection, const struct vrx_custody *custody) {
    struct behind behind = {.held = custody->held_checkpoint.size};
    const enum vrx_reason refused = connection->refused;
    ProtobufCMessage *reply = NULL;
    Vrx__V1__StatusRequest request;
    vrx__v1__status_request__init(&request);
    int status =
        vrx_call_unary(connection, VRX_REMOTE("Tenancy", "Status", status), &request.base, &reply);
    connection->refused = refused;
    const Vrx__V1__StatusResponse *said = (const void *)reply;
    if (status != VRX_EXIT_OK || said->n_tenants != 1 || !said->tenants[0]->behind)
        return behind;
    const Vrx__V1__LedgerBehind *found = said->tenants[0]->behind;
    return (struct behind){
        .held = found->held, .known = true, .entries = found->entries, .last_at = found->last_at};
}

/* Reads the municipality's copy again; only what the daemon presents, where that is given. The held
 * checkpoint's key keeps its place among the keys, or moves back by those that came. */
static bool take_keyring(
    struct vrx_custody *custody, const char *path, const struct vrx_view *presented) {
    struct vrx_cli_signers fresh VRX_CLEANUP(vrx_cli_signers_done) = {0};
    if (!vrx_is_ok(vrx_cli_signers_read(path, &fresh)) ||
        (presented && !vrx_view_equal(vrx_buffer_view(&fresh.bytes), *presented)) ||
        !vrx_municipality_code_equal(&fresh.municipality, &custody->signers.municipality))
        return false;
    if (custody->held.len &&
        !vrx_is_ok(vrx_cli_signers_note(&fresh, vrx_buffer_view(&custody->held),
            &custody->held_checkpoint, &custody->held_age)))
        return false;
    const struct vrx_cli_signers before = custody->signers;
    custody->signers = fresh;
    fresh = before;
    return true;
}

/* The daemon's keyring must be the municipality's own copy. That may have changed while this
 * program stayed; or `vrx rotate` made the next one and was interrupted before it took the old
 * one's place. Both are files of this machine; what the daemon alone has is never taken. */
static void follow_keyring(struct vrx_custody *custody, struct vrx_view presented) {
    char next[VRX_CLI_PATH];
    if (vrx_view_equal(presented, vrx_buffer_view(&custody->signers.bytes)) ||
        take_keyring(custody, custody->keyring_path, &presented))
        return;
    if ((size_t)snprintf(next, sizeof next, "%s" VRX_KEYRING_NEXT, custody->keyring_path) <
        sizeof next)
        (void)take_keyring(custody, next, &presented);
}

static int begin(struct vrx_connection *connection, struct vrx_custody *custody,
    struct vrx_buffer *ret_session, struct vrx_buffer *ret_answer) {
    Vrx__V1__BeginUnsealRequest request;
    vrx__v1__begin_unseal_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        connection, VRX_REMOTE("Tenancy", "BeginUnseal", begin_unseal), &request.base, &reply));
    const Vrx__V1__BeginUnsealResponse *begun = (const void *)reply;
    struct vrx_unseal_challenge challenge = {
        .keyring = vrx_bytes_view(begun->keyring),
        .ephemeral_point = vrx_bytes_view(begun->ephemeral_point),
        .session_id = vrx_bytes_view(begun->session_id),
    };
    uint8_t exporter[VRX_TLS_EXPORTER];
    vrx_client_exporter(connection->client, exporter);
    follow_keyring(custody, challenge.keyring);
    struct vrx_result result = vrx_unseal_answer(vrx_buffer_view(&custody->signers.bytes),
        &custody->custodian.key, &challenge, exporter, vrx_random_system(), ret_answer);
    if (vrx_is_ok(result))
        result = vrx_buffer_append(ret_session, challenge.session_id);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("unseal / 開封", result);
}

static int finish(struct vrx_connection *connection, const struct vrx_custody *custody,
    struct vrx_buffer *session, struct vrx_buffer *answer,
    const Vrx__V1__UnsealResponse **ret_reply) {
    struct vrx_buffer held VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_buffer_append(&held, vrx_buffer_view(&custody->held));
    if (vrx_is_ok(result))
        result = vrx_buffer_append_byte(&held, '\0');
    if (!vrx_is_ok(result)) {
        vrx_print_refusal("unseal / 開封", result);
        return VRX_EXIT_FAILED;
    }
    Vrx__V1__UnsealRequest request;
    vrx__v1__unseal_request__init(&request);
    request.session_id = (ProtobufCBinaryData){session->len, session->ptr};
    request.wrapped_root = (ProtobufCBinaryData){answer->len, answer->ptr};
    request.checkpoint = (char *)held.ptr;
    ProtobufCMessage *reply = NULL;
    connection->patience_ms = UNSEAL_MS;
    int status =
        vrx_call_unary(connection, VRX_REMOTE("Tenancy", "Unseal", unseal), &request.base, &reply);
    connection->patience_ms = 0;
    if (connection->refused == VRX_LEDGER_BEHIND) {
        const struct behind behind = ask_behind(connection, custody);
        explain_behind(custody, &behind);
    }
    if (status == VRX_EXIT_OK)
        *ret_reply = (const void *)reply;
    return status;
}

/* What the daemon should have refused; whether it now seals is in its hands too. */
static int seal_again(struct vrx_connection *connection, const struct vrx_custody *custody,
    const struct vrx_checkpoint *now) {
    const struct behind behind = {
        .held = custody->held_checkpoint.size, .known = true, .entries = now->size};
    explain_behind(custody, &behind);
    Vrx__V1__SealRequest seal;
    vrx__v1__seal_request__init(&seal);
    VRX_CLI_TRY(vrx_call_unary(connection, VRX_REMOTE("Tenancy", "Seal", seal), &seal.base, NULL));
    return VRX_EXIT_REFUSED;
}

/* That the ledger of the new note begins with that of the held one. */
static int check_extends(struct vrx_connection *connection, const struct vrx_custody *custody,
    const struct vrx_checkpoint *now) {
    ProtobufCMessage *reply = NULL;
    const Vrx__V1__ProveConsistencyResponse *proof = NULL;
    if (now->size >= custody->held_checkpoint.size) {
        Vrx__V1__ProveConsistencyRequest request;
        vrx__v1__prove_consistency_request__init(&request);
        request.first = custody->held_checkpoint.size;
        request.second = now->size;
        VRX_CLI_TRY(vrx_call_unary(connection,
            VRX_REMOTE("Ledger", "ProveConsistency", prove_consistency), &request.base, &reply));
        proof = (const void *)reply;
    }
    struct vrx_result result = vrx_checkpoint_extends(
        &custody->held_checkpoint, now, proof ? proof->path : NULL, proof ? proof->n_path : 0);
    if (vrx_is_ok(result))
        return VRX_EXIT_OK;
    vrx_print_refusal("ledger / 台帳", result);
    return seal_again(connection, custody, now);
}

/* A new checkpoint, which may be by a key that came while this program stayed (watch.h). */
static struct vrx_result read_now(struct vrx_custody *custody, struct vrx_view note,
    struct vrx_checkpoint *ret_now, size_t *ret_age) {
    struct vrx_result result = vrx_cli_signers_note(&custody->signers, note, ret_now, ret_age);
    if (result.reason != VRX_KEY_UNKNOWN || !take_keyring(custody, custody->keyring_path, NULL))
        return result;
    return vrx_cli_signers_note(&custody->signers, note, ret_now, ret_age);
}

/* The vault is open by now: what fails here leaves the held checkpoint as it is. */
static int keep(struct vrx_connection *connection, struct vrx_custody *custody, const char *note) {
    struct vrx_checkpoint now;
    size_t age = 0;
    struct vrx_result result = read_now(custody, vrx_view_text(note), &now, &age);
    if (vrx_is_ok(result) && custody->held.len)
        result = vrx_cli_signers_order(custody->held_age, age);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("checkpoint / 検証点", result);
    if (custody->held.len) {
        int status = check_extends(connection, custody, &now);
        if (status != VRX_EXIT_OK) {
            fprintf(stderr,
                "vrx: %s is left as it was: the ledger was not proven to extend it\n"
                "     台帳の継続性を確認できないため、検証点は元のまま残します\n",
                custody->held_path);
            return status;
        }
    }
    if (!custody->held_path)
        return VRX_EXIT_OK;
    result = vrx_file_replace(custody->held_path, 0644, vrx_view_text(note));
    if (vrx_is_ok(result)) {
        vrx_buffer_clear(&custody->held);
        result = vrx_buffer_append(&custody->held, vrx_view_text(note));
        custody->held_checkpoint = now;
        custody->held_age = age;
    }
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(custody->held_path, result);
}

int vrx_custody_unseal(struct vrx_connection *connection, struct vrx_custody *custody,
    const char **ret_note, uint32_t *ret_missing) {
    struct vrx_buffer session VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    const Vrx__V1__UnsealResponse *reply = NULL;
    VRX_CLI_TRY(begin(connection, custody, &session, &answer));
    VRX_CLI_TRY(finish(connection, custody, &session, &answer, &reply));
    if (!reply->missing)
        VRX_CLI_TRY(keep(connection, custody, reply->checkpoint));
    *ret_note = reply->checkpoint;
    *ret_missing = reply->missing;
    return VRX_EXIT_OK;
}

int vrx_custody_refresh(struct vrx_connection *connection, struct vrx_custody *custody) {
    Vrx__V1__GetCheckpointRequest request;
    vrx__v1__get_checkpoint_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        connection, VRX_REMOTE("Ledger", "GetCheckpoint", get_checkpoint), &request.base, &reply));
    return keep(
        connection, custody, ((const Vrx__V1__GetCheckpointResponse *)(const void *)reply)->note);
}
