/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-check-vault VAULT KEYRING CUSTODIAN MUNICIPALITY [TEXT…]: opens a vault that no daemon has
 * open, as its custodian could, and checks all of it: every page authenticates, SQLite's own
 * integrity check and every foreign key hold, and the Merkle tree follows from the entries. Prints
 * the ledger's size and root; exits 1 with the reason when anything is wrong. Of each text it
 * prints in how many decrypted pages of the database and of the WAL it stands (page_scan.h). With
 * VRX_OBJECTS in the environment it prints what was signed, or sealed to another municipality, as
 * it stands there: "object KIND ID BYTES", the last two in hexadecimal; a receipt's id is that of
 * the query or of the message that it acknowledges.
 *
 * Opening replays the WAL, so what is to be seen as a crash left it is checked on a copy.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encode.h"
#include "crypto/random.h"
#include "ledger/ledger.h"
#include "store/tenant.h"
#include "support/page_scan.h"
#include "support/unlock.h"

static struct vrx_result print_ledger(struct vrx_ledger *ledger) {
    struct vrx_merkle_hash root;
    char text[2 * VRX_MERKLE_HASH + 1];
    uint64_t size = vrx_ledger_size(ledger);
    VRX_TRY(vrx_ledger_root(ledger, size, &root));
    vrx_hex_string(vrx_view_of(root.bytes, VRX_MERKLE_HASH), text);
    printf("%llu %s\n", (unsigned long long)size, text);
    return vrx_ok();
}

static struct vrx_result print_found(struct vrx_tenant *tenant, char *const *texts) {
    for (; *texts; texts++) {
        struct page_scan scan;
        if (!page_scan(vrx_tenant_db(tenant), vrx_view_text(*texts), &scan))
            return vrx_refuse(VRX_VAULT_DAMAGED, "a page or a frame cannot be read");
        printf("found %llu of %llu %s\n", (unsigned long long)scan.found,
            (unsigned long long)(scan.pages + scan.frames), *texts);
    }
    return vrx_ok();
}

/* Kinds are names of objects.cddl. */
static const struct {
    const char *kind;
    const char *sql; /* id, bytes */
} objects[] = {
    {"identity-evidence", "SELECT id, object FROM evidence"},
    {"consent", "SELECT id, object FROM consent"},
    {"consent", "SELECT id, revocation FROM consent"},
    {"consent", "SELECT consent, object FROM consent_narrowing"},
    {"consent", "SELECT id, object FROM foreign_consent"},
    {"application", "SELECT id, object FROM application"},
    {"receipt", "SELECT query_id, receipt FROM transfer_out"},
    {"receipt", "SELECT query_id, receipt FROM transfer_in"},
    {"correction-notice", "SELECT notice_id, object FROM correction"},
    {"certificate-reply", "SELECT query_id, reply FROM certificate_out"},
    {"envelope", "SELECT query_id, query FROM certificate_in"},
    {"bulk-list", "SELECT id, object FROM bulk_list"},
    {"erasure-certificate", "SELECT id, certificate FROM erasure"},
    {"permit-table", "SELECT digest, text FROM law_text"},
    {"envelope", "SELECT query_id, query FROM transfer_out"},
    {"envelope", "SELECT query_id, query FROM transfer_in"},
    {"envelope", "SELECT query_id, answer FROM transfer_in"},
    {"envelope", "SELECT message_id, envelope FROM outbox"},
    {"receipt", "SELECT message_id, acknowledgement FROM outbox"},
    {"envelope", "SELECT message_id, acknowledgement FROM arrival"},
};

static bool print_rows(struct vrx_tenant *tenant, const char *kind, const char *select) {
    char sql[160];
    sqlite3_stmt *rows = NULL;
    int rc;
    (void)snprintf(sql, sizeof sql,
        "WITH found (id, bytes) AS (%s) SELECT hex(id), hex(bytes) FROM found", select);
    if (sqlite3_prepare_v2(vrx_tenant_db(tenant), sql, -1, &rows, NULL) != SQLITE_OK)
        return false;
    while ((rc = sqlite3_step(rows)) == SQLITE_ROW)
        if (sqlite3_column_bytes(rows, 1) > 0)
            printf("object %s %s %s\n", kind, (const char *)sqlite3_column_text(rows, 0),
                (const char *)sqlite3_column_text(rows, 1));
    (void)sqlite3_finalize(rows);
    return rc == SQLITE_DONE;
}

static struct vrx_result print_objects(struct vrx_tenant *tenant) {
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        if (!print_rows(tenant, objects[i].kind, objects[i].sql))
            return vrx_refuse(VRX_VAULT_DAMAGED, objects[i].sql);
    return vrx_ok();
}

static struct vrx_result check(const char *vault, const char *keyring, const char *custodian,
    const char *municipality, char *const *texts) {
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_tenant *tenant VRX_CLEANUP(vrx_tenant_close) = NULL;
    struct vrx_municipality_code code;
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(municipality), &code));
    VRX_TRY(unlock_keyring(keyring, custodian, &root, &keys));
    VRX_TRY(vrx_tenant_open(vault, &keys, &code, vrx_random_system(), time(NULL), &tenant));
    VRX_TRY(vrx_tenant_check(tenant));
    VRX_TRY(vrx_ledger_check(vrx_tenant_ledger(tenant)));
    VRX_TRY(print_ledger(vrx_tenant_ledger(tenant)));
    if (getenv("VRX_OBJECTS"))
        VRX_TRY(print_objects(tenant));
    return print_found(tenant, texts);
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: vrx-check-vault VAULT KEYRING CUSTODIAN MUNICIPALITY [TEXT…]\n");
        return 2;
    }
    struct vrx_result result = check(argv[1], argv[2], argv[3], argv[4], argv + 5);
    if (vrx_is_ok(result))
        return 0;
    fprintf(stderr, "vrx-check-vault: %s: %s (%s)\n", argv[1], vrx_reason_name(result.reason),
        result.clause ? result.clause : vrx_reason_sentence_en(result.reason));
    return 1;
}
