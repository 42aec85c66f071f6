/* SPDX-License-Identifier: Apache-2.0
 *
 * The published folder and plain requests for its files, on a gRPC service without sockets: what a
 * system test cannot hold still, and the bounds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/files.h"
#include "formats/revocation_list.h"
#include "formats/trust_list.h"
#include "net/limits.h"
#include "support/check.h"
#include "support/http2_peer.h"
#include "support/signers.h"
#include "web/folder.h"
#include "web/get.h"

#define JWKS "/.well-known/jwks.json"
#define BATCHES "/dcc-revocation.json"
#define CRLS "/.well-known/crl"
#define KID "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-"
#define LARGE ((size_t)9 << 20)

static const struct vrx_grpc_route routes[] = {{"/t.T/Unary", VRX_CALL_UNARY, "unary"}};

static struct {
    char path[40];
    struct vrx_private_key *authority;
    struct vrx_public_key *authority_public;
    struct test_signer csca;
    struct test_signer dsc;
    struct vrx_web_folder *folder;
    struct vrx_grpc_service *service;
    struct http2_peer peer;
} t;

static void path_of(const char *name, char path[160]) {
    (void)snprintf(path, 160, "%s%s", t.path, name);
}

static void put(const char *name, struct vrx_view content) {
    char path[160];
    path_of(name, path);
    assert_ok(vrx_file_replace(path, 0600, content));
}

static void put_text(const char *name, const char *text) {
    put(name, vrx_view_text(text));
}

static void put_trust(uint64_t version) {
    const struct vrx_view signer = vrx_certificate_der(t.dsc.cert);
    const struct vrx_view csca = vrx_certificate_der(t.csca.cert);
    const struct vrx_trust_list_content content = {.version = version,
        .issued = TEST_FROM,
        .expires = TEST_UNTIL,
        .signers = &signer,
        .signer_count = 1,
        .cscas = &csca,
        .csca_count = 1};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_trust_list_sign(&content, t.authority, vrx_view_text("authority"), &out));
    put("/trust-list.cbor", vrx_buffer_view(&out));
}

static void put_revocations(uint64_t version, const struct vrx_private_key *authority) {
    struct vrx_revocation_set set VRX_CLEANUP(vrx_revocation_set_done) = {0};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_revocation_dating dating = {version, TEST_FROM, TEST_UNTIL};
    assert_ok(vrx_revocation_list_sign(&set, &dating, authority, vrx_view_text("authority"), &out));
    put("/revocation-list.cbor", vrx_buffer_view(&out));
}

static void make_folder(const char *name) {
    char path[160];
    path_of(name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void remove_folder(const char *name) {
    char path[160];
    path_of(name, path);
    assert_ok(vrx_folder_remove(path));
}

static void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    (void)context;
    (void)message;
    vrx_call_finish(call, vrx_ok());
}

static struct vrx_result draw(void *context, uint8_t *out, size_t len) {
    (void)context;
    memset(out, 7, len);
    return vrx_ok();
}

static const struct vrx_random random_source = {draw, NULL};

/* A client that takes so much of each file unasked. */
static void begin(uint32_t window) {
    const struct vrx_grpc_handler handler = {.message = on_message};
    const struct vrx_plain_handler plain = {t.folder, vrx_web_get};
    assert_ok(vrx_grpc_service_new(routes, 1, &handler, &random_source, &t.service));
    vrx_grpc_service_answer_plain(t.service, &plain);
    peer_init(&t.peer, vrx_grpc_service_handler(t.service), window);
}

static void end(void) {
    peer_done(&t.peer);
    vrx_grpc_service_free(&t.service);
}

static int setup(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.path, sizeof t.path, "/tmp/vrx-web-XXXXXX");
    assert_non_null(mkdtemp(t.path));
    assert_ok(vrx_private_key_new_p256(&t.authority));
    assert_ok(vrx_private_key_public(t.authority, &t.authority_public));
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &t.csca);
    test_certificate(VRX_PROFILE_DSC_VACCINATION, &t.csca, 2, TEST_FROM, TEST_UNTIL, &t.dsc);
    make_folder("/.well-known");
    make_folder(CRLS);
    put_text(JWKS, "{\"keys\":[1]}");
    put_text("/trust-list.json", "{\"keys\":[]}");
    put_text(BATCHES, "[]");
    put_text(CRLS "/" KID ".json", "{}");
    put_trust(5);
    put_revocations(5, t.authority);
    assert_ok(vrx_web_folder_new(t.path, t.authority_public, &t.folder));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_web_folder_free(&t.folder);
    remove_folder(CRLS);
    remove_folder("/.well-known");
    remove_folder("");
    test_signer_done(&t.dsc);
    test_signer_done(&t.csca);
    vrx_public_key_free(&t.authority_public);
    vrx_private_key_free(&t.authority);
    return 0;
}

static nghttp2_nv nv(const char *name, const char *value) {
    union {
        const char *from;
        uint8_t *to;
    } n = {name}, v = {value};
    return (nghttp2_nv){n.to, v.to, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static struct peer_stream *ask(const char *path, const char *known) {
    const nghttp2_nv head[] = {nv(":method", "GET"), nv(":scheme", "https"), nv(":path", path),
        nv(":authority", "localhost"), nv("if-none-match", known ? known : "")};
    const int32_t id = nghttp2_submit_request(t.peer.h2, NULL, head, known ? 5 : 4, NULL, NULL);
    struct peer_stream *stream = peer_stream(&t.peer, id);
    *stream = (struct peer_stream){.used = true, .status = -1};
    peer_exchange(&t.peer);
    return stream;
}

static void assert_body(const struct peer_stream *stream, const char *text) {
    assert_true(stream->closed);
    assert_true(vrx_view_equal(vrx_buffer_view(&stream->received), vrx_view_text(text)));
}

/* ---- */

static void a_file_on_its_way_stays_what_it_was(void **state) {
    (void)state;
    begin(0);
    const struct peer_stream *first = ask(JWKS, NULL);
    assert_int_equal(first->http, 200);
    assert_int_equal(first->received.len, 0);
    put_text(JWKS, "{\"keys\":[2]}");
    assert_ok(vrx_web_folder_reload(t.folder));
    const struct peer_stream *second = ask(JWKS, NULL);
    for (int32_t id = 1; id <= 3; id += 2)
        assert_int_equal(nghttp2_submit_window_update(t.peer.h2, NGHTTP2_FLAG_NONE, id, 1000), 0);
    peer_exchange(&t.peer);
    assert_body(first, "{\"keys\":[1]}");
    assert_body(second, "{\"keys\":[2]}");
    end();
}

static void who_does_not_take_it_is_cut_off(void **state) {
    (void)state;
    begin(0);
    const struct peer_stream *stream = ask(JWKS, NULL);
    assert_int_equal(stream->http, 200);
    peer_advance(&t.peer, VRX_WEB_REPLY_MS - 1);
    assert_false(stream->closed);
    peer_advance(&t.peer, 1);
    assert_true(stream->closed);
    assert_int_equal(stream->error, NGHTTP2_CANCEL);
    assert_int_equal(vrx_http2_session_streams(t.peer.server), 0);
    end();
}

static void a_connection_whose_replies_are_not_read_gets_no_more(void **state) {
    (void)state;
    struct vrx_buffer large VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    assert_ok(vrx_buffer_extend(&large, LARGE, &at));
    memset(at, '1', LARGE);
    put(BATCHES, vrx_buffer_view(&large));
    assert_ok(vrx_web_folder_reload(t.folder));
    begin(0);
    assert_int_equal(ask(BATCHES, NULL)->http, 200);
    assert_int_equal(ask(BATCHES, NULL)->http, 200);
    assert_int_equal(ask(BATCHES, NULL)->http, 503);
    assert_int_equal(ask("/nothing", NULL)->http, 404);
    end(); /* with both on their way */
}

static void calls_and_files_have_one_quota(void **state) {
    (void)state;
    begin(65535);
    t.peer.barred = true;
    assert_int_equal(ask(JWKS, NULL)->http, 429);
    t.peer.barred = false;
    assert_int_equal(ask(JWKS, NULL)->http, 200);
    assert_int_equal(ask("/t.T/Unary", NULL)->http, 405);
    end();
}

static void only_its_own_tag_says_that_a_file_is_known(void **state) {
    (void)state;
    char list[200];
    const struct vrx_web_file *file = vrx_web_folder_hold(t.folder, vrx_view_text(JWKS));
    begin(65535);
    assert_int_equal(ask(JWKS, file->etag)->http, 304);
    (void)snprintf(list, sizeof list, "\"a,b\" ,\tW/%s", file->etag);
    assert_int_equal(ask(JWKS, list)->http, 304);
    assert_int_equal(ask(JWKS, "*")->http, 304);
    (void)snprintf(list, sizeof list, "%.*s", 60, file->etag);
    assert_int_equal(ask(JWKS, list)->http, 200);
    assert_int_equal(ask(JWKS, "\"\", W/, ,*")->http, 200);
    assert_int_equal(ask(BATCHES, file->etag)->http, 200);
    end();
    vrx_web_folder_release(file);
}

static void names_are_those_of_keys_and_no_others(void **state) {
    (void)state;
    put_text(CRLS "/notes.json", "{}");
    put_text(CRLS "/" KID "x.json", "{}");
    put_text(CRLS "/" KID ".json.next", "{}");
    assert_ok(vrx_web_folder_reload(t.folder));
    begin(65535);
    assert_body(ask(CRLS "/" KID ".json", NULL), "{}");
    assert_int_equal(ask(CRLS "/notes.json", NULL)->http, 404);
    assert_int_equal(ask(CRLS "/" KID "x.json", NULL)->http, 404);
    assert_int_equal(ask(CRLS "/" KID ".json.next", NULL)->http, 404);
    end();
}

static void more_keys_than_anyone_has_are_refused(void **state) {
    (void)state;
    char name[120];
    for (unsigned i = 1; i <= VRX_WEB_KEYS; i++) {
        (void)snprintf(name, sizeof name, CRLS "/%043u.json", i);
        put_text(name, "{}");
        if (i == VRX_WEB_KEYS - 1)
            assert_ok(vrx_web_folder_reload(t.folder));
    }
    assert_reason(vrx_web_folder_reload(t.folder), VRX_CAP_REACHED);
    assert_ok(vrx_web_folder_reload(t.folder)); /* told once */
    const struct vrx_web_file *file =
        vrx_web_folder_hold(t.folder, vrx_view_text(CRLS "/" KID ".json"));
    assert_non_null(file);
    vrx_web_folder_release(file);
}

static void lists_ascend_and_are_the_authoritys(void **state) {
    (void)state;
    put_revocations(4, t.authority);
    assert_reason(vrx_web_folder_reload(t.folder), VRX_DIRECTORY_STALE);
    assert_ok(vrx_web_folder_reload(t.folder)); /* told once */
    put_revocations(6, t.csca.key);
    assert_reason(vrx_web_folder_reload(t.folder), VRX_SIGNATURE_INVALID);
    put_revocations(6, t.authority);
    put_trust(4);
    assert_reason(vrx_web_folder_reload(t.folder), VRX_DIRECTORY_STALE);
    put_trust(5);
    assert_ok(vrx_web_folder_reload(t.folder));
    put_revocations(5, t.authority);
    assert_reason(vrx_web_folder_reload(t.folder), VRX_DIRECTORY_STALE);
}

static void a_folder_without_one_of_them_is_refused(void **state) {
    (void)state;
    struct vrx_web_folder *folder = NULL;
    char path[160];
    path_of(BATCHES, path);
    assert_int_equal(unlink(path), 0);
    const struct vrx_result result = vrx_web_folder_new(t.path, t.authority_public, &folder);
    assert_reason(result, VRX_NOT_FOUND);
    assert_string_equal(result.clause, BATCHES);
    assert_reason(vrx_web_folder_new("/nonexistent", t.authority_public, &folder), VRX_NOT_FOUND);
    assert_null(folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_file_on_its_way_stays_what_it_was),
        TEST(who_does_not_take_it_is_cut_off),
        TEST(a_connection_whose_replies_are_not_read_gets_no_more),
        TEST(calls_and_files_have_one_quota),
        TEST(only_its_own_tag_says_that_a_file_is_known),
        TEST(names_are_those_of_keys_and_no_others),
        TEST(more_keys_than_anyone_has_are_refused),
        TEST(lists_ascend_and_are_the_authoritys),
        TEST(a_folder_without_one_of_them_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
