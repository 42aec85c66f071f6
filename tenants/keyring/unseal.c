/* SPDX-License-Identifier: Apache-2.0
 *
 * The unseal exchange. Its COSE_Encrypt has one recipient, the session: the kid is the session id,
 * the key the daemon's fresh one. What the answer is bound to stands in unseal-context of
 * keyring.cddl. Whether the root key that comes out is the right one is not decided here but by
 * what it opens (vrx_keyring_unlock): anybody can encrypt something to a public key.
 */
#include "keyring/unseal.h"

#include <stdlib.h>

#include "cbor/writer.h"
#include "keyring/wrap.h"

static const char context[] = "vrx-unseal-v1";

struct vrx_unseal_session {
    struct vrx_buffer keyring;
    struct vrx_municipality_code municipality;
    struct vrx_private_key *ephemeral; /* NULL once the session was finished */
    uint8_t point[VRX_P256_POINT];
    uint8_t id[VRX_UNSEAL_SESSION];
};

static struct vrx_result put_context(const struct vrx_municipality_code *municipality,
    struct vrx_view session_id, const uint8_t exporter[VRX_TLS_EXPORTER], struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_text(&writer, vrx_view_text(context));
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(municipality));
    vrx_cbor_put_bytes(&writer, session_id);
    vrx_cbor_put_bytes(&writer, vrx_view_of(exporter, VRX_TLS_EXPORTER));
    return vrx_cbor_writer_finish(&writer);
}

static struct vrx_result make_ephemeral(struct vrx_unseal_session *session) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_private_key_new_p256(&session->ephemeral));
    VRX_TRY(vrx_private_key_public(session->ephemeral, &public));
    return vrx_public_key_to_point(public, session->point);
}

struct vrx_result vrx_unseal_begin(struct vrx_view keyring, const struct vrx_random *random,
    struct vrx_unseal_session **ret_session) {
    struct vrx_keyring parsed;
    VRX_TRY(vrx_keyring_parse(keyring, &parsed));
    struct vrx_unseal_session *session VRX_CLEANUP(vrx_unseal_session_free) =
        calloc(1, sizeof *session);
    if (!session)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    session->municipality = parsed.municipality;
    VRX_TRY(vrx_buffer_append(&session->keyring, keyring));
    VRX_TRY(vrx_random_fill(random, session->id, sizeof session->id));
    VRX_TRY(make_ephemeral(session));
    *ret_session = session;
    session = NULL;
    return vrx_ok();
}

struct vrx_unseal_challenge vrx_unseal_challenge(const struct vrx_unseal_session *session) {
    return (struct vrx_unseal_challenge){
        .keyring = vrx_buffer_view(&session->keyring),
        .ephemeral_point = vrx_view_of(session->point, sizeof session->point),
        .session_id = vrx_view_of(session->id, sizeof session->id),
    };
}

struct vrx_result vrx_unseal_answer(struct vrx_view keyring,
    const struct vrx_private_key *custodian, const struct vrx_unseal_challenge *challenge,
    const uint8_t exporter[VRX_TLS_EXPORTER], const struct vrx_random *random,
    struct vrx_buffer *out) {
    struct vrx_public_key *ephemeral VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_keyring parsed;
    if (!vrx_view_equal(keyring, challenge->keyring))
        return vrx_refuse(VRX_VAULT_DAMAGED, "unseal.h: the daemon presents the same keyring");
    if (challenge->session_id.len != VRX_UNSEAL_SESSION)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: unseal-context");
    VRX_TRY(vrx_public_key_from_point(challenge->ephemeral_point, &ephemeral));
    VRX_TRY(vrx_keyring_parse(keyring, &parsed));
    VRX_TRY(vrx_keyring_open_root(&parsed, custodian, &root));
    VRX_TRY(put_context(&parsed.municipality, challenge->session_id, exporter, &external));
    const struct vrx_recipient recipient = {challenge->session_id, ephemeral};
    return vrx_encrypt_make(
        vrx_secret_view(root), vrx_buffer_view(&external), &recipient, 1, random, out);
}

/* What can go wrong on our own side, as against with the answer. */
static bool is_own_failure(enum vrx_reason reason) {
    return reason == VRX_OUT_OF_MEMORY || reason == VRX_CRYPTO_FAILED;
}

struct vrx_result vrx_unseal_finish(struct vrx_unseal_session *session,
    const uint8_t exporter[VRX_TLS_EXPORTER], struct vrx_view answer,
    struct vrx_secret **ret_root) {
    if (!session->ephemeral)
        return vrx_refuse(VRX_WRONG_STATE, "unseal.h: a session finishes once");
    struct vrx_private_key *ephemeral VRX_CLEANUP(vrx_private_key_free) = session->ephemeral;
    session->ephemeral = NULL;
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_view id = vrx_view_of(session->id, sizeof session->id);
    VRX_TRY(put_context(&session->municipality, id, exporter, &external));
    struct vrx_result result =
        vrx_wrap_open_root(answer, vrx_buffer_view(&external), id, ephemeral, ret_root);
    if (vrx_is_ok(result) || is_own_failure(result.reason))
        return result;
    return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: unseal-context");
}

void vrx_unseal_session_free(struct vrx_unseal_session **session) {
    if (!session || !*session)
        return;
    vrx_private_key_free(&(*session)->ephemeral);
    vrx_buffer_done(&(*session)->keyring);
    free(*session);
    *session = NULL;
}
