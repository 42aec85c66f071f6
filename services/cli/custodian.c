/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx custodian …`: custodians' keys, each made on its custodian's own machine, and the keyring
 * that only they open. The platform is given keyring.cbor and never sees a private key; nor does
 * one custodian another's: `init` takes the others' public keys.
 */
#include <stdio.h>
#include <time.h>

#include "cli/custodian_key.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "pki/pki.h"

#define LIMIT_PUBLIC_KEY ((size_t)4096) /* bytes of PEM; P-256 takes 180 */

/* Whom the keyring is for. */
struct people {
    size_t count;
    struct vrx_public_key *keys[VRX_LIMIT_RECIPIENTS];
};

static void people_done(struct people *people) {
    for (size_t i = 0; i < people->count; i++)
        vrx_public_key_free(&people->keys[i]);
}

static struct vrx_result read_public(const char *path, struct vrx_public_key **ret_key) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(path, LIMIT_PUBLIC_KEY, &pem));
    return vrx_public_key_from_pem(vrx_buffer_view(&pem), ret_key);
}

/* --custodian-key, as often as it was given. */
static int read_people(const struct vrx_arguments *arguments, struct people *people) {
    const size_t count = vrx_argument_count(arguments, "custodian-key");
    if (count > VRX_LIMIT_RECIPIENTS)
        return vrx_value_wrong("custodian-key", "at most 16 custodians", "鍵管理者は16人までです");
    for (size_t i = 0; i < count; i++) {
        const char *path = vrx_argument_at(arguments, "custodian-key", i);
        struct vrx_result result = read_public(path, &people->keys[i]);
        if (!vrx_is_ok(result))
            return vrx_print_refusal(path, result);
        people->count++;
    }
    return VRX_EXIT_OK;
}

/* Without --custodian-key the one custodian is whoever runs this. */
static struct vrx_result make_own(const char *out, struct people *people) {
    char path[VRX_CLI_PATH];
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    VRX_TRY(vrx_folder_path(out, "custodian.pem", path));
    VRX_TRY(vrx_pki_make_key(path, &key));
    VRX_TRY(vrx_private_key_public(key, &people->keys[0]));
    people->count = 1;
    return vrx_ok();
}

static struct vrx_result init(const struct vrx_municipality_code *code, const char *out,
    uint64_t threshold, struct people *people) {
    char path[VRX_CLI_PATH];
    struct vrx_buffer keyring VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_folder_make(out));
    VRX_TRY(vrx_folder_path(out, "keyring.cbor", path));
    if (!people->count)
        VRX_TRY(make_own(out, people));
    const struct vrx_custodians custodians = {
        (const struct vrx_public_key *const *)people->keys, people->count, (size_t)threshold};
    VRX_TRY(vrx_keyring_make(code, &custodians, time(NULL), vrx_random_system(), &keyring));
    return vrx_file_create(path, 0644, vrx_buffer_view(&keyring));
}

static int print_init(
    const struct vrx_arguments *arguments, bool own, size_t count, uint64_t threshold) {
    const char *out = vrx_argument(arguments, "out");
    char path[VRX_CLI_PATH + 16];
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        if (own) {
            snprintf(path, sizeof path, "%s/custodian.pem", out);
            vrx_json_text(&json, "key", path);
        }
        snprintf(path, sizeof path, "%s/keyring.cbor", out);
        vrx_json_text(&json, "keyring", path);
        vrx_json_number(&json, "custodians", count);
        vrx_json_number(&json, "threshold", threshold);
        return vrx_json_print(&json);
    }
    if (own)
        printf("made %s/custodian.pem (keep it, and a copy in a safe: without it nobody opens the "
               "vault)\n     and %s/keyring.cbor (give it to the platform)\n",
            out, out);
    else
        printf("made %s/keyring.cbor: %llu of %zu custodians open the vault together\n"
               "     (give it to the platform, and each custodian a copy)\n"
               "     %zu人中%llu人の鍵管理者がそろうと開封できます\n",
            out, (unsigned long long)threshold, count, count, (unsigned long long)threshold);
    return VRX_EXIT_OK;
}

static int run_init(const struct vrx_arguments *arguments) {
    const char *out = vrx_argument(arguments, "out");
    struct people people VRX_CLEANUP(people_done) = {0};
    struct vrx_municipality_code code;
    uint64_t threshold = 1;
    VRX_CLI_TRY(read_people(arguments, &people));
    const bool own = !people.count;
    VRX_CLI_TRY(vrx_value_number(arguments, "threshold", 1, own ? 1 : people.count, 1, &threshold));
    struct vrx_result result =
        vrx_municipality_code_parse(vrx_view_text(vrx_argument(arguments, "municipality")), &code);
    if (vrx_is_ok(result))
        result = init(&code, out, threshold, &people);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(out, result);
    return print_init(arguments, own, people.count, threshold);
}

static int remake(const struct vrx_arguments *arguments, struct vrx_view bytes) {
    const char *out = vrx_argument(arguments, "out");
    struct people people VRX_CLEANUP(people_done) = {0};
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer made VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_keyring old;
    uint64_t threshold = 1;
    VRX_CLI_TRY(read_people(arguments, &people));
    VRX_CLI_TRY(vrx_value_number(arguments, "threshold", 1, people.count, 1, &threshold));
    struct vrx_result result = vrx_keyring_parse(bytes, &old);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "keyring"), result);
    VRX_CLI_TRY(vrx_cli_custodian_root(arguments, &old, &root));
    const bool new_root = vrx_argument_given(arguments, "new-root");
    const struct vrx_keyring_renewal renewal = {
        .root = new_root, .data = new_root || vrx_argument_given(arguments, "new-data-key")};
    const struct vrx_custodians custodians = {
        (const struct vrx_public_key *const *)people.keys, people.count, (size_t)threshold};
    result = vrx_keyring_remake(&old, root, &custodians, &renewal, vrx_random_system(), &made);
    if (vrx_is_ok(result))
        result = vrx_file_create(out, 0644, vrx_buffer_view(&made));
    return vrx_is_ok(result) ? vrx_print_field(arguments, "keyring", out)
                             : vrx_print_refusal(out, result);
}

static int run_rotate(const struct vrx_arguments *arguments) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, "keyring"), VRX_LIMIT_KEYRING, &bytes));
    return remake(arguments, vrx_buffer_view(&bytes));
}

static int run_key(const struct vrx_arguments *arguments) {
    const char *out = vrx_argument(arguments, "out");
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_result result = vrx_pki_make_key(out, &key);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(out, result);
    return vrx_print_field(arguments, "key", out);
}

static int run_public(const struct vrx_arguments *arguments) {
    struct vrx_cli_custodian custodian VRX_CLEANUP(vrx_cli_custodian_done) = {0};
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_cli_custodian_open(vrx_argument(arguments, "custodian"), &custodian));
    struct vrx_result result = vrx_public_key_to_pem(custodian.public, &pem);
    if (vrx_is_ok(result))
        result = vrx_buffer_append_byte(&pem, '\0');
    if (!vrx_is_ok(result))
        return vrx_print_refusal("custodian public", result);
    if (vrx_argument_json(arguments))
        return vrx_print_field(arguments, "public_key", (const char *)pem.ptr);
    fputs((const char *)pem.ptr, stdout);
    return VRX_EXIT_OK;
}

static const struct vrx_option init_options[] = {
    {"municipality", "CODE", true, false, "6 digits", "団体コード"},
    {"out", "DIR", true, false, "folder to write to", "出力先フォルダー"},
    {"custodian-key", "PUBLIC.pem", false, true,
        "a custodian's public key (vrx custodian public); without one, a key is made here",
        "鍵管理者の公開鍵。指定しないときはここで鍵を作る"},
    {"threshold", "K", false, false, "how many of the custodians open the vault together; 1",
        "開封に必要な鍵管理者の人数（既定は1）"},
    {0},
};

static const struct vrx_option rotate_options[] = {
    {"custodian", "FILE|URI", true, true,
        "the key of a present custodian, as many as the present keyring asks for",
        "現在の鍵管理者の秘密鍵（必要な人数分）"},
    {"keyring", "FILE", true, false, "the present keyring.cbor", "現在の鍵束"},
    {"custodian-key", "PUBLIC.pem", true, true, "the public key of a custodian from now on",
        "今後の鍵管理者の公開鍵"},
    {"threshold", "K", false, false, "how many of them open the vault together; 1",
        "開封に必要な鍵管理者の人数（既定は1）"},
    {"new-root", NULL, false, false,
        "a new root key and a new data key: who leaves and keeps keys and keyring opens no later "
        "copy of the vault",
        "ルート鍵とデータ鍵を新しくする。退任者の鍵では、以後の保管庫を開けなくなる"},
    {"new-data-key", NULL, false, false, "a new data key under the same root key",
        "データ鍵だけを新しくする"},
    {"out", "FILE", true, false, "where to write the new keyring", "新しい鍵束の出力先"},
    {0},
};

static const struct vrx_option key_options[] = {
    {"out", "FILE", true, false, "where to write the private key (PEM, mode 0600)",
        "秘密鍵の出力先"},
    {0},
};

static const struct vrx_option public_options[] = {
    VRX_CUSTODIAN_OPTION,
    {0},
};

const struct vrx_command vrx_cli_custodian_commands[] = {
    {"custodian init", false, "make the municipality's keyring, and a key for a sole custodian",
        "自治体の鍵束を作る（1人のときは鍵管理者の鍵も）", init_options, run_init},
    {"custodian rotate", false,
        "make the next keyring, for other custodians or with a new root key or data key",
        "次の鍵束を作る（鍵管理者の交代、ルート鍵・データ鍵の更新）", rotate_options, run_rotate},
    {"custodian key", false, "make a custodian's key, on that custodian's own machine",
        "鍵管理者の鍵を、本人の端末で作る", key_options, run_key},
    {"custodian public", false, "print the public part of a custodian's key (file or token)",
        "鍵管理者の公開鍵を表示する", public_options, run_public},
    {0},
};
