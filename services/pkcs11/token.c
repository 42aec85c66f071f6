/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS #11 as far as one ECDH or one signature goes. C_DeriveKey gives a session object whose value
 * is read at once and which is destroyed. The headers are p11-kit's, which are free of the
 * standard's macros; no library of it is linked.
 */
#include "pkcs11/token.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "files/files.h"
#include "pkcs11/token_object.h"

#define PROXY "p11-kit-proxy.so"
#define SLOTS 64    /* looked at */
#define POINT_DER 2 /* bytes of an OCTET STRING's head (X9.62 §4.3.6) */
#define LABEL 32    /* bytes, padded with blanks */

/* SEC 2: secp256r1 */
static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

struct vrx_result vrx_token_check(CK_RV rv, const char *clause) {
    switch (rv) {
    case CKR_OK:
        return vrx_ok();
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_LOCKED:
    case CKR_PIN_EXPIRED:
        return vrx_refuse(
            VRX_TOKEN_PIN, rv == CKR_PIN_LOCKED ? "PKCS #11 C_Login: the PIN is locked" : clause);
    case CKR_HOST_MEMORY:
        return vrx_fail(VRX_OUT_OF_MEMORY);
    default:
        return vrx_refuse(VRX_TOKEN_FAILED, clause);
    }
}

struct vrx_result vrx_token_load(struct vrx_token *token, const char *path) {
    CK_RV (*list)(CK_FUNCTION_LIST **) = NULL;
    token->module = dlopen(path[0] ? path : PROXY, RTLD_NOW | RTLD_LOCAL);
    if (!token->module)
        return vrx_refuse(VRX_TOKEN_FAILED, "RFC 7512 §2.4: module-path cannot be loaded");
    void *symbol = dlsym(token->module, "C_GetFunctionList");
    if (!symbol)
        return vrx_refuse(VRX_TOKEN_FAILED, "RFC 7512 §2.4: module-path is no PKCS #11 module");
    memcpy(&list, &symbol, sizeof list);
    return vrx_token_check(list(&token->call), "PKCS #11 C_GetFunctionList");
}

static struct vrx_result initialize(struct vrx_token *token) {
    CK_RV rv = token->call->C_Initialize(NULL);
    if (rv ==
        CKR_CRYPTOKI_ALREADY_INITIALIZED) /* by another token of this process, which ends it */
        return vrx_ok();
    VRX_TRY(vrx_token_check(rv, "PKCS #11 C_Initialize"));
    token->initialized = true;
    return vrx_ok();
}

/* A field of CK_TOKEN_INFO is padded with blanks. */
static bool is_field(const struct vrx_pkcs11_text *wanted, const uint8_t *field, size_t len) {
    while (len && field[len - 1] == ' ')
        len--;
    return !wanted->given ||
           vrx_view_equal(vrx_view_of(wanted->bytes, wanted->len), vrx_view_of(field, len));
}

static bool is_wanted(const struct vrx_pkcs11_uri *uri, const CK_TOKEN_INFO *info) {
    return is_field(&uri->token, info->label, sizeof info->label) &&
           is_field(&uri->serial, info->serialNumber, sizeof info->serialNumber) &&
           is_field(&uri->manufacturer, info->manufacturerID, sizeof info->manufacturerID) &&
           is_field(&uri->model, info->model, sizeof info->model) &&
           info->flags & CKF_TOKEN_INITIALIZED;
}

static struct vrx_result find_slot(struct vrx_token *token, const struct vrx_pkcs11_uri *uri,
    CK_SLOT_ID *ret_slot, CK_TOKEN_INFO *ret_info) {
    CK_SLOT_ID slots[SLOTS];
    CK_ULONG count = SLOTS;
    VRX_TRY(vrx_token_check(
        token->call->C_GetSlotList(CK_TRUE, slots, &count), "PKCS #11 C_GetSlotList"));
    bool found = false;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (token->call->C_GetTokenInfo(slots[i], &info) != CKR_OK || !is_wanted(uri, &info))
            continue;
        if (found)
            return vrx_refuse(
                VRX_INPUT_DUPLICATE_KEY, "RFC 7512 §2.3: the URI names several tokens");
        found = true;
        *ret_slot = slots[i];
        *ret_info = info;
    }
    return found ? vrx_ok() : vrx_refuse(VRX_TOKEN_FAILED, "RFC 7512 §2.3: no such token is there");
}

struct vrx_result vrx_token_read_pin(const char *path, struct vrx_secret **ret_pin) {
    struct vrx_secret *text VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_secret *pin = NULL;
    VRX_TRY(vrx_file_read_secret(path, &text));
    size_t len = 0;
    while (len < text->len && text->ptr[len] != '\n' && text->ptr[len] != '\r')
        len++;
    if (!len)
        return vrx_refuse(VRX_TOKEN_PIN, "RFC 7512 §2.4: the file has no PIN");
    VRX_TRY(vrx_secret_new(len, &pin));
    memcpy(pin->ptr, text->ptr, len);
    *ret_pin = pin;
    return vrx_ok();
}

static struct vrx_result get_pin(const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin,
    const CK_TOKEN_INFO *info, struct vrx_secret **ret_pin) {
    char label[LABEL + 1] = "";
    if (uri->pin_source[0])
        return vrx_token_read_pin(uri->pin_source, ret_pin);
    size_t len = LABEL;
    while (len && info->label[len - 1] == ' ')
        len--;
    memcpy(label, info->label, len);
    return pin->ask(pin->context, label, ret_pin);
}

struct vrx_result vrx_token_connect(
    struct vrx_token *token, const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin) {
    CK_SLOT_ID slot = 0;
    CK_TOKEN_INFO info;
    struct vrx_secret *secret VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(initialize(token));
    VRX_TRY(find_slot(token, uri, &slot, &info));
    VRX_TRY(vrx_token_check(
        token->call->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session),
        "PKCS #11 C_OpenSession"));
    if (!pin || !(info.flags & CKF_LOGIN_REQUIRED))
        return vrx_ok();
    if (!(info.flags & CKF_PROTECTED_AUTHENTICATION_PATH))
        VRX_TRY(get_pin(uri, pin, &info, &secret));
    CK_RV rv = token->call->C_Login(
        token->session, CKU_USER, secret ? secret->ptr : NULL, secret ? secret->len : 0);
    if (rv == CKR_USER_ALREADY_LOGGED_IN) /* to another key of the same token */
        return vrx_ok();
    VRX_TRY(vrx_token_check(rv, "PKCS #11 C_Login: the token does not take this PIN"));
    token->logged_in = true;
    return vrx_ok();
}

struct vrx_result vrx_token_find(
    struct vrx_token *token, CK_ATTRIBUTE *wanted, CK_ULONG count, CK_OBJECT_HANDLE *ret_object) {
    CK_OBJECT_HANDLE found[2];
    CK_ULONG found_count = 0;
    VRX_TRY(vrx_token_check(token->call->C_FindObjectsInit(token->session, wanted, count),
        "PKCS #11 C_FindObjectsInit"));
    CK_RV rv = token->call->C_FindObjects(token->session, found, 2, &found_count);
    token->call->C_FindObjectsFinal(token->session);
    VRX_TRY(vrx_token_check(rv, "PKCS #11 C_FindObjects"));
    if (found_count > 1)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "RFC 7512 §2.3: the URI names several keys");
    if (found_count == 0)
        return vrx_refuse(VRX_NOT_FOUND, "RFC 7512 §2.3: the token has no such object");
    *ret_object = found[0];
    return vrx_ok();
}

struct vrx_result vrx_token_read(struct vrx_token *token, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, uint8_t *out, size_t max, size_t *ret_len) {
    CK_ATTRIBUTE attribute = {type, out, max};
    VRX_TRY(vrx_token_check(token->call->C_GetAttributeValue(token->session, object, &attribute, 1),
        "PKCS #11 C_GetAttributeValue"));
    if (attribute.ulValueLen > max)
        return vrx_refuse(VRX_TOKEN_FAILED, "PKCS #11 C_GetAttributeValue");
    *ret_len = attribute.ulValueLen;
    return vrx_ok();
}

/* CKA_EC_POINT is a DER OCTET STRING around the point; some tokens leave the wrapping out. */
static struct vrx_result read_point(struct vrx_token *token, CK_OBJECT_HANDLE object) {
    uint8_t value[VRX_P256_POINT + POINT_DER];
    size_t len = 0;
    VRX_TRY(vrx_token_read(token, object, CKA_EC_PARAMS, value, sizeof value, &len));
    if (!vrx_view_equal(vrx_view_of(value, len), vrx_view_of(p256, sizeof p256)))
        return vrx_refuse(VRX_KEY_INVALID, "PKCS #11 CKA_EC_PARAMS: a key on P-256");
    VRX_TRY(vrx_token_read(token, object, CKA_EC_POINT, value, sizeof value, &len));
    struct vrx_view point = vrx_view_of(value, len);
    if (len == sizeof value && value[0] == 0x04 && value[1] == VRX_P256_POINT)
        point = vrx_view_slice(point, POINT_DER, VRX_P256_POINT);
    return vrx_public_key_from_point(point, &token->public);
}

/* The private key that the URI names, then the public one that has the same CKA_ID. */
static struct vrx_result find_key(struct vrx_token *token, const struct vrx_pkcs11_uri *uri) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    uint8_t label[VRX_PKCS11_TEXT];
    uint8_t id[VRX_PKCS11_TEXT];
    CK_ATTRIBUTE wanted[4] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type}};
    CK_ULONG count = 2;
    memcpy(label, uri->object.bytes, sizeof label);
    memcpy(id, uri->id.bytes, sizeof id);
    if (uri->object.given)
        wanted[count++] = (CK_ATTRIBUTE){CKA_LABEL, label, uri->object.len};
    if (uri->id.given)
        wanted[count++] = (CK_ATTRIBUTE){CKA_ID, id, uri->id.len};
    VRX_TRY(vrx_token_find(token, wanted, count, &token->key));
    size_t id_len = 0;
    CK_OBJECT_HANDLE public = 0;
    VRX_TRY(vrx_token_read(token, token->key, CKA_ID, id, sizeof id, &id_len));
    class = CKO_PUBLIC_KEY;
    wanted[2] = (CK_ATTRIBUTE){CKA_ID, id, id_len};
    struct vrx_result result = vrx_token_find(token, wanted, 3, &public);
    if (result.reason == VRX_NOT_FOUND)
        return vrx_refuse(VRX_KEY_INVALID, "PKCS #11: no public key with the same CKA_ID");
    VRX_TRY(result);
    return read_point(token, public);
}

static struct vrx_result set_up(
    struct vrx_token *token, const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin) {
    VRX_TRY(vrx_token_connect(token, uri, pin));
    return find_key(token, uri);
}

void vrx_token_leave(struct vrx_token *token) {
    if (token->logged_in)
        token->call->C_Logout(token->session);
    if (token->session)
        token->call->C_CloseSession(token->session);
    if (token->initialized)
        token->call->C_Finalize(NULL);
    vrx_public_key_free(&token->public);
    token->logged_in = false;
    token->initialized = false;
    token->session = 0;
    token->key = 0;
}

struct vrx_result vrx_token_open(const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin,
    struct vrx_token **ret_token) {
    struct vrx_token *token = calloc(1, sizeof *token);
    if (!token)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_token_load(token, uri->module_path);
    if (vrx_is_ok(result))
        result = set_up(token, uri, pin);
    if (vrx_is_ok(result))
        result = vrx_public_key_to_point(token->public, token->point);
    if (vrx_is_ok(result))
        *ret_token = token;
    else
        vrx_token_close(&token);
    return result;
}

void vrx_token_close(struct vrx_token **token) {
    if (!token || !*token)
        return;
    struct vrx_token *closing = *token;
    vrx_token_leave(closing);
    if (closing->module)
        dlclose(closing->module);
    free(closing);
    *token = NULL;
}

struct vrx_result vrx_token_renew(
    struct vrx_token *token, const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin) {
    uint8_t point[VRX_P256_POINT] = {0};
    vrx_token_leave(token);
    struct vrx_result result = set_up(token, uri, pin);
    if (vrx_is_ok(result))
        result = vrx_public_key_to_point(token->public, point);
    if (vrx_is_ok(result) && memcmp(point, token->point, sizeof point) != 0)
        result = vrx_refuse(VRX_TOKEN_FAILED, "token.h: another key than before");
    if (!vrx_is_ok(result))
        vrx_token_leave(token);
    return result;
}

const struct vrx_public_key *vrx_token_public(const struct vrx_token *token) {
    return token->public;
}

static struct vrx_result agree(
    void *context, const struct vrx_public_key *other, uint8_t ret_shared[VRX_P256_SHARED]) {
    struct vrx_token *token = context;
    uint8_t point[VRX_P256_POINT];
    VRX_TRY(vrx_public_key_to_point(other, point));
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ULONG len = VRX_P256_SHARED;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE shared[] = {{CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_VALUE_LEN, &len, sizeof len}, {CKA_TOKEN, &no, sizeof no},
        {CKA_SENSITIVE, &no, sizeof no}, {CKA_EXTRACTABLE, &yes, sizeof yes}};
    CK_ECDH1_DERIVE_PARAMS params = {CKD_NULL, 0, NULL, sizeof point, point};
    CK_MECHANISM ecdh = {CKM_ECDH1_DERIVE, &params, sizeof params};
    CK_OBJECT_HANDLE derived = 0;
    VRX_TRY(vrx_token_check(token->call->C_DeriveKey(token->session, &ecdh, token->key, shared,
                                sizeof shared / sizeof shared[0], &derived),
        "PKCS #11 C_DeriveKey: CKM_ECDH1_DERIVE by a key that may derive"));
    size_t got = 0;
    uint8_t value[VRX_P256_SHARED];
    struct vrx_result result = vrx_token_read(token, derived, CKA_VALUE, value, sizeof value, &got);
    token->call->C_DestroyObject(token->session, derived);
    if (vrx_is_ok(result) && got == sizeof value)
        memcpy(ret_shared, value, sizeof value);
    else if (vrx_is_ok(result))
        result = vrx_refuse(VRX_TOKEN_FAILED, "PKCS #11 C_DeriveKey: 32 bytes");
    vrx_wipe(value, sizeof value);
    return result;
}

struct vrx_ecdh_key vrx_token_private(struct vrx_token *token) {
    return (struct vrx_ecdh_key){agree, token};
}

static struct vrx_result sign(
    void *context, const uint8_t digest[32], uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    struct vrx_token *token = context;
    CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
    uint8_t message[32]; /* the call takes no const */
    uint8_t raw[VRX_P256_SIGNATURE];
    CK_ULONG len = sizeof raw;
    memcpy(message, digest, sizeof message);
    VRX_TRY(vrx_token_check(token->call->C_SignInit(token->session, &ecdsa, token->key),
        "PKCS #11 C_SignInit: CKM_ECDSA by a key that may sign"));
    VRX_TRY(vrx_token_check(token->call->C_Sign(token->session, message, sizeof message, raw, &len),
        "PKCS #11 C_Sign: CKM_ECDSA"));
    if (len != sizeof raw)
        return vrx_refuse(VRX_TOKEN_FAILED, "PKCS #11 C_Sign: 64 bytes");
    memcpy(ret_signature, raw, sizeof raw);
    return vrx_ok();
}

struct vrx_outside_signer vrx_token_signer(struct vrx_token *token) {
    return (struct vrx_outside_signer){sign, token};
}
