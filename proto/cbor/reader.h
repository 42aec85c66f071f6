/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading CBOR without allocating: pull one item after another from a view; texts and byte strings
 * are views into the input. Built on libcbor's streaming decoder alone.
 *
 * STRICT accepts deterministic encoding only (RFC 8949 §4.2.1): shortest heads, definite lengths,
 * ascending and therefore unique keys, valid UTF-8, no floats, no undefined, depth to
 * VRX_LIMIT_CBOR_DEPTH, no bytes after the item. FOREIGN is for certificates that other issuers
 * made: any well-formed CBOR of that depth (indefinite lengths, floats, any key order), still no
 * duplicate keys among integers, texts and byte strings, valid UTF-8 and nothing after the item;
 * simple values other than false, true, null and undefined are VRX_INPUT_TYPE in both modes.
 *
 * init checks the whole input once; the pulls afterwards can fail on type and range only.
 */
#ifndef VRX_CBOR_READER_H
#define VRX_CBOR_READER_H

#include "base/bytes.h"
#include "base/limits.h"

enum vrx_cbor_mode {
    VRX_CBOR_STRICT,
    VRX_CBOR_FOREIGN,
};

enum vrx_cbor_type {
    VRX_CBOR_UINT,
    VRX_CBOR_NEGINT,
    VRX_CBOR_BYTES,
    VRX_CBOR_TEXT,
    VRX_CBOR_ARRAY,
    VRX_CBOR_MAP,
    VRX_CBOR_TAG,
    VRX_CBOR_BOOL,
    VRX_CBOR_NULL,
    VRX_CBOR_UNDEFINED, /* FOREIGN only */
    VRX_CBOR_FLOAT,     /* FOREIGN only */
    VRX_CBOR_END,       /* no item left at this level */
};

struct vrx_cbor_reader {
    struct vrx_view input;
    size_t at; /* offset of the next item */
    enum vrx_cbor_mode mode;
};

/* Errors: VRX_INPUT_TRUNCATED, VRX_INPUT_TRAILING, VRX_INPUT_MALFORMED, VRX_INPUT_NOT_CANONICAL,
 * VRX_INPUT_DUPLICATE_KEY, VRX_INPUT_TOO_DEEP, VRX_INPUT_TEXT, VRX_INPUT_TYPE (floats and undefined
 * in STRICT), VRX_INPUT_TOO_LARGE over VRX_LIMIT_CBOR_BYTES or, in FOREIGN, over
 * VRX_LIMIT_CBOR_FOREIGN_KEYS; each with its clause. Arrays, maps, tags and indefinite strings each
 * count as one level of depth. The input must outlive the reader. */
struct vrx_result vrx_cbor_reader_init(
    struct vrx_cbor_reader *reader, enum vrx_cbor_mode mode, struct vrx_view input);

/* The same for the first item of input; *ret_used is its length and more may follow (sequences). */
struct vrx_result vrx_cbor_measure(
    enum vrx_cbor_mode mode, struct vrx_view input, size_t *ret_used);

/* The type of the next item, without taking it. A break of an indefinite container is VRX_CBOR_END
 * too, as is the end of the input. */
enum vrx_cbor_type vrx_cbor_peek(const struct vrx_cbor_reader *reader);

/* Each takes one item. Errors of all: VRX_INPUT_TYPE when the item is of another type;
 * VRX_INPUT_RANGE when it does not fit. The reader stays before the item then. */
struct vrx_result vrx_cbor_uint(struct vrx_cbor_reader *reader, uint64_t *ret_value);
struct vrx_result vrx_cbor_int(struct vrx_cbor_reader *reader, int64_t *ret_value);
/* An indefinite string (FOREIGN) is VRX_INPUT_TYPE here: nobody needs one. */
struct vrx_result vrx_cbor_bytes(struct vrx_cbor_reader *reader, struct vrx_view *ret_bytes);
struct vrx_result vrx_cbor_text(struct vrx_cbor_reader *reader, struct vrx_view *ret_text);
struct vrx_result vrx_cbor_bool(struct vrx_cbor_reader *reader, bool *ret_value);
struct vrx_result vrx_cbor_null(struct vrx_cbor_reader *reader);
struct vrx_result vrx_cbor_tag(struct vrx_cbor_reader *reader, uint64_t *ret_tag);
/* FOREIGN: an integer or a float, truncated towards zero (NumericDate, RFC 8392 §2). */
struct vrx_result vrx_cbor_number(struct vrx_cbor_reader *reader, int64_t *ret_value);
/* Enter a container. *ret_count is the number of items or pairs, or UINT64_MAX for an indefinite
 * one (FOREIGN): then pull until vrx_cbor_peek gives VRX_CBOR_END and call vrx_cbor_leave. */
struct vrx_result vrx_cbor_array(struct vrx_cbor_reader *reader, uint64_t *ret_count);
struct vrx_result vrx_cbor_map(struct vrx_cbor_reader *reader, uint64_t *ret_count);
/* Takes the break of an indefinite container. */
struct vrx_result vrx_cbor_leave(struct vrx_cbor_reader *reader);
/* Takes one complete item of any type; *ret_item is its encoding. */
struct vrx_result vrx_cbor_item(struct vrx_cbor_reader *reader, struct vrx_view *ret_item);

#endif
