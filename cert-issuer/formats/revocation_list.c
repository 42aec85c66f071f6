/* SPDX-License-Identifier: Apache-2.0
 *
 * A list is its tables as they arrived, kept in one piece: reading one is one copy and one pass
 * that sees that they ascend, a look-up is a binary search.
 */
#include "formats/revocation_list.h"

#include <stdlib.h>

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "cose/sign1.h"
#include "crypto/hash.h"

/* The externally supplied data of the signature (RFC 9052 §4.3), so that the authority's signature
 * on another kind of object never passes for one on a list. */
static const char list_name[] = "vrx.revocation-list.1";

#define CARD (VRX_REVOCATION_HASH + 8)
#define FIRST_TABLE 4
#define FIELDS (FIRST_TABLE - 1 + VRX_REVOKED_TABLES)

static const size_t sizes[VRX_REVOKED_TABLES] = {
    [VRX_REVOKED_CERTIFICATES] = VRX_REVOCATION_HASH,
    [VRX_REVOKED_KEYS] = VRX_REVOCATION_HASH,
    [VRX_REVOKED_CARDS] = CARD,
    [VRX_REVOKED_SIGNERS] = VRX_REVOCATION_HASH,
};

struct vrx_revocation_list {
    struct vrx_revocation_dating dating;
    struct vrx_buffer payload;
    struct vrx_view table[VRX_REVOKED_TABLES]; /* of payload */
};

/* ---- names ---- */

static struct vrx_result key_hash(
    const struct vrx_public_key *key, uint8_t ret_hash[VRX_REVOCATION_HASH]) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_public_key_spki_sha256(key, digest));
    memcpy(ret_hash, digest, VRX_REVOCATION_HASH);
    return vrx_ok();
}

static struct vrx_result card_hash(const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view rid,
    uint8_t ret_hash[VRX_REVOCATION_HASH]) {
    const struct vrx_view parts[] = {vrx_view_of(thumbprint, VRX_THUMBPRINT), rid};
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_sha256_parts(parts, 2, digest));
    memcpy(ret_hash, digest, VRX_REVOCATION_HASH);
    return vrx_ok();
}

/* ---- making ---- */

void vrx_revocation_set_done(struct vrx_revocation_set *set) {
    for (size_t i = 0; i < VRX_REVOKED_TABLES; i++)
        vrx_buffer_done(&set->table[i]);
}

struct vrx_result vrx_revocation_set_add_hashes(
    struct vrx_revocation_set *set, struct vrx_view hashes) {
    if (hashes.len % VRX_REVOCATION_HASH)
        return vrx_refuse(VRX_INPUT_RANGE, "revocation_list.cddl: hashes of 16 bytes");
    return vrx_buffer_append(&set->table[VRX_REVOKED_CERTIFICATES], hashes);
}

struct vrx_result vrx_revocation_set_add_key(
    struct vrx_revocation_set *set, const struct vrx_public_key *key) {
    uint8_t hash[VRX_REVOCATION_HASH];
    uint8_t point[VRX_P256_POINT];
    uint8_t thumbprint[VRX_THUMBPRINT];
    VRX_TRY(key_hash(key, hash));
    VRX_TRY(vrx_buffer_append(&set->table[VRX_REVOKED_KEYS], vrx_view_of(hash, sizeof hash)));
    if (vrx_public_key_type(key) != VRX_KEY_P256)
        return vrx_ok();
    VRX_TRY(vrx_public_key_to_point(key, point));
    VRX_TRY(vrx_thumbprint(point, thumbprint));
    return vrx_revocation_set_add_thumbprint(set, thumbprint);
}

struct vrx_result vrx_revocation_set_add_thumbprint(
    struct vrx_revocation_set *set, const uint8_t thumbprint[VRX_THUMBPRINT]) {
    return vrx_buffer_append(
        &set->table[VRX_REVOKED_KEYS], vrx_view_of(thumbprint, VRX_REVOCATION_HASH));
}

struct vrx_result vrx_revocation_set_add_card(struct vrx_revocation_set *set,
    const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view rid, int64_t before) {
    uint8_t record[CARD];
    VRX_TRY(card_hash(thumbprint, rid, record));
    for (size_t i = 0; i < 8; i++)
        record[VRX_REVOCATION_HASH + i] = (uint8_t)((uint64_t)before >> (56 - 8 * i));
    return vrx_buffer_append(&set->table[VRX_REVOKED_CARDS], vrx_view_of(record, sizeof record));
}

struct vrx_result vrx_revocation_set_add_crl(struct vrx_revocation_set *set,
    const struct vrx_crl *crl, const struct vrx_certificate *authority) {
    VRX_TRY(vrx_crl_issued_by(crl, authority));
    for (size_t n = 0; n < vrx_crl_count(crl); n++) {
        uint8_t digest[VRX_SHA256];
        VRX_TRY(vrx_crl_issue_sha256(crl, n, digest));
        VRX_TRY(vrx_buffer_append(
            &set->table[VRX_REVOKED_SIGNERS], vrx_view_of(digest, VRX_REVOCATION_HASH)));
    }
    return vrx_ok();
}

struct vrx_result vrx_revocation_set_add_list(
    struct vrx_revocation_set *set, const struct vrx_revocation_list *list) {
    for (size_t i = 0; i < VRX_REVOKED_TABLES; i++)
        VRX_TRY(vrx_buffer_append(&set->table[i], list->table[i]));
    return vrx_ok();
}

static int by_hash(const void *a, const void *b) {
    return memcmp(a, b, VRX_REVOCATION_HASH);
}

static int by_card(const void *a, const void *b) {
    return memcmp(a, b, CARD);
}

/* In order, each once. */
static void settle(struct vrx_buffer *table, size_t size) {
    const size_t count = table->len / size;
    size_t kept = 0;
    if (!count)
        return;
    qsort(table->ptr, count, size, size == CARD ? by_card : by_hash);
    for (size_t i = 0; i < count; i++)
        if (!kept || memcmp(table->ptr + (kept - 1) * size, table->ptr + i * size, size) != 0)
            memmove(table->ptr + kept++ * size, table->ptr + i * size, size);
    table->len = kept * size;
}

struct vrx_result vrx_revocation_list_sign(struct vrx_revocation_set *set,
    const struct vrx_revocation_dating *dating, const struct vrx_private_key *authority,
    struct vrx_view kid, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    struct vrx_cbor_writer writer;
    if (!dating->version || dating->issued < 0 || dating->next_update < dating->issued)
        return vrx_refuse(VRX_INPUT_RANGE, "revocation_list.cddl: version, issued, next update");
    vrx_cbor_writer_init(&writer, &payload);
    vrx_cbor_put_map(&writer, FIELDS);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, dating->version);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_int(&writer, dating->issued);
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_int(&writer, dating->next_update);
    for (size_t i = 0; i < VRX_REVOKED_TABLES; i++) {
        settle(&set->table[i], sizes[i]);
        vrx_cbor_put_uint(&writer, FIRST_TABLE + i);
        vrx_cbor_put_bytes(&writer, vrx_buffer_view(&set->table[i]));
    }
    VRX_TRY(vrx_cbor_writer_finish(&writer));
    return vrx_sign1_make(vrx_buffer_view(&payload), vrx_view_text(list_name), authority, kid, out);
}

/* ---- reading ---- */

void vrx_revocation_list_free(struct vrx_revocation_list **list) {
    if (!list || !*list)
        return;
    vrx_buffer_done(&(*list)->payload);
    free(*list);
    *list = NULL;
}

static struct vrx_result expect_key(struct vrx_cbor_reader *reader, uint64_t key) {
    uint64_t found = 0;
    VRX_TRY(vrx_cbor_uint(reader, &found));
    return found == key ? vrx_ok()
                        : vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "revocation_list.cddl: keys");
}

static struct vrx_result read_time(
    struct vrx_cbor_reader *reader, uint64_t key, int64_t *ret_time) {
    VRX_TRY(expect_key(reader, key));
    VRX_TRY(vrx_cbor_int(reader, ret_time));
    return *ret_time >= 0 ? vrx_ok() : vrx_refuse(VRX_INPUT_RANGE, "revocation_list.cddl: time");
}

static struct vrx_result read_table(
    struct vrx_cbor_reader *reader, size_t which, struct vrx_view *ret_table) {
    const size_t size = sizes[which];
    struct vrx_view table;
    VRX_TRY(expect_key(reader, FIRST_TABLE + which));
    VRX_TRY(vrx_cbor_bytes(reader, &table));
    if (table.len % size)
        return vrx_refuse(VRX_INPUT_RANGE, "revocation_list.cddl: records of one length");
    for (size_t at = size; at < table.len; at += size)
        if (memcmp(table.ptr + at - size, table.ptr + at, size) >= 0)
            return vrx_refuse(VRX_INPUT_RANGE, "revocation_list.cddl: ascending, none twice");
    *ret_table = table;
    return vrx_ok();
}

static struct vrx_result read_fields(struct vrx_revocation_list *list) {
    struct vrx_cbor_reader reader;
    uint64_t count = 0;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, vrx_buffer_view(&list->payload)));
    VRX_TRY(vrx_cbor_map(&reader, &count));
    if (count != FIELDS)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "revocation_list.cddl: seven fields");
    VRX_TRY(expect_key(&reader, 1));
    VRX_TRY(vrx_cbor_uint(&reader, &list->dating.version));
    if (!list->dating.version)
        return vrx_refuse(VRX_INPUT_RANGE, "revocation_list.cddl: version");
    VRX_TRY(read_time(&reader, 2, &list->dating.issued));
    VRX_TRY(read_time(&reader, 3, &list->dating.next_update));
    for (size_t i = 0; i < VRX_REVOKED_TABLES; i++)
        VRX_TRY(read_table(&reader, i, &list->table[i]));
    return vrx_ok();
}

struct vrx_result vrx_revocation_list_read(
    struct vrx_view payload, struct vrx_revocation_list **ret_list) {
    struct vrx_revocation_list *list = calloc(1, sizeof *list);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_buffer_append(&list->payload, payload);
    if (vrx_is_ok(result))
        result = read_fields(list);
    if (vrx_is_ok(result))
        *ret_list = list;
    else
        vrx_revocation_list_free(&list);
    return result;
}

struct vrx_result vrx_revocation_list_parse(struct vrx_view message,
    const struct vrx_public_key *authority, struct vrx_revocation_list **ret_list) {
    struct vrx_sign1 parsed;
    VRX_TRY(vrx_sign1_parse(message, &parsed));
    VRX_TRY(vrx_sign1_verify(&parsed, vrx_view_text(list_name), authority));
    return vrx_revocation_list_read(parsed.payload, ret_list);
}

struct vrx_revocation_dating vrx_revocation_list_dating(const struct vrx_revocation_list *list) {
    return list->dating;
}

size_t vrx_revocation_list_count(
    const struct vrx_revocation_list *list, enum vrx_revocation_table table) {
    return list->table[table].len / sizes[table];
}

struct vrx_view vrx_revocation_list_hashes(const struct vrx_revocation_list *list) {
    return list->table[VRX_REVOKED_CERTIFICATES];
}

/* ---- looking up ---- */

/* Where the first record stands whose first len bytes are not below key; the table's end where
 * there is none. */
static size_t first_record(const struct vrx_revocation_list *list, enum vrx_revocation_table table,
    const uint8_t *key, size_t len) {
    const struct vrx_view records = list->table[table];
    const size_t count = records.len / sizes[table];
    return vrx_lower_bound(records.ptr, count, sizes[table], key, len) * sizes[table];
}

static bool has(const struct vrx_revocation_list *list, enum vrx_revocation_table table,
    const uint8_t hash[VRX_REVOCATION_HASH]) {
    const size_t at = first_record(list, table, hash, VRX_REVOCATION_HASH);
    return at < list->table[table].len &&
           memcmp(list->table[table].ptr + at, hash, VRX_REVOCATION_HASH) == 0;
}

bool vrx_revocation_list_has_hash(
    const struct vrx_revocation_list *list, const uint8_t hash[VRX_REVOCATION_HASH]) {
    return has(list, VRX_REVOKED_CERTIFICATES, hash);
}

bool vrx_revocation_list_has_prefix(
    const struct vrx_revocation_list *list, const uint8_t prefix[8]) {
    const struct vrx_view hashes = list->table[VRX_REVOKED_CERTIFICATES];
    const size_t at = first_record(list, VRX_REVOKED_CERTIFICATES, prefix, 8);
    return at < hashes.len && memcmp(hashes.ptr + at, prefix, 7) == 0 &&
           (hashes.ptr[at + 7] & 0xf0) == (prefix[7] & 0xf0);
}

bool vrx_revocation_list_speaks_of(
    const struct vrx_revocation_list *list, const uint8_t key[VRX_REVOCATION_HASH]) {
    return has(list, VRX_REVOKED_KEYS, key);
}

bool vrx_revocation_list_has_signer(
    const struct vrx_revocation_list *list, const uint8_t certificate[VRX_REVOCATION_HASH]) {
    return has(list, VRX_REVOKED_SIGNERS, certificate);
}

struct vrx_result vrx_signer_names_of(
    const struct vrx_certificate *signer, struct vrx_signer_names *ret_names) {
    struct vrx_signer_names names;
    uint8_t digest[VRX_SHA256];
    VRX_TRY(key_hash(vrx_certificate_key(signer), names.key));
    VRX_TRY(vrx_certificate_issue_sha256(signer, digest));
    memcpy(names.certificate, digest, VRX_REVOCATION_HASH);
    *ret_names = names;
    return vrx_ok();
}

/* Of several ends for one card the last stands last and counts. */
struct vrx_result vrx_revocation_list_has_card(const struct vrx_revocation_list *list,
    const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view rid, int64_t issued,
    bool *ret_revoked) {
    const struct vrx_view cards = list->table[VRX_REVOKED_CARDS];
    uint8_t hash[VRX_REVOCATION_HASH];
    bool revoked = false;
    VRX_TRY(card_hash(thumbprint, rid, hash));
    for (size_t at = first_record(list, VRX_REVOKED_CARDS, hash, sizeof hash);
         at < cards.len && memcmp(cards.ptr + at, hash, sizeof hash) == 0; at += CARD) {
        uint64_t before = 0;
        for (size_t i = 0; i < 8; i++)
            before = before << 8 | cards.ptr[at + VRX_REVOCATION_HASH + i];
        revoked |= before == VRX_REVOKED_ALWAYS || issued < 0 || (uint64_t)issued < before;
    }
    *ret_revoked = revoked;
    return vrx_ok();
}
