/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminals that this municipality registered: known by the SHA-256 of their certificate's
 * SubjectPublicKeyInfo, never by a name. That a terminal belongs to one municipality only is the
 * daemon's to see to: a vault knows of no other.
 */
#ifndef VRX_STORE_TERMINAL_H
#define VRX_STORE_TERMINAL_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

#define VRX_LIMIT_LABEL 192 /* bytes: 64 characters */
/* Of one municipality, those that others took the place of included; the largest has 10 wards. */
#define VRX_LIMIT_TERMINALS 4096

/* Values of TerminalKind in proto/vrx/v1/common.proto, and PEER. */
enum vrx_terminal_kind {
    VRX_TERMINAL_HEALTH_SYSTEM = 1,
    VRX_TERMINAL_COUNTER = 2,
    VRX_TERMINAL_KIOSK = 3,
    VRX_TERMINAL_CONSOLE = 4,
    VRX_TERMINAL_PEER = 5, /* another municipality's daemon */
};

enum vrx_terminal_state {
    VRX_TERMINAL_STATE_ACTIVE = 1,
    VRX_TERMINAL_STATE_SUSPENDED = 2,
};

struct vrx_terminal {
    uint8_t spki_sha256[VRX_DIGEST];
    enum vrx_terminal_kind kind;
    struct vrx_view label; /* for people; may be empty */
    enum vrx_terminal_state state;
    int64_t registered_at;
    int64_t changed_at;        /* its state, or what took its place */
    int64_t certificate_from;  /* validity of its certificate, seconds; 0: not known */
    int64_t certificate_until; /* inclusive */
    bool replaced;             /* suspended for good: another took its place */
    uint8_t successor[VRX_DIGEST];
};

/* Registers an active terminal; its key, kind, label, certificate and the time count. Errors:
 * VRX_INPUT_RANGE (kind), VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT (label); VRX_ALREADY_EXISTS;
 * VRX_CAP_REACHED. */
struct vrx_result vrx_terminal_register(
    struct vrx_tenant *tenant, const struct vrx_terminal *terminal);

/* In any state. Errors: VRX_TERMINAL_UNKNOWN. */
struct vrx_result vrx_terminal_find(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t spki_sha256[VRX_DIGEST], struct vrx_terminal *ret_terminal);

/* All, in order of registration. */
struct vrx_result vrx_terminal_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_terminal **ret_terminals, size_t *ret_count);

/* From now on it may not call. Errors: VRX_TERMINAL_UNKNOWN; VRX_WRONG_STATE when it is suspended
 * already; VRX_LAST_CONSOLE for the only active console: nobody could unseal or suspend any more.
 */
struct vrx_result vrx_terminal_suspend(
    struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST], int64_t now);

/* Ends a suspension. Errors: VRX_TERMINAL_UNKNOWN; VRX_WRONG_STATE when it is active, or when
 * another took its place. */
struct vrx_result vrx_terminal_reinstate(
    struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST], int64_t now);

/* Registers fresh with the kind and the label of old, active or suspended, which is suspended for
 * good; of fresh the key, the certificate and the time count. *ret_kind: of both. Errors:
 * VRX_TERMINAL_UNKNOWN; VRX_WRONG_STATE when another took old's place before;
 * vrx_terminal_register's.
 */
struct vrx_result vrx_terminal_replace(struct vrx_tenant *tenant, const uint8_t old[VRX_DIGEST],
    const struct vrx_terminal *fresh, enum vrx_terminal_kind *ret_kind);

/* The terminal has shown a certificate that is valid so long. Nothing where it is unknown. */
struct vrx_result vrx_terminal_seen(struct vrx_tenant *tenant,
    const uint8_t spki_sha256[VRX_DIGEST], int64_t certificate_from, int64_t certificate_until);

/* How many of this kind are active: a first console is registered by the first unseal, and the
 * last one is not to be suspended. */
struct vrx_result vrx_terminal_count(
    struct vrx_tenant *tenant, enum vrx_terminal_kind kind, size_t *ret_count);

#endif
