/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's terminals: its vault has the list that counts, the registry answers from it.
 */
#include "store/terminal.h"

#include "admin/handlers.h"
#include "dispatch/log.h"
#include "dispatch/message.h"
#include "vrx/v1/tenancy.pb-c.h"

struct vrx_result vrx_tenancy_register_terminal(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RegisterTerminalRequest *in = request;
    struct vrx_registration_state *state = context->state;
    if (!in->terminal)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (in->terminal->registered_at)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "Terminal: only replies carry this field");
    unsigned kind = (unsigned)in->terminal->kind;
    if (kind < VRX_TERMINAL_HEALTH_SYSTEM || kind > VRX_TERMINAL_CONSOLE)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_terminal terminal = {
        .kind = (enum vrx_terminal_kind)kind,
        .label = vrx_view_text(in->terminal->label),
        .registered_at = context->now,
    };
    VRX_TRY(vrx_message_fixed(in->terminal->spki_sha256, VRX_SPKI_DIGEST, terminal.spki_sha256));
    struct vrx_registered known;
    if (vrx_is_ok(vrx_registry_find(context->daemon->registry, terminal.spki_sha256, &known)))
        return vrx_refuse(VRX_ALREADY_EXISTS, "a terminal belongs to exactly one municipality");
    memcpy(state->spki_sha256, terminal.spki_sha256, VRX_SPKI_DIGEST);
    state->kind = kind;
    return vrx_terminal_register(context->tenant, &terminal);
}

void vrx_tenancy_terminal_committed(struct vrx_context *context) {
    struct vrx_registration_state *state = context->state;
    struct vrx_registered terminal = {.owner = context->slot, .kind = state->kind};
    struct vrx_result result =
        vrx_registry_put(context->daemon->registry, state->spki_sha256, &terminal);
    if (vrx_is_ok(result))
        result = vrx_slot_write_routes(context->slot);
    /* The vault has it: the next unseal writes the routes again. */
    if (!vrx_is_ok(result))
        vrx_log_event("routes not written", context->slot->code.digits, result);
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
        vrx__v1__terminal__init(&messages[i]);
        VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(terminals[i].spki_sha256, VRX_SPKI_DIGEST),
            &messages[i].spki_sha256));
        VRX_TRY(vrx_arena_string(arena, terminals[i].label, &messages[i].label));
        messages[i].kind = (Vrx__V1__TerminalKind)terminals[i].kind;
        messages[i].registered_at = terminals[i].registered_at;
        out->terminals[i] = &messages[i];
    }
    out->n_terminals = count;
    return vrx_ok();
}
