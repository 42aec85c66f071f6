/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/actor on a tenant of the store, and jobs that do what a test asks them to. A gate, a job
 * that waits in the middle of its batch, makes what concurrency leaves open certain: what is posted
 * behind it is the next batch.
 */
#ifndef VRX_TEST_ACTOR_FIXTURE_H
#define VRX_TEST_ACTOR_FIXTURE_H

#include "actor/actor.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "store/tenant.h"
#include "support/check.h"
#include "support/tenant_keys_of.h"
#include "support/vault_files.h"

#define MANY 400

struct fixture {
    void *folder;
    struct vrx_actor *actor;
    struct vrx_tenant *tenant; /* not yet, or no longer, the actor's */
    sqlite3 *db;               /* of the tenant, also when the actor has it */
    struct vrx_actor_options options;
    atomic_int_fast64_t clock;
    atomic_bool commits_fail;
    struct vrx_result why; /* it said last */
    atomic_uint closed;    /* how often the actor said so, always before it counted as sealed */
    atomic_size_t told;    /* the replies that were there when it last said so */

    sem_t gate_reached;
    sem_t gate_open;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t done;
};

/* What a job does besides adding its row; several may be combined. */
enum act {
    REFUSE = 1 << 0,        /* run: refuse after the row was added */
    APPEND_IN_RUN = 1 << 1, /* run: a ledger entry of its own */
    FAIL_AUDIT = 1 << 2,    /* audit: fail after the entry was appended */
    NO_AUDIT = 1 << 3,
    GATE = 1 << 4,           /* run: wait until the test opens the gate */
    DAMAGED = 1 << 5,        /* run: the vault does not authenticate */
    ROLL_BACK = 1 << 6,      /* run: disk full, and SQLite took the transaction back */
    COMMIT_INSIDE = 1 << 7,  /* run: a defect */
    RELEASE_INSIDE = 1 << 8, /* run: a defect */
    FILL_DISK = 1 << 9,      /* run: write until SQLite says that it is full */
    SEAL_IN_DONE = 1 << 10,
    CHAIN = 1 << 11,            /* done: post oneself again, until number is 0 */
    READS = 1 << 12,            /* a job that only reads: it adds no row */
    WRITES = 1 << 13,           /* but this one does: a defect */
    FAIL_AUDIT_FIRST = 1 << 14, /* audit: fail before the entry was appended */
};

struct call {
    struct vrx_job job; /* first */
    struct fixture *fixture;
    int poster;
    int number;
    unsigned acts;
    int runs;
    struct vrx_result outcome;
    bool done;
};

static inline struct call *call_of(struct vrx_job *job) {
    return (struct call *)job;
}

static int64_t clock_now(void *context) {
    struct fixture *fixture = context;
    return atomic_load(&fixture->clock);
}

static inline void on_closed(void *context, struct vrx_result why) {
    struct fixture *fixture = context;
    fixture->why = why;
    assert_false(vrx_actor_is_sealed(fixture->actor));
    atomic_fetch_add(&fixture->closed, 1);
}

static inline void on_answered(void *context) {
    struct fixture *fixture = context;
    (void)pthread_mutex_lock(&fixture->lock);
    assert_in_range(fixture->done - atomic_load(&fixture->told), 1, 32);
    atomic_store(&fixture->told, fixture->done);
    (void)pthread_mutex_unlock(&fixture->lock);
}

static inline int on_commit(void *context) {
    struct fixture *fixture = context;
    return atomic_load(&fixture->commits_fail);
}

static inline struct vrx_result add_row(sqlite3 *db, int poster, int number) {
    char sql[96];
    (void)snprintf(sql, sizeof sql, "INSERT INTO work VALUES (NULL, %d, %d)", poster, number);
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static inline struct vrx_result run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct call *call = call_of(job);
    sqlite3 *db = vrx_tenant_db(tenant);
    uint64_t seq = 0;
    call->runs++;
    if (!(call->acts & READS) || call->acts & WRITES)
        VRX_TRY(add_row(db, call->poster, call->number));
    if (call->acts & GATE) {
        (void)sem_post(&call->fixture->gate_reached);
        (void)sem_wait(&call->fixture->gate_open);
    }
    if (call->acts & APPEND_IN_RUN)
        VRX_TRY(vrx_ledger_append(vrx_tenant_ledger(tenant), vrx_view_text("in run"), &seq));
    if (call->acts & DAMAGED)
        return vrx_fail(VRX_VAULT_DAMAGED);
    if (call->acts & FILL_DISK)
        return vrx_sqlite_result(db,
            sqlite3_exec(db, "CREATE TABLE big (b); INSERT INTO big VALUES (zeroblob(10000000))",
                NULL, NULL, NULL));
    if (call->acts & ROLL_BACK) {
        sql_run(db, "ROLLBACK");
        return vrx_fail(VRX_DISK_FULL);
    }
    if (call->acts & COMMIT_INSIDE)
        sql_run(db, "COMMIT");
    if (call->acts & RELEASE_INSIDE)
        sql_run(db, "RELEASE job");
    return call->acts & REFUSE ? vrx_refuse(VRX_CONSENT_REVOKED, "a clause") : vrx_ok();
}

static inline struct vrx_result audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    struct call *call = call_of(job);
    char text[64];
    uint64_t seq = 0;
    if (call->acts & FAIL_AUDIT_FIRST)
        return vrx_fail(VRX_CRYPTO_FAILED);
    int len = snprintf(
        text, sizeof text, "%d %d %s", call->poster, call->number, vrx_reason_name(outcome.reason));
    VRX_TRY(vrx_ledger_append(vrx_tenant_ledger(tenant), vrx_view_of(text, (size_t)len), &seq));
    return call->acts & FAIL_AUDIT ? vrx_fail(VRX_CRYPTO_FAILED) : vrx_ok();
}

static inline void done(struct vrx_job *job, struct vrx_result outcome) {
    struct call *call = call_of(job);
    struct fixture *fixture = call->fixture;
    assert_true(sqlite3_get_autocommit(fixture->db)); /* the transaction is over */
    if (call->acts & SEAL_IN_DONE)
        vrx_actor_seal(fixture->actor);
    if (call->acts & CHAIN && call->number--) {
        assert_ok(vrx_actor_post(fixture->actor, job));
        return;
    }
    (void)pthread_mutex_lock(&fixture->lock);
    assert_false(call->done);
    call->done = true;
    call->outcome = outcome;
    fixture->done++;
    (void)pthread_cond_broadcast(&fixture->changed);
    (void)pthread_mutex_unlock(&fixture->lock);
}

static inline void prepare(
    struct call *call, struct fixture *fixture, int poster, int number, unsigned acts) {
    *call = (struct call){.fixture = fixture, .poster = poster, .number = number, .acts = acts};
    call->job.run = run;
    call->job.audit = acts & NO_AUDIT ? NULL : audit;
    call->job.done = done;
    call->job.reads = acts & READS;
}

static inline void wait_done(struct fixture *fixture, size_t count) {
    (void)pthread_mutex_lock(&fixture->lock);
    while (fixture->done < count)
        (void)pthread_cond_wait(&fixture->changed, &fixture->lock);
    assert_int_equal(fixture->done, count);
    (void)pthread_mutex_unlock(&fixture->lock);
}

/* A tenant of the store, made when it is not there, with one table more. */
static inline void open_tenant(struct fixture *fixture) {
    const struct vault_folder *folder = fixture->folder;
    static const struct vrx_municipality_code code = {"011002"};
    VRX_CLEANUP(vrx_tenant_keys_free) struct vrx_tenant_keys *keys = NULL;
    assert_ok(tenant_keys_of(vault_key(1), &keys));
    assert_ok(vrx_tenant_open(
        folder->vault, &keys, &code, vrx_random_system(), 1640995200, &fixture->tenant));
    fixture->db = vrx_tenant_db(fixture->tenant);
    sql_run(fixture->db, "CREATE TABLE IF NOT EXISTS work "
                         "(id INTEGER PRIMARY KEY, poster INTEGER, number INTEGER)");
    (void)sqlite3_commit_hook(fixture->db, on_commit, fixture);
}

static inline void unseal(struct fixture *fixture) {
    assert_ok(vrx_actor_unseal(fixture->actor, &fixture->tenant, NULL));
    assert_null(fixture->tenant);
    assert_false(vrx_actor_is_sealed(fixture->actor));
}

static inline void start(struct fixture *fixture, size_t queue_limit, size_t batch_limit) {
    fixture->options.queue_limit = queue_limit;
    fixture->options.batch_limit = batch_limit;
    assert_ok(vrx_actor_new(&fixture->options, &fixture->actor));
    unseal(fixture);
}

static inline int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture || vault_folder_setup(&fixture->folder))
        return -1;
    fixture->options.now = clock_now;
    fixture->options.closed = on_closed;
    fixture->options.context = fixture;
    (void)sem_init(&fixture->gate_reached, 0, 0);
    (void)sem_init(&fixture->gate_open, 0, 0);
    (void)pthread_mutex_init(&fixture->lock, NULL);
    (void)pthread_cond_init(&fixture->changed, NULL);
    open_tenant(fixture);
    *state = fixture;
    return 0;
}

static inline int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_actor_free(&fixture->actor);
    if (fixture->tenant)
        vrx_tenant_close(&fixture->tenant);
    (void)pthread_cond_destroy(&fixture->changed);
    (void)pthread_mutex_destroy(&fixture->lock);
    (void)sem_destroy(&fixture->gate_open);
    (void)sem_destroy(&fixture->gate_reached);
    int failed = vault_folder_teardown(&fixture->folder);
    free(fixture);
    return failed;
}

/* Seals, and reads from the disk what is there: so it was committed, and the vault was closed. */
static inline void assert_kept(struct fixture *fixture, int64_t rows, uint64_t entries) {
    vrx_actor_seal(fixture->actor);
    assert_true(vrx_actor_is_sealed(fixture->actor));
    open_tenant(fixture);
    assert_int_equal(sql_number(fixture->db, "SELECT count(*) FROM work"), rows);
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(fixture->tenant)), entries);
    assert_ok(vrx_ledger_check(vrx_tenant_ledger(fixture->tenant)));
}

static inline void assert_entry(struct fixture *fixture, uint64_t seq, const char *text) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer entry = {0};
    assert_ok(vrx_ledger_get(vrx_tenant_ledger(fixture->tenant), seq, &entry));
    assert_true(vrx_view_equal(vrx_buffer_view(&entry), vrx_view_text(text)));
}

/* Posts the gate and waits until the actor stands in it. */
static inline void enter_gate(struct fixture *fixture, struct call *gate) {
    prepare(gate, fixture, 0, 0, GATE);
    assert_ok(vrx_actor_post(fixture->actor, &gate->job));
    (void)sem_wait(&fixture->gate_reached);
}

static inline void post_all(struct fixture *fixture, struct call *calls, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_ok(vrx_actor_post(fixture->actor, &calls[i].job));
}

/* In the order in which they were run, each poster's numbers ascend. */
static inline void assert_order(struct fixture *fixture) {
    assert_int_equal(
        sql_number(fixture->db, "SELECT count(*) FROM (SELECT number - lag(number) OVER "
                                "(PARTITION BY poster ORDER BY id) AS step FROM work) "
                                "WHERE step <= 0"),
        0);
}

#define ACTOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
