/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx rotate data-key`: a new data key, made here as the first one was, put in force at the
 * service, and the vault moved to it.
 *
 * The next keyring lies beside the present one, under its name with ".next", from before anything
 * is sent until it is known to be in force; then it takes the present one's name, and only then are
 * pages moved. The command can be ended at any instant and run again. What was begun is ended
 * first: another data key is made only when every page is under the present one.
 */
#include "cli/rotate_data.h"

#include <stdio.h>

#include "cli/custodian_key.h"
#include "cli/custody.h"
#include "cli/folder.h"
#include "cli/print.h"
#include "cli/replacing.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "vrx/v1/tenancy.pb-c.h"

/* ---- the pages ---- */

struct moving {
    struct vrx_progress progress;
    struct vrx_cli_moved moved;
    bool begun, ended;
};

static int take(void *context, const ProtobufCMessage *reply) {
    struct moving *moving = context;
    const Vrx__V1__RotateDataKeyResponse *at = (const void *)reply;
    const bool done = at->phase == VRX__V1__ROTATION_PHASE__ROTATION_PHASE_DONE;
    moving->ended = done || at->phase == VRX__V1__ROTATION_PHASE__ROTATION_PHASE_NOTHING;
    moving->begun = moving->begun || !moving->ended;
    moving->moved = (struct vrx_cli_moved){done, at->data_key, at->pages_total};
    if (done)
        vrx_progress_show(&moving->progress, at->pages_total, at->pages_total);
    else if (!moving->ended && at->pages < at->pages_total) /* a whole bar would end it */
        vrx_progress_show(&moving->progress, at->pages, at->pages_total);
    return VRX_EXIT_OK;
}

int vrx_cli_move_pages(struct vrx_connection *connection, uint32_t data_key, bool begun,
    struct vrx_cli_moved *ret_moved) {
    struct moving moving = {.begun = begun};
    Vrx__V1__RotateDataKeyRequest request;
    vrx__v1__rotate_data_key_request__init(&request);
    request.data_key = data_key;
    vrx_progress_init(&moving.progress, "pages");
    int status = vrx_call_replies(connection,
        VRX_REMOTE("Tenancy", "RotateDataKey", rotate_data_key), &request.base, take, &moving);
    if (status == VRX_EXIT_OK && moving.ended) {
        *ret_moved = moving.moved;
        return VRX_EXIT_OK;
    }
    vrx_progress_stop(&moving.progress);
    if (moving.begun)
        fputs("vrx: the keyring is in force, but not every page is under its data key yet.\n"
              "     Run vrx rotate data-key --keyring with the keyring in force: it goes on.\n"
              "     鍵束は有効ですが、データ鍵の変更は完了していません。有効な鍵束を指定して\n"
              "     vrx rotate data-key を実行すると続きから行います。\n",
            stderr);
    return status == VRX_EXIT_OK ? VRX_EXIT_FAILED : status;
}

void vrx_cli_moved_json(const struct vrx_cli_moved *moved, struct vrx_json *json) {
    vrx_json_number(json, "data_key", moved->data_key);
    vrx_json_bool(json, "moved", moved->moved);
    vrx_json_number(json, "pages", moved->pages);
}

void vrx_cli_moved_print(const struct vrx_cli_moved *moved) {
    const unsigned long long pages = moved->pages;
    if (moved->moved)
        printf("every page is under data key %u now (%llu pages); the one before opens nothing\n"
               "全%llu ページをデータ鍵 %u に移しました。以前の鍵では何も開けません\n",
            (unsigned)moved->data_key, pages, pages, (unsigned)moved->data_key);
    else
        printf("every page was under data key %u already (%llu pages)\n"
               "全%llu ページが既にデータ鍵 %u で保護されています\n",
            (unsigned)moved->data_key, pages, pages, (unsigned)moved->data_key);
}

/* ---- the keyring ---- */

struct rotation {
    struct vrx_cli_next next;
    struct vrx_cli_moved moved;
};

static void rotation_done(struct rotation *rotation) {
    vrx_cli_next_done(&rotation->next);
}

/* Whether what a run before left follows from the present keyring, with a new data key. */
static int check_next(const struct rotation *rotation) {
    const struct vrx_keyring *old = &rotation->next.old;
    const struct vrx_keyring *next = &rotation->next.keyring;
    if (vrx_municipality_code_equal(&next->municipality, &old->municipality) &&
        next->serial == old->serial + 1 && next->data_number == old->data_number + 1)
        return VRX_EXIT_OK;
    return vrx_print_refusal(rotation->next.next_path,
        vrx_refuse(VRX_WRONG_STATE, "another change of the keyring was begun; end it first"));
}

static int make_next(const struct vrx_arguments *arguments, struct rotation *rotation) {
    const struct vrx_keyring_renewal renewal = {.data = true};
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_CLI_TRY(vrx_cli_custodian_root(arguments, &rotation->next.old, &root));
    return vrx_cli_next_make(&rotation->next, root, &renewal);
}

/* One custodian's share. */
static int give_share(struct vrx_connection *connection, const struct rotation *rotation,
    const char *name, bool *ret_in_force) {
    struct vrx_cli_custodian custodian VRX_CLEANUP(vrx_cli_custodian_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__ReplaceKeyringRequest request;
    vrx__v1__replace_keyring_request__init(&request);
    VRX_CLI_TRY(vrx_cli_custodian_open(name, &custodian));
    connection->expected = VRX_ALREADY_EXISTS;
    int status = vrx_cli_replacing_answer(
        connection, &rotation->next.bytes, &custodian.key, &request.session_id, &answer);
    connection->expected = VRX_OK;
    if (status != VRX_EXIT_OK) {
        *ret_in_force = connection->refused == VRX_ALREADY_EXISTS;
        return *ret_in_force ? VRX_EXIT_OK : status;
    }
    request.wrapped_root = (ProtobufCBinaryData){answer.len, answer.ptr};
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(connection, VRX_REMOTE("Tenancy", "ReplaceKeyring", replace_keyring),
        &request.base, &reply));
    *ret_in_force = ((const Vrx__V1__ReplaceKeyringResponse *)(const void *)reply)->missing == 0;
    return VRX_EXIT_OK;
}

static int put_in_force(const struct vrx_arguments *arguments, struct vrx_connection *connection,
    const struct rotation *rotation) {
    const size_t count = vrx_argument_count(arguments, "custodian");
    bool in_force = false;
    for (size_t i = 0; i < count && !in_force; i++)
        VRX_CLI_TRY(give_share(
            connection, rotation, vrx_argument_at(arguments, "custodian", i), &in_force));
    if (!in_force)
        return vrx_value_wrong("custodian", "as many custodians as the keyring asks for",
            "鍵束が求める人数の鍵管理者を指定します");
    return vrx_cli_next_take_place(&rotation->next);
}

static int run_data_key(const struct vrx_arguments *arguments) {
    struct rotation rotation VRX_CLEANUP(rotation_done) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    bool begun = false;
    VRX_CLI_TRY(vrx_cli_next_load(vrx_argument(arguments, "keyring"), &rotation.next, &begun));
    if (begun)
        VRX_CLI_TRY(check_next(&rotation));
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    if (!begun) {
        VRX_CLI_TRY(
            vrx_cli_move_pages(&connection, rotation.next.old.data_number, false, &rotation.moved));
        begun = !rotation.moved.moved && vrx_argument_count(arguments, "custodian");
        if (begun)
            VRX_CLI_TRY(make_next(arguments, &rotation));
    }
    if (begun) {
        VRX_CLI_TRY(put_in_force(arguments, &connection, &rotation));
        VRX_CLI_TRY(vrx_cli_move_pages(
            &connection, rotation.next.keyring.data_number, true, &rotation.moved));
    }
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_cli_moved_json(&rotation.moved, &json);
        return vrx_json_print(&json);
    }
    vrx_cli_moved_print(&rotation.moved);
    if (begun)
        puts("the keyring is a new one: give each custodian a copy, and take a backup\n"
             "鍵束が新しくなりました。鍵管理者全員に写しを渡し、バックアップを取ってください");
    return VRX_EXIT_OK;
}

static const struct vrx_option data_key_options[] = {
    {"keyring", "FILE", true, false,
        "the municipality's own copy of keyring.cbor; the new one takes its place",
        "自治体が保持する鍵束。新しい鍵束に置き換えます"},
    {"custodian", "FILE|URI", false, true,
        "the key of a custodian, as many as the keyring asks for; without one, no new key is made "
        "and what was begun goes on",
        "鍵管理者の秘密鍵（必要な人数分）。指定しないときは新しい鍵を作らず、続きだけを行う"},
    {0},
};

const struct vrx_command vrx_cli_rotate_data_commands[] = {
    {"rotate data-key", true,
        "change the key that the vault's pages are under (custodians); run again, it goes on",
        "保管庫のデータ鍵を変更する（鍵管理者）。中断後の再実行で続きから行う", data_key_options,
        run_data_key},
    {0},
};
