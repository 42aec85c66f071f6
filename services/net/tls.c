/* SPDX-License-Identifier: Apache-2.0
 *
 * Configures OpenSSL's SSL_CTX. The socket goes below a BIO of our own, whose only difference to
 * BIO_s_socket is MSG_NOSIGNAL: a library must not end its process because a peer hung up.
 */
#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "crypto/crl.h"
#include "crypto/key.h"
#include "crypto/x509.h"

static const uint8_t alpn_h2[] = {2, 'h', '2'};

#define CIPHERSUITES "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS "X25519:P-256:P-384"
#define EXPORTER_LABEL "EXPORTER-Channel-Binding" /* RFC 9266 §2 */

/* What handshakes go by; never changed once it is in use. */
struct present {
    SSL_CTX *context;
    struct vrx_crls crls;
    atomic_uint references;
};

/* Behind a pointer, so that who may only use a struct vrx_tls can hold what is present. */
struct keeper {
    pthread_mutex_t lock;
    struct present *present;
};

struct vrx_tls {
    struct keeper *keeper;
    BIO_METHOD *socket;
};

static void present_unref(struct present **present) {
    struct present *own = *present;
    *present = NULL;
    if (!own || atomic_fetch_sub(&own->references, 1) != 1)
        return;
    SSL_CTX_free(own->context);
    vrx_crls_done(&own->crls);
    free(own);
}

static struct present *hold(const struct vrx_tls *tls) {
    (void)pthread_mutex_lock(&tls->keeper->lock);
    struct present *present = tls->keeper->present;
    atomic_fetch_add(&present->references, 1);
    (void)pthread_mutex_unlock(&tls->keeper->lock);
    return present;
}

/* The socket BIO */

static int socket_write(BIO *bio, const char *bytes, int len) {
    ssize_t written = send((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)len, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (written < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    return (int)written;
}

static int socket_read(BIO *bio, char *bytes, int len) {
    ssize_t got = recv((int)(intptr_t)BIO_get_data(bio), bytes, (size_t)len, 0);
    BIO_clear_retry_flags(bio);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    return (int)got;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static int socket_create(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}

static BIO_METHOD *socket_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "vrx socket");
    if (method) {
        BIO_meth_set_write(method, socket_write);
        BIO_meth_set_read(method, socket_read);
        BIO_meth_set_ctrl(method, socket_control);
        BIO_meth_set_create(method, socket_create);
    }
    return method;
}

/* Reading PEM into the context */

static BIO *bio_of(struct vrx_view pem) {
    return pem.len && pem.len <= INT32_MAX ? BIO_new_mem_buf(pem.ptr, (int)pem.len) : NULL;
}

static bool use_chain(SSL_CTX *context, struct vrx_view pem) {
    BIO *bio = bio_of(pem);
    X509 *leaf = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool good = leaf && SSL_CTX_use_certificate(context, leaf) == 1;
    X509_free(leaf);
    X509 *next = NULL;
    while (good && (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
        good = SSL_CTX_add0_chain_cert(context, next) == 1;
    BIO_free(bio);
    return good;
}

static bool use_key(SSL_CTX *context, const struct vrx_secret *pem) {
    BIO *bio = pem ? bio_of(vrx_secret_view(pem)) : NULL;
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    bool good =
        key && SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return good;
}

static bool trust(SSL_CTX *context, struct vrx_view pem) {
    BIO *bio = bio_of(pem);
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    size_t count = 0;
    bool good = bio;
    X509 *authority = NULL;
    while (good && (authority = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        /* The purpose -1 reads the extensions into OpenSSL's cache here, before threads share it.
         */
        good =
            X509_check_purpose(authority, -1, 0) == 1 && X509_STORE_add_cert(store, authority) == 1;
        X509_free(authority);
        count++;
    }
    BIO_free(bio);
    return good && count;
}

/* Contexts */

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *context) {
    (void)ssl;
    (void)context;
    for (unsigned at = 0; at < in_len; at += 1u + in[at]) {
        if (in_len - at >= sizeof alpn_h2 && !memcmp(in + at, alpn_h2, sizeof alpn_h2)) {
            *out = in + at + 1;
            *out_len = 2;
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool set_up(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    /* One read(2) for a record's head and body, and for several records. */
    SSL_CTX_set_read_ahead(context, 1);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(context, CIPHERSUITES) == 1 &&
           SSL_CTX_set1_groups_list(context, GROUPS) == 1 &&
           SSL_CTX_set_num_tickets(context, 0) == 1;
}

static struct vrx_result present_new(const SSL_METHOD *method, struct present **ret_present) {
    struct present *present = calloc(1, sizeof *present);
    if (!present)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    atomic_init(&present->references, 1);
    present->context = SSL_CTX_new(method);
    if (!present->context || !set_up(present->context)) {
        present_unref(&present);
        ERR_clear_error();
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_present = present;
    return vrx_ok();
}

static struct vrx_result use_identity(SSL_CTX *context, const struct vrx_tls_identity *identity) {
    if (!use_chain(context, identity->certificates_pem))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §5: certificate chain");
    if (!use_key(context, identity->key_pem))
        return vrx_refuse(VRX_KEY_INVALID, "RFC 7468 §10: the certificate's private key");
    return vrx_ok();
}

/* Some authority's. */
static struct vrx_result check_issuer(const SSL_CTX *context, const struct vrx_crl *crl) {
    struct vrx_result result =
        vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §6.3.3 f: no authority of clients");
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        const X509 *authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
        unsigned char *der = NULL;
        int len = authority ? i2d_X509(authority, &der) : 0;
        if (len <= 0)
            continue;
        struct vrx_result read =
            vrx_certificate_from_der(vrx_view_of(der, (size_t)len), &certificate);
        OPENSSL_free(der);
        VRX_TRY(read);
        result = vrx_crl_issued_by(crl, certificate);
        if (vrx_is_ok(result))
            return result;
    }
    return result;
}

static struct vrx_result use_crl(SSL_CTX *context, const struct vrx_crl *crl) {
    const struct vrx_view der = vrx_crl_der(crl);
    const unsigned char *at = der.ptr;
    VRX_TRY(check_issuer(context, crl));
    X509_CRL *own = d2i_X509_CRL(NULL, &at, (long)der.len);
    bool good = own && X509_STORE_add_crl(SSL_CTX_get_cert_store(context), own) == 1;
    X509_CRL_free(own);
    return good ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

/* Every certificate of the chain is looked up, the authority's own included, so that an authority
 * without a list lets nobody in. */
static struct vrx_result use_crls(struct present *present, struct vrx_view file) {
    if (!file.len)
        return vrx_ok();
    VRX_TRY(vrx_crls_read(file, &present->crls));
    for (size_t i = 0; i < present->crls.count; i++)
        VRX_TRY(use_crl(present->context, present->crls.list[i]));
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(present->context);
    return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)
               ? vrx_ok()
               : vrx_fail(VRX_OUT_OF_MEMORY);
}

static struct vrx_result server_present(const struct vrx_tls_identity *identity,
    struct vrx_view client_ca_pem, struct vrx_view client_crls, struct present **ret_present) {
    struct present *present = NULL;
    VRX_TRY(present_new(TLS_server_method(), &present));
    SSL_CTX_set_alpn_select_cb(present->context, select_alpn, NULL);
    struct vrx_result result = use_identity(present->context, identity);
    if (vrx_is_ok(result) && client_ca_pem.len) {
        SSL_CTX_set_verify(
            present->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        if (!trust(present->context, client_ca_pem))
            result = vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §5: authorities of clients");
    }
    if (vrx_is_ok(result))
        result = use_crls(present, client_crls);
    ERR_clear_error();
    if (vrx_is_ok(result))
        *ret_present = present;
    else
        present_unref(&present);
    return result;
}

static struct vrx_result client_present(const struct vrx_tls_identity *identity,
    struct vrx_view server_ca_pem, struct present **ret_present) {
    struct present *present = NULL;
    VRX_TRY(present_new(TLS_client_method(), &present));
    SSL_CTX_set_verify(present->context, SSL_VERIFY_PEER, NULL);
    struct vrx_result result = identity ? use_identity(present->context, identity) : vrx_ok();
    /* Unlike all else in OpenSSL this returns 0 on success. */
    if (vrx_is_ok(result) && SSL_CTX_set_alpn_protos(present->context, alpn_h2, sizeof alpn_h2))
        result = vrx_fail(VRX_OUT_OF_MEMORY);
    if (vrx_is_ok(result) && !trust(present->context, server_ca_pem))
        result = vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §5: authorities of the server");
    ERR_clear_error();
    if (vrx_is_ok(result))
        *ret_present = present;
    else
        present_unref(&present);
    return result;
}

/* Takes what is present, also when it fails. */
static struct vrx_result tls_new(struct present *present, struct vrx_tls **ret_tls) {
    struct vrx_tls *tls = calloc(1, sizeof *tls);
    struct keeper *keeper = calloc(1, sizeof *keeper);
    BIO_METHOD *socket = socket_method();
    if (!tls || !keeper || !socket || pthread_mutex_init(&keeper->lock, NULL)) {
        free(tls);
        free(keeper);
        BIO_meth_free(socket);
        present_unref(&present);
        ERR_clear_error();
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    keeper->present = present;
    tls->keeper = keeper;
    tls->socket = socket;
    *ret_tls = tls;
    return vrx_ok();
}

struct vrx_result vrx_tls_server_new(const struct vrx_tls_identity *identity,
    struct vrx_view client_ca_pem, struct vrx_tls **ret_tls) {
    struct present *present = NULL;
    VRX_TRY(server_present(identity, client_ca_pem, (struct vrx_view){0}, &present));
    return tls_new(present, ret_tls);
}

/* Takes what is present from now on. */
static void exchange(struct vrx_tls *tls, struct present *present) {
    (void)pthread_mutex_lock(&tls->keeper->lock);
    struct present *before = tls->keeper->present;
    tls->keeper->present = present;
    (void)pthread_mutex_unlock(&tls->keeper->lock);
    present_unref(&before);
}

struct vrx_result vrx_tls_server_renew(struct vrx_tls *tls, const struct vrx_tls_identity *identity,
    struct vrx_view client_ca_pem, struct vrx_view client_crls) {
    struct present *present = NULL;
    VRX_TRY(server_present(identity, client_ca_pem, client_crls, &present));
    exchange(tls, present);
    return vrx_ok();
}

struct vrx_result vrx_tls_client_new(const struct vrx_tls_identity *identity,
    struct vrx_view server_ca_pem, struct vrx_tls **ret_tls) {
    struct present *present = NULL;
    VRX_TRY(client_present(identity, server_ca_pem, &present));
    return tls_new(present, ret_tls);
}

struct vrx_result vrx_tls_client_renew(
    struct vrx_tls *tls, const struct vrx_tls_identity *identity, struct vrx_view server_ca_pem) {
    struct present *present = NULL;
    VRX_TRY(client_present(identity, server_ca_pem, &present));
    exchange(tls, present);
    return vrx_ok();
}

void vrx_tls_free(struct vrx_tls **tls) {
    struct vrx_tls *own = *tls;
    *tls = NULL;
    if (!own)
        return;
    present_unref(&own->keeper->present);
    (void)pthread_mutex_destroy(&own->keeper->lock);
    free(own->keeper);
    BIO_meth_free(own->socket);
    free(own);
}

/* Connections */

static SSL *ssl_new(const struct vrx_tls *tls, int fd) {
    struct present *present = hold(tls);
    SSL *ssl = SSL_new(present->context); /* holds the context by itself */
    present_unref(&present);
    BIO *bio = BIO_new(tls->socket);
    if (!ssl || !bio) {
        SSL_free(ssl);
        BIO_free(bio);
        return NULL;
    }
    BIO_set_data(bio, (void *)(intptr_t)fd);
    SSL_set_bio(ssl, bio, bio);
    return ssl;
}

struct vrx_result vrx_tls_accept(const struct vrx_tls *tls, int fd, SSL **ret_ssl) {
    SSL *ssl = ssl_new(tls, fd);
    if (!ssl)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    SSL_set_accept_state(ssl);
    *ret_ssl = ssl;
    return vrx_ok();
}

static bool expect_host(SSL *ssl, const char *host) {
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
        return true;
    char name[256]; /* RFC 1035 §2.3.4; a copy, for the macro below takes no const */
    size_t len = strlen(host);
    if (len >= sizeof name)
        return false;
    memcpy(name, host, len + 1);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

struct vrx_result vrx_tls_connect(
    const struct vrx_tls *tls, int fd, const char *host, SSL **ret_ssl) {
    SSL *ssl = ssl_new(tls, fd);
    if (!ssl || !expect_host(ssl, host)) {
        SSL_free(ssl);
        ERR_clear_error();
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    SSL_set_connect_state(ssl);
    *ret_ssl = ssl;
    return vrx_ok();
}

void vrx_tls_close(SSL **ssl) {
    SSL_free(*ssl);
    *ssl = NULL;
}

static bool names(const struct vrx_crls *crls, const struct vrx_certificate *certificate) {
    bool named = false;
    for (size_t i = 0; i < crls->count && !named; i++)
        named = vrx_crl_names(crls->list[i], certificate);
    return named;
}

bool vrx_tls_is_revoked(const struct vrx_tls *tls, const SSL *ssl) {
    struct present *present = hold(tls);
    const X509 *shown = present->crls.count ? SSL_get0_peer_certificate(ssl) : NULL;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    unsigned char *der = NULL;
    int len = shown ? i2d_X509(shown, &der) : 0;
    /* What cannot be looked up for want of memory counts as revoked. */
    bool revoked = shown && (len <= 0 || !vrx_is_ok(vrx_certificate_from_der(
                                             vrx_view_of(der, (size_t)len), &certificate)));
    OPENSSL_free(der);
    if (certificate)
        revoked = names(&present->crls, certificate);
    present_unref(&present);
    ERR_clear_error();
    return revoked;
}

/* A server's purpose is OpenSSL's to look at. */
static struct vrx_result check_client(X509 *certificate) {
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) ||
        !(X509_get_extended_key_usage(certificate) & XKU_SSL_CLIENT))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.12: clientAuth");
    return vrx_ok();
}

static struct vrx_result read_certificate(const X509 *certificate, struct vrx_peer *peer) {
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len <= 0)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_certificate *parsed = NULL;
    struct vrx_result result = vrx_certificate_from_der(vrx_view_of(der, (size_t)len), &parsed);
    OPENSSL_free(der);
    if (vrx_is_ok(result))
        result = vrx_public_key_spki_sha256(vrx_certificate_key(parsed), peer->spki_sha256);
    if (vrx_is_ok(result)) {
        peer->certificate_not_before = vrx_certificate_not_before(parsed);
        peer->certificate_not_after = vrx_certificate_not_after(parsed);
        peer->has_certificate = true;
    }
    vrx_certificate_free(&parsed);
    return result;
}

struct vrx_result vrx_tls_identify(SSL *ssl, struct vrx_peer *peer) {
    const unsigned char *protocol = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &len);
    if (len != 2 || memcmp(protocol, "h2", 2) != 0)
        return vrx_refuse(VRX_NETWORK_FAILED, "RFC 9113 §3.2: ALPN h2");
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    if (certificate && SSL_is_server(ssl))
        VRX_TRY(check_client(certificate));
    if (certificate)
        VRX_TRY(read_certificate(certificate, peer));
    if (SSL_export_keying_material(ssl, peer->exporter, sizeof peer->exporter, EXPORTER_LABEL,
            sizeof EXPORTER_LABEL - 1, (const unsigned char *)"", 0, 1) != 1)
        return vrx_fail(VRX_CRYPTO_FAILED);
    return vrx_ok();
}
