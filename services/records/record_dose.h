/* SPDX-License-Identifier: Apache-2.0
 *
 * Recording a dose and its ledger entry together: the entry carries the dose's commitment, the dose
 * the entry's index. Used for doses that are typed in, imported and transferred.
 */
#ifndef VRX_RECORDS_RECORD_DOSE_H
#define VRX_RECORDS_RECORD_DOSE_H

#include "dispatch/context.h"
#include "store/dose.h"

/* method and purpose stand in the entry. Errors: vrx_dose_record's and the ledger's. */
struct vrx_result vrx_record_dose(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_dose *dose, struct vrx_dose *ret_dose);

/* The entry alone, for a dose that was just written, such as a corrected version. */
struct vrx_result vrx_record_dose_entry(
    struct vrx_context *context, const char *method, const char *purpose, struct vrx_dose *dose);

#endif
