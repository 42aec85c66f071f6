/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: OpenSSL's algorithm handles, fetched once for the process, because a fetch
 * by name takes a lock and a lookup that costs more than hashing a short message. The table is
 * written once and immutable afterwards; handles may be used by every thread.
 */
#ifndef VRX_CRYPTO_ALGORITHMS_H
#define VRX_CRYPTO_ALGORITHMS_H

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "base/result.h"

struct vrx_algorithms {
    EVP_MD *sha1;
    EVP_MD *sha256;
    EVP_MD *sha384;
    EVP_MD *sha512;
    EVP_CIPHER *gcm;
    EVP_CIPHER *wrap;
    EVP_CIPHER *xts;
    EVP_KDF *hkdf;
    EVP_MAC *cmac;
    EVP_MAC_CTX *hmac; /* HMAC with SHA-256 chosen and no key: to be duplicated */
    EVP_PKEY *p256; /* the curve with its generator as the point: to be duplicated, for OpenSSL 3.0
                     * takes longer to set up the curve's group than to compute with it */
};

/* Errors: VRX_CRYPTO_FAILED when the library lacks one of them (a broken installation). */
struct vrx_result vrx_algorithms_get(const struct vrx_algorithms **ret_algorithms);

/* Empties OpenSSL's error queue of this thread: what is left there would be taken for an error of
 * the next TLS connection. True where the queue said that memory ran out. */
bool vrx_crypto_ran_out(void);

/* The refusal, with an emptied queue; VRX_OUT_OF_MEMORY instead where memory ran out: a signature
 * that memory was too short to check is not an invalid one. */
static inline struct vrx_result vrx_crypto_refuse(enum vrx_reason reason, const char *clause) {
    return vrx_crypto_ran_out() ? vrx_fail(VRX_OUT_OF_MEMORY) : vrx_refuse(reason, clause);
}

/* VRX_CRYPTO_FAILED without clause, in the same way. */
static inline struct vrx_result vrx_crypto_failed(void) {
    return vrx_crypto_refuse(VRX_CRYPTO_FAILED, NULL);
}

#endif
