/* SPDX-License-Identifier: Apache-2.0
 *
 * The unseal exchange. Its COSE_Encrypt has one recipient, the session: the kid is the session id,
 * the key the daemon's fresh one, the same for all custodians. What an answer is bound to stands in
 * unseal-context of keyring.cddl. Whether the root key that comes out is the right one is not
 * decided here but by what it opens (vrx_keyring_unlock): anybody can encrypt something to a public
 * key.
 */
#include "keyring/unseal.h"

#include <stdlib.h>

#include "cbor/writer.h"
#include "keyring/wrap.h"

static const char context[] = "vrx-unseal-v2";

#define ANSWER (1 + VRX_ROOT_KEY) /* index, share */

struct vrx_unseal_session {
    struct vrx_buffer keyring_bytes;
    struct vrx_keyring keyring;        /* its views point into them */
    struct vrx_private_key *ephemeral; /* NULL once the session was finished */
    struct vrx_share shares[VRX_LIMIT_RECIPIENTS];
    size_t count;
    int64_t ends;
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

struct vrx_result vrx_unseal_begin(struct vrx_view keyring, int64_t now,
    const struct vrx_random *random, struct vrx_unseal_session **ret_session) {
    struct vrx_unseal_session *session VRX_CLEANUP(vrx_unseal_session_free) =
        calloc(1, sizeof *session);
    if (!session)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_buffer_append(&session->keyring_bytes, keyring));
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&session->keyring_bytes), &session->keyring));
    VRX_TRY(vrx_random_fill(random, session->id, sizeof session->id));
    VRX_TRY(make_ephemeral(session));
    session->ends = now + VRX_UNSEAL_SECONDS;
    *ret_session = session;
    session = NULL;
    return vrx_ok();
}

bool vrx_unseal_is_over(const struct vrx_unseal_session *session, int64_t now) {
    return !session->ephemeral || now >= session->ends;
}

struct vrx_unseal_challenge vrx_unseal_challenge(const struct vrx_unseal_session *session) {
    return (struct vrx_unseal_challenge){
        .keyring = vrx_buffer_view(&session->keyring_bytes),
        .ephemeral_point = vrx_view_of(session->point, sizeof session->point),
        .session_id = vrx_view_of(session->id, sizeof session->id),
    };
}

struct vrx_result vrx_unseal_answer(struct vrx_view keyring,
    const struct vrx_custodian_key *custodian, const struct vrx_unseal_challenge *challenge,
    const uint8_t exporter[VRX_TLS_EXPORTER], const struct vrx_random *random,
    struct vrx_buffer *out) {
    struct vrx_public_key *ephemeral VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    struct vrx_secret *plaintext VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_keyring parsed;
    if (!vrx_view_equal(keyring, challenge->keyring))
        return vrx_refuse(VRX_VAULT_DAMAGED, "unseal.h: the daemon presents the same keyring");
    if (challenge->session_id.len != VRX_UNSEAL_SESSION)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: unseal-context");
    VRX_TRY(vrx_public_key_from_point(challenge->ephemeral_point, &ephemeral));
    VRX_TRY(vrx_keyring_parse(keyring, &parsed));
    VRX_TRY(vrx_keyring_open_share(&parsed, custodian, &share));
    VRX_TRY(vrx_secret_new(ANSWER, &plaintext));
    plaintext->ptr[0] = (uint8_t)share.index;
    memcpy(plaintext->ptr + 1, share.value->ptr, VRX_ROOT_KEY);
    VRX_TRY(put_context(&parsed.municipality, challenge->session_id, exporter, &external));
    const struct vrx_recipient recipient = {challenge->session_id, ephemeral};
    return vrx_encrypt_make(
        vrx_secret_view(plaintext), vrx_buffer_view(&external), &recipient, 1, random, out);
}

/* What can go wrong on our own side, as against with the answer. */
static bool is_own_failure(enum vrx_reason reason) {
    return reason == VRX_OUT_OF_MEMORY || reason == VRX_CRYPTO_FAILED;
}

static struct vrx_result open_answer(const struct vrx_unseal_session *session,
    const uint8_t exporter[VRX_TLS_EXPORTER], struct vrx_view answer, struct vrx_share *ret_share) {
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_secret *plaintext VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_custodian_key own;
    const struct vrx_view id = vrx_view_of(session->id, sizeof session->id);
    VRX_TRY(vrx_custodian_key_here(session->ephemeral, &own));
    VRX_TRY(put_context(&session->keyring.municipality, id, exporter, &external));
    VRX_TRY(vrx_wrap_open(answer, vrx_buffer_view(&external), id, &own.ecdh, ANSWER, &plaintext));
    VRX_TRY(vrx_secret_new(VRX_ROOT_KEY, &ret_share->value));
    ret_share->index = plaintext->ptr[0];
    memcpy(ret_share->value->ptr, plaintext->ptr + 1, VRX_ROOT_KEY);
    return vrx_keyring_check_share(&session->keyring, ret_share);
}

struct vrx_result vrx_unseal_take(struct vrx_unseal_session *session,
    const uint8_t exporter[VRX_TLS_EXPORTER], struct vrx_view answer, int64_t now,
    size_t *ret_missing) {
    if (vrx_unseal_is_over(session, now) || session->count == session->keyring.threshold)
        return vrx_refuse(VRX_WRONG_STATE, "unseal.h: a session finishes once");
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    struct vrx_result result = open_answer(session, exporter, answer, &share);
    if (!vrx_is_ok(result))
        return is_own_failure(result.reason)
                   ? result
                   : vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: unseal-context");
    for (size_t i = 0; i < session->count; i++)
        if (session->shares[i].index == share.index)
            return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: each custodian once");
    session->shares[session->count++] = share;
    share.value = NULL;
    *ret_missing = session->keyring.threshold - session->count;
    return vrx_ok();
}

size_t vrx_unseal_count(const struct vrx_unseal_session *session) {
    return session->count;
}

unsigned vrx_unseal_custodian(const struct vrx_unseal_session *session, size_t at) {
    return session->shares[at].index;
}

/* Keeps whose shares they were: the audit entry names them. */
static void forget(struct vrx_unseal_session *session) {
    vrx_private_key_free(&session->ephemeral);
    for (size_t i = 0; i < session->count; i++)
        vrx_share_done(&session->shares[i]);
}

struct vrx_result vrx_unseal_finish(
    struct vrx_unseal_session *session, struct vrx_secret **ret_root) {
    if (!session->ephemeral || session->count < session->keyring.threshold)
        return vrx_refuse(VRX_WRONG_STATE, "unseal.h: a session finishes once, with all shares");
    struct vrx_result result =
        vrx_keyring_join(&session->keyring, session->shares, session->count, ret_root);
    forget(session);
    return result;
}

void vrx_unseal_session_free(struct vrx_unseal_session **session) {
    if (!session || !*session)
        return;
    forget(*session);
    vrx_buffer_done(&(*session)->keyring_bytes);
    free(*session);
    *session = NULL;
}
