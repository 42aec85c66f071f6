/* SPDX-License-Identifier: Apache-2.0 */
#include "web/get.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A file's bytes on their way; they belong to the folder. */
struct lent {
    struct vrx_http2_chunk chunk; /* first: the session gives it back */
    const struct vrx_web_file *file;
};

static void give_back(struct vrx_http2_chunk *chunk) {
    struct lent *lent = (struct lent *)chunk;
    vrx_web_folder_release(lent->file);
    free(lent);
}

/* The body, without prefix; the reference is the chunk's. NULL without memory. */
static struct vrx_http2_chunk *lend(const struct vrx_web_file *file) {
    struct lent *lent = calloc(1, sizeof *lent);
    if (!lent)
        return NULL;
    lent->chunk.release = give_back;
    lent->chunk.body = file->content; /* the session only reads it */
    lent->file = file;
    return &lent->chunk;
}

static struct vrx_view path_of(const struct vrx_http2_stream *stream) {
    const struct vrx_view path = vrx_http2_stream_field(stream, ":path");
    const uint8_t *query = path.len ? memchr(path.ptr, '?', path.len) : NULL;
    return query ? vrx_view_slice(path, 0, (size_t)(query - path.ptr)) : path;
}

static bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == ',';
}

/* Whether If-None-Match names the file as it is (RFC 9110 §13.1.2, weak comparison). A comma within
 * another's tag only makes pieces that are none of ours. */
static bool knows(struct vrx_view list, const struct vrx_web_file *file) {
    const struct vrx_view etag = vrx_view_text(file->etag);
    if (vrx_view_equal(list, vrx_view_text("*")))
        return true;
    for (size_t at = 0; at < list.len;) {
        size_t end = at;
        while (end < list.len && !is_blank(list.ptr[end]))
            end++;
        struct vrx_view tag = vrx_view_slice(list, at, end - at);
        if (vrx_view_equal(vrx_view_slice(tag, 0, 2), vrx_view_text("W/")))
            tag = vrx_view_slice(tag, 2, tag.len - 2);
        if (vrx_view_equal(tag, etag))
            return true;
        at = end + 1;
    }
    return false;
}

static void answer(struct vrx_http2_stream *stream, unsigned status,
    const struct vrx_http2_field *fields, size_t count) {
    if (!vrx_is_ok(vrx_http2_stream_respond(stream, status, fields, count, false)))
        vrx_http2_stream_reset(stream);
}

static struct vrx_http2_field field(const char *name, const char *value) {
    return (struct vrx_http2_field){vrx_view_text(name), vrx_view_text(value), false};
}

static int64_t max_age(const struct vrx_web_file *file) {
    const int64_t left = file->ends - (int64_t)time(NULL); /* both are after 1970 */
    if (left < 0)
        return 0;
    return left < VRX_WEB_MAX_AGE ? left : VRX_WEB_MAX_AGE;
}

/* Takes the reference. */
static void send_file(
    struct vrx_http2_stream *stream, const struct vrx_web_file *file, bool with_body) {
    char age[48];
    char length[24];
    (void)snprintf(age, sizeof age, "public, max-age=%lld", (long long)max_age(file));
    (void)snprintf(length, sizeof length, "%zu", file->content.len);
    const struct vrx_http2_field fields[] = {field("access-control-allow-origin", "*"),
        field("etag", file->etag), field("cache-control", age),
        field("x-content-type-options", "nosniff"), field("content-type", file->type),
        field("content-length", length)};
    const bool known = knows(vrx_http2_stream_field(stream, "if-none-match"), file);
    const size_t count = sizeof fields / sizeof *fields - (known ? 2 : 0);
    struct vrx_http2_chunk *chunk = with_body && !known ? lend(file) : NULL;
    if (!chunk) {
        if (!with_body || known)
            answer(stream, known ? 304 : 200, fields, count);
        else
            vrx_http2_stream_reset(stream);
        vrx_web_folder_release(file);
        return;
    }
    if (!vrx_is_ok(vrx_http2_stream_respond(stream, 200, fields, count, true))) {
        chunk->release(chunk);
        vrx_http2_stream_reset(stream);
        return;
    }
    vrx_http2_stream_write(stream, chunk);
    vrx_http2_stream_end(stream);
}

static void refuse_for(struct vrx_http2_stream *stream, uint32_t wait_ms) {
    char seconds[16];
    (void)snprintf(seconds, sizeof seconds, "%u", (unsigned)((wait_ms + 999ULL) / 1000));
    const struct vrx_http2_field later = field("retry-after", seconds);
    answer(stream, 429, &later, 1);
}

bool vrx_web_get(void *folder, struct vrx_http2_stream *stream, uint32_t wait_ms) {
    const struct vrx_view method = vrx_http2_stream_field(stream, ":method");
    const bool get = vrx_view_equal(method, vrx_view_text("GET"));
    const struct vrx_web_file *file = vrx_web_folder_hold(folder, path_of(stream));
    if (!file)
        return false;
    vrx_http2_stream_set_deadline(stream, vrx_http2_stream_now(stream) + VRX_WEB_REPLY_MS);
    if (get || vrx_view_equal(method, vrx_view_text("HEAD"))) {
        if (!wait_ms && !vrx_http2_stream_oversized(stream) &&
            !vrx_http2_stream_congested(stream)) {
            send_file(stream, file, get);
            return true;
        }
        if (wait_ms)
            refuse_for(stream, wait_ms);
        else
            answer(stream, vrx_http2_stream_oversized(stream) ? 431 : 503, NULL, 0);
    } else {
        const struct vrx_http2_field allow = field("allow", "GET, HEAD");
        answer(stream, 405, &allow, 1);
    }
    vrx_web_folder_release(file);
    return true;
}
