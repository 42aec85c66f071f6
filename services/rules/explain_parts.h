/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of this room: the parts of vrx_explain. Each fills in what it believes and sets its
 * checks; its own result is trouble of ours only (memory, the cryptographic library).
 */
#ifndef VRX_RULES_EXPLAIN_PARTS_H
#define VRX_RULES_EXPLAIN_PARTS_H

#include "rules/explain.h"

struct vrx_explaining {
    struct vrx_explained *explained;
    const struct vrx_public_key *authority;
    struct vrx_arena *arena;
    struct vrx_view message; /* the signed explanation */
};

/* Who asked, and who was asked. */
static inline const struct vrx_municipality_code *vrx_explained_asker(
    const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    return explanation->side == VRX_EXPLAINED_ASKED ? &explanation->municipality
                                                    : &explanation->other;
}
static inline const struct vrx_municipality_code *vrx_explained_asked(
    const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    return explanation->side == VRX_EXPLAINED_ASKED ? &explanation->other
                                                    : &explanation->municipality;
}

/* Our own trouble is handed up; anything else is what the check says. */
#define VRX_EXPLAIN_TRY(expression, ret_result) \
    do { \
        *(ret_result) = (expression); \
        if (vrx_explain_is_ours((ret_result)->reason)) \
            return *(ret_result); \
    } while (0)
static inline bool vrx_explain_is_ours(enum vrx_reason reason) {
    return reason == VRX_OUT_OF_MEMORY || reason == VRX_CRYPTO_FAILED ||
           reason == VRX_INTERNAL_ERROR;
}

static inline void vrx_check_set(struct vrx_explained *explained, enum vrx_check check,
    enum vrx_check_verdict verdict, struct vrx_result why) {
    explained->check[check] = (struct vrx_checked){verdict, why};
}
/* PASSED, or with a refusal BROKEN. */
static inline void vrx_check_hold(
    struct vrx_explained *explained, enum vrx_check check, struct vrx_result result) {
    vrx_check_set(
        explained, check, vrx_is_ok(result) ? VRX_CHECK_PASSED : VRX_CHECK_BROKEN, result);
}
static inline void vrx_check_not_shown(
    struct vrx_explained *explained, enum vrx_check check, const char *clause) {
    vrx_check_set(explained, check, VRX_CHECK_NOT_SHOWN,
        (struct vrx_result){.reason = VRX_OK, .clause = clause});
}
static inline bool vrx_check_passed(const struct vrx_explained *explained, enum vrx_check check) {
    return explained->check[check].verdict == VRX_CHECK_PASSED;
}

/* explain_objects.c: DIRECTORY to RECEIPTS. */
struct vrx_result vrx_explain_objects(struct vrx_explaining *explaining);
/* explain_ledger.c: CHECKPOINT to LEDGER. */
struct vrx_result vrx_explain_ledger(struct vrx_explaining *explaining);
/* Entries of two operators that what was protected may leave. */
bool vrx_explained_released(const struct vrx_explained *explained);
/* explain_steps.c: STEP_1 to OUTCOME. */
struct vrx_result vrx_explain_steps(struct vrx_explaining *explaining);

#endif
