/* SPDX-License-Identifier: Apache-2.0
 *
 * The dispatch of vrxd under a real gRPC server on the loopback, with real clients, and a table of
 * methods made for tests: they count, wait at a gate, refuse. Sapporo's vault is open, Kashiwa's
 * sealed.
 */
#ifndef VRX_TEST_DISPATCH_WORLD_H
#define VRX_TEST_DISPATCH_WORLD_H

#include <pthread.h>

#include "dispatch/dispatch.h"
#include "grpc/client.h"
#include "grpc/server.h"
#include "support/check.h"
#include "support/daemon_world.h"
#include "support/test_pki.h"

enum dispatch_terminal {
    AT_HEALTH_SYSTEM, /* Sapporo's, as are the next three */
    AT_COUNTER,
    AT_KIOSK,
    AT_CONSOLE,
    AT_SUSPENDED, /* a counter of Sapporo's */
    AT_SEALED,    /* of Kashiwa, known by route only */
    AT_PLATFORM,
    AT_NOBODY, /* a good certificate that nobody registered */
    AT_DAEMON, /* of the daemon that delivers for Kofu, by the directory */
    AT_TERMINALS,
};

/* Requests carry a number, replies a text. Paths: "/vrx.v1.Test/Echo" and so on.
 *
 *   Echo      unary: counters; "N"
 *   Refuse    unary: consoles and counters; refused after a row was written
 *   Gate      unary: counters; waits at the gate
 *   Outside   two steps; the outside one waits at the gate for N = 1, refuses for N = 2; "N done"
 *   Sum       client stream; waits at the gate for N = 0, refuses N = 13; "SUM of COUNT"
 *   Count     server stream of N messages of 4 KiB; refuses after them for N = 13
 *   Watch     server stream: the counter dispatch_world.watched at each change until it is 100;
 *             waits at the gate where it finds 50
 *   States    the same of any terminal and the platform operator, sealed or not, in the daemon's
 *             list; wakes with dispatch_world_states
 *   Talk      both ways: counters; "N" for each
 *   Worker    on the worker's thread; consoles
 *   Open      the same, any terminal while sealed
 *   Platform  the same, the platform operator
 *   Peer      unary: daemons that the directory names; on Sapporo's thread for N = 7, for the
 * sealed Kashiwa otherwise, which refuses; a daemon that does not speak for Kofu is refused
 */

struct dispatch_world {
    struct daemon_world base;
    struct vrx_slot *slot; /* Sapporo's */
    struct test_pki pki;
    struct test_identity server_identity;
    struct test_identity terminal[AT_TERMINALS];
    struct vrx_tls *server_tls;
    struct vrx_tls *client_tls[AT_TERMINALS];
    struct vrx_grpc_server *server;

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    unsigned at_gate;   /* steps that wait */
    unsigned gate_open; /* steps that may pass, beyond those that did */
    unsigned arrived;   /* messages that dispatch has taken over */
    unsigned handled;   /* steps of methods that began */
    unsigned outside;   /* outside steps that ended */
    unsigned committed; /* calls of committed */
    unsigned live;      /* calls that dispatch knows of */
    unsigned freed;     /* and those that are gone */
    unsigned cancelled; /* calls that dispatch was told are cancelled */
    unsigned watched;
};

extern struct dispatch_world dispatch_world; /* one a program: methods have no other way to it */

/* Methods of vrxd beside those; set before the set-up. */
extern const struct vrx_method *dispatch_world_more;
extern size_t dispatch_world_more_count;
/* Whether those keep the roles that their rows ask for; without, nobody need be logged in. */
extern bool dispatch_world_people;

/* cmocka group setup and teardown; before each test, the counters' reset when no call of the last
 * one is left. */
int dispatch_world_setup(void **state);
int dispatch_world_teardown(void **state);
int dispatch_world_reset(void **state);

/* ---- the gate and the counters ---- */

/* Waits until the counter is at least count; fails the test after a minute. */
void dispatch_world_await(const unsigned *counter, unsigned count);
unsigned dispatch_world_read(const unsigned *counter);
void dispatch_world_open_gate(unsigned steps);
/* Sets watched and wakes the municipality's streams. */
void dispatch_world_watch(unsigned value);
/* Sets watched and wakes the daemon's streams. */
void dispatch_world_states(unsigned value);
/* Server streams in the slot's list, and in the daemon's. */
unsigned dispatch_world_waiting(void);

/* ---- callers ---- */

struct vrx_client *dispatch_client(enum dispatch_terminal terminal);
/* Appends the encoded request with this number. */
void dispatch_request(uint64_t number, struct vrx_buffer *out);
/* A unary call; reply (may be NULL) gets the text. */
struct vrx_result dispatch_call(
    struct vrx_client *client, const char *path, uint64_t number, char reply[64]);
/* The text of an encoded reply; lost beyond 63 bytes. */
void dispatch_text(struct vrx_view message, char reply[64]);

/* A unary or server-streaming call on a thread and a connection of its own. */
struct dispatch_caller {
    pthread_t thread;
    enum dispatch_terminal terminal;
    const char *path;
    uint64_t number;
    int64_t timeout_ms;      /* 0: none */
    bool hold;               /* there it waits for dispatch_caller_leave first */
    const char *operator_id; /* in the metadata; NULL: nobody is named */
    unsigned take; /* server stream: gives up at the message of this number; 0: takes all */
    bool server_stream;
    unsigned messages; /* so many came */
    char last[64];     /* text of the last one */
    struct vrx_result result;
};
void dispatch_caller_start(struct dispatch_caller *caller);
void dispatch_caller_leave(struct dispatch_caller *caller);
void dispatch_caller_join(struct dispatch_caller *caller);
/* Joins all of them, each ended for this reason, with nothing of their calls left. */
void dispatch_callers_join(struct dispatch_caller *callers, unsigned count, enum vrx_reason reason);

#endif
