/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints, proofs and entries of the caller's municipality's ledger. What is handed out here
 * was committed before, or is committed with this call: a reply leaves only after the commit.
 */
#include "ledger/ledger.h"
#include "audit/handlers.h"
#include "dispatch/message.h"
#include "store/signer.h"
#include "vrx/v1/ledger.pb-c.h"

#define PURPOSE "audit (Number Act art. 29-3)"

/* The checkpoint of a size, as a reply's text. */
static struct vrx_result note_of(struct vrx_context *context, uint64_t size, char **ret_note) {
    struct vrx_buffer note VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_signer_note(context->tenant, size, context->now, &note));
    return vrx_arena_string(&context->arena, vrx_buffer_view(&note), ret_note);
}

/* A proof's hashes, as a reply's list. */
static struct vrx_result path_of(struct vrx_context *context, const struct vrx_merkle_proof *proof,
    size_t *ret_count, ProtobufCBinaryData **ret_path) {
    ProtobufCBinaryData *path = vrx_arena_alloc_array(&context->arena, proof->count, sizeof *path);
    if (!path)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < proof->count; i++)
        VRX_TRY(vrx_message_put_bytes(
            &context->arena, vrx_view_of(proof->hash[i].bytes, VRX_MERKLE_HASH), &path[i]));
    *ret_count = proof->count;
    *ret_path = path;
    return vrx_ok();
}

static uint64_t size_or_present(struct vrx_context *context, uint64_t size) {
    return size ? size : vrx_ledger_size(vrx_tenant_ledger(context->tenant));
}

static struct vrx_result get_checkpoint(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetCheckpointResponse *out = reply;
    return note_of(context, size_or_present(context, 0), &out->note);
}

static struct vrx_result prove_inclusion(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ProveInclusionRequest *in = request;
    Vrx__V1__ProveInclusionResponse *out = reply;
    struct vrx_ledger *ledger = vrx_tenant_ledger(context->tenant);
    uint64_t size = size_or_present(context, in->size);
    struct vrx_merkle_proof proof;
    VRX_TRY(vrx_ledger_prove_inclusion(ledger, in->index, size, &proof));
    VRX_TRY(path_of(context, &proof, &out->n_path, &out->path));
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_ledger_get(ledger, in->index, &entry));
    VRX_TRY(vrx_message_put_bytes(&context->arena, vrx_buffer_view(&entry), &out->entry));
    return note_of(context, size, &out->note);
}

static struct vrx_result prove_consistency(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ProveConsistencyRequest *in = request;
    Vrx__V1__ProveConsistencyResponse *out = reply;
    uint64_t size = size_or_present(context, in->second);
    struct vrx_merkle_proof proof;
    VRX_TRY(
        vrx_ledger_prove_consistency(vrx_tenant_ledger(context->tenant), in->first, size, &proof));
    VRX_TRY(path_of(context, &proof, &out->n_path, &out->path));
    return note_of(context, size, &out->note);
}

struct entries_state {
    bool begun;
    uint64_t next;
    uint64_t end;
};

static struct vrx_result export_entries(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Vrx__V1__ExportEntriesRequest *in = request;
    Vrx__V1__ExportEntriesResponse *out = reply;
    struct entries_state *state = context->state;
    struct vrx_ledger *ledger = vrx_tenant_ledger(context->tenant);
    if (!state->begun) {
        uint64_t size = vrx_ledger_size(ledger);
        if (in->from > size)
            return vrx_refuse(VRX_INPUT_RANGE, "ledger: from lies beyond the last entry");
        uint64_t rest = size - in->from;
        *state = (struct entries_state){
            true, in->from, in->from + (in->count && in->count < rest ? in->count : rest)};
    }
    if (state->next == state->end) {
        *ret_next = VRX_NEXT_DONE;
        return vrx_ok();
    }
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_ledger_get(ledger, state->next, &entry));
    VRX_TRY(vrx_message_put_bytes(&context->arena, vrx_buffer_view(&entry), &out->entry));
    out->index = state->next++;
    *ret_next = state->next == state->end ? VRX_NEXT_LAST : VRX_NEXT_MORE;
    return vrx_ok();
}

#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)

const struct vrx_method vrx_ledger_methods[VRX_LEDGER_METHODS] = {
    /* These two have hashes only; a custodian's process asks for them at the unseal and while it
     * stays (vrx watch), when nobody need be logged in. */
    {VRX_RPC("Ledger", "GetCheckpoint", get_checkpoint), .callers = CONSOLE, .purpose = PURPOSE,
        .handle = get_checkpoint},
    {VRX_RPC("Ledger", "ProveConsistency", prove_consistency), .callers = CONSOLE,
        .purpose = PURPOSE, .handle = prove_consistency},
    {VRX_RPC("Ledger", "ProveInclusion", prove_inclusion), .callers = CONSOLE,
        .roles = VRX_ROLE_AUDITOR, .purpose = PURPOSE, .handle = prove_inclusion},
    {VRX_RPC("Ledger", "ExportEntries", export_entries), .kind = VRX_CALL_SERVER_STREAM,
        .callers = CONSOLE, .roles = VRX_ROLE_AUDITOR, .purpose = PURPOSE, .next = export_entries,
        .state_size = sizeof(struct entries_state)},
};
