/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/items.h"

struct vrx_result vrx_exchange_municipality(
    struct vrx_context *context, const char *text, struct vrx_municipality_code *ret_code) {
    struct vrx_municipality_code code;
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(text), &code));
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    const struct vrx_directory_entry *entry = NULL;
    struct vrx_result found = vrx_directory_find(&law->directory, &code, context->now, &entry);
    vrx_law_release(context->daemon->law, law);
    if (found.reason == VRX_SENDER_UNKNOWN || found.reason == VRX_SENDER_NOT_CURRENT)
        return vrx_fail(VRX_MUNICIPALITY_UNKNOWN);
    VRX_TRY(found);
    *ret_code = code;
    return vrx_ok();
}

struct vrx_result vrx_exchange_items(struct vrx_context *context, const Vrx__V1__DataItem *items,
    size_t count, uint64_t **ret_items, size_t *ret_count) {
    bool named[VRX_ITEM_LAST + 1] = {false};
    if (!count)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    for (size_t i = 0; i < count; i++) {
        uint64_t item = (uint64_t)items[i];
        if (item < VRX_ITEM_DOSE || item > VRX_ITEM_LAST)
            return vrx_fail(VRX_INPUT_RANGE);
        if (named[item])
            return vrx_fail(VRX_INPUT_DUPLICATE_KEY);
        named[item] = true;
    }
    uint64_t *list = vrx_arena_alloc_array(&context->arena, count, sizeof *list);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t at = 0;
    for (uint64_t item = VRX_ITEM_DOSE; item <= VRX_ITEM_LAST; item++)
        if (named[item])
            list[at++] = item;
    *ret_items = list;
    *ret_count = at;
    return vrx_ok();
}
