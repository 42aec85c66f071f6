/* SPDX-License-Identifier: Apache-2.0
 *
 * One full and one least example of every signed object. Their encodings are the seeds of
 * fuzz_objects, which pin the format: what was signed once must read the same for ever.
 */
#ifndef VRX_TEST_OBJECT_SAMPLES_H
#define VRX_TEST_OBJECT_SAMPLES_H

#include "objects/answer.h"
#include "objects/application.h"
#include "objects/bulk_list.h"
#include "objects/card_challenge.h"
#include "objects/certificate_reply.h"
#include "objects/consent.h"
#include "objects/correction_notice.h"
#include "objects/dated_key.h"
#include "objects/directory.h"
#include "objects/dose_item.h"
#include "objects/dose_statement.h"
#include "objects/envelope.h"
#include "objects/erasure_certificate.h"
#include "objects/explanation.h"
#include "objects/identity_evidence.h"
#include "objects/issue_request.h"
#include "objects/permit.h"
#include "objects/query.h"
#include "objects/receipt.h"
#include "objects/revocations.h"
#include "objects/schema.h"

#define SAMPLE_VIEW(text) \
    { (const uint8_t *)(text), sizeof(text) - 1 }
#define SAMPLE_TIME INT64_C(1634007845) /* 2021-10-12T03:04:05Z */

#define KASHIWA \
    { "122173" }
#define SAPPORO \
    { "011002" }
#define KOFU \
    { "192015" }

static struct vrx_municipality_code sample_codes[] = {SAPPORO, KOFU};
static uint64_t sample_items[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT, VRX_ITEM_VENUE};
static uint64_t sample_methods[] = {VRX_IDENTITY_CARD_SIGNATURE, VRX_IDENTITY_CARD_SEEN};

static struct vrx_dose_item sample_doses[] = {
    {
        .administered_by = SAPPORO,
        .administered_on = {2021, 6, 12},
        .product = 1,
        .dose_number = 1,
        .lot = SAMPLE_VIEW("FA7338"),
        .venue = SAMPLE_VIEW("札幌市コミュニティドーム"),
        .physician = SAMPLE_VIEW("北海 花子"),
        .ticket = SAMPLE_VIEW("1234567890"),
    },
    {
        .administered_by = SAPPORO,
        .administered_on = {2021, 7, 3},
        .product = 1,
        .dose_number = 2,
    },
};

static struct vrx_dated_key sample_keys[] = {
    {
        .kid = {1, 2, 3, 4, 5, 6, 7, 8},
        .spki = SAMPLE_VIEW("signing key"),
        .from = SAMPLE_TIME,
        .until = VRX_KEY_NO_END,
    },
    {
        .kid = {9},
        .spki = SAMPLE_VIEW("k"),
        .from = 0,
        .until = SAMPLE_TIME + 604800,
    },
};

static uint8_t sample_daemons[][VRX_DIGEST] = {{0xd1}, {0xd2}};

static struct vrx_directory_entry sample_entries[] = {
    {
        .code = KASHIWA,
        .name_ja = SAMPLE_VIEW("千葉県柏市"),
        .name_en = SAMPLE_VIEW("Kashiwa"),
        .signing_keys = sample_keys,
        .signing_key_count = 2,
        .exchange_keys = sample_keys + 1,
        .exchange_key_count = 1,
        .valid_from = SAMPLE_TIME,
        .valid_until = SAMPLE_TIME + 86400,
        .endpoint = SAMPLE_VIEW("vrx.kashiwa.example:443"),
        .daemons = sample_daemons,
        .daemon_count = 2,
    },
    {
        .code = SAPPORO,
        .name_ja = SAMPLE_VIEW("北海道札幌市"),
        .name_en = SAMPLE_VIEW("Sapporo"),
        .signing_keys = sample_keys,
        .signing_key_count = 1,
        .exchange_keys = sample_keys,
        .exchange_key_count = 1,
        .valid_from = 0,
        .valid_until = VRX_OBJECT_TIME_MAX,
    },
};

static const struct vrx_directory sample_directory = {
    .version = 7,
    .issued = SAMPLE_TIME,
    .expires = SAMPLE_TIME + 604800,
    .entries = sample_entries,
    .entry_count = 2,
};
static const struct vrx_directory sample_directory_least = {0};

static struct vrx_permit sample_permits[] = {
    {
        .id = SAMPLE_VIEW("mover-19-8"),
        .purpose = VRX_PURPOSE_MOVER,
        .legal_basis = SAMPLE_VIEW("番号法第19条第8号"),
        .askers = sample_codes,
        .asker_count = 2,
        .asked = sample_codes,
        .asked_count = 1,
        .items = sample_items,
        .item_count = 3,
        .consent_required = true,
        .methods = sample_methods,
        .method_count = 2,
        .evidence_seconds = 86400,
        .in_force_from = SAMPLE_TIME,
        .in_force_until = SAMPLE_TIME + 1,
    },
    {
        .id = SAMPLE_VIEW("x"),
        .purpose = VRX_PURPOSE_CERTIFICATE,
        .legal_basis = SAMPLE_VIEW("y"),
        .items = sample_items,
        .item_count = 1,
    },
};

static const struct vrx_permit_table sample_permit_table = {
    .version = 3,
    .issued = SAMPLE_TIME,
    .expires = SAMPLE_TIME + 604800,
    .permits = sample_permits,
    .permit_count = 2,
};
static const struct vrx_permit_table sample_permit_table_least = {0};

static struct vrx_document_seen sample_documents[] = {
    {.type = VRX_DOCUMENT_NOTIFICATION_CARD, .digest = {1}},
    {.type = VRX_DOCUMENT_DRIVING_LICENCE, .digest = {2}},
};

static const struct vrx_identity_evidence sample_evidence = {
    .id = {0x10},
    .municipality = KASHIWA,
    .subject = {0x20},
    .method = VRX_IDENTITY_NOTIFICATION_PHOTO,
    .documents = sample_documents,
    .document_count = 2,
    .checked_at = SAMPLE_TIME,
    .operator_id = SAMPLE_VIEW("k-0042"),
    .terminal_id = SAMPLE_VIEW("counter-3"),
    .purpose = VRX_PURPOSE_MOVER,
};
static const struct vrx_identity_evidence sample_evidence_least = {
    .municipality = KASHIWA,
    .method = VRX_IDENTITY_CARD_SIGNATURE,
    .operator_id = SAMPLE_VIEW("k"),
    .terminal_id = SAMPLE_VIEW("c"),
    .purpose = VRX_PURPOSE_CERTIFICATE,
};

static const struct vrx_consent sample_consent = {
    .id = {0x30},
    .destination = KASHIWA,
    .subject = {0x20},
    .purpose = VRX_PURPOSE_MOVER,
    .origins = sample_codes,
    .origin_count = 2,
    .items = sample_items,
    .item_count = 3,
    .given_at = SAMPLE_TIME,
    .expires_at = SAMPLE_TIME + 7776000,
    .form_number = SAMPLE_VIEW("R3-00123"),
    .form_digest = {0x31},
    .revocable = true,
    .evidence_id = {0x10},
    .status = VRX_CONSENT_GRANTED,
    .status_since = SAMPLE_TIME,
};
static const struct vrx_consent sample_consent_least = {
    .destination = KASHIWA,
    .purpose = VRX_PURPOSE_MOVER,
    .origins = sample_codes,
    .origin_count = 1,
    .items = sample_items,
    .item_count = 1,
    .status = VRX_CONSENT_WITHDRAWN,
};

static const struct vrx_query sample_query = {
    .id = {0x40},
    .asker = KASHIWA,
    .asked = SAPPORO,
    .purpose = VRX_PURPOSE_MOVER,
    .permit_id = SAMPLE_VIEW("mover-19-8"),
    .items = sample_items,
    .item_count = 3,
    .individual_number = SAMPLE_VIEW("123456789018"),
    .birth_date = {1950, 3, 14},
    .name = SAMPLE_VIEW("柏 太郎"),
    .subject_salt = {0x41},
    .consent = SAMPLE_VIEW("signed consent"),
    .evidence = SAMPLE_VIEW("signed evidence"),
    .nonce = {0x42},
    .asked_at = SAMPLE_TIME,
    .deadline = SAMPLE_TIME + 86400,
};
static const struct vrx_query sample_query_least = {
    .asker = KASHIWA,
    .asked = SAPPORO,
    .purpose = VRX_PURPOSE_MOVER,
    .permit_id = SAMPLE_VIEW("p"),
    .items = sample_items,
    .item_count = 1,
    .individual_number = SAMPLE_VIEW("123456789018"),
    .birth_date = {1868, 1, 1},
    .name = SAMPLE_VIEW("n"),
};

static const struct vrx_query sample_query_linkage = {
    .id = {0x43},
    .asker = KASHIWA,
    .asked = SAPPORO,
    .purpose = VRX_PURPOSE_MOVER,
    .permit_id = SAMPLE_VIEW("mover-19-8"),
    .items = sample_items,
    .item_count = 3,
    .birth_date = {1950, 3, 14},
    .name = SAMPLE_VIEW("柏 太郎"),
    .subject_salt = {0x41},
    .consent = SAMPLE_VIEW("signed consent"),
    .evidence = SAMPLE_VIEW("signed evidence"),
    .nonce = {0x44},
    .asked_at = SAMPLE_TIME,
    .deadline = SAMPLE_TIME + 86400,
    .linkage_code = SAMPLE_VIEW("a linkage code, "),
};

static const struct vrx_query sample_query_certificate = {
    .id = {0x45},
    .asker = SAPPORO,
    .asked = KASHIWA,
    .purpose = VRX_PURPOSE_CERTIFICATE,
    .permit_id = SAMPLE_VIEW("certificate"),
    .items = sample_items,
    .item_count = 2,
    .individual_number = SAMPLE_VIEW("123456789018"),
    .birth_date = {1950, 3, 14},
    .name = SAMPLE_VIEW("柏 太郎"),
    .subject_salt = {0x41},
    .consent = SAMPLE_VIEW("signed consent"),
    .evidence = SAMPLE_VIEW("signed evidence"),
    .nonce = {0x46},
    .asked_at = SAMPLE_TIME,
    .deadline = SAMPLE_TIME + 86400,
    .application = SAMPLE_VIEW("signed application"),
};

static const struct vrx_answer sample_answer = {
    .query_id = {0x40},
    .origin = SAPPORO,
    .destination = KASHIWA,
    .outcome = VRX_ANSWER_DOSES,
    .query_digest = {0x51},
    .permit_id = SAMPLE_VIEW("mover-19-8"),
    .permit_table_digest = {0x52},
    .doses = sample_doses,
    .dose_count = 2,
    .answered_at = SAMPLE_TIME,
};
static const struct vrx_answer sample_answer_linkage = {
    .query_id = {0x43},
    .origin = SAPPORO,
    .destination = KASHIWA,
    .outcome = VRX_ANSWER_DOSES,
    .query_digest = {0x53},
    .permit_id = SAMPLE_VIEW("mover-19-8"),
    .permit_table_digest = {0x52},
    .doses = sample_doses,
    .dose_count = 1,
    .answered_at = SAMPLE_TIME,
    .linkage_code = SAMPLE_VIEW("a linkage code, "),
};
static const struct vrx_answer sample_answer_padded = {
    .query_id = {0x44},
    .origin = SAPPORO,
    .destination = KASHIWA,
    .outcome = VRX_ANSWER_PENDING,
    .query_digest = {0x54},
    .permit_id = SAMPLE_VIEW("mover-19-8"),
    .permit_table_digest = {0x52},
    .answered_at = SAMPLE_TIME,
    .padding = SAMPLE_VIEW("twenty-four bytes, or so"),
};
static const struct vrx_answer sample_answer_least = {
    .origin = SAPPORO,
    .destination = KASHIWA,
    .outcome = VRX_ANSWER_DENIED,
    .reason = VRX_CONSENT_REVOKED,
    .clause = SAMPLE_VIEW("consent.status"),
};

static const struct vrx_application sample_application = {
    .id = {0x60},
    .municipality = SAPPORO,
    .subject = {0x20},
    .person = {0x61},
    .kind = VRX_CERTIFICATE_TRAVEL,
    .surname = SAMPLE_VIEW("HOKKAI"),
    .given_name = SAMPLE_VIEW("HANAKO"),
    .birth_date = {1985, 12, 31},
    .evidence_id = {0x10},
    .applicant = VRX_APPLICANT_PROXY,
    .applied_at = SAMPLE_TIME,
    .passport_number = SAMPLE_VIEW("TR1234567"),
    .nationality = SAMPLE_VIEW("JPN"),
    .name = SAMPLE_VIEW("北海　花子"),
    .elsewhere = &sample_codes[1],
    .elsewhere_count = 1,
};
static const struct vrx_application sample_application_least = {
    .municipality = SAPPORO,
    .kind = VRX_CERTIFICATE_HCERT,
    .birth_date = {2020, 2, 29},
    .applicant = VRX_APPLICANT_PERSON,
};

static struct vrx_proven_dose sample_proven[] = {
    {
        .item =
            {
                .administered_by = SAPPORO,
                .administered_on = {2021, 6, 12},
                .product = 1,
                .dose_number = 1,
                .lot = SAMPLE_VIEW("FA7338"),
            },
        .salt = {0x70},
        .ledger_index = 12,
        .entry = SAMPLE_VIEW("ledger entry"),
        .proof = SAMPLE_VIEW("inclusion proof"),
    },
};

static const struct vrx_dose_statement sample_statement = {
    .application_id = {0x60},
    .municipality = SAPPORO,
    .person = {0x61},
    .closed = true,
    .doses = sample_proven,
    .dose_count = 1,
    .checkpoint = SAMPLE_VIEW("vrx.example/011002\n13\n"),
    .stated_at = SAMPLE_TIME,
};

static const struct vrx_dose_statement sample_statement_subject = {
    .application_id = {0x60},
    .municipality = KASHIWA,
    .person = {0x62},
    .doses = sample_proven,
    .dose_count = 1,
    .checkpoint = SAMPLE_VIEW("vrx.example/122173\n13\n"),
    .stated_at = SAMPLE_TIME,
    .subject = SAMPLE_VIEW("a subject of 32 bytes, as it is."),
};

static const struct vrx_envelope sample_envelope = {
    .kind = VRX_ENVELOPE_QUERY,
    .from = KASHIWA,
    .to = SAPPORO,
    .query_id = {0x40},
    .sealed = SAMPLE_VIEW("sealed"),
};

static const struct vrx_issue_request sample_issue_request = {
    .kind = VRX_CERTIFICATE_HCERT,
    .application = SAMPLE_VIEW("signed application"),
    .evidence = SAMPLE_VIEW("signed evidence"),
    .statement = SAMPLE_VIEW("signed statement"),
    .request_id = SAMPLE_VIEW("sixteen bytes id"),
};

static const struct vrx_issue_request sample_issue_request_least = {
    .kind = VRX_CERTIFICATE_HCERT,
    .application = SAMPLE_VIEW("signed application"),
    .evidence = SAMPLE_VIEW("signed evidence"),
    .statement = SAMPLE_VIEW("signed statement"),
};

static struct vrx_issued_certificate sample_issued[] = {
    {.format = VRX_FORMAT_HCERT, .text = SAMPLE_VIEW("HC1:6BF")},
    {.format = VRX_FORMAT_VDS_NC, .text = SAMPLE_VIEW("{}")},
};
static const struct vrx_issue_reply sample_issue_reply = {
    .certificates = sample_issued,
    .certificate_count = 2,
    .uvci = SAMPLE_VIEW("URN:UVCI:01:JP:A1#B"),
    .issued_at = SAMPLE_TIME,
    .expires_at = SAMPLE_TIME + 31536000,
};
static const struct vrx_issue_reply sample_issue_reply_least = {
    .reason = VRX_APPLICATION_USED,
    .clause = SAMPLE_VIEW("application.id"),
};

static const struct vrx_certificate_reply sample_certificate_reply = {
    .query_id = {0x45},
    .origin = KASHIWA,
    .destination = SAPPORO,
    .outcome = VRX_CERTIFICATE_OUTCOME_ISSUED,
    .query_digest = {0x55},
    .replied_at = SAMPLE_TIME,
    .certificates = sample_issued,
    .certificate_count = 2,
    .uvci = SAMPLE_VIEW("URN:UVCI:01:JP:A1#B"),
    .issued_at = SAMPLE_TIME,
    .expires_at = SAMPLE_TIME + 31536000,
};
static const struct vrx_certificate_reply sample_certificate_reply_least = {
    .query_id = {0x45},
    .origin = KASHIWA,
    .destination = SAPPORO,
    .outcome = VRX_CERTIFICATE_OUTCOME_REFUSED,
    .reason = VRX_CONSENT_REVOKED,
    .clause = SAMPLE_VIEW("consent.status"),
};

static struct vrx_erased_rows sample_erased[] = {
    {VRX_ERASED_TRANSFER_OUT, 1},
    {VRX_ERASED_DOSE, 3},
    {VRX_ERASED_RESIDENT, 1},
};

static const struct vrx_erasure_certificate sample_erasure = {
    .id = {0x90},
    .municipality = SAPPORO,
    .what = VRX_RETENTION_RESIDENT,
    .reason = VRX_ERASURE_ORDER,
    .order = SAMPLE_VIEW("令和3年消去第12号"),
    .erased = sample_erased,
    .erased_count = sizeof sample_erased / sizeof *sample_erased,
    .operator_id = SAMPLE_VIEW("admin.1"),
    .terminal_id = SAMPLE_VIEW("0123456789abcdef"),
    .begun_at = SAMPLE_TIME,
    .ended_at = SAMPLE_TIME + 2,
    .size_before = 4000,
    .root_before = {0x91},
    .size_after = 4001,
    .root_after = {0x92},
};

static const struct vrx_erasure_certificate sample_erasure_least = {
    .id = {0x93},
    .municipality = SAPPORO,
    .what = VRX_RETENTION_VACCINATION,
    .reason = VRX_ERASURE_RETENTION,
    .days = 1826,
    .before = SAMPLE_TIME - INT64_C(1826) * 86400,
    .erased = &sample_erased[1],
    .erased_count = 1,
    .terminal_id = SAMPLE_VIEW("0"),
    .begun_at = SAMPLE_TIME,
    .ended_at = SAMPLE_TIME,
};

static const struct vrx_revocations sample_revocations = {
    .municipality = SAPPORO,
    .as_of = SAMPLE_TIME,
    .hashes = SAMPLE_VIEW("a certificate's.and of another's"),
};

static const struct vrx_revocations sample_revocations_least = {.municipality = KASHIWA};

static const struct vrx_correction_notice sample_notice = {
    .id = {0xa0},
    .origin = SAPPORO,
    .destination = KASHIWA,
    .query_id = {0x40},
    .answer_digest = {0xa1},
    .as_sent = {0xa2},
    .sequence = 2,
    .reason = VRX_CORRECTION_CORRECTED,
    .now = sample_doses,
    .now_count = 1,
    .corrected_at = SAMPLE_TIME,
};

static const struct vrx_correction_notice sample_notice_least = {
    .origin = SAPPORO,
    .destination = KASHIWA,
    .sequence = 1,
    .reason = VRX_CORRECTION_ENTERED_IN_ERROR,
};

static const struct vrx_bulk_list sample_bulk_list = {
    .id = {0xa0},
    .municipality = KASHIWA,
    .purpose = VRX_PURPOSE_MOVER,
    .rows = VRX_LIMIT_BULK_ROWS,
    .digest = {0xa1},
    .operator_id = SAMPLE_VIEW("desk.1"),
    .terminal_id = SAMPLE_VIEW("0123456789abcdef"),
    .submitted_at = SAMPLE_TIME,
};

static const struct vrx_bulk_row sample_bulk_row = {
    .line = 2,
    .query_id = {0xa2},
    .person = {0xa3},
    .origin = SAPPORO,
    .consent_id = SAMPLE_VIEW("id of a consent "),
    .evidence_id = SAMPLE_VIEW("id of a check   "),
    .items = sample_items,
    .item_count = 3,
};
static const struct vrx_bulk_row sample_bulk_row_least = {
    .line = 1,
    .origin = SAPPORO,
    .items = sample_items,
    .item_count = 1,
};

static const struct vrx_card_challenge sample_challenge = {
    .nonce = {0xb0},
    .municipality = SAPPORO,
    .terminal_id = SAMPLE_VIEW("0123456789abcdef"),
    .purpose = VRX_PURPOSE_CERTIFICATE,
    .person = {0xb1},
    .made_at = SAMPLE_TIME,
    .expires_at = SAMPLE_TIME + VRX_CHALLENGE_SECONDS,
};

static struct vrx_receipt_transfer sample_receipt_transfer = {
    .query_digest = {0xa1},
    .answer_digest = {0xa2},
    .permit_id = SAMPLE_VIEW("mover-19-16"),
    .permit_table_digest = {0xa3},
    .without_consent = true,
};

static const struct vrx_receipt sample_receipt = {
    .id = {0xa0},
    .signer = KASHIWA,
    .sender = SAPPORO,
    .kind = VRX_ENVELOPE_ANSWER,
    .digest = {0xa2},
    .transfer = &sample_receipt_transfer,
    .transfer_count = 1,
    .ledger_size = 4000,
    .ledger_root = {0xa4},
    .signed_at = SAMPLE_TIME,
};

static const struct vrx_receipt sample_receipt_least = {
    .id = {0xa5},
    .signer = SAPPORO,
    .sender = KASHIWA,
    .kind = VRX_ENVELOPE_CORRECTION_NOTICE,
};

static struct vrx_view sample_tables[] = {SAMPLE_VIEW("permits"), SAMPLE_VIEW("permits before")};
static struct vrx_view sample_receipts[] = {SAMPLE_VIEW("receipt")};

static struct vrx_later_consent sample_later_consents[] = {
    {.object = SAMPLE_VIEW("consent, narrowed"), .known_since = SAMPLE_TIME},
    {.object = SAMPLE_VIEW("consent, withdrawn"), .known_since = SAMPLE_TIME + 60},
};

static struct vrx_proven_entry sample_proven_entries[] = {
    {.index = 4000, .entry = SAMPLE_VIEW("entry"), .proof = SAMPLE_VIEW("proof")},
    {.index = 0, .entry = SAMPLE_VIEW("e")},
};

static const struct vrx_explanation sample_explanation = {
    .municipality = SAPPORO,
    .side = VRX_EXPLAINED_ANSWERED,
    .other = KASHIWA,
    .query_id = {0x40},
    .made_at = SAMPLE_TIME + 86400,
    .state = 2,
    .reason = VRX_CONSENT_REVOKED,
    .clause = SAMPLE_VIEW("consent.status"),
    .begun_at = SAMPLE_TIME,
    .deadline = SAMPLE_TIME + 86400,
    .changed_at = SAMPLE_TIME + 60,
    .person = VRX_EXPLAINED_FOUND,
    .held = true,
    .directory = SAMPLE_VIEW("directory"),
    .permits = sample_tables,
    .permits_count = 2,
    .judged_by = {0xb1},
    .query = SAMPLE_VIEW("query"),
    .answer = SAMPLE_VIEW("answer"),
    .consents = sample_later_consents,
    .consent_count = 2,
    .receipts = sample_receipts,
    .receipt_count = 1,
    .entries = sample_proven_entries,
    .entry_count = 2,
    .left_out = 3,
    .checkpoint = SAMPLE_VIEW("checkpoint"),
};

static const struct vrx_explanation sample_explanation_least = {
    .municipality = KASHIWA,
    .side = VRX_EXPLAINED_ASKED,
    .other = SAPPORO,
    .made_at = SAMPLE_TIME,
    .state = 1,
    .directory = SAMPLE_VIEW("d"),
    .checkpoint = SAMPLE_VIEW("c"),
};

static const struct sample {
    const char *name;
    uint8_t fuzz_schema; /* the first byte of its seed */
    const struct vrx_object_schema *schema;
    const void *object;
} samples[] = {
    {"answer", 0, &vrx_answer_schema, &sample_answer},
    {"answer-least", 0, &vrx_answer_schema, &sample_answer_least},
    {"answer-linkage", 0, &vrx_answer_schema, &sample_answer_linkage},
    {"answer-padded", 0, &vrx_answer_schema, &sample_answer_padded},
    {"application", 1, &vrx_application_schema, &sample_application},
    {"application-least", 1, &vrx_application_schema, &sample_application_least},
    {"consent", 2, &vrx_consent_schema, &sample_consent},
    {"consent-least", 2, &vrx_consent_schema, &sample_consent_least},
    {"directory", 3, &vrx_directory_schema, &sample_directory},
    {"directory-least", 3, &vrx_directory_schema, &sample_directory_least},
    {"dose-item", 4, &vrx_dose_item_schema, &sample_doses[0]},
    {"dose-item-least", 4, &vrx_dose_item_schema, &sample_doses[1]},
    {"dose-statement", 5, &vrx_dose_statement_schema, &sample_statement},
    {"envelope", 6, &vrx_envelope_schema, &sample_envelope},
    {"identity-evidence", 7, &vrx_identity_evidence_schema, &sample_evidence},
    {"identity-evidence-least", 7, &vrx_identity_evidence_schema, &sample_evidence_least},
    {"issue-reply", 8, &vrx_issue_reply_schema, &sample_issue_reply},
    {"issue-reply-least", 8, &vrx_issue_reply_schema, &sample_issue_reply_least},
    {"issue-request", 9, &vrx_issue_request_schema, &sample_issue_request},
    {"issue-request-least", 9, &vrx_issue_request_schema, &sample_issue_request_least},
    {"permit-table", 10, &vrx_permit_table_schema, &sample_permit_table},
    {"permit-table-least", 10, &vrx_permit_table_schema, &sample_permit_table_least},
    {"query", 11, &vrx_query_schema, &sample_query},
    {"query-least", 11, &vrx_query_schema, &sample_query_least},
    {"query-linkage", 11, &vrx_query_schema, &sample_query_linkage},
    {"erasure-certificate", 12, &vrx_erasure_certificate_schema, &sample_erasure},
    {"erasure-certificate-least", 12, &vrx_erasure_certificate_schema, &sample_erasure_least},
    {"correction-notice", 13, &vrx_correction_notice_schema, &sample_notice},
    {"correction-notice-least", 13, &vrx_correction_notice_schema, &sample_notice_least},
    {"bulk-list", 14, &vrx_bulk_list_schema, &sample_bulk_list},
    {"bulk-row", 15, &vrx_bulk_row_schema, &sample_bulk_row},
    {"bulk-row-least", 15, &vrx_bulk_row_schema, &sample_bulk_row_least},
    {"receipt", 16, &vrx_receipt_schema, &sample_receipt},
    {"receipt-least", 16, &vrx_receipt_schema, &sample_receipt_least},
    {"explanation", 17, &vrx_explanation_schema, &sample_explanation},
    {"explanation-least", 17, &vrx_explanation_schema, &sample_explanation_least},
    {"dated-key", 18, &vrx_dated_key_schema, &sample_keys[0]},
    {"dated-key-least", 18, &vrx_dated_key_schema, &sample_keys[1]},
    {"card-challenge", 19, &vrx_card_challenge_schema, &sample_challenge},
    {"revocations", 20, &vrx_revocations_schema, &sample_revocations},
    {"revocations-least", 20, &vrx_revocations_schema, &sample_revocations_least},
    {"certificate-reply", 21, &vrx_certificate_reply_schema, &sample_certificate_reply},
    {"certificate-reply-least", 21, &vrx_certificate_reply_schema, &sample_certificate_reply_least},
    {"issued-certificate", 22, &vrx_issued_certificate_schema, &sample_issued[0]},
    {"query-certificate", 11, &vrx_query_schema, &sample_query_certificate},
    {"dose-statement-subject", 5, &vrx_dose_statement_schema, &sample_statement_subject},
};

#define SAMPLES (sizeof samples / sizeof *samples)

/* By a municipality, which states when, or by the platform authority. */
static inline bool sample_is_signed(const struct vrx_object_schema *schema) {
    return schema->stated_time || schema == &vrx_directory_schema ||
           schema == &vrx_permit_table_schema;
}

#endif
