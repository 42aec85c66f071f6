/* SPDX-License-Identifier: Apache-2.0 */
#include "support/serve.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"

#define DRAIN_MS 5000

static struct vrx_buffer read_file(const char *path) {
    struct vrx_buffer content = {0};
    FILE *file = fopen(path, "rb");
    uint8_t piece[4096];
    size_t len = 0;
    if (!file) {
        perror(path);
        exit(1);
    }
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        VRX_IGNORE(vrx_buffer_append(&content, vrx_view_of(piece, len)));
    fclose(file);
    return content;
}

static void check(struct vrx_result result, const char *what) {
    if (vrx_is_ok(result))
        return;
    fprintf(stderr, "%s: %s (%s)\n", what, vrx_reason_name(result.reason),
        result.clause ? result.clause : "-");
    exit(1);
}

static struct vrx_tls *make_tls(int argc, char **argv) {
    struct vrx_buffer certificate = read_file(argv[1]);
    struct vrx_buffer key = read_file(argv[2]);
    struct vrx_buffer authority = {0};
    if (argc > 3 && argv[3][0])
        authority = read_file(argv[3]);
    struct vrx_secret *secret = NULL;
    check(vrx_secret_new(key.len, &secret), "key");
    if (key.ptr)
        memcpy(secret->ptr, key.ptr, key.len);
    struct vrx_tls_identity identity = {vrx_buffer_view(&certificate), secret};
    struct vrx_tls *tls = NULL;
    check(vrx_tls_server_new(&identity, vrx_buffer_view(&authority), &tls), "TLS");
    vrx_secret_free(&secret);
    vrx_buffer_done(&certificate);
    vrx_buffer_done(&key);
    vrx_buffer_done(&authority);
    return tls;
}

int serve(int argc, char **argv, const struct serve *what) {
    struct vrx_grpc_server *server = NULL;
    sigset_t signals;
    int signal_number = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: %s CERTIFICATE KEY [CLIENT-CA [THREADS]]\n", argv[0]);
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct vrx_tls *tls = make_tls(argc, argv);
    struct vrx_grpc_server_config config = {
        .address = "127.0.0.1",
        .threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 2,
        .tls = tls,
        .routes = what->routes,
        .route_count = what->route_count,
        .handler = what->handler,
        .random = vrx_random_system(),
    };
    check(vrx_grpc_server_new(&config, &server), "server");
    if (what->started)
        what->started(server);
    check(vrx_grpc_server_start(server), "start");
    printf("port %u\n", vrx_grpc_server_port(server));
    fflush(stdout);

    sigwait(&signals, &signal_number);
    vrx_grpc_server_drain(server, DRAIN_MS);
    if (what->ended)
        what->ended();
    vrx_grpc_server_free(&server);
    vrx_tls_free(&tls);
    return 0;
}
