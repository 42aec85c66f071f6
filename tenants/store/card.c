/* SPDX-License-Identifier: Apache-2.0
 *
 * See card.h.
 */
#include "store/card.h"

#include "base/limits.h"
#include "store/check.h"
#include "store/sql.h"

#define LIMIT_CARDS 64 /* of one resident that are listed: one each few years of a life */

static struct vrx_result check_name(struct vrx_view name) {
    return name.len > VRX_LIMIT_OPERATOR ? vrx_fail(VRX_INPUT_TOO_LARGE) : vrx_ok();
}

/* ---- cards ---- */

struct vrx_result vrx_card_link(struct vrx_tenant *tenant, const struct vrx_card *card) {
    VRX_TRY(check_name(card->operator_id));
    VRX_TRY(check_name(card->terminal_id));
    VRX_STATEMENT(
        forget, tenant, "DELETE FROM card WHERE certificate = ? AND ended_at IS NOT NULL");
    vrx_bind_bytes(&forget, vrx_view_of(card->certificate, VRX_DIGEST));
    VRX_TRY(vrx_statement_run(&forget));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO card (certificate, resident, evidence, not_after, operator, terminal, "
        "linked_at) VALUES (?, ?, ?, ?, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(card->certificate, VRX_DIGEST));
    vrx_bind_int(&insert, card->resident);
    vrx_bind_bytes(&insert, vrx_view_of(card->evidence_id, VRX_ID));
    vrx_bind_int(&insert, card->not_after);
    vrx_bind_text(&insert, card->operator_id);
    vrx_bind_text(&insert, card->terminal_id);
    vrx_bind_int(&insert, card->linked_at);
    return vrx_statement_run(&insert);
}

static struct vrx_result take_card(
    struct vrx_statement *row, struct vrx_arena *arena, struct vrx_card *ret_card) {
    struct vrx_card card = {0};
    vrx_take_fixed(row, card.certificate, VRX_DIGEST);
    card.resident = vrx_take_int(row);
    vrx_take_fixed(row, card.evidence_id, VRX_ID);
    card.not_after = vrx_take_int(row);
    card.operator_id = vrx_take_text(row, arena);
    card.terminal_id = vrx_take_text(row, arena);
    card.linked_at = vrx_take_int(row);
    card.ended_at = vrx_take_int(row);
    card.ended_by = vrx_take_text(row, arena);
    VRX_TRY(row->error);
    *ret_card = card;
    return vrx_ok();
}

#define COLUMNS \
    "certificate, resident, evidence, not_after, operator, terminal, linked_at, " \
    "ifnull(ended_at, 0), ended_by "

struct vrx_result vrx_card_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t certificate[VRX_DIGEST], struct vrx_card *ret_card) {
    bool found = false;
    VRX_STATEMENT(
        find, tenant, "SELECT " COLUMNS "FROM card WHERE certificate = ? AND ended_at IS NULL");
    vrx_bind_bytes(&find, vrx_view_of(certificate, VRX_DIGEST));
    VRX_TRY(vrx_statement_row(&find, &found));
    return found ? take_card(&find, arena, ret_card) : vrx_fail(VRX_CARD_UNKNOWN);
}

struct vrx_result vrx_card_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, struct vrx_card **ret_cards, size_t *ret_count) {
    struct vrx_card *cards = vrx_arena_alloc_array(arena, LIMIT_CARDS, sizeof *cards);
    size_t count = 0;
    bool more = false;
    if (!cards)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(list, tenant,
        "SELECT " COLUMNS "FROM card WHERE resident = ?1 ORDER BY linked_at, certificate LIMIT ?2");
    vrx_bind_int(&list, resident);
    vrx_bind_int(&list, LIMIT_CARDS);
    for (;;) {
        VRX_TRY(vrx_statement_row(&list, &more));
        if (!more)
            break;
        VRX_TRY(take_card(&list, arena, &cards[count++]));
    }
    *ret_cards = cards;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_card_end(struct vrx_tenant *tenant, const uint8_t certificate[VRX_DIGEST],
    struct vrx_view operator_id, int64_t now) {
    VRX_TRY(check_name(operator_id));
    VRX_STATEMENT(end, tenant,
        "UPDATE card SET ended_at = ?, ended_by = ? WHERE certificate = ? AND ended_at IS NULL");
    vrx_bind_int(&end, now);
    vrx_bind_text(&end, operator_id);
    vrx_bind_bytes(&end, vrx_view_of(certificate, VRX_DIGEST));
    VRX_TRY(vrx_statement_run(&end));
    return vrx_statement_changes(&end) ? vrx_ok() : vrx_fail(VRX_CARD_UNKNOWN);
}

/* ---- challenges ---- */

static struct vrx_result make_room(
    struct vrx_tenant *tenant, const uint8_t terminal[VRX_DIGEST], int64_t now) {
    VRX_STATEMENT(forget, tenant, "DELETE FROM card_challenge WHERE expires_at < ?");
    vrx_bind_int(&forget, now - VRX_CHALLENGE_KEPT);
    VRX_TRY(vrx_statement_run(&forget));
    VRX_STATEMENT(count, tenant,
        "SELECT count(*) FROM card_challenge WHERE terminal = ? AND expires_at >= ?");
    vrx_bind_bytes(&count, vrx_view_of(terminal, VRX_DIGEST));
    vrx_bind_int(&count, now);
    VRX_TRY(vrx_statement_one(&count));
    bool room = vrx_take_int(&count) < VRX_LIMIT_CHALLENGES;
    VRX_TRY(count.error);
    return room ? vrx_ok() : vrx_refuse(VRX_CAP_REACHED, "card.h: challenges of one terminal");
}

struct vrx_result vrx_challenge_put(
    struct vrx_tenant *tenant, const struct vrx_open_challenge *challenge, int64_t now) {
    VRX_TRY(vrx_check_object(challenge->message, VRX_LIMIT_CHALLENGE));
    VRX_TRY(make_room(tenant, challenge->terminal, now));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO card_challenge (nonce, resident, terminal, message, expires_at) "
        "VALUES (?, ?, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(challenge->nonce, VRX_CHALLENGE_NONCE));
    vrx_bind_int(&insert, challenge->resident);
    vrx_bind_bytes(&insert, vrx_view_of(challenge->terminal, VRX_DIGEST));
    vrx_bind_bytes(&insert, challenge->message);
    vrx_bind_int(&insert, challenge->expires_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_challenge_take(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t nonce[VRX_CHALLENGE_NONCE], struct vrx_open_challenge *ret_challenge) {
    struct vrx_open_challenge challenge = {0};
    bool found = false;
    VRX_STATEMENT(find, tenant,
        "DELETE FROM card_challenge WHERE nonce = ? RETURNING resident, terminal, message, "
        "expires_at");
    vrx_bind_bytes(&find, vrx_view_of(nonce, VRX_CHALLENGE_NONCE));
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_CHALLENGE_UNKNOWN);
    memcpy(challenge.nonce, nonce, VRX_CHALLENGE_NONCE);
    challenge.resident = vrx_take_int(&find);
    vrx_take_fixed(&find, challenge.terminal, VRX_DIGEST);
    challenge.message = vrx_take_bytes(&find, arena);
    challenge.expires_at = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_challenge = challenge;
    return vrx_ok();
}
