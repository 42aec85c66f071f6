/* SPDX-License-Identifier: Apache-2.0
 *
 * See controls.h; the linker puts these in the place of what they are named after.
 */
#include "fault/exchange/controls.h"

#include <sqlite3.h>

#include "actor/batch.h"
#include "dispatch/context.h"
#include "exchange/notices.h"
#include "exchange/standing.h"
#include "objects/answer.h"
#include "objects/consent.h"
#include "objects/identity_evidence.h"
#include "objects/permit.h"
#include "rules/timely.h"
#include "store/approval.h"
#include "store/bulk.h"
#include "store/dose_check.h"
#include "store/foreign_consent.h"
#include "store/outbox.h"
#include "store/resident.h"
#include "store/transfer_in.h"
#include "store/transfer_out.h"
#include "support/check.h"

enum control control;

const struct control_text control_texts[CONTROLS] = {
    [CONTROL_CONSENT] = {"consent", "DENIED was to be expected"},
    [CONTROL_PERMIT] = {"permit", "DENIED was to be expected"},
    [CONTROL_ITEMS] = {"items", "DENIED was to be expected"},
    [CONTROL_EVIDENCE] = {"evidence", "DENIED was to be expected"},
    [CONTROL_FRESH] = {"deadline", "DENIED was to be expected"},
    [CONTROL_KEY] = {"patience", "by what nobody can verify yet"},
    [CONTROL_GUARD] = {"protection", "PENDING was to be expected"},
    [CONTROL_OFFICERS] = {"second officer", "PENDING was to be expected"},
    [CONTROL_CLOSING] = {"closing time", "agreed when it was over"},
    [CONTROL_SEEN] = {"what was seen", ""},
    [CONTROL_REPEAT] = {"idempotency", "has two answers"},
    [CONTROL_TOLD] = {"notices", ""},
    [CONTROL_REVOCATION] = {"revocation", "waits without consent"},
    [CONTROL_ACCEPT] = {"answers", "was changed in state"},
    [CONTROL_DOSE] = {"doses", "has a dose twice"},
    [CONTROL_CORRECTION] = {"corrections", "that its origin corrected"},
    [CONTROL_ROW] = {"rows", "that nobody made"},
    [CONTROL_COMMIT] = {"durability", ""},
    [CONTROL_ENTRY] = {"entries", "the ledger has"},
    [CONTROL_RECEIPT] = {"receipts", "has no receipt"},
    [CONTROL_DENIAL] = {"denials", "a denial that the other knows nothing of"},
};

/* ---- at the origin ---- */

/* Both ends ask the same functions; the defect is the origin's. */
static bool asked_by_origin;

struct vrx_result __real_vrx_decision_lawful(struct vrx_context *context, void *decision);
struct vrx_result __wrap_vrx_decision_lawful(struct vrx_context *context, void *decision);
struct vrx_result __wrap_vrx_decision_lawful(struct vrx_context *context, void *decision) {
    asked_by_origin = true;
    struct vrx_result result = __real_vrx_decision_lawful(context, decision);
    asked_by_origin = false;
    if (control == CONTROL_KEY && result.reason == VRX_KEY_UNKNOWN)
        return vrx_refuse(VRX_SIGNATURE_INVALID, result.clause);
    return result;
}

static bool blind(enum control to) {
    return control == to && asked_by_origin;
}

struct vrx_result __real_vrx_consent_covers(
    const struct vrx_consent *consent, const struct vrx_consent_use *use);
struct vrx_result __wrap_vrx_consent_covers(
    const struct vrx_consent *consent, const struct vrx_consent_use *use);
struct vrx_result __wrap_vrx_consent_covers(
    const struct vrx_consent *consent, const struct vrx_consent_use *use) {
    return blind(CONTROL_CONSENT) ? vrx_ok() : __real_vrx_consent_covers(consent, use);
}

struct vrx_result __real_vrx_permit_in_force(const struct vrx_permit *permit,
    enum vrx_purpose purpose, const struct vrx_municipality_code *asker,
    const struct vrx_municipality_code *asked, int64_t time);
struct vrx_result __wrap_vrx_permit_in_force(const struct vrx_permit *permit,
    enum vrx_purpose purpose, const struct vrx_municipality_code *asker,
    const struct vrx_municipality_code *asked, int64_t time);
struct vrx_result __wrap_vrx_permit_in_force(const struct vrx_permit *permit,
    enum vrx_purpose purpose, const struct vrx_municipality_code *asker,
    const struct vrx_municipality_code *asked, int64_t time) {
    return blind(CONTROL_PERMIT) ? vrx_ok()
                                 : __real_vrx_permit_in_force(permit, purpose, asker, asked, time);
}

struct vrx_result __real_vrx_permit_covers(
    const struct vrx_permit *permit, const uint64_t *items, size_t item_count);
struct vrx_result __wrap_vrx_permit_covers(
    const struct vrx_permit *permit, const uint64_t *items, size_t item_count);
struct vrx_result __wrap_vrx_permit_covers(
    const struct vrx_permit *permit, const uint64_t *items, size_t item_count) {
    return blind(CONTROL_ITEMS) ? vrx_ok() : __real_vrx_permit_covers(permit, items, item_count);
}

struct vrx_result __real_vrx_identity_evidence_fresh(
    const struct vrx_identity_evidence *evidence, int64_t time, uint64_t max_age);
struct vrx_result __wrap_vrx_identity_evidence_fresh(
    const struct vrx_identity_evidence *evidence, int64_t time, uint64_t max_age);
struct vrx_result __wrap_vrx_identity_evidence_fresh(
    const struct vrx_identity_evidence *evidence, int64_t time, uint64_t max_age) {
    return blind(CONTROL_EVIDENCE) ? vrx_ok()
                                   : __real_vrx_identity_evidence_fresh(evidence, time, max_age);
}

struct vrx_result __real_vrx_timely_check(const struct vrx_query *query, int64_t now);
struct vrx_result __wrap_vrx_timely_check(const struct vrx_query *query, int64_t now);
struct vrx_result __wrap_vrx_timely_check(const struct vrx_query *query, int64_t now) {
    return control == CONTROL_FRESH ? vrx_ok() : __real_vrx_timely_check(query, now);
}

struct vrx_result __real_vrx_resident_near_number(struct vrx_tenant *tenant,
    struct vrx_arena *arena, struct vrx_view number, struct vrx_resident *ret_resident,
    bool *ret_exact);
struct vrx_result __wrap_vrx_resident_near_number(struct vrx_tenant *tenant,
    struct vrx_arena *arena, struct vrx_view number, struct vrx_resident *ret_resident,
    bool *ret_exact);
struct vrx_result __wrap_vrx_resident_near_number(struct vrx_tenant *tenant,
    struct vrx_arena *arena, struct vrx_view number, struct vrx_resident *ret_resident,
    bool *ret_exact) {
    struct vrx_result result =
        __real_vrx_resident_near_number(tenant, arena, number, ret_resident, ret_exact);
    if (control == CONTROL_GUARD && vrx_is_ok(result))
        ret_resident->no_automatic_answer = false;
    return result;
}

struct vrx_result __real_vrx_approval_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now,
    enum vrx_approval_state *ret_state);
struct vrx_result __wrap_vrx_approval_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now,
    enum vrx_approval_state *ret_state);
struct vrx_result __wrap_vrx_approval_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now,
    enum vrx_approval_state *ret_state) {
    const struct vrx_officer other = {vrx_view_text("nobody"), by->terminal_id};
    struct vrx_result result = __real_vrx_approval_agree(
        tenant, id, by, digest, control == CONTROL_CLOSING ? 0 : now, ret_state);
    if (control == CONTROL_OFFICERS && vrx_is_ok(result) && *ret_state == VRX_APPROVAL_SECOND)
        return __real_vrx_approval_agree(tenant, id, &other, digest, now, ret_state);
    return result;
}

struct vrx_result __real_vrx_approval_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_approval *ret_approval);
struct vrx_result __wrap_vrx_approval_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_approval *ret_approval);
struct vrx_result __wrap_vrx_approval_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_approval *ret_approval) {
    return __real_vrx_approval_get(
        tenant, arena, id, control == CONTROL_CLOSING ? 0 : now, ret_approval);
}

struct vrx_result __real_vrx_object_encode(
    const struct vrx_object_schema *schema, const void *object, struct vrx_buffer *out);
struct vrx_result __wrap_vrx_object_encode(
    const struct vrx_object_schema *schema, const void *object, struct vrx_buffer *out);

/* What officers agree to is an answer that is not dated yet. */
struct vrx_result __wrap_vrx_object_encode(
    const struct vrx_object_schema *schema, const void *object, struct vrx_buffer *out) {
    struct vrx_answer answer;
    if (control != CONTROL_SEEN || schema != &vrx_answer_schema)
        return __real_vrx_object_encode(schema, object, out);
    memcpy(&answer, object, sizeof answer);
    if (!answer.answered_at)
        answer.dose_count = 0;
    return __real_vrx_object_encode(schema, &answer, out);
}

struct vrx_result __real_vrx_transfer_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_in *ret_transfer);
struct vrx_result __wrap_vrx_transfer_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_in *ret_transfer);

/* Forgets the query and its nonce, when it comes again. */
struct vrx_result __wrap_vrx_transfer_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_in *ret_transfer) {
    if (control == CONTROL_REPEAT && !sqlite3_get_autocommit(vrx_tenant_db(tenant)))
        (void)sqlite3_exec(vrx_tenant_db(tenant),
            "PRAGMA defer_foreign_keys = ON; DELETE FROM transfer_in WHERE receipt IS NULL", NULL,
            NULL, NULL);
    return __real_vrx_transfer_in_get(tenant, arena, sender, query_id, ret_transfer);
}

struct vrx_result __real_vrx_transfer_in_denial(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_denial *ret_denial);
struct vrx_result __wrap_vrx_transfer_in_denial(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_denial *ret_denial);
struct vrx_result __wrap_vrx_transfer_in_denial(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_denial *ret_denial) {
    return control == CONTROL_DENIAL
               ? vrx_fail(VRX_NOT_FOUND)
               : __real_vrx_transfer_in_denial(tenant, arena, sender, query_id, ret_denial);
}

struct vrx_result __real_vrx_foreign_consent_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID],
    struct vrx_foreign_consent *ret_consent);
struct vrx_result __wrap_vrx_foreign_consent_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID],
    struct vrx_foreign_consent *ret_consent);
struct vrx_result __wrap_vrx_foreign_consent_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID],
    struct vrx_foreign_consent *ret_consent) {
    return control == CONTROL_TOLD
               ? vrx_fail(VRX_NOT_FOUND)
               : __real_vrx_foreign_consent_get(tenant, arena, sender, id, ret_consent);
}

/* ---- at the destination ---- */

struct vrx_result __real_vrx_exchange_consent_changed(struct vrx_context *context,
    const struct vrx_consent *consent, struct vrx_view signed_consent, int64_t resident);
struct vrx_result __wrap_vrx_exchange_consent_changed(struct vrx_context *context,
    const struct vrx_consent *consent, struct vrx_view signed_consent, int64_t resident);
struct vrx_result __wrap_vrx_exchange_consent_changed(struct vrx_context *context,
    const struct vrx_consent *consent, struct vrx_view signed_consent, int64_t resident) {
    return control == CONTROL_REVOCATION
               ? vrx_ok()
               : __real_vrx_exchange_consent_changed(context, consent, signed_consent, resident);
}

struct vrx_result __real_vrx_transfer_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_transfer_out *ret_transfer);
struct vrx_result __wrap_vrx_transfer_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_transfer_out *ret_transfer);

/* Within a step every transfer seems to wait for its answer. */
struct vrx_result __wrap_vrx_transfer_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_transfer_out *ret_transfer) {
    struct vrx_result result = __real_vrx_transfer_out_get(tenant, arena, query_id, ret_transfer);
    if (control == CONTROL_ACCEPT && !sqlite3_get_autocommit(vrx_tenant_db(tenant)) &&
        vrx_is_ok(result))
        ret_transfer->state = VRX_TRANSFER_PENDING;
    return result;
}

bool __real_vrx_transfer_step_allowed(enum vrx_transfer_state from, enum vrx_transfer_state to);
bool __wrap_vrx_transfer_step_allowed(enum vrx_transfer_state from, enum vrx_transfer_state to);
bool __wrap_vrx_transfer_step_allowed(enum vrx_transfer_state from, enum vrx_transfer_state to) {
    return control == CONTROL_ACCEPT || __real_vrx_transfer_step_allowed(from, to);
}

struct vrx_result __real_vrx_outbox_put(
    struct vrx_tenant *tenant, const struct vrx_outbox_message *message);
struct vrx_result __wrap_vrx_outbox_put(
    struct vrx_tenant *tenant, const struct vrx_outbox_message *message);
struct vrx_result __wrap_vrx_outbox_put(
    struct vrx_tenant *tenant, const struct vrx_outbox_message *message) {
    struct vrx_result result = __real_vrx_outbox_put(tenant, message);
    return control == CONTROL_ACCEPT && result.reason == VRX_ALREADY_EXISTS ? vrx_ok() : result;
}

struct vrx_result __real_vrx_dose_check_interval(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count);
struct vrx_result __wrap_vrx_dose_check_interval(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count);
struct vrx_result __wrap_vrx_dose_check_interval(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count) {
    return control == CONTROL_DOSE ? vrx_ok() : __real_vrx_dose_check_interval(item, others, count);
}

struct vrx_result __real_vrx_dose_check_order(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count);
struct vrx_result __wrap_vrx_dose_check_order(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count);
struct vrx_result __wrap_vrx_dose_check_order(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count) {
    return control == CONTROL_DOSE ? vrx_ok() : __real_vrx_dose_check_order(item, others, count);
}

struct vrx_result __real_vrx_notices_take(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);
struct vrx_result __wrap_vrx_notices_take(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply);
struct vrx_result __wrap_vrx_notices_take(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply) {
    return control == CONTROL_CORRECTION ? vrx_ok()
                                         : __real_vrx_notices_take(context, arrival, reply);
}

struct vrx_result __real_vrx_bulk_asked(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry);
struct vrx_result __wrap_vrx_bulk_asked(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry);
struct vrx_result __wrap_vrx_bulk_asked(
    struct vrx_tenant *tenant, const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry) {
    return control == CONTROL_ROW ? vrx_ok() : __real_vrx_bulk_asked(tenant, bulk, entry);
}

/* ---- at either ---- */

struct vrx_result __real_vrx_batch_run(
    struct vrx_batch *batch, struct vrx_job *first, int64_t now, struct vrx_job **ret_rest);
struct vrx_result __wrap_vrx_batch_run(
    struct vrx_batch *batch, struct vrx_job *first, int64_t now, struct vrx_job **ret_rest);
struct vrx_result __wrap_vrx_batch_run(
    struct vrx_batch *batch, struct vrx_job *first, int64_t now, struct vrx_job **ret_rest) {
    struct vrx_result result = __real_vrx_batch_run(batch, first, now, ret_rest);
    if (control != CONTROL_COMMIT || vrx_is_ok(result))
        return result;
    for (struct vrx_job *job = first; job != *ret_rest; job = job->next)
        job->outcome = vrx_ok();
    return vrx_ok();
}

struct vrx_result __real_vrx_context_record(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    uint64_t *ret_index);
struct vrx_result __wrap_vrx_context_record(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    uint64_t *ret_index);
struct vrx_result __wrap_vrx_context_record(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    uint64_t *ret_index) {
    return control == CONTROL_ENTRY && strcmp(method, "exchange/answer") == 0
               ? vrx_ok()
               : __real_vrx_context_record(context, method, purpose, facts, outcome, ret_index);
}

struct vrx_result __real_vrx_transfer_out_receipted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view receipt);
struct vrx_result __wrap_vrx_transfer_out_receipted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view receipt);
struct vrx_result __wrap_vrx_transfer_out_receipted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view receipt) {
    return control == CONTROL_RECEIPT
               ? vrx_ok()
               : __real_vrx_transfer_out_receipted(tenant, query_id, receipt);
}
