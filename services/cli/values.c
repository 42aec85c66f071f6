/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/text.h"
#include "cli/print.h"
#include "codes/municipality_code.h"
#include "files/files.h"

int vrx_value_wrong(const char *option, const char *en, const char *ja) {
    fprintf(stderr, "vrx: --%s: %s / %s\n", option, en, ja);
    return VRX_EXIT_USAGE;
}

int vrx_value_id(
    const struct vrx_arguments *arguments, const char *option, struct vrx_value_id *ret_id) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_view text = vrx_view_text(vrx_argument(arguments, option));
    if (text.len != 2 * sizeof ret_id->bytes || !vrx_is_ok(vrx_hex_decode(text, &bytes)))
        return vrx_value_wrong(
            option, "an identifier has 32 hexadecimal digits", "識別子は16進数32桁です");
    memcpy(ret_id->bytes, bytes.ptr, VRX_ID);
    return VRX_EXIT_OK;
}

int vrx_value_digest(
    const struct vrx_arguments *arguments, const char *option, struct vrx_buffer *out) {
    struct vrx_view text = vrx_view_text(vrx_argument(arguments, option));
    if (text.len != (size_t)2 * VRX_DIGEST || !vrx_is_ok(vrx_hex_decode(text, out)))
        return vrx_value_wrong(
            option, "a digest has 64 hexadecimal digits", "要約値は16進数64桁です");
    return VRX_EXIT_OK;
}

int vrx_value_number(const struct vrx_arguments *arguments, const char *option, uint64_t min,
    uint64_t max, uint64_t fallback, uint64_t *ret_number) {
    const char *text = vrx_argument(arguments, option);
    if (!text) {
        *ret_number = fallback;
        return VRX_EXIT_OK;
    }
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    if (!vrx_text_is_digits(vrx_view_text(text), 1, 20) || errno || number < min || number > max) {
        fprintf(stderr, "vrx: --%s: a number from %llu to %llu / %llu から %llu までの数\n", option,
            (unsigned long long)min, (unsigned long long)max, (unsigned long long)min,
            (unsigned long long)max);
        return VRX_EXIT_USAGE;
    }
    *ret_number = number;
    return VRX_EXIT_OK;
}

struct vrx_result vrx_value_instant(const char *text, bool last, int64_t *ret_time) {
    struct vrx_view view = vrx_view_text(text);
    struct vrx_date day;
    if (view.len == VRX_TIME_TEXT)
        return vrx_time_parse(view, ret_time);
    VRX_TRY(vrx_date_parse(view, &day));
    *ret_time = (int64_t)vrx_date_to_days(day) * 86400 - VRX_JST_OFFSET + (last ? 86399 : 0);
    return vrx_ok();
}

int vrx_value_time(
    const struct vrx_arguments *arguments, const char *option, bool last, int64_t *ret_time) {
    struct vrx_result result = vrx_value_instant(vrx_argument(arguments, option), last, ret_time);
    return vrx_is_ok(result)
               ? VRX_EXIT_OK
               : vrx_value_wrong(option, "a day (2021-10-12) or an instant (2021-10-12T03:04:05Z)",
                     "日付（2021-10-12）または日時（2021-10-12T03:04:05Z）");
}

int vrx_value_clock(const struct vrx_arguments *arguments, const char *option, uint32_t most,
    uint32_t *ret_minute) {
    const char *text = vrx_argument(arguments, option);
    const bool plain = strlen(text) == 5 && text[2] == ':' && strspn(text, "0123456789") == 2 &&
                       strspn(text + 3, "0123456789") == 2;
    const unsigned hour = plain ? (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0') : 99;
    const unsigned minute = plain ? (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0') : 60;
    if (minute > 59 || hour * 60 + minute > most)
        return vrx_value_wrong(
            option, "a time of the day, as 08:30", "時刻を 08:30 のように指定してください");
    *ret_minute = hour * 60 + minute;
    return VRX_EXIT_OK;
}

int vrx_value_choice(const struct vrx_arguments *arguments, const char *option, size_t index,
    const struct vrx_choice *choices, unsigned *ret_value) {
    const char *word = vrx_argument_at(arguments, option, index);
    const struct vrx_choice *found = word ? vrx_choice_by_word(choices, word) : NULL;
    if (!found) {
        vrx_value_wrong(option, "one of", "次のいずれか");
        return vrx_choice_list(choices);
    }
    *ret_value = found->value;
    return VRX_EXIT_OK;
}

int vrx_value_items(const struct vrx_arguments *arguments, struct vrx_value_items *ret_items) {
    struct vrx_value_items items = {0};
    size_t given = vrx_argument_count(arguments, "item");
    for (size_t i = 0; i < given; i++) {
        unsigned value = 0;
        VRX_CLI_TRY(vrx_value_choice(arguments, "item", i, vrx_item_choices, &value));
        for (size_t before = 0; before < items.count; before++)
            if ((unsigned)items.item[before] == value)
                return vrx_value_wrong("item", "each item once", "同じ項目は一度だけ指定します");
        items.item[items.count++] = (Vrx__V1__DataItem)value;
    }
    *ret_items = items;
    return VRX_EXIT_OK;
}

static struct vrx_result read_standard_input(size_t limit, struct vrx_buffer *out) {
    size_t before = out->len;
    for (;;) {
        uint8_t *at = NULL;
        size_t room = 4096;
        VRX_TRY(vrx_buffer_extend(out, room, &at));
        ssize_t got = read(STDIN_FILENO, at, room);
        out->len -= got > 0 ? room - (size_t)got : room;
        if (got < 0 && errno != EINTR)
            return vrx_fail(VRX_DISK_FAILED);
        if (got == 0)
            return vrx_ok();
        if (out->len - before > limit)
            return vrx_fail(VRX_INPUT_TOO_LARGE);
    }
}

int vrx_value_file(const char *path, size_t limit, struct vrx_buffer *out) {
    bool standard = strcmp(path, "-") == 0;
    struct vrx_result result =
        standard ? read_standard_input(limit, out) : vrx_file_read(path, limit, out);
    if (vrx_is_ok(result))
        return VRX_EXIT_OK;
    return vrx_print_file_failure(standard ? "standard input / 標準入力" : path, result);
}

char *vrx_value_text_at(const struct vrx_arguments *arguments, const char *option, size_t index) {
    const char *text = vrx_argument_at(arguments, option, index);
    /* protobuf-c's strings are char * and only read when a message is packed. */
    union {
        const char *in;
        char *out;
    } borrowed = {text ? text : ""};
    return borrowed.out;
}

char *vrx_value_text(const struct vrx_arguments *arguments, const char *option) {
    return vrx_value_text_at(arguments, option, 0);
}

int vrx_value_municipality(const char *option, const char *text) {
    struct vrx_municipality_code code;
    if (!vrx_is_ok(vrx_municipality_code_parse(vrx_view_text(text), &code)))
        return vrx_value_wrong(option, "a municipality code has 6 digits, the last a check digit",
            "団体コードは検査数字を含む6桁です");
    return VRX_EXIT_OK;
}

/* What people's editors leave behind the digits is not theirs. */
static struct vrx_view without_end_of_line(struct vrx_view text) {
    while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    return text;
}

int vrx_value_individual_number(const char *path, struct vrx_individual_number *ret_number) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(path, 64, &bytes));
    struct vrx_result result =
        vrx_individual_number_parse(without_end_of_line(vrx_buffer_view(&bytes)), ret_number);
    if (vrx_is_ok(result))
        return VRX_EXIT_OK;
    vrx_print_refusal("--number-file", result);
    return VRX_EXIT_USAGE;
}

int vrx_value_resident(
    const struct vrx_arguments *arguments, struct vrx_value_resident *ret_resident) {
    const char *addressee = vrx_argument(arguments, "addressee");
    const char *path = vrx_argument(arguments, "number-file");
    if (!addressee == !path)
        return vrx_value_wrong("addressee", "name the resident by --addressee or --number-file",
            "--addressee か --number-file のどちらか一方で住民を指定します");
    Vrx__V1__ResidentKey *key = &ret_resident->key;
    vrx__v1__resident_key__init(key);
    if (path) {
        VRX_CLI_TRY(vrx_value_individual_number(path, &ret_resident->number));
        key->key_case = VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
        key->individual_number = ret_resident->number.digits;
        return VRX_EXIT_OK;
    }
    if (!vrx_is_ok(vrx_addressee_number_parse(vrx_view_text(addressee), &ret_resident->addressee)))
        return vrx_value_wrong("addressee", "1 to 15 digits", "1～15桁の数字です");
    key->key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    key->addressee_number = ret_resident->addressee.digits;
    return VRX_EXIT_OK;
}

void vrx_value_resident_clear(struct vrx_value_resident *resident) {
    vrx_individual_number_clear(&resident->number);
}
