/* SPDX-License-Identifier: Apache-2.0
 *
 * grpc-status-details-bin: google.rpc.Status with one google.rpc.ErrorInfo (AIP-193): how a refusal
 * reaches a program; and with a google.rpc.RetryInfo where waiting so long helps. ErrorInfo.reason
 * is the name in reasons.def, domain is "vrx", metadata holds clause   of the RFC, standard or law
 * that refused, where one did retry    NEVER, CORRECTED, LATER or NOW ja       the sentence in
 * Japanese (Status.message is the English one) and what the refusing method knows beside that, such
 * as action   the identifier of the request that waits for a second person, in hexadecimal
 */
#ifndef VRX_GRPC_DETAILS_H
#define VRX_GRPC_DETAILS_H

#include "base/bytes.h"
#include "grpc/status.h"

#define VRX_DETAILS_DOMAIN "vrx"

/* Adds one more pair of metadata to facts, encoded. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_details_add_fact(
    struct vrx_buffer *facts, const char *name, struct vrx_view value);

/* Appends the protobuf message (not base64); facts as vrx_details_add_fact makes them, may be
 * empty. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_details_encode(enum vrx_grpc_code code, struct vrx_result outcome,
    struct vrx_view facts, struct vrx_buffer *out);

/* Views into the input; empty where absent. */
struct vrx_details {
    enum vrx_grpc_code code;
    struct vrx_view message;
    struct vrx_view reason; /* of the first ErrorInfo with domain "vrx" */
    struct vrx_view clause;
    struct vrx_view retry;
    struct vrx_view message_ja;
    uint32_t retry_ms; /* of the first RetryInfo, rounded up; 0 where there is none */
    struct vrx_view action;
};

/* Skips unknown fields and other details. Errors: VRX_INPUT_TRUNCATED, VRX_INPUT_MALFORMED. */
struct vrx_result vrx_details_decode(struct vrx_view message, struct vrx_details *ret_details);

/* The header field's value: base64 without padding, as gRPC asks of senders; with or without on the
 * way in. Append. Errors of the second: VRX_INPUT_MALFORMED. */
struct vrx_result vrx_binary_field_encode(struct vrx_view bytes, struct vrx_buffer *out);
struct vrx_result vrx_binary_field_decode(struct vrx_view text, struct vrx_buffer *out);

/* "NEVER", "CORRECTED", "LATER", "NOW"; VRX_RETRY_NEVER for what is none of them. */
const char *vrx_retry_name(enum vrx_retry retry);
enum vrx_retry vrx_retry_from_name(struct vrx_view name);

#endif
