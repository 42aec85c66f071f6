/* SPDX-License-Identifier: Apache-2.0
 *
 * Unsealing and sealing through the service, with custodians who answer as `vrx unseal` does: what
 * opens a vault, what does not, and that nothing reaches it in between.
 */
#include "admin/handlers.h"
#include "crypto/random.h"
#include "dispatch/message.h"
#include "ledger/ledger.h"
#include "objects/checkpoint.h"
#include "support/dispatch_world.h"
#include "vrx/v1/tenancy.pb-c.h"

#define TENANCY "/vrx.v1.Tenancy/"

static const struct world_town *kashiwa(void) {
    return &dispatch_world.base.town[WORLD_KASHIWA];
}

/* ---- the custodian's side ---- */

static struct vrx_result call(struct vrx_client *client, const char *path,
    const ProtobufCMessage *message, struct vrx_buffer *reply) {
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_message_encode(message, &request));
    return vrx_client_unary(client, path, vrx_buffer_view(&request), 0, reply);
}

static struct vrx_result begin(struct vrx_client *client, struct vrx_buffer *reply) {
    Vrx__V1__BeginUnsealRequest message = VRX__V1__BEGIN_UNSEAL_REQUEST__INIT;
    return call(client, TENANCY "BeginUnseal", &message.base, reply);
}

static struct vrx_view view(ProtobufCBinaryData bytes) {
    return vrx_view_of(bytes.data, bytes.len);
}

/* The custodian's answer to what the daemon said, made for this connection. */
static void answer(const struct world_town *town, struct vrx_client *client,
    const Vrx__V1__BeginUnsealResponse *said, struct vrx_buffer *out) {
    uint8_t exporter[VRX_TLS_EXPORTER];
    struct vrx_custodian_key custodian;
    struct vrx_unseal_challenge challenge = {
        view(said->keyring), view(said->ephemeral_point), view(said->session_id)};
    vrx_client_exporter(client, exporter);
    assert_ok(vrx_custodian_key_here(town->custodian, &custodian));
    assert_ok(vrx_unseal_answer(vrx_buffer_view(&town->keyring), &custodian, &challenge, exporter,
        vrx_random_system(), out));
}

/* from: the connection for which the answer is made; usually the client's own. */
static struct vrx_result unseal_from(const struct world_town *town, struct vrx_client *client,
    struct vrx_client *from, const char *checkpoint, struct vrx_buffer *reply) {
    struct vrx_buffer begun VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer wrapped VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(begin(client, &begun));
    Vrx__V1__BeginUnsealResponse *said =
        vrx__v1__begin_unseal_response__unpack(NULL, begun.len, begun.ptr);
    assert_non_null(said);
    answer(town, from, said, &wrapped);
    Vrx__V1__UnsealRequest message = VRX__V1__UNSEAL_REQUEST__INIT;
    message.session_id = said->session_id;
    message.wrapped_root = (ProtobufCBinaryData){wrapped.len, wrapped.ptr};
    message.checkpoint = (char *)(uintptr_t)checkpoint;
    struct vrx_result result = call(client, TENANCY "Unseal", &message.base, reply);
    vrx__v1__begin_unseal_response__free_unpacked(said, NULL);
    return result;
}

/* note gets the checkpoint that came back. */
static struct vrx_result unseal(const struct world_town *town, struct vrx_client *client,
    const char *checkpoint, struct vrx_buffer *note) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(unseal_from(town, client, client, checkpoint, &reply));
    Vrx__V1__UnsealResponse *said = vrx__v1__unseal_response__unpack(NULL, reply.len, reply.ptr);
    assert_non_null(said);
    assert_int_equal(said->missing, 0);
    if (note) {
        vrx_buffer_clear(note);
        assert_ok(vrx_buffer_append(note, vrx_view_text(said->checkpoint)));
        assert_ok(vrx_buffer_append_byte(note, '\0'));
    }
    vrx__v1__unseal_response__free_unpacked(said, NULL);
    return vrx_ok();
}

static struct vrx_result seal(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__SealRequest message = VRX__V1__SEAL_REQUEST__INIT;
    return call(client, TENANCY "Seal", &message.base, &reply);
}

static struct vrx_registered registered(enum dispatch_terminal terminal) {
    struct vrx_registered entry = {0};
    assert_ok(vrx_registry_find(dispatch_world.base.daemon->registry,
        dispatch_world.terminal[terminal].spki_sha256, &entry));
    return entry;
}

/* ---- tests; Kashiwa is sealed before and after each ---- */

static void test_a_custodian_unseals_and_seals(void **state) {
    (void)state;
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client = dispatch_client(AT_SEALED);
    assert_int_equal(registered(AT_SEALED).kind, 0);
    assert_reason(seal(client), VRX_TENANT_SEALED);
    assert_ok(unseal(kashiwa(), client, "", &note));
    assert_true(vrx_slot_is_open(kashiwa()->slot));
    assert_int_equal(registered(AT_SEALED).kind, VRX_TERMINAL_CONSOLE); /* the first of all */
    struct world_entry entry = daemon_world_last_entry(kashiwa()->slot);
    assert_string_equal(entry.method, TENANCY "Unseal");
    assert_int_equal(entry.outcome, VRX_OK);
    assert_memory_equal(entry.basis, "custodian ", 10);
    assert_ok(seal(client));
    assert_false(vrx_slot_is_open(kashiwa()->slot));
    assert_int_equal(registered(AT_SEALED).kind, 0);
    assert_ok(unseal(kashiwa(), client, (const char *)note.ptr, &note)); /* the ledger has grown */
    assert_ok(seal(client));
    vrx_client_free(&client);
}

static void test_a_second_unseal_is_refused(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client = dispatch_client(AT_SEALED);
    assert_ok(unseal(kashiwa(), client, "", NULL));
    assert_reason(begin(client, &reply), VRX_ALREADY_EXISTS);
    Vrx__V1__UnsealRequest message = VRX__V1__UNSEAL_REQUEST__INIT;
    assert_reason(call(client, TENANCY "Unseal", &message.base, &reply), VRX_ALREADY_EXISTS);
    assert_ok(seal(client));
    assert_reason(call(client, TENANCY "Unseal", &message.base, &reply), VRX_NOT_FOUND);
    vrx_client_free(&client);
}

static void test_an_answer_for_another_connection_opens_nothing(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client = dispatch_client(AT_SEALED);
    struct vrx_client *other = dispatch_client(AT_SEALED);
    assert_reason(unseal_from(kashiwa(), client, other, "", &reply), VRX_CUSTODIAN_REFUSED);
    assert_false(vrx_slot_is_open(kashiwa()->slot));
    assert_ok(unseal(kashiwa(), client, "", NULL)); /* the session was not spoilt by it */
    assert_ok(seal(client));
    vrx_client_free(&client);
    vrx_client_free(&other);
}

/* Whoever posts to the tenant's actor meanwhile: calls, deliveries of other municipalities. */
struct flood {
    pthread_t thread;
    atomic_bool stop;
    atomic_uint run;
};

struct flood_job {
    struct vrx_job job;
    struct flood *flood;
    atomic_bool free;
};

static struct vrx_result flood_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    (void)tenant;
    atomic_fetch_add(&((struct flood_job *)(void *)job)->flood->run, 1);
    return vrx_ok();
}

static void flood_done(struct vrx_job *job, struct vrx_result outcome) {
    (void)outcome;
    atomic_store(&((struct flood_job *)(void *)job)->free, true);
}

static void *flood(void *argument) {
    struct flood *own = argument;
    struct flood_job job = {
        .job = {.run = flood_run, .done = flood_done}, .flood = own, .free = true};
    while (!atomic_load(&own->stop) || !atomic_load(&job.free)) {
        if (atomic_load(&own->stop) || !atomic_exchange(&job.free, false))
            continue;
        if (!vrx_is_ok(vrx_actor_post(kashiwa()->slot->actor, &job.job)))
            atomic_store(&job.free, true);
    }
    return NULL;
}

/* A checkpoint of a ledger that has one entry more than Kashiwa's, signed by Kashiwa's own key. */
static void future_checkpoint(struct vrx_buffer *note) {
    struct vrx_checkpoint checkpoint = {.size = 1000};
    checkpoint.municipality = kashiwa()->code;
    assert_ok(vrx_checkpoint_make(&checkpoint, kashiwa()->keys->signing, note));
    assert_ok(vrx_buffer_append_byte(note, '\0'));
}

/* A vault that was put back from an old copy is not served, not to anyone, not for a moment. */
static void test_a_vault_behind_its_checkpoint_serves_nobody(void **state) {
    (void)state;
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    struct flood posting = {.stop = false};
    struct vrx_client *client = dispatch_client(AT_SEALED);
    future_checkpoint(&note);
    assert_int_equal(pthread_create(&posting.thread, NULL, flood, &posting), 0);
    for (int i = 0; i < 20; i++) {
        assert_reason(unseal(kashiwa(), client, (const char *)note.ptr, NULL), VRX_LEDGER_BEHIND);
        assert_true(vrx_actor_is_sealed(kashiwa()->slot->actor));
    }
    atomic_store(&posting.stop, true);
    pthread_join(posting.thread, NULL);
    assert_int_equal(atomic_load(&posting.run), 0);
    vrx_client_free(&client);
}

/* After damage the slot is as closed as after Seal: unsealed again, the check comes first. */
static struct vrx_result damage(struct vrx_job *job, struct vrx_tenant *tenant) {
    (void)job;
    (void)tenant;
    return vrx_fail(VRX_VAULT_DAMAGED);
}

static void ignore(struct vrx_job *job, struct vrx_result outcome) {
    (void)job;
    (void)outcome;
}

static void test_damage_closes_as_seal_does(void **state) {
    (void)state;
    struct vrx_job job = {.run = damage, .done = ignore};
    struct vrx_client *client = dispatch_client(AT_SEALED);
    assert_ok(unseal(kashiwa(), client, "", NULL));
    assert_ok(vrx_actor_post(kashiwa()->slot->actor, &job));
    vrx_actor_seal(kashiwa()->slot->actor); /* waits for what damage began */
    assert_false(atomic_load(&kashiwa()->slot->open));
    assert_int_equal(registered(AT_SEALED).kind, 0);
    assert_reason(seal(client), VRX_TENANT_SEALED);
    assert_ok(unseal(kashiwa(), client, "", NULL));
    assert_ok(seal(client));
    vrx_client_free(&client);
}

struct taken {
    uint8_t spki[VRX_SPKI_DIGEST];
};

static struct vrx_result add_terminal(struct vrx_tenant *tenant, void *arg) {
    const struct taken *taken = arg;
    struct vrx_terminal terminal = {.kind = VRX_TERMINAL_COUNTER, .registered_at = 1};
    memcpy(terminal.spki_sha256, taken->spki, VRX_SPKI_DIGEST);
    return vrx_terminal_register(tenant, &terminal);
}

/* Both vaults name one terminal, as when both registered it at one moment: it stays with whom the
 * registry knows it, and the other municipality is not locked out of its own vault. */
static void test_a_terminal_of_another_municipality_locks_nobody_out(void **state) {
    (void)state;
    struct taken taken;
    struct vrx_client *client = dispatch_client(AT_SEALED);
    memcpy(taken.spki, dispatch_world.terminal[AT_COUNTER].spki_sha256, VRX_SPKI_DIGEST);
    assert_ok(unseal(kashiwa(), client, "", NULL));
    daemon_world_visit(kashiwa()->slot, add_terminal, &taken);
    assert_ok(seal(client));
    assert_ok(unseal(kashiwa(), client, "", NULL));
    assert_ptr_equal(registered(AT_COUNTER).owner, dispatch_world.slot);
    assert_int_equal(registered(AT_COUNTER).kind, VRX_TERMINAL_COUNTER);
    assert_int_equal(registered(AT_SEALED).kind, VRX_TERMINAL_CONSOLE);
    assert_ok(seal(client));
    vrx_client_free(&client);
}

/* Callers at Kashiwa's console while it is sealed and unsealed over and over. */
struct caller {
    pthread_t thread;
    atomic_bool *stop;
    unsigned answered, sealed, other;
};

static void *keep_calling(void *argument) {
    struct caller *caller = argument;
    struct vrx_client *client = dispatch_client(AT_SEALED);
    while (!atomic_load(caller->stop)) {
        enum vrx_reason reason = dispatch_call(client, "/vrx.v1.Test/Refuse", 1, NULL).reason;
        caller->answered += reason == VRX_DISCLOSURE_REFUSED;
        caller->sealed += reason == VRX_TENANT_SEALED;
        caller->other += reason != VRX_DISCLOSURE_REFUSED && reason != VRX_TENANT_SEALED;
    }
    vrx_client_free(&client);
    return NULL;
}

#define CALLERS 3

static void test_every_call_meets_an_open_vault_or_a_sealed_one(void **state) {
    (void)state;
    atomic_bool stop = false;
    struct caller callers[CALLERS] = {0};
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client = dispatch_client(AT_SEALED);
    assert_ok(unseal(kashiwa(), client, "", &note));
    for (int i = 0; i < CALLERS; i++) {
        callers[i].stop = &stop;
        assert_int_equal(pthread_create(&callers[i].thread, NULL, keep_calling, &callers[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        assert_ok(seal(client));
        assert_ok(unseal(kashiwa(), client, (const char *)note.ptr, &note));
    }
    atomic_store(&stop, true);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].other, 0);
    }
    assert_ok(seal(client));
    vrx_client_free(&client);
}

static struct vrx_result nothing(struct vrx_job *job, struct vrx_tenant *tenant) {
    (void)job;
    (void)tenant;
    return vrx_ok();
}

static void *seal_sapporo(void *argument) {
    struct vrx_result *result = argument;
    struct vrx_client *client = dispatch_client(AT_CONSOLE);
    *result = seal(client);
    vrx_client_free(&client);
    return NULL;
}

/* In a flood the entry finds no place in the queue; the vault closes all the same, and says so. */
static void test_a_full_queue_does_not_keep_a_vault_open(void **state) {
    (void)state;
    static struct vrx_job jobs[5000];
    struct vrx_slot *slot = dispatch_world.slot;
    struct dispatch_caller gate = {.terminal = AT_COUNTER, .path = "/vrx.v1.Test/Gate"};
    struct vrx_result sealed = vrx_ok();
    pthread_t thread;
    size_t posted = 0;
    dispatch_caller_start(&gate);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    struct vrx_result result = vrx_ok();
    while (vrx_is_ok(result)) {
        assert_true(posted + 1 < sizeof jobs / sizeof *jobs);
        jobs[posted] = (struct vrx_job){.run = nothing, .done = ignore};
        result = vrx_actor_post(slot->actor, &jobs[posted++]);
    }
    assert_reason(result, VRX_QUEUE_FULL);
    assert_int_equal(pthread_create(&thread, NULL, seal_sapporo, &sealed), 0);
    while (result.reason == VRX_QUEUE_FULL) /* until the sealing has begun */
        result = vrx_actor_post(slot->actor, &jobs[posted - 1]);
    assert_reason(result, VRX_TENANT_SEALED);
    dispatch_world_open_gate(1);
    pthread_join(thread, NULL);
    dispatch_caller_join(&gate);
    assert_ok(gate.result);
    assert_reason(sealed, VRX_QUEUE_FULL);
    assert_true(vrx_actor_is_sealed(slot->actor));
}

#define SEAL_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        SEAL_TEST(test_a_custodian_unseals_and_seals),
        SEAL_TEST(test_a_second_unseal_is_refused),
        SEAL_TEST(test_an_answer_for_another_connection_opens_nothing),
        SEAL_TEST(test_a_vault_behind_its_checkpoint_serves_nobody),
        SEAL_TEST(test_damage_closes_as_seal_does),
        SEAL_TEST(test_a_terminal_of_another_municipality_locks_nobody_out),
        SEAL_TEST(test_a_full_queue_does_not_keep_a_vault_open),
        SEAL_TEST(test_every_call_meets_an_open_vault_or_a_sealed_one),
    };
    dispatch_world_more = vrx_tenancy_methods;
    dispatch_world_more_count = VRX_TENANCY_METHODS;
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
