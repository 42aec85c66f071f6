/* SPDX-License-Identifier: Apache-2.0
 *
 * Where metrics are asked for, and where they are not; what stands in them is shown by
 * tests/system/metrics.test.mjs on a real daemon.
 */
#include "metrics/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/check.h"

static const struct vrx_metrics_sources sources = {.version = "1.2.3", .started_at = 1640995200};
static char folder[] = "/tmp/vrx-endpoint-XXXXXX";
static char path[64];

static int setup(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/vrx-endpoint-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/metrics.sock", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static int connect_path(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int connect_port(uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* All that is answered to one request; closes the socket. */
static void ask(int fd, const char *request, char answer[8192]) {
    size_t len = 0;
    assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
    for (ssize_t got; (got = recv(fd, answer + len, 8191 - len, 0)) > 0;)
        len += (size_t)got;
    answer[len] = '\0';
    close(fd);
}

#define GET "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

static void a_socket_answers_its_users_and_goes(void **state) {
    (void)state;
    const struct vrx_metrics_place place = {.path = path};
    struct vrx_metrics_endpoint *endpoint = NULL;
    struct stat status;
    char answer[8192];
    assert_ok(vrx_metrics_endpoint_new(&place, &sources, &endpoint));
    assert_int_equal(vrx_metrics_endpoint_port(endpoint), 0);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
    for (int i = 0; i < 3; i++) {
        ask(connect_path(), GET, answer);
        assert_non_null(strstr(answer, "HTTP/1.1 200 OK\r\n"));
        assert_non_null(strstr(answer, "\nvrx_build_info{version=\"1.2.3\"} 1\n"));
        assert_non_null(strstr(answer, "\nprocess_start_time_seconds 1640995200\n"));
    }
    vrx_metrics_endpoint_free(&endpoint);
    assert_null(endpoint);
    assert_int_equal(stat(path, &status), -1);
}

static void loopback_answers(void **state) {
    (void)state;
    const struct vrx_metrics_place place = {.address = "127.0.0.1"};
    struct vrx_metrics_endpoint *endpoint = NULL;
    char answer[8192];
    assert_ok(vrx_metrics_endpoint_new(&place, &sources, &endpoint));
    ask(connect_port(vrx_metrics_endpoint_port(endpoint)), GET, answer);
    assert_non_null(strstr(answer, "200 OK"));
    const struct vrx_metrics_place taken = {
        .address = "127.0.0.1", .port = vrx_metrics_endpoint_port(endpoint)};
    struct vrx_metrics_endpoint *second = NULL;
    assert_reason(vrx_metrics_endpoint_new(&taken, &sources, &second), VRX_NETWORK_FAILED);
    assert_null(second);
    vrx_metrics_endpoint_free(&endpoint);
}

static void what_is_no_question_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *request;
        const char *status;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", " 404 "},
        {"GET /metricsx HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", " 404 "},
        {"DELETE /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", " 501 "},
        {"GET /metrics HTTP/1.1\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", " 413 "},
        {"nonsense\r\n\r\n", " 400 "},
    };
    const struct vrx_metrics_place place = {.path = path};
    struct vrx_metrics_endpoint *endpoint = NULL;
    char answer[8192];
    assert_ok(vrx_metrics_endpoint_new(&place, &sources, &endpoint));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ask(connect_path(), cases[i].request, answer);
        assert_null(strstr(answer, "vrx_build_info"));
        assert_non_null(strstr(answer, cases[i].status));
    }
    char *large = calloc(1, 20000);
    assert_non_null(large);
    memset(large, 'x', 19999);
    memcpy(large, "GET /metrics HTTP/1.1\r\nX: ", 26);
    int fd = connect_path();
    (void)send(fd, large, 19999, MSG_NOSIGNAL);
    ssize_t got = recv(fd, answer, sizeof answer - 1, 0);
    answer[got > 0 ? got : 0] = '\0';
    assert_null(strstr(answer, "200 OK"));
    close(fd);
    free(large);
    vrx_metrics_endpoint_free(&endpoint);
}

static void a_head_that_does_not_end_holds_up_nobody(void **state) {
    (void)state;
    const struct vrx_metrics_place place = {.path = path};
    struct vrx_metrics_endpoint *endpoint = NULL;
    char answer[8192];
    assert_ok(vrx_metrics_endpoint_new(&place, &sources, &endpoint));
    int slow = connect_path();
    assert_int_equal(send(slow, "GET /met", 8, MSG_NOSIGNAL), 8);
    ask(connect_path(), GET, answer);
    assert_non_null(strstr(answer, "200 OK"));
    vrx_metrics_endpoint_free(&endpoint);
    close(slow);
}

static void other_addresses_are_refused(void **state) {
    (void)state;
    static const char *const addresses[] = {
        "0.0.0.0", "::", "192.0.2.1", "localhost", "", "::ffff:127.0.0.1", "128.0.0.1"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const struct vrx_metrics_place place = {.address = addresses[i]};
        struct vrx_metrics_endpoint *endpoint = NULL;
        assert_reason(vrx_metrics_place_check(&place), VRX_INPUT_RANGE);
        assert_reason(vrx_metrics_endpoint_new(&place, &sources, &endpoint), VRX_INPUT_RANGE);
        assert_null(endpoint);
    }
    const struct vrx_metrics_place inside = {.address = "127.9.9.9"};
    const struct vrx_metrics_place six = {.address = "::1"};
    assert_ok(vrx_metrics_place_check(&inside));
    assert_ok(vrx_metrics_place_check(&six));
}

static void a_path_that_is_too_long_is_refused(void **state) {
    (void)state;
    char longer[200];
    memset(longer, 'a', sizeof longer - 1);
    longer[0] = '/';
    longer[108] = '\0';
    const struct vrx_metrics_place place = {.path = longer};
    assert_reason(vrx_metrics_place_check(&place), VRX_INPUT_RANGE);
    longer[107] = '\0';
    assert_ok(vrx_metrics_place_check(&place));
}

static void what_lies_there_stays_unless_it_was_left(void **state) {
    (void)state;
    const struct vrx_metrics_place place = {.path = path};
    struct vrx_metrics_endpoint *first = NULL;
    struct vrx_metrics_endpoint *second = NULL;
    char answer[8192];
    assert_ok(vrx_metrics_endpoint_new(&place, &sources, &first));
    assert_reason(vrx_metrics_endpoint_new(&place, &sources, &second), VRX_NETWORK_FAILED);
    ask(connect_path(), GET, answer); /* the first one's is still there */
    assert_non_null(strstr(answer, "200 OK"));
    vrx_metrics_endpoint_free(&first);

    int left = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(left, (const struct sockaddr *)&address, sizeof address), 0);
    close(left);
    assert_ok(vrx_metrics_endpoint_new(&place, &sources, &second));
    vrx_metrics_endpoint_free(&second);

    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
    assert_reason(vrx_metrics_endpoint_new(&place, &sources, &second), VRX_FILE_REFUSED);
    assert_int_equal(access(path, F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_socket_answers_its_users_and_goes, setup, teardown),
        cmocka_unit_test(loopback_answers),
        cmocka_unit_test_setup_teardown(what_is_no_question_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_head_that_does_not_end_holds_up_nobody, setup, teardown),
        cmocka_unit_test(other_addresses_are_refused),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test_setup_teardown(what_lies_there_stays_unless_it_was_left, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
