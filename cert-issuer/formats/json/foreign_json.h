/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON (RFC 8259) that somebody else wrote, an issuer that the trust list names or one that is to
 * be put there; or anybody at all, since a VDS-NC is JSON before its signature can be verified, at
 * most VRX_LIMIT_VDS_TEXT bytes of it. Read whole, by jansson, once its nesting is known to be
 * bounded and there is memory for it; and what is asked of its members.
 */
#ifndef VRX_FORMATS_JSON_FOREIGN_JSON_H
#define VRX_FORMATS_JSON_FOREIGN_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/bytes.h"

/* An object and nothing after it. The caller frees it with vrx_foreign_json_done. Errors:
 * VRX_INPUT_TOO_DEEP over VRX_LIMIT_JSON_DEPTH; VRX_INPUT_MALFORMED; VRX_INPUT_TEXT (not UTF-8, or
 * U+0000); VRX_INPUT_DUPLICATE_KEY; VRX_INPUT_RANGE (a number that fits no 64 bits);
 * VRX_INPUT_TRAILING; VRX_INPUT_TYPE (another value than an object); VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_foreign_json_read(struct vrx_view text, json_t **ret_object);
/* The same of an array. */
struct vrx_result vrx_foreign_json_read_array(struct vrx_view text, json_t **ret_array);
/* A cleanup function. */
void vrx_foreign_json_done(json_t **object);

/* The member of this type, NULL where there is none. Errors: VRX_INPUT_TYPE with the clause for a
 * member of another type, null among them, and for an object that is none. */
struct vrx_result vrx_foreign_json_member(const json_t *object, const char *key, json_type type,
    const char *clause, const json_t **ret_member);
/* The same; VRX_INPUT_FIELD_MISSING with the clause where there is none. */
struct vrx_result vrx_foreign_json_needed(const json_t *object, const char *key, json_type type,
    const char *clause, const json_t **ret_member);
/* The text of a member, which lives in the arena; empty where there is none. Errors: the same;
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_JSON_FIELD bytes; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_foreign_json_text(struct vrx_arena *arena, const json_t *object,
    const char *key, const char *clause, struct vrx_view *ret_text);
/* The member is there and is this text. */
bool vrx_foreign_json_is(const json_t *object, const char *key, const char *text);

#endif
