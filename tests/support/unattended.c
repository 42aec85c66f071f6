/* SPDX-License-Identifier: Apache-2.0
 *
 * vrxd-unattended: vrxd for tests of what goes on below the people (kill -9 at any moment, a
 * thousand municipalities), where logging in anew after each of hundreds of starts would take most
 * of the time. It is vrxd's own objects; between its main program and the gRPC server the rows of
 * the method table are replaced by copies that ask for no person, nor for a second one (--wrap).
 * All else is as it is: terminals, audit, vault. That rows are kept is tested on the real one
 * (tests/system).
 */
#include <stdlib.h>

#include "dispatch/method.h"
#include "grpc/server.h"

typedef struct vrx_result server_new(
    const struct vrx_grpc_server_config *config, struct vrx_grpc_server **ret_server);
/* Names that the linker gives. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
server_new __real_vrx_grpc_server_new;
server_new __wrap_vrx_grpc_server_new;

#define SERVERS 2 /* that for terminals, that for anyone */

/* The copies must outlive the servers, which end with the process. */
struct vrx_result __wrap_vrx_grpc_server_new(
    const struct vrx_grpc_server_config *config, struct vrx_grpc_server **ret_server) {
    struct vrx_grpc_server_config changed = *config;
    static struct vrx_grpc_route *all_routes[SERVERS];
    static struct vrx_method *all_methods[SERVERS];
    static size_t server;
    const size_t count = config->route_count;
    if (server == SERVERS)
        return vrx_fail(VRX_CAP_REACHED);
    struct vrx_grpc_route *routes = all_routes[server] = calloc(count, sizeof *routes);
    struct vrx_method *methods = all_methods[server] = calloc(count, sizeof *methods);
    server++;
    if (!routes || !methods)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        routes[i] = config->routes[i];
        methods[i] = *(const struct vrx_method *)routes[i].method;
        methods[i].roles = 0;
        methods[i].second = 0;
        routes[i].method = &methods[i];
    }
    changed.routes = routes;
    return __real_vrx_grpc_server_new(&changed, ret_server);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
