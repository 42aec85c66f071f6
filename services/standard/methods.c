/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/health/v1/health.pb-c.h"
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "standard/handlers.h"

#define EVERYONE \
    (VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM) | VRX_CALLER(VRX_TERMINAL_COUNTER) | \
        VRX_CALLER(VRX_TERMINAL_KIOSK) | VRX_CALLER(VRX_TERMINAL_CONSOLE) | VRX_CALLER_PLATFORM)
#define PURPOSE "operation of the service"
#define HEALTH(name) \
    .path = "/grpc.health.v1.Health/" name, .scope = VRX_SCOPE_DAEMON, .while_sealed = true, \
    .unaudited = true, .purpose = PURPOSE, \
    .request = &grpc__health__v1__health_check_request__descriptor, \
    .reply = &grpc__health__v1__health_check_response__descriptor

const struct vrx_method vrx_standard_methods[VRX_STANDARD_METHODS] = {
    {HEALTH("Check"), .callers = EVERYONE | VRX_CALLER_ANYONE, .handle = vrx_health_check},
    {HEALTH("Watch"), .callers = EVERYONE, .kind = VRX_CALL_SERVER_STREAM,
        .next = vrx_health_watch_next, .state_size = sizeof(struct vrx_health_state)},
    {.path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        .kind = VRX_CALL_BOTH_STREAM,
        .scope = VRX_SCOPE_DAEMON,
        .callers = EVERYONE,
        .while_sealed = true,
        .unaudited = true,
        .purpose = PURPOSE,
        .request = &grpc__reflection__v1__server_reflection_request__descriptor,
        .reply = &grpc__reflection__v1__server_reflection_response__descriptor,
        .handle = vrx_reflection_answer},
};
