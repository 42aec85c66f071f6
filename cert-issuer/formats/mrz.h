/* SPDX-License-Identifier: Apache-2.0
 *
 * Names as in a passport's machine-readable zone (ICAO Doc 9303-3 §4.6): A to Z and the filler '<'.
 * They come from the Roman name that stands in the passport; nothing here transliterates kanji or
 * kana, for the passport may spell a name in ways that no table knows.
 */
#ifndef VRX_FORMATS_MRZ_H
#define VRX_FORMATS_MRZ_H

#include "base/bytes.h"

#define VRX_MRZ_NAME 80 /* the longest fnt or gnt (EU DCC schema 1.3, person_name) */

/* A passport's Roman name (one identifier: surname or given names) as fnt or gnt. Letters become
 * capitals; a run of spaces, hyphens and commas becomes one filler (hyphens: ICAO 9303-3 §4.6
 * converts them; commas between name components likewise); apostrophes go without trace. Writes at
 * most VRX_MRZ_NAME characters and a NUL. Errors: VRX_INPUT_TEXT for any other character and
 * VRX_INPUT_FIELD_MISSING for a name without a letter ("ICAO 9303-3 §4.6"); VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_mrz_from_roman(
    struct vrx_view roman, char ret_name[VRX_MRZ_NAME + 1], size_t *ret_len);

/* True for 0 to 80 characters of [A-Z<] (EU DCC schema 1.3, person_name). */
bool vrx_mrz_is_name(struct vrx_view name);

#endif
