/* SPDX-License-Identifier: Apache-2.0
 *
 * What verified texts say, put on one paper: the person once, each dose once, with what every text
 * adds to it.
 */
#ifndef VRX_RENDER_PAPER_PAPER_OF_H
#define VRX_RENDER_PAPER_PAPER_OF_H

#include "render/paper/paper.h"

/* Adds a text and what its verification found in it. Views stay the caller's and must live as long
 * as the paper. A name in kana or kanji goes beside the one in Latin letters. Doses of one day with
 * the same vaccine, number and lot, as far as both texts say them, are one dose; they are kept by
 * date. Errors: VRX_INPUT_TYPE for a text that certifies no vaccination; VRX_INPUT_RANGE when it
 * is of another person than those before (birth date, or the name in Latin letters beyond what a
 * format shortens); VRX_INPUT_TOO_LARGE over VRX_PAPER_TEXTS or VRX_LIMIT_DOSES. On failure the
 * paper is as it was. */
struct vrx_result vrx_paper_add(
    struct vrx_paper *paper, struct vrx_view text, const struct vrx_shown *shown);

#endif
