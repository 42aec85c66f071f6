/* SPDX-License-Identifier: Apache-2.0
 *
 * One parser with two policies. The message's shape is the same for both; what differs is the CBOR
 * mode and what the headers may hold: our own messages have exactly {1: ES256, 4: kid}, so that no
 * signature can be had or shown under another algorithm, while other issuers' headers are taken as
 * RFC 9052 allows them.
 *
 * Read next: header.c, then crypto/key.h.
 */
#include "cose/sign1.h"

#include "cose/header.h"

#define TAG_SIGN1 18
#define TAG_CWT 61 /* RFC 8392 §6: a CWT may be tagged around its COSE tag */
#define SHAPE "RFC 9052 §4.2: [protected, unprotected, payload, signature]"

static const char signature_context[] = "Signature1"; /* RFC 9052 §4.4 */

/* More than a message or a Sig_structure takes beside its payload, with a kid as long as ours. */
#define AROUND 160

static struct vrx_result take_payload(struct vrx_cbor_reader *reader, struct vrx_sign1 *message) {
    message->detached = vrx_is_ok(vrx_cbor_null(reader));
    if (!message->detached && !vrx_is_ok(vrx_cbor_bytes(reader, &message->payload)))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §4.2: the payload is bstr or nil");
    return vrx_ok();
}

/* The array's four items. */
static struct vrx_result take_message(struct vrx_cbor_reader *reader, struct vrx_sign1 *message,
    struct vrx_cose_header *protected_header, struct vrx_cose_header *unprotected_header) {
    bool indefinite;
    VRX_TRY(vrx_cose_array(reader, 4, SHAPE, &indefinite));
    if (!vrx_is_ok(vrx_cbor_bytes(reader, &message->protected_bytes)))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §3: the protected header is bstr");
    VRX_TRY(vrx_cose_protected_read(reader->mode, message->protected_bytes, protected_header));
    /* §4.4: without attributes a string of length zero is signed, however the map was written. */
    if (!protected_header->present)
        message->protected_bytes = vrx_view_of(NULL, 0);
    if (vrx_cbor_peek(reader) != VRX_CBOR_MAP)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §3: the unprotected header is a map");
    VRX_TRY(vrx_cose_header_read(reader, unprotected_header));
    VRX_TRY(take_payload(reader, message));
    if (!vrx_is_ok(vrx_cbor_bytes(reader, &message->signature)))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §4.2: the signature is bstr");
    return vrx_cose_array_end(reader, indefinite, SHAPE);
}

static void adopt(struct vrx_sign1 *message, const struct vrx_cose_header *header) {
    if (header->present & VRX_COSE_ALGORITHM)
        message->algorithm = header->algorithm;
    if (header->present & VRX_COSE_KID)
        message->kid = header->kid;
}

static struct vrx_result require_tag(struct vrx_cbor_reader *reader, uint64_t wanted) {
    uint64_t tag = 0;
    if (!vrx_is_ok(vrx_cbor_tag(reader, &tag)) || tag != wanted)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §4.2: COSE_Sign1 has tag 18");
    return vrx_ok();
}

static struct vrx_result check_own(const struct vrx_sign1 *message,
    const struct vrx_cose_header *protected_header,
    const struct vrx_cose_header *unprotected_header) {
    if (protected_header->present != (VRX_COSE_ALGORITHM | VRX_COSE_KID))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §3: protected is {1: alg, 4: kid} here");
    if (unprotected_header->present)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §3: unprotected is empty here");
    if (message->algorithm != VRX_ES256)
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 9053 §2.1: ES256 alone is used here");
    if (!vrx_is_ok(vrx_cose_kid_check(message->kid)))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §3.1: a kid of 1 to 64 bytes");
    if (message->detached)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §4.2: the payload is attached here");
    return vrx_ok();
}

struct vrx_result vrx_sign1_parse(struct vrx_view input, struct vrx_sign1 *ret_message) {
    struct vrx_cbor_reader reader;
    struct vrx_sign1 message = {0};
    struct vrx_cose_header protected_header;
    struct vrx_cose_header unprotected_header;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, input));
    VRX_TRY(require_tag(&reader, TAG_SIGN1));
    VRX_TRY(take_message(&reader, &message, &protected_header, &unprotected_header));
    adopt(&message, &protected_header);
    VRX_TRY(check_own(&message, &protected_header, &unprotected_header));
    *ret_message = message;
    return vrx_ok();
}

/* Untagged, 18(…) or 61(18(…)). */
static struct vrx_result take_foreign_tags(struct vrx_cbor_reader *reader) {
    struct vrx_cbor_reader ahead = *reader;
    uint64_t tag = 0;
    if (!vrx_is_ok(vrx_cbor_tag(&ahead, &tag)))
        return vrx_ok();
    if (tag == TAG_CWT)
        VRX_TRY(require_tag(&ahead, TAG_SIGN1));
    else if (tag != TAG_SIGN1)
        return require_tag(reader, TAG_SIGN1);
    *reader = ahead;
    return vrx_ok();
}

struct vrx_result vrx_sign1_parse_foreign(struct vrx_view input, struct vrx_sign1 *ret_message) {
    struct vrx_cbor_reader reader;
    struct vrx_sign1 message = {0};
    struct vrx_cose_header protected_header;
    struct vrx_cose_header unprotected_header;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, input));
    VRX_TRY(take_foreign_tags(&reader));
    VRX_TRY(take_message(&reader, &message, &protected_header, &unprotected_header));
    adopt(&message, &unprotected_header);
    adopt(&message, &protected_header);
    message.has_content_type = protected_header.content_type_is_uint;
    message.content_type = protected_header.content_type;
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_sign1_to_be_signed(struct vrx_view protected_bytes, struct vrx_view external,
    struct vrx_view payload, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_text(&writer, vrx_view_text(signature_context));
    vrx_cbor_put_bytes(&writer, protected_bytes);
    vrx_cbor_put_bytes(&writer, external);
    vrx_cbor_put_bytes(&writer, payload);
    return vrx_cbor_writer_finish(&writer);
}

static bool is_known(int64_t algorithm) {
    static const enum vrx_signature_algorithm known[] = {
        VRX_ES256, VRX_EDDSA, VRX_ES384, VRX_ES512, VRX_PS256};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (algorithm == known[i])
            return true;
    return false;
}

struct vrx_result vrx_sign1_verify(
    const struct vrx_sign1 *message, struct vrx_view external, const struct vrx_public_key *key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer signed_bytes = {0};
    if (!is_known(message->algorithm))
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 9052 §3.1: alg is absent or not accepted");
    VRX_TRY(vrx_sign1_to_be_signed(
        message->protected_bytes, external, message->payload, &signed_bytes));
    struct vrx_result result = vrx_verify((enum vrx_signature_algorithm)message->algorithm, key,
        vrx_buffer_view(&signed_bytes), message->signature);
    if (result.reason == VRX_SIGNATURE_INVALID)
        return vrx_refuse(VRX_SIGNATURE_INVALID, "RFC 9052 §4.4: the signature does not verify");
    return result;
}

static struct vrx_result make_protected(struct vrx_view kid, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 2);
    vrx_cbor_put_int(&writer, VRX_COSE_LABEL_ALGORITHM);
    vrx_cbor_put_int(&writer, VRX_ES256);
    vrx_cbor_put_int(&writer, VRX_COSE_LABEL_KID);
    vrx_cbor_put_bytes(&writer, kid);
    return vrx_cbor_writer_finish(&writer);
}

struct vrx_result vrx_sign1_make(struct vrx_view payload, struct vrx_view external,
    const struct vrx_private_key *key, struct vrx_view kid, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer protected_bytes = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer signed_bytes = {0};
    uint8_t signature[VRX_P256_SIGNATURE];
    VRX_TRY(vrx_cose_kid_check(kid));
    VRX_TRY(vrx_buffer_reserve(&signed_bytes, payload.len + external.len + AROUND));
    VRX_TRY(vrx_buffer_reserve(out, payload.len + AROUND));
    VRX_TRY(make_protected(kid, &protected_bytes));
    VRX_TRY(vrx_sign1_to_be_signed(
        vrx_buffer_view(&protected_bytes), external, payload, &signed_bytes));
    VRX_TRY(vrx_sign_es256(key, vrx_buffer_view(&signed_bytes), signature));
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_tag(&writer, TAG_SIGN1);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_bytes(&writer, vrx_buffer_view(&protected_bytes));
    vrx_cbor_put_map(&writer, 0);
    vrx_cbor_put_bytes(&writer, payload);
    vrx_cbor_put_bytes(&writer, vrx_view_of(signature, sizeof signature));
    return vrx_cbor_writer_finish(&writer);
}
