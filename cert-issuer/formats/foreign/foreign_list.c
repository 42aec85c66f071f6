/* SPDX-License-Identifier: Apache-2.0
 *
 * One reader a format, which hands the certificate of each entry to the same checks.
 */
#include "formats/foreign/foreign_list.h"

#include <stdlib.h>

#include "base/encode.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "formats/json/foreign_json.h"

#define DCC_KID 8 /* bytes: the start of SHA-256 of the certificate */

/* ---- one certificate ---- */

/* Standard base64 into the arena. */
static struct vrx_result decode(
    struct vrx_arena *arena, const json_t *text, const char *clause, struct vrx_view *ret_bytes) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    if (!json_is_string(text))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, clause);
    if (json_string_length(text) > 2 * VRX_CERTIFICATE_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, clause);
    VRX_TRY(vrx_base64_decode(VRX_BASE64_STANDARD,
        vrx_view_of(json_string_value(text), json_string_length(text)), &bytes));
    return vrx_arena_copy(arena, vrx_buffer_view(&bytes), ret_bytes);
}

/* A text to tell the entry by; what is none, or too long, is left out. */
static struct vrx_result take_name(
    struct vrx_arena *arena, const json_t *text, struct vrx_view *ret_name) {
    if (!json_is_string(text) || json_string_length(text) > VRX_LIMIT_JSON_FIELD)
        return vrx_ok();
    return vrx_arena_copy(
        arena, vrx_view_of(json_string_value(text), json_string_length(text)), ret_name);
}

static struct vrx_result check_certificate(struct vrx_foreign_entry *entry) {
    VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
    VRX_TRY(vrx_certificate_from_der(entry->der, &cert));
    entry->authority = vrx_certificate_is_ca(cert);
    return vrx_ok();
}

/* Errors are the entry's own, but for want of memory. */
static struct vrx_result settle(struct vrx_foreign_entry *entry, struct vrx_result result) {
    if (result.reason == VRX_OUT_OF_MEMORY || result.reason == VRX_CRYPTO_FAILED)
        return result;
    entry->refusal = result;
    return vrx_ok();
}

/* ---- EU DCC gateway ---- */

static struct vrx_result check_kid(
    struct vrx_arena *arena, const json_t *item, struct vrx_view der) {
    static const char clause[] = "EU DCC gateway: kid is the start of SHA-256 of the certificate";
    struct vrx_view kid = {0};
    uint8_t digest[VRX_SHA256];
    VRX_TRY(decode(arena, json_object_get(item, "kid"), clause, &kid));
    VRX_TRY(vrx_sha256(der, digest));
    return vrx_view_equal(kid, vrx_view_of(digest, DCC_KID)) ? vrx_ok()
                                                             : vrx_refuse(VRX_KEY_INVALID, clause);
}

/* The certificate's own country, where it says one. */
static struct vrx_result check_country(const json_t *item, struct vrx_view der) {
    VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
    const json_t *country = json_object_get(item, "country");
    VRX_TRY(vrx_certificate_from_der(der, &cert));
    const struct vrx_view own = vrx_certificate_country(cert);
    if (!json_is_string(country) || json_string_length(country) != 2)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC gateway: country");
    return !own.len || vrx_view_equal(own, vrx_view_of(json_string_value(country), 2))
               ? vrx_ok()
               : vrx_refuse(VRX_CERTIFICATE_INVALID,
                     "EU DCC gateway: the certificate is of another country");
}

static struct vrx_result read_dcc_entry(
    const json_t *item, struct vrx_arena *arena, struct vrx_foreign_entry *entry) {
    VRX_TRY(
        decode(arena, json_object_get(item, "rawData"), "EU DCC gateway: rawData", &entry->der));
    VRX_TRY(check_certificate(entry));
    VRX_TRY(check_kid(arena, item, entry->der));
    VRX_TRY(check_country(item, entry->der));
    if (entry->authority != vrx_foreign_json_is(item, "certificateType", "CSCA"))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "EU DCC gateway: certificateType");
    return vrx_ok();
}

static bool is_of_interest(const json_t *item) {
    return !json_is_object(item) || vrx_foreign_json_is(item, "certificateType", "DSC") ||
           vrx_foreign_json_is(item, "certificateType", "CSCA");
}

/* ---- GDHCN ---- */

static struct vrx_result read_did_entry(
    const json_t *item, struct vrx_arena *arena, struct vrx_foreign_entry *entry) {
    static const char clause[] = "GDHCN: verificationMethod.publicKeyJwk.x5c";
    const json_t *jwk = json_object_get(item, "publicKeyJwk");
    VRX_TRY(decode(arena, json_array_get(json_object_get(jwk, "x5c"), 0), clause, &entry->der));
    return check_certificate(entry);
}

/* ---- lists ---- */

static const struct format {
    const char *member; /* of the object that holds the array */
    const char *clause;
    const char *name; /* the member that tells an entry */
    bool (*is_of_interest)(const json_t *item);
    struct vrx_result (*read)(
        const json_t *item, struct vrx_arena *arena, struct vrx_foreign_entry *entry);
} formats[] = {
    [VRX_FOREIGN_DCC] = {"certificates", "EU DCC gateway: an array of certificates", "kid",
        is_of_interest, read_dcc_entry},
    [VRX_FOREIGN_DID] = {"verificationMethod", "GDHCN: verificationMethod", "id", NULL,
        read_did_entry},
};

static struct vrx_result read_entries(const struct format *format, const json_t *items,
    struct vrx_arena *arena, struct vrx_foreign_entry **ret_entries, size_t *ret_count) {
    const size_t size = json_array_size(items);
    size_t count = 0;
    if (size > VRX_LIMIT_FOREIGN_ENTRIES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "foreign_list.h: entries");
    struct vrx_foreign_entry *entries = vrx_arena_alloc_array(arena, size, sizeof *entries);
    if (!entries)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(items, i);
        if (format->is_of_interest && !format->is_of_interest(item))
            continue;
        struct vrx_foreign_entry *entry = &entries[count++];
        *entry = (struct vrx_foreign_entry){.refusal = vrx_ok()};
        VRX_TRY(take_name(arena, json_object_get(item, format->name), &entry->name));
        VRX_TRY(settle(entry, format->read(item, arena, entry)));
    }
    *ret_entries = entries;
    *ret_count = count;
    return vrx_ok();
}

static bool is_array(struct vrx_view text) {
    size_t at = 0;
    while (at < text.len && text.ptr[at] && strchr(" \t\r\n", text.ptr[at]))
        at++;
    return at < text.len && text.ptr[at] == '[';
}

struct vrx_result vrx_foreign_list_read(enum vrx_foreign_format which, struct vrx_view text,
    struct vrx_arena *arena, struct vrx_foreign_entry **ret_entries, size_t *ret_count) {
    VRX_CLEANUP(vrx_foreign_json_done) json_t *root = NULL;
    const struct format *format = &formats[which];
    const json_t *items = NULL;
    if (text.len > VRX_LIMIT_FOREIGN_LIST)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "foreign_list.h: a list");
    if (which == VRX_FOREIGN_DCC && is_array(text)) {
        VRX_TRY(vrx_foreign_json_read_array(text, &root));
        return read_entries(format, root, arena, ret_entries, ret_count);
    }
    VRX_TRY(vrx_foreign_json_read(text, &root));
    VRX_TRY(vrx_foreign_json_needed(root, format->member, JSON_ARRAY, format->clause, &items));
    return read_entries(format, items, arena, ret_entries, ret_count);
}

/* ---- the chain ---- */

/* Those that count: given, or of the list. */
struct authorities {
    struct vrx_certificate **own; /* of the list, ours to free */
    size_t own_count;
    struct vrx_certificate *const *list;
    size_t count;
};

static void authorities_done(struct authorities *authorities) {
    for (size_t i = 0; i < authorities->own_count; i++)
        vrx_certificate_free(&authorities->own[i]);
    free(authorities->own);
}

static struct vrx_result check_time(const struct vrx_certificate *cert, int64_t now) {
    return now > vrx_certificate_not_after(cert)
               ? vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1.2.5: it is over")
               : vrx_ok();
}

/* An authority stands for itself: signed by its own key. */
static struct vrx_result check_authority(const struct vrx_certificate *cert, int64_t now) {
    VRX_TRY(check_time(cert, now));
    return vrx_certificate_issued_by(cert, cert);
}

static struct vrx_result take_own(
    struct vrx_foreign_entry *entries, size_t count, int64_t now, struct authorities *authorities) {
    authorities->own = calloc(count + 1, sizeof(struct vrx_certificate *));
    if (!authorities->own)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        struct vrx_certificate **cert = &authorities->own[authorities->own_count];
        if (!entries[i].authority || !vrx_is_ok(entries[i].refusal))
            continue;
        VRX_TRY(vrx_certificate_from_der(entries[i].der, cert));
        authorities->own_count++;
        VRX_TRY(settle(&entries[i], check_authority(*cert, now)));
        if (vrx_is_ok(entries[i].refusal))
            continue;
        vrx_certificate_free(cert);
        authorities->own_count--;
    }
    return vrx_ok();
}

static struct vrx_result check_signer(
    struct vrx_view der, const struct authorities *authorities, int64_t now) {
    VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
    VRX_TRY(vrx_certificate_from_der(der, &cert));
    VRX_TRY(check_time(cert, now));
    for (size_t i = 0; i < authorities->count; i++)
        if (vrx_is_ok(vrx_certificate_issued_by(cert, authorities->list[i])))
            return vrx_ok();
    return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.3: no authority issued the signer");
}

static void authority_is_not_given(
    struct vrx_foreign_entry *entry, struct vrx_certificate *const *authorities, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (vrx_view_equal(entry->der, vrx_certificate_der(authorities[i])))
            return;
    entry->refusal = vrx_refuse(VRX_CERTIFICATE_INVALID, "--csca: another authority than given");
}

static struct vrx_result judge(
    struct vrx_foreign_entry *entries, size_t count, struct authorities *authorities, int64_t now) {
    const bool given = authorities->count > 0;
    VRX_TRY(take_own(entries, count, now, authorities));
    if (!given) {
        authorities->list = authorities->own;
        authorities->count = authorities->own_count;
    }
    for (size_t i = 0; i < count; i++) {
        if (!vrx_is_ok(entries[i].refusal))
            continue;
        if (!entries[i].authority)
            VRX_TRY(settle(&entries[i], check_signer(entries[i].der, authorities, now)));
        else if (given)
            authority_is_not_given(&entries[i], authorities->list, authorities->count);
    }
    return vrx_ok();
}

struct vrx_result vrx_foreign_list_judge(struct vrx_foreign_entry *entries, size_t count,
    struct vrx_certificate *const *given, size_t given_count, int64_t now) {
    struct authorities authorities = {.list = given, .count = given_count};
    struct vrx_result result = judge(entries, count, &authorities, now);
    authorities_done(&authorities);
    return result;
}
