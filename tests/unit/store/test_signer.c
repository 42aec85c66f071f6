/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/store/signer.c: which key signs before, at and after a change, and what of it is still
 * believed; with real keyrings, each made from the one before.
 */
#include "store/signer.h"

#include "fixture.h"

#include "keyring/keyring.h"
#include "ledger/ledger.h"
#include "objects/query.h"

#define DAY 86400
#define CHANGED (NOW + DAY) /* when the second key was made */
#define OLD_UNTIL (CHANGED + 7 * DAY)

struct town {
    struct fixture *fixture; /* its tenant is closed: the town's own is used */
    struct vrx_tenant *tenant;
    struct vrx_private_key *custodian;
    struct vrx_buffer keyring[3];
    struct vrx_buffer message;
};

static struct vrx_tenant_keys *unlock(const struct town *town, size_t which) {
    struct vrx_keyring keyring;
    struct vrx_custodian_key custodian;
    struct vrx_share share = {0};
    struct vrx_secret *root = NULL;
    struct vrx_tenant_keys *keys = NULL;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&town->keyring[which]), &keyring));
    assert_ok(vrx_custodian_key_here(town->custodian, &custodian));
    assert_ok(vrx_keyring_open_share(&keyring, &custodian, &share));
    assert_ok(vrx_keyring_join(&keyring, &share, 1, &root));
    assert_ok(vrx_keyring_unlock(&keyring, root, &keys));
    vrx_secret_free(&root);
    vrx_share_done(&share);
    return keys;
}

/* The next keyring, with a new signing key. */
static void rotate(struct town *town, size_t which, int64_t now) {
    struct vrx_keyring old;
    struct vrx_custodian_key custodian;
    struct vrx_share share = {0};
    struct vrx_secret *root = NULL;
    const struct vrx_keyring_renewal renewal = {.signing = true, .now = now, .overlap = 7 * DAY};
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&town->keyring[which - 1]), &old));
    assert_ok(vrx_custodian_key_here(town->custodian, &custodian));
    assert_ok(vrx_keyring_open_share(&old, &custodian, &share));
    assert_ok(vrx_keyring_join(&old, &share, 1, &root));
    assert_ok(
        vrx_keyring_remake(&old, root, NULL, &renewal, vrx_random_system(), &town->keyring[which]));
    vrx_secret_free(&root);
    vrx_share_done(&share);
}

static struct vrx_result try_town(struct town *town, size_t which) {
    struct vrx_municipality_code code = code_of("011002");
    struct vrx_tenant_keys *keys = unlock(town, which);
    assert_ok(vrx_tenant_open(
        town->fixture->folder->vault, &keys, &code, vrx_random_system(), NOW, &town->tenant));
    struct vrx_signer signer;
    return vrx_signer_at(town->tenant, NOW, &signer);
}

static int town_setup(void **state) {
    struct town *town = test_calloc(1, sizeof *town);
    struct vrx_public_key *public = NULL;
    struct vrx_municipality_code code = code_of("011002");
    assert_int_equal(fixture_setup((void **)&town->fixture), 0);
    vrx_tenant_close(&town->fixture->tenant);
    vault_folder_empty(town->fixture->folder);
    assert_ok(vrx_private_key_new_p256(&town->custodian));
    assert_ok(vrx_private_key_public(town->custodian, &public));
    const struct vrx_public_key *keys[] = {public};
    const struct vrx_custodians custodians = {keys, 1, 1};
    assert_ok(vrx_keyring_make(&code, &custodians, NOW, vrx_random_system(), &town->keyring[0]));
    rotate(town, 1, CHANGED);
    rotate(town, 2, OLD_UNTIL + 1);
    vrx_public_key_free(&public);
    assert_ok(try_town(town, 0));
    *state = town;
    return 0;
}

static int town_teardown(void **state) {
    struct town *town = *state;
    void *fixture = town->fixture;
    vrx_tenant_close(&town->tenant);
    vrx_private_key_free(&town->custodian);
    for (size_t i = 0; i < COUNT_OF(town->keyring); i++)
        vrx_buffer_done(&town->keyring[i]);
    vrx_buffer_done(&town->message);
    test_free(town);
    return fixture_teardown(&fixture);
}

static void adopt(struct town *town, size_t which) {
    struct vrx_tenant_keys *keys = unlock(town, which);
    vrx_tenant_adopt_keys(town->tenant, &keys);
}

/* The kid under which this keyring's present key goes. */
static void assert_signs(struct town *town, int64_t time, size_t which) {
    struct vrx_keyring keyring;
    struct vrx_signer signer;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&town->keyring[which]), &keyring));
    assert_ok(vrx_signer_at(town->tenant, time, &signer));
    assert_memory_equal(signer.kid, keyring.signing.key[0].kid, VRX_KID);
}

static void change(struct town *town, uint64_t entry) {
    struct vrx_signer_change waiting;
    bool waits = false;
    assert_ok(vrx_signer_waiting(town->tenant, &waits, &waiting));
    assert_true(waits);
    assert_ok(vrx_signer_change(town->tenant, &waiting, entry, CHANGED));
}

static bool waits(struct town *town) {
    struct vrx_signer_change waiting;
    bool found = false;
    assert_ok(vrx_signer_waiting(town->tenant, &found, &waiting));
    return found;
}

static void sign(struct town *town, int64_t time) {
    const struct vrx_query query = {.asker = code_of("011002"),
        .asked = code_of("122173"),
        .purpose = VRX_PURPOSE_MOVER,
        .permit_id = vrx_view_text("p"),
        .items = (uint64_t[]){VRX_ITEM_DOSE},
        .item_count = 1,
        .individual_number = vrx_view_text("123456789018"),
        .birth_date = {1985, 4, 1},
        .name = vrx_view_text("札幌　花子"),
        .asked_at = time,
        .deadline = time + 1};
    vrx_buffer_clear(&town->message);
    assert_ok(vrx_signer_sign(town->tenant, &vrx_query_schema, &query, &town->message));
}

static struct vrx_result verify(struct town *town) {
    struct vrx_query query;
    return vrx_signer_verify(town->tenant, &vrx_query_schema, vrx_buffer_view(&town->message),
        &town->fixture->arena, &query);
}

static void a_new_key_waits_until_the_change(void **state) {
    struct town *town = *state;
    assert_false(waits(town));
    adopt(town, 1);
    assert_true(waits(town));
    assert_signs(town, CHANGED + 5, 0);
    change(town, 9);
    assert_false(waits(town));
    assert_signs(town, CHANGED + 5, 1);
}

static void the_old_key_signs_nothing_after_its_time(void **state) {
    struct town *town = *state;
    adopt(town, 1);
    assert_signs(town, OLD_UNTIL, 0);
    assert_signs(town, OLD_UNTIL + 1, 1);
    assert_true(waits(town));
}

static void what_each_key_signed_stays_verified(void **state) {
    struct town *town = *state;
    struct vrx_buffer before VRX_CLEANUP(vrx_buffer_done) = {0};
    sign(town, CHANGED + 5);
    assert_ok(verify(town));
    assert_ok(vrx_buffer_append(&before, vrx_buffer_view(&town->message)));
    adopt(town, 1);
    assert_ok(verify(town));
    change(town, 9);
    assert_ok(verify(town));
    sign(town, CHANGED + 6);
    assert_ok(verify(town));
    adopt(town, 2); /* where the first key has no private half any more */
    assert_ok(verify(town));
    vrx_buffer_clear(&town->message);
    assert_ok(vrx_buffer_append(&town->message, vrx_buffer_view(&before)));
    assert_ok(verify(town));
}

/* The old key's private half in the hands of a thief, after the key's time. */
static void refusal_a_new_object_under_the_old_key(void **state) {
    struct town *town = *state;
    sign(town, OLD_UNTIL + 1);
    assert_ok(verify(town)); /* it is the present key: no end is set */
    adopt(town, 1);
    struct vrx_result result = verify(town);
    assert_reason(result, VRX_KEY_NOT_IN_FORCE);
    assert_string_equal(result.clause, "query.asked_at");
}

static void refusal_a_key_that_is_none_of_ours(void **state) {
    struct town *town = *state;
    adopt(town, 1);
    change(town, 9);
    sign(town, CHANGED + 5);
    vrx_tenant_close(&town->tenant);
    vault_folder_empty(town->fixture->folder);
    assert_ok(try_town(town, 0));
    assert_reason(verify(town), VRX_KEY_UNKNOWN);
}

static void the_change_survives_the_end_of_the_process(void **state) {
    struct town *town = *state;
    adopt(town, 1);
    change(town, 9);
    vrx_tenant_close(&town->tenant);
    assert_ok(try_town(town, 1));
    assert_signs(town, CHANGED + 5, 1);
    assert_false(waits(town));
}

/* A keyring that was put back from before the change: it has not the key that the vault knows. */
static void refusal_an_older_keyring_than_the_vault(void **state) {
    struct town *town = *state;
    adopt(town, 1);
    change(town, 9);
    vrx_tenant_close(&town->tenant);
    assert_reason(try_town(town, 0), VRX_VAULT_DAMAGED);
}

static void refusal_nobody_changes_twice(void **state) {
    struct town *town = *state;
    struct vrx_signer_change waiting;
    bool found = false;
    adopt(town, 1);
    assert_ok(vrx_signer_waiting(town->tenant, &found, &waiting));
    assert_ok(vrx_signer_change(town->tenant, &waiting, 9, CHANGED));
    assert_reason(vrx_signer_change(town->tenant, &waiting, 10, CHANGED + 1), VRX_ALREADY_EXISTS);
}

static void append(struct town *town, size_t entries) {
    uint64_t seq = 0;
    sql_run(vrx_tenant_db(town->tenant), "BEGIN IMMEDIATE");
    for (size_t i = 0; i < entries; i++)
        assert_ok(vrx_ledger_append(vrx_tenant_ledger(town->tenant), vrx_view_text("entry"), &seq));
    sql_run(vrx_tenant_db(town->tenant), "COMMIT");
}

static struct vrx_result read_note(
    struct town *town, uint64_t *ret_size, uint8_t ret_kid[VRX_DATED_KID]) {
    struct vrx_checkpoint checkpoint = {0};
    VRX_TRY(
        vrx_signer_read_note(town->tenant, vrx_buffer_view(&town->message), &checkpoint, ret_kid));
    *ret_size = checkpoint.size;
    return vrx_ok();
}

/* The last checkpoint under the old key and the first under the new one, in one ledger. */
static void checkpoints_go_on_across_the_change(void **state) {
    struct town *town = *state;
    uint8_t old_kid[VRX_DATED_KID];
    uint8_t new_kid[VRX_DATED_KID];
    uint64_t size = 0;
    append(town, 9);
    assert_ok(vrx_signer_note(town->tenant, 9, CHANGED, &town->message));
    adopt(town, 1);
    assert_ok(read_note(town, &size, old_kid));
    assert_int_equal(size, 9);
    assert_ok(vrx_signer_check_size(town->tenant, old_kid, 9));
    append(town, 1);
    change(town, 9);
    assert_ok(read_note(town, &size, old_kid));
    assert_ok(vrx_signer_check_size(town->tenant, old_kid, 9));
    vrx_buffer_clear(&town->message);
    assert_ok(vrx_signer_note(town->tenant, 10, CHANGED, &town->message));
    assert_ok(read_note(town, &size, new_kid));
    assert_int_equal(size, 10);
    assert_memory_not_equal(old_kid, new_kid, sizeof old_kid);
    assert_ok(vrx_signer_check_size(town->tenant, new_kid, 10));
    assert_reason(vrx_signer_check_size(town->tenant, old_kid, 10), VRX_KEY_NOT_IN_FORCE);
}

static void refusal_a_checkpoint_by_a_stranger(void **state) {
    struct town *town = *state;
    struct vrx_private_key *stranger = NULL;
    uint8_t kid[VRX_DATED_KID] = {0};
    uint64_t size = 0;
    append(town, 3);
    assert_ok(vrx_private_key_new_p256(&stranger));
    assert_ok(vrx_ledger_checkpoint(vrx_tenant_ledger(town->tenant), 3,
        vrx_tenant_code(town->tenant), stranger, &town->message));
    adopt(town, 1);
    assert_reason(read_note(town, &size, kid), VRX_KEY_UNKNOWN);
    vrx_private_key_free(&stranger);
}

#define TOWN_TEST(name) cmocka_unit_test_setup_teardown(name, town_setup, town_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN_TEST(a_new_key_waits_until_the_change),
        TOWN_TEST(the_old_key_signs_nothing_after_its_time),
        TOWN_TEST(what_each_key_signed_stays_verified),
        TOWN_TEST(refusal_a_new_object_under_the_old_key),
        TOWN_TEST(refusal_a_key_that_is_none_of_ours),
        TOWN_TEST(the_change_survives_the_end_of_the_process),
        TOWN_TEST(refusal_an_older_keyring_than_the_vault),
        TOWN_TEST(refusal_nobody_changes_twice),
        TOWN_TEST(checkpoints_go_on_across_the_change),
        TOWN_TEST(refusal_a_checkpoint_by_a_stranger),
    };
    return cmocka_run_group_tests_name("store/signer", tests, NULL, NULL);
}
