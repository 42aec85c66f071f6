/* SPDX-License-Identifier: Apache-2.0
 *
 * Header maps are read by a table of the labels that VRX knows; what else stands there is noted, so
 * that our own messages can refuse it and other issuers' may carry it.
 *
 * Read next: sign1.c, encrypt.c.
 */
#include "cose/header.h"

typedef struct vrx_result take_parameter(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *header);

static struct vrx_result take_algorithm(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    if (vrx_cbor_peek(reader) == VRX_CBOR_TEXT)
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 9053 §2: no algorithm is named by a text");
    return vrx_cbor_int(reader, &header->algorithm);
}

static struct vrx_result take_critical(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    (void)reader;
    (void)header;
    return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §3.1: crit names what is not understood");
}

static struct vrx_result take_content_type(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    struct vrx_view text;
    header->content_type_is_uint = vrx_cbor_peek(reader) == VRX_CBOR_UINT;
    if (header->content_type_is_uint)
        return vrx_cbor_uint(reader, &header->content_type);
    return vrx_cbor_text(reader, &text);
}

static struct vrx_result take_kid(struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    return vrx_cbor_bytes(reader, &header->kid);
}

static struct vrx_result take_iv(struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    return vrx_cbor_bytes(reader, &header->iv);
}

static struct vrx_result take_ephemeral_key(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    return vrx_cbor_item(reader, &header->ephemeral_key);
}

static struct vrx_result take_other(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    (void)header;
    struct vrx_view item;
    return vrx_cbor_item(reader, &item);
}

static const struct parameter {
    int64_t label;
    unsigned present;
    take_parameter *take;
} parameters[] = {
    {VRX_COSE_LABEL_ALGORITHM, VRX_COSE_ALGORITHM, take_algorithm},
    {VRX_COSE_LABEL_CRITICAL, VRX_COSE_OTHER, take_critical},
    {VRX_COSE_LABEL_CONTENT_TYPE, VRX_COSE_CONTENT_TYPE, take_content_type},
    {VRX_COSE_LABEL_KID, VRX_COSE_KID, take_kid},
    {VRX_COSE_LABEL_IV, VRX_COSE_IV, take_iv},
    {VRX_COSE_LABEL_EPHEMERAL_KEY, VRX_COSE_EPHEMERAL_KEY, take_ephemeral_key},
};
static const struct parameter other = {0, VRX_COSE_OTHER, take_other};

static const struct parameter *find(int64_t label) {
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (parameters[i].label == label)
            return &parameters[i];
    return &other;
}

static struct vrx_result take_pair(struct vrx_cbor_reader *reader, struct vrx_cose_header *header) {
    int64_t label = 0;
    struct vrx_view text;
    const struct parameter *parameter = &other;
    struct vrx_result result = vrx_cbor_int(reader, &label);
    if (vrx_is_ok(result))
        parameter = find(label);
    else if (result.reason == VRX_INPUT_RANGE)
        VRX_TRY(vrx_cbor_item(reader, &text));
    else if (!vrx_is_ok(vrx_cbor_text(reader, &text)))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §1.5: a label is an integer or a text");
    header->present |= parameter->present;
    return parameter->take(reader, header);
}

struct vrx_result vrx_cose_header_read(
    struct vrx_cbor_reader *reader, struct vrx_cose_header *ret_header) {
    struct vrx_cose_header header = {0};
    uint64_t count;
    VRX_TRY(vrx_cbor_map(reader, &count));
    bool indefinite = count == UINT64_MAX;
    while (indefinite ? vrx_cbor_peek(reader) != VRX_CBOR_END : count-- > 0)
        VRX_TRY(take_pair(reader, &header));
    if (indefinite)
        VRX_TRY(vrx_cbor_leave(reader));
    *ret_header = header;
    return vrx_ok();
}

struct vrx_result vrx_cose_protected_read(
    enum vrx_cbor_mode mode, struct vrx_view content, struct vrx_cose_header *ret_header) {
    struct vrx_cbor_reader reader;
    if (content.len == 0) {
        *ret_header = (struct vrx_cose_header){0};
        return vrx_ok();
    }
    VRX_TRY(vrx_cbor_reader_init(&reader, mode, content));
    return vrx_cose_header_read(&reader, ret_header);
}

struct vrx_result vrx_cose_array(
    struct vrx_cbor_reader *reader, uint64_t items, const char *clause, bool *ret_indefinite) {
    uint64_t count = 0;
    if (!vrx_is_ok(vrx_cbor_array(reader, &count)) || (count != items && count != UINT64_MAX))
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    *ret_indefinite = count == UINT64_MAX;
    return vrx_ok();
}

struct vrx_result vrx_cose_array_end(
    struct vrx_cbor_reader *reader, bool indefinite, const char *clause) {
    if (indefinite && !vrx_is_ok(vrx_cbor_leave(reader)))
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    return vrx_ok();
}

struct vrx_result vrx_cose_kid_check(struct vrx_view kid) {
    if (kid.len == 0 || kid.len > VRX_COSE_KID_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 9052 §3.1: a kid of 1 to 64 bytes");
    return vrx_ok();
}
