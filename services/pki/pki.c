/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and certificates in files. The certificate is made before anything is written, so that an
 * order that is refused leaves no trace; of the two files the key comes first, because a
 * certificate without its key is of no use and a key without certificate does no harm.
 */
#include "pki/pki.h"

#include <unistd.h>

#include "files/files.h"

#define PEM_MAX \
    ((size_t)65536) /* bytes: a certificate of 16 KiB takes 22 KiB; comments may stand there */
#define DAY ((int64_t)86400)
#define HOUR ((int64_t)3600)
#define KEY_MODE 0600
#define CERTIFICATE_MODE 0644

struct vrx_result vrx_pki_read_key(const char *path, struct vrx_private_key **ret_key) {
    struct vrx_secret *pem VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_file_read_secret(path, &pem));
    return vrx_private_key_from_pem(vrx_secret_view(pem), ret_key);
}

struct vrx_result vrx_pki_read_certificate(const char *path, struct vrx_certificate **ret_cert) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(path, PEM_MAX, &pem));
    return vrx_certificate_from_pem(vrx_buffer_view(&pem), ret_cert);
}

static struct vrx_result write_key(const char *path, const struct vrx_private_key *key) {
    struct vrx_secret *pem VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_private_key_to_pem(key, &pem));
    return vrx_file_create(path, KEY_MODE, vrx_secret_view(pem));
}

static struct vrx_result write_certificate(const char *path, const struct vrx_certificate *cert) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_certificate_to_pem(cert, &pem));
    return vrx_file_create(path, CERTIFICATE_MODE, vrx_buffer_view(&pem));
}

struct vrx_result vrx_pki_make_key(const char *path, struct vrx_private_key **ret_key) {
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    VRX_TRY(vrx_private_key_new_p256(&key));
    VRX_TRY(write_key(path, key));
    *ret_key = key;
    key = NULL;
    return vrx_ok();
}

static struct vrx_result sign(const struct vrx_pki_order *order,
    const struct vrx_certificate_request *request, const struct vrx_private_key *own,
    struct vrx_certificate **ret_cert) {
    if (!order->issuer_certificate != !order->issuer_key)
        return vrx_refuse(VRX_INPUT_RANGE, "pki.h: an issuer has a certificate and a key");
    if (!order->issuer_certificate)
        return vrx_certificate_make(request, NULL, own, ret_cert);
    struct vrx_certificate *issuer VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_private_key *issuer_key VRX_CLEANUP(vrx_private_key_free) = NULL;
    VRX_TRY(vrx_pki_read_certificate(order->issuer_certificate, &issuer));
    VRX_TRY(vrx_pki_read_key(order->issuer_key, &issuer_key));
    return vrx_certificate_make(request, issuer, issuer_key, ret_cert);
}

static struct vrx_result write_both(const struct vrx_pki_order *order,
    const struct vrx_private_key *key, const struct vrx_certificate *cert) {
    VRX_TRY(write_key(order->key, key));
    struct vrx_result result = write_certificate(order->certificate, cert);
    if (!vrx_is_ok(result))
        unlink(order->key); /* made above, known to nobody yet */
    return result;
}

struct vrx_result vrx_pki_make(
    const struct vrx_pki_order *order, int64_t now, const struct vrx_random *random) {
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_certificate *cert VRX_CLEANUP(vrx_certificate_free) = NULL;
    const int64_t seconds = order->hours ? order->hours * HOUR : order->days * DAY;
    if (seconds == 0 || seconds > VRX_PKI_DAYS_MAX * DAY)
        return vrx_refuse(VRX_INPUT_RANGE, "pki.h: days of validity");
    VRX_TRY(vrx_private_key_new_p256(&key));
    VRX_TRY(vrx_private_key_public(key, &public));
    struct vrx_certificate_request request = {
        .profile = order->profile,
        .subject_key = public,
        .country = order->country,
        .organization = order->organization,
        .common_name = order->common_name,
        .alternative_names = order->alternative_names,
        .not_before = now,
        .not_after = now + seconds - 1, /* inclusive (RFC 5280 §4.1.2.5) */
    };
    VRX_TRY(vrx_random_fill(random, request.serial, sizeof request.serial));
    VRX_TRY(sign(order, &request, key, &cert));
    return write_both(order, key, cert);
}
