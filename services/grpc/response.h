/* SPDX-License-Identifier: Apache-2.0
 *
 * A response as HTTP/2 fields (PROTOCOL-HTTP2, "Responses"): its head, its trailers, and both in
 * one where there is no message ("Trailers-Only"). gRPC-web (PROTOCOL-WEB) differs in the content
 * type and in its trailers, which are the last frame of the body. Private to this room.
 */
#ifndef VRX_GRPC_RESPONSE_H
#define VRX_GRPC_RESPONSE_H

#include "grpc/metadata.h"
#include "grpc/status.h"
#include "net/http2.h"

/* Custom metadata of one head or one trailer section: what HTTP/2's own fields leave of
 * vrx_http2_stream_respond's count. */
#define VRX_RESPONSE_METADATA 4

/* How a call ended. What is told of it is the outcome's sentence, clause and details, or, where
 * explained, the message. metadata: trailing fields as vrx_response_add_metadata writes them. */
struct vrx_response_end {
    enum vrx_grpc_code code;
    struct vrx_result outcome;
    bool explained;
    struct vrx_view message;
    struct vrx_view metadata;
    struct vrx_view facts;     /* vrx_details_add_fact's */
    const uint8_t *request_id; /* VRX_REQUEST_ID bytes; NULL: it became no call */
};

/* Appends one field. Errors: VRX_INPUT_TEXT (the name is not one of custom metadata: lower-case
 * letters, digits, "_", "-", "."; not reserved by "grpc-"; the value is not printable ASCII),
 * VRX_CAP_REACHED (VRX_RESPONSE_METADATA, or 8 KiB), VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_response_add_metadata(
    struct vrx_buffer *metadata, struct vrx_view name, struct vrx_view value);

/* The head of a response with messages; web: of gRPC-web. It says the request's id: vrx-request-id,
 * 32 hexadecimal digits. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_response_begin(struct vrx_http2_stream *stream, bool web,
    const uint8_t request_id[VRX_REQUEST_ID], struct vrx_view metadata);
/* Within the handler's trailers. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_response_trailers(
    struct vrx_http2_stream *stream, const struct vrx_response_end *end);
/* The trailers of gRPC-web: appends lines of "name: value", without the five bytes before them.
 * Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_response_web_trailers(
    const struct vrx_response_end *end, struct vrx_buffer *out);
/* All of a response without messages; the stream is reset when memory is short. */
void vrx_response_refuse(
    struct vrx_http2_stream *stream, bool web, const struct vrx_response_end *end);
/* A response that is no gRPC at all: what is asked for is not POST (405), not there (404), or not
 * gRPC (415). */
void vrx_response_refuse_http(struct vrx_http2_stream *stream, unsigned status);

#endif
