/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "certificates/handlers.h"
#include "store/kiosk_settings.h"

/* The ledger's entry of the application says what was to be paid. */
static struct vrx_result note(struct vrx_context *context, uint64_t yen) {
    char text[32];
    const int len = snprintf(text, sizeof text, "fee: %u yen", (unsigned)yen);
    return vrx_arena_copy(
        &context->arena, vrx_view_of((const uint8_t *)text, (size_t)len), &context->audit.basis);
}

struct vrx_result vrx_certificates_fee(struct vrx_context *context, uint64_t kind, uint64_t shown) {
    uint64_t yen = 0;
    VRX_TRY(vrx_certificate_fee(context->tenant, kind, &yen));
    if (shown != yen)
        return vrx_refuse(VRX_CONFLICT, "certificates: the fee is another than was shown");
    return yen ? note(context, yen) : vrx_ok();
}
