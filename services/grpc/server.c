/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts the gRPC service (service.c) on a TLS listener (net/server.c).
 */
#include "grpc/server.h"

#include <stdlib.h>

struct vrx_grpc_server {
    struct vrx_grpc_service *service;
    struct vrx_net_server *net;
};

struct vrx_result vrx_grpc_server_new(
    const struct vrx_grpc_server_config *config, struct vrx_grpc_server **ret_server) {
    struct vrx_grpc_server *server = calloc(1, sizeof *server);
    if (!server)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_grpc_service_new(
        config->routes, config->route_count, &config->handler, config->random, &server->service);
    if (vrx_is_ok(result)) {
        if (config->message_limit)
            vrx_grpc_service_limit_messages(server->service, config->message_limit);
        vrx_grpc_service_answer_plain(server->service, &config->plain);
        struct vrx_net_config net = {
            .address = config->address,
            .port = config->port,
            .threads = config->threads,
            .tls = config->tls,
            .handler = vrx_grpc_service_handler(server->service),
            .random = config->random,
            .times = config->times,
            .bounds = config->bounds,
            .guard = config->guard,
        };
        result = vrx_net_server_new(&net, &server->net);
    }
    if (vrx_is_ok(result))
        *ret_server = server;
    else
        vrx_grpc_server_free(&server);
    return result;
}

uint16_t vrx_grpc_server_port(const struct vrx_grpc_server *server) {
    return vrx_net_server_port(server->net);
}

struct vrx_result vrx_grpc_server_start(struct vrx_grpc_server *server) {
    return vrx_net_server_start(server->net);
}

struct vrx_net_statistics vrx_grpc_server_statistics(const struct vrx_grpc_server *server) {
    return vrx_net_server_statistics(server->net);
}

bool vrx_grpc_server_answers(struct vrx_grpc_server *server) {
    return vrx_net_server_answers(server->net);
}

void vrx_grpc_server_flush(struct vrx_grpc_server *server) {
    vrx_net_server_wake(server->net);
}

void vrx_grpc_server_recheck(struct vrx_grpc_server *server) {
    vrx_net_server_recheck(server->net);
}

void vrx_grpc_server_drain(struct vrx_grpc_server *server, int64_t grace_ms) {
    vrx_net_server_drain(server->net, grace_ms);
}

void vrx_grpc_server_free(struct vrx_grpc_server **server) {
    struct vrx_grpc_server *own = *server;
    *server = NULL;
    if (!own)
        return;
    vrx_net_server_free(&own->net);
    vrx_grpc_service_free(&own->service);
    free(own);
}
