/* SPDX-License-Identifier: Apache-2.0
 *
 * Two presses of one form for each format: the throwaway one and the real one. Both are made by the
 * same code, so that what was tried is what is done.
 */
#include "signer/mint.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/x509.h"

/* A key, its certificate where the format has one, and a trust list that trusts it alone. */
struct press {
    struct vrx_private_key *key;
    struct vrx_certificate *cert;
    struct vrx_certificate *authority; /* of VDS-NC: seals are verified by it */
    struct vrx_trust_list *trust;
    uint8_t kid[VRX_KID];
    struct vrx_deflater *deflater; /* of HCERT */
};

struct presses {
    struct press real;
    struct press throwaway;
};

struct vrx_mint {
    struct presses of[VRX_FORMAT_LAST + 1]; /* by format; without a key: not made here */
    char shc_issuer[VRX_LIMIT_ISSUER_URL + 1];
};

static void press_done(struct press *press) {
    vrx_trust_list_free(&press->trust);
    vrx_certificate_free(&press->authority);
    vrx_certificate_free(&press->cert);
    vrx_private_key_free(&press->key);
    vrx_deflater_free(&press->deflater);
}

void vrx_mint_free(struct vrx_mint **mint) {
    if (!*mint)
        return;
    for (size_t i = 0; i <= VRX_FORMAT_LAST; i++) {
        press_done(&(*mint)->of[i].real);
        press_done(&(*mint)->of[i].throwaway);
    }
    free(*mint);
    *mint = NULL;
}

/* ---- keys ---- */

static struct vrx_result check_pair(const struct press *press, const char *usage) {
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
    if (!vrx_certificate_eku(press->cert, usage))
        return vrx_refuse(
            VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.12: the key usage of this format");
    return vrx_ok();
}

/* What stays of vds_nc_verify.c's demands on a signer. */
static struct vrx_result check_vds_signer(const struct press *press) {
    enum vrx_document_types types = VRX_DOCUMENT_TYPES_ABSENT;
    VRX_TRY(vrx_certificate_issued_by(press->cert, press->authority));
    VRX_TRY(vrx_certificate_document_type(press->cert, VRX_VDS_NC_DOCUMENT_TYPE, &types));
    if (types == VRX_DOCUMENT_TYPES_OTHERS)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "ICAO 9303-12 §7.1.1.6: document type NV");
    if (!vrx_view_equal(vrx_certificate_country(press->cert), vrx_view_text("JP")) ||
        !vrx_view_equal(vrx_certificate_country(press->authority), vrx_view_text("JP")))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "ICAO 9303-12 §7.1: of the issuing country");
    return vrx_ok();
}

static struct vrx_result trust_certificate(struct press *press) {
    VRX_TRY(vrx_signer_kid(press->cert, press->kid));
    VRX_TRY(vrx_deflater_new(&press->deflater));
    VRX_TRY(vrx_trust_list_new(&press->trust));
    return press->authority
               ? vrx_trust_list_add_csca(press->trust, vrx_certificate_der(press->authority))
               : vrx_trust_list_add(press->trust, vrx_certificate_der(press->cert));
}

static struct vrx_result trust_issuer(struct press *press, struct vrx_view issuer) {
    uint8_t point[VRX_P256_POINT];
    vrx_private_key_point(press->key, point);
    VRX_TRY(vrx_trust_list_new(&press->trust));
    return vrx_trust_list_add_issuer(press->trust, issuer, vrx_view_of(point, sizeof point));
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
    enum vrx_certificate_profile profile, const struct press *real, struct press *ret_throwaway) {
    VRX_CLEANUP(press_done) struct press authority = {0};
    VRX_TRY(certify(VRX_PROFILE_CSCA, real->cert, NULL, &authority));
    VRX_TRY(certify(profile, real->cert, &authority, ret_throwaway));
    if (real->authority) {
        ret_throwaway->authority = authority.cert;
        authority.cert = NULL;
    }
    return trust_certificate(ret_throwaway);
}

static void take_key(struct press *press, struct vrx_private_key **key) {
    press_done(press);
    press->key = *key;
    *key = NULL;
}

struct vrx_result vrx_mint_new(
    struct vrx_view certificate_pem, struct vrx_private_key **key, struct vrx_mint **ret_mint) {
    VRX_CLEANUP(vrx_mint_free) struct vrx_mint *mint = calloc(1, sizeof *mint);
    if (!mint) {
        vrx_private_key_free(key);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    struct presses *presses = &mint->of[VRX_FORMAT_HCERT];
    take_key(&presses->real, key);
    VRX_TRY(vrx_certificate_from_pem(certificate_pem, &presses->real.cert));
    VRX_TRY(check_pair(&presses->real, VRX_HCERT_USAGE_VACCINATION));
    VRX_TRY(trust_certificate(&presses->real));
    VRX_TRY(make_throwaway(VRX_PROFILE_DSC_VACCINATION, &presses->real, &presses->throwaway));
    *ret_mint = mint;
    mint = NULL;
    return vrx_ok();
}

struct vrx_result vrx_mint_add_shc(
    struct vrx_mint *mint, struct vrx_view issuer, struct vrx_private_key **key) {
    struct presses *presses = &mint->of[VRX_FORMAT_SHC];
    take_key(&presses->real, key);
    VRX_TRY(vrx_trust_issuer_check(issuer));
    VRX_TRY(trust_issuer(&presses->real, issuer));
    VRX_TRY(vrx_private_key_new_p256(&presses->throwaway.key));
    VRX_TRY(trust_issuer(&presses->throwaway, issuer));
    memcpy(mint->shc_issuer, issuer.ptr, issuer.len);
    mint->shc_issuer[issuer.len] = 0;
    return vrx_ok();
}

struct vrx_result vrx_mint_add_vds(struct vrx_mint *mint, struct vrx_view certificate_pem,
    struct vrx_view authority_pem, struct vrx_private_key **key) {
    struct presses *presses = &mint->of[VRX_FORMAT_VDS_NC];
    take_key(&presses->real, key);
    VRX_TRY(vrx_certificate_from_pem(certificate_pem, &presses->real.cert));
    VRX_TRY(vrx_certificate_from_pem(authority_pem, &presses->real.authority));
    VRX_TRY(check_pair(&presses->real, VRX_VDS_NC_USAGE));
    VRX_TRY(check_vds_signer(&presses->real));
    VRX_TRY(trust_certificate(&presses->real));
    return make_throwaway(VRX_PROFILE_VDS_SIGNER, &presses->real, &presses->throwaway);
}

/* ---- what each format does ---- */

static struct vrx_result put_payload(
    enum vrx_format format, const struct vrx_issue_content *content, struct vrx_buffer *out) {
    switch (format) {
    case VRX_FORMAT_HCERT:
        return vrx_hcert_payload(&content->hcert, out);
    case VRX_FORMAT_SHC:
        return vrx_shc_payload(&content->shc, out);
    case VRX_FORMAT_VDS_NC:
        return vrx_vds_nc_data(&content->vds_nc, out);
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

static struct vrx_result put_text(enum vrx_format format, const struct press *press,
    struct vrx_view payload, struct vrx_buffer *out) {
    switch (format) {
    case VRX_FORMAT_HCERT:
        return vrx_hcert_sign(payload, press->key, press->kid, press->deflater, out);
    case VRX_FORMAT_SHC:
        return vrx_shc_sign(payload, press->key, out);
    case VRX_FORMAT_VDS_NC:
        return vrx_vds_nc_sign(payload, press->key, press->cert, out);
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

/* As a verifier reads it; what was read is in *ret_content. */
static struct vrx_result read_text(enum vrx_format format, const struct press *press,
    struct vrx_view text, int64_t time, struct vrx_arena *arena, struct vrx_finding *finding,
    struct vrx_issue_content *ret_content) {
    switch (format) {
    case VRX_FORMAT_HCERT:
        return vrx_hcert_verify(text, press->trust, time, arena, finding, &ret_content->hcert);
    case VRX_FORMAT_SHC:
        return vrx_shc_verify(text, press->trust, time, arena, finding, &ret_content->shc);
    case VRX_FORMAT_VDS_NC:
        return vrx_vds_nc_verify(text, press->trust, time, arena, finding, &ret_content->vds_nc);
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

/* ---- before an application is used up ---- */

struct vrx_result vrx_mint_ready(
    const struct vrx_mint *mint, const struct vrx_issue_formats *formats) {
    for (size_t i = 0; i < formats->count; i++)
        if (!mint->of[formats->at[i]].throwaway.trust)
            return vrx_refuse(VRX_KIND_NOT_ISSUED, "mint.h: a key for each format");
    return vrx_ok();
}

int64_t vrx_mint_not_after(const struct vrx_mint *mint, const struct vrx_issue_formats *formats) {
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < formats->count; i++) {
        const struct press *real = &mint->of[formats->at[i]].real;
        const struct vrx_certificate *const certs[] = {real->cert, real->authority};
        for (size_t j = 0; j < 2; j++)
            if (certs[j] && vrx_certificate_not_after(certs[j]) < first)
                first = vrx_certificate_not_after(certs[j]);
    }
    return first;
}

struct vrx_view vrx_mint_shc_issuer(const struct vrx_mint *mint) {
    return vrx_view_text(mint->shc_issuer);
}

static struct vrx_result check_validity(
    const struct vrx_mint *mint, const struct vrx_issue_content *content) {
    for (size_t i = 0; i < content->formats.count; i++) {
        const struct press *real = &mint->of[content->formats.at[i]].real;
        const struct vrx_certificate *const certs[] = {real->cert, real->authority};
        for (size_t j = 0; j < 2; j++)
            if (certs[j] && (content->issued < vrx_certificate_not_before(certs[j]) ||
                                content->expires > vrx_certificate_not_after(certs[j])))
                return vrx_refuse(VRX_CERTIFICATE_INVALID,
                    "HCERT specification §3.3: within the signer's validity");
    }
    return vrx_ok();
}

/* That the text is not too long, either: the throwaway key signs it with the real certificate. */
static struct vrx_result check_format(
    const struct vrx_mint *mint, const struct vrx_issue_content *content, enum vrx_format format) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    const struct presses *presses = &mint->of[format];
    const struct press mixed = {.key = presses->throwaway.key, .cert = presses->real.cert};
    VRX_TRY(put_payload(format, content, &payload));
    return put_text(format, &mixed, vrx_buffer_view(&payload), &text);
}

struct vrx_result vrx_mint_check(
    const struct vrx_mint *mint, const struct vrx_issue_content *content) {
    VRX_TRY(vrx_mint_ready(mint, &content->formats));
    VRX_TRY(check_validity(mint, content));
    for (size_t i = 0; i < content->formats.count; i++)
        VRX_TRY(check_format(mint, content, content->formats.at[i]));
    return vrx_ok();
}

struct vrx_result vrx_mint_payload(
    const struct vrx_issue_content *content, struct vrx_buffer *out) {
    for (size_t i = 0; i < content->formats.count; i++) {
        if (i)
            VRX_TRY(vrx_buffer_append_byte(out, VRX_MINT_SEPARATOR));
        VRX_TRY(put_payload(content->formats.at[i], content, out));
    }
    return vrx_ok();
}

/* ---- making ---- */

/* Verified, read back, and written again: the same bytes. */
static struct vrx_result try_out(enum vrx_format format, const struct press *press,
    struct vrx_view text, struct vrx_view payload, int64_t time) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    vrx_arena_init(&arena, 0);
    struct vrx_issue_content read = {0};
    struct vrx_result result = read_text(format, press, text, time, &arena, &finding, &read);
    if (vrx_is_ok(result) && finding.verdict != VRX_VERDICT_VALID)
        result = vrx_refuse(VRX_INTERNAL_ERROR, "mint.h: the certificate does not verify");
    if (vrx_is_ok(result))
        result = put_payload(format, &read, &again);
    if (vrx_is_ok(result) && !vrx_view_equal(vrx_buffer_view(&again), payload))
        result = vrx_refuse(VRX_INTERNAL_ERROR, "mint.h: the certificate reads otherwise");
    vrx_arena_done(&arena);
    return result;
}

/* At both ends of its validity. */
static struct vrx_result press_text(enum vrx_format format, const struct press *press,
    const struct vrx_issue_content *content, struct vrx_view payload, struct vrx_buffer *text) {
    VRX_TRY(put_text(format, press, payload, text));
    VRX_TRY(try_out(format, press, vrx_buffer_view(text), payload, content->issued));
    return try_out(format, press, vrx_buffer_view(text), payload, content->expires);
}

static struct vrx_result make_format(const struct vrx_mint *mint,
    const struct vrx_issue_content *content, enum vrx_format format, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer tried = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    const struct presses *presses = &mint->of[format];
    VRX_TRY(put_payload(format, content, &tried));
    VRX_TRY(press_text(format, &presses->throwaway, content, vrx_buffer_view(&tried), &text));
    vrx_buffer_clear(&text);
    VRX_TRY(put_payload(format, content, &payload));
    if (!vrx_view_equal(vrx_buffer_view(&payload), vrx_buffer_view(&tried)))
        return vrx_refuse(VRX_INTERNAL_ERROR, "mint.h: two builds differ");
    VRX_TRY(press_text(format, &presses->real, content, vrx_buffer_view(&payload), &text));
    return vrx_buffer_append(out, vrx_buffer_view(&text));
}

struct vrx_result vrx_mint_make(
    const struct vrx_mint *mint, const struct vrx_issue_content *content, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer texts = {0};
    VRX_TRY(vrx_mint_ready(mint, &content->formats));
    VRX_TRY(check_validity(mint, content));
    for (size_t i = 0; i < content->formats.count; i++) {
        if (i)
            VRX_TRY(vrx_buffer_append_byte(&texts, VRX_MINT_SEPARATOR));
        VRX_TRY(make_format(mint, content, content->formats.at[i], &texts));
    }
    return vrx_buffer_append(out, vrx_buffer_view(&texts));
}
