/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/mrz.h"

enum mrz_class {
    MRZ_REFUSED,
    MRZ_LETTER,
    MRZ_SEPARATOR,
    MRZ_DROPPED,
};

static enum mrz_class classify(uint8_t character) {
    if ((character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z'))
        return MRZ_LETTER;
    if (character == ' ' || character == '-' || character == ',')
        return MRZ_SEPARATOR;
    return character == '\'' ? MRZ_DROPPED : MRZ_REFUSED;
}

struct vrx_result vrx_mrz_from_roman(
    struct vrx_view roman, char ret_name[VRX_MRZ_NAME + 1], size_t *ret_len) {
    char name[VRX_MRZ_NAME + 1] = {0};
    size_t len = 0;
    bool separated = false;
    for (size_t i = 0; i < roman.len; i++) {
        enum mrz_class class = classify(roman.ptr[i]);
        if (class == MRZ_REFUSED)
            return vrx_refuse(VRX_INPUT_TEXT,
                "ICAO 9303-3 §4.6: a Roman name has letters, space, hyphen, "
                "apostrophe and comma only");
        if (class == MRZ_SEPARATOR)
            separated = true;
        if (class != MRZ_LETTER)
            continue;
        size_t filler = separated && len ? 1 : 0;
        if (len + filler + 1 > VRX_MRZ_NAME)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "EU DCC schema 1.3: person_name, 80 characters");
        if (filler)
            name[len++] = '<';
        name[len++] = (char)(roman.ptr[i] & 0xdf);
        separated = false;
    }
    if (!len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "ICAO 9303-3 §4.6: the name has no letter");
    memcpy(ret_name, name, sizeof name);
    *ret_len = len;
    return vrx_ok();
}

bool vrx_mrz_is_name(struct vrx_view name) {
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] != '<' && (name.ptr[i] < 'A' || name.ptr[i] > 'Z'))
            return false;
    return name.len <= VRX_MRZ_NAME;
}
