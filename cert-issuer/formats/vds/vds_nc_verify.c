/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifying a seal that someone shows. Whoever makes a seal puts a certificate of their own choice
 * into it, so its signature says nothing until that certificate is known to be an authority's: the
 * chain comes first, then the signature, then the content.
 *
 * What may be signed by whom: an authority issues certificates for many purposes, passports above
 * all, so a signer without ICAO's key usage for VDS-NC is none; and an authority speaks for its own
 * country, else any of them could sign for all.
 */
#include "base/encode.h"
#include "base/limits.h"
#include "codes/country.h"
#include "formats/json/foreign_json.h"
#include "formats/json/jcs.h"
#include "formats/vds/vds_nc.h"

#define TYPE "icao.vacc"
#define VERSION 1

/* A seal taken apart, nothing of it believed. */
struct seal {
    json_t *root;
    const json_t *data; /* of root */
    struct vrx_certificate *cert;
    enum vrx_signature_algorithm algorithm;
    struct vrx_buffer signature;
};

static void seal_done(struct seal *seal) {
    vrx_foreign_json_done(&seal->root);
    vrx_certificate_free(&seal->cert);
    vrx_buffer_done(&seal->signature);
}

bool vrx_vds_nc_recognise(struct vrx_view text) {
    static const char type[] = "\"" TYPE "\"";
    while (text.len && text.ptr[0] && strchr(" \t\r\n", text.ptr[0]))
        text = vrx_view_slice(text, 1, text.len);
    if (!text.len || text.ptr[0] != '{')
        return false;
    for (size_t i = 0; i + sizeof type - 1 <= text.len; i++)
        if (memcmp(text.ptr + i, type, sizeof type - 1) == 0)
            return true;
    return false;
}

/* VRX_INPUT_VERSION: this is no such seal. */
static struct vrx_result check_type(const json_t *data) {
    const json_t *header = json_object_get(data, "hdr");
    const json_t *version = json_object_get(header, "v");
    if (!vrx_foreign_json_is(header, "t", TYPE))
        return vrx_refuse(VRX_INPUT_VERSION, "VDS-NC 1.1: hdr.t " TYPE);
    if (!json_is_integer(version) || json_integer_value(version) != VERSION)
        return vrx_refuse(VRX_INPUT_VERSION, "VDS-NC 1.1: hdr.v 1");
    return vrx_ok();
}

static struct vrx_result read_bytes(
    const json_t *signature, const char *key, struct vrx_buffer *out) {
    const json_t *text = json_object_get(signature, key);
    if (!json_is_string(text))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "VDS-NC 1.1: sig has alg, cer and sigvl");
    return vrx_base64_decode(
        VRX_BASE64_URL_PADDED, vrx_view_of(json_string_value(text), json_string_length(text)), out);
}

static struct vrx_result read_algorithm(
    const json_t *signature, enum vrx_signature_algorithm *ret_algorithm) {
    static const struct {
        const char *name;
        enum vrx_signature_algorithm algorithm;
    } algorithms[] = {{"ES256", VRX_ES256}, {"ES384", VRX_ES384}, {"ES512", VRX_ES512}};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (vrx_foreign_json_is(signature, "alg", algorithms[i].name)) {
            *ret_algorithm = algorithms[i].algorithm;
            return vrx_ok();
        }
    return vrx_refuse(VRX_ALGORITHM_REFUSED, "VDS-NC 1.1: sig.alg ES256, ES384 or ES512");
}

static struct vrx_result read_signature(const json_t *signature, struct seal *seal) {
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(read_algorithm(signature, &seal->algorithm));
    VRX_TRY(read_bytes(signature, "sigvl", &seal->signature));
    VRX_TRY(read_bytes(signature, "cer", &der));
    return vrx_certificate_from_der(vrx_buffer_view(&der), &seal->cert);
}

static struct vrx_result take_apart(struct vrx_view text, struct seal *seal) {
    if (text.len > VRX_LIMIT_VDS_TEXT)
        return vrx_refuse(VRX_INPUT_VERSION, "limits.h: longer than any VDS-NC");
    if (!vrx_vds_nc_recognise(text))
        return vrx_refuse(VRX_INPUT_VERSION, "VDS-NC 1.1: JSON with hdr.t " TYPE);
    VRX_TRY(vrx_foreign_json_read(text, &seal->root));
    seal->data = json_object_get(seal->root, "data");
    VRX_TRY(check_type(seal->data));
    return read_signature(json_object_get(seal->root, "sig"), seal);
}

static bool is_valid_at(const struct vrx_certificate *cert, int64_t now) {
    return now >= vrx_certificate_not_before(cert) && now <= vrx_certificate_not_after(cert);
}

/* The authority that issued the signer; one that is valid now before one that is not (a renewed
 * certificate may keep its key). NULL when there is none, with the verdict in finding. */
static struct vrx_result find_authority(const struct vrx_certificate *signer,
    const struct vrx_trust_list *trust, int64_t now, struct vrx_finding *finding,
    const struct vrx_certificate **ret_authority) {
    const struct vrx_certificate *found = NULL;
    const struct vrx_certificate *csca = NULL;
    VRX_TRY(vrx_finding_conclude(finding, VRX_VERDICT_ISSUER_UNKNOWN,
        "RFC 5280 §6.1.3: no authority of the trust list issued the signer"));
    for (size_t n = 0; (csca = vrx_trust_list_csca(trust, n)); n++) {
        struct vrx_result result = vrx_certificate_issued_by(signer, csca);
        if (vrx_is_ok(result)) {
            found = csca;
            if (is_valid_at(csca, now))
                break;
        } else if (result.reason != VRX_CERTIFICATE_INVALID && !found) {
            VRX_TRY(vrx_finding_conclude_from(finding, VRX_VERDICT_DAMAGED, result));
        }
    }
    *ret_authority = found;
    return vrx_ok();
}

static struct vrx_result verify_signature(const struct seal *seal) {
    struct vrx_buffer signed_bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_jcs_write(seal->data, &signed_bytes));
    return vrx_verify(seal->algorithm, vrx_certificate_key(seal->cert),
        vrx_buffer_view(&signed_bytes), vrx_buffer_view(&seal->signature));
}

/* What stands against this signer; NULL: nothing. */
static struct vrx_result objection(const struct vrx_certificate *signer,
    const struct vrx_certificate *authority, const struct vrx_vds_nc *vds,
    const char **ret_clause) {
    enum vrx_document_types types = VRX_DOCUMENT_TYPES_ABSENT;
    const struct vrx_view country = vrx_certificate_country(signer);
    VRX_TRY(vrx_certificate_document_type(signer, VRX_VDS_NC_DOCUMENT_TYPE, &types));
    *ret_clause = NULL;
    if (vrx_certificate_is_ca(signer) || !vrx_certificate_may_sign(signer))
        *ret_clause = "RFC 5280 §4.2.1.3: the signer is not for signing documents";
    else if (!vrx_certificate_eku(signer, VRX_VDS_NC_USAGE))
        *ret_clause = "VDS-NC 1.1: the signer's key usage is not " VRX_VDS_NC_USAGE;
    else if (types == VRX_DOCUMENT_TYPES_OTHERS)
        *ret_clause =
            "ICAO 9303-12 §7.1.1.6: the signer is not for document type " VRX_VDS_NC_DOCUMENT_TYPE;
    else if (!vrx_country_same(vds->issuer, country))
        *ret_clause = "ICAO 9303-12 §7.1: the signer is not of the issuing country";
    else if (!vrx_view_equal(country, vrx_certificate_country(authority)))
        *ret_clause = "ICAO 9303-12 §7.1: the signer's authority is not of its country";
    return vrx_ok();
}

static struct vrx_result judge_time(const struct vrx_certificate *signer,
    const struct vrx_certificate *authority, int64_t now, struct vrx_finding *finding) {
    if (now < vrx_certificate_not_before(signer) || now < vrx_certificate_not_before(authority))
        return vrx_finding_conclude(finding, VRX_VERDICT_NOT_YET_VALID,
            "RFC 5280 §4.1.2.5: signer or authority, notBefore");
    if (now > vrx_certificate_not_after(signer) || now > vrx_certificate_not_after(authority))
        return vrx_finding_conclude(
            finding, VRX_VERDICT_EXPIRED, "RFC 5280 §4.1.2.5: signer or authority, notAfter");
    return vrx_finding_conclude(finding, VRX_VERDICT_VALID, NULL);
}

static int64_t end_of(
    const struct vrx_certificate *signer, const struct vrx_certificate *authority) {
    const int64_t signer_ends = vrx_certificate_not_after(signer);
    const int64_t authority_ends = vrx_certificate_not_after(authority);
    return signer_ends < authority_ends ? signer_ends : authority_ends;
}

static struct vrx_result judge(const struct seal *seal, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *finding, struct vrx_vds_nc *ret_vds) {
    const struct vrx_certificate *authority = NULL;
    const char *clause = NULL;
    VRX_TRY(find_authority(seal->cert, trust, now, finding, &authority));
    if (!authority)
        return vrx_ok();
    struct vrx_result result = verify_signature(seal);
    struct vrx_vds_nc vds = {0};
    if (vrx_is_ok(result))
        result = vrx_vds_nc_read(seal->data, arena, &vds);
    if (!vrx_is_ok(result))
        return vrx_finding_conclude_from(finding, VRX_VERDICT_DAMAGED, result);
    VRX_TRY(objection(seal->cert, authority, &vds, &clause));
    VRX_TRY(vrx_signer_names_of(seal->cert, &vds.signer));
    vds.expires = end_of(seal->cert, authority);
    finding->readable = true;
    *ret_vds = vds;
    if (clause)
        return vrx_finding_conclude(finding, VRX_VERDICT_WRONG_KEY_USAGE, clause);
    return judge_time(seal->cert, authority, now, finding);
}

struct vrx_result vrx_vds_nc_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_vds_nc *ret_vds) {
    struct seal seal VRX_CLEANUP(seal_done) = {0};
    struct vrx_finding finding = {0};
    struct vrx_result result = take_apart(text, &seal);
    if (vrx_is_ok(result))
        VRX_TRY(judge(&seal, trust, now, arena, &finding, ret_vds));
    else
        VRX_TRY(vrx_finding_conclude_from(&finding,
            result.reason == VRX_INPUT_VERSION ? VRX_VERDICT_NOT_A_CERTIFICATE
                                               : VRX_VERDICT_DAMAGED,
            result));
    *ret_finding = finding;
    return vrx_ok();
}
