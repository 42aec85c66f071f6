/* SPDX-License-Identifier: Apache-2.0
 *
 * See operator.h.
 */
#include "store/operator.h"

#include "store/check.h"
#include "store/sql.h"

#define WEEK ((int64_t)7 * 86400)

static const struct vrx_text_rule text_rules[] = {
    {offsetof(struct vrx_operator, name), 0, VRX_LIMIT_OPERATOR_NAME, "operator: display name"},
};

struct vrx_result vrx_operator_id_check(struct vrx_view id) {
    if (!id.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "operator: id");
    if (id.len > VRX_LIMIT_OPERATOR)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "operator: an id has at most 64 characters");
    for (size_t i = 0; i < id.len; i++)
        if (id.ptr[i] <= ' ' || id.ptr[i] > '~')
            return vrx_refuse(VRX_INPUT_TEXT, "operator: an id is ASCII without spaces");
    return vrx_ok();
}

static struct vrx_result check_roles(unsigned roles) {
    return roles && !(roles & ~VRX_ROLE_ANY) ? vrx_ok()
                                             : vrx_refuse(VRX_INPUT_RANGE, "operator: roles");
}

/* A verifier that a later version could not read would lock its operator out. */
static struct vrx_result check_verifier(const char *verifier) {
    const size_t len = strnlen(verifier, VRX_PIN_VERIFIER);
    return len && len < VRX_PIN_VERIFIER ? vrx_ok() : vrx_fail(VRX_INTERNAL_ERROR);
}

struct vrx_result vrx_operator_count(struct vrx_tenant *tenant, size_t *ret_count) {
    VRX_STATEMENT(count, tenant, "SELECT count(*) FROM operator");
    VRX_TRY(vrx_statement_one(&count));
    const size_t found = (size_t)vrx_take_int(&count);
    VRX_TRY(count.error);
    *ret_count = found;
    return vrx_ok();
}

struct vrx_result vrx_operator_register(struct vrx_tenant *tenant,
    const struct vrx_operator *registered, const struct vrx_credentials *credentials) {
    size_t count = 0;
    VRX_TRY(vrx_operator_id_check(registered->id));
    VRX_TRY(vrx_check_texts(registered, text_rules, sizeof text_rules / sizeof text_rules[0]));
    VRX_TRY(check_roles(registered->roles));
    VRX_TRY(check_verifier(credentials->pin_verifier));
    VRX_TRY(vrx_operator_count(tenant, &count));
    if (count >= VRX_LIMIT_OPERATORS)
        return vrx_fail(VRX_CAP_REACHED);
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO operator (operator, name, roles, state, pin_verifier, pin_change_due, "
        "totp_secret, used_step, version, log_ins, last_log_in_at, registered_at, changed_at) "
        "VALUES (?1, ?2, ?3, 1, ?4, 1, ?5, 0, 1, 0, 0, ?6, ?6)");
    vrx_bind_text(&insert, registered->id);
    vrx_bind_text(&insert, registered->name);
    vrx_bind_int(&insert, registered->roles);
    vrx_bind_text(&insert, vrx_view_text(credentials->pin_verifier));
    vrx_bind_bytes(&insert, vrx_view_of(credentials->totp_secret, VRX_TOTP_SECRET));
    vrx_bind_int(&insert, registered->registered_at);
    return vrx_statement_run(&insert);
}

static struct vrx_operator take_operator(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_operator taken = {0};
    taken.id = vrx_take_text(row, arena);
    taken.name = vrx_take_text(row, arena);
    taken.roles = (unsigned)vrx_take_int(row);
    taken.state = (enum vrx_operator_state)vrx_take_int(row);
    taken.pin_change_due = vrx_take_bool(row);
    taken.log_ins = vrx_take_int(row);
    taken.last_log_in_at = vrx_take_int(row);
    taken.registered_at = vrx_take_int(row);
    return taken;
}

struct vrx_result vrx_operator_count_administrators(struct vrx_tenant *tenant, size_t *ret_count) {
    VRX_STATEMENT(count, tenant, "SELECT count(*) FROM operator WHERE state = 1 AND roles & ?");
    vrx_bind_int(&count, VRX_ROLE_ADMINISTRATOR);
    VRX_TRY(vrx_statement_one(&count));
    *ret_count = (size_t)vrx_take_int(&count);
    return count.error;
}

struct vrx_result vrx_operator_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_operator **ret_operators, size_t *ret_count) {
    size_t size = 0;
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_operator_count(tenant, &size));
    struct vrx_operator *operators = vrx_arena_alloc_array(arena, size, sizeof *operators);
    if (!operators)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT operator, name, roles, state, pin_change_due, log_ins, last_log_in_at, "
        "registered_at FROM operator ORDER BY id");
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < size) {
        operators[count++] = take_operator(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_operators = operators;
    *ret_count = count;
    return vrx_ok();
}

/* The row's text into the fixed place, and out of the arena again. */
static struct vrx_result take_verifier(struct vrx_statement *row, char out[VRX_PIN_VERIFIER]) {
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    const struct vrx_view text = vrx_take_text(row, &arena);
    struct vrx_result result = row->error;
    if (vrx_is_ok(result) && text.len >= VRX_PIN_VERIFIER)
        result = vrx_fail(VRX_VAULT_DAMAGED);
    if (vrx_is_ok(result) && text.len)
        memcpy(out, text.ptr, text.len);
    vrx_arena_done(&arena);
    return result;
}

struct vrx_result vrx_operator_credentials(
    struct vrx_tenant *tenant, struct vrx_view id, struct vrx_credentials *ret_credentials) {
    bool found = false;
    struct vrx_credentials credentials = {0};
    VRX_STATEMENT(find, tenant,
        "SELECT pin_verifier, totp_secret, state, roles, pin_change_due, used_step, version "
        "FROM operator WHERE operator = ?");
    vrx_bind_text(&find, id);
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_NOT_FOUND);
    struct vrx_result result = take_verifier(&find, credentials.pin_verifier);
    vrx_take_fixed(&find, credentials.totp_secret, VRX_TOTP_SECRET);
    credentials.state = (enum vrx_operator_state)vrx_take_int(&find);
    credentials.roles = (unsigned)vrx_take_int(&find);
    credentials.pin_change_due = vrx_take_bool(&find);
    credentials.used_step = vrx_take_int(&find);
    credentials.version = vrx_take_int(&find);
    if (vrx_is_ok(result))
        result = find.error;
    if (vrx_is_ok(result))
        *ret_credentials = credentials;
    vrx_wipe(&credentials, sizeof credentials);
    return result;
}

/* Exactly one row was changed, or: what is said. */
static struct vrx_result run_on_one(struct vrx_statement *update, enum vrx_reason otherwise) {
    VRX_TRY(vrx_statement_run(update));
    return vrx_statement_changes(update) == 1 ? vrx_ok() : vrx_fail(otherwise);
}

struct vrx_result vrx_operator_logged_in(
    struct vrx_tenant *tenant, struct vrx_view id, int64_t step, int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE operator SET used_step = ?1, log_ins = log_ins + 1, last_log_in_at = ?2 "
        "WHERE operator = ?3 AND used_step < ?1");
    vrx_bind_int(&update, step);
    vrx_bind_int(&update, now);
    vrx_bind_text(&update, id);
    return run_on_one(&update, VRX_CONFLICT);
}

/* Before this operator is none any more. */
static struct vrx_result check_another_administrator(
    struct vrx_tenant *tenant, struct vrx_view id) {
    VRX_STATEMENT(count, tenant,
        "SELECT count(*) FILTER (WHERE operator <> ?1), count(*) FILTER (WHERE operator = ?1) "
        "FROM operator WHERE state = 1 AND roles & 128");
    vrx_bind_text(&count, id);
    VRX_TRY(vrx_statement_one(&count));
    const int64_t others = vrx_take_int(&count);
    const int64_t this_one = vrx_take_int(&count);
    VRX_TRY(count.error);
    return this_one && !others ? vrx_fail(VRX_LAST_ADMINISTRATOR) : vrx_ok();
}

struct vrx_result vrx_operator_set_roles(
    struct vrx_tenant *tenant, struct vrx_view id, unsigned roles, int64_t now) {
    VRX_TRY(check_roles(roles));
    if (!(roles & VRX_ROLE_ADMINISTRATOR))
        VRX_TRY(check_another_administrator(tenant, id));
    VRX_STATEMENT(update, tenant,
        "UPDATE operator SET roles = ?, changed_at = ?, version = version + 1 WHERE operator = ?");
    vrx_bind_int(&update, roles);
    vrx_bind_int(&update, now);
    vrx_bind_text(&update, id);
    return run_on_one(&update, VRX_NOT_FOUND);
}

static struct vrx_result check_exists(struct vrx_tenant *tenant, struct vrx_view id) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM operator WHERE operator = ?");
    vrx_bind_text(&find, id);
    VRX_TRY(vrx_statement_row(&find, &found));
    return found ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_operator_set_state(
    struct vrx_tenant *tenant, struct vrx_view id, enum vrx_operator_state state, int64_t now) {
    VRX_TRY(check_exists(tenant, id));
    if (state != VRX_OPERATOR_STATE_ACTIVE)
        VRX_TRY(check_another_administrator(tenant, id));
    VRX_STATEMENT(update, tenant,
        "UPDATE operator SET state = ?1, changed_at = ?2, version = version + 1 "
        "WHERE operator = ?3 AND state <> ?1");
    vrx_bind_int(&update, state);
    vrx_bind_int(&update, now);
    vrx_bind_text(&update, id);
    return run_on_one(&update, VRX_WRONG_STATE);
}

struct vrx_result vrx_operator_set_pin(
    struct vrx_tenant *tenant, struct vrx_view id, const char *verifier, int64_t now) {
    VRX_TRY(check_verifier(verifier));
    VRX_STATEMENT(update, tenant,
        "UPDATE operator SET pin_verifier = ?, pin_change_due = 0, changed_at = ?, "
        "version = version + 1 WHERE operator = ?");
    vrx_bind_text(&update, vrx_view_text(verifier));
    vrx_bind_int(&update, now);
    vrx_bind_text(&update, id);
    return run_on_one(&update, VRX_NOT_FOUND);
}

/* Codes of the new secret have nothing to do with those of the old one. */
struct vrx_result vrx_operator_reset(struct vrx_tenant *tenant, struct vrx_view id,
    const struct vrx_credentials *credentials, int64_t now) {
    VRX_TRY(check_verifier(credentials->pin_verifier));
    VRX_STATEMENT(update, tenant,
        "UPDATE operator SET pin_verifier = ?, pin_change_due = 1, totp_secret = ?, "
        "used_step = 0, changed_at = ?, version = version + 1 WHERE operator = ?");
    vrx_bind_text(&update, vrx_view_text(credentials->pin_verifier));
    vrx_bind_bytes(&update, vrx_view_of(credentials->totp_secret, VRX_TOTP_SECRET));
    vrx_bind_int(&update, now);
    vrx_bind_text(&update, id);
    return run_on_one(&update, VRX_NOT_FOUND);
}

struct vrx_result vrx_attempts_get(
    struct vrx_tenant *tenant, const uint8_t what[32], struct vrx_attempts *ret_attempts) {
    bool found = false;
    struct vrx_attempts attempts = {0};
    VRX_STATEMENT(
        find, tenant, "SELECT failures, began_at, wait_until FROM log_in_attempt WHERE what = ?");
    vrx_bind_bytes(&find, vrx_view_of(what, 32));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (found) {
        attempts.failures = vrx_take_int(&find);
        attempts.began_at = vrx_take_int(&find);
        attempts.wait_until = vrx_take_int(&find);
        VRX_TRY(find.error);
    }
    *ret_attempts = attempts;
    return vrx_ok();
}

static struct vrx_result forget_attempts(struct vrx_tenant *tenant, const uint8_t what[32]) {
    VRX_STATEMENT(forget, tenant, "DELETE FROM log_in_attempt WHERE what = ?");
    vrx_bind_bytes(&forget, vrx_view_of(what, 32));
    return vrx_statement_run(&forget);
}

static struct vrx_result forget_old_attempts(struct vrx_tenant *tenant, int64_t before) {
    VRX_STATEMENT(forget, tenant, "DELETE FROM log_in_attempt WHERE last_at < ?");
    vrx_bind_int(&forget, before);
    return vrx_statement_run(&forget);
}

struct vrx_result vrx_attempts_put(struct vrx_tenant *tenant, const uint8_t what[32],
    const struct vrx_attempts *attempts, int64_t now) {
    VRX_TRY(forget_old_attempts(tenant, now - WEEK));
    if (attempts->failures <= 0)
        return forget_attempts(tenant, what);
    VRX_STATEMENT(put, tenant,
        "INSERT INTO log_in_attempt (what, failures, began_at, wait_until, last_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (what) DO UPDATE SET "
        "failures = ?2, began_at = ?3, wait_until = ?4, last_at = ?5");
    vrx_bind_bytes(&put, vrx_view_of(what, 32));
    vrx_bind_int(&put, attempts->failures);
    vrx_bind_int(&put, attempts->began_at);
    vrx_bind_int(&put, attempts->wait_until);
    vrx_bind_int(&put, now);
    return vrx_statement_run(&put);
}
