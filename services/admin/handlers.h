/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Tenancy; proto/vrx/v1/tenancy.proto says what each does.
 */
#ifndef VRX_ADMIN_HANDLERS_H
#define VRX_ADMIN_HANDLERS_H

#include "dispatch/method.h"
#include "store/integrity.h"

#define VRX_TENANCY_PURPOSE "administration of the municipality's vault"

#define VRX_HANDLER(name) \
    struct vrx_result vrx_tenancy_##name( \
        struct vrx_context *context, const void *request, void *reply)

VRX_HANDLER(create);
VRX_HANDLER(retire);
VRX_HANDLER(begin_unseal);
VRX_HANDLER(unseal);
VRX_HANDLER(begin_replace_keyring);
VRX_HANDLER(replace_keyring);
VRX_HANDLER(rotate_signing_key);
VRX_HANDLER(seal);
VRX_HANDLER(register_terminal);
VRX_HANDLER(suspend_terminal);
VRX_HANDLER(reinstate_terminal);
VRX_HANDLER(replace_terminal);
VRX_HANDLER(list_terminals);
VRX_HANDLER(status);

#undef VRX_HANDLER

struct vrx_check_state {
    struct vrx_integrity check;
    bool read_pages;          /* due after this step's commit */
    struct vrx_result failed; /* how that went */
};
struct vrx_result vrx_tenancy_check_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
void vrx_tenancy_check_committed(struct vrx_context *context);

struct vrx_rotate_state {
    bool begun;               /* something was to be moved */
    bool ending;              /* this step has the entry of the end */
    bool due;                 /* after this step's commit */
    struct vrx_result failed; /* how that went */
};
struct vrx_result vrx_tenancy_rotate_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
void vrx_tenancy_rotate_committed(struct vrx_context *context);

/* What the registry takes over after the commit. */
struct vrx_registration_state {
    struct vrx_registration terminal;
    bool replaces;
    uint8_t replaced[VRX_SPKI_DIGEST]; /* which it took the place of */
};
void vrx_tenancy_terminal_committed(struct vrx_context *context);

/* A line in the log, once a day, where certificates of the open municipality's terminals end soon.
 * On the worker's tick. */
void vrx_tenancy_tell_expiry(struct vrx_slot *slot, int64_t now);
/* How many of its active terminals' certificates end soon. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_tenancy_count_ending(struct vrx_slot *slot, int64_t now, uint32_t *ret_count);

/* Forgets unseals whose time has passed; seals tenants that are idle, and all of them where
 * daemon->seal_asked is set. On the worker's tick, once a second. */
void vrx_tenancy_tick(struct vrx_daemon *daemon);

/* Seals every open tenant, with an entry; returns when that is done. With no call in flight and
 * daemon->stopping set, so that none is opened again; what could not be recorded stands in the log.
 */
void vrx_tenancy_end(struct vrx_daemon *daemon);

#define VRX_TENANCY_METHODS 16
extern const struct vrx_method vrx_tenancy_methods[VRX_TENANCY_METHODS];

#endif
