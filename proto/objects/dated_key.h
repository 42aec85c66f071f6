/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's public keys, each with the time in which it is in force. Keys change, and what
 * was signed before stays: every object is verified with the key whose identifier it names, and
 * only if that key was in force at the time that the object states. So an old key signs nothing
 * new, a key that the municipality did not announce signs nothing, and nothing that was ever good
 * stops being so.
 *
 *     dated-key = {
 *       1: bstr .size 8,                    ; kid: the start of SHA-256 of the next
 *       2: bstr,                            ; SubjectPublicKeyInfo
 *       3: time, 4: time,                   ; in force from, until (inclusive)
 *     }
 */
#ifndef VRX_OBJECTS_DATED_KEY_H
#define VRX_OBJECTS_DATED_KEY_H

#include "crypto/key.h"
#include "objects/checkpoint.h"
#include "objects/codec.h"

#define VRX_DATED_KID 8    /* bytes of a key identifier */
#define VRX_LIMIT_SPKI 128 /* bytes: a P-256 SubjectPublicKeyInfo takes 91 */
#define VRX_LIMIT_KEYS 32  /* of one kind and municipality: a change a year for 31 years */
#define VRX_KEY_NO_END INT64_C(253402300799) /* in force until the year 9999: no end is set */

struct vrx_dated_key {
    uint8_t kid[VRX_DATED_KID];
    struct vrx_view spki;
    int64_t from;
    int64_t until;
};

/* Keys of one kind of one municipality, in any order. */
struct vrx_dated_keys {
    const struct vrx_dated_key *list;
    size_t count;
};

extern const struct vrx_object_schema vrx_dated_key_schema; /* inside others, not signed itself */

/* Fills kid from spki, which is borrowed. Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_dated_key_make(
    struct vrx_view spki, int64_t from, int64_t until, struct vrx_dated_key *ret_key);

/* NULL when none has this identifier. */
const struct vrx_dated_key *vrx_dated_key_find(struct vrx_dated_keys keys, struct vrx_view kid);

bool vrx_dated_key_in_force(const struct vrx_dated_key *key, int64_t time);

/* The key to use at this time: of those in force the one that began last; NULL when none is. */
const struct vrx_dated_key *vrx_dated_key_at(struct vrx_dated_keys keys, int64_t time);

/* The key itself. Errors: VRX_KEY_INVALID when it is no public key or the identifier is not its
 * own; VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_dated_key_public(
    const struct vrx_dated_key *key, struct vrx_public_key **ret_key);

/* The time that an object states, whose schema must have one. */
int64_t vrx_object_time(const struct vrx_object_schema *schema, const void *object);

/* Verifies with that one of the keys that the message names, and sees that it was in force at the
 * time that the object states. The schema must have such a time. Errors: vrx_sign1_parse's;
 * VRX_KEY_UNKNOWN (RFC 9052 §3.1) when none has the kid; vrx_dated_key_public's;
 * VRX_SIGNATURE_INVALID, VRX_ALGORITHM_REFUSED; vrx_object_decode's; VRX_KEY_NOT_IN_FORCE. */
struct vrx_result vrx_object_verify_by(const struct vrx_object_schema *schema,
    struct vrx_view message, struct vrx_dated_keys keys, struct vrx_arena *arena, void *ret_object);

/* Verifies with the one key that is trusted, which the message must name: for what the platform
 * authority signs. Errors: vrx_object_verify's; VRX_KEY_UNKNOWN when it names another. */
struct vrx_result vrx_object_verify_pinned(const struct vrx_object_schema *schema,
    struct vrx_view message, const struct vrx_public_key *key, struct vrx_arena *arena,
    void *ret_object);

/* A checkpoint by any of the keys; *ret_key says by which. A note states no time: whether the key
 * was in force is the caller's to ask, by what else is known of the note. Errors:
 * vrx_checkpoint_verify's; VRX_KEY_UNKNOWN when none of the keys signed it. */
struct vrx_result vrx_checkpoint_verify_by(struct vrx_view note, struct vrx_dated_keys keys,
    struct vrx_checkpoint *ret_checkpoint, const struct vrx_dated_key **ret_key);

#endif
