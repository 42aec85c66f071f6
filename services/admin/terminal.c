/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's terminals: its vault has the list that counts, the registry answers from it, the
 * routes file speaks for it while the vault is sealed.
 *
 * The order keeps a suspended terminal out whatever happens in between: the routes say so before
 * the vault does, for a handler that fails afterwards leaves at worst a terminal that must wait
 * until the next unseal; the registry says so when the vault has it; then connections end.
 */
#include "store/terminal.h"

#include <stdio.h>
#include <stdlib.h>

#include "admin/handlers.h"
#include "auth/validity.h"
#include "base/encode.h"
#include "crypto/x509.h"
#include "dispatch/alert.h"
#include "dispatch/log.h"
#include "dispatch/message.h"
#include "vrx/v1/tenancy.pb-c.h"

#define CLIENT_AUTH "1.3.6.1.5.5.7.3.2" /* RFC 5280 §4.2.1.12 */
#define SECONDS_A_DAY 86400
#define ENDING_A_DAY 100 /* alerts: nobody renews more, and the alerts of others have room */

/* ---- what all have in common ---- */

/* "terminal 0123456789abcdef", as its own entries name it. */
static struct vrx_result note_terminal(
    struct vrx_context *context, const uint8_t spki_sha256[VRX_SPKI_DIGEST]) {
    char id[VRX_TERMINAL_TEXT + 1];
    char text[sizeof "terminal " + VRX_TERMINAL_TEXT];
    char *basis = NULL;
    vrx_hex_string(vrx_view_of(spki_sha256, VRX_TERMINAL_TEXT / 2), id);
    (void)snprintf(text, sizeof text, "terminal %s", id);
    VRX_TRY(vrx_arena_string(&context->arena, vrx_view_text(text), &basis));
    context->audit.basis = vrx_view_text(basis);
    return vrx_ok();
}

/* A certificate that could never be shown to this daemon is no terminal's. */
static struct vrx_result check_certificate(const struct vrx_certificate *certificate, int64_t now) {
    if (!vrx_certificate_has_eku(certificate) || !vrx_certificate_eku(certificate, CLIENT_AUTH))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.12: clientAuth");
    if (vrx_certificate_not_after(certificate) < now)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1.2.5: its validity is over");
    return vrx_ok();
}

/* Key and validity from the certificate. */
static struct vrx_result take_certificate(
    ProtobufCBinaryData der, int64_t now, struct vrx_terminal *terminal) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    if (!der.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "certificate: the terminal's, in DER");
    VRX_TRY(vrx_certificate_from_der(vrx_view_of(der.data, der.len), &certificate));
    VRX_TRY(check_certificate(certificate, now));
    VRX_TRY(vrx_public_key_spki_sha256(vrx_certificate_key(certificate), terminal->spki_sha256));
    terminal->certificate_from = vrx_certificate_not_before(certificate);
    terminal->certificate_until = vrx_certificate_not_after(certificate);
    return vrx_ok();
}

static struct vrx_result check_free(
    const struct vrx_context *context, const uint8_t spki_sha256[VRX_SPKI_DIGEST]) {
    struct vrx_registered known;
    if (vrx_is_ok(vrx_registry_find(context->daemon->registry, spki_sha256, &known)))
        return vrx_refuse(VRX_ALREADY_EXISTS, "a terminal belongs to exactly one municipality");
    return vrx_ok();
}

/* For the registry, as the vault has it by now. */
static void keep_active(const struct vrx_context *context, const struct vrx_terminal *terminal) {
    struct vrx_registration_state *state = context->state;
    memcpy(state->terminal.spki_sha256, terminal->spki_sha256, VRX_SPKI_DIGEST);
    state->terminal.entry = (struct vrx_registered){.owner = context->slot,
        .kind = terminal->kind,
        .certificate_from = terminal->certificate_from,
        .certificate_until = terminal->certificate_until};
}

/* The registry's own entry of a terminal, to be changed. */
static struct vrx_result find_own(const struct vrx_context *context,
    const uint8_t spki_sha256[VRX_SPKI_DIGEST], struct vrx_registration *ret_terminal) {
    struct vrx_registered entry;
    VRX_TRY(vrx_registry_find(context->daemon->registry, spki_sha256, &entry));
    if (entry.owner != context->slot)
        return vrx_fail(VRX_TERMINAL_UNKNOWN);
    memcpy(ret_terminal->spki_sha256, spki_sha256, VRX_SPKI_DIGEST);
    ret_terminal->entry = entry;
    return vrx_ok();
}

/* ---- register ---- */

static bool has_reply_fields(const Vrx__V1__Terminal *terminal) {
    return terminal->registered_at || terminal->state || terminal->changed_at ||
           terminal->certificate_not_before || terminal->certificate_not_after ||
           terminal->certificate_ends_soon || terminal->successor_spki_sha256.len;
}

/* The digest, the certificate, or both where they agree. */
static struct vrx_result take_key(
    const Vrx__V1__RegisterTerminalRequest *in, int64_t now, struct vrx_terminal *terminal) {
    uint8_t named[VRX_SPKI_DIGEST];
    if (!in->certificate.len)
        return vrx_message_fixed(in->terminal->spki_sha256, VRX_SPKI_DIGEST, terminal->spki_sha256);
    VRX_TRY(take_certificate(in->certificate, now, terminal));
    if (!in->terminal->spki_sha256.len)
        return vrx_ok();
    VRX_TRY(vrx_message_fixed(in->terminal->spki_sha256, VRX_SPKI_DIGEST, named));
    return memcmp(named, terminal->spki_sha256, sizeof named) == 0
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_RANGE, "spki_sha256: it is not the certificate's");
}

struct vrx_result vrx_tenancy_register_terminal(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RegisterTerminalRequest *in = request;
    if (!in->terminal)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (has_reply_fields(in->terminal))
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "Terminal: only replies carry this field");
    unsigned kind = (unsigned)in->terminal->kind;
    if (kind < VRX_TERMINAL_HEALTH_SYSTEM || kind > VRX_TERMINAL_CONSOLE)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_terminal terminal = {
        .kind = (enum vrx_terminal_kind)kind,
        .label = vrx_view_text(in->terminal->label),
        .registered_at = context->now,
    };
    VRX_TRY(take_key(in, context->now, &terminal));
    VRX_TRY(note_terminal(context, terminal.spki_sha256));
    VRX_TRY(check_free(context, terminal.spki_sha256));
    VRX_TRY(vrx_terminal_register(context->tenant, &terminal));
    keep_active(context, &terminal);
    return vrx_ok();
}

/* ---- suspend, reinstate, replace ---- */

struct vrx_result vrx_tenancy_suspend_terminal(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__SuspendTerminalRequest *in = request;
    struct vrx_registration_state *state = context->state;
    uint8_t digest[VRX_SPKI_DIGEST];
    VRX_TRY(vrx_message_fixed(in->spki_sha256, VRX_SPKI_DIGEST, digest));
    VRX_TRY(note_terminal(context, digest));
    VRX_TRY(vrx_terminal_suspend(context->tenant, digest, context->now));
    VRX_TRY(find_own(context, digest, &state->terminal));
    state->terminal.entry.suspended = true;
    return vrx_slot_write_routes(context->slot, &state->terminal, 1);
}

struct vrx_result vrx_tenancy_reinstate_terminal(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ReinstateTerminalRequest *in = request;
    struct vrx_registration_state *state = context->state;
    uint8_t digest[VRX_SPKI_DIGEST];
    VRX_TRY(vrx_message_fixed(in->spki_sha256, VRX_SPKI_DIGEST, digest));
    VRX_TRY(note_terminal(context, digest));
    VRX_TRY(vrx_terminal_reinstate(context->tenant, digest, context->now));
    VRX_TRY(find_own(context, digest, &state->terminal));
    state->terminal.entry.suspended = false;
    return vrx_ok();
}

/* The new one's route is there before the vault knows it: an only console that is replaced would
 * else be without one after a crash in between, and with it the way to unseal. */
struct vrx_result vrx_tenancy_replace_terminal(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ReplaceTerminalRequest *in = request;
    Vrx__V1__ReplaceTerminalResponse *out = reply;
    struct vrx_registration_state *state = context->state;
    struct vrx_terminal fresh = {.registered_at = context->now};
    VRX_TRY(vrx_message_fixed(in->spki_sha256, VRX_SPKI_DIGEST, state->replaced));
    VRX_TRY(note_terminal(context, state->replaced));
    VRX_TRY(take_certificate(in->certificate, context->now, &fresh));
    VRX_TRY(check_free(context, fresh.spki_sha256));
    VRX_TRY(vrx_terminal_replace(context->tenant, state->replaced, &fresh, &fresh.kind));
    keep_active(context, &fresh);
    state->replaces = true;
    VRX_TRY(vrx_message_put_bytes(
        &context->arena, vrx_view_of(fresh.spki_sha256, VRX_SPKI_DIGEST), &out->spki_sha256));
    return vrx_slot_write_routes(context->slot, &state->terminal, 1);
}

/* ---- after the commit ---- */

/* Whoever was let in before is looked at again, who is logged in there no longer is, and
 * connections end after the reply. */
static void end_terminal(struct vrx_context *context, const uint8_t spki_sha256[VRX_SPKI_DIGEST]) {
    vrx_session_end_terminal(context->daemon->sessions, context->slot, spki_sha256);
    atomic_fetch_add(&context->daemon->suspensions, 1);
    context->ends_connections = true;
}

static struct vrx_result publish(struct vrx_context *context) {
    const struct vrx_registration_state *state = context->state;
    struct vrx_registry *registry = context->daemon->registry;
    struct vrx_registration before = {0};
    VRX_TRY(vrx_registry_put(registry, state->terminal.spki_sha256, &state->terminal.entry));
    if (state->replaces && vrx_is_ok(find_own(context, state->replaced, &before))) {
        before.entry.suspended = true;
        VRX_TRY(vrx_registry_put(registry, before.spki_sha256, &before.entry));
    }
    return vrx_ok();
}

void vrx_tenancy_terminal_committed(struct vrx_context *context) {
    const struct vrx_registration_state *state = context->state;
    struct vrx_result result = publish(context);
    if (state->replaces || state->terminal.entry.suspended)
        end_terminal(context, state->replaces ? state->replaced : state->terminal.spki_sha256);
    if (vrx_is_ok(result))
        result = vrx_slot_write_routes(context->slot, NULL, 0);
    /* The vault has it: the next unseal writes the routes again. */
    if (!vrx_is_ok(result))
        vrx_log_event("routes not written", context->slot->code.digits, result);
}

/* ---- list ---- */

static struct vrx_result put_terminal(
    struct vrx_context *context, const struct vrx_terminal *terminal, Vrx__V1__Terminal *message) {
    struct vrx_arena *arena = &context->arena;
    vrx__v1__terminal__init(message);
    VRX_TRY(vrx_message_put_bytes(
        arena, vrx_view_of(terminal->spki_sha256, VRX_SPKI_DIGEST), &message->spki_sha256));
    VRX_TRY(vrx_arena_string(arena, terminal->label, &message->label));
    message->kind = (Vrx__V1__TerminalKind)terminal->kind;
    message->registered_at = terminal->registered_at;
    message->state = terminal->replaced ? VRX__V1__TERMINAL_STATE__TERMINAL_STATE_REPLACED
                                        : (Vrx__V1__TerminalState)terminal->state;
    message->changed_at = terminal->changed_at;
    message->certificate_not_before = terminal->certificate_from;
    message->certificate_not_after = terminal->certificate_until;
    message->certificate_ends_soon = terminal->state == VRX_TERMINAL_STATE_ACTIVE &&
                                     vrx_validity_ends_soon(terminal->certificate_from,
                                         terminal->certificate_until, context->now);
    if (!terminal->replaced)
        return vrx_ok();
    return vrx_message_put_bytes(
        arena, vrx_view_of(terminal->successor, VRX_SPKI_DIGEST), &message->successor_spki_sha256);
}

struct vrx_result vrx_tenancy_list_terminals(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__ListTerminalsResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    struct vrx_terminal *terminals = NULL;
    size_t count = 0;
    VRX_TRY(vrx_terminal_list(context->tenant, arena, &terminals, &count));
    out->terminals = vrx_arena_alloc_array(arena, count, sizeof *out->terminals);
    Vrx__V1__Terminal *messages = vrx_arena_alloc_array(arena, count, sizeof *messages);
    if (!out->terminals || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(put_terminal(context, &terminals[i], &messages[i]));
        out->terminals[i] = &messages[i];
    }
    out->n_terminals = count;
    return vrx_ok();
}

/* ---- warnings ---- */

struct vrx_result vrx_tenancy_count_ending(
    struct vrx_slot *slot, int64_t now, uint32_t *ret_count) {
    struct vrx_registration *list = NULL;
    size_t count = 0;
    uint32_t ending = 0;
    VRX_TRY(vrx_registry_list(slot->daemon->registry, slot, &list, &count));
    for (size_t i = 0; i < count; i++) {
        const struct vrx_registered *entry = &list[i].entry;
        ending += !entry->suspended &&
                  vrx_validity_ends_soon(entry->certificate_from, entry->certificate_until, now);
    }
    free(list);
    *ret_count = ending;
    return vrx_ok();
}

/* An alert for each of them, as long as the queue takes them: the others' turn comes tomorrow. */
static void ring_for_ending(struct vrx_slot *slot, int64_t now) {
    struct vrx_registration *list = NULL;
    size_t count = 0;
    struct vrx_result result = vrx_registry_list(slot->daemon->registry, slot, &list, &count);
    for (size_t i = 0, rung = 0; i < count && rung < ENDING_A_DAY && vrx_is_ok(result); i++) {
        const struct vrx_registered *entry = &list[i].entry;
        char terminal[VRX_TERMINAL_TEXT + 1];
        if (entry->suspended ||
            !vrx_validity_ends_soon(entry->certificate_from, entry->certificate_until, now))
            continue;
        vrx_hex_string(vrx_view_of(list[i].spki_sha256, VRX_TERMINAL_TEXT / 2), terminal);
        const struct vrx_alert_cause cause = {
            .kind = VRX_ALERT_TERMINAL_EXPIRES, .terminal_id = vrx_view_text(terminal)};
        result = vrx_alert_post(slot, &cause);
        rung++;
    }
    free(list);
    if (!vrx_is_ok(result))
        vrx_log_event("no alert of certificates that end", slot->code.digits, result);
}

void vrx_tenancy_tell_expiry(struct vrx_slot *slot, int64_t now) {
    uint32_t ending = 0;
    char text[64];
    if (now - slot->expiry_told < SECONDS_A_DAY && now >= slot->expiry_told)
        return;
    slot->expiry_told = now;
    if (!vrx_is_ok(vrx_tenancy_count_ending(slot, now, &ending)) || !ending)
        return;
    (void)snprintf(text, sizeof text, "certificates of %u terminals end soon", ending);
    vrx_log_event(text, slot->code.digits, vrx_ok());
    ring_for_ending(slot, now);
}
