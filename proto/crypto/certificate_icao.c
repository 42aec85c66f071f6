/* SPDX-License-Identifier: Apache-2.0
 *
 * What ICAO's profile of a signer (Doc 9303-12 §7.1) has beyond RFC 5280's: the country that stands
 * for the state, and the list of document types.
 *
 *   DocumentTypeListSyntax ::= SEQUENCE { version INTEGER, docTypeList SET OF PrintableString }
 *
 * The list is not critical and often encoded wrongly, so nothing is refused when a certificate is
 * read; who asks for a type does not find it in a list that is none.
 */
#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include "crypto/algorithms.h"
#include "crypto/certificate_object.h"

struct vrx_view vrx_certificate_country(const struct vrx_certificate *cert) {
    const X509_NAME *subject = X509_get_subject_name(cert->x509);
    const int at = X509_NAME_get_index_by_NID(subject, NID_countryName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_countryName, at) >= 0)
        return (struct vrx_view){NULL, 0};
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    return vrx_view_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
}

typedef ASN1_SEQUENCE_ANY *read_items(ASN1_SEQUENCE_ANY **, const unsigned char **, long);

static void free_items(ASN1_SEQUENCE_ANY *items) {
    sk_ASN1_TYPE_pop_free(items, ASN1_TYPE_free);
}

/* The items of a SEQUENCE or SET that is all of these octets, or NULL. */
static ASN1_SEQUENCE_ANY *items_of(const ASN1_STRING *octets, read_items *read) {
    const unsigned char *const from = ASN1_STRING_get0_data(octets);
    const unsigned char *at = from;
    const int len = ASN1_STRING_length(octets);
    ASN1_SEQUENCE_ANY *items = NULL;
    (void)read(&items, &at, len);
    if (items && at != from + len) {
        free_items(items);
        return NULL;
    }
    return items;
}

static bool is_type(const ASN1_TYPE *item, const char *type) {
    if (item->type != V_ASN1_PRINTABLESTRING)
        return false;
    const ASN1_STRING *text = item->value.printablestring;
    return vrx_view_equal(vrx_view_text(type),
        vrx_view_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)));
}

static bool names(const ASN1_OCTET_STRING *list, const char *type) {
    bool found = false;
    ASN1_SEQUENCE_ANY *types = NULL;
    ASN1_SEQUENCE_ANY *parts = items_of(list, d2i_ASN1_SEQUENCE_ANY);
    if (sk_ASN1_TYPE_num(parts) == 2 && sk_ASN1_TYPE_value(parts, 1)->type == V_ASN1_SET)
        types = items_of(sk_ASN1_TYPE_value(parts, 1)->value.set, d2i_ASN1_SET_ANY);
    for (int i = 0; !found && i < sk_ASN1_TYPE_num(types); i++)
        found = is_type(sk_ASN1_TYPE_value(types, i), type);
    free_items(types);
    free_items(parts);
    return found;
}

struct vrx_result vrx_certificate_document_type(
    const struct vrx_certificate *cert, const char *type, enum vrx_document_types *ret_types) {
    ASN1_OBJECT *oid = OBJ_txt2obj(VRX_DOCUMENT_TYPE_LIST, 1);
    if (!oid)
        return vrx_crypto_failed();
    const int at = X509_get_ext_by_OBJ(cert->x509, oid, -1);
    ASN1_OBJECT_free(oid);
    if (at < 0) {
        *ret_types = VRX_DOCUMENT_TYPES_ABSENT;
        return vrx_ok();
    }
    const bool found = names(X509_EXTENSION_get_data(X509_get_ext(cert->x509, at)), type);
    if (vrx_crypto_ran_out()) /* a list that cannot be read leaves notes there, too */
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *ret_types = found ? VRX_DOCUMENT_TYPES_NAMED : VRX_DOCUMENT_TYPES_OTHERS;
    return vrx_ok();
}
