/* SPDX-License-Identifier: Apache-2.0
 *
 * What an erasure leaves behind is looked for below SQLite, in every decrypted page of the database
 * and of the WAL (support/page_scan.h), and every such search finds the same text before.
 */
#include "store/erasure.h"

#include "cases.h"

#include "ledger/ledger.h"
#include "store/savepoint.h"
#include "store/terminal.h"
#include "support/page_scan.h"

#define OTHERS 400 /* residents, so that trees have inner pages and leaves were split */
#define DAY INT64_C(86400)

static const struct vrx_erasure_caller caller = {
    {(const uint8_t *)"admin.1", 7}, {(const uint8_t *)"0123456789abcdef", 16}};

/* A town with a signing key, outside of a transaction. */
struct town {
    struct vault_folder *folder;
    struct vrx_tenant *tenant;
    struct vrx_public_key *key;
    struct vrx_private_key *signing;
    int64_t erased; /* the resident who is to go */
    char number[13];
};

static void open_town(struct town *town) {
    struct vrx_municipality_code code = code_of("011002");
    struct vrx_tenant_keys *keys = keys_of(1);
    struct vrx_secret *copy = NULL;
    if (!town->signing)
        assert_ok(vrx_private_key_new_p256(&town->signing));
    assert_ok(vrx_private_key_to_pkcs8(town->signing, &copy));
    assert_ok(vrx_private_key_from_pkcs8(vrx_secret_view(copy), &keys->signing));
    memset(keys->signing_kid, 7, VRX_KID);
    vrx_secret_free(&copy);
    assert_ok(vrx_tenant_open(
        town->folder->vault, &keys, &code, vrx_random_system(), NOW, &town->tenant));
}

static int town_setup(void **state) {
    struct town *town = test_calloc(1, sizeof *town);
    if (vault_folder_setup((void **)&town->folder) != 0)
        return -1;
    open_town(town);
    assert_ok(vrx_private_key_public(town->signing, &town->key));
    *state = town;
    return 0;
}

static int town_teardown(void **state) {
    struct town *town = *state;
    vrx_tenant_close(&town->tenant);
    vrx_public_key_free(&town->key);
    vrx_private_key_free(&town->signing);
    void *folder = town->folder;
    test_free(town);
    return vault_folder_teardown(&folder);
}

#define TOWN_TEST(name) cmocka_unit_test_setup_teardown(name, town_setup, town_teardown)

/* The helpers of fixture.h and cases.h want one. */
static struct fixture fixture_of(struct town *town) {
    struct fixture fixture = {.folder = town->folder, .tenant = town->tenant};
    vrx_arena_init(&fixture.arena, 0);
    return fixture;
}

static sqlite3 *db_of(struct town *town) {
    return vrx_tenant_db(town->tenant);
}

static void begin(struct town *town) {
    sql_run(db_of(town), "BEGIN IMMEDIATE");
}

static void commit(struct town *town) {
    sql_run(db_of(town), "COMMIT");
}

/* ---- a person of whom there is something in every table ---- */

static const char *const marks[] = {
    "消去　対象",
    "消去　旧姓",
    "ショウキョ　タイショウ",
    "北区消去町一丁目",
    "北区旧消去町九丁目",
    "ZE9981",
    "ZE9982",
    "消去診療所",
    "消去　医師",
    "query-the-erased",
    "signed-evidence-of-the-erased",
    "signed-consent-of-the-erased",
    "revocation-of-the-erased",
    "sealed-query-of-the-erased",
    "answer-to-the-erased",
    "receipt-of-the-erased",
    "query-about-the-erased",
    "answer-about-the-erased",
    "digest-of-a-dose-of-the-erased-1",
    "told-of-the-erased",
    "narrowing-by-the-erased",
    "digest-of-a-dose-of-the-erased-2",
    "source-of-the-review-of-erased-1",
    "ZE9983",
    "消去会場三",
    "officer-who-saw-the-erased",
    "note-about-the-erased",
    "correction-for-the-erased",
    "code-given-16byt",
    "code-held-16byte",
    "message-about-the-erased",
    "application-of-the-erased",
    "card-of-the-erased-by-its-digest",
    "challenge-for-the-erased",
    "HC1:CERTIFICATE-OF-THE-ERASED",
    "URN:UVCI:01:JP:ERASED",
    "reply-to-the-erased",
    "certificate-query-of-the-erased",
};

static void add_person(struct town *town, struct fixture *fixture) {
    struct vrx_resident resident = resident_called("777777", "消去　旧姓");
    resident.kana = vrx_view_text("ショウキョ　タイショウ");
    resident.address = vrx_view_text("北区旧消去町九丁目");
    assert_ok(vrx_resident_register(
        town->tenant, &resident, number_text(31415926, town->number), NOW, &town->erased));
    resident.id = town->erased;
    resident.version = 1;
    resident.name = vrx_view_text("消去　対象");
    resident.address = vrx_view_text("北区消去町一丁目");
    assert_ok(vrx_resident_update(town->tenant, &resident, NOW));
    struct vrx_dose dose = dose_on(town->erased, 1, 2021, 6, 1);
    dose.item.lot = vrx_view_text("ZE9981");
    dose.item.venue = vrx_view_text("消去診療所");
    dose.item.physician = vrx_view_text("消去　医師");
    struct vrx_dose recorded = add_dose(fixture, &dose);
    dose.item.lot = vrx_view_text("ZE9982");
    assert_ok(vrx_dose_correct(town->tenant, recorded.id, recorded.version, &dose, NOW, &recorded));
}

#define WHO "(SELECT id FROM resident WHERE addressee = 777777)"
#define WHEN "1640995200" /* NOW */

/* Blobs as the exchange and the counter leave them, one of each. */
static void add_papers(struct town *town) {
    sql_run(db_of(town),
        "INSERT INTO evidence VALUES (x'e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', " WHO ", "
        "randomblob(32), CAST('signed-evidence-of-the-erased' AS BLOB), " WHEN ");"
        "INSERT INTO consent VALUES (x'c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', " WHO ", "
        "x'e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', CAST('signed-consent-of-the-erased' AS BLOB), 2, "
        "" WHEN ", CAST('revocation-of-the-erased' AS BLOB), " WHEN ");"
        "INSERT INTO transfer_out (query_id, origin, resident, consent, evidence, query, "
        "query_digest, state, reason, clause, created_at, deadline, attempts, answer, receipt, "
        "doses_imported, doses_known, changed_at) VALUES (randomblob(16), '122173', " WHO ", "
        "x'c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', x'e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', "
        "CAST('sealed-query-of-the-erased' AS BLOB), randomblob(32), 8, 0, '', " WHEN ", " WHEN
        ", 1, "
        "CAST('answer-to-the-erased' AS BLOB), CAST('receipt-of-the-erased' AS BLOB), 0, 0, "
        "" WHEN ");"
        "INSERT INTO transfer_in (sender, query_id, query_digest, nonce, resident, query, state, "
        "reason, received_at, deadline, answer, changed_at) VALUES ('122173', randomblob(16), "
        "randomblob(32), randomblob(16), " WHO ", CAST('query-about-the-erased' AS BLOB), 3, 0, "
        "" WHEN ", " WHEN ", CAST('answer-about-the-erased' AS BLOB), " WHEN ");"
        "INSERT INTO dose_sent (resident, dose, head, destination, query_id, answer_digest, items, "
        "as_sent, sent_at, sequence, told_at, owed) SELECT d.resident, d.id, d.id, t.sender, "
        "t.query_id, randomblob(32), 2, CAST('digest-of-a-dose-of-the-erased-1' AS BLOB), " WHEN
        ", 0, " WHEN ", 0 FROM dose AS d JOIN transfer_in AS t USING (resident) WHERE d.resident = "
        "" WHO " LIMIT 1;"
        "INSERT INTO bulk_list (id, state, row_count, refused, at, asked, turned_down, digest, "
        "checked, object, operator, terminal, begun_at, changed_at, started_at, ended_at) VALUES "
        "(randomblob(16), 5, 1, 0, 1, 1, 0, randomblob(32), randomblob(32), x'00', 'a', 'b', " WHEN
        ", " WHEN ", " WHEN ", " WHEN ");"
        "INSERT INTO bulk_row SELECT key, 1, 1, CAST('query-the-erased' AS BLOB), " WHO
        ", '011002', NULL, NULL, 2, 3, 0, '' FROM bulk_list;"
        "UPDATE transfer_in SET consent = x'f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1' WHERE resident = " WHO
        ";"
        "INSERT INTO foreign_consent VALUES ('122173', x'f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1', "
        "CAST('told-of-the-erased' AS BLOB), 2, " WHEN ", " WHEN ");"
        "INSERT INTO consent_narrowing VALUES (x'c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', 1, "
        "CAST('narrowing-by-the-erased' AS BLOB), " WHEN ");"
        "INSERT INTO linkage_given VALUES ('122173', CAST('code-given-16byt' AS BLOB), " WHO ", "
        "" WHEN ");"
        "INSERT INTO linkage_held VALUES (" WHO ", '122173', CAST('code-held-16byte' AS BLOB), "
        "" WHEN ");"
        "INSERT INTO outbox (receiver, kind, message_id, resident, envelope, digest, state, "
        "created_at, deadline, next_attempt_at, attempts, reason, changed_at) VALUES ('122173', 5, "
        "randomblob(16), " WHO ", CAST('message-about-the-erased' AS BLOB), randomblob(32), 1, "
        "" WHEN ", " WHEN " + 1, " WHEN ", 0, 0, " WHEN ");"
        "INSERT INTO application VALUES (x'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', " WHO ", "
        "x'e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', CAST('application-of-the-erased' AS BLOB), 3, "
        "" WHEN ", " WHEN ");"
        "INSERT INTO certificate (uvci, application, resident, state, issued_at, expires_at, "
        "revoked_at) VALUES ('URN:UVCI:01:JP:ERASED', "
        "x'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', " WHO ", 1, " WHEN ", " WHEN ", NULL);"
        "INSERT INTO certificate_text VALUES ('URN:UVCI:01:JP:ERASED', 1, "
        "'HC1:CERTIFICATE-OF-THE-ERASED');");
    sql_run(db_of(town),
        "INSERT INTO card VALUES (CAST('card-of-the-erased-by-its-digest' AS BLOB), " WHO ", "
        "x'e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1', " WHEN ", 'a', 'b', " WHEN ", NULL, '');"
        "INSERT INTO certificate_work VALUES (" WHO ", 285, 'gate', " WHEN ", " WHEN ", 1);"
        "INSERT INTO card_challenge VALUES (randomblob(32), " WHO ", randomblob(32), "
        "CAST('challenge-for-the-erased' AS BLOB), " WHEN ");");
    sql_run(db_of(town),
        "INSERT INTO certificate_out (query_id, application, resident, origin, consent, "
        "query_digest, state, reason, clause, created_at, deadline, reply, expires_at, changed_at) "
        "VALUES (randomblob(16), x'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', " WHO ", '122173', "
        "x'c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1', randomblob(32), 2, 0, '', " WHEN ", " WHEN " + 1, "
        "CAST('reply-to-the-erased' AS BLOB), " WHEN ", " WHEN ");"
        "INSERT INTO certificate_in (sender, query_id, nonce, application, resident, may_issue, "
        "query, state, reason, received_at, deadline, tell_at, changed_at) VALUES ('122173', "
        "randomblob(16), randomblob(16), randomblob(16), " WHO ", 1, "
        "CAST('certificate-query-of-the-erased' AS BLOB), 2, 0, " WHEN ", " WHEN ", " WHEN ", "
        "" WHEN ");");
    sql_run(db_of(town),
        "INSERT INTO review SELECT randomblob(16), t.resident, '192015', t.query_id, "
        "CAST('source-of-the-review-of-erased-1' AS BLOB), " WHEN ", 0, 1, 18779, 1, 'ZE9983', "
        "'消去会場三', '消去　医師三', '', '192015', 4, 0, NULL, 1, 0, NULL, 1, " WHEN ", " WHEN
        " FROM transfer_out AS t WHERE t.resident = " WHO ";"
        "INSERT INTO review_event SELECT id, 1, 1, 0, NULL, 'officer-who-saw-the-erased', '', "
        "'note-about-the-erased', NULL, " WHEN " FROM review WHERE resident = " WHO ";"
        "INSERT INTO dose_received SELECT query_id, CAST('digest-of-a-dose-of-the-erased-2' AS "
        "BLOB), resident, 3, NULL, NULL, 0 FROM transfer_out WHERE resident = " WHO ";"
        "INSERT INTO correction SELECT '192015', randomblob(16), query_id, randomblob(32), 1, "
        "resident, CAST('correction-for-the-erased' AS BLOB), 1, " WHEN ", " WHEN
        " FROM transfer_out WHERE resident = " WHO ";");
}

/* Others register before and after, and rows grow afterwards, so that pages are split and rows are
 * moved between them. */
static void fill_town(struct town *town) {
    struct fixture fixture = fixture_of(town);
    begin(town);
    for (unsigned person = 1; person <= OTHERS; person++) {
        struct test_case other = add_case(&fixture, person);
        struct vrx_dose dose = dose_on(other.resident, 1, 2021, 7, (uint8_t)(1 + person % 28));
        (void)add_dose(&fixture, &dose);
        if (person == OTHERS / 2) {
            add_person(town, &fixture);
            add_papers(town);
        }
    }
    commit(town);
    begin(town);
    sql_run(db_of(town),
        "UPDATE resident SET address = address || address || address WHERE id % 3 = 0;"
        "UPDATE evidence SET object = zeroblob(700) WHERE recorded_at > 0 AND id < x'88' AND "
        "object = CAST('signed evidence' AS BLOB)");
    commit(town);
    vrx_arena_done(&fixture.arena);
}

static uint64_t found(struct town *town, const char *text) {
    struct page_scan scan = {0};
    assert_true(page_scan(db_of(town), vrx_view_text(text), &scan));
    assert_true(scan.pages > 20);
    return scan.found;
}

static uint64_t marks_found(struct town *town) {
    uint64_t count = found(town, town->number) > 0;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        count += found(town, marks[i]) > 0;
    return count;
}

/* Every row of every table that names no erasure and not this resident, as one number. */
static struct vrx_buffer others_of(struct town *town) {
    static const char *const tables[][2] = {{"resident", "id"}, {"resident_history", "id"},
        {"individual_number", "resident"}, {"audit_salt", "resident"}, {"dose", "resident"},
        {"evidence", "resident"}, {"consent", "resident"}, {"application", "resident"},
        {"certificate", "resident"}, {"transfer_out", "resident"}, {"transfer_in", "resident"},
        {"dose_sent", "resident"}, {"review", "resident"}, {"dose_received", "resident"},
        {"correction", "resident"}, {"bulk_row", "resident"}, {"linkage_given", "resident"},
        {"linkage_held", "resident"}, {"outbox", "resident"}, {"card", "resident"},
        {"card_challenge", "resident"}, {"certificate_work", "resident"},
        {"certificate_out", "resident"}, {"certificate_in", "resident"}};
    struct vrx_buffer all = {.limit = (size_t)64 << 20};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        char sql[160];
        sqlite3_stmt *rows = NULL;
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s WHERE %s IS NOT %lld ORDER BY 1, 2",
            tables[i][0], tables[i][1], (long long)town->erased);
        assert_int_equal(sqlite3_prepare_v2(db_of(town), sql, -1, &rows, NULL), SQLITE_OK);
        while (sqlite3_step(rows) == SQLITE_ROW)
            for (int column = 0; column < sqlite3_column_count(rows); column++) {
                const void *bytes = sqlite3_column_blob(rows, column);
                int len = sqlite3_column_bytes(rows, column);
                assert_ok(vrx_buffer_append(&all, vrx_view_of(bytes, bytes ? (size_t)len : 0)));
                assert_ok(vrx_buffer_append_byte(&all, '|'));
            }
        sqlite3_finalize(rows);
    }
    return all;
}

static void append_entries(struct town *town, unsigned count) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(town->tenant);
    for (unsigned i = 0; i < count; i++) {
        uint64_t seq = 0;
        assert_ok(vrx_ledger_append(ledger, vrx_view_text("an entry"), &seq));
    }
}

static struct vrx_erasure_certificate certificate_of(
    struct town *town, struct vrx_arena *arena, const uint8_t id[VRX_ID]) {
    struct vrx_erasure erasure;
    struct vrx_erasure_certificate certificate;
    assert_ok(vrx_erasure_get(town->tenant, arena, id, &erasure));
    assert_int_equal(erasure.state, VRX_ERASURE_CERTIFIED);
    assert_ok(vrx_object_verify(
        &vrx_erasure_certificate_schema, erasure.certificate, town->key, arena, &certificate));
    assert_memory_equal(certificate.id, id, VRX_ID);
    return certificate;
}

/* ---- one person ---- */

static void nothing_of_a_person_is_left_in_any_page(void **state) {
    struct town *town = *state;
    uint8_t id[VRX_ID];
    uint8_t commitment[VRX_DIGEST];
    bool certified = false;
    fill_town(town);
    struct vrx_buffer before = others_of(town);
    assert_int_equal(marks_found(town), COUNT_OF(marks) + 1);

    begin(town);
    append_entries(town, 5);
    assert_ok(vrx_erasure_of_resident(
        town->tenant, town->erased, vrx_view_text("令和4年消去第1号"), &caller, NOW, id));
    assert_reason(
        vrx_erasure_finish(town->tenant, id, NOW, &certified, commitment), VRX_WRONG_STATE);
    assert_reason(vrx_erasure_scrub(town->tenant), VRX_WRONG_STATE);
    commit(town);
    assert_true(marks_found(town) > 0); /* in the WAL at least: deleting is not erasing */

    /* While a backup is taken the file stands still. */
    assert_ok(vrx_tenant_backup_begin(town->tenant, town->folder->copy));
    assert_reason(vrx_erasure_scrub(town->tenant), VRX_WRONG_STATE);
    vrx_tenant_backup_end(town->tenant);
    assert_ok(vrx_erasure_scrub(town->tenant));
    assert_int_equal(marks_found(town), 0);
    struct vrx_buffer after = others_of(town);
    assert_true(vrx_view_equal(vrx_buffer_view(&before), vrx_buffer_view(&after)));

    begin(town);
    assert_ok(vrx_erasure_finish(town->tenant, id, NOW + 3, &certified, commitment));
    assert_true(certified);
    commit(town);
    assert_int_equal(marks_found(town), 0);
    assert_ok(vrx_tenant_check(town->tenant));
    vrx_buffer_done(&before);
    vrx_buffer_done(&after);
}

/* The file itself, when the daemon ended and the WAL is gone. */
static void nothing_is_left_after_closing_and_opening(void **state) {
    struct town *town = *state;
    uint8_t id[VRX_ID];
    fill_town(town);
    begin(town);
    assert_ok(
        vrx_erasure_of_resident(town->tenant, town->erased, vrx_view_text("1"), &caller, NOW, id));
    commit(town);
    assert_ok(vrx_erasure_scrub(town->tenant));
    vrx_tenant_close(&town->tenant);
    open_town(town);
    assert_int_equal(marks_found(town), 0);
    assert_true(found(town, "札幌　花子") > 0);
}

static void the_certificate_says_what_and_why_and_names_nobody(void **state) {
    struct town *town = *state;
    uint8_t id[VRX_ID];
    uint8_t commitment[VRX_DIGEST];
    uint8_t person[VRX_DIGEST];
    bool certified = false;
    struct vrx_arena arena;
    struct vrx_merkle_hash root;
    vrx_arena_init(&arena, 0);
    fill_town(town);
    begin(town);
    append_entries(town, 3);
    assert_ok(vrx_resident_person_token(town->tenant, town->erased, person));
    assert_ok(vrx_erasure_of_resident(
        town->tenant, town->erased, vrx_view_text("第1号"), &caller, NOW, id));
    append_entries(town, 1);
    commit(town);
    assert_ok(vrx_erasure_scrub(town->tenant));
    begin(town);
    assert_ok(vrx_erasure_finish(town->tenant, id, NOW + 9, &certified, commitment));
    commit(town);

    struct vrx_erasure_certificate told = certificate_of(town, &arena, id);
    assert_int_equal(told.what, VRX_RETENTION_RESIDENT);
    assert_int_equal(told.reason, VRX_ERASURE_ORDER);
    assert_text(told.order, "第1号");
    assert_text(told.operator_id, "admin.1");
    assert_int_equal(told.begun_at, NOW);
    assert_int_equal(told.ended_at, NOW + 9);
    assert_int_equal(told.size_before, 3);
    assert_int_equal(told.size_after, 4);
    assert_ok(vrx_ledger_root(vrx_tenant_ledger(town->tenant), 3, &root));
    assert_memory_equal(told.root_before, root.bytes, VRX_MERKLE_HASH);
    assert_ok(vrx_ledger_root(vrx_tenant_ledger(town->tenant), 4, &root));
    assert_memory_equal(told.root_after, root.bytes, VRX_MERKLE_HASH);
    static const uint64_t rows[VRX_ERASED_LAST] = {2, 2, 5, 3, 2, 3, 3, 1, 1, 1, 1, 0};
    size_t next = 0;
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++)
        if (rows[kind - 1]) {
            assert_int_equal(told.erased[next].kind, kind);
            assert_int_equal(told.erased[next++].rows, rows[kind - 1]);
        }
    assert_int_equal(told.erased_count, next);

    struct vrx_erasure erasure;
    assert_ok(vrx_erasure_get(town->tenant, &arena, id, &erasure));
    for (size_t at = 0; at + VRX_DIGEST <= erasure.certificate.len; at++)
        assert_memory_not_equal(erasure.certificate.ptr + at, person, VRX_DIGEST);
    vrx_arena_done(&arena);
}

static void the_ledger_only_grows_and_no_salt_ties_it_to_the_person(void **state) {
    struct town *town = *state;
    uint8_t id[VRX_ID];
    uint8_t token[VRX_DIGEST];
    struct vrx_ledger *ledger = vrx_tenant_ledger(town->tenant);
    struct vrx_merkle_hash old_root;
    struct vrx_merkle_hash new_root;
    struct vrx_merkle_proof proof;
    fill_town(town);
    begin(town);
    append_entries(town, 21);
    assert_ok(vrx_ledger_root(ledger, 21, &old_root));
    commit(town);
    begin(town);
    assert_ok(
        vrx_erasure_of_resident(town->tenant, town->erased, vrx_view_text("1"), &caller, NOW, id));
    append_entries(town, 2);
    commit(town);
    assert_ok(vrx_erasure_scrub(town->tenant));
    assert_reason(vrx_resident_person_token(town->tenant, town->erased, token), VRX_NOT_FOUND);
    assert_ok(vrx_ledger_root(ledger, 23, &new_root));
    assert_ok(vrx_ledger_prove_consistency(ledger, 21, 23, &proof));
    assert_ok(vrx_merkle_verify_consistency(&proof, 21, 23, &old_root, &new_root));
    assert_ok(vrx_ledger_check(ledger));
}

/* A table that comes later and refers to a resident must be erased too. */
static void every_table_that_refers_to_a_resident_is_emptied(void **state) {
    struct town *town = *state;
    uint8_t id[VRX_ID];
    sqlite3_stmt *tables = NULL;
    unsigned count = 0;
    fill_town(town);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(sqlite3_prepare_v2(db_of(town),
                             "SELECT t.name, f.\"from\" FROM sqlite_schema AS t, "
                             "pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table' AND "
                             "f.\"table\" = 'resident'",
                             -1, &tables, NULL),
            SQLITE_OK);
        for (count = 0; sqlite3_step(tables) == SQLITE_ROW; count++) {
            char sql[160];
            (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s = %lld",
                (const char *)sqlite3_column_text(tables, 0),
                (const char *)sqlite3_column_text(tables, 1), (long long)town->erased);
            assert_true((sql_number(db_of(town), sql) > 0) == (pass == 0));
        }
        sqlite3_finalize(tables);
        assert_true(count >= 10);
        if (pass)
            break;
        begin(town);
        assert_ok(vrx_erasure_of_resident(
            town->tenant, town->erased, vrx_view_text("1"), &caller, NOW, id));
        commit(town);
    }
}

static void a_person_is_not_erased_without_an_order_or_twice(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    uint8_t id[VRX_ID];
    uint8_t found_id[VRX_ID];
    char order[VRX_LIMIT_ORDER + 2];
    memset(order, 'x', sizeof order);
    order[VRX_LIMIT_ORDER + 1] = '\0';
    assert_reason(
        vrx_erasure_of_resident(fixture->tenant, resident, vrx_view_text(""), &caller, NOW, id),
        VRX_INPUT_FIELD_MISSING);
    assert_reason(
        vrx_erasure_of_resident(fixture->tenant, resident, vrx_view_text(order), &caller, NOW, id),
        VRX_INPUT_TOO_LARGE);
    assert_int_equal(rows_in(fixture, "resident"), 1);
    assert_reason(
        vrx_erasure_of_order(fixture->tenant, vrx_view_text("7"), found_id), VRX_NOT_FOUND);
    assert_ok(
        vrx_erasure_of_resident(fixture->tenant, resident, vrx_view_text("7"), &caller, NOW, id));
    assert_int_equal(rows_in(fixture, "resident"), 0);
    assert_ok(vrx_erasure_of_order(fixture->tenant, vrx_view_text("7"), found_id));
    assert_memory_equal(found_id, id, VRX_ID);
    assert_reason(
        vrx_erasure_of_resident(fixture->tenant, resident, vrx_view_text("7"), &caller, NOW, id),
        VRX_NOT_FOUND);
}

/* Residents whose addresses are told apart, half of whom go. */
#define CROWD 300

static uint64_t crowd_found(struct town *town) {
    uint64_t count = 0;
    for (int id = 2; id <= CROWD; id += 2) {
        char text[16];
        (void)snprintf(text, sizeof text, "<%d>", id);
        count += found(town, text) > 0;
    }
    return count;
}

/* Why a scrub rewrites the file: SQLite moves rows between pages when these overflow, and wipes
 * what it deletes but not what it moved away. */
static void deleting_leaves_remains_where_rows_were_moved(void **state) {
    struct town *town = *state;
    struct fixture fixture = fixture_of(town);
    uint8_t id[VRX_ID];
    begin(town);
    for (unsigned person = 1; person <= CROWD; person++)
        (void)add_resident(&fixture, person);
    commit(town);
    struct sequence sizes = sequence_of(1);
    begin(town);
    for (int change = 0; change < 6 * CROWD; change++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql,
            "UPDATE resident SET address = '<' || id || '>' || hex(zeroblob(%u)) WHERE id = %d",
            sequence_below(&sizes, 400), 1 + change % CROWD);
        sql_run(db_of(town), sql);
    }
    commit(town);
    assert_int_equal(crowd_found(town), CROWD / 2);
    begin(town);
    for (int64_t resident = 2; resident <= CROWD; resident += 2)
        assert_ok(
            vrx_erasure_of_resident(town->tenant, resident, vrx_view_text("1"), &caller, NOW, id));
    commit(town);
    sql_run(db_of(town), "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_true(crowd_found(town) > 0);
    assert_ok(vrx_erasure_scrub(town->tenant));
    assert_int_equal(crowd_found(town), 0);
    assert_true(found(town, "<1>") > 0);
    vrx_arena_done(&fixture.arena);
}

/* ---- what is past its time ---- */

/* To the end of the walk; the rows that went. */
static struct vrx_erased_counts walk(
    struct fixture *fixture, enum vrx_retention_class what, int64_t now, uint8_t ret_id[VRX_ID]) {
    struct vrx_erasure erasure = {.state = VRX_ERASURE_RUNNING};
    assert_ok(vrx_erasure_of_class(fixture->tenant, what, &caller, now, ret_id));
    while (erasure.state == VRX_ERASURE_RUNNING) {
        struct vrx_erased_counts step = {0};
        assert_ok(vrx_erasure_go_on(fixture->tenant, ret_id, now, &step));
        assert_ok(vrx_erasure_get(fixture->tenant, &fixture->arena, ret_id, &erasure));
    }
    return erasure.counts;
}

static struct vrx_erased_counts plan(
    struct fixture *fixture, enum vrx_retention_class what, int64_t now) {
    struct vrx_erasure_plan planned;
    assert_ok(vrx_erasure_plan_class(fixture->tenant, what, now, &planned));
    while (!planned.done)
        assert_ok(vrx_erasure_plan_go_on(fixture->tenant, &planned, now));
    return planned.counts;
}

static void a_dose_goes_the_day_after_its_time_with_what_it_corrects(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    uint8_t id[VRX_ID];
    struct vrx_dose old = dose_on(resident, 1, 2021, 6, 1);
    struct vrx_dose limit = dose_on(resident, 2, 2021, 7, 3);
    int64_t now = INT64_C(1625270400) + 1827 * DAY; /* 1826 days after the end of 2021-07-03 */
    struct vrx_dose recorded = add_dose(fixture, &old);
    old.item.lot = vrx_view_text("ZE9983");
    assert_ok(
        vrx_dose_correct(fixture->tenant, recorded.id, recorded.version, &old, NOW, &recorded));
    (void)add_dose(fixture, &limit);

    assert_int_equal(plan(fixture, VRX_RETENTION_VACCINATION, now).rows[VRX_ERASED_DOSE], 2);
    assert_int_equal(rows_in(fixture, "dose"), 3);
    struct vrx_erased_counts counts = walk(fixture, VRX_RETENTION_VACCINATION, now, id);
    assert_int_equal(counts.rows[VRX_ERASED_DOSE], 2);
    assert_int_equal(vrx_erased_total(&counts), 2);
    assert_int_equal(rows_in(fixture, "dose"), 1);
    assert_int_equal(rows_in(fixture, "resident"), 1);
}

static void what_something_kept_refers_to_is_kept(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    (void)add_case(fixture, 1);
    (void)add_evidence(fixture, 2);
    int64_t later = NOW + 2000 * DAY;
    assert_int_equal(plan(fixture, VRX_RETENTION_EVIDENCE, later).rows[VRX_ERASED_EVIDENCE], 1);
    assert_int_equal(walk(fixture, VRX_RETENTION_EVIDENCE, later, id).rows[VRX_ERASED_EVIDENCE], 1);
    assert_int_equal(rows_in(fixture, "evidence"), 1);
    assert_int_equal(rows_in(fixture, "consent"), 1);
    assert_int_equal(
        walk(fixture, VRX_RETENTION_CONSENT, NOW + 1826 * DAY, id).rows[VRX_ERASED_CONSENT], 0);
}

static void who_moved_out_stays_while_the_salt_is_needed(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident resident = resident_called("5", "転出　済");
    int64_t id = 0;
    uint8_t erasure[VRX_ID];
    resident.moved_out = (struct vrx_date){2021, 12, 1};
    assert_ok(vrx_resident_register(fixture->tenant, &resident, vrx_view_text(""), NOW, &id));
    (void)add_resident(fixture, 6); /* lives here */
    static const struct {
        int64_t days;
        uint64_t residents;
    } cases[] = {{1900, 0}, {2500, 0}, {2600, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(plan(fixture, VRX_RETENTION_RESIDENT, NOW + cases[i].days * DAY)
                             .rows[VRX_ERASED_RESIDENT],
            cases[i].residents);
    /* A dose that is within its own time holds its person too. */
    struct vrx_dose dose = dose_on(id, 1, 2021, 6, 1);
    (void)add_dose(fixture, &dose);
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_VACCINATION, 3650, NOW));
    assert_int_equal(
        plan(fixture, VRX_RETENTION_RESIDENT, NOW + 2600 * DAY).rows[VRX_ERASED_RESIDENT], 0);
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_VACCINATION, 1826, NOW));
    struct vrx_erased_counts counts =
        walk(fixture, VRX_RETENTION_RESIDENT, NOW + 2600 * DAY, erasure);
    assert_int_equal(counts.rows[VRX_ERASED_RESIDENT], 1);
    assert_int_equal(counts.rows[VRX_ERASED_DOSE], 1);
    assert_int_equal(counts.rows[VRX_ERASED_AUDIT_SALT], 1);
    assert_int_equal(rows_in(fixture, "resident"), 1);
}

static void suspended_terminals_and_queries_about_nobody_go(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    struct vrx_terminal terminal = {
        .kind = VRX_TERMINAL_COUNTER, .label = vrx_view_text("a"), .registered_at = NOW};
    assert_ok(vrx_terminal_register(fixture->tenant, &terminal));
    assert_ok(vrx_terminal_suspend(fixture->tenant, terminal.spki_sha256, NOW));
    terminal.spki_sha256[0] = 1;
    assert_ok(vrx_terminal_register(fixture->tenant, &terminal));
    sql_run(vrx_tenant_db(fixture->tenant),
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201) "
        "INSERT INTO transfer_in (sender, query_id, query_digest, nonce, query, state, reason, "
        "received_at, deadline, changed_at) SELECT '122173', randomblob(16), randomblob(32), "
        "randomblob(16), x'00', 5, 0, " WHEN ", " WHEN ", " WHEN " FROM n");
    sql_run(vrx_tenant_db(fixture->tenant),
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 502) "
        "INSERT INTO certificate_in (sender, query_id, nonce, application, may_issue, query, "
        "state, reason, received_at, deadline, tell_at, changed_at) SELECT '122173', "
        "randomblob(16), randomblob(16), randomblob(16), 0, x'00', 4, 0, " WHEN ", " WHEN ", " WHEN
        ", " WHEN " FROM n");
    sql_run(vrx_tenant_db(fixture->tenant),
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 501) "
        "INSERT INTO arrival (sender, kind, message_id, digest, acknowledgement, arrived_at) "
        "SELECT '122173', 4, randomblob(16), randomblob(32), x'00', " WHEN " FROM n");
    sql_run(vrx_tenant_db(fixture->tenant),
        "INSERT INTO outbox (receiver, kind, message_id, envelope, digest, state, created_at, "
        "deadline, attempts, reason, changed_at) VALUES ('122173', 5, randomblob(16), x'00', "
        "randomblob(32), 3, " WHEN ", " WHEN " + 1, 0, 0, " WHEN ")");
    int64_t later = NOW + 2600 * DAY;
    assert_int_equal(walk(fixture, VRX_RETENTION_TERMINAL, later, id).rows[VRX_ERASED_TERMINAL], 1);
    assert_int_equal(rows_in(fixture, "terminal"), 1);
    assert_int_equal(
        walk(fixture, VRX_RETENTION_TRANSFER, NOW, id).rows[VRX_ERASED_TRANSFER_IN], 0);
    bool certified = true;
    uint8_t commitment[VRX_DIGEST];
    assert_ok(vrx_erasure_finish(fixture->tenant, id, NOW, &certified, commitment));
    assert_false(certified);
    struct vrx_erased_counts gone = walk(fixture, VRX_RETENTION_TRANSFER, later, id);
    assert_int_equal(gone.rows[VRX_ERASED_TRANSFER_IN], 1201 + 502 + 501);
    assert_int_equal(gone.rows[VRX_ERASED_TRANSFER_OUT], 1);
    assert_int_equal(rows_in(fixture, "transfer_in"), 0);
    assert_int_equal(rows_in(fixture, "certificate_in"), 0);
    assert_int_equal(rows_in(fixture, "arrival"), 0);
    assert_int_equal(rows_in(fixture, "outbox"), 0);
}

static void a_class_without_an_end_or_of_its_own_is_refused(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    assert_reason(vrx_erasure_of_class(fixture->tenant, VRX_RETENTION_AUDIT_SALT, &caller, NOW, id),
        VRX_INPUT_RANGE);
    assert_reason(
        vrx_erasure_of_class(fixture->tenant, (enum vrx_retention_class)9, &caller, NOW, id),
        VRX_INPUT_RANGE);
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_CONSENT, 0, NOW));
    assert_reason(vrx_erasure_of_class(fixture->tenant, VRX_RETENTION_CONSENT, &caller, NOW, id),
        VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "erasure"), 0);
}

/* ---- killed on the way ---- */

/* Each step is committed; after each the process ends without a word, and the next one asks for the
 * same again. */
static void a_walk_that_is_killed_after_every_step_ends_the_same(void **state) {
    struct town *town = *state;
    uint8_t first[VRX_ID] = {0};
    uint8_t id[VRX_ID];
    struct vrx_erasure erasure = {.state = VRX_ERASURE_RUNNING};
    struct vrx_arena arena;
    unsigned steps = 0;
    int64_t later = NOW + 1900 * DAY;
    bool certified = false;
    uint8_t commitment[VRX_DIGEST];
    vrx_arena_init(&arena, 0);
    fill_town(town);
    for (; erasure.state == VRX_ERASURE_RUNNING; steps++) {
        struct vrx_erased_counts step = {0};
        begin(town);
        assert_ok(vrx_erasure_of_class(
            town->tenant, VRX_RETENTION_VACCINATION, &caller, later, steps ? id : first));
        assert_true(!steps || memcmp(id, first, VRX_ID) == 0);
        assert_ok(vrx_erasure_go_on(town->tenant, first, later, &step));
        commit(town);
        begin(town); /* lost with the process */
        assert_ok(vrx_erasure_go_on(town->tenant, first, later, &step));
        vrx_tenant_close(&town->tenant);
        open_town(town);
        assert_ok(vrx_erasure_get(town->tenant, &arena, first, &erasure));
    }
    assert_true(steps > 2);
    assert_int_equal(erasure.state, VRX_ERASURE_ERASED);
    assert_int_equal(erasure.counts.rows[VRX_ERASED_DOSE], OTHERS + 3);
    assert_ok(vrx_erasure_scrub(town->tenant));
    vrx_tenant_close(&town->tenant);
    open_town(town);
    assert_int_equal(found(town, "ZE9981"), 0);
    begin(town);
    assert_ok(vrx_erasure_finish(town->tenant, first, later, &certified, commitment));
    commit(town);
    struct vrx_erasure_certificate told = certificate_of(town, &arena, first);
    assert_int_equal(told.days, 1826);
    assert_int_equal(told.before, later - 1826 * DAY);
    assert_int_equal(told.erased_count, 1);
    assert_int_equal(told.erased[0].rows, OTHERS + 3);
    vrx_arena_done(&arena);
}

static void erasures_are_listed_the_newest_first(void **state) {
    struct fixture *fixture = *state;
    struct vrx_erasure *erasures = NULL;
    size_t count = 9;
    uint8_t ids[2][VRX_ID];
    assert_ok(vrx_erasure_list(fixture->tenant, &fixture->arena, &erasures, &count));
    assert_int_equal(count, 0);
    for (unsigned i = 0; i < 2; i++)
        assert_ok(vrx_erasure_of_resident(fixture->tenant, add_resident(fixture, i + 1),
            vrx_view_text("x"), &caller, NOW + i, ids[i]));
    assert_ok(vrx_erasure_list(fixture->tenant, &fixture->arena, &erasures, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(erasures[0].id, ids[1], VRX_ID);
    assert_int_equal(erasures[1].counts.rows[VRX_ERASED_RESIDENT], 1);
    assert_int_equal(erasures[1].certificate.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN_TEST(nothing_of_a_person_is_left_in_any_page),
        TOWN_TEST(nothing_is_left_after_closing_and_opening),
        TOWN_TEST(deleting_leaves_remains_where_rows_were_moved),
        TOWN_TEST(the_certificate_says_what_and_why_and_names_nobody),
        TOWN_TEST(the_ledger_only_grows_and_no_salt_ties_it_to_the_person),
        TOWN_TEST(every_table_that_refers_to_a_resident_is_emptied),
        STORE_TEST(a_person_is_not_erased_without_an_order_or_twice),
        STORE_TEST(a_dose_goes_the_day_after_its_time_with_what_it_corrects),
        STORE_TEST(what_something_kept_refers_to_is_kept),
        STORE_TEST(who_moved_out_stays_while_the_salt_is_needed),
        STORE_TEST(suspended_terminals_and_queries_about_nobody_go),
        STORE_TEST(a_class_without_an_end_or_of_its_own_is_refused),
        TOWN_TEST(a_walk_that_is_killed_after_every_step_ends_the_same),
        STORE_TEST(erasures_are_listed_the_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
