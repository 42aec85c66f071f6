/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: how another keyring comes in force while the vault is open, for the
 * methods that each allow some change of it.
 */
#ifndef VRX_ADMIN_REPLACE_H
#define VRX_ADMIN_REPLACE_H

#include <protobuf-c/protobuf-c.h>

#include "admin/errand.h"

struct vrx_replacement {
    const char *method; /* audited as */
    /* On the tenant's thread, when it is known that the keyring's keys follow those in use: whether
     * the change is one of this method's. */
    struct vrx_result (*check)(struct vrx_errand *errand);
};

/* Takes one custodian's share for the keyring that was begun with; with the last one it is in
 * force. *ret_missing: custodians who must still answer. Errors: as ReplaceKeyring in
 * tenancy.proto, and check's. */
struct vrx_result vrx_replace_keyring(struct vrx_context *context, ProtobufCBinaryData session_id,
    ProtobufCBinaryData wrapped_root, const struct vrx_replacement *replacement,
    size_t *ret_missing);

#endif
