/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/verdict.h"

#include <stddef.h>

static const char *const names[] = {
    [VRX_VERDICT_VALID] = "VALID",
    [VRX_VERDICT_EXPIRED] = "EXPIRED",
    [VRX_VERDICT_NOT_YET_VALID] = "NOT_YET_VALID",
    [VRX_VERDICT_ISSUER_UNKNOWN] = "ISSUER_UNKNOWN",
    [VRX_VERDICT_DAMAGED] = "DAMAGED",
    [VRX_VERDICT_NOT_A_CERTIFICATE] = "NOT_A_CERTIFICATE",
    [VRX_VERDICT_WRONG_KEY_USAGE] = "WRONG_KEY_USAGE",
    [VRX_VERDICT_REVOKED] = "REVOKED",
    [VRX_VERDICT_REVOCATION_UNKNOWN] = "REVOCATION_UNKNOWN",
};

const char *vrx_verdict_name(enum vrx_verdict verdict) {
    size_t at = (size_t)verdict;
    return at < sizeof names / sizeof *names && names[at] ? names[at] : "UNKNOWN";
}

struct vrx_result vrx_finding_conclude(
    struct vrx_finding *finding, enum vrx_verdict verdict, const char *clause) {
    finding->verdict = verdict;
    finding->clause = clause;
    return vrx_ok();
}

static bool is_own_failure(struct vrx_result result) {
    return result.reason == VRX_OUT_OF_MEMORY || result.reason == VRX_CRYPTO_FAILED ||
           result.reason == VRX_INTERNAL_ERROR;
}

struct vrx_result vrx_finding_conclude_from(
    struct vrx_finding *finding, enum vrx_verdict verdict, struct vrx_result refusal) {
    if (is_own_failure(refusal))
        return refusal;
    return vrx_finding_conclude(
        finding, verdict, refusal.clause ? refusal.clause : vrx_reason_sentence_en(refusal.reason));
}
