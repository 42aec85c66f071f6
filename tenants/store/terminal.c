/* SPDX-License-Identifier: Apache-2.0
 *
 * See terminal.h.
 */
#include "store/terminal.h"

#include "store/check.h"
#include "store/sql.h"

#define COLUMNS \
    "spki_sha256, kind, label, state, registered_at, changed_at, certificate_from, " \
    "certificate_until, successor"

static const struct vrx_text_rule text_rules[] = {
    {offsetof(struct vrx_terminal, label), 0, VRX_LIMIT_LABEL, "label"},
};

static struct vrx_terminal take_terminal(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_terminal terminal = {0};
    vrx_take_fixed(row, terminal.spki_sha256, VRX_DIGEST);
    terminal.kind = (enum vrx_terminal_kind)vrx_take_int(row);
    terminal.label = vrx_take_text(row, arena);
    terminal.state = (enum vrx_terminal_state)vrx_take_int(row);
    terminal.registered_at = vrx_take_int(row);
    terminal.changed_at = vrx_take_int(row);
    terminal.certificate_from = vrx_take_int(row);
    terminal.certificate_until = vrx_take_int(row);
    const struct vrx_view successor = vrx_take_bytes(row, arena);
    terminal.replaced = successor.len == VRX_DIGEST;
    if (terminal.replaced)
        memcpy(terminal.successor, successor.ptr, VRX_DIGEST);
    return terminal;
}

static struct vrx_result count_all(struct vrx_tenant *tenant, size_t *ret_count) {
    VRX_STATEMENT(count, tenant, "SELECT count(*) FROM terminal");
    VRX_TRY(vrx_statement_one(&count));
    *ret_count = (size_t)vrx_take_int(&count);
    return count.error;
}

struct vrx_result vrx_terminal_register(
    struct vrx_tenant *tenant, const struct vrx_terminal *terminal) {
    size_t count = 0;
    if (terminal->kind < VRX_TERMINAL_HEALTH_SYSTEM || terminal->kind > VRX_TERMINAL_PEER)
        return vrx_refuse(VRX_INPUT_RANGE, "terminal kind");
    VRX_TRY(vrx_check_texts(terminal, text_rules, sizeof text_rules / sizeof text_rules[0]));
    VRX_TRY(count_all(tenant, &count));
    if (count >= VRX_LIMIT_TERMINALS)
        return vrx_fail(VRX_CAP_REACHED);
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO terminal (spki_sha256, kind, label, state, registered_at, changed_at, "
        "certificate_from, certificate_until) VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5, ?6)");
    vrx_bind_bytes(&insert, vrx_view_of(terminal->spki_sha256, VRX_DIGEST));
    vrx_bind_int(&insert, terminal->kind);
    vrx_bind_text(&insert, terminal->label);
    vrx_bind_int(&insert, terminal->registered_at);
    vrx_bind_int(&insert, terminal->certificate_from);
    vrx_bind_int(&insert, terminal->certificate_until);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_terminal_find(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t spki_sha256[VRX_DIGEST], struct vrx_terminal *ret_terminal) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM terminal WHERE spki_sha256 = ?");
    vrx_bind_bytes(&find, vrx_view_of(spki_sha256, VRX_DIGEST));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_TERMINAL_UNKNOWN);
    struct vrx_terminal terminal = take_terminal(&find, arena);
    VRX_TRY(find.error);
    *ret_terminal = terminal;
    return vrx_ok();
}

struct vrx_result vrx_terminal_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_terminal **ret_terminals, size_t *ret_count) {
    size_t size = 0;
    size_t count = 0;
    bool more = false;
    VRX_TRY(count_all(tenant, &size));
    struct vrx_terminal *terminals = vrx_arena_alloc_array(arena, size, sizeof *terminals);
    if (!terminals)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant, "SELECT " COLUMNS " FROM terminal ORDER BY id");
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < size) {
        terminals[count++] = take_terminal(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_terminals = terminals;
    *ret_count = count;
    return vrx_ok();
}

/* What a change starts from: its state, kind and whether another took its place. */
static struct vrx_result present(struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST],
    struct vrx_terminal *ret_terminal) {
    bool found = false;
    VRX_STATEMENT(find, tenant,
        "SELECT kind, state, successor IS NOT NULL FROM terminal WHERE spki_sha256 = ?");
    vrx_bind_bytes(&find, vrx_view_of(spki_sha256, VRX_DIGEST));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_TERMINAL_UNKNOWN);
    *ret_terminal = (struct vrx_terminal){0};
    ret_terminal->kind = (enum vrx_terminal_kind)vrx_take_int(&find);
    ret_terminal->state = (enum vrx_terminal_state)vrx_take_int(&find);
    ret_terminal->replaced = vrx_take_int(&find) != 0;
    return find.error;
}

static struct vrx_result set_state(struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST],
    enum vrx_terminal_state state, int64_t now) {
    VRX_STATEMENT(
        update, tenant, "UPDATE terminal SET state = ?, changed_at = ? WHERE spki_sha256 = ?");
    vrx_bind_int(&update, state);
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(spki_sha256, VRX_DIGEST));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_terminal_suspend(
    struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST], int64_t now) {
    struct vrx_terminal terminal;
    VRX_TRY(present(tenant, spki_sha256, &terminal));
    if (terminal.state != VRX_TERMINAL_STATE_ACTIVE)
        return vrx_refuse(VRX_WRONG_STATE, "terminal: it is suspended already");
    if (terminal.kind == VRX_TERMINAL_CONSOLE) {
        size_t consoles = 0;
        VRX_TRY(vrx_terminal_count(tenant, VRX_TERMINAL_CONSOLE, &consoles));
        if (consoles <= 1)
            return vrx_fail(VRX_LAST_CONSOLE);
    }
    return set_state(tenant, spki_sha256, VRX_TERMINAL_STATE_SUSPENDED, now);
}

struct vrx_result vrx_terminal_reinstate(
    struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST], int64_t now) {
    struct vrx_terminal terminal;
    VRX_TRY(present(tenant, spki_sha256, &terminal));
    if (terminal.state == VRX_TERMINAL_STATE_ACTIVE)
        return vrx_refuse(VRX_WRONG_STATE, "terminal: it is not suspended");
    if (terminal.replaced)
        return vrx_refuse(VRX_WRONG_STATE, "terminal: another took its place");
    return set_state(tenant, spki_sha256, VRX_TERMINAL_STATE_ACTIVE, now);
}

static struct vrx_result insert_successor(struct vrx_tenant *tenant, const uint8_t old[VRX_DIGEST],
    const struct vrx_terminal *fresh, enum vrx_terminal_kind *ret_kind) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_terminal before = {0};
    vrx_arena_init(&arena, 0);
    VRX_TRY(vrx_terminal_find(tenant, &arena, old, &before));
    struct vrx_terminal after = *fresh;
    after.kind = before.kind;
    after.label = before.label;
    VRX_TRY(vrx_terminal_register(tenant, &after));
    *ret_kind = before.kind;
    return vrx_ok();
}

struct vrx_result vrx_terminal_replace(struct vrx_tenant *tenant, const uint8_t old[VRX_DIGEST],
    const struct vrx_terminal *fresh, enum vrx_terminal_kind *ret_kind) {
    struct vrx_terminal terminal;
    VRX_TRY(present(tenant, old, &terminal));
    if (terminal.replaced)
        return vrx_refuse(VRX_WRONG_STATE, "terminal: another took its place");
    VRX_TRY(insert_successor(tenant, old, fresh, ret_kind));
    VRX_STATEMENT(update, tenant,
        "UPDATE terminal SET state = 2, changed_at = ?, successor = ? WHERE spki_sha256 = ?");
    vrx_bind_int(&update, fresh->registered_at);
    vrx_bind_bytes(&update, vrx_view_of(fresh->spki_sha256, VRX_DIGEST));
    vrx_bind_bytes(&update, vrx_view_of(old, VRX_DIGEST));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_terminal_seen(struct vrx_tenant *tenant,
    const uint8_t spki_sha256[VRX_DIGEST], int64_t certificate_from, int64_t certificate_until) {
    VRX_STATEMENT(update, tenant,
        "UPDATE terminal SET certificate_from = ?, certificate_until = ? WHERE spki_sha256 = ?");
    vrx_bind_int(&update, certificate_from);
    vrx_bind_int(&update, certificate_until);
    vrx_bind_bytes(&update, vrx_view_of(spki_sha256, VRX_DIGEST));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_terminal_count(
    struct vrx_tenant *tenant, enum vrx_terminal_kind kind, size_t *ret_count) {
    VRX_STATEMENT(count, tenant, "SELECT count(*) FROM terminal WHERE kind = ? AND state = 1");
    vrx_bind_int(&count, kind);
    VRX_TRY(vrx_statement_one(&count));
    *ret_count = (size_t)vrx_take_int(&count);
    return count.error;
}
