/* SPDX-License-Identifier: Apache-2.0
 *
 * The method table: one row a method says who may call it, where it runs, what it is audited as and
 * which function answers. A handler never sees a socket; it is given a context, the decoded request
 * and an empty reply.
 *
 * A row's functions, by kind:
 *
 *   unary           handle(request, reply); with outside and finish: handle(request, NULL), then
 *                   outside() on a worker's thread without a tenant, then finish(reply), the two
 *                   handles each in a transaction of its own. Outside runs in the row's lane
 *   client stream   handle(request, NULL) for every message, finish(reply) at the end
 *   server stream   next(request, reply, …) until it says that it is done; of scope thread:
 *                   handle(request, reply), which sends with vrx_dispatch_send what it has to say
 *   both ways       handle(request, reply) for every message, each answered by one
 */
#ifndef VRX_DISPATCH_METHOD_H
#define VRX_DISPATCH_METHOD_H

#include <protobuf-c/protobuf-c.h>

#include "dispatch/context.h"
#include "grpc/call.h"

enum vrx_scope {
    VRX_SCOPE_TENANT, /* on the tenant's thread, in its transaction, unsealed */
    VRX_SCOPE_WORKER, /* in the municipality's lane of the worker (worker.h), sealed or not, or in
                       * the platform's */
    VRX_SCOPE_DAEMON, /* at once, on the thread that has the message: reads what is in memory and
                       * never waits; sealed or not. Streams wait for vrx_dispatch_wake_states */
    VRX_SCOPE_THREAD, /* on a thread of its own, for as long as it takes; sealed or not. It asks
                       * whether it is still wanted (vrx_dispatch_go_on), and audits itself */
};

/* Of the worker, in which a unary row's outside runs: one after the other. */
enum vrx_outside_lane {
    VRX_LANE_ISSUER, /* the daemon's, for the issuer process */
    VRX_LANE_LOG_IN, /* the municipality's, for log-ins */
    VRX_LANE_CARDS,  /* the daemon's, for whoever says which cards are revoked: one that does not
                      * answer keeps one thread */
};

enum vrx_next {
    VRX_NEXT_MORE, /* reply is a message of the stream; ask again */
    VRX_NEXT_WAIT, /* reply is a message; ask again after the next change in this tenant */
    VRX_NEXT_IDLE, /* nothing to send; ask again after the next change in this tenant */
    VRX_NEXT_LAST, /* reply is the last message */
    VRX_NEXT_DONE, /* nothing to send; the stream ends */
};

struct vrx_method {
    const char *path;
    enum vrx_call_kind kind;
    enum vrx_scope scope;
    unsigned callers;    /* VRX_CALLER(kind) bits, VRX_CALLER_PLATFORM, VRX_CALLER_ANYONE; only rows
                          * with the last one have a route on the public listener. Or
                          * VRX_CALLER_PEER alone: daemons that the directory names, and nobody
                          * else */
    unsigned roles;      /* enum vrx_role: at counters and consoles whoever is logged in must have
                          * one of them; 0: nobody need be logged in, and no session is looked at */
    bool first_operator; /* a console needs no session; the handler sees to it that it had to */
    bool while_pin_due;  /* a session may call it whose PIN must be changed first */
    bool while_sealed;   /* any of the municipality's terminals may call it while it is sealed, when
                          * their kinds are not known: the way out of that state */
    bool reads;          /* handle of a unary row writes nothing (vrx_job.reads) */
    bool one_a_step;     /* a server stream's messages are each in a transaction of its own */
    bool unaudited;      /* no entry where it went well: it changes nothing and shows nothing of
                          * what a municipality keeps, and is asked every few seconds */
    unsigned second;     /* roles of whom one other operator must have agreed to this very request
                          * (second.h); 0: nobody. Rows of VRX_SCOPE_TENANT that take one message */
    /* Whether this request needs it; NULL: always. In the tenant's transaction; writes nothing. */
    struct vrx_result (*second_when)(
        struct vrx_context *context, const void *request, bool *ret_needed);
    /* Rows of VRX_CALLER_PEER: whose call it is, by the decoded request; sets context->slot. Any
     * thread, without a tenant. Errors: those that the caller is told. */
    struct vrx_result (*route)(struct vrx_context *context, const void *request);
    const char *purpose; /* as it stands in the audit entry */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *reply;
    struct vrx_result (*handle)(struct vrx_context *context, const void *request, void *reply);
    struct vrx_result (*outside)(struct vrx_context *context);
    enum vrx_outside_lane lane;
    struct vrx_result (*finish)(struct vrx_context *context, void *reply);
    struct vrx_result (*next)(
        struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
    void (*committed)(
        struct vrx_context *context); /* after COMMIT, before the reply; of a server stream after
                                       * each step. On the tenant's thread and outside of its
                                       * transaction: context->tenant is there for what cannot be
                                       * done in one. May be NULL */
    size_t state_size; /* bytes of context->state, zeroed; wiped and freed with the call */
    void (*state_done)(void *state); /* before that; may be NULL */
};

/* Path and both descriptors of a method: VRX_RPC("Records", "GetHistory", get_history). */
#define VRX_RPC(service, name, snake) \
    .path = "/vrx.v1." service "/" name, .request = &vrx__v1__##snake##_request__descriptor, \
    .reply = &vrx__v1__##snake##_response__descriptor

#endif
