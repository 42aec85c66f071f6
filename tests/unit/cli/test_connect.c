/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/connect.h"

#include "support/check.h"

static void splits(const char *text, const char *host, unsigned port) {
    char found[VRX_SERVER_HOST];
    uint16_t number = 0;
    assert_true(vrx_server_parse(text, found, &number));
    assert_string_equal(found, host);
    assert_int_equal(number, port);
}

static void refuses(const char *text) {
    char host[VRX_SERVER_HOST] = "as it was";
    uint16_t port = 77;
    if (vrx_server_parse(text, host, &port))
        fail_msg("\"%s\" was taken", text);
    assert_string_equal(host, "as it was");
    assert_int_equal(port, 77);
}

static void a_server_is_a_host_and_a_port(void **state) {
    (void)state;
    splits("localhost:7440", "localhost", 7440);
    splits("127.0.0.1:1", "127.0.0.1", 1);
    splits("vrx.city.example.jp:65535", "vrx.city.example.jp", 65535);
    splits("[::1]:7440", "::1", 7440);
}

static void anything_else_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"", ":", "localhost", "localhost:", ":7440", "[]:7440",
        "localhost:0", "localhost:65536", "localhost:99999", "localhost:123456", "localhost:-1",
        "localhost:+1", "localhost: 1", "localhost:1x", "::1:7440", "[::1]", "[::1]7440"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuses(cases[i]);
    char text[VRX_SERVER_HOST + 8];
    memset(text, 'a', VRX_SERVER_HOST);
    strncpy(text + VRX_SERVER_HOST, ":1", 8);
    refuses(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_a_host_and_a_port),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
