/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/daemon/kill_world.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/random.h"
#include "files/files.h"
#include "keyring/unseal.h"
#include "vrx/v1/ledger.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

#define NOTE 4096
#define CALL_MS 20000
#define STREAM_MS 60000
#define CUSTODIANS 2

/* Who can open the vault, each with a keyring of the same keys: the one in force, and the one made
 * from it that is to follow, or the one that it followed. */
struct custodian {
    const char *keyring_path, *key_path;
    struct vrx_buffer keyring;
    struct vrx_private_key *key;
};

static struct {
    const char *vrxd, *preload, *programs;
    pid_t pid;
    uint16_t port;
    struct vrx_tls *terminals[2];
    pthread_mutex_t lock; /* of what follows */
    struct custodian custodians[CUSTODIANS];
    unsigned present; /* whose keyring is in force */
    bool replacing;   /* the other's may be by now */
    char note[NOTE];
} world = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .custodians =
        {
            {.keyring_path = "custodian/keyring.cbor", .key_path = "custodian/custodian.pem"},
            {.keyring_path = "next.cbor", .key_path = "next.pem"},
        },
};

void give_up(const char *what, const char *why) {
    fprintf(stderr, "kill_loop: %s: %s\n", what, why);
    if (world.pid)
        kill(world.pid, SIGKILL);
    exit(1);
}

void must(const char *what, struct vrx_result result) {
    if (!vrx_is_ok(result))
        give_up(what, result.clause ? result.clause : vrx_reason_name(result.reason));
}

void take_a_breath(unsigned milliseconds) {
    struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/* The daemon */

/* One terminal does here in a second what a town does in an hour: nothing is limited. */
#define VRX_LIMIT(name, option, usual, most, en, ja) "--" option, "0",
static const char *const daemon_arguments[] = {"vrxd", "--state", "state", "--listen",
    "127.0.0.1:0", "--certificate", "server/certificate.pem", "--key", "server/key.pem",
    "--client-ca", "ca/certificate.pem", "--authority", "authority/certificate.pem", "--directory",
    "directory.cbor", "--permits", "permits.cbor", "--issuer", "issuer.sock", "--platform-terminal",
    "platform/certificate.pem",
#include "auth/limits.def"
    NULL};

static void run_daemon(int out, const char *pattern, unsigned sync, bool before) {
    char count[16];
    (void)snprintf(count, sizeof count, "%u", sync);
    if (pattern) {
        setenv("VRX_KILL_SYNC_OF", pattern, 1);
        setenv(before ? "VRX_KILL_BEFORE_SYNC" : "VRX_KILL_AFTER_SYNC", count, 1);
        setenv("LD_PRELOAD", world.preload, 1);
        setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    }
    dup2(out, STDOUT_FILENO);
    if (!freopen("vrxd.log", "a", stderr))
        _exit(1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv(world.vrxd, (char *const *)(uintptr_t)daemon_arguments);
    _exit(1);
}

bool daemon_start(const char *pattern, unsigned sync, bool before) {
    int ends[2];
    if (pipe(ends) != 0)
        give_up("pipe", "failed");
    world.pid = fork();
    if (world.pid == 0) {
        close(ends[0]);
        run_daemon(ends[1], pattern, sync, before);
    }
    close(ends[1]);
    FILE *said = fdopen(ends[0], "r");
    unsigned port = 0;
    bool listening = said && fscanf(said, "vrxd: listening on 127.0.0.1:%u", &port) == 1;
    if (said)
        fclose(said);
    world.port = (uint16_t)port;
    return listening;
}

void daemon_kill(void) {
    kill(world.pid, SIGKILL);
}

void daemon_killed(void) {
    int status = 0;
    waitpid(world.pid, &status, 0);
    world.pid = 0;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        give_up("vrxd", "ended otherwise than by kill -9; see vrxd.log");
}

void daemon_end(void) {
    int status = 0;
    kill(world.pid, SIGTERM);
    waitpid(world.pid, &status, 0);
    world.pid = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        give_up("vrxd", "did not end well; see vrxd.log");
}

/* Programs */

/* Of the build, to its end, which must be good; arguments end with NULL. */
static void run_program(const char *name, const char *const *arguments) {
    char path[4096];
    const char *argv[16] = {name};
    int status = 0;
    (void)snprintf(path, sizeof path, "%s/%s", world.programs, name);
    for (size_t i = 0; i + 2 < sizeof argv / sizeof *argv && arguments[i]; i++)
        argv[i + 1] = arguments[i];
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout))
            execv(path, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
        give_up(name, "did not end well");
}

#define VAULT "state/tenants/" MUNICIPALITY "/vault.db"
#define KEYRING "state/tenants/" MUNICIPALITY "/keyring.cbor"

/* The key file of the custodian for whom a keyring was made. */
static const char *key_path_for(const char *path) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_keyring keyring;
    must(path, vrx_file_read(path, VRX_LIMIT_KEYRING, &bytes));
    must(path, vrx_keyring_parse(vrx_buffer_view(&bytes), &keyring));
    for (unsigned i = 0; i < CUSTODIANS; i++) {
        struct vrx_custodian_key own;
        must("custodian", vrx_custodian_key_here(world.custodians[i].key, &own));
        if (vrx_view_equal(keyring.custodians[0].kid, vrx_view_of(own.kid, sizeof own.kid)))
            return world.custodians[i].key_path;
    }
    give_up(path, "is no custodian's");
}

void check_files(const char *vault, const char *keyring) {
    run_program("vrx-check-vault",
        (const char *const[]){vault, keyring, key_path_for(keyring), MUNICIPALITY, NULL});
}

/* Where a kill came between two renames it is the daemon's to find the vault. */
static bool is_in_place(void) {
    return access(VAULT, F_OK) == 0;
}

void check_vault(void) {
    if (is_in_place())
        check_files(VAULT, KEYRING);
}

bool make_vault_old(unsigned version) {
    char text[16];
    (void)snprintf(text, sizeof text, "%u", version);
    if (is_in_place())
        run_program("vrx-old-vault",
            (const char *const[]){VAULT, KEYRING, key_path_for(KEYRING), MUNICIPALITY, text, NULL});
    return is_in_place();
}

/* Calls */

enum fate fate_of(const char *what, struct vrx_result result) {
    if (result.reason == VRX_NETWORK_FAILED)
        return GONE;
    if (result.reason == VRX_TENANT_SEALED)
        return SEALED;
    must(what, result);
    return DONE;
}

enum fate unless_busy(const char *what, struct vrx_result result) {
    bool busy = result.reason == VRX_CAP_REACHED || result.reason == VRX_WRONG_STATE;
    return busy ? SEALED : fate_of(what, result);
}

struct vrx_result call(struct vrx_client *client, const char *path, const ProtobufCMessage *request,
    struct vrx_buffer *ret_reply) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(&out, protobuf_c_message_get_packed_size(request), &at));
    protobuf_c_message_pack(request, at);
    vrx_buffer_clear(ret_reply);
    return vrx_client_unary(client, path, vrx_buffer_view(&out), CALL_MS, ret_reply);
}

enum fate ask(struct vrx_client *client, const char *path, const ProtobufCMessage *request,
    struct vrx_buffer *ret_reply) {
    return fate_of(path, call(client, path, request, ret_reply));
}

struct vrx_result call_stream(struct vrx_client *client, const char *path,
    const ProtobufCMessage *request, vrx_client_message *message, void *context) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(&out, protobuf_c_message_get_packed_size(request), &at));
    protobuf_c_message_pack(request, at);
    return vrx_client_server_stream(
        client, path, vrx_buffer_view(&out), STREAM_MS, message, context);
}

struct vrx_client *dial(enum terminal terminal) {
    struct vrx_client_config config = {
        .host = "localhost", .port = world.port, .tls = world.terminals[terminal]};
    struct vrx_client *client = NULL;
    if (fate_of("connecting", vrx_client_new(&config, &client)) == DONE)
        must("operator", vrx_client_set_metadata(client, "vrx-operator", vrx_view_text("kills")));
    return client;
}

/* The custodians */

/* Whose keyring the daemon presents, which must be one that can be in force. */
static struct custodian *custodian_of(struct vrx_view keyring) {
    unsigned whose = CUSTODIANS;
    pthread_mutex_lock(&world.lock);
    for (unsigned i = 0; i < CUSTODIANS; i++)
        if (vrx_view_equal(keyring, vrx_buffer_view(&world.custodians[i].keyring)))
            whose = i;
    if (whose == CUSTODIANS || (whose != world.present && !world.replacing))
        give_up("keyring", "the daemon has another than was acknowledged");
    world.present = whose;
    world.replacing = false;
    pthread_mutex_unlock(&world.lock);
    return &world.custodians[whose];
}

static struct vrx_result answer_of(const struct vrx_client *client,
    const struct custodian *custodian, const struct vrx_unseal_challenge *challenge,
    struct vrx_buffer *out) {
    struct vrx_custodian_key key;
    uint8_t exporter[VRX_TLS_EXPORTER];
    vrx_client_exporter(client, exporter);
    VRX_TRY(vrx_custodian_key_here(custodian->key, &key));
    return vrx_unseal_answer(
        vrx_buffer_view(&custodian->keyring), &key, challenge, exporter, vrx_random_system(), out);
}

static void hold(const char *note) {
    pthread_mutex_lock(&world.lock);
    (void)snprintf(world.note, sizeof world.note, "%s", note);
    pthread_mutex_unlock(&world.lock);
}

static enum fate send_share(
    struct vrx_client *client, ProtobufCBinaryData session, const struct vrx_buffer *answer) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__UnsealRequest request = VRX__V1__UNSEAL_REQUEST__INIT;
    char note[NOTE];
    pthread_mutex_lock(&world.lock);
    memcpy(note, world.note, sizeof note);
    pthread_mutex_unlock(&world.lock);
    request.session_id = session;
    request.wrapped_root = (ProtobufCBinaryData){answer->len, answer->ptr};
    request.checkpoint = note;
    enum fate fate = ask(client, "/vrx.v1.Tenancy/Unseal", &request.base, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__UnsealResponse *open = vrx__v1__unseal_response__unpack(NULL, reply.len, reply.ptr);
    hold(open->checkpoint);
    vrx__v1__unseal_response__free_unpacked(open, NULL);
    return DONE;
}

enum fate unseal(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__BeginUnsealRequest begin = VRX__V1__BEGIN_UNSEAL_REQUEST__INIT;
    enum fate fate = ask(client, "/vrx.v1.Tenancy/BeginUnseal", &begin.base, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__BeginUnsealResponse *begun =
        vrx__v1__begin_unseal_response__unpack(NULL, reply.len, reply.ptr);
    struct vrx_unseal_challenge challenge = {
        .keyring = vrx_view_of(begun->keyring.data, begun->keyring.len),
        .ephemeral_point = vrx_view_of(begun->ephemeral_point.data, begun->ephemeral_point.len),
        .session_id = vrx_view_of(begun->session_id.data, begun->session_id.len),
    };
    must("custodian", answer_of(client, custodian_of(challenge.keyring), &challenge, &answer));
    fate = send_share(client, begun->session_id, &answer);
    vrx__v1__begin_unseal_response__free_unpacked(begun, NULL);
    return fate;
}

enum fate keep_checkpoint(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__GetCheckpointRequest request = VRX__V1__GET_CHECKPOINT_REQUEST__INIT;
    enum fate fate = ask(client, "/vrx.v1.Ledger/GetCheckpoint", &request.base, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__GetCheckpointResponse *got =
        vrx__v1__get_checkpoint_response__unpack(NULL, reply.len, reply.ptr);
    hold(got->note);
    vrx__v1__get_checkpoint_response__free_unpacked(got, NULL);
    return DONE;
}

/* Before the share leaves: from now on either may be in force, until the answer comes. */
static void replacement_is_under_way(bool under_way, unsigned present) {
    pthread_mutex_lock(&world.lock);
    world.present = present;
    world.replacing = under_way;
    pthread_mutex_unlock(&world.lock);
}

/* A new signing key, where the last lies back far enough to be told from it by its second; a new
 * data key; nothing new: in turn. The signing key before is not in force any more: no directory has
 * to name the new one first. */
static struct vrx_keyring_renewal next_renewal(const struct vrx_keyring *keyring) {
    static unsigned changes;
    const int64_t now = time(NULL);
    bool can =
        now > keyring->signing.key[0].from + 1 && keyring->signing.count < VRX_LIMIT_KEYRING_KEYS;
    const unsigned turn = changes++ % 3;
    return (struct vrx_keyring_renewal){.signing = can && turn == 0, .data = turn == 1, .now = now};
}

/* The next keyring of the same keys, or with a new one, by the present custodian for the
 * other; false while it is not known which one is in force. */
static bool make_next(unsigned *ret_present, bool *ret_signing) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    struct vrx_custodian_key own;
    struct vrx_keyring keyring;
    pthread_mutex_lock(&world.lock);
    const bool known = !world.replacing;
    if (known) {
        struct custodian *present = &world.custodians[world.present];
        struct custodian *next = &world.custodians[1 - world.present];
        must("custodian", vrx_private_key_public(next->key, &public));
        const struct vrx_public_key *keys[] = {public};
        const struct vrx_custodians people = {keys, 1, 1};
        must("keyring", vrx_keyring_parse(vrx_buffer_view(&present->keyring), &keyring));
        must("custodian", vrx_custodian_key_here(present->key, &own));
        must("share", vrx_keyring_open_share(&keyring, &own, &share));
        must("root", vrx_keyring_join(&keyring, &share, 1, &root));
        const struct vrx_keyring_renewal renewal = next_renewal(&keyring);
        vrx_buffer_clear(&next->keyring);
        must("keyring", vrx_keyring_remake(&keyring, root, &people, &renewal, vrx_random_system(),
                            &next->keyring));
        *ret_signing = renewal.signing;
        *ret_present = world.present;
    }
    pthread_mutex_unlock(&world.lock);
    return known;
}

/* A seal in between forgets what was begun. */
static enum fate unless_forgotten(const char *what, struct vrx_result result) {
    return result.reason == VRX_NOT_FOUND ? SEALED : unless_busy(what, result);
}

static enum fate send_for_next(struct vrx_client *client, bool signing, ProtobufCBinaryData session,
    const struct vrx_buffer *answer) {
    static const char replacing[] = "/vrx.v1.Tenancy/ReplaceKeyring";
    static const char rotating[] = "/vrx.v1.Tenancy/RotateSigningKey";
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    ProtobufCBinaryData share = {answer->len, answer->ptr};
    Vrx__V1__ReplaceKeyringRequest replace = VRX__V1__REPLACE_KEYRING_REQUEST__INIT;
    Vrx__V1__RotateSigningKeyRequest rotate = VRX__V1__ROTATE_SIGNING_KEY_REQUEST__INIT;
    replace.session_id = rotate.session_id = session;
    replace.wrapped_root = rotate.wrapped_root = share;
    return signing ? unless_forgotten(rotating, call(client, rotating, &rotate.base, &reply))
                   : unless_forgotten(replacing, call(client, replacing, &replace.base, &reply));
}

unsigned data_keys_made(void) {
    const struct vrx_buffer *bytes = &world.custodians[world.present].keyring;
    struct vrx_keyring keyring;
    must("keyring", vrx_keyring_parse(vrx_buffer_view(bytes), &keyring));
    return keyring.data_number - 1;
}

size_t signing_keys_made(void) {
    const struct vrx_buffer *bytes = &world.custodians[world.present].keyring;
    struct vrx_keyring keyring;
    must("keyring", vrx_keyring_parse(vrx_buffer_view(bytes), &keyring));
    return keyring.signing.count - 1;
}

enum fate replace_keyring(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    unsigned present = 0;
    bool signing = false;
    if (!make_next(&present, &signing))
        return SEALED;
    const struct custodian *next = &world.custodians[1 - present];
    Vrx__V1__BeginReplaceKeyringRequest begin = VRX__V1__BEGIN_REPLACE_KEYRING_REQUEST__INIT;
    begin.keyring = (ProtobufCBinaryData){next->keyring.len, next->keyring.ptr};
    enum fate fate = ask(client, "/vrx.v1.Tenancy/BeginReplaceKeyring", &begin.base, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__BeginReplaceKeyringResponse *begun =
        vrx__v1__begin_replace_keyring_response__unpack(NULL, reply.len, reply.ptr);
    struct vrx_unseal_challenge challenge = {
        .keyring = vrx_buffer_view(&next->keyring),
        .ephemeral_point = vrx_view_of(begun->ephemeral_point.data, begun->ephemeral_point.len),
        .session_id = vrx_view_of(begun->session_id.data, begun->session_id.len),
    };
    must("new custodian", answer_of(client, next, &challenge, &answer));
    replacement_is_under_way(true, present);
    fate = send_for_next(client, signing, begun->session_id, &answer);
    vrx__v1__begin_replace_keyring_response__free_unpacked(begun, NULL);
    if (fate == DONE)
        replacement_is_under_way(false, 1 - present);
    else if (fate == SEALED)
        replacement_is_under_way(false, present);
    return fate;
}

/* Setting out */

static struct vrx_tls *terminal_load(const char *folder) {
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

static void custodian_load(struct custodian *custodian) {
    struct vrx_secret *pem VRX_CLEANUP(vrx_secret_free) = NULL;
    must("keyring", vrx_file_read(custodian->keyring_path, VRX_LIMIT_KEYRING, &custodian->keyring));
    must("custodian", vrx_file_read_secret(custodian->key_path, &pem));
    must("custodian", vrx_private_key_from_pem(vrx_secret_view(pem), &custodian->key));
}

void world_load(const char *vrxd, const char *preload, const char *programs) {
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    world.vrxd = vrxd;
    world.preload = preload;
    world.programs = programs;
    world.terminals[CONSOLE] = terminal_load("console");
    world.terminals[COUNTER] = terminal_load("counter");
    for (unsigned i = 0; i < CUSTODIANS; i++)
        custodian_load(&world.custodians[i]);
    must("note", vrx_file_read("checkpoint.note", NOTE - 1, &note));
    (void)snprintf(world.note, sizeof world.note, "%.*s", (int)note.len, (const char *)note.ptr);
}
