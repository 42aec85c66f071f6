/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/vrs_write.h"

#include "base/text.h"

void vrx_vrs_put_times(int64_t registered_at, struct vrx_date administered_on,
    struct vrx_vrs_times *times, struct vrx_dose_texts *texts) {
    *times = (struct vrx_vrs_times){0};
    if (registered_at)
        vrx_time_format_vrs(registered_at, times->registered_at);
    if (administered_on.year) {
        char day[VRX_DATE_TEXT + 1];
        vrx_date_format(administered_on, day);
        memcpy(times->administered_on, day, 4);
        memcpy(times->administered_on + 4, day + 5, 2);
        memcpy(times->administered_on + 6, day + 8, 2);
    }
    texts->field[VRX_DOSE_REGISTERED_AT] = vrx_view_text(times->registered_at);
    texts->field[VRX_DOSE_ADMINISTERED_ON] = vrx_view_text(times->administered_on);
}

/* RFC 4180 §2: quotes where the field has one, a comma or a line end. */
static bool needs_quotes(struct vrx_view text) {
    static const uint8_t special[] = {'"', ',', '\r', '\n'};
    for (size_t i = 0; i < text.len; i++)
        if (memchr(special, text.ptr[i], sizeof special))
            return true;
    return false;
}

static struct vrx_result put_field(struct vrx_view text, struct vrx_buffer *out) {
    if (!vrx_utf8_valid(text))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 3629 §4: syntax of UTF-8");
    if (!needs_quotes(text))
        return vrx_buffer_append(out, text);
    VRX_TRY(vrx_buffer_append_byte(out, '"'));
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            VRX_TRY(vrx_buffer_append_byte(out, '"'));
        VRX_TRY(vrx_buffer_append_byte(out, text.ptr[i]));
    }
    return vrx_buffer_append_byte(out, '"');
}

struct vrx_result vrx_vrs_write(const struct vrx_vaccination_texts *row, struct vrx_buffer *out) {
    if (!row->dose_count || row->dose_count > VRX_LIMIT_DOSES)
        return vrx_refuse(VRX_INPUT_RANGE, "VRS layout: 1 to 32 doses");
    VRX_TRY(put_field(row->addressee_number, out));
    for (size_t i = 0; i < row->dose_count; i++) {
        for (size_t field = 0; field < VRX_DOSE_FIELDS; field++) {
            VRX_TRY(vrx_buffer_append_byte(out, ','));
            VRX_TRY(put_field(row->doses[i].field[field], out));
        }
    }
    return vrx_buffer_append(out, vrx_view_text("\r\n"));
}
