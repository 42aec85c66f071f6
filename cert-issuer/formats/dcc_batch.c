/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/dcc_batch.h"

#include "base/date.h"
#include "base/encode.h"

static struct vrx_result put(struct vrx_buffer *out, const char *text) {
    return vrx_buffer_append(out, vrx_view_text(text));
}

static struct vrx_result put_head(
    struct vrx_view country, int64_t expires, struct vrx_buffer *out) {
    char until[VRX_TIME_TEXT + 1];
    vrx_time_format(expires, until);
    VRX_TRY(put(out, "{\"country\":\""));
    VRX_TRY(vrx_buffer_append(out, country));
    VRX_TRY(put(out, "\",\"expires\":\""));
    VRX_TRY(put(out, until));
    return put(out, "\",\"kid\":\"UNKNOWN_KID\",\"hashType\":\"UCI\",\"entries\":[");
}

static struct vrx_result put_batch(struct vrx_view hashes, struct vrx_buffer *out) {
    for (size_t at = 0; at < hashes.len; at += VRX_REVOCATION_HASH) {
        VRX_TRY(put(out, at ? ",{\"hash\":\"" : "{\"hash\":\""));
        VRX_TRY(vrx_base64_encode(
            VRX_BASE64_STANDARD, vrx_view_slice(hashes, at, VRX_REVOCATION_HASH), out));
        VRX_TRY(put(out, "\"}"));
    }
    return put(out, "]}");
}

struct vrx_result vrx_dcc_batches_write(
    const struct vrx_revocation_list *list, struct vrx_view country, struct vrx_buffer *out) {
    const size_t step = (size_t)VRX_DCC_BATCH_ENTRIES * VRX_REVOCATION_HASH;
    const struct vrx_view hashes = vrx_revocation_list_hashes(list);
    const int64_t expires = vrx_revocation_list_dating(list).next_update;
    VRX_TRY(put(out, "["));
    for (size_t at = 0; at < hashes.len; at += step) {
        VRX_TRY(put(out, at ? ",\n" : "\n"));
        VRX_TRY(put_head(country, expires, out));
        VRX_TRY(put_batch(vrx_view_slice(hashes, at, step), out));
    }
    return put(out, "\n]\n");
}
