/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of header fields and the error details that a peer sends: first byte says which.
 */
#include <stdlib.h>

#include "base/encode.h"
#include "grpc/details.h"
#include "grpc/metadata.h"

/* Whatever is decoded encodes back to something that decodes to the same. */
static void percent(struct vrx_view text) {
    struct vrx_buffer plain VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer again VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!vrx_is_ok(vrx_percent_decode(text, &plain)) ||
        !vrx_is_ok(vrx_percent_encode(vrx_buffer_view(&plain), &encoded)) ||
        !vrx_is_ok(vrx_percent_decode(vrx_buffer_view(&encoded), &again)))
        return;
    if (!vrx_view_equal(vrx_buffer_view(&plain), vrx_buffer_view(&again)))
        abort();
}

static void timeout(struct vrx_view text) {
    int64_t ms = 0;
    char formatted[VRX_TIMEOUT_TEXT];
    if (!vrx_is_ok(vrx_timeout_parse(text, &ms)))
        return;
    int64_t again = 0;
    vrx_timeout_format(ms, formatted);
    if (!vrx_is_ok(vrx_timeout_parse(vrx_view_text(formatted), &again)) || again < ms)
        abort();
}

static void details(struct vrx_view message) {
    struct vrx_details details;
    if (!vrx_is_ok(vrx_details_decode(message, &details)))
        return;
    const struct vrx_view parts[] = {
        details.message, details.reason, details.clause, details.retry, details.message_ja};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].len &&
            (parts[i].ptr < message.ptr || parts[i].ptr + parts[i].len > message.ptr + message.len))
            abort();
    }
}

static void binary(struct vrx_view text) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    if (vrx_is_ok(vrx_binary_field_decode(text, &bytes)))
        details(vrx_buffer_view(&bytes));
}

/* An id has as many digits as it has. */
static void request_id(struct vrx_view text) {
    uint8_t id[VRX_REQUEST_ID];
    uint8_t again[VRX_REQUEST_ID];
    char hex[2 * VRX_REQUEST_ID + 1];
    if (!vrx_request_id_parse(text, id))
        return;
    vrx_hex_string(vrx_view_of(id, sizeof id), hex);
    if (!vrx_request_id_parse(vrx_view_text(hex), again) || memcmp(id, again, sizeof id) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const targets[])(struct vrx_view) = {
        percent, timeout, details, binary, request_id};
    if (size)
        targets[data[0] % 5](vrx_view_of(data + 1, size - 1));
    return 0;
}
