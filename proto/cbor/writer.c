/* SPDX-License-Identifier: Apache-2.0
 *
 * Heads come from libcbor's encoders, which choose the shortest form. The levels count what is
 * owed, so that a forgotten or superfluous item is an error here and not at the other municipality.
 *
 * Read next: reader.c.
 */
#include "cbor/writer.h"

#include <cbor.h>

#include "base/text.h"

#define HEAD_MAX 9

void vrx_cbor_writer_init(struct vrx_cbor_writer *writer, struct vrx_buffer *out) {
    *writer = (struct vrx_cbor_writer){.out = out, .start = out->len};
}

static void fail(struct vrx_cbor_writer *writer, struct vrx_result error) {
    if (vrx_is_ok(writer->error))
        writer->error = error;
}

/* True when another item may be written. */
static bool ready(struct vrx_cbor_writer *writer) {
    if (writer->done)
        fail(writer, vrx_refuse(VRX_INTERNAL_ERROR, "RFC 8949 §5.1: one item was promised"));
    return vrx_is_ok(writer->error);
}

static bool append(struct vrx_cbor_writer *writer, struct vrx_view bytes) {
    fail(writer, vrx_buffer_append(writer->out, bytes));
    return vrx_is_ok(writer->error);
}

static void check_key(
    struct vrx_cbor_writer *writer, struct vrx_cbor_level *level, size_t key_at, size_t key_len) {
    const uint8_t *start = writer->out->ptr;
    if (level->key_at != SIZE_MAX &&
        vrx_view_compare(vrx_view_of(start + level->key_at, level->key_len),
            vrx_view_of(start + key_at, key_len)) >= 0)
        fail(writer, vrx_refuse(VRX_INTERNAL_ERROR, "RFC 8949 §4.2.1: map keys ascend"));
    level->key_at = key_at;
    level->key_len = key_len;
}

/* The item that starts at item_at is complete, and with it perhaps the containers around it. */
static void complete(struct vrx_cbor_writer *writer, size_t item_at) {
    while (writer->depth) {
        struct vrx_cbor_level *level = &writer->level[writer->depth - 1];
        if (level->map && level->left % 2 == 0)
            check_key(writer, level, item_at, writer->out->len - item_at);
        if (--level->left)
            return;
        item_at = level->item_at;
        writer->depth--;
    }
    writer->done = true;
}

static void put_scalar(struct vrx_cbor_writer *writer, struct vrx_view head) {
    size_t at = writer->out->len;
    if (ready(writer) && append(writer, head))
        complete(writer, at);
}

static void put_string(
    struct vrx_cbor_writer *writer, struct vrx_view head, struct vrx_view content) {
    size_t at = writer->out->len;
    if (ready(writer) && append(writer, head) && append(writer, content))
        complete(writer, at);
}

static void put_container(
    struct vrx_cbor_writer *writer, struct vrx_view head, bool map, uint64_t left) {
    size_t at = writer->out->len;
    if (!ready(writer))
        return;
    if (writer->depth == VRX_LIMIT_CBOR_DEPTH) {
        fail(writer, vrx_refuse(VRX_INPUT_TOO_DEEP, "RFC 8949 §10: nested deeper than 16 levels"));
        return;
    }
    if (!append(writer, head))
        return;
    if (left == 0) {
        complete(writer, at);
        return;
    }
    writer->level[writer->depth++] =
        (struct vrx_cbor_level){.left = left, .map = map, .item_at = at, .key_at = SIZE_MAX};
}

void vrx_cbor_put_uint(struct vrx_cbor_writer *writer, uint64_t value) {
    uint8_t head[HEAD_MAX];
    put_scalar(writer, vrx_view_of(head, cbor_encode_uint(value, head, sizeof head)));
}

void vrx_cbor_put_int(struct vrx_cbor_writer *writer, int64_t value) {
    uint8_t head[HEAD_MAX];
    size_t len = value >= 0 ? cbor_encode_uint((uint64_t)value, head, sizeof head)
                            : cbor_encode_negint((uint64_t)(-1 - value), head, sizeof head);
    put_scalar(writer, vrx_view_of(head, len));
}

void vrx_cbor_put_bytes(struct vrx_cbor_writer *writer, struct vrx_view bytes) {
    uint8_t head[HEAD_MAX];
    size_t len = cbor_encode_bytestring_start(bytes.len, head, sizeof head);
    put_string(writer, vrx_view_of(head, len), bytes);
}

void vrx_cbor_put_text(struct vrx_cbor_writer *writer, struct vrx_view text) {
    uint8_t head[HEAD_MAX];
    size_t len = cbor_encode_string_start(text.len, head, sizeof head);
    if (!vrx_utf8_valid(text))
        fail(writer, vrx_refuse(VRX_INPUT_TEXT, "RFC 8949 §3.1: text is UTF-8"));
    put_string(writer, vrx_view_of(head, len), text);
}

void vrx_cbor_put_bool(struct vrx_cbor_writer *writer, bool value) {
    uint8_t head[HEAD_MAX];
    put_scalar(writer, vrx_view_of(head, cbor_encode_bool(value, head, sizeof head)));
}

void vrx_cbor_put_null(struct vrx_cbor_writer *writer) {
    uint8_t head[HEAD_MAX];
    put_scalar(writer, vrx_view_of(head, cbor_encode_null(head, sizeof head)));
}

void vrx_cbor_put_array(struct vrx_cbor_writer *writer, uint64_t count) {
    uint8_t head[HEAD_MAX];
    size_t len = cbor_encode_array_start((size_t)count, head, sizeof head);
    put_container(writer, vrx_view_of(head, len), false, count);
}

void vrx_cbor_put_map(struct vrx_cbor_writer *writer, uint64_t count) {
    uint8_t head[HEAD_MAX];
    size_t len = cbor_encode_map_start((size_t)count, head, sizeof head);
    if (count > UINT64_MAX / 2)
        fail(writer, vrx_refuse(VRX_INPUT_TOO_LARGE, "RFC 8949 §3.1: pairs of a map"));
    put_container(writer, vrx_view_of(head, len), true, count * 2);
}

void vrx_cbor_put_tag(struct vrx_cbor_writer *writer, uint64_t tag) {
    uint8_t head[HEAD_MAX];
    size_t len = cbor_encode_tag(tag, head, sizeof head);
    put_container(writer, vrx_view_of(head, len), false, 1);
}

void vrx_cbor_put_item(struct vrx_cbor_writer *writer, struct vrx_view item) {
    if (item.len == 0)
        fail(writer, vrx_refuse(VRX_INTERNAL_ERROR, "RFC 8949 §3: an item takes a byte at least"));
    put_scalar(writer, item);
}

struct vrx_result vrx_cbor_writer_finish(struct vrx_cbor_writer *writer) {
    if (!writer->done)
        fail(writer, vrx_refuse(VRX_INTERNAL_ERROR, "RFC 8949 §3: items are owed"));
    struct vrx_buffer *out = writer->out;
    if (!vrx_is_ok(writer->error) && out->len > writer->start) {
        vrx_wipe(out->ptr + writer->start, out->len - writer->start);
        out->len = writer->start;
    }
    return writer->error;
}
