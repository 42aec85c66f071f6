/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a transfer was answered or refused. The municipality's service hands over what it holds,
 * signed; what follows from it is worked out here, by the authority's key alone. So a file that was
 * written with --export says the same years later, when there is no service any more.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/explained.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"
#include "vrx/v1/exchange.pb-c.h"

static int read_key(const struct vrx_arguments *arguments, struct vrx_public_key **ret_key) {
    const char *file = vrx_argument(arguments, "authority-key");
    struct vrx_result result = vrx_cli_certificate_key(file, ret_key);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(file, result);
}

/* For whoever takes the file away: what lies in it. */
static int export_bundle(const struct vrx_arguments *arguments,
    const struct vrx_explained *explained, struct vrx_view bundle) {
    const char *file = vrx_argument(arguments, "export");
    if (!file)
        return VRX_EXIT_OK;
    struct vrx_result result = vrx_file_replace(file, 0600, bundle);
    if (!vrx_is_ok(result))
        return vrx_print_file_failure(file, result);
    fputs("vrx: the file holds personal data, as the municipality's records do; keep it as those\n"
          "     書き出したファイルは個人情報を含みます。接種記録と同様に管理してください\n",
        stderr);
    if (explained->has_query && explained->query.individual_number.len)
        fputs("vrx: the individual number stands in it, inside the signed query\n"
              "     署名された照会に個人番号が含まれます（特定個人情報）\n",
            stderr);
    return VRX_EXIT_OK;
}

static int explain(const struct vrx_arguments *arguments, struct vrx_view bundle) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_explained explained;
    VRX_CLI_TRY(read_key(arguments, &authority));
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_explain(bundle, authority, &arena, &explained);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("explanation / 説明", result);
    VRX_CLI_TRY(export_bundle(arguments, &explained, bundle));
    return vrx_argument_json(arguments) ? vrx_explained_print_json(&explained)
                                        : vrx_explained_print(&explained);
}

static int explain_file(const struct vrx_arguments *arguments) {
    struct vrx_buffer bundle VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, "bundle"), VRX_LIMIT_EXPLANATION, &bundle));
    return explain(arguments, vrx_buffer_view(&bundle));
}

static int explain_transfer(const struct vrx_arguments *arguments) {
    struct vrx_value_id query;
    Vrx__V1__ExplainTransferRequest request;
    vrx__v1__explain_transfer_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "", &query));
    if (vrx_argument_given(arguments, "asker"))
        VRX_CLI_TRY(vrx_value_municipality("asker", vrx_argument(arguments, "asker")));
    request.query_id = vrx_value_id_field(&query);
    request.asker_municipality = vrx_value_text(arguments, "asker");
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Exchange", "ExplainTransfer", explain_transfer), &request.base, &reply));
    const Vrx__V1__ExplainTransferResponse *explained = (const void *)reply;
    return explain(arguments, vrx_view_of(explained->explanation.data, explained->explanation.len));
}

static int run(const struct vrx_arguments *arguments) {
    bool bundle = vrx_argument_given(arguments, "bundle");
    if (bundle == vrx_argument_given(arguments, ""))
        return vrx_value_wrong("bundle", "either a transfer, or a file that was exported",
            "照会の識別子か、書き出したファイルのどちらか一方を指定してください");
    if (bundle)
        return explain_file(arguments);
    if (!vrx_argument_given(arguments, "server") || !vrx_argument_given(arguments, "terminal"))
        return vrx_value_wrong("server", "with a transfer, --server and --terminal are needed too",
            "照会を指定する場合は --server と --terminal も必要です");
    return explain_transfer(arguments);
}

static const struct vrx_option options[] = {
    {"", "TRANSFER", false, false, "the query's identifier", "照会の識別子"},
    {"asker", "CODE", false, false,
        "who asked, where your municipality answered; left out: yours asked",
        "自団体が照会先の場合は照会元の団体コード"},
    {"export", "FILE", false, false,
        "also write all of it here, to be explained anywhere; it holds personal data",
        "説明に必要な一式を書き出す（個人情報を含みます）"},
    {"bundle", "FILE|-", false, false, "explain such a file; no service is asked",
        "書き出したファイルを説明する（接続不要）"},
    {"authority-key", "FILE", true, false, "certificate of the platform authority",
        "運営機関の証明書"},
    {"server", "HOST:PORT", false, false, "the daemon; not with --bundle",
        "接続先（--bundle では不要）"},
    {"terminal", "DIR", false, false, "this terminal's folder; not with --bundle",
        "端末のフォルダー（--bundle では不要）"},
    {"operator", "ID", false, false, "as with other commands", "他のコマンドと同じ"},
    {0},
};

const struct vrx_command vrx_cli_explain_commands[] = {
    {"explain", false,
        "why a transfer was answered or refused, each check made again here; 1 when it is not "
        "proven",
        "照会が回答または拒否された理由を示す。各確認をここで再実行し、証明できないと終了コード 1",
        options, run},
    {0},
};
