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
};

const char *vrx_verdict_name(enum vrx_verdict verdict) {
    size_t at = (size_t)verdict;
    return at < sizeof names / sizeof *names && names[at] ? names[at] : "UNKNOWN";
}
