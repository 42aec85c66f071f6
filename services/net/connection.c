/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes between a socket and an HTTP/2 session, through TLS.
 *
 *     HANDSHAKE ──► OPEN ──► LINGER ──► gone
 *
 * Reading: one turn takes what the socket has, up to VRX_NET_READ_TURN records. Writing: whatever
 * the session has to say after a turn is collected in the loop's scratch buffer and written at
 * once; what the socket does not take is kept in `unsent`, and nothing more is pulled until it is
 * gone, so a peer that does not read stops its own streams and costs one buffer.
 *
 * One timer stands at the earliest of the connection's and its streams' deadlines. It is only moved
 * to an earlier time, never to a later one: when it fires too early it is set again, which happens
 * once a deadline's length and not once a call.
 *
 * A connection is freed in one place, on_flush: whatever finds it at its end says so in `state`.
 */
#include "net/connection.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "net/limits.h"

#define CONTAINER(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

enum state {
    STATE_HANDSHAKE,
    STATE_OPEN,
    STATE_LINGER, /* all is said; what the peer still sends is dropped */
    STATE_DEAD,   /* freed at the end of the turn */
};

struct vrx_connection {
    struct vrx_loop_task flush; /* deferred to the end of the turn */
    struct vrx_connection_group *group;
    struct vrx_connection *next;
    struct vrx_connection *previous;
    int fd;
    enum state state;
    bool flush_deferred;
    bool blocked; /* nothing more is written before the socket is writable */
    SSL *ssl;
    struct vrx_peer *peer;
    struct vrx_quota_share *address;
    struct vrx_quota_share *terminal; /* NULL before the handshake, and without a certificate */
    struct vrx_http2_session *session;
    struct event readable;
    struct event writable;
    struct event timer;
    struct vrx_buffer unsent;
    size_t unsent_at;
    int64_t since;    /* the state was entered */
    int64_t received; /* last */
    int64_t sent;     /* the socket last took a byte, or refused one */
    int64_t active;   /* last, with a stream open */
    int64_t pinged;   /* INT64_MAX: no answer is awaited */
    int64_t timer_at;
    int64_t leave_at; /* the client's certificate ends soon; INT64_MAX: it was told so, or never */
    int64_t end_at;   /* and has ended; INT64_MAX without one */
};

static int64_t now_of(const struct vrx_connection *connection) {
    return vrx_loop_now(connection->group->loop);
}

static void defer_flush(void *context) {
    struct vrx_connection *connection = context;
    if (connection->flush_deferred)
        return;
    connection->flush_deferred = true;
    vrx_loop_defer(connection->group->loop, &connection->flush);
}

static void enter_state(struct vrx_connection *connection, enum state state) {
    connection->state = state;
    connection->since = now_of(connection);
}

static void count_limit(struct vrx_connection *connection, enum vrx_net_limit limit) {
    vrx_count(&connection->group->counts.limited[limit]);
}

static void end_session(struct vrx_connection *connection) {
    if (connection->session && vrx_http2_session_limit(connection->session))
        count_limit(connection, vrx_http2_session_limit(connection->session));
    vrx_http2_session_free(&connection->session);
}

/* Ends it without a word. */
static void give_up(struct vrx_connection *connection, enum vrx_net_limit limit) {
    count_limit(connection, limit);
    connection->state = STATE_DEAD;
}

/* The polite end: close_notify, then TCP's own. */
static void say_goodbye(struct vrx_connection *connection) {
    if (SSL_is_init_finished(connection->ssl))
        SSL_shutdown(connection->ssl);
    ERR_clear_error();
    shutdown(connection->fd, SHUT_WR);
    end_session(connection);
    event_del(&connection->writable);
    enter_state(connection, STATE_LINGER);
}

static void wait_writable(struct vrx_connection *connection) {
    if (!connection->blocked)
        connection->sent = now_of(connection);
    connection->blocked = true;
    event_add(&connection->writable, NULL);
}

/* What a return of 0 or less from OpenSSL means: wait, or the end. */
static void after_ssl(struct vrx_connection *connection, int returned) {
    int error = SSL_get_error(connection->ssl, returned);
    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ)
        return;
    if (error == SSL_ERROR_WANT_WRITE) {
        wait_writable(connection);
        return;
    }
    if (connection->state == STATE_HANDSHAKE)
        vrx_count(&connection->group->counts.handshakes_failed);
    if (error == SSL_ERROR_ZERO_RETURN ||
        (error == SSL_ERROR_SSL && connection->state == STATE_HANDSHAKE))
        say_goodbye(connection);
    else
        connection->state = STATE_DEAD;
}

/* Handshake */

/* The certificate's end by this loop's clock. A connection that begins in its last seconds is not
 * told to go: there was no better certificate. */
static void note_validity(struct vrx_connection *connection) {
    struct timespec wall;
    if (!connection->peer->has_certificate)
        return;
    clock_gettime(CLOCK_REALTIME, &wall);
    const int64_t wall_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
    const int64_t left = (connection->peer->certificate_not_after + 1) * 1000 - wall_ms;
    connection->end_at = now_of(connection) + left;
    if (left > VRX_NET_EXPIRY_MS)
        connection->leave_at = connection->end_at - VRX_NET_EXPIRY_MS;
}

/* The list may have come since the handshake began. */
static bool is_revoked(const struct vrx_connection *connection) {
    return connection->peer->has_certificate &&
           vrx_tls_is_revoked(connection->group->tls, connection->ssl);
}

static uint32_t admit(void *context) {
    struct vrx_connection *connection = context;
    return vrx_quota_call(connection->group->addresses, connection->address, now_of(connection));
}

/* False when its certificate has enough connections. */
static bool count_terminal(struct vrx_connection *connection) {
    const struct vrx_peer *peer = connection->peer;
    if (!peer->has_certificate)
        return true;
    connection->terminal =
        vrx_quota_enter(connection->group->terminals, peer->spki_sha256, now_of(connection));
    if (!connection->terminal)
        vrx_count(&connection->group->counts.limited[VRX_NET_LIMIT_TERMINAL]);
    return connection->terminal;
}

static struct vrx_result open_session(struct vrx_connection *connection) {
    struct vrx_http2_config config = {
        .handler = connection->group->handler,
        .peer = connection->peer,
        .loop = connection->group->loop,
        .touched = defer_flush,
        .admit = admit,
        .owner = connection,
        .now_ms = now_of(connection),
    };
    VRX_TRY(vrx_tls_identify(connection->ssl, connection->peer));
    if (is_revoked(connection))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §6.3.3 i: revoked");
    note_validity(connection);
    return vrx_http2_session_new(&config, &connection->session);
}

static void shake_hands(struct vrx_connection *connection) {
    int done = SSL_do_handshake(connection->ssl);
    if (done != 1) {
        after_ssl(connection, done);
        return;
    }
    struct vrx_result result = open_session(connection);
    if (!vrx_is_ok(result)) {
        vrx_count(&connection->group->counts.handshakes_failed);
        say_goodbye(connection);
        return;
    }
    if (!count_terminal(connection)) {
        say_goodbye(connection);
        return;
    }
    enter_state(connection, STATE_OPEN);
    connection->active = connection->received = now_of(connection);
    if (connection->group->draining)
        vrx_http2_session_drain(connection->session, now_of(connection));
}

/* Reading */

static void read_records(struct vrx_connection *connection) {
    uint8_t *record = connection->group->record;
    for (int i = 0; connection->state == STATE_OPEN; i++) {
        if (i == VRX_NET_READ_TURN) {
            /* epoll does not see what waits in OpenSSL's buffer. */
            event_active(&connection->readable, EV_READ, 0);
            return;
        }
        int len = SSL_read(connection->ssl, record, sizeof connection->group->record);
        if (len <= 0) {
            after_ssl(connection, len);
            return;
        }
        connection->received = now_of(connection);
        connection->pinged = INT64_MAX;
        struct vrx_result result = vrx_http2_session_receive(
            connection->session, now_of(connection), vrx_view_of(record, (size_t)len));
        vrx_wipe(record, (size_t)len);
        if (!vrx_is_ok(result))
            say_goodbye(connection);
        else if (!SSL_has_pending(connection->ssl))
            return;
    }
}

static void drop_bytes(struct vrx_connection *connection) {
    ssize_t len =
        recv(connection->fd, connection->group->record, sizeof connection->group->record, 0);
    if (len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR))
        connection->state = STATE_DEAD;
}

/* Writing */

/* Bytes that the socket took. */
static size_t write_bytes(struct vrx_connection *connection, struct vrx_view bytes) {
    size_t taken = 0;
    while (taken < bytes.len) {
        size_t rest = bytes.len - taken;
        int len =
            SSL_write(connection->ssl, bytes.ptr + taken, rest > INT32_MAX ? INT32_MAX : (int)rest);
        if (len <= 0) {
            after_ssl(connection, len);
            break;
        }
        taken += (size_t)len;
        connection->sent = now_of(connection);
    }
    return taken;
}

/* True when nothing is left over. */
static bool write_unsent(struct vrx_connection *connection) {
    struct vrx_buffer *unsent = &connection->unsent;
    if (!unsent->len)
        return true;
    connection->unsent_at += write_bytes(connection,
        vrx_view_of(unsent->ptr + connection->unsent_at, unsent->len - connection->unsent_at));
    if (connection->unsent_at < unsent->len)
        return false;
    vrx_buffer_done(unsent);
    connection->unsent_at = 0;
    return true;
}

static bool may_write(const struct vrx_connection *connection) {
    return connection->state == STATE_OPEN && !connection->blocked;
}

static void write_session(struct vrx_connection *connection) {
    struct vrx_buffer *out = &connection->group->out;
    for (int i = 0; may_write(connection) && write_unsent(connection); i++) {
        if (i == VRX_NET_WRITE_TURN) {
            wait_writable(connection); /* the others have their turn first */
            return;
        }
        struct vrx_result result =
            vrx_http2_session_pull(connection->session, out, VRX_NET_WRITE_PIECE);
        if (vrx_is_ok(result) && !out->len)
            return;
        size_t taken = write_bytes(connection, vrx_buffer_view(out));
        if (vrx_is_ok(result) && taken < out->len)
            result = vrx_buffer_append(
                &connection->unsent, vrx_view_of(out->ptr + taken, out->len - taken));
        vrx_buffer_clear(out);
        if (!vrx_is_ok(result))
            connection->state = STATE_DEAD;
    }
}

/* What is answered already goes out first, and GOAWAY, as far as the socket takes them at once: a
 * peer that does not read must not keep its streams by that. */
static void end_now(struct vrx_connection *connection) {
    write_session(connection);
    if (may_write(connection) && vrx_is_ok(vrx_http2_session_end(connection->session)))
        write_session(connection);
    if (connection->state == STATE_OPEN &&
        (connection->unsent.len || !vrx_http2_session_finished(connection->session)))
        connection->state = STATE_DEAD;
    defer_flush(connection);
}

/* Time */

static bool is_pinged(const struct vrx_connection *connection) {
    return connection->pinged != INT64_MAX;
}

static int64_t alive_until(const struct vrx_connection *connection) {
    if (is_pinged(connection))
        return connection->pinged + connection->group->times.ping;
    if (vrx_http2_session_streams(connection->session))
        return connection->received + connection->group->times.keepalive;
    return connection->active + connection->group->times.idle;
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t deadline_of(const struct vrx_connection *connection) {
    if (connection->state == STATE_HANDSHAKE)
        return connection->since + connection->group->times.handshake;
    if (connection->state == STATE_LINGER)
        return connection->since + connection->group->times.linger;
    int64_t at = earlier(alive_until(connection), vrx_http2_session_deadline(connection->session));
    at = earlier(at, earlier(connection->leave_at, connection->end_at));
    if (connection->blocked && connection->sent + connection->group->times.stall < at)
        at = connection->sent + connection->group->times.stall;
    return at;
}

static void set_timer(struct vrx_connection *connection) {
    int64_t at = deadline_of(connection);
    if (at >= connection->timer_at)
        return;
    int64_t ms = at - now_of(connection);
    if (ms < 0)
        ms = 0;
    struct timeval delay = {ms / 1000, ms % 1000 * 1000};
    connection->timer_at = at;
    event_add(&connection->timer, &delay);
}

static void keep_alive(struct vrx_connection *connection) {
    if (now_of(connection) < alive_until(connection))
        return;
    if (is_pinged(connection)) {
        give_up(connection, VRX_NET_LIMIT_PING);
    } else if (vrx_http2_session_streams(connection->session)) {
        connection->pinged = now_of(connection);
        vrx_http2_session_ping(connection->session);
    } else {
        connection->active = now_of(connection);
        vrx_http2_session_drain(connection->session, now_of(connection));
    }
}

static void check_time(struct vrx_connection *connection) {
    int64_t now = now_of(connection);
    if (connection->state != STATE_OPEN) {
        if (now < deadline_of(connection))
            return;
        if (connection->state == STATE_HANDSHAKE)
            give_up(connection, VRX_NET_LIMIT_HANDSHAKE);
        else
            connection->state = STATE_DEAD;
        return;
    }
    if (connection->blocked && now >= connection->sent + connection->group->times.stall) {
        give_up(connection, VRX_NET_LIMIT_STALL);
        return;
    }
    if (now >= connection->end_at) {
        end_now(connection);
        return;
    }
    if (now >= connection->leave_at) {
        connection->leave_at = INT64_MAX;
        vrx_http2_session_drain(connection->session, now);
    }
    struct vrx_result result = vrx_http2_session_tick(connection->session, now);
    if (vrx_is_ok(result))
        keep_alive(connection);
    else
        say_goodbye(connection);
}

/* Events: each begins a turn and ends with on_flush */

static void connection_free(struct vrx_connection *connection) {
    struct vrx_connection_group *group = connection->group;
    end_session(connection);
    event_del(&connection->readable);
    event_del(&connection->writable);
    event_del(&connection->timer);
    vrx_tls_close(&connection->ssl);
    close(connection->fd);
    vrx_quota_leave(group->terminals, &connection->terminal, now_of(connection));
    vrx_quota_leave(group->addresses, &connection->address, now_of(connection));
    vrx_buffer_done(&connection->unsent);
    vrx_peer_unref(&connection->peer);
    if (connection->next)
        connection->next->previous = connection->previous;
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        group->first = connection->next;
    free(connection);
    if (atomic_fetch_sub(&group->count, 1) == 1 && group->emptied)
        group->emptied(group);
}

static void on_flush(struct vrx_loop_task *task) {
    struct vrx_connection *connection = CONTAINER(task, struct vrx_connection, flush);
    if (connection->state == STATE_OPEN) {
        if (vrx_http2_session_streams(connection->session))
            connection->active = now_of(connection);
        write_session(connection);
    }
    if (connection->state == STATE_OPEN && !connection->unsent.len &&
        vrx_http2_session_finished(connection->session))
        say_goodbye(connection);
    if (connection->state == STATE_DEAD) {
        connection_free(connection);
        return;
    }
    connection->flush_deferred = false;
    set_timer(connection);
}

static void on_ready(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    struct vrx_connection *connection = context;
    struct vrx_loop *loop = connection->group->loop;
    vrx_loop_enter(loop);
    if (what & EV_WRITE)
        connection->blocked = false;
    if (connection->state == STATE_HANDSHAKE)
        shake_hands(connection);
    if (connection->state == STATE_OPEN && (what & EV_READ))
        read_records(connection);
    else if (connection->state == STATE_LINGER)
        drop_bytes(connection);
    defer_flush(connection);
    vrx_loop_leave(loop);
}

static void on_timer(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct vrx_connection *connection = context;
    struct vrx_loop *loop = connection->group->loop;
    vrx_loop_enter(loop);
    connection->timer_at = INT64_MAX;
    check_time(connection);
    defer_flush(connection);
    vrx_loop_leave(loop);
}

/* The beginning */

static void write_address(
    const struct sockaddr *address, socklen_t len, char out[VRX_PEER_ADDRESS]) {
    char host[NI_MAXHOST] = "";
    char port[NI_MAXSERV] = "";
    if (getnameinfo(
            address, len, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
        return;
    bool six = address->sa_family == AF_INET6;
    int written = snprintf(out, VRX_PEER_ADDRESS, six ? "[%s]:%s" : "%s:%s", host, port);
    if (written < 0 || written >= VRX_PEER_ADDRESS)
        out[0] = '\0';
}

static struct vrx_result set_up(struct vrx_connection *connection) {
    struct event_base *base = vrx_loop_base(connection->group->loop);
    int one = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    VRX_TRY(vrx_tls_accept(connection->group->tls, connection->fd, &connection->ssl));
    if (event_assign(&connection->readable, base, connection->fd, EV_READ | EV_PERSIST, on_ready,
            connection) ||
        event_assign(&connection->writable, base, connection->fd, EV_WRITE, on_ready, connection) ||
        event_assign(&connection->timer, base, -1, 0, on_timer, connection) ||
        event_add(&connection->readable, NULL))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    return vrx_ok();
}

struct vrx_result vrx_connection_new(struct vrx_connection_group *group, int fd,
    const struct sockaddr *address, socklen_t address_len) {
    uint8_t key[VRX_QUOTA_KEY];
    vrx_quota_address_key(address, key);
    const int64_t now = vrx_loop_now(group->loop);
    struct vrx_quota_share *share = vrx_quota_enter(group->addresses, key, now);
    if (!share) {
        vrx_count(&group->counts.limited[VRX_NET_LIMIT_ADDRESS]);
        close(fd);
        return vrx_refuse(VRX_RATE_EXCEEDED, "connections of one address");
    }
    struct vrx_connection *connection = calloc(1, sizeof *connection);
    struct vrx_peer *peer = vrx_peer_new();
    struct vrx_result result = vrx_fail(VRX_OUT_OF_MEMORY);
    if (connection && peer) {
        connection->flush.run = on_flush;
        connection->group = group;
        connection->fd = fd;
        connection->peer = peer;
        connection->address = share;
        connection->pinged = INT64_MAX;
        connection->timer_at = INT64_MAX;
        connection->leave_at = connection->end_at = INT64_MAX;
        write_address(address, address_len, peer->address);
        result = set_up(connection);
    }
    if (!vrx_is_ok(result)) {
        if (connection)
            vrx_tls_close(&connection->ssl);
        vrx_peer_unref(&peer);
        free(connection);
        vrx_quota_leave(group->addresses, &share, now);
        close(fd);
        return result;
    }
    connection->next = group->first;
    if (connection->next)
        connection->next->previous = connection;
    group->first = connection;
    atomic_fetch_add(&group->count, 1);
    vrx_count(&group->counts.accepted);
    enter_state(connection, STATE_HANDSHAKE);
    set_timer(connection);
    return vrx_ok();
}

void vrx_connection_group_drain(struct vrx_connection_group *group) {
    group->draining = true;
    for (struct vrx_connection *one = group->first; one; one = one->next) {
        if (one->state == STATE_OPEN)
            vrx_http2_session_drain(one->session, now_of(one));
    }
}

static bool may_stay(const struct vrx_connection *connection) {
    const struct vrx_net_guard *guard = &connection->group->guard;
    if (is_revoked(connection))
        return false;
    return !guard->may_stay || guard->may_stay(guard->context, connection->peer);
}

void vrx_connection_group_recheck(struct vrx_connection_group *group) {
    for (struct vrx_connection *one = group->first; one; one = one->next) {
        if (one->state == STATE_OPEN && !may_stay(one))
            end_now(one);
    }
}

void vrx_connection_group_close(struct vrx_connection_group *group) {
    for (struct vrx_connection *one = group->first; one; one = one->next) {
        one->state = STATE_DEAD;
        defer_flush(one);
    }
}
