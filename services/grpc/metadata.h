/* SPDX-License-Identifier: Apache-2.0
 *
 * The small grammars of gRPC's header fields: percent-encoded grpc-message, grpc-timeout and the
 * content type (PROTOCOL-HTTP2, "Requests" and "Responses").
 */
#ifndef VRX_GRPC_METADATA_H
#define VRX_GRPC_METADATA_H

#include "base/bytes.h"

/* Appends: bytes outside 0x20 to 0x7E, and '%', become %XX. */
struct vrx_result vrx_percent_encode(struct vrx_view text, struct vrx_buffer *out);
/* Appends. As the protocol asks of receivers, a broken escape is kept as it stands. */
struct vrx_result vrx_percent_decode(struct vrx_view text, struct vrx_buffer *out);

/* grpc-timeout: one to eight digits and one of H M S m u n; in milliseconds, rounded up, so that
 * "1n" is not yet over. Errors: VRX_INPUT_MALFORMED. */
struct vrx_result vrx_timeout_parse(struct vrx_view text, int64_t *ret_ms);
/* Writes the finest unit that eight digits hold, rounded up to it: "1500m". */
#define VRX_TIMEOUT_TEXT 10
void vrx_timeout_format(int64_t ms, char ret_text[VRX_TIMEOUT_TEXT]);

/* An id that a caller gives its request: 32 hexadecimal digits, or the same as a UUID (RFC 9562
 * §4), and not all zero. False: it is none, and *ret_id is as it was. */
#define VRX_REQUEST_ID 16
bool vrx_request_id_parse(struct vrx_view text, uint8_t ret_id[VRX_REQUEST_ID]);

/* "application/grpc" or "application/grpc+proto", with or without parameters. */
bool vrx_content_type_is_grpc(struct vrx_view content_type);
/* "application/grpc-web" or "application/grpc-web+proto" (PROTOCOL-WEB), the same. The base64 form
 * ("-text") is not. */
bool vrx_content_type_is_grpc_web(struct vrx_view content_type);

#endif
