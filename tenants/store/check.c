/* SPDX-License-Identifier: Apache-2.0
 *
 * See check.h.
 */
#include "store/check.h"

#include "base/text.h"
#include "store/tenant.h"

/* C0 controls and DEL never belong in a field of a record: they forge lines in exports. */
static bool has_control(struct vrx_view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return true;
    return false;
}

static struct vrx_result check_text(struct vrx_view text, const struct vrx_text_rule *rule) {
    if (text.len < rule->min)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, rule->clause);
    if (text.len > rule->max)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, rule->clause);
    if (!vrx_utf8_valid(text) || has_control(text))
        return vrx_refuse(VRX_INPUT_TEXT, rule->clause);
    return vrx_ok();
}

struct vrx_result vrx_check_texts(
    const void *object, const struct vrx_text_rule *rules, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct vrx_view text;
        memcpy(&text, (const uint8_t *)object + rules[i].offset, sizeof text);
        VRX_TRY(check_text(text, &rules[i]));
    }
    return vrx_ok();
}

struct vrx_result vrx_check_object(struct vrx_view object, size_t max) {
    if (!object.len)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    return object.len > max ? vrx_fail(VRX_INPUT_TOO_LARGE) : vrx_ok();
}

struct vrx_result vrx_check_page(size_t limit) {
    return limit >= 1 && limit <= VRX_LIMIT_PAGE ? vrx_ok() : vrx_fail(VRX_INPUT_RANGE);
}
