/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx rotate signing-key`: a new signing key, and if asked for a new exchange key, made here as
 * the first ones were, and put in force at the service.
 *
 * The next keyring lies beside the present one, under its name with ".next", from before anything
 * is sent until it is known to be in force; then it takes the present one's name. So the command
 * can be ended at any instant and run again: it goes on with what it finds. `vrx unseal` knows of
 * the file too (custody.c), for the service may have it in force already.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "cli/custodian_key.h"
#include "cli/custody.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/replacing.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/unseal.h"
#include "vrx/v1/tenancy.pb-c.h"

#define SECONDS_A_DAY 86400
#define OVERLAP_DAYS 7 /* that the old key stays in force: time to have the directory signed */
#define OVERLAP_LONGEST 90

struct rotation {
    struct vrx_cli_next next;
    bool in_force; /* at the service, before this run */
};

static void rotation_done(struct rotation *rotation) {
    vrx_cli_next_done(&rotation->next);
}

static int make_next(const struct vrx_arguments *arguments, struct rotation *rotation) {
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    uint64_t days = OVERLAP_DAYS;
    VRX_CLI_TRY(
        vrx_value_number(arguments, "overlap-days", 0, OVERLAP_LONGEST, OVERLAP_DAYS, &days));
    VRX_CLI_TRY(vrx_cli_custodian_root(arguments, &rotation->next.old, &root));
    const struct vrx_keyring_renewal renewal = {.signing = true,
        .exchange = vrx_argument_given(arguments, "exchange-key"),
        .now = vrx_cli_now(),
        .overlap = (int64_t)days * SECONDS_A_DAY};
    return vrx_cli_next_make(&rotation->next, root, &renewal);
}

/* Whether what a run before left follows from the present keyring, with a new signing key. */
static struct vrx_result check_next(const struct rotation *rotation) {
    const struct vrx_published_keys *keys = &rotation->next.keyring.signing;
    if (!vrx_municipality_code_equal(
            &rotation->next.keyring.municipality, &rotation->next.old.municipality) ||
        rotation->next.keyring.serial != rotation->next.old.serial + 1 || keys->count < 2 ||
        memcmp(keys->key[1].kid, rotation->next.old.signing.key[0].kid, VRX_KID) != 0)
        return vrx_refuse(VRX_WRONG_STATE, "another change of the keyring was begun; end it first");
    return vrx_ok();
}

static int load(const struct vrx_arguments *arguments, struct rotation *rotation) {
    bool begun = false;
    VRX_CLI_TRY(vrx_cli_next_load(vrx_argument(arguments, "keyring"), &rotation->next, &begun));
    if (!begun)
        return make_next(arguments, rotation);
    struct vrx_result result = check_next(rotation);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(rotation->next.next_path, result);
    fprintf(stderr, "vrx: going on with the change that was begun\n     中断した変更を続けます\n");
    return VRX_EXIT_OK;
}

/* One custodian's share, on the connection for which it is made. */
static int give_share(struct vrx_connection *connection, struct rotation *rotation,
    const char *custodian_name, uint32_t *ret_missing) {
    struct vrx_cli_custodian custodian VRX_CLEANUP(vrx_cli_custodian_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__RotateSigningKeyRequest request;
    vrx__v1__rotate_signing_key_request__init(&request);
    VRX_CLI_TRY(vrx_cli_custodian_open(custodian_name, &custodian));
    connection->expected = VRX_ALREADY_EXISTS;
    int status = vrx_cli_replacing_answer(
        connection, &rotation->next.bytes, &custodian.key, &request.session_id, &answer);
    connection->expected = VRX_OK;
    if (status != VRX_EXIT_OK) {
        rotation->in_force = connection->refused == VRX_ALREADY_EXISTS;
        return rotation->in_force ? VRX_EXIT_OK : status;
    }
    request.wrapped_root = (ProtobufCBinaryData){answer.len, answer.ptr};
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(connection,
        VRX_REMOTE("Tenancy", "RotateSigningKey", rotate_signing_key), &request.base, &reply));
    *ret_missing = ((const Vrx__V1__RotateSigningKeyResponse *)(const void *)reply)->missing;
    return VRX_EXIT_OK;
}

/* What the service has looked at and refused will not come in force later: another run shall not
 * find it, with times that have passed since. */
static void drop_refused(const struct rotation *rotation, enum vrx_reason refused) {
    if (refused == VRX_WRONG_STATE || refused == VRX_INPUT_RANGE)
        (void)unlink(rotation->next.next_path);
}

static int put_in_force(const struct vrx_arguments *arguments, struct rotation *rotation) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    const size_t count = vrx_argument_count(arguments, "custodian");
    uint32_t missing = 1;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    for (size_t i = 0; i < count && missing && !rotation->in_force; i++) {
        int status =
            give_share(&connection, rotation, vrx_argument_at(arguments, "custodian", i), &missing);
        if (status != VRX_EXIT_OK) {
            drop_refused(rotation, connection.refused);
            return status;
        }
    }
    if (missing && !rotation->in_force)
        return vrx_value_wrong("custodian", "as many custodians as the keyring asks for",
            "鍵束が求める人数の鍵管理者を指定します");
    return VRX_EXIT_OK;
}

static int report(const struct vrx_arguments *arguments, const struct rotation *rotation) {
    const struct vrx_published_keys *keys = &rotation->next.keyring.signing;
    const bool exchange = memcmp(rotation->next.keyring.exchange.key[0].kid,
                              rotation->next.old.exchange.key[0].kid, VRX_KID) != 0;
    char old_kid[2 * VRX_KID + 1];
    char new_kid[2 * VRX_KID + 1];
    char until[VRX_PRINT_TIME];
    vrx_hex_string(vrx_view_of(keys->key[1].kid, VRX_KID), old_kid);
    vrx_hex_string(vrx_view_of(keys->key[0].kid, VRX_KID), new_kid);
    vrx_print_time(keys->key[1].until, until);
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_json_text(&json, "signing_key", new_kid);
        vrx_json_text(&json, "previous", old_kid);
        vrx_json_time(&json, "previous_until", keys->key[1].until);
        vrx_json_bool(&json, "exchange_key", exchange);
        return vrx_json_print(&json);
    }
    printf("signing key / 署名鍵: %s -> %s%s\n"
           "  1. give the keyring %s to every custodian, and to the platform authority, which "
           "signs\n     a new directory with it (vrx authority directory)\n"
           "  2. the service signs with the new key once that directory is in force,\n"
           "     at the latest after %s; have it signed before\n"
           "  1. 鍵束 %s を鍵管理者全員と署名機関に渡し、新しい自治体名簿に署名してもらいます\n"
           "  2. 新しい名簿が有効になると新しい鍵で署名します（遅くとも %s より後）。\n"
           "     それまでに名簿を更新してください\n",
        old_kid, new_kid, exchange ? "  (exchange key too / 交換鍵も)" : "", rotation->next.path,
        until, rotation->next.path, until);
    return VRX_EXIT_OK;
}

static int run_signing_key(const struct vrx_arguments *arguments) {
    struct rotation rotation VRX_CLEANUP(rotation_done) = {0};
    VRX_CLI_TRY(load(arguments, &rotation));
    VRX_CLI_TRY(put_in_force(arguments, &rotation));
    VRX_CLI_TRY(vrx_cli_next_take_place(&rotation.next));
    return report(arguments, &rotation);
}

static const struct vrx_option signing_key_options[] = {
    {"custodian", "FILE|URI", true, true, "the key of a custodian, as many as the keyring asks for",
        "鍵管理者の秘密鍵（必要な人数分）"},
    {"keyring", "FILE", true, false,
        "the municipality's own copy of keyring.cbor; the new one takes its place",
        "自治体が保持する鍵束。新しい鍵束に置き換えます"},
    {"exchange-key", NULL, false, false,
        "change the key to which other municipalities seal messages, too",
        "他の自治体が暗号化に使う交換鍵も変更する"},
    {"overlap-days", "N", false, false,
        "so long the old key stays in force, until the directory is signed; 7. 0: it may be in "
        "wrong hands",
        "古い鍵を有効とする日数（既定は7）。漏えいが疑われるときは0"},
    {0},
};

const struct vrx_command vrx_cli_rotate_signing_commands[] = {
    {"rotate signing-key", true,
        "change the municipality's signing key (custodians); run again, it goes on",
        "自治体の署名鍵を変更する（鍵管理者）。中断後の再実行で続きから行う", signing_key_options,
        run_signing_key},
    {0},
};
