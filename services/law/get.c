/* SPDX-License-Identifier: Apache-2.0
 *
 * What this daemon decides by, byte for byte as it was signed.
 */
#include "dispatch/message.h"
#include "law/handlers.h"
#include "vrx/v1/law.pb-c.h"

struct vrx_result vrx_law_get_directory(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetDirectoryRequest *in = request;
    Vrx__V1__GetDirectoryResponse *out = reply;
    struct vrx_result result = vrx_ok();
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    out->version = law->directory.version;
    out->expires_at = law->directory.expires;
    if (in->known_version != out->version)
        result = vrx_message_put_bytes(&context->arena, law->signed_directory, &out->directory);
    vrx_law_release(context->daemon->law, law);
    return result;
}

struct vrx_result vrx_law_get_permit_table(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetPermitTableRequest *in = request;
    Vrx__V1__GetPermitTableResponse *out = reply;
    struct vrx_result result = vrx_ok();
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    out->version = law->permits.version;
    out->expires_at = law->permits.expires;
    if (in->known_version != out->version)
        result = vrx_message_put_bytes(&context->arena, law->signed_permits, &out->permit_table);
    vrx_law_release(context->daemon->law, law);
    return result;
}
