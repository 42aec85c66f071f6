/* SPDX-License-Identifier: Apache-2.0
 *
 * See signer.h. Which key is in use is read at every signature: a row that a transaction rolls back
 * leaves nothing behind in memory.
 */
#include "store/signer.h"

#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "store/sql.h"

_Static_assert(VRX_KID == VRX_DATED_KID, "one way to name keys");

/* One signing key of the keyring. */
struct own_key {
    const struct vrx_private_key *private; /* NULL: only the public half is left */
    const uint8_t *kid;
    int64_t from, until;
};

static size_t key_count(const struct vrx_tenant_keys *keys) {
    return 1 + keys->previous_signing.count;
}

/* 0 is the present one, then the last, and so on. The first of all is good for all time before:
 * there was no other, and clocks of two machines differ. */
static struct own_key key_at(const struct vrx_tenant_keys *keys, size_t index) {
    const bool first_of_all = index + 1 == key_count(keys);
    if (index == 0)
        return (struct own_key){keys->signing, keys->signing_kid,
            first_of_all ? 0 : keys->signing_from, VRX_KEY_NO_END};
    const struct vrx_previous_key *key = &keys->previous_signing.key[index - 1];
    return (struct own_key){key->private, key->kid, first_of_all ? 0 : key->from, key->until};
}

static bool is_key(const struct own_key *key, struct vrx_view kid) {
    return vrx_view_equal(vrx_view_of(key->kid, VRX_KID), kid);
}

/* The SPKI of one; the present key has no public half of its own in memory. */
static struct vrx_result put_spki(
    const struct vrx_tenant_keys *keys, size_t index, struct vrx_buffer *out) {
    if (index)
        return vrx_public_key_to_spki(keys->previous_signing.key[index - 1].public, out);
    return vrx_private_key_to_spki(keys->signing, out);
}

/* The place of the key in use. Without a change it is the first key of all; where that has lost its
 * private half, the first that has one. */
static struct vrx_result find_in_use(struct vrx_tenant *tenant, size_t *ret_index) {
    const struct vrx_tenant_keys *keys = vrx_tenant_keys(tenant);
    uint8_t kid[VRX_KID];
    bool changed = false;
    size_t index = key_count(keys) - 1;
    VRX_STATEMENT(last, tenant, "SELECT new_kid FROM key_change ORDER BY entry DESC LIMIT 1");
    VRX_TRY(vrx_statement_row(&last, &changed));
    if (changed) {
        vrx_take_fixed(&last, kid, VRX_KID);
        VRX_TRY(last.error);
        for (index = 0; index < key_count(keys); index++) {
            const struct own_key key = key_at(keys, index);
            if (is_key(&key, vrx_view_of(kid, VRX_KID)))
                break;
        }
    }
    if (index == key_count(keys))
        return vrx_refuse(VRX_VAULT_DAMAGED, "signer.h: the keyring has the key in use");
    while (index && !key_at(keys, index).private)
        index--;
    *ret_index = index;
    return vrx_ok();
}

struct vrx_result vrx_signer_at(
    struct vrx_tenant *tenant, int64_t time, struct vrx_signer *ret_signer) {
    size_t index = 0;
    VRX_TRY(find_in_use(tenant, &index));
    struct own_key key = key_at(vrx_tenant_keys(tenant), index);
    if (key.until < time)
        key = key_at(vrx_tenant_keys(tenant), 0);
    *ret_signer = (struct vrx_signer){.key = key.private, .until = key.until};
    memcpy(ret_signer->kid, key.kid, VRX_KID);
    return vrx_ok();
}

struct vrx_result vrx_signer_sign(struct vrx_tenant *tenant, const struct vrx_object_schema *schema,
    const void *object, struct vrx_buffer *out) {
    struct vrx_signer signer;
    VRX_TRY(vrx_signer_at(tenant, vrx_object_time(schema, object), &signer));
    return vrx_object_sign(schema, object, signer.key, vrx_view_of(signer.kid, VRX_KID), out);
}

struct vrx_result vrx_signer_verify(struct vrx_tenant *tenant,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object) {
    const struct vrx_tenant_keys *keys = vrx_tenant_keys(tenant);
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_dated_key dated;
    struct vrx_dated_keys list = {&dated, 0};
    struct vrx_view kid;
    VRX_TRY(vrx_object_kid(message, &kid));
    for (size_t i = 0; i < key_count(keys) && !list.count; i++) {
        const struct own_key key = key_at(keys, i);
        if (!is_key(&key, kid))
            continue;
        VRX_TRY(put_spki(keys, i, &spki));
        VRX_TRY(vrx_dated_key_make(vrx_buffer_view(&spki), key.from, key.until, &dated));
        list.count = 1;
    }
    return vrx_object_verify_by(schema, message, list, arena, ret_object);
}

struct vrx_result vrx_signer_waiting(
    struct vrx_tenant *tenant, bool *ret_waits, struct vrx_signer_change *ret_change) {
    const struct vrx_tenant_keys *keys = vrx_tenant_keys(tenant);
    size_t index = 0;
    VRX_TRY(find_in_use(tenant, &index));
    *ret_waits = index > 0;
    if (!index)
        return vrx_ok();
    const struct own_key key = key_at(keys, index);
    ret_change->old_until = key.until;
    memcpy(ret_change->old_kid, key.kid, VRX_KID);
    memcpy(ret_change->new_kid, keys->signing_kid, VRX_KID);
    return vrx_ok();
}

struct vrx_result vrx_signer_change(struct vrx_tenant *tenant,
    const struct vrx_signer_change *change, uint64_t entry, int64_t now) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO key_change (entry, old_kid, new_kid, changed_at) VALUES (?, ?, ?, ?)");
    vrx_bind_int(&insert, (int64_t)entry);
    vrx_bind_bytes(&insert, vrx_view_of(change->old_kid, VRX_KID));
    vrx_bind_bytes(&insert, vrx_view_of(change->new_kid, VRX_KID));
    vrx_bind_int(&insert, now);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_signer_note(
    struct vrx_tenant *tenant, uint64_t size, int64_t now, struct vrx_buffer *out) {
    struct vrx_signer signer = {0};
    VRX_TRY(vrx_signer_at(tenant, now, &signer));
    return vrx_ledger_checkpoint(
        vrx_tenant_ledger(tenant), size, vrx_tenant_code(tenant), signer.key, out);
}

struct vrx_result vrx_signer_read_note(struct vrx_tenant *tenant, struct vrx_view note,
    struct vrx_checkpoint *ret_checkpoint, uint8_t ret_kid[VRX_DATED_KID]) {
    const struct vrx_tenant_keys *keys = vrx_tenant_keys(tenant);
    struct vrx_result result = vrx_fail(VRX_KEY_UNKNOWN);
    for (size_t i = 0; result.reason == VRX_KEY_UNKNOWN && i < key_count(keys); i++) {
        struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
        const struct own_key key = key_at(keys, i);
        const struct vrx_dated_key *by = NULL;
        struct vrx_dated_key dated;
        VRX_TRY(put_spki(keys, i, &spki));
        VRX_TRY(vrx_dated_key_make(vrx_buffer_view(&spki), key.from, key.until, &dated));
        result =
            vrx_checkpoint_verify_by(note, (struct vrx_dated_keys){&dated, 1}, ret_checkpoint, &by);
        if (vrx_is_ok(result))
            memcpy(ret_kid, key.kid, VRX_KID);
    }
    return result;
}

struct vrx_result vrx_signer_check_size(
    struct vrx_tenant *tenant, const uint8_t kid[VRX_DATED_KID], uint64_t size) {
    bool left = false;
    VRX_STATEMENT(change, tenant, "SELECT entry FROM key_change WHERE old_kid = ?");
    vrx_bind_bytes(&change, vrx_view_of(kid, VRX_KID));
    VRX_TRY(vrx_statement_row(&change, &left));
    if (!left)
        return vrx_ok();
    const int64_t entry = vrx_take_int(&change);
    VRX_TRY(change.error);
    return size <= (uint64_t)entry
               ? vrx_ok()
               : vrx_refuse(VRX_KEY_NOT_IN_FORCE, "C2SP tlog-checkpoint: by a key of its time");
}
