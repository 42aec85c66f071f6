/* SPDX-License-Identifier: Apache-2.0
 *
 * A keyring with a new signing key, and perhaps a new exchange key, for an open vault. It comes in
 * force as other custodians' does (replace_keyring.c). The new signing key is at hand afterwards
 * and signs nothing before others can verify it: key_change.h. What was sealed to the old exchange
 * key is still opened with it.
 */
#include <stdio.h>

#include "admin/handlers.h"
#include "admin/replace.h"
#include "base/encode.h"
#include "keyring/keyring.h"
#include "objects/query.h"
#include "store/signer.h"
#include "vrx/v1/tenancy.pb-c.h"

#define METHOD "/vrx.v1.Tenancy/RotateSigningKey"

/* The municipality's clock and ours may differ by so many seconds. */
#define CLOCK_SKEW 300

static bool is_same(const uint8_t a[VRX_KID], const uint8_t b[VRX_KID]) {
    return memcmp(a, b, VRX_KID) == 0;
}

/* An entry that names both keys. */
static struct vrx_result record(struct vrx_errand *errand, const char *what,
    const uint8_t old_kid[VRX_KID], const uint8_t new_kid[VRX_KID]) {
    char basis[VRX_LIMIT_BASIS + 1];
    char from[2 * VRX_KID + 1];
    char to[2 * VRX_KID + 1];
    vrx_hex_string(vrx_view_of(old_kid, VRX_KID), from);
    vrx_hex_string(vrx_view_of(new_kid, VRX_KID), to);
    (void)snprintf(basis, sizeof basis, "%s %s -> %s", what, from, to);
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(basis)};
    return vrx_context_record(errand->context, METHOD, VRX_TENANCY_PURPOSE, &facts, VRX_OK, NULL);
}

/* A key whose private half the new keyring leaves out must not be needed any more. */
static struct vrx_result check_left_out(
    struct vrx_errand *errand, const struct vrx_tenant_keys *used, bool exchange) {
    const struct vrx_previous_keys *before = &used->previous_exchange;
    struct vrx_signer_change change;
    bool waits = false;
    VRX_TRY(vrx_signer_waiting(errand->context->tenant, &waits, &change));
    if (waits)
        return vrx_refuse(
            VRX_WRONG_STATE, "the last change waits for a directory that names the new key");
    if (exchange && before->count && before->key[0].private &&
        before->key[0].until + VRX_LIMIT_QUERY_SECONDS >= errand->context->now)
        return vrx_refuse(VRX_WRONG_STATE,
            "messages to the last exchange key may be under way for 14 days after its time");
    return vrx_ok();
}

static struct vrx_result check(struct vrx_errand *errand) {
    const struct vrx_tenant_keys *used = vrx_tenant_keys(errand->context->tenant);
    const struct vrx_tenant_keys *next = *errand->keys;
    const bool signing = !is_same(used->signing_kid, next->signing_kid);
    const bool exchange = !is_same(used->exchange_kid, next->exchange_kid);
    const int64_t latest = errand->context->now + CLOCK_SKEW;
    if (!signing && !exchange)
        return vrx_refuse(VRX_INPUT_RANGE, "the keyring has no new signing or exchange key");
    if ((signing && next->signing_from > latest) || (exchange && next->exchange_from > latest))
        return vrx_refuse(VRX_INPUT_RANGE, "the new key's time begins in the future");
    VRX_TRY(check_left_out(errand, used, exchange));
    if (signing)
        VRX_TRY(record(errand, "signing key made", used->signing_kid, next->signing_kid));
    if (exchange)
        VRX_TRY(record(errand, "exchange key", used->exchange_kid, next->exchange_kid));
    return vrx_ok();
}

struct vrx_result vrx_tenancy_rotate_signing_key(
    struct vrx_context *context, const void *request, void *reply) {
    static const struct vrx_replacement rotation = {METHOD, check};
    const Vrx__V1__RotateSigningKeyRequest *in = request;
    Vrx__V1__RotateSigningKeyResponse *out = reply;
    size_t missing = 0;
    VRX_TRY(vrx_replace_keyring(context, in->session_id, in->wrapped_root, &rotation, &missing));
    out->missing = (uint32_t)missing;
    if (!missing)
        atomic_store(&context->slot->key_due, 0);
    return vrx_ok();
}
