/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing with the tenant's own key, and reading back what it signed or what a municipality in the
 * directory signed.
 */
#ifndef VRX_EXCHANGE_OBJECTS_H
#define VRX_EXCHANGE_OBJECTS_H

#include "dispatch/context.h"
#include "objects/directory.h"

/* Signs with the open tenant's key and appends the message. Errors: vrx_object_sign's. */
struct vrx_result vrx_tenant_sign(struct vrx_tenant *tenant, const struct vrx_object_schema *schema,
    const void *object, struct vrx_buffer *out);

/* Verifies with the open tenant's own key. Errors: vrx_object_verify's. */
struct vrx_result vrx_tenant_verify_own(struct vrx_tenant *tenant,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object);

/* Verifies with the signing key of the directory's entry. Errors: VRX_KEY_INVALID,
 * vrx_object_verify's. */
struct vrx_result vrx_entry_verify(const struct vrx_directory_entry *entry,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object);

/* A random identifier or salt. Errors: VRX_RANDOM_FAILED. */
struct vrx_result vrx_context_random(struct vrx_context *context, uint8_t *out, size_t len);

#endif
