/* SPDX-License-Identifier: Apache-2.0
 *
 * How this folder talks to SQLite: a statement is prepared once in the life of a tenant, found
 * again by the address of its text, bound and read from left to right without numbers, and reset
 * when its scope ends. Errors stick: bind and take freely, then ask once.
 *
 *     VRX_STATEMENT(find, tenant, "SELECT name, birth_date FROM resident WHERE id = ?");
 *     vrx_bind_int(&find, id);
 *     VRX_TRY(vrx_statement_one(&find));
 *     resident.name = vrx_take_text(&find, arena);
 *     resident.birth_date = vrx_take_date(&find);
 *     return find.error;
 *
 * Texts and bytes are bound without a copy: they must live until the scope ends.
 */
#ifndef VRX_STORE_SQL_H
#define VRX_STORE_SQL_H

#include "base/arena.h"
#include "base/date.h"
#include "codes/municipality_code.h"
#include "store/tenant.h"

#include <sqlite3.h>

/* Room for every statement of this folder; more is a defect and refused. A power of two. */
#define VRX_SQL_SLOTS 512

struct vrx_sql {
    sqlite3 *db; /* borrowed */
    struct vrx_sql_slot {
        const char *text;
        sqlite3_stmt *prepared;
    } slots[VRX_SQL_SLOTS];
};

/* Finalizes all statements. */
void vrx_sql_done(struct vrx_sql *sql);

/* The tenant's; tenant.c. */
struct vrx_sql *vrx_tenant_sql(struct vrx_tenant *tenant);

struct vrx_statement {
    struct vrx_sql *sql;
    sqlite3_stmt *prepared; /* NULL after an error */
    struct vrx_result error;
    int bound;
    int taken;
};

/* text: a string literal, or another constant that lives as long as the program. */
struct vrx_statement vrx_statement_begin(struct vrx_sql *sql, const char *text);
void vrx_statement_end(struct vrx_statement *statement);

#define VRX_STATEMENT(name, tenant, text) \
    VRX_CLEANUP(vrx_statement_end) \
    struct vrx_statement name = vrx_statement_begin(vrx_tenant_sql(tenant), (text))

/* Each binds the next parameter. */
void vrx_bind_int(struct vrx_statement *statement, int64_t value);
void vrx_bind_text(struct vrx_statement *statement, struct vrx_view text);
void vrx_bind_bytes(struct vrx_statement *statement, struct vrx_view bytes);
void vrx_bind_null(struct vrx_statement *statement);
/* No date and 0 are NULL. */
void vrx_bind_date(struct vrx_statement *statement, struct vrx_date date);
void vrx_bind_time(struct vrx_statement *statement, int64_t time);
/* Empty is NULL. */
void vrx_bind_bytes_or_null(struct vrx_statement *statement, struct vrx_view bytes);
void vrx_bind_code(struct vrx_statement *statement, const struct vrx_municipality_code *code);

/* Executes a statement that gives no row. What the schema refuses comes back as
 * VRX_ALREADY_EXISTS (unique), VRX_NOT_FOUND (foreign key), VRX_INPUT_RANGE (check, not null). */
struct vrx_result vrx_statement_run(struct vrx_statement *statement);
/* The next row, if there is one. Also gives the sticky error of what was taken from the last. */
struct vrx_result vrx_statement_row(struct vrx_statement *statement, bool *ret_row);
/* The only row. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_statement_one(struct vrx_statement *statement);
/* Rows changed by the last run. */
int64_t vrx_statement_changes(const struct vrx_statement *statement);

/* Each takes the next column; zero or empty once there is an error. */
int64_t vrx_take_int(struct vrx_statement *statement);
bool vrx_take_bool(struct vrx_statement *statement);
struct vrx_date vrx_take_date(struct vrx_statement *statement);
struct vrx_view vrx_take_text(struct vrx_statement *statement, struct vrx_arena *arena);
struct vrx_view vrx_take_bytes(struct vrx_statement *statement, struct vrx_arena *arena);
/* Exactly len bytes, or NULL, which leaves zeros; anything else is VRX_VAULT_DAMAGED. */
void vrx_take_fixed(struct vrx_statement *statement, uint8_t *out, size_t len);
struct vrx_municipality_code vrx_take_code(struct vrx_statement *statement);

#endif
