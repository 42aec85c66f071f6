/* SPDX-License-Identifier: Apache-2.0
 *
 * How a root key comes from a custodian's machine into the daemon, in one exchange over TLS:
 *
 *   daemon     vrx_unseal_begin   → challenge: its keyring, a fresh P-256 key, a session id
 *   custodian  vrx_unseal_answer  → the root key, encrypted to that fresh key
 *   daemon     vrx_unseal_finish  → the root key; vrx_keyring_unlock says whether it is the right
 * one
 *
 * The answer is bound to the municipality, the session and the TLS connection (RFC 9266
 * tls-exporter), so that it opens nowhere else and never again. That the fresh key is the daemon's
 * own follows from the TLS server certificate, which the custodian's program must verify.
 */
#ifndef VRX_KEYRING_UNSEAL_H
#define VRX_KEYRING_UNSEAL_H

#include "base/random.h"
#include "codes/municipality_code.h"
#include "keyring/keyring.h"

#define VRX_UNSEAL_SESSION 16 /* bytes of a session id */
#define VRX_TLS_EXPORTER 32   /* bytes: RFC 9266 §4.2, label "EXPORTER-Channel-Binding" */

struct vrx_unseal_session; /* the daemon's side, of one thread at a time */

struct vrx_unseal_challenge {
    struct vrx_view keyring;
    struct vrx_view ephemeral_point; /* VRX_P256_POINT bytes */
    struct vrx_view session_id;      /* VRX_UNSEAL_SESSION bytes */
};

/* keyring: the bytes of keyring.cbor, copied. Errors: vrx_keyring_parse's; VRX_RANDOM_FAILED,
 * VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_unseal_begin(struct vrx_view keyring, const struct vrx_random *random,
    struct vrx_unseal_session **ret_session);

/* What to send to the custodian; the views live as long as the session. */
struct vrx_unseal_challenge vrx_unseal_challenge(const struct vrx_unseal_session *session);

/* On the custodian's machine. keyring is the municipality's own copy: the daemon must present the
 * same bytes. Appends the answer, a COSE_Encrypt. Errors: VRX_VAULT_DAMAGED when the daemon's
 * keyring is another; VRX_CUSTODIAN_REFUSED, VRX_DECRYPT_FAILED as vrx_keyring_open_root;
 * VRX_INPUT_RANGE, VRX_KEY_INVALID when the challenge is malformed; vrx_keyring_parse's;
 * VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_unseal_answer(struct vrx_view keyring,
    const struct vrx_private_key *custodian, const struct vrx_unseal_challenge *challenge,
    const uint8_t exporter[VRX_TLS_EXPORTER], const struct vrx_random *random,
    struct vrx_buffer *out);

/* Ends the session whatever comes out: its key is gone after the first try. exporter is that of the
 * connection on which the answer came. Errors: VRX_CUSTODIAN_REFUSED when the answer was made for
 * another connection, session or municipality, or is none; VRX_WRONG_STATE when the session was
 * finished before; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_unseal_finish(struct vrx_unseal_session *session,
    const uint8_t exporter[VRX_TLS_EXPORTER], struct vrx_view answer, struct vrx_secret **ret_root);

/* Accepts NULL; wipes, frees, sets *session to NULL. */
void vrx_unseal_session_free(struct vrx_unseal_session **session);

#endif
