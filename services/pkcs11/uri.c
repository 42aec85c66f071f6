/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs11/uri.h"

#include <stddef.h>

enum kind { TEXT, PATH, FILE_URI, TYPE };

/* In the path and in the query; the same name twice is refused wherever it stands. */
static const struct attribute {
    const char *name;
    bool in_query;
    enum kind kind;
    size_t member;
} attributes[] = {
    {"token", false, TEXT, offsetof(struct vrx_pkcs11_uri, token)},
    {"serial", false, TEXT, offsetof(struct vrx_pkcs11_uri, serial)},
    {"manufacturer", false, TEXT, offsetof(struct vrx_pkcs11_uri, manufacturer)},
    {"model", false, TEXT, offsetof(struct vrx_pkcs11_uri, model)},
    {"object", false, TEXT, offsetof(struct vrx_pkcs11_uri, object)},
    {"id", false, TEXT, offsetof(struct vrx_pkcs11_uri, id)},
    {"type", false, TYPE, 0},
    {"module-path", true, PATH, offsetof(struct vrx_pkcs11_uri, module_path)},
    {"pin-source", true, FILE_URI, offsetof(struct vrx_pkcs11_uri, pin_source)},
};
#define ATTRIBUTES (sizeof attributes / sizeof attributes[0])

#define SYNTAX "RFC 7512 §2.3: pkcs11:name=value;…?name=value&…"

bool vrx_pkcs11_is_uri(const char *text) {
    return strncmp(text, VRX_PKCS11_SCHEME, strlen(VRX_PKCS11_SCHEME)) == 0;
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 3986 §2.1. out has room for max bytes. */
static struct vrx_result decode(struct vrx_view text, uint8_t *out, size_t max, size_t *ret_len) {
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte <= ' ' || byte >= 0x7f)
            return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 3986 §2.1: other characters are encoded");
        if (byte == '%') {
            if (text.len - i < 3 || hex_digit(text.ptr[i + 1]) < 0 ||
                hex_digit(text.ptr[i + 2]) < 0)
                return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 3986 §2.1: % and two digits");
            byte = (uint8_t)(hex_digit(text.ptr[i + 1]) << 4 | hex_digit(text.ptr[i + 2]));
            i += 2;
        }
        if (len == max)
            return vrx_fail(VRX_INPUT_TOO_LARGE);
        out[len++] = byte;
    }
    *ret_len = len;
    return vrx_ok();
}

static struct vrx_result take_path(struct vrx_view value, char out[VRX_PKCS11_PATH]) {
    size_t len = 0;
    VRX_TRY(decode(value, (uint8_t *)out, VRX_PKCS11_PATH - 1, &len));
    if (!len)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 7512 §2.4: an empty file name");
    if (memchr(out, '\0', len))
        return vrx_refuse(VRX_INPUT_MALFORMED, SYNTAX);
    out[len] = '\0';
    return vrx_ok();
}

/* "file:/path", "file:///path" or "/path" (RFC 7512 §2.4). */
static struct vrx_result take_file(struct vrx_view value, char out[VRX_PKCS11_PATH]) {
    static const char scheme[] = "file:";
    char text[VRX_PKCS11_PATH] = "";
    VRX_TRY(take_path(value, text));
    const char *path = strncmp(text, scheme, strlen(scheme)) == 0 ? text + strlen(scheme) : text;
    if (strncmp(path, "///", 3) == 0)
        path += 2;
    if (path[0] != '/' || path[1] == '/')
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 7512 §2.4: pin-source is a file here");
    memcpy(out, path, strlen(path) + 1);
    return vrx_ok();
}

static struct vrx_result take_value(
    const struct attribute *attribute, struct vrx_view value, struct vrx_pkcs11_uri *uri) {
    char *member = (char *)uri + attribute->member;
    struct vrx_pkcs11_text *text = (void *)member;
    switch (attribute->kind) {
    case TEXT:
        text->given = true;
        return decode(value, text->bytes, sizeof text->bytes, &text->len);
    case PATH:
        return take_path(value, member);
    case FILE_URI:
        return take_file(value, member);
    case TYPE:
        break;
    }
    return vrx_view_equal(value, vrx_view_text("private"))
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_RANGE, "RFC 7512 §2.3: type=private is what is wanted here");
}

static struct vrx_result take_attribute(
    struct vrx_view part, bool in_query, unsigned *seen, struct vrx_pkcs11_uri *uri) {
    const uint8_t *equals = part.len ? memchr(part.ptr, '=', part.len) : NULL;
    if (!equals)
        return vrx_refuse(VRX_INPUT_MALFORMED, SYNTAX);
    const size_t name_len = (size_t)(equals - part.ptr);
    for (unsigned i = 0; i < ATTRIBUTES; i++) {
        if (attributes[i].in_query != in_query ||
            !vrx_view_equal(vrx_view_slice(part, 0, name_len), vrx_view_text(attributes[i].name)))
            continue;
        if (*seen >> i & 1U)
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "RFC 7512 §2.3: an attribute stands once");
        *seen |= 1U << i;
        return take_value(&attributes[i], vrx_view_slice(part, name_len + 1, SIZE_MAX), uri);
    }
    return vrx_refuse(
        VRX_INPUT_FIELD_UNKNOWN, "RFC 7512 §2.3: not an attribute that is taken here");
}

/* The parts of one of the two lists; none at all is well too. */
static struct vrx_result take_list(struct vrx_view list, char separator, bool in_query,
    unsigned *seen, struct vrx_pkcs11_uri *uri) {
    while (list.len) {
        const uint8_t *end = memchr(list.ptr, separator, list.len);
        const size_t len = end ? (size_t)(end - list.ptr) : list.len;
        VRX_TRY(take_attribute(vrx_view_slice(list, 0, len), in_query, seen, uri));
        if (end && len + 1 == list.len)
            return vrx_refuse(VRX_INPUT_MALFORMED, SYNTAX);
        list = vrx_view_slice(list, len + 1, SIZE_MAX);
    }
    return vrx_ok();
}

struct vrx_result vrx_pkcs11_uri_parse(struct vrx_view text, struct vrx_pkcs11_uri *ret_uri) {
    const struct vrx_view scheme = vrx_view_text(VRX_PKCS11_SCHEME);
    if (!vrx_view_equal(vrx_view_slice(text, 0, scheme.len), scheme))
        return vrx_refuse(VRX_INPUT_MALFORMED, SYNTAX);
    text = vrx_view_slice(text, scheme.len, SIZE_MAX);
    const uint8_t *mark = text.len ? memchr(text.ptr, '?', text.len) : NULL;
    const size_t path_len = mark ? (size_t)(mark - text.ptr) : text.len;
    struct vrx_pkcs11_uri uri = {0};
    unsigned seen = 0;
    VRX_TRY(take_list(vrx_view_slice(text, 0, path_len), ';', false, &seen, &uri));
    VRX_TRY(take_list(vrx_view_slice(text, path_len + 1, SIZE_MAX), '&', true, &seen, &uri));
    *ret_uri = uri;
    return vrx_ok();
}
