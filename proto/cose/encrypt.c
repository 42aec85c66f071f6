/* SPDX-License-Identifier: Apache-2.0
 *
 * COSE_Encrypt in the one profile that VRX uses:
 *
 *     96([ << {1: A256GCM} >>, {5: nonce}, ciphertext ‖ tag,
 *          [+ [ << {1: ECDH-ES+A256KW} >>, {4: kid, -1: ephemeral key}, wrapped key ] ] ])
 *
 * Nothing is reused between messages: content key, nonce and every recipient's ephemeral key are
 * fresh. The content key, shared secrets and key-wrapping keys stay in locked memory.
 *
 * Read next: header.c, then crypto/aead.h.
 */
#include "cose/encrypt.h"

#include "cose/header.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

#define TAG_ENCRYPT 96
#define A256GCM 3            /* RFC 9053 §4.1 */
#define A256KW (-5)          /* RFC 9053 §6.2 */
#define ECDH_ES_A256KW (-31) /* RFC 9053 §6.4 */
#define KEY_BITS 256
#define WRAPPED (VRX_AEAD_KEY + 8)

/* COSE_Key (RFC 9053 §7.1). */
#define KEY_TYPE 1
#define KEY_TYPE_EC2 2
#define KEY_CURVE (-1)
#define KEY_CURVE_P256 1
#define KEY_X (-2)
#define KEY_Y (-3)

#define SHAPE "RFC 9052 §5.1: [protected, unprotected, ciphertext, recipients]"
#define SHAPE_RECIPIENT "RFC 9052 §5.1: a recipient is [protected, unprotected, wrapped key]"
#define SHAPE_KEY "RFC 9053 §7.1: the ephemeral key is {1: EC2, -1: P-256, -2: x, -3: y}"

static const char encrypt_context[] = "Encrypt"; /* RFC 9052 §5.3 */

/* The secrets of one message, in one locked allocation. */
struct keys {
    uint8_t content[VRX_AEAD_KEY];
    uint8_t shared[VRX_P256_SHARED];
    uint8_t wrapping[VRX_AEAD_KEY];
};

/* {1: algorithm}: the protected header of the message and of a recipient. */
static struct vrx_result make_protected(int64_t algorithm, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 1);
    vrx_cbor_put_int(&writer, VRX_COSE_LABEL_ALGORITHM);
    vrx_cbor_put_int(&writer, algorithm);
    return vrx_cbor_writer_finish(&writer);
}

/* Enc_structure (RFC 9052 §5.3): what is authenticated beside the content. */
static struct vrx_result make_associated(
    struct vrx_view protected_bytes, struct vrx_view external, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 3);
    vrx_cbor_put_text(&writer, vrx_view_text(encrypt_context));
    vrx_cbor_put_bytes(&writer, protected_bytes);
    vrx_cbor_put_bytes(&writer, external);
    return vrx_cbor_writer_finish(&writer);
}

static void put_party(struct vrx_cbor_writer *writer) {
    vrx_cbor_put_array(writer, 3);
    for (int i = 0; i < 3; i++)
        vrx_cbor_put_null(writer);
}

/* COSE_KDF_Context (RFC 9053 §5.2). The parties have no names there: the signature inside names
 * the sender, the kid the receiver. */
static struct vrx_result make_kdf_context(
    struct vrx_view recipient_protected, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_int(&writer, A256KW);
    put_party(&writer);
    put_party(&writer);
    vrx_cbor_put_array(&writer, 2);
    vrx_cbor_put_uint(&writer, KEY_BITS);
    vrx_cbor_put_bytes(&writer, recipient_protected);
    return vrx_cbor_writer_finish(&writer);
}

/* HKDF-SHA256 (RFC 9053 §6.3.1) of what ECDH gave, into keys->wrapping. */
static struct vrx_result derive_wrapping(struct vrx_view recipient_protected, struct keys *keys) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer context = {0};
    VRX_TRY(make_kdf_context(recipient_protected, &context));
    return vrx_hkdf_sha256(vrx_view_of(keys->shared, sizeof keys->shared), vrx_view_of(NULL, 0),
        vrx_buffer_view(&context), keys->wrapping, sizeof keys->wrapping);
}

static void put_ephemeral_key(struct vrx_cbor_writer *writer, const uint8_t point[VRX_P256_POINT]) {
    vrx_cbor_put_map(writer, 4);
    vrx_cbor_put_int(writer, KEY_TYPE);
    vrx_cbor_put_int(writer, KEY_TYPE_EC2);
    vrx_cbor_put_int(writer, KEY_CURVE);
    vrx_cbor_put_int(writer, KEY_CURVE_P256);
    vrx_cbor_put_int(writer, KEY_X);
    vrx_cbor_put_bytes(writer, vrx_view_of(point + 1, VRX_P256_SCALAR));
    vrx_cbor_put_int(writer, KEY_Y);
    vrx_cbor_put_bytes(writer, vrx_view_of(point + 1 + VRX_P256_SCALAR, VRX_P256_SCALAR));
}

/* Wraps the content key to this recipient under a fresh ephemeral key. */
static struct vrx_result wrap_for(const struct vrx_recipient *recipient, struct keys *keys,
    struct vrx_view recipient_protected, uint8_t ret_point[VRX_P256_POINT],
    uint8_t ret_wrapped[WRAPPED]) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *ephemeral = NULL;
    VRX_TRY(vrx_private_key_new_p256(&ephemeral));
    vrx_private_key_point(ephemeral, ret_point);
    VRX_TRY(vrx_ecdh(ephemeral, recipient->key, keys->shared));
    VRX_TRY(derive_wrapping(recipient_protected, keys));
    return vrx_key_wrap(vrx_view_of(keys->wrapping, sizeof keys->wrapping),
        vrx_view_of(keys->content, sizeof keys->content), ret_wrapped);
}

static struct vrx_result put_recipient(
    struct vrx_cbor_writer *writer, const struct vrx_recipient *recipient, struct keys *keys) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer protected_bytes = {0};
    uint8_t point[VRX_P256_POINT];
    uint8_t wrapped[WRAPPED];
    VRX_TRY(make_protected(ECDH_ES_A256KW, &protected_bytes));
    VRX_TRY(wrap_for(recipient, keys, vrx_buffer_view(&protected_bytes), point, wrapped));
    vrx_cbor_put_array(writer, 3);
    vrx_cbor_put_bytes(writer, vrx_buffer_view(&protected_bytes));
    vrx_cbor_put_map(writer, 2);
    vrx_cbor_put_int(writer, VRX_COSE_LABEL_KID);
    vrx_cbor_put_bytes(writer, recipient->kid);
    vrx_cbor_put_int(writer, VRX_COSE_LABEL_EPHEMERAL_KEY);
    put_ephemeral_key(writer, point);
    vrx_cbor_put_bytes(writer, vrx_view_of(wrapped, sizeof wrapped));
    return vrx_ok();
}

/* Appends ciphertext ‖ tag. */
static struct vrx_result seal(const struct keys *keys, const uint8_t nonce[VRX_AEAD_NONCE],
    struct vrx_view associated, struct vrx_view plaintext, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_aead_done) struct vrx_aead aead = {0};
    uint8_t *at;
    VRX_TRY(vrx_buffer_extend(out, plaintext.len + VRX_AEAD_TAG, &at));
    VRX_TRY(vrx_aead_init(&aead, vrx_view_of(keys->content, sizeof keys->content)));
    return vrx_aead_seal(&aead, nonce, associated, plaintext, at, at + plaintext.len);
}

static struct vrx_result check_recipients(const struct vrx_recipient *recipients, size_t count) {
    if (count == 0 || count > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 9052 §5.1: 1 to 16 recipients");
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_cose_kid_check(recipients[i].kid));
    return vrx_ok();
}

static struct vrx_result write_message(struct vrx_view protected_bytes,
    const uint8_t nonce[VRX_AEAD_NONCE], struct vrx_view sealed,
    const struct vrx_recipient *recipients, size_t count, struct keys *keys,
    struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    struct vrx_result result = vrx_ok();
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_tag(&writer, TAG_ENCRYPT);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_bytes(&writer, protected_bytes);
    vrx_cbor_put_map(&writer, 1);
    vrx_cbor_put_int(&writer, VRX_COSE_LABEL_IV);
    vrx_cbor_put_bytes(&writer, vrx_view_of(nonce, VRX_AEAD_NONCE));
    vrx_cbor_put_bytes(&writer, sealed);
    vrx_cbor_put_array(&writer, count);
    for (size_t i = 0; i < count && vrx_is_ok(result); i++)
        result = put_recipient(&writer, &recipients[i], keys);
    /* Finishing an unfinished item restores out. */
    struct vrx_result written = vrx_cbor_writer_finish(&writer);
    return vrx_is_ok(result) ? written : result;
}

struct vrx_result vrx_encrypt_make(struct vrx_view plaintext, struct vrx_view external,
    const struct vrx_recipient *recipients, size_t count, const struct vrx_random *random,
    struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *secret = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer protected_bytes = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer associated = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer sealed = {0};
    uint8_t nonce[VRX_AEAD_NONCE];
    VRX_TRY(check_recipients(recipients, count));
    VRX_TRY(vrx_secret_new(sizeof(struct keys), &secret));
    struct keys *keys = (struct keys *)secret->ptr;
    VRX_TRY(vrx_random_fill(random, keys->content, sizeof keys->content));
    VRX_TRY(vrx_random_fill(random, nonce, sizeof nonce));
    VRX_TRY(make_protected(A256GCM, &protected_bytes));
    VRX_TRY(make_associated(vrx_buffer_view(&protected_bytes), external, &associated));
    VRX_TRY(seal(keys, nonce, vrx_buffer_view(&associated), plaintext, &sealed));
    return write_message(vrx_buffer_view(&protected_bytes), nonce, vrx_buffer_view(&sealed),
        recipients, count, keys, out);
}

/* A message's parts; views into the input. */
struct message {
    struct vrx_view protected_bytes;
    struct vrx_cose_header protected_header;
    struct vrx_cose_header unprotected_header;
    struct vrx_view sealed;
    uint64_t recipients;
};

struct recipient_entry {
    struct vrx_view protected_bytes;
    struct vrx_cose_header protected_header;
    struct vrx_cose_header unprotected_header;
    struct vrx_view wrapped;
};

static struct vrx_result take_protected(struct vrx_cbor_reader *reader, struct vrx_view *ret_bytes,
    struct vrx_cose_header *ret_header) {
    struct vrx_view bytes;
    VRX_TRY(vrx_cbor_bytes(reader, &bytes));
    VRX_TRY(vrx_cose_protected_read(reader->mode, bytes, ret_header));
    *ret_bytes = bytes;
    return vrx_ok();
}

static struct vrx_result take_message(struct vrx_cbor_reader *reader, struct message *message) {
    bool indefinite;
    uint64_t tag = 0;
    if (!vrx_is_ok(vrx_cbor_tag(reader, &tag)) || tag != TAG_ENCRYPT)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §5.1: COSE_Encrypt has tag 96");
    VRX_TRY(vrx_cose_array(reader, 4, SHAPE, &indefinite));
    VRX_TRY(take_protected(reader, &message->protected_bytes, &message->protected_header));
    VRX_TRY(vrx_cose_header_read(reader, &message->unprotected_header));
    VRX_TRY(vrx_cbor_bytes(reader, &message->sealed));
    VRX_TRY(vrx_cbor_array(reader, &message->recipients));
    if (message->recipients == 0)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §5.1: one recipient at least");
    if (message->recipients > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "RFC 9052 §5.1: 16 recipients at most");
    return vrx_ok();
}

static struct vrx_result check_message(const struct message *message) {
    if (message->protected_header.present != VRX_COSE_ALGORITHM ||
        message->unprotected_header.present != VRX_COSE_IV)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §5.1: {1: alg} and {5: nonce} here");
    if (message->protected_header.algorithm != A256GCM)
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 9053 §4.1: A256GCM alone is used here");
    if (message->unprotected_header.iv.len != VRX_AEAD_NONCE)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9053 §4.1: the nonce has 12 bytes");
    if (message->sealed.len < VRX_AEAD_TAG)
        return vrx_refuse(VRX_DECRYPT_FAILED, "RFC 9053 §4.1: shorter than its tag");
    return vrx_ok();
}

static struct vrx_result take_recipient(
    struct vrx_cbor_reader *reader, struct recipient_entry *entry) {
    bool indefinite;
    VRX_TRY(vrx_cose_array(reader, 3, SHAPE_RECIPIENT, &indefinite));
    VRX_TRY(take_protected(reader, &entry->protected_bytes, &entry->protected_header));
    VRX_TRY(vrx_cose_header_read(reader, &entry->unprotected_header));
    return vrx_cbor_bytes(reader, &entry->wrapped);
}

static struct vrx_result check_recipient(const struct recipient_entry *entry) {
    if (entry->protected_header.present != VRX_COSE_ALGORITHM ||
        entry->unprotected_header.present != (VRX_COSE_KID | VRX_COSE_EPHEMERAL_KEY))
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9052 §5.1: {1: alg}, {4: kid, -1: key} here");
    if (entry->protected_header.algorithm != ECDH_ES_A256KW)
        return vrx_refuse(
            VRX_ALGORITHM_REFUSED, "RFC 9053 §6.4: ECDH-ES + A256KW alone is used here");
    if (entry->wrapped.len != WRAPPED)
        return vrx_refuse(VRX_DECRYPT_FAILED, "RFC 9053 §6.2: a wrapped key of 32 bytes has 40");
    return vrx_ok();
}

/* Takes all recipients, so that nothing unread is left; the first with this kid wins. */
static struct vrx_result find_recipient(struct vrx_cbor_reader *reader, uint64_t count,
    struct vrx_view kid, struct recipient_entry *ret_entry) {
    bool found = false;
    for (uint64_t i = 0; i < count; i++) {
        struct recipient_entry entry = {0};
        VRX_TRY(take_recipient(reader, &entry));
        if (found || !(entry.unprotected_header.present & VRX_COSE_KID) ||
            !vrx_view_equal(entry.unprotected_header.kid, kid))
            continue;
        *ret_entry = entry;
        found = true;
    }
    if (!found)
        return vrx_refuse(VRX_KEY_UNKNOWN, "RFC 9052 §3.1: no recipient has this kid");
    return vrx_ok();
}

static struct vrx_result expect_int(struct vrx_cbor_reader *reader, int64_t expected) {
    int64_t value = 0;
    if (!vrx_is_ok(vrx_cbor_int(reader, &value)) || value != expected)
        return vrx_refuse(VRX_INPUT_MALFORMED, SHAPE_KEY);
    return vrx_ok();
}

static struct vrx_result read_ephemeral_key(struct vrx_view item, struct vrx_public_key **ret_key) {
    struct vrx_cbor_reader reader;
    uint64_t pairs = 0;
    struct vrx_view x;
    struct vrx_view y;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, item));
    if (!vrx_is_ok(vrx_cbor_map(&reader, &pairs)) || pairs != 4)
        return vrx_refuse(VRX_INPUT_MALFORMED, SHAPE_KEY);
    VRX_TRY(expect_int(&reader, KEY_TYPE));
    VRX_TRY(expect_int(&reader, KEY_TYPE_EC2));
    VRX_TRY(expect_int(&reader, KEY_CURVE));
    VRX_TRY(expect_int(&reader, KEY_CURVE_P256));
    VRX_TRY(expect_int(&reader, KEY_X));
    VRX_TRY(vrx_cbor_bytes(&reader, &x));
    VRX_TRY(expect_int(&reader, KEY_Y));
    VRX_TRY(vrx_cbor_bytes(&reader, &y));
    return vrx_public_key_from_xy(VRX_KEY_P256, x, y, ret_key);
}

static struct vrx_result unwrap(
    const struct recipient_entry *entry, const struct vrx_ecdh_key *key, struct keys *keys) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *ephemeral = NULL;
    VRX_TRY(read_ephemeral_key(entry->unprotected_header.ephemeral_key, &ephemeral));
    VRX_TRY(key->agree(key->context, ephemeral, keys->shared));
    VRX_TRY(derive_wrapping(entry->protected_bytes, keys));
    return vrx_key_unwrap(
        vrx_view_of(keys->wrapping, sizeof keys->wrapping), entry->wrapped, keys->content);
}

static struct vrx_result open_sealed(const struct message *message, struct vrx_view associated,
    const struct keys *keys, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_aead_done) struct vrx_aead aead = {0};
    size_t len = message->sealed.len - VRX_AEAD_TAG;
    uint8_t *at;
    VRX_TRY(vrx_aead_init(&aead, vrx_view_of(keys->content, sizeof keys->content)));
    VRX_TRY(vrx_buffer_extend(out, len, &at));
    struct vrx_result result = vrx_aead_open(&aead, message->unprotected_header.iv.ptr, associated,
        vrx_view_slice(message->sealed, 0, len), message->sealed.ptr + len, at);
    if (!vrx_is_ok(result))
        out->len -= len;
    return result;
}

struct vrx_result vrx_encrypt_open_by(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_ecdh_key *key, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *secret = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer associated = {0};
    struct vrx_cbor_reader reader;
    struct message parts = {0};
    struct recipient_entry entry = {0};
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, message));
    VRX_TRY(take_message(&reader, &parts));
    VRX_TRY(find_recipient(&reader, parts.recipients, kid, &entry));
    VRX_TRY(check_message(&parts));
    VRX_TRY(check_recipient(&entry));
    VRX_TRY(make_associated(parts.protected_bytes, external, &associated));
    VRX_TRY(vrx_secret_new(sizeof(struct keys), &secret));
    struct keys *keys = (struct keys *)secret->ptr;
    struct vrx_result result = unwrap(&entry, key, keys);
    if (vrx_is_ok(result))
        result = open_sealed(&parts, vrx_buffer_view(&associated), keys, out);
    /* Which of the two failed is nobody's business. */
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_DECRYPT_FAILED, "RFC 9052 §5.3: the content does not authenticate");
    return result;
}

struct own_key {
    const struct vrx_private_key *key;
};

static struct vrx_result agree_here(
    void *context, const struct vrx_public_key *other, uint8_t ret_shared[VRX_P256_SHARED]) {
    return vrx_ecdh(((const struct own_key *)context)->key, other, ret_shared);
}

struct vrx_result vrx_encrypt_open(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_private_key *key, struct vrx_buffer *out) {
    struct own_key own = {key};
    const struct vrx_ecdh_key here = {agree_here, &own};
    return vrx_encrypt_open_by(message, external, kid, &here, out);
}
