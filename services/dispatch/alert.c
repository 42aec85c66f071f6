/* SPDX-License-Identifier: Apache-2.0
 *
 * See alert.h.
 */
#include "dispatch/alert.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "dispatch/dispatch.h"
#include "dispatch/log.h"

#define BIT(kind) (1u << (unsigned)(kind))

void vrx_alert_raise(struct vrx_context *context, enum vrx_alert_kind kind) {
    context->raised.kinds |= BIT(kind);
}

struct vrx_result vrx_alert_keep(struct vrx_context *context) {
    struct vrx_raised *raised = &context->raised;
    for (unsigned kind = 1; kind <= VRX_ALERT_KINDS; kind++) {
        const struct vrx_alert_cause cause = {(enum vrx_alert_kind)kind,
            vrx_view_text(context->terminal_id),
            vrx_view_text(context->has_session ? context->operator_id : "")};
        bool first = false;
        if (!(raised->kinds & BIT(kind)))
            continue;
        VRX_TRY(vrx_alert_note(
            context->tenant, &cause, (uint64_t)1 + raised->more, context->now, &first));
        if (first)
            raised->kept_first |= BIT(kind);
    }
    raised->kinds = 0;
    raised->more = 0;
    return vrx_ok();
}

static void tell(struct vrx_slot *slot, enum vrx_alert_kind kind) {
    char event[40];
    snprintf(event, sizeof event, "alert %s", vrx_alert_kind_name(kind));
    vrx_log_event(event, slot->code.digits, vrx_ok());
}

void vrx_alert_tell(struct vrx_context *context) {
    struct vrx_raised *raised = &context->raised;
    if (!raised->kept_first)
        return;
    for (unsigned kind = 1; kind <= VRX_ALERT_KINDS; kind++)
        if (raised->kept_first & BIT(kind))
            tell(context->slot, (enum vrx_alert_kind)kind);
    raised->kept_first = 0;
    vrx_dispatch_wake(context->slot);
}

/* ---- one that no call raised ---- */

struct posted {
    struct vrx_job job;
    struct vrx_context context; /* of whom it is about */
};

#define POSTED_OF(pointer) \
    ((struct posted *)(void *)((char *)(pointer)-offsetof(struct posted, job)))

static struct vrx_result posted_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct posted *posted = POSTED_OF(job);
    posted->context.tenant = tenant;
    posted->context.now = vrx_clock_seconds();
    return vrx_alert_keep(&posted->context);
}

static void posted_done(struct vrx_job *job, struct vrx_result outcome) {
    struct posted *posted = POSTED_OF(job);
    if (vrx_is_ok(outcome))
        vrx_alert_tell(&posted->context);
    else
        vrx_log_event("an alert is not kept", posted->context.slot->code.digits, outcome);
    free(posted);
}

struct vrx_result vrx_alert_post(struct vrx_slot *slot, const struct vrx_alert_cause *cause) {
    struct posted *posted = NULL;
    if (cause->terminal_id.len >= sizeof posted->context.terminal_id ||
        cause->operator_id.len >= sizeof posted->context.operator_id)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    posted = calloc(1, sizeof *posted);
    if (!posted)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    posted->job = (struct vrx_job){.run = posted_run, .done = posted_done};
    posted->context.slot = slot;
    if (cause->terminal_id.len)
        memcpy(posted->context.terminal_id, cause->terminal_id.ptr, cause->terminal_id.len);
    if (cause->operator_id.len)
        memcpy(posted->context.operator_id, cause->operator_id.ptr, cause->operator_id.len);
    posted->context.has_session = cause->operator_id.len; /* the name is proven to who posts */
    vrx_alert_raise(&posted->context, cause->kind);
    struct vrx_result result = vrx_actor_post(slot->actor, &posted->job);
    if (!vrx_is_ok(result))
        free(posted);
    return result;
}
