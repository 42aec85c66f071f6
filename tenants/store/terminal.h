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

#define VRX_LIMIT_LABEL 192      /* bytes: 64 characters */
#define VRX_LIMIT_TERMINALS 4096 /* of one municipality; the largest has 10 wards */

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
};

/* Registers an active terminal; state is not looked at. Errors: VRX_INPUT_RANGE (kind),
 * VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT (label); VRX_ALREADY_EXISTS; VRX_CAP_REACHED. */
struct vrx_result vrx_terminal_register(
    struct vrx_tenant *tenant, const struct vrx_terminal *terminal);

/* In any state. Errors: VRX_TERMINAL_UNKNOWN. */
struct vrx_result vrx_terminal_find(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t spki_sha256[VRX_DIGEST], struct vrx_terminal *ret_terminal);

/* All, in order of registration. */
struct vrx_result vrx_terminal_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_terminal **ret_terminals, size_t *ret_count);

/* For good, as far as this version goes. Errors: VRX_TERMINAL_UNKNOWN; VRX_WRONG_STATE when it is
 * suspended already. */
struct vrx_result vrx_terminal_suspend(
    struct vrx_tenant *tenant, const uint8_t spki_sha256[VRX_DIGEST], int64_t now);

/* How many of this kind are active: a first console is registered by the first unseal, and the
 * last one is not to be suspended. */
struct vrx_result vrx_terminal_count(
    struct vrx_tenant *tenant, enum vrx_terminal_kind kind, size_t *ret_count);

#endif
