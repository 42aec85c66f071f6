/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of reasons.def as a table that is ordered by value, and the look-ups in it. That the
 * rows are ordered is what tests/unit/base/test_result.c shows; look-ups rely on it.
 */
#include "base/result.h"

#include <stddef.h>
#include <string.h>

struct reason_row {
    enum vrx_reason reason;
    enum vrx_category category;
    enum vrx_retry retry;
    const char *name;
    const char *en;
    const char *ja;
};

static const struct reason_row rows[] = {
    {VRX_OK, VRX_CATEGORY_OK, VRX_RETRY_NEVER, "OK", "done", "完了しました"},
#define VRX_REASON(name, value, category, retry, en, ja) \
    {(enum vrx_reason)(value), VRX_CATEGORY_##category, VRX_RETRY_##retry, #name, en, ja},
#include "base/reasons.def"
#undef VRX_REASON
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

/* What a number without a row looks like to people; its category is ours to answer for. */
static const struct reason_row unknown_row = {VRX_INTERNAL_ERROR, VRX_CATEGORY_INTERNAL,
    VRX_RETRY_NEVER, "UNKNOWN", "an unknown reason", "不明な理由です"};

static const struct reason_row *find_row(unsigned value) {
    size_t low = 0;
    size_t high = ROW_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((unsigned)rows[middle].reason == value)
            return &rows[middle];
        if ((unsigned)rows[middle].reason < value)
            low = middle + 1;
        else
            high = middle;
    }
    return &unknown_row;
}

const char *vrx_reason_name(enum vrx_reason reason) {
    return find_row((unsigned)reason)->name;
}

const char *vrx_reason_sentence_en(enum vrx_reason reason) {
    return find_row((unsigned)reason)->en;
}

const char *vrx_reason_sentence_ja(enum vrx_reason reason) {
    return find_row((unsigned)reason)->ja;
}

enum vrx_category vrx_reason_category(enum vrx_reason reason) {
    return find_row((unsigned)reason)->category;
}

enum vrx_retry vrx_reason_retry(enum vrx_reason reason) {
    return find_row((unsigned)reason)->retry;
}

enum vrx_reason vrx_reason_from_value(unsigned value) {
    return find_row(value)->reason;
}

enum vrx_reason vrx_reason_from_name(const char *name) {
    for (size_t i = 0; name && i < ROW_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].reason;
    }
    return VRX_INTERNAL_ERROR;
}
