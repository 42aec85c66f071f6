/* SPDX-License-Identifier: Apache-2.0
 *
 * See integrity.h.
 */
#include "store/integrity.h"

#include <stdio.h>

#include "store/sql.h"
#include "vaultfs/vault.h"

#define PART_PAGES 1024 /* 4 MiB */
#define PART_ENTRIES 2000
#define NAME 128 /* a table's; the longest of the schema has 16 characters */

static struct vrx_result check_pages(struct vrx_tenant *tenant, struct vrx_integrity *check) {
    uint64_t *done = &check->done[VRX_INTEGRITY_PAGES];
    uint32_t total = 0;
    VRX_TRY(
        vrx_vault_check_pages(vrx_tenant_vault(tenant), (uint32_t)*done + 1, PART_PAGES, &total));
    *done += PART_PAGES;
    if (*done >= total) {
        *done = total;
        check->phase = VRX_INTEGRITY_TABLES;
    }
    check->total[VRX_INTEGRITY_PAGES] = total;
    return vrx_ok();
}

/* The schema's own table comes first: with it SQLite looks at the list of free pages. */
static struct vrx_result next_table(
    struct vrx_tenant *tenant, struct vrx_integrity *check, char name[NAME], bool *ret_found) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    VRX_STATEMENT(count, tenant, "SELECT count(*) + 1 FROM sqlite_schema WHERE type = 'table'");
    VRX_TRY(vrx_statement_one(&count));
    check->total[VRX_INTEGRITY_TABLES] = (uint64_t)vrx_take_int(&count);
    VRX_STATEMENT(find, tenant,
        "SELECT 'sqlite_schema', 0 UNION ALL SELECT name, rowid FROM sqlite_schema WHERE "
        "type = 'table' ORDER BY 2 LIMIT 1 OFFSET ?");
    vrx_bind_int(&find, (int64_t)check->done[VRX_INTEGRITY_TABLES]);
    VRX_TRY(vrx_statement_row(&find, ret_found));
    if (!*ret_found)
        return vrx_ok();
    const struct vrx_view text = vrx_take_text(&find, &arena);
    VRX_TRY(find.error);
    if (text.len >= NAME || memchr(text.ptr, '"', text.len))
        return vrx_fail(VRX_INTERNAL_ERROR);
    memcpy(name, text.ptr, text.len);
    name[text.len] = '\0';
    return vrx_ok();
}

/* Runs a PRAGMA of this table: a row other than "ok" is a complaint. */
static struct vrx_result run_pragma(
    struct vrx_tenant *tenant, const char *pragma, const char *name, const char *clause) {
    char sql[NAME + 64];
    sqlite3 *db = vrx_tenant_db(tenant);
    sqlite3_stmt *query = NULL;
    (void)snprintf(sql, sizeof sql, "PRAGMA %s(\"%s\")", pragma, name);
    VRX_TRY(vrx_sqlite_result(db, sqlite3_prepare_v2(db, sql, -1, &query, NULL)));
    int rc = sqlite3_step(query);
    const unsigned char *answer = rc == SQLITE_ROW ? sqlite3_column_text(query, 0) : NULL;
    const bool wrong = rc == SQLITE_ROW && (!answer || strcmp((const char *)answer, "ok") != 0);
    struct vrx_result result = vrx_sqlite_result(db, rc);
    (void)sqlite3_finalize(query);
    VRX_TRY(result);
    return wrong ? vrx_refuse(VRX_VAULT_DAMAGED, clause) : vrx_ok();
}

static struct vrx_result check_table(struct vrx_tenant *tenant, struct vrx_integrity *check) {
    char name[NAME];
    bool found = false;
    VRX_TRY(next_table(tenant, check, name, &found));
    if (!found) {
        check->phase = VRX_INTEGRITY_LEDGER;
        return vrx_ok();
    }
    VRX_TRY(run_pragma(tenant, "integrity_check", name, "SQLite integrity_check"));
    if (check->done[VRX_INTEGRITY_TABLES] > 0)
        VRX_TRY(run_pragma(tenant, "foreign_key_check", name, "SQLite foreign_key_check"));
    check->done[VRX_INTEGRITY_TABLES]++;
    return vrx_ok();
}

static struct vrx_result check_ledger(struct vrx_tenant *tenant, struct vrx_integrity *check) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(tenant);
    bool done = false;
    VRX_TRY(vrx_ledger_check_part(ledger, &check->ledger, PART_ENTRIES, &done));
    check->done[VRX_INTEGRITY_LEDGER] = check->ledger.frontier.size;
    check->total[VRX_INTEGRITY_LEDGER] = vrx_ledger_size(ledger);
    if (done)
        check->phase = VRX_INTEGRITY_WHOLE;
    return vrx_ok();
}

struct vrx_result vrx_integrity_part(struct vrx_tenant *tenant, struct vrx_integrity *check) {
    switch (check->phase) {
    case VRX_INTEGRITY_PAGES:
        return check_pages(tenant, check);
    case VRX_INTEGRITY_TABLES:
        return check_table(tenant, check);
    case VRX_INTEGRITY_LEDGER:
        return check_ledger(tenant, check);
    case VRX_INTEGRITY_WHOLE:
        break;
    }
    return vrx_ok();
}
