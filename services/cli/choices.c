/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/choices.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "objects/erasure_certificate.h"
#include "objects/terms.h"
#include "store/alert.h"
#include "vrx/v1/bulk.pb-c.h"
#include "vrx/v1/certificates.pb-c.h"
#include "vrx/v1/common.pb-c.h"
#include "vrx/v1/exchange.pb-c.h"
#include "vrx/v1/operators.pb-c.h"

const struct vrx_choice vrx_terminal_kind_choices[] = {
    {"health-system", VRX__V1__TERMINAL_KIND__TERMINAL_KIND_HEALTH_SYSTEM, "健康管理システム"},
    {"counter", VRX__V1__TERMINAL_KIND__TERMINAL_KIND_COUNTER, "窓口"},
    {"kiosk", VRX__V1__TERMINAL_KIND__TERMINAL_KIND_KIOSK, "証明書交付端末"},
    {"console", VRX__V1__TERMINAL_KIND__TERMINAL_KIND_CONSOLE, "管理端末"},
    {0},
};

const struct vrx_choice vrx_purpose_choices[] = {
    {"mover", VRX_PURPOSE_MOVER, "転入者の接種記録の照会"},
    {"certificate", VRX_PURPOSE_CERTIFICATE, "接種証明書"},
    {0},
};

const struct vrx_choice vrx_item_choices[] = {
    {"dose", VRX_ITEM_DOSE, "接種日・製品・回数・接種自治体"},
    {"lot", VRX_ITEM_LOT, "ロット番号"},
    {"venue", VRX_ITEM_VENUE, "接種会場"},
    {"physician", VRX_ITEM_PHYSICIAN, "医師名"},
    {"ticket", VRX_ITEM_TICKET, "券番号"},
    {0},
};

const struct vrx_choice vrx_identity_method_choices[] = {
    {"card-seen", VRX_IDENTITY_CARD_SEEN, "個人番号カードの提示"},
    {"notification-photo", VRX_IDENTITY_NOTIFICATION_PHOTO, "通知カードと写真付き書類"},
    {"two-documents", VRX_IDENTITY_TWO_DOCUMENTS, "写真のない書類二点"},
    {"proxy", VRX_IDENTITY_PROXY, "代理人"},
    {0},
};

const struct vrx_choice vrx_document_choices[] = {
    {"number-card", VRX_DOCUMENT_NUMBER_CARD, "個人番号カード"},
    {"notification-card", VRX_DOCUMENT_NOTIFICATION_CARD, "通知カード"},
    {"driving-licence", VRX_DOCUMENT_DRIVING_LICENCE, "運転免許証"},
    {"passport", VRX_DOCUMENT_PASSPORT, "旅券"},
    {"residence-card", VRX_DOCUMENT_RESIDENCE_CARD, "在留カード"},
    {"health-insurance", VRX_DOCUMENT_HEALTH_INSURANCE, "健康保険証"},
    {"pension", VRX_DOCUMENT_PENSION, "年金手帳・年金証書"},
    {"mandate", VRX_DOCUMENT_MANDATE, "委任状"},
    {0},
};

const struct vrx_choice vrx_transfer_state_choices[] = {
    {"REQUESTED", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_REQUESTED, "照会済み"},
    {"DENIED", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_DENIED, "拒否"},
    {"PENDING", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_PENDING, "照会先で確認中"},
    {"ANSWERED", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_ANSWERED, "回答あり"},
    {"NO_RECORD", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_NO_RECORD, "提供する記録なし"},
    {"EXPIRED", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_EXPIRED, "期限切れ"},
    {"RECEIVED", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_RECEIVED, "受領・検証済み"},
    {"IMPORTED", VRX__V1__TRANSFER_STATE__TRANSFER_STATE_IMPORTED, "取込済み"},
    {0},
};

const struct vrx_choice vrx_bulk_state_choices[] = {
    {"open", VRX__V1__BULK_STATE__BULK_STATE_OPEN, "受付中"},
    {"submitted", VRX__V1__BULK_STATE__BULK_STATE_SUBMITTED, "開始待ち"},
    {"checking", VRX__V1__BULK_STATE__BULK_STATE_CHECKING, "確認中"},
    {"running", VRX__V1__BULK_STATE__BULK_STATE_RUNNING, "照会中"},
    {"done", VRX__V1__BULK_STATE__BULK_STATE_DONE, "完了"},
    {"stopped", VRX__V1__BULK_STATE__BULK_STATE_STOPPED, "中止"},
    {"expired", VRX__V1__BULK_STATE__BULK_STATE_EXPIRED, "期限切れ"},
    {"rejected", VRX__V1__BULK_STATE__BULK_STATE_REJECTED, "不一致のため却下"},
    {0},
};

const struct vrx_choice vrx_sex_choices[] = {
    {"male", 1, "男"},
    {"female", 2, "女"},
    {"not-stated", 0, "記載なし"},
    {0},
};

const struct vrx_choice vrx_retention_class_choices[] = {
    {"vaccination", VRX_RETENTION_VACCINATION, "接種記録"},
    {"resident", VRX_RETENTION_RESIDENT, "転出者"},
    {"evidence", VRX_RETENTION_EVIDENCE, "本人確認記録"},
    {"consent", VRX_RETENTION_CONSENT, "同意"},
    {"transfer", VRX_RETENTION_TRANSFER, "提供・照会"},
    {"application", VRX_RETENTION_APPLICATION, "証明書の申請と交付"},
    {"audit-salt", VRX_RETENTION_AUDIT_SALT, "提供記録と個人の結び付き"},
    {"terminal", VRX_RETENTION_TERMINAL, "停止した端末"},
    {0},
};

const struct vrx_choice vrx_erased_kind_choices[] = {
    {"certificates", VRX_ERASED_CERTIFICATE, "接種証明書"},
    {"applications", VRX_ERASED_APPLICATION, "申請"},
    {"transfers-out", VRX_ERASED_TRANSFER_OUT, "照会"},
    {"transfers-in", VRX_ERASED_TRANSFER_IN, "提供"},
    {"consents", VRX_ERASED_CONSENT, "同意"},
    {"evidence", VRX_ERASED_EVIDENCE, "本人確認記録"},
    {"doses", VRX_ERASED_DOSE, "接種記録"},
    {"audit-salts", VRX_ERASED_AUDIT_SALT, "監査記録との結び付き"},
    {"individual-numbers", VRX_ERASED_INDIVIDUAL_NUMBER, "個人番号"},
    {"resident-versions", VRX_ERASED_RESIDENT_VERSION, "住民の過去の版"},
    {"residents", VRX_ERASED_RESIDENT, "住民"},
    {"terminals", VRX_ERASED_TERMINAL, "端末"},
    {0},
};

const struct vrx_choice vrx_role_choices[] = {
    {"registrar", VRX__V1__ROLE__ROLE_REGISTRAR, "接種記録の登録"},
    {"movers-desk", VRX__V1__ROLE__ROLE_MOVERS_DESK, "転入者の照会"},
    {"approver", VRX__V1__ROLE__ROLE_APPROVER, "承認"},
    {"certificate-clerk", VRX__V1__ROLE__ROLE_CERTIFICATE_CLERK, "接種証明書の交付"},
    {"auditor", VRX__V1__ROLE__ROLE_AUDITOR, "監査"},
    {"key-custodian", VRX__V1__ROLE__ROLE_KEY_CUSTODIAN, "鍵とバックアップの管理"},
    {"administrator", VRX__V1__ROLE__ROLE_ADMINISTRATOR, "端末と操作者の管理"},
    {0},
};

const struct vrx_choice vrx_operator_state_choices[] = {
    {"active", VRX__V1__OPERATOR_STATE__OPERATOR_STATE_ACTIVE, "有効"},
    {"suspended", VRX__V1__OPERATOR_STATE__OPERATOR_STATE_SUSPENDED, "停止"},
    {0},
};

const struct vrx_choice vrx_alert_kind_choices[] = {
    {"RATE", VRX_ALERT_RATE, "呼び出しが多すぎる"},
    {"PERSONS", VRX_ALERT_PERSONS, "対象者が多すぎる"},
    {"FAILED_LOOKUPS", VRX_ALERT_FAILED_LOOKUPS, "該当者のない照会が多すぎる"},
    {"OFF_HOURS", VRX_ALERT_OFF_HOURS, "時間外の利用"},
    {"LOGIN_FAILURES", VRX_ALERT_LOGIN_FAILURES, "ログインの失敗"},
    {"TERMINAL_EXPIRES", VRX_ALERT_TERMINAL_EXPIRES, "端末証明書の期限が近い"},
    {"LOST", VRX_ALERT_LOST, "残せなかった警告"},
    {"CARD_FAILURES", VRX_ALERT_CARD_FAILURES, "カードによる本人確認の失敗"},
    {0},
};

const struct vrx_choice vrx_certificate_kind_choices[] = {
    {"hcert", VRX__V1__CERTIFICATE_KIND__CERTIFICATE_KIND_HCERT, "EU・WHO 形式（最新の接種）"},
    {"domestic", VRX__V1__CERTIFICATE_KIND__CERTIFICATE_KIND_DOMESTIC, "国内用（全接種）"},
    {"travel", VRX__V1__CERTIFICATE_KIND__CERTIFICATE_KIND_TRAVEL, "海外渡航用（3形式）"},
    {0},
};

const struct vrx_choice *vrx_choice_by_word(const struct vrx_choice *choices, const char *word) {
    for (; choices->word; choices++)
        if (strcmp(choices->word, word) == 0)
            return choices;
    return NULL;
}

const struct vrx_choice *vrx_choice_by_value(const struct vrx_choice *choices, unsigned value) {
    for (; choices->word; choices++)
        if (choices->value == value)
            return choices;
    return NULL;
}

int vrx_choice_list(const struct vrx_choice *choices) {
    for (; choices->word; choices++)
        fprintf(stderr, "  %s  %s\n", choices->word, choices->ja);
    return VRX_EXIT_USAGE;
}

const char *vrx_choice_word(const struct vrx_choice *choices, unsigned value) {
    const struct vrx_choice *found = vrx_choice_by_value(choices, value);
    return found ? found->word : "?";
}

const char *vrx_choice_ja(const struct vrx_choice *choices, unsigned value) {
    const struct vrx_choice *found = vrx_choice_by_value(choices, value);
    return found ? found->ja : "?";
}
