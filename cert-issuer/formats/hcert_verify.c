/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifying what someone shows. The order is the protection: bounds before work, the signature
 * before the payload is read, so that a stranger's bytes meet Base45, zlib and the COSE header and
 * nothing more. Which key usage is needed depends on the payload; it is asked for after that.
 *
 * A refusal of an inner step becomes a verdict here; out of memory and a failing cryptographic
 * library stay errors, for they say nothing of the certificate.
 */
#include "base/limits.h"
#include "cose/sign1.h"
#include "formats/base45.h"
#include "formats/hcert.h"
#include "formats/inflate.h"

#define PREFIX (sizeof VRX_HCERT_PREFIX - 1)

/* The arcs of the key usages: the registered one, and the one with an additional 0 that most
 * signers in use have. By enum vrx_hcert_kind. */
static const char *const usages[][2] = {
    [VRX_HCERT_VACCINATION] = {VRX_HCERT_USAGE_VACCINATION, "1.3.6.1.4.1.0.1847.2021.1.2"},
    [VRX_HCERT_TEST] = {"1.3.6.1.4.1.1847.2021.1.1", "1.3.6.1.4.1.0.1847.2021.1.1"},
    [VRX_HCERT_RECOVERY] = {"1.3.6.1.4.1.1847.2021.1.3", "1.3.6.1.4.1.0.1847.2021.1.3"},
};

struct vrx_result vrx_hcert_unpack(struct vrx_view text, struct vrx_buffer *out) {
    if (text.len > VRX_LIMIT_HCERT_TEXT)
        return vrx_refuse(VRX_INPUT_VERSION, "ISO/IEC 18004 table 7: longer than any QR code");
    if (!vrx_view_equal(vrx_view_slice(text, 0, PREFIX), vrx_view_text(VRX_HCERT_PREFIX)))
        return vrx_refuse(VRX_INPUT_VERSION, "HCERT specification §4.2.2: prefix HC1:");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer packed = {0};
    VRX_TRY(vrx_base45_decode(vrx_view_slice(text, PREFIX, text.len - PREFIX), &packed));
    return vrx_inflate(vrx_buffer_view(&packed), VRX_LIMIT_HCERT_INFLATED, out);
}

struct vrx_view vrx_hcert_revocable(const struct vrx_sign1 *token) {
    return token->algorithm == VRX_ES256
               ? vrx_view_slice(token->signature, 0, VRX_P256_SIGNATURE / 2)
               : token->signature;
}

/* EU DCC technical specifications volume 1, annex "key usage": a certificate that names none of the
 * usages may sign every kind. */
static bool may_sign_kind(const struct vrx_certificate *cert, enum vrx_hcert_kind kind) {
    bool restricted = false;
    if (!vrx_certificate_may_sign(cert))
        return false;
    for (size_t other = VRX_HCERT_VACCINATION; other <= VRX_HCERT_RECOVERY; other++)
        for (size_t arc = 0; arc < 2; arc++)
            restricted |= vrx_certificate_eku(cert, usages[other][arc]);
    return !restricted || vrx_certificate_eku(cert, usages[kind][0]) ||
           vrx_certificate_eku(cert, usages[kind][1]);
}

/* Of the signers with this key identifier the one whose key verifies; one that is valid now before
 * one that is not (a renewed certificate may keep its key). NULL when there is none. */
static struct vrx_result find_signer(const struct vrx_sign1 *message,
    const struct vrx_trust_list *trust, int64_t now, struct vrx_finding *finding,
    const struct vrx_certificate **ret_signer) {
    const struct vrx_certificate *found = NULL;
    const struct vrx_certificate *cert = vrx_trust_list_signer(trust, message->kid, 0);
    if (!cert)
        return vrx_finding_conclude(finding, VRX_VERDICT_ISSUER_UNKNOWN,
            "HCERT specification §3.3.2: no trusted signer has this key identifier");
    for (size_t n = 1; cert; cert = vrx_trust_list_signer(trust, message->kid, n++)) {
        struct vrx_result result =
            vrx_sign1_verify(message, (struct vrx_view){0}, vrx_certificate_key(cert));
        if (vrx_is_ok(result)) {
            found = cert;
            if (now >= vrx_certificate_not_before(cert) && now <= vrx_certificate_not_after(cert))
                break;
        } else if (!found) {
            VRX_TRY(vrx_finding_conclude_from(finding, VRX_VERDICT_DAMAGED, result));
        }
    }
    *ret_signer = found;
    return vrx_ok();
}

static struct vrx_result judge_time(const struct vrx_hcert *hcert,
    const struct vrx_certificate *signer, int64_t now, struct vrx_finding *finding) {
    if (now < vrx_certificate_not_before(signer))
        return vrx_finding_conclude(
            finding, VRX_VERDICT_NOT_YET_VALID, "RFC 5280 §4.1.2.5: signer, notBefore");
    if (now > vrx_certificate_not_after(signer))
        return vrx_finding_conclude(
            finding, VRX_VERDICT_EXPIRED, "RFC 5280 §4.1.2.5: signer, notAfter");
    if (now > hcert->expires)
        return vrx_finding_conclude(
            finding, VRX_VERDICT_EXPIRED, "HCERT specification §3.3.4: exp");
    if (now < hcert->issued)
        return vrx_finding_conclude(
            finding, VRX_VERDICT_NOT_YET_VALID, "HCERT specification §3.3.5: iat");
    return vrx_finding_conclude(finding, VRX_VERDICT_VALID, NULL);
}

static struct vrx_result judge_message(struct vrx_view bytes, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_finding *finding, struct vrx_hcert *ret_hcert) {
    struct vrx_sign1 message;
    struct vrx_result result = vrx_sign1_parse_foreign(bytes, &message);
    if (!vrx_is_ok(result))
        return vrx_finding_conclude_from(finding, VRX_VERDICT_DAMAGED, result);
    if (message.detached)
        return vrx_finding_conclude(
            finding, VRX_VERDICT_DAMAGED, "RFC 8392 §7: the token carries its claims");
    if (message.algorithm != VRX_ES256 && message.algorithm != VRX_PS256)
        return vrx_finding_conclude(
            finding, VRX_VERDICT_DAMAGED, "HCERT specification §3.3.1: ES256 or PS256");
    const struct vrx_certificate *signer = NULL;
    VRX_TRY(find_signer(&message, trust, now, finding, &signer));
    if (!signer)
        return vrx_ok();
    struct vrx_hcert hcert;
    result = vrx_hcert_read(message.payload, &hcert);
    if (!vrx_is_ok(result))
        return vrx_finding_conclude_from(finding, VRX_VERDICT_DAMAGED, result);
    hcert.signer = signer;
    hcert.signature = vrx_hcert_revocable(&message);
    finding->readable = true;
    *ret_hcert = hcert;
    if (!may_sign_kind(signer, hcert.kind))
        return vrx_finding_conclude(finding, VRX_VERDICT_WRONG_KEY_USAGE,
            "RFC 5280 §4.2.1.12: the signer is not for this kind of certificate");
    return judge_time(&hcert, signer, now, finding);
}

struct vrx_result vrx_hcert_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_hcert *ret_hcert) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    struct vrx_finding finding = {0};
    struct vrx_result result = vrx_hcert_unpack(text, &message);
    if (vrx_is_ok(result)) {
        struct vrx_view kept;
        VRX_TRY(vrx_arena_copy(arena, vrx_buffer_view(&message), &kept));
        VRX_TRY(judge_message(kept, trust, now, &finding, ret_hcert));
    } else {
        enum vrx_verdict verdict = result.reason == VRX_INPUT_VERSION
                                       ? VRX_VERDICT_NOT_A_CERTIFICATE
                                       : VRX_VERDICT_DAMAGED;
        VRX_TRY(vrx_finding_conclude_from(&finding, verdict, result));
    }
    *ret_finding = finding;
    return vrx_ok();
}
