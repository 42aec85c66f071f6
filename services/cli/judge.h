/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates judged offline, by the signed lists that a command is given. Asks nobody.
 */
#ifndef VRX_CLI_JUDGE_H
#define VRX_CLI_JUDGE_H

#include "cli/command.h"
#include "cli/verdict.h"

#define VRX_JUDGE_OPTIONS(required) \
    {"trust-list", "FILE", required, false, "signed list of document signers", "信頼リスト"}, \
        {"authority", "FILE", required, false, "certificate of the authority that signs the list", \
            "信頼リストの署名機関の証明書"}, \
    { \
        "revocations", "FILE", false, false, \
            "signed revocation list by the same authority; without it revocation is not checked", \
            "同じ機関の署名済み失効リスト（省略時は失効を確認しない）" \
    }

struct vrx_judge {
    struct vrx_trust_list *trust;
    struct vrx_revocation_list *revocations; /* NULL: none was given */
    int64_t now;
};

/* Reads --trust-list, --authority and --revocations, as of now. The exit status; what is wrong with
 * them is said on standard error. */
int vrx_judge_read(const struct vrx_arguments *arguments, int64_t now, struct vrx_judge *ret_judge);
void vrx_judge_done(struct vrx_judge *judge);

/* vrx_shown_verify, then vrx_shown_revoked, and by which lists. Errors: theirs. */
struct vrx_result vrx_judge_text(const struct vrx_judge *judge, struct vrx_view text,
    struct vrx_arena *arena, struct vrx_finding *ret_finding, struct vrx_shown *ret_shown,
    struct vrx_cli_lists *ret_lists);

/* The lists alone, of which nothing is known to revoke anything. */
struct vrx_cli_lists vrx_judge_lists(const struct vrx_judge *judge);

#endif
