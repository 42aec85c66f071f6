/* SPDX-License-Identifier: Apache-2.0
 *
 * The origin's side: from a dose that changed to a notice for each who has it. What a notice says
 * is what the dose is at this instant, so that two corrections in one second are told as one.
 */
#include "exchange/notices.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "dispatch/log.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/send.h"
#include "rules/minimal.h"
#include "store/dose.h"
#include "store/dose_sent.h"

#define NOTICES_AT_ONCE 32
#define AGAIN_AFTER 60 /* seconds, where nothing can be sealed to the receiver */

/* What is to be told of one dose that was sent. */
struct word {
    enum vrx_correction_reason reason;
    struct vrx_dose_item now; /* CORRECTED */
    uint8_t digest[VRX_DIGEST];
    bool news; /* the receiver does not have it yet */
};

static struct vrx_result find_word(
    struct vrx_context *context, const struct vrx_dose_sent *sent, struct word *ret_word) {
    struct vrx_dose dose;
    struct word word = {.reason = VRX_CORRECTION_CORRECTED};
    VRX_TRY(vrx_dose_get(context->tenant, &context->arena, sent->head, &dose));
    if (dose.state != VRX_DOSE_CURRENT)
        word.reason = VRX_CORRECTION_ENTERED_IN_ERROR;
    else if (dose.provenance.source == VRX_DOSE_TRANSFER)
        word.reason = VRX_CORRECTION_NOT_OURS;
    word.news = !sent->withdrawn;
    if (word.reason == VRX_CORRECTION_CORRECTED) {
        uint64_t items[VRX_ITEM_LAST];
        const size_t count = vrx_minimal_items(sent->items, items);
        word.now = vrx_minimal_item(&dose.item, items, count);
        VRX_TRY(vrx_dose_item_digest(&word.now, word.digest));
        word.news = sent->withdrawn || memcmp(word.digest, sent->told, VRX_DIGEST) != 0;
    }
    *ret_word = word;
    return vrx_ok();
}

static struct vrx_result sign_and_send(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_dose_sent *sent, struct word *word) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer object = {0};
    struct vrx_correction_notice notice = {
        .origin = context->slot->code,
        .destination = sent->destination,
        .sequence = sent->sequence + 1,
        .reason = (uint64_t)word->reason,
        .now = &word->now,
        .now_count = word->reason == VRX_CORRECTION_CORRECTED,
        .corrected_at = context->now,
    };
    VRX_TRY(vrx_random_fill(context->random, notice.id, VRX_ID));
    memcpy(notice.query_id, sent->query_id, VRX_ID);
    memcpy(notice.answer_digest, sent->answer_digest, VRX_DIGEST);
    memcpy(notice.as_sent, sent->as_sent, VRX_DIGEST);
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_correction_notice_schema, &notice, &object));
    struct vrx_outgoing message = {
        .key = {.to = sent->destination, .kind = VRX_ENVELOPE_CORRECTION_NOTICE},
        .resident = sent->resident,
        .content = vrx_buffer_view(&object),
    };
    memcpy(message.key.id, notice.id, VRX_ID);
    VRX_TRY(vrx_exchange_send(context, law, &message));
    return vrx_sha256(message.content, context->audit.commitment);
}

/* Not the receiver's key or entry, not the law: our own trouble, which takes the step back. */
static bool is_own_trouble(struct vrx_result result) {
    const enum vrx_category category = vrx_reason_category(result.reason);
    return category == VRX_CATEGORY_IO || category == VRX_CATEGORY_INTERNAL ||
           result.reason == VRX_OUT_OF_MEMORY || result.reason == VRX_VAULT_DAMAGED;
}

static struct vrx_result send_one(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_dose_sent *sent, bool *ret_sent) {
    struct word word;
    uint64_t sequence = 0;
    VRX_TRY(find_word(context, sent, &word));
    if (!word.news)
        return vrx_dose_sent_settle(context->tenant, sent->id);
    context->audit = (struct vrx_audit_facts){0};
    VRX_TRY(vrx_context_about(context, sent->resident));
    const struct vrx_result result = sign_and_send(context, law, sent, &word);
    if (is_own_trouble(result))
        return result;
    *ret_sent = vrx_is_ok(result);
    if (!vrx_is_ok(result)) {
        vrx_log_event("exchange correction notice", sent->destination.digits, result);
        return vrx_ok();
    }
    VRX_TRY(vrx_dose_sent_told(context->tenant, sent->id,
        word.reason == VRX_CORRECTION_CORRECTED ? word.digest : NULL, context->now, &sequence));
    context->audit.has_commitment = true;
    vrx_context_in_dossier(context, &sent->destination, sent->query_id);
    return vrx_context_record(
        context, "exchange/correction-notice", VRX_EXCHANGE_PURPOSE, &context->audit, VRX_OK, NULL);
}

static struct vrx_result send_all(
    struct vrx_context *context, const struct vrx_law *law, int64_t *ret_again) {
    struct vrx_dose_sent *owed = NULL;
    size_t count = 0;
    size_t sent = 0;
    bool left = false;
    VRX_TRY(
        vrx_dose_sent_list_owed(context->tenant, &context->arena, VRX_LIMIT_PAGE, &owed, &count));
    for (size_t i = 0; i < count && sent < NOTICES_AT_ONCE; i++) {
        bool is_sent = true;
        VRX_TRY(send_one(context, law, &owed[i], &is_sent));
        sent += is_sent;
        left = left || !is_sent;
    }
    *ret_again = 0;
    if (left || count == VRX_LIMIT_PAGE)
        *ret_again = context->now + AGAIN_AFTER;
    if (sent == NOTICES_AT_ONCE)
        *ret_again = context->now;
    return vrx_ok();
}

struct vrx_result vrx_notices_send(struct vrx_context *context, int64_t *ret_again) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = send_all(context, law, ret_again);
    vrx_law_release(context->daemon->law, law);
    return result;
}
