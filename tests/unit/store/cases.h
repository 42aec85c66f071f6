/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the store: a case, which is a resident with evidence and consent.
 */
#ifndef VRX_TEST_STORE_CASES_H
#define VRX_TEST_STORE_CASES_H

#include "fixture.h"

#include "store/consent_record.h"
#include "store/evidence_record.h"

struct test_case {
    int64_t resident;
    uint8_t evidence_id[VRX_ID];
    uint8_t consent_id[VRX_ID];
};

static inline struct vrx_consent_record consent_of(const struct test_case *about) {
    struct vrx_consent_record consent = {
        .resident = about->resident,
        .object = vrx_view_text("signed consent"),
        .recorded_at = NOW,
    };
    memcpy(consent.id, about->consent_id, VRX_ID);
    memcpy(consent.evidence_id, about->evidence_id, VRX_ID);
    return consent;
}

/* A resident with evidence; the consent is named and not yet put. */
static inline struct test_case add_evidence(struct fixture *fixture, unsigned person) {
    struct test_case made = {
        .resident = add_resident(fixture, person),
        .evidence_id = {0xe, (uint8_t)person, (uint8_t)(person >> 8)},
        .consent_id = {0xc, (uint8_t)person, (uint8_t)(person >> 8)},
    };
    struct vrx_evidence_record evidence = {
        .resident = made.resident,
        .object = vrx_view_text("signed evidence"),
        .recorded_at = NOW,
    };
    memcpy(evidence.id, made.evidence_id, VRX_ID);
    assert_ok(vrx_evidence_record_put(fixture->tenant, &evidence));
    return made;
}

static inline struct test_case add_case(struct fixture *fixture, unsigned person) {
    struct test_case made = add_evidence(fixture, person);
    struct vrx_consent_record consent = consent_of(&made);
    assert_ok(vrx_consent_record_put(fixture->tenant, &consent));
    return made;
}

#endif
