/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/resident_key.h"

#include "base/text.h"
#include "dispatch/guard.h"
#include "dispatch/message.h"

static struct vrx_result find(struct vrx_context *context, const Vrx__V1__ResidentKey *key,
    struct vrx_resident *ret_resident) {
    struct vrx_view text = {0};
    switch (key->key_case) {
    case VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER:
        VRX_TRY(vrx_message_text(key->individual_number, VRX_LIMIT_OPERATOR, &text));
        VRX_TRY(vrx_text_fold(&context->arena, text, &text));
        return vrx_resident_find_by_number(context->tenant, &context->arena, text, ret_resident);
    case VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER:
        VRX_TRY(vrx_message_text(key->addressee_number, VRX_LIMIT_OPERATOR, &text));
        VRX_TRY(vrx_text_fold(&context->arena, text, &text));
        return vrx_resident_find_by_addressee(context->tenant, &context->arena, text, ret_resident);
    default:
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    }
}

struct vrx_result vrx_context_resident(struct vrx_context *context, const Vrx__V1__ResidentKey *key,
    struct vrx_resident *ret_resident) {
    if (!key)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    VRX_TRY(vrx_guard_look_up(context));
    VRX_TRY(find(context, key, ret_resident));
    return vrx_context_about(context, ret_resident->id);
}
