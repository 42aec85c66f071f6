/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing deterministic CBOR (RFC 8949 §4.2.1) with a sticky error. Heads are minimal by
 * construction; that map keys ascend is checked as they are written. One writer writes one item.
 * Ask once, at the end.
 */
#ifndef VRX_CBOR_WRITER_H
#define VRX_CBOR_WRITER_H

#include "base/bytes.h"
#include "base/limits.h"

struct vrx_cbor_writer {
    struct vrx_buffer *out; /* borrowed */
    struct vrx_result error;
    size_t start; /* out->len at init */
    bool done;    /* the item is complete */
    size_t depth;
    struct vrx_cbor_level {
        uint64_t left; /* items still owed at this level; keys and values count singly */
        bool map;
        size_t item_at; /* where this container starts in out */
        size_t key_at;  /* where the previous key starts in out, SIZE_MAX before the first */
        size_t key_len;
    } level[VRX_LIMIT_CBOR_DEPTH];
};

/* Appends to out. */
void vrx_cbor_writer_init(struct vrx_cbor_writer *writer, struct vrx_buffer *out);

void vrx_cbor_put_uint(struct vrx_cbor_writer *writer, uint64_t value);
void vrx_cbor_put_int(struct vrx_cbor_writer *writer, int64_t value);
void vrx_cbor_put_bytes(struct vrx_cbor_writer *writer, struct vrx_view bytes);
/* Errors (sticky): VRX_INPUT_TEXT when it is not UTF-8. */
void vrx_cbor_put_text(struct vrx_cbor_writer *writer, struct vrx_view text);
void vrx_cbor_put_bool(struct vrx_cbor_writer *writer, bool value);
void vrx_cbor_put_null(struct vrx_cbor_writer *writer);
/* count items follow. */
void vrx_cbor_put_array(struct vrx_cbor_writer *writer, uint64_t count);
/* count pairs follow, keys ascending bytewise by their encoding. */
void vrx_cbor_put_map(struct vrx_cbor_writer *writer, uint64_t count);
/* One item follows, the tagged one. */
void vrx_cbor_put_tag(struct vrx_cbor_writer *writer, uint64_t tag);
/* One complete item, already deterministic CBOR (the caller's word). */
void vrx_cbor_put_item(struct vrx_cbor_writer *writer, struct vrx_view item);

/* On an error out is as it was at init. The sticky error: VRX_OUT_OF_MEMORY, VRX_INPUT_TOO_LARGE,
 * VRX_INPUT_TEXT, VRX_INPUT_TOO_DEEP; or VRX_INTERNAL_ERROR when keys did not ascend or items are
 * owed or too many: the caller's defect. */
struct vrx_result vrx_cbor_writer_finish(struct vrx_cbor_writer *writer);

#endif
