/* SPDX-License-Identifier: Apache-2.0 */
#include "objects/dated_key.h"

#include "cose/sign1.h"
#include "crypto/hash.h"
#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, dated_key, kid),
    ROW_BYTES(2, dated_key, spki, 1, VRX_LIMIT_SPKI),
    ROW_TIME(3, dated_key, from),
    ROW_TIME(4, dated_key, until),
};

const struct vrx_object_schema vrx_dated_key_schema =
    ROW_SCHEMA(dated_key, "vrx.dated-key.1", fields);

static struct vrx_view kid_of(const struct vrx_dated_key *key) {
    return vrx_view_of(key->kid, sizeof key->kid);
}

struct vrx_result vrx_dated_key_make(
    struct vrx_view spki, int64_t from, int64_t until, struct vrx_dated_key *ret_key) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_sha256(spki, digest));
    *ret_key = (struct vrx_dated_key){.spki = spki, .from = from, .until = until};
    memcpy(ret_key->kid, digest, sizeof ret_key->kid);
    return vrx_ok();
}

const struct vrx_dated_key *vrx_dated_key_find(struct vrx_dated_keys keys, struct vrx_view kid) {
    for (size_t i = 0; i < keys.count; i++)
        if (vrx_view_equal(kid_of(&keys.list[i]), kid))
            return keys.list + i;
    return NULL;
}

bool vrx_dated_key_in_force(const struct vrx_dated_key *key, int64_t time) {
    return key->from <= time && time <= key->until;
}

const struct vrx_dated_key *vrx_dated_key_at(struct vrx_dated_keys keys, int64_t time) {
    const struct vrx_dated_key *newest = NULL;
    for (size_t i = 0; i < keys.count; i++)
        if (vrx_dated_key_in_force(&keys.list[i], time) &&
            (!newest || keys.list[i].from > newest->from))
            newest = &keys.list[i];
    return newest;
}

struct vrx_result vrx_dated_key_public(
    const struct vrx_dated_key *key, struct vrx_public_key **ret_key) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_sha256(key->spki, digest));
    if (memcmp(digest, key->kid, sizeof key->kid) != 0)
        return vrx_refuse(VRX_KEY_INVALID, "dated_key.kid");
    return vrx_public_key_from_spki(key->spki, ret_key);
}

int64_t vrx_object_time(const struct vrx_object_schema *schema, const void *object) {
    int64_t time = 0;
    memcpy(&time, (const uint8_t *)object + schema->time_offset, sizeof time);
    return time;
}

struct vrx_result vrx_object_verify_by(const struct vrx_object_schema *schema,
    struct vrx_view message, struct vrx_dated_keys keys, struct vrx_arena *arena,
    void *ret_object) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *public = NULL;
    struct vrx_view kid;
    if (!schema->stated_time)
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_TRY(vrx_object_kid(message, &kid));
    const struct vrx_dated_key *key = vrx_dated_key_find(keys, kid);
    if (!key)
        return vrx_refuse(VRX_KEY_UNKNOWN, "RFC 9052 §3.1: kid, a key of the municipality");
    VRX_TRY(vrx_dated_key_public(key, &public));
    void *object = vrx_arena_alloc(arena, schema->size);
    if (!object)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_object_verify(schema, message, public, arena, object));
    if (!vrx_dated_key_in_force(key, vrx_object_time(schema, object)))
        return vrx_refuse(VRX_KEY_NOT_IN_FORCE, schema->stated_time);
    memcpy(ret_object, object, schema->size);
    return vrx_ok();
}

struct vrx_result vrx_object_verify_pinned(const struct vrx_object_schema *schema,
    struct vrx_view message, const struct vrx_public_key *key, struct vrx_arena *arena,
    void *ret_object) {
    uint8_t digest[VRX_SHA256];
    struct vrx_view kid;
    VRX_TRY(vrx_object_kid(message, &kid));
    VRX_TRY(vrx_public_key_spki_sha256(key, digest));
    if (!vrx_view_equal(kid, vrx_view_of(digest, VRX_DATED_KID)))
        return vrx_refuse(VRX_KEY_UNKNOWN, "RFC 9052 §3.1: kid, the platform authority's key");
    return vrx_object_verify(schema, message, key, arena, ret_object);
}

struct vrx_result vrx_checkpoint_verify_by(struct vrx_view note, struct vrx_dated_keys keys,
    struct vrx_checkpoint *ret_checkpoint, const struct vrx_dated_key **ret_key) {
    struct vrx_result result = vrx_fail(VRX_KEY_UNKNOWN);
    if (!keys.count)
        return vrx_refuse(VRX_KEY_UNKNOWN, "C2SP signed-note, Signatures");
    for (size_t i = 0; result.reason == VRX_KEY_UNKNOWN && i < keys.count; i++) {
        VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *public = NULL;
        VRX_TRY(vrx_dated_key_public(&keys.list[i], &public));
        result = vrx_checkpoint_verify(note, public, ret_checkpoint);
        if (vrx_is_ok(result))
            *ret_key = &keys.list[i];
    }
    return result;
}
