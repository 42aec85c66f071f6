/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to an OCSP responder and back: HTTP by OpenSSL, which bounds the time of the whole
 * exchange and the answer's size.
 */
#include <openssl/err.h>
#include <openssl/http.h>
#include <stdlib.h>

#include "cards/provider.h"
#include "crypto/ocsp.h"

#define NO_PROXY_ASKED "" /* whatever the environment names */

struct responder {
    char *host;
    char *port;
    char *path;
    int seconds;
};

static void free_responder(void *context) {
    struct responder *responder = context;
    OPENSSL_free(responder->host);
    OPENSSL_free(responder->port);
    OPENSSL_free(responder->path);
    free(responder);
}

static struct vrx_result unreachable(void) {
    ERR_clear_error();
    return vrx_refuse(VRX_CARD_STATUS_UNKNOWN, "RFC 6960 appendix A.1: the responder's answer");
}

static struct vrx_result post(
    const struct responder *responder, struct vrx_view question, struct vrx_buffer *answer) {
    BIO *request = BIO_new_mem_buf(question.ptr, (int)question.len);
    if (!request)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    BIO *reply = OSSL_HTTP_transfer(NULL, responder->host, responder->port, responder->path, 0,
        NO_PROXY_ASKED, NULL, NULL, NULL, NULL, NULL, 0, NULL, "application/ocsp-request", request,
        "application/ocsp-response", 1, VRX_OCSP_MAX, responder->seconds, 0);
    struct vrx_result result = reply ? vrx_ok() : unreachable();
    char *bytes = NULL;
    const long len = reply ? BIO_get_mem_data(reply, &bytes) : 0;
    if (len > 0)
        result = vrx_buffer_append(answer, vrx_view_of((const uint8_t *)bytes, (size_t)len));
    BIO_free(reply);
    BIO_free(request);
    ERR_clear_error();
    return result;
}

static struct vrx_result ask(void *context, const struct vrx_revocation_question *question) {
    uint8_t nonce[VRX_OCSP_NONCE];
    struct vrx_buffer asked VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_random_fill(question->random, nonce, sizeof nonce));
    VRX_TRY(vrx_ocsp_ask(question->certificate, question->issuer, nonce, &asked));
    VRX_TRY(post(context, vrx_buffer_view(&asked), &answer));
    return vrx_ocsp_check(
        vrx_buffer_view(&answer), question->certificate, question->issuer, nonce, question->now);
}

struct vrx_result vrx_ocsp_provider_new(
    const char *url, int64_t seconds, struct vrx_revocation_provider *ret_provider) {
    struct responder *responder = calloc(1, sizeof *responder);
    int tls = 0;
    if (!responder)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    responder->seconds = (int)seconds;
    if (OSSL_HTTP_parse_url(url, &tls, NULL, &responder->host, &responder->port, NULL,
            &responder->path, NULL, NULL) != 1 ||
        tls) {
        ERR_clear_error();
        free_responder(responder);
        return vrx_refuse(VRX_INPUT_MALFORMED, "card-ocsp: http://HOST:PORT/PATH");
    }
    *ret_provider = (struct vrx_revocation_provider){ask, free_responder, responder};
    return vrx_ok();
}
