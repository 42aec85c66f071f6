/* SPDX-License-Identifier: Apache-2.0
 *
 * See explain.h. Read explain_objects.c, explain_ledger.c, explain_steps.c in that order.
 */
#include "rules/explain.h"

#include "cose/sign1.h"
#include "rules/explain_parts.h"

static const char *const names[VRX_CHECKS] = {
    [VRX_CHECK_DIRECTORY] = "directory",
    [VRX_CHECK_EXPLANATION] = "explanation",
    [VRX_CHECK_PERMITS] = "permits",
    [VRX_CHECK_QUERY] = "query",
    [VRX_CHECK_ANSWER] = "answer",
    [VRX_CHECK_CONSENTS] = "consents",
    [VRX_CHECK_RECEIPTS] = "receipts",
    [VRX_CHECK_CHECKPOINT] = "checkpoint",
    [VRX_CHECK_ENTRIES] = "entries",
    [VRX_CHECK_LEDGER] = "ledger",
    [VRX_CHECK_STEP_1] = "step-1",
    [VRX_CHECK_STEP_2] = "step-2",
    [VRX_CHECK_STEP_3] = "step-3",
    [VRX_CHECK_STEP_4] = "step-4",
    [VRX_CHECK_STEP_5] = "step-5",
    [VRX_CHECK_STEP_6] = "step-6",
    [VRX_CHECK_STEP_7] = "step-7",
    [VRX_CHECK_STEP_8] = "step-8",
    [VRX_CHECK_STEP_9] = "step-9",
    [VRX_CHECK_OUTCOME] = "outcome",
};

const char *vrx_check_name(enum vrx_check check) {
    return check < VRX_CHECKS ? names[check] : "?";
}

static enum vrx_check first_of(
    const struct vrx_explained *explained, enum vrx_check_verdict verdict) {
    unsigned check = 0;
    while (check < VRX_CHECKS && explained->check[check].verdict != verdict)
        check++;
    return (enum vrx_check)check;
}

enum vrx_check vrx_explained_broken(const struct vrx_explained *explained) {
    return first_of(explained, VRX_CHECK_BROKEN);
}

enum vrx_check vrx_explained_refused(const struct vrx_explained *explained) {
    return first_of(explained, VRX_CHECK_REFUSED);
}

struct vrx_result vrx_explain(struct vrx_view signed_explanation,
    const struct vrx_public_key *authority, struct vrx_arena *arena,
    struct vrx_explained *ret_explained) {
    struct vrx_sign1 parts;
    struct vrx_explained explained = {0};
    struct vrx_explaining explaining = {
        .explained = &explained,
        .authority = authority,
        .arena = arena,
        .message = signed_explanation,
    };
    VRX_TRY(vrx_sign1_parse(signed_explanation, &parts));
    VRX_TRY(
        vrx_object_decode(&vrx_explanation_schema, parts.payload, arena, &explained.explanation));
    VRX_TRY(vrx_explain_objects(&explaining));
    VRX_TRY(vrx_explain_ledger(&explaining));
    if (vrx_check_passed(&explained, VRX_CHECK_DIRECTORY))
        VRX_TRY(vrx_explain_steps(&explaining));
    *ret_explained = explained;
    return vrx_ok();
}
