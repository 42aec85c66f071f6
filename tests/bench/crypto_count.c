/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into vrxd: counts the asymmetric operations that it asks OpenSSL for, in a file that
 * VRX_COUNT_FILE names and others map too: sign, verify, derive (ECDH) and make a key pair, 64 bits
 * each in the machine's order. What OpenSSL calls within itself is a part of the outermost
 * operation and not counted.
 *
 * Next: exchange.mjs.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIGN, VERIFY, DERIVE, KEY_PAIR, OPERATIONS };

static _Atomic uint64_t *counts;
static _Thread_local unsigned depth;

__attribute__((constructor)) static void map_counts(void) {
    const char *path = getenv("VRX_COUNT_FILE");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0 || ftruncate(fd, OPERATIONS * sizeof *counts) != 0)
        abort();
    void *map = mmap(NULL, OPERATIONS * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        abort();
    counts = map;
    (void)close(fd);
}

static void *next_of(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* Object and function pointers differ for C and are the same for POSIX. */
#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) \
    *(void **)(void *)&next = next_of(#name)

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
