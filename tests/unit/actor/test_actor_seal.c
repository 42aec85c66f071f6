/* SPDX-License-Identifier: Apache-2.0
 *
 * The actor's beginning and end: unsealing, sealing by whom or what ever, and stopping.
 */
#include "unit/actor/fixture.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
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
