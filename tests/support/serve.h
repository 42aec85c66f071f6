/* SPDX-License-Identifier: Apache-2.0
 *
 * What the servers of the transport's tests share: the listener, from the arguments of the command
 * line to the drain after SIGTERM.
 *
 *   usage: PROGRAM CERTIFICATE KEY [CLIENT-CA [THREADS]]
 */
#ifndef VRX_TEST_SERVE_H
#define VRX_TEST_SERVE_H

#include "grpc/server.h"

/* What is served; ended runs when the last call is over. */
struct serve {
    const struct vrx_grpc_route *routes;
    size_t route_count;
    struct vrx_grpc_handler handler;
    void (*started)(struct vrx_grpc_server *server); /* these two may be NULL */
    void (*ended)(void);
};

/* Prints "port N", serves until SIGTERM, drains. Returns the program's exit status. */
int serve(int argc, char **argv, const struct serve *what);

#endif
