/* SPDX-License-Identifier: Apache-2.0
 *
 * The process-wide handles. The one exception to "no globals" in proto/: a cache of what the
 * library itself keeps global, without any effect on results. It is never freed; OpenSSL's own exit
 * handler runs in an order that nobody controls.
 */
#include "crypto/algorithms.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
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
    complete = table.sha1 && table.sha256 && table.sha384 && table.sha512 && table.gcm &&
               table.wrap && table.xts && table.hkdf && table.cmac && table.hmac;
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
