/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/shown_file.h"

#include <string.h>

struct vrx_result vrx_shown_file_texts(struct vrx_view content, struct vrx_qr_texts *texts) {
    if (vrx_qr_is_picture(content))
        return vrx_qr_read(content, texts);
    while (content.len && strchr(" \t\r\n", content.ptr[content.len - 1]))
        content.len--;
    return vrx_qr_texts_add(texts, content);
}

bool vrx_shown_file_is_none(struct vrx_result result) {
    return vrx_reason_category(result.reason) == VRX_CATEGORY_INPUT ||
           result.reason == VRX_NOT_FOUND;
}
