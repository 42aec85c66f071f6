/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of a town, in the charset of its files. They are converted once, so that writing a
 * million rows is copying.
 */
#ifndef VRX_TESTS_SUPPORT_TOWN_TEXT_H
#define VRX_TESTS_SUPPORT_TOWN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* CP932 bytes. */
struct town_text {
    uint8_t len;
    char bytes[95];
};

struct town_name {
    struct town_text written;
    struct town_text kana;
};

#define TOWN_FAMILIES 48
#define TOWN_GIVEN 24
#define TOWN_STREETS 20
#define TOWN_VENUES 10
#define TOWN_PRODUCTS 4

struct town_words {
    struct town_name family[TOWN_FAMILIES];
    struct town_name given[2][TOWN_GIVEN]; /* male, female */
    struct town_text street[TOWN_STREETS];
    struct town_text venue[TOWN_VENUES];
    struct town_text product[TOWN_PRODUCTS][2]; /* as VRS writes it, and as some files do */
    struct town_text chome, ban, go, wide_space;
    struct town_text place; /* prefecture and municipality */
};

/* UTF-8 to CP932. Errors: VRX_INPUT_TEXT (no such character, or too long), VRX_FILE_REFUSED (no
 * converter). */
struct vrx_result town_text_encode(const char *utf8, struct town_text *ret_text);

/* names: as vrx_town_options. */
struct vrx_result town_words_load(
    const char *municipality, const char *names, struct town_words *ret_words);

#endif
