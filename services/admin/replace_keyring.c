/* SPDX-License-Identifier: Apache-2.0
 *
 * Other custodians for an open vault. The daemon keeps no root key to compare with; so the new
 * keyring's own custodians open it, as in an unseal, and what it opens must be the keys in use.
 * That shows at once that it is this municipality's and that they are able to open it.
 *
 * The entry in the ledger is durable before the file is replaced: a crash between the two leaves
 * the old keyring in force and the attempt on record, and the custodians do it again.
 */
#include <stdio.h>

#include "admin/handlers.h"
#include "admin/replace.h"
#include "dispatch/message.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "vrx/v1/tenancy.pb-c.h"

#define METHOD "/vrx.v1.Tenancy/ReplaceKeyring"

/* Joins what was begun with the same bytes; forgets what was begun with others. */
static struct vrx_result session_for(struct vrx_context *context, struct vrx_view keyring) {
    struct vrx_slot *slot = context->slot;
    struct vrx_keyring parsed;
    struct vrx_keyring in_force;
    if (vrx_view_equal(keyring, vrx_buffer_view(&slot->keyring)))
        return vrx_refuse(VRX_ALREADY_EXISTS, "this keyring is in force already");
    VRX_TRY(vrx_keyring_parse(keyring, &parsed));
    if (!vrx_municipality_code_equal(&parsed.municipality, &slot->code))
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "the keyring is another municipality's");
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&slot->keyring), &in_force));
    if (parsed.serial <= in_force.serial)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "the keyring is not newer than the one in force");
    if (slot->replacing && !vrx_unseal_is_over(slot->replacing, vrx_steady_seconds()) &&
        vrx_view_equal(keyring, vrx_unseal_challenge(slot->replacing).keyring))
        return vrx_ok();
    vrx_unseal_session_free(&slot->replacing);
    return vrx_unseal_begin(keyring, vrx_steady_seconds(), context->random, &slot->replacing);
}

struct vrx_result vrx_tenancy_begin_replace_keyring(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__BeginReplaceKeyringRequest *in = request;
    Vrx__V1__BeginReplaceKeyringResponse *out = reply;
    VRX_TRY(session_for(context, vrx_view_of(in->keyring.data, in->keyring.len)));
    struct vrx_unseal_challenge challenge = vrx_unseal_challenge(context->slot->replacing);
    VRX_TRY(vrx_message_put_bytes(&context->arena, challenge.session_id, &out->session_id));
    return vrx_message_put_bytes(&context->arena, challenge.ephemeral_point, &out->ephemeral_point);
}

static struct vrx_result take_share(struct vrx_context *context, ProtobufCBinaryData session_id,
    ProtobufCBinaryData wrapped_root, size_t *ret_missing) {
    struct vrx_unseal_session *session = context->slot->replacing;
    const int64_t now = vrx_steady_seconds();
    if (!session || vrx_unseal_is_over(session, now) ||
        !vrx_view_equal(
            vrx_unseal_challenge(session).session_id, vrx_view_of(session_id.data, session_id.len)))
        return vrx_refuse(VRX_NOT_FOUND, "keyring: begin it first; it waits ten minutes");
    uint8_t exporter[VRX_TLS_EXPORTER];
    vrx_call_export_keying(context->call, exporter);
    return vrx_unseal_take(
        session, exporter, vrx_view_of(wrapped_root.data, wrapped_root.len), now, ret_missing);
}

/* On the tenant's thread: what the new keyring opens is what is in use. */
static struct vrx_result work_compare(struct vrx_errand *errand) {
    const struct vrx_tenant_keys *used = vrx_tenant_keys(errand->context->tenant);
    const struct vrx_tenant_keys *opened = *errand->keys;
    VRX_TRY(vrx_errand_record_custodians(errand, vrx_unseal_challenge(errand->session).keyring));
    VRX_TRY(vrx_tenant_keys_follow(used, vrx_tenant_vault_key(errand->context->tenant), opened));
    return errand->check(errand);
}

/* On the tenant's thread, when the keyring is in force: what is new in it is used from now on. */
static struct vrx_result work_adopt(struct vrx_errand *errand) {
    vrx_tenant_adopt_keys(errand->context->tenant, errand->keys);
    return vrx_ok();
}

static struct vrx_result work_failed(struct vrx_errand *errand) {
    return errand->failure;
}

static struct vrx_result write_keyring(struct vrx_slot *slot, struct vrx_view keyring) {
    char path[4096];
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    if ((size_t)snprintf(path, sizeof path, "%s/keyring.cbor", slot->folder) >= sizeof path)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_buffer_append(&bytes, keyring));
    VRX_TRY(vrx_file_replace(path, 0600, keyring));
    const struct vrx_buffer before = slot->keyring;
    slot->keyring = bytes;
    bytes = before;
    return vrx_ok();
}

/* With all shares there. */
static struct vrx_result replace(
    struct vrx_context *context, const struct vrx_replacement *replacement) {
    struct vrx_slot *slot = context->slot;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    const struct vrx_view bytes = vrx_unseal_challenge(slot->replacing).keyring;
    struct vrx_keyring keyring;
    VRX_TRY(vrx_keyring_parse(bytes, &keyring));
    VRX_TRY(vrx_unseal_finish(slot->replacing, &root));
    VRX_TRY(vrx_keyring_unlock(&keyring, root, &keys));
    struct vrx_errand errand = {.context = context,
        .work = work_compare,
        .check = replacement->check,
        .method = replacement->method,
        .session = slot->replacing,
        .keys = &keys};
    VRX_TRY(vrx_errand_send(&errand));
    struct vrx_result result = write_keyring(slot, bytes);
    if (vrx_is_ok(result)) {
        errand.work = work_adopt;
        errand.method = NULL;
        result = vrx_errand_send(&errand);
        return result.reason == VRX_TENANT_SEALED ? vrx_ok() : result; /* the next unseal adopts */
    }
    errand.work = work_failed;
    errand.failure = result;
    return vrx_errand_send(&errand);
}

struct vrx_result vrx_replace_keyring(struct vrx_context *context, ProtobufCBinaryData session_id,
    ProtobufCBinaryData wrapped_root, const struct vrx_replacement *replacement,
    size_t *ret_missing) {
    size_t missing = 0;
    VRX_TRY(take_share(context, session_id, wrapped_root, &missing));
    *ret_missing = missing;
    if (missing)
        return vrx_ok();
    struct vrx_result result = replace(context, replacement);
    vrx_unseal_session_free(&context->slot->replacing);
    return result;
}

/* The municipality's public keys stay: others know it by them. */
static struct vrx_result check_same_public(struct vrx_errand *errand) {
    const struct vrx_tenant_keys *used = vrx_tenant_keys(errand->context->tenant);
    const struct vrx_tenant_keys *next = *errand->keys;
    if (memcmp(used->signing_kid, next->signing_kid, VRX_KID) != 0 ||
        memcmp(used->exchange_kid, next->exchange_kid, VRX_KID) != 0)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED,
            "signing and exchange key are those in use; RotateSigningKey changes them");
    return vrx_ok();
}

struct vrx_result vrx_tenancy_replace_keyring(
    struct vrx_context *context, const void *request, void *reply) {
    static const struct vrx_replacement custodians = {METHOD, check_same_public};
    const Vrx__V1__ReplaceKeyringRequest *in = request;
    Vrx__V1__ReplaceKeyringResponse *out = reply;
    size_t missing = 0;
    VRX_TRY(vrx_replace_keyring(context, in->session_id, in->wrapped_root, &custodians, &missing));
    out->missing = (uint32_t)missing;
    return vrx_ok();
}
