/* SPDX-License-Identifier: Apache-2.0
 *
 * What one running vrxd is: its municipalities, each in a slot with its actor; the terminals; the
 * directory and permits in force; worker threads for what must not hold up anyone's records; the
 * way to the issuer process. Built by vrxd's main, shared read-only by all handlers.
 */
#ifndef VRX_DISPATCH_DAEMON_H
#define VRX_DISPATCH_DAEMON_H

#include <pthread.h>
#include <stdatomic.h>

#include "actor/actor.h"
#include "auth/limits.h"
#include "auth/registry.h"
#include "auth/session.h"
#include "auth/slow_down.h"
#include "base/random.h"
#include "codes/municipality_code.h"
#include "dispatch/gate.h"
#include "dispatch/law.h"
#include "dispatch/tally.h"
#include "dispatch/threads.h"
#include "dispatch/worker.h"
#include "keyring/unseal.h"
#include "store/kiosk_settings.h"

/* A server stream that waits for a change; embedded in its request. */
struct vrx_stream_wait {
    struct vrx_stream_wait *next;
    uint64_t seen; /* the list's changes when its last step began */
    bool waiting;
};

/* Those that wait for a change of the same thing. */
struct vrx_wait_list {
    pthread_mutex_t lock;
    struct vrx_stream_wait *first;
    uint64_t changes; /* how often it was woken */
};

/* What an unseal found that was refused as VRX_LEDGER_BEHIND. */
struct vrx_behind {
    uint64_t held;      /* entries under the custodian's checkpoint */
    uint64_t entries;   /* in the vault, without those of such refusals */
    int64_t last_at;    /* when the last of them was made; 0: none */
    int64_t refused_at; /* 0: no unseal was refused so */
};

/* One municipality in this daemon. Lives as long as the daemon, retired or not: calls on their way
 * hold on to it. */
struct vrx_slot {
    struct vrx_daemon *daemon;
    struct vrx_municipality_code code;
    char *folder;                /* state/tenants/011002 */
    struct vrx_lane lane;        /* of all that opens and seals it */
    struct vrx_lane log_in_lane; /* PINs are hashed one after the other: 64 MiB each */
    struct vrx_buffer keyring;   /* keyring.cbor; in the lane only, once tenants are loaded */
    struct vrx_actor *actor;
    struct vrx_slot *next_retired;
    atomic_bool retired;    /* set in the lane, inside the gate, with the municipality's turn taken:
                             * its    folder is not its own any more */
    atomic_bool seal_asked; /* by a signal: the next tick seals it */
    atomic_bool open;       /* unsealed, and its terminals' kinds are known */
    pthread_mutex_t lock;   /* guards behind; the lane what is opened with */
    struct vrx_gate gate;   /* who may touch the folder while it is sealed */
    struct vrx_unseal_session *unseal;    /* begun and not finished */
    struct vrx_unseal_session *replacing; /* the same for another keyring of an open vault */
    struct vrx_buffer held_notes;         /* its custodians' checkpoints, each ended by NUL */
    struct vrx_behind behind;             /* until an unseal goes well */
    struct vrx_limits *limits;            /* what its callers did lately */
    struct vrx_office_hours hours;        /* of the open vault; of its thread, as is the next */
    bool hours_known;
    struct vrx_office_hours kiosk_hours; /* the same of its kiosks */
    bool kiosk_hours_known;
    struct vrx_wait_list changed; /* server streams that wait for a change of its records */
    _Atomic int64_t used_ms;      /* when a call last reached its vault: monotonic */
    _Atomic int64_t key_due; /* when a signing key wants attention that signs nothing yet, without a
                              * newer directory; 0: not known, INT64_MAX: none waits */
    uint64_t key_law;        /* the directory's version when it had some; of the tick's thread */
    int64_t
        expiry_told; /* when the log last said whose certificates end soon; of the tick's thread */
    _Atomic int64_t exchange_due; /* when a transfer wants attention; INT64_MAX: none */
    _Atomic int64_t overdue_due; /* when queries of others are next looked at that nobody repeats */
    _Atomic int64_t bulk_due;    /* the same of its lists of movers (store/bulk.h) */
    atomic_bool bulk_running;    /* one of them is being gone on with */
    atomic_bool bulk_held;       /* as soon as some of what it asked was sent */
    _Atomic int64_t certificates_due; /* when what others ask to certify is looked at next */
    atomic_bool certificates_running; /* it is being looked at, or the issuer asked for one */
    int64_t bulk_second; /* in which rows were last asked, and how many; of its thread */
    uint32_t bulk_asked;
    atomic_uint exchange_batches;  /* of messages that are on their way to others */
    _Atomic int64_t actions_due;   /* when what waits for a second person expires next */
    _Atomic int64_t retention_due; /* the same of the standing order to erase */
    atomic_bool retention_running; /* the daemon erases by that order */
    uint64_t pulse_jobs;           /* main's: jobs done when it last saw the vault move, */
    int64_t pulse_ms;              /* and when that was; 0: never */
};

/* Bytes of a tenant's routes. */
#define VRX_LIMIT_ROUTES ((size_t)96 * VRX_LIMIT_TERMINALS)

/* One backup or restore of a municipality at a time, also of one that is not kept here yet. */
struct vrx_turn {
    struct vrx_turn *next;
    struct vrx_municipality_code code;
};

/* What may change while the daemon runs. */
struct vrx_daemon_live {
    _Atomic int64_t
        idle_seal_seconds;            /* a vault that no call reaches so long is sealed; 0: never */
    _Atomic int64_t pending_seconds;  /* so long officers may approve an answer about somebody who
                                       * is protected, and a query that finds nobody pends */
    _Atomic int64_t transfer_seconds; /* deadline of a query from its making, at most
                                       * VRX_LIMIT_QUERY_SECONDS */
    _Atomic int64_t cache_mebibytes;  /* of a vault, from its next unseal on */
    struct vrx_limit_settings limits;
    _Atomic int64_t backup_wal_bytes; /* a backup gives up when an open vault's WAL is so large */
};

struct vrx_daemon_options {
    const char *state;          /* folder; created with mode 0700 when it is not there */
    const char *backups;        /* the same; NULL: state/backups */
    const char *directory_file; /* signed directory */
    const char *permits_file;   /* signed permit table */
    const struct vrx_public_key *authority; /* who signs both; borrowed */
    const char *issuer_socket;
    void *owner; /* of the daemon, for its tick */
    struct vrx_daemon_live live;
    int64_t session_idle_seconds;          /* a session ends after so long without a call */
    int64_t session_seconds;               /* and so long after its log-in */
    struct vrx_slow_down_rule log_in_rule; /* of one operator id at one terminal */
    struct vrx_slow_down_rule log_in_terminal_rule; /* of one terminal */
};

struct vrx_holder;
struct vrx_peers;
struct vrx_cards;

struct vrx_daemon {
    struct vrx_daemon_options options;
    int state_lock; /* held on the state folder: one daemon each */
    const struct vrx_random *random;
    struct vrx_registry *registry;
    atomic_uint suspensions;        /* counts them: whoever was let in before is looked at again */
    void (*recheck)(void *context); /* ends connections of terminals that may not call; or NULL */
    void *recheck_context;
    void (*answered)(void *context); /* wakes all I/O threads, once for many replies; set before
                                      * they are started. NULL: each reply wakes its own */
    void *answered_context;
    struct vrx_sessions *sessions;
    struct vrx_law_keeper *law;
    char law_seen[4096];     /* its file */
    char law_archive[4096];  /* its folder */
    struct vrx_tally *tally; /* of all calls; NULL: they are not counted */
    _Atomic(struct vrx_holder *)
        trust; /* verification/holder.h; main's; NULL: none; the next too */
    _Atomic(struct vrx_holder *) revocations;
    _Atomic(struct vrx_peers *)
        peers; /* exchange/peers.h; main's; NULL: no other daemon is called */
    _Atomic(struct vrx_cards *) cards; /* cards/cards.h; main's; NULL: no number card is taken */
    struct vrx_limits *strangers;      /* what callers of no municipality did lately */
    struct vrx_worker *worker;
    struct vrx_threads *threads; /* for what takes long */
    pthread_mutex_t turns_lock;  /* of turns */
    struct vrx_turn *turns;
    struct vrx_lane platform_lane; /* callers of no municipality; in it slots are added */
    struct vrx_lane issuer_lane;   /* the issuer serves one call after the other */
    struct vrx_lane card_lane;     /* whoever is asked about revoked cards too */
    atomic_bool issuer_away;       /* nobody took a connection at its socket a second ago */
    atomic_bool seal_asked;        /* by a signal: the next tick seals every tenant */
    struct vrx_wait_list states;   /* those that wait for a slot to open, to close or to be there */
    atomic_bool stopping;          /* streams that wait end now */
    pthread_rwlock_t slots_lock;   /* of these three */
    struct vrx_slot **slots;       /* in order of code */
    size_t slot_count;
    struct vrx_slot *retired; /* what was taken out of slots */
};

/* The wall clock in seconds; CLOCK_MONOTONIC in milliseconds, as deadlines are counted, and in
 * nanoseconds, for what is measured. The one place above the libraries that reads a clock. */
int64_t vrx_clock_seconds(void);
int64_t vrx_clock_monotonic_ms(void *unused);
int64_t vrx_clock_monotonic_ns(void *unused);

/* Loads what the state folder has: every tenant sealed. tick runs once a second on a thread
 * of its own and gets the daemon. Errors: VRX_INPUT_RANGE (a bound in the options);
 * VRX_FILE_REFUSED (also when another daemon has the folder), VRX_DISK_FAILED, VRX_OUT_OF_MEMORY,
 * and those of the directory and permit table. */
struct vrx_result vrx_daemon_new(const struct vrx_daemon_options *options,
    void (*tick)(void *daemon), struct vrx_daemon **ret_daemon);

/* These count from now on. Any thread. */
void vrx_daemon_set(struct vrx_daemon *daemon, const struct vrx_daemon_live *live);

/* Ends the streams that wait for a change, so that a drain does not wait for them. */
void vrx_daemon_stop_waiting(struct vrx_daemon *daemon);

/* Seals every tenant; what is queued is finished first. */
void vrx_daemon_seal_all(struct vrx_daemon *daemon);

/* After vrx_daemon_seal_all and with no call in flight. Accepts NULL. */
void vrx_daemon_free(struct vrx_daemon **daemon);

/* Unsealed and ready to serve; false again at once when damage has sealed the vault. */
bool vrx_slot_is_open(const struct vrx_slot *slot);

/* The slot at this place in order of code; NULL after the last. Places move when one is added or
 * retired. */
struct vrx_slot *vrx_daemon_slot_at(struct vrx_daemon *daemon, size_t index);

/* Errors: VRX_TENANT_UNKNOWN. */
struct vrx_result vrx_daemon_slot(struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, struct vrx_slot **ret_slot);

/* A new tenant, sealed: writes its folder with keyring, first route and notes (outside.h; may be
 * empty), durably, then takes it in.
 * Errors: VRX_ALREADY_EXISTS, VRX_DISK_FAILED, VRX_DISK_FULL, VRX_OUT_OF_MEMORY, the keyring's. */
struct vrx_result vrx_daemon_create_tenant(struct vrx_daemon *daemon, struct vrx_view keyring,
    const uint8_t console_spki_sha256[VRX_SPKI_DIGEST], struct vrx_view notes,
    struct vrx_slot **ret_slot);

/* In the slot's lane, or the platform's: what lies ready as the tenant's folder (swap.h) takes its
 * place. *slot is the sealed tenant's, its keyring and routes are read anew and an unseal that was
 * begun is forgotten; or NULL, and the tenant is taken in. aside: the name for what was in use.
 * Errors: vrx_swap_in's, the keyring's; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_daemon_restore_tenant(struct vrx_daemon *daemon,
    const struct vrx_municipality_code *code, const char *aside, struct vrx_slot **slot);

/* In the slot's lane, inside its gate, with its turn: the sealed tenant's folder is set aside for
 * good under this name, its terminals are unknown from now on, and it is no tenant any more.
 * Errors: vrx_swap_out's. */
struct vrx_result vrx_daemon_retire_tenant(struct vrx_slot *slot, const char *aside);

/* Takes the municipality's turn, and ends it. Errors: VRX_CAP_REACHED while another has it. */
struct vrx_result vrx_daemon_take_turn(struct vrx_daemon *daemon, struct vrx_turn *turn);
void vrx_daemon_end_turn(struct vrx_daemon *daemon, struct vrx_turn *turn);

/* Writes the slot's routes as the registry has them, durably, with these in the place of what it
 * has or beside it: state/tenants/CODE/terminals, a digest in hexadecimal a line, " console" behind
 * those that were consoles at the last unseal and " suspended" behind those that may not call.
 * Errors: VRX_DISK_FAILED, VRX_DISK_FULL, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_slot_write_routes(
    struct vrx_slot *slot, const struct vrx_registration *changes, size_t count);

#endif
