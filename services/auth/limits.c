/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of callers, chained by a hash of class and name. A caller is forgotten when nothing of
 * it counts any more: a full bucket and empty windows are what a new one has.
 *
 * Buckets hold thousandths of a call, so that a limit of r calls a second gives r of them each
 * millisecond. Next: window.h, persons.h.
 */
#include "auth/limits.h"

#include <pthread.h>
#include <stdlib.h>

#include "auth/persons.h"

#define CHAINS 256
#define SWEEP_MS 600000
#define CALL 1000 /* thousandths */
#define SECOND_MS 1000
#define MINUTE_MS 60000
#define DAY_MS INT64_C(86400000)

struct bucket {
    int64_t spent; /* thousandths of a call; 0: full */
    int64_t at_ms;
};

struct lately {
    struct vrx_window minute; /* by the second */
    struct vrx_window hour;   /* by the minute */
};

struct caller {
    struct caller *next;
    enum vrx_limited what;
    uint8_t name[VRX_LIMIT_CALLER_NAME];
    size_t name_len;
    struct bucket calls;
    struct bucket reserve; /* what a municipality over its limit still takes */
    int64_t used_ms;
    int64_t told_ms; /* when a refused call was recorded last; 0: never */
    uint32_t untold; /* refused since */
    const char *untold_path;
    uint8_t untold_person[VRX_LIMIT_CALLER_NAME];
    size_t untold_person_len;
    struct lately *failures; /* NULL: none */
    struct lately *queries;  /* the same */
    struct vrx_persons *persons;
};

struct vrx_limits {
    pthread_mutex_t lock; /* of all below */
    const struct vrx_limit_settings *settings;
    bool together;
    int64_t now_ms;
    int64_t swept_ms;
    struct bucket calls; /* of all together */
    size_t count[VRX_LIMITED_CLASSES];
    size_t places; /* for marks of persons, of all */
    size_t untold; /* callers with such */
    struct caller *chains[CHAINS];
};

/* Which limits are whose. */
static const struct {
    enum vrx_limit calls, persons_minute, persons_hour, failed_minute, failed_hour;
    const char *refused;
} of_class[] = {
    [VRX_LIMITED_SYSTEM] = {VRX_LIMIT_SYSTEM_CALLS, VRX_LIMIT_SYSTEM_PERSONS_MINUTE,
        VRX_LIMIT_SYSTEM_PERSONS_HOUR, VRX_LIMIT_SYSTEM_FAILED_MINUTE, VRX_LIMIT_SYSTEM_FAILED_HOUR,
        "limit: calls a second at one terminal"},
    [VRX_LIMITED_SEAT] = {VRX_LIMIT_SEAT_CALLS, VRX_LIMIT_SEAT_PERSONS_MINUTE,
        VRX_LIMIT_SEAT_PERSONS_HOUR, VRX_LIMIT_SEAT_FAILED_MINUTE, VRX_LIMIT_SEAT_FAILED_HOUR,
        "limit: calls a second at one terminal"},
    [VRX_LIMITED_PERSON] = {VRX_LIMIT_PERSON_CALLS, VRX_LIMIT_PERSON_PERSONS_MINUTE,
        VRX_LIMIT_PERSON_PERSONS_HOUR, VRX_LIMIT_PERSON_FAILED_MINUTE, VRX_LIMIT_PERSON_FAILED_HOUR,
        "limit: calls a second of one operator"},
    /* Persons are never theirs. */
    [VRX_LIMITED_ADDRESS] = {VRX_LIMIT_ADDRESS_CALLS, VRX_LIMIT_ADDRESS_CALLS,
        VRX_LIMIT_ADDRESS_CALLS, VRX_LIMIT_ADDRESS_CALLS, VRX_LIMIT_ADDRESS_CALLS,
        "limit: calls a second from one address"},
    /* Nor calls and persons of a peer. */
    [VRX_LIMITED_PEER] = {VRX_LIMIT_PEER_QUERIES_MINUTE, VRX_LIMIT_PEER_QUERIES_MINUTE,
        VRX_LIMIT_PEER_QUERIES_HOUR, VRX_LIMIT_PEER_UNANSWERED_MINUTE,
        VRX_LIMIT_PEER_UNANSWERED_HOUR, "limit: queries of one municipality"},
};

static const uint32_t defaults[VRX_LIMITS] = {
#define VRX_LIMIT(name, option, fallback, greatest, en, ja) [VRX_LIMIT_##name] = (fallback),
#include "auth/limits.def"
#undef VRX_LIMIT
};

void vrx_limit_settings_default(struct vrx_limit_settings *ret_settings) {
    for (size_t i = 0; i < VRX_LIMITS; i++)
        ret_settings->value[i] = defaults[i];
}

static uint32_t setting(const struct vrx_limits *limits, enum vrx_limit which) {
    return atomic_load_explicit(&limits->settings->value[which], memory_order_relaxed);
}

struct vrx_result vrx_limits_new(
    const struct vrx_limit_settings *settings, bool together, struct vrx_limits **ret_limits) {
    struct vrx_limits *limits = calloc(1, sizeof *limits);
    if (!limits)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    pthread_mutex_init(&limits->lock, NULL);
    limits->settings = settings;
    limits->together = together;
    *ret_limits = limits;
    return vrx_ok();
}

static size_t places_of(const struct caller *caller) {
    return caller->persons ? vrx_persons_places(caller->persons) : 0;
}

static void caller_free(struct caller *caller) {
    if (caller->persons)
        vrx_persons_done(caller->persons);
    free(caller->persons);
    free(caller->failures);
    free(caller->queries);
    free(caller);
}

void vrx_limits_free(struct vrx_limits **limits) {
    if (!*limits)
        return;
    for (size_t i = 0; i < CHAINS; i++) {
        while ((*limits)->chains[i]) {
            struct caller *caller = (*limits)->chains[i];
            (*limits)->chains[i] = caller->next;
            caller_free(caller);
        }
    }
    pthread_mutex_destroy(&(*limits)->lock);
    free(*limits);
    *limits = NULL;
}

/* ---- time and buckets ---- */

/* A clock that went back stands. */
static void set_clock(struct vrx_limits *limits, int64_t now_ms) {
    if (now_ms > limits->now_ms)
        limits->now_ms = now_ms;
}

static int64_t burst_of(uint32_t rate) {
    const int64_t burst = (int64_t)rate * 2;
    return (burst < VRX_LIMIT_BURST ? burst : VRX_LIMIT_BURST) * CALL;
}

/* Of what has no limit nothing is spent. */
static void refill(struct bucket *bucket, uint32_t rate, int64_t now_ms) {
    const int64_t passed = now_ms - bucket->at_ms;
    bucket->at_ms = now_ms;
    bucket->spent = !rate || passed > DAY_MS || bucket->spent <= passed * rate
                        ? 0
                        : bucket->spent - passed * rate;
}

/* Milliseconds until a call more fits; 0: it does. */
static int64_t wait_of(const struct bucket *bucket, uint32_t rate) {
    const int64_t over = bucket->spent + CALL - burst_of(rate);
    return !rate || over <= 0 ? 0 : (over + rate - 1) / rate;
}

static void spend(struct bucket *bucket, uint32_t rate) {
    const int64_t most = 2 * burst_of(rate); /* a debt beyond this is nobody's to pay off */
    bucket->spent = bucket->spent + CALL < most ? bucket->spent + CALL : most;
}

/* ---- callers ---- */

static size_t chain_of(enum vrx_limited what, struct vrx_view name) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + (uint64_t)what; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ name.ptr[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash >> 32) % CHAINS;
}

static bool lately_idle(const struct lately *lately, int64_t now_ms) {
    return !lately || now_ms / MINUTE_MS - lately->hour.last >= VRX_WINDOW_SPANS;
}

static uint32_t rate_of(const struct vrx_limits *limits, const struct caller *caller) {
    return setting(limits, of_class[caller->what].calls);
}

/* Who calls just now stays, for the sweep may be on their behalf. */
static bool is_idle(const struct vrx_limits *limits, struct caller *caller) {
    const int64_t now_ms = limits->now_ms;
    refill(&caller->calls, rate_of(limits, caller), now_ms);
    return caller->used_ms < now_ms && !caller->calls.spent && !caller->untold &&
           lately_idle(caller->failures, now_ms) && lately_idle(caller->queries, now_ms) &&
           (!caller->persons || vrx_persons_idle(caller->persons, now_ms / SECOND_MS));
}

static void drop(struct vrx_limits *limits, struct caller **link) {
    struct caller *caller = *link;
    *link = caller->next;
    limits->count[caller->what]--;
    limits->untold -= caller->untold != 0;
    limits->places -= places_of(caller);
    caller_free(caller);
}

static void sweep(struct vrx_limits *limits) {
    limits->swept_ms = limits->now_ms;
    for (size_t i = 0; i < CHAINS; i++)
        for (struct caller **link = &limits->chains[i]; *link;)
            if (is_idle(limits, *link))
                drop(limits, link);
            else
                link = &(*link)->next;
}

/* Strangers have no right to a place: the one that was quiet longest gives it up. */
static void drop_oldest(struct vrx_limits *limits, enum vrx_limited what) {
    struct caller **oldest = NULL;
    for (size_t i = 0; i < CHAINS; i++)
        for (struct caller **link = &limits->chains[i]; *link; link = &(*link)->next)
            if ((*link)->what == what && (!oldest || (*link)->used_ms < (*oldest)->used_ms))
                oldest = link;
    if (oldest)
        drop(limits, oldest);
}

static struct vrx_result add_caller(struct vrx_limits *limits, enum vrx_limited what,
    struct vrx_view name, struct caller **ret_caller) {
    if (limits->count[what] >= VRX_LIMIT_CALLERS)
        sweep(limits);
    if (limits->count[what] >= VRX_LIMIT_CALLERS && what == VRX_LIMITED_ADDRESS)
        drop_oldest(limits, what);
    if (limits->count[what] >= VRX_LIMIT_CALLERS || name.len > VRX_LIMIT_CALLER_NAME)
        return vrx_refuse(VRX_CAP_REACHED, "limit: callers that are counted");
    struct caller *caller = calloc(1, sizeof *caller);
    if (!caller)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct caller **chain = &limits->chains[chain_of(what, name)];
    caller->what = what;
    if (name.len)
        memcpy(caller->name, name.ptr, name.len);
    caller->name_len = name.len;
    caller->calls.at_ms = caller->reserve.at_ms = limits->now_ms;
    caller->next = *chain;
    *chain = caller;
    limits->count[what]++;
    *ret_caller = caller;
    return vrx_ok();
}

static struct vrx_result caller_of(struct vrx_limits *limits, enum vrx_limited what,
    struct vrx_view name, struct caller **ret_caller) {
    struct caller *found = limits->chains[chain_of(what, name)];
    while (found && (found->what != what ||
                        !vrx_view_equal(vrx_view_of(found->name, found->name_len), name)))
        found = found->next;
    if (!found)
        VRX_TRY(add_caller(limits, what, name, &found));
    found->used_ms = limits->now_ms;
    *ret_caller = found;
    return vrx_ok();
}

/* The terminal or address, and the operator where one is named and has a place (else NULL). */
static struct vrx_result callers_of(struct vrx_limits *limits,
    const struct vrx_limit_caller *caller, int64_t now_ms, struct caller *ret_callers[2]) {
    set_clock(limits, now_ms);
    if (limits->now_ms - limits->swept_ms > SWEEP_MS)
        sweep(limits);
    VRX_TRY(caller_of(limits, caller->what, caller->name, &ret_callers[0]));
    ret_callers[1] = NULL;
    if (caller->person.len)
        VRX_IGNORE(caller_of(limits, VRX_LIMITED_PERSON, caller->person, &ret_callers[1]));
    return vrx_ok();
}

/* ---- calls ---- */

static uint32_t rate_together(const struct vrx_limits *limits) {
    return limits->together ? setting(limits, VRX_LIMIT_MUNICIPALITY_CALLS) : 0;
}

/* Over its limit a municipality still takes the calls of those that make few. */
static int64_t wait_together(struct vrx_limits *limits, struct caller *caller) {
    refill(&limits->calls, rate_together(limits), limits->now_ms);
    refill(&caller->reserve, VRX_LIMIT_RESERVE, limits->now_ms);
    const int64_t all = wait_of(&limits->calls, rate_together(limits));
    const int64_t own = wait_of(&caller->reserve, VRX_LIMIT_RESERVE);
    return all < own ? all : own;
}

/* Refused calls of one caller: one a second is told, the others are counted. */
static void tell_or_count(struct vrx_limits *limits, struct caller *caller,
    const struct vrx_limit_caller *given, const char *path, struct vrx_limit_tell *ret_tell) {
    ret_tell->record = !caller->told_ms || limits->now_ms - caller->told_ms >= VRX_LIMIT_TELL_MS;
    ret_tell->since = ret_tell->record ? caller->untold : 0;
    const uint32_t before = caller->untold;
    if (ret_tell->record) {
        caller->told_ms = limits->now_ms;
        caller->untold = 0;
    } else if (caller->untold < UINT32_MAX) {
        caller->untold++;
        caller->untold_path = path;
        caller->untold_person_len =
            given->person.len <= VRX_LIMIT_CALLER_NAME ? given->person.len : 0;
        if (caller->untold_person_len)
            memcpy(caller->untold_person, given->person.ptr, caller->untold_person_len);
    }
    limits->untold += caller->untold != 0;
    limits->untold -= before != 0;
}

static struct vrx_result count_call(struct vrx_limits *limits, struct caller *callers[2]) {
    if (!callers[0]) /* callers_of gives one always */
        return vrx_fail(VRX_INTERNAL_ERROR);
    for (size_t i = 0; i < 2 && callers[i]; i++) {
        const uint32_t rate = rate_of(limits, callers[i]);
        refill(&callers[i]->calls, rate, limits->now_ms);
        const int64_t wait = wait_of(&callers[i]->calls, rate);
        if (wait)
            return vrx_refuse_for(
                VRX_RATE_EXCEEDED, of_class[callers[i]->what].refused, (uint32_t)wait);
    }
    const int64_t wait = wait_together(limits, callers[0]);
    if (wait)
        return vrx_refuse_for(
            VRX_RATE_EXCEEDED, "limit: calls a second of one municipality", (uint32_t)wait);
    for (size_t i = 0; i < 2 && callers[i]; i++)
        spend(&callers[i]->calls, rate_of(limits, callers[i]));
    spend(&callers[0]->reserve, VRX_LIMIT_RESERVE);
    spend(&limits->calls, rate_together(limits));
    return vrx_ok();
}

struct vrx_result vrx_limits_call(struct vrx_limits *limits, const struct vrx_limit_caller *caller,
    const char *path, int64_t now_ms, struct vrx_limit_tell *ret_tell) {
    struct caller *callers[2];
    pthread_mutex_lock(&limits->lock);
    struct vrx_result result = callers_of(limits, caller, now_ms, callers);
    if (vrx_is_ok(result)) {
        result = count_call(limits, callers);
        if (!vrx_is_ok(result))
            tell_or_count(limits, callers[0], caller, path, ret_tell);
    } else {
        *ret_tell = (struct vrx_limit_tell){.record = true};
    }
    pthread_mutex_unlock(&limits->lock);
    return result;
}

static void take_untold(struct caller *caller, struct vrx_limit_untold *ret_untold) {
    struct vrx_limit_untold untold = {.what = caller->what,
        .name_len = caller->name_len,
        .path = caller->untold_path,
        .count = caller->untold};
    memcpy(untold.name, caller->name, caller->name_len);
    memcpy(untold.person, caller->untold_person, caller->untold_person_len);
    caller->untold = 0;
    *ret_untold = untold;
}

bool vrx_limits_untold(
    struct vrx_limits *limits, int64_t now_ms, struct vrx_limit_untold *ret_untold) {
    bool found = false;
    pthread_mutex_lock(&limits->lock);
    set_clock(limits, now_ms);
    for (size_t i = 0; i < CHAINS && limits->untold && !found; i++)
        for (struct caller *caller = limits->chains[i]; caller && !found; caller = caller->next) {
            found = caller->untold && limits->now_ms - caller->told_ms >= VRX_LIMIT_TELL_MS;
            if (found)
                take_untold(caller, ret_untold);
        }
    limits->untold -= found ? 1 : 0;
    pthread_mutex_unlock(&limits->lock);
    return found;
}

/* ---- persons ---- */

static struct vrx_person_limits person_limits(
    const struct vrx_limits *limits, const struct caller *caller) {
    return (struct vrx_person_limits){setting(limits, of_class[caller->what].persons_minute),
        setting(limits, of_class[caller->what].persons_hour)};
}

static struct vrx_result with_persons(struct caller *caller) {
    if (!caller->persons)
        caller->persons = calloc(1, sizeof *caller->persons);
    return caller->persons ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

static struct vrx_result add_person(
    struct vrx_limits *limits, struct caller *caller, int64_t resident, int64_t second) {
    const struct vrx_person_limits most = person_limits(limits, caller);
    const size_t before = places_of(caller);
    struct vrx_result result = vrx_persons_add(caller->persons, &most, resident, second);
    limits->places += places_of(caller) - before;
    return result;
}

/* Of all or of none: who is refused as an operator has taken nothing of the terminal's. */
static struct vrx_result count_person(
    struct vrx_limits *limits, struct caller *callers[2], int64_t resident) {
    const int64_t second = limits->now_ms / SECOND_MS;
    for (size_t i = 0; i < 2 && callers[i]; i++) {
        const struct vrx_person_limits most = person_limits(limits, callers[i]);
        VRX_TRY(with_persons(callers[i]));
        if (limits->places >= VRX_LIMIT_PLACES && vrx_persons_grows(callers[i]->persons))
            return vrx_refuse(VRX_CAP_REACHED, "limit: persons that are counted");
        VRX_TRY(vrx_persons_check(callers[i]->persons, &most, resident, second));
    }
    for (size_t i = 0; i < 2 && callers[i]; i++)
        VRX_TRY(add_person(limits, callers[i], resident, second));
    return vrx_ok();
}

struct vrx_result vrx_limits_person(struct vrx_limits *limits,
    const struct vrx_limit_caller *caller, int64_t resident, int64_t now_ms) {
    struct caller *callers[2];
    pthread_mutex_lock(&limits->lock);
    struct vrx_result result = callers_of(limits, caller, now_ms, callers);
    if (vrx_is_ok(result))
        result = count_person(limits, callers, resident);
    pthread_mutex_unlock(&limits->lock);
    return result;
}

/* ---- look-ups that find nobody ---- */

struct most {
    uint32_t minute, hour; /* 0: no limit */
    const char *too_many_a_minute, *too_many_an_hour;
};

static struct vrx_result check_lately(
    const struct vrx_limits *limits, struct lately *lately, const struct most *most) {
    if (!lately)
        return vrx_ok();
    vrx_window_move(&lately->minute, limits->now_ms / SECOND_MS);
    vrx_window_move(&lately->hour, limits->now_ms / MINUTE_MS);
    if (most->hour && lately->hour.total >= most->hour)
        return vrx_refuse_for(VRX_RATE_EXCEEDED, most->too_many_an_hour,
            (uint32_t)(vrx_window_wait(&lately->hour, most->hour) * MINUTE_MS -
                       limits->now_ms % MINUTE_MS));
    if (most->minute && lately->minute.total >= most->minute)
        return vrx_refuse_for(VRX_RATE_EXCEEDED, most->too_many_a_minute,
            (uint32_t)(vrx_window_wait(&lately->minute, most->minute) * SECOND_MS -
                       limits->now_ms % SECOND_MS));
    return vrx_ok();
}

static struct vrx_result check_failures(const struct vrx_limits *limits, struct caller *caller) {
    const struct most most = {setting(limits, of_class[caller->what].failed_minute),
        setting(limits, of_class[caller->what].failed_hour),
        "limit: look-ups a minute that find nobody", "limit: look-ups an hour that find nobody"};
    return check_lately(limits, caller->failures, &most);
}

struct vrx_result vrx_limits_look_up(
    struct vrx_limits *limits, const struct vrx_limit_caller *caller, int64_t now_ms) {
    struct caller *callers[2];
    pthread_mutex_lock(&limits->lock);
    struct vrx_result result = callers_of(limits, caller, now_ms, callers);
    for (size_t i = 0; i < 2 && vrx_is_ok(result) && callers[i]; i++)
        result = check_failures(limits, callers[i]);
    pthread_mutex_unlock(&limits->lock);
    return result;
}

/* Without memory to count it nobody is refused for it later: the ledger has it still. */
static void count(const struct vrx_limits *limits, struct lately **lately) {
    if (!*lately)
        *lately = calloc(1, sizeof **lately);
    if (!*lately)
        return;
    vrx_window_move(&(*lately)->minute, limits->now_ms / SECOND_MS);
    vrx_window_move(&(*lately)->hour, limits->now_ms / MINUTE_MS);
    vrx_window_add(&(*lately)->minute);
    vrx_window_add(&(*lately)->hour);
}

void vrx_limits_failed(
    struct vrx_limits *limits, const struct vrx_limit_caller *caller, int64_t now_ms) {
    struct caller *callers[2];
    pthread_mutex_lock(&limits->lock);
    const struct vrx_result result = callers_of(limits, caller, now_ms, callers);
    for (size_t i = 0; i < 2 && vrx_is_ok(result) && callers[i]; i++)
        count(limits, &callers[i]->failures);
    pthread_mutex_unlock(&limits->lock);
}

/* ---- queries of another municipality ---- */

static struct vrx_result count_query(
    const struct vrx_limits *limits, struct caller *caller, bool *ret_unanswered) {
    const struct most queries = {setting(limits, VRX_LIMIT_PEER_QUERIES_MINUTE),
        setting(limits, VRX_LIMIT_PEER_QUERIES_HOUR), "limit: queries a minute of one municipality",
        "limit: queries an hour of one municipality"};
    const struct most unanswered = {setting(limits, VRX_LIMIT_PEER_UNANSWERED_MINUTE),
        setting(limits, VRX_LIMIT_PEER_UNANSWERED_HOUR),
        "limit: queries a minute of one municipality that are not answered at once",
        "limit: queries an hour of one municipality that are not answered at once"};
    VRX_TRY(check_lately(limits, caller->queries, &queries));
    *ret_unanswered = true;
    VRX_TRY(check_lately(limits, caller->failures, &unanswered));
    *ret_unanswered = false;
    count(limits, &caller->queries);
    return vrx_ok();
}

struct vrx_result vrx_limits_query(struct vrx_limits *limits, struct vrx_view peer,
    const char *path, int64_t now_ms, struct vrx_limit_query *ret_refusal) {
    const struct vrx_limit_caller by = {.what = VRX_LIMITED_PEER, .name = peer};
    struct vrx_limit_query refusal = {.tell = {.record = true}};
    struct caller *callers[2];
    pthread_mutex_lock(&limits->lock);
    struct vrx_result result = callers_of(limits, &by, now_ms, callers);
    if (vrx_is_ok(result)) {
        result = count_query(limits, callers[0], &refusal.unanswered);
        if (!vrx_is_ok(result))
            tell_or_count(limits, callers[0], &by, path, &refusal.tell);
    }
    pthread_mutex_unlock(&limits->lock);
    *ret_refusal = refusal;
    return result;
}

void vrx_limits_unanswered(struct vrx_limits *limits, struct vrx_view peer, int64_t now_ms) {
    const struct vrx_limit_caller by = {.what = VRX_LIMITED_PEER, .name = peer};
    vrx_limits_failed(limits, &by, now_ms);
}
