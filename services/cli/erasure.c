/* SPDX-License-Identifier: Apache-2.0
 *
 * Erasures that there were, and their certificates: listed, taken out of the service, and verified
 * with nothing but the municipality's keyring.
 */
#include "cli/erasure.h"

#include <stdio.h>

#include "base/encode.h"
#include "base/limits.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/signers.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"
#include "objects/erasure_certificate.h"
#include "objects/query.h"

static const char *kind_word(unsigned kind) {
    return vrx_choice_word(vrx_erased_kind_choices, kind);
}

static void rows_json(
    Vrx__V1__ErasedRows *const *rows, size_t count, struct vrx_json *json, const char *name) {
    struct vrx_json object;
    vrx_json_object(&object);
    for (size_t i = 0; i < count; i++)
        vrx_json_number(&object, kind_word((unsigned)rows[i]->kind), rows[i]->rows);
    vrx_json_put(json, name, &object);
}

static void print_rows(Vrx__V1__ErasedRows *const *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("  %s / %s: %llu\n", kind_word((unsigned)rows[i]->kind),
            vrx_choice_ja(vrx_erased_kind_choices, (unsigned)rows[i]->kind),
            (unsigned long long)rows[i]->rows);
    if (!count)
        puts("  nothing / なし");
}

int vrx_cli_erased_print(
    const char *what, Vrx__V1__ErasedRows *const *rows, size_t count, bool json) {
    if (!json) {
        puts(what);
        print_rows(rows, count);
        return VRX_EXIT_OK;
    }
    struct vrx_json object VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&object);
    vrx_json_text(&object, "what", what);
    rows_json(rows, count, &object, "rows");
    return vrx_json_print(&object);
}

static void erasure_json(const Vrx__V1__Erasure *erasure, struct vrx_json *ret_json) {
    vrx_json_object(ret_json);
    vrx_json_hex(ret_json, "erasure_id", vrx_bytes_view(erasure->erasure_id));
    vrx_json_text(
        ret_json, "class", vrx_choice_word(vrx_retention_class_choices, (unsigned)erasure->what));
    if (erasure->order[0])
        vrx_json_text(ret_json, "order", erasure->order);
    vrx_json_time(ret_json, "begun_at", erasure->begun_at);
    if (erasure->ended_at)
        vrx_json_time(ret_json, "ended_at", erasure->ended_at);
    vrx_json_bool(ret_json, "certified", erasure->certificate.len > 0);
    rows_json(erasure->erased, erasure->n_erased, ret_json, "rows");
}

int vrx_cli_erasure_print(const Vrx__V1__Erasure *erasure, bool json) {
    char id[2 * VRX_ID + 1] = "";
    char begun[VRX_PRINT_TIME];
    if (json) {
        struct vrx_json object VRX_CLEANUP(vrx_json_done);
        erasure_json(erasure, &object);
        return vrx_json_print(&object);
    }
    vrx_hex_string(vrx_view_slice(vrx_bytes_view(erasure->erasure_id), 0, VRX_ID), id);
    vrx_print_time(erasure->begun_at, begun);
    printf("%s  %s  %s / %s  %s\n", id, begun,
        vrx_choice_word(vrx_retention_class_choices, (unsigned)erasure->what),
        vrx_choice_ja(vrx_retention_class_choices, (unsigned)erasure->what),
        erasure->certificate.len ? "certified / 証明済み" : "not ended / 未完了");
    if (erasure->order[0]) {
        fputs("  order / 決定: ", stdout);
        vrx_text_pad(stdout, erasure->order, 0, false);
        putchar('\n');
    }
    print_rows(erasure->erased, erasure->n_erased);
    return VRX_EXIT_OK;
}

static int fetch(
    struct vrx_connection *connection, const Vrx__V1__ListErasuresResponse **ret_list) {
    Vrx__V1__ListErasuresRequest request;
    vrx__v1__list_erasures_request__init(&request);
    ProtobufCMessage *message = NULL;
    VRX_CLI_TRY(vrx_call_unary(connection, VRX_REMOTE("Retention", "ListErasures", list_erasures),
        &request.base, &message));
    *ret_list = (const void *)message;
    return VRX_EXIT_OK;
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    const Vrx__V1__ListErasuresResponse *list = NULL;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(fetch(&connection, &list));
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_erasures; i++) {
        struct vrx_json row;
        if (!vrx_argument_json(arguments)) {
            VRX_CLI_TRY(vrx_cli_erasure_print(list->erasures[i], false));
            continue;
        }
        erasure_json(list->erasures[i], &row);
        vrx_json_add(&json, &row);
    }
    return vrx_argument_json(arguments) ? vrx_json_print(&json) : VRX_EXIT_OK;
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    VRX_CLI_TRY(vrx_value_id(arguments, "id", &id));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    const Vrx__V1__ListErasuresResponse *list = NULL;
    const Vrx__V1__Erasure *found = NULL;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(fetch(&connection, &list));
    for (size_t i = 0; i < list->n_erasures; i++)
        if (vrx_view_equal(
                vrx_bytes_view(list->erasures[i]->erasure_id), vrx_view_of(id.bytes, VRX_ID)))
            found = list->erasures[i];
    if (!found)
        return vrx_print_refusal("erasure / 消去", vrx_fail(VRX_NOT_FOUND));
    const char *out = vrx_argument(arguments, "out");
    if (out && !found->certificate.len)
        return vrx_print_refusal("erasure / 消去", vrx_fail(VRX_WRONG_STATE));
    struct vrx_result result =
        out ? vrx_file_replace(out, 0644, vrx_bytes_view(found->certificate)) : vrx_ok();
    return vrx_is_ok(result) ? vrx_cli_erasure_print(found, vrx_argument_json(arguments))
                             : vrx_print_refusal(out, result);
}

/* ---- offline ---- */

static struct vrx_result verify(const struct vrx_arguments *arguments, struct vrx_arena *arena,
    struct vrx_erasure_certificate *ret_certificate) {
    struct vrx_cli_signers signers VRX_CLEANUP(vrx_cli_signers_done) = {0};
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_cli_signers_read(vrx_argument(arguments, "keyring"), &signers));
    VRX_TRY(vrx_file_read(vrx_argument(arguments, ""), VRX_LIMIT_SIGNED_OBJECT, &message));
    VRX_TRY(vrx_object_verify_by(&vrx_erasure_certificate_schema, vrx_buffer_view(&message),
        vrx_cli_signers_keys(&signers), arena, ret_certificate));
    if (!vrx_municipality_code_equal(&ret_certificate->municipality, &signers.municipality))
        return vrx_refuse(VRX_SIGNATURE_INVALID, "erasure_certificate: of another municipality");
    return vrx_ok();
}

/* A certificate's rows as a message has them. */
struct certified {
    Vrx__V1__ErasedRows rows[VRX_ERASED_LAST];
    Vrx__V1__ErasedRows *list[VRX_ERASED_LAST];
    size_t count;
};

static void certified_init(
    struct certified *certified, const struct vrx_erasure_certificate *certificate) {
    certified->count = certificate->erased_count;
    for (size_t i = 0; i < certified->count; i++) {
        Vrx__V1__ErasedRows *row = &certified->rows[i];
        vrx__v1__erased_rows__init(row);
        row->kind = (Vrx__V1__ErasedKind)certificate->erased[i].kind;
        row->rows = certificate->erased[i].rows;
        certified->list[i] = row;
    }
}

static void bounded_json(struct vrx_json *json, const char *name, struct vrx_view text) {
    char copy[VRX_LIMIT_ORDER + 1];
    snprintf(copy, sizeof copy, "%.*s", (int)text.len, text.len ? (const char *)text.ptr : "");
    vrx_json_text(json, name, copy);
}

/* What is a text is bounded by the schema; none is longer than an order. */
static int verified_json(
    const struct vrx_erasure_certificate *certificate, const struct certified *certified) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_bool(&json, "verified", true);
    vrx_json_hex(&json, "erasure_id", vrx_view_of(certificate->id, VRX_ID));
    vrx_json_text(&json, "municipality", certificate->municipality.digits);
    vrx_json_text(
        &json, "class", vrx_choice_word(vrx_retention_class_choices, (unsigned)certificate->what));
    if (certificate->order.len)
        bounded_json(&json, "order", certificate->order);
    else
        vrx_json_number(&json, "days", certificate->days);
    bounded_json(&json, "operator", certificate->operator_id);
    bounded_json(&json, "terminal", certificate->terminal_id);
    vrx_json_time(&json, "begun_at", certificate->begun_at);
    vrx_json_time(&json, "ended_at", certificate->ended_at);
    vrx_json_number(&json, "size_before", certificate->size_before);
    vrx_json_hex(&json, "root_before", vrx_view_of(certificate->root_before, VRX_DIGEST));
    vrx_json_number(&json, "size_after", certificate->size_after);
    vrx_json_hex(&json, "root_after", vrx_view_of(certificate->root_after, VRX_DIGEST));
    rows_json(certified->list, certified->count, &json, "rows");
    return vrx_json_print(&json);
}

static int show_verified(
    const struct vrx_erasure_certificate *certificate, const struct certified *certified) {
    char ended[VRX_PRINT_TIME];
    vrx_print_time(certificate->ended_at, ended);
    printf("verified: %s erased for good, ended %s\n検証済み: %s が完全に消去しました（%s 完了）\n",
        certificate->municipality.digits, ended, certificate->municipality.digits, ended);
    if (certificate->reason == VRX_ERASURE_ORDER)
        printf("  one person, by order / 決定による一個人の消去: %.*s\n",
            (int)certificate->order.len, (const char *)certificate->order.ptr);
    else
        printf("  %s / %s: older than %llu days / %llu 日経過\n",
            vrx_choice_word(vrx_retention_class_choices, (unsigned)certificate->what),
            vrx_choice_ja(vrx_retention_class_choices, (unsigned)certificate->what),
            (unsigned long long)certificate->days, (unsigned long long)certificate->days);
    print_rows(certified->list, certified->count);
    printf("  ledger / 台帳: %llu -> %llu\n", (unsigned long long)certificate->size_before,
        (unsigned long long)certificate->size_after);
    return VRX_EXIT_OK;
}

static int run_verify(const struct vrx_arguments *arguments) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_erasure_certificate certificate;
    struct certified certified;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = verify(arguments, &arena, &certificate);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, ""), result);
    certified_init(&certified, &certificate);
    return vrx_argument_json(arguments) ? verified_json(&certificate, &certified)
                                        : show_verified(&certificate, &certified);
}

static const struct vrx_option no_options[] = {{0}};

static const struct vrx_option show_options[] = {
    {"id", "HEX", true, false, "the erasure", "消去の識別子"},
    {"out", "FILE", false, false, "writes the certificate here", "消去証明書を書き出す"},
    {0},
};

static const struct vrx_option verify_options[] = {
    {"", "FILE", true, false, "of vrx erasure show --out", "消去証明書"},
    {"keyring", "FILE", true, false, "the municipality's keyring, for its public keys",
        "自治体の鍵束"},
    {0},
};

const struct vrx_command vrx_cli_erasure_commands[] = {
    {"erasure list", true, "the erasures that there were", "消去の一覧を表示する", no_options,
        run_list},
    {"erasure show", true, "one erasure, and its certificate to take away",
        "消去を表示し、証明書を書き出す", show_options, run_show},
    {"erasure verify", false, "check an erasure certificate offline",
        "消去証明書をオフラインで検証する", verify_options, run_verify},
    {0},
};
