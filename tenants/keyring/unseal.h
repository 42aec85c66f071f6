/* SPDX-License-Identifier: Apache-2.0
 *
 * How a root key comes from custodians' machines into the daemon, over TLS:
 *
 *   daemon     vrx_unseal_begin   → challenge: its keyring, a fresh P-256 key, a session id
 *   custodian  vrx_unseal_answer  → that custodian's share, encrypted to the fresh key
 *   daemon     vrx_unseal_take    → how many shares are still missing
 *   daemon     vrx_unseal_finish  → the root key; vrx_keyring_unlock says whether it is the right
 *                                   one
 *
 * As many custodians answer to one session as the keyring's threshold says, each on a connection of
 * their own: an answer is bound to the municipality, the session and the TLS connection (RFC 9266
 * tls-exporter), so that it opens nowhere else. That the fresh key is the daemon's own follows from
 * the TLS server certificate, which the custodian's program must verify.
 *
 * The daemon forgets a session with all its shares when it has finished, and after
 * VRX_UNSEAL_SECONDS.
 */
#ifndef VRX_KEYRING_UNSEAL_H
#define VRX_KEYRING_UNSEAL_H

#include "base/random.h"
#include "codes/municipality_code.h"
#include "keyring/keyring.h"

#define VRX_UNSEAL_SESSION 16  /* bytes of a session id */
#define VRX_UNSEAL_SECONDS 600 /* that a session waits for the custodians */
#define VRX_TLS_EXPORTER 32    /* bytes: RFC 9266 §4.2, label "EXPORTER-Channel-Binding" */

struct vrx_unseal_session; /* the daemon's side, of one thread at a time */

struct vrx_unseal_challenge {
    struct vrx_view keyring;
    struct vrx_view ephemeral_point; /* VRX_P256_POINT bytes */
    struct vrx_view session_id;      /* VRX_UNSEAL_SESSION bytes */
};

/* keyring: the bytes of keyring.cbor, copied. now: seconds of a clock that does not go back.
 * Errors: vrx_keyring_parse's; VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_unseal_begin(struct vrx_view keyring, int64_t now,
    const struct vrx_random *random, struct vrx_unseal_session **ret_session);

/* Whether its time has passed, or its shares were taken out. */
bool vrx_unseal_is_over(const struct vrx_unseal_session *session, int64_t now);

/* What to send to a custodian; the views live as long as the session. */
struct vrx_unseal_challenge vrx_unseal_challenge(const struct vrx_unseal_session *session);

/* On the custodian's machine. keyring is the municipality's own copy: the daemon must present the
 * same bytes. Appends the answer, a COSE_Encrypt. Errors: VRX_VAULT_DAMAGED when the daemon's
 * keyring is another; VRX_CUSTODIAN_REFUSED, VRX_DECRYPT_FAILED and the key's as
 * vrx_keyring_open_share; VRX_INPUT_RANGE, VRX_KEY_INVALID when the challenge is malformed;
 * vrx_keyring_parse's; VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_unseal_answer(struct vrx_view keyring,
    const struct vrx_custodian_key *custodian, const struct vrx_unseal_challenge *challenge,
    const uint8_t exporter[VRX_TLS_EXPORTER], const struct vrx_random *random,
    struct vrx_buffer *out);

/* Keeps the share that came; *ret_missing is how many are wanted still. exporter is that of the
 * connection on which the answer came. A refused answer leaves what was collected before as it is.
 * Errors: VRX_CUSTODIAN_REFUSED when the answer was made for another connection, session or
 * municipality, or is none, when the share is not the one that the keyring knows, or was given
 * before; VRX_WRONG_STATE when nothing is missing, or the session is over; VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_unseal_take(struct vrx_unseal_session *session,
    const uint8_t exporter[VRX_TLS_EXPORTER], struct vrx_view answer, int64_t now,
    size_t *ret_missing);

/* How many shares were taken, and whose: the custodian's place in the keyring's list, from 1. */
size_t vrx_unseal_count(const struct vrx_unseal_session *session);
unsigned vrx_unseal_custodian(const struct vrx_unseal_session *session, size_t at);

/* The root key. Ends the session whatever comes out: its shares and its key are gone. Errors:
 * VRX_WRONG_STATE when shares are missing (then nothing ends) or it was finished before;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_unseal_finish(
    struct vrx_unseal_session *session, struct vrx_secret **ret_root);

/* Accepts NULL; wipes, frees, sets *session to NULL. */
void vrx_unseal_session_free(struct vrx_unseal_session **session);

#endif
