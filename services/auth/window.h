/* SPDX-License-Identifier: Apache-2.0
 *
 * How many things happened lately: a sliding count over sixty spans of time and the one at hand. So
 * a thing counts for at least sixty spans and at most one longer, and there is no edge at which
 * twice as many would pass. Times are span numbers that only grow (milliseconds divided by the
 * span); the caller sees to that.
 */
#ifndef VRX_AUTH_WINDOW_H
#define VRX_AUTH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define VRX_WINDOW_SPANS 61

struct vrx_window { /* all zero: nothing happened */
    int64_t last;   /* span of the last move */
    uint32_t total;
    uint32_t count[VRX_WINDOW_SPANS];
};

/* Forgets what is too old at that span. A span before the last one is the last one. */
void vrx_window_move(struct vrx_window *window, int64_t span);

/* One thing more, in the span moved to last. */
void vrx_window_add(struct vrx_window *window);

/* Whether what happened in that span still counts; takes one of it back, where it does. */
bool vrx_window_holds(const struct vrx_window *window, int64_t span);
void vrx_window_take_back(struct vrx_window *window, int64_t span);

/* How many spans after the last one the total will be below the limit, if nothing is added; 0: it
 * is. limit is at least 1. */
int64_t vrx_window_wait(const struct vrx_window *window, uint32_t limit);

#endif
