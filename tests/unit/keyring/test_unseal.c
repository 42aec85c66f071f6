/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/unseal.c: the exchange works once, on its own connection, for its own
 * municipality.
 */
#include "keyring/unseal.h"

#include "fixture.h"

#define NOW 1000000

struct party {
    struct custodian custodian;
    struct vrx_buffer keyring;
    struct vrx_unseal_session *session;
    uint8_t exporter[VRX_TLS_EXPORTER];
};

static void begin(struct party *party) {
    vrx_unseal_session_free(&party->session);
    assert_ok(vrx_unseal_begin(
        vrx_buffer_view(&party->keyring), NOW, vrx_random_system(), &party->session));
}

static int set_up(void **state) {
    static struct party party;
    party = (struct party){.custodian = published_custodian(0)};
    party.keyring = keyring_for("011002", &party.custodian, 1);
    for (size_t i = 0; i < sizeof party.exporter; i++)
        party.exporter[i] = (uint8_t)(0xe0 ^ i);
    begin(&party);
    *state = &party;
    return 0;
}

static int tear_down(void **state) {
    struct party *party = *state;
    vrx_unseal_session_free(&party->session);
    vrx_buffer_done(&party->keyring);
    custodian_done(&party->custodian);
    return 0;
}

static struct vrx_result answer_to(const struct party *party,
    const struct vrx_unseal_challenge *challenge, const uint8_t *exporter, struct vrx_buffer *out) {
    const struct vrx_custodian_key key = key_of(&party->custodian);
    return vrx_unseal_answer(
        vrx_buffer_view(&party->keyring), &key, challenge, exporter, vrx_random_system(), out);
}

/* What the custodian of this party answers on this party's connection. */
static struct vrx_buffer answer_of(const struct party *party) {
    const struct vrx_unseal_challenge challenge = vrx_unseal_challenge(party->session);
    struct vrx_buffer answer = {0};
    assert_ok(answer_to(party, &challenge, party->exporter, &answer));
    return answer;
}

static struct vrx_result take(
    struct party *party, const uint8_t *exporter, const struct vrx_buffer *answer) {
    size_t missing = 99;
    struct vrx_result result =
        vrx_unseal_take(party->session, exporter, vrx_buffer_view(answer), NOW, &missing);
    assert_int_equal(missing, vrx_is_ok(result) ? 0 : 99);
    return result;
}

static void assert_finish(struct party *party, const uint8_t *exporter,
    const struct vrx_buffer *answer, enum vrx_reason expected) {
    struct vrx_secret *root = NULL;
    assert_reason(take(party, exporter, answer), expected);
    assert_reason(
        vrx_unseal_finish(party->session, &root), expected == VRX_OK ? VRX_OK : VRX_WRONG_STATE);
    assert_true((root != NULL) == (expected == VRX_OK));
    vrx_secret_free(&root);
}

static void the_root_key_arrives_and_unlocks(void **state) {
    struct party *party = *state;
    struct vrx_keyring keyring = parsed(&party->keyring);
    struct vrx_secret *genuine = NULL;
    struct vrx_secret *root = NULL;
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(open_root(&keyring, &party->custodian, &genuine));
    struct vrx_buffer answer = answer_of(party);
    for (size_t i = 0; i + VRX_ROOT_KEY <= answer.len; i++) /* it is not there in the clear */
        assert_memory_not_equal(answer.ptr + i, genuine->ptr, VRX_ROOT_KEY);
    assert_ok(take(party, party->exporter, &answer));
    assert_ok(vrx_unseal_finish(party->session, &root));
    assert_int_equal(root->len, VRX_ROOT_KEY);
    assert_memory_equal(root->ptr, genuine->ptr, VRX_ROOT_KEY);
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    vrx_tenant_keys_free(&keys);
    vrx_secret_free(&genuine);
    vrx_secret_free(&root);
    vrx_buffer_done(&answer);
}

static void challenge_is_fresh_each_time(void **state) {
    struct party *party = *state;
    struct vrx_unseal_session *second = NULL;
    assert_ok(
        vrx_unseal_begin(vrx_buffer_view(&party->keyring), NOW, vrx_random_system(), &second));
    const struct vrx_unseal_challenge a = vrx_unseal_challenge(party->session);
    const struct vrx_unseal_challenge b = vrx_unseal_challenge(second);
    assert_int_equal(a.session_id.len, VRX_UNSEAL_SESSION);
    assert_int_equal(a.ephemeral_point.len, VRX_P256_POINT);
    assert_true(vrx_view_equal(a.keyring, vrx_buffer_view(&party->keyring)));
    assert_false(vrx_view_equal(a.session_id, b.session_id));
    assert_false(vrx_view_equal(a.ephemeral_point, b.ephemeral_point));
    vrx_unseal_session_free(&second);
    vrx_unseal_session_free(&second);
    vrx_unseal_session_free(NULL);
}

static void rfc9266_answer_of_another_connection(void **state) {
    struct party *party = *state;
    for (size_t i = 0; i < VRX_TLS_EXPORTER; i++) {
        begin(party);
        struct vrx_buffer answer = answer_of(party);
        party->exporter[i] ^= 0x01;
        assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
        party->exporter[i] ^= 0x01;
        vrx_buffer_done(&answer);
    }
}

static void custodian_refused_for_an_answer_of_another_session(void **state) {
    struct party *party = *state;
    struct vrx_buffer answer = answer_of(party);
    begin(party);
    assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
    vrx_buffer_done(&answer);
}

/* The same key, but the custodian was shown another session's id, or the other way round. */
static void custodian_refused_for_a_mixed_challenge(void **state) {
    struct party *party = *state;
    struct vrx_unseal_session *other = NULL;
    assert_ok(vrx_unseal_begin(vrx_buffer_view(&party->keyring), NOW, vrx_random_system(), &other));
    const struct vrx_unseal_challenge own = vrx_unseal_challenge(party->session);
    struct vrx_unseal_challenge mixed = own;
    struct vrx_buffer answer = {0};
    mixed.session_id = vrx_unseal_challenge(other).session_id;
    assert_ok(answer_to(party, &mixed, party->exporter, &answer));
    assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
    vrx_buffer_done(&answer);

    begin(party);
    mixed = vrx_unseal_challenge(party->session);
    mixed.ephemeral_point = vrx_unseal_challenge(other).ephemeral_point;
    assert_ok(answer_to(party, &mixed, party->exporter, &answer));
    assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
    vrx_buffer_done(&answer);
    vrx_unseal_session_free(&other);
}

static void custodian_refused_for_an_answer_of_another_municipality(void **state) {
    struct party *party = *state;
    struct vrx_buffer kashiwa = keyring_for("122173", &party->custodian, 1);
    struct vrx_unseal_challenge challenge = vrx_unseal_challenge(party->session);
    struct vrx_buffer answer = {0};
    challenge.keyring = vrx_buffer_view(&kashiwa);
    const struct vrx_custodian_key key = key_of(&party->custodian);
    assert_ok(vrx_unseal_answer(vrx_buffer_view(&kashiwa), &key, &challenge, party->exporter,
        vrx_random_system(), &answer));
    assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
    vrx_buffer_done(&answer);
    vrx_buffer_done(&kashiwa);
}

static void wrong_state_for_a_replay(void **state) {
    struct party *party = *state;
    struct vrx_buffer answer = answer_of(party);
    assert_finish(party, party->exporter, &answer, VRX_OK);
    assert_finish(party, party->exporter, &answer, VRX_WRONG_STATE);
    vrx_buffer_done(&answer);
}

/* Whoever can reach the daemon could otherwise keep the custodians out. */
static void a_refused_answer_spoils_nothing(void **state) {
    struct party *party = *state;
    struct vrx_buffer answer = answer_of(party);
    const struct vrx_buffer nothing = {0};
    assert_finish(party, party->exporter, &nothing, VRX_CUSTODIAN_REFUSED);
    assert_finish(party, party->exporter, &answer, VRX_OK);
    vrx_buffer_done(&answer);
}

static void wrong_state_when_its_time_has_passed(void **state) {
    struct party *party = *state;
    struct vrx_buffer answer = answer_of(party);
    size_t missing = 99;
    const int64_t end = NOW + VRX_UNSEAL_SECONDS;
    assert_false(vrx_unseal_is_over(party->session, end - 1));
    assert_true(vrx_unseal_is_over(party->session, end));
    assert_reason(
        vrx_unseal_take(party->session, party->exporter, vrx_buffer_view(&answer), end, &missing),
        VRX_WRONG_STATE);
    assert_int_equal(missing, 99);
    assert_ok(vrx_unseal_take(
        party->session, party->exporter, vrx_buffer_view(&answer), end - 1, &missing));
    assert_int_equal(missing, 0);
    vrx_buffer_done(&answer);
}

/* Two of three custodians, each on a connection of their own. */
static void k_of_n_shares_come_one_by_one(void **state) {
    (void)state;
    struct party parties[3] = {{.custodian = published_custodian(0)},
        {.custodian = published_custodian(1)}, {.custodian = fresh_custodian()}};
    struct custodian custodians[3];
    for (size_t i = 0; i < 3; i++)
        custodians[i] = parties[i].custodian;
    struct vrx_buffer keyring = keyring_of("011002", custodians, 3, 2);
    struct vrx_unseal_session *session = NULL;
    struct vrx_buffer answers[3] = {0};
    struct vrx_secret *root = NULL;
    struct vrx_tenant_keys *keys = NULL;
    size_t missing = 99;
    assert_ok(vrx_unseal_begin(vrx_buffer_view(&keyring), NOW, vrx_random_system(), &session));
    const struct vrx_unseal_challenge challenge = vrx_unseal_challenge(session);
    for (size_t i = 0; i < 3; i++) {
        parties[i].keyring = keyring;
        memset(parties[i].exporter, (int)i + 1, VRX_TLS_EXPORTER);
        assert_ok(answer_to(&parties[i], &challenge, parties[i].exporter, &answers[i]));
    }
#define TAKE(who, connection) \
    vrx_unseal_take( \
        session, parties[connection].exporter, vrx_buffer_view(&answers[who]), NOW, &missing)
    assert_ok(TAKE(2, 2));
    assert_int_equal(missing, 1);
    assert_reason(vrx_unseal_finish(session, &root), VRX_WRONG_STATE);
    assert_reason(TAKE(2, 2), VRX_CUSTODIAN_REFUSED); /* the same share again */
    assert_reason(TAKE(0, 1), VRX_CUSTODIAN_REFUSED); /* on another's connection */
    assert_ok(TAKE(0, 0));
    assert_int_equal(missing, 0);
    assert_reason(TAKE(1, 1), VRX_WRONG_STATE); /* nothing is missing */
    assert_int_equal(vrx_unseal_count(session), 2);
    assert_int_equal(vrx_unseal_custodian(session, 0), 3);
    assert_int_equal(vrx_unseal_custodian(session, 1), 1);
    assert_ok(vrx_unseal_finish(session, &root));
    struct vrx_keyring parts = parsed(&keyring);
    assert_ok(vrx_keyring_unlock(&parts, root, &keys));
    assert_true(vrx_unseal_is_over(session, NOW));
    struct vrx_secret *again = NULL;
    assert_reason(vrx_unseal_finish(session, &again), VRX_WRONG_STATE);
    vrx_tenant_keys_free(&keys);
    vrx_secret_free(&root);
    vrx_unseal_session_free(&session);
    for (size_t i = 0; i < 3; i++) {
        vrx_buffer_done(&answers[i]);
        custodian_done(&custodians[i]);
    }
    vrx_buffer_done(&keyring);
}

static void every_byte_of_an_answer_counts(void **state) {
    struct party *party = *state;
    struct vrx_buffer answer = answer_of(party);
    const size_t len = answer.len;
    vrx_buffer_done(&answer);
    for (size_t i = 0; i < len; i++) {
        begin(party);
        answer = answer_of(party);
        assert_int_equal(answer.len, len);
        answer.ptr[i] ^= (uint8_t)(1U << (i % 8));
        assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
        vrx_buffer_done(&answer);
    }
}

/* Anybody can encrypt a root key of their own to the session; it is no share of this keyring. */
static void custodian_refused_for_a_root_key_of_ones_own(void **state) {
    struct party *party = *state;
    struct custodian thief = fresh_custodian();
    struct vrx_buffer forged = keyring_for("011002", &thief, 1);
    struct vrx_unseal_challenge challenge = vrx_unseal_challenge(party->session);
    struct vrx_buffer answer = {0};
    const struct vrx_custodian_key key = key_of(&thief);
    challenge.keyring = vrx_buffer_view(&forged);
    assert_ok(vrx_unseal_answer(
        vrx_buffer_view(&forged), &key, &challenge, party->exporter, vrx_random_system(), &answer));
    assert_finish(party, party->exporter, &answer, VRX_CUSTODIAN_REFUSED);
    vrx_buffer_done(&answer);
    vrx_buffer_done(&forged);
    custodian_done(&thief);
}

static void answer_refuses_unfit_challenges(void **state) {
    struct party *party = *state;
    const struct vrx_unseal_challenge challenge = vrx_unseal_challenge(party->session);
    struct vrx_buffer other = keyring_for("011002", &party->custodian, 1);
    struct custodian stranger = fresh_custodian();
    struct vrx_buffer out = {0};

    struct vrx_unseal_challenge changed = challenge;
    changed.keyring = vrx_buffer_view(&other);
    assert_reason(answer_to(party, &changed, party->exporter, &out), VRX_VAULT_DAMAGED);
    changed = challenge;
    changed.session_id.len = VRX_UNSEAL_SESSION - 1;
    assert_reason(answer_to(party, &changed, party->exporter, &out), VRX_INPUT_RANGE);
    changed = challenge;
    changed.ephemeral_point.len = VRX_P256_POINT - 1;
    assert_reason(answer_to(party, &changed, party->exporter, &out), VRX_KEY_INVALID);
    uint8_t off_curve[VRX_P256_POINT] = {4, 1};
    changed.ephemeral_point = vrx_view_of(off_curve, sizeof off_curve);
    assert_reason(answer_to(party, &changed, party->exporter, &out), VRX_KEY_INVALID);
    const struct vrx_custodian_key none = key_of(&stranger);
    assert_reason(vrx_unseal_answer(vrx_buffer_view(&party->keyring), &none, &challenge,
                      party->exporter, vrx_random_system(), &out),
        VRX_CUSTODIAN_REFUSED);
    assert_int_equal(out.len, 0);
    custodian_done(&stranger);
    vrx_buffer_done(&other);
}

static void begin_refuses_what_is_no_keyring(void **state) {
    (void)state;
    struct vrx_unseal_session *session = NULL;
    assert_reason(vrx_unseal_begin(vrx_view_text("\xa0"), NOW, vrx_random_system(), &session),
        VRX_INPUT_FIELD_MISSING);
    assert_null(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
        EACH(the_root_key_arrives_and_unlocks),
        EACH(challenge_is_fresh_each_time),
        EACH(rfc9266_answer_of_another_connection),
        EACH(custodian_refused_for_an_answer_of_another_session),
        EACH(custodian_refused_for_a_mixed_challenge),
        EACH(custodian_refused_for_an_answer_of_another_municipality),
        EACH(wrong_state_for_a_replay),
        EACH(a_refused_answer_spoils_nothing),
        EACH(wrong_state_when_its_time_has_passed),
        EACH(k_of_n_shares_come_one_by_one),
        EACH(every_byte_of_an_answer_counts),
        EACH(custodian_refused_for_a_root_key_of_ones_own),
        EACH(answer_refuses_unfit_challenges),
        EACH(begin_refuses_what_is_no_keyring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
