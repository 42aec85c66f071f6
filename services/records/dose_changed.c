/* SPDX-License-Identifier: Apache-2.0 */
#include "records/dose_changed.h"

#include "store/certificate_record.h"
#include "store/dose_sent.h"

struct vrx_result vrx_record_dose_changed(struct vrx_context *context, int64_t from, int64_t to) {
    size_t owed = 0;
    struct vrx_certificate_changes changes = {0};
    VRX_TRY(vrx_certificate_record_dose_changed(context->tenant, from, to, context->now, &changes));
    VRX_TRY(vrx_dose_sent_follow(context->tenant, from, to, &owed));
    /* The next tick looks; it finds nothing where the transaction is taken back. */
    if (owed)
        atomic_store(&context->slot->exchange_due, context->now);
    return vrx_ok();
}
