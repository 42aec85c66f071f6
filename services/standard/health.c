/* SPDX-License-Identifier: Apache-2.0
 *
 * The names that can be asked for stand in proto/grpc/health/v1/health.proto.
 */
#include "grpc/health/v1/health.pb-c.h"
#include "standard/handlers.h"

#define TENANT "tenant/"
#define ISSUER "issuer"

#define STATUS(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

static int status_if(bool serving) {
    return serving ? STATUS(SERVING) : STATUS(NOT_SERVING);
}

/* Who showed no certificate is told of the daemon only. A municipality is told of itself only; of
 * another it hears what it would if that were not there.
 */
static int status_of_tenant(const struct vrx_context *context, struct vrx_view digits) {
    struct vrx_municipality_code code;
    struct vrx_slot *slot = NULL;
    if (!vrx_is_ok(vrx_municipality_code_parse(digits, &code)) ||
        !vrx_is_ok(vrx_daemon_slot(context->daemon, &code, &slot)) ||
        (context->slot && context->slot != slot))
        return STATUS(SERVICE_UNKNOWN);
    return status_if(vrx_slot_is_open(slot));
}

static int status_of(const struct vrx_context *context, struct vrx_view service) {
    struct vrx_view prefix = vrx_view_text(TENANT);
    if (!service.len)
        return status_if(!atomic_load(&context->daemon->stopping));
    if (context->anyone)
        return STATUS(SERVICE_UNKNOWN);
    if (vrx_view_equal(service, vrx_view_text(ISSUER)))
        return status_if(!atomic_load(&context->daemon->issuer_away));
    if (!vrx_view_equal(vrx_view_slice(service, 0, prefix.len), prefix))
        return STATUS(SERVICE_UNKNOWN);
    return status_of_tenant(context, vrx_view_slice(service, prefix.len, service.len));
}

struct vrx_result vrx_health_check(struct vrx_context *context, const void *request, void *reply) {
    const Grpc__Health__V1__HealthCheckRequest *in = request;
    Grpc__Health__V1__HealthCheckResponse *out = reply;
    int status = status_of(context, vrx_view_text(in->service));
    if (status == STATUS(SERVICE_UNKNOWN))
        return vrx_refuse(VRX_NOT_FOUND, "grpc.health.v1: service");
    out->status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)status;
    return vrx_ok();
}

struct vrx_result vrx_health_watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Grpc__Health__V1__HealthCheckRequest *in = request;
    Grpc__Health__V1__HealthCheckResponse *out = reply;
    struct vrx_health_state *state = context->state;
    int status = status_of(context, vrx_view_text(in->service));
    if (state->told && state->status == status) {
        *ret_next = VRX_NEXT_IDLE;
        return vrx_ok();
    }
    state->told = true;
    state->status = status;
    out->status = (Grpc__Health__V1__HealthCheckResponse__ServingStatus)status;
    *ret_next = VRX_NEXT_WAIT;
    return vrx_ok();
}
