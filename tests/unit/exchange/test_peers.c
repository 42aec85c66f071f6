/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to other daemons, over TLS on the loopback. There is one daemon, which calls itself: as
 * the daemon that delivers for Kofu, to Sapporo, whose vault is open, and to Kashiwa, which is
 * sealed.
 */
#include "exchange/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exchange/handlers.h"
#include "support/dispatch_world.h"

#define GIVEN 80

struct given {
    struct vrx_consignment consignment;
    struct vrx_delivery delivery;
    struct vrx_result outcome;
    unsigned done;
};

static struct peers_world {
    struct vrx_peers *peers;
    struct given given[GIVEN];
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char endpoint[WORLD_TOWNS][64];
    uint8_t daemons[WORLD_TOWNS][1][VRX_DIGEST];
} peers;

static void done(struct vrx_consignment *consignment, struct vrx_result outcome) {
    struct given *given = (struct given *)(void *)consignment;
    pthread_mutex_lock(&peers.lock);
    given->outcome = outcome;
    given->done++;
    pthread_cond_broadcast(&peers.changed);
    pthread_mutex_unlock(&peers.lock);
}

/* One message of Kofu's, which is none: what comes back shows that it was there. */
static struct given *give(unsigned to) {
    struct given *given = &peers.given[peers.count++];
    assert_true(peers.count <= GIVEN);
    given->delivery.envelope = vrx_view_text("no envelope");
    given->consignment = (struct vrx_consignment){
        .from = dispatch_world.base.town[WORLD_KOFU].code,
        .to = dispatch_world.base.town[to].code,
        .deliveries = &given->delivery,
        .count = 1,
        .done = done,
    };
    vrx_peers_give(peers.peers, &given->consignment);
    return given;
}

static struct vrx_result wait_for(struct given *given) {
    pthread_mutex_lock(&peers.lock);
    while (!given->done)
        pthread_cond_wait(&peers.changed, &peers.lock);
    struct vrx_result outcome = given->outcome;
    pthread_mutex_unlock(&peers.lock);
    return outcome;
}

static bool is_done(const struct given *given) {
    pthread_mutex_lock(&peers.lock);
    bool is = given->done > 0;
    pthread_mutex_unlock(&peers.lock);
    return is;
}

/* ---- the directory ---- */

static void at_endpoint(unsigned town, unsigned port) {
    (void)snprintf(peers.endpoint[town], sizeof peers.endpoint[town], "localhost:%u", port);
    dispatch_world.base.entry[town].endpoint = vrx_view_text(peers.endpoint[town]);
}

/* Every town is at this daemon, which has this server certificate. */
static void as_it_is(void) {
    struct daemon_world *base = &dispatch_world.base;
    for (unsigned town = 0; town < WORLD_KOFU; town++) {
        at_endpoint(town, vrx_grpc_server_port(dispatch_world.server));
        memcpy(peers.daemons[town][0], dispatch_world.server_identity.spki_sha256, VRX_DIGEST);
        base->entry[town].daemons = peers.daemons[town];
        base->entry[town].daemon_count = 1;
    }
}

static int silent_socket(unsigned *ret_port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static int setup(void **state) {
    if (dispatch_world_reset(state) != 0)
        return -1;
    memset(peers.given, 0, sizeof peers.given);
    peers.count = 0;
    as_it_is();
    daemon_world_sign_law(&dispatch_world.base);
    assert_ok(vrx_peers_new(
        dispatch_world.base.daemon, dispatch_world.client_tls[AT_DAEMON], &peers.peers));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_peers_free(&peers.peers);
    for (size_t i = 0; i < peers.count; i++) {
        assert_int_equal(peers.given[i].done, 1); /* each, and once */
        vrx_buffer_done(&peers.given[i].delivery.reply);
    }
    return 0;
}

/* ---- what is said ---- */

static void a_message_is_carried_and_what_came_of_it_told(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct given *given = give(WORLD_SAPPORO);
        assert_ok(wait_for(given));
        assert_int_equal(vrx_reason_category(given->delivery.outcome.reason), VRX_CATEGORY_INPUT);
        assert_int_equal(given->delivery.reply.len, 0);
    }
    struct world_entry last = daemon_world_last_entry(dispatch_world.slot);
    assert_string_equal(last.method, "exchange/query");
    assert_string_equal(last.terminal, "peer:192015");
}

static void a_refusal_of_the_call_is_one_of_all_its_messages(void **state) {
    (void)state;
    assert_reason(wait_for(give(WORLD_KASHIWA)), VRX_TENANT_SEALED);
    dispatch_world.base.entry[WORLD_KOFU].daemon_count = 0; /* for which nobody delivers */
    daemon_world_sign_law(&dispatch_world.base);
    assert_reason(wait_for(give(WORLD_SAPPORO)), VRX_PEER_UNKNOWN);
    dispatch_world.base.entry[WORLD_KOFU].daemon_count = 1;
    daemon_world_sign_law(&dispatch_world.base);
    assert_ok(wait_for(give(WORLD_SAPPORO)));
}

static void whom_the_directory_does_not_say_how_to_reach_is_not_tried(void **state) {
    (void)state;
    struct vrx_directory_entry *sapporo = &dispatch_world.base.entry[WORLD_SAPPORO];
    static const char *const endpoints[] = {
        "", "localhost", "localhost:", "localhost:0", "localhost:65536", "localhost:1x", ":443"};
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        sapporo->endpoint = vrx_view_text(endpoints[i]);
        daemon_world_sign_law(&dispatch_world.base);
        struct given *given = give(WORLD_SAPPORO);
        assert_true(is_done(given)); /* at once */
        assert_reason(given->outcome, VRX_PEER_UNKNOWN);
    }
    as_it_is();
    sapporo->daemon_count = 0;
    daemon_world_sign_law(&dispatch_world.base);
    assert_reason(wait_for(give(WORLD_SAPPORO)), VRX_PEER_UNKNOWN);
    sapporo->daemon_count = 1;
    const int64_t until = sapporo->valid_until;
    sapporo->valid_until = vrx_clock_seconds() - 1;
    daemon_world_sign_law(&dispatch_world.base);
    assert_reason(wait_for(give(WORLD_SAPPORO)), VRX_SENDER_NOT_CURRENT);
    sapporo->valid_until = until;
}

/* Also on a connection that is open already. */
static void a_server_that_the_entry_does_not_name_hears_nothing(void **state) {
    (void)state;
    assert_ok(wait_for(give(WORLD_SAPPORO)));
    unsigned heard = dispatch_world_read(&dispatch_world.arrived);
    peers.daemons[WORLD_SAPPORO][0][0] ^= 1;
    daemon_world_sign_law(&dispatch_world.base);
    struct vrx_result refused = wait_for(give(WORLD_SAPPORO));
    assert_reason(refused, VRX_PEER_UNKNOWN);
    assert_string_equal(refused.clause, "directory_entry.daemons: of the receiver");
    assert_int_equal(dispatch_world_read(&dispatch_world.arrived), heard);
    peers.daemons[WORLD_SAPPORO][0][0] ^= 1;
    daemon_world_sign_law(&dispatch_world.base);
    assert_ok(wait_for(give(WORLD_SAPPORO)));
}

/* ---- who does not answer ---- */

static void a_closed_door_is_tried_by_one_at_a_time(void **state) {
    (void)state;
    unsigned port = 0;
    int fd = silent_socket(&port);
    close(fd); /* nobody listens there now */
    at_endpoint(WORLD_KASHIWA, port);
    daemon_world_sign_law(&dispatch_world.base);
    assert_reason(wait_for(give(WORLD_KASHIWA)), VRX_NETWORK_FAILED);
    for (unsigned i = 0; i < 5; i++)
        assert_reason(wait_for(give(WORLD_KASHIWA)), VRX_NETWORK_FAILED);
    as_it_is(); /* another endpoint, which answers */
    daemon_world_sign_law(&dispatch_world.base);
    assert_reason(wait_for(give(WORLD_KASHIWA)), VRX_TENANT_SEALED);
}

/* So many hang that every thread would, were they not few for one endpoint; the end gives them up,
 * each told once (teardown). */
static void who_hangs_keeps_nobody_else_waiting(void **state) {
    (void)state;
    unsigned port = 0;
    int fd = silent_socket(&port);
    at_endpoint(WORLD_KASHIWA, port);
    daemon_world_sign_law(&dispatch_world.base);
    struct given *first = give(WORLD_KASHIWA);
    for (unsigned i = 0; i < 63; i++)
        (void)give(WORLD_KASHIWA);
    struct given *over = give(WORLD_KASHIWA);
    assert_true(is_done(over));
    assert_reason(over->outcome, VRX_QUEUE_FULL);
    assert_true(over->outcome.retry_ms > 0);
    assert_ok(wait_for(give(WORLD_SAPPORO)));
    assert_false(is_done(first));
    vrx_peers_free(&peers.peers);
    assert_true(is_done(first));
    assert_false(vrx_is_ok(first->outcome));
    close(fd);
}

#define PEERS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        PEERS_TEST(a_message_is_carried_and_what_came_of_it_told),
        PEERS_TEST(a_refusal_of_the_call_is_one_of_all_its_messages),
        PEERS_TEST(whom_the_directory_does_not_say_how_to_reach_is_not_tried),
        PEERS_TEST(a_server_that_the_entry_does_not_name_hears_nothing),
        PEERS_TEST(a_closed_door_is_tried_by_one_at_a_time),
        PEERS_TEST(who_hangs_keeps_nobody_else_waiting),
    };
    pthread_mutex_init(&peers.lock, NULL);
    pthread_cond_init(&peers.changed, NULL);
    dispatch_world_more = vrx_exchange_methods;
    dispatch_world_more_count = VRX_EXCHANGE_METHODS;
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
