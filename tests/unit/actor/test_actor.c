/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/actor on a tenant of the store. A gate, a job that waits in the middle of its
 * batch, makes what concurrency leaves open certain: what is posted behind it is the next batch.
 */
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

static struct call *call_of(struct vrx_job *job) {
    return (struct call *)job;
}

static int64_t clock_now(void *context) {
    struct fixture *fixture = context;
    return atomic_load(&fixture->clock);
}

static void on_closed(void *context, struct vrx_result why) {
    struct fixture *fixture = context;
    fixture->why = why;
    assert_false(vrx_actor_is_sealed(fixture->actor));
    atomic_fetch_add(&fixture->closed, 1);
}

static void on_answered(void *context) {
    struct fixture *fixture = context;
    (void)pthread_mutex_lock(&fixture->lock);
    assert_in_range(fixture->done - atomic_load(&fixture->told), 1, 32);
    atomic_store(&fixture->told, fixture->done);
    (void)pthread_mutex_unlock(&fixture->lock);
}

static int on_commit(void *context) {
    struct fixture *fixture = context;
    return atomic_load(&fixture->commits_fail);
}

static struct vrx_result add_row(sqlite3 *db, int poster, int number) {
    char sql[96];
    (void)snprintf(sql, sizeof sql, "INSERT INTO work VALUES (NULL, %d, %d)", poster, number);
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static struct vrx_result run(struct vrx_job *job, struct vrx_tenant *tenant) {
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

static struct vrx_result audit(
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

static void done(struct vrx_job *job, struct vrx_result outcome) {
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

static void prepare(
    struct call *call, struct fixture *fixture, int poster, int number, unsigned acts) {
    *call = (struct call){.fixture = fixture, .poster = poster, .number = number, .acts = acts};
    call->job.run = run;
    call->job.audit = acts & NO_AUDIT ? NULL : audit;
    call->job.done = done;
    call->job.reads = acts & READS;
}

static void wait_done(struct fixture *fixture, size_t count) {
    (void)pthread_mutex_lock(&fixture->lock);
    while (fixture->done < count)
        (void)pthread_cond_wait(&fixture->changed, &fixture->lock);
    assert_int_equal(fixture->done, count);
    (void)pthread_mutex_unlock(&fixture->lock);
}

/* A tenant of the store, made when it is not there, with one table more. */
static void open_tenant(struct fixture *fixture) {
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

static void unseal(struct fixture *fixture) {
    assert_ok(vrx_actor_unseal(fixture->actor, &fixture->tenant, NULL));
    assert_null(fixture->tenant);
    assert_false(vrx_actor_is_sealed(fixture->actor));
}

static void start(struct fixture *fixture, size_t queue_limit, size_t batch_limit) {
    fixture->options.queue_limit = queue_limit;
    fixture->options.batch_limit = batch_limit;
    assert_ok(vrx_actor_new(&fixture->options, &fixture->actor));
    unseal(fixture);
}

static int setup(void **state) {
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

static int teardown(void **state) {
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
static void assert_kept(struct fixture *fixture, int64_t rows, uint64_t entries) {
    vrx_actor_seal(fixture->actor);
    assert_true(vrx_actor_is_sealed(fixture->actor));
    open_tenant(fixture);
    assert_int_equal(sql_number(fixture->db, "SELECT count(*) FROM work"), rows);
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(fixture->tenant)), entries);
    assert_ok(vrx_ledger_check(vrx_tenant_ledger(fixture->tenant)));
}

static void assert_entry(struct fixture *fixture, uint64_t seq, const char *text) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer entry = {0};
    assert_ok(vrx_ledger_get(vrx_tenant_ledger(fixture->tenant), seq, &entry));
    assert_true(vrx_view_equal(vrx_buffer_view(&entry), vrx_view_text(text)));
}

/* Posts the gate and waits until the actor stands in it. */
static void enter_gate(struct fixture *fixture, struct call *gate) {
    prepare(gate, fixture, 0, 0, GATE);
    assert_ok(vrx_actor_post(fixture->actor, &gate->job));
    (void)sem_wait(&fixture->gate_reached);
}

static void post_all(struct fixture *fixture, struct call *calls, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_ok(vrx_actor_post(fixture->actor, &calls[i].job));
}

static void a_job_is_kept_with_its_audit_entry(void **state) {
    struct fixture *fixture = *state;
    struct call calls[2];
    start(fixture, 10, 10);
    prepare(&calls[0], fixture, 1, 7, 0);
    prepare(&calls[1], fixture, 1, 8, NO_AUDIT);
    post_all(fixture, calls, 2);
    wait_done(fixture, 2);
    assert_ok(calls[0].outcome);
    assert_ok(calls[1].outcome);
    assert_kept(fixture, 2, 1);
    assert_entry(fixture, 0, "1 7 OK");
}

static void an_idle_tenant_rests_once_and_works_on(void **state) {
    struct fixture *fixture = *state;
    struct call calls[2];
    fixture->options.rest_ms = 1;
    start(fixture, 10, 10);
    for (size_t i = 0; i < 2; i++) {
        prepare(&calls[i], fixture, 1, (int)i, 0);
        assert_ok(vrx_actor_post(fixture->actor, &calls[i].job));
        wait_done(fixture, i + 1);
        assert_ok(calls[i].outcome);
        while (vrx_actor_statistics(fixture->actor).rests < i + 1)
            (void)sched_yield();
    }
    assert_kept(fixture, 2, 2);
    assert_int_equal(vrx_actor_statistics(fixture->actor).rests, 2);
}

/* Each look at it is 3 ms after the one before. */
static int64_t clock_ns(void *context) {
    struct fixture *fixture = context;
    return 3000000 * atomic_fetch_add(&fixture->clock, 1);
}

static uint64_t count_of(const struct vrx_histogram *histogram) {
    struct vrx_histogram_sums sums = {0};
    uint64_t count = 0;
    vrx_histogram_collect(histogram, &sums);
    for (size_t i = 0; i <= VRX_HISTOGRAM_BOUNDS; i++)
        count += sums.counts[i];
    return count;
}

static void commits_are_measured_and_their_jobs_counted(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[3];
    fixture->options.now_ns = clock_ns;
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    assert_int_equal(vrx_actor_statistics(fixture->actor).queued, 1);
    for (int i = 0; i < 3; i++)
        prepare(&calls[i], fixture, 1, i, 0);
    post_all(fixture, calls, 3);
    assert_int_equal(vrx_actor_statistics(fixture->actor).queued, 4);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 4);
    struct vrx_histogram_sums jobs = {0};
    struct vrx_histogram_sums commits = {0};
    vrx_histogram_collect(vrx_actor_batch_jobs(fixture->actor), &jobs);
    vrx_histogram_collect(vrx_actor_commit_ns(fixture->actor), &commits);
    assert_int_equal(jobs.sum, 4);
    assert_int_equal(jobs.counts[0], 1); /* the gate */
    assert_int_equal(jobs.counts[2], 1); /* the three behind it: above 2, up to 4 */
    assert_int_equal(count_of(vrx_actor_commit_ns(fixture->actor)), 2);
    assert_int_equal(commits.sum, 2 * 3000000);
    assert_int_equal(vrx_actor_statistics(fixture->actor).queued, 0);
}

static void a_lost_transaction_is_no_commit(void **state) {
    struct fixture *fixture = *state;
    struct call call;
    fixture->options.now_ns = clock_ns;
    start(fixture, 10, 10);
    atomic_store(&fixture->commits_fail, true);
    prepare(&call, fixture, 1, 1, 0);
    assert_ok(vrx_actor_post(fixture->actor, &call.job));
    wait_done(fixture, 1);
    assert_int_equal(vrx_actor_statistics(fixture->actor).failures, 1);
    assert_int_equal(count_of(vrx_actor_batch_jobs(fixture->actor)), 0);
    assert_int_equal(count_of(vrx_actor_commit_ns(fixture->actor)), 0);
    atomic_store(&fixture->commits_fail, false);
}

static void a_refusal_is_undone_and_audited(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[3];
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    prepare(&calls[0], fixture, 1, 1, 0);
    prepare(&calls[1], fixture, 1, 2, REFUSE | APPEND_IN_RUN);
    prepare(&calls[2], fixture, 1, 3, 0);
    post_all(fixture, calls, 3);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 4);
    assert_ok(calls[0].outcome);
    assert_reason(calls[1].outcome, VRX_CONSENT_REVOKED);
    assert_string_equal(calls[1].outcome.clause, "a clause");
    assert_ok(calls[2].outcome);
    assert_int_equal(vrx_actor_statistics(fixture->actor).batches, 2);
    assert_kept(fixture, 3, 4);
    assert_entry(fixture, 2, "1 2 CONSENT_REVOKED");
    assert_int_equal(sql_number(fixture->db, "SELECT count(*) FROM work WHERE number = 2"), 0);
}

static void no_audit_entry_no_reply(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[4];
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    prepare(&calls[0], fixture, 1, 1, FAIL_AUDIT);
    prepare(&calls[1], fixture, 1, 2, FAIL_AUDIT | REFUSE);
    prepare(&calls[2], fixture, 1, 3, FAIL_AUDIT | APPEND_IN_RUN);
    prepare(&calls[3], fixture, 1, 4, APPEND_IN_RUN);
    post_all(fixture, calls, 4);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 5);
    for (size_t i = 0; i < 3; i++)
        assert_reason(calls[i].outcome, VRX_CRYPTO_FAILED);
    assert_ok(calls[3].outcome);
    assert_kept(fixture, 2, 3);
    assert_entry(fixture, 1, "in run");
    assert_entry(fixture, 2, "1 4 OK");
}

static void a_reading_jobs_refusal_is_audited_and_the_others_kept(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[5];
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    prepare(&calls[0], fixture, 1, 1, 0);
    prepare(&calls[1], fixture, 1, 2, READS);
    prepare(&calls[2], fixture, 1, 3, READS | REFUSE);
    prepare(&calls[3], fixture, 1, 4, READS | FAIL_AUDIT_FIRST);
    prepare(&calls[4], fixture, 1, 5, READS | NO_AUDIT);
    post_all(fixture, calls, 5);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 6);
    assert_ok(calls[0].outcome);
    assert_ok(calls[1].outcome);
    assert_reason(calls[2].outcome, VRX_CONSENT_REVOKED);
    assert_reason(calls[3].outcome, VRX_CRYPTO_FAILED);
    assert_ok(calls[4].outcome);
    assert_kept(fixture, 2, 4);
    assert_entry(fixture, 2, "1 2 OK");
    assert_entry(fixture, 3, "1 3 CONSENT_REVOKED");
}

/* Nothing of a job that only reads can be undone by itself. */
static void what_a_reading_job_wrote_is_undone_with_all(void **state) {
    struct fixture *fixture = *state;
    static const unsigned defects[] = {
        READS | WRITES | REFUSE, READS | FAIL_AUDIT, READS | FAIL_AUDIT | REFUSE};
    struct call gates[3];
    struct call calls[3][2];
    start(fixture, 10, 10);
    for (size_t i = 0; i < 3; i++) {
        enter_gate(fixture, &gates[i]);
        prepare(&calls[i][0], fixture, 1, 1, 0);
        prepare(&calls[i][1], fixture, 1, 2, defects[i]);
        post_all(fixture, calls[i], 2);
        (void)sem_post(&fixture->gate_open);
        wait_done(fixture, 3 * (i + 1));
        assert_ok(gates[i].outcome);
        assert_reason(calls[i][0].outcome, VRX_INTERNAL_ERROR);
        assert_reason(calls[i][1].outcome, VRX_INTERNAL_ERROR);
    }
    assert_int_equal(vrx_actor_statistics(fixture->actor).failures, 3);
    assert_kept(fixture, 3, 3);
}

static void damage_that_a_reading_job_meets_seals(void **state) {
    struct fixture *fixture = *state;
    struct call call;
    start(fixture, 10, 10);
    prepare(&call, fixture, 1, 1, READS | DAMAGED);
    post_all(fixture, &call, 1);
    wait_done(fixture, 1);
    assert_reason(call.outcome, VRX_VAULT_DAMAGED);
    assert_kept(fixture, 0, 0);
    assert_reason(fixture->why, VRX_VAULT_DAMAGED);
}

struct poster {
    pthread_t thread;
    struct fixture *fixture;
    struct call *calls;
    size_t count;
};

static void *post_from_thread(void *argument) {
    struct poster *poster = argument;
    post_all(poster->fixture, poster->calls, poster->count);
    return NULL;
}

/* In the order in which they were run, each poster's numbers ascend. */
static void assert_order(struct fixture *fixture) {
    assert_int_equal(
        sql_number(fixture->db, "SELECT count(*) FROM (SELECT number - lag(number) OVER "
                                "(PARTITION BY poster ORDER BY id) AS step FROM work) "
                                "WHERE step <= 0"),
        0);
}

static void post_from_eight_threads(struct fixture *fixture, struct call calls[MANY]) {
    struct poster posters[8];
    for (size_t i = 0; i < 8; i++) {
        posters[i] =
            (struct poster){.fixture = fixture, .calls = &calls[i * MANY / 8], .count = MANY / 8};
        for (size_t j = 0; j < MANY / 8; j++)
            prepare(&posters[i].calls[j], fixture, (int)i + 1, (int)j, j % 5 ? 0 : REFUSE);
        assert_int_equal(
            pthread_create(&posters[i].thread, NULL, post_from_thread, &posters[i]), 0);
    }
    for (size_t i = 0; i < 8; i++)
        (void)pthread_join(posters[i].thread, NULL);
}

static void what_waits_is_one_commit(void **state) {
    struct fixture *fixture = *state;
    static struct call calls[MANY];
    struct call gate;
    start(fixture, 1000, 256);
    enter_gate(fixture, &gate);
    post_from_eight_threads(fixture, calls);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, MANY + 1);
    struct vrx_actor_statistics statistics = vrx_actor_statistics(fixture->actor);
    assert_int_equal(statistics.jobs, MANY + 1);
    assert_int_equal(statistics.batches, 3); /* the gate, 256, the rest */
    assert_int_equal(statistics.largest_batch, 256);
    assert_int_equal(statistics.failures, 0);
    assert_kept(fixture, 1 + MANY * 4 / 5, 1 + MANY);
    assert_order(fixture);
}

static void it_says_after_every_lot_that_replies_are_there(void **state) {
    struct fixture *fixture = *state;
    static struct call calls[MANY];
    struct call gate;
    fixture->options.answered = on_answered;
    start(fixture, 1000, 256);
    enter_gate(fixture, &gate);
    post_from_eight_threads(fixture, calls);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, MANY + 1);
    while (atomic_load(&fixture->told) < MANY + 1)
        (void)sched_yield();
    assert_kept(fixture, 1 + MANY * 4 / 5, 1 + MANY);
}

static void many_threads_without_a_gate(void **state) {
    struct fixture *fixture = *state;
    static struct call calls[MANY];
    start(fixture, 1000, 7);
    post_from_eight_threads(fixture, calls);
    wait_done(fixture, MANY);
    struct vrx_actor_statistics statistics = vrx_actor_statistics(fixture->actor);
    assert_int_equal(statistics.jobs, MANY);
    assert_in_range(statistics.batches, MANY / 7, MANY);
    assert_in_range(statistics.largest_batch, 1, 7);
    for (size_t i = 0; i < MANY; i++)
        assert_reason(calls[i].outcome, calls[i].acts & REFUSE ? VRX_CONSENT_REVOKED : VRX_OK);
    assert_kept(fixture, MANY * 4 / 5, MANY);
    assert_order(fixture);
}

static void deadline_exceeded_in_the_queue(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[3];
    start(fixture, 10, 10);
    atomic_store(&fixture->clock, 1000);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 3; i++)
        prepare(&calls[i], fixture, 1, i, 0);
    calls[0].job.deadline = 1100;
    calls[1].job.deadline = 1101;
    post_all(fixture, calls, 3);
    atomic_store(&fixture->clock, 1100);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 4);
    assert_reason(calls[0].outcome, VRX_DEADLINE_EXCEEDED);
    assert_int_equal(calls[0].runs, 0);
    assert_ok(calls[1].outcome);
    assert_ok(calls[2].outcome);
    assert_kept(fixture, 3, 3);
}

static void queue_full(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[3];
    start(fixture, 3, 10);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 3; i++)
        prepare(&calls[i], fixture, 1, i, 0);
    post_all(fixture, calls, 2);
    assert_reason(vrx_actor_post(fixture->actor, &calls[2].job), VRX_QUEUE_FULL);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 3);
    assert_false(calls[2].done);
    post_all(fixture, &calls[2], 1);
    wait_done(fixture, 4);
    assert_kept(fixture, 4, 4);
}

static void a_failed_commit_fails_every_job_of_the_batch(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[20];
    start(fixture, 100, 100);
    for (unsigned round = 0; round < 3; round++) {
        enter_gate(fixture, &gate);
        for (int i = 0; i < 20; i++)
            prepare(&calls[i], fixture, (int)round, i, i == 5 ? REFUSE : 0);
        post_all(fixture, calls, 20);
        atomic_store(&fixture->commits_fail, round == 1);
        (void)sem_post(&fixture->gate_open);
        wait_done(fixture, (round + 1) * 21);
        assert_reason(gate.outcome, round == 1 ? VRX_INTERNAL_ERROR : VRX_OK);
        for (size_t i = 0; i < 20; i++)
            assert_int_equal(calls[i].outcome.reason, round == 1 ? VRX_INTERNAL_ERROR
                                                      : i == 5   ? VRX_CONSENT_REVOKED
                                                                 : VRX_OK);
    }
    assert_int_equal(vrx_actor_statistics(fixture->actor).failures, 2);
    assert_kept(fixture, 40, 42);
}

/* The job in the middle takes those before it along; those behind it are a batch of their own. */
static void assert_lost(struct fixture *fixture, unsigned acts, enum vrx_reason reason) {
    struct call gate;
    struct call calls[3];
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 3; i++)
        prepare(&calls[i], fixture, 1, i, i == 1 ? acts : 0);
    post_all(fixture, calls, 3);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 4);
    assert_ok(gate.outcome);
    assert_reason(calls[0].outcome, reason);
    assert_reason(calls[1].outcome, reason);
    assert_ok(calls[2].outcome);
    assert_int_equal(calls[2].runs, 1);
    assert_int_equal(vrx_actor_statistics(fixture->actor).failures, 1);
    assert_int_equal(vrx_actor_statistics(fixture->actor).jobs, 4);
}

static void a_transaction_that_sqlite_took_back_is_lost(void **state) {
    struct fixture *fixture = *state;
    assert_lost(fixture, ROLL_BACK, VRX_DISK_FULL);
    assert_kept(fixture, 2, 2);
}

static void a_savepoint_that_is_gone_loses_the_transaction(void **state) {
    struct fixture *fixture = *state;
    assert_lost(fixture, RELEASE_INSIDE, VRX_INTERNAL_ERROR);
    assert_kept(fixture, 2, 2);
}

static void a_job_that_commits_is_a_defect_and_seals(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[3];
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 3; i++)
        prepare(&calls[i], fixture, 1, i, i == 1 ? COMMIT_INSIDE : 0);
    post_all(fixture, calls, 3);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 4);
    assert_reason(calls[0].outcome, VRX_INTERNAL_ERROR);
    assert_reason(calls[1].outcome, VRX_INTERNAL_ERROR);
    assert_reason(calls[2].outcome, VRX_TENANT_SEALED);
    assert_kept(fixture, 3, 2);
}

static void disk_full_fails_the_one_that_meets_it(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[3];
    sql_run(fixture->db, "PRAGMA max_page_count = 100");
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 3; i++)
        prepare(&calls[i], fixture, 1, i, i == 1 ? FILL_DISK : 0);
    post_all(fixture, calls, 3);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 4);
    assert_reason(calls[1].outcome, VRX_DISK_FULL);
    assert_ok(calls[2].outcome);
    vrx_actor_seal(fixture->actor);
    open_tenant(fixture);
    assert_ok(vrx_ledger_check(vrx_tenant_ledger(fixture->tenant)));
    assert_int_equal(sql_number(fixture->db, "SELECT count(*) FROM sqlite_schema "
                                             "WHERE name = 'big'"),
        0);
}

static void damage_seals(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call late;
    struct call calls[4];
    start(fixture, 10, 2);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 4; i++)
        prepare(&calls[i], fixture, 1, i, i == 1 ? DAMAGED : 0);
    post_all(fixture, calls, 4);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 5);
    assert_ok(gate.outcome);
    assert_reason(calls[0].outcome, VRX_VAULT_DAMAGED);
    assert_reason(calls[1].outcome, VRX_VAULT_DAMAGED);
    for (size_t i = 2; i < 4; i++) {
        assert_reason(calls[i].outcome, VRX_TENANT_SEALED);
        assert_int_equal(calls[i].runs, 0);
    }
    prepare(&late, fixture, 2, 0, 0);
    assert_reason(vrx_actor_post(fixture->actor, &late.job), VRX_TENANT_SEALED);
    assert_kept(fixture, 1, 1);
    unseal(fixture);
    post_all(fixture, &late, 1);
    wait_done(fixture, 6);
    assert_ok(late.outcome);
    assert_kept(fixture, 2, 2);
}

static void *seal_from_thread(void *argument) {
    struct fixture *fixture = argument;
    vrx_actor_seal(fixture->actor);
    return NULL;
}

static void sealing_does_what_is_queued_first(void **state) {
    struct fixture *fixture = *state;
    struct call probes[20];
    struct call gate;
    struct call calls[5];
    pthread_t sealer;
    size_t accepted = 0;
    start(fixture, 20, 2);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 5; i++)
        prepare(&calls[i], fixture, 1, i, 0);
    post_all(fixture, calls, 5);
    assert_int_equal(pthread_create(&sealer, NULL, seal_from_thread, fixture), 0);
    /* Until the sealing shows, posts are accepted while there is room: those are done too. */
    struct vrx_result result;
    do {
        prepare(&probes[accepted], fixture, 2, (int)accepted, 0);
        result = vrx_actor_post(fixture->actor, &probes[accepted].job);
        accepted += vrx_is_ok(result);
    } while (result.reason != VRX_TENANT_SEALED);
    assert_false(vrx_actor_is_sealed(fixture->actor));
    (void)sem_post(&fixture->gate_open);
    (void)pthread_join(sealer, NULL);
    assert_true(vrx_actor_is_sealed(fixture->actor));
    wait_done(fixture, 6 + accepted);
    for (size_t i = 0; i < 5; i++)
        assert_ok(calls[i].outcome);
    assert_kept(fixture, 6 + (int64_t)accepted, 6 + accepted);
}

static void sealed_on_the_actors_own_thread(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[2];
    start(fixture, 10, 1);
    enter_gate(fixture, &gate);
    prepare(&calls[0], fixture, 1, 0, SEAL_IN_DONE);
    prepare(&calls[1], fixture, 1, 1, 0);
    post_all(fixture, calls, 2);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 3);
    assert_ok(calls[1].outcome);
    assert_kept(fixture, 3, 3);
}

static void a_reply_may_post_the_next_job(void **state) {
    struct fixture *fixture = *state;
    struct call call;
    start(fixture, 1, 10); /* the job that is done no longer counts */
    prepare(&call, fixture, 1, 50, CHAIN);
    post_all(fixture, &call, 1);
    wait_done(fixture, 1);
    assert_int_equal(call.runs, 51);
    assert_int_equal(vrx_actor_statistics(fixture->actor).batches, 51);
    assert_kept(fixture, 51, 51);
}

static void sealed_until_unsealed(void **state) {
    struct fixture *fixture = *state;
    struct call call;
    fixture->options.queue_limit = 1;
    assert_reason(vrx_actor_new(&fixture->options, &fixture->actor), VRX_INPUT_RANGE);
    fixture->options.queue_limit = 0;
    fixture->options.batch_limit = 1;
    assert_reason(vrx_actor_new(&fixture->options, &fixture->actor), VRX_INPUT_RANGE);
    fixture->options.queue_limit = 1;
    assert_ok(vrx_actor_new(&fixture->options, &fixture->actor));
    prepare(&call, fixture, 1, 1, 0);
    assert_true(vrx_actor_is_sealed(fixture->actor));
    assert_reason(vrx_actor_post(fixture->actor, &call.job), VRX_TENANT_SEALED);
    vrx_actor_seal(fixture->actor);
    unseal(fixture);
    struct vrx_tenant *second = NULL;
    assert_reason(vrx_actor_unseal(fixture->actor, &second, NULL), VRX_WRONG_STATE);
    assert_kept(fixture, 0, 0);
    vrx_actor_stop(fixture->actor);
    assert_reason(vrx_actor_unseal(fixture->actor, &fixture->tenant, NULL), VRX_SHUTTING_DOWN);
    assert_non_null(fixture->tenant);
    assert_reason(vrx_actor_post(fixture->actor, &call.job), VRX_SHUTTING_DOWN);
    vrx_actor_seal(fixture->actor);
    vrx_actor_stop(fixture->actor);
    vrx_actor_free(&fixture->actor);
    assert_null(fixture->actor);
    vrx_actor_free(&fixture->actor);
    vrx_actor_free(NULL);
}

/* Before anybody else's job, and durable, whatever it says. */
static void the_first_job_decides_whether_to_unseal(void **state) {
    static const struct {
        unsigned acts;
        enum vrx_reason outcome;
        uint64_t entries;
    } rows[] = {{REFUSE, VRX_CONSENT_REVOKED, 1}, {FAIL_AUDIT, VRX_CRYPTO_FAILED, 1},
        {DAMAGED, VRX_VAULT_DAMAGED, 1}, {ROLL_BACK, VRX_DISK_FULL, 1}};
    struct fixture *fixture = *state;
    struct call first;
    struct call call;
    fixture->options.queue_limit = fixture->options.batch_limit = 10;
    assert_ok(vrx_actor_new(&fixture->options, &fixture->actor));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        prepare(&first, fixture, 1, 1, rows[i].acts);
        assert_reason(
            vrx_actor_unseal(fixture->actor, &fixture->tenant, &first.job), rows[i].outcome);
        assert_true(vrx_actor_is_sealed(fixture->actor));
        assert_non_null(fixture->tenant);
        assert_true(sqlite3_get_autocommit(fixture->db));
        assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(fixture->tenant)), rows[i].entries);
        assert_reason(vrx_actor_post(fixture->actor, &first.job), VRX_TENANT_SEALED);
    }
    prepare(&first, fixture, 1, 7, 0);
    assert_ok(vrx_actor_unseal(fixture->actor, &fixture->tenant, &first.job));
    assert_int_equal(first.runs, 1);
    assert_false(first.done);
    prepare(&call, fixture, 1, 8, 0);
    post_all(fixture, &call, 1);
    wait_done(fixture, 1);
    assert_kept(fixture, 2, 3);
    assert_entry(fixture, 1, "1 7 OK");
}

static void it_says_when_the_tenant_is_closed(void **state) {
    struct fixture *fixture = *state;
    struct call call;
    start(fixture, 10, 10);
    assert_int_equal(atomic_load(&fixture->closed), 0);
    vrx_actor_seal(fixture->actor);
    assert_int_equal(atomic_load(&fixture->closed), 1);
    assert_ok(fixture->why);
    vrx_actor_seal(fixture->actor);
    assert_int_equal(atomic_load(&fixture->closed), 1);
    open_tenant(fixture);
    unseal(fixture);
    prepare(&call, fixture, 1, 1, DAMAGED);
    post_all(fixture, &call, 1);
    wait_done(fixture, 1);
    vrx_actor_seal(fixture->actor); /* waits for what damage began */
    assert_int_equal(atomic_load(&fixture->closed), 2);
    assert_reason(fixture->why, VRX_VAULT_DAMAGED);
    open_tenant(fixture);
    unseal(fixture);
    vrx_actor_stop(fixture->actor);
    assert_int_equal(atomic_load(&fixture->closed), 3);
    assert_ok(fixture->why);
}

static void *free_from_thread(void *argument) {
    struct fixture *fixture = argument;
    vrx_actor_stop(fixture->actor);
    return NULL;
}

static void stopping_does_what_is_queued_first(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[5];
    pthread_t stopper;
    start(fixture, 10, 2);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 5; i++)
        prepare(&calls[i], fixture, 1, i, 0);
    post_all(fixture, calls, 5);
    assert_int_equal(pthread_create(&stopper, NULL, free_from_thread, fixture), 0);
    (void)sem_post(&fixture->gate_open);
    (void)pthread_join(stopper, NULL);
    wait_done(fixture, 6);
    for (size_t i = 0; i < 5; i++)
        assert_ok(calls[i].outcome);
    open_tenant(fixture);
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(fixture->tenant)), 6);
}

struct flood {
    pthread_t thread;
    struct fixture *fixture;
    struct call *calls; /* MANY of them */
    size_t accepted;
};

static void *flood(void *argument) {
    struct flood *own = argument;
    while (own->accepted < MANY &&
           vrx_is_ok(vrx_actor_post(own->fixture->actor, &own->calls[own->accepted].job)))
        own->accepted++;
    return NULL;
}

/* Whatever the moment of the sealing: what was accepted is done and kept, and nothing else is. */
static void posting_against_sealing(void **state) {
    struct fixture *fixture = *state;
    static struct call calls[4][MANY];
    size_t total = 0;
    fixture->options.queue_limit = 100000;
    fixture->options.batch_limit = 16;
    assert_ok(vrx_actor_new(&fixture->options, &fixture->actor));
    for (int round = 0; round < 10; round++) {
        struct flood floods[4];
        unseal(fixture);
        for (int i = 0; i < 4; i++) {
            floods[i] = (struct flood){.fixture = fixture, .calls = calls[i]};
            for (int j = 0; j < MANY; j++)
                prepare(&calls[i][j], fixture, i, round * MANY + j, 0);
            assert_int_equal(pthread_create(&floods[i].thread, NULL, flood, &floods[i]), 0);
        }
        while (vrx_actor_statistics(fixture->actor).jobs < total + (size_t)round)
            (void)sched_yield();
        vrx_actor_seal(fixture->actor);
        for (int i = 0; i < 4; i++) {
            (void)pthread_join(floods[i].thread, NULL);
            total += floods[i].accepted;
        }
        wait_done(fixture, total);
        assert_kept(fixture, (int64_t)total, total);
        assert_order(fixture);
    }
}

#define ACTOR_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ACTOR_TEST(a_job_is_kept_with_its_audit_entry),
        ACTOR_TEST(an_idle_tenant_rests_once_and_works_on),
        ACTOR_TEST(commits_are_measured_and_their_jobs_counted),
        ACTOR_TEST(a_lost_transaction_is_no_commit),
        ACTOR_TEST(a_refusal_is_undone_and_audited),
        ACTOR_TEST(no_audit_entry_no_reply),
        ACTOR_TEST(a_reading_jobs_refusal_is_audited_and_the_others_kept),
        ACTOR_TEST(what_a_reading_job_wrote_is_undone_with_all),
        ACTOR_TEST(damage_that_a_reading_job_meets_seals),
        ACTOR_TEST(it_says_after_every_lot_that_replies_are_there),
        ACTOR_TEST(what_waits_is_one_commit),
        ACTOR_TEST(many_threads_without_a_gate),
        ACTOR_TEST(deadline_exceeded_in_the_queue),
        ACTOR_TEST(queue_full),
        ACTOR_TEST(a_failed_commit_fails_every_job_of_the_batch),
        ACTOR_TEST(a_transaction_that_sqlite_took_back_is_lost),
        ACTOR_TEST(a_savepoint_that_is_gone_loses_the_transaction),
        ACTOR_TEST(a_job_that_commits_is_a_defect_and_seals),
        ACTOR_TEST(disk_full_fails_the_one_that_meets_it),
        ACTOR_TEST(damage_seals),
        ACTOR_TEST(sealing_does_what_is_queued_first),
        ACTOR_TEST(sealed_on_the_actors_own_thread),
        ACTOR_TEST(a_reply_may_post_the_next_job),
        ACTOR_TEST(sealed_until_unsealed),
        ACTOR_TEST(the_first_job_decides_whether_to_unseal),
        ACTOR_TEST(it_says_when_the_tenant_is_closed),
        ACTOR_TEST(stopping_does_what_is_queued_first),
        ACTOR_TEST(posting_against_sealing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
