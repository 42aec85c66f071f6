/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields as people read them: names, addresses, venues. Codes and numbers go through vrx_text_fold
 * (base/text.h); here a text keeps its characters and their widths.
 */
#ifndef VRX_LAYOUTS_FIELD_H
#define VRX_LAYOUTS_FIELD_H

#include "base/arena.h"
#include "base/bytes.h"

/* Spaces of any width at both ends go, runs of them within become one ASCII space. Copies into the
 * arena. limit: bytes of the result. Errors: VRX_INPUT_TEXT when it is not UTF-8 or has control
 * characters; VRX_INPUT_TOO_LARGE; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_field_text(
    struct vrx_arena *arena, struct vrx_view text, size_t limit, struct vrx_view *ret_text);

#endif
