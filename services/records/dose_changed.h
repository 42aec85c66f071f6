/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows from a change of a dose, in the same transaction: every municipality that received
 * it is owed word, which the exchange sends within a second of the commit (exchange/notices.h).
 * Whoever corrects a dose or takes it out calls this.
 */
#ifndef VRX_RECORDS_DOSE_CHANGED_H
#define VRX_RECORDS_DOSE_CHANGED_H

#include "dispatch/context.h"

/* The version `from` was superseded by `to`, or, where both are one, taken out of the history.
 * Errors: the store's. */
struct vrx_result vrx_record_dose_changed(struct vrx_context *context, int64_t from, int64_t to);

#endif
