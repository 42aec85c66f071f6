/* SPDX-License-Identifier: Apache-2.0
 *
 * Two presses of one form: the throwaway one and the real one. Both are made by the same code, so
 * that what was tried is what is done.
 */
#include "signer/mint.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/x509.h"

/* A key, its certificate and the trust list that holds that certificate alone. */
struct press {
    struct vrx_private_key *key;
    struct vrx_certificate *cert;
    struct vrx_trust_list *trust;
    uint8_t kid[VRX_KID];
};

struct vrx_mint {
    struct press real;
    struct press throwaway;
};

static void press_done(struct press *press) {
    vrx_trust_list_free(&press->trust);
    vrx_certificate_free(&press->cert);
    vrx_private_key_free(&press->key);
}

void vrx_mint_free(struct vrx_mint **mint) {
    if (!*mint)
        return;
    press_done(&(*mint)->real);
    press_done(&(*mint)->throwaway);
    free(*mint);
    *mint = NULL;
}

static struct vrx_result press_ready(struct press *press) {
    VRX_TRY(vrx_signer_kid(press->cert, press->kid));
    VRX_TRY(vrx_trust_list_new(&press->trust));
    return vrx_trust_list_add(press->trust, vrx_certificate_der(press->cert));
}

static struct vrx_result check_pair(const struct press *press) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *own = NULL;
    uint8_t of_key[32];
    uint8_t of_cert[32];
    VRX_TRY(vrx_private_key_public(press->key, &own));
    VRX_TRY(vrx_public_key_spki_sha256(own, of_key));
    VRX_TRY(vrx_public_key_spki_sha256(vrx_certificate_key(press->cert), of_cert));
    if (memcmp(of_key, of_cert, sizeof of_key) != 0)
        return vrx_refuse(VRX_KEY_INVALID, "mint.h: the key is not the certificate's");
    if (vrx_certificate_is_ca(press->cert) || !vrx_certificate_may_sign(press->cert))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.3: digitalSignature");
    if (!vrx_certificate_eku(press->cert, VRX_HCERT_USAGE_VACCINATION))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.12: vaccination certificates");
    return vrx_ok();
}

/* A fresh key with a certificate as long-lived as the real one, so that times are judged alike. */
static struct vrx_result certify(enum vrx_certificate_profile profile,
    const struct vrx_certificate *real, const struct press *issuer, struct press *ret_press) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *subject = NULL;
    VRX_TRY(vrx_private_key_new_p256(&ret_press->key));
    VRX_TRY(vrx_private_key_public(ret_press->key, &subject));
    struct vrx_certificate_request request = {.profile = profile,
        .subject_key = subject,
        .country = vrx_view_text("JP"),
        .organization = vrx_view_text("throwaway"),
        .common_name = vrx_view_text("throwaway"),
        .not_before = vrx_certificate_not_before(real),
        .not_after = vrx_certificate_not_after(real)};
    VRX_TRY(vrx_random_fill(vrx_random_system(), request.serial, sizeof request.serial));
    return vrx_certificate_make(&request, issuer ? issuer->cert : NULL,
        issuer ? issuer->key : ret_press->key, &ret_press->cert);
}

static struct vrx_result make_throwaway(
    const struct vrx_certificate *real, struct press *ret_throwaway) {
    VRX_CLEANUP(press_done) struct press authority = {0};
    VRX_TRY(certify(VRX_PROFILE_CSCA, real, NULL, &authority));
    VRX_TRY(certify(VRX_PROFILE_DSC_VACCINATION, real, &authority, ret_throwaway));
    return press_ready(ret_throwaway);
}

struct vrx_result vrx_mint_new(
    struct vrx_view certificate_pem, struct vrx_private_key **key, struct vrx_mint **ret_mint) {
    VRX_CLEANUP(vrx_mint_free) struct vrx_mint *mint = calloc(1, sizeof *mint);
    if (!mint) {
        vrx_private_key_free(key);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    mint->real.key = *key;
    *key = NULL;
    VRX_TRY(vrx_certificate_from_pem(certificate_pem, &mint->real.cert));
    VRX_TRY(check_pair(&mint->real));
    VRX_TRY(press_ready(&mint->real));
    VRX_TRY(make_throwaway(mint->real.cert, &mint->throwaway));
    *ret_mint = mint;
    mint = NULL;
    return vrx_ok();
}

int64_t vrx_mint_not_after(const struct vrx_mint *mint) {
    return vrx_certificate_not_after(mint->real.cert);
}

/* Verified at both ends of its validity, read back, and written again: the same bytes. */
static struct vrx_result try_out(
    const struct press *press, struct vrx_view text, struct vrx_view payload, int64_t time) {
    struct vrx_arena arena;
    struct vrx_finding finding;
    struct vrx_hcert read;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_hcert_verify(text, press->trust, time, &arena, &finding, &read);
    if (vrx_is_ok(result) && finding.verdict != VRX_VERDICT_VALID)
        result = vrx_refuse(VRX_INTERNAL_ERROR, "mint.h: the certificate does not verify");
    if (vrx_is_ok(result))
        result = vrx_hcert_payload(&read, &again);
    if (vrx_is_ok(result) && !vrx_view_equal(vrx_buffer_view(&again), payload))
        result = vrx_refuse(VRX_INTERNAL_ERROR, "mint.h: the certificate reads otherwise");
    vrx_arena_done(&arena);
    return result;
}

static struct vrx_result press_text(const struct press *press, const struct vrx_hcert *content,
    struct vrx_view payload, struct vrx_buffer *text) {
    VRX_TRY(vrx_hcert_sign(payload, press->key, press->kid, text));
    VRX_TRY(try_out(press, vrx_buffer_view(text), payload, content->issued));
    return try_out(press, vrx_buffer_view(text), payload, content->expires);
}

static struct vrx_result check_validity(
    const struct vrx_mint *mint, const struct vrx_hcert *content) {
    if (content->issued < vrx_certificate_not_before(mint->real.cert) ||
        content->expires > vrx_certificate_not_after(mint->real.cert))
        return vrx_refuse(
            VRX_CERTIFICATE_INVALID, "HCERT specification §3.3: within the signer's validity");
    return vrx_ok();
}

struct vrx_result vrx_mint_check(const struct vrx_mint *mint, const struct vrx_hcert *content) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_TRY(check_validity(mint, content));
    return vrx_hcert_payload(content, &payload);
}

struct vrx_result vrx_mint_make(
    const struct vrx_mint *mint, const struct vrx_hcert *content, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer tried = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    VRX_TRY(check_validity(mint, content));
    VRX_TRY(vrx_hcert_payload(content, &tried));
    VRX_TRY(press_text(&mint->throwaway, content, vrx_buffer_view(&tried), &text));
    vrx_buffer_clear(&text);
    VRX_TRY(vrx_hcert_payload(content, &payload));
    if (!vrx_view_equal(vrx_buffer_view(&payload), vrx_buffer_view(&tried)))
        return vrx_refuse(VRX_INTERNAL_ERROR, "mint.h: two builds differ");
    VRX_TRY(press_text(&mint->real, content, vrx_buffer_view(&payload), &text));
    return vrx_buffer_append(out, vrx_buffer_view(&text));
}
