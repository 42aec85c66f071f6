/* SPDX-License-Identifier: Apache-2.0
 *
 * The PKCS #11 URI (RFC 7512) of a custodian's key:
 *
 *     pkcs11:token=Sapporo;object=custodian?module-path=/usr/lib/softhsm/libsofthsm2.so
 *
 * Of its attributes those that choose a key are taken: token, serial, manufacturer, model, object,
 * id, type (private alone); of its query module-path and pin-source. Others are refused, pin-value
 * among them: a command line is read by everybody on the machine.
 */
#ifndef VRX_PKCS11_URI_H
#define VRX_PKCS11_URI_H

#include "base/bytes.h"

#define VRX_PKCS11_TEXT 256  /* bytes of one attribute, decoded */
#define VRX_PKCS11_PATH 4096 /* bytes of a file name, with its NUL */
#define VRX_PKCS11_SCHEME "pkcs11:"

struct vrx_pkcs11_text {
    uint8_t bytes[VRX_PKCS11_TEXT];
    size_t len;
    bool given;
};

struct vrx_pkcs11_uri {
    struct vrx_pkcs11_text token, serial, manufacturer, model; /* of the token */
    struct vrx_pkcs11_text object, id;                         /* of the key: label, CKA_ID */
    char module_path[VRX_PKCS11_PATH];                         /* "" when not given */
    char pin_source[VRX_PKCS11_PATH];                          /* a file name; "" when not given */
};

/* Whether the text is meant as one. */
bool vrx_pkcs11_is_uri(const char *text);

/* Errors: VRX_INPUT_MALFORMED (RFC 7512 §2.3, and NUL bytes); VRX_INPUT_DUPLICATE_KEY for an
 * attribute that stands twice; VRX_INPUT_FIELD_UNKNOWN for one that is not taken here;
 * VRX_INPUT_TOO_LARGE; VRX_INPUT_RANGE for a type other than private, a pin-source that is no file
 * (RFC 7512 §2.4), an empty module-path or pin-source. */
struct vrx_result vrx_pkcs11_uri_parse(struct vrx_view text, struct vrx_pkcs11_uri *ret_uri);

#endif
