/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a certificate and asks it everything; what was read is written and read again unchanged.
 */
#include <stdlib.h>

#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

/* Touches every byte, so that a sanitizer sees a view that leads outside. */
static unsigned touch(struct vrx_view view) {
    unsigned sum = 0;
    for (size_t i = 0; i < view.len; i++)
        sum += view.ptr[i];
    return sum;
}

static void ask(const struct vrx_certificate *cert, struct vrx_view input) {
    volatile unsigned sink = touch(vrx_certificate_common_name(cert)) +
                             touch(vrx_certificate_subject_key_id(cert)) +
                             touch(vrx_certificate_authority_key_id(cert));
    (void)sink;
    require(vrx_view_equal(vrx_certificate_der(cert), input));
    require(vrx_certificate_key(cert) != NULL);
    if (vrx_certificate_eku(cert, "1.3.6.1.5.5.7.3.2"))
        require(vrx_certificate_has_eku(cert));
    if (vrx_is_ok(vrx_certificate_issued_by(cert, cert)))
        require(vrx_certificate_is_ca(cert));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer pem = {0};
    struct vrx_certificate *again = NULL;
    require(vrx_is_ok(vrx_certificate_to_pem(cert, &pem)));
    require(vrx_is_ok(vrx_certificate_from_pem(vrx_buffer_view(&pem), &again)));
    require(vrx_view_equal(vrx_certificate_der(again), input));
    vrx_certificate_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct vrx_view input = vrx_view_of(data, size);
    struct vrx_certificate *cert = NULL;
    if (vrx_is_ok(vrx_certificate_from_der(input, &cert)))
        ask(cert, input);
    vrx_certificate_free(&cert);
    if (vrx_is_ok(vrx_certificate_from_pem(input, &cert)))
        vrx_certificate_free(&cert);
    return 0;
}
