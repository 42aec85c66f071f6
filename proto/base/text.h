/* SPDX-License-Identifier: Apache-2.0
 *
 * Text as it arrives in municipal data: UTF-8 with full-width digits and spaces.
 */
#ifndef VRX_BASE_TEXT_H
#define VRX_BASE_TEXT_H

#include "base/arena.h"
#include "base/bytes.h"

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool vrx_utf8_valid(struct vrx_view text);
/* The number of code points of valid UTF-8. */
size_t vrx_utf8_length(struct vrx_view text);

/* Full-width digits, letters, hyphens and the ideographic space become ASCII; spaces at both ends
 * go; inner runs of spaces become one. For codes, numbers and lots. Copies into the arena.
 * Errors: VRX_INPUT_TEXT, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_text_fold(
    struct vrx_arena *arena, struct vrx_view text, struct vrx_view *ret_folded);

/* True where text has min to max ASCII digits and nothing else. */
bool vrx_text_is_digits(struct vrx_view text, size_t min, size_t max);

/* Names are compared as people write them: without spaces of any width. Both valid UTF-8. */
bool vrx_text_same_name(struct vrx_view a, struct vrx_view b);

#endif
