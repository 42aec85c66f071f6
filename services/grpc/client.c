/* SPDX-License-Identifier: Apache-2.0
 *
 * One call at a time: its state is in the client. Messages are handed to the caller from within
 * nghttp2's callback, so a caller that is slow is back pressure enough: nothing is read meanwhile.
 * Sockets and TLS are in client_link.c.
 */
#include "grpc/client.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "base/limits.h"
#include "grpc/client_link.h"
#include "grpc/details.h"
#include "grpc/frame.h"
#include "grpc/metadata.h"

#define METADATA 8
#define OWN_FIELDS 8
#define CONNECT_MS 10000
#define WINDOW (1 << 20)
/* Time for RST_STREAM to leave after a deadline; the peer has the same deadline anyway. */
#define FAREWELL_MS 200

struct metadata {
    struct vrx_buffer name;
    struct vrx_buffer value;
};

struct call {
    int32_t id;
    bool open;
    int64_t until;
    /* out */
    uint8_t head[VRX_FRAME_HEAD];
    size_t head_left;
    struct vrx_view sending; /* what of the message is left */
    bool last;
    bool deferred;
    /* in */
    struct vrx_frame_reader reader;
    vrx_client_message *message;
    void *context;
    struct vrx_result failure; /* of the caller's callback, or of the peer's framing */
    unsigned http_status;
    int status; /* grpc-status; -1: none */
    uint32_t error;
    struct vrx_buffer text;
    struct vrx_buffer details;
    char request_id[2 * VRX_REQUEST_ID + 1];
};

/* One reply and no more. */
struct reply {
    struct vrx_buffer *buffer;
    unsigned count;
};

struct vrx_client {
    struct vrx_client_link link;
    char authority[280];
    struct metadata metadata[METADATA];
    size_t metadata_count;
    bool greeted;
    bool goaway;
    struct call call;
    struct reply taken; /* of a client stream */
    struct vrx_buffer reply;
    struct vrx_client_outcome outcome;
};

/* What nghttp2 reports */

static bool is_ours(const struct vrx_client *client, int32_t id) {
    return client->call.open && client->call.id == id;
}

static void fail_call(struct vrx_client *client, struct vrx_result failure) {
    if (!vrx_is_ok(client->call.failure))
        return;
    client->call.failure = failure;
    nghttp2_submit_rst_stream(client->link.h2, NGHTTP2_FLAG_NONE, client->call.id, NGHTTP2_CANCEL);
}

static int decimal(struct vrx_view text) {
    int value = 0;
    if (!text.len || text.len > 3)
        return -1;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return -1;
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *user) {
    (void)h2;
    (void)flags;
    struct vrx_client *client = user;
    struct call *call = &client->call;
    struct vrx_view field = vrx_view_of(name, name_len);
    struct vrx_view text = vrx_view_of(value, value_len);
    if (!is_ours(client, frame->hd.stream_id))
        return 0;
    struct vrx_result result = vrx_ok();
    if (vrx_view_equal(field, vrx_view_text(":status"))) {
        call->http_status = (unsigned)decimal(text);
    } else if (vrx_view_equal(field, vrx_view_text("grpc-status"))) {
        call->status = decimal(text);
    } else if (vrx_view_equal(field, vrx_view_text("grpc-message"))) {
        vrx_buffer_clear(&call->text);
        result = vrx_percent_decode(text, &call->text);
    } else if (vrx_view_equal(field, vrx_view_text("grpc-status-details-bin"))) {
        vrx_buffer_clear(&call->details);
        /* Broken details leave the status as it is. */
        VRX_IGNORE(vrx_binary_field_decode(text, &call->details));
    } else if (vrx_view_equal(field, vrx_view_text("vrx-request-id"))) {
        uint8_t id[VRX_REQUEST_ID];
        if (vrx_request_id_parse(text, id))
            vrx_hex_string(vrx_view_of(id, sizeof id), call->request_id);
    }
    return vrx_is_ok(result) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_data(
    nghttp2_session *h2, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *user) {
    (void)h2;
    (void)flags;
    struct vrx_client *client = user;
    struct call *call = &client->call;
    struct vrx_view bytes = vrx_view_of(data, len);
    while (is_ours(client, id) && vrx_is_ok(call->failure) && bytes.len) {
        bool complete = false;
        struct vrx_result result = vrx_frame_reader_feed(&call->reader, &bytes, &complete);
        if (vrx_is_ok(result) && complete) {
            result = call->message(call->context, vrx_buffer_view(&call->reader.message));
            vrx_frame_reader_next(&call->reader);
        }
        if (!vrx_is_ok(result))
            fail_call(client, result);
    }
    return 0;
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *frame, void *user) {
    (void)h2;
    struct vrx_client *client = user;
    if (frame->hd.type == NGHTTP2_SETTINGS)
        client->greeted = true;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        client->goaway = true;
    return 0;
}

static int on_close(nghttp2_session *h2, int32_t id, uint32_t error, void *user) {
    (void)h2;
    struct vrx_client *client = user;
    if (is_ours(client, id)) {
        client->call.open = false;
        client->call.error = error;
    }
    return 0;
}

static ssize_t on_read_body(nghttp2_session *h2, int32_t id, uint8_t *out, size_t room,
    uint32_t *flags, nghttp2_data_source *source, void *user) {
    (void)h2;
    (void)id;
    (void)user;
    struct call *call = source->ptr;
    size_t used = call->head_left < room ? call->head_left : room;
    memcpy(out, call->head + (VRX_FRAME_HEAD - call->head_left), used);
    call->head_left -= used;
    size_t n = call->sending.len < room - used ? call->sending.len : room - used;
    if (n)
        memcpy(out + used, call->sending.ptr, n);
    call->sending = vrx_view_slice(call->sending, n, call->sending.len);
    used += n;
    if (!call->head_left && !call->sending.len && call->last) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (!used) {
        call->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    return (ssize_t)used;
}

/* Life */

static struct vrx_result open_h2(struct vrx_client *client) {
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
    };
    nghttp2_session_callbacks *callbacks = NULL;
    if (nghttp2_session_callbacks_new(&callbacks))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    int error = nghttp2_session_client_new(&client->link.h2, callbacks, client);
    nghttp2_session_callbacks_del(callbacks);
    if (!error)
        error = nghttp2_submit_settings(
            client->link.h2, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof *settings);
    if (!error)
        error =
            nghttp2_session_set_local_window_size(client->link.h2, NGHTTP2_FLAG_NONE, 0, WINDOW);
    return error ? vrx_fail(VRX_OUT_OF_MEMORY) : vrx_ok();
}

static struct vrx_result open_client(
    struct vrx_client *client, const struct vrx_client_config *config) {
    int64_t until = vrx_client_now() + (config->connect_ms ? config->connect_ms : CONNECT_MS);
    bool six = strchr(config->host, ':');
    int len = snprintf(client->authority, sizeof client->authority, six ? "[%s]:%u" : "%s:%u",
        config->host, config->port);
    if (len < 0 || (size_t)len >= sizeof client->authority)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    client->link.cancelled = config->cancelled;
    VRX_TRY(vrx_client_link_open(&client->link, config->tls, config->host, config->port, until));
    VRX_TRY(open_h2(client));
    /* The server judges our certificate after our side of the handshake is done. */
    while (!client->greeted)
        VRX_TRY(vrx_client_link_turn(&client->link, until));
    return vrx_ok();
}

struct vrx_result vrx_client_new(
    const struct vrx_client_config *config, struct vrx_client **ret_client) {
    struct vrx_client *client = calloc(1, sizeof *client);
    if (!client)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    client->call.status = -1;
    struct vrx_result result = open_client(client, config);
    if (vrx_is_ok(result))
        *ret_client = client;
    else
        vrx_client_free(&client);
    return result;
}

static void call_done(struct call *call) {
    vrx_frame_reader_done(&call->reader);
    vrx_buffer_done(&call->text);
    vrx_buffer_done(&call->details);
}

void vrx_client_free(struct vrx_client **client) {
    struct vrx_client *own = *client;
    *client = NULL;
    if (!own)
        return;
    vrx_client_link_close(&own->link);
    nghttp2_session_del(own->link.h2);
    vrx_peer_unref(&own->link.peer);
    call_done(&own->call);
    vrx_buffer_done(&own->reply);
    for (size_t i = 0; i < own->metadata_count; i++) {
        vrx_buffer_done(&own->metadata[i].name);
        vrx_buffer_done(&own->metadata[i].value);
    }
    free(own);
}

struct vrx_result vrx_client_set_metadata(
    struct vrx_client *client, const char *name, struct vrx_view value) {
    struct metadata *entry = client->metadata;
    struct metadata *end = entry + client->metadata_count;
    while (entry < end && !vrx_view_equal(vrx_buffer_view(&entry->name), vrx_view_text(name)))
        entry++;
    if (entry == client->metadata + METADATA)
        return vrx_fail(VRX_CAP_REACHED);
    if (entry == end) {
        VRX_TRY(vrx_buffer_append(&entry->name, vrx_view_text(name)));
        client->metadata_count++;
    }
    vrx_buffer_clear(&entry->value);
    return vrx_buffer_append(&entry->value, value);
}

void vrx_client_server_spki(const struct vrx_client *client, uint8_t ret_sha256[32]) {
    memcpy(ret_sha256, client->link.peer->spki_sha256, sizeof client->link.peer->spki_sha256);
}

void vrx_client_exporter(const struct vrx_client *client, uint8_t ret_exporter[32]) {
    memcpy(ret_exporter, client->link.peer->exporter, sizeof client->link.peer->exporter);
}

bool vrx_client_usable(const struct vrx_client *client) {
    return client->link.fd >= 0 && !client->goaway;
}

const struct vrx_client_outcome *vrx_client_outcome(const struct vrx_client *client) {
    return &client->outcome;
}

/* The outcome of a call */

/* For servers, and proxies, that send no ErrorInfo of ours. */
static enum vrx_reason reason_of_code(enum vrx_grpc_code code) {
    switch (code) {
    case VRX_GRPC_CANCELLED:
        return VRX_CANCELLED;
    case VRX_GRPC_DEADLINE_EXCEEDED:
        return VRX_DEADLINE_EXCEEDED;
    case VRX_GRPC_NOT_FOUND:
        return VRX_NOT_FOUND;
    case VRX_GRPC_ALREADY_EXISTS:
        return VRX_ALREADY_EXISTS;
    case VRX_GRPC_RESOURCE_EXHAUSTED:
        return VRX_CAP_REACHED;
    case VRX_GRPC_ABORTED:
        return VRX_CONFLICT;
    case VRX_GRPC_UNIMPLEMENTED:
        return VRX_METHOD_UNKNOWN;
    case VRX_GRPC_UNAVAILABLE:
        return VRX_NETWORK_FAILED;
    case VRX_GRPC_UNAUTHENTICATED:
        return VRX_TERMINAL_UNKNOWN;
    default:
        return VRX_INTERNAL_ERROR;
    }
}

/* gRPC PROTOCOL-HTTP2, "Errors". */
static enum vrx_grpc_code code_of_call(const struct call *call) {
    if (call->status >= 0)
        return call->status <= VRX_GRPC_UNAUTHENTICATED ? (enum vrx_grpc_code)call->status
                                                        : VRX_GRPC_UNKNOWN;
    if (call->http_status && call->http_status != 200)
        return vrx_grpc_code_of_http(call->http_status);
    switch (call->error) {
    case NGHTTP2_REFUSED_STREAM:
        return VRX_GRPC_UNAVAILABLE;
    case NGHTTP2_CANCEL:
        return VRX_GRPC_CANCELLED;
    case NGHTTP2_ENHANCE_YOUR_CALM:
        return VRX_GRPC_RESOURCE_EXHAUSTED;
    default:
        return VRX_GRPC_INTERNAL;
    }
}

/* Cuts where the text is longer, between code points. */
static void copy_text(char *out, size_t capacity, struct vrx_view text) {
    size_t len = text.len < capacity - 1 ? text.len : capacity - 1;
    while (len && len < text.len && (text.ptr[len] & 0xc0) == 0x80)
        len--;
    if (len)
        memcpy(out, text.ptr, len);
    out[len] = '\0';
}

static void outcome_of_reason(struct vrx_client_outcome *outcome, struct vrx_result result) {
    memset(outcome, 0, sizeof *outcome);
    outcome->code = vrx_grpc_code_of(result.reason);
    outcome->reason = result.reason;
    outcome->retry = vrx_reason_retry(result.reason);
    if (vrx_is_ok(result))
        return;
    copy_text(outcome->message, sizeof outcome->message,
        vrx_view_text(vrx_reason_sentence_en(result.reason)));
    copy_text(outcome->message_ja, sizeof outcome->message_ja,
        vrx_view_text(vrx_reason_sentence_ja(result.reason)));
    copy_text(outcome->clause, sizeof outcome->clause, vrx_view_text(result.clause));
}

static void read_details(struct vrx_client_outcome *outcome, struct vrx_view message) {
    struct vrx_details details;
    char reason[64];
    if (!vrx_is_ok(vrx_details_decode(message, &details)) || !details.reason.len)
        return;
    copy_text(reason, sizeof reason, details.reason);
    outcome->reason = vrx_reason_from_name(reason);
    outcome->retry = vrx_retry_from_name(details.retry);
    copy_text(outcome->message, sizeof outcome->message, details.message);
    copy_text(outcome->message_ja, sizeof outcome->message_ja, details.message_ja);
    copy_text(outcome->clause, sizeof outcome->clause, details.clause);
    outcome->retry_ms = details.retry_ms;
    copy_text(outcome->action, sizeof outcome->action, details.action);
}

static struct vrx_result conclude(struct vrx_client *client, struct vrx_result result) {
    struct call *call = &client->call;
    struct vrx_client_outcome *outcome = &client->outcome;
    if (vrx_is_ok(result))
        result = call->failure;
    enum vrx_grpc_code code = code_of_call(call);
    if (vrx_is_ok(result) && code != VRX_GRPC_OK) {
        outcome_of_reason(outcome, vrx_fail(reason_of_code(code)));
        outcome->code = code;
        if (call->text.len)
            copy_text(outcome->message, sizeof outcome->message, vrx_buffer_view(&call->text));
        read_details(outcome, vrx_buffer_view(&call->details));
        result = vrx_fail(outcome->reason);
    } else {
        if (vrx_is_ok(result) && !vrx_frame_reader_idle(&call->reader))
            result = vrx_refuse(VRX_INTERNAL_ERROR, "gRPC PROTOCOL-HTTP2: a reply ends early");
        outcome_of_reason(outcome, result);
    }
    memcpy(outcome->request_id, call->request_id, sizeof outcome->request_id);
    call_done(call);
    *call = (struct call){.status = -1};
    return result;
}

/* Calls */

static nghttp2_nv nv_of(struct vrx_view name, struct vrx_view value) {
    union { /* nghttp2 takes pointers to non-const that it only reads */
        const uint8_t *from;
        uint8_t *to;
    } n = {name.ptr}, v = {value.ptr};
    return (nghttp2_nv){n.to, v.to, name.len, value.len, NGHTTP2_NV_FLAG_NONE};
}

static struct vrx_result begin(struct vrx_client *client, const char *path, int64_t timeout_ms,
    vrx_client_message *message, void *context) {
    struct call *call = &client->call;
    char timeout[VRX_TIMEOUT_TEXT];
    nghttp2_nv nv[OWN_FIELDS + METADATA];
    size_t count = 0;
    if (!vrx_client_usable(client))
        return vrx_fail(VRX_NETWORK_FAILED);
    *call = (struct call){.status = -1, .message = message, .context = context};
    call->until = timeout_ms ? vrx_client_now() + timeout_ms : INT64_MAX;
    vrx_frame_reader_init(&call->reader, VRX_LIMIT_MESSAGE);
    nv[count++] = nv_of(vrx_view_text(":method"), vrx_view_text("POST"));
    nv[count++] = nv_of(vrx_view_text(":scheme"), vrx_view_text("https"));
    nv[count++] = nv_of(vrx_view_text(":path"), vrx_view_text(path));
    nv[count++] = nv_of(vrx_view_text(":authority"), vrx_view_text(client->authority));
    nv[count++] = nv_of(vrx_view_text("te"), vrx_view_text("trailers"));
    nv[count++] = nv_of(vrx_view_text("content-type"), vrx_view_text("application/grpc"));
    if (timeout_ms) {
        vrx_timeout_format(timeout_ms, timeout);
        nv[count++] = nv_of(vrx_view_text("grpc-timeout"), vrx_view_text(timeout));
    }
    for (size_t i = 0; i < client->metadata_count; i++)
        nv[count++] = nv_of(vrx_buffer_view(&client->metadata[i].name),
            vrx_buffer_view(&client->metadata[i].value));
    nghttp2_data_provider provider = {.source.ptr = call, .read_callback = on_read_body};
    call->id = nghttp2_submit_request(client->link.h2, NULL, nv, count, &provider, NULL);
    if (call->id < 0)
        return vrx_fail(call->id == NGHTTP2_ERR_NOMEM ? VRX_OUT_OF_MEMORY : VRX_NETWORK_FAILED);
    call->open = true;
    return vrx_ok();
}

/* Tells the server, as far as that is possible at once. */
static void abandon(struct vrx_client *client) {
    int64_t until = vrx_client_now() + FAREWELL_MS;
    if (!client->call.open || client->link.fd < 0)
        return;
    nghttp2_submit_rst_stream(client->link.h2, NGHTTP2_FLAG_NONE, client->call.id, NGHTTP2_CANCEL);
    while (client->call.open && vrx_is_ok(vrx_client_link_turn(&client->link, until)))
        ;
}

/* Turns until the call is over, or until what is to be sent has left. */
static struct vrx_result run(struct vrx_client *client, bool until_sent) {
    struct call *call = &client->call;
    while (call->open && !(until_sent && !call->head_left && !call->sending.len)) {
        struct vrx_result result = vrx_client_link_turn(&client->link, call->until);
        if (!vrx_is_ok(result)) {
            if (result.reason == VRX_DEADLINE_EXCEEDED)
                abandon(client);
            return result;
        }
    }
    return vrx_ok();
}

static struct vrx_result put(struct vrx_client *client, struct vrx_view message, bool last) {
    struct call *call = &client->call;
    if (message.len > VRX_LIMIT_MESSAGE) {
        abandon(client);
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    }
    vrx_frame_head(message.len, call->head);
    call->head_left = VRX_FRAME_HEAD;
    call->sending = message;
    call->last = last;
    if (call->deferred) {
        call->deferred = false;
        nghttp2_session_resume_data(client->link.h2, call->id);
    }
    return vrx_ok();
}

static struct vrx_result single(struct vrx_client *client, const char *path,
    struct vrx_view request, int64_t timeout_ms, vrx_client_message *message, void *context) {
    struct vrx_result result = begin(client, path, timeout_ms, message, context);
    if (vrx_is_ok(result))
        result = put(client, request, true);
    if (vrx_is_ok(result))
        result = run(client, false);
    return conclude(client, result);
}

static struct vrx_result take_reply(void *context, struct vrx_view message) {
    struct reply *reply = context;
    if (reply->count++)
        return vrx_refuse(VRX_INTERNAL_ERROR, "gRPC: one reply message");
    return vrx_buffer_append(reply->buffer, message);
}

static struct vrx_result check_reply(
    struct vrx_client *client, const struct reply *reply, struct vrx_result result) {
    if (!vrx_is_ok(result) || reply->count == 1)
        return result;
    result = vrx_refuse(VRX_INTERNAL_ERROR, "gRPC: one reply message");
    outcome_of_reason(&client->outcome, result);
    return result;
}

struct vrx_result vrx_client_unary(struct vrx_client *client, const char *path,
    struct vrx_view request, int64_t timeout_ms, struct vrx_buffer *reply) {
    struct reply taken = {reply, 0};
    return check_reply(
        client, &taken, single(client, path, request, timeout_ms, take_reply, &taken));
}

struct vrx_result vrx_client_server_stream(struct vrx_client *client, const char *path,
    struct vrx_view request, int64_t timeout_ms, vrx_client_message *message, void *context) {
    return single(client, path, request, timeout_ms, message, context);
}

struct vrx_result vrx_client_stream_begin(
    struct vrx_client *client, const char *path, int64_t timeout_ms) {
    client->taken = (struct reply){&client->reply, 0};
    vrx_buffer_clear(&client->reply);
    struct vrx_result result = begin(client, path, timeout_ms, take_reply, &client->taken);
    return vrx_is_ok(result) ? result : conclude(client, result);
}

struct vrx_result vrx_client_stream_send(struct vrx_client *client, struct vrx_view message) {
    struct call *call = &client->call;
    struct vrx_result result = vrx_ok();
    if (call->open)
        result = put(client, message, false);
    if (vrx_is_ok(result))
        result = run(client, true);
    /* A server may have enough before the client has said all: finish has its reply. */
    bool content = call->open || (call->status == VRX_GRPC_OK && vrx_is_ok(call->failure));
    return vrx_is_ok(result) && content ? result : conclude(client, result);
}

struct vrx_result vrx_client_stream_finish(struct vrx_client *client, struct vrx_buffer *reply) {
    struct call *call = &client->call;
    call->last = true;
    if (call->deferred) {
        call->deferred = false;
        nghttp2_session_resume_data(client->link.h2, call->id);
    }
    struct vrx_result result = conclude(client, run(client, false));
    result = check_reply(client, &client->taken, result);
    if (vrx_is_ok(result))
        result = vrx_buffer_append(reply, vrx_buffer_view(&client->reply));
    return result;
}

void vrx_client_stream_cancel(struct vrx_client *client) {
    abandon(client);
    VRX_IGNORE(conclude(client, vrx_fail(VRX_CANCELLED)));
}
