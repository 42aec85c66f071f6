/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/minimal.h"

#include <stddef.h>

/* The members that leave only where they are asked for. */
static const struct {
    enum vrx_data_item item;
    size_t offset;
    const char *clause;
} members[] = {
    {VRX_ITEM_LOT, offsetof(struct vrx_dose_item, lot), "answer.doses: lot"},
    {VRX_ITEM_VENUE, offsetof(struct vrx_dose_item, venue), "answer.doses: venue"},
    {VRX_ITEM_PHYSICIAN, offsetof(struct vrx_dose_item, physician), "answer.doses: physician"},
    {VRX_ITEM_TICKET, offsetof(struct vrx_dose_item, ticket), "answer.doses: ticket"},
};
#define MEMBERS (sizeof members / sizeof *members)

static bool asked_for(const uint64_t *items, size_t count, uint64_t item) {
    for (size_t i = 0; i < count; i++)
        if (items[i] == item)
            return true;
    return false;
}

struct vrx_dose_item vrx_minimal_item(
    const struct vrx_dose_item *whole, const uint64_t *items, size_t item_count) {
    const struct vrx_view nothing = {0};
    struct vrx_dose_item item = *whole;
    for (size_t i = 0; i < MEMBERS; i++)
        if (!asked_for(items, item_count, members[i].item))
            memcpy((uint8_t *)&item + members[i].offset, &nothing, sizeof nothing);
    return item;
}

size_t vrx_minimal_items(unsigned bits, uint64_t ret_items[VRX_ITEM_LAST]) {
    size_t count = 0;
    for (unsigned item = 1; item <= VRX_ITEM_LAST; item++)
        if (bits & 1u << item)
            ret_items[count++] = item;
    return count;
}

struct vrx_result vrx_minimal_check_item(
    const struct vrx_dose_item *item, const uint64_t *items, size_t item_count) {
    for (size_t i = 0; i < MEMBERS; i++) {
        struct vrx_view member;
        memcpy(&member, (const uint8_t *)item + members[i].offset, sizeof member);
        if (member.len && !asked_for(items, item_count, members[i].item))
            return vrx_refuse(VRX_PERMIT_ITEMS, members[i].clause);
    }
    return vrx_ok();
}

struct vrx_result vrx_minimal_check(
    const struct vrx_answer *answer, const uint64_t *items, size_t item_count) {
    for (size_t i = 0; i < answer->dose_count; i++)
        VRX_TRY(vrx_minimal_check_item(&answer->doses[i], items, item_count));
    return vrx_ok();
}
