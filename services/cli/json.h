/* SPDX-License-Identifier: Apache-2.0
 *
 * Machine-readable output: one JSON value (RFC 8259) a line, UTF-8. Identifiers and digests are
 * hexadecimal, instants are RFC 3339 in UTC.
 *
 * An object is filled with the functions here and printed or handed on. Memory that runs out on the
 * way makes the whole object NULL, so it is asked for once, at the end.
 */
#ifndef VRX_CLI_JSON_H
#define VRX_CLI_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "base/bytes.h"

struct vrx_json {
    json_t *value; /* NULL after a failure */
};

void vrx_json_object(struct vrx_json *ret_json);
void vrx_json_array(struct vrx_json *ret_json);
/* A cleanup function. */
void vrx_json_done(struct vrx_json *json);

/* Text that is not UTF-8 (no field of a message may be so) becomes U+FFFD as a whole. */
void vrx_json_text(struct vrx_json *json, const char *name, const char *text);
void vrx_json_number(struct vrx_json *json, const char *name, uint64_t number);
void vrx_json_bool(struct vrx_json *json, const char *name, bool value);
void vrx_json_hex(struct vrx_json *json, const char *name, struct vrx_view bytes);
void vrx_json_time(struct vrx_json *json, const char *name, int64_t time);
/* These take over inner, which is empty afterwards. */
void vrx_json_put(struct vrx_json *json, const char *name, struct vrx_json *inner);
void vrx_json_add(struct vrx_json *array, struct vrx_json *inner);
void vrx_json_add_number(struct vrx_json *array, uint64_t number);
void vrx_json_add_text(struct vrx_json *array, const char *text);
void vrx_json_add_hex(struct vrx_json *array, struct vrx_view bytes);

/* On standard output, one line. The exit status; what failed is said on standard error. */
int vrx_json_print(const struct vrx_json *json);
/* Appends it, indented, with a line feed. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_json_write(const struct vrx_json *json, struct vrx_buffer *out);

static inline struct vrx_view vrx_bytes_view(ProtobufCBinaryData bytes) {
    return vrx_view_of(bytes.data, bytes.len);
}

#endif
