/* SPDX-License-Identifier: Apache-2.0
 *
 * Number cards: a counter links one to a resident, a kiosk has it answer for its holder. The card's
 * PIN is typed or is a line of standard input, and goes to the card and nowhere else.
 */
#include <stdio.h>

#include "base/encode.h"
#include "cli/ask.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "objects/card_challenge.h"
#include "pkcs11/card.h"
#include "pki/pki.h"
#include "vrx/v1/kiosk.pb-c.h"

static ProtobufCBinaryData bytes_of(struct vrx_buffer *buffer) {
    return (ProtobufCBinaryData){buffer->len, buffer->ptr};
}

static struct vrx_result ask_pin(void *context, const char *label, struct vrx_secret **ret_pin) {
    (void)context;
    char question[VRX_PKCS11_TEXT + 32];
    (void)snprintf(question, sizeof question, "PIN / 暗証番号 (%s)", label);
    return vrx_ask(question, VRX_ASK_HIDDEN, ret_pin) == VRX_EXIT_OK
               ? vrx_ok()
               : vrx_refuse(VRX_TOKEN_PIN, "no PIN was given");
}

/* pin: the card is to sign too. */
static int open_card(const struct vrx_arguments *arguments, const struct vrx_token_pin *pin,
    struct vrx_token **ret_card, struct vrx_buffer *certificate) {
    struct vrx_pkcs11_uri uri;
    struct vrx_result result =
        vrx_pkcs11_uri_parse(vrx_view_text(vrx_argument(arguments, "card")), &uri);
    if (vrx_is_ok(result))
        result = vrx_card_open(&uri, pin, ret_card, certificate);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("card / カード", result);
}

/* ---- at a kiosk ---- */

/* A card signs what is a challenge, and nothing else that a daemon may send. */
static int sign(struct vrx_connection *connection, struct vrx_token *card,
    const Vrx__V1__ChallengeCardResponse *challenge, struct vrx_buffer *signature) {
    struct vrx_card_challenge said;
    const struct vrx_view message = vrx_bytes_view(challenge->message);
    struct vrx_result result = vrx_card_challenge_read(message, &connection->arena, &said);
    if (vrx_is_ok(result))
        result = vrx_card_sign(card, message, signature);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("card / カード", result);
}

static int answer(const struct vrx_arguments *arguments, struct vrx_connection *connection,
    struct vrx_token *card, struct vrx_buffer *certificate,
    const Vrx__V1__ChallengeCardResponse *challenge) {
    struct vrx_buffer signature VRX_CLEANUP(vrx_buffer_done) = {0};
    ProtobufCMessage *reply = NULL;
    Vrx__V1__AnswerChallengeRequest request;
    VRX_CLI_TRY(sign(connection, card, challenge, &signature));
    vrx__v1__answer_challenge_request__init(&request);
    request.nonce = challenge->nonce;
    request.certificate = bytes_of(certificate);
    request.signature = bytes_of(&signature);
    VRX_CLI_TRY(vrx_call_unary(connection, VRX_REMOTE("Kiosk", "AnswerChallenge", answer_challenge),
        &request.base, &reply));
    const Vrx__V1__AnswerChallengeResponse *checked = (const void *)reply;
    return vrx_print_hex(arguments, "evidence_id", vrx_bytes_view(checked->evidence_id));
}

/* The PIN before the challenge, whose two minutes are not for typing. */
static int run_check(const struct vrx_arguments *arguments) {
    static const struct vrx_token_pin pin = {ask_pin, NULL};
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_token *card VRX_CLEANUP(vrx_token_close) = NULL;
    struct vrx_buffer certificate VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *reply = NULL;
    unsigned purpose = 0;
    Vrx__V1__ChallengeCardRequest request;
    VRX_CLI_TRY(vrx_value_choice(arguments, "purpose", 0, vrx_purpose_choices, &purpose));
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(open_card(arguments, &pin, &card, &certificate));
    vrx__v1__challenge_card_request__init(&request);
    request.resident = &resident.key;
    request.purpose = (Vrx__V1__Purpose)purpose;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Kiosk", "ChallengeCard", challenge_card), &request.base, &reply));
    return answer(arguments, &connection, card, &certificate, (const void *)reply);
}

/* ---- at a counter ---- */

/* --certificate or --card: exactly one. */
static int read_certificate(const struct vrx_arguments *arguments, struct vrx_buffer *out) {
    const char *file = vrx_argument(arguments, "certificate");
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_token *card VRX_CLEANUP(vrx_token_close) = NULL;
    if (!file == !vrx_argument(arguments, "card"))
        return vrx_value_wrong("card", "give either --card or --certificate",
            "--card か --certificate のどちらか一方を指定してください");
    if (!file)
        return open_card(arguments, NULL, &card, out);
    struct vrx_result result = vrx_pki_read_certificate(file, &certificate);
    if (vrx_is_ok(result))
        result = vrx_buffer_append(out, vrx_certificate_der(certificate));
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(file, result);
}

static int run_link(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_buffer certificate VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_value_id evidence;
    ProtobufCMessage *reply = NULL;
    Vrx__V1__LinkCardRequest request;
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(vrx_value_id(arguments, "evidence", &evidence));
    VRX_CLI_TRY(read_certificate(arguments, &certificate));
    vrx__v1__link_card_request__init(&request);
    request.resident = &resident.key;
    request.evidence_id = vrx_value_id_field(&evidence);
    request.certificate = bytes_of(&certificate);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Kiosk", "LinkCard", link_card), &request.base, &reply));
    const Vrx__V1__LinkCardResponse *linked = (const void *)reply;
    return vrx_print_hex(arguments, "card_id", vrx_bytes_view(linked->card_id));
}

static int list_json(const Vrx__V1__ListCardsResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_cards; i++) {
        const Vrx__V1__Card *card = list->cards[i];
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_hex(&row, "card_id", vrx_bytes_view(card->card_id));
        vrx_json_time(&row, "linked_at", card->linked_at);
        vrx_json_text(&row, "operator", card->operator_);
        vrx_json_time(&row, "expires_at", card->expires_at);
        if (card->ended_at) {
            vrx_json_time(&row, "ended_at", card->ended_at);
            vrx_json_text(&row, "ended_by", card->ended_by);
        }
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int list_table(const Vrx__V1__ListCardsResponse *list) {
    static const char *const headings[] = {"card / カード", "linked / 登録", "by / 職員",
        "until / 期限", "ended / 終了", "by / 職員", NULL};
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, headings);
    for (size_t i = 0; i < list->n_cards; i++) {
        const Vrx__V1__Card *card = list->cards[i];
        vrx_table_hex(&table, vrx_bytes_view(card->card_id));
        vrx_table_time(&table, card->linked_at);
        vrx_table_text(&table, card->operator_);
        vrx_table_time(&table, card->expires_at);
        vrx_table_time(&table, card->ended_at);
        vrx_table_text(&table, card->ended_by);
    }
    return vrx_print_table(&table);
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *reply = NULL;
    Vrx__V1__ListCardsRequest request;
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    vrx__v1__list_cards_request__init(&request);
    request.resident = &resident.key;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Kiosk", "ListCards", list_cards), &request.base, &reply));
    const Vrx__V1__ListCardsResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

static int run_end(const struct vrx_arguments *arguments) {
    struct vrx_buffer id VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__EndCardRequest request;
    VRX_CLI_TRY(vrx_value_digest(arguments, "id", &id));
    vrx__v1__end_card_request__init(&request);
    request.card_id = bytes_of(&id);
    VRX_CLI_TRY(vrx_call_once(arguments, VRX_REMOTE("Kiosk", "EndCard", end_card), &request.base));
    return vrx_print_done(
        arguments, "the card opens nothing any more", "カードの登録を終了しました");
}

#define CARD_TEXT \
    "the card: pkcs11:token=…;id=…?module-path=… ; object or id name its user-authentication " \
    "certificate"

static const struct vrx_option check_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"card", "URI", true, false, CARD_TEXT ". Its PIN is typed, or a line of standard input",
        "個人番号カード（PKCS #11 URI）。暗証番号は端末または標準入力から"},
    {"purpose", "mover|certificate", true, false, "for what", "本人確認の目的"},
    {0},
};

static const struct vrx_option link_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"evidence", "ID", true, false, "the identity check by which the card was seen, of this hour",
        "カードを確認した本人確認の識別子（1時間以内）"},
    {"card", "URI", false, false, CARD_TEXT, "個人番号カード（PKCS #11 URI）"},
    {"certificate", "FILE", false, false, "or that certificate (PEM)", "または電子証明書（PEM）"},
    {0},
};

static const struct vrx_option list_options[] = {VRX_RESIDENT_OPTIONS, {0}};

static const struct vrx_option end_options[] = {
    {"id", "DIGEST", true, false, "as `vrx card list` shows it",
        "`vrx card list` が示すカードの識別子"},
    {0},
};

const struct vrx_command vrx_cli_card_commands[] = {
    {"identity check", true, "have a number card answer for its holder; prints the evidence's id",
        "個人番号カードで本人確認を行い、その識別子を表示する", check_options, run_check},
    {"card link", true, "link a number card to the resident whose card an officer has seen",
        "確認した個人番号カードを住民に登録する", link_options, run_link},
    {"card list", true, "a resident's number cards", "住民の個人番号カードの一覧", list_options,
        run_list},
    {"card end", true, "a card that was lost or given back opens nothing any more",
        "紛失・返納されたカードの登録を終了する", end_options, run_end},
    {0},
};
