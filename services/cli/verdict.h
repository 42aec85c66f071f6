/* SPDX-License-Identifier: Apache-2.0
 *
 * How a verdict on a certificate is told, whichever its format and whoever found it: in two
 * languages or as JSON, and by the exit status.
 */
#ifndef VRX_CLI_VERDICT_H
#define VRX_CLI_VERDICT_H

#include "cli/command.h"
#include "formats/shown/revoked.h"
#include "vrx/v1/verification.pb-c.h"

/* The lists by which it was found. */
struct vrx_cli_lists {
    uint64_t trust_version;
    int64_t trust_issued;
    size_t signers; /* 0: not known */
    enum vrx_revoked revoked;
    struct vrx_revocation_dating revocations; /* version 0: there was no such list */
};

/* On standard output. now: when it was found. The exit status: 0 for VALID, else 10 and the
 * verdict's number, so that a gate can tell them apart. */
int vrx_cli_verdict_tell(const struct vrx_arguments *arguments, const struct vrx_finding *finding,
    const struct vrx_shown *shown, const struct vrx_cli_lists *lists, int64_t now);

/* A service's answer as if it were found here. Texts live as long as the answer, doses in the
 * arena. Errors: VRX_INPUT_VERSION for a verdict or a format that came after this program;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_cli_verdict_take(const Vrx__V1__VerifyResponse *answer,
    struct vrx_arena *arena, struct vrx_finding *ret_finding, struct vrx_shown *ret_shown,
    struct vrx_cli_lists *ret_lists);

#endif
