/* SPDX-License-Identifier: Apache-2.0
 *
 * See review.h. A change is one statement that asks for the version that was read, and its event.
 */
#include "store/review.h"

#include "store/check.h"
#include "store/dose_row.h"

#define COLUMNS \
    "id, resident, origin, query_id, source_digest, stated_at, withdrawn, " VRX_DOSE_COLUMNS ", " \
    "rule, refusal, counterpart, state, effect, dose, version, opened_at, changed_at"

static void bind_id_or_null(struct vrx_statement *statement, int64_t id) {
    if (id)
        vrx_bind_int(statement, id);
    else
        vrx_bind_null(statement);
}

static struct vrx_review take_review(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_review review = {0};
    vrx_take_fixed(row, review.id, VRX_ID);
    review.resident = vrx_take_int(row);
    review.origin = vrx_take_code(row);
    vrx_take_fixed(row, review.query_id, VRX_ID);
    vrx_take_fixed(row, review.source_digest, VRX_DIGEST);
    review.stated_at = vrx_take_int(row);
    review.withdrawn = vrx_take_bool(row);
    review.theirs = vrx_take_dose(row, arena);
    review.rule = (unsigned)vrx_take_int(row);
    review.refusal = (enum vrx_reason)vrx_take_int(row);
    review.counterpart = vrx_take_int(row);
    review.state = (enum vrx_review_state)vrx_take_int(row);
    review.effect = (unsigned)vrx_take_int(row);
    review.dose = vrx_take_int(row);
    review.version = (uint64_t)vrx_take_int(row);
    review.opened_at = vrx_take_int(row);
    review.changed_at = vrx_take_int(row);
    return review;
}

static struct vrx_result put_event(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_review_event *event, uint64_t version, int64_t now) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO review_event (review, version, kind, decision, dose, operator, terminal, "
        "note, source_digest, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&insert, (int64_t)version);
    vrx_bind_int(&insert, event->kind);
    vrx_bind_int(&insert, event->decision);
    bind_id_or_null(&insert, event->dose);
    vrx_bind_text(&insert, event->by.operator_id);
    vrx_bind_text(&insert, event->by.terminal_id);
    vrx_bind_text(&insert, event->note);
    vrx_bind_bytes_or_null(
        &insert, vrx_view_of(event->source_digest, event->has_source ? VRX_DIGEST : 0));
    vrx_bind_int(&insert, now);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_review_open(struct vrx_tenant *tenant, const struct vrx_review *review,
    int64_t now, uint8_t ret_id[VRX_ID]) {
    uint8_t id[VRX_ID];
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), id, sizeof id));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO review (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
        "?12, ?13, ?14, ?15, ?16, ?17, ?18, 1, 0, NULL, 1, ?19, ?19)");
    vrx_bind_bytes(&insert, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&insert, review->resident);
    vrx_bind_code(&insert, &review->origin);
    vrx_bind_bytes(&insert, vrx_view_of(review->query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_view_of(review->source_digest, VRX_DIGEST));
    vrx_bind_int(&insert, review->stated_at);
    vrx_bind_int(&insert, review->withdrawn);
    vrx_bind_dose(&insert, &review->theirs);
    vrx_bind_int(&insert, review->rule);
    vrx_bind_int(&insert, review->refusal);
    bind_id_or_null(&insert, review->counterpart);
    vrx_bind_int(&insert, now);
    VRX_TRY(vrx_statement_run(&insert));
    struct vrx_review_event opened = {.kind = VRX_REVIEW_OPENED, .has_source = true};
    memcpy(opened.source_digest, review->source_digest, VRX_DIGEST);
    VRX_TRY(put_event(tenant, id, &opened, 1, now));
    memcpy(ret_id, id, VRX_ID);
    return vrx_ok();
}

struct vrx_result vrx_review_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_review *ret_review) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM review WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_review review = take_review(&find, arena);
    VRX_TRY(find.error);
    *ret_review = review;
    return vrx_ok();
}

static struct vrx_result why_unchanged(struct vrx_tenant *tenant, const uint8_t id[VRX_ID]) {
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM review WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    return vrx_fail(VRX_CONFLICT);
}

struct vrx_result vrx_review_change(struct vrx_tenant *tenant, const struct vrx_review *review,
    const struct vrx_review_event *event, int64_t now) {
    static const struct vrx_text_rule rule = {
        offsetof(struct vrx_review_event, note), 0, VRX_LIMIT_REVIEW_NOTE, "note"};
    VRX_TRY(vrx_check_texts(event, &rule, 1));
    VRX_STATEMENT(update, tenant,
        "UPDATE review SET source_digest = ?, stated_at = ?, withdrawn = ?, dose_number = ?, "
        "administered_on = ?, product = ?, lot = ?, venue = ?, physician = ?, ticket = ?, "
        "administered_by = ?, rule = ?, refusal = ?, counterpart = ?, state = ?, effect = ?, "
        "dose = ?, version = version + 1, changed_at = ? WHERE id = ? AND version = ?");
    vrx_bind_bytes(&update, vrx_view_of(review->source_digest, VRX_DIGEST));
    vrx_bind_int(&update, review->stated_at);
    vrx_bind_int(&update, review->withdrawn);
    vrx_bind_dose(&update, &review->theirs);
    vrx_bind_int(&update, review->rule);
    vrx_bind_int(&update, review->refusal);
    bind_id_or_null(&update, review->counterpart);
    vrx_bind_int(&update, review->state);
    vrx_bind_int(&update, review->effect);
    bind_id_or_null(&update, review->dose);
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(review->id, VRX_ID));
    vrx_bind_int(&update, (int64_t)review->version);
    VRX_TRY(vrx_statement_run(&update));
    if (vrx_statement_changes(&update) != 1)
        return why_unchanged(tenant, review->id);
    return put_event(tenant, review->id, event, review->version + 1, now);
}

struct vrx_result vrx_review_events(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_review_event **ret_events, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_review_event *events = vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *events);
    if (!events)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT version, kind, decision, dose, operator, terminal, note, source_digest IS NOT "
        "NULL, source_digest, at FROM review_event WHERE review = ? ORDER BY version LIMIT ?");
    vrx_bind_bytes(&rows, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        struct vrx_review_event *event = &events[count++];
        event->version = (uint64_t)vrx_take_int(&rows);
        event->kind = (enum vrx_review_event_kind)vrx_take_int(&rows);
        event->decision = (unsigned)vrx_take_int(&rows);
        event->dose = vrx_take_int(&rows);
        event->by.operator_id = vrx_take_text(&rows, arena);
        event->by.terminal_id = vrx_take_text(&rows, arena);
        event->note = vrx_take_text(&rows, arena);
        event->has_source = vrx_take_bool(&rows);
        vrx_take_fixed(&rows, event->source_digest, VRX_DIGEST);
        event->at = vrx_take_int(&rows);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_events = events;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result take_many(struct vrx_statement *rows, struct vrx_arena *arena,
    struct vrx_review **ret_reviews, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_review *reviews = vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *reviews);
    if (!reviews)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx_bind_int(rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        reviews[count++] = take_review(rows, arena);
        VRX_TRY(vrx_statement_row(rows, &more));
    }
    *ret_reviews = reviews;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_review_list(struct vrx_tenant *tenant, struct vrx_arena *arena, bool ended,
    struct vrx_review **ret_reviews, size_t *ret_count) {
    /* Each condition is that of its index. */
    VRX_STATEMENT(rows, tenant,
        ended ? "SELECT " COLUMNS " FROM review WHERE state > 1 "
                "ORDER BY changed_at DESC, id DESC LIMIT ?"
              : "SELECT " COLUMNS " FROM review WHERE state = 1 ORDER BY opened_at, id LIMIT ?");
    return take_many(&rows, arena, ret_reviews, ret_count);
}

struct vrx_result vrx_review_of_resident(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, struct vrx_review **ret_reviews, size_t *ret_count) {
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM review WHERE resident = ? ORDER BY opened_at, id LIMIT ?");
    vrx_bind_int(&rows, resident);
    return take_many(&rows, arena, ret_reviews, ret_count);
}

struct vrx_result vrx_review_count(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], uint64_t *ret_count) {
    VRX_STATEMENT(find, tenant,
        query_id ? "SELECT count(*) FROM dose_received AS d JOIN review AS r ON r.id = d.review "
                   "WHERE d.query_id = ? AND r.state = 1"
                 : "SELECT count(*) FROM review WHERE state = 1");
    if (query_id)
        vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    uint64_t count = (uint64_t)vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_count = count;
    return vrx_ok();
}
