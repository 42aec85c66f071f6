/* SPDX-License-Identifier: Apache-2.0
 *
 * libevent's evhttp does the HTTP; a loop as the I/O threads have does the waiting.
 */
#include "metrics/endpoint.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/loop.h"

#define HEAD_BYTES 8192 /* of a request: Prometheus sends some hundred */
#define PATIENCE_SECONDS 10
#define BACKLOG 16
#define TEXT_BYTES ((size_t)16 << 20) /* 1,741 municipalities and 100 methods take under 1 MiB */

struct vrx_metrics_endpoint {
    struct vrx_metrics_sources sources;
    struct vrx_loop *loop;
    struct evhttp *http;
    int fd; /* until the listener has it */
    uint16_t port;
    char *path; /* to be removed */
};

/* ---- the place ---- */

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    } socket;
    socklen_t len;
};

static bool is_loopback(const struct address *address) {
    if (address->socket.any.sa_family == AF_INET)
        return ntohl(address->socket.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address->socket.any.sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&address->socket.v6.sin6_addr);
}

static struct vrx_result resolve_path(const char *path, struct address *ret_address) {
    struct address local = {.socket.local.sun_family = AF_UNIX, .len = sizeof local.socket.local};
    const size_t len = strlen(path);
    if (len >= sizeof local.socket.local.sun_path)
        return vrx_refuse(VRX_INPUT_RANGE, "metrics: a socket's path is at most 107 bytes");
    memcpy(local.socket.local.sun_path, path, len + 1);
    *ret_address = local;
    return vrx_ok();
}

static struct vrx_result resolve(
    const struct vrx_metrics_place *place, struct address *ret_address) {
    if (place->path)
        return resolve_path(place->path, ret_address);
    char port[8];
    struct addrinfo *info = NULL;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM};
    struct address address = {0};
    (void)snprintf(port, sizeof port, "%u", place->port);
    if (getaddrinfo(place->address, port, &hints, &info) == 0) {
        memcpy(&address.socket, info->ai_addr, info->ai_addrlen);
        address.len = info->ai_addrlen;
        freeaddrinfo(info);
    }
    if (!is_loopback(&address))
        return vrx_refuse(VRX_INPUT_RANGE, "metrics: a loopback address, or a path with a slash");
    *ret_address = address;
    return vrx_ok();
}

struct vrx_result vrx_metrics_place_check(const struct vrx_metrics_place *place) {
    struct address address;
    return resolve(place, &address);
}

/* ---- listening ---- */

/* What a daemon that was killed left: a socket that nobody listens on. */
static struct vrx_result clear_path(const char *path, const struct address *address) {
    struct stat status;
    if (lstat(path, &status) != 0)
        return vrx_ok();
    if (!S_ISSOCK(status.st_mode))
        return vrx_refuse(VRX_FILE_REFUSED, "metrics: there lies something that is no socket");
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    const bool taken =
        connect(fd, &address->socket.any, address->len) == 0 || errno != ECONNREFUSED;
    close(fd);
    if (taken || unlink(path) != 0)
        return vrx_refuse(VRX_NETWORK_FAILED, "metrics: somebody listens there");
    return vrx_ok();
}

static uint16_t port_of(int fd) {
    struct address own = {.len = sizeof own.socket};
    if (getsockname(fd, &own.socket.any, &own.len) != 0)
        return 0;
    return ntohs(
        own.socket.any.sa_family == AF_INET6 ? own.socket.v6.sin6_port : own.socket.v4.sin_port);
}

static struct vrx_result listen_at(
    struct vrx_metrics_endpoint *endpoint, const struct vrx_metrics_place *place) {
    struct address address;
    const int on = 1;
    VRX_TRY(resolve(place, &address));
    if (place->path)
        VRX_TRY(clear_path(place->path, &address));
    endpoint->fd =
        socket(address.socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (endpoint->fd < 0)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (!place->path)
        (void)setsockopt(endpoint->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(endpoint->fd, &address.socket.any, address.len) != 0)
        return vrx_fail(VRX_NETWORK_FAILED);
    if (place->path) {
        endpoint->path = strdup(place->path);
        if (!endpoint->path || chmod(place->path, 0660) != 0)
            return vrx_fail(VRX_FILE_REFUSED);
    } else {
        endpoint->port = port_of(endpoint->fd);
    }
    return listen(endpoint->fd, BACKLOG) == 0 ? vrx_ok() : vrx_fail(VRX_NETWORK_FAILED);
}

/* ---- answering, on the loop's thread ---- */

static void forget_text(const void *data, size_t len, void *extra) {
    (void)data;
    (void)len;
    struct vrx_buffer *text = extra;
    vrx_buffer_done(text);
    free(text);
}

/* The text goes over to the reply, which frees it. NULL when memory is short. */
static struct evbuffer *collect(const struct vrx_metrics_endpoint *endpoint) {
    struct vrx_buffer *text = calloc(1, sizeof *text);
    struct evbuffer *body = text ? evbuffer_new() : NULL;
    if (!body) {
        free(text);
        return NULL;
    }
    text->limit = TEXT_BYTES;
    if (vrx_is_ok(vrx_metrics_collect(&endpoint->sources, text)) &&
        evbuffer_add_reference(body, text->ptr, text->len, forget_text, text) == 0)
        return body;
    forget_text(NULL, 0, text);
    evbuffer_free(body);
    return NULL;
}

static void on_metrics(struct evhttp_request *request, void *context) {
    struct evbuffer *body = collect(context);
    if (!body) {
        evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
        return;
    }
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
        "text/plain; version=0.0.4; charset=utf-8");
    evhttp_send_reply(request, HTTP_OK, "OK", body);
    evbuffer_free(body);
}

static struct vrx_result serve(struct vrx_metrics_endpoint *endpoint) {
    VRX_TRY(vrx_loop_new(NULL, &endpoint->loop));
    endpoint->http = evhttp_new(vrx_loop_base(endpoint->loop));
    if (!endpoint->http)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    evhttp_set_max_headers_size(endpoint->http, HEAD_BYTES);
    evhttp_set_max_body_size(endpoint->http, 0);
    evhttp_set_timeout(endpoint->http, PATIENCE_SECONDS);
    evhttp_set_allowed_methods(endpoint->http, EVHTTP_REQ_GET); /* its HEAD would send a body */
    if (evhttp_set_cb(endpoint->http, "/metrics", on_metrics, endpoint) != 0 ||
        evhttp_accept_socket(endpoint->http, endpoint->fd) != 0)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    endpoint->fd = -1;
    return vrx_loop_start(endpoint->loop);
}

struct vrx_result vrx_metrics_endpoint_new(const struct vrx_metrics_place *place,
    const struct vrx_metrics_sources *sources, struct vrx_metrics_endpoint **ret_endpoint) {
    struct vrx_metrics_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (!endpoint)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    endpoint->sources = *sources;
    endpoint->fd = -1;
    struct vrx_result result = listen_at(endpoint, place);
    if (vrx_is_ok(result))
        result = serve(endpoint);
    if (vrx_is_ok(result))
        *ret_endpoint = endpoint;
    else
        vrx_metrics_endpoint_free(&endpoint);
    return result;
}

uint16_t vrx_metrics_endpoint_port(const struct vrx_metrics_endpoint *endpoint) {
    return endpoint->port;
}

void vrx_metrics_endpoint_free(struct vrx_metrics_endpoint **endpoint) {
    if (!endpoint || !*endpoint)
        return;
    struct vrx_metrics_endpoint *own = *endpoint;
    *endpoint = NULL;
    if (own->loop)
        vrx_loop_stop(own->loop);
    if (own->http)
        evhttp_free(own->http);
    vrx_loop_free(&own->loop);
    if (own->fd >= 0)
        close(own->fd);
    if (own->path)
        (void)unlink(own->path);
    free(own->path);
    free(own);
}
