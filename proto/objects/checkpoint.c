/* SPDX-License-Identifier: Apache-2.0
 *
 * A checkpoint is three lines of text and a signature line, so that an officer can read it, print
 * it and type its first characters into a search. Reading is strict to the byte: what this file
 * accepts as the municipality's own text is exactly what it would write.
 *
 * ECDSA in signed notes is ASN.1 DER, while VRX has r ‖ s everywhere else; the few lines of DER are
 * at the top. Next: merkle.h for what the root means.
 */
#include "objects/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"

#define ORIGIN_PREFIX "vrx/"
#define ORIGIN_MAX (sizeof ORIGIN_PREFIX + VRX_MUNICIPALITY_CODE_DIGITS)
#define KEY_ID 4
#define DASH "\xe2\x80\x94 " /* U+2014, space */
#define SCALAR (VRX_P256_SIGNATURE / 2)
#define DER_MAX (2 + 2 * (2 + 1 + SCALAR))

static const char clause_text[] = "C2SP tlog-checkpoint, Note text";
static const char clause_format[] = "C2SP signed-note, Format";
static const char clause_signature[] = "C2SP signed-note, Signatures";
static const char clause_der[] = "RFC 3279 §2.2.3: ECDSA-Sig-Value";

/* DER INTEGER of one unsigned scalar: leading zeros away, one back where the high bit is set. */
static size_t der_put_integer(const uint8_t scalar[SCALAR], uint8_t *out) {
    size_t skip = 0;
    while (skip < SCALAR - 1 && !scalar[skip])
        skip++;
    size_t pad = scalar[skip] >> 7;
    size_t len = SCALAR - skip + pad;
    out[0] = 0x02;
    out[1] = (uint8_t)len;
    out[2] = 0;
    memcpy(out + 2 + pad, scalar + skip, SCALAR - skip);
    return 2 + len;
}

static size_t der_put_signature(const uint8_t raw[VRX_P256_SIGNATURE], uint8_t out[DER_MAX]) {
    size_t len = 2;
    len += der_put_integer(raw, out + len);
    len += der_put_integer(raw + SCALAR, out + len);
    out[0] = 0x30;
    out[1] = (uint8_t)(len - 2);
    return len;
}

static bool der_get_integer(struct vrx_cursor *cursor, uint8_t ret_scalar[SCALAR]) {
    uint8_t tag = vrx_cursor_u8(cursor);
    size_t len = vrx_cursor_u8(cursor);
    struct vrx_view value = vrx_cursor_bytes(cursor, len);
    if (cursor->failed || tag != 0x02 || !len || len > SCALAR + 1 || value.ptr[0] & 0x80)
        return false;
    if (!value.ptr[0] && len > 1) {
        if (!(value.ptr[1] & 0x80))
            return false;
        value = vrx_view_slice(value, 1, len - 1);
    }
    if (value.len > SCALAR)
        return false;
    memset(ret_scalar, 0, SCALAR);
    memcpy(ret_scalar + SCALAR - value.len, value.ptr, value.len);
    return true;
}

static bool der_get_signature(struct vrx_view der, uint8_t ret_raw[VRX_P256_SIGNATURE]) {
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, der);
    uint8_t tag = vrx_cursor_u8(&cursor);
    size_t len = vrx_cursor_u8(&cursor);
    return tag == 0x30 && len == cursor.rest.len && der_get_integer(&cursor, ret_raw) &&
           der_get_integer(&cursor, ret_raw + SCALAR) && vrx_is_ok(vrx_cursor_finish(&cursor));
}

static struct vrx_view origin_of(
    const struct vrx_municipality_code *municipality, char out[ORIGIN_MAX]) {
    int len = snprintf(out, ORIGIN_MAX, ORIGIN_PREFIX "%s", municipality->digits);
    return vrx_view_of(out, (size_t)len);
}

/* The first 4 bytes of SHA-256 of the key's SubjectPublicKeyInfo. */
static struct vrx_result key_id_of(const struct vrx_public_key *key, uint8_t ret_id[KEY_ID]) {
    uint8_t digest[VRX_SHA256];
    if (vrx_public_key_type(key) != VRX_KEY_P256)
        return vrx_refuse(VRX_KEY_INVALID, "C2SP signed-note, Signature types: 0x02, P-256");
    VRX_TRY(vrx_public_key_spki_sha256(key, digest));
    memcpy(ret_id, digest, KEY_ID);
    return vrx_ok();
}

static struct vrx_result append_text(struct vrx_buffer *out, const char *text) {
    return vrx_buffer_append(out, vrx_view_text(text));
}

static struct vrx_result put_text(
    const struct vrx_checkpoint *checkpoint, struct vrx_view origin, struct vrx_buffer *out) {
    char size[24];
    (void)snprintf(size, sizeof size, "\n%" PRIu64 "\n", checkpoint->size);
    VRX_TRY(vrx_buffer_append(out, origin));
    VRX_TRY(append_text(out, size));
    VRX_TRY(vrx_base64_encode(
        VRX_BASE64_STANDARD, vrx_view_of(checkpoint->root.bytes, VRX_MERKLE_HASH), out));
    return append_text(out, "\n");
}

static struct vrx_result put_signature(
    const struct vrx_private_key *key, struct vrx_view origin, struct vrx_buffer *note) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *public = NULL;
    uint8_t raw[VRX_P256_SIGNATURE];
    uint8_t blob[KEY_ID + DER_MAX];
    VRX_TRY(vrx_private_key_public(key, &public));
    VRX_TRY(key_id_of(public, blob));
    VRX_TRY(vrx_sign_es256(key, vrx_buffer_view(note), raw));
    size_t len = KEY_ID + der_put_signature(raw, blob + KEY_ID);
    VRX_TRY(append_text(note, "\n" DASH));
    VRX_TRY(vrx_buffer_append(note, origin));
    VRX_TRY(append_text(note, " "));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_STANDARD, vrx_view_of(blob, len), note));
    return append_text(note, "\n");
}

struct vrx_result vrx_checkpoint_make(const struct vrx_checkpoint *checkpoint,
    const struct vrx_private_key *key, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer note = {.limit = VRX_LIMIT_CHECKPOINT};
    char name[ORIGIN_MAX];
    if (checkpoint->size > VRX_MERKLE_SIZE_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_view origin = origin_of(&checkpoint->municipality, name);
    VRX_TRY(put_text(checkpoint, origin, &note));
    VRX_TRY(put_signature(key, origin, &note));
    return vrx_buffer_append(out, vrx_buffer_view(&note));
}

/* Takes what stands before the next `end` and that byte itself; false when there is none. */
static bool take_until(struct vrx_view *rest, char end, struct vrx_view *ret_part) {
    const uint8_t *at = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    if (!at)
        return false;
    size_t len = (size_t)(at - rest->ptr);
    *ret_part = vrx_view_slice(*rest, 0, len);
    *rest = vrx_view_slice(*rest, len + 1, rest->len);
    return true;
}

static bool take_prefix(struct vrx_view *rest, const char *prefix) {
    struct vrx_view wanted = vrx_view_text(prefix);
    if (!vrx_view_equal(vrx_view_slice(*rest, 0, wanted.len), wanted))
        return false;
    *rest = vrx_view_slice(*rest, wanted.len, rest->len);
    return true;
}

/* Decimal, no leading zero, at most VRX_MERKLE_SIZE_MAX. */
static bool read_size(struct vrx_view line, uint64_t *ret_size) {
    uint64_t size = 0;
    if (!vrx_text_is_digits(line, 1, 19) || (line.len > 1 && line.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < line.len; i++)
        size = size * 10 + (uint64_t)(line.ptr[i] - '0');
    if (size > VRX_MERKLE_SIZE_MAX)
        return false;
    *ret_size = size;
    return true;
}

static struct vrx_result read_root(struct vrx_view line, struct vrx_merkle_hash *ret_root) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {.limit = VRX_LIMIT_CHECKPOINT};
    struct vrx_result result = vrx_base64_decode(VRX_BASE64_STANDARD, line, &bytes);
    if (result.reason == VRX_OUT_OF_MEMORY) /* says nothing against the text */
        return result;
    if (!vrx_is_ok(result) || bytes.len != VRX_MERKLE_HASH)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause_text);
    memcpy(ret_root->bytes, bytes.ptr, VRX_MERKLE_HASH);
    return vrx_ok();
}

static struct vrx_result read_text(struct vrx_view text, struct vrx_checkpoint *ret_checkpoint) {
    struct vrx_view rest = text;
    struct vrx_view line = {0};
    if (!take_prefix(&rest, ORIGIN_PREFIX) || !take_until(&rest, '\n', &line))
        return vrx_refuse(VRX_INPUT_MALFORMED, clause_text);
    VRX_TRY(vrx_municipality_code_parse(line, &ret_checkpoint->municipality));
    if (!take_until(&rest, '\n', &line) || !read_size(line, &ret_checkpoint->size) ||
        !take_until(&rest, '\n', &line) || rest.len)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause_text);
    return read_root(line, &ret_checkpoint->root);
}

/* The text is separated from the signatures by the last empty line of the note. */
static struct vrx_result split(
    struct vrx_view note, struct vrx_view *ret_text, struct vrx_view *ret_signatures) {
    if (note.len > VRX_LIMIT_CHECKPOINT)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    if (!vrx_utf8_valid(note))
        return vrx_refuse(VRX_INPUT_TEXT, clause_format);
    size_t empty = 0; /* where the empty line begins */
    for (size_t i = 0; i < note.len; i++) {
        if (note.ptr[i] < 0x20 && note.ptr[i] != '\n')
            return vrx_refuse(VRX_INPUT_MALFORMED, clause_format);
        if (i && note.ptr[i] == '\n' && note.ptr[i - 1] == '\n')
            empty = i;
    }
    if (!empty || empty + 1 == note.len)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause_format);
    *ret_text = vrx_view_slice(note, 0, empty);
    *ret_signatures = vrx_view_slice(note, empty + 1, note.len);
    return vrx_ok();
}

struct signature {
    struct vrx_view name;
    struct vrx_buffer bytes; /* key ID ‖ signature */
};

static void signature_done(struct signature *signature) {
    vrx_buffer_done(&signature->bytes);
}

static struct vrx_result read_signature(struct vrx_view *rest, struct signature *ret_signature) {
    struct vrx_view line = {0};
    if (!take_until(rest, '\n', &line) || !take_prefix(&line, DASH) ||
        !take_until(&line, ' ', &ret_signature->name) || !ret_signature->name.len ||
        memchr(ret_signature->name.ptr, '+', ret_signature->name.len))
        return vrx_refuse(VRX_INPUT_MALFORMED, clause_format);
    VRX_TRY(vrx_base64_decode(VRX_BASE64_STANDARD, line, &ret_signature->bytes));
    if (ret_signature->bytes.len <= KEY_ID)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause_format);
    return vrx_ok();
}

/* Who is asked to have signed, and whether that was found. */
struct signer {
    const struct vrx_public_key *key;
    char room[ORIGIN_MAX]; /* of the name */
    struct vrx_view name;
    uint8_t id[KEY_ID];
    bool found;
};

static struct vrx_result check_signature(
    struct signer *signer, const struct signature *signature, struct vrx_view text) {
    struct vrx_view bytes = vrx_buffer_view(&signature->bytes);
    uint8_t raw[VRX_P256_SIGNATURE];
    if (!vrx_view_equal(signature->name, signer->name) ||
        !vrx_view_equal(vrx_view_slice(bytes, 0, KEY_ID), vrx_view_of(signer->id, KEY_ID)))
        return vrx_ok();
    signer->found = true;
    if (!der_get_signature(vrx_view_slice(bytes, KEY_ID, bytes.len), raw))
        return vrx_refuse(VRX_SIGNATURE_INVALID, clause_der);
    return vrx_verify(VRX_ES256, signer->key, text, vrx_view_of(raw, sizeof raw));
}

/* signer NULL: the form of the signatures only. */
static struct vrx_result read_note(
    struct vrx_view note, struct signer *signer, struct vrx_checkpoint *ret_checkpoint) {
    struct vrx_view text;
    struct vrx_view rest;
    struct vrx_checkpoint checkpoint;
    VRX_TRY(split(note, &text, &rest));
    VRX_TRY(read_text(text, &checkpoint));
    if (signer)
        signer->name = origin_of(&checkpoint.municipality, signer->room);
    while (rest.len) {
        VRX_CLEANUP(signature_done)
        struct signature signature = {.bytes.limit = VRX_LIMIT_CHECKPOINT};
        VRX_TRY(read_signature(&rest, &signature));
        if (signer)
            VRX_TRY(check_signature(signer, &signature, text));
    }
    if (signer && !signer->found)
        return vrx_refuse(VRX_KEY_UNKNOWN, clause_signature);
    *ret_checkpoint = checkpoint;
    return vrx_ok();
}

struct vrx_result vrx_checkpoint_parse(
    struct vrx_view note, struct vrx_checkpoint *ret_checkpoint) {
    return read_note(note, NULL, ret_checkpoint);
}

struct vrx_result vrx_checkpoint_verify(
    struct vrx_view note, const struct vrx_public_key *key, struct vrx_checkpoint *ret_checkpoint) {
    struct signer signer = {.key = key};
    VRX_TRY(key_id_of(key, signer.id));
    return read_note(note, &signer, ret_checkpoint);
}
