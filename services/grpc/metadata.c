/* SPDX-License-Identifier: Apache-2.0
 *
 * See metadata.h; status.c and client.c are the users.
 */
#include "grpc/metadata.h"

#include <inttypes.h>
#include <stdio.h>

static const char hex[] = "0123456789ABCDEF";

struct vrx_result vrx_percent_encode(struct vrx_view text, struct vrx_buffer *out) {
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte >= 0x20 && byte <= 0x7e && byte != '%') {
            VRX_TRY(vrx_buffer_append_byte(out, byte));
            continue;
        }
        uint8_t escape[3] = {'%', (uint8_t)hex[byte >> 4], (uint8_t)hex[byte & 15]};
        VRX_TRY(vrx_buffer_append(out, vrx_view_of(escape, sizeof escape)));
    }
    return vrx_ok();
}

static int hex_value(uint8_t character) {
    if (character >= '0' && character <= '9')
        return character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

struct vrx_result vrx_percent_decode(struct vrx_view text, struct vrx_buffer *out) {
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte == '%' && text.len - i > 2) {
            int high = hex_value(text.ptr[i + 1]);
            int low = hex_value(text.ptr[i + 2]);
            if (high >= 0 && low >= 0) {
                byte = (uint8_t)(high << 4 | low);
                i += 2;
            }
        }
        VRX_TRY(vrx_buffer_append_byte(out, byte));
    }
    return vrx_ok();
}

static const struct {
    uint8_t name;
    int64_t nanoseconds;
} units[] = {
    {'n', 1},
    {'u', 1000},
    {'m', 1000000},
    {'S', 1000000000},
    {'M', 60000000000},
    {'H', 3600000000000},
};

#define UNITS (sizeof units / sizeof *units)
#define NS_PER_MS 1000000

struct vrx_result vrx_timeout_parse(struct vrx_view text, int64_t *ret_ms) {
    struct vrx_result malformed =
        vrx_refuse(VRX_INPUT_MALFORMED, "gRPC PROTOCOL-HTTP2: grpc-timeout");
    if (text.len < 2 || text.len > 9)
        return malformed;
    int64_t value = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return malformed;
        value = value * 10 + (text.ptr[i] - '0');
    }
    for (size_t i = 0; i < UNITS; i++) {
        if (text.ptr[text.len - 1] != units[i].name)
            continue;
        /* 99999999 H are 3.6e20 ns, so the division comes first where the unit is coarse. */
        if (units[i].nanoseconds >= NS_PER_MS)
            *ret_ms = value * (units[i].nanoseconds / NS_PER_MS);
        else
            *ret_ms = (value * units[i].nanoseconds + NS_PER_MS - 1) / NS_PER_MS;
        return vrx_ok();
    }
    return malformed;
}

void vrx_timeout_format(int64_t ms, char ret_text[VRX_TIMEOUT_TEXT]) {
    if (ms < 0)
        ms = 0;
    size_t unit = 2;
    int64_t value = ms;
    while (value > 99999999 && unit + 1 < UNITS) {
        unit++;
        int64_t divisor = units[unit].nanoseconds / NS_PER_MS;
        value = ms / divisor + (ms % divisor != 0);
    }
    if (value > 99999999)
        value = 99999999;
    snprintf(ret_text, VRX_TIMEOUT_TEXT, "%" PRId32 "%c", (int32_t)value, units[unit].name);
}

static bool is_dash(size_t len, size_t at) {
    return len == 36 && (at == 8 || at == 13 || at == 18 || at == 23);
}

bool vrx_request_id_parse(struct vrx_view text, uint8_t ret_id[VRX_REQUEST_ID]) {
    uint8_t id[VRX_REQUEST_ID] = {0};
    size_t digits = 0;
    uint8_t any = 0;
    if (text.len != (size_t)2 * VRX_REQUEST_ID && text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const int value = hex_value(text.ptr[i]);
        if (is_dash(text.len, i) ? text.ptr[i] != '-' : value < 0)
            return false;
        if (is_dash(text.len, i))
            continue;
        id[digits / 2] = (uint8_t)(id[digits / 2] << 4 | value);
        any |= id[digits / 2];
        digits++;
    }
    if (any)
        memcpy(ret_id, id, sizeof id);
    return any;
}

/* The type is one of the two; parameters are passed over. */
static bool type_is(struct vrx_view content_type, const char *plain, const char *proto) {
    for (size_t i = 0; i < content_type.len; i++) {
        if (content_type.ptr[i] == ';' || content_type.ptr[i] == ' ')
            content_type.len = i;
    }
    return vrx_view_equal(content_type, vrx_view_text(plain)) ||
           vrx_view_equal(content_type, vrx_view_text(proto));
}

bool vrx_content_type_is_grpc(struct vrx_view content_type) {
    return type_is(content_type, "application/grpc", "application/grpc+proto");
}

bool vrx_content_type_is_grpc_web(struct vrx_view content_type) {
    return type_is(content_type, "application/grpc-web", "application/grpc-web+proto");
}
