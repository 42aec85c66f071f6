/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dispatch_world.h"

#include "dispatch/caller.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "crypto/random.h"
#include "dispatch/message.h"
#include "store/terminal.h"
#include "vrx/v1/ledger.pb-c.h"

struct dispatch_world dispatch_world;
const struct vrx_method *dispatch_world_more;
size_t dispatch_world_more_count;
bool dispatch_world_people;

#define PURPOSE "test"

typedef Vrx__V1__ProveInclusionRequest request_message;
typedef Vrx__V1__GetCheckpointResponse reply_message;

/* ---- gate and counters ---- */

static struct timespec in_a_minute(void) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += 60;
    return at;
}

static void add(unsigned *counter) {
    pthread_mutex_lock(&dispatch_world.lock);
    ++*counter;
    pthread_cond_broadcast(&dispatch_world.changed);
    pthread_mutex_unlock(&dispatch_world.lock);
}

void dispatch_world_await(const unsigned *counter, unsigned count) {
    struct timespec until = in_a_minute();
    int error = 0;
    pthread_mutex_lock(&dispatch_world.lock);
    while (*counter < count && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&dispatch_world.changed, &dispatch_world.lock, &until);
    unsigned reached = *counter;
    pthread_mutex_unlock(&dispatch_world.lock);
    if (reached < count)
        fail_msg("waited in vain: %u instead of %u", reached, count);
}

unsigned dispatch_world_read(const unsigned *counter) {
    pthread_mutex_lock(&dispatch_world.lock);
    unsigned value = *counter;
    pthread_mutex_unlock(&dispatch_world.lock);
    return value;
}

static void wait_at_gate(void) {
    pthread_mutex_lock(&dispatch_world.lock);
    dispatch_world.at_gate++;
    pthread_cond_broadcast(&dispatch_world.changed);
    while (!dispatch_world.gate_open)
        pthread_cond_wait(&dispatch_world.changed, &dispatch_world.lock);
    dispatch_world.gate_open--;
    pthread_mutex_unlock(&dispatch_world.lock);
}

void dispatch_world_open_gate(unsigned steps) {
    pthread_mutex_lock(&dispatch_world.lock);
    dispatch_world.gate_open += steps;
    pthread_cond_broadcast(&dispatch_world.changed);
    pthread_mutex_unlock(&dispatch_world.lock);
}

static void set_watched(unsigned value) {
    pthread_mutex_lock(&dispatch_world.lock);
    dispatch_world.watched = value;
    pthread_mutex_unlock(&dispatch_world.lock);
}

void dispatch_world_watch(unsigned value) {
    set_watched(value);
    vrx_dispatch_wake(dispatch_world.slot);
}

void dispatch_world_states(unsigned value) {
    set_watched(value);
    vrx_dispatch_wake_states(dispatch_world.base.daemon);
}

static unsigned count_waiting(struct vrx_wait_list *list) {
    unsigned count = 0;
    pthread_mutex_lock(&list->lock);
    for (struct vrx_stream_wait *wait = list->first; wait; wait = wait->next)
        count++;
    pthread_mutex_unlock(&list->lock);
    return count;
}

unsigned dispatch_world_waiting(void) {
    return count_waiting(&dispatch_world.slot->changed) +
           count_waiting(&dispatch_world.base.daemon->states);
}

/* ---- methods ---- */

struct test_state {
    uint64_t number;
    uint64_t sum;
    uint64_t count;
    unsigned told; /* of watched, plus 1 */
};

static void state_done(void *state) {
    (void)state;
    pthread_mutex_lock(&dispatch_world.lock);
    dispatch_world.live--;
    dispatch_world.freed++;
    pthread_cond_broadcast(&dispatch_world.changed);
    pthread_mutex_unlock(&dispatch_world.lock);
}

/* "A", or "A of B". */
static struct vrx_result say(struct vrx_context *context, void *reply, uint64_t a, uint64_t b) {
    reply_message *out = reply;
    return b == UINT64_MAX
               ? vrx_arena_format(&context->arena, &out->note, "%llu", (unsigned long long)a)
               : vrx_arena_format(&context->arena, &out->note, "%llu of %llu",
                     (unsigned long long)a, (unsigned long long)b);
}

static uint64_t number_of(const void *request) {
    add(&dispatch_world.handled);
    return ((const request_message *)request)->index;
}

static struct vrx_result echo(struct vrx_context *context, const void *request, void *reply) {
    return say(context, reply, number_of(request), UINT64_MAX);
}

static struct vrx_result refuse(struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    struct vrx_terminal terminal = {.kind = VRX_TERMINAL_COUNTER, .registered_at = context->now};
    uint64_t number = number_of(request);
    memcpy(terminal.spki_sha256, &number, sizeof number);
    VRX_TRY(vrx_terminal_register(context->tenant, &terminal));
    context->audit.basis = vrx_view_text("ground");
    return vrx_refuse(VRX_DISCLOSURE_REFUSED, "test: clause");
}

static struct vrx_result gate(struct vrx_context *context, const void *request, void *reply) {
    uint64_t number = number_of(request);
    wait_at_gate();
    return say(context, reply, number, UINT64_MAX);
}

static struct vrx_result outside_begin(
    struct vrx_context *context, const void *request, void *reply) {
    struct test_state *state = context->state;
    if (reply || !context->tenant)
        return vrx_fail(VRX_INTERNAL_ERROR);
    state->number = number_of(request);
    return vrx_ok();
}

static struct vrx_result outside(struct vrx_context *context) {
    const struct test_state *state = context->state;
    if (context->tenant)
        return vrx_fail(VRX_INTERNAL_ERROR);
    if (state->number == 1)
        wait_at_gate();
    add(&dispatch_world.outside);
    return state->number == 2 ? vrx_refuse(VRX_ISSUER_UNAVAILABLE, "test: outside") : vrx_ok();
}

static struct vrx_result outside_end(struct vrx_context *context, void *reply) {
    const struct test_state *state = context->state;
    if (!context->tenant)
        return vrx_fail(VRX_INTERNAL_ERROR);
    return say(context, reply, state->number, 2);
}

static struct vrx_result sum(struct vrx_context *context, const void *request, void *reply) {
    struct test_state *state = context->state;
    (void)reply;
    uint64_t number = number_of(request);
    if (number == 0)
        wait_at_gate();
    if (number == 13)
        return vrx_refuse(VRX_INPUT_RANGE, "test: thirteen");
    state->sum += number;
    state->count++;
    return vrx_ok();
}

static struct vrx_result sum_end(struct vrx_context *context, void *reply) {
    const struct test_state *state = context->state;
    return say(context, reply, state->sum, state->count);
}

static struct vrx_result count_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    struct test_state *state = context->state;
    reply_message *out = reply;
    uint64_t number = number_of(request);
    if (number == 13 && state->count == 13)
        return vrx_refuse(VRX_INPUT_RANGE, "test: thirteen");
    if (number == 0) {
        *ret_next = VRX_NEXT_DONE;
        return vrx_ok();
    }
    VRX_TRY(vrx_arena_format(
        &context->arena, &out->note, "%llu%*s", (unsigned long long)++state->count, 4096, ""));
    *ret_next = state->count == number && number != 13 ? VRX_NEXT_LAST : VRX_NEXT_MORE;
    return vrx_ok();
}

static struct vrx_result watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    struct test_state *state = context->state;
    (void)number_of(request);
    unsigned watched = dispatch_world_read(&dispatch_world.watched);
    if (watched == 50)
        wait_at_gate();
    if (state->told == watched + 1) {
        *ret_next = VRX_NEXT_IDLE;
        return vrx_ok();
    }
    state->told = watched + 1;
    *ret_next = watched >= 100 ? VRX_NEXT_LAST : VRX_NEXT_WAIT;
    return say(context, reply, watched, UINT64_MAX);
}

static void committed(struct vrx_context *context) {
    (void)context;
    add(&dispatch_world.committed);
}

#define COUNTER VRX_CALLER(VRX_TERMINAL_COUNTER)
#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)
#define TEST_RPC(name) \
    .path = "/vrx.v1.Test/" name, .request = &vrx__v1__prove_inclusion_request__descriptor, \
    .reply = &vrx__v1__get_checkpoint_response__descriptor, .purpose = PURPOSE, \
    .state_size = sizeof(struct test_state), .state_done = state_done

/* Kofu's daemon brings something for Sapporo, or for the sealed Kashiwa. */
static struct vrx_result route(struct vrx_context *context, const void *request) {
    const unsigned to = number_of(request) == 7 ? WORLD_SAPPORO : WORLD_KASHIWA;
    struct vrx_slot *slot = dispatch_world.base.town[to].slot;
    VRX_TRY(vrx_caller_speaks_for(context, &dispatch_world.base.town[WORLD_KOFU].code));
    if (!vrx_slot_is_open(slot))
        return vrx_fail(VRX_TENANT_SEALED);
    context->slot = slot;
    return vrx_ok();
}

static const struct vrx_method methods[] = {
    {TEST_RPC("Echo"), .callers = COUNTER, .handle = echo, .committed = committed},
    {TEST_RPC("Refuse"), .callers = COUNTER | CONSOLE, .handle = refuse, .committed = committed},
    {TEST_RPC("Gate"), .callers = COUNTER, .handle = gate},
    {TEST_RPC("Outside"), .callers = COUNTER, .handle = outside_begin, .outside = outside,
        .finish = outside_end, .committed = committed},
    {TEST_RPC("Sum"), .kind = VRX_CALL_CLIENT_STREAM, .callers = COUNTER, .handle = sum,
        .finish = sum_end, .committed = committed},
    {TEST_RPC("Count"), .kind = VRX_CALL_SERVER_STREAM, .callers = COUNTER, .next = count_next},
    {TEST_RPC("Watch"), .kind = VRX_CALL_SERVER_STREAM, .callers = COUNTER, .next = watch_next},
    {TEST_RPC("States"), .kind = VRX_CALL_SERVER_STREAM, .scope = VRX_SCOPE_DAEMON,
        .callers = COUNTER | VRX_CALLER_PLATFORM, .while_sealed = true, .unaudited = true,
        .next = watch_next},
    {TEST_RPC("Talk"), .kind = VRX_CALL_BOTH_STREAM, .scope = VRX_SCOPE_DAEMON, .callers = COUNTER,
        .unaudited = true, .handle = echo},
    {TEST_RPC("Worker"), .scope = VRX_SCOPE_WORKER, .callers = CONSOLE, .handle = echo},
    {TEST_RPC("Open"), .scope = VRX_SCOPE_WORKER, .callers = CONSOLE, .while_sealed = true,
        .unaudited = true, .handle = echo},
    {TEST_RPC("Platform"), .scope = VRX_SCOPE_WORKER, .callers = VRX_CALLER_PLATFORM,
        .handle = echo},
    {TEST_RPC("Peer"), .callers = VRX_CALLER_PEER, .route = route, .handle = echo},
};

#define METHODS (sizeof methods / sizeof *methods)
#define MORE_METHODS 128

/* ---- callers ---- */

struct vrx_client *dispatch_client(enum dispatch_terminal terminal) {
    struct vrx_client *client = NULL;
    struct vrx_client_config config = {
        .host = "localhost",
        .port = vrx_grpc_server_port(dispatch_world.server),
        .tls = dispatch_world.client_tls[terminal],
        .connect_ms = 60000,
    };
    assert_ok(vrx_client_new(&config, &client));
    return client;
}

void dispatch_request(uint64_t number, struct vrx_buffer *out) {
    request_message message = VRX__V1__PROVE_INCLUSION_REQUEST__INIT;
    message.index = number;
    assert_ok(vrx_message_encode(&message.base, out));
}

void dispatch_text(struct vrx_view message, char reply[64]) {
    reply_message *decoded =
        vrx__v1__get_checkpoint_response__unpack(NULL, message.len, message.ptr);
    (void)snprintf(reply, 64, "%s", decoded ? decoded->note : "?");
    vrx__v1__get_checkpoint_response__free_unpacked(decoded, NULL);
}

struct vrx_result dispatch_call(
    struct vrx_client *client, const char *path, uint64_t number, char reply[64]) {
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    dispatch_request(number, &request);
    VRX_TRY(vrx_client_unary(client, path, vrx_buffer_view(&request), 0, &message));
    if (reply)
        dispatch_text(vrx_buffer_view(&message), reply);
    return vrx_ok();
}

static struct vrx_result take_message(void *context, struct vrx_view message) {
    struct dispatch_caller *caller = context;
    dispatch_text(message, caller->last);
    pthread_mutex_lock(&dispatch_world.lock);
    caller->messages++;
    pthread_cond_broadcast(&dispatch_world.changed);
    bool enough = caller->take && caller->messages == caller->take;
    while (enough && caller->hold)
        pthread_cond_wait(&dispatch_world.changed, &dispatch_world.lock);
    pthread_mutex_unlock(&dispatch_world.lock);
    return enough ? vrx_fail(VRX_CANCELLED) : vrx_ok();
}

void dispatch_caller_leave(struct dispatch_caller *caller) {
    pthread_mutex_lock(&dispatch_world.lock);
    caller->hold = false;
    pthread_cond_broadcast(&dispatch_world.changed);
    pthread_mutex_unlock(&dispatch_world.lock);
}

/* cmocka's asserts belong to the test's own thread: here only results are kept. */
static void *call(void *argument) {
    struct dispatch_caller *caller = argument;
    struct vrx_client *client = NULL;
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client_config config = {
        .host = "localhost",
        .port = vrx_grpc_server_port(dispatch_world.server),
        .tls = dispatch_world.client_tls[caller->terminal],
        .connect_ms = 60000,
    };
    request_message message = VRX__V1__PROVE_INCLUSION_REQUEST__INIT;
    message.index = caller->number;
    caller->result = vrx_message_encode(&message.base, &request);
    if (vrx_is_ok(caller->result))
        caller->result = vrx_client_new(&config, &client);
    if (vrx_is_ok(caller->result) && caller->operator_id)
        caller->result =
            vrx_client_set_metadata(client, "vrx-operator", vrx_view_text(caller->operator_id));
    if (!vrx_is_ok(caller->result)) {
        vrx_client_free(&client);
        return NULL;
    }
    if (caller->server_stream)
        caller->result = vrx_client_server_stream(client, caller->path, vrx_buffer_view(&request),
            caller->timeout_ms, take_message, caller);
    else
        caller->result = vrx_client_unary(
            client, caller->path, vrx_buffer_view(&request), caller->timeout_ms, &reply);
    if (!caller->server_stream && vrx_is_ok(caller->result))
        dispatch_text(vrx_buffer_view(&reply), caller->last);
    vrx_client_free(&client);
    return NULL;
}

void dispatch_caller_start(struct dispatch_caller *caller) {
    assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

void dispatch_caller_join(struct dispatch_caller *caller) {
    pthread_join(caller->thread, NULL);
}

/* ---- set-up ---- */

static struct vrx_grpc_handler inner;

static void count_call(const struct vrx_call *with) {
    const struct vrx_method *method = vrx_call_method(with);
    /* Dispatch sets its pointer with the first thing that it hears of a call. */
    if (!vrx_call_user(with) && method->state_done == state_done)
        add(&dispatch_world.live);
}

static void on_message(void *context, struct vrx_call *with, struct vrx_view message) {
    count_call(with);
    inner.message(context, with, message);
    add(&dispatch_world.arrived);
}

static void on_end(void *context, struct vrx_call *with) {
    count_call(with);
    inner.end(context, with);
}

static void on_cancelled(void *context, struct vrx_call *call_cancelled) {
    inner.cancelled(context, call_cancelled);
    add(&dispatch_world.cancelled);
}

/* As an unsealing publishes them; sealing forgets what kinds they are. */
static void register_terminals(struct dispatch_world *world) {
    static const struct {
        bool known;
        unsigned town;
        struct vrx_registered entry;
    } rows[AT_TERMINALS] = {
        [AT_HEALTH_SYSTEM] = {true, WORLD_SAPPORO, {.kind = VRX_TERMINAL_HEALTH_SYSTEM}},
        [AT_COUNTER] = {true, WORLD_SAPPORO, {.kind = VRX_TERMINAL_COUNTER}},
        [AT_KIOSK] = {true, WORLD_SAPPORO, {.kind = VRX_TERMINAL_KIOSK}},
        [AT_CONSOLE] = {true, WORLD_SAPPORO, {.kind = VRX_TERMINAL_CONSOLE}},
        [AT_SUSPENDED] = {true, WORLD_SAPPORO, {.kind = VRX_TERMINAL_COUNTER, .suspended = true}},
        [AT_SEALED] = {true, WORLD_KASHIWA, {0}},
        [AT_PLATFORM] = {true, WORLD_TOWNS, {.platform = true}},
    };
    for (size_t i = 0; i < AT_TERMINALS; i++) {
        struct vrx_registered entry = rows[i].entry;
        if (!entry.platform)
            entry.owner = world->base.town[rows[i].town].slot;
        if (rows[i].known)
            assert_ok(vrx_registry_put(
                world->base.daemon->registry, world->terminal[i].spki_sha256, &entry));
    }
}

static void make_terminals(struct dispatch_world *world) {
    for (size_t i = 0; i < AT_TERMINALS; i++) {
        test_identity_init(&world->terminal[i], &world->pki, VRX_PROFILE_TERMINAL);
        struct vrx_tls_identity identity = test_identity_tls(&world->terminal[i]);
        assert_ok(vrx_tls_client_new(
            &identity, vrx_buffer_view(&world->pki.authority_pem), &world->client_tls[i]));
    }
    register_terminals(world);
    static uint8_t kofu[1][VRX_DIGEST];
    memcpy(kofu, world->terminal[AT_DAEMON].spki_sha256, sizeof kofu);
    world->base.entry[WORLD_KOFU].daemons = kofu;
    world->base.entry[WORLD_KOFU].daemon_count = 1;
    daemon_world_sign_law(&world->base);
}

static void recheck(void *server) {
    vrx_grpc_server_recheck(server);
}

static void answered(void *server) {
    vrx_grpc_server_flush(server);
}

static void start_server(struct dispatch_world *world) {
    static struct vrx_grpc_route routes[METHODS + MORE_METHODS];
    static struct vrx_method more[MORE_METHODS];
    assert_true(dispatch_world_more_count <= MORE_METHODS);
    for (size_t i = 0; i < dispatch_world_more_count; i++) {
        more[i] = dispatch_world_more[i];
        if (!dispatch_world_people)
            more[i].roles = 0;
    }
    for (size_t i = 0; i < METHODS + dispatch_world_more_count; i++) {
        const struct vrx_method *method = i < METHODS ? &methods[i] : &more[i - METHODS];
        routes[i] = (struct vrx_grpc_route){method->path, method->kind, method};
    }
    struct vrx_tls_identity identity = test_identity_tls(&world->server_identity);
    assert_ok(vrx_tls_server_new(
        &identity, vrx_buffer_view(&world->pki.authority_pem), &world->server_tls));
    inner = vrx_dispatch_handler(world->base.daemon);
    struct vrx_grpc_server_config config = {
        .address = "127.0.0.1",
        .threads = 2,
        .tls = world->server_tls,
        .routes = routes,
        .route_count = METHODS + dispatch_world_more_count,
        .handler = inner,
        .random = vrx_random_system(),
        .guard = vrx_dispatch_guard(world->base.daemon),
    };
    config.handler.message = on_message;
    config.handler.end = on_end;
    config.handler.cancelled = on_cancelled;
    assert_ok(vrx_grpc_server_new(&config, &world->server));
    world->base.daemon->recheck_context = world->server;
    world->base.daemon->recheck = recheck;
    world->base.daemon->answered_context = world->server;
    world->base.daemon->answered = answered;
    assert_ok(vrx_grpc_server_start(world->server));
}

int dispatch_world_setup(void **state) {
    (void)state;
    struct dispatch_world *world = &dispatch_world;
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->changed, NULL);
    daemon_world_init(&world->base, vrx_clock_seconds());
    world->slot = world->base.town[WORLD_SAPPORO].slot;
    daemon_world_unseal(&world->base.town[WORLD_SAPPORO], vrx_clock_seconds());
    test_pki_init(&world->pki);
    test_identity_init(&world->server_identity, &world->pki, VRX_PROFILE_SERVER);
    make_terminals(world);
    start_server(world);
    return 0;
}

int dispatch_world_reset(void **state) {
    (void)state;
    struct dispatch_world *world = &dispatch_world;
    struct timespec until = in_a_minute();
    pthread_mutex_lock(&world->lock);
    while (world->live && pthread_cond_timedwait(&world->changed, &world->lock, &until) == 0)
        ;
    unsigned left = world->live;
    world->at_gate = world->gate_open = world->arrived = world->handled = world->outside =
        world->committed = world->freed = world->cancelled = world->watched = 0;
    pthread_mutex_unlock(&world->lock);
    if (left)
        return -1;
    if (!vrx_slot_is_open(world->slot)) {
        daemon_world_unseal(&world->base.town[WORLD_SAPPORO], vrx_clock_seconds());
        register_terminals(world);
    }
    return 0;
}

int dispatch_world_teardown(void **state) {
    (void)state;
    struct dispatch_world *world = &dispatch_world;
    vrx_daemon_stop_waiting(world->base.daemon);
    vrx_grpc_server_drain(world->server, 10000);
    daemon_world_done(&world->base);
    vrx_grpc_server_free(&world->server);
    vrx_tls_free(&world->server_tls);
    for (size_t i = 0; i < AT_TERMINALS; i++) {
        vrx_tls_free(&world->client_tls[i]);
        test_identity_done(&world->terminal[i]);
    }
    test_identity_done(&world->server_identity);
    test_pki_done(&world->pki);
    return 0;
}

void dispatch_callers_join(
    struct dispatch_caller *callers, unsigned count, enum vrx_reason reason) {
    for (unsigned i = 0; i < count; i++) {
        dispatch_caller_join(&callers[i]);
        assert_reason(callers[i].result, reason);
    }
    dispatch_world_await(&dispatch_world.freed, count);
    assert_int_equal(dispatch_world_waiting(), 0);
}
