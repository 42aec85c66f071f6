/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS 1.3 (RFC 8446) as VRX speaks it, for both sides: ALPN "h2" or nothing, no resumption (it
 * would skip the look at the peer's certificate), no early data.
 */
#ifndef VRX_NET_TLS_H
#define VRX_NET_TLS_H

#include "base/bytes.h"
#include "base/secret.h"
#include "net/peer.h"

typedef struct ssl_st SSL;

/* Shared by threads. What it goes by is exchanged whole; a handshake that has begun and a
 * connection that is open keep what they began with. */
struct vrx_tls;

/* A certificate chain, leaf first, and the leaf's key (PKCS#8 PEM). Both are read, not kept. */
struct vrx_tls_identity {
    struct vrx_view certificates_pem;
    const struct vrx_secret *key_pem;
};

/* With client_ca_pem: every client must show a certificate that chains to one of these, is valid
 * now and whose extendedKeyUsage names clientAuth (RFC 5280 §4.2.1.12; absence is refusal). Empty:
 * none is asked for. Errors: VRX_CERTIFICATE_INVALID, VRX_KEY_INVALID (also where the two do not
 * belong together), VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_tls_server_new(const struct vrx_tls_identity *identity,
    struct vrx_view client_ca_pem, struct vrx_tls **ret_tls);
/* The same for a server that is in use: from now on handshakes go by these. client_crls: the
 * revocation lists (crypto/crl.h) of the authorities in client_ca_pem, of each of them one; empty:
 * nobody is refused by one. A certificate on one is refused in the handshake, and so is every
 * certificate whose issuer's list is past its nextUpdate. On failure all stays as it was. Errors
 * also: vrx_crls_read's, vrx_crl_issued_by's for a list of none of the authorities. */
struct vrx_result vrx_tls_server_renew(struct vrx_tls *tls, const struct vrx_tls_identity *identity,
    struct vrx_view client_ca_pem, struct vrx_view client_crls);
/* identity may be NULL. The server's certificate must chain to server_ca_pem. Errors as above. */
struct vrx_result vrx_tls_client_new(const struct vrx_tls_identity *identity,
    struct vrx_view server_ca_pem, struct vrx_tls **ret_tls);
/* The same for a client that is in use: from now on handshakes go by these. On failure all stays as
 * it was. */
struct vrx_result vrx_tls_client_renew(
    struct vrx_tls *tls, const struct vrx_tls_identity *identity, struct vrx_view server_ca_pem);
void vrx_tls_free(struct vrx_tls **tls);

/* A connection over the socket, which stays the caller's; writes to a peer that is gone raise no
 * SIGPIPE. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_tls_accept(const struct vrx_tls *tls, int fd, SSL **ret_ssl);
/* host: a DNS name or IP address that the server's certificate must name (RFC 9525). */
struct vrx_result vrx_tls_connect(
    const struct vrx_tls *tls, int fd, const char *host, SSL **ret_ssl);
void vrx_tls_close(SSL **ssl);
/* After the handshake: the client's certificate stands on a list that handshakes go by now. */
bool vrx_tls_is_revoked(const struct vrx_tls *tls, const SSL *ssl);

/* After the handshake, on either side: "h2" was agreed, and a client's certificate names its
 * purpose. Fills peer's certificate, which is the other side's, and exporter. Errors:
 * VRX_CERTIFICATE_INVALID, VRX_NETWORK_FAILED (no ALPN), VRX_CRYPTO_FAILED. */
struct vrx_result vrx_tls_identify(SSL *ssl, struct vrx_peer *peer);

#endif
