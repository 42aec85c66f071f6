/* SPDX-License-Identifier: Apache-2.0
 *
 * kill_loop VRXD PRELOAD: kill -9 of a real vrxd, again and again, in the world that kills.sh made
 * in the present folder. Two counters write all the while and remember what was acknowledged, a
 * console keeps every checkpoint. The end comes at a random moment of the unseal and recovery, of
 * the writes, before or after a random sync, or at a sync of the database itself, which is its
 * header's or a checkpoint's of the WAL. Each time the daemon is started again and unsealed with
 * the last checkpoint, which its ledger must extend, and has every acknowledged dose where it said
 * it was.
 *
 * VRX_KILLS times (500); VRX_SEED repeats the choices of a run, though not the machine's timing.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "crypto/random.h"
#include "files/files.h"
#include "grpc/client.h"
#include "keyring/unseal.h"
#include "support/vault_files.h"
#include "vrx/v1/ledger.pb-c.h"
#include "vrx/v1/records.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

#define WRITERS 2
#define NOTE 4096
#define WRITTEN 2000000
#define CALL_MS 20000
#define SPAN_MS 60 /* a kill by the clock comes this late at most */

enum moment { AFTER_LISTENING, WHILE_WRITING, AT_SYNC, AT_DATABASE_SYNC, MOMENTS, NEVER };

static const char *const moment_names[] = {
    "recovery and unseal", "writes", "a sync", "a sync of the database"};

/* A dose whose reply came. */
struct written {
    unsigned number;
    uint64_t dose, index;
};

static struct {
    const char *vrxd, *preload;
    struct sequence sequence;
    pid_t pid;
    uint16_t port;
    struct vrx_tls *console, *counter;
    struct vrx_buffer keyring;
    struct vrx_private_key *custodian;
    char note[NOTE];
    atomic_uint number; /* of the last resident */
    atomic_size_t count;
    size_t checked;
    struct written written[WRITTEN];
    unsigned long kills[MOMENTS];
} t;

static void give_up(const char *what, const char *why) {
    fprintf(stderr, "kill_loop: %s: %s\n", what, why);
    if (t.pid)
        kill(t.pid, SIGKILL);
    exit(1);
}

static void must(const char *what, struct vrx_result result) {
    if (!vrx_is_ok(result))
        give_up(what, result.clause ? result.clause : vrx_reason_name(result.reason));
}

/* A call whose failure by the daemon's death is no failure. False when it is gone. */
static bool alive(const char *what, struct vrx_result result) {
    if (result.reason == VRX_NETWORK_FAILED)
        return false;
    must(what, result);
    return true;
}

static struct vrx_result call(struct vrx_client *client, const char *path,
    const ProtobufCMessage *request, struct vrx_buffer *ret_reply) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(&out, protobuf_c_message_get_packed_size(request), &at));
    protobuf_c_message_pack(request, at);
    vrx_buffer_clear(ret_reply);
    return vrx_client_unary(client, path, vrx_buffer_view(&out), CALL_MS, ret_reply);
}

static struct vrx_client *dial(const struct vrx_tls *tls) {
    struct vrx_client_config config = {.host = "localhost", .port = t.port, .tls = tls};
    struct vrx_client *client = NULL;
    if (alive("connecting", vrx_client_new(&config, &client)))
        must("operator", vrx_client_set_metadata(client, "vrx-operator", vrx_view_text("kills")));
    return client;
}

/* The daemon */

static void run_daemon(int out, enum moment moment) {
    char sync[16];
    (void)snprintf(sync, sizeof sync, "%u",
        1 + sequence_below(&t.sequence, moment == AT_DATABASE_SYNC ? 6 : 100));
    if (moment == AT_SYNC || moment == AT_DATABASE_SYNC) {
        bool before = sequence_below(&t.sequence, 2) == 0;
        setenv(before ? "VRX_KILL_BEFORE_SYNC" : "VRX_KILL_AFTER_SYNC", sync, 1);
        setenv("LD_PRELOAD", t.preload, 1);
        setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        if (moment == AT_DATABASE_SYNC)
            setenv("VRX_KILL_SYNC_OF", "/vault.db", 1);
    }
    dup2(out, STDOUT_FILENO);
    if (!freopen("vrxd.log", "a", stderr))
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl(t.vrxd, "vrxd", "--state", "state", "--listen", "127.0.0.1:0", "--certificate",
        "server/certificate.pem", "--key", "server/key.pem", "--client-ca", "ca/certificate.pem",
        "--authority", "authority/certificate.pem", "--directory", "directory.cbor", "--permits",
        "permits.cbor", "--issuer", "issuer.sock", "--platform-terminal",
        "platform/certificate.pem", (char *)NULL);
    _exit(1);
}

static void start(enum moment moment) {
    int ends[2];
    if (pipe(ends) != 0)
        give_up("pipe", "failed");
    t.pid = fork();
    if (t.pid == 0) {
        close(ends[0]);
        run_daemon(ends[1], moment);
    }
    close(ends[1]);
    FILE *said = fdopen(ends[0], "r");
    unsigned port = 0;
    if (!said || fscanf(said, "vrxd: listening on 127.0.0.1:%u", &port) != 1)
        give_up("vrxd", "did not start; see vrxd.log");
    fclose(said);
    t.port = (uint16_t)port;
}

/* The custodian */

static bool unseal(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_custodian_key key;
    uint8_t exporter[VRX_TLS_EXPORTER];
    Vrx__V1__BeginUnsealRequest begin = VRX__V1__BEGIN_UNSEAL_REQUEST__INIT;
    if (!alive("BeginUnseal", call(client, "/vrx.v1.Tenancy/BeginUnseal", &begin.base, &reply)))
        return false;
    Vrx__V1__BeginUnsealResponse *begun =
        vrx__v1__begin_unseal_response__unpack(NULL, reply.len, reply.ptr);
    struct vrx_unseal_challenge challenge = {
        .keyring = vrx_view_of(begun->keyring.data, begun->keyring.len),
        .ephemeral_point = vrx_view_of(begun->ephemeral_point.data, begun->ephemeral_point.len),
        .session_id = vrx_view_of(begun->session_id.data, begun->session_id.len),
    };
    vrx_client_exporter(client, exporter);
    must("custodian", vrx_custodian_key_here(t.custodian, &key));
    must("answer", vrx_unseal_answer(vrx_buffer_view(&t.keyring), &key, &challenge, exporter,
                       vrx_random_system(), &answer));
    Vrx__V1__UnsealRequest request = VRX__V1__UNSEAL_REQUEST__INIT;
    request.session_id = begun->session_id;
    request.wrapped_root = (ProtobufCBinaryData){answer.len, answer.ptr};
    request.checkpoint = t.note;
    bool opened = alive("Unseal", call(client, "/vrx.v1.Tenancy/Unseal", &request.base, &reply));
    vrx__v1__begin_unseal_response__free_unpacked(begun, NULL);
    if (!opened)
        return false;
    Vrx__V1__UnsealResponse *open = vrx__v1__unseal_response__unpack(NULL, reply.len, reply.ptr);
    (void)snprintf(t.note, sizeof t.note, "%s", open->checkpoint);
    vrx__v1__unseal_response__free_unpacked(open, NULL);
    return true;
}

static bool keep_checkpoint(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__GetCheckpointRequest request = VRX__V1__GET_CHECKPOINT_REQUEST__INIT;
    if (!alive(
            "GetCheckpoint", call(client, "/vrx.v1.Ledger/GetCheckpoint", &request.base, &reply)))
        return false;
    Vrx__V1__GetCheckpointResponse *got =
        vrx__v1__get_checkpoint_response__unpack(NULL, reply.len, reply.ptr);
    (void)snprintf(t.note, sizeof t.note, "%s", got->note);
    vrx__v1__get_checkpoint_response__free_unpacked(got, NULL);
    return true;
}

/* The counters */

static bool write_one(struct vrx_client *client, unsigned number) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    char addressee[16];
    (void)snprintf(addressee, sizeof addressee, "%u", number);
    Vrx__V1__Resident resident = VRX__V1__RESIDENT__INIT;
    resident.addressee_number = addressee;
    resident.name = "負荷 試子";
    resident.kana = "フカ タメコ";
    resident.birth_date = "1990-01-01";
    resident.sex = 2;
    Vrx__V1__RegisterResidentRequest registration = VRX__V1__REGISTER_RESIDENT_REQUEST__INIT;
    registration.resident = &resident;
    if (!alive("RegisterResident",
            call(client, "/vrx.v1.Records/RegisterResident", &registration.base, &reply)))
        return false;
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    key.addressee_number = addressee;
    Vrx__V1__Dose dose = VRX__V1__DOSE__INIT;
    dose.dose_number = 1;
    dose.administered_on = "2021-07-01";
    dose.product = 1;
    dose.lot = "EY2173";
    dose.administered_by = "011002";
    Vrx__V1__RecordVaccinationRequest record = VRX__V1__RECORD_VACCINATION_REQUEST__INIT;
    record.resident = &key;
    record.dose = &dose;
    if (!alive("RecordVaccination",
            call(client, "/vrx.v1.Records/RecordVaccination", &record.base, &reply)))
        return false;
    Vrx__V1__RecordVaccinationResponse *got =
        vrx__v1__record_vaccination_response__unpack(NULL, reply.len, reply.ptr);
    size_t at = atomic_fetch_add(&t.count, 1);
    if (at >= WRITTEN)
        give_up("writes", "too many to remember");
    t.written[at] = (struct written){number, got->dose_id, got->ledger_index};
    vrx__v1__record_vaccination_response__free_unpacked(got, NULL);
    return true;
}

static void *write_until_dead(void *unused) {
    struct vrx_client *client = dial(t.counter);
    while (client && write_one(client, atomic_fetch_add(&t.number, 1) + 1))
        ;
    vrx_client_free(&client);
    return unused;
}

/* What was acknowledged and not looked at since. False when the daemon died meanwhile. */
static bool check_written(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    for (; t.checked < t.count; t.checked++) {
        const struct written *one = &t.written[t.checked];
        char addressee[16];
        (void)snprintf(addressee, sizeof addressee, "%u", one->number);
        Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
        key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
        key.addressee_number = addressee;
        Vrx__V1__GetHistoryRequest request = VRX__V1__GET_HISTORY_REQUEST__INIT;
        request.resident = &key;
        if (!alive("a resident who was acknowledged",
                call(client, "/vrx.v1.Records/GetHistory", &request.base, &reply)))
            return false;
        Vrx__V1__GetHistoryResponse *got =
            vrx__v1__get_history_response__unpack(NULL, reply.len, reply.ptr);
        if (!got || got->n_doses != 1 || got->doses[0]->id != one->dose ||
            got->doses[0]->ledger_index != one->index)
            give_up(addressee, "an acknowledged dose is missing or another");
        vrx__v1__get_history_response__free_unpacked(got, NULL);
    }
    return true;
}

/* The end */

static void *kill_later(void *milliseconds) {
    const unsigned *wait = milliseconds;
    struct timespec time = {*wait / 1000, (long)(*wait % 1000) * 1000000};
    nanosleep(&time, NULL);
    kill(t.pid, SIGKILL);
    return NULL;
}

static void work(struct vrx_client *console, enum moment moment) {
    pthread_t writers[WRITERS], killer;
    /* Who waits for a sync ends by the clock when it does not come. */
    unsigned wait = moment >= AT_SYNC ? 1000 : sequence_below(&t.sequence, SPAN_MS);
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&writers[i], NULL, write_until_dead, NULL);
    if (moment != AFTER_LISTENING)
        pthread_create(&killer, NULL, kill_later, &wait);
    struct timespec pause = {0, 5000000};
    while (keep_checkpoint(console))
        nanosleep(&pause, NULL);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    /* It died by itself, or will by the killer; either way it is dead before the wait is over. */
    if (moment != AFTER_LISTENING) {
        pthread_cancel(killer);
        pthread_join(killer, NULL);
    }
}

static void end(enum moment moment) {
    int status = 0;
    waitpid(t.pid, &status, 0);
    t.pid = 0;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        give_up("vrxd", "ended otherwise than by kill -9; see vrxd.log");
    t.kills[moment]++;
}

static void cycle(void) {
    enum moment moment = sequence_below(&t.sequence, MOMENTS);
    unsigned wait = sequence_below(&t.sequence, SPAN_MS);
    pthread_t killer;
    start(moment);
    if (moment == AFTER_LISTENING)
        pthread_create(&killer, NULL, kill_later, &wait);
    struct vrx_client *console = dial(t.console);
    struct vrx_client *counter = console ? dial(t.counter) : NULL;
    if (counter && unseal(console) && check_written(counter))
        work(console, moment);
    vrx_client_free(&console);
    vrx_client_free(&counter);
    if (moment == AFTER_LISTENING)
        pthread_join(killer, NULL);
    end(moment);
}

static void check_all(void) {
    start(NEVER);
    struct vrx_client *console = dial(t.console);
    struct vrx_client *counter = dial(t.counter);
    t.checked = 0;
    if (!console || !counter || !unseal(console) || !check_written(counter))
        give_up("vrxd", "died by itself");
    vrx_client_free(&console);
    vrx_client_free(&counter);
    kill(t.pid, SIGTERM);
    int status = 0;
    waitpid(t.pid, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        give_up("vrxd", "did not end well");
}

/* Setting out */

static struct vrx_tls *terminal(const char *folder) {
    struct vrx_buffer chain VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer ca VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_secret *key VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tls *tls = NULL;
    char path[64];
    (void)snprintf(path, sizeof path, "%s/certificate.pem", folder);
    must(path, vrx_file_read(path, 1 << 16, &chain));
    must("ca", vrx_file_read("ca/certificate.pem", 1 << 16, &ca));
    (void)snprintf(path, sizeof path, "%s/key.pem", folder);
    must(path, vrx_file_read_secret(path, &key));
    struct vrx_tls_identity identity = {vrx_buffer_view(&chain), key};
    must(folder, vrx_tls_client_new(&identity, vrx_buffer_view(&ca), &tls));
    return tls;
}

static void load(void) {
    struct vrx_secret *pem VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    t.console = terminal("console");
    t.counter = terminal("counter");
    must("keyring", vrx_file_read("custodian/keyring.cbor", VRX_LIMIT_KEYRING, &t.keyring));
    must("custodian", vrx_file_read_secret("custodian/custodian.pem", &pem));
    must("custodian", vrx_private_key_from_pem(vrx_secret_view(pem), &t.custodian));
    must("note", vrx_file_read("checkpoint.note", NOTE - 1, &note));
    (void)snprintf(t.note, sizeof t.note, "%.*s", (int)note.len, (const char *)note.ptr);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: kill_loop VRXD PRELOAD\n");
        return 2;
    }
    t.vrxd = argv[1];
    t.preload = argv[2];
    unsigned long kills = environment_number("VRX_KILLS", 500);
    unsigned long seed = environment_number("VRX_SEED", (unsigned long)time(NULL));
    t.sequence = sequence_of(seed);
    printf("VRX_SEED=%lu VRX_KILLS=%lu\n", seed, kills);
    fflush(stdout);
    signal(SIGPIPE, SIG_IGN);
    load();
    for (unsigned long i = 0; i < kills; i++)
        cycle();
    check_all();
    for (int i = 0; i < MOMENTS; i++)
        printf("%lu killed at %s\n", t.kills[i], moment_names[i]);
    printf("%zu acknowledged doses, all there\n", (size_t)t.count);
    if (!t.count)
        give_up("writes", "nothing was acknowledged: nothing was shown");
    return 0;
}
