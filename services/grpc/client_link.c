/* SPDX-License-Identifier: Apache-2.0
 *
 * A non-blocking socket that is waited for with poll, so that every wait has an end.
 */
#include "grpc/client_link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE ((size_t)65536)
#define CANCEL_LOOK 250   /* milliseconds */
#define ALERT_REASON 1000 /* OpenSSL's reason of a received alert is 1000 + its number */

int64_t vrx_client_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct vrx_result wait_for(
    const struct vrx_client_link *link, int fd, int events, int64_t until) {
    struct pollfd one = {.fd = fd, .events = (short)events};
    const int64_t most = link->cancelled ? CANCEL_LOOK : INT32_MAX;
    for (;;) {
        int64_t ms = until == INT64_MAX ? most : until - vrx_client_now();
        if (ms <= 0)
            return vrx_fail(VRX_DEADLINE_EXCEEDED);
        if (link->cancelled && atomic_load(link->cancelled))
            return vrx_refuse(VRX_NETWORK_FAILED, "the call was given up");
        int ready = poll(&one, 1, (int)(ms > most ? most : ms));
        if (ready > 0)
            return vrx_ok();
        if (ready < 0 && errno != EINTR)
            return vrx_fail(VRX_NETWORK_FAILED);
    }
}

/* Connecting */

static struct vrx_result connect_one(
    const struct addrinfo *info, int64_t until, struct vrx_client_link *link) {
    int one = 1;
    int error = 0;
    socklen_t len = sizeof error;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return vrx_fail(VRX_NETWORK_FAILED);
    struct vrx_result result = vrx_ok();
    if (connect(fd, info->ai_addr, info->ai_addrlen)) {
        result = vrx_fail(VRX_NETWORK_FAILED);
        if (errno == EINPROGRESS)
            result = wait_for(link, fd, POLLOUT, until);
        if (vrx_is_ok(result) && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) || error))
            result = vrx_fail(VRX_NETWORK_FAILED);
    }
    if (!vrx_is_ok(result)) {
        close(fd);
        return result;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    link->fd = fd;
    return vrx_ok();
}

static struct vrx_result connect_any(
    struct vrx_client_link *link, const char *host, uint16_t port, int64_t until) {
    char text[8];
    struct addrinfo *list = NULL;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    snprintf(text, sizeof text, "%u", port);
    if (getaddrinfo(host, text, &hints, &list))
        return vrx_refuse(VRX_NETWORK_FAILED, "the host's name has no address");
    struct vrx_result result = vrx_fail(VRX_NETWORK_FAILED);
    for (struct addrinfo *info = list; info; info = info->ai_next) {
        result = connect_one(info, until, link);
        if (vrx_is_ok(result))
            break;
    }
    freeaddrinfo(list);
    return result;
}

/* TLS */

/* What ended the connection: RFC 8446 §6.2 has alerts that speak of our certificate. */
static struct vrx_result tls_failure(const SSL *ssl) {
    static const int about_certificates[] = {42, 43, 44, 45, 46, 48, 116};
    int reason = ERR_GET_REASON(ERR_peek_last_error());
    ERR_clear_error();
    if (SSL_get_verify_result(ssl) != X509_V_OK)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §6: the server's certificate");
    for (size_t i = 0; i < sizeof about_certificates / sizeof *about_certificates; i++) {
        if (reason == ALERT_REASON + about_certificates[i])
            return vrx_refuse(
                VRX_CERTIFICATE_INVALID, "RFC 8446 §6.2: the server refuses our certificate");
    }
    return vrx_fail(VRX_NETWORK_FAILED);
}

/* After a return of 0 or less: *ret_events is what to wait for. */
static struct vrx_result classify(const SSL *ssl, int returned, int *ret_events) {
    switch (SSL_get_error(ssl, returned)) {
    case SSL_ERROR_WANT_READ:
        *ret_events = POLLIN;
        return vrx_ok();
    case SSL_ERROR_WANT_WRITE:
        *ret_events = POLLOUT;
        return vrx_ok();
    default:
        return tls_failure(ssl);
    }
}

static struct vrx_result shake_hands(struct vrx_client_link *link, int64_t until) {
    for (;;) {
        int events = 0;
        int done = SSL_do_handshake(link->ssl);
        if (done == 1)
            return vrx_tls_identify(link->ssl, link->peer);
        VRX_TRY(classify(link->ssl, done, &events));
        VRX_TRY(wait_for(link, link->fd, events, until));
    }
}

struct vrx_result vrx_client_link_open(struct vrx_client_link *link, const struct vrx_tls *tls,
    const char *host, uint16_t port, int64_t until) {
    link->fd = -1;
    link->peer = vrx_peer_new();
    if (!link->peer)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(connect_any(link, host, port, until));
    VRX_TRY(vrx_tls_connect(tls, link->fd, host, &link->ssl));
    return shake_hands(link, until);
}

/* Turning */

static struct vrx_result send_all(struct vrx_client_link *link, int *events, bool *progress) {
    while (link->unsent.len < PIECE) {
        const uint8_t *bytes = NULL;
        ssize_t len = nghttp2_session_mem_send(link->h2, &bytes);
        if (len < 0)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        if (!len)
            break;
        VRX_TRY(vrx_buffer_append(&link->unsent, vrx_view_of(bytes, (size_t)len)));
    }
    size_t sent = 0;
    while (sent < link->unsent.len) {
        int len = SSL_write(link->ssl, link->unsent.ptr + sent, (int)(link->unsent.len - sent));
        if (len <= 0) {
            int wanted = 0;
            VRX_TRY(classify(link->ssl, len, &wanted));
            *events |= wanted;
            break;
        }
        sent += (size_t)len;
        *progress = true;
    }
    if (sent) {
        memmove(link->unsent.ptr, link->unsent.ptr + sent, link->unsent.len - sent);
        link->unsent.len -= sent;
    }
    return vrx_ok();
}

static struct vrx_result receive_one(struct vrx_client_link *link, int *events, bool *progress) {
    uint8_t record[1 << 14];
    int len = SSL_read(link->ssl, record, sizeof record);
    if (len <= 0) {
        int wanted = 0;
        VRX_TRY(classify(link->ssl, len, &wanted));
        *events |= wanted;
        return vrx_ok();
    }
    *progress = true;
    ssize_t taken = nghttp2_session_mem_recv(link->h2, record, (size_t)len);
    return taken < 0 ? vrx_fail(VRX_NETWORK_FAILED) : vrx_ok();
}

struct vrx_result vrx_client_link_turn(struct vrx_client_link *link, int64_t until) {
    int events = 0;
    bool progress = false;
    if (link->fd < 0)
        return vrx_fail(VRX_NETWORK_FAILED);
    struct vrx_result result = send_all(link, &events, &progress);
    if (vrx_is_ok(result))
        result = receive_one(link, &events, &progress);
    if (!vrx_is_ok(result)) {
        vrx_client_link_close(link);
        return result;
    }
    return progress ? vrx_ok() : wait_for(link, link->fd, events | POLLIN, until);
}

void vrx_client_link_close(struct vrx_client_link *link) {
    if (link->ssl && SSL_is_init_finished(link->ssl))
        SSL_shutdown(link->ssl);
    ERR_clear_error();
    vrx_tls_close(&link->ssl);
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
    vrx_buffer_done(&link->unsent);
}
