/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/shc/shc_crl.h"

#include <stdio.h>

#include "base/encode.h"
#include "base/text.h"
#include "formats/json/foreign_json.h"

#define SECONDS_DIGITS 12 /* until the year 33658 */

static struct vrx_result read_thumbprint(const json_t *crl, uint8_t ret_bytes[VRX_THUMBPRINT]) {
    static const char clause[] = "SMART Health Cards 1.4: kid of a revocation list";
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    const json_t *kid = NULL;
    VRX_TRY(vrx_foreign_json_needed(crl, "kid", JSON_STRING, clause, &kid));
    VRX_TRY(vrx_base64_decode(
        VRX_BASE64_URL, vrx_view_of(json_string_value(kid), json_string_length(kid)), &bytes));
    if (bytes.len != VRX_THUMBPRINT)
        return vrx_refuse(VRX_INPUT_RANGE, clause);
    memcpy(ret_bytes, bytes.ptr, VRX_THUMBPRINT);
    return vrx_ok();
}

static bool is_rid(struct vrx_view rid) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < rid.len; i++)
        if (!memchr(alphabet, rid.ptr[i], sizeof alphabet - 1))
            return false;
    return rid.len && rid.len <= VRX_LIMIT_RID;
}

/* "RID" or "RID.SECONDS". */
static struct vrx_result read_rid(
    const json_t *element, struct vrx_view *ret_rid, int64_t *ret_before) {
    if (!json_is_string(element))
        return vrx_refuse(VRX_INPUT_TYPE, "SMART Health Cards 1.4: rids");
    const struct vrx_view text =
        vrx_view_of(json_string_value(element), json_string_length(element));
    const uint8_t *dot = text.len ? memchr(text.ptr, '.', text.len) : NULL;
    const struct vrx_view rid = vrx_view_slice(text, 0, dot ? (size_t)(dot - text.ptr) : text.len);
    const struct vrx_view seconds = vrx_view_slice(text, rid.len + 1, text.len);
    int64_t before = dot ? 0 : VRX_REVOKED_ALWAYS;
    if (!is_rid(rid))
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: characters of a rid");
    if (dot && !vrx_text_is_digits(seconds, 1, SECONDS_DIGITS))
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: seconds behind a rid");
    for (size_t i = 0; dot && i < seconds.len; i++)
        before = 10 * before + (seconds.ptr[i] - '0');
    *ret_rid = rid;
    *ret_before = before;
    return vrx_ok();
}

static struct vrx_result read_rids(
    const json_t *rids, const struct vrx_shc_crl *crl, struct vrx_revocation_set *set) {
    for (size_t i = 0; i < json_array_size(rids); i++) {
        struct vrx_view rid = {0};
        int64_t before = 0;
        VRX_TRY(read_rid(json_array_get(rids, i), &rid, &before));
        VRX_TRY(vrx_revocation_set_add_card(set, crl->thumbprint, rid, before));
    }
    return vrx_revocation_set_add_thumbprint(set, crl->thumbprint);
}

struct vrx_result vrx_shc_crl_read(
    struct vrx_view text, struct vrx_revocation_set *set, struct vrx_shc_crl *ret_crl) {
    VRX_CLEANUP(vrx_foreign_json_done) json_t *root = NULL;
    const json_t *rids = NULL;
    const json_t *counter = NULL;
    struct vrx_shc_crl crl = {0};
    if (text.len > VRX_LIMIT_SHC_CRL)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "shc_crl.h: a revocation list");
    VRX_TRY(vrx_foreign_json_read(text, &root));
    VRX_TRY(read_thumbprint(root, crl.thumbprint));
    if (!vrx_foreign_json_is(root, "method", "rid"))
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: method rid");
    VRX_TRY(vrx_foreign_json_needed(
        root, "ctr", JSON_INTEGER, "SMART Health Cards 1.4: ctr", &counter));
    if (json_integer_value(counter) < 0)
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: ctr");
    VRX_TRY(
        vrx_foreign_json_needed(root, "rids", JSON_ARRAY, "SMART Health Cards 1.4: rids", &rids));
    VRX_TRY(read_rids(rids, &crl, set));
    crl.counter = (uint64_t)json_integer_value(counter);
    crl.count = json_array_size(rids);
    *ret_crl = crl;
    return vrx_ok();
}

static struct vrx_result append_text(struct vrx_buffer *out, const char *text) {
    return vrx_buffer_append(out, vrx_view_text(text));
}

struct vrx_result vrx_shc_crl_write(
    const struct vrx_revocation_list *list, struct vrx_view kid, struct vrx_buffer *out) {
    const struct vrx_view hashes = vrx_revocation_list_hashes(list);
    const uint64_t version = vrx_revocation_list_dating(list).version;
    char text[64];
    VRX_TRY(append_text(out, "{\"kid\":\""));
    VRX_TRY(vrx_buffer_append(out, kid));
    (void)snprintf(text, sizeof text, "\",\"method\":\"rid\",\"ctr\":%llu,\"rids\":[",
        (unsigned long long)version);
    VRX_TRY(append_text(out, text));
    for (size_t at = 0; at < hashes.len; at += VRX_REVOCATION_HASH) {
        char rid[VRX_RID_TEXT + 1];
        vrx_identifier_rid_of(hashes.ptr + at, rid);
        VRX_TRY(append_text(out, at ? ",\"" : "\""));
        VRX_TRY(append_text(out, rid));
        VRX_TRY(append_text(out, "\""));
    }
    return append_text(out, "]}\n");
}
