/* SPDX-License-Identifier: Apache-2.0
 *
 * The textual encoding of keys and certificates (RFC 7468). Reading is OpenSSL's, kept to its
 * strict half; writing is ours, because it goes straight into locked memory.
 */
#include "crypto/pem.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "crypto/algorithms.h"

struct block {
    char *name;
    char *header;
    unsigned char *data;
    long len;
};

static void block_done(struct block *block) {
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    OPENSSL_clear_free(block->data, block->len > 0 ? (size_t)block->len : 0);
    *block = (struct block){0};
}

/* False at the end and at the first block that is broken. */
static bool find_block(BIO *bio, const char *label, struct block *block) {
    for (;;) {
        block_done(block);
        if (PEM_read_bio_ex(bio, &block->name, &block->header, &block->data, &block->len,
                PEM_FLAG_ONLY_B64) != 1)
            return false;
        if (strcmp(block->name, label) == 0)
            return block->len > 0 && block->header[0] == 0;
    }
}

struct vrx_result vrx_pem_read(
    struct vrx_view pem, const char *label, enum vrx_reason failure, struct vrx_buffer *out) {
    if (pem.len == 0 || pem.len > INT_MAX)
        return vrx_refuse(failure, "RFC 7468 §2");
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    if (!bio)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct block block = {0};
    struct vrx_result result =
        find_block(bio, label, &block)
            ? vrx_buffer_append(out, vrx_view_of(block.data, (size_t)block.len))
            : vrx_crypto_refuse(failure, "RFC 7468 §2");
    block_done(&block);
    BIO_free(bio);
    return result;
}

#define LINE_BYTES 48 /* give 64 characters */
#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----\n"

size_t vrx_pem_size(size_t der_len, const char *label) {
    size_t lines = (der_len + LINE_BYTES - 1) / LINE_BYTES;
    size_t characters = (der_len + 2) / 3 * 4;
    return strlen(BEGIN) + strlen(END) + 2 * (strlen(label) + strlen(DASHES)) + characters + lines;
}

/* The text without its NUL. */
static uint8_t *put(uint8_t *at, const char *text) {
    struct vrx_view view = vrx_view_text(text);
    memcpy(at, view.ptr, view.len);
    return at + view.len;
}

void vrx_pem_write(struct vrx_view der, const char *label, uint8_t *out) {
    uint8_t *at = put(put(put(out, BEGIN), label), DASHES);
    for (size_t offset = 0; offset < der.len; offset += LINE_BYTES) {
        struct vrx_view part = vrx_view_slice(der, offset, LINE_BYTES);
        at += EVP_EncodeBlock(
            at, part.ptr, (int)part.len); /* its NUL is overwritten by the line end */
        *at++ = '\n';
    }
    put(put(put(at, END), label), DASHES);
}
