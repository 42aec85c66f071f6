/* SPDX-License-Identifier: Apache-2.0
 *
 * The process-wide handles. The one exception to "no globals" in proto/: a cache of what the
 * library itself keeps global, without any effect on results. It is never freed; OpenSSL's own exit
 * handler runs in an order that nobody controls.
 */
#include "crypto/algorithms.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <pthread.h>

static struct vrx_algorithms table;
static bool complete;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static EVP_MAC_CTX *hmac_template(void) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    if (context && EVP_MAC_CTX_set_params(context, params) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    return context;
}

/* The curve's generator (SEC 2 §2.4.2), as good a point as any. */
static EVP_PKEY *p256_template(void) {
    char name[] = SN_X9_62_prime256v1;
    uint8_t point[] = {4, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
        0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39,
        0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7,
        0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb,
        0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    return pkey;
}

static void fetch_all(void) {
    table.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    table.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    table.sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
    table.sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
    table.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    table.wrap = EVP_CIPHER_fetch(NULL, "AES-256-WRAP", NULL);
    table.xts = EVP_CIPHER_fetch(NULL, "AES-256-XTS", NULL);
    table.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    table.cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    table.hmac = hmac_template();
    table.p256 = p256_template();
    complete = table.sha1 && table.sha256 && table.sha384 && table.sha512 && table.gcm &&
               table.wrap && table.xts && table.hkdf && table.cmac && table.hmac && table.p256;
}

struct vrx_result vrx_algorithms_get(const struct vrx_algorithms **ret_algorithms) {
    if (pthread_once(&once, fetch_all) != 0 || !complete)
        return vrx_crypto_failed();
    *ret_algorithms = &table;
    return vrx_ok();
}

bool vrx_crypto_ran_out(void) {
    bool out_of_memory = false;
    for (unsigned long error = ERR_get_error(); error; error = ERR_get_error())
        out_of_memory = out_of_memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
    return out_of_memory;
}
