/* SPDX-License-Identifier: Apache-2.0
 *
 * The statement cache and the bind-and-take helpers of sql.h. The cache is a hash table keyed by
 * the address of the SQL text: a call costs one comparison of pointers, no parsing and no
 * comparison of strings. Nothing leaves the table before the tenant is closed.
 */
#include "store/sql.h"

#include "vaultfs/vault.h"

void vrx_sql_done(struct vrx_sql *sql) {
    for (size_t i = 0; i < VRX_SQL_SLOTS; i++) {
        (void)sqlite3_finalize(sql->slots[i].prepared);
        sql->slots[i] = (struct vrx_sql_slot){0};
    }
}

/* Literals lie close together: the low bits alone would make long runs. Fibonacci hashing. */
static size_t slot_of(const char *text) {
    return (size_t)(((uint64_t)(uintptr_t)text * 0x9e3779b97f4a7c15u) >> 32) % VRX_SQL_SLOTS;
}

static struct vrx_sql_slot *find_slot(struct vrx_sql *sql, const char *text) {
    size_t at = slot_of(text);
    for (size_t i = 0; i < VRX_SQL_SLOTS; i++) {
        struct vrx_sql_slot *slot = &sql->slots[(at + i) % VRX_SQL_SLOTS];
        if (slot->text == text || !slot->text)
            return slot;
    }
    return NULL;
}

static struct vrx_result prepare(struct vrx_sql *sql, const char *text, sqlite3_stmt **ret_stmt) {
    struct vrx_sql_slot *slot = find_slot(sql, text);
    if (!slot)
        return vrx_fail(VRX_INTERNAL_ERROR);
    if (!slot->text) {
        int rc =
            sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &slot->prepared, NULL);
        if (rc != SQLITE_OK)
            return vrx_sqlite_result(sql->db, rc);
        slot->text = text;
    }
    /* Begun twice at once: two scopes would share one cursor. */
    if (sqlite3_stmt_busy(slot->prepared))
        return vrx_fail(VRX_INTERNAL_ERROR);
    *ret_stmt = slot->prepared;
    return vrx_ok();
}

struct vrx_statement vrx_statement_begin(struct vrx_sql *sql, const char *text) {
    struct vrx_statement statement = {.sql = sql, .error = vrx_ok()};
    statement.error = prepare(sql, text, &statement.prepared);
    return statement;
}

void vrx_statement_end(struct vrx_statement *statement) {
    if (!statement->prepared)
        return;
    (void)sqlite3_reset(statement->prepared);
    (void)sqlite3_clear_bindings(statement->prepared); /* borrowed memory ends here */
    statement->prepared = NULL;
}

static void note(struct vrx_statement *statement, int rc) {
    if (rc != SQLITE_OK && vrx_is_ok(statement->error))
        statement->error = vrx_sqlite_result(statement->sql->db, rc);
}

void vrx_bind_int(struct vrx_statement *statement, int64_t value) {
    if (vrx_is_ok(statement->error))
        note(statement, sqlite3_bind_int64(statement->prepared, ++statement->bound, value));
}

void vrx_bind_text(struct vrx_statement *statement, struct vrx_view text) {
    const char *at = text.len ? (const char *)text.ptr : "";
    if (vrx_is_ok(statement->error))
        note(statement, sqlite3_bind_text64(statement->prepared, ++statement->bound, at, text.len,
                            SQLITE_STATIC, SQLITE_UTF8));
}

void vrx_bind_bytes(struct vrx_statement *statement, struct vrx_view bytes) {
    const void *at = bytes.len ? (const void *)bytes.ptr : "";
    if (vrx_is_ok(statement->error))
        note(statement, sqlite3_bind_blob64(
                            statement->prepared, ++statement->bound, at, bytes.len, SQLITE_STATIC));
}

void vrx_bind_null(struct vrx_statement *statement) {
    if (vrx_is_ok(statement->error))
        note(statement, sqlite3_bind_null(statement->prepared, ++statement->bound));
}

void vrx_bind_date(struct vrx_statement *statement, struct vrx_date date) {
    if (date.year)
        vrx_bind_int(statement, vrx_date_to_days(date));
    else
        vrx_bind_null(statement);
}

void vrx_bind_time(struct vrx_statement *statement, int64_t time) {
    if (time)
        vrx_bind_int(statement, time);
    else
        vrx_bind_null(statement);
}

void vrx_bind_code(struct vrx_statement *statement, const struct vrx_municipality_code *code) {
    vrx_bind_text(statement, vrx_municipality_code_view(code));
}

void vrx_bind_bytes_or_null(struct vrx_statement *statement, struct vrx_view bytes) {
    if (bytes.len)
        vrx_bind_bytes(statement, bytes);
    else
        vrx_bind_null(statement);
}

/* What the schema refuses is an answer, not a failure; vrx_sqlite_result knows the other two. */
static struct vrx_result refusal_of(struct vrx_statement *statement, int rc) {
    if (rc == SQLITE_CONSTRAINT_CHECK || rc == SQLITE_CONSTRAINT_NOTNULL)
        return vrx_fail(VRX_INPUT_RANGE);
    return vrx_sqlite_result(statement->sql->db, rc);
}

struct vrx_result vrx_statement_row(struct vrx_statement *statement, bool *ret_row) {
    VRX_TRY(statement->error);
    statement->taken = 0;
    int rc = sqlite3_step(statement->prepared);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        statement->error = refusal_of(statement, sqlite3_extended_errcode(statement->sql->db));
        return statement->error;
    }
    *ret_row = rc == SQLITE_ROW;
    return vrx_ok();
}

struct vrx_result vrx_statement_run(struct vrx_statement *statement) {
    bool row = false;
    VRX_TRY(vrx_statement_row(statement, &row));
    return row ? vrx_fail(VRX_INTERNAL_ERROR) : vrx_ok();
}

struct vrx_result vrx_statement_one(struct vrx_statement *statement) {
    bool row = false;
    VRX_TRY(vrx_statement_row(statement, &row));
    return row ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

int64_t vrx_statement_changes(const struct vrx_statement *statement) {
    return sqlite3_changes64(statement->sql->db);
}

int64_t vrx_take_int(struct vrx_statement *statement) {
    if (!vrx_is_ok(statement->error))
        return 0;
    return sqlite3_column_int64(statement->prepared, statement->taken++);
}

bool vrx_take_bool(struct vrx_statement *statement) {
    return vrx_take_int(statement) != 0;
}

struct vrx_date vrx_take_date(struct vrx_statement *statement) {
    if (!vrx_is_ok(statement->error))
        return (struct vrx_date){0};
    int column = statement->taken++;
    if (sqlite3_column_type(statement->prepared, column) == SQLITE_NULL)
        return (struct vrx_date){0};
    return vrx_date_from_days((int32_t)sqlite3_column_int64(statement->prepared, column));
}

/* The next column as SQLite holds it: until the next step. NULL is empty. */
static struct vrx_view peek(struct vrx_statement *statement) {
    if (!vrx_is_ok(statement->error))
        return (struct vrx_view){0};
    int column = statement->taken++;
    const void *at = sqlite3_column_blob(statement->prepared, column);
    int len = sqlite3_column_bytes(statement->prepared, column);
    if (!at && sqlite3_errcode(statement->sql->db) == SQLITE_NOMEM)
        statement->error = vrx_fail(VRX_OUT_OF_MEMORY);
    return vrx_view_of(at, at ? (size_t)len : 0);
}

struct vrx_view vrx_take_bytes(struct vrx_statement *statement, struct vrx_arena *arena) {
    struct vrx_view held = peek(statement);
    struct vrx_view copy = {0};
    if (vrx_is_ok(statement->error) && held.len)
        statement->error = vrx_arena_copy(arena, held, &copy);
    return copy;
}

struct vrx_view vrx_take_text(struct vrx_statement *statement, struct vrx_arena *arena) {
    return vrx_take_bytes(statement, arena); /* texts are stored as the UTF-8 that they came as */
}

void vrx_take_fixed(struct vrx_statement *statement, uint8_t *out, size_t len) {
    memset(out, 0, len);
    struct vrx_view held = peek(statement);
    if (!vrx_is_ok(statement->error) || !held.len)
        return;
    if (held.len != len)
        statement->error = vrx_fail(VRX_VAULT_DAMAGED);
    else
        memcpy(out, held.ptr, len);
}

struct vrx_municipality_code vrx_take_code(struct vrx_statement *statement) {
    struct vrx_municipality_code code = {0};
    struct vrx_view held = peek(statement);
    if (!vrx_is_ok(statement->error) || !held.len)
        return code;
    if (!vrx_is_ok(vrx_municipality_code_parse(held, &code)))
        statement->error = vrx_fail(VRX_VAULT_DAMAGED);
    return code;
}
