/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is logged in: in memory only, so that a restart ends every session. A session belongs to one
 * terminal of one owner (the municipality's slot) and is found by the SHA-256 of its token, which
 * is not kept. It ends when it was not used for the idle time, at its end in any case, and when it
 * is ended.
 *
 * Thread-safe. The table is in stripes by terminal, each with a lock of its own: look-ups of one
 * terminal meet nobody else's, and share theirs.
 */
#ifndef VRX_AUTH_SESSION_H
#define VRX_AUTH_SESSION_H

#include "auth/registry.h"
#include "base/limits.h"
#include "base/random.h"

#define VRX_SESSION_TOKEN 43           /* characters: 32 random bytes in base64url (RFC 4648 §5) */
#define VRX_SESSION_DIGEST 32          /* bytes */
#define VRX_LIMIT_TERMINAL_SESSIONS 32 /* a desk has a few clerks; the one unused longest ends */
#define VRX_LIMIT_TENANT_SESSIONS 16384

struct vrx_session {
    char operator_id[VRX_LIMIT_OPERATOR + 1];
    unsigned roles;      /* enum vrx_role */
    bool pin_change_due; /* it may do nothing else */
};

/* Where a session is valid, and which it is. */
struct vrx_session_key {
    const void *owner;
    uint8_t terminal_spki[VRX_SPKI_DIGEST];
    uint8_t digest[VRX_SESSION_DIGEST];
};

struct vrx_sessions;

/* Both in milliseconds. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_sessions_new(
    int64_t idle_ms, int64_t length_ms, struct vrx_sessions **ret_sessions);
/* Accepts NULL. */
void vrx_sessions_free(struct vrx_sessions **sessions);

/* The digest of a token as a caller shows it. Errors: VRX_SESSION_ENDED for what is no token. */
struct vrx_result vrx_session_digest(struct vrx_view token, uint8_t ret_digest[VRX_SESSION_DIGEST]);

/* A new session at this terminal; its digest is written to key, and its token, NUL-terminated.
 * now_ms as in vrx_session_find. Errors: VRX_CAP_REACHED (of the owner), VRX_OUT_OF_MEMORY,
 * VRX_RANDOM_FAILED. */
struct vrx_result vrx_session_begin(struct vrx_sessions *sessions, struct vrx_session_key *key,
    const struct vrx_session *session, const struct vrx_random *random, int64_t now_ms,
    char ret_token[VRX_SESSION_TOKEN + 1]);

/* now_ms: of a clock that nobody sets. used: by its caller, so that its idle time begins anew.
 * Errors: VRX_SESSION_ENDED, also for one of another terminal or owner. */
struct vrx_result vrx_session_find(struct vrx_sessions *sessions, const struct vrx_session_key *key,
    int64_t now_ms, bool used, struct vrx_session *ret_session);

/* Each ends what there is, which may be nothing. except may be NULL. */
void vrx_session_end(struct vrx_sessions *sessions, const struct vrx_session_key *key);
void vrx_session_end_operator(struct vrx_sessions *sessions, const void *owner,
    const char *operator_id, const struct vrx_session_key *except);
void vrx_session_end_terminal(
    struct vrx_sessions *sessions, const void *owner, const uint8_t terminal_spki[VRX_SPKI_DIGEST]);
void vrx_session_end_owner(struct vrx_sessions *sessions, const void *owner);

/* The operator has changed the PIN. */
void vrx_session_pin_changed(struct vrx_sessions *sessions, const struct vrx_session_key *key);

/* Forgets the sessions that are over; tells each one's owner, without a lock held. */
void vrx_session_sweep(struct vrx_sessions *sessions, int64_t now_ms,
    void (*over)(void *context, const void *owner), void *context);

#endif
