/* SPDX-License-Identifier: Apache-2.0
 *
 * The first byte picks a signed object, the rest is its encoding. What decodes encodes to the same
 * bytes: there is one encoding of one object.
 */
#include <stdlib.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In the order of samples.h; append only, the seeds count on it. */
static const struct vrx_object_schema *const schemas[] = {
    &vrx_answer_schema,
    &vrx_application_schema,
    &vrx_consent_schema,
    &vrx_directory_schema,
    &vrx_dose_item_schema,
    &vrx_dose_statement_schema,
    &vrx_envelope_schema,
    &vrx_identity_evidence_schema,
    &vrx_issue_reply_schema,
    &vrx_issue_request_schema,
    &vrx_permit_table_schema,
    &vrx_query_schema,
    &vrx_erasure_certificate_schema,
    &vrx_correction_notice_schema,
    &vrx_bulk_list_schema,
    &vrx_bulk_row_schema,
    &vrx_receipt_schema,
    &vrx_explanation_schema,
    &vrx_dated_key_schema,
    &vrx_card_challenge_schema,
    &vrx_revocations_schema,
    &vrx_certificate_reply_schema,
    &vrx_issued_certificate_schema,
};

static union {
    struct vrx_answer answer;
    struct vrx_application application;
    struct vrx_consent consent;
    struct vrx_directory directory;
    struct vrx_dose_item dose_item;
    struct vrx_dose_statement dose_statement;
    struct vrx_envelope envelope;
    struct vrx_identity_evidence evidence;
    struct vrx_issue_reply reply;
    struct vrx_issue_request request;
    struct vrx_permit_table permit_table;
    struct vrx_query query;
    struct vrx_erasure_certificate erasure;
    struct vrx_correction_notice notice;
    struct vrx_bulk_list bulk_list;
    struct vrx_bulk_row bulk_row;
    struct vrx_receipt receipt;
    struct vrx_explanation explanation;
    struct vrx_dated_key dated_key;
    struct vrx_card_challenge challenge;
    struct vrx_revocations revocations;
    struct vrx_certificate_reply certificate_reply;
    struct vrx_issued_certificate issued;
} object;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    vrx_arena_init(&arena, 0);
    if (size == 0)
        return 0;
    const struct vrx_object_schema *schema = schemas[data[0] % (sizeof schemas / sizeof *schemas)];
    struct vrx_view input = vrx_view_of(data + 1, size - 1);
    if (!vrx_is_ok(vrx_object_decode(schema, input, &arena, &object)))
        return 0;
    if (!vrx_is_ok(vrx_object_encode(schema, &object, &out)) ||
        !vrx_view_equal(input, vrx_buffer_view(&out)))
        abort();
    return 0;
}
