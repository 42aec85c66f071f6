/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx authority directory`: who the municipalities are, with which keys, since when until when.
 * Made as a whole, or from the one before with what has changed.
 */
#include <string.h>

#include "base/limits.h"
#include "cli/law.h"
#include "cli/signers.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/x509.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "pki/pki.h"

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

/* What is said of a municipality's daemons takes the place of what was said before. */
static struct vrx_result forget_daemons(
    const char *text, struct vrx_arena *arena, const struct vrx_directory *directory) {
    char *code = NULL;
    VRX_TRY(vrx_arena_string(arena, vrx_view_of(text, strcspn(text, ",")), &code));
    for (size_t i = 0; i < directory->entry_count; i++) {
        struct vrx_directory_entry *entry = &directory->entries[i];
        if (strcmp(entry->code.digits, code) != 0)
            continue;
        entry->daemons = NULL;
        entry->daemon_count = 0;
    }
    return vrx_ok();
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
static struct vrx_result check_entry(
    const struct vrx_directory_entry *earlier, const struct vrx_directory_entry *later) {
    if (!vrx_municipality_code_equal(&earlier->code, &later->code))
        return vrx_ok();
    VRX_TRY(check_keys(
        earlier->signing_keys, earlier->signing_key_count, vrx_directory_signing_keys(later)));
    return check_keys(earlier->exchange_keys, earlier->exchange_key_count,
        (struct vrx_dated_keys){later->exchange_keys, later->exchange_key_count});
}

static struct vrx_result check_previous(
    const struct vrx_directory *previous, const struct vrx_directory *next) {
    if (previous->version >= next->version)
        return vrx_refuse(VRX_DIRECTORY_STALE, "--version: ascends");
    for (size_t i = 0; i < previous->entry_count; i++)
        for (size_t j = 0; j < next->entry_count; j++)
            VRX_TRY(check_entry(&previous->entries[i], &next->entries[j]));
    return vrx_ok();
}

/* ---- what is made of it ---- */

struct making {
    const struct vrx_arguments *arguments;
    struct vrx_arena arena;
    bool has_previous;
    struct vrx_directory previous;
    struct vrx_cli_dating dating;
    struct vrx_directory next;
};

/* The entries that stay. One that was to be valid as long as its directory is so with this one. */
static void keep_entries(struct making *making) {
    for (size_t i = 0; i < making->previous.entry_count; i++) {
        struct vrx_directory_entry *entry = &making->next.entries[making->next.entry_count++];
        *entry = making->previous.entries[i];
        if (entry->valid_until == making->previous.expires)
            entry->valid_until = making->dating.expires;
    }
}

/* The one of this municipality that is valid at the time, or will be. */
static struct vrx_directory_entry *find_open(
    struct making *making, const struct vrx_municipality_code *code, int64_t time) {
    for (size_t i = making->next.entry_count; i-- > 0;) {
        struct vrx_directory_entry *entry = &making->next.entries[i];
        if (vrx_municipality_code_equal(&entry->code, code) && entry->valid_until >= time)
            return entry;
    }
    return NULL;
}

/* A further municipality; or keys and names of one that is there, which stays since when it was and
 * where it is reached. */
static struct vrx_result put_entry(struct making *making, const char *text) {
    struct vrx_directory_entry entry;
    int64_t from = making->dating.issued;
    if (vrx_argument_given(making->arguments, "from"))
        VRX_TRY(vrx_value_instant(vrx_argument(making->arguments, "from"), false, &from));
    VRX_TRY(read_entry(text, &making->dating, &making->arena, &entry));
    struct vrx_directory_entry *there = find_open(making, &entry.code, from);
    if (!there) {
        entry.valid_from = from;
        making->next.entries[making->next.entry_count++] = entry;
        return vrx_ok();
    }
    entry.valid_from = there->valid_from;
    entry.valid_until = there->valid_until;
    entry.endpoint = there->endpoint;
    entry.daemons = there->daemons;
    entry.daemon_count = there->daemon_count;
    *there = entry;
    return vrx_ok();
}

static struct vrx_result end_entry(struct making *making, const char *text) {
    struct vrx_municipality_code code;
    char *name = NULL;
    int64_t end = making->dating.issued;
    VRX_TRY(vrx_cli_law_instant(text, true, &making->arena, &name, &end));
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(name), &code));
    struct vrx_directory_entry *entry = find_open(making, &code, making->dating.issued);
    if (!entry)
        return vrx_refuse(VRX_MUNICIPALITY_UNKNOWN, "--end: in the directory that is amended");
    if (end < entry->valid_from)
        return vrx_refuse(VRX_INPUT_RANGE, "--end: not before its beginning");
    entry->valid_until = end;
    return vrx_ok();
}

static struct vrx_result read_previous(struct making *making) {
    const bool amends = vrx_argument_given(making->arguments, "amend");
    if (amends && vrx_argument_given(making->arguments, "previous"))
        return vrx_refuse(VRX_INPUT_RANGE, "--amend or --previous");
    making->has_previous = amends || vrx_argument_given(making->arguments, "previous");
    if (!making->has_previous)
        return vrx_ok();
    return vrx_cli_law_read(making->arguments,
        vrx_argument(making->arguments, amends ? "amend" : "previous"), &vrx_directory_schema,
        &making->arena, &making->previous);
}

/* Room for all that may be in it. */
static struct vrx_result begin(struct making *making) {
    VRX_TRY(vrx_cli_dating_after(making->arguments,
        making->has_previous ? &making->previous.version : NULL, &making->dating));
    const size_t most =
        making->previous.entry_count + vrx_argument_count(making->arguments, "municipality");
    making->next = (struct vrx_directory){
        .version = making->dating.version,
        .issued = making->dating.issued,
        .expires = making->dating.expires,
        .entries = vrx_arena_alloc_array(&making->arena, most, sizeof *making->next.entries),
    };
    return making->next.entries ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

static struct vrx_result make_directory(struct making *making) {
    const struct vrx_arguments *arguments = making->arguments;
    VRX_TRY(read_previous(making));
    VRX_TRY(begin(making));
    if (vrx_argument_given(arguments, "amend"))
        keep_entries(making);
    else if (vrx_argument_given(arguments, "end"))
        return vrx_refuse(VRX_INPUT_RANGE, "--end: with --amend");
    for (size_t i = 0; i < vrx_argument_count(arguments, "municipality"); i++)
        VRX_TRY(put_entry(making, vrx_argument_at(arguments, "municipality", i)));
    for (size_t i = 0; i < vrx_argument_count(arguments, "end"); i++)
        VRX_TRY(end_entry(making, vrx_argument_at(arguments, "end", i)));
    for (size_t i = 0; i < vrx_argument_count(arguments, "daemon"); i++)
        VRX_TRY(
            forget_daemons(vrx_argument_at(arguments, "daemon", i), &making->arena, &making->next));
    for (size_t i = 0; i < vrx_argument_count(arguments, "daemon"); i++)
        VRX_TRY(
            read_daemon(vrx_argument_at(arguments, "daemon", i), &making->arena, &making->next));
    if (making->has_previous)
        VRX_TRY(check_previous(&making->previous, &making->next));
    return vrx_cli_law_sign(arguments, &vrx_directory_schema, &making->next);
}

static int run_directory(const struct vrx_arguments *arguments) {
    struct making making = {.arguments = arguments};
    vrx_arena_init(&making.arena, 0);
    struct vrx_result result = make_directory(&making);
    vrx_arena_done(&making.arena);
    return vrx_cli_law_report(arguments, "directory", result);
}

/* ---- the table ---- */

static const struct vrx_option directory_options[] = {VRX_AUTHORITY_OPTION,
    {"amend", "FILE", false, false,
        "the directory that this one comes after: its entries stay but for what is said here",
        "改める名簿。ここで指定しない登録はそのまま残る"},
    {"municipality", "KEYRING,NAME-JA,NAME-EN", false, true,
        "one municipality; of one that is there already, its keys and names",
        "自治体（登録済みなら鍵と名称を改める）"},
    {"from", "DAY|TIME", false, false, "since when the municipalities that are new are valid; now",
        "新しい登録の有効期間の開始（省略時は現在）"},
    {"end", "CODE[=DAY|TIME]", false, true, "a municipality whose entry ends then, or now",
        "登録を終える自治体と日時（省略時は現在）"},
    {"daemon", "CODE,HOST:PORT,CERTIFICATE[,CERTIFICATE]", false, true,
        "where other daemons reach one of them, and the TLS certificates of the daemon there: its "
        "server's, and the one with which it calls",
        "自治体のデーモンの接続先と、そのTLS証明書（サーバー用・接続用）"},
    {"previous", "FILE", false, false,
        "the directory in force, where all is said anew: no key that it has may be left out, as an "
        "older keyring would",
        "現在の名簿（全体を作り直すとき）。そこにある鍵が欠けていれば（古い鍵束など）署名しない"},
    VRX_DATING_OPTIONS, {0}};

const struct vrx_command vrx_cli_directory_commands[] = {
    {"authority directory", false, "sign the directory of municipalities, new or amended",
        "自治体名簿を作り、または改めて、署名する", directory_options, run_directory},
    {0},
};
