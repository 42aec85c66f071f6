/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the time that the origin takes tells whoever asks of a person that the record is
 * protected: queries about unknown persons, about protected ones and about such where an officer
 * has refused, in a random order, each when it comes, when it is repeated and when its time has
 * come. Each step is one transaction, from the envelope to the commit, ledger entry included;
 * nothing of network or scheduling is in it, so that small differences show. The times are compared
 * pair by pair by Welch's t, which must stay below 4.5. That the comparison would tell is shown on
 * an origin that looks no further where nobody has the number: there t must be above.
 *
 * VRX_FAULT_COUNT persons in all (90); from 6,000 on the figures are judged, below they are only
 * printed, and only lengths and outcomes are: all the same. VRX_FAULT_SEED repeats an order. A
 * tenth of the times, the longest of all kinds together, is left out: there something else ran. The
 * smallest difference that would have been seen is printed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "codes/individual_number.h"
#include "exchange/steps.h"
#include "store/approval.h"
#include "store/resident.h"
#include "support/exchange_world.h"

#define BOUND 4.5
#define JUDGED_FROM 6000
#define POOL 500 /* persons of each sort, asked for again and again */

/* ---- the origin that does less ---- */

static bool hasty;
static bool found; /* by what was looked up last, while it is hasty */

/* Names that the linker gives. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
struct vrx_result __real_vrx_resident_near_number(struct vrx_tenant *tenant,
    struct vrx_arena *arena, struct vrx_view number, struct vrx_resident *ret_resident,
    bool *ret_exact);
struct vrx_result __wrap_vrx_resident_near_number(struct vrx_tenant *tenant,
    struct vrx_arena *arena, struct vrx_view number, struct vrx_resident *ret_resident,
    bool *ret_exact);

struct vrx_result __wrap_vrx_resident_near_number(struct vrx_tenant *tenant,
    struct vrx_arena *arena, struct vrx_view number, struct vrx_resident *ret_resident,
    bool *ret_exact) {
    if (!hasty)
        return __real_vrx_resident_near_number(tenant, arena, number, ret_resident, ret_exact);
    struct vrx_result result = vrx_resident_find_by_number(tenant, arena, number, ret_resident);
    *ret_exact = found = vrx_is_ok(result);
    return result;
}

struct vrx_result __real_vrx_approval_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    int64_t closes_at);
struct vrx_result __wrap_vrx_approval_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    int64_t closes_at);

struct vrx_result __wrap_vrx_approval_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    int64_t closes_at) {
    return hasty && !found ? vrx_ok()
                           : __real_vrx_approval_open(tenant, sender, query_id, now, closes_at);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* ---- chance ---- */

static uint64_t seed;

static uint32_t draw(uint32_t below) { /* splitmix64 */
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

static uint64_t number_from(const char *name, uint64_t fallback) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : fallback;
}

/* ---- persons ---- */

enum { UNKNOWN, PROTECTED, REFUSED, SORTS };
static const char *const sorts[SORTS] = {"unknown", "protected", "refused by an officer"};
enum { FIRST, AGAIN, CLOSED, MOMENTS };
static const char *const moments[MOMENTS] = {"when it comes", "repeated", "when its time has come"};

/* Sets whom the case is about: numbers of all sorts are as long as each other's, and so are names.
 */
static void name_person(struct exchange_world *world, unsigned sort, unsigned which) {
    struct world_person *person = &world->person[WORLD_UNKNOWN];
    (void)snprintf(person->number, sizeof person->number, "%011u",
        (sort == UNKNOWN ? 2000000u : 1000000u) + which);
    person->number[11] = vrx_individual_number_check_digit(person->number);
    person->name = "保護　一郎";
    person->birth_date = (struct vrx_date){1980, 1, 1};
}

static void register_pool(struct exchange_world *world) {
    struct vrx_tenant *tenant = world->tenant[WORLD_SAPPORO];
    exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    for (unsigned i = 0; i < POOL; i++) {
        char addressee[16];
        int64_t id = 0;
        name_person(world, PROTECTED, i);
        (void)snprintf(addressee, sizeof addressee, "%u", 1000 + i);
        const struct world_person *person = &world->person[WORLD_UNKNOWN];
        struct vrx_resident resident = {.addressee = vrx_view_text(addressee),
            .name = vrx_view_text(person->name),
            .birth_date = person->birth_date};
        assert_ok(vrx_resident_register(
            tenant, &resident, vrx_view_text(person->number), world->now, &id));
        assert_ok(vrx_resident_set_protection(tenant, id, true, false, world->now));
    }
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, vrx_ok()));
}

/* ---- samples ---- */

/* What passes, and what of it the deciding thread works: there nothing else that runs is in it. */
enum { PASSED, WORKED, CLOCKS };
static const clockid_t clocks[CLOCKS] = {CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID};
static const char *const clock_names[CLOCKS] = {"passed", "worked"};

struct times {
    double *us[CLOCKS][SORTS][MOMENTS];
    size_t count[SORTS];
};

static double now_us(unsigned clock) {
    struct timespec time;
    clock_gettime(clocks[clock], &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void step(struct exchange_world *world, double ret_us[CLOCKS]) {
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    const struct vrx_view envelope = vrx_buffer_view(&world->envelope);
    vrx_buffer_clear(&world->reply);
    for (unsigned i = 0; i < CLOCKS; i++)
        ret_us[i] = now_us(i);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result =
        vrx_exchange_receive(context, envelope, &world->reply, &world->decision);
    struct vrx_result recorded =
        vrx_exchange_record_receive(context, envelope, result, world->decision);
    result = exchange_world_end(world, WORLD_SAPPORO, result);
    for (unsigned i = CLOCKS; i-- > 0;)
        ret_us[i] = now_us(i) - ret_us[i];
    assert_ok(recorded);
    assert_ok(result);
}

/* A query by others: nothing is timed while the processor's caches hold what officers left there.
 */
static struct vrx_buffer others;

static void serve(struct exchange_world *world, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result =
        vrx_exchange_receive(context, envelope, &world->reply, &world->decision);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, result));
}

/* About somebody protected; officers see it. */
static void ask_by_others(struct exchange_world *world, uint8_t ret_id[VRX_ID]) {
    name_person(world, PROTECTED, draw(POOL));
    exchange_world_renew(world);
    exchange_world_about(world, WORLD_UNKNOWN);
    exchange_world_sign(world);
    memcpy(ret_id, world->query.id, VRX_ID);
    vrx_buffer_clear(&others);
    assert_ok(vrx_buffer_append(&others, vrx_buffer_view(&world->envelope)));
    serve(world, vrx_buffer_view(&others));
}

static void refuse(struct exchange_world *world, const uint8_t query_id[VRX_ID]) {
    static const struct vrx_officer officer = {
        {(const uint8_t *)"sato", 4}, {(const uint8_t *)"0", 1}};
    struct vrx_approval approval;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(vrx_approval_of_query(
        context->tenant, &context->arena, &world->query.asker, query_id, world->now, &approval));
    struct vrx_result result =
        vrx_approval_refuse(context->tenant, approval.id, &officer, world->now);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, result));
}

/* One query through its moments, or with hasty its first; the lengths and outcomes of all are those
 * of the first one. Officers refuse this one or another. */
static void sample(struct exchange_world *world, unsigned sort, double us[MOMENTS][CLOCKS]) {
    static size_t length;
    static const uint64_t outcomes[MOMENTS] = {
        VRX_ANSWER_PENDING, VRX_ANSWER_PENDING, VRX_ANSWER_NO_RECORD};
    const int64_t now = world->now;
    uint8_t other[VRX_ID];
    ask_by_others(world, other);
    name_person(world, sort, draw(POOL));
    exchange_world_renew(world);
    exchange_world_about(world, WORLD_UNKNOWN);
    exchange_world_sign(world);
    for (unsigned i = 0; i < (hasty ? AGAIN : MOMENTS); i++) {
        if (i == AGAIN)
            refuse(world, sort == REFUSED ? world->query.id : other);
        serve(world, vrx_buffer_view(&others));
        world->now = now + (i == CLOSED ? WORLD_PENDING_SECONDS : i);
        step(world, us[i]);
        exchange_world_open_reply(world);
        assert_int_equal(world->answer.outcome, outcomes[i]);
        if (!length)
            length = world->reply.len;
        assert_int_equal(world->reply.len, length);
    }
    world->now = now;
}

static struct times measure(struct exchange_world *world, size_t count, unsigned sort_count) {
    struct times times = {0};
    double us[MOMENTS][CLOCKS] = {0};
    for (unsigned i = 0; i < CLOCKS * SORTS * MOMENTS; i++)
        times.us[i / SORTS / MOMENTS][i / MOMENTS % SORTS][i % MOMENTS] =
            test_calloc(count, sizeof(double));
    for (unsigned i = 0; i < 20; i++)
        sample(world, i % sort_count, us); /* to warm up */
    for (size_t i = 0; i < count; i++) {
        const unsigned sort = draw(sort_count);
        sample(world, sort, us);
        for (unsigned j = 0; j < CLOCKS * MOMENTS; j++)
            times.us[j / MOMENTS][sort][j % MOMENTS][times.count[sort]] =
                us[j % MOMENTS][j / MOMENTS];
        times.count[sort]++;
    }
    return times;
}

static void times_done(struct times *times) {
    for (unsigned i = 0; i < CLOCKS * SORTS * MOMENTS; i++)
        test_free(times->us[i / SORTS / MOMENTS][i / MOMENTS % SORTS][i % MOMENTS]);
}

/* ---- the comparison ---- */

static int by_time(const void *a, const void *b) {
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The time below which nine tenths of all sorts' are. */
static double cut_of(const struct times *times, unsigned clock, unsigned moment) {
    size_t count = 0;
    size_t all = 0;
    for (unsigned i = 0; i < SORTS; i++)
        all += times->count[i];
    double *sorted = test_calloc(all + 1, sizeof *sorted);
    for (unsigned i = 0; i < SORTS; i++)
        for (size_t j = 0; j < times->count[i]; j++)
            sorted[count++] = times->us[clock][i][moment][j];
    qsort(sorted, all, sizeof *sorted, by_time);
    const double cut = sorted[all - 1 - all / 10];
    test_free(sorted);
    return cut;
}

struct statistics {
    double mean, error;
    size_t n;
};

static struct statistics statistics_of(const double *us, size_t count, double cut) {
    struct statistics of = {0};
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        if (us[i] <= cut) {
            of.mean += us[i];
            of.n++;
        }
    of.mean /= of.n ? (double)of.n : 1;
    for (size_t i = 0; i < count; i++)
        if (us[i] <= cut)
            squares += (us[i] - of.mean) * (us[i] - of.mean);
    of.error = of.n > 1 ? squares / (double)(of.n - 1) / (double)of.n : 0;
    return of;
}

/* Welch's t of two sorts at a moment, said. */
static double compare(
    const struct times *times, unsigned a, unsigned b, unsigned clock, unsigned moment) {
    const double cut = cut_of(times, clock, moment);
    const struct statistics x = statistics_of(times->us[clock][a][moment], times->count[a], cut);
    const struct statistics y = statistics_of(times->us[clock][b][moment], times->count[b], cut);
    const double error = sqrt(x.error + y.error);
    const double t = error > 0 ? (x.mean - y.mean) / error : 0;
    print_message("# %s, %s: %s %.1f us (%zu), %s %.1f us (%zu): t %.2f; seen from %.2f us on\n",
        moments[moment], clock_names[clock], sorts[a], x.mean, x.n, sorts[b], y.mean, y.n, t,
        BOUND * error);
    return t;
}

static size_t count_of(void) {
    return (size_t)number_from("VRX_FAULT_COUNT", 90);
}

static void test_the_time_does_not_tell(void **state) {
    struct exchange_world *world = *state;
    const size_t count = count_of();
    bool told = false;
    register_pool(world);
    struct times times = measure(world, count, SORTS);
    for (unsigned i = 0; i < CLOCKS * MOMENTS; i++)
        for (unsigned a = 0; a < SORTS; a++)
            for (unsigned b = a + 1; b < SORTS; b++)
                told |= fabs(compare(&times, a, b, i / MOMENTS, i % MOMENTS)) >= BOUND;
    times_done(&times);
    if (told && count >= JUDGED_FROM)
        fail_msg("the time tells who is protected");
}

static void test_the_comparison_would_tell(void **state) {
    struct exchange_world *world = *state;
    const size_t count = count_of();
    register_pool(world);
    hasty = true;
    struct times times = measure(world, count, 2);
    hasty = false;
    compare(&times, UNKNOWN, PROTECTED, PASSED, FIRST);
    const double t = compare(&times, UNKNOWN, PROTECTED, WORKED, FIRST);
    times_done(&times);
    if (t > -BOUND && count_of() >= JUDGED_FROM)
        fail_msg("t %f: the comparison of the others shows nothing", t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_the_time_does_not_tell),
        EXCHANGE_TEST(test_the_comparison_would_tell),
    };
    seed = number_from("VRX_FAULT_SEED", (uint64_t)time(NULL));
    print_message(
        "# VRX_FAULT_SEED=%llu VRX_FAULT_COUNT=%zu\n", (unsigned long long)seed, count_of());
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vrx_buffer_done(&others);
    return failed;
}
