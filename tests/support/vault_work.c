/* SPDX-License-Identifier: Apache-2.0
 *
 * log has rows of each transaction, with bodies that follow from their numbers; slot n % 7 has the
 * last transaction that wrote it; head counts them.
 */
#include "support/vault_work.h"

#include <string.h>

#define SLOTS 7
#define BODY_MAX 1000

static unsigned rows_of(unsigned number) {
    return number % 8 == 3 ? 40 : 1 + number * 5 % 9;
}

static size_t body_of(unsigned number, unsigned row, uint8_t body[BODY_MAX]) {
    size_t len = 10 + (number * 37 + row * 101) % 900;
    memset(body, (int)((number * 31 + row) & 0xff), len);
    return len;
}

static struct vrx_result run(sqlite3 *db, const char *sql) {
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

struct vrx_result vault_work_settings(sqlite3 *db) {
    return run(db, "PRAGMA cache_size = 5; PRAGMA wal_autocheckpoint = 12");
}

struct vrx_result vault_work_create(sqlite3 *db) {
    return run(db, "BEGIN;"
                   "CREATE TABLE log(number INTEGER, row INTEGER, body BLOB,"
                   " PRIMARY KEY (number, row)) WITHOUT ROWID, STRICT;"
                   "CREATE TABLE slot(id INTEGER PRIMARY KEY, number INTEGER, body BLOB) STRICT;"
                   "CREATE INDEX slot_number ON slot(number);"
                   "CREATE TABLE head(id INTEGER PRIMARY KEY, count INTEGER) STRICT;"
                   "INSERT INTO head VALUES (1, 0);"
                   "COMMIT");
}

/* Runs sql once with number, row (or slot) and the body of both as ?1, ?2, ?3. */
static struct vrx_result put(sqlite3 *db, const char *sql, unsigned number, unsigned row) {
    uint8_t body[BODY_MAX];
    size_t len = body_of(number, row, body);
    sqlite3_stmt *statement = NULL;
    VRX_TRY(vrx_sqlite_result(db, sqlite3_prepare_v2(db, sql, -1, &statement, NULL)));
    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_int64(statement, 2, row);
    int rc = sqlite3_bind_blob(statement, 3, body, (int)len, SQLITE_TRANSIENT);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    struct vrx_result result = vrx_sqlite_result(db, rc);
    sqlite3_finalize(statement);
    return result;
}

static struct vrx_result transact(sqlite3 *db, unsigned number) {
    VRX_TRY(run(db, "BEGIN IMMEDIATE"));
    for (unsigned row = 0; row < rows_of(number); row++)
        VRX_TRY(put(db, "INSERT INTO log VALUES (?1, ?2, ?3)", number, row));
    VRX_TRY(put(db, "INSERT OR REPLACE INTO slot(number, id, body) VALUES (?1, ?2, ?3)", number,
        number % SLOTS));
    VRX_TRY(run(db, "UPDATE head SET count = count + 1"));
    return run(db, "COMMIT");
}

struct vrx_result vault_work_next(sqlite3 *db, struct vault_work *work) {
    unsigned number = ++work->attempted;
    struct vrx_result result = transact(db, number);
    work->acknowledged[number] = vrx_is_ok(result);
    if (!sqlite3_get_autocommit(db))
        VRX_IGNORE(run(db, "ROLLBACK"));
    return result;
}

static bool body_right(sqlite3_stmt *query, int column, unsigned number, unsigned row) {
    uint8_t body[BODY_MAX];
    size_t len = body_of(number, row, body);
    const void *stored = sqlite3_column_blob(query, column);
    return stored && (size_t)sqlite3_column_bytes(query, column) == len &&
           memcmp(stored, body, len) == 0;
}

struct found {
    unsigned rows[VAULT_WORK_MAX + 1];
    unsigned slots[SLOTS];
    unsigned count;
    const char *fault;
};

static void found_row(struct found *found, sqlite3_stmt *query) {
    unsigned number = (unsigned)sqlite3_column_int(query, 0);
    unsigned row = (unsigned)sqlite3_column_int(query, 1);
    if (number > VAULT_WORK_MAX || row >= rows_of(number) || !body_right(query, 2, number, row))
        found->fault = "a row that was never written";
    else
        found->rows[number]++;
}

static void found_slot(struct found *found, sqlite3_stmt *query) {
    unsigned number = (unsigned)sqlite3_column_int(query, 0);
    unsigned slot = (unsigned)sqlite3_column_int(query, 1);
    if (slot >= SLOTS || number % SLOTS != slot || !body_right(query, 2, number, slot))
        found->fault = "a slot that was never written";
    else
        found->slots[slot] = number;
}

static void found_head(struct found *found, sqlite3_stmt *query) {
    found->count = (unsigned)sqlite3_column_int(query, 0);
}

static struct vrx_result each_row(sqlite3 *db, const char *sql,
    void (*visit)(struct found *found, sqlite3_stmt *query), struct found *found) {
    sqlite3_stmt *query = NULL;
    VRX_TRY(vrx_sqlite_result(db, sqlite3_prepare_v2(db, sql, -1, &query, NULL)));
    int rc = sqlite3_step(query);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(query))
        visit(found, query);
    struct vrx_result result = vrx_sqlite_result(db, rc);
    sqlite3_finalize(query);
    return result;
}

static const char *judge(const struct found *found, const struct vault_work *work) {
    unsigned slots[SLOTS] = {0};
    unsigned count = 0;
    for (unsigned number = 1; number <= VAULT_WORK_MAX; number++) {
        unsigned rows = found->rows[number];
        if (rows > 0 && rows != rows_of(number))
            return "half of a transaction";
        if (rows > 0 && number > work->attempted)
            return "a transaction that never was";
        if (rows == 0 && work->acknowledged[number])
            return "an acknowledged transaction is lost";
        if (rows > 0) {
            count++;
            slots[number % SLOTS] = number;
        }
    }
    if (memcmp(slots, found->slots, sizeof slots) != 0 || count != found->count)
        return "the tables disagree";
    return NULL;
}

struct vrx_result vault_work_verify(
    sqlite3 *db, const struct vault_work *work, const char **ret_fault) {
    struct found found = {.fault = NULL};
    VRX_TRY(each_row(db, "SELECT number, row, body FROM log", found_row, &found));
    VRX_TRY(each_row(db, "SELECT number, id, body FROM slot", found_slot, &found));
    VRX_TRY(each_row(db, "SELECT count FROM head", found_head, &found));
    *ret_fault = found.fault ? found.fault : judge(&found, work);
    return vrx_ok();
}
