/* SPDX-License-Identifier: Apache-2.0
 *
 * How long each kind of record is kept: settings of the municipality, by the classes of
 * objects/erasure_certificate.h. What is past its time is erased by
 * erasure.h, when it is told to or by a standing order (schedule.h).
 *
 * A period is counted from: a dose's day; the day of moving out; the identity check; the consent's
 * grant or revocation; the last change of a transfer or an application, and the end of its
 * certificate's validity; the suspension of a terminal. The class AUDIT_SALT is a hold: a person
 * who moved out stays for so long after that and after the last provision, because the record of
 * provisions (7 years) must still say about whom it is.
 */
#ifndef VRX_STORE_RETENTION_H
#define VRX_STORE_RETENTION_H

#include "objects/erasure_certificate.h"
#include "store/tenant.h"

#define VRX_RETENTION_DAYS_MAX 73000 /* 200 years */

struct vrx_retention {
    enum vrx_retention_class what;
    uint64_t days;      /* 0: kept for ever */
    uint64_t least;     /* what the law asks for today; 0: nothing */
    int64_t changed_at; /* 0: never set, the product's own period */
};

/* Errors: VRX_INPUT_RANGE for an unknown class. */
struct vrx_result vrx_retention_get(
    struct vrx_tenant *tenant, enum vrx_retention_class what, struct vrx_retention *ret_retention);

/* Errors: VRX_INPUT_RANGE for an unknown class, more than VRX_RETENTION_DAYS_MAX days, and, with
 * the law as its clause, for less than that asks for. */
struct vrx_result vrx_retention_set(
    struct vrx_tenant *tenant, enum vrx_retention_class what, uint64_t days, int64_t now);

/* What is older than *ret_before is past its time at now; INT64_MIN where it is kept for ever.
 * Errors: as for get. */
struct vrx_result vrx_retention_before(
    struct vrx_tenant *tenant, enum vrx_retention_class what, int64_t now, int64_t *ret_before);

#endif
