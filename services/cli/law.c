/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx authority show|check|fetch`: the signed law for whoever has the authority's certificate, and
 * nothing else of it.
 */
#include "cli/law.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/limits.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"
#include "objects/dated_key.h"
#include "rules/law_version.h"
#include "vrx/v1/law.pb-c.h"

struct vrx_result vrx_cli_law_instant(
    const char *text, bool last, struct vrx_arena *arena, char **ret_name, int64_t *ret_time) {
    const char *equals = strchr(text, '=');
    const size_t len = equals ? (size_t)(equals - text) : strlen(text);
    if (equals)
        VRX_TRY(vrx_value_instant(equals + 1, last, ret_time));
    return vrx_arena_string(arena, vrx_view_of(text, len), ret_name);
}

/* ---- a signed file ---- */

/* One of the two, as it says itself. */
struct law_file {
    struct vrx_arena arena;
    struct vrx_buffer message;
    enum vrx_law_kind kind;
    struct vrx_law_version version;
    struct vrx_directory directory;
    struct vrx_permit_table permits;
};

static void law_file_done(struct law_file *file) {
    vrx_arena_done(&file->arena);
    vrx_buffer_done(&file->message);
}

static const char *kind_name(enum vrx_law_kind kind) {
    return kind == VRX_LAW_DIRECTORY ? "directory" : "permits";
}

static const char *kind_ja(enum vrx_law_kind kind) {
    return kind == VRX_LAW_DIRECTORY ? "自治体名簿" : "情報提供許可表";
}

/* A signature holds for one kind of object only, so whichever verifies is what it is. */
static struct vrx_result law_file_read(
    const char *path, const struct vrx_public_key *authority, struct law_file *file) {
    vrx_arena_init(&file->arena, 0);
    VRX_TRY(vrx_file_read(path, VRX_LIMIT_CBOR_BYTES, &file->message));
    struct vrx_view message = vrx_buffer_view(&file->message);
    struct vrx_result result = vrx_object_verify_pinned(
        &vrx_directory_schema, message, authority, &file->arena, &file->directory);
    file->kind = VRX_LAW_DIRECTORY;
    if (result.reason == VRX_SIGNATURE_INVALID) {
        file->kind = VRX_LAW_PERMITS;
        result = vrx_object_verify_pinned(
            &vrx_permit_table_schema, message, authority, &file->arena, &file->permits);
    }
    VRX_TRY(result);
    const bool directory = file->kind == VRX_LAW_DIRECTORY;
    file->version = (struct vrx_law_version){
        .version = directory ? file->directory.version : file->permits.version,
        .issued = directory ? file->directory.issued : file->permits.issued,
        .expires = directory ? file->directory.expires : file->permits.expires,
    };
    return vrx_ok();
}

static struct vrx_result read_by(
    const struct vrx_arguments *arguments, const char *path, struct law_file *file) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_cli_certificate_key(vrx_argument(arguments, "authority"), &authority));
    return law_file_read(path, authority, file);
}

/* ---- show ---- */

static json_t *time_json(int64_t time) {
    char text[VRX_TIME_TEXT + 1];
    vrx_time_format(time, text);
    return json_string(text);
}

static json_t *hex_json(struct vrx_view bytes) {
    char text[2 * VRX_DIGEST + 1];
    vrx_hex_string(bytes, text);
    return json_string(text);
}

static json_t *keys_json(const struct vrx_dated_key *keys, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *key = json_object();
        json_object_set_new(key, "kid", hex_json(vrx_view_of(keys[i].kid, VRX_DATED_KID)));
        json_object_set_new(key, "from", time_json(keys[i].from));
        json_object_set_new(key, "until", time_json(keys[i].until));
        json_array_append_new(list, key);
    }
    return list;
}

static json_t *view_json(struct vrx_view text) {
    return json_stringn((const char *)text.ptr, text.len);
}

static json_t *entry_json(const struct vrx_directory_entry *entry) {
    json_t *object = json_object();
    json_t *daemons = json_array();
    for (size_t i = 0; i < entry->daemon_count; i++)
        json_array_append_new(daemons, hex_json(vrx_view_of(entry->daemons[i], VRX_DIGEST)));
    json_object_set_new(object, "code", json_string(entry->code.digits));
    json_object_set_new(object, "name_ja", view_json(entry->name_ja));
    json_object_set_new(object, "name_en", view_json(entry->name_en));
    json_object_set_new(object, "valid_from", time_json(entry->valid_from));
    json_object_set_new(object, "valid_until", time_json(entry->valid_until));
    if (entry->endpoint.len)
        json_object_set_new(object, "endpoint", view_json(entry->endpoint));
    json_object_set_new(object, "daemons", daemons);
    json_object_set_new(
        object, "signing_keys", keys_json(entry->signing_keys, entry->signing_key_count));
    json_object_set_new(
        object, "exchange_keys", keys_json(entry->exchange_keys, entry->exchange_key_count));
    return object;
}

static json_t *list_json(const struct law_file *file) {
    json_t *list = json_array();
    if (file->kind == VRX_LAW_DIRECTORY)
        for (size_t i = 0; i < file->directory.entry_count; i++)
            json_array_append_new(list, entry_json(&file->directory.entries[i]));
    else
        for (size_t i = 0; i < file->permits.permit_count; i++)
            json_array_append_new(list, vrx_cli_permit_json(&file->permits.permits[i]));
    return list;
}

static int print_json(const struct law_file *file, bool whole) {
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(kind_name(file->kind)));
    json_object_set_new(object, "version", json_integer((json_int_t)file->version.version));
    json_object_set_new(object, "issued", time_json(file->version.issued));
    json_object_set_new(object, "expires", time_json(file->version.expires));
    if (whole)
        json_object_set_new(object, file->kind == VRX_LAW_DIRECTORY ? "municipalities" : "permits",
            list_json(file));
    const bool written = json_dumpf(object, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
    json_decref(object);
    return written ? VRX_EXIT_OK : VRX_EXIT_FAILED;
}

static void print_head(const struct law_file *file) {
    char issued[VRX_PRINT_TIME];
    char expires[VRX_PRINT_TIME];
    vrx_print_time(file->version.issued, issued);
    vrx_print_time(file->version.expires, expires);
    printf("%s %s   version / 版: %llu   issued / 発行: %s   until / 期限: %s\n",
        kind_name(file->kind), kind_ja(file->kind), (unsigned long long)file->version.version,
        issued, expires);
}

static void put_view(struct vrx_table *table, struct vrx_view text) {
    vrx_table_format(table, "%.*s", (int)text.len, (const char *)text.ptr);
}

static int print_directory(const struct vrx_directory *directory) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(
        &table, (const char *const[]){"code / 団体コード", "name / 名称", "", "from / 開始",
                    "until / 終了", "keys / 鍵", "endpoint / 接続先", NULL});
    for (size_t i = 0; i < directory->entry_count; i++) {
        const struct vrx_directory_entry *entry = &directory->entries[i];
        vrx_table_text(&table, entry->code.digits);
        put_view(&table, entry->name_ja);
        put_view(&table, entry->name_en);
        vrx_table_time(&table, entry->valid_from);
        vrx_table_time(&table, entry->valid_until);
        vrx_table_format(&table, "%zu+%zu", entry->signing_key_count, entry->exchange_key_count);
        put_view(&table, entry->endpoint);
    }
    return vrx_print_table(&table);
}

static int print_permits(const struct vrx_permit_table *permits) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    const int64_t now = vrx_cli_now();
    vrx_table_init(&table, (const char *const[]){"id", "in force / 効力", "from / 開始",
                               "until / 終了", "consent / 同意", "legal basis / 根拠", NULL});
    for (size_t i = 0; i < permits->permit_count; i++) {
        const struct vrx_permit *permit = &permits->permits[i];
        const bool off = permit->in_force_from > permit->in_force_until;
        put_view(&table, permit->id);
        vrx_table_text(&table, off                            ? "off / 停止"
                               : now < permit->in_force_from  ? "later / 施行前"
                               : now > permit->in_force_until ? "over / 終了"
                                                              : "yes / 有効");
        vrx_table_time(&table, off ? VRX_KEY_NO_END : permit->in_force_from);
        vrx_table_time(&table, off ? VRX_KEY_NO_END : permit->in_force_until);
        vrx_table_text(&table, permit->consent_required ? "required / 必要" : "none / 不要");
        put_view(&table, permit->legal_basis);
    }
    return vrx_print_table(&table);
}

static int run_show(const struct vrx_arguments *arguments) {
    struct law_file file VRX_CLEANUP(law_file_done) = {0};
    struct vrx_result result = read_by(arguments, vrx_argument(arguments, "in"), &file);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "in"), result);
    if (vrx_argument_json(arguments))
        return print_json(&file, true);
    print_head(&file);
    return file.kind == VRX_LAW_DIRECTORY ? print_directory(&file.directory)
                                          : print_permits(&file.permits);
}

/* ---- check ---- */

static struct vrx_result check(const struct vrx_arguments *arguments, struct law_file *file) {
    struct law_file held VRX_CLEANUP(law_file_done) = {0};
    const char *held_path = vrx_argument(arguments, "held");
    int64_t time = vrx_cli_now();
    bool newer = false;
    if (vrx_argument_given(arguments, "at"))
        VRX_TRY(vrx_value_instant(vrx_argument(arguments, "at"), false, &time));
    VRX_TRY(read_by(arguments, vrx_argument(arguments, "in"), file));
    if (held_path)
        VRX_TRY(read_by(arguments, held_path, &held));
    if (held_path && held.kind != file->kind)
        return vrx_refuse(VRX_INPUT_TYPE, "--held: of the same kind");
    VRX_TRY(vrx_law_version_follows(
        file->kind, held_path ? &held.version : NULL, &file->version, time, &newer));
    if (file->version.expires < time)
        return vrx_refuse(VRX_DIRECTORY_EXPIRED, "its time is over");
    return vrx_ok();
}

static int run_check(const struct vrx_arguments *arguments) {
    struct law_file file VRX_CLEANUP(law_file_done) = {0};
    struct vrx_result result = check(arguments, &file);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "in"), result);
    if (vrx_argument_json(arguments))
        return print_json(&file, false);
    print_head(&file);
    return VRX_EXIT_OK;
}

/* ---- fetch ---- */

struct fetched {
    enum vrx_law_kind kind;
    const char *path;
    bool has_held;
    struct vrx_law_version held;
    struct vrx_law_version fresh;
    bool newer;
};

static struct vrx_result read_fetched_held(
    const struct vrx_public_key *authority, struct fetched *fetched) {
    struct law_file file VRX_CLEANUP(law_file_done) = {0};
    struct vrx_result read = law_file_read(fetched->path, authority, &file);
    if (read.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(read);
    if (file.kind != fetched->kind)
        return vrx_refuse(VRX_INPUT_TYPE, "what is in the file is the other one");
    fetched->held = file.version;
    fetched->has_held = true;
    return vrx_ok();
}

static int ask(struct vrx_connection *connection, const struct fetched *fetched,
    struct vrx_view *ret_message) {
    const uint64_t known = fetched->has_held ? fetched->held.version : 0;
    ProtobufCMessage *reply = NULL;
    if (fetched->kind == VRX_LAW_DIRECTORY) {
        Vrx__V1__GetDirectoryRequest request = VRX__V1__GET_DIRECTORY_REQUEST__INIT;
        request.known_version = known;
        VRX_CLI_TRY(vrx_call_unary(
            connection, VRX_REMOTE("Law", "GetDirectory", get_directory), &request.base, &reply));
        const Vrx__V1__GetDirectoryResponse *got = (const void *)reply;
        *ret_message = vrx_bytes_view(got->directory);
        return VRX_EXIT_OK;
    }
    Vrx__V1__GetPermitTableRequest request = VRX__V1__GET_PERMIT_TABLE_REQUEST__INIT;
    request.known_version = known;
    VRX_CLI_TRY(vrx_call_unary(
        connection, VRX_REMOTE("Law", "GetPermitTable", get_permit_table), &request.base, &reply));
    const Vrx__V1__GetPermitTableResponse *got = (const void *)reply;
    *ret_message = vrx_bytes_view(got->permit_table);
    return VRX_EXIT_OK;
}

static struct vrx_result take(const struct vrx_public_key *authority, struct vrx_view message,
    struct vrx_arena *arena, struct fetched *fetched) {
    fetched->fresh = fetched->held;
    if (!message.len)
        return vrx_ok(); /* the same */
    VRX_TRY(vrx_law_version_read(fetched->kind, message, authority, arena, &fetched->fresh));
    VRX_TRY(vrx_law_version_follows(fetched->kind, fetched->has_held ? &fetched->held : NULL,
        &fetched->fresh, vrx_cli_now(), &fetched->newer));
    return fetched->newer ? vrx_file_replace(fetched->path, 0644, message) : vrx_ok();
}

static int fetch(struct vrx_connection *connection, const struct vrx_public_key *authority,
    struct fetched *fetched) {
    struct vrx_view message = {0};
    struct vrx_result result = read_fetched_held(authority, fetched);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(fetched->path, result);
    VRX_CLI_TRY(ask(connection, fetched, &message));
    result = take(authority, message, &connection->arena, fetched);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(fetched->path, result);
}

static int print_fetched(const struct vrx_arguments *arguments, const struct fetched both[2]) {
    if (!vrx_argument_json(arguments)) {
        for (size_t i = 0; i < 2; i++)
            printf("%s %s: version / 版 %llu   %s\n", kind_name(both[i].kind),
                kind_ja(both[i].kind), (unsigned long long)both[i].fresh.version,
                both[i].newer ? "taken / 取得しました" : "unchanged / 変更なし");
        return VRX_EXIT_OK;
    }
    json_t *object = json_object();
    for (size_t i = 0; i < 2; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "version", json_integer((json_int_t)both[i].fresh.version));
        json_object_set_new(one, "taken", json_boolean(both[i].newer));
        json_object_set_new(object, kind_name(both[i].kind), one);
    }
    const bool written = json_dumpf(object, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
    json_decref(object);
    return written ? VRX_EXIT_OK : VRX_EXIT_FAILED;
}

static int run_fetch(const struct vrx_arguments *arguments) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct fetched both[2] = {
        {.kind = VRX_LAW_DIRECTORY, .path = vrx_argument(arguments, "directory")},
        {.kind = VRX_LAW_PERMITS, .path = vrx_argument(arguments, "permits")},
    };
    struct vrx_result result =
        vrx_cli_certificate_key(vrx_argument(arguments, "authority"), &authority);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "authority"), result);
    VRX_CLI_TRY(vrx_connect_as_anyone(
        vrx_argument(arguments, "server"), vrx_argument(arguments, "ca"), &connection));
    int status = VRX_EXIT_OK;
    for (size_t i = 0; i < 2; i++) { /* one that is refused does not keep the other back */
        const int one = fetch(&connection, authority, &both[i]);
        status = status == VRX_EXIT_OK ? one : status;
    }
    return status == VRX_EXIT_OK ? print_fetched(arguments, both) : status;
}

/* ---- the table ---- */

#define BY \
    { "authority", "FILE", true, false, "the platform authority's certificate", "署名機関の証明書" }
#define IN \
    { \
        "in", "FILE", true, false, "a signed directory or permit table", \
            "署名済みの自治体名簿または許可表" \
    }

static const struct vrx_option show_options[] = {IN, BY, {0}};
static const struct vrx_option check_options[] = {IN, BY,
    {"held", "FILE", false, false, "the one that it shall take the place of: not an older one",
        "置き換えられるもの（古い版への置換えは不可）"},
    {"at", "DAY|TIME", false, false, "as of then; now", "基準日時（省略時は現在）"}, {0}};
static const struct vrx_option fetch_options[] = {
    {"server", "HOST:PORT", true, false, "a daemon's public listener", "公開待ち受け"},
    {"ca", "FILE", true, false, "CA of its certificate", "その証明書の認証局"}, BY,
    {"directory", "FILE", true, false, "the file to put a newer directory into",
        "新しい名簿の書込み先"},
    {"permits", "FILE", true, false, "the file to put a newer permit table into",
        "新しい許可表の書込み先"},
    {0}};

const struct vrx_command vrx_cli_law_commands[] = {
    {"authority show", false, "a signed directory or permit table, verified",
        "署名済みの名簿・許可表を検証して表示する", show_options, run_show},
    {"authority check", false,
        "whether a signed directory or permit table may be used: signature, time, version",
        "名簿・許可表が使用できるか検査する（署名・期限・版）", check_options, run_check},
    {"authority fetch", false, "take newer ones from a daemon, by the authority's signature",
        "新しい名簿・許可表をデーモンから取得する（署名を検証）", fetch_options, run_fetch},
    {0},
};
