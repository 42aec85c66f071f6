/* SPDX-License-Identifier: Apache-2.0
 *
 * The clerks' worklist: residents whose record did not pass the quality gate when they asked for a
 * certificate. One entry a resident, opened by the first refusal and closed when the record passes.
 */
#ifndef VRX_STORE_CERTIFICATE_WORK_H
#define VRX_STORE_CERTIFICATE_WORK_H

#include "base/arena.h"
#include "store/tenant.h"

#define VRX_LIMIT_WORK_LISTED 500

struct vrx_certificate_work {
    int64_t resident;
    struct vrx_view addressee; /* the resident's addressee number */
    enum vrx_reason reason;    /* of the last refusal; clause too */
    struct vrx_view clause;
    int64_t opened_at;
    int64_t last_at;
    uint64_t times; /* refused */
};

/* The gate refused once more: why is not VRX_OK. Errors: VRX_NOT_FOUND (resident). */
struct vrx_result vrx_certificate_work_note(
    struct vrx_tenant *tenant, int64_t resident, struct vrx_result why, int64_t now);

/* It passed: nothing is to be looked at any more. */
struct vrx_result vrx_certificate_work_close(struct vrx_tenant *tenant, int64_t resident);

/* The oldest first, at most VRX_LIMIT_WORK_LISTED. */
struct vrx_result vrx_certificate_work_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_certificate_work **ret_work, size_t *ret_count);

#endif
