/* SPDX-License-Identifier: Apache-2.0
 *
 * One name serves all: SQLite takes the innermost savepoint of a name (lang_savepoint).
 */
#include "store/savepoint.h"

#include "store/sql.h"

struct vrx_result vrx_savepoint_begin(struct vrx_tenant *tenant, struct vrx_savepoint *ret_point) {
    VRX_STATEMENT(begin, tenant, "SAVEPOINT vrx_store");
    VRX_TRY(vrx_statement_run(&begin));
    ret_point->ledger = vrx_ledger_mark(vrx_tenant_ledger(tenant));
    return vrx_ok();
}

struct vrx_result vrx_savepoint_keep(struct vrx_tenant *tenant, const struct vrx_savepoint *point) {
    (void)point;
    VRX_STATEMENT(release, tenant, "RELEASE vrx_store");
    return vrx_statement_run(&release);
}

struct vrx_result vrx_savepoint_undo(struct vrx_tenant *tenant, const struct vrx_savepoint *point) {
    VRX_STATEMENT(undo, tenant, "ROLLBACK TO vrx_store");
    VRX_TRY(vrx_statement_run(&undo));
    vrx_ledger_rewind(vrx_tenant_ledger(tenant), &point->ledger);
    VRX_STATEMENT(release, tenant, "RELEASE vrx_store");
    return vrx_statement_run(&release);
}
