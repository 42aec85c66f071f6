/* SPDX-License-Identifier: Apache-2.0
 *
 * Verifying what someone shows. The signature is over the compressed payload, so a stranger's bytes
 * meet base64url and a header of three texts, and neither inflation nor the JSON library: those see
 * what an issuer on the trust list signed. The key is
 * found by its thumbprint, which anyone may name; whose cards it may sign is asked of the issuer in
 * the payload, after that.
 */
#include "base/limits.h"
#include "formats/inflate.h"
#include "formats/shc/shc.h"

static struct vrx_result judge_time(
    const struct vrx_shc *shc, int64_t now, struct vrx_finding *finding) {
    if (now > shc->expires)
        return vrx_finding_conclude(finding, VRX_VERDICT_EXPIRED, "RFC 7519 §4.1.4: exp");
    if (now < shc->issued)
        return vrx_finding_conclude(finding, VRX_VERDICT_NOT_YET_VALID, "RFC 7519 §4.1.5: nbf");
    return vrx_finding_conclude(finding, VRX_VERDICT_VALID, NULL);
}

static struct vrx_result read_payload(
    struct vrx_view packed, struct vrx_arena *arena, struct vrx_shc *ret_shc) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_TRY(vrx_inflate_raw(packed, VRX_LIMIT_SHC_INFLATED, &payload));
    return vrx_shc_read(vrx_buffer_view(&payload), arena, ret_shc);
}

static struct vrx_result judge_payload(const struct vrx_shc_jws *jws,
    const struct vrx_trust_issuers *issuers, int64_t now, struct vrx_arena *arena,
    struct vrx_finding *finding, struct vrx_shc *ret_shc) {
    struct vrx_shc shc;
    struct vrx_result result = read_payload(jws->payload, arena, &shc);
    if (!vrx_is_ok(result))
        return vrx_finding_conclude_from(finding,
            result.reason == VRX_NOT_FOUND ? VRX_VERDICT_NOT_A_CERTIFICATE : VRX_VERDICT_DAMAGED,
            result);
    if (!vrx_trust_issuers_own(issuers, jws->thumbprint, shc.issuer))
        return vrx_finding_conclude(finding, VRX_VERDICT_ISSUER_UNKNOWN,
            "SMART Health Cards 1.4: the key is another issuer's than iss");
    memcpy(shc.key, jws->thumbprint, sizeof shc.key);
    finding->readable = true;
    *ret_shc = shc;
    return judge_time(&shc, now, finding);
}

static struct vrx_result judge(const struct vrx_shc_jws *jws,
    const struct vrx_trust_issuers *issuers, int64_t now, struct vrx_arena *arena,
    struct vrx_finding *finding, struct vrx_shc *ret_shc) {
    const struct vrx_public_key *key = vrx_trust_issuers_key(issuers, jws->thumbprint);
    if (!key)
        return vrx_finding_conclude(finding, VRX_VERDICT_ISSUER_UNKNOWN,
            "SMART Health Cards 1.4: no trusted issuer has a key with this thumbprint");
    struct vrx_result result = vrx_verify(
        VRX_ES256, key, jws->signed_text, vrx_view_of(jws->signature, sizeof jws->signature));
    if (result.reason == VRX_SIGNATURE_INVALID)
        result.clause = "RFC 7515 §5.2: the signature does not verify";
    return vrx_is_ok(result) ? judge_payload(jws, issuers, now, arena, finding, ret_shc)
                             : vrx_finding_conclude_from(finding, VRX_VERDICT_DAMAGED, result);
}

struct vrx_result vrx_shc_verify(struct vrx_view text, const struct vrx_trust_list *trust,
    int64_t now, struct vrx_arena *arena, struct vrx_finding *ret_finding,
    struct vrx_shc *ret_shc) {
    struct vrx_finding finding = {0};
    struct vrx_shc_jws jws;
    struct vrx_result result = vrx_shc_unpack(text, arena, &jws);
    if (vrx_is_ok(result))
        VRX_TRY(judge(&jws, vrx_trust_list_issuers(trust), now, arena, &finding, ret_shc));
    else
        VRX_TRY(vrx_finding_conclude_from(&finding,
            result.reason == VRX_INPUT_VERSION ? VRX_VERDICT_NOT_A_CERTIFICATE
                                               : VRX_VERDICT_DAMAGED,
            result));
    *ret_finding = finding;
    return vrx_ok();
}
