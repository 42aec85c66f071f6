/* SPDX-License-Identifier: Apache-2.0
 *
 * Written by hand, so that a stranger's bytes meet no JSON library: of JSON's grammar a header
 * needs one object of texts.
 */
#include "formats/shc/shc_header.h"

static const char form[] = "SMART Health Cards 1.4: a header is an object of texts";

struct member {
    const char *name;
    struct vrx_view value; /* ptr NULL: not seen */
};

static bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void skip_space(struct vrx_view *rest) {
    while (rest->len && is_space(rest->ptr[0]))
        *rest = vrx_view_slice(*rest, 1, rest->len);
}

/* Takes this character, with white space before it. */
static bool take(struct vrx_view *rest, char character) {
    skip_space(rest);
    if (!rest->len || rest->ptr[0] != (uint8_t)character)
        return false;
    *rest = vrx_view_slice(*rest, 1, rest->len);
    return true;
}

static bool take_text(struct vrx_view *rest, struct vrx_view *ret_text) {
    if (!take(rest, '"'))
        return false;
    for (size_t i = 0; i < rest->len; i++) {
        const uint8_t byte = rest->ptr[i];
        if (byte == '"') {
            *ret_text = vrx_view_of(rest->ptr, i);
            *rest = vrx_view_slice(*rest, i + 1, rest->len);
            return true;
        }
        if (byte < ' ' || byte > '~' || byte == '\\')
            return false;
    }
    return false;
}

static struct vrx_result take_member(struct vrx_view *rest, struct member *members, size_t count) {
    struct vrx_view name;
    struct vrx_view value;
    if (!take_text(rest, &name) || !take(rest, ':'))
        return vrx_refuse(VRX_INPUT_MALFORMED, form);
    if (vrx_view_equal(name, vrx_view_text("crit")))
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 7515 §4.1.11: crit");
    if (!take_text(rest, &value))
        return vrx_refuse(VRX_INPUT_MALFORMED, form);
    for (size_t i = 0; i < count; i++) {
        if (!vrx_view_equal(name, vrx_view_text(members[i].name)))
            continue;
        if (members[i].value.ptr)
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "RFC 7515 §4: names are unique");
        members[i].value = value;
    }
    return vrx_ok();
}

static struct vrx_result take_object(struct vrx_view json, struct member *members, size_t count) {
    if (!take(&json, '{'))
        return vrx_refuse(VRX_INPUT_MALFORMED, form);
    do
        VRX_TRY(take_member(&json, members, count));
    while (take(&json, ','));
    if (!take(&json, '}'))
        return vrx_refuse(VRX_INPUT_MALFORMED, form);
    skip_space(&json);
    return json.len ? vrx_refuse(VRX_INPUT_MALFORMED, form) : vrx_ok();
}

struct vrx_result vrx_shc_header_read(struct vrx_view json, struct vrx_view *ret_kid) {
    enum { ALG, ZIP, KID, COUNT };
    struct member members[COUNT] = {
        [ALG] = {"alg", {0}}, [ZIP] = {"zip", {0}}, [KID] = {"kid", {0}}};
    VRX_TRY(take_object(json, members, COUNT));
    if (!vrx_view_equal(members[ALG].value, vrx_view_text("ES256")))
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "SMART Health Cards 1.4: alg is ES256");
    if (!vrx_view_equal(members[ZIP].value, vrx_view_text("DEF")))
        return vrx_refuse(VRX_INPUT_MALFORMED, "SMART Health Cards 1.4: zip is DEF");
    *ret_kid = members[KID].value;
    return vrx_ok();
}
