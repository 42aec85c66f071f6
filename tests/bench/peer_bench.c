/* SPDX-License-Identifier: Apache-2.0
 *
 * The vault beside other encrypted SQLite libraries: a small store in SQL that SQLite 3.15, which
 * is in Debian's SQLCipher, still understands. Built once for each library; "key" encrypts with a
 * raw key of 256 bits, "plain" does not, so that each library is compared with itself. Commands
 * come on standard input, one a line; each is answered by one line with nanoseconds for one of what
 * it counts, unless said otherwise.
 *
 *     fill N      N persons more, each with two doses, 500 a commit
 *     cache KIB   SQLite's page cache; answers the database's size in KiB
 *     read N      N random persons by number, with their doses
 *     commit N    N persons, each committed by itself
 *
 * Next: peers.mjs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#ifdef PEER_VAULT
#include "crypto/random.h"
#include "vaultfs/vault.h"
#elif defined(PEER_SQLCIPHER)
#include <sqlcipher/sqlite3.h>
#else
#include <sqlite3.h>
#endif

#define NUMBER 32 /* bytes of a blind index */
#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

#ifdef PEER_SQLCIPHER
#define KEY_SQL "PRAGMA key = \"x'" HEX "'\"; PRAGMA cipher_page_size = 4096;"
#else
#define KEY_SQL "PRAGMA key = 'raw:" HEX "';" /* SQLite3MultipleCiphers */
#endif

enum { ADD_PERSON, ADD_DOSE, FIND, DOSES, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [ADD_PERSON] =
        "INSERT INTO person (id, number, name, kana, address) VALUES (?1, ?2, ?3, ?4, ?5)",
    [ADD_DOSE] = "INSERT INTO dose (person, number, given, product, lot, venue, physician) "
                 "VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)",
    [FIND] = "SELECT id, name, kana, address FROM person WHERE number = ?1",
    [DOSES] = "SELECT number, given, product, lot, venue, physician FROM dose WHERE person = ?1 "
              "ORDER BY number",
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, number BLOB NOT NULL UNIQUE, "
    "name TEXT NOT NULL, kana TEXT NOT NULL, address TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS dose (id INTEGER PRIMARY KEY, person INTEGER NOT NULL "
    "REFERENCES person (id), number INTEGER NOT NULL, given TEXT NOT NULL, "
    "product INTEGER NOT NULL, lot TEXT NOT NULL, venue TEXT NOT NULL, physician TEXT NOT NULL, "
    "UNIQUE (person, number));";

struct bench {
    char path[512];
    sqlite3 *db;
    sqlite3_stmt *statement[STATEMENTS];
    int64_t persons;
    uint64_t chance;
};

static void must(struct bench *bench, int good, const char *what) {
    if (good)
        return;
    (void)fprintf(stderr, "peer_bench: %s: %s\n", what, bench->db ? sqlite3_errmsg(bench->db) : "");
    exit(1);
}

static void execute(struct bench *bench, const char *text) {
    must(bench, sqlite3_exec(bench->db, text, NULL, NULL, NULL) == SQLITE_OK, text);
}

static int64_t nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

#ifdef PEER_VAULT
static void open_db(struct bench *bench, int encrypted) {
    static struct vrx_vault *vault; /* until the end of the program */
    uint8_t key[32];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    must(bench, encrypted, "the vault is always encrypted; sqlite is its plain one");
    must(bench,
        vrx_is_ok(vrx_vault_open(
            bench->path, vrx_view_of(key, sizeof key), vrx_random_system(), true, &vault)),
        "open");
    bench->db = vrx_vault_db(vault);
}
#else
static void open_db(struct bench *bench, int encrypted) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    must(bench, sqlite3_open_v2(bench->path, &bench->db, flags, NULL) == SQLITE_OK, "open");
    if (encrypted)
        execute(bench, KEY_SQL);
    execute(bench, "PRAGMA locking_mode = EXCLUSIVE;"
                   "PRAGMA temp_store = MEMORY;"
                   "PRAGMA secure_delete = ON;"
                   "PRAGMA page_size = 4096;"
                   "PRAGMA journal_mode = WAL;"
                   "PRAGMA synchronous = FULL;"
                   "PRAGMA foreign_keys = ON;");
}
#endif

/* A peer without its encryption must not be taken for one that costs nothing. */
static void check_encrypted(struct bench *bench, int encrypted) {
    char head[16] = "";
    execute(bench, "PRAGMA wal_checkpoint(TRUNCATE)");
    FILE *file = fopen(bench->path, "re");
    must(bench, file && fread(head, 1, sizeof head, file) == sizeof head && fclose(file) == 0,
        "head");
    must(bench, (memcmp(head, "SQLite format 3", 16) != 0) == encrypted, "encrypted or not");
}

/* Scattered, as digests are. */
static void bind_number(sqlite3_stmt *statement, int at, int64_t person) {
    uint8_t number[NUMBER];
    uint64_t state = (uint64_t)person + 1;
    for (size_t i = 0; i < NUMBER; i++) {
        state = (state ^ (state >> 29)) * 0xbf58476d1ce4e5b9ULL;
        number[i] = (uint8_t)(state >> 56);
    }
    (void)sqlite3_bind_blob(statement, at, number, NUMBER, SQLITE_TRANSIENT);
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text) {
    (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

static void run(struct bench *bench, sqlite3_stmt *statement) {
    must(bench, sqlite3_step(statement) == SQLITE_DONE, "step");
    (void)sqlite3_reset(statement);
}

static void add_person(struct bench *bench) {
    sqlite3_stmt *person = bench->statement[ADD_PERSON];
    sqlite3_stmt *dose = bench->statement[ADD_DOSE];
    const int64_t id = ++bench->persons;
    (void)sqlite3_bind_int64(person, 1, id);
    bind_number(person, 2, id);
    bind_text(person, 3, "札幌　花子");
    bind_text(person, 4, "サッポロ　ハナコ");
    bind_text(person, 5, "札幌市中央区北一条西二丁目");
    run(bench, person);
    for (int i = 1; i <= 2; i++) {
        (void)sqlite3_bind_int64(dose, 1, id);
        (void)sqlite3_bind_int(dose, 2, i);
        bind_text(dose, 3, "2021-06-11");
        bind_text(dose, 4, "EW4811");
        bind_text(dose, 5, "中央区民センター");
        bind_text(dose, 6, "北　一郎");
        run(bench, dose);
    }
}

static double fill(struct bench *bench, unsigned count, unsigned at_once) {
    int64_t begun = nanoseconds();
    for (unsigned done = 0; done < count;) {
        execute(bench, "BEGIN IMMEDIATE");
        for (unsigned i = 0; i < at_once && done < count; i++, done++)
            add_person(bench);
        execute(bench, "COMMIT");
    }
    return (double)(nanoseconds() - begun) / count;
}

static void read_one(struct bench *bench, int64_t person) {
    sqlite3_stmt *find = bench->statement[FIND];
    sqlite3_stmt *doses = bench->statement[DOSES];
    int found = 0;
    bind_number(find, 1, person);
    must(bench, sqlite3_step(find) == SQLITE_ROW, "find");
    (void)sqlite3_bind_int64(doses, 1, sqlite3_column_int64(find, 0));
    while (sqlite3_step(doses) == SQLITE_ROW)
        found += sqlite3_column_bytes(doses, 4) > 0;
    (void)sqlite3_reset(doses);
    (void)sqlite3_reset(find);
    must(bench, found == 2, "doses");
}

static double read_many(struct bench *bench, unsigned count) {
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++) {
        bench->chance ^= bench->chance << 13;
        bench->chance ^= bench->chance >> 7;
        bench->chance ^= bench->chance << 17;
        read_one(bench, 1 + (int64_t)(bench->chance % (uint64_t)bench->persons));
    }
    return (double)(nanoseconds() - begun) / count;
}

static double set_cache(struct bench *bench, unsigned kibibytes) {
    char text[64];
    struct stat status = {0};
    (void)snprintf(text, sizeof text, "PRAGMA cache_size = -%u; PRAGMA shrink_memory", kibibytes);
    execute(bench, "PRAGMA wal_checkpoint(TRUNCATE)");
    execute(bench, text);
    (void)stat(bench->path, &status);
    return (double)status.st_size / 1024;
}

static int obey(struct bench *bench, const char *line) {
    char word[16] = "";
    unsigned count = 0;
    double figure = 0;
    if (sscanf(line, "%15s %u", word, &count) != 2 || count == 0)
        return 0;
    if (strcmp(word, "fill") == 0)
        figure = fill(bench, count, 500);
    else if (strcmp(word, "commit") == 0)
        figure = fill(bench, count, 1);
    else if (strcmp(word, "read") == 0)
        figure = read_many(bench, count);
    else if (strcmp(word, "cache") == 0)
        figure = set_cache(bench, count);
    else
        return 0;
    (void)printf("%.1f\n", figure);
    return fflush(stdout) == 0;
}

int main(int argc, char **argv) {
    static struct bench bench = {.chance = 88172645463325252ULL};
    char line[128];
    int obeyed = 1;
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s FOLDER key|plain\n", argv[0]);
        return 2;
    }
    const int encrypted = strcmp(argv[2], "key") == 0;
    (void)snprintf(bench.path, sizeof bench.path, "%s/vault.db", argv[1]);
    open_db(&bench, encrypted);
    execute(&bench, schema);
    check_encrypted(&bench, encrypted);
    for (int i = 0; i < STATEMENTS; i++)
        must(&bench,
            sqlite3_prepare_v2(bench.db, sql[i], -1, &bench.statement[i], NULL) == SQLITE_OK,
            sql[i]);
    while (obeyed && fgets(line, sizeof line, stdin))
        obeyed = obey(&bench, line);
    return obeyed ? 0 : 1;
}
