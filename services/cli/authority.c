/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx authority …`: the platform authority signs who the municipalities are and what is lawful
 * between them.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "cli/folder.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/signers.h"
#include "cli/themes.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "objects/directory.h"
#include "objects/permit.h"
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
    char *version_end = NULL;
    char *days_end = NULL;
    const char *version_text = vrx_argument(arguments, "version");
    const char *days_text = vrx_argument(arguments, "days");
    long long version = strtoll(version_text, &version_end, 10);
    long days = strtol(days_text, &days_end, 10);
    if (!*version_text || *version_end || version < 1)
        return vrx_refuse(VRX_INPUT_RANGE, "--version: from 1 on");
    if (!*days_text || *days_end || days < 1 || days > LONGEST_DAYS)
        return vrx_refuse(VRX_INPUT_RANGE, "--days: 1 to 3660");
    int64_t now = vrx_cli_now();
    *ret_dating =
        (struct vrx_cli_dating){(uint64_t)version, now, now + (int64_t)days * SECONDS_A_DAY};
    return vrx_ok();
}

/* Signs an object and writes it to --out. */
static struct vrx_result sign_to_file(const struct vrx_arguments *arguments,
    const struct vrx_object_schema *schema, const void *object) {
    struct vrx_cli_authority authority VRX_CLEANUP(vrx_cli_authority_done) = {0};
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_cli_authority_read(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_object_sign(
        schema, object, authority.key, vrx_view_of(authority.kid, VRX_KID), &message));
    return vrx_file_replace(vrx_argument(arguments, "out"), 0644, vrx_buffer_view(&message));
}

static int report(
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
    return report(arguments, "authority", result);
}

/* ---- directory ---- */

/* All keys of one kind, each with the time that the municipality says. */
static struct vrx_result put_keys(const struct vrx_published_keys *keys, struct vrx_arena *arena,
    struct vrx_dated_key **ret_keys, size_t *ret_count) {
    struct vrx_dated_key *list = vrx_arena_alloc_array(arena, keys->count, sizeof *list);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_cli_dated_keys(keys, list));
    for (size_t i = 0; i < keys->count; i++)
        VRX_TRY(vrx_arena_copy(arena, list[i].spki, &list[i].spki));
    *ret_keys = list;
    *ret_count = keys->count;
    return vrx_ok();
}

/* "keyring.cbor,札幌市,Sapporo" */
static struct vrx_result read_entry(const char *text, const struct vrx_cli_dating *dating,
    struct vrx_arena *arena, struct vrx_directory_entry *ret_entry) {
    const char *first = strchr(text, ',');
    const char *second = first ? strchr(first + 1, ',') : NULL;
    if (!second)
        return vrx_refuse(VRX_INPUT_MALFORMED, "--municipality: KEYRING,NAME-JA,NAME-EN");
    char *file = NULL;
    VRX_TRY(vrx_arena_string(arena, vrx_view_of(text, (size_t)(first - text)), &file));
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(file, VRX_LIMIT_KEYRING, &bytes));
    struct vrx_keyring keyring;
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&bytes), &keyring));
    *ret_entry = (struct vrx_directory_entry){
        .code = keyring.municipality,
        .name_ja = vrx_view_of(first + 1, (size_t)(second - first - 1)),
        .name_en = vrx_view_text(second + 1),
        .valid_from = dating->issued,
        .valid_until = dating->expires,
    };
    VRX_TRY(
        put_keys(&keyring.signing, arena, &ret_entry->signing_keys, &ret_entry->signing_key_count));
    return put_keys(
        &keyring.exchange, arena, &ret_entry->exchange_keys, &ret_entry->exchange_key_count);
}

/* One daemon certificate's key, into the entry. */
static struct vrx_result add_daemon(
    const char *file, struct vrx_arena *arena, struct vrx_directory_entry *entry) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    if (!entry->daemons)
        entry->daemons = vrx_arena_alloc_array(arena, VRX_LIMIT_DAEMONS, sizeof *entry->daemons);
    if (!entry->daemons)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (entry->daemon_count == VRX_LIMIT_DAEMONS)
        return vrx_refuse(VRX_CAP_REACHED, "--daemon: certificates of one municipality");
    VRX_TRY(vrx_pki_read_certificate(file, &certificate));
    return vrx_public_key_spki_sha256(
        vrx_certificate_key(certificate), entry->daemons[entry->daemon_count++]);
}

/* "011002,vrx.example.jp:7440,server.pem,client.pem" */
static struct vrx_result read_daemon(
    const char *text, struct vrx_arena *arena, const struct vrx_directory *directory) {
    static const char form[] = "--daemon: CODE,HOST:PORT,CERTIFICATE[,CERTIFICATE]";
    char *copy = NULL;
    char *rest = NULL;
    struct vrx_municipality_code code;
    struct vrx_directory_entry *entry = NULL;
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(text), &copy));
    const char *first = strtok_r(copy, ",", &rest);
    const char *endpoint = strtok_r(NULL, ",", &rest);
    const char *file = strtok_r(NULL, ",", &rest);
    if (!first || !endpoint || !file || !strchr(endpoint, ':'))
        return vrx_refuse(VRX_INPUT_MALFORMED, form);
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(first), &code));
    for (size_t i = 0; i < directory->entry_count; i++)
        if (vrx_municipality_code_equal(&directory->entries[i].code, &code))
            entry = &directory->entries[i];
    if (!entry)
        return vrx_refuse(VRX_MUNICIPALITY_UNKNOWN, form);
    entry->endpoint = vrx_view_text(endpoint);
    for (; file; file = strtok_r(NULL, ",", &rest))
        VRX_TRY(add_daemon(file, arena, entry));
    return vrx_ok();
}

/* Whether the later entry has every key of the earlier one. */
static struct vrx_result check_keys(
    const struct vrx_dated_key *earlier, size_t count, struct vrx_dated_keys later) {
    for (size_t i = 0; i < count; i++)
        if (!vrx_dated_key_find(later, vrx_view_of(earlier[i].kid, VRX_DATED_KID)))
            return vrx_refuse(VRX_DIRECTORY_STALE,
                "--municipality: an older keyring, without a key that the directory has");
    return vrx_ok();
}

/* With a key left out, what it signed would be worthless, and the municipality that signs with it
 * would be refused everywhere. */
static struct vrx_result check_previous(const char *file, const char *folder,
    const struct vrx_directory *next, struct vrx_arena *arena) {
    struct vrx_cli_authority authority VRX_CLEANUP(vrx_cli_authority_done) = {0};
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_directory previous;
    VRX_TRY(vrx_cli_authority_read(folder, &authority));
    VRX_TRY(vrx_private_key_public(authority.key, &key));
    VRX_TRY(vrx_file_read(file, VRX_LIMIT_CBOR_BYTES, &message));
    VRX_TRY(vrx_object_verify_pinned(
        &vrx_directory_schema, vrx_buffer_view(&message), key, arena, &previous));
    if (previous.version >= next->version)
        return vrx_refuse(VRX_DIRECTORY_STALE, "--version: ascends");
    for (size_t i = 0; i < previous.entry_count; i++)
        for (size_t j = 0; j < next->entry_count; j++) {
            const struct vrx_directory_entry *earlier = &previous.entries[i];
            const struct vrx_directory_entry *later = &next->entries[j];
            if (!vrx_municipality_code_equal(&earlier->code, &later->code))
                continue;
            VRX_TRY(check_keys(earlier->signing_keys, earlier->signing_key_count,
                vrx_directory_signing_keys(later)));
            VRX_TRY(check_keys(earlier->exchange_keys, earlier->exchange_key_count,
                (struct vrx_dated_keys){later->exchange_keys, later->exchange_key_count}));
        }
    return vrx_ok();
}

static struct vrx_result make_directory(
    const struct vrx_arguments *arguments, struct vrx_arena *arena) {
    struct vrx_cli_dating dating;
    VRX_TRY(vrx_cli_dating_read(arguments, &dating));
    size_t count = vrx_argument_count(arguments, "municipality");
    struct vrx_directory directory = {
        .version = dating.version,
        .issued = dating.issued,
        .expires = dating.expires,
        .entries = vrx_arena_alloc_array(arena, count, sizeof *directory.entries),
        .entry_count = count,
    };
    if (!directory.entries)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(read_entry(
            vrx_argument_at(arguments, "municipality", i), &dating, arena, &directory.entries[i]));
    for (size_t i = 0; i < vrx_argument_count(arguments, "daemon"); i++)
        VRX_TRY(read_daemon(vrx_argument_at(arguments, "daemon", i), arena, &directory));
    if (vrx_argument_given(arguments, "previous"))
        VRX_TRY(check_previous(vrx_argument(arguments, "previous"),
            vrx_argument(arguments, "authority"), &directory, arena));
    return sign_to_file(arguments, &vrx_directory_schema, &directory);
}

static int run_directory(const struct vrx_arguments *arguments) {
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = make_directory(arguments, &arena);
    vrx_arena_done(&arena);
    return report(arguments, "directory", result);
}

/* ---- permits ---- */

struct word {
    const char *text;
    uint64_t value;
};

static const struct word purposes[] = {
    {"mover", VRX_PURPOSE_MOVER}, {"certificate", VRX_PURPOSE_CERTIFICATE}, {0}};
static const struct word items[] = {{"dose", VRX_ITEM_DOSE}, {"lot", VRX_ITEM_LOT},
    {"venue", VRX_ITEM_VENUE}, {"physician", VRX_ITEM_PHYSICIAN}, {"ticket", VRX_ITEM_TICKET}, {0}};
static const struct word methods[] = {{"card-signature", VRX_IDENTITY_CARD_SIGNATURE},
    {"card-seen", VRX_IDENTITY_CARD_SEEN}, {"notification-photo", VRX_IDENTITY_NOTIFICATION_PHOTO},
    {"two-documents", VRX_IDENTITY_TWO_DOCUMENTS}, {"proxy", VRX_IDENTITY_PROXY}, {0}};

static struct vrx_result value_of(const struct word *words, const char *text, uint64_t *ret_value) {
    for (; text && words->text; words++)
        if (strcmp(words->text, text) == 0) {
            *ret_value = words->value;
            return vrx_ok();
        }
    return vrx_refuse(VRX_INPUT_RANGE, "permits: a word that the table does not know");
}

static struct vrx_result read_words(const json_t *list, const struct word *words,
    struct vrx_arena *arena, uint64_t **ret_values, size_t *ret_count) {
    size_t count = json_array_size(list);
    uint64_t *values = vrx_arena_alloc_array(arena, count, sizeof *values);
    if (!values)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(value_of(words, json_string_value(json_array_get(list, i)), &values[i]));
    *ret_values = values;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result read_codes(const json_t *list, struct vrx_arena *arena,
    struct vrx_municipality_code **ret_codes, size_t *ret_count) {
    size_t count = json_array_size(list);
    struct vrx_municipality_code *codes = vrx_arena_alloc_array(arena, count, sizeof *codes);
    if (!codes)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_municipality_code_parse(
            vrx_view_text(json_string_value(json_array_get(list, i))), &codes[i]));
    *ret_codes = codes;
    *ret_count = count;
    return vrx_ok();
}

/* The start of a day in Japan. */
static struct vrx_result read_day(const json_t *object, const char *key, int64_t *ret_time) {
    struct vrx_date date;
    VRX_TRY(vrx_date_parse(vrx_view_text(json_string_value(json_object_get(object, key))), &date));
    *ret_time = (int64_t)vrx_date_to_days(date) * SECONDS_A_DAY - VRX_JST_OFFSET;
    return vrx_ok();
}

static struct vrx_result read_permit(
    const json_t *object, struct vrx_arena *arena, struct vrx_permit *ret_permit) {
    struct vrx_permit permit = {
        .id = vrx_view_text(json_string_value(json_object_get(object, "id"))),
        .legal_basis = vrx_view_text(json_string_value(json_object_get(object, "legal_basis"))),
        .consent_required = json_is_true(json_object_get(object, "consent_required")),
    };
    if (!json_is_boolean(json_object_get(object, "consent_required")))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "permits: consent_required is true or false");
    json_int_t days = json_integer_value(json_object_get(object, "evidence_days"));
    if (days < 0 || days > LONGEST_DAYS)
        return vrx_refuse(VRX_INPUT_RANGE, "permits: evidence_days");
    permit.evidence_seconds = (uint64_t)days * SECONDS_A_DAY;
    VRX_TRY(
        value_of(purposes, json_string_value(json_object_get(object, "purpose")), &permit.purpose));
    VRX_TRY(
        read_codes(json_object_get(object, "askers"), arena, &permit.askers, &permit.asker_count));
    VRX_TRY(
        read_codes(json_object_get(object, "asked"), arena, &permit.asked, &permit.asked_count));
    VRX_TRY(read_words(
        json_object_get(object, "items"), items, arena, &permit.items, &permit.item_count));
    VRX_TRY(read_words(
        json_object_get(object, "methods"), methods, arena, &permit.methods, &permit.method_count));
    VRX_TRY(read_day(object, "in_force_from", &permit.in_force_from));
    VRX_TRY(read_day(object, "in_force_until", &permit.in_force_until));
    permit.in_force_until += SECONDS_A_DAY - 1; /* through that day */
    *ret_permit = permit;
    return vrx_ok();
}

static struct vrx_result make_permits(
    const struct vrx_arguments *arguments, const json_t *list, struct vrx_arena *arena) {
    struct vrx_cli_dating dating;
    VRX_TRY(vrx_cli_dating_read(arguments, &dating));
    if (!json_is_array(list))
        return vrx_refuse(VRX_INPUT_MALFORMED, "permits: a JSON array (RFC 8259)");
    size_t count = json_array_size(list);
    struct vrx_permit_table table = {
        .version = dating.version,
        .issued = dating.issued,
        .expires = dating.expires,
        .permits = vrx_arena_alloc_array(arena, count, sizeof *table.permits),
        .permit_count = count,
    };
    if (!table.permits)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(read_permit(json_array_get(list, i), arena, &table.permits[i]));
    return sign_to_file(arguments, &vrx_permit_table_schema, &table);
}

static int run_permits(const struct vrx_arguments *arguments) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result =
        vrx_file_read(vrx_argument(arguments, "table"), VRX_LIMIT_CBOR_BYTES, &text);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "table"), result);
    json_t *list = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    result = make_permits(arguments, list, &arena);
    vrx_arena_done(&arena);
    json_decref(list);
    return report(arguments, "permit table", result);
}

/* ---- the table ---- */

#define AUTHORITY \
    { "authority", "DIR", true, false, "the platform authority's folder", "署名機関のフォルダー" }
#define VERSION \
    { "version", "N", true, false, "ascends with every table", "版（増加する番号）" }
#define DAYS \
    { "days", "N", true, false, "days of validity", "有効日数" }
#define OUT \
    { "out", "FILE", true, false, "file to write", "出力先" }

static const struct vrx_option init_options[] = {
    {"out", "DIR", true, false, "folder to write to", "出力先フォルダー"}, {0}};
static const struct vrx_option directory_options[] = {AUTHORITY,
    {"municipality", "KEYRING,NAME-JA,NAME-EN", true, true, "one municipality", "自治体"},
    {"daemon", "CODE,HOST:PORT,CERTIFICATE[,CERTIFICATE]", false, true,
        "where other daemons reach one of them, and the TLS certificates of the daemon there: its "
        "server's, and the one with which it calls",
        "自治体のデーモンの接続先と、そのTLS証明書（サーバー用・接続用）"},
    {"previous", "FILE", false, false,
        "the directory in force: no key that it has may be left out, as an older keyring would",
        "現在の名簿。そこにある鍵が欠けていれば（古い鍵束など）署名しない"},
    VERSION, DAYS, OUT, {0}};
static const struct vrx_option permits_options[] = {AUTHORITY,
    {"table", "FILE", true, false, "the permits (JSON, as services/permits.json)", "許可表"},
    VERSION, DAYS, OUT, {0}};

const struct vrx_command vrx_cli_authority_commands[] = {
    {"authority init", false, "make the platform authority's key and certificate",
        "署名機関の鍵を作る", init_options, run_init},
    {"authority directory", false, "sign the directory of municipalities", "自治体名簿に署名する",
        directory_options, run_directory},
    {"authority permits", false, "sign the permit table", "情報提供許可表に署名する",
        permits_options, run_permits},
    {0},
};
