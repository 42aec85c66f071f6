/* SPDX-License-Identifier: Apache-2.0
 *
 * The people of this municipality who log in: what each may do, and what their PIN and their
 * authenticator's codes are verified with. Nothing here knows of hashing: a verifier is text.
 */
#ifndef VRX_STORE_OPERATOR_H
#define VRX_STORE_OPERATOR_H

#include "base/arena.h"
#include "base/limits.h"
#include "store/tenant.h"

#define VRX_LIMIT_OPERATOR_NAME 192 /* bytes: 64 characters */
#define VRX_LIMIT_OPERATORS 4096    /* of one municipality: as many as terminals */
#define VRX_PIN_VERIFIER 128        /* bytes with its NUL; Argon2's takes 98 */
#define VRX_TOTP_SECRET 20          /* bytes: RFC 4226 §4 R6 recommends 160 bits */

/* Bits 1u << value of Role in proto/vrx/v1/operators.proto. */
enum vrx_role {
    VRX_ROLE_REGISTRAR = 1 << 1,
    VRX_ROLE_MOVERS_DESK = 1 << 2,
    VRX_ROLE_APPROVER = 1 << 3,
    VRX_ROLE_CERTIFICATE_CLERK = 1 << 4,
    VRX_ROLE_AUDITOR = 1 << 5,
    VRX_ROLE_KEY_CUSTODIAN = 1 << 6,
    VRX_ROLE_ADMINISTRATOR = 1 << 7,
};
#define VRX_ROLE_COUNT 7
#define VRX_ROLE_ANY 0xfeu /* all of them */

/* Values of OperatorState in proto/vrx/v1/operators.proto. */
enum vrx_operator_state {
    VRX_OPERATOR_STATE_ACTIVE = 1,
    VRX_OPERATOR_STATE_SUSPENDED = 2,
};

struct vrx_operator {
    struct vrx_view id;   /* ASCII without spaces */
    struct vrx_view name; /* for people; may be empty */
    unsigned roles;       /* enum vrx_role; at least one */
    enum vrx_operator_state state;
    bool pin_change_due;
    int64_t log_ins;        /* that went well */
    int64_t last_log_in_at; /* 0: none did */
    int64_t registered_at;
};

/* Secret; the holder wipes it. */
struct vrx_credentials {
    char pin_verifier[VRX_PIN_VERIFIER];
    uint8_t totp_secret[VRX_TOTP_SECRET];
    /* Only read: */
    enum vrx_operator_state state;
    unsigned roles;
    bool pin_change_due;
    int64_t used_step; /* of the last code that opened; 0: none did */
    int64_t version;   /* changes with all of these but used_step */
};

/* 1 to VRX_LIMIT_OPERATOR characters of ASCII without spaces, as they stand in the ledger. Errors:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT. */
struct vrx_result vrx_operator_id_check(struct vrx_view id);

/* Registers an active operator whose PIN is due for change: id, name, roles and registered_at are
 * looked at, of the credentials verifier and secret. Errors: vrx_operator_id_check's,
 * VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT (name); VRX_INPUT_RANGE (roles); VRX_ALREADY_EXISTS;
 * VRX_CAP_REACHED. */
struct vrx_result vrx_operator_register(struct vrx_tenant *tenant,
    const struct vrx_operator *registered, const struct vrx_credentials *credentials);

/* In any state. */
struct vrx_result vrx_operator_count(struct vrx_tenant *tenant, size_t *ret_count);

/* Active ones. */
struct vrx_result vrx_operator_count_administrators(struct vrx_tenant *tenant, size_t *ret_count);

/* All, in order of registration. */
struct vrx_result vrx_operator_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_operator **ret_operators, size_t *ret_count);

/* In any state. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_operator_credentials(
    struct vrx_tenant *tenant, struct vrx_view id, struct vrx_credentials *ret_credentials);

/* A log-in went well, with the code of this step: no code of it or before opens again. Errors:
 * VRX_CONFLICT when such a code has opened meanwhile, or there is no such operator. */
struct vrx_result vrx_operator_logged_in(
    struct vrx_tenant *tenant, struct vrx_view id, int64_t step, int64_t now);

/* Errors: VRX_NOT_FOUND; VRX_INPUT_RANGE (roles); VRX_LAST_ADMINISTRATOR when no active
 * administrator would be left. */
struct vrx_result vrx_operator_set_roles(
    struct vrx_tenant *tenant, struct vrx_view id, unsigned roles, int64_t now);

/* Errors: VRX_NOT_FOUND; VRX_WRONG_STATE when that is the state; VRX_LAST_ADMINISTRATOR. */
struct vrx_result vrx_operator_set_state(
    struct vrx_tenant *tenant, struct vrx_view id, enum vrx_operator_state state, int64_t now);

/* The operator's own change: none is due afterwards. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_operator_set_pin(
    struct vrx_tenant *tenant, struct vrx_view id, const char *verifier, int64_t now);

/* Another secret and another PIN, which is due for change. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_operator_reset(struct vrx_tenant *tenant, struct vrx_view id,
    const struct vrx_credentials *credentials, int64_t now);

/* Failed attempts to log in, by digest of what they are counted for. */
struct vrx_attempts {
    int64_t failures;
    int64_t began_at;   /* when the first of them was */
    int64_t wait_until; /* nothing is tried before; 0: nothing waits */
};

/* All zero where none is kept. */
struct vrx_result vrx_attempts_get(
    struct vrx_tenant *tenant, const uint8_t what[32], struct vrx_attempts *ret_attempts);
/* No failures: forgets them. Forgets, too, all that was not touched for a week. */
struct vrx_result vrx_attempts_put(struct vrx_tenant *tenant, const uint8_t what[32],
    const struct vrx_attempts *attempts, int64_t now);

#endif
