/* SPDX-License-Identifier: Apache-2.0
 *
 * A stream as the layer above uses it: the request's head, the response and its queue of chunks,
 * which nghttp2 empties through on_read_body as the peer's window allows.
 */
#include "base/cursor.h"
#include "net/http2_state.h"
#include "net/limits.h"

#define MAX_FIELDS 12 /* of one response head or trailer section */

/* The request's head */

struct vrx_view vrx_http2_fields_find(struct vrx_view fields, const char *name) {
    struct vrx_view wanted = vrx_view_text(name);
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, fields);
    while (cursor.rest.len) {
        size_t name_len = vrx_cursor_u16(&cursor);
        size_t value_len = vrx_cursor_u16(&cursor);
        struct vrx_view found = vrx_cursor_bytes(&cursor, name_len);
        struct vrx_view value = vrx_cursor_bytes(&cursor, value_len);
        if (!cursor.failed && vrx_view_equal(found, wanted))
            return value;
    }
    return (struct vrx_view){0};
}

struct vrx_view vrx_http2_stream_field(const struct vrx_http2_stream *stream, const char *name) {
    return vrx_http2_fields_find(vrx_buffer_view(&stream->fields), name);
}

struct vrx_buffer vrx_http2_stream_take_fields(struct vrx_http2_stream *stream) {
    struct vrx_buffer fields = stream->fields;
    stream->fields = (struct vrx_buffer){0};
    return fields;
}

bool vrx_http2_stream_oversized(const struct vrx_http2_stream *stream) {
    return stream->oversized;
}

bool vrx_http2_stream_congested(const struct vrx_http2_stream *stream) {
    return stream->session->outbound > VRX_NET_OUTBOUND;
}

void vrx_http2_stream_set_user(struct vrx_http2_stream *stream, void *user) {
    stream->user = user;
}

void *vrx_http2_stream_user(const struct vrx_http2_stream *stream) {
    return stream->user;
}

struct vrx_peer *vrx_http2_stream_peer(const struct vrx_http2_stream *stream) {
    return stream->session->peer;
}

struct vrx_loop *vrx_http2_stream_loop(const struct vrx_http2_stream *stream) {
    return stream->session->loop;
}

int64_t vrx_http2_stream_now(const struct vrx_http2_stream *stream) {
    return stream->session->now;
}

void vrx_http2_stream_set_deadline(struct vrx_http2_stream *stream, int64_t at_ms) {
    stream->deadline = at_ms;
    if (at_ms < stream->session->deadline) {
        stream->session->deadline = at_ms;
        vrx_http2_session_touch(stream->session);
    }
}

void vrx_http2_stream_consume(struct vrx_http2_stream *stream, size_t bytes) {
    if (!bytes || stream->ended)
        return;
    nghttp2_session_consume_stream(stream->session->h2, stream->id, bytes);
    vrx_http2_session_touch(stream->session);
}

bool vrx_http2_stream_hold(struct vrx_http2_stream *stream, size_t bytes) {
    if (bytes > VRX_NET_INBOUND - stream->session->inbound)
        return false;
    stream->session->inbound += bytes;
    stream->held += bytes;
    return true;
}

void vrx_http2_stream_unhold(struct vrx_http2_stream *stream, size_t bytes) {
    stream->session->inbound -= bytes;
    stream->held -= bytes;
}

/* The response */

/* Copies from the chunk what fits; true when it is used up. */
static bool chunk_copy(struct vrx_http2_chunk *chunk, uint8_t *out, size_t room, size_t *used) {
    if (chunk->taken < chunk->prefix_len) {
        size_t n = chunk->prefix_len - chunk->taken;
        if (n > room - *used)
            n = room - *used;
        memcpy(out + *used, chunk->prefix + chunk->taken, n);
        chunk->taken += n;
        *used += n;
    }
    size_t whole = chunk->prefix_len + chunk->body.len;
    size_t n = whole - chunk->taken;
    if (n > room - *used)
        n = room - *used;
    if (n) {
        memcpy(out + *used, chunk->body.ptr + (chunk->taken - chunk->prefix_len), n);
        chunk->taken += n;
        *used += n;
    }
    return chunk->taken == whole;
}

static ssize_t on_read_body(nghttp2_session *h2, int32_t id, uint8_t *out, size_t room,
    uint32_t *flags, nghttp2_data_source *source, void *user) {
    (void)h2;
    (void)id;
    struct vrx_http2_session *session = user;
    struct vrx_http2_stream *stream = source->ptr;
    size_t used = 0;
    while (stream->first && used < room) {
        struct vrx_http2_chunk *chunk = stream->first;
        if (!chunk_copy(chunk, out, room, &used))
            break;
        stream->first = chunk->next;
        if (!stream->first)
            stream->last = &stream->first;
        chunk->release(chunk);
    }
    stream->waiting -= used;
    session->outbound -= used;
    if (stream->wants_drained && stream->waiting < VRX_NET_STREAM_LOW) {
        stream->wants_drained = false;
        stream->drained = true;
        session->drained = true;
    }
    if (!stream->first && stream->finishing) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (!stream->bare) {
            *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            session->handler->trailers(session->handler->context, stream);
        }
    } else if (!used) {
        stream->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    return (ssize_t)used;
}

static nghttp2_nv nv_of(struct vrx_view name, struct vrx_view value, bool fleeting) {
    /* nghttp2's fields are not const but it only reads them; the union says so without a cast that
     * drops the qualifier. */
    union {
        const uint8_t *from;
        uint8_t *to;
    } n = {name.ptr}, v = {value.ptr};
    return (nghttp2_nv){n.to, v.to, name.len, value.len,
        fleeting ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE};
}

struct vrx_result vrx_http2_stream_respond(struct vrx_http2_stream *stream, unsigned status,
    const struct vrx_http2_field *fields, size_t count, bool body) {
    nghttp2_nv nv[MAX_FIELDS + 1];
    uint8_t digits[3] = {(uint8_t)('0' + status / 100 % 10), (uint8_t)('0' + status / 10 % 10),
        (uint8_t)('0' + status % 10)};
    if (count > MAX_FIELDS)
        return vrx_fail(VRX_INTERNAL_ERROR);
    nv[0] = nv_of(vrx_view_text(":status"), vrx_view_of(digits, sizeof digits), false);
    for (size_t i = 0; i < count; i++)
        nv[i + 1] = nv_of(fields[i].name, fields[i].value, fields[i].fleeting);
    nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = on_read_body};
    if (nghttp2_submit_response(
            stream->session->h2, stream->id, nv, count + 1, body ? &provider : NULL))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx_http2_session_touch(stream->session);
    return vrx_ok();
}

static void resume(struct vrx_http2_stream *stream) {
    if (stream->deferred) {
        stream->deferred = false;
        nghttp2_session_resume_data(stream->session->h2, stream->id);
    }
    vrx_http2_session_touch(stream->session);
}

void vrx_http2_stream_write(struct vrx_http2_stream *stream, struct vrx_http2_chunk *chunk) {
    chunk->next = NULL;
    chunk->taken = 0;
    *stream->last = chunk;
    stream->last = &chunk->next;
    stream->waiting += chunk->prefix_len + chunk->body.len;
    stream->session->outbound += chunk->prefix_len + chunk->body.len;
    stream->wants_drained = true;
    resume(stream);
}

void vrx_http2_stream_finish(struct vrx_http2_stream *stream) {
    stream->finishing = true;
    stream->wants_drained = false;
    stream->drained = false;
    resume(stream);
}

void vrx_http2_stream_end(struct vrx_http2_stream *stream) {
    stream->bare = true;
    vrx_http2_stream_finish(stream);
}

size_t vrx_http2_stream_waiting(const struct vrx_http2_stream *stream) {
    return stream->waiting;
}

struct vrx_result vrx_http2_stream_trailers(
    struct vrx_http2_stream *stream, const struct vrx_http2_field *fields, size_t count) {
    nghttp2_nv nv[MAX_FIELDS];
    if (count > MAX_FIELDS)
        return vrx_fail(VRX_INTERNAL_ERROR);
    for (size_t i = 0; i < count; i++)
        nv[i] = nv_of(fields[i].name, fields[i].value, fields[i].fleeting);
    if (nghttp2_submit_trailer(stream->session->h2, stream->id, nv, count))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    return vrx_ok();
}

void vrx_http2_stream_reset(struct vrx_http2_stream *stream) {
    nghttp2_submit_rst_stream(stream->session->h2, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
    vrx_http2_session_touch(stream->session);
}
