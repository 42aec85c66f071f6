/* SPDX-License-Identifier: Apache-2.0
 *
 * Listeners and their threads. A shard is one thread: its loop, its listening socket, its
 * connections; shards share nothing but what is constant.
 */
#include "net/server.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/connection.h"
#include "net/limits.h"

#define CONTAINER(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

struct shard {
    struct vrx_net_server *server;
    struct vrx_connection_group group;
    int fd;
    struct event acceptable;
    struct event pause; /* accepts again after it */
    struct vrx_loop_task drain;
    struct vrx_loop_task close;
    struct vrx_loop_task answer;
    atomic_bool asked; /* and not answered */
    struct vrx_loop_task recheck;
    atomic_bool recheck_due; /* it is queued */
    bool drained;            /* under the server's lock: no listener, no connection */
};

struct vrx_net_server {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct vrx_quota *addresses;
    struct vrx_quota *terminals;
    size_t most; /* connections */
    uint16_t port;
    bool started;
    bool draining;
    unsigned count;
    struct shard shards[];
};

const struct vrx_net_times vrx_net_times_terminals = {
    .handshake = VRX_NET_HANDSHAKE_MS,
    .idle = VRX_NET_IDLE_MS,
    .keepalive = VRX_NET_KEEPALIVE_MS,
    .ping = VRX_NET_PING_MS,
    .stall = VRX_NET_STALL_MS,
    .linger = VRX_NET_LINGER_MS,
};

const struct vrx_net_times vrx_net_times_public = {
    .handshake = VRX_NET_PUBLIC_HANDSHAKE_MS,
    .idle = VRX_NET_PUBLIC_IDLE_MS,
    .keepalive = VRX_NET_PUBLIC_IDLE_MS,
    .ping = VRX_NET_PING_MS,
    .stall = VRX_NET_STALL_MS,
    .linger = VRX_NET_LINGER_MS,
};

const struct vrx_net_bounds vrx_net_bounds_terminals = {
    .connections = VRX_NET_CONNECTIONS,
    .address = {.connections = VRX_NET_ADDRESS_CONNECTIONS},
    .addresses = VRX_NET_CONNECTIONS,
    .terminal = VRX_NET_TERMINAL_CONNECTIONS,
};

const struct vrx_net_bounds vrx_net_bounds_public = {
    .connections = VRX_NET_PUBLIC_CONNECTIONS,
    .address = {.connections = VRX_NET_PUBLIC_ADDRESS_CONNECTIONS,
        .rate = VRX_NET_PUBLIC_ADDRESS_RATE,
        .burst = VRX_NET_PUBLIC_ADDRESS_BURST},
    .addresses = VRX_NET_PUBLIC_ADDRESSES,
    .terminal = VRX_NET_TERMINAL_CONNECTIONS,
};

/* Accepting */

static size_t connections_of(const struct vrx_net_server *server) {
    size_t count = 0;
    for (unsigned i = 0; i < server->count; i++)
        count += atomic_load_explicit(&server->shards[i].group.count, memory_order_relaxed);
    return count;
}

/* Out of descriptors the listener would stay readable and the loop would spin on it. */
static void pause_accepting(struct shard *shard) {
    struct timeval delay = {0, 1000L * VRX_NET_ACCEPT_PAUSE_MS};
    event_del(&shard->acceptable);
    event_add(&shard->pause, &delay);
}

static void on_pause_over(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct shard *shard = context;
    event_add(&shard->acceptable, NULL);
}

/* False when there is nobody more. */
static bool accept_one(struct shard *shard) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    struct sockaddr *generic = (struct sockaddr *)(void *)&address;
    int fd = accept4(shard->fd, generic, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            pause_accepting(shard);
        return false;
    }
    if (connections_of(shard->server) >= shard->server->most) {
        vrx_count(&shard->group.counts.limited[VRX_NET_LIMIT_CONNECTIONS]);
        close(fd);
    } else {
        VRX_IGNORE(vrx_connection_new(&shard->group, fd, generic, len));
    }
    return true;
}

static void on_acceptable(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct shard *shard = context;
    vrx_loop_enter(shard->group.loop);
    for (int i = 0; i < VRX_NET_ACCEPT_TURN && accept_one(shard); i++)
        ;
    vrx_loop_leave(shard->group.loop);
}

/* Binding */

static int bind_one(const struct addrinfo *info, bool share) {
    int one = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        (share && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one)) ||
        bind(fd, info->ai_addr, info->ai_addrlen) || (share && listen(fd, VRX_NET_BACKLOG))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* SO_REUSEPORT would let a second daemon take half of the first one's connections: look first
 * whether the port is free for a socket that does not share. */
static bool is_free(const struct addrinfo *info) {
    int fd = bind_one(info, false);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static uint16_t port_of(int fd) {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t len = sizeof address;
    if (getsockname(fd, &address.any, &len))
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static struct vrx_result bind_shard(
    struct shard *shard, const char *address, uint16_t port, bool first) {
    char text[8];
    struct addrinfo *info = NULL;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM};
    snprintf(text, sizeof text, "%u", port);
    if (getaddrinfo(address, text, &hints, &info))
        return vrx_refuse(VRX_INPUT_RANGE, "listener: a numeric address");
    if (!first || !port || is_free(info))
        shard->fd = bind_one(info, true);
    freeaddrinfo(info);
    return shard->fd < 0 ? vrx_fail(VRX_NETWORK_FAILED) : vrx_ok();
}

/* Draining */

static void report(struct shard *shard) {
    if (shard->fd >= 0 || atomic_load(&shard->group.count))
        return;
    pthread_mutex_lock(&shard->server->lock);
    shard->drained = true;
    pthread_cond_broadcast(&shard->server->changed);
    pthread_mutex_unlock(&shard->server->lock);
}

static void on_emptied(struct vrx_connection_group *group) {
    report(CONTAINER(group, struct shard, group));
}

/* Whoever stands in the backlog is connected in TCP's eyes and gets the same GOAWAY. */
static void stop_accepting(struct shard *shard) {
    if (shard->fd < 0)
        return;
    while (accept_one(shard))
        ;
    event_del(&shard->acceptable);
    event_del(&shard->pause);
    close(shard->fd);
    shard->fd = -1;
}

static void on_drain(struct vrx_loop_task *task) {
    struct shard *shard = CONTAINER(task, struct shard, drain);
    stop_accepting(shard);
    vrx_connection_group_drain(&shard->group);
    report(shard);
}

static void on_close(struct vrx_loop_task *task) {
    struct shard *shard = CONTAINER(task, struct shard, close);
    stop_accepting(shard);
    vrx_connection_group_close(&shard->group);
    report(shard);
}

static void on_answer(struct vrx_loop_task *task) {
    struct shard *shard = CONTAINER(task, struct shard, answer);
    atomic_store(&shard->asked, false);
}

/* What changes from here on queues it again. */
static void on_recheck(struct vrx_loop_task *task) {
    struct shard *shard = CONTAINER(task, struct shard, recheck);
    atomic_store(&shard->recheck_due, false);
    vrx_connection_group_recheck(&shard->group);
}

void vrx_net_server_recheck(struct vrx_net_server *server) {
    for (unsigned i = 0; i < server->count; i++) {
        struct shard *shard = &server->shards[i];
        if (!atomic_exchange(&shard->recheck_due, true))
            vrx_loop_post(shard->group.loop, &shard->recheck);
    }
}

static bool all_drained(const struct vrx_net_server *server) {
    for (unsigned i = 0; i < server->count; i++) {
        if (!server->shards[i].drained)
            return false;
    }
    return true;
}

static void wait_drained(struct vrx_net_server *server, int64_t ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&server->lock);
    while (!all_drained(server) && !pthread_cond_timedwait(&server->changed, &server->lock, &until))
        ;
    pthread_mutex_unlock(&server->lock);
}

void vrx_net_server_drain(struct vrx_net_server *server, int64_t grace_ms) {
    if (!server->started || server->draining)
        return;
    server->draining = true;
    for (unsigned i = 0; i < server->count; i++)
        vrx_loop_post(server->shards[i].group.loop, &server->shards[i].drain);
    wait_drained(server, grace_ms);
    for (unsigned i = 0; i < server->count; i++)
        vrx_loop_post(server->shards[i].group.loop, &server->shards[i].close);
    for (unsigned i = 0; i < server->count; i++)
        vrx_loop_stop(server->shards[i].group.loop);
}

/* Life */

static struct vrx_result shard_open(
    struct shard *shard, const struct vrx_net_config *config, uint16_t port, bool first) {
    struct vrx_connection_group *group = &shard->group;
    group->tls = config->tls;
    group->handler = config->handler;
    group->times = config->times ? *config->times : vrx_net_times_terminals;
    group->addresses = shard->server->addresses;
    group->terminals = shard->server->terminals;
    group->guard = config->guard;
    group->emptied = on_emptied;
    shard->drain.run = on_drain;
    shard->close.run = on_close;
    shard->answer.run = on_answer;
    shard->recheck.run = on_recheck;
    VRX_TRY(vrx_loop_new(config->random, &group->loop));
    VRX_TRY(vrx_buffer_reserve(&group->out, 2 * VRX_NET_WRITE_PIECE));
    VRX_TRY(bind_shard(shard, config->address, port, first));
    if (event_assign(&shard->acceptable, vrx_loop_base(group->loop), shard->fd,
            EV_READ | EV_PERSIST, on_acceptable, shard) ||
        event_assign(&shard->pause, vrx_loop_base(group->loop), -1, 0, on_pause_over, shard))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    return vrx_ok();
}

static struct vrx_result server_open(
    struct vrx_net_server *server, const struct vrx_net_config *config) {
    const struct vrx_net_bounds *bounds =
        config->bounds ? config->bounds : &vrx_net_bounds_terminals;
    const struct vrx_quota_limits terminal = {.connections = bounds->terminal};
    if (bounds->addresses < bounds->connections)
        return vrx_refuse(VRX_INPUT_RANGE, "listener: bounds");
    VRX_TRY(vrx_quota_new(&bounds->address, bounds->addresses, config->random, &server->addresses));
    VRX_TRY(vrx_quota_new(&terminal, bounds->connections, config->random, &server->terminals));
    server->most = bounds->connections;
    server->port = config->port;
    for (unsigned i = 0; i < config->threads; i++) {
        VRX_TRY(shard_open(&server->shards[i], config, server->port, i == 0));
        server->port = port_of(server->shards[i].fd);
    }
    return vrx_ok();
}

static bool init_lock(struct vrx_net_server *server) {
    pthread_condattr_t attributes;
    if (pthread_mutex_init(&server->lock, NULL))
        return false;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int error = pthread_cond_init(&server->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (error)
        pthread_mutex_destroy(&server->lock);
    return !error;
}

struct vrx_result vrx_net_server_new(
    const struct vrx_net_config *config, struct vrx_net_server **ret_server) {
    if (!config->threads || config->threads > VRX_NET_THREADS)
        return vrx_refuse(VRX_INPUT_RANGE, "listener: threads");
    struct vrx_net_server *server =
        calloc(1, sizeof *server + config->threads * sizeof *server->shards);
    if (!server || !init_lock(server)) {
        free(server);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    server->count = config->threads;
    for (unsigned i = 0; i < server->count; i++) {
        server->shards[i].server = server;
        server->shards[i].fd = -1;
    }
    struct vrx_result result = server_open(server, config);
    if (vrx_is_ok(result))
        *ret_server = server;
    else
        vrx_net_server_free(&server);
    return result;
}

uint16_t vrx_net_server_port(const struct vrx_net_server *server) {
    return server->port;
}

struct vrx_result vrx_net_server_start(struct vrx_net_server *server) {
    server->started = true;
    for (unsigned i = 0; i < server->count; i++) {
        if (event_add(&server->shards[i].acceptable, NULL))
            return vrx_fail(VRX_OUT_OF_MEMORY);
        VRX_TRY(vrx_loop_start(server->shards[i].group.loop));
    }
    return vrx_ok();
}

void vrx_net_server_wake(struct vrx_net_server *server) {
    for (unsigned i = 0; i < server->count; i++)
        vrx_loop_flush(server->shards[i].group.loop);
}

size_t vrx_net_server_connections(const struct vrx_net_server *server) {
    return connections_of(server);
}

static uint64_t read_count(const atomic_uint_fast64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

struct vrx_net_statistics vrx_net_server_statistics(const struct vrx_net_server *server) {
    struct vrx_net_statistics sums = {.open = connections_of(server)};
    for (unsigned i = 0; i < server->count; i++) {
        const struct vrx_connection_counts *counts = &server->shards[i].group.counts;
        sums.accepted += read_count(&counts->accepted);
        sums.handshakes_failed += read_count(&counts->handshakes_failed);
        for (int limit = 0; limit < VRX_NET_LIMITS; limit++)
            sums.limited[limit] += read_count(&counts->limited[limit]);
    }
    return sums;
}

const char *vrx_net_limit_name(enum vrx_net_limit limit) {
    static const char *const names[VRX_NET_LIMITS] = {
        [VRX_NET_WITHIN_LIMITS] = "none",
        [VRX_NET_LIMIT_CONNECTIONS] = "connections",
        [VRX_NET_LIMIT_ADDRESS] = "address",
        [VRX_NET_LIMIT_TERMINAL] = "terminal",
        [VRX_NET_LIMIT_HANDSHAKE] = "handshake",
        [VRX_NET_LIMIT_HEAD] = "head",
        [VRX_NET_LIMIT_HEADERS] = "headers",
        [VRX_NET_LIMIT_RESETS] = "resets",
        [VRX_NET_LIMIT_CONTROLS] = "controls",
        [VRX_NET_LIMIT_FLOOD] = "flood",
        [VRX_NET_LIMIT_STALL] = "stall",
        [VRX_NET_LIMIT_PING] = "ping",
    };
    return names[limit];
}

bool vrx_net_server_answers(struct vrx_net_server *server) {
    bool answered = true;
    for (unsigned i = 0; i < server->count; i++) {
        struct shard *shard = &server->shards[i];
        if (atomic_exchange(&shard->asked, true))
            answered = false;
        else
            vrx_loop_post(shard->group.loop, &shard->answer);
    }
    return answered;
}

void vrx_net_server_free(struct vrx_net_server **server) {
    struct vrx_net_server *own = *server;
    *server = NULL;
    if (!own)
        return;
    vrx_net_server_drain(own, 0);
    for (unsigned i = 0; i < own->count; i++) {
        struct shard *shard = &own->shards[i];
        if (shard->fd >= 0)
            close(shard->fd);
        vrx_loop_free(&shard->group.loop);
        vrx_buffer_done(&shard->group.out);
    }
    vrx_quota_free(&own->addresses);
    vrx_quota_free(&own->terminals);
    pthread_cond_destroy(&own->changed);
    pthread_mutex_destroy(&own->lock);
    free(own);
}
