/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into vrxd: counts the asymmetric operations that it asks OpenSSL for, in a file that
 * VRX_COUNT_FILE names and others map too: sign, verify, derive (ECDH) and make a key pair, 64 bits
 * each in the machine's order. What OpenSSL calls within itself is a part of the outermost
 * operation and not counted.
 *
 * Next: exchange.mjs.
 */
#include <openssl/evp.h>

#include "preloaded.h"

enum { SIGN, VERIFY, DERIVE, KEY_PAIR, OPERATIONS };

static _Atomic uint64_t *counts;
static _Thread_local unsigned depth;

__attribute__((constructor)) static void map_counts(void) {
    counts = preloaded_counters("VRX_COUNT_FILE", OPERATIONS);
}

static void begin(int operation, int counts_now) {
    if (depth++ == 0 && counts_now)
        atomic_fetch_add(&counts[operation], 1);
}

int EVP_PKEY_sign(EVP_PKEY_CTX *ctx, unsigned char *sig, size_t *siglen, const unsigned char *tbs,
    size_t tbslen) {
    NEXT(EVP_PKEY_sign);
    begin(SIGN, sig != NULL);
    int result = next(ctx, sig, siglen, tbs, tbslen);
    depth--;
    return result;
}

int EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *sig, size_t siglen,
    const unsigned char *tbs, size_t tbslen) {
    NEXT(EVP_PKEY_verify);
    begin(VERIFY, 1);
    int result = next(ctx, sig, siglen, tbs, tbslen);
    depth--;
    return result;
}

int EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *sigret, size_t *siglen, const unsigned char *tbs,
    size_t tbslen) {
    NEXT(EVP_DigestSign);
    begin(SIGN, sigret != NULL);
    int result = next(ctx, sigret, siglen, tbs, tbslen);
    depth--;
    return result;
}

int EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sigret, size_t siglen,
    const unsigned char *tbs, size_t tbslen) {
    NEXT(EVP_DigestVerify);
    begin(VERIFY, 1);
    int result = next(ctx, sigret, siglen, tbs, tbslen);
    depth--;
    return result;
}

int EVP_PKEY_derive(EVP_PKEY_CTX *ctx, unsigned char *key, size_t *keylen) {
    NEXT(EVP_PKEY_derive);
    begin(DERIVE, key != NULL);
    int result = next(ctx, key, keylen);
    depth--;
    return result;
}

int EVP_PKEY_keygen(EVP_PKEY_CTX *ctx, EVP_PKEY **ppkey) {
    NEXT(EVP_PKEY_keygen);
    begin(KEY_PAIR, 1);
    int result = next(ctx, ppkey);
    depth--;
    return result;
}
