/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/window.h"

#include <string.h>

static uint32_t *at(struct vrx_window *window, int64_t span) {
    return &window->count[span % VRX_WINDOW_SPANS];
}

void vrx_window_move(struct vrx_window *window, int64_t span) {
    if (span - window->last >= VRX_WINDOW_SPANS) {
        memset(window->count, 0, sizeof window->count);
        window->total = 0;
        window->last = span;
    }
    while (window->last < span) {
        uint32_t *oldest = at(window, ++window->last);
        window->total -= *oldest;
        *oldest = 0;
    }
}

void vrx_window_add(struct vrx_window *window) {
    if (window->total == UINT32_MAX)
        return;
    window->total++;
    ++*at(window, window->last);
}

bool vrx_window_holds(const struct vrx_window *window, int64_t span) {
    return span <= window->last && window->last - span < VRX_WINDOW_SPANS;
}

void vrx_window_take_back(struct vrx_window *window, int64_t span) {
    uint32_t *count = at(window, span);
    if (!vrx_window_holds(window, span) || !*count)
        return;
    window->total--;
    --*count;
}

int64_t vrx_window_wait(const struct vrx_window *window, uint32_t limit) {
    uint32_t left = window->total;
    int64_t waited = 0;
    while (left >= limit && waited < VRX_WINDOW_SPANS) {
        waited++;
        /* The span that has left by then: the last one less 60, the next time less 59 … */
        const int64_t span = window->last + waited - VRX_WINDOW_SPANS;
        if (span >= 0)
            left -= window->count[span % VRX_WINDOW_SPANS];
    }
    return waited;
}
