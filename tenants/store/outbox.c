/* SPDX-License-Identifier: Apache-2.0
 *
 * See outbox.h. Each step is one statement that asks for WAITING; why it changed no row is looked
 * up afterwards.
 */
#include "store/outbox.h"

#include "store/check.h"
#include "store/sql.h"

#define COLUMNS \
    "receiver, kind, message_id, resident, envelope, digest, state, created_at, deadline, " \
    "next_attempt_at, attempts, reason, acknowledgement, changed_at"
#define WITH_KEY " WHERE receiver = ? AND kind = ? AND message_id = ?"

static void bind_key(struct vrx_statement *statement, const struct vrx_outbox_key *key) {
    vrx_bind_code(statement, &key->to);
    vrx_bind_int(statement, key->kind);
    vrx_bind_bytes(statement, vrx_view_of(key->id, VRX_ID));
}

static struct vrx_outbox_message take_message(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_outbox_message message = {0};
    message.key.to = vrx_take_code(row);
    message.key.kind = (enum vrx_envelope_kind)vrx_take_int(row);
    vrx_take_fixed(row, message.key.id, VRX_ID);
    message.resident = vrx_take_int(row);
    message.envelope = vrx_take_bytes(row, arena);
    vrx_take_fixed(row, message.digest, VRX_DIGEST);
    message.state = (enum vrx_outbox_state)vrx_take_int(row);
    message.created_at = vrx_take_int(row);
    message.deadline = vrx_take_int(row);
    message.next_attempt_at = vrx_take_int(row);
    message.attempts = (uint64_t)vrx_take_int(row);
    message.reason = (enum vrx_reason)vrx_take_int(row);
    message.acknowledgement = vrx_take_bytes(row, arena);
    message.changed_at = vrx_take_int(row);
    return message;
}

struct vrx_result vrx_outbox_put(
    struct vrx_tenant *tenant, const struct vrx_outbox_message *message) {
    VRX_TRY(vrx_check_object(message->envelope, VRX_LIMIT_TRANSFER));
    if (message->key.kind < VRX_ENVELOPE_RECEIPT || message->key.kind > VRX_ENVELOPE_LAST)
        return vrx_refuse(VRX_INPUT_RANGE, "kind");
    if (message->deadline <= message->created_at)
        return vrx_refuse(VRX_INPUT_RANGE, "deadline");
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO outbox (" COLUMNS ") "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?7, 0, 0, NULL, ?7)");
    bind_key(&insert, &message->key);
    if (message->resident)
        vrx_bind_int(&insert, message->resident);
    else
        vrx_bind_null(&insert);
    vrx_bind_bytes(&insert, message->envelope);
    vrx_bind_bytes(&insert, vrx_view_of(message->digest, VRX_DIGEST));
    vrx_bind_int(&insert, message->created_at);
    vrx_bind_int(&insert, message->deadline);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_outbox_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_outbox_key *key, struct vrx_outbox_message *ret_message) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM outbox" WITH_KEY);
    bind_key(&find, key);
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_outbox_message message = take_message(&find, arena);
    VRX_TRY(find.error);
    *ret_message = message;
    return vrx_ok();
}

/* Why a step that changed no row did not. */
static struct vrx_result check_changed(struct vrx_tenant *tenant,
    const struct vrx_statement *update, const struct vrx_outbox_key *key) {
    bool found = false;
    if (vrx_statement_changes(update) == 1)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM outbox" WITH_KEY);
    bind_key(&find, key);
    VRX_TRY(vrx_statement_row(&find, &found));
    return vrx_fail(found ? VRX_WRONG_STATE : VRX_NOT_FOUND);
}

struct vrx_result vrx_outbox_attempted(
    struct vrx_tenant *tenant, const struct vrx_outbox_key *key, int64_t next_attempt_at) {
    VRX_STATEMENT(update, tenant,
        "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?" WITH_KEY " AND state = 1");
    vrx_bind_int(&update, next_attempt_at);
    bind_key(&update, key);
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, key);
}

struct vrx_result vrx_outbox_refused(struct vrx_tenant *tenant, const struct vrx_outbox_key *key,
    enum vrx_reason reason, int64_t not_before) {
    VRX_STATEMENT(update, tenant,
        "UPDATE outbox SET reason = ?, next_attempt_at = max(next_attempt_at, ?)" WITH_KEY
        " AND state = 1");
    vrx_bind_int(&update, reason);
    vrx_bind_int(&update, not_before);
    bind_key(&update, key);
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, key);
}

struct vrx_result vrx_outbox_done(struct vrx_tenant *tenant, const struct vrx_outbox_key *key,
    struct vrx_view acknowledgement, int64_t now) {
    VRX_TRY(vrx_check_object(acknowledgement, VRX_LIMIT_TRANSFER));
    VRX_STATEMENT(update, tenant,
        "UPDATE outbox SET state = 2, reason = 0, acknowledgement = ?, changed_at = ?, "
        "next_attempt_at = NULL" WITH_KEY " AND state = 1");
    vrx_bind_bytes(&update, acknowledgement);
    vrx_bind_int(&update, now);
    bind_key(&update, key);
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, key);
}

struct vrx_result vrx_outbox_expire(
    struct vrx_tenant *tenant, const struct vrx_outbox_key *key, int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE outbox SET state = 3, changed_at = ?1, next_attempt_at = NULL "
        "WHERE receiver = ?2 AND kind = ?3 AND message_id = ?4 AND state = 1 AND deadline < ?1");
    vrx_bind_int(&update, now);
    bind_key(&update, key);
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, key);
}

struct vrx_result vrx_outbox_next_due(struct vrx_tenant *tenant, int64_t *ret_at) {
    /* The condition is that of the index outbox_due. */
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(min(next_attempt_at), 0) FROM outbox WHERE next_attempt_at IS NOT NULL");
    VRX_TRY(vrx_statement_one(&find));
    int64_t at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_at = at;
    return vrx_ok();
}

struct vrx_result vrx_outbox_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_outbox_message **ret_messages, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_check_page(limit));
    struct vrx_outbox_message *messages = vrx_arena_alloc_array(arena, limit, sizeof *messages);
    if (!messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM outbox WHERE next_attempt_at <= ? "
        "ORDER BY next_attempt_at, id LIMIT ?");
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < limit) {
        messages[count++] = take_message(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_messages = messages;
    *ret_count = count;
    return vrx_ok();
}
