/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-token-key MODULE LABEL PIN KEY.pem OBJECT ID [no-derive]: puts a P-256 key pair on a PKCS #11
 * token, as a custodian's tools would make one there; ID is one character. Tests of keys on tokens
 * know the key this way. Where the file is a certificate, that is put there, as cards have it
 * beside a key.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <string.h>

#include "crypto/key.h"
#include "crypto/x509.h"
#include "files/files.h"

struct pair {
    uint8_t scalar[VRX_P256_SCALAR];
    uint8_t point[2 + VRX_P256_POINT]; /* as a DER OCTET STRING */
};

static struct vrx_result read_pair(const char *path, struct pair *pair) {
    struct vrx_secret *pem VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_secret *der VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_file_read_secret(path, &pem));
    VRX_TRY(vrx_private_key_from_pem(vrx_secret_view(pem), &key));
    VRX_TRY(vrx_private_key_to_pkcs8(key, &der));
    const uint8_t *at = memmem(der->ptr, der->len, "\x02\x01\x01\x04\x20", 5); /* RFC 5915 §3 */
    if (!at)
        return vrx_fail(VRX_KEY_INVALID);
    memcpy(pair->scalar, at + 5, VRX_P256_SCALAR);
    pair->point[0] = 0x04;
    pair->point[1] = VRX_P256_POINT;
    VRX_TRY(vrx_private_key_public(key, &public));
    return vrx_public_key_to_point(public, pair->point + 2);
}

static CK_FUNCTION_LIST *load(const char *path) {
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = module ? dlsym(module, "C_GetFunctionList") : NULL;
    CK_RV (*list)(CK_FUNCTION_LIST **) = NULL;
    CK_FUNCTION_LIST *call = NULL;
    memcpy(&list, &symbol, sizeof list);
    return list && list(&call) == CKR_OK && call->C_Initialize(NULL) == CKR_OK ? call : NULL;
}

static bool log_in(CK_FUNCTION_LIST *call, const char *label, char *pin, CK_SESSION_HANDLE *out) {
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    if (call->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        return false;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (call->C_GetTokenInfo(slots[i], &info) != CKR_OK ||
            strncmp((const char *)info.label, label, strlen(label)) != 0)
            continue;
        return call->C_OpenSession(
                   slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, out) == CKR_OK &&
               call->C_Login(*out, CKU_USER, (unsigned char *)pin, strlen(pin)) == CKR_OK;
    }
    return false;
}

static bool put(CK_FUNCTION_LIST *call, CK_SESSION_HANDLE session, struct pair *pair, char *object,
    char *id, bool derives) {
    uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
    CK_OBJECT_CLASS public = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL derive = derives;
    CK_OBJECT_HANDLE made = 0;
    CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &private, sizeof private},
        {CKA_KEY_TYPE, &type, sizeof type}, {CKA_TOKEN, &yes, sizeof yes},
        {CKA_LABEL, object, strlen(object)}, {CKA_ID, id, strlen(id)},
        {CKA_EC_PARAMS, p256, sizeof p256}, {CKA_VALUE, pair->scalar, sizeof pair->scalar},
        {CKA_DERIVE, &derive, sizeof derive}, {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes}};
    if (call->C_CreateObject(session, attributes, 10, &made) != CKR_OK)
        return false;
    attributes[0] = (CK_ATTRIBUTE){CKA_CLASS, &public, sizeof public};
    attributes[6] = (CK_ATTRIBUTE){CKA_EC_POINT, pair->point, sizeof pair->point};
    return call->C_CreateObject(session, attributes, 8, &made) == CKR_OK;
}

/* The subject's name is not read by anybody; the standard wants one. */
static bool put_certificate(CK_FUNCTION_LIST *call, CK_SESSION_HANDLE session,
    const struct vrx_certificate *certificate, char *object, char *id) {
    static uint8_t der[VRX_CERTIFICATE_MAX];
    static uint8_t subject[] = {0x30, 0x00};
    const struct vrx_view value = vrx_certificate_der(certificate);
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_OBJECT_HANDLE made = 0;
    memcpy(der, value.ptr, value.len);
    CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &class, sizeof class},
        {CKA_CERTIFICATE_TYPE, &type, sizeof type}, {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &no, sizeof no}, {CKA_LABEL, object, strlen(object)},
        {CKA_ID, id, strlen(id)}, {CKA_SUBJECT, subject, sizeof subject},
        {CKA_VALUE, der, value.len}};
    return call->C_CreateObject(
               session, attributes, sizeof attributes / sizeof *attributes, &made) == CKR_OK;
}

/* NULL where the file is none. */
static struct vrx_certificate *read_certificate(const char *path) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_certificate *certificate = NULL;
    if (vrx_is_ok(vrx_file_read(path, 65536, &pem)))
        VRX_IGNORE(vrx_certificate_from_pem(vrx_buffer_view(&pem), &certificate));
    return certificate;
}

int main(int argc, char **argv) {
    if (argc < 7) {
        fprintf(stderr, "usage: vrx-token-key MODULE LABEL PIN KEY.pem OBJECT ID [no-derive]\n");
        return 2;
    }
    struct pair pair = {0};
    struct vrx_certificate *certificate = read_certificate(argv[4]);
    struct vrx_result result = certificate ? vrx_ok() : read_pair(argv[4], &pair);
    if (!vrx_is_ok(result)) {
        fprintf(stderr, "vrx-token-key: %s: %s\n", argv[4], vrx_reason_name(result.reason));
        return 1;
    }
    CK_FUNCTION_LIST *call = load(argv[1]);
    CK_SESSION_HANDLE session = 0;
    bool done = call && log_in(call, argv[2], argv[3], &session) &&
                (certificate ? put_certificate(call, session, certificate, argv[5], argv[6])
                             : put(call, session, &pair, argv[5], argv[6], argc == 7));
    if (call)
        call->C_Finalize(NULL);
    vrx_wipe(&pair, sizeof pair);
    vrx_certificate_free(&certificate);
    if (!done)
        fprintf(stderr, "vrx-token-key: the token refused\n");
    return done ? 0 : 1;
}
