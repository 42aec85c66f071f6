/* SPDX-License-Identifier: Apache-2.0
 *
 * One tenant in a folder, worked by commands from standard input, one a line; each is answered by
 * one line with its figure: nanoseconds for one of what it counts, unless said otherwise.
 *
 *     fill N        N doses more, two a resident, each with a ledger entry, 500 doses a commit
 *     cache KIB     SQLite's page cache; answers the database's size in KiB
 *     read N        N random residents by individual number, with all their doses
 *     commit N      N doses, each committed by itself
 *     actor B N     N audited doses through the actor, at most B a commit
 *     page N        one page opened N times, and raw AES-256-GCM of 4 KiB: two figures (vault only)
 *     tenants N     as many tenants with ten residents each, opened: KiB of memory for one of them
 *     reads N       N random reads spread over those tenants
 *     fills N       N doses more, spread over them, 500 doses a commit in one of them
 *
 * Next: vault.mjs.
 */
#include <openssl/evp.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "actor/actor.h"
#include "codes/individual_number.h"
#include "crypto/random.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "store/dose.h"
#include "store/resident.h"
#include "store/tenant.h"
#include "support/tenant_keys_of.h"
#ifndef BENCH_PLAIN
#include "vaultfs/nonces.h"
#include "vaultfs/page.h"
#endif

#define NOW ((int64_t)1640995200) /* 2022-01-01T00:00:00Z */
#define IMPORT 500                /* doses a commit */
#define TENANTS_MAX 2000
#define TENANTS_RESIDENTS 10
#define ENTRY 160 /* bytes of an audit entry, as the services write them */

struct bench {
    const char *folder;
    struct vrx_tenant *tenant;
    struct vrx_arena arena;
    unsigned residents; /* each has one dose or two */
    unsigned doses;
    uint64_t chance;
    struct vrx_tenant *many[TENANTS_MAX];
    unsigned many_count;
};

static const struct vrx_municipality_code sapporo = {"011002"};

static void must(struct vrx_result result, const char *what) {
    if (vrx_is_ok(result))
        return;
    (void)fprintf(stderr, "vault_bench: %s: %s\n", what, vrx_reason_sentence_en(result.reason));
    exit(1);
}

static int64_t nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static unsigned draw(struct bench *bench, unsigned bound) {
    bench->chance ^= bench->chance << 13;
    bench->chance ^= bench->chance >> 7;
    bench->chance ^= bench->chance << 17;
    return (unsigned)(bench->chance % bound);
}

static void execute(struct vrx_tenant *tenant, const char *sql) {
    if (sqlite3_exec(vrx_tenant_db(tenant), sql, NULL, NULL, NULL) == SQLITE_OK)
        return;
    (void)fprintf(stderr, "vault_bench: %s: %s\n", sql, sqlite3_errmsg(vrx_tenant_db(tenant)));
    exit(1);
}

static struct vrx_tenant *open_tenant(const char *path) {
    static const uint8_t root[VRX_ROOT_KEY] = "a root key for measurements only";
    VRX_CLEANUP(vrx_tenant_keys_free) struct vrx_tenant_keys *keys = NULL;
    struct vrx_tenant *tenant = NULL;
    must(tenant_keys_of(vrx_view_of(root, sizeof root), &keys), "keys");
    must(vrx_tenant_open(path, &keys, &sapporo, vrx_random_system(), NOW, &tenant), path);
    return tenant;
}

/* Scattered over the numbers, as real ones are. */
static struct vrx_view number_of(unsigned person, char out[13]) {
    (void)snprintf(out, 13, "%011llu", (person * 48271ULL + 12345) % 100000000000ULL);
    out[11] = vrx_individual_number_check_digit(out);
    out[12] = '\0';
    return vrx_view_text(out);
}

static void add_resident(struct vrx_tenant *tenant, unsigned person, int64_t *ret_id) {
    char addressee[16];
    char number[13];
    (void)snprintf(addressee, sizeof addressee, "%u", person + 1);
    struct vrx_resident resident = {.addressee = vrx_view_text(addressee),
        .name = vrx_view_text("札幌　花子"),
        .kana = vrx_view_text("サッポロ　ハナコ"),
        .address = vrx_view_text("札幌市中央区北一条西二丁目"),
        .birth_date = {1985, 4, 1},
        .sex = VRX_SEX_FEMALE};
    must(vrx_resident_register(tenant, &resident, number_of(person, number), NOW, ret_id),
        "resident");
}

static struct vrx_result add_dose(struct vrx_tenant *tenant, int64_t resident, unsigned number) {
    struct vrx_dose recorded;
    struct vrx_dose dose = {.resident = resident,
        .item = {.administered_by = sapporo,
            .administered_on = {2021, (uint8_t)(5 + number), 11},
            .product = 1,
            .dose_number = number,
            .lot = vrx_view_text("EW4811"),
            .venue = vrx_view_text("中央区民センター"),
            .physician = vrx_view_text("北　一郎"),
            .ticket = vrx_view_text("1234567890")},
        .maker = vrx_view_text("ファイザー"),
        .registered_at = NOW - 86400,
        .provenance = {.source = VRX_DOSE_OWN}};
    return vrx_dose_record(tenant, &dose, NOW, &recorded);
}

static struct vrx_result add_entry(struct vrx_tenant *tenant) {
    static const uint8_t entry[ENTRY] = "an audit entry of common size";
    uint64_t seq = 0;
    return vrx_ledger_append(vrx_tenant_ledger(tenant), vrx_view_of(entry, ENTRY), &seq);
}

/* The next dose: of a new resident, or the second of the last one. */
static struct vrx_result next_dose(struct bench *bench, struct vrx_tenant *tenant) {
    static int64_t id;
    bool second = bench->doses % 2 == 1;
    if (!second)
        add_resident(tenant, bench->residents++, &id);
    bench->doses++;
    VRX_TRY(add_dose(tenant, id, second ? 2 : 1));
    return add_entry(tenant);
}

/* At most IMPORT doses in one commit; how many they were. */
static unsigned import(struct bench *bench, struct vrx_tenant *tenant, unsigned most) {
    unsigned done = 0;
    execute(tenant, "BEGIN IMMEDIATE");
    while (done < IMPORT && done < most) {
        must(next_dose(bench, tenant), "dose");
        done++;
    }
    execute(tenant, "COMMIT");
    return done;
}

static double fill(struct bench *bench, unsigned count) {
    int64_t begun = nanoseconds();
    for (unsigned done = 0; done < count;)
        done += import(bench, bench->tenant, count - done);
    return (double)(nanoseconds() - begun) / count;
}

static double commit(struct bench *bench, unsigned count) {
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++) {
        execute(bench->tenant, "BEGIN IMMEDIATE");
        must(next_dose(bench, bench->tenant), "dose");
        execute(bench->tenant, "COMMIT");
    }
    return (double)(nanoseconds() - begun) / count;
}

static void read_one(struct bench *bench, struct vrx_tenant *tenant, unsigned person) {
    char number[13];
    struct vrx_resident resident;
    struct vrx_dose *doses = NULL;
    size_t doses_count = 0;
    vrx_arena_clear(&bench->arena);
    must(vrx_resident_find_by_number(tenant, &bench->arena, number_of(person, number), &resident),
        "find");
    must(vrx_dose_history(tenant, &bench->arena, resident.id, VRX_DOSES_ALL, &doses, &doses_count),
        "history");
    must(doses_count > 0 ? vrx_ok() : vrx_fail(VRX_NOT_FOUND), "doses");
}

static double read_many(struct bench *bench, unsigned count) {
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++)
        read_one(bench, bench->tenant, draw(bench, bench->residents));
    return (double)(nanoseconds() - begun) / count;
}

static void set_cache(struct bench *bench, unsigned kibibytes) {
    char sql[64];
    char path[512];
    struct stat status = {0};
    (void)snprintf(sql, sizeof sql, "PRAGMA cache_size = -%u; PRAGMA shrink_memory", kibibytes);
    execute(bench->tenant, "PRAGMA wal_checkpoint(TRUNCATE)");
    execute(bench->tenant, sql);
    (void)snprintf(path, sizeof path, "%s/vault.db", bench->folder);
    (void)stat(path, &status);
    (void)printf("%lld\n", (long long)status.st_size / 1024);
}

/* Through the actor: the poster keeps its queue full, as many callers would. */
struct write {
    struct vrx_job job; /* first */
    struct bench *bench;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned awaited;
static unsigned finished;

static struct vrx_result run_write(struct vrx_job *job, struct vrx_tenant *tenant) {
    return next_dose(((struct write *)job)->bench, tenant);
}

static struct vrx_result audit_write(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)job;
    (void)outcome;
    return add_entry(tenant);
}

static void write_done(struct vrx_job *job, struct vrx_result outcome) {
    (void)job;
    must(outcome, "write");
    (void)pthread_mutex_lock(&lock);
    if (++finished == awaited) /* to wake somebody for each write would measure that */
        (void)pthread_cond_signal(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static int64_t no_clock(void *context) {
    (void)context;
    return 0;
}

static double actor_writes(struct bench *bench, unsigned batch, unsigned count) {
    struct vrx_actor_options options = {
        .queue_limit = count, .batch_limit = batch, .now = no_clock};
    struct vrx_actor *actor = NULL;
    char path[512];
    struct write *writes = calloc(count, sizeof *writes);
    must(writes ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY), "writes");
    must(vrx_actor_new(&options, &actor), "actor");
    must(vrx_actor_unseal(actor, &bench->tenant, NULL), "unseal");
    finished = 0;
    awaited = count;
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++) {
        writes[i] = (struct write){
            .bench = bench, .job = {.run = run_write, .audit = audit_write, .done = write_done}};
        must(vrx_actor_post(actor, &writes[i].job), "post");
    }
    (void)pthread_mutex_lock(&lock);
    while (finished < count)
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
    double each = (double)(nanoseconds() - begun) / count;
    vrx_actor_free(&actor);
    free(writes);
    (void)snprintf(path, sizeof path, "%s/vault.db", bench->folder);
    bench->tenant = open_tenant(path);
    return each;
}

#ifndef BENCH_PLAIN
static double raw_gcm(unsigned count) {
    static const uint8_t key[32];
    static uint8_t page[4096];
    uint8_t nonce[12] = {0};
    uint8_t tag[16];
    int len = 0;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    bool good = EVP_EncryptInit_ex2(context, cipher, key, NULL, NULL) == 1;
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++) {
        nonce[0]++;
        good = good && EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL) == 1 &&
               EVP_EncryptUpdate(context, page, &len, page, sizeof page) == 1 &&
               EVP_EncryptFinal_ex(context, tag, &len) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1;
    }
    int64_t taken = nanoseconds() - begun;
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    must(good ? vrx_ok() : vrx_fail(VRX_CRYPTO_FAILED), "AES-256-GCM");
    return (double)taken / count;
}

static void page_cost(unsigned count) {
    static const uint8_t bytes[32] = {1};
    static uint8_t plain[VRX_PAGE];
    static uint8_t stored[VRX_PAGE];
    const struct vrx_page_place place = {.kind = VRX_PAGE_DATABASE, .number = 7};
    struct vrx_page_keys keys;
    struct vrx_nonces nonces;
    vrx_nonces_init(&nonces, vrx_random_system());
    must(vrx_page_keys_init(&keys, vrx_view_of(bytes, 32), bytes, 1), "page keys");
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++)
        must(vrx_page_seal(&keys, &nonces.random, &place, plain, stored), "seal");
    int64_t sealed = nanoseconds();
    for (unsigned i = 0; i < count; i++)
        must(vrx_page_open(&keys, &place, stored, plain), "open");
    int64_t opened = nanoseconds();
    vrx_page_keys_done(&keys);
    (void)printf("%.1f %.1f %.1f\n", (double)(sealed - begun) / count,
        (double)(opened - sealed) / count, raw_gcm(count));
}
#endif

static long resident_kibibytes(void) {
    long pages = 0;
    long shared = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%ld %ld", &shared, &pages) != 2)
        pages = 0;
    if (file)
        (void)fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void open_many(struct bench *bench, unsigned count) {
    long before = resident_kibibytes();
    unsigned begun = bench->many_count;
    for (; bench->many_count < count && bench->many_count < TENANTS_MAX; bench->many_count++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%u.db", bench->folder, bench->many_count);
        struct vrx_tenant *tenant = open_tenant(path);
        execute(tenant, "BEGIN IMMEDIATE");
        for (unsigned i = 0; i < TENANTS_RESIDENTS; i++) {
            int64_t id = 0;
            add_resident(tenant, i, &id);
            must(add_dose(tenant, id, 1), "dose");
        }
        execute(tenant, "COMMIT");
        bench->many[bench->many_count] = tenant;
    }
    unsigned opened = bench->many_count - begun;
    (void)printf("%.1f\n", opened ? (double)(resident_kibibytes() - before) / opened : 0.0);
}

static double read_spread(struct bench *bench, unsigned count) {
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++)
        read_one(
            bench, bench->many[draw(bench, bench->many_count)], draw(bench, TENANTS_RESIDENTS));
    return (double)(nanoseconds() - begun) / count;
}

static double fill_spread(struct bench *bench, unsigned count) {
    if (bench->residents < TENANTS_RESIDENTS) /* whom all of them have already */
        bench->residents = TENANTS_RESIDENTS;
    int64_t begun = nanoseconds();
    for (unsigned done = 0; done < count;)
        done += import(bench, bench->many[draw(bench, bench->many_count)], count - done);
    return (double)(nanoseconds() - begun) / count;
}

static bool obey(struct bench *bench, const char *line) {
    char word[16] = "";
    unsigned a = 0;
    unsigned b = 0;
    int words = sscanf(line, "%15s %u %u", word, &a, &b);
    if (words < 2 || a == 0)
        return false;
    if (strcmp(word, "fill") == 0)
        (void)printf("%.1f\n", fill(bench, a));
    else if (strcmp(word, "cache") == 0)
        set_cache(bench, a);
    else if (strcmp(word, "read") == 0)
        (void)printf("%.1f\n", read_many(bench, a));
    else if (strcmp(word, "commit") == 0)
        (void)printf("%.1f\n", commit(bench, a));
    else if (strcmp(word, "actor") == 0 && b > 0)
        (void)printf("%.1f\n", actor_writes(bench, a, b));
#ifndef BENCH_PLAIN
    else if (strcmp(word, "page") == 0)
        page_cost(a);
#endif
    else if (strcmp(word, "tenants") == 0)
        open_many(bench, a);
    else if (strcmp(word, "reads") == 0 && bench->many_count > 0)
        (void)printf("%.1f\n", read_spread(bench, a));
    else if (strcmp(word, "fills") == 0 && bench->many_count > 0)
        (void)printf("%.1f\n", fill_spread(bench, a));
    else
        return false;
    return fflush(stdout) == 0;
}

int main(int argc, char **argv) {
    static struct bench bench = {.chance = 88172645463325252ULL};
    char path[512];
    char line[128];
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    bench.folder = argv[1];
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK) /* as vrxd does */
        return 1;
    (void)snprintf(path, sizeof path, "%s/vault.db", bench.folder);
    vrx_arena_init(&bench.arena, 0);
    bench.tenant = open_tenant(path);
    bool obeyed = true;
    while (obeyed && fgets(line, sizeof line, stdin))
        obeyed = obey(&bench, line);
    for (unsigned i = 0; i < bench.many_count; i++)
        vrx_tenant_close(&bench.many[i]);
    vrx_tenant_close(&bench.tenant);
    vrx_arena_done(&bench.arena);
    return obeyed ? 0 : 1;
}
