/* SPDX-License-Identifier: Apache-2.0
 *
 * The signers stand in one array in the order of their key identifiers, so that several with the
 * same one are neighbours and a look-up is a binary search. A list is built once and read often.
 */
#include "formats/trust_list.h"

#include <stdlib.h>

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "cose/sign1.h"
#include "crypto/hash.h"

/* The externally supplied data of the signature (RFC 9052 §4.3), so that the authority's signature
 * on another kind of object never passes for one on a list. */
static const char list_name[] = "vrx.trust-list.1";

#define FIELDS 5 /* that every list has; issuers are the one more */

struct signer {
    uint8_t kid[VRX_KID]; /* first: it is looked for */
    struct vrx_certificate *cert;
};

struct authorities {
    struct vrx_certificate **certs;
    size_t count;
    size_t capacity;
};

struct vrx_trust_list {
    struct authorities authorities;
    uint64_t version;
    int64_t issued;
    int64_t expires;
    struct signer *signers;
    size_t count;
    size_t capacity;
    struct vrx_trust_issuers issuers;
};

static void authorities_done(struct authorities *authorities) {
    for (size_t i = 0; i < authorities->count; i++)
        vrx_certificate_free(&authorities->certs[i]);
    free(authorities->certs);
    *authorities = (struct authorities){0};
}

struct vrx_result vrx_trust_list_new(struct vrx_trust_list **ret_list) {
    struct vrx_trust_list *list = calloc(1, sizeof *list);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    list->expires = INT64_MAX;
    *ret_list = list;
    return vrx_ok();
}

void vrx_trust_list_free(struct vrx_trust_list **list) {
    if (!*list)
        return;
    authorities_done(&(*list)->authorities);
    for (size_t i = 0; i < (*list)->count; i++)
        vrx_certificate_free(&(*list)->signers[i].cert);
    free((*list)->signers);
    vrx_trust_issuers_done(&(*list)->issuers);
    free(*list);
    *list = NULL;
}

struct vrx_result vrx_signer_kid(const struct vrx_certificate *cert, uint8_t ret_kid[VRX_KID]) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_certificate_sha256(cert, digest));
    memcpy(ret_kid, digest, VRX_KID);
    return vrx_ok();
}

/* The first signer whose key identifier is not below kid. */
static size_t first_signer(const struct vrx_trust_list *list, const uint8_t kid[VRX_KID]) {
    return vrx_lower_bound(list->signers, list->count, sizeof *list->signers, kid, VRX_KID);
}

static struct vrx_result make_room(struct vrx_trust_list *list) {
    if (list->count < list->capacity)
        return vrx_ok();
    if (list->count >= VRX_LIMIT_TRUST_SIGNERS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "trust_list.h: signers");
    size_t capacity = list->capacity ? list->capacity * 2 : 16;
    struct signer *signers = realloc(list->signers, capacity * sizeof *signers);
    if (!signers)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    list->signers = signers;
    list->capacity = capacity;
    return vrx_ok();
}

/* Takes the certificate over when it succeeds. */
static struct vrx_result insert(struct vrx_trust_list *list, struct vrx_certificate **cert) {
    struct signer added = {.cert = *cert};
    VRX_TRY(vrx_signer_kid(*cert, added.kid));
    VRX_TRY(make_room(list));
    size_t at = first_signer(list, added.kid);
    memmove(&list->signers[at + 1], &list->signers[at], (list->count - at) * sizeof added);
    list->signers[at] = added;
    list->count++;
    *cert = NULL;
    return vrx_ok();
}

struct vrx_result vrx_trust_list_add(struct vrx_trust_list *list, struct vrx_view der) {
    VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
    VRX_TRY(vrx_certificate_from_der(der, &cert));
    return insert(list, &cert);
}

struct vrx_result vrx_trust_list_add_issuer(
    struct vrx_trust_list *list, struct vrx_view url, struct vrx_view point) {
    return vrx_trust_issuers_add(&list->issuers, url, point);
}

const struct vrx_trust_issuers *vrx_trust_list_issuers(const struct vrx_trust_list *list) {
    return &list->issuers;
}

uint64_t vrx_trust_list_version(const struct vrx_trust_list *list) {
    return list->version;
}

int64_t vrx_trust_list_issued(const struct vrx_trust_list *list) {
    return list->issued;
}

int64_t vrx_trust_list_expires(const struct vrx_trust_list *list) {
    return list->expires;
}

size_t vrx_trust_list_count(const struct vrx_trust_list *list) {
    return list->count;
}

const struct vrx_certificate *vrx_trust_list_at(const struct vrx_trust_list *list, size_t n) {
    return n < list->count ? list->signers[n].cert : NULL;
}

const struct vrx_certificate *vrx_trust_list_signer(
    const struct vrx_trust_list *list, struct vrx_view kid, size_t n) {
    if (kid.len != VRX_KID)
        return NULL;
    size_t first = first_signer(list, kid.ptr);
    if (n >= list->count - first)
        return NULL;
    const struct signer *signer = &list->signers[first + n];
    return memcmp(signer->kid, kid.ptr, VRX_KID) ? NULL : signer->cert;
}

static struct vrx_result add_authority(struct authorities *authorities, struct vrx_view der) {
    if (authorities->count >= VRX_LIMIT_TRUST_CSCAS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "trust_list.h: authorities");
    if (authorities->count == authorities->capacity) {
        const size_t capacity = authorities->capacity ? authorities->capacity * 2 : 16;
        struct vrx_certificate **certs = realloc(authorities->certs, capacity * sizeof *certs);
        if (!certs)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        authorities->certs = certs;
        authorities->capacity = capacity;
    }
    VRX_TRY(vrx_certificate_from_der(der, &authorities->certs[authorities->count]));
    authorities->count++;
    return vrx_ok();
}

struct vrx_result vrx_trust_list_add_csca(struct vrx_trust_list *list, struct vrx_view der) {
    return add_authority(&list->authorities, der);
}

const struct vrx_certificate *vrx_trust_list_csca(const struct vrx_trust_list *list, size_t n) {
    return n < list->authorities.count ? list->authorities.certs[n] : NULL;
}

static struct vrx_result read_authorities(
    struct vrx_cbor_reader *reader, struct authorities *authorities) {
    uint64_t count = 0;
    VRX_TRY(vrx_cbor_array(reader, &count));
    if (count == 0 || count > VRX_LIMIT_TRUST_CSCAS)
        return vrx_refuse(VRX_INPUT_RANGE, "trust_list.cddl: authorities");
    while (authorities->count < count) {
        struct vrx_view der;
        VRX_TRY(vrx_cbor_bytes(reader, &der));
        VRX_TRY(add_authority(authorities, der));
    }
    return vrx_ok();
}

static struct vrx_result issued_by_any(
    const struct vrx_certificate *cert, const struct authorities *authorities) {
    for (size_t i = 0; i < authorities->count; i++)
        if (vrx_is_ok(vrx_certificate_issued_by(cert, authorities->certs[i])))
            return vrx_ok();
    return vrx_refuse(
        VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.3: no authority of the list issued the signer");
}

static struct vrx_result read_signers(struct vrx_cbor_reader reader, struct vrx_trust_list *list) {
    uint64_t count = 0;
    VRX_TRY(vrx_cbor_array(&reader, &count));
    if (count == 0)
        return vrx_refuse(VRX_INPUT_RANGE, "trust_list.cddl: signers");
    for (uint64_t i = 0; i < count; i++) {
        VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
        struct vrx_view der;
        VRX_TRY(vrx_cbor_bytes(&reader, &der));
        VRX_TRY(vrx_certificate_from_der(der, &cert));
        VRX_TRY(issued_by_any(cert, &list->authorities));
        VRX_TRY(insert(list, &cert));
    }
    return vrx_ok();
}

static struct vrx_result expect_key(struct vrx_cbor_reader *reader, uint64_t key) {
    uint64_t found = 0;
    VRX_TRY(vrx_cbor_uint(reader, &found));
    return found == key ? vrx_ok() : vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "trust_list.cddl: keys");
}

static struct vrx_result read_payload(struct vrx_view payload, struct vrx_trust_list *list) {
    struct vrx_cbor_reader reader;
    struct vrx_cbor_reader signers;
    struct vrx_view skipped;
    uint64_t count = 0;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, payload));
    VRX_TRY(vrx_cbor_map(&reader, &count));
    if (count != FIELDS && count != FIELDS + 1)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "trust_list.cddl: five fields, or six");
    VRX_TRY(expect_key(&reader, 1));
    VRX_TRY(vrx_cbor_uint(&reader, &list->version));
    VRX_TRY(expect_key(&reader, 2));
    VRX_TRY(vrx_cbor_int(&reader, &list->issued));
    VRX_TRY(expect_key(&reader, 3));
    VRX_TRY(vrx_cbor_int(&reader, &list->expires));
    VRX_TRY(expect_key(&reader, 4));
    signers = reader; /* read once the authorities are known */
    VRX_TRY(vrx_cbor_item(&reader, &skipped));
    VRX_TRY(expect_key(&reader, 5));
    VRX_TRY(read_authorities(&reader, &list->authorities));
    VRX_TRY(read_signers(signers, list));
    if (count == FIELDS)
        return vrx_ok();
    VRX_TRY(expect_key(&reader, 6));
    return vrx_trust_issuers_read(&reader, &list->issuers);
}

struct vrx_result vrx_trust_list_parse(struct vrx_view message,
    const struct vrx_public_key *authority, int64_t now, struct vrx_trust_list **ret_list) {
    struct vrx_sign1 parsed;
    VRX_TRY(vrx_sign1_parse(message, &parsed));
    VRX_TRY(vrx_sign1_verify(&parsed, vrx_view_text(list_name), authority));
    struct vrx_trust_list *list = NULL;
    VRX_TRY(vrx_trust_list_new(&list));
    struct vrx_result result = read_payload(parsed.payload, list);
    if (vrx_is_ok(result) && now > list->expires)
        result = vrx_refuse(VRX_TRUST_LIST_EXPIRED, "trust_list.cddl: expires");
    if (vrx_is_ok(result))
        *ret_list = list;
    else
        vrx_trust_list_free(&list);
    return result;
}

static void put_certificates(
    struct vrx_cbor_writer *writer, const struct vrx_view *certificates, size_t count) {
    vrx_cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++)
        vrx_cbor_put_bytes(writer, certificates[i]);
}

static struct vrx_result check_issuers(const struct vrx_trust_list_content *content) {
    for (size_t i = 0; i < content->issuer_count; i++) {
        VRX_TRY(vrx_trust_issuer_check(content->issuers[i].url));
        if (!content->issuers[i].key_count)
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, "trust_list.cddl: an issuer's key");
    }
    return vrx_ok();
}

struct vrx_result vrx_trust_list_sign(const struct vrx_trust_list_content *content,
    const struct vrx_private_key *authority, struct vrx_view kid, struct vrx_buffer *out) {
    if (!content->signer_count || !content->csca_count)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "trust_list.cddl: a signer and its authority");
    VRX_TRY(check_issuers(content));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, &payload);
    vrx_cbor_put_map(&writer, FIELDS + (content->issuer_count > 0));
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, content->version);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_int(&writer, content->issued);
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_int(&writer, content->expires);
    vrx_cbor_put_uint(&writer, 4);
    put_certificates(&writer, content->signers, content->signer_count);
    vrx_cbor_put_uint(&writer, 5);
    put_certificates(&writer, content->cscas, content->csca_count);
    if (content->issuer_count) {
        vrx_cbor_put_uint(&writer, 6);
        vrx_trust_issuers_write(&writer, content->issuers, content->issuer_count);
    }
    VRX_TRY(vrx_cbor_writer_finish(&writer));
    return vrx_sign1_make(vrx_buffer_view(&payload), vrx_view_text(list_name), authority, kid, out);
}
