/* SPDX-License-Identifier: Apache-2.0
 *
 * The actor's batches: one transaction, an entry for each call, and what fails alone or with all.
 */
#include "unit/actor/fixture.h"

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

static void two_long_jobs_end_a_batch(void **state) {
    struct fixture *fixture = *state;
    struct call gate;
    struct call calls[9];
    start(fixture, 10, 10);
    enter_gate(fixture, &gate);
    for (int i = 0; i < 9; i++) {
        prepare(&calls[i], fixture, 1, i, 0);
        calls[i].job.is_long = i % 2 == 0;
    }
    post_all(fixture, calls, 9);
    (void)sem_post(&fixture->gate_open);
    wait_done(fixture, 10);
    struct vrx_actor_statistics statistics = vrx_actor_statistics(fixture->actor);
    assert_int_equal(statistics.batches, 4); /* the gate; 0 to 2, 3 to 6, 7 and 8 */
    assert_int_equal(statistics.largest_batch, 4);
    assert_kept(fixture, 10, 10);
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
        ACTOR_TEST(two_long_jobs_end_a_batch),
        ACTOR_TEST(many_threads_without_a_gate),
        ACTOR_TEST(deadline_exceeded_in_the_queue),
        ACTOR_TEST(queue_full),
        ACTOR_TEST(a_failed_commit_fails_every_job_of_the_batch),
        ACTOR_TEST(a_transaction_that_sqlite_took_back_is_lost),
        ACTOR_TEST(a_savepoint_that_is_gone_loses_the_transaction),
        ACTOR_TEST(a_job_that_commits_is_a_defect_and_seals),
        ACTOR_TEST(disk_full_fails_the_one_that_meets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
