/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/revocation_list.h"

#include <stdlib.h>

#include "cose/sign1.h"
#include "support/check.h"
#include "support/hex.h"
#include "support/signers.h"

#define NOW INT64_C(1650000000)
#define RID "MKyCxh7p6uQ"

static const struct vrx_revocation_dating dating = {7, NOW, NOW + 86400};

struct fixture {
    struct vrx_private_key *authority;
    struct vrx_public_key *authority_public;
    struct test_signer csca;
    struct test_signer dsc[2];
    struct vrx_revocation_set set;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_ok(vrx_private_key_new_p256(&fixture->authority));
    assert_ok(vrx_private_key_public(fixture->authority, &fixture->authority_public));
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &fixture->csca);
    for (uint8_t i = 0; i < 2; i++)
        test_certificate(VRX_PROFILE_DSC_VACCINATION, &fixture->csca, (uint8_t)(i + 10), TEST_FROM,
            TEST_UNTIL, &fixture->dsc[i]);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_revocation_set_done(&fixture->set);
    for (size_t i = 0; i < 2; i++)
        test_signer_done(&fixture->dsc[i]);
    test_signer_done(&fixture->csca);
    vrx_public_key_free(&fixture->authority_public);
    vrx_private_key_free(&fixture->authority);
    free(fixture);
    return 0;
}

static struct vrx_buffer sign(struct fixture *fixture) {
    struct vrx_buffer message = {0};
    assert_ok(vrx_revocation_list_sign(
        &fixture->set, &dating, fixture->authority, vrx_view_text("authority"), &message));
    return message;
}

/* Signed and read again. */
static struct vrx_revocation_list *round_trip(struct fixture *fixture) {
    struct vrx_revocation_list *list = NULL;
    struct vrx_buffer message = sign(fixture);
    assert_ok(
        vrx_revocation_list_parse(vrx_buffer_view(&message), fixture->authority_public, &list));
    vrx_buffer_done(&message);
    return list;
}

static void fill(uint8_t hash[VRX_REVOCATION_HASH], unsigned number) {
    memset(hash, 0, VRX_REVOCATION_HASH);
    hash[0] = (uint8_t)(number * 37);
    hash[1] = (uint8_t)number;
}

static void add(struct fixture *fixture, unsigned number) {
    uint8_t hash[VRX_REVOCATION_HASH];
    fill(hash, number);
    assert_ok(vrx_revocation_set_add_hashes(&fixture->set, vrx_view_of(hash, sizeof hash)));
}

static void what_was_added_is_found_and_nothing_else(void **state) {
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 200; i += 2)
        add(fixture, i);
    struct vrx_revocation_list *list = round_trip(fixture);
    assert_int_equal(vrx_revocation_list_count(list, VRX_REVOKED_CERTIFICATES), 100);
    assert_int_equal(vrx_revocation_list_hashes(list).len, 100 * VRX_REVOCATION_HASH);
    for (unsigned i = 0; i < 200; i++) {
        uint8_t hash[VRX_REVOCATION_HASH];
        fill(hash, i);
        assert_int_equal(vrx_revocation_list_has_hash(list, hash), i % 2 == 0);
        hash[15] ^= 1;
        assert_false(vrx_revocation_list_has_hash(list, hash));
    }
    const struct vrx_revocation_dating found = vrx_revocation_list_dating(list);
    assert_int_equal(found.version, 7);
    assert_int_equal(found.issued, NOW);
    assert_int_equal(found.next_update, NOW + 86400);
    vrx_revocation_list_free(&list);
}

static void an_empty_list_names_nothing(void **state) {
    const uint8_t hash[VRX_REVOCATION_HASH] = {0};
    bool revoked = true;
    const uint8_t thumbprint[VRX_THUMBPRINT] = {0};
    struct vrx_revocation_list *list = round_trip(*state);
    assert_false(vrx_revocation_list_has_hash(list, hash));
    assert_false(vrx_revocation_list_has_prefix(list, hash));
    assert_false(vrx_revocation_list_speaks_of(list, hash));
    assert_false(vrx_revocation_list_has_signer(list, hash));
    assert_ok(vrx_revocation_list_has_card(list, thumbprint, vrx_view_text(RID), NOW, &revoked));
    assert_false(revoked);
    vrx_revocation_list_free(&list);
}

/* The same set in another order, with some of it twice, is the same list. */
static void a_list_is_reproducible(void **state) {
    struct fixture *fixture = *state;
    struct vrx_sign1 parsed[2];
    for (unsigned i = 0; i < 50; i++)
        add(fixture, i);
    struct vrx_buffer first = sign(fixture);
    vrx_revocation_set_done(&fixture->set);
    for (unsigned i = 50; i; i--)
        add(fixture, i - 1);
    add(fixture, 3);
    struct vrx_buffer second = sign(fixture);
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&first), &parsed[0]));
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&second), &parsed[1]));
    assert_true(vrx_view_equal(parsed[0].payload, parsed[1].payload));
    vrx_buffer_done(&first);
    vrx_buffer_done(&second);
}

static void sixty_bits_find_their_hash(void **state) {
    struct fixture *fixture = *state;
    static const char uvci[] = "URN:UVCI:01:JP:ABCDEFGHIJKLMNOPQRSTUVWXYZ#3";
    uint8_t hash[VRX_REVOCATION_HASH];
    uint8_t prefix[8];
    char id[VRX_VDS_ID_TEXT + 1];
    assert_ok(vrx_identifier_hash(vrx_view_text(uvci), hash));
    assert_ok(vrx_identifier_vds(vrx_view_text(uvci), id));
    assert_true(vrx_identifier_of_vds(vrx_view_text(id), prefix));
    for (unsigned i = 0; i < 20; i++)
        add(fixture, i);
    struct vrx_revocation_list *without = round_trip(fixture);
    assert_false(vrx_revocation_list_has_prefix(without, prefix));
    assert_ok(vrx_revocation_set_add_hashes(&fixture->set, vrx_view_of(hash, sizeof hash)));
    struct vrx_revocation_list *with = round_trip(fixture);
    assert_true(vrx_revocation_list_has_prefix(with, prefix));
    for (size_t bit = 0; bit < 60; bit++) {
        prefix[bit / 8] = (uint8_t)(prefix[bit / 8] ^ 0x80 >> bit % 8);
        assert_false(vrx_revocation_list_has_prefix(with, prefix));
        prefix[bit / 8] = (uint8_t)(prefix[bit / 8] ^ 0x80 >> bit % 8);
    }
    vrx_revocation_list_free(&without);
    vrx_revocation_list_free(&with);
}

static bool has_card(
    const struct vrx_revocation_list *list, uint8_t key, const char *rid, int64_t issued) {
    const uint8_t thumbprint[VRX_THUMBPRINT] = {key};
    bool revoked = false;
    assert_ok(vrx_revocation_list_has_card(list, thumbprint, vrx_view_text(rid), issued, &revoked));
    return revoked;
}

static void add_card(struct fixture *fixture, uint8_t key, const char *rid, int64_t before) {
    const uint8_t thumbprint[VRX_THUMBPRINT] = {key};
    assert_ok(vrx_revocation_set_add_card(&fixture->set, thumbprint, vrx_view_text(rid), before));
}

/* SMART Health Cards 1.4: a rid with a time revokes what was issued before it. */
static void cards_until_a_time(void **state) {
    struct fixture *fixture = *state;
    add_card(fixture, 1, RID, VRX_REVOKED_ALWAYS);
    add_card(fixture, 1, "timed", NOW);
    add_card(fixture, 1, "timed", NOW - 10);
    add_card(fixture, 1, "epoch", 0);
    struct vrx_revocation_list *list = round_trip(fixture);
    assert_int_equal(vrx_revocation_list_count(list, VRX_REVOKED_CARDS), 4);
    assert_true(has_card(list, 1, RID, 0));
    assert_true(has_card(list, 1, RID, INT64_MAX));
    assert_true(has_card(list, 1, "timed", NOW - 1));
    assert_false(has_card(list, 1, "timed", NOW));
    assert_true(has_card(list, 1, "timed", -1));
    assert_false(has_card(list, 1, "epoch", 0));
    assert_false(has_card(list, 2, RID, 0));
    assert_false(has_card(list, 1, "MKyCxh7p6uq", 0));
    vrx_revocation_list_free(&list);
}

static struct vrx_crl *crl_of(const struct fixture *fixture, const struct test_signer *revoked) {
    struct vrx_revocation line = {.time = NOW};
    struct vrx_crl *crl = NULL;
    assert_ok(vrx_certificate_serial(revoked->cert, &line.serial));
    const struct vrx_crl_request request = {1, NOW, NOW + 86400, &line, 1};
    assert_ok(vrx_crl_make(&request, fixture->csca.cert, fixture->csca.key, &crl));
    return crl;
}

static void signers_by_their_authoritys_list(void **state) {
    struct fixture *fixture = *state;
    struct vrx_signer_names names[2];
    struct vrx_public_key *key = NULL;
    struct vrx_crl *crl = crl_of(fixture, &fixture->dsc[1]);
    assert_ok(vrx_revocation_set_add_crl(&fixture->set, crl, fixture->csca.cert));
    assert_ok(vrx_private_key_public(fixture->dsc[0].key, &key));
    assert_ok(vrx_revocation_set_add_key(&fixture->set, key));
    struct vrx_revocation_list *list = round_trip(fixture);
    for (size_t i = 0; i < 2; i++) {
        assert_ok(vrx_signer_names_of(fixture->dsc[i].cert, &names[i]));
        assert_int_equal(vrx_revocation_list_has_signer(list, names[i].certificate), i == 1);
        assert_int_equal(vrx_revocation_list_speaks_of(list, names[i].key), i == 0);
    }
    uint8_t point[VRX_P256_POINT];
    uint8_t thumbprint[VRX_THUMBPRINT];
    vrx_private_key_point(fixture->dsc[0].key, point);
    assert_ok(vrx_thumbprint(point, thumbprint));
    assert_true(vrx_revocation_list_speaks_of(list, thumbprint));
    vrx_revocation_list_free(&list);
    vrx_public_key_free(&key);
    vrx_crl_free(&crl);
}

static void refusal_rfc_5280_6_3_3_list_of_another_authority(void **state) {
    struct fixture *fixture = *state;
    struct vrx_crl *crl = crl_of(fixture, &fixture->dsc[1]);
    assert_reason(vrx_revocation_set_add_crl(&fixture->set, crl, fixture->dsc[0].cert),
        VRX_CERTIFICATE_INVALID);
    assert_int_equal(fixture->set.table[VRX_REVOKED_SIGNERS].len, 0);
    vrx_crl_free(&crl);
}

static void what_was_revoked_stays(void **state) {
    struct fixture *fixture = *state;
    add(fixture, 1);
    add_card(fixture, 1, RID, 5);
    struct vrx_revocation_list *before = round_trip(fixture);
    vrx_revocation_set_done(&fixture->set);
    add(fixture, 2);
    assert_ok(vrx_revocation_set_add_list(&fixture->set, before));
    struct vrx_revocation_list *after = round_trip(fixture);
    assert_int_equal(vrx_revocation_list_count(after, VRX_REVOKED_CERTIFICATES), 2);
    assert_true(has_card(after, 1, RID, 4));
    vrx_revocation_list_free(&before);
    vrx_revocation_list_free(&after);
}

/* ---- refusals ---- */

static void expect(const struct fixture *fixture, const char *name, const char *hex,
    const struct vrx_public_key *authority, enum vrx_reason reason) {
    uint8_t payload[256];
    struct vrx_buffer message = {0};
    struct vrx_revocation_list *list = NULL;
    const size_t len = test_hex(hex, payload, sizeof payload);
    assert_ok(vrx_sign1_make(vrx_view_of(payload, len), vrx_view_text(name), fixture->authority,
        vrx_view_text("a"), &message));
    assert_reason(vrx_revocation_list_parse(vrx_buffer_view(&message), authority, &list), reason);
    assert_null(list);
    vrx_buffer_done(&message);
}

#define ZERO "00000000000000000000000000000000"
#define ONE "00000000000000000000000000000001"
#define HEAD "a701010202030304"

static void refusal_revocation_list_cddl(void **state) {
    static const struct {
        const char *payload;
        enum vrx_reason reason;
    } rows[] = {
        {"80", VRX_INPUT_TYPE},
        {"a6010102020303044005400640", VRX_INPUT_FIELD_MISSING},
        {"a70101020203030540064007400840", VRX_INPUT_FIELD_UNKNOWN},
        {"a70100020203030440054006400740", VRX_INPUT_RANGE},
        {"a70101022003030440054006400740", VRX_INPUT_RANGE},
        {HEAD "4100"
              "054006400740",
            VRX_INPUT_RANGE},
        {HEAD "5820" ZERO ZERO "054006400740", VRX_INPUT_RANGE},
        {HEAD "5820" ONE ZERO "054006400740", VRX_INPUT_RANGE},
        {HEAD "40054006"
              "50" ZERO "0740",
            VRX_INPUT_RANGE},
        {HEAD "60054006400740", VRX_INPUT_TYPE},
        {HEAD "40054006400740"
              "00",
            VRX_INPUT_TRAILING},
    };
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(fixture, "vrx.revocation-list.1", rows[i].payload, fixture->authority_public,
            rows[i].reason);
}

static void refusal_rfc_9052_4_4_other_object_or_authority(void **state) {
    struct fixture *fixture = *state;
    struct vrx_public_key *other = NULL;
    assert_ok(vrx_private_key_public(fixture->csca.key, &other));
    expect(fixture, "vrx.trust-list.1", "80", fixture->authority_public, VRX_SIGNATURE_INVALID);
    expect(fixture, "vrx.revocation-list.1", "80", other, VRX_SIGNATURE_INVALID);
    vrx_public_key_free(&other);
}

static void refusal_what_no_list_could_hold(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_revocation_dating backwards = {1, NOW, NOW - 1};
    struct vrx_buffer out = {0};
    assert_reason(vrx_revocation_set_add_hashes(&fixture->set, vrx_view_text("fifteen bytes..")),
        VRX_INPUT_RANGE);
    assert_reason(vrx_revocation_list_sign(
                      &fixture->set, &backwards, fixture->authority, vrx_view_text("a"), &out),
        VRX_INPUT_RANGE);
    assert_int_equal(out.len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_added_is_found_and_nothing_else),
        TEST(an_empty_list_names_nothing),
        TEST(a_list_is_reproducible),
        TEST(sixty_bits_find_their_hash),
        TEST(cards_until_a_time),
        TEST(signers_by_their_authoritys_list),
        TEST(refusal_rfc_5280_6_3_3_list_of_another_authority),
        TEST(what_was_revoked_stays),
        TEST(refusal_revocation_list_cddl),
        TEST(refusal_rfc_9052_4_4_other_object_or_authority),
        TEST(refusal_what_no_list_could_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
