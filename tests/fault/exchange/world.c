/* SPDX-License-Identifier: Apache-2.0
 *
 * The machines of sim.h: daemons, vaults, laws, and transactions that the weather spoils. A machine
 * that dies keeps what was committed: the vault is closed without a word and opened again.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_METHOD */
#include <fcntl.h>
#include <openssl/rand.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fault/exchange/sim.h"
#include "files/files.h"
#include "ledger/ledger.h"
#include "objects/dated_key.h"
#include "store/signer.h"
#include "store/tenant.h"
#include "support/sign_pinned.h"

#define OVERLAP (WORLD_DAY / 2)
#define STATEMENTS 4000 /* virtual machine's steps; most transactions have fewer */

/* ---- chance ---- */

/* Keys, signatures and what depends on their bytes come from the world's seed too. */
static struct sequence library_dice;

static int library_bytes(unsigned char *out, int len) {
    for (int i = 0; i < len; i++)
        out[i] = (unsigned char)(sequence_next(&library_dice) >> 56);
    return 1;
}

static int library_ready(void) {
    return 1;
}

static void seed_library(uint64_t seed) {
    static const RAND_METHOD method = {
        .bytes = library_bytes, .pseudorand = library_bytes, .status = library_ready};
    library_dice = sequence_of(seed ^ UINT64_C(0x73696d756c617465));
    assert_int_equal(RAND_set_rand_method(&method), 1);
}

/* ---- laws ---- */

static uint64_t item_list(unsigned bits, uint64_t items[VRX_ITEM_LAST]) {
    uint64_t count = 0;
    for (unsigned item = VRX_ITEM_DOSE; item <= VRX_ITEM_LAST; item++)
        if (bits & 1u << item)
            items[count++] = item;
    return count;
}

static void sign(struct sim *sim, const struct vrx_object_schema *schema, const void *object,
    struct vrx_buffer *out) {
    test_sign_pinned(schema, object, sim->base.authority, out);
}

static void name_keys(struct sim *sim) {
    for (unsigned i = 0; i < SIM_TOWNS; i++) {
        struct sim_town *town = &sim->town[i];
        struct vrx_directory_entry *entry = &sim->base.entry[i];
        entry->signing_keys = town->signing;
        entry->signing_key_count = town->signing_count;
        entry->exchange_keys = town->exchange;
        entry->exchange_key_count = town->exchange_count;
    }
}

void sim_sign_law(struct sim *sim, const struct truth_permit *permits, size_t count) {
    static struct vrx_permit signed_permits[SIM_PERMITS];
    static uint64_t items[SIM_PERMITS][VRX_ITEM_LAST];
    struct sim_law *law = &sim->laws[sim->law_count++];
    assert_true(sim->law_count <= SIM_LAWS && count <= SIM_PERMITS);
    for (size_t i = 0; i < count; i++) {
        law->truth[i] = permits[i];
        signed_permits[i] = sim->base.permit;
        signed_permits[i].id = vrx_view_text(permits[i].id);
        signed_permits[i].items = items[i];
        signed_permits[i].item_count = item_list(permits[i].items, items[i]);
        signed_permits[i].evidence_seconds = SIM_EVIDENCE_SECONDS;
        signed_permits[i].in_force_from = permits[i].from;
        signed_permits[i].in_force_until = permits[i].until;
    }
    law->count = count;
    name_keys(sim);
    struct vrx_permit_table table = sim->base.permits;
    table.version = ++sim->base.permits.version;
    table.permits = signed_permits;
    table.permit_count = count;
    sim->base.directory.version++;
    sign(sim, &vrx_directory_schema, &sim->base.directory, &law->directory);
    sign(sim, &vrx_permit_table_schema, &table, &law->permits);
}

/* A daemon notices a change by the file's time, which is the kernel's coarse clock. */
static void write_law(const char *path, const struct vrx_buffer *content) {
    static int64_t stamp;
    const struct timespec times[2] = {{1, 0}, {++stamp, 0}};
    assert_ok(vrx_file_replace(path, 0600, vrx_buffer_view(content)));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void write_files(const struct sim *sim, const struct sim_town *town, unsigned law) {
    write_law(town->directory_file, &sim->laws[law].directory);
    write_law(town->permits_file, &sim->laws[law].permits);
}

void sim_take_law(struct sim *sim, unsigned town, unsigned law) {
    struct sim_town *there = &sim->town[town];
    write_files(sim, there, law);
    struct vrx_result result = vrx_law_reload(there->daemon->law, 0);
    if (law >= there->law) {
        assert_ok(result);
        there->law = law;
        return;
    }
    if (vrx_is_ok(result))
        sim_violated(sim, "town %u took an older law", town);
    write_files(sim, there, there->law);
    assert_ok(vrx_law_reload(there->daemon->law, 0));
}

/* ---- keys ---- */

static size_t read_list(
    const struct vrx_published_keys *keys, struct vrx_buffer *spki, struct vrx_dated_key *out) {
    for (size_t i = 0; i < keys->count; i++) {
        assert_true(i < SIM_KEYS);
        vrx_buffer_clear(&spki[i]);
        assert_ok(vrx_buffer_append(&spki[i], keys->key[i].spki));
        const int64_t until = i ? keys->key[i].until : VRX_KEY_NO_END;
        assert_ok(vrx_dated_key_make(vrx_buffer_view(&spki[i]), keys->key[i].from, until, &out[i]));
    }
    return keys->count;
}

static void read_keyring(struct sim_town *town) {
    struct vrx_keyring keyring;
    assert_true(town->key_count < SIM_KEYS);
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&town->who->keyring), &keyring));
    town->signing_count = read_list(&keyring.signing, town->spki, town->signing);
    town->exchange_count = read_list(&keyring.exchange, town->spki + SIM_KEYS, town->exchange);
    town->keys[town->key_count++] = daemon_world_keys(town->who);
}

void sim_rotate(struct sim *sim, unsigned town, bool signing, bool exchange) {
    struct sim_town *there = &sim->town[town];
    const struct vrx_keyring_renewal renewal = {
        .signing = signing, .exchange = exchange, .now = sim_clock(sim, town), .overlap = OVERLAP};
    struct vrx_tenant_keys *keys = daemon_world_rotate(there->who, &renewal);
    if (there->tenant)
        vrx_tenant_adopt_keys(there->tenant, &keys);
    vrx_tenant_keys_free(&keys);
    if (signing) {
        there->changes_key = true;
        there->key_law = sim->law_count; /* the next one */
        there->old_key_until = renewal.now + OVERLAP;
    }
    read_keyring(there);
}

static struct vrx_result change_key(struct sim_step *step) {
    struct vrx_signer_change change;
    struct vrx_context *context = &step->context;
    bool waits = false;
    uint64_t entry = 0;
    VRX_TRY(vrx_signer_waiting(context->tenant, &waits, &change));
    if (!waits)
        return vrx_ok();
    VRX_TRY(vrx_context_record(context, "sim/key", "sim", &context->audit, VRX_OK, &entry));
    return vrx_signer_change(context->tenant, &change, entry, context->now);
}

static struct vrx_result no_audit(struct sim_step *step, struct vrx_result outcome) {
    (void)step;
    (void)outcome;
    return vrx_ok();
}

void sim_change_key(struct sim *sim, unsigned town) {
    struct sim_town *there = &sim->town[town];
    if (!there->changes_key || !there->tenant)
        return;
    if (there->law < there->key_law && sim_clock(sim, town) <= there->old_key_until)
        return;
    struct sim_step step;
    sim_step_init(sim, town, "key", &step);
    step.run = change_key;
    step.audit = no_audit;
    (void)sim_run(sim, town, &step, 1);
    if (step.durable && vrx_is_ok(step.job.outcome))
        there->changes_key = false;
    sim_step_done(&step);
}

/* ---- vaults ---- */

void sim_open(struct sim *sim, unsigned town) {
    struct sim_town *there = &sim->town[town];
    assert_null(there->tenant);
    there->tenant = daemon_world_open(there->who, sim_clock(sim, town));
    assert_ok(vrx_batch_init(&there->batch, there->tenant));
    there->down = false;
    atomic_store(&there->who->slot->exchange_due, 0);
    if (vrx_ledger_size(vrx_tenant_ledger(there->tenant)) < there->entries)
        sim_violated(sim, "town %u lost entries of its ledger", town);
    there->entries = vrx_ledger_size(vrx_tenant_ledger(there->tenant));
}

void sim_close(struct sim *sim, unsigned town) {
    struct sim_town *there = &sim->town[town];
    vrx_batch_done(&there->batch);
    vrx_tenant_close(&there->tenant);
    there->down = true;
}

/* ---- steps ---- */

static struct sim_step *step_of(struct vrx_job *job) {
    return (struct sim_step *)(void *)job; /* first */
}

static struct vrx_result run_step(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct sim_step *step = step_of(job);
    step->context.tenant = tenant;
    return step->run(step);
}

static struct vrx_result audit_step(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct sim_step *step = step_of(job);
    VRX_TRY(step->audit(step, outcome));
    step->audited = true;
    return vrx_ok();
}

void sim_step_init(struct sim *sim, unsigned town, const char *name, struct sim_step *step) {
    *step = (struct sim_step){.sim = sim, .town = town, .name = name};
    struct sim_town *there = &sim->town[town];
    step->job = (struct vrx_job){.run = run_step, .audit = audit_step};
    step->context = (struct vrx_context){
        .daemon = there->daemon,
        .slot = there->who->slot,
        .random = &sim->random,
        .now = sim_clock(sim, town),
        .terminal_id = "sim",
        .operator_id = "tanaka",
    };
    vrx_arena_init(&step->context.arena, VRX_LIMIT_ARENA);
}

void sim_step_done(struct sim_step *step) {
    vrx_arena_done(&step->context.arena);
    vrx_buffer_done(&step->reply);
    vrx_sendings_done(&step->sendings);
}

/* ---- what the weather does to a transaction ---- */

enum trouble { NONE, INTERRUPTED, NOT_COMMITTED, NOT_TOLD };

struct vrx_result __real_vrx_sqlite_result(struct sqlite3 *db, int rc);
struct vrx_result __wrap_vrx_sqlite_result(struct sqlite3 *db, int rc);

/* Nothing interrupts a statement but this test, for whom it is the disk that fails. */
struct vrx_result __wrap_vrx_sqlite_result(struct sqlite3 *db, int rc) {
    return rc == SQLITE_INTERRUPT ? vrx_fail(VRX_DISK_FAILED) : __real_vrx_sqlite_result(db, rc);
}

static int count_down(void *left) {
    long *steps = left;
    return --*steps == 0;
}

static int refuse(void *unused) {
    (void)unused;
    return 1;
}

static void spoil(struct sqlite3 *db, enum trouble trouble, long *left) {
    if (trouble == INTERRUPTED)
        sqlite3_progress_handler(db, 1, count_down, left);
    if (trouble == NOT_COMMITTED)
        (void)sqlite3_commit_hook(db, refuse, NULL);
}

static enum trouble draw(struct sim *sim) {
    if (!sim_chance(sim, sim->weather.crash))
        return NONE;
    sim->crashes++;
    return (enum trouble)(INTERRUPTED + sim_below(sim, 3));
}

/* For whoever looks for the cause of a violation. */
static void trace(const struct sim *sim, unsigned town, const struct sim_step *steps, size_t count,
    enum trouble trouble) {
    static const char *const troubles[] = {"", ", interrupted", ", not committed", ", not told"};
    for (size_t i = 0; i < count; i++)
        (void)fprintf(stderr, "%ld town %u, %s %02x%02x: %s%s%s\n", (long)(sim->now - WORLD_NOW),
            town, steps[i].name, steps[i].context.request_id[0], steps[i].context.request_id[1],
            vrx_reason_name(steps[i].job.outcome.reason), steps[i].durable ? "" : ", lost",
            troubles[trouble]);
}

static void restart(struct sim *sim, unsigned town) {
    sim_close(sim, town);
    sim_open(sim, town);
}

bool sim_run(struct sim *sim, unsigned town, struct sim_step *steps, size_t count) {
    struct sim_town *there = &sim->town[town];
    struct sqlite3 *db = vrx_tenant_db(there->tenant);
    struct vrx_job *rest = NULL;
    const enum trouble trouble = draw(sim);
    long left = trouble == INTERRUPTED ? 1 + (long)sim_below(sim, STATEMENTS) : 0;
    for (size_t i = 0; i + 1 < count; i++)
        steps[i].job.next = &steps[i + 1].job;
    spoil(db, trouble, &left);
    struct vrx_result result = vrx_batch_run(&there->batch, &steps[0].job, 0, &rest);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    (void)sqlite3_commit_hook(db, NULL, NULL);
    sim->steps += count;
    if (vrx_is_ok(result))
        there->entries = vrx_ledger_size(vrx_tenant_ledger(there->tenant));
    for (struct vrx_job *job = rest; job; job = job->next) /* not taken: as if never there */
        job->outcome = result;
    for (size_t i = 0; i < count; i++)
        steps[i].durable = vrx_is_ok(result) && steps[i].audited;
    if (sim->trace)
        trace(sim, town, steps, count, trouble);
    if (there->batch.broken || (trouble != NONE && sim_chance(sim, 300)))
        restart(sim, town);
    return trouble != NOT_TOLD;
}

/* ---- set-up ---- */

static void no_tick(void *daemon) {
    (void)daemon;
}

static void start(struct sim *sim, unsigned town) {
    struct sim_town *there = &sim->town[town];
    const char *folder = sim->base.folder;
    there->who = &sim->base.town[town];
    (void)snprintf(there->state, sizeof there->state, "%s/sim%u", folder, town);
    (void)snprintf(
        there->directory_file, sizeof there->directory_file, "%s/directory%u", folder, town);
    (void)snprintf(there->permits_file, sizeof there->permits_file, "%s/permits%u", folder, town);
    write_files(sim, there, 0);
    struct vrx_daemon_options options = sim->base.daemon->options;
    options.state = there->state;
    options.directory_file = there->directory_file;
    options.permits_file = there->permits_file;
    options.live.pending_seconds = SIM_PENDING_SECONDS;
    options.live.transfer_seconds = SIM_TRANSFER_SECONDS;
    assert_ok(vrx_daemon_new(&options, no_tick, &there->daemon));
    assert_ok(vrx_daemon_create_tenant(there->daemon, vrx_buffer_view(&there->who->keyring),
        there->who->console, vrx_view_of(NULL, 0), &there->who->slot));
    sim_open(sim, town);
}

struct sim *sim_new(uint64_t seed) {
    struct sim *sim = calloc(1, sizeof *sim);
    assert_non_null(sim);
    seed_library(seed);
    sim->seed = seed;
    sim->trace = environment_number("VRX_FAULT_TRACE", 0) != 0;
    sim->dice = sequence_of(seed);
    sim->bytes = sequence_of(~seed);
    sim->random = sequence_random(&sim->bytes);
    sim->now = WORLD_NOW + WORLD_DAY;
    daemon_world_init(&sim->base, WORLD_NOW);
    for (unsigned i = 0; i < SIM_TOWNS; i++) {
        sim->town[i].who = &sim->base.town[i];
        read_keyring(&sim->town[i]);
    }
    const struct truth_permit first = {.id = "mover-1",
        .items = 1u << VRX_ITEM_DOSE | 1u << VRX_ITEM_LOT | 1u << VRX_ITEM_VENUE,
        .until = WORLD_NOW + 400 * WORLD_DAY};
    sim_sign_law(sim, &first, 1);
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        start(sim, i);
    return sim;
}

static void town_done(struct sim *sim, unsigned town) {
    struct sim_town *there = &sim->town[town];
    if (there->tenant)
        sim_close(sim, town);
    vrx_daemon_seal_all(there->daemon);
    vrx_daemon_free(&there->daemon);
    there->who->slot = NULL;
    for (size_t i = 0; i < there->key_count; i++)
        vrx_tenant_keys_free(&there->keys[i]);
    for (size_t i = 0; i < 2 * SIM_KEYS; i++)
        vrx_buffer_done(&there->spki[i]);
    vrx_buffer_done(&there->ledger);
}

void sim_free(struct sim **sim) {
    struct sim *world = *sim;
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        town_done(world, i);
    for (unsigned i = 0; i < world->law_count; i++) {
        vrx_buffer_done(&world->laws[i].directory);
        vrx_buffer_done(&world->laws[i].permits);
    }
    for (size_t i = 0; i < world->event_count; i++)
        sim_forget(&world->events[i].message);
    for (size_t i = 0; i < world->kept_count; i++)
        sim_forget(&world->kept[i]);
    free(world->events);
    daemon_world_done(&world->base);
    free(world);
    *sim = NULL;
}
