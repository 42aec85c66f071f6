/* SPDX-License-Identifier: Apache-2.0
 *
 * See dossier.h. A text is closed as nonce ‖ ciphertext ‖ tag (AES-256-GCM). Its associated data
 * names what it is and of which query, so that none can stand in another's place. The nonces are
 * random: a municipality comes nowhere near the 2^32 texts that SP 800-38D §8.3 allows a key.
 */
#include "store/dossier.h"

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "keyring/keys.h"
#include "store/check.h"
#include "store/sql.h"
#include "store/transfer.h"

static const char label[] = "vrx dossier 1";

enum text {
    QUERY = 1,
    ANSWER = 2,
};

/* The label, what it is, who asked, which query. */
#define ASSOCIATED (sizeof label - 1 + 1 + VRX_MUNICIPALITY_CODE_DIGITS + VRX_ID)

static struct vrx_view sender_text(const struct vrx_municipality_code *sender) {
    return sender ? vrx_municipality_code_view(sender) : vrx_view_text("");
}

static void associate(enum text text, const struct vrx_municipality_code *sender,
    const uint8_t query_id[VRX_ID], uint8_t out[ASSOCIATED]) {
    memset(out, 0, ASSOCIATED);
    memcpy(out, label, sizeof label - 1);
    uint8_t *at = out + sizeof label - 1;
    *at++ = (uint8_t)text;
    struct vrx_view code = sender_text(sender);
    if (code.len)
        memcpy(at, code.ptr, code.len);
    memcpy(at + VRX_MUNICIPALITY_CODE_DIGITS, query_id, VRX_ID);
}

static struct vrx_result cipher_of(struct vrx_tenant *tenant, struct vrx_aead *ret_aead) {
    uint8_t key[VRX_AEAD_KEY];
    struct vrx_result result = vrx_hkdf_sha256(vrx_tenant_index_key(vrx_tenant_keys(tenant)),
        (struct vrx_view){0}, vrx_view_text(label), key, sizeof key);
    if (vrx_is_ok(result))
        result = vrx_aead_init(ret_aead, vrx_view_of(key, sizeof key));
    vrx_wipe(key, sizeof key);
    return result;
}

static struct vrx_result close_text(struct vrx_tenant *tenant, const uint8_t associated[ASSOCIATED],
    struct vrx_view text, struct vrx_buffer *out) {
    struct vrx_aead cipher VRX_CLEANUP(vrx_aead_done) = {0};
    uint8_t *at = NULL;
    VRX_TRY(cipher_of(tenant, &cipher));
    VRX_TRY(vrx_buffer_extend(out, VRX_AEAD_NONCE + text.len + VRX_AEAD_TAG, &at));
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), at, VRX_AEAD_NONCE));
    return vrx_aead_seal(&cipher, at, vrx_view_of(associated, ASSOCIATED), text,
        at + VRX_AEAD_NONCE, at + VRX_AEAD_NONCE + text.len);
}

static struct vrx_result open_text(struct vrx_tenant *tenant, const uint8_t associated[ASSOCIATED],
    struct vrx_view closed, struct vrx_arena *arena, struct vrx_view *ret_text) {
    struct vrx_aead cipher VRX_CLEANUP(vrx_aead_done) = {0};
    if (closed.len < VRX_AEAD_NONCE + VRX_AEAD_TAG)
        return vrx_refuse(VRX_VAULT_DAMAGED, "dossier: a closed text");
    size_t len = closed.len - VRX_AEAD_NONCE - VRX_AEAD_TAG;
    uint8_t *text = vrx_arena_alloc(arena, len);
    if (!text)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(cipher_of(tenant, &cipher));
    struct vrx_result result =
        vrx_aead_open(&cipher, closed.ptr, vrx_view_of(associated, ASSOCIATED),
            vrx_view_slice(closed, VRX_AEAD_NONCE, len), closed.ptr + VRX_AEAD_NONCE + len, text);
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_VAULT_DAMAGED, "dossier: a closed text");
    VRX_TRY(result);
    *ret_text = vrx_view_of(text, len);
    return vrx_ok();
}

struct vrx_result vrx_dossier_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view query, const uint8_t permits[VRX_DIGEST]) {
    struct vrx_buffer closed VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t associated[ASSOCIATED];
    VRX_TRY(vrx_check_object(query, VRX_LIMIT_TRANSFER));
    associate(QUERY, sender, query_id, associated);
    VRX_TRY(close_text(tenant, associated, query, &closed));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO dossier (sender, query_id, query, permits) VALUES (?, ?, ?, ?)");
    vrx_bind_text(&insert, sender_text(sender));
    vrx_bind_bytes(&insert, vrx_view_of(query_id, VRX_ID));
    vrx_bind_bytes(&insert, vrx_buffer_view(&closed));
    vrx_bind_bytes(&insert, vrx_view_of(permits, VRX_DIGEST));
    return vrx_statement_run(&insert);
}

/* update: of the one column that takes it. A denial is closed as the answer that it becomes. */
static struct vrx_result put_answer(struct vrx_tenant *tenant, const char *update,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view answer) {
    struct vrx_buffer closed VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t associated[ASSOCIATED];
    VRX_TRY(vrx_check_object(answer, VRX_LIMIT_TRANSFER));
    associate(ANSWER, sender, query_id, associated);
    VRX_TRY(close_text(tenant, associated, answer, &closed));
    VRX_STATEMENT(put, tenant, update);
    vrx_bind_bytes(&put, vrx_buffer_view(&closed));
    vrx_bind_text(&put, sender_text(sender));
    vrx_bind_bytes(&put, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&put);
}

struct vrx_result vrx_dossier_answer(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view answer) {
    return put_answer(tenant, "UPDATE dossier SET answer = ? WHERE sender = ? AND query_id = ?",
        sender, query_id, answer);
}

struct vrx_result vrx_dossier_denial(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view denial) {
    return put_answer(tenant, "UPDATE dossier SET denial = ? WHERE sender = ? AND query_id = ?",
        sender, query_id, denial);
}

struct vrx_result vrx_dossier_denied(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID]) {
    VRX_STATEMENT(update, tenant,
        "UPDATE dossier SET answer = denial, denial = NULL "
        "WHERE sender = ? AND query_id = ? AND denial IS NOT NULL");
    vrx_bind_text(&update, sender_text(sender));
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_dossier_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_dossier *ret_dossier) {
    struct vrx_dossier dossier = {0};
    uint8_t associated[ASSOCIATED];
    VRX_STATEMENT(find, tenant,
        "SELECT query, answer, permits FROM dossier WHERE sender = ? AND query_id = ?");
    vrx_bind_text(&find, sender_text(sender));
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_view query = vrx_take_bytes(&find, arena);
    struct vrx_view answer = vrx_take_bytes(&find, arena);
    vrx_take_fixed(&find, dossier.permits, VRX_DIGEST);
    VRX_TRY(find.error);
    associate(QUERY, sender, query_id, associated);
    VRX_TRY(open_text(tenant, associated, query, arena, &dossier.query));
    associate(ANSWER, sender, query_id, associated);
    if (answer.len)
        VRX_TRY(open_text(tenant, associated, answer, arena, &dossier.answer));
    *ret_dossier = dossier;
    return vrx_ok();
}

struct vrx_result vrx_dossier_note(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID], uint64_t entry) {
    VRX_STATEMENT(insert, tenant, "INSERT INTO dossier_entry (sender, id, entry) VALUES (?, ?, ?)");
    vrx_bind_text(&insert, sender_text(sender));
    vrx_bind_bytes(&insert, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&insert, (int64_t)entry);
    return vrx_statement_run(&insert);
}

static struct vrx_result count_entries(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID], uint64_t *ret_all) {
    VRX_STATEMENT(find, tenant, "SELECT count(*) FROM dossier_entry WHERE sender = ? AND id = ?");
    vrx_bind_text(&find, sender_text(sender));
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    *ret_all = (uint64_t)vrx_take_int(&find);
    return find.error;
}

struct vrx_result vrx_dossier_entries(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID], size_t limit,
    uint64_t **ret_entries, size_t *ret_count, uint64_t *ret_all) {
    uint64_t all = 0;
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_check_page(limit));
    VRX_TRY(count_entries(tenant, sender, id, &all));
    uint64_t *entries =
        vrx_arena_alloc_array(arena, all < limit ? (size_t)all : limit, sizeof *entries);
    if (!entries)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(find, tenant,
        "SELECT entry FROM dossier_entry WHERE sender = ? AND id = ? ORDER BY entry LIMIT ?");
    vrx_bind_text(&find, sender_text(sender));
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    vrx_bind_int(&find, (int64_t)limit);
    VRX_TRY(vrx_statement_row(&find, &more));
    while (more && count < limit && count < all) {
        entries[count++] = (uint64_t)vrx_take_int(&find);
        VRX_TRY(vrx_statement_row(&find, &more));
    }
    *ret_entries = entries;
    *ret_count = count;
    *ret_all = all;
    return vrx_ok();
}
