/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/judge.h"

#include "base/limits.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/values.h"
#include "files/files.h"

static struct vrx_result read_trust(
    const struct vrx_arguments *arguments, int64_t now, struct vrx_trust_list **ret_trust) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_cli_certificate_key(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_file_read(vrx_argument(arguments, "trust-list"), VRX_LIMIT_CBOR_BYTES, &message));
    return vrx_trust_list_parse(vrx_buffer_view(&message), authority, now, ret_trust);
}

/* NULL where --revocations was not given. */
static struct vrx_result read_revocations(
    const struct vrx_arguments *arguments, struct vrx_revocation_list **ret_list) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    const char *file = vrx_argument(arguments, "revocations");
    if (!file)
        return vrx_ok();
    VRX_TRY(vrx_cli_certificate_key(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_file_read(file, VRX_LIMIT_CBOR_BYTES, &message));
    return vrx_revocation_list_parse(vrx_buffer_view(&message), authority, ret_list);
}

int vrx_judge_read(
    const struct vrx_arguments *arguments, int64_t now, struct vrx_judge *ret_judge) {
    struct vrx_judge judge = {.now = now};
    struct vrx_result result = read_trust(arguments, now, &judge.trust);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("trust list", result);
    result = read_revocations(arguments, &judge.revocations);
    if (!vrx_is_ok(result)) {
        vrx_judge_done(&judge);
        return vrx_print_refusal("revocation list", result);
    }
    *ret_judge = judge;
    return VRX_EXIT_OK;
}

void vrx_judge_done(struct vrx_judge *judge) {
    vrx_trust_list_free(&judge->trust);
    vrx_revocation_list_free(&judge->revocations);
}

struct vrx_cli_lists vrx_judge_lists(const struct vrx_judge *judge) {
    struct vrx_cli_lists lists = {.trust_version = vrx_trust_list_version(judge->trust),
        .trust_issued = vrx_trust_list_issued(judge->trust),
        .signers = vrx_trust_list_count(judge->trust),
        .revoked = VRX_REVOKED_UNKNOWN};
    if (judge->revocations)
        lists.revocations = vrx_revocation_list_dating(judge->revocations);
    return lists;
}

struct vrx_result vrx_judge_text(const struct vrx_judge *judge, struct vrx_view text,
    struct vrx_arena *arena, struct vrx_finding *ret_finding, struct vrx_shown *ret_shown,
    struct vrx_cli_lists *ret_lists) {
    *ret_lists = vrx_judge_lists(judge);
    VRX_TRY(vrx_shown_verify(text, judge->trust, judge->now, arena, ret_finding, ret_shown));
    return vrx_shown_revoked(
        ret_shown, judge->revocations, judge->now, ret_finding, &ret_lists->revoked);
}
