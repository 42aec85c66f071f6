/* SPDX-License-Identifier: Apache-2.0
 *
 * A resident's consent: taken down with the signed form, narrowed, revoked. The form itself stays
 * where it is; only its SHA-256 goes into the signed object.
 */
#include <stdio.h>

#include "base/limits.h"
#include "cli/choices.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/hash.h"
#include "vrx/v1/exchange.pb-c.h"

#define ORIGINS 16 /* proto/vrx/v1/exchange.proto */
#define DAYS_MAX 366

static int digest_of(const char *path, uint8_t ret_digest[VRX_SHA256]) {
    struct vrx_buffer form VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
    VRX_CLI_TRY(vrx_value_file(path, VRX_LIMIT_PICTURE, &form));
    struct vrx_result result = vrx_sha256(vrx_buffer_view(&form), ret_digest);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(path, result);
}

static int origins_of(
    const struct vrx_arguments *arguments, char *origins[ORIGINS], size_t *ret_count) {
    size_t count = vrx_argument_count(arguments, "origin");
    if (count > ORIGINS)
        return vrx_value_wrong("origin", "16 at most", "16団体までです");
    for (size_t i = 0; i < count; i++) {
        VRX_CLI_TRY(vrx_value_municipality("origin", vrx_argument_at(arguments, "origin", i)));
        origins[i] = vrx_value_text_at(arguments, "origin", i);
    }
    *ret_count = count;
    return VRX_EXIT_OK;
}

static int run_grant(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_value_id evidence;
    struct vrx_value_items items;
    uint8_t digest[VRX_SHA256];
    char *origins[ORIGINS];
    uint64_t days = 0;
    unsigned purpose = 0;
    Vrx__V1__GrantConsentRequest request;
    vrx__v1__grant_consent_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "evidence", &evidence));
    VRX_CLI_TRY(origins_of(arguments, origins, &request.n_origins));
    VRX_CLI_TRY(vrx_value_items(arguments, &items));
    VRX_CLI_TRY(vrx_value_number(arguments, "days", 1, DAYS_MAX, 0, &days));
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(digest_of(vrx_argument(arguments, "form"), digest));
    request.resident = &resident.key;
    request.evidence_id = vrx_value_id_field(&evidence);
    request.origins = origins;
    request.n_items = items.count;
    request.items = items.item;
    request.form_number = vrx_value_text(arguments, "form-number");
    request.form_digest = (ProtobufCBinaryData){sizeof digest, digest};
    request.valid_days = (uint32_t)days;
    if (vrx_argument_given(arguments, "purpose"))
        VRX_CLI_TRY(vrx_value_choice(arguments, "purpose", 0, vrx_purpose_choices, &purpose));
    request.purpose = (Vrx__V1__Purpose)purpose;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Exchange", "GrantConsent", grant_consent), &request.base, &reply));
    const Vrx__V1__GrantConsentResponse *granted = (const void *)reply;
    return vrx_print_hex(arguments, "consent_id", vrx_bytes_view(granted->consent_id));
}

static const struct vrx_choice states[] = {
    {"GRANTED", VRX__V1__CONSENT_STATE__CONSENT_STATE_GRANTED, "同意中"},
    {"WITHDRAWN", VRX__V1__CONSENT_STATE__CONSENT_STATE_WITHDRAWN, "撤回済み"},
    {0},
};

static const struct vrx_choice notice_states[] = {
    {"WAITING", VRX__V1__CONSENT_NOTICE_STATE__CONSENT_NOTICE_STATE_WAITING, "送信中"},
    {"DONE", VRX__V1__CONSENT_NOTICE_STATE__CONSENT_NOTICE_STATE_DONE, "受領済み"},
    {"EXPIRED", VRX__V1__CONSENT_NOTICE_STATE__CONSENT_NOTICE_STATE_EXPIRED, "期限切れ"},
    {"NOT_SENT", VRX__V1__CONSENT_NOTICE_STATE__CONSENT_NOTICE_STATE_NOT_SENT, "未送信"},
    {0},
};

static int show_json(const Vrx__V1__Consent *consent) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json origins;
    struct vrx_json items;
    struct vrx_json notices;
    vrx_json_object(&json);
    vrx_json_hex(&json, "consent_id", vrx_bytes_view(consent->consent_id));
    vrx_json_text(&json, "state", vrx_choice_word(states, (unsigned)consent->state));
    vrx_json_array(&origins);
    for (size_t i = 0; i < consent->n_origins; i++)
        vrx_json_add_text(&origins, consent->origins[i]);
    vrx_json_put(&json, "origins", &origins);
    vrx_json_array(&items);
    for (size_t i = 0; i < consent->n_items; i++)
        vrx_json_add_text(&items, vrx_choice_word(vrx_item_choices, (unsigned)consent->items[i]));
    vrx_json_put(&json, "items", &items);
    vrx_json_text(&json, "form_number", consent->form_number);
    vrx_json_time(&json, "given_at", consent->given_at);
    vrx_json_time(&json, "expires_at", consent->expires_at);
    if (consent->changed_at)
        vrx_json_time(&json, "changed_at", consent->changed_at);
    vrx_json_array(&notices);
    for (size_t i = 0; i < consent->n_notices; i++) {
        const Vrx__V1__ConsentNotice *notice = consent->notices[i];
        struct vrx_json told;
        vrx_json_object(&told);
        vrx_json_text(&told, "municipality", notice->municipality);
        vrx_json_text(&told, "state", vrx_choice_word(notice_states, (unsigned)notice->state));
        vrx_json_number(&told, "attempts", notice->attempts);
        if (notice->changed_at)
            vrx_json_time(&told, "changed_at", notice->changed_at);
        vrx_json_add(&notices, &told);
    }
    vrx_json_put(&json, "notices", &notices);
    return vrx_json_print(&json);
}

static void show_time(const char *label, int64_t time) {
    char text[VRX_PRINT_TIME];
    vrx_print_time(time, text);
    printf("%s: %s\n", label, text);
}

static int show_text(const Vrx__V1__Consent *consent) {
    const unsigned state = (unsigned)consent->state;
    printf("%s %s\n", vrx_choice_word(states, state), vrx_choice_ja(states, state));
    printf("origins / 照会先:");
    for (size_t i = 0; i < consent->n_origins; i++)
        printf(" %s", consent->origins[i]);
    printf("\nitems / 項目:");
    for (size_t i = 0; i < consent->n_items; i++)
        printf(" %s", vrx_choice_word(vrx_item_choices, (unsigned)consent->items[i]));
    printf("\nform / 同意書: ");
    vrx_text_pad(stdout, consent->form_number, 0, false);
    putchar('\n');
    show_time("given / 同意", consent->given_at);
    show_time("until / 期限", consent->expires_at);
    if (consent->changed_at)
        show_time("changed / 変更", consent->changed_at);
    if (!consent->n_notices)
        return VRX_EXIT_OK;
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table,
        (const char *const[]){"told / 通知先", "state / 状態", "", "attempts / 送信回数", NULL});
    for (size_t i = 0; i < consent->n_notices; i++) {
        const Vrx__V1__ConsentNotice *notice = consent->notices[i];
        vrx_table_text(&table, notice->municipality);
        vrx_table_text(&table, vrx_choice_word(notice_states, (unsigned)notice->state));
        vrx_table_text(&table, vrx_choice_ja(notice_states, (unsigned)notice->state));
        vrx_table_format(&table, "%u", notice->attempts);
    }
    return vrx_print_table(&table);
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_value_id consent;
    VRX_CLI_TRY(vrx_value_id(arguments, "consent", &consent));
    Vrx__V1__GetConsentRequest request;
    vrx__v1__get_consent_request__init(&request);
    request.consent_id = vrx_value_id_field(&consent);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Exchange", "GetConsent", get_consent), &request.base, &reply));
    const Vrx__V1__Consent *shown =
        ((const Vrx__V1__GetConsentResponse *)(const void *)reply)->consent;
    if (!shown)
        return vrx_print_refusal("consent / 同意", vrx_fail(VRX_INPUT_FIELD_MISSING));
    return vrx_argument_json(arguments) ? show_json(shown) : show_text(shown);
}

static int run_narrow(const struct vrx_arguments *arguments) {
    struct vrx_value_id consent;
    struct vrx_value_items items = {0};
    char *origins[ORIGINS];
    Vrx__V1__NarrowConsentRequest request;
    vrx__v1__narrow_consent_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "consent", &consent));
    VRX_CLI_TRY(origins_of(arguments, origins, &request.n_origins));
    if (vrx_argument_given(arguments, "item"))
        VRX_CLI_TRY(vrx_value_items(arguments, &items));
    if (vrx_argument_given(arguments, "until"))
        VRX_CLI_TRY(vrx_value_time(arguments, "until", true, &request.expires_at));
    request.consent_id = vrx_value_id_field(&consent);
    request.origins = origins;
    request.n_items = items.count;
    request.items = items.item;
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Exchange", "NarrowConsent", narrow_consent), &request.base));
    return vrx_print_done(arguments, "narrowed", "同意の範囲を狭めました");
}

static int run_revoke(const struct vrx_arguments *arguments) {
    struct vrx_value_id consent;
    VRX_CLI_TRY(vrx_value_id(arguments, "consent", &consent));
    Vrx__V1__RevokeConsentRequest request;
    vrx__v1__revoke_consent_request__init(&request);
    request.consent_id = vrx_value_id_field(&consent);
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Exchange", "RevokeConsent", revoke_consent), &request.base));
    return vrx_print_done(arguments, "revoked", "同意を撤回しました");
}

static const struct vrx_option grant_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"evidence", "ID", true, false, "the identity check that went before", "本人確認の識別子"},
    {"origin", "CODE", true, true, "a municipality that may be asked", "照会先の団体コード"},
    VRX_ITEM_OPTION,
    {"form-number", "TEXT", true, false, "number of the signed form", "同意書の番号"},
    {"form", "FILE", true, false, "image of the signed form; its SHA-256 is recorded",
        "同意書の画像（SHA-256 を記録します）"},
    {"days", "N", true, false, "how long it holds, 1 to 366", "有効期間（日数）"},
    {"purpose", "mover|certificate", false, false, "for what; mover where it is not given",
        "同意の目的（省略時は mover）"},
    {0},
};

static const struct vrx_option show_options[] = {
    {"consent", "ID", true, false, "the consent", "同意の識別子"},
    {0},
};

static const struct vrx_option narrow_options[] = {
    {"consent", "ID", true, false, "the consent", "同意の識別子"},
    {"origin", "CODE", false, true, "a municipality that may still be asked; none: as before",
        "引き続き照会できる団体コード（省略時は従前どおり）"},
    {"item", "dose|lot|venue|physician|ticket", false, true,
        "what may still be handed over; none: as before",
        "引き続き提供を受ける項目（省略時は従前どおり）"},
    {"until", "DAY|TIME", false, false, "its last day or second; none: as before",
        "有効期間の末日または日時（省略時は従前どおり）"},
    {0},
};

static const struct vrx_option revoke_options[] = {
    {"consent", "ID", true, false, "the consent", "同意の識別子"},
    {0},
};

const struct vrx_command vrx_cli_consent_commands[] = {
    {"consent grant", true, "record a resident's consent; prints the id",
        "本人の同意を記録し、識別子を表示する", grant_options, run_grant},
    {"consent show", true, "a consent as it is now, and who has been told",
        "同意の現況と通知の状況を表示する", show_options, run_show},
    {"consent narrow", true,
        "fewer origins, fewer items or an earlier end; who was asked under it is told",
        "同意の範囲を狭める（照会先に通知されます）", narrow_options, run_narrow},
    {"consent revoke", true, "revoke a consent; who was asked under it is told",
        "同意を撤回する（照会先に通知されます）", revoke_options, run_revoke},
    {0},
};
