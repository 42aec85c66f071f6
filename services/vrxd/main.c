/* SPDX-License-Identifier: Apache-2.0
 *
 * vrxd: puts the parts together, waits for signals, takes the parts down in order. Keys and files
 * are read before the first byte from outside is.
 */
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "cards/cards.h"
#include "certificates/elsewhere.h"
#include "certificates/handlers.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "dispatch/dispatch.h"
#include "dispatch/guard.h"
#include "dispatch/log.h"
#include "exchange/bulk.h"
#include "exchange/engine.h"
#include "exchange/overdue.h"
#include "exchange/peers.h"
#include "files/files.h"
#include "grpc/server.h"
#include "metrics/endpoint.h"
#include "net/limits.h"
#include "verification/holder.h"
#include "vrxd/identity.h"
#include "vrxd/law_source.h"
#include "vrxd/notify.h"
#include "vrxd/options.h"
#include "vrxd/public.h"
#include "vrxd/services.h"
#include "vrxd/watch.h"

#define LIMIT_PEM ((size_t)65536) /* a chain of a few certificates takes 8 KiB */
#define DAY ((int64_t)86400)

/* All that runs; zero until it is there. */
struct vrxd {
    struct vrxd_options options;
    struct vrx_public_key *authority;
    struct vrxd_identity identity;
    struct vrxd_identity peer; /* without a certificate: no other daemon is called */
    struct vrx_daemon *daemon;
    struct vrx_grpc_route routes[VRXD_METHODS];
    struct vrx_grpc_server *server;
    atomic_bool serving; /* server is there, for the tick */
    struct vrx_metrics_endpoint *metrics;
    struct vrx_holder *trust; /* NULL: no list is configured; the next too */
    struct vrx_holder *revocations;
    struct vrx_peers *peers;
    struct vrx_cards *cards; /* NULL: none is taken */
    struct vrxd_public public;
    struct vrxd_law_source law_source;
};

/* An open vault has three files (database, WAL, eventfd) and a sealed tenant one, so that a country
 * of 1,741 takes 5,300 beside its connections. */
static void allow_files(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files); /* select() is used nowhere */
}

/* SQLite counts what it allocates, under one lock for the whole process, at which all open vaults
 * would meet; nobody asks for the count. Before SQLite is used first. */
static bool let_sqlite_not_count(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
}

/* No core, no debugger, no privilege by exec; keys stay in memory that is locked. */
static void harden(void) {
    umask(077);
    struct rlimit none = {0, 0};
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_MEMLOCK, &unlimited); /* without the right to, the present limit stands */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static struct vrx_result fail_about(const char *file, struct vrx_result result) {
    if (!vrx_is_ok(result))
        vrx_log_event("not started", file, result);
    return result;
}

static struct vrx_result read_certificate(const char *file, struct vrx_certificate **ret_cert) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(file, LIMIT_PEM, &pem));
    return vrx_certificate_from_pem(vrx_buffer_view(&pem), ret_cert);
}

static struct vrx_result spki_of_file(const char *file, struct vrx_buffer *out) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    VRX_TRY(read_certificate(file, &certificate));
    return vrx_public_key_to_spki(vrx_certificate_key(certificate), out);
}

static struct vrx_result load_authority(struct vrxd *vrxd) {
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(spki_of_file(vrxd->options.authority, &spki));
    return vrx_public_key_from_spki(vrx_buffer_view(&spki), &vrxd->authority);
}

static struct vrx_result load_tls(struct vrxd *vrxd) {
    const char **files = vrxd->identity.files;
    files[VRXD_CERTIFICATE] = vrxd->options.certificate;
    files[VRXD_KEY] = vrxd->options.key;
    files[VRXD_CLIENT_CA] = vrxd->options.client_ca;
    files[VRXD_CLIENT_CRL] = vrxd->options.client_crl;
    return vrxd_identity_load(&vrxd->identity);
}

static struct vrx_result load_peer_tls(struct vrxd *vrxd) {
    const struct vrxd_options *given = &vrxd->options;
    const char **files = vrxd->peer.files;
    if (!given->peer_certificate[0] && !given->peer_key[0] && !given->peer_ca[0])
        return vrx_ok();
    if (!given->peer_certificate[0] || !given->peer_key[0] || !given->peer_ca[0])
        return vrx_refuse(
            VRX_INPUT_FIELD_MISSING, "peer-certificate, peer-key and peer-ca go together");
    files[VRXD_CERTIFICATE] = given->peer_certificate;
    files[VRXD_KEY] = given->peer_key;
    files[VRXD_CLIENT_CA] = given->peer_ca;
    vrxd->peer.client = true;
    return vrxd_identity_load(&vrxd->peer);
}

/* Before a call can reach the daemon. */
static struct vrx_result load_peers(struct vrxd *vrxd) {
    if (!vrxd->peer.tls)
        return vrx_ok();
    VRX_TRY(vrx_peers_new(vrxd->daemon, vrxd->peer.tls, &vrxd->peers));
    atomic_store(&vrxd->daemon->peers, vrxd->peers);
    return vrx_ok();
}

static struct vrx_result load_public_tls(struct vrxd *vrxd) {
    VRX_TRY(vrxd_public_check(&vrxd->options));
    return vrxd->options.public_listen[0] ? vrxd_public_load_tls(&vrxd->public, &vrxd->options)
                                          : vrx_ok();
}

static struct vrx_result load_folder(struct vrxd *vrxd) {
    return vrxd_public_load_folder(&vrxd->public, &vrxd->options, vrxd->authority);
}

/* What came to be revoked has no connection any more. */
static void tick_identities(struct vrxd *vrxd) {
    const int64_t now = vrx_clock_seconds();
    if (!atomic_load(&vrxd->serving))
        return;
    if (vrxd_identity_reload(&vrxd->identity, now))
        vrx_grpc_server_recheck(vrxd->server);
    vrxd_identity_tell(&vrxd->identity, now);
    if (vrxd->peer.tls) {
        (void)vrxd_identity_reload(&vrxd->peer, now);
        vrxd_identity_tell(&vrxd->peer, now);
    }
    if (vrxd->public.server) {
        (void)vrxd_identity_reload(&vrxd->public.identity, now);
        vrxd_identity_tell(&vrxd->public.identity, now);
    }
}

static void tick_list(struct vrx_holder *holder, const char *complaint) {
    const struct vrx_result result = holder ? vrx_holder_reload(holder) : vrx_ok();
    if (!vrx_is_ok(result))
        vrx_log_event(complaint, NULL, result);
}

static void tick(void *context) {
    struct vrx_daemon *daemon = context;
    tick_identities(daemon->options.owner);
    struct vrxd *vrxd = daemon->options.owner;
    if (vrxd->law_source.given && atomic_load(&vrxd->serving))
        vrx_law_fetcher_tick(&vrxd->law_source.fetcher, daemon->worker, vrx_clock_seconds());
    struct vrx_result result = vrx_law_reload(daemon->law, vrx_clock_seconds());
    if (!vrx_is_ok(result))
        vrx_log_event("directory or permits not taken", NULL, result);
    tick_list(atomic_load(&daemon->trust), "trust list not taken");
    tick_list(atomic_load(&daemon->revocations), "revocation list not taken");
    if (atomic_load(&vrxd->serving))
        vrxd_public_tick(&vrxd->public);
    vrx_guard_tick(daemon);
    vrx_certificates_tick(daemon);
    vrx_tenancy_tick(daemon);
    vrx_exchange_tick(daemon);
    vrx_overdue_tick(daemon);
    vrx_exchange_bulk_tick(daemon);
    vrx_elsewhere_tick(daemon);
    vrx_retention_tick(daemon);
    vrx_actions_tick(daemon);
    vrx_operators_tick(daemon);
}

static struct vrx_result load_platform(struct vrxd *vrxd, const char *file) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    uint8_t digest[VRX_SPKI_DIGEST];
    VRX_TRY(read_certificate(file, &certificate));
    VRX_TRY(vrx_public_key_spki_sha256(vrx_certificate_key(certificate), digest));
    struct vrx_registered platform = {.platform = true};
    return vrx_registry_put(vrxd->daemon->registry, digest, &platform);
}

static struct vrx_daemon_live live_of(const struct vrxd_options *given) {
    struct vrx_daemon_live live = {
        .idle_seal_seconds = given->idle_seal_seconds,
        .pending_seconds = given->pending_seconds,
        .transfer_seconds = given->transfer_seconds,
        .backup_wal_bytes = (int64_t)given->backup_wal_mebibytes << 20,
        .cache_mebibytes = given->cache_mebibytes,
    };
    for (size_t i = 0; i < VRX_LIMITS; i++)
        live.limits.value[i] = (uint32_t)given->limits[i];
    return live;
}

static struct vrx_result load_daemon(struct vrxd *vrxd) {
    const struct vrxd_options *given = &vrxd->options;
    const struct vrx_daemon_options options = {
        .state = given->state,
        .backups = given->backups[0] ? given->backups : NULL,
        .directory_file = given->directory,
        .permits_file = given->permits,
        .authority = vrxd->authority,
        .issuer_socket = given->issuer,
        .owner = vrxd,
        .live = live_of(given),
        .session_idle_seconds = given->session_idle_seconds,
        .session_seconds = given->session_seconds,
        .log_in_rule = {given->log_in_tries, given->log_in_wait_seconds, DAY, DAY},
        .log_in_terminal_rule = {given->log_in_terminal_tries, given->log_in_wait_seconds, 600,
            3600},
    };
    VRX_TRY(fail_about(given->state, vrx_daemon_new(&options, tick, &vrxd->daemon)));
    const struct vrx_result cleared = vrx_backups_clear(vrxd->daemon);
    if (!vrx_is_ok(cleared)) /* no reason not to serve */
        vrx_log_event("unfinished backups not removed", NULL, cleared);
    for (unsigned i = 0; i < given->platform_count; i++)
        VRX_TRY(fail_about(given->platform[i], load_platform(vrxd, given->platform[i])));
    return vrx_ok();
}

/* Every method has its counters before the first call. */
static struct vrx_result load_tally(struct vrxd *vrxd) {
    const struct vrx_method *methods[VRXD_METHODS];
    size_t count = 0;
    for (size_t i = 0; i < VRXD_SERVICES; i++)
        for (size_t j = 0; j < vrxd_services[i].count; j++)
            methods[count++] = &vrxd_services[i].methods[j];
    return vrx_tally_new(methods, count, &vrxd->daemon->tally);
}

/* False: there is none. */
static bool metrics_place(
    const struct vrxd_options *given, char address[64], struct vrx_metrics_place *ret_place) {
    *ret_place = (struct vrx_metrics_place){.path = given->metrics, .address = address};
    if (strchr(given->metrics, '/'))
        return true;
    ret_place->path = NULL;
    address[0] = '\0'; /* which is no address, and refused as such */
    vrxd_options_address(given->metrics, address, &ret_place->port);
    return given->metrics[0];
}

static struct vrx_result load_metrics(struct vrxd *vrxd) {
    char address[64];
    struct vrx_metrics_place place;
    if (!metrics_place(&vrxd->options, address, &place))
        return vrx_ok();
    const struct vrx_metrics_sources sources = {
        .daemon = vrxd->daemon,
        .servers = {vrxd->server, vrxd->public.server},
        .version = VRX_VERSION,
        .started_at = vrx_clock_seconds(),
        .certificate_not_after = &vrxd->identity.not_after,
    };
    return vrx_metrics_endpoint_new(&place, &sources, &vrxd->metrics);
}

/* One of the two lists that verification is by; file NULL where it is not configured. */
static struct vrx_result list_source(const struct vrxd *vrxd, enum vrx_held_kind kind,
    char seen[4096], struct vrx_held_source *ret_source) {
    static const char *const names[] = {
        [VRX_HELD_TRUST] = "trust", [VRX_HELD_REVOCATIONS] = "revocations"};
    const struct vrxd_options *given = &vrxd->options;
    const char *file = kind == VRX_HELD_TRUST ? given->trust_list : given->revocation_list;
    if (given->revocation_list[0] && !given->trust_list[0])
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "revocation-list needs trust-list");
    if ((size_t)snprintf(seen, 4096, "%s/%s", given->state, names[kind]) >= 4096)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    *ret_source = (struct vrx_held_source){.kind = kind,
        .file = file[0] ? file : NULL,
        .seen_file = seen,
        .authority = vrxd->authority};
    return vrx_ok();
}

/* After the daemon, which holds the state folder. */
static struct vrx_result load_list(
    struct vrxd *vrxd, enum vrx_held_kind kind, struct vrx_holder **ret_holder) {
    static char seen[2][4096];
    struct vrx_held_source source;
    VRX_TRY(list_source(vrxd, kind, seen[kind], &source));
    return source.file ? vrx_holder_new(&source, ret_holder) : vrx_ok();
}

static struct vrx_result load_lists(struct vrxd *vrxd) {
    const struct vrxd_options *given = &vrxd->options;
    VRX_TRY(fail_about(given->trust_list, load_list(vrxd, VRX_HELD_TRUST, &vrxd->trust)));
    VRX_TRY(fail_about(
        given->revocation_list, load_list(vrxd, VRX_HELD_REVOCATIONS, &vrxd->revocations)));
    atomic_store(&vrxd->daemon->trust, vrxd->trust);
    atomic_store(&vrxd->daemon->revocations, vrxd->revocations);
    return vrx_ok();
}

static struct vrx_result read_cards(
    const struct vrxd_options *given, struct vrx_cards **ret_cards) {
    const struct vrx_cards_settings settings = {
        .anchors = given->card_anchors,
        .crl = given->card_crl,
        .ocsp = given->card_ocsp,
        .ocsp_seconds = given->card_ocsp_seconds,
        .card_rule = {given->card_tries, given->card_wait_seconds, DAY, DAY},
        .terminal_rule = {given->card_terminal_tries, given->card_wait_seconds, 600, 3600},
    };
    if (given->card_anchors[0])
        return vrx_cards_new(&settings, ret_cards);
    return given->card_crl[0] || given->card_ocsp[0]
               ? vrx_refuse(VRX_INPUT_FIELD_MISSING, "card-crl and card-ocsp: with card-anchors")
               : vrx_ok();
}

static struct vrx_result load_cards(struct vrxd *vrxd) {
    VRX_TRY(read_cards(&vrxd->options, &vrxd->cards));
    atomic_store(&vrxd->daemon->cards, vrxd->cards);
    return vrx_ok();
}

static size_t make_routes(
    const struct vrxd *vrxd, unsigned callers, size_t room, struct vrx_grpc_route *routes) {
    const size_t offered = VRXD_SERVICES - !vrxd->trust;
    size_t count = 0;
    for (size_t i = 0; i < offered; i++)
        count += vrx_dispatch_routes(vrxd_services[i].methods, vrxd_services[i].count, callers,
            room - count, &routes[count]);
    return count;
}

static struct vrx_result load_public(struct vrxd *vrxd) {
    struct vrxd_public *public = &vrxd->public;
    const struct vrx_grpc_handler handler = vrx_dispatch_handler(vrxd->daemon);
    if (!vrxd->options.public_listen[0])
        return vrx_ok();
    public->route_count = make_routes(vrxd, VRX_CALLER_ANYONE, VRXD_PUBLIC_ROUTES, public->routes);
    return vrxd_public_start(public, &vrxd->options, &handler);
}

static void recheck(void *context) {
    struct vrxd *vrxd = context;
    vrx_grpc_server_recheck(vrxd->server);
}

/* No call of the public listener reaches a municipality's thread. */
static void answered(void *context) {
    struct vrxd *vrxd = context;
    vrx_grpc_server_flush(vrxd->server);
}

static struct vrx_result load_server(struct vrxd *vrxd) {
    const size_t count = make_routes(vrxd, 0, VRXD_METHODS, vrxd->routes);
    char address[64];
    uint16_t port = 0;
    if (!vrxd_options_address(vrxd->options.listen, address, &port))
        return vrx_fail(VRX_INPUT_MALFORMED);
    const struct vrx_net_times times = {
        .handshake = 1000 * vrxd->options.handshake_seconds,
        .idle = 1000 * vrxd->options.connection_idle_seconds,
        .keepalive = 1000 * vrxd->options.keepalive_seconds,
        .ping = VRX_NET_PING_MS,
        .stall = 1000 * vrxd->options.stall_seconds,
        .linger = VRX_NET_LINGER_MS,
    };
    const struct vrx_net_bounds bounds = {
        .connections = (size_t)vrxd->options.connections,
        .addresses = (size_t)vrxd->options.connections,
        .address.connections = (unsigned)vrxd->options.address_connections,
        .terminal = (unsigned)vrxd->options.terminal_connections,
    };
    struct vrx_grpc_server_config config = {
        .address = address,
        .port = port,
        .threads = (unsigned)vrxd->options.threads,
        .tls = vrxd->identity.tls,
        .routes = vrxd->routes,
        .route_count = count,
        .handler = vrx_dispatch_handler(vrxd->daemon),
        .random = vrx_random_system(),
        .times = &times,
        .bounds = &bounds,
        .guard = vrx_dispatch_guard(vrxd->daemon),
    };
    VRX_TRY(vrx_grpc_server_new(&config, &vrxd->server));
    vrxd->daemon->recheck_context = vrxd;
    vrxd->daemon->recheck = recheck;
    vrxd->daemon->answered_context = vrxd;
    vrxd->daemon->answered = answered;
    return vrx_grpc_server_start(vrxd->server);
}

static struct vrx_result start(struct vrxd *vrxd) {
    VRX_TRY(fail_about(vrxd->options.authority, load_authority(vrxd)));
    VRX_TRY(fail_about("certificate, key, client CA or client CRL", load_tls(vrxd)));
    VRX_TRY(fail_about("peer-certificate, peer-key or peer-ca", load_peer_tls(vrxd)));
    VRX_TRY(fail_about("public listener", load_public_tls(vrxd)));
    VRX_TRY(fail_about(vrxd->options.law_source,
        vrxd_law_source_load(&vrxd->law_source, &vrxd->options, vrxd->authority)));
    VRX_TRY(load_daemon(vrxd));
    VRX_TRY(load_tally(vrxd));
    VRX_TRY(load_peers(vrxd));
    VRX_TRY(fail_about("card-anchors, card-crl or card-ocsp", load_cards(vrxd)));
    VRX_TRY(load_lists(vrxd));
    VRX_TRY(fail_about(vrxd->options.public_folder, load_folder(vrxd)));
    VRX_TRY(fail_about(vrxd->options.listen, load_server(vrxd)));
    VRX_TRY(fail_about(vrxd->options.public_listen, load_public(vrxd)));
    VRX_TRY(fail_about(vrxd->options.metrics, load_metrics(vrxd)));
    atomic_store(&vrxd->serving, true);
    return vrx_ok();
}

/* Calls in flight are answered, then vaults close, then what carried them goes. */
static void stop(struct vrxd *vrxd) {
    if (vrxd->daemon)
        vrx_daemon_stop_waiting(vrxd->daemon);
    vrxd_public_drain(&vrxd->public);
    if (vrxd->server)
        vrx_grpc_server_drain(vrxd->server, 1000 * vrxd->options.drain_seconds);
    vrx_metrics_endpoint_free(&vrxd->metrics);
    if (vrxd->daemon && vrxd->daemon->worker)
        vrx_tenancy_end(vrxd->daemon);
    if (vrxd->daemon)
        vrx_daemon_seal_all(vrxd->daemon);
    if (vrxd->daemon)
        atomic_store(
            &vrxd->daemon->peers, NULL); /* no municipality is open to give them anything */
    vrx_peers_free(&vrxd->peers);
    vrx_daemon_free(&vrxd->daemon);
    vrx_grpc_server_free(&vrxd->server);
    vrxd_public_done(&vrxd->public);
    vrx_holder_free(&vrxd->trust);
    vrx_holder_free(&vrxd->revocations);
    vrx_cards_free(&vrxd->cards);
    vrxd_law_source_done(&vrxd->law_source);
    vrxd_identity_done(&vrxd->identity);
    vrxd_identity_done(&vrxd->peer);
    vrx_public_key_free(&vrxd->authority);
    vrxd_options_done(&vrxd->options);
}

static struct vrx_result check_platform(const struct vrxd_options *given) {
    for (unsigned i = 0; i < given->platform_count; i++) {
        struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
        VRX_TRY(fail_about(given->platform[i], read_certificate(given->platform[i], &certificate)));
    }
    return vrx_ok();
}

static struct vrx_result check_cards(const struct vrxd *vrxd) {
    struct vrx_cards *cards VRX_CLEANUP(vrx_cards_free) = NULL;
    return read_cards(&vrxd->options, &cards);
}

static struct vrx_result check_list(const struct vrxd *vrxd, enum vrx_held_kind kind) {
    char seen[4096];
    struct vrx_held_source source;
    VRX_TRY(list_source(vrxd, kind, seen, &source));
    return source.file ? vrx_holder_check(&source) : vrx_ok();
}

/* What start would read, without the state folder: a daemon may be running on it. */
static struct vrx_result check(struct vrxd *vrxd) {
    const struct vrxd_options *given = &vrxd->options;
    char seen[4096];
    char address[64];
    uint16_t port = 0;
    VRX_TRY(fail_about(given->authority, load_authority(vrxd)));
    VRX_TRY(fail_about("certificate, key, client-ca or client-crl", load_tls(vrxd)));
    VRX_TRY(fail_about("peer-certificate, peer-key or peer-ca", load_peer_tls(vrxd)));
    VRX_TRY(check_platform(given));
    if ((size_t)snprintf(seen, sizeof seen, "%s/law", given->state) >= sizeof seen)
        return fail_about(given->state, vrx_fail(VRX_INPUT_TOO_LARGE));
    const struct vrx_law_files law = {
        .directory = given->directory, .permits = given->permits, .seen = seen};
    VRX_TRY(fail_about("directory or permits", vrx_law_check(&law, vrxd->authority)));
    VRX_TRY(fail_about(
        given->law_source, vrxd_law_source_load(&vrxd->law_source, given, vrxd->authority)));
    VRX_TRY(fail_about("public listener", load_public_tls(vrxd)));
    VRX_TRY(fail_about(given->trust_list, check_list(vrxd, VRX_HELD_TRUST)));
    VRX_TRY(fail_about(given->revocation_list, check_list(vrxd, VRX_HELD_REVOCATIONS)));
    VRX_TRY(fail_about(given->public_folder, load_folder(vrxd)));
    VRX_TRY(fail_about("card-anchors, card-crl or card-ocsp", check_cards(vrxd)));
    if (!vrxd_options_address(given->listen, address, &port))
        return fail_about(given->listen, vrx_refuse(VRX_INPUT_MALFORMED, "listen: ADDRESS:PORT"));
    struct vrx_metrics_place place;
    if (metrics_place(given, address, &place))
        VRX_TRY(fail_about(given->metrics, vrx_metrics_place_check(&place)));
    printf("vrxd: the configuration is usable / 設定は使用できます\n");
    return vrx_ok();
}

/* What changed and may change now counts; of what may not, the log names one. */
static void reload(struct vrxd *vrxd) {
    char wrong[VRXD_LIMIT_WRONG];
    atomic_store(&vrxd->identity.asked, true);
    atomic_store(&vrxd->public.identity.asked, true);
    atomic_store(&vrxd->peer.asked, true);
    if (!vrxd_options_reload(&vrxd->options, wrong)) {
        vrx_log_event("configuration not taken", wrong, vrx_fail(VRX_INPUT_MALFORMED));
        return;
    }
    const struct vrx_daemon_live live = live_of(&vrxd->options);
    vrx_daemon_set(vrxd->daemon, &live);
    vrx_log_event("configuration read", vrxd->options.config, vrx_ok());
    if (wrong[0])
        vrx_log_event("counts after a restart only", wrong, vrx_ok());
}

static void reload_told(struct vrxd *vrxd) {
    char state[64];
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
        vrx_clock_monotonic_ns(NULL) / 1000);
    vrxd_notify(state);
    reload(vrxd);
    vrxd_notify("READY=1");
}

/* Until a signal to end. */
static void wait_for_end(struct vrxd *vrxd, struct vrxd_watch *watch, const sigset_t *signals) {
    const struct timespec pause = {
        .tv_sec = watch->look_ms / 1000, .tv_nsec = watch->look_ms % 1000 * 1000000};
    for (;;) {
        const int received = sigtimedwait(signals, NULL, &pause);
        if (received == SIGHUP)
            reload_told(vrxd);
        else if (received == SIGUSR1)
            atomic_store(&vrxd->daemon->seal_asked, true);
        else if (received > 0)
            return;
        vrxd_watch_look(watch);
    }
}

static void serve(struct vrxd *vrxd, const sigset_t *signals) {
    char address[64];
    uint16_t port = 0;
    vrxd_options_address(vrxd->options.listen, address, &port);
    printf("vrxd: listening on %s:%u\n", address, vrx_grpc_server_port(vrxd->server));
    if (vrxd->metrics && vrx_metrics_endpoint_port(vrxd->metrics))
        printf("vrxd: metrics on port %u\n", vrx_metrics_endpoint_port(vrxd->metrics));
    if (vrxd->public.server)
        printf("vrxd: open to anyone on %s, port %u\n", vrxd->options.public_listen,
            vrx_grpc_server_port(vrxd->public.server));
    fflush(stdout);
    struct vrxd_watch watch;
    vrxd_watch_init(&watch, vrxd->daemon, vrxd->server, vrxd->public.server);
    vrxd_notify("READY=1");
    vrxd_watch_look(&watch);
    wait_for_end(vrxd, &watch, signals);
    vrxd_notify("STOPPING=1\nSTATUS=sealing the vaults");
    vrx_log_event("stopping", NULL, vrx_ok());
}

int main(int argc, char **argv) {
    static struct vrxd vrxd;
    int status = 0;
    if (!vrxd_options_parse(argc, argv, &vrxd.options, &status))
        return status;
    harden();
    allow_files();
    if (!let_sqlite_not_count())
        return EXIT_FAILURE;
    /* Blocked before any thread starts, so that every thread inherits it. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    const bool checks = vrxd.options.check;
    struct vrx_result result = checks ? vrx_ok() : vrx_log_start();
    if (vrx_is_ok(result))
        result = checks ? check(&vrxd) : start(&vrxd);
    if (vrx_is_ok(result) && !checks)
        serve(&vrxd, &signals);
    stop(&vrxd);
    vrx_log_stop();
    return vrx_is_ok(result) ? EXIT_SUCCESS : EXIT_FAILURE;
}
