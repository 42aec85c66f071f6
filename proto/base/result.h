/* SPDX-License-Identifier: Apache-2.0
 *
 * The one error dialect. Every function that can fail returns struct vrx_result; there is no
 * errno-like side channel and no int that could stand in for it. A result carries the reason (one
 * row of reasons.def) and, where a rule refused, the clause of the RFC, ISO standard or law; where
 * only time is wanting, how long.
 *
 *     VRX_TRY(vrx_cbor_uint(&reader, &value));          // hand the refusal up
 *     return vrx_refuse(VRX_CHECK_DIGIT_WRONG, "MIC Ordinance 85 of 2014 art. 5");
 */
#ifndef VRX_BASE_RESULT_H
#define VRX_BASE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

enum vrx_category {
    VRX_CATEGORY_OK = 0,
    VRX_CATEGORY_INPUT = 1,
    VRX_CATEGORY_AUTH = 2,
    VRX_CATEGORY_STATE = 3,
    VRX_CATEGORY_LIMIT = 4,
    VRX_CATEGORY_IO = 5,
    VRX_CATEGORY_CRYPTO = 6,
    VRX_CATEGORY_INTERNAL = 7,
};

/* What the caller may do about it. */
enum vrx_retry {
    VRX_RETRY_NEVER = 0,
    VRX_RETRY_CORRECTED = 1,
    VRX_RETRY_LATER = 2,
    VRX_RETRY_NOW = 3,
};

enum vrx_reason {
    VRX_OK = 0,
#define VRX_REASON(name, value, category, retry, en, ja) VRX_##name = (value),
#include "base/reasons.def"
#undef VRX_REASON
};

/* clang knows must-use types, gcc must-use functions only; CI builds with both. */
#ifdef __clang__
#define VRX_MUST_USE_TYPE __attribute__((warn_unused_result))
#else
#define VRX_MUST_USE_TYPE
#endif

struct VRX_MUST_USE_TYPE vrx_result {
    enum vrx_reason reason;
    uint32_t retry_ms;  /* the same may go through after so long; 0: nobody can say */
    const char *clause; /* static storage, or NULL where no rule is behind the refusal */
};

static inline struct vrx_result vrx_ok(void) {
    return (struct vrx_result){VRX_OK, 0, 0};
}

static inline struct vrx_result vrx_fail(enum vrx_reason reason) {
    return (struct vrx_result){reason, 0, 0};
}

/* clause: a string literal such as "RFC 8949 §4.2.1: map keys ascend". */
static inline struct vrx_result vrx_refuse(enum vrx_reason reason, const char *clause) {
    return (struct vrx_result){reason, 0, clause};
}

/* The same, where waiting so many milliseconds helps. */
static inline struct vrx_result vrx_refuse_for(
    enum vrx_reason reason, const char *clause, uint32_t retry_ms) {
    return (struct vrx_result){reason, retry_ms, clause};
}

static inline bool vrx_is_ok(struct vrx_result result) {
    return result.reason == VRX_OK;
}

/* The stable name ("CONSENT_REVOKED"); "OK" for VRX_OK, "UNKNOWN" for a value that no row has. */
const char *vrx_reason_name(enum vrx_reason reason);

/* The sentence of reasons.def, without full stop. Never NULL. */
const char *vrx_reason_sentence_en(enum vrx_reason reason);
const char *vrx_reason_sentence_ja(enum vrx_reason reason);

enum vrx_category vrx_reason_category(enum vrx_reason reason);
enum vrx_retry vrx_reason_retry(enum vrx_reason reason);

/* For peers' replies: the reason with this number or name, or VRX_INTERNAL_ERROR. */
enum vrx_reason vrx_reason_from_value(unsigned value);
enum vrx_reason vrx_reason_from_name(const char *name);

/* Hands a refusal to the caller. */
#define VRX_TRY(expression) \
    do { \
        struct vrx_result vrx_try_ = (expression); \
        if (vrx_try_.reason != VRX_OK) \
            return vrx_try_; \
    } while (0)

/* For the rare call whose failure changes nothing, such as a wipe on the way out of a failure. */
#define VRX_IGNORE(expression) \
    do { \
        struct vrx_result vrx_ignored_ = (expression); \
        (void)vrx_ignored_; \
    } while (0)

#endif
