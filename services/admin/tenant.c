/* SPDX-License-Identifier: Apache-2.0
 *
 * Tenants: taken in by the platform operator, shown with their state.
 */
#include "admin/handlers.h"
#include "client/client.h"
#include "dispatch/message.h"
#include "dispatch/outside.h"
#include "vrx/v1/tenancy.pb-c.h"

/* For the ledger that the first unseal begins. */
static struct vrx_result note_creation(
    const struct vrx_context *context, struct vrx_buffer *notes) {
    static const struct vrx_audit_facts facts;
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_context_entry(
        context, "/vrx.v1.Tenancy/CreateTenant", VRX_OUTSIDE_PURPOSE, &facts, VRX_OK, &entry));
    return vrx_outside_add(notes, vrx_buffer_view(&entry));
}

struct vrx_result vrx_tenancy_create(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__CreateTenantRequest *in = request;
    Vrx__V1__CreateTenantResponse *out = reply;
    uint8_t console[VRX_SPKI_DIGEST];
    VRX_TRY(vrx_message_fixed(in->console_spki_sha256, VRX_SPKI_DIGEST, console));
    struct vrx_slot *slot = NULL;
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(note_creation(context, &notes));
    VRX_TRY(vrx_daemon_create_tenant(context->daemon,
        vrx_view_of(in->keyring.data, in->keyring.len), console, vrx_buffer_view(&notes), &slot));
    return vrx_arena_string(
        &context->arena, vrx_municipality_code_view(&slot->code), &out->municipality);
}

static struct vrx_result put_behind(
    struct vrx_arena *arena, struct vrx_slot *slot, Vrx__V1__TenantStatus *message) {
    pthread_mutex_lock(&slot->lock);
    const struct vrx_behind behind = slot->behind;
    pthread_mutex_unlock(&slot->lock);
    if (!behind.refused_at)
        return vrx_ok();
    message->behind = vrx_arena_alloc(arena, sizeof *message->behind);
    if (!message->behind)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__ledger_behind__init(message->behind);
    message->behind->held = behind.held;
    message->behind->entries = behind.entries;
    message->behind->last_at = behind.last_at;
    message->behind->refused_at = behind.refused_at;
    return vrx_ok();
}

/* All for the platform operator, its own for a municipality. */
static struct vrx_result list_slots(struct vrx_context *context, Vrx__V1__StatusResponse *out) {
    struct vrx_daemon *daemon = context->daemon;
    struct vrx_arena *arena = &context->arena;
    out->tenants = vrx_arena_alloc_array(arena, daemon->slot_count, sizeof *out->tenants);
    Vrx__V1__TenantStatus *messages =
        vrx_arena_alloc_array(arena, daemon->slot_count, sizeof *messages);
    if (!out->tenants || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (context->slot && context->slot != slot)
            continue;
        Vrx__V1__TenantStatus *message = &messages[out->n_tenants];
        vrx__v1__tenant_status__init(message);
        VRX_TRY(vrx_arena_string(
            arena, vrx_municipality_code_view(&slot->code), &message->municipality));
        message->sealed = !vrx_slot_is_open(slot);
        if (context->slot)
            VRX_TRY(put_behind(arena, slot, message));
        if (context->slot && !message->sealed)
            VRX_TRY(vrx_tenancy_count_ending(slot, context->now, &message->terminals_ending));
        out->tenants[out->n_tenants++] = message;
    }
    return vrx_ok();
}

struct vrx_result vrx_tenancy_status(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__StatusResponse *out = reply;
    pthread_rwlock_rdlock(&context->daemon->slots_lock);
    struct vrx_result result = list_slots(context, out);
    pthread_rwlock_unlock(&context->daemon->slots_lock);
    VRX_TRY(result);
    out->issuer_available = vrx_issuer_is_available(context->daemon->options.issuer_socket);
    return vrx_arena_string(&context->arena, vrx_view_text(VRX_VERSION), &out->version);
}
