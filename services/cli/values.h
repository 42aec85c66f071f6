/* SPDX-License-Identifier: Apache-2.0
 *
 * What the values of options mean: identifiers, numbers, words of a fixed list, files, residents.
 * Each says on standard error what is wrong with a value, without repeating it, and returns the
 * exit status; outputs are untouched then.
 */
#ifndef VRX_CLI_VALUES_H
#define VRX_CLI_VALUES_H

#include "base/bytes.h"
#include "cli/choices.h"
#include "cli/command.h"
#include "codes/addressee_number.h"
#include "codes/individual_number.h"
#include "objects/terms.h"
#include "vrx/v1/common.pb-c.h"

/* Hands a failed exit status to the caller, as VRX_TRY does with a result. */
#define VRX_CLI_TRY(expression) \
    do { \
        int vrx_cli_status_ = (expression); \
        if (vrx_cli_status_ != VRX_EXIT_OK) \
            return vrx_cli_status_; \
    } while (0)

/* VRX_EXIT_USAGE, after "vrx: --OPTION: " and the two sentences. */
int vrx_value_wrong(const char *option, const char *en, const char *ja);

/* An identifier as VRX prints it: 32 hexadecimal digits. A message's field points to it. */
struct vrx_value_id {
    uint8_t bytes[VRX_ID];
};
int vrx_value_id(
    const struct vrx_arguments *arguments, const char *option, struct vrx_value_id *ret_id);
/* A SHA-256 digest: 64 of them. Appends its bytes. */
int vrx_value_digest(
    const struct vrx_arguments *arguments, const char *option, struct vrx_buffer *out);
static inline ProtobufCBinaryData vrx_value_id_field(struct vrx_value_id *id) {
    return (ProtobufCBinaryData){VRX_ID, id->bytes};
}

/* Decimal, from min to max; fallback where the option was not given. */
int vrx_value_number(const struct vrx_arguments *arguments, const char *option, uint64_t min,
    uint64_t max, uint64_t fallback, uint64_t *ret_number);

/* "08:30" as minutes of the day, at most so many; 24:00 is 1440. */
int vrx_value_clock(
    const struct vrx_arguments *arguments, const char *option, uint32_t most, uint32_t *ret_minute);

/* A day in Japan ("2021-10-12": its first second, or with last its last) or an instant
 * ("2021-10-12T03:04:05Z"). Errors: VRX_INPUT_MALFORMED, VRX_DATE_INVALID. */
struct vrx_result vrx_value_instant(const char *text, bool last, int64_t *ret_time);
int vrx_value_time(
    const struct vrx_arguments *arguments, const char *option, bool last, int64_t *ret_time);

/* The index-th value of an option as one of the words. */
int vrx_value_choice(const struct vrx_arguments *arguments, const char *option, size_t index,
    const struct vrx_choice *choices, unsigned *ret_value);

/* --item, each at most once; at least one. */
#define VRX_VALUE_ITEMS VRX_ITEM_LAST
struct vrx_value_items {
    size_t count;
    Vrx__V1__DataItem item[VRX_VALUE_ITEMS];
};
int vrx_value_items(const struct vrx_arguments *arguments, struct vrx_value_items *ret_items);
#define VRX_ITEM_OPTION \
    { \
        "item", "dose|lot|venue|physician|ticket", true, true, "what may be handed over", \
            "提供を受ける項目" \
    }

/* Appends a file's bytes; "-" is standard input. VRX_EXIT_FAILED over limit. */
int vrx_value_file(const char *path, size_t limit, struct vrx_buffer *out);
/* An option's value as a message's field wants it: "" where it was not given. Only to be read. */
char *vrx_value_text(const struct vrx_arguments *arguments, const char *option);
char *vrx_value_text_at(const struct vrx_arguments *arguments, const char *option, size_t index);

/* A municipality code, its check digit looked at. */
int vrx_value_municipality(const char *option, const char *text);

/* The individual number from a file or standard input, which hold nothing but its 12 digits. */
int vrx_value_individual_number(const char *path, struct vrx_individual_number *ret_number);

/* --addressee or --number-file: exactly one. The key points into the struct itself, which stays
 * where it is. */
struct vrx_value_resident {
    Vrx__V1__ResidentKey key;
    struct vrx_addressee_number addressee;
    struct vrx_individual_number number;
};
int vrx_value_resident(
    const struct vrx_arguments *arguments, struct vrx_value_resident *ret_resident);
/* Wipes; a cleanup function. */
void vrx_value_resident_clear(struct vrx_value_resident *resident);
#define VRX_RESIDENT_OPTIONS \
    {"addressee", "NUMBER", false, false, "the resident, by addressee number", "宛名番号"}, { \
        "number-file", "FILE|-", false, false, \
            "the resident, by the individual number in this file or on standard input", \
            "個人番号を記したファイル（- は標準入力）" \
    }

#endif
