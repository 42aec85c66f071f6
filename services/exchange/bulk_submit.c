/* SPDX-License-Identifier: Apache-2.0
 *
 * A list comes in, message by message, each a transaction. What a query would be refused for is
 * looked for now, so that the clerk can correct it before the night; the run looks again. A row is
 * kept or refused by itself; what is wrong with more than the row ends the hand-in.
 *
 * Whom a row names is not counted as looked up: the day's rows are bounded (bulk-rows-day), refused
 * ones too, so that nobody tries numbers in this way.
 */
#include "base/limits.h"
#include "base/text.h"
#include "dispatch/message.h"
#include "exchange/bulk.h"
#include "exchange/items.h"
#include "exchange/request.h"
#include "layouts/row_error.h"
#include "store/savepoint.h"
#include "store/signer.h"

#define SECONDS_A_DAY 86400

void vrx_bulk_submit_state_done(void *state) {
    struct vrx_bulk_submit_state *submit = state;
    if (submit->begun)
        vrx_arena_done(&submit->arena);
}

/* ---- what is wrong with a row ---- */

static const struct vrx_field_name person = {"宛名番号", "resident"};
static const struct vrx_field_name origin = {"転出元団体コード", "from_municipality"};
static const struct vrx_field_name consent = {"同意ID", "consent_id"};
static const struct vrx_field_name evidence = {"本人確認ID", "evidence_id"};
static const struct vrx_field_name items = {"項目", "items"};

/* Which field it is that a refusal is about, where the refusal itself says so. */
static const struct vrx_field_name *field_of(enum vrx_reason reason) {
    switch (reason) {
    case VRX_CONSENT_MISSING:
    case VRX_CONSENT_REVOKED:
    case VRX_CONSENT_EXPIRED:
    case VRX_CONSENT_SCOPE:
        return &consent;
    case VRX_EVIDENCE_MISSING:
    case VRX_EVIDENCE_STALE:
    case VRX_EVIDENCE_METHOD:
    case VRX_EVIDENCE_SUBJECT:
        return &evidence;
    case VRX_PERMIT_ITEMS:
        return &items;
    default:
        return &vrx_row_field;
    }
}

/* The directory's end, a full disk: no row's. */
bool vrx_exchange_bulk_is_rows_own(struct vrx_result result) {
    enum vrx_category category = vrx_reason_category(result.reason);
    enum vrx_retry retry = vrx_reason_retry(result.reason);
    return (category == VRX_CATEGORY_INPUT || category == VRX_CATEGORY_AUTH ||
               category == VRX_CATEGORY_STATE) &&
           (retry == VRX_RETRY_NEVER || retry == VRX_RETRY_CORRECTED);
}

/* ---- a row ---- */

static struct vrx_result find_person(struct vrx_context *context, const Vrx__V1__ResidentKey *key,
    struct vrx_resident *ret_resident) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_view text = {0};
    bool by_number = key && key->key_case == VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
    if (!key || key->key_case == VRX__V1__RESIDENT_KEY__KEY__NOT_SET)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    VRX_TRY(vrx_message_text(
        by_number ? key->individual_number : key->addressee_number, VRX_LIMIT_OPERATOR, &text));
    VRX_TRY(vrx_text_fold(arena, text, &text));
    return by_number ? vrx_resident_find_by_number(context->tenant, arena, text, ret_resident)
                     : vrx_resident_find_by_addressee(context->tenant, arena, text, ret_resident);
}

static struct vrx_result optional_id(ProtobufCBinaryData id, struct vrx_view *ret_id) {
    if (id.len && id.len != VRX_ID)
        return vrx_fail(VRX_INPUT_RANGE);
    *ret_id = vrx_view_of(id.data, id.len);
    return vrx_ok();
}

/* *field is the one at which it failed. */
static struct vrx_result read_row(struct vrx_context *context, const Vrx__V1__BulkRow *row,
    struct vrx_resident *resident, struct vrx_asking *asking,
    const struct vrx_field_name **ret_field) {
    *ret_field = &vrx_row_field;
    if (!row->line || row->line > INT64_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "bulk_row.line: from 1");
    *ret_field = &person;
    VRX_TRY(find_person(context, row->resident, resident));
    *ret_field = &origin;
    VRX_TRY(vrx_exchange_municipality(context, row->from_municipality, &asking->from));
    *ret_field = &consent;
    VRX_TRY(optional_id(row->consent_id, &asking->consent_id));
    *ret_field = &evidence;
    VRX_TRY(optional_id(row->evidence_id, &asking->evidence_id));
    *ret_field = &items;
    VRX_TRY(
        vrx_exchange_items(context, row->items, row->n_items, &asking->items, &asking->item_count));
    asking->resident = resident;
    return vrx_ok();
}

static struct vrx_result keep_row(struct vrx_context *context, const Vrx__V1__BulkRow *row,
    const struct vrx_field_name **ret_field) {
    const struct vrx_bulk_submit_state *state = context->state;
    struct vrx_resident resident;
    struct vrx_asking asking = {0};
    VRX_TRY(read_row(context, row, &resident, &asking, ret_field));
    *ret_field = NULL;
    VRX_TRY(vrx_exchange_may_ask(context, &asking));
    struct vrx_bulk_entry entry = {
        .line = row->line,
        .resident = resident.id,
        .origin = asking.from,
        .consent_id = asking.consent_id,
        .evidence_id = asking.evidence_id,
        .items = asking.items,
        .item_count = asking.item_count,
    };
    VRX_TRY(vrx_random_fill(context->random, entry.query_id, VRX_ID));
    return vrx_bulk_add(context->tenant, state->list_id, &entry);
}

static struct vrx_result take_row(struct vrx_context *context, const Vrx__V1__BulkRow *row) {
    struct vrx_bulk_submit_state *state = context->state;
    const struct vrx_field_name *field = NULL;
    struct vrx_savepoint point;
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    struct vrx_result result = keep_row(context, row, &field);
    context->audit = (struct vrx_audit_facts){0}; /* the call's entry is about the list */
    if (vrx_is_ok(result))
        return vrx_savepoint_keep(context->tenant, &point);
    VRX_TRY(vrx_savepoint_undo(context->tenant, &point));
    if (!vrx_exchange_bulk_is_rows_own(result) || !row->line || row->line > INT64_MAX)
        return result;
    const struct vrx_row_error fault = {.line = row->line,
        .field = field ? field : field_of(result.reason),
        .reason = result.reason,
        .clause = result.clause};
    VRX_TRY(vrx_row_report_add(&state->report, &state->arena, &fault));
    return vrx_bulk_add_refused(
        context->tenant, state->list_id, row->line, result.reason, result.clause);
}

/* ---- the list ---- */

static int64_t midnight_in_japan(int64_t now) {
    return now - (now + VRX_JST_OFFSET) % SECONDS_A_DAY;
}

static struct vrx_result check_quota(struct vrx_context *context, size_t rows) {
    uint32_t quota = context->daemon->options.live.limits.value[VRX_LIMIT_BULK_ROWS_DAY];
    int64_t midnight = midnight_in_japan(context->now);
    uint64_t used = 0;
    if (!quota)
        return vrx_ok();
    VRX_TRY(vrx_bulk_rows_since(context->tenant, midnight, &used));
    if (used + rows <= quota)
        return vrx_ok();
    int64_t wait = midnight + SECONDS_A_DAY - context->now;
    return vrx_refuse_for(
        VRX_CAP_REACHED, "limit: rows of bulk lists a day (bulk-rows-day)", (uint32_t)wait * 1000);
}

static struct vrx_result begin(struct vrx_context *context) {
    struct vrx_bulk_submit_state *state = context->state;
    vrx_arena_init(&state->arena, VRX_LIMIT_ARENA);
    state->begun = true;
    VRX_TRY(vrx_bulk_sweep(context->tenant, context->now));
    return vrx_bulk_begin(context->tenant, vrx_view_text(context->operator_id),
        vrx_view_text(context->terminal_id), context->now, state->list_id);
}

static struct vrx_result count_rows(
    struct vrx_bulk_submit_state *state, const Vrx__V1__SubmitBulkRequest *in) {
    if (in->n_rows > VRX_LIMIT_BULK_MESSAGE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "bulk: at most 200 rows in one message");
    if (state->ended)
        return vrx_refuse(VRX_INPUT_MALFORMED, "bulk.end: nothing comes after it");
    state->rows += in->n_rows;
    state->ended = in->end != NULL;
    if (in->end && in->end->rows != state->rows)
        return vrx_refuse(VRX_INPUT_TRUNCATED, "bulk.end: other rows were sent than came");
    return vrx_ok();
}

struct vrx_result vrx_exchange_bulk_submit(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__SubmitBulkRequest *in = request;
    struct vrx_bulk_submit_state *state = context->state;
    if (!state->begun)
        VRX_TRY(begin(context));
    VRX_TRY(count_rows(state, in));
    VRX_TRY(check_quota(context, in->n_rows));
    for (size_t i = 0; i < in->n_rows; i++)
        VRX_TRY(take_row(context, in->rows[i]));
    return vrx_ok();
}

static struct vrx_result sign(struct vrx_context *context, const struct vrx_bulk *bulk) {
    struct vrx_buffer object VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_bulk_list list = {
        .municipality = context->slot->code,
        .purpose = VRX_PURPOSE_MOVER,
        .rows = bulk->rows,
        .operator_id = bulk->operator_id,
        .terminal_id = bulk->terminal_id,
        .submitted_at = context->now,
    };
    memcpy(list.id, bulk->id, VRX_ID);
    memcpy(list.digest, bulk->digest, VRX_DIGEST);
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_bulk_list_schema, &list, &object));
    return vrx_bulk_submit(context->tenant, bulk->id, vrx_buffer_view(&object), context->now);
}

/* HTTP/2 ends a stream that its client gave up in the same way as one that is whole: only the
 * client can say that this is all. A list of which no row is left is told as OPEN with its errors:
 * there is nothing to agree to, and it counts for the day. */
struct vrx_result vrx_exchange_bulk_submit_end(struct vrx_context *context, void *reply) {
    struct vrx_bulk_submit_state *state = context->state;
    Vrx__V1__SubmitBulkResponse *out = reply;
    struct vrx_bulk bulk;
    if (!state->ended)
        return vrx_refuse(VRX_INPUT_TRUNCATED, "bulk.end: it was not said that this is all");
    VRX_TRY(vrx_bulk_get(context->tenant, &context->arena, state->list_id, &bulk));
    if (!bulk.rows && !bulk.refused)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "bulk: a list has rows");
    VRX_TRY(vrx_exchange_bulk_note(context, &bulk));
    if (bulk.rows) {
        VRX_TRY(sign(context, &bulk));
        VRX_TRY(vrx_bulk_get(context->tenant, &context->arena, state->list_id, &bulk));
    }
    out->n_errors = state->report.count;
    out->errors = state->report.errors;
    return vrx_exchange_bulk_message(context, &bulk, &out->list);
}
