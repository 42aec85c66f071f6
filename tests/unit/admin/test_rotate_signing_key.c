/* SPDX-License-Identifier: Apache-2.0
 *
 * A keyring with a new signing key through the service: what comes in force, what does not, and
 * when the key begins to sign. Sapporo's vault is open.
 */
#include "admin/handlers.h"
#include "admin/key_change.h"
#include "crypto/random.h"
#include "dispatch/message.h"
#include "objects/query.h"
#include "store/signer.h"
#include "support/dispatch_world.h"
#include "vrx/v1/tenancy.pb-c.h"

#define TENANCY "/vrx.v1.Tenancy/"

static struct world_town *sapporo(void) {
    return &dispatch_world.base.town[WORLD_SAPPORO];
}

/* ---- the custodian's side ---- */

static struct vrx_result call(struct vrx_client *client, const char *path,
    const ProtobufCMessage *message, struct vrx_buffer *reply) {
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_message_encode(message, &request));
    return vrx_client_unary(client, path, vrx_buffer_view(&request), 0, reply);
}

static struct vrx_view view(ProtobufCBinaryData bytes) {
    return vrx_view_of(bytes.data, bytes.len);
}

static void answer(struct vrx_client *client, const Vrx__V1__BeginReplaceKeyringResponse *said,
    struct vrx_buffer *out) {
    uint8_t exporter[VRX_TLS_EXPORTER];
    struct vrx_custodian_key custodian;
    const struct vrx_view keyring = vrx_buffer_view(&sapporo()->keyring);
    const struct vrx_unseal_challenge challenge = {
        keyring, view(said->ephemeral_point), view(said->session_id)};
    vrx_client_exporter(client, exporter);
    assert_ok(vrx_custodian_key_here(sapporo()->custodian, &custodian));
    assert_ok(
        vrx_unseal_answer(keyring, &custodian, &challenge, exporter, vrx_random_system(), out));
}

/* Puts Sapporo's keyring, as the test has made it, in force by this method. */
static struct vrx_result put_in_force(const char *method) {
    struct vrx_buffer begun VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer wrapped VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client = dispatch_client(AT_CONSOLE);
    assert_ok(vrx_client_set_metadata(client, "vrx-operator", vrx_view_text("tanaka")));
    Vrx__V1__BeginReplaceKeyringRequest begin = VRX__V1__BEGIN_REPLACE_KEYRING_REQUEST__INIT;
    begin.keyring = (ProtobufCBinaryData){sapporo()->keyring.len, sapporo()->keyring.ptr};
    struct vrx_result result = call(client, TENANCY "BeginReplaceKeyring", &begin.base, &begun);
    if (vrx_is_ok(result)) {
        Vrx__V1__BeginReplaceKeyringResponse *said =
            vrx__v1__begin_replace_keyring_response__unpack(NULL, begun.len, begun.ptr);
        assert_non_null(said);
        answer(client, said, &wrapped);
        /* Both methods' requests have the same fields. */
        Vrx__V1__RotateSigningKeyRequest request = VRX__V1__ROTATE_SIGNING_KEY_REQUEST__INIT;
        request.session_id = said->session_id;
        request.wrapped_root = (ProtobufCBinaryData){wrapped.len, wrapped.ptr};
        result = call(client, method, &request.base, &reply);
        vrx__v1__begin_replace_keyring_response__free_unpacked(said, NULL);
    }
    vrx_client_free(&client);
    return result;
}

/* Makes the next keyring and puts it in force; one that is refused is forgotten. */
static struct vrx_result rotate_by(const char *method, const struct vrx_keyring_renewal *renewal) {
    struct vrx_buffer before = {0};
    assert_ok(vrx_buffer_append(&before, vrx_buffer_view(&sapporo()->keyring)));
    struct vrx_tenant_keys *keys = daemon_world_rotate(sapporo(), renewal);
    vrx_tenant_keys_free(&keys);
    struct vrx_result result = put_in_force(method);
    if (!vrx_is_ok(result)) {
        vrx_buffer_done(&sapporo()->keyring);
        sapporo()->keyring = before;
        before = (struct vrx_buffer){0};
    }
    assert_true(vrx_view_equal(
        vrx_buffer_view(&sapporo()->slot->keyring), vrx_buffer_view(&sapporo()->keyring)));
    vrx_buffer_done(&before);
    return result;
}

static struct vrx_result rotate(bool signing, bool exchange, int64_t overlap) {
    const struct vrx_keyring_renewal renewal = {
        .signing = signing, .exchange = exchange, .now = vrx_clock_seconds(), .overlap = overlap};
    return rotate_by(TENANCY "RotateSigningKey", &renewal);
}

/* ---- what the vault does ---- */

struct seen {
    bool waits;
    uint8_t kid[VRX_DATED_KID];
};

static struct vrx_result look(struct vrx_tenant *tenant, void *arg) {
    struct seen *seen = arg;
    struct vrx_signer_change change;
    struct vrx_signer signer;
    VRX_TRY(vrx_signer_waiting(tenant, &seen->waits, &change));
    VRX_TRY(vrx_signer_at(tenant, vrx_clock_seconds(), &signer));
    memcpy(seen->kid, signer.kid, sizeof seen->kid);
    return vrx_ok();
}

/* After a second of the daemon's clock. */
static struct seen tick(void) {
    struct seen seen;
    vrx_key_change_tick(sapporo()->slot);
    daemon_world_visit(sapporo()->slot, look, &seen);
    return seen;
}

/* The directory with the keys of Sapporo's present keyring, as the platform authority signs it. */
static void announce(void) {
    static struct vrx_dated_key keys[VRX_LIMIT_KEYS];
    struct vrx_keyring keyring;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&sapporo()->keyring), &keyring));
    for (size_t i = 0; i < keyring.signing.count; i++) {
        const struct vrx_published_key *key = &keyring.signing.key[i];
        assert_ok(
            vrx_dated_key_make(key->spki, key->from, i ? key->until : VRX_KEY_NO_END, &keys[i]));
    }
    dispatch_world.base.entry[WORLD_SAPPORO].signing_keys = keys;
    dispatch_world.base.entry[WORLD_SAPPORO].signing_key_count = keyring.signing.count;
    daemon_world_sign_law(&dispatch_world.base);
}

/* Whether this is the keyring's key at that place. */
static bool is_key(const uint8_t kid[VRX_DATED_KID], size_t place) {
    struct vrx_keyring keyring;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&sapporo()->keyring), &keyring));
    return memcmp(keyring.signing.key[place].kid, kid, VRX_DATED_KID) == 0;
}

/* ---- tests, in this order: each goes on with the keyring of the one before ---- */

static void refusal_a_new_key_is_not_other_custodians(void **state) {
    (void)state;
    const struct vrx_keyring_renewal renewal = {
        .signing = true, .now = vrx_clock_seconds(), .overlap = 600};
    assert_reason(rotate_by(TENANCY "ReplaceKeyring", &renewal), VRX_CUSTODIAN_REFUSED);
    assert_false(tick().waits);
}

static void refusal_other_custodians_are_not_a_new_key(void **state) {
    (void)state;
    assert_reason(rotate(false, false, 600), VRX_INPUT_RANGE);
}

static void refusal_a_key_whose_time_begins_in_the_future(void **state) {
    (void)state;
    const struct vrx_keyring_renewal renewal = {
        .signing = true, .now = vrx_clock_seconds() + 3600, .overlap = 600};
    assert_reason(rotate_by(TENANCY "RotateSigningKey", &renewal), VRX_INPUT_RANGE);
    assert_int_equal(daemon_world_last_entry(sapporo()->slot).outcome, VRX_INPUT_RANGE);
}

static void the_key_signs_when_the_directory_names_it(void **state) {
    (void)state;
    assert_ok(rotate(true, false, 600));
    struct seen seen = tick();
    assert_true(seen.waits);
    assert_true(is_key(seen.kid, 1));
    assert_true(tick().waits);
    assert_reason(
        rotate(true, false, 600), VRX_WRONG_STATE); /* it would leave out the key in use */
    announce();
    seen = tick();
    assert_false(seen.waits);
    assert_true(is_key(seen.kid, 0));
    struct world_entry entry = daemon_world_last_entry(sapporo()->slot);
    assert_string_equal(entry.method, "tenancy/signing-key");
    assert_string_equal(entry.terminal, "vrxd");
    assert_memory_equal(entry.basis, "signing key ", 12);
    const uint64_t entries = entry.entries;
    assert_true(is_key(tick().kid, 0));
    assert_int_equal(daemon_world_last_entry(sapporo()->slot).entries, entries);
}

static void without_the_directory_the_key_signs_when_the_old_one_is_over(void **state) {
    (void)state;
    assert_ok(rotate(true, false, 0));
    struct seen seen = tick();
    while (seen.waits) /* to the end of the old key's last second */
        seen = tick();
    assert_true(is_key(seen.kid, 0));
    assert_string_equal(daemon_world_last_entry(sapporo()->slot).method, "tenancy/signing-key");
}

static void refusal_messages_to_the_last_exchange_key_may_be_under_way(void **state) {
    (void)state;
    assert_ok(rotate(false, true, 0));
    assert_reason(rotate(false, true, 0), VRX_WRONG_STATE);
    assert_ok(rotate(true, false, 0)); /* the exchange keys stay */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusal_a_new_key_is_not_other_custodians),
        cmocka_unit_test(refusal_other_custodians_are_not_a_new_key),
        cmocka_unit_test(refusal_a_key_whose_time_begins_in_the_future),
        cmocka_unit_test(the_key_signs_when_the_directory_names_it),
        cmocka_unit_test(without_the_directory_the_key_signs_when_the_old_one_is_over),
        cmocka_unit_test(refusal_messages_to_the_last_exchange_key_may_be_under_way),
    };
    dispatch_world_more = vrx_tenancy_methods;
    dispatch_world_more_count = VRX_TENANCY_METHODS;
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
