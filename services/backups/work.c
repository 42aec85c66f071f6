/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/work.h"

#include <stdio.h>
#include <time.h>

#include "admin/errand.h"
#include "dispatch/log.h"
#include "dispatch/outside.h"

#define TELL_MS 200
#define PAUSE_NS 5000000

/* While it is sealed nobody's kind is known but by what it was. */
static struct vrx_result is_console(const struct vrx_context *call) {
    struct vrx_registered caller;
    VRX_TRY(vrx_registry_find(call->daemon->registry, call->terminal_spki, &caller));
    const bool console = caller.kind ? caller.kind == VRX_TERMINAL_CONSOLE : caller.was_console;
    return console ? vrx_ok() : vrx_fail(VRX_TERMINAL_KIND);
}

struct vrx_result vrx_backup_target(
    struct vrx_context *call, const char *code, struct vrx_municipality_code *ret_code) {
    struct vrx_municipality_code named = {0};
    if (code[0])
        VRX_TRY(vrx_municipality_code_parse(vrx_view_text(code), &named));
    if (!call->slot) {
        if (!code[0])
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, "municipality");
        *ret_code = named;
        return vrx_ok();
    }
    VRX_TRY(is_console(call));
    if (code[0] && !vrx_municipality_code_equal(&named, &call->slot->code))
        return vrx_fail(VRX_TERMINAL_TENANT);
    *ret_code = call->slot->code;
    return vrx_ok();
}

/* The caller's identity, on the municipality's ledger. */
static void be_about(struct vrx_backup_work *work) {
    const struct vrx_context *call = work->call;
    struct vrx_context *about = &work->about;
    *about = (struct vrx_context){.daemon = call->daemon,
        .slot = work->slot,
        .random = call->random,
        .now = call->now,
        .terminal_kind = call->terminal_kind};
    memcpy(about->terminal_spki, call->terminal_spki, sizeof about->terminal_spki);
    memcpy(about->terminal_id, call->terminal_id, sizeof about->terminal_id);
    memcpy(about->operator_id, call->operator_id, sizeof about->operator_id);
    memcpy(about->request_id, call->request_id, sizeof about->request_id);
    vrx_arena_init(&about->arena, VRX_LIMIT_ARENA);
}

struct vrx_result vrx_backup_begin_work(
    struct vrx_context *call, const char *method, const char *code, struct vrx_backup_work *work) {
    *work = (struct vrx_backup_work){.call = call, .method = method};
    work->slot = call->slot;
    be_about(work); /* a console's refusal is its municipality's */
    VRX_TRY(vrx_backup_target(call, code, &work->place.code));
    if (!call->slot)
        VRX_IGNORE(vrx_daemon_slot(call->daemon, &work->place.code, &work->slot));
    work->about.slot = work->slot;
    return vrx_ok();
}

struct vrx_result vrx_backup_take_turn(struct vrx_backup_work *work) {
    work->turn.code = work->place.code;
    VRX_TRY(vrx_daemon_take_turn(work->call->daemon, &work->turn));
    work->has_turn = true;
    if (work->slot && atomic_load(&work->slot->retired)) /* between the look-up and the turn */
        return vrx_fail(VRX_TENANT_UNKNOWN);
    return vrx_ok();
}

struct vrx_result vrx_backup_work_name(
    struct vrx_backup_work *work, const char *name, bool replaced) {
    int64_t time = 0;
    VRX_TRY(vrx_backup_name_time(vrx_view_text(name), &time));
    snprintf(work->place.name, sizeof work->place.name, "%s", name);
    work->place.replaced = replaced;
    snprintf(work->basis, sizeof work->basis, "%s %s", replaced ? "replaced" : "backup", name);
    return vrx_ok();
}

struct vrx_result vrx_backup_note(
    const struct vrx_backup_work *work, enum vrx_reason outcome, struct vrx_buffer *notes) {
    struct vrx_audit_facts facts = {.basis = vrx_view_text(work->basis)};
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_context_entry(
        &work->about, work->method, VRX_OUTSIDE_PURPOSE, &facts, outcome, &entry));
    return vrx_outside_add(notes, vrx_buffer_view(&entry));
}

static struct vrx_result note_outside(struct vrx_backup_work *work, enum vrx_reason outcome) {
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_outside_read(work->slot->folder, &notes));
    if (outcome != VRX_OK && notes.len > VRX_LIMIT_OUTSIDE / 2)
        return vrx_refuse(VRX_CAP_REACHED, "notes of refusals: the log has them");
    VRX_TRY(vrx_backup_note(work, outcome, &notes));
    return vrx_outside_write(work->slot->folder, vrx_buffer_view(&notes));
}

static struct vrx_result end_so(struct vrx_errand *errand) {
    return errand->failure;
}

static struct vrx_result record_inside(struct vrx_backup_work *work, enum vrx_reason outcome) {
    struct vrx_errand errand = {.context = &work->about,
        .work = end_so,
        .method = work->method,
        .failure = outcome == VRX_OK ? vrx_ok() : vrx_fail(outcome)};
    work->about.audit = (struct vrx_audit_facts){.basis = vrx_view_text(work->basis)};
    struct vrx_result result = vrx_errand_send(&errand);
    return errand.finished && result.reason == outcome ? vrx_ok() : result;
}

/* A vault that opens or closes at this very moment: the other place is asked. Until its actor
 * counts as sealed the place beside it is the actor's (dispatch/daemon.c, note_closing). */
struct vrx_result vrx_backup_record(struct vrx_backup_work *work, enum vrx_reason outcome) {
    if (!work->slot)
        return vrx_ok();
    const struct timespec pause = {0, PAUSE_NS};
    struct vrx_gate *gate = &work->slot->gate;
    for (;;) {
        struct vrx_result result = record_inside(work, outcome);
        if (result.reason != VRX_TENANT_SEALED && result.reason != VRX_SHUTTING_DOWN)
            return result;
        vrx_gate_note_begin(gate);
        const bool sealed = vrx_actor_is_sealed(work->slot->actor);
        if (sealed && !atomic_load(&work->slot->retired)) /* or the folder may be another's */
            result = note_outside(work, outcome);
        vrx_gate_note_end(gate);
        if (sealed)
            return result;
        (void)nanosleep(&pause, NULL);
    }
}

struct vrx_result vrx_backup_end_work(struct vrx_backup_work *work, struct vrx_result outcome) {
    if (!vrx_is_ok(outcome)) {
        struct vrx_result result = vrx_backup_record(work, outcome.reason);
        if (!vrx_is_ok(result))
            vrx_log_event("a refusal is not on record", work->place.code.digits, result);
    }
    if (work->has_turn)
        vrx_daemon_end_turn(work->call->daemon, &work->turn);
    vrx_arena_done(&work->about.arena);
    return outcome;
}

bool vrx_backup_is_due(struct vrx_backup_work *work) {
    const int64_t now = vrx_clock_monotonic_ms(NULL);
    if (work->told_ms && now - work->told_ms < TELL_MS)
        return false;
    work->told_ms = now;
    return true;
}
