/* SPDX-License-Identifier: Apache-2.0
 *
 * Seals (VDS-NC) made for tests: any data under any signer.
 */
#ifndef VRX_TEST_VDS_SAMPLE_H
#define VRX_TEST_VDS_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "formats/json/foreign_json.h"
#include "formats/json/jcs.h"
#include "support/icao_signers.h"

/* Complete and in its canonical form. */
#define SAMPLE_VDS_DATA \
    "{\"hdr\":{\"is\":\"JPN\",\"t\":\"icao.vacc\",\"v\":1}," \
    "\"msg\":{\"pid\":{\"dob\":\"1964-08-12\",\"i\":\"TR1234567\",\"n\":\"YAMADA  HANAKO\"," \
    "\"sex\":\"F\"},\"uvci\":\"JP0009990038\"," \
    "\"ve\":[{\"des\":\"XM68M6\",\"dis\":\"RA01.0\",\"nam\":\"Comirnaty\"," \
    "\"vd\":[{\"adm\":\"Sapporo City\",\"ctr\":\"JPN\",\"dvc\":\"2021-06-13\"," \
    "\"lot\":\"EP2163\",\"seq\":1},{\"adm\":\"Sapporo City\",\"ctr\":\"JPN\"," \
    "\"dvc\":\"2021-07-05\",\"lot\":\"ER7449\",\"seq\":2}]}]}}"

/* Appends the signature over the bytes, whatever they are, with padding. */
static inline void test_vds_signature(
    const struct vrx_private_key *key, struct vrx_view bytes, struct vrx_buffer *out) {
    uint8_t signature[VRX_P256_SIGNATURE];
    assert_ok(vrx_sign_es256(key, bytes, signature));
    assert_ok(
        vrx_base64_encode(VRX_BASE64_URL_PADDED, vrx_view_of(signature, sizeof signature), out));
}

/* The parts put together, as they are: no white space. */
static inline struct vrx_buffer test_vds_text(
    const char *data, const char *algorithm, struct vrx_view cer, struct vrx_view sigvl) {
    struct vrx_buffer text = {0};
    const struct vrx_view parts[] = {vrx_view_text("{\"data\":"), vrx_view_text(data),
        vrx_view_text(",\"sig\":{\"alg\":\""), vrx_view_text(algorithm),
        vrx_view_text("\",\"cer\":\""), cer, vrx_view_text("\",\"sigvl\":\""), sigvl,
        vrx_view_text("\"}}")};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        assert_ok(vrx_buffer_append(&text, parts[i]));
    return text;
}

/* The bytes that are signed; data as it is where it has no canonical form. */
static inline struct vrx_buffer test_vds_canonical(const char *data) {
    struct vrx_buffer out = {0};
    json_t *value = NULL;
    struct vrx_result result = vrx_foreign_json_read(vrx_view_text(data), &value);
    if (vrx_is_ok(result))
        result = vrx_jcs_write(value, &out);
    vrx_foreign_json_done(&value);
    if (vrx_is_ok(result))
        return out;
    vrx_buffer_clear(&out);
    assert_ok(vrx_buffer_append(&out, vrx_view_text(data)));
    return out;
}

/* A seal over data by this signer. */
static inline struct vrx_buffer test_vds_seal(const struct test_signer *signer, const char *data) {
    struct vrx_buffer cer = {0};
    struct vrx_buffer sigvl = {0};
    struct vrx_buffer bytes = test_vds_canonical(data);
    assert_ok(vrx_base64_encode(VRX_BASE64_URL_PADDED, vrx_certificate_der(signer->cert), &cer));
    test_vds_signature(signer->key, vrx_buffer_view(&bytes), &sigvl);
    struct vrx_buffer text =
        test_vds_text(data, "ES256", vrx_buffer_view(&cer), vrx_buffer_view(&sigvl));
    vrx_buffer_done(&bytes);
    vrx_buffer_done(&cer);
    vrx_buffer_done(&sigvl);
    return text;
}

#endif
