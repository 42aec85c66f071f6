/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx evidence record`: an officer attests how a resident's identity was verified (Number Act art.
 * 16). The numbers of the documents that were shown are personal data: they come from a file or
 * standard input, one document a line, "type<TAB>number".
 */
#include "base/arena.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/exchange.pb-c.h"

#define DOCUMENTS 8 /* proto/vrx/v1/exchange.proto */
#define DOCUMENTS_BYTES 4096

struct documents {
    struct vrx_buffer text; /* its line ends and tabs become NULs */
    size_t count;
    Vrx__V1__DocumentSeen seen[DOCUMENTS];
    Vrx__V1__DocumentSeen *list[DOCUMENTS];
};

static void documents_done(struct documents *documents) {
    vrx_buffer_done(&documents->text);
}

static int wrong_line(void) {
    vrx_value_wrong("documents-file", "1 to 8 lines \"type<TAB>number\", the type one of",
        "「種別<TAB>番号」の行を1～8行。種別は次のいずれか");
    return vrx_choice_list(vrx_document_choices);
}

static int take_line(struct documents *documents, char *line) {
    char *tab = strchr(line, '\t');
    if (!tab || !tab[1] || documents->count == DOCUMENTS)
        return wrong_line();
    *tab = '\0';
    const struct vrx_choice *type = vrx_choice_by_word(vrx_document_choices, line);
    if (!type)
        return wrong_line();
    Vrx__V1__DocumentSeen *seen = &documents->seen[documents->count];
    vrx__v1__document_seen__init(seen);
    seen->type = (Vrx__V1__DocumentType)type->value;
    seen->number = tab + 1;
    documents->list[documents->count++] = seen;
    return VRX_EXIT_OK;
}

static int read_documents(const char *path, struct documents *documents) {
    VRX_CLI_TRY(vrx_value_file(path, DOCUMENTS_BYTES, &documents->text));
    struct vrx_result result = vrx_buffer_append_byte(&documents->text, '\0');
    if (!vrx_is_ok(result))
        return vrx_print_refusal("--documents-file", result);
    char *rest = (char *)documents->text.ptr;
    for (char *line = NULL; (line = strsep(&rest, "\n")) != NULL;) {
        line[strcspn(line, "\r")] = '\0';
        if (line[0])
            VRX_CLI_TRY(take_line(documents, line));
    }
    return documents->count ? VRX_EXIT_OK : wrong_line();
}

static int run_record(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct documents documents VRX_CLEANUP(documents_done) = {0};
    unsigned method = 0;
    unsigned purpose = 0;
    const char *path = vrx_argument(arguments, "documents-file");
    const char *number = vrx_argument(arguments, "number-file");
    if (number && strcmp(number, "-") == 0 && strcmp(path, "-") == 0)
        return vrx_value_wrong("documents-file", "only one of the files can be standard input",
            "標準入力は一度だけ指定できます");
    VRX_CLI_TRY(vrx_value_choice(arguments, "method", 0, vrx_identity_method_choices, &method));
    VRX_CLI_TRY(vrx_value_choice(arguments, "purpose", 0, vrx_purpose_choices, &purpose));
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(read_documents(path, &documents));
    Vrx__V1__RecordIdentityEvidenceRequest request;
    vrx__v1__record_identity_evidence_request__init(&request);
    request.resident = &resident.key;
    request.method = (Vrx__V1__IdentityMethod)method;
    request.purpose = (Vrx__V1__Purpose)purpose;
    request.n_documents = documents.count;
    request.documents = documents.list;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Exchange", "RecordIdentityEvidence", record_identity_evidence), &request.base,
        &reply));
    const Vrx__V1__RecordIdentityEvidenceResponse *recorded = (const void *)reply;
    return vrx_print_hex(arguments, "evidence_id", vrx_bytes_view(recorded->evidence_id));
}

static const struct vrx_option record_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"method", "card-seen|notification-photo|two-documents|proxy", true, false,
        "how the identity was verified", "本人確認の方法"},
    {"purpose", "mover|certificate", true, false, "for what", "本人確認の目的"},
    {"documents-file", "FILE|-", true, false,
        "what was shown, a line each: type<TAB>number; types: number-card, notification-card, "
        "driving-licence, passport, residence-card, health-insurance, pension, mandate",
        "提示された書類を一行に一件「種別<TAB>番号」で記したファイル（- は標準入力）"},
    {0},
};

const struct vrx_command vrx_cli_evidence_commands[] = {
    {"evidence record", true, "record that a resident's identity was verified; prints the id",
        "本人確認を記録し、識別子を表示する", record_options, run_record},
    {0},
};
