/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether what is signed was signed by whom it must be, with a key of that time, and is about this
 * transfer. The directory is today's: its entries and keys are dated, so it speaks for any instant.
 */
#include "cose/sign1.h"
#include "crypto/hash.h"
#include "objects/envelope.h"
#include "rules/explain_parts.h"
#include "rules/timely.h"

/* Verified by the keys of the municipality that the directory has at the time that the object
 * states. Nothing is believed of the object before. */
static struct vrx_result verify(const struct vrx_explaining *explaining,
    const struct vrx_municipality_code *signer, const struct vrx_object_schema *schema,
    struct vrx_view message, void *ret_object) {
    struct vrx_sign1 parts;
    const struct vrx_directory_entry *entry = NULL;
    VRX_TRY(vrx_sign1_parse(message, &parts));
    VRX_TRY(vrx_object_decode(schema, parts.payload, explaining->arena, ret_object));
    VRX_TRY(vrx_directory_find(
        &explaining->explained->directory, signer, vrx_object_time(schema, ret_object), &entry));
    return vrx_object_verify_by(
        schema, message, vrx_directory_signing_keys(entry), explaining->arena, ret_object);
}

static struct vrx_result wrong(const char *clause) {
    return vrx_refuse(VRX_EXPLANATION_WRONG, clause);
}

static bool same(const uint8_t a[VRX_DIGEST], const uint8_t b[VRX_DIGEST]) {
    return memcmp(a, b, VRX_DIGEST) == 0;
}

/* ---- the law ---- */

static struct vrx_result check_directory(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    struct vrx_result result;
    VRX_EXPLAIN_TRY(
        vrx_object_verify_pinned(&vrx_directory_schema, explained->explanation.directory,
            explaining->authority, explaining->arena, &explained->directory),
        &result);
    vrx_check_hold(explained, VRX_CHECK_DIRECTORY, result);
    return vrx_ok();
}

static struct vrx_result check_explanation(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_municipality_code by = explained->explanation.municipality;
    struct vrx_explanation again;
    struct vrx_result result;
    VRX_EXPLAIN_TRY(
        verify(explaining, &by, &vrx_explanation_schema, explaining->message, &again), &result);
    if (vrx_is_ok(result) && vrx_municipality_code_equal(&by, &explained->explanation.other))
        result = wrong("explanation: two municipalities");
    vrx_check_hold(explained, VRX_CHECK_EXPLANATION, result);
    return vrx_ok();
}

/* By which table it was decided: the origin's own; at the destination the one that the origin
 * names, and before there is a decision the one by which it asked. */
static const uint8_t *table_of(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    bool decided = explained->has_answer && (explained->answer.outcome == VRX_ANSWER_DENIED ||
                                                explained->answer.outcome == VRX_ANSWER_DOSES);
    return explanation->side == VRX_EXPLAINED_ASKED && decided
               ? explained->answer.permit_table_digest
               : explanation->judged_by;
}

/* All tables must be the authority's; the one by which it was decided is the law here. */
static struct vrx_result check_permits(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_explanation *explanation = &explained->explanation;
    for (size_t i = 0; i < explanation->permits_count; i++) {
        struct vrx_permit_table table;
        struct vrx_result result;
        uint8_t digest[VRX_DIGEST];
        VRX_EXPLAIN_TRY(vrx_object_verify_pinned(&vrx_permit_table_schema, explanation->permits[i],
                            explaining->authority, explaining->arena, &table),
            &result);
        if (!vrx_is_ok(result)) {
            vrx_check_hold(explained, VRX_CHECK_PERMITS, result);
            return vrx_ok();
        }
        VRX_TRY(vrx_sha256(explanation->permits[i], digest));
        if (same(digest, table_of(explained))) {
            explained->permits = table;
            explained->has_permits = true;
        }
    }
    if (explained->has_permits)
        vrx_check_hold(explained, VRX_CHECK_PERMITS, vrx_ok());
    else
        vrx_check_not_shown(explained, VRX_CHECK_PERMITS,
            "explanation.permits: the table of then is not there any more");
    return vrx_ok();
}

/* ---- query and answer ---- */

/* Where this side asked, the instant of asking is that of the query. */
static struct vrx_result same_query(
    const struct vrx_explained *explained, const struct vrx_query *query) {
    const struct vrx_explanation *explanation = &explained->explanation;
    if (memcmp(query->id, explanation->query_id, VRX_ID) != 0)
        return wrong("query.id");
    if (!vrx_municipality_code_equal(&query->asker, vrx_explained_asker(explained)))
        return wrong("query.asker");
    if (!vrx_municipality_code_equal(&query->asked, vrx_explained_asked(explained)))
        return wrong("query.asked");
    if (query->deadline != explanation->deadline)
        return wrong("query.deadline");
    if (explanation->side == VRX_EXPLAINED_ASKED && query->asked_at != explanation->begun_at)
        return wrong("query.asked_at");
    return vrx_ok();
}

static struct vrx_result check_query(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    struct vrx_view message = explained->explanation.query;
    struct vrx_query query;
    struct vrx_result result;
    if (!message.len) {
        vrx_check_not_shown(explained, VRX_CHECK_QUERY, "explanation.query: was not kept then");
        return vrx_ok();
    }
    VRX_EXPLAIN_TRY(
        verify(explaining, vrx_explained_asker(explained), &vrx_query_schema, message, &query),
        &result);
    if (vrx_is_ok(result))
        result = same_query(explained, &query);
    vrx_check_hold(explained, VRX_CHECK_QUERY, result);
    if (!vrx_is_ok(result))
        return vrx_ok();
    explained->query = query;
    explained->has_query = true;
    return vrx_sha256(message, explained->query_digest);
}

static struct vrx_result same_answer(
    const struct vrx_explained *explained, const struct vrx_answer *answer) {
    if (memcmp(answer->query_id, explained->explanation.query_id, VRX_ID) != 0)
        return wrong("answer.query_id");
    if (!vrx_municipality_code_equal(&answer->origin, vrx_explained_asked(explained)))
        return wrong("answer.origin");
    if (!vrx_municipality_code_equal(&answer->destination, vrx_explained_asker(explained)))
        return wrong("answer.destination");
    if (explained->has_query && !same(answer->query_digest, explained->query_digest))
        return wrong("answer.query_digest");
    VRX_TRY(vrx_answer_check(answer));
    return explained->has_query
               ? vrx_timely_answer(answer, explained->query.asked_at, explained->query.deadline)
               : vrx_ok();
}

static struct vrx_result check_answer(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    struct vrx_view message = explained->explanation.answer;
    struct vrx_answer answer;
    struct vrx_result result;
    if (!message.len) {
        vrx_check_not_shown(explained, VRX_CHECK_ANSWER, "explanation.answer: there is none");
        return vrx_ok();
    }
    VRX_EXPLAIN_TRY(
        verify(explaining, vrx_explained_asked(explained), &vrx_answer_schema, message, &answer),
        &result);
    if (vrx_is_ok(result))
        result = same_answer(explained, &answer);
    vrx_check_hold(explained, VRX_CHECK_ANSWER, result);
    if (!vrx_is_ok(result))
        return vrx_ok();
    explained->answer = answer;
    explained->has_answer = true;
    return vrx_sha256(message, explained->answer_digest);
}

/* ---- consent, identity check, receipts ---- */

/* Those in the query, to be shown; whether they serve is for steps 4 and 5 to say. */
static struct vrx_result read_grounds(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    struct vrx_view consent = explained->query.consent;
    struct vrx_view evidence = explained->query.evidence;
    const struct vrx_municipality_code *asker = vrx_explained_asker(explained);
    struct vrx_result result;
    if (explained->has_query && consent.len) {
        VRX_EXPLAIN_TRY(
            verify(explaining, asker, &vrx_consent_schema, consent, &explained->consent), &result);
        explained->has_consent = vrx_is_ok(result);
    }
    if (explained->has_query && evidence.len) {
        VRX_EXPLAIN_TRY(verify(explaining, asker, &vrx_identity_evidence_schema, evidence,
                            &explained->evidence),
            &result);
        explained->has_evidence = vrx_is_ok(result);
    }
    return vrx_ok();
}

static struct vrx_result read_later(
    struct vrx_explaining *explaining, size_t index, struct vrx_consent *ret_consent) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_later_consent *later = &explained->explanation.consents[index];
    VRX_TRY(verify(explaining, vrx_explained_asker(explained), &vrx_consent_schema, later->object,
        ret_consent));
    if (explained->has_consent)
        VRX_TRY(vrx_consent_follows(&explained->consent, ret_consent));
    if (later->known_since < ret_consent->status_since - VRX_CLOCK_SKEW)
        return wrong("later_consent.known_since");
    return vrx_ok();
}

static struct vrx_result check_consents(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    size_t count = explained->explanation.consent_count;
    VRX_TRY(read_grounds(explaining));
    if (!count) {
        vrx_check_not_shown(explained, VRX_CHECK_CONSENTS, "explanation.consents: there are none");
        return vrx_ok();
    }
    explained->later = vrx_arena_alloc_array(explaining->arena, count, sizeof *explained->later);
    if (!explained->later)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_ok();
    for (size_t i = 0; i < count && vrx_is_ok(result); i++)
        VRX_EXPLAIN_TRY(read_later(explaining, i, &explained->later[i]), &result);
    vrx_check_hold(explained, VRX_CHECK_CONSENTS, result);
    explained->later_count = vrx_is_ok(result) ? count : 0;
    return vrx_ok();
}

/* The destination's is of the answer, the origin's of that receipt; both name query and answer. */
static struct vrx_result same_receipt(
    const struct vrx_explained *explained, const struct vrx_receipt *receipt) {
    const struct vrx_explanation *explanation = &explained->explanation;
    bool asked = explanation->side == VRX_EXPLAINED_ASKED;
    if (receipt->kind != (asked ? VRX_ENVELOPE_RECEIPT : VRX_ENVELOPE_ANSWER))
        return wrong("receipt.kind");
    if (memcmp(receipt->id, explanation->query_id, VRX_ID) != 0)
        return wrong("receipt.id");
    if (!vrx_municipality_code_equal(&receipt->signer, &explanation->other) ||
        !vrx_municipality_code_equal(&receipt->sender, &explanation->municipality))
        return wrong("receipt.signer");
    if (receipt->transfer_count != 1)
        return wrong("receipt.transfer");
    if (explained->has_query && !same(receipt->transfer->query_digest, explained->query_digest))
        return wrong("receipt.query_digest");
    if (explained->has_answer && !same(receipt->transfer->answer_digest, explained->answer_digest))
        return wrong("receipt.answer_digest");
    if (explained->has_answer &&
        !vrx_view_equal(receipt->transfer->permit_id, explained->answer.permit_id))
        return wrong("receipt.permit_id");
    if (explained->has_answer &&
        !same(receipt->transfer->permit_table_digest, explained->answer.permit_table_digest))
        return wrong("receipt.permit_table_digest");
    return vrx_ok();
}

static struct vrx_result check_receipts(struct vrx_explaining *explaining) {
    struct vrx_explained *explained = explaining->explained;
    const struct vrx_explanation *explanation = &explained->explanation;
    size_t count = explanation->receipt_count;
    if (!count) {
        vrx_check_not_shown(explained, VRX_CHECK_RECEIPTS, "explanation.receipts: none came yet");
        return vrx_ok();
    }
    explained->receipts =
        vrx_arena_alloc_array(explaining->arena, count, sizeof *explained->receipts);
    if (!explained->receipts)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = vrx_ok();
    for (size_t i = 0; i < count && vrx_is_ok(result); i++) {
        VRX_EXPLAIN_TRY(verify(explaining, &explanation->other, &vrx_receipt_schema,
                            explanation->receipts[i], &explained->receipts[i]),
            &result);
        if (vrx_is_ok(result))
            result = same_receipt(explained, &explained->receipts[i]);
    }
    vrx_check_hold(explained, VRX_CHECK_RECEIPTS, result);
    explained->receipt_count = vrx_is_ok(result) ? count : 0;
    return vrx_ok();
}

/* Whom the directory of today has for the two at that instant; NULL where it has nobody. */
static void find_parties(struct vrx_explained *explained) {
    int64_t then = explained->explanation.begun_at;
    if (!vrx_is_ok(vrx_directory_find(
            &explained->directory, vrx_explained_asker(explained), then, &explained->asker)))
        explained->asker = NULL;
    if (!vrx_is_ok(vrx_directory_find(
            &explained->directory, vrx_explained_asked(explained), then, &explained->asked)))
        explained->asked = NULL;
}

struct vrx_result vrx_explain_objects(struct vrx_explaining *explaining) {
    VRX_TRY(check_directory(explaining));
    if (!vrx_check_passed(explaining->explained, VRX_CHECK_DIRECTORY))
        return vrx_ok(); /* no other key is known */
    find_parties(explaining->explained);
    VRX_TRY(check_explanation(explaining));
    VRX_TRY(check_query(explaining));
    VRX_TRY(check_answer(explaining));
    VRX_TRY(check_permits(explaining));
    VRX_TRY(check_consents(explaining));
    return check_receipts(explaining);
}
