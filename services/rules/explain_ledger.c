/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ledger has to say: the entries stand in it, by a checkpoint that the municipality
 * signed, and they say the same as the explanation. They were written when it happened and have not
 * been changed since; the explanation was written today.
 */
#include "objects/dose_statement.h"
#include "rules/explain_parts.h"
#include "rules/lawful.h"

static struct vrx_result wrong(const char *clause) {
    return vrx_refuse(VRX_EXPLANATION_WRONG, clause);
}

static struct vrx_result read_checkpoint(
    struct vrx_explaining *explaining, struct vrx_checkpoint *ret_checkpoint) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_explanation *explanation = &explained->explanation;
    const struct vrx_directory_entry *entry = NULL;
    const struct vrx_dated_key *by = NULL;
    VRX_TRY(vrx_directory_find(
        &explained->directory, &explanation->municipality, explanation->made_at, &entry));
    VRX_TRY(vrx_checkpoint_verify_by(
        explanation->checkpoint, vrx_directory_signing_keys(entry), ret_checkpoint, &by));
    if (!vrx_municipality_code_equal(&ret_checkpoint->municipality, &explanation->municipality))
        return wrong("checkpoint: of the municipality that explains");
    if (!vrx_dated_key_in_force(by, explanation->made_at))
        return vrx_refuse(VRX_KEY_NOT_IN_FORCE, "explanation.made_at");
    return vrx_ok();
}

static struct vrx_result check_inclusion(
    const struct vrx_proven_entry *proven, const struct vrx_checkpoint *checkpoint) {
    struct vrx_merkle_proof proof = {.count = proven->proof.len / VRX_MERKLE_HASH};
    struct vrx_merkle_hash leaf;
    if (proven->proof.len % VRX_MERKLE_HASH || proof.count > VRX_MERKLE_PROOF_MAX)
        return wrong("proven_entry.proof: hashes of 32 bytes");
    if (proven->proof.len)
        memcpy(proof.hash, proven->proof.ptr, proven->proof.len);
    VRX_TRY(vrx_merkle_leaf(proven->entry, &leaf));
    return vrx_merkle_verify_inclusion(
        &proof, proven->index, checkpoint->size, &leaf, &checkpoint->root);
}

static struct vrx_result read_entries(struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    for (size_t i = 0; i < explanation->entry_count; i++) {
        const struct vrx_proven_entry *proven = &explanation->entries[i];
        explained->entries[i].index = proven->index;
        VRX_TRY(check_inclusion(proven, &explained->checkpoint));
        VRX_TRY(vrx_audit_entry_decode(proven->entry, &explained->entries[i].entry));
    }
    return vrx_ok();
}

static struct vrx_result check_entries(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    size_t count = explained->explanation.entry_count;
    struct vrx_result result;
    if (!count) {
        vrx_check_not_shown(explained, VRX_CHECK_ENTRIES, "explanation.entries: were not noted");
        return vrx_ok();
    }
    explained->entries =
        vrx_arena_alloc_array(explaining->arena, count, sizeof *explained->entries);
    if (!explained->entries)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_EXPLAIN_TRY(read_entries(explained), &result);
    vrx_check_hold(explained, VRX_CHECK_ENTRIES, result);
    explained->entry_count = vrx_is_ok(result) ? count : 0;
    return vrx_ok();
}

/* ---- what they say ---- */

static bool is_method(const struct vrx_audit_entry *entry, const char *method) {
    return vrx_view_equal(entry->method, vrx_view_text(method));
}

static bool of_this_query(
    const struct vrx_explained *explained, const struct vrx_audit_entry *entry) {
    return memcmp(entry->request, explained->explanation.query_id, VRX_ID) == 0;
}

/* Where it began: the origin's decision on the query, the destination's asking. A query that does
 * not come from a counter's call has the query's own id in its place. */
static bool is_beginning(
    const struct vrx_explained *explained, const struct vrx_audit_entry *entry) {
    const struct vrx_explanation *explanation = &explained->explanation;
    if (entry->time != explanation->begun_at)
        return false;
    if (explanation->side == VRX_EXPLAINED_ANSWERED)
        return is_method(entry, "exchange/query") && of_this_query(explained, entry);
    return entry->outcome == VRX_OK && entry->person.len && !is_method(entry, "exchange/answer");
}

/* The permit's id, and behind it that there was no consent. */
static bool names_the_permit(const struct vrx_explained *explained, struct vrx_view basis) {
    struct vrx_view id = explained->query.permit_id;
    struct vrx_view rest = vrx_view_slice(basis, id.len, basis.len);
    return vrx_view_equal(vrx_view_slice(basis, 0, id.len), id) &&
           (!rest.len || vrx_view_equal(rest, vrx_view_text(VRX_WITHOUT_CONSENT)));
}

/* At the origin: the reason that was told, the permit that was reached, whether somebody was found.
 * At the destination: the permit. */
static struct vrx_result says_the_same(
    const struct vrx_explained *explained, const struct vrx_audit_entry *entry) {
    const struct vrx_explanation *explanation = &explained->explanation;
    bool denied_at_once = entry->outcome != VRX_OK;
    if (explained->has_query && entry->basis.len && !names_the_permit(explained, entry->basis))
        return wrong("audit_entry.basis: the permit of the query");
    if (explanation->side == VRX_EXPLAINED_ASKED)
        return vrx_ok();
    if (denied_at_once && entry->outcome != explanation->reason)
        return wrong("audit_entry.outcome: the reason of the denial");
    if (entry->person.len && explanation->person != VRX_EXPLAINED_FOUND)
        return wrong("audit_entry.person: somebody was found");
    if (!entry->person.len && explanation->person == VRX_EXPLAINED_FOUND)
        return wrong("audit_entry.person: nobody was found");
    return vrx_ok();
}

static bool commits_to_the_answer(
    const struct vrx_explained *explained, const struct vrx_audit_entry *entry) {
    return vrx_view_equal(entry->commitment, vrx_view_of(explained->answer_digest, VRX_DIGEST));
}

static struct vrx_result compare(const struct vrx_explained *explained, bool *ret_whole) {
    bool begun = false;
    bool answered = !explained->has_answer;
    for (size_t i = 0; i < explained->entry_count; i++) {
        const struct vrx_audit_entry *entry = &explained->entries[i].entry;
        if (is_beginning(explained, entry)) {
            VRX_TRY(says_the_same(explained, entry));
            begun = true;
        }
        answered = answered || commits_to_the_answer(explained, entry);
    }
    *ret_whole = begun && answered;
    if (*ret_whole || explained->explanation.left_out)
        return vrx_ok();
    return begun ? wrong("ledger: no entry commits to the answer")
                 : wrong("ledger: no entry says that it was asked");
}

static void check_what_they_say(struct vrx_explained *explained) {
    bool whole = false;
    if (!explained->entry_count) {
        vrx_check_not_shown(explained, VRX_CHECK_LEDGER, "explanation.entries: were not noted");
        return;
    }
    struct vrx_result result = compare(explained, &whole);
    vrx_check_hold(explained, VRX_CHECK_LEDGER, result);
    if (vrx_is_ok(result) && !whole)
        vrx_check_not_shown(explained, VRX_CHECK_LEDGER, "explanation.left_out: some entries are");
}

bool vrx_explained_released(const struct vrx_explained *explained) {
    struct vrx_view first = {0};
    for (size_t i = 0; i < explained->entry_count; i++) {
        const struct vrx_audit_entry *entry = &explained->entries[i].entry;
        if (!is_method(entry, "exchange/release") || entry->outcome != VRX_OK ||
            !of_this_query(explained, entry) || !entry->operator_id.len)
            continue;
        if (first.len && !vrx_view_equal(first, entry->operator_id))
            return true;
        first = entry->operator_id;
    }
    return false;
}

struct vrx_result vrx_explain_ledger(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    struct vrx_result result;
    if (!vrx_check_passed(explained, VRX_CHECK_DIRECTORY))
        return vrx_ok();
    VRX_EXPLAIN_TRY(read_checkpoint(explaining, &explained->checkpoint), &result);
    vrx_check_hold(explained, VRX_CHECK_CHECKPOINT, result);
    if (!vrx_is_ok(result))
        return vrx_ok();
    VRX_TRY(check_entries(explaining));
    if (explained->check[VRX_CHECK_ENTRIES].verdict != VRX_CHECK_BROKEN)
        check_what_they_say(explained);
    return vrx_ok();
}
