/* SPDX-License-Identifier: Apache-2.0
 *
 * One codec for all signed objects: a C struct and a table that says which member stands under
 * which key, of what kind and within which bounds. The encoding is deterministic CBOR: a map with
 * ascending integer keys. What the table does not allow is refused in both directions, so that
 * nobody signs what nobody would accept.
 *
 * A refusal's clause is the field's name ("consent.form_number") or, where no field fits, the
 * object's.
 *
 * Read next: objects.cddl for the formats, schema.h for the tables.
 */
#ifndef VRX_OBJECTS_CODEC_H
#define VRX_OBJECTS_CODEC_H

#include "base/arena.h"
#include "base/bytes.h"
#include "crypto/key.h"

struct vrx_object_schema;

/* Appends the encoding. Errors: VRX_INPUT_RANGE, VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT,
 * VRX_DATE_INVALID, VRX_CHECK_DIGIT_WRONG and VRX_INPUT_MALFORMED when a member is not what its row
 * allows; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_object_encode(
    const struct vrx_object_schema *schema, const void *object, struct vrx_buffer *out);

/* *ret_object is the schema's struct; what it points to lives in the arena and not in input. Bounds
 * are checked before anything is allocated by them. Errors: the CBOR reader's (STRICT) and those of
 * vrx_object_encode; VRX_INPUT_TYPE; VRX_INPUT_FIELD_MISSING; VRX_INPUT_FIELD_UNKNOWN;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_object_decode(const struct vrx_object_schema *schema, struct vrx_view input,
    struct vrx_arena *arena, void *ret_object);

/* Appends the object as COSE_Sign1 with the schema's name as externally supplied data (RFC 9052
 * §4.4): the signature of one kind of object never passes for another's. kid: 1 to 64 bytes.
 * Errors: vrx_object_encode's; vrx_sign1_make's. */
struct vrx_result vrx_object_sign(const struct vrx_object_schema *schema, const void *object,
    const struct vrx_private_key *key, struct vrx_view kid, struct vrx_buffer *out);

/* Which key a signed object names, before anything is believed of it; a view into message. Errors:
 * vrx_sign1_parse's. */
struct vrx_result vrx_object_kid(struct vrx_view message, struct vrx_view *ret_kid);

/* Verifies, and decodes only then. Errors: vrx_sign1_parse's; VRX_SIGNATURE_INVALID;
 * VRX_ALGORITHM_REFUSED; vrx_object_decode's. */
struct vrx_result vrx_object_verify(const struct vrx_object_schema *schema, struct vrx_view message,
    const struct vrx_public_key *key, struct vrx_arena *arena, void *ret_object);

#endif
