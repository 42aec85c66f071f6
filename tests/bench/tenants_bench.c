/* SPDX-License-Identifier: Apache-2.0
 *
 * The custodians of many municipalities in one process, against a running vrxd: takes tenants in,
 * unseals them one after another, reads at their terminals. Commands come on standard input, one a
 * line; each is answered by one line with its time in nanoseconds. tenants.mjs drives it.
 *
 * "folders" writes what each municipality would have on its own machine, and the list of all for
 * `vrx watch`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/limits.h"
#include "cli/connect.h"
#include "crypto/random.h"
#include "keyring/unseal.h"
#include "objects/terms.h"
#include "pki/pki.h"
#include "vrx/v1/records.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

#define TOWNS_MAX 2000
#define CONNECTIONS_MAX 200 /* at once; more would measure TLS, not vaults */
#define DAY ((int64_t)86400)

struct town {
    struct vrx_municipality_code code;
    struct vrx_private_key *custodian;
    struct vrx_buffer keyring;
    struct vrx_buffer certificate; /* the console's, and its key */
    struct vrx_secret *key;
    struct vrx_connection console;
    uint8_t console_spki[VRX_DIGEST];
    char *checkpoint; /* NULL before the first unseal */
};

struct bench {
    uint16_t port;
    struct vrx_buffer ca_pem;
    struct vrx_certificate *ca;
    struct vrx_private_key *ca_key;
    struct vrx_connection platform;
    struct town towns[TOWNS_MAX];
    unsigned named; /* in the list of codes */
    unsigned made;
};

static void must(struct vrx_result result, const char *what) {
    if (vrx_is_ok(result))
        return;
    (void)fprintf(stderr, "tenants_bench: %s: %s\n", what, vrx_reason_name(result.reason));
    exit(1);
}

static void must_call(int status, const char *what, const struct town *town) {
    if (status == VRX_EXIT_OK)
        return;
    (void)fprintf(stderr, "tenants_bench: %s of %s\n", what, town->code.digits);
    exit(1);
}

static int64_t nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The console's certificate and the TLS side that shows it. */
static void make_console(struct bench *bench, struct town *town) {
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    must(vrx_private_key_new_p256(&key), "key");
    must(vrx_private_key_public(key, &public), "key");
    must(vrx_public_key_spki_sha256(public, town->console_spki), "digest");
    struct vrx_certificate_request request = {
        .profile = VRX_PROFILE_TERMINAL,
        .subject_key = public,
        .common_name = vrx_view_text(town->code.digits),
        .not_before = time(NULL),
        .not_after = time(NULL) + 7 * DAY,
    };
    must(vrx_random_fill(vrx_random_system(), request.serial, sizeof request.serial), "serial");
    must(vrx_certificate_make(&request, bench->ca, bench->ca_key, &certificate), "certificate");
    must(vrx_certificate_to_pem(certificate, &town->certificate), "certificate");
    must(vrx_private_key_to_pem(key, &town->key), "key");
    struct vrx_tls_identity identity = {vrx_buffer_view(&town->certificate), town->key};
    must(vrx_tls_client_new(&identity, vrx_buffer_view(&bench->ca_pem), &town->console.tls), "TLS");
}

static void make_town(struct bench *bench, struct town *town) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    must(vrx_private_key_new_p256(&town->custodian), "custodian");
    must(vrx_private_key_public(town->custodian, &public), "custodian");
    const struct vrx_public_key *keys[] = {public};
    const struct vrx_custodians custodians = {keys, 1, 1};
    must(
        vrx_keyring_make(&town->code, &custodians, time(NULL), vrx_random_system(), &town->keyring),
        "keyring");
    make_console(bench, town);
    vrx_arena_init(&town->console.arena, 0);
}

static void connect_at(struct bench *bench, struct vrx_connection *connection) {
    if (connection->client)
        return;
    struct vrx_client_config config = {
        .host = "localhost", .port = bench->port, .tls = connection->tls};
    must(vrx_client_new(&config, &connection->client), "connection");
    must(vrx_client_set_metadata(connection->client, "vrx-operator", vrx_view_text("bench")),
        "operator");
}

static void create(struct bench *bench, struct town *town) {
    Vrx__V1__CreateTenantRequest request;
    vrx__v1__create_tenant_request__init(&request);
    request.keyring = (ProtobufCBinaryData){town->keyring.len, town->keyring.ptr};
    request.console_spki_sha256 = (ProtobufCBinaryData){VRX_DIGEST, town->console_spki};
    must_call(vrx_call_unary(&bench->platform, VRX_REMOTE("Tenancy", "CreateTenant", create_tenant),
                  &request.base, NULL),
        "CreateTenant", town);
}

/* The keys are made before the clock starts: they are the municipalities' own machines' work. */
static int64_t create_until(struct bench *bench, unsigned count) {
    unsigned first = bench->made;
    for (; bench->made < count && bench->made < bench->named; bench->made++)
        make_town(bench, &bench->towns[bench->made]);
    int64_t begun = nanoseconds();
    connect_at(bench, &bench->platform);
    for (unsigned i = first; i < bench->made; i++)
        create(bench, &bench->towns[i]);
    return nanoseconds() - begun;
}

static void answer(struct town *town, struct vrx_buffer *session, struct vrx_buffer *wrapped) {
    Vrx__V1__BeginUnsealRequest request;
    vrx__v1__begin_unseal_request__init(&request);
    ProtobufCMessage *reply = NULL;
    must_call(vrx_call_unary(&town->console, VRX_REMOTE("Tenancy", "BeginUnseal", begin_unseal),
                  &request.base, &reply),
        "BeginUnseal", town);
    const Vrx__V1__BeginUnsealResponse *begun = (const void *)reply;
    struct vrx_unseal_challenge challenge = {
        .keyring = vrx_view_of(begun->keyring.data, begun->keyring.len),
        .ephemeral_point = vrx_view_of(begun->ephemeral_point.data, begun->ephemeral_point.len),
        .session_id = vrx_view_of(begun->session_id.data, begun->session_id.len),
    };
    uint8_t exporter[VRX_TLS_EXPORTER];
    struct vrx_custodian_key custodian;
    vrx_client_exporter(town->console.client, exporter);
    must(vrx_custodian_key_here(town->custodian, &custodian), "custodian");
    must(vrx_unseal_answer(vrx_buffer_view(&town->keyring), &custodian, &challenge, exporter,
             vrx_random_system(), wrapped),
        "answer");
    must(vrx_buffer_append(session, challenge.session_id), "session");
}

static void unseal(struct bench *bench, struct town *town) {
    struct vrx_buffer session VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer wrapped VRX_CLEANUP(vrx_buffer_done) = {0};
    connect_at(bench, &town->console);
    answer(town, &session, &wrapped);
    Vrx__V1__UnsealRequest request;
    vrx__v1__unseal_request__init(&request);
    request.session_id = (ProtobufCBinaryData){session.len, session.ptr};
    request.wrapped_root = (ProtobufCBinaryData){wrapped.len, wrapped.ptr};
    if (town->checkpoint)
        request.checkpoint = town->checkpoint;
    ProtobufCMessage *reply = NULL;
    must_call(vrx_call_unary(
                  &town->console, VRX_REMOTE("Tenancy", "Unseal", unseal), &request.base, &reply),
        "Unseal", town);
    free(town->checkpoint);
    town->checkpoint = strdup(((const Vrx__V1__UnsealResponse *)(const void *)reply)->checkpoint);
    vrx_arena_clear(&town->console.arena);
    vrx_client_free(&town->console.client);
}

static int64_t unseal_all(struct bench *bench, unsigned first) {
    int64_t begun = nanoseconds();
    for (unsigned i = first; i < bench->made; i++)
        unseal(bench, &bench->towns[i]);
    return nanoseconds() - begun;
}

static void add_resident(struct bench *bench, struct town *town) {
    Vrx__V1__Resident resident;
    vrx__v1__resident__init(&resident);
    resident.addressee_number = "1";
    resident.individual_number = "123456789018";
    resident.name = "札幌 花子";
    resident.kana = "サッポロ ハナコ";
    resident.birth_date = "1985-04-01";
    resident.sex = 2;
    resident.address = "1";
    Vrx__V1__RegisterResidentRequest request;
    vrx__v1__register_resident_request__init(&request);
    request.resident = &resident;
    connect_at(bench, &town->console);
    must_call(
        vrx_call_unary(&town->console, VRX_REMOTE("Records", "RegisterResident", register_resident),
            &request.base, NULL),
        "RegisterResident", town);
    vrx_client_free(&town->console.client);
}

static int64_t add_residents(struct bench *bench, unsigned first) {
    int64_t begun = nanoseconds();
    for (unsigned i = first; i < bench->made; i++)
        add_resident(bench, &bench->towns[i]);
    return nanoseconds() - begun;
}

static void read_one(struct town *town) {
    Vrx__V1__ResidentKey key;
    Vrx__V1__GetHistoryRequest request;
    vrx__v1__resident_key__init(&key);
    vrx__v1__get_history_request__init(&request);
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    key.addressee_number = "1";
    request.resident = &key;
    must_call(vrx_call_unary(&town->console, VRX_REMOTE("Records", "GetHistory", get_history),
                  &request.base, NULL),
        "GetHistory", town);
}

/* Reads spread evenly over all tenants, through as many connections as are kept open. */
static int64_t read_spread(struct bench *bench, unsigned count) {
    unsigned width = bench->made < CONNECTIONS_MAX ? bench->made : CONNECTIONS_MAX;
    for (unsigned i = 0; i < width; i++)
        connect_at(bench, &bench->towns[i * bench->made / width].console);
    int64_t begun = nanoseconds();
    for (unsigned i = 0; i < count; i++)
        read_one(&bench->towns[i % width * bench->made / width]);
    int64_t taken = nanoseconds() - begun;
    for (unsigned i = 0; i < width; i++)
        vrx_client_free(&bench->towns[i * bench->made / width].console.client);
    return taken / count;
}

static void put_file(const char *folder, const char *name, struct vrx_view content) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wex");
    if (!file || fwrite(content.ptr, 1, content.len, file) != content.len || fclose(file) != 0)
        must(vrx_fail(VRX_FILE_REFUSED), path);
}

static void put_folder(struct bench *bench, struct town *town, FILE *list) {
    const char *code = town->code.digits;
    struct vrx_secret *custodian VRX_CLEANUP(vrx_secret_free) = NULL;
    must(vrx_private_key_to_pem(town->custodian, &custodian), "custodian");
    if (mkdir(code, 0700) != 0)
        must(vrx_fail(VRX_FILE_REFUSED), code);
    put_file(code, "certificate.pem", vrx_buffer_view(&town->certificate));
    put_file(code, "key.pem", vrx_secret_view(town->key));
    put_file(code, "ca.pem", vrx_buffer_view(&bench->ca_pem));
    put_file(code, "custodian.pem", vrx_secret_view(custodian));
    put_file(code, "keyring.cbor", vrx_buffer_view(&town->keyring));
    put_file(code, "note", vrx_view_text(town->checkpoint));
    (void)fprintf(list, "%s\t%s/custodian.pem\t%s/keyring.cbor\t%s/note\n", code, code, code, code);
}

/* Into the working folder. After an unseal of all: it brings the checkpoints. */
static int64_t put_folders(struct bench *bench, unsigned unused) {
    (void)unused;
    int64_t begun = nanoseconds();
    (void)umask(077); /* keys are refused that others may read */
    FILE *list = fopen("watched", "wex");
    for (unsigned i = 0; list && i < bench->made; i++)
        put_folder(bench, &bench->towns[i], list);
    if (!list || fclose(list) != 0)
        must(vrx_fail(VRX_FILE_REFUSED), "watched");
    return nanoseconds() - begun;
}

/* After the daemon was started again. */
static int64_t reconnect(struct bench *bench, unsigned port) {
    bench->port = (uint16_t)port;
    vrx_client_free(&bench->platform.client);
    return 0;
}

static bool obey(struct bench *bench, const char *line) {
    static const struct {
        const char *word;
        int64_t (*run)(struct bench *bench, unsigned number);
    } commands[] = {
        {"create", create_until},
        {"unseal", unseal_all},
        {"residents", add_residents},
        {"read", read_spread},
        {"folders", put_folders},
        {"port", reconnect},
    };
    char word[16] = "";
    unsigned number = 0;
    if (sscanf(line, "%15s %u", word, &number) != 2)
        return false;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(word, commands[i].word) == 0) {
            (void)printf("%ld\n", (long)commands[i].run(bench, number));
            return fflush(stdout) == 0;
        }
    return false;
}

static void load(struct bench *bench, const char *folder, const char *codes) {
    char path[4096];
    char line[64];
    (void)snprintf(path, sizeof path, "%s/key.pem", folder);
    must(vrx_pki_read_key(path, &bench->ca_key), path);
    (void)snprintf(path, sizeof path, "%s/certificate.pem", folder);
    must(vrx_pki_read_certificate(path, &bench->ca), path);
    must(vrx_certificate_to_pem(bench->ca, &bench->ca_pem), path);
    FILE *list = fopen(codes, "re");
    while (list && bench->named < TOWNS_MAX && fgets(line, sizeof line, list)) {
        struct vrx_municipality_code *code = &bench->towns[bench->named++].code;
        must(vrx_municipality_code_parse(vrx_view_of(line, strcspn(line, "\n")), code), line);
    }
    if (!list || fclose(list) != 0 || !bench->named)
        must(vrx_fail(VRX_FILE_REFUSED), codes);
}

static struct vrx_result load_platform(struct bench *bench, const char *folder) {
    char path[4096];
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_secret *key_pem VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    (void)snprintf(path, sizeof path, "%s/key.pem", folder);
    VRX_TRY(vrx_pki_read_key(path, &key));
    VRX_TRY(vrx_private_key_to_pem(key, &key_pem));
    (void)snprintf(path, sizeof path, "%s/certificate.pem", folder);
    VRX_TRY(vrx_pki_read_certificate(path, &certificate));
    VRX_TRY(vrx_certificate_to_pem(certificate, &pem));
    struct vrx_tls_identity identity = {vrx_buffer_view(&pem), key_pem};
    vrx_arena_init(&bench->platform.arena, 0);
    return vrx_tls_client_new(&identity, vrx_buffer_view(&bench->ca_pem), &bench->platform.tls);
}

int main(int argc, char **argv) {
    static struct bench bench;
    char line[64];
    if (argc != 5) {
        (void)fprintf(stderr, "usage: %s PORT CA-FOLDER PLATFORM-FOLDER CODES\n", argv[0]);
        return 2;
    }
    bench.port = (uint16_t)strtoul(argv[1], NULL, 10);
    load(&bench, argv[2], argv[4]);
    must(load_platform(&bench, argv[3]), "platform terminal");
    while (fgets(line, sizeof line, stdin))
        if (!obey(&bench, line))
            return 1;
    return 0;
}
