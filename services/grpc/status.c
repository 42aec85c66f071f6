/* SPDX-License-Identifier: Apache-2.0
 *
 * Two tables: categories, and the reasons whose gRPC status is another than their category's. A
 * client library retries UNAVAILABLE by itself, so only what may be repeated unchanged is that.
 */
#include "grpc/status.h"

static const enum vrx_grpc_code by_category[] = {
    [VRX_CATEGORY_OK] = VRX_GRPC_OK,
    [VRX_CATEGORY_INPUT] = VRX_GRPC_INVALID_ARGUMENT,
    [VRX_CATEGORY_AUTH] = VRX_GRPC_PERMISSION_DENIED,
    [VRX_CATEGORY_STATE] = VRX_GRPC_FAILED_PRECONDITION,
    [VRX_CATEGORY_LIMIT] = VRX_GRPC_RESOURCE_EXHAUSTED,
    [VRX_CATEGORY_IO] = VRX_GRPC_UNAVAILABLE,
    [VRX_CATEGORY_CRYPTO] = VRX_GRPC_DATA_LOSS,
    [VRX_CATEGORY_INTERNAL] = VRX_GRPC_INTERNAL,
};

static const struct {
    enum vrx_reason reason;
    enum vrx_grpc_code code;
} exceptions[] = {
    {VRX_TERMINAL_UNKNOWN, VRX_GRPC_UNAUTHENTICATED},
    {VRX_SESSION_REQUIRED, VRX_GRPC_UNAUTHENTICATED},
    {VRX_SESSION_ENDED, VRX_GRPC_UNAUTHENTICATED},
    {VRX_LOGIN_REFUSED, VRX_GRPC_UNAUTHENTICATED},
    {VRX_TENANT_SEALED, VRX_GRPC_UNAVAILABLE},
    {VRX_TENANT_UNKNOWN, VRX_GRPC_NOT_FOUND},
    {VRX_NOT_FOUND, VRX_GRPC_NOT_FOUND},
    {VRX_ALREADY_EXISTS, VRX_GRPC_ALREADY_EXISTS},
    {VRX_CONFLICT, VRX_GRPC_ABORTED},
    {VRX_ISSUER_UNAVAILABLE, VRX_GRPC_UNAVAILABLE},
    {VRX_SHUTTING_DOWN, VRX_GRPC_UNAVAILABLE},
    {VRX_CANCELLED, VRX_GRPC_CANCELLED},
    {VRX_DEADLINE_EXCEEDED, VRX_GRPC_DEADLINE_EXCEEDED},
    {VRX_METHOD_UNKNOWN, VRX_GRPC_UNIMPLEMENTED},
    /* The caller cannot mend these, and nothing of the caller's is lost. */
    {VRX_DISK_FAILED, VRX_GRPC_INTERNAL},
    {VRX_DISK_FULL, VRX_GRPC_RESOURCE_EXHAUSTED},
    {VRX_FILE_REFUSED, VRX_GRPC_INTERNAL},
    {VRX_TOKEN_FAILED, VRX_GRPC_INTERNAL},
    {VRX_RANDOM_FAILED, VRX_GRPC_INTERNAL},
    {VRX_CRYPTO_FAILED, VRX_GRPC_INTERNAL},
    /* The key or certificate came with the request. */
    {VRX_KEY_INVALID, VRX_GRPC_INVALID_ARGUMENT},
    {VRX_CERTIFICATE_INVALID, VRX_GRPC_INVALID_ARGUMENT},
};

static const char *const names[] = {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

enum vrx_grpc_code vrx_grpc_code_of(enum vrx_reason reason) {
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        if (exceptions[i].reason == reason)
            return exceptions[i].code;
    }
    return by_category[vrx_reason_category(reason)];
}

const char *vrx_grpc_code_name(enum vrx_grpc_code code) {
    size_t at = (size_t)code;
    return names[at < sizeof names / sizeof *names ? at : (size_t)VRX_GRPC_UNKNOWN];
}

enum vrx_grpc_code vrx_grpc_code_of_http(unsigned status) {
    switch (status) {
    case 400:
        return VRX_GRPC_INTERNAL;
    case 401:
        return VRX_GRPC_UNAUTHENTICATED;
    case 403:
        return VRX_GRPC_PERMISSION_DENIED;
    case 404:
        return VRX_GRPC_UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
        return VRX_GRPC_UNAVAILABLE;
    default:
        return VRX_GRPC_UNKNOWN;
    }
}
