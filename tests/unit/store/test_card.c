/* SPDX-License-Identifier: Apache-2.0 */
#include "store/card.h"

#include "fixture.h"

static struct vrx_card card_of(int64_t resident, uint8_t certificate) {
    return (struct vrx_card){
        .certificate = {certificate},
        .resident = resident,
        .evidence_id = {7},
        .not_after = NOW + 86400,
        .operator_id = vrx_view_text("suzuki"),
        .terminal_id = vrx_view_text("0123456789abcdef"),
        .linked_at = NOW,
    };
}

static struct vrx_result get(
    struct fixture *fixture, const struct vrx_card *card, struct vrx_card *ret_card) {
    return vrx_card_get(fixture->tenant, &fixture->arena, card->certificate, ret_card);
}

static void a_card_is_its_residents(void **state) {
    struct fixture *fixture = *state;
    struct vrx_card given = card_of(add_resident(fixture, 1), 1);
    struct vrx_card unknown = card_of(given.resident, 2);
    struct vrx_card found;
    assert_ok(vrx_card_link(fixture->tenant, &given));
    assert_ok(get(fixture, &given, &found));
    assert_int_equal(found.resident, given.resident);
    assert_memory_equal(found.certificate, given.certificate, VRX_DIGEST);
    assert_memory_equal(found.evidence_id, given.evidence_id, VRX_ID);
    assert_int_equal(found.not_after, given.not_after);
    assert_text(found.operator_id, "suzuki");
    assert_text(found.terminal_id, "0123456789abcdef");
    assert_int_equal(found.linked_at, NOW);
    assert_int_equal(found.ended_at, 0);
    assert_reason(get(fixture, &unknown, &found), VRX_CARD_UNKNOWN);
}

static void a_card_is_linked_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_card given = card_of(add_resident(fixture, 1), 1);
    struct vrx_card other = card_of(add_resident(fixture, 2), 1);
    struct vrx_card nobody = card_of(99, 2);
    assert_ok(vrx_card_link(fixture->tenant, &given));
    assert_reason(vrx_card_link(fixture->tenant, &given), VRX_ALREADY_EXISTS);
    assert_reason(vrx_card_link(fixture->tenant, &other), VRX_ALREADY_EXISTS);
    assert_reason(vrx_card_link(fixture->tenant, &nobody), VRX_NOT_FOUND);
}

static void an_ended_card_opens_nothing_until_it_is_linked_anew(void **state) {
    struct fixture *fixture = *state;
    struct vrx_card given = card_of(add_resident(fixture, 1), 1);
    struct vrx_card other = card_of(add_resident(fixture, 2), 1);
    struct vrx_card found;
    struct vrx_card *cards = NULL;
    size_t count = 0;
    assert_reason(vrx_card_end(fixture->tenant, given.certificate, vrx_view_text("sato"), NOW),
        VRX_CARD_UNKNOWN);
    assert_ok(vrx_card_link(fixture->tenant, &given));
    assert_ok(vrx_card_end(fixture->tenant, given.certificate, vrx_view_text("sato"), NOW + 5));
    assert_reason(get(fixture, &given, &found), VRX_CARD_UNKNOWN);
    assert_reason(vrx_card_end(fixture->tenant, given.certificate, vrx_view_text("sato"), NOW),
        VRX_CARD_UNKNOWN);
    assert_ok(vrx_card_list(fixture->tenant, &fixture->arena, given.resident, &cards, &count));
    assert_int_equal(count, 1);
    assert_int_equal(cards[0].ended_at, NOW + 5);
    assert_text(cards[0].ended_by, "sato");
    assert_ok(vrx_card_link(fixture->tenant, &other));
    assert_ok(get(fixture, &given, &found));
    assert_int_equal(found.resident, other.resident);
}

/* ---- challenges ---- */

static struct vrx_open_challenge challenge_of(int64_t resident, uint8_t nonce) {
    return (struct vrx_open_challenge){
        .nonce = {nonce},
        .resident = resident,
        .terminal = {4},
        .message = vrx_view_text("to be signed"),
        .expires_at = NOW + VRX_CHALLENGE_SECONDS,
    };
}

static struct vrx_result take(struct fixture *fixture, const struct vrx_open_challenge *challenge,
    struct vrx_open_challenge *ret_challenge) {
    return vrx_challenge_take(fixture->tenant, &fixture->arena, challenge->nonce, ret_challenge);
}

static void a_challenge_is_taken_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_open_challenge given = challenge_of(add_resident(fixture, 1), 1);
    struct vrx_open_challenge found;
    assert_reason(take(fixture, &given, &found), VRX_CHALLENGE_UNKNOWN);
    assert_ok(vrx_challenge_put(fixture->tenant, &given, NOW));
    assert_ok(take(fixture, &given, &found));
    assert_int_equal(found.resident, given.resident);
    assert_memory_equal(found.nonce, given.nonce, sizeof found.nonce);
    assert_memory_equal(found.terminal, given.terminal, VRX_DIGEST);
    assert_text(found.message, "to be signed");
    assert_int_equal(found.expires_at, given.expires_at);
    assert_reason(take(fixture, &given, &found), VRX_CHALLENGE_UNKNOWN);
}

static void a_terminal_has_so_many_challenges_open(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_open_challenge found;
    struct vrx_open_challenge other = challenge_of(resident, 0xff);
    for (uint8_t i = 0; i < VRX_LIMIT_CHALLENGES; i++) {
        struct vrx_open_challenge given = challenge_of(resident, i);
        assert_ok(vrx_challenge_put(fixture->tenant, &given, NOW));
    }
    assert_reason(vrx_challenge_put(fixture->tenant, &other, NOW), VRX_CAP_REACHED);
    other.terminal[0] = 5;
    assert_ok(vrx_challenge_put(fixture->tenant, &other, NOW));
    struct vrx_open_challenge later = challenge_of(resident, 0xfe);
    const int64_t over = NOW + VRX_CHALLENGE_SECONDS + 1;
    later.expires_at = over + VRX_CHALLENGE_SECONDS;
    assert_ok(vrx_challenge_put(fixture->tenant, &later, over));
    assert_int_equal(rows_in(fixture, "card_challenge"), VRX_LIMIT_CHALLENGES + 2);
    assert_ok(take(fixture, &other, &found)); /* over, and not forgotten yet */
    struct vrx_open_challenge last = challenge_of(resident, 0xfd);
    assert_ok(vrx_challenge_put(fixture->tenant, &last, over + VRX_CHALLENGE_KEPT));
    assert_int_equal(rows_in(fixture, "card_challenge"), 2);
}

static void what_is_no_challenge_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_CHALLENGE + 1];
    struct vrx_open_challenge given = challenge_of(add_resident(fixture, 1), 1);
    struct vrx_open_challenge nobody = challenge_of(99, 2);
    given.message = (struct vrx_view){0};
    assert_reason(vrx_challenge_put(fixture->tenant, &given, NOW), VRX_INPUT_FIELD_MISSING);
    given.message = vrx_view_of(bytes, sizeof bytes);
    assert_reason(vrx_challenge_put(fixture->tenant, &given, NOW), VRX_INPUT_TOO_LARGE);
    assert_reason(vrx_challenge_put(fixture->tenant, &nobody, NOW), VRX_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_card_is_its_residents),
        STORE_TEST(a_card_is_linked_once),
        STORE_TEST(an_ended_card_opens_nothing_until_it_is_linked_anew),
        STORE_TEST(a_challenge_is_taken_once),
        STORE_TEST(a_terminal_has_so_many_challenges_open),
        STORE_TEST(what_is_no_challenge_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
