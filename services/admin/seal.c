/* SPDX-License-Identifier: Apache-2.0
 *
 * Unseal and seal. A vault is opened on a worker's thread, and what must be known of it, who
 * opened it and whether it is the newest, is asked in a first transaction there. Only then does its
 * actor get it: no job, of a call or of the exchange, meets a vault whose freshness is not known.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/closed.h"
#include "admin/errand.h"
#include "admin/handlers.h"
#include "admin/key_change.h"
#include "base/limits.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "dispatch/message.h"
#include "keyring/keyring.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "objects/checkpoint.h"
#include "store/signer.h"
#include "store/terminal.h"
#include "vrx/v1/tenancy.pb-c.h"

#define UNSEAL_METHOD "/vrx.v1.Tenancy/Unseal"

static void forget_session(struct vrx_slot *slot) {
    vrx_unseal_session_free(&slot->unseal);
    vrx_buffer_clear(&slot->held_notes);
}

/* The session that waits for custodians; a new one when there is none. All that
 * touches sessions runs in the slot's lane. */
static struct vrx_result session_of(struct vrx_context *context) {
    struct vrx_slot *slot = context->slot;
    if (slot->unseal && !vrx_unseal_is_over(slot->unseal, vrx_steady_seconds()))
        return vrx_ok();
    forget_session(slot);
    return vrx_unseal_begin(
        vrx_buffer_view(&slot->keyring), vrx_steady_seconds(), context->random, &slot->unseal);
}

struct vrx_result vrx_tenancy_begin_unseal(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__BeginUnsealResponse *out = reply;
    if (vrx_slot_is_open(context->slot))
        return vrx_refuse(VRX_ALREADY_EXISTS, "the vault is unsealed already");
    VRX_TRY(session_of(context));
    struct vrx_unseal_challenge challenge = vrx_unseal_challenge(context->slot->unseal);
    struct vrx_arena *arena = &context->arena;
    VRX_TRY(vrx_message_put_bytes(arena, challenge.session_id, &out->session_id));
    VRX_TRY(vrx_message_put_bytes(arena, challenge.keyring, &out->keyring));
    return vrx_message_put_bytes(arena, challenge.ephemeral_point, &out->ephemeral_point);
}

/* What a custodian sent goes to what others sent before. */
static struct vrx_result take_share(
    struct vrx_context *context, const Vrx__V1__UnsealRequest *in, size_t *ret_missing) {
    struct vrx_slot *slot = context->slot;
    const int64_t now = vrx_steady_seconds();
    if (!slot->unseal || vrx_unseal_is_over(slot->unseal, now))
        return vrx_refuse(VRX_NOT_FOUND, "unseal: begin it first; it waits ten minutes");
    if (!vrx_view_equal(vrx_unseal_challenge(slot->unseal).session_id,
            vrx_view_of(in->session_id.data, in->session_id.len)))
        return vrx_refuse(VRX_NOT_FOUND, "unseal: another session has begun since");
    const struct vrx_view note = vrx_view_text(in->checkpoint);
    if (note.len > VRX_LIMIT_CHECKPOINT)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    uint8_t exporter[VRX_TLS_EXPORTER];
    vrx_call_export_keying(context->call, exporter);
    VRX_TRY(vrx_buffer_reserve(&slot->held_notes, note.len + 1));
    VRX_TRY(vrx_unseal_take(slot->unseal, exporter,
        vrx_view_of(in->wrapped_root.data, in->wrapped_root.len), now, ret_missing));
    if (!note.len)
        return vrx_ok();
    VRX_TRY(vrx_buffer_append(&slot->held_notes, note));
    return vrx_buffer_append_byte(&slot->held_notes, '\0');
}

/* The municipality's keys from the custodians' shares; those are gone afterwards. */
static struct vrx_result unlock(struct vrx_slot *slot, struct vrx_tenant_keys **ret_keys) {
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_keyring keyring;
    VRX_TRY(vrx_unseal_finish(slot->unseal, &root));
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&slot->keyring), &keyring));
    return vrx_keyring_unlock(&keyring, root, ret_keys);
}

/* Whether an entry only says that an unseal of this ledger was refused for being behind. */
static struct vrx_result is_refusal(
    struct vrx_ledger *ledger, uint64_t seq, bool *ret_refusal, int64_t *ret_time) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_audit_entry entry;
    VRX_TRY(vrx_ledger_get(ledger, seq, &bytes));
    VRX_TRY(vrx_audit_entry_decode(vrx_buffer_view(&bytes), &entry));
    *ret_refusal = entry.outcome == VRX_LEDGER_BEHIND &&
                   vrx_view_equal(entry.method, vrx_view_text(UNSEAL_METHOD));
    *ret_time = entry.time;
    return vrx_ok();
}

/* What the custodians are told: how far this vault's ledger came before it was put back. size:
 * without the entries of this unseal. */
static struct vrx_result note_behind(struct vrx_context *context, uint64_t size, uint64_t held) {
    struct vrx_slot *slot = context->slot;
    struct vrx_behind behind = {.held = held, .refused_at = context->now};
    bool refusal = true;
    while (size && refusal) {
        VRX_TRY(
            is_refusal(vrx_tenant_ledger(context->tenant), size - 1, &refusal, &behind.last_at));
        size -= refusal;
    }
    behind.entries = size;
    behind.last_at = size ? behind.last_at : 0;
    pthread_mutex_lock(&slot->lock);
    slot->behind = behind;
    pthread_mutex_unlock(&slot->lock);
    return vrx_ok();
}

/* An old copy of the whole vault authenticates; that its ledger lies behind what the municipality
 * holds gives it away (threat model: freshness). */
static struct vrx_result check_note(struct vrx_errand *errand, struct vrx_view note) {
    struct vrx_tenant *tenant = errand->context->tenant;
    struct vrx_checkpoint held;
    struct vrx_merkle_hash root;
    uint8_t kid[VRX_DATED_KID];
    VRX_TRY(vrx_signer_read_note(tenant, note, &held, kid));
    if (held.size > errand->ledger_size) {
        VRX_TRY(note_behind(errand->context, errand->ledger_size, held.size));
        return vrx_refuse(VRX_LEDGER_BEHIND, "RFC 9162 §2.1.4: the ledger is shorter");
    }
    VRX_TRY(vrx_ledger_root(vrx_tenant_ledger(tenant), held.size, &root));
    if (vrx_merkle_hash_equal(&root, &held.root))
        return vrx_signer_check_size(tenant, kid, held.size);
    VRX_TRY(note_behind(errand->context, errand->ledger_size, held.size));
    return vrx_refuse(VRX_LEDGER_BEHIND, "RFC 9162 §2.1.4: the ledger is another one");
}

static struct vrx_result check_fresh(struct vrx_errand *errand) {
    struct vrx_view notes = vrx_buffer_view(&errand->context->slot->held_notes);
    while (notes.len) {
        const struct vrx_view note = vrx_view_text((const char *)notes.ptr);
        VRX_TRY(check_note(errand, note));
        notes = vrx_view_slice(notes, note.len + 1, SIZE_MAX);
    }
    return vrx_ok();
}

/* The first console of all is the terminal at which a custodian unsealed first: whoever holds the
 * custodian's key speaks for the municipality. */
static struct vrx_result first_console(struct vrx_errand *errand) {
    struct vrx_context *context = errand->context;
    size_t consoles = 0;
    VRX_TRY(vrx_terminal_count(context->tenant, VRX_TERMINAL_CONSOLE, &consoles));
    if (consoles)
        return vrx_ok();
    struct vrx_terminal console = {.kind = VRX_TERMINAL_CONSOLE, .registered_at = context->now};
    memcpy(console.spki_sha256, context->terminal_spki, VRX_SPKI_DIGEST);
    return vrx_terminal_register(context->tenant, &console);
}

/* The calling terminal must be one of the vault's consoles: a route alone opens nothing. */
static struct vrx_result caller_is_console(struct vrx_errand *errand) {
    struct vrx_context *context = errand->context;
    struct vrx_terminal terminal;
    VRX_TRY(vrx_terminal_find(context->tenant, &context->arena, context->terminal_spki, &terminal));
    if (terminal.state != VRX_TERMINAL_STATE_ACTIVE)
        return vrx_fail(VRX_TERMINAL_SUSPENDED);
    return terminal.kind == VRX_TERMINAL_CONSOLE ? vrx_ok() : vrx_fail(VRX_TERMINAL_KIND);
}

static struct vrx_result work_open(struct vrx_errand *errand) {
    errand->ledger_size = vrx_ledger_size(vrx_tenant_ledger(errand->context->tenant));
    VRX_TRY(vrx_errand_record_custodians(errand, vrx_buffer_view(&errand->context->slot->keyring)));
    VRX_TRY(check_fresh(errand));
    VRX_TRY(first_console(errand));
    VRX_TRY(caller_is_console(errand));
    VRX_TRY(vrx_closed_enter(errand->context));
    return vrx_terminal_list(errand->context->tenant, &errand->context->arena, &errand->terminals,
        &errand->terminal_count);
}

/* Covers the entry of the unsealing itself. */
static struct vrx_result make_checkpoint(struct vrx_errand *errand) {
    struct vrx_tenant *tenant = errand->context->tenant;
    return vrx_signer_note(
        tenant, vrx_ledger_size(vrx_tenant_ledger(tenant)), errand->context->now, &errand->note);
}

/* The registry takes over the vault's list, and the routes are written as they are. A terminal that
 * another municipality registered at the same moment stays with that one: it must not lock this one
 * out of its own vault. */
static struct vrx_result publish_terminals(const struct vrx_errand *errand) {
    struct vrx_slot *slot = errand->context->slot;
    struct vrx_registration *list =
        vrx_arena_alloc_array(&errand->context->arena, errand->terminal_count, sizeof *list);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < errand->terminal_count; i++) {
        const struct vrx_terminal *terminal = &errand->terminals[i];
        memcpy(list[i].spki_sha256, terminal->spki_sha256, VRX_SPKI_DIGEST);
        list[i].entry = (struct vrx_registered){.owner = slot,
            .kind = terminal->kind,
            .suspended = terminal->state != VRX_TERMINAL_STATE_ACTIVE,
            .certificate_from = terminal->certificate_from,
            .certificate_until = terminal->certificate_until};
    }
    size_t left_out = 0;
    VRX_TRY(vrx_registry_replace(
        slot->daemon->registry, slot, list, errand->terminal_count, &left_out));
    if (left_out)
        vrx_log_event("terminals of another municipality left out", slot->code.digits,
            vrx_fail(VRX_ALREADY_EXISTS));
    return vrx_slot_write_routes(slot, NULL, 0);
}

/* With all shares there: the vault to its actor, and what work_open and make_checkpoint bring. */
static struct vrx_result open_vault(struct vrx_errand *errand) {
    struct vrx_context *context = errand->context;
    struct vrx_slot *slot = context->slot;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_tenant *tenant VRX_CLEANUP(vrx_tenant_close) = NULL;
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/vault.db", slot->folder) >= sizeof path)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(unlock(slot, &keys));
    VRX_TRY(vrx_tenant_open(path, &keys, &slot->code, context->random, context->now, &tenant));
    VRX_TRY(vrx_tenant_set_cache(tenant, slot->daemon->options.live.cache_mebibytes));
    VRX_TRY(vrx_closed_verify(slot, tenant));
    vrx_errand_prepare(errand);
    struct vrx_result result = vrx_actor_unseal(slot->actor, &tenant, &errand->job);
    context->tenant = NULL;
    return result;
}

static struct vrx_result open_slot(struct vrx_errand *errand) {
    struct vrx_slot *slot = errand->context->slot;
    VRX_TRY(open_vault(errand));
    struct vrx_result result = vrx_closed_forget(slot);
    if (vrx_is_ok(result))
        result = publish_terminals(errand);
    if (!vrx_is_ok(result)) {
        vrx_actor_seal(slot->actor);
        return result;
    }
    pthread_mutex_lock(&slot->lock);
    slot->behind = (struct vrx_behind){0};
    pthread_mutex_unlock(&slot->lock);
    atomic_store(&slot->key_due, 0);
    atomic_store(&slot->exchange_due, errand->context->now);
    atomic_store(&slot->bulk_due, errand->context->now);
    atomic_store(&slot->certificates_due, errand->context->now);
    atomic_store(&slot->retention_due, errand->context->now);
    atomic_store(&slot->actions_due, errand->context->now);
    atomic_store(&slot->used_ms, vrx_clock_monotonic_ms(NULL));
    atomic_store(&slot->open, true);
    vrx_dispatch_wake_states(slot->daemon);
    return vrx_ok();
}

struct vrx_result vrx_tenancy_unseal(
    struct vrx_context *context, const void *request, void *reply) {
    Vrx__V1__UnsealResponse *out = reply;
    size_t missing = 0;
    if (vrx_slot_is_open(context->slot))
        return vrx_refuse(VRX_ALREADY_EXISTS, "the vault is unsealed already");
    if (atomic_load(&context->daemon->stopping))
        return vrx_fail(VRX_SHUTTING_DOWN);
    VRX_TRY(take_share(context, request, &missing));
    out->missing = (uint32_t)missing;
    if (missing)
        return vrx_ok();
    struct vrx_errand errand = {.context = context,
        .work = work_open,
        .method = UNSEAL_METHOD,
        .after = make_checkpoint,
        .session = context->slot->unseal};
    struct vrx_result result = vrx_gate_open_begin(&context->slot->gate);
    if (vrx_is_ok(result)) {
        const bool retired = atomic_load(&context->slot->retired);
        result = retired ? vrx_fail(VRX_TENANT_UNKNOWN) : open_slot(&errand);
        if (!vrx_is_ok(result) && !retired)
            vrx_closed_refused(context, result.reason);
        vrx_gate_open_end(&context->slot->gate);
    }
    if (vrx_is_ok(result))
        result = vrx_arena_string(&context->arena, vrx_buffer_view(&errand.note), &out->checkpoint);
    vrx_buffer_done(&errand.note);
    forget_session(context->slot);
    return result;
}

static struct vrx_result work_nothing(struct vrx_errand *errand) {
    (void)errand;
    return vrx_ok();
}

/* Closes the vault in any case: that its queue or its disk is full must not keep it open. What is
 * returned then says that there is no entry. */
static struct vrx_result seal(struct vrx_context *context) {
    struct vrx_slot *slot = context->slot;
    struct vrx_errand errand = {
        .context = context, .work = work_nothing, .method = "/vrx.v1.Tenancy/Seal"};
    struct vrx_result result = vrx_errand_send(&errand);
    vrx_actor_seal(slot->actor);
    vrx_unseal_session_free(&slot->replacing);
    return result;
}

struct vrx_result vrx_tenancy_seal(struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    (void)reply;
    return seal(context);
}

/* By the daemon itself; the entry says why. */
static void seal_for(struct vrx_slot *slot, const char *why) {
    struct vrx_context context = {.daemon = slot->daemon,
        .slot = slot,
        .random = slot->daemon->random,
        .now = vrx_clock_seconds(),
        .terminal_id = VRX_DAEMON_TERMINAL,
        .audit.basis = vrx_view_text(why)};
    vrx_arena_init(&context.arena, VRX_LIMIT_ARENA);
    struct vrx_result result =
        vrx_random_fill(context.random, context.request_id, sizeof context.request_id);
    if (vrx_is_ok(result))
        result = seal(&context);
    vrx_arena_done(&context.arena);
    vrx_log_event(why, slot->code.digits, result);
}

/* What time and signals ask of one tenant. */
static void tick_slot(struct vrx_slot *slot) {
    const bool seal_asked = atomic_exchange(&slot->seal_asked, false);
    const int64_t now = vrx_steady_seconds();
    const int64_t idle = slot->daemon->options.live.idle_seal_seconds;
    if (slot->unseal && vrx_unseal_is_over(slot->unseal, now))
        forget_session(slot);
    if (slot->replacing && vrx_unseal_is_over(slot->replacing, now))
        vrx_unseal_session_free(&slot->replacing);
    if (seal_asked)
        forget_session(slot);
    if (!vrx_slot_is_open(slot))
        return;
    if (seal_asked)
        seal_for(slot, "sealed by signal");
    else if (idle && now - atomic_load(&slot->used_ms) / 1000 >= idle)
        seal_for(slot, "sealed after idle time");
    else
        vrx_key_change_tick(slot);
    vrx_tenancy_tell_expiry(slot, vrx_clock_seconds());
}

/* A slot at which something is being done is looked at a second later. */
void vrx_tenancy_tick(struct vrx_daemon *daemon) {
    const bool seal_asked = atomic_exchange(&daemon->seal_asked, false);
    struct vrx_slot *slot = NULL;
    for (size_t i = 0; (slot = vrx_daemon_slot_at(daemon, i)); i++) {
        if (seal_asked)
            atomic_store(&slot->seal_asked, true);
        if (!vrx_worker_enter(daemon->worker, &slot->lane))
            continue;
        tick_slot(slot);
        vrx_worker_leave(daemon->worker, &slot->lane);
    }
}

/* ---- the daemon's end ---- */

struct ending {
    struct vrx_task task;
    struct vrx_slot *slot;
    struct endings *all;
};

struct endings {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    size_t left;
};

static void end_slot(struct vrx_task *task) {
    struct ending *ending = (struct ending *)(void *)((char *)task - offsetof(struct ending, task));
    struct endings *all = ending->all;
    if (vrx_slot_is_open(ending->slot))
        seal_for(ending->slot, "sealed at the daemon's end");
    pthread_mutex_lock(&all->lock);
    all->left--;
    pthread_cond_signal(&all->wake);
    pthread_mutex_unlock(&all->lock);
}

void vrx_tenancy_end(struct vrx_daemon *daemon) {
    struct endings all = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    struct vrx_slot *slot = NULL;
    size_t room = 1;
    while (vrx_daemon_slot_at(daemon, room - 1))
        room++;
    struct ending *endings = calloc(room, sizeof *endings);
    if (!endings) {
        vrx_log_event("sealed without entries", NULL, vrx_fail(VRX_OUT_OF_MEMORY));
        return;
    }
    for (; all.left < room && (slot = vrx_daemon_slot_at(daemon, all.left)); all.left++)
        endings[all.left] = (struct ending){.task.run = end_slot, .slot = slot, .all = &all};
    const size_t count = all.left;
    for (size_t i = 0; i < count; i++)
        vrx_worker_post(daemon->worker, &endings[i].slot->lane, &endings[i].task);
    pthread_mutex_lock(&all.lock);
    while (all.left)
        pthread_cond_wait(&all.wake, &all.lock);
    pthread_mutex_unlock(&all.lock);
    free(endings);
}
