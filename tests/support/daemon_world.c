/* SPDX-License-Identifier: Apache-2.0 */
#include "support/daemon_world.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/random.h"
#include "dispatch/dispatch.h"
#include "files/files.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "objects/codec.h"
#include "store/tenant.h"
#include "support/sign_pinned.h"

static const struct {
    const char *code, *name_ja, *name_en;
} towns[WORLD_TOWNS] = {
    [WORLD_KASHIWA] = {"122173", "柏市", "Kashiwa City"},
    [WORLD_SAPPORO] = {"011002", "札幌市", "Sapporo City"},
    [WORLD_KOFU] = {"192015", "甲府市", "Kofu City"},
};

static struct vrx_secret *root_of(const struct world_town *town, struct vrx_keyring *ret_keyring) {
    struct vrx_custodian_key custodian;
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    struct vrx_secret *root = NULL;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&town->keyring), ret_keyring));
    assert_ok(vrx_custodian_key_here(town->custodian, &custodian));
    assert_ok(vrx_keyring_open_share(ret_keyring, &custodian, &share));
    assert_ok(vrx_keyring_join(ret_keyring, &share, 1, &root));
    return root;
}

struct vrx_tenant_keys *daemon_world_keys(const struct world_town *town) {
    struct vrx_keyring keyring;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = root_of(town, &keyring);
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    return keys;
}

struct vrx_tenant_keys *daemon_world_rotate(
    struct world_town *town, const struct vrx_keyring_renewal *renewal) {
    struct vrx_keyring keyring;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = root_of(town, &keyring);
    struct vrx_buffer next = {0};
    assert_ok(vrx_keyring_remake(&keyring, root, NULL, renewal, vrx_random_system(), &next));
    vrx_buffer_done(&town->keyring);
    town->keyring = next;
    return daemon_world_keys(town);
}

struct vrx_tenant *daemon_world_open(const struct world_town *town, int64_t now) {
    char path[256];
    struct vrx_tenant_keys *keys = daemon_world_keys(town);
    struct vrx_tenant *tenant = NULL;
    (void)snprintf(path, sizeof path, "%s/vault.db", town->slot->folder);
    assert_ok(vrx_tenant_open(path, &keys, &town->code, vrx_random_system(), now, &tenant));
    return tenant;
}

void daemon_world_unseal(const struct world_town *town, int64_t now) {
    struct vrx_tenant *tenant = daemon_world_open(town, now);
    assert_ok(vrx_actor_unseal(town->slot->actor, &tenant, NULL));
    atomic_store(&town->slot->open, true);
}

/* ---- a job that the test waits for ---- */

struct visit {
    struct vrx_job job; /* first */
    struct vrx_result (*work)(struct vrx_tenant *tenant, void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    struct vrx_result outcome;
};

static struct vrx_result visit_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct visit *visit = (struct visit *)(void *)job;
    return visit->work ? visit->work(tenant, visit->arg) : vrx_ok();
}

static void visit_done(struct vrx_job *job, struct vrx_result outcome) {
    struct visit *visit = (struct visit *)(void *)job;
    pthread_mutex_lock(&visit->lock);
    visit->outcome = outcome;
    visit->done = true;
    pthread_cond_signal(&visit->changed);
    pthread_mutex_unlock(&visit->lock);
}

void daemon_world_visit(struct vrx_slot *slot,
    struct vrx_result (*work)(struct vrx_tenant *tenant, void *arg), void *arg) {
    struct visit visit = {.job = {.run = visit_run, .done = visit_done},
        .work = work,
        .arg = arg,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER};
    assert_ok(vrx_actor_post(slot->actor, &visit.job));
    pthread_mutex_lock(&visit.lock);
    while (!visit.done)
        pthread_cond_wait(&visit.changed, &visit.lock);
    pthread_mutex_unlock(&visit.lock);
    assert_ok(visit.outcome);
}

static void copy_text(struct vrx_view text, char *out) {
    memcpy(out, text.ptr ? (const char *)text.ptr : "", text.len);
    out[text.len] = '\0';
}

struct reading {
    bool last;
    uint64_t index; /* or of this one */
    struct world_entry found;
};

static struct vrx_result read_entry(struct vrx_tenant *tenant, void *arg) {
    struct reading *reading = arg;
    struct world_entry *found = &reading->found;
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_audit_entry entry;
    struct vrx_ledger *ledger = vrx_tenant_ledger(tenant);
    found->entries = vrx_ledger_size(ledger);
    if (!found->entries)
        return vrx_ok();
    const uint64_t index = reading->last ? found->entries - 1 : reading->index;
    VRX_TRY(vrx_ledger_get(ledger, index, &bytes));
    VRX_TRY(vrx_audit_entry_decode(vrx_buffer_view(&bytes), &entry));
    found->time = entry.time;
    found->outcome = entry.outcome;
    found->about_person = entry.person.len > 0;
    copy_text(entry.method, found->method);
    copy_text(entry.terminal, found->terminal);
    copy_text(entry.operator_id, found->operator_id);
    copy_text(entry.purpose, found->purpose);
    copy_text(entry.basis, found->basis);
    return vrx_ok();
}

struct world_entry daemon_world_last_entry(struct vrx_slot *slot) {
    struct reading reading = {.last = true};
    daemon_world_visit(slot, read_entry, &reading);
    return reading.found;
}

struct world_entry daemon_world_entry(struct vrx_slot *slot, uint64_t index) {
    struct reading reading = {.index = index};
    daemon_world_visit(slot, read_entry, &reading);
    return reading.found;
}

/* ---- set-up ---- */

static void spki_of(const struct vrx_private_key *key, struct vrx_buffer *out) {
    struct vrx_public_key *public_key VRX_CLEANUP(vrx_public_key_free) = NULL;
    assert_ok(vrx_private_key_public(key, &public_key));
    assert_ok(vrx_public_key_to_spki(public_key, out));
}

static void make_town(struct world_town *town, const char *code) {
    struct vrx_public_key *custodian VRX_CLEANUP(vrx_public_key_free) = NULL;
    assert_ok(vrx_municipality_code_parse(vrx_view_text(code), &town->code));
    assert_ok(vrx_private_key_new_p256(&town->custodian));
    assert_ok(vrx_private_key_public(town->custodian, &custodian));
    const struct vrx_public_key *keys[] = {custodian};
    const struct vrx_custodians custodians = {keys, 1, 1};
    assert_ok(
        vrx_keyring_make(&town->code, &custodians, WORLD_NOW, vrx_random_system(), &town->keyring));
    town->keys = daemon_world_keys(town);
    spki_of(town->keys->signing, &town->signing_spki);
    spki_of(town->keys->exchange, &town->exchange_spki);
    assert_ok(vrx_dated_key_make(
        vrx_buffer_view(&town->signing_spki), 0, VRX_KEY_NO_END, &town->signing_key));
    assert_ok(vrx_dated_key_make(
        vrx_buffer_view(&town->exchange_spki), 0, VRX_KEY_NO_END, &town->exchange_key));
    assert_ok(vrx_random_fill(vrx_random_system(), town->console, sizeof town->console));
}

static void make_law(struct daemon_world *world, int64_t now) {
    for (size_t i = 0; i < WORLD_TOWNS; i++)
        world->entry[i] = (struct vrx_directory_entry){
            .code = world->town[i].code,
            .name_ja = vrx_view_text(towns[i].name_ja),
            .name_en = vrx_view_text(towns[i].name_en),
            .signing_keys = &world->town[i].signing_key,
            .signing_key_count = 1,
            .exchange_keys = &world->town[i].exchange_key,
            .exchange_key_count = 1,
            .valid_from = now - 400 * WORLD_DAY,
            .valid_until = now + 400 * WORLD_DAY,
        };
    world->directory = (struct vrx_directory){.issued = now - 400 * WORLD_DAY,
        .expires = now + 400 * WORLD_DAY,
        .entries = world->entry,
        .entry_count = WORLD_TOWNS};
    for (size_t i = 0; i < VRX_ITEM_LAST; i++)
        world->items[i] = i + 1;
    world->methods[0] = VRX_IDENTITY_CARD_SEEN;
    world->methods[1] = VRX_IDENTITY_NOTIFICATION_PHOTO;
    world->permit = (struct vrx_permit){
        .id = vrx_view_text("mover-2021"),
        .purpose = VRX_PURPOSE_MOVER,
        .legal_basis = vrx_view_text("Number Act art. 19(8)"),
        .items = world->items,
        .item_count = VRX_ITEM_PHYSICIAN,
        .consent_required = true,
        .methods = world->methods,
        .method_count = 2,
        .evidence_seconds = 30 * (uint64_t)WORLD_DAY,
        .in_force_from = now - 400 * WORLD_DAY,
        .in_force_until = now + 400 * WORLD_DAY,
    };
    world->permits = (struct vrx_permit_table){.issued = now - 400 * WORLD_DAY,
        .expires = now + 400 * WORLD_DAY,
        .permits = &world->permit,
        .permit_count = 1};
}

static void write_signed(const struct daemon_world *world, const char *file,
    const struct vrx_object_schema *schema, const void *object) {
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    test_sign_pinned(schema, object, world->authority, &message);
    assert_ok(vrx_file_replace(file, 0600, vrx_buffer_view(&message)));
}

void daemon_world_sign_law(struct daemon_world *world) {
    world->directory.version++;
    world->permits.version++;
    write_signed(world, world->directory_file, &vrx_directory_schema, &world->directory);
    write_signed(world, world->permits_file, &vrx_permit_table_schema, &world->permits);
    if (world->daemon)
        assert_ok(vrx_law_reload(world->daemon->law, 0));
}

static void no_tick(void *daemon) {
    (void)daemon;
}

static void start(struct daemon_world *world) {
    struct vrx_daemon_options options = {
        .state = world->state,
        .directory_file = world->directory_file,
        .permits_file = world->permits_file,
        .authority = world->authority_public,
        .issuer_socket = "/nonexistent",
        .live.pending_seconds = WORLD_PENDING_SECONDS,
        .live.transfer_seconds = WORLD_TRANSFER_SECONDS,
        .session_idle_seconds = WORLD_SESSION_IDLE_SECONDS,
        .session_seconds = WORLD_SESSION_SECONDS,
        .log_in_rule = {5, 30, WORLD_DAY, WORLD_DAY},
        .log_in_terminal_rule = {20, 30, 600, 3600},
    };
    assert_ok(vrx_daemon_new(&options, no_tick, &world->daemon));
}

void daemon_world_restart(struct daemon_world *world) {
    vrx_daemon_seal_all(world->daemon);
    vrx_daemon_free(&world->daemon);
    start(world);
    for (size_t i = 0; i < WORLD_KOFU; i++)
        assert_ok(vrx_daemon_slot(world->daemon, &world->town[i].code, &world->town[i].slot));
}

void daemon_world_init(struct daemon_world *world, int64_t now) {
    *world = (struct daemon_world){0};
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(world->folder, sizeof world->folder, "%s/vrx-world-XXXXXX", parent);
    assert_non_null(mkdtemp(world->folder));
    (void)snprintf(world->state, sizeof world->state, "%s/state", world->folder);
    (void)snprintf(
        world->directory_file, sizeof world->directory_file, "%s/directory", world->folder);
    (void)snprintf(world->permits_file, sizeof world->permits_file, "%s/permits", world->folder);
    assert_ok(vrx_private_key_new_p256(&world->authority));
    assert_ok(vrx_private_key_public(world->authority, &world->authority_public));
    for (size_t i = 0; i < WORLD_TOWNS; i++)
        make_town(&world->town[i], towns[i].code);
    make_law(world, now);
    daemon_world_sign_law(world);
    start(world);
    for (size_t i = 0; i < WORLD_KOFU; i++)
        assert_ok(vrx_daemon_create_tenant(world->daemon, vrx_buffer_view(&world->town[i].keyring),
            world->town[i].console, vrx_view_of(NULL, 0), &world->town[i].slot));
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void daemon_world_done(struct daemon_world *world) {
    if (world->daemon)
        vrx_daemon_seal_all(world->daemon);
    vrx_daemon_free(&world->daemon);
    for (size_t i = 0; i < WORLD_TOWNS; i++) {
        struct world_town *town = &world->town[i];
        vrx_private_key_free(&town->custodian);
        vrx_buffer_done(&town->keyring);
        vrx_tenant_keys_free(&town->keys);
        vrx_buffer_done(&town->signing_spki);
        vrx_buffer_done(&town->exchange_spki);
    }
    vrx_public_key_free(&world->authority_public);
    vrx_private_key_free(&world->authority);
    (void)nftw(world->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
