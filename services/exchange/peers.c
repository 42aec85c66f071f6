/* SPDX-License-Identifier: Apache-2.0
 *
 * See peers.h. An endpoint has a few ways, each a connection and a lane of the worker that serves
 * it: the first for when it is doubtful, the others for when it is not. Only who has the lane
 * touches the connection. An endpoint, once known, stays: there are as many as daemons.
 */
#include "exchange/peers.h"

#include <stdio.h>
#include <stdlib.h>

#include "dispatch/log.h"
#include "dispatch/message.h"
#include "grpc/client.h"
#include "vrx/v1/peer.pb-c.h"

#define PATH "/vrx.v1.Peer/Deliver"
#define GOOD_WAYS 3     /* connections to one endpoint that answers */
#define GOOD_THREADS 8  /* calls at once; each waits for the other side's disk */
#define DOUBT_THREADS 4 /* the same to endpoints that do not answer */
/* Consignments of one endpoint that wait or are carried: all that a few municipalities have on
 * their way at once (engine.c), each with its answers' acknowledgements. */
#define WAITING 64
#define CONNECT_MS 4000
#define CALL_MS 15000
#define IDLE_MS 60000   /* a connection stays open so long without a call */
#define CONNECTIONS 512 /* that stay open: one descriptor each */
#define RETRY_FULL_MS 1000

struct way {
    struct endpoint *endpoint;
    struct vrx_lane lane;
    struct vrx_client *client; /* of who has the lane, as the next */
    int64_t used_ms;
    unsigned waiting; /* under the lock */
};

struct endpoint {
    struct endpoint *next;
    char host[VRX_LIMIT_ENDPOINT + 1];
    uint16_t port;
    bool doubtful; /* under the lock */
    unsigned waiting;
    struct way doubt;
    struct way good[GOOD_WAYS];
};

struct vrx_peers {
    struct vrx_daemon *daemon;
    const struct vrx_tls *tls;
    struct vrx_worker *good;
    struct vrx_worker *doubt;
    atomic_bool stopping;
    atomic_uint connections;
    pthread_mutex_t lock; /* of the list and what is said to be under it */
    struct endpoint *endpoints;
};

/* ---- endpoints ---- */

/* "host:port", "[2001:db8::1]:port" */
static struct vrx_result parse_endpoint(
    struct vrx_view text, char host[VRX_LIMIT_ENDPOINT + 1], uint16_t *ret_port) {
    static const char clause[] = "directory_entry.endpoint: host:port";
    char copy[VRX_LIMIT_ENDPOINT + 1];
    if (!text.len || text.len >= sizeof copy)
        return vrx_refuse(VRX_PEER_UNKNOWN, clause);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    char *colon = strrchr(copy, ':');
    char *end = NULL;
    const long port = colon ? strtol(colon + 1, &end, 10) : 0;
    if (!colon || *end || port < 1 || port > UINT16_MAX)
        return vrx_refuse(VRX_PEER_UNKNOWN, clause);
    *colon = '\0';
    const size_t len = strlen(copy);
    const bool bracketed = len >= 2 && copy[0] == '[' && copy[len - 1] == ']';
    if (bracketed)
        copy[len - 1] = '\0';
    (void)snprintf(host, VRX_LIMIT_ENDPOINT + 1, "%s", copy + bracketed);
    *ret_port = (uint16_t)port;
    return host[0] ? vrx_ok() : vrx_refuse(VRX_PEER_UNKNOWN, clause);
}

/* Under the lock. NULL when memory is short. */
static struct endpoint *endpoint_of(struct vrx_peers *peers, const char *host, uint16_t port) {
    for (struct endpoint *known = peers->endpoints; known; known = known->next)
        if (known->port == port && strcmp(known->host, host) == 0)
            return known;
    struct endpoint *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return NULL;
    (void)snprintf(fresh->host, sizeof fresh->host, "%s", host);
    fresh->port = port;
    fresh->doubt.endpoint = fresh;
    for (size_t i = 0; i < GOOD_WAYS; i++)
        fresh->good[i].endpoint = fresh;
    fresh->next = peers->endpoints;
    peers->endpoints = fresh;
    return fresh;
}

/* What the directory says of the receiver now. daemon_count 0: nobody receives for it. */
struct receiver {
    char host[VRX_LIMIT_ENDPOINT + 1];
    uint16_t port;
    uint8_t daemons[VRX_LIMIT_DAEMONS][VRX_DIGEST];
    size_t daemon_count;
};

static struct vrx_result find_receiver(const struct vrx_peers *peers,
    const struct vrx_municipality_code *to, struct receiver *ret_receiver) {
    struct vrx_law_keeper *keeper = peers->daemon->law;
    const struct vrx_law *law = vrx_law_hold(keeper);
    const struct vrx_directory_entry *entry = NULL;
    struct vrx_result result = vrx_directory_find(&law->directory, to, vrx_clock_seconds(), &entry);
    if (vrx_is_ok(result) && !entry->daemon_count)
        result = vrx_refuse(VRX_PEER_UNKNOWN, "directory_entry.daemons: of the receiver");
    if (vrx_is_ok(result))
        result = parse_endpoint(entry->endpoint, ret_receiver->host, &ret_receiver->port);
    if (vrx_is_ok(result)) {
        ret_receiver->daemon_count = entry->daemon_count;
        memcpy(ret_receiver->daemons, entry->daemons, entry->daemon_count * VRX_DIGEST);
    }
    vrx_law_release(keeper, law);
    return result;
}

/* ---- one call ---- */

static void hang_up(struct vrx_peers *peers, struct way *way) {
    if (way->client)
        atomic_fetch_sub(&peers->connections, 1);
    vrx_client_free(&way->client);
}

static struct vrx_result connect_way(struct vrx_peers *peers, struct way *way) {
    const struct vrx_client_config config = {
        .host = way->endpoint->host,
        .port = way->endpoint->port,
        .tls = peers->tls,
        .connect_ms = CONNECT_MS,
        .cancelled = &peers->stopping,
    };
    VRX_TRY(vrx_client_new(&config, &way->client));
    atomic_fetch_add(&peers->connections, 1);
    return vrx_ok();
}

/* The daemon at the other end is one that receives for the municipality. */
static struct vrx_result check_server(const struct way *way, const struct receiver *receiver) {
    uint8_t spki[VRX_DIGEST];
    vrx_client_server_spki(way->client, spki);
    for (size_t i = 0; i < receiver->daemon_count; i++)
        if (memcmp(receiver->daemons[i], spki, VRX_DIGEST) == 0)
            return vrx_ok();
    return vrx_refuse(VRX_PEER_UNKNOWN, "directory_entry.daemons: of the receiver");
}

static struct vrx_result encode(
    const struct vrx_consignment *consignment, struct vrx_arena *arena, struct vrx_buffer *out) {
    Vrx__V1__DeliverRequest request = VRX__V1__DELIVER_REQUEST__INIT;
    VRX_TRY(vrx_arena_string(
        arena, vrx_municipality_code_view(&consignment->from), &request.from_municipality));
    VRX_TRY(vrx_arena_string(
        arena, vrx_municipality_code_view(&consignment->to), &request.to_municipality));
    request.n_envelopes = consignment->count;
    request.envelopes = vrx_arena_alloc_array(arena, consignment->count, sizeof *request.envelopes);
    if (!request.envelopes)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < consignment->count; i++) {
        const struct vrx_view envelope = consignment->deliveries[i].envelope;
        request.envelopes[i] =
            (ProtobufCBinaryData){envelope.len, (uint8_t *)(uintptr_t)envelope.ptr};
    }
    return vrx_message_encode(&request.base, out);
}

/* A reason that this VRX does not know is some refusal. Clauses are the other side's words: they do
 * not become ours. */
static struct vrx_result refusal_of(const Vrx__V1__DeliverReply *reply) {
    enum vrx_reason reason = vrx_reason_from_name(reply->reason);
    if (reason == VRX_OK)
        reason = VRX_INTERNAL_ERROR;
    return vrx_refuse_for(reason, "refused by the receiver", reply->retry_ms);
}

static struct vrx_result decode(
    struct vrx_consignment *consignment, struct vrx_view bytes, struct vrx_arena *arena) {
    ProtobufCMessage *message = NULL;
    VRX_TRY(vrx_message_decode(&vrx__v1__deliver_response__descriptor, bytes, arena, &message));
    const Vrx__V1__DeliverResponse *response = (const void *)message;
    if (response->n_replies != consignment->count)
        return vrx_refuse(VRX_INPUT_RANGE, "Deliver: a reply for each message");
    for (size_t i = 0; i < response->n_replies; i++) {
        const Vrx__V1__DeliverReply *reply = response->replies[i];
        struct vrx_delivery *delivery = &consignment->deliveries[i];
        delivery->outcome = reply->envelope.len ? vrx_ok() : refusal_of(reply);
        vrx_buffer_clear(&delivery->reply);
        VRX_TRY(vrx_buffer_append(
            &delivery->reply, vrx_view_of(reply->envelope.data, reply->envelope.len)));
    }
    return vrx_ok();
}

static struct vrx_result call(struct vrx_peers *peers, struct way *way,
    const struct receiver *receiver, struct vrx_view request, struct vrx_buffer *reply) {
    if (!way->client)
        VRX_TRY(connect_way(peers, way));
    VRX_TRY(check_server(way, receiver));
    struct vrx_result result = vrx_client_unary(way->client, PATH, request, CALL_MS, reply);
    result.retry_ms = vrx_is_ok(result) ? 0 : vrx_client_outcome(way->client)->retry_ms;
    result.clause = NULL; /* the client's, until its next call */
    return result;
}

/* A connection that was open for a while may have ended without our seeing it, and either side may
 * have another certificate since: once more then. */
static bool is_outlived(struct vrx_result result) {
    return result.reason == VRX_NETWORK_FAILED || result.reason == VRX_PEER_UNKNOWN;
}

static struct vrx_result call_again(struct vrx_peers *peers, struct way *way,
    const struct receiver *receiver, struct vrx_view request, struct vrx_buffer *reply) {
    if (way->client && !vrx_client_usable(way->client))
        hang_up(peers, way);
    const bool kept = way->client != NULL;
    struct vrx_result result = call(peers, way, receiver, request, reply);
    if (!kept || !is_outlived(result) || atomic_load(&peers->stopping))
        return result;
    hang_up(peers, way);
    vrx_buffer_clear(reply);
    return call(peers, way, receiver, request, reply);
}

/* The other side was reached and said something, be it no. */
static bool answered(struct vrx_result result) {
    return result.reason != VRX_NETWORK_FAILED && result.reason != VRX_DEADLINE_EXCEEDED &&
           result.reason != VRX_CERTIFICATE_INVALID && result.reason != VRX_INTERNAL_ERROR;
}

static struct vrx_result carry(struct vrx_consignment *consignment, struct way *way) {
    struct vrx_peers *peers = consignment->peers;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct receiver receiver = {0};
    vrx_arena_init(&arena, VRX_LIMIT_ARENA);
    VRX_TRY(find_receiver(peers, &consignment->to, &receiver));
    VRX_TRY(encode(consignment, &arena, &request));
    struct vrx_result result = call_again(peers, way, &receiver, vrx_buffer_view(&request), &reply);
    way->used_ms = vrx_clock_monotonic_ms(NULL);
    if (!answered(result) || is_outlived(result) || atomic_load(&peers->connections) > CONNECTIONS)
        hang_up(peers, way);
    VRX_TRY(result);
    return decode(consignment, vrx_buffer_view(&reply), &arena);
}

/* ---- whose turn it is ---- */

static void note(struct vrx_peers *peers, struct way *way, struct vrx_result result) {
    struct endpoint *endpoint = way->endpoint;
    const bool doubtful = !answered(result);
    pthread_mutex_lock(&peers->lock);
    const bool changed = endpoint->doubtful != doubtful;
    endpoint->doubtful = doubtful;
    way->waiting--;
    endpoint->waiting--;
    pthread_mutex_unlock(&peers->lock);
    if (changed && !atomic_load(&peers->stopping))
        vrx_log_event(doubtful ? "other daemon does not answer" : "other daemon answers again",
            endpoint->host, doubtful ? result : vrx_ok());
}

static bool is_doubtful(struct vrx_peers *peers, const struct endpoint *endpoint) {
    pthread_mutex_lock(&peers->lock);
    const bool doubtful = endpoint->doubtful;
    pthread_mutex_unlock(&peers->lock);
    return doubtful;
}

static void task_run(struct vrx_task *task) {
    struct vrx_consignment *consignment = (struct vrx_consignment *)(void *)task;
    struct vrx_peers *peers = consignment->peers;
    struct way *way = consignment->way;
    struct vrx_result result = vrx_fail(VRX_SHUTTING_DOWN);
    /* What was queued before the endpoint became doubtful is not tried behind it. */
    if (way != &way->endpoint->doubt && is_doubtful(peers, way->endpoint))
        result = vrx_fail(VRX_NETWORK_FAILED);
    else if (!atomic_load(&peers->stopping))
        result = carry(consignment, way);
    note(peers, way, result);
    consignment->done(consignment, result);
}

/* Under the lock. NULL: not now. */
static struct way *way_of(struct endpoint *endpoint) {
    if (endpoint->doubtful)
        return endpoint->doubt.waiting ? NULL : &endpoint->doubt;
    struct way *least = &endpoint->good[0];
    for (size_t i = 1; i < GOOD_WAYS; i++)
        if (endpoint->good[i].waiting < least->waiting)
            least = &endpoint->good[i];
    return least;
}

static struct vrx_result take_way(
    struct vrx_peers *peers, const struct receiver *receiver, struct way **ret_way) {
    struct endpoint *endpoint = endpoint_of(peers, receiver->host, receiver->port);
    if (!endpoint)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (endpoint->waiting >= WAITING)
        return vrx_refuse_for(VRX_QUEUE_FULL, "messages to one endpoint", RETRY_FULL_MS);
    struct way *way = way_of(endpoint);
    if (!way)
        return vrx_refuse(VRX_NETWORK_FAILED, "the endpoint does not answer");
    way->waiting++;
    endpoint->waiting++;
    *ret_way = way;
    return vrx_ok();
}

void vrx_peers_give(struct vrx_peers *peers, struct vrx_consignment *consignment) {
    struct receiver receiver = {0};
    struct way *way = NULL;
    struct vrx_result result = find_receiver(peers, &consignment->to, &receiver);
    if (vrx_is_ok(result)) {
        pthread_mutex_lock(&peers->lock);
        result = take_way(peers, &receiver, &way);
        pthread_mutex_unlock(&peers->lock);
    }
    if (!vrx_is_ok(result)) {
        consignment->done(consignment, result);
        return;
    }
    consignment->task.run = task_run;
    consignment->peers = peers;
    consignment->way = way;
    vrx_worker_post(
        way == &way->endpoint->doubt ? peers->doubt : peers->good, &way->lane, &consignment->task);
}

/* ---- connections that nobody uses ---- */

static void rest(struct vrx_peers *peers, struct vrx_worker *worker, struct way *way) {
    if (!vrx_worker_enter(worker, &way->lane))
        return;
    if (way->client && vrx_clock_monotonic_ms(NULL) - way->used_ms > IDLE_MS)
        hang_up(peers, way);
    vrx_worker_leave(worker, &way->lane);
}

static void tick(void *context) {
    struct vrx_peers *peers = context;
    pthread_mutex_lock(&peers->lock);
    struct endpoint *first = peers->endpoints;
    pthread_mutex_unlock(&peers->lock);
    for (struct endpoint *endpoint = first; endpoint; endpoint = endpoint->next) {
        rest(peers, peers->doubt, &endpoint->doubt);
        for (size_t i = 0; i < GOOD_WAYS; i++)
            rest(peers, peers->good, &endpoint->good[i]);
    }
}

static void no_tick(void *context) {
    (void)context;
}

struct vrx_result vrx_peers_new(
    struct vrx_daemon *daemon, const struct vrx_tls *tls, struct vrx_peers **ret_peers) {
    struct vrx_peers *peers = calloc(1, sizeof *peers);
    if (!peers || pthread_mutex_init(&peers->lock, NULL)) {
        free(peers);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    peers->daemon = daemon;
    peers->tls = tls;
    struct vrx_result result = vrx_worker_new(DOUBT_THREADS, no_tick, peers, &peers->doubt);
    pthread_mutex_lock(&peers->lock); /* the tick takes it before it looks */
    if (vrx_is_ok(result))
        result = vrx_worker_new(GOOD_THREADS, tick, peers, &peers->good);
    pthread_mutex_unlock(&peers->lock);
    if (vrx_is_ok(result))
        *ret_peers = peers;
    else
        vrx_peers_free(&peers);
    return result;
}

void vrx_peers_free(struct vrx_peers **peers) {
    struct vrx_peers *own = *peers;
    *peers = NULL;
    if (!own)
        return;
    atomic_store(&own->stopping, true);
    vrx_worker_free(&own->good);
    vrx_worker_free(&own->doubt);
    while (own->endpoints) {
        struct endpoint *endpoint = own->endpoints;
        own->endpoints = endpoint->next;
        hang_up(own, &endpoint->doubt);
        for (size_t i = 0; i < GOOD_WAYS; i++)
            hang_up(own, &endpoint->good[i]);
        free(endpoint);
    }
    (void)pthread_mutex_destroy(&own->lock);
    free(own);
}
