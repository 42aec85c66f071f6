/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Backups; proto/vrx/v1/backups.proto says what each does.
 */
#ifndef VRX_BACKUPS_HANDLERS_H
#define VRX_BACKUPS_HANDLERS_H

#include "backups/place.h"
#include "dispatch/method.h"
#include "vrx/v1/backups.pb-c.h"

#define VRX_BACKUPS_METHODS 5
extern const struct vrx_method vrx_backups_methods[VRX_BACKUPS_METHODS];

#define VRX_BACKUPS_PURPOSE "backup of the municipality's vault"
#define VRX_BACKUPS_PATH "/vrx.v1.Backups/"

#define VRX_HANDLER(name) \
    struct vrx_result vrx_backups_##name(struct vrx_context *call, const void *request, void *reply)

VRX_HANDLER(take);
VRX_HANDLER(list);
VRX_HANDLER(inspect);
VRX_HANDLER(restore);
VRX_HANDLER(discard);

#undef VRX_HANDLER

/* Fills the message; its strings live in the call's arena. Errors: vrx_backup_bytes's. */
struct vrx_result vrx_backup_message(
    struct vrx_context *call, const struct vrx_backup_place *place, Vrx__V1__Backup *ret_message);

#endif
