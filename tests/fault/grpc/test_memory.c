/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation of the session, of nghttp2 and of the calls fails in turn, alone and with all
 * after it, while recorded clients speak (the seeds of fuzz_grpc). Whatever happens: nothing
 * crashes or leaks, every call that was begun ends, and no call is told its end twice or after its
 * answer.
 */
#include <dirent.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>

#include "grpc/server.h"
#include "support/check.h"
#include "support/fault_malloc.h"

#define SEEDS "tests/fuzz/seeds/grpc"
#define SCRIPT 65536

static const struct vrx_grpc_route routes[] = {
    {"/f.F/Unary", VRX_CALL_UNARY, NULL},
    {"/f.F/Collect", VRX_CALL_CLIENT_STREAM, NULL},
    {"/f.F/Spread", VRX_CALL_SERVER_STREAM, NULL},
    {"/f.F/Talk", VRX_CALL_BOTH_STREAM, NULL},
};

static struct {
    unsigned begun;
    unsigned dropped;
    unsigned answered;
    unsigned cancelled;
    unsigned wrong; /* calls told something that they must not hear any more */
} t;

/* Marks that live in the call: no allocation of the test's own. */
static char fresh, done;

static void drop(void *user) {
    (void)user;
    t.dropped++;
}

static void meet(struct vrx_call *call) {
    if (vrx_call_user(call) == &done)
        t.wrong++;
    if (vrx_call_user(call))
        return;
    t.begun++;
    vrx_call_set_user(call, &fresh, drop);
}

static void answer(struct vrx_call *call) {
    struct vrx_buffer reply = {0};
    struct vrx_result result = vrx_buffer_append(&reply, vrx_view_text("reply"));
    if (vrx_is_ok(result))
        vrx_call_send(call, &reply);
    t.answered++;
    vrx_call_finish(call, result);
}

static void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    (void)context;
    (void)message;
    meet(call);
    if (vrx_call_route(call) == &routes[1])
        vrx_call_take_more(call, 1);
    else
        answer(call);
}

static void on_end(void *context, struct vrx_call *call) {
    (void)context;
    meet(call);
    answer(call);
}

static void on_writable(void *context, struct vrx_call *call) {
    (void)context;
    meet(call);
}

static void on_cancelled(void *context, struct vrx_call *call) {
    (void)context;
    meet(call);
    vrx_call_set_user(call, &done, drop);
    t.cancelled++;
}

static struct vrx_result zeroes(void *context, uint8_t *out, size_t len) {
    (void)context;
    memset(out, 0, len);
    return vrx_ok();
}

static void converse(struct vrx_http2_session *session, struct vrx_view script) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_http2_session_receive(
        session, 1000, vrx_view_of(NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN));
    for (size_t at = 0; vrx_is_ok(result) && at < script.len; at += 200) {
        result = vrx_http2_session_receive(session, 1000, vrx_view_slice(script, at, 200));
        vrx_buffer_clear(&out);
        if (vrx_is_ok(result))
            result = vrx_http2_session_pull(session, &out, 65536);
    }
}

static void run(struct vrx_view script) {
    struct vrx_grpc_handler handler = {
        .message = on_message, .end = on_end, .writable = on_writable, .cancelled = on_cancelled};
    struct vrx_random random = {zeroes, NULL};
    struct vrx_grpc_service *service = NULL;
    struct vrx_http2_session *session = NULL;
    struct vrx_peer *peer = vrx_peer_new();
    memset(&t, 0, sizeof t);
    if (peer && vrx_is_ok(vrx_grpc_service_new(routes, 3, &handler, &random, &service))) {
        struct vrx_http2_config config = {
            .handler = vrx_grpc_service_handler(service), .peer = peer, .now_ms = 1000};
        if (vrx_is_ok(vrx_http2_session_new(&config, &session)))
            converse(session, script);
        vrx_http2_session_free(&session);
    }
    vrx_grpc_service_free(&service);
    vrx_peer_unref(&peer);
    assert_int_equal(t.begun, t.dropped);
    assert_true(t.answered + t.cancelled >= t.begun);
    assert_int_equal(t.wrong, 0);
}

static void every_allocation_fails(struct vrx_view script) {
    for (int lasting = 0; lasting < 2; lasting++) {
        unsigned long met = 1;
        for (unsigned long at = 1; met; at++) {
            fault_malloc_arm(at, lasting);
            run(script);
            met = fault_malloc_met();
        }
        fault_malloc_arm(0, false);
    }
}

static void recorded_clients(void **state) {
    (void)state;
    static uint8_t bytes[SCRIPT];
    unsigned scripts = 0;
    DIR *folder = opendir(SEEDS);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char path[512];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, SEEDS "/%s", entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t len = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_true(len > 1);
        every_allocation_fails(vrx_view_of(bytes + 1, len - 1));
        scripts++;
    }
    closedir(folder);
    assert_true(scripts > 20);
}

int main(void) {
    if (!fault_malloc_install())
        return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(recorded_clients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
