/* SPDX-License-Identifier: Apache-2.0
 *
 * gRPC status codes, and which of them a refusal is answered with.
 */
#ifndef VRX_GRPC_STATUS_H
#define VRX_GRPC_STATUS_H

#include "base/bytes.h"

/* gRPC "Status codes and their use". */
enum vrx_grpc_code {
    VRX_GRPC_OK = 0,
    VRX_GRPC_CANCELLED = 1,
    VRX_GRPC_UNKNOWN = 2,
    VRX_GRPC_INVALID_ARGUMENT = 3,
    VRX_GRPC_DEADLINE_EXCEEDED = 4,
    VRX_GRPC_NOT_FOUND = 5,
    VRX_GRPC_ALREADY_EXISTS = 6,
    VRX_GRPC_PERMISSION_DENIED = 7,
    VRX_GRPC_RESOURCE_EXHAUSTED = 8,
    VRX_GRPC_FAILED_PRECONDITION = 9,
    VRX_GRPC_ABORTED = 10,
    VRX_GRPC_OUT_OF_RANGE = 11,
    VRX_GRPC_UNIMPLEMENTED = 12,
    VRX_GRPC_INTERNAL = 13,
    VRX_GRPC_UNAVAILABLE = 14,
    VRX_GRPC_DATA_LOSS = 15,
    VRX_GRPC_UNAUTHENTICATED = 16,
};

/* By the reason's category, with the exceptions in status.c. */
enum vrx_grpc_code vrx_grpc_code_of(enum vrx_reason reason);
/* "PERMISSION_DENIED"; "UNKNOWN" for a number that is none. */
const char *vrx_grpc_code_name(enum vrx_grpc_code code);
/* What a response without grpc-status means (gRPC "HTTP to gRPC Status Code Mapping"). */
enum vrx_grpc_code vrx_grpc_code_of_http(unsigned status);

#endif
