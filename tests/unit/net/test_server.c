/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener's own part: addresses, ports, threads, and an end at any time.
 */
#include "net/server.h"

#include <arpa/inet.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/random.h"
#include "net/limits.h"
#include "support/check.h"
#include "support/test_pki.h"

static struct test_pki pki;
static struct test_identity identity;
static struct vrx_tls *tls;
static const struct vrx_http2_handler handler;

static int setup(void **state) {
    (void)state;
    test_pki_init(&pki);
    test_identity_init(&identity, &pki, VRX_PROFILE_SERVER);
    struct vrx_tls_identity own = test_identity_tls(&identity);
    assert_ok(vrx_tls_server_new(&own, (struct vrx_view){0}, &tls));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_tls_free(&tls);
    test_identity_done(&identity);
    test_pki_done(&pki);
    return 0;
}

static struct vrx_net_config config_of(const char *address, uint16_t port, unsigned threads) {
    return (struct vrx_net_config){.address = address,
        .port = port,
        .threads = threads,
        .tls = tls,
        .handler = &handler,
        .random = vrx_random_system()};
}

static int connect_to(uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void kernel_picks_one_port_for_all_threads(void **state) {
    (void)state;
    struct vrx_net_server *server = NULL;
    struct vrx_net_config config = config_of("127.0.0.1", 0, 4);
    assert_ok(vrx_net_server_new(&config, &server));
    uint16_t port = vrx_net_server_port(server);
    assert_int_not_equal(port, 0);
    assert_ok(vrx_net_server_start(server));
    for (int i = 0; i < 20; i++) {
        int fd = connect_to(port);
        assert_true(fd >= 0);
        close(fd);
    }
    vrx_net_server_drain(server, 10000);
    assert_int_equal(vrx_net_server_connections(server), 0);
    assert_int_equal(connect_to(port), -1);
    vrx_net_server_drain(server, 10000); /* again: nothing */
    vrx_net_server_free(&server);
    assert_null(server);
}

static void answered(struct vrx_net_server *server) {
    while (!vrx_net_server_answers(server))
        sched_yield();
}

static void threads_answer_and_failed_handshakes_are_counted(void **state) {
    (void)state;
    struct vrx_net_server *server = NULL;
    struct vrx_net_config config = config_of("127.0.0.1", 0, 3);
    assert_ok(vrx_net_server_new(&config, &server));
    assert_true(vrx_net_server_answers(server));
    assert_false(vrx_net_server_answers(server)); /* nobody is there yet to answer */
    assert_ok(vrx_net_server_start(server));
    answered(server);
    answered(server);
    for (int i = 0; i < 5; i++) {
        int fd = connect_to(vrx_net_server_port(server));
        assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
        close(fd);
    }
    vrx_net_server_drain(server, 10000);
    struct vrx_net_statistics counts = vrx_net_server_statistics(server);
    assert_int_equal(counts.open, 0);
    assert_int_equal(counts.accepted, 5);
    assert_int_equal(counts.handshakes_failed, 5);
    vrx_net_server_free(&server);
}

static void every_limit_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < VRX_NET_LIMITS; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(vrx_net_limit_name((enum vrx_net_limit)i),
                vrx_net_limit_name((enum vrx_net_limit)j));
}

static void drain_ends_connections_that_never_spoke(void **state) {
    (void)state;
    struct vrx_net_server *server = NULL;
    struct vrx_net_config config = config_of("127.0.0.1", 0, 1);
    char byte = 0;
    assert_ok(vrx_net_server_new(&config, &server));
    assert_ok(vrx_net_server_start(server));
    int fd = connect_to(vrx_net_server_port(server));
    assert_true(fd >= 0);
    vrx_net_server_drain(server, 10);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
    vrx_net_server_free(&server);
}

static void ipv6(void **state) {
    (void)state;
    struct vrx_net_server *server = NULL;
    struct vrx_net_config config = config_of("::1", 0, 2);
    struct vrx_result result = vrx_net_server_new(&config, &server);
    if (result.reason == VRX_NETWORK_FAILED) {
        print_message("no IPv6 on this machine\n");
        skip();
    }
    assert_ok(result);
    assert_int_not_equal(vrx_net_server_port(server), 0);
    vrx_net_server_free(&server);
}

static void address_that_is_none_is_refused(void **state) {
    (void)state;
    static const char *const addresses[] = {"", "localhost", "256.0.0.1", "::g"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct vrx_net_server *server = NULL;
        struct vrx_net_config config = config_of(addresses[i], 0, 1);
        assert_reason(vrx_net_server_new(&config, &server), VRX_INPUT_RANGE);
        assert_null(server);
    }
}

static void threads_out_of_range_are_refused(void **state) {
    (void)state;
    struct vrx_net_server *server = NULL;
    struct vrx_net_config none = config_of("127.0.0.1", 0, 0);
    struct vrx_net_config many = config_of("127.0.0.1", 0, VRX_NET_THREADS + 1);
    assert_reason(vrx_net_server_new(&none, &server), VRX_INPUT_RANGE);
    assert_reason(vrx_net_server_new(&many, &server), VRX_INPUT_RANGE);
}

static void port_that_is_taken_is_refused(void **state) {
    (void)state;
    struct vrx_net_server *server = NULL;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    struct vrx_net_config config = config_of("127.0.0.1", ntohs(address.sin_port), 1);
    assert_reason(vrx_net_server_new(&config, &server), VRX_NETWORK_FAILED);
    close(fd);
}

/* SO_REUSEPORT is for our own threads: a second daemon must not take half of the first one's calls.
 */
static void port_of_another_server_is_refused(void **state) {
    (void)state;
    struct vrx_net_server *first = NULL;
    struct vrx_net_server *second = NULL;
    struct vrx_net_config config = config_of("127.0.0.1", 0, 2);
    assert_ok(vrx_net_server_new(&config, &first));
    config.port = vrx_net_server_port(first);
    assert_reason(vrx_net_server_new(&config, &second), VRX_NETWORK_FAILED);
    vrx_net_server_free(&first);
}

/* A listener without descriptors rests, and goes on when there are some again. */
static void descriptors_that_ran_out(void **state) {
    (void)state;
    enum { SPARE = 256 };
    struct vrx_net_server *server = NULL;
    struct vrx_net_config config = config_of("127.0.0.1", 0, 1);
    struct rlimit before;
    int filler[SPARE];
    int count = 0;
    assert_ok(vrx_net_server_new(&config, &server));
    assert_ok(vrx_net_server_start(server));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit low = {(rlim_t)fd + 1 < SPARE ? (rlim_t)fd + 1 : SPARE, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    while (count < SPARE && (filler[count] = dup(fd)) >= 0)
        count++;
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons(vrx_net_server_port(server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    usleep(20000); /* for the listener to find out; without it the test tells less, never wrong */
    assert_int_equal(vrx_net_server_connections(server), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    while (!vrx_net_server_connections(server))
        usleep(1000);
    while (count)
        close(filler[--count]);
    close(fd);
    vrx_net_server_free(&server);
}

/* So many connections of one address; whoever comes then is closed before anything is said. */
static void connections_of_one_address(void **state) {
    (void)state;
    enum { MOST = 3 };
    const struct vrx_net_bounds bounds = {
        .connections = 8, .addresses = 8, .address.connections = MOST, .terminal = 8};
    struct vrx_net_server *server = NULL;
    struct vrx_net_config config = config_of("127.0.0.1", 0, 2);
    int fds[MOST];
    char byte = 0;
    config.bounds = &bounds;
    assert_ok(vrx_net_server_new(&config, &server));
    assert_ok(vrx_net_server_start(server));
    for (int i = 0; i < MOST; i++)
        assert_true((fds[i] = connect_to(vrx_net_server_port(server))) >= 0);
    while (vrx_net_server_connections(server) < MOST)
        usleep(1000);
    int more = connect_to(vrx_net_server_port(server));
    assert_true(recv(more, &byte, 1, 0) <= 0);
    close(more);
    assert_int_equal(vrx_net_server_connections(server), MOST);
    shutdown(fds[0], SHUT_RDWR);
    close(fds[0]);
    while (vrx_net_server_connections(server) == MOST)
        usleep(1000);
    fds[0] = connect_to(vrx_net_server_port(server));
    while (vrx_net_server_connections(server) < MOST)
        usleep(1000);
    for (int i = 0; i < MOST; i++)
        close(fds[i]);
    vrx_net_server_free(&server);
}

static void bounds_that_let_nobody_in_are_refused(void **state) {
    (void)state;
    static const struct vrx_net_bounds cases[] = {
        {.connections = 8, .addresses = 8, .terminal = 8},
        {.connections = 8, .addresses = 8, .address.connections = 8},
        {.connections = 8, .addresses = 7, .address.connections = 8, .terminal = 8},
        {.addresses = 8, .address.connections = 8, .terminal = 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vrx_net_server *server = NULL;
        struct vrx_net_config config = config_of("127.0.0.1", 0, 1);
        config.bounds = &cases[i];
        assert_reason(vrx_net_server_new(&config, &server), VRX_INPUT_RANGE);
        assert_null(server);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_picks_one_port_for_all_threads),
        cmocka_unit_test(threads_answer_and_failed_handshakes_are_counted),
        cmocka_unit_test(every_limit_has_a_name_of_its_own),
        cmocka_unit_test(drain_ends_connections_that_never_spoke),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(address_that_is_none_is_refused),
        cmocka_unit_test(threads_out_of_range_are_refused),
        cmocka_unit_test(port_that_is_taken_is_refused),
        cmocka_unit_test(port_of_another_server_is_refused),
        cmocka_unit_test(descriptors_that_ran_out),
        cmocka_unit_test(connections_of_one_address),
        cmocka_unit_test(bounds_that_let_nobody_in_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
