/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/limits.h"
#include "base/encode.h"
#include "dispatch/alert.h"
#include "dispatch/log.h"
#include "grpc/call.h"

/* Of a municipality, or of those who belong to none. */
static struct vrx_limits *limits_of(const struct vrx_context *context) {
    return context->slot ? context->slot->limits : context->daemon->strangers;
}

static struct vrx_limit_caller caller_of(const struct vrx_context *context) {
    const bool machine = context->terminal_kind == VRX_TERMINAL_HEALTH_SYSTEM ||
                         context->terminal_kind == VRX_TERMINAL_PEER;
    return (struct vrx_limit_caller){
        .what = machine ? VRX_LIMITED_SYSTEM : VRX_LIMITED_SEAT,
        .name = vrx_view_of(context->terminal_spki, VRX_SPKI_DIGEST),
        .person = vrx_view_text(machine || !context->has_session ? "" : context->operator_id),
    };
}

/* "[2001:db8::1]:50051": whoever has one address of IPv6 has 2^64 of them (RFC 6177), which are
 * one. What cannot be read is its own text. */
static struct vrx_view address_of(const char *text, struct in6_addr *place) {
    char host[VRX_PEER_ADDRESS];
    const char *colon = strrchr(text, ':');
    const bool bracketed = text[0] == '[' && colon && colon > text + 1 && colon[-1] == ']';
    const size_t len = colon ? (size_t)(colon - text) - (bracketed ? 2 : 0) : strlen(text);
    if (len >= sizeof host)
        return vrx_view_text("");
    memcpy(host, text + (bracketed ? 1 : 0), len);
    host[len] = '\0';
    if (inet_pton(AF_INET, host, place) == 1)
        return vrx_view_of(place->s6_addr, 4);
    if (inet_pton(AF_INET6, host, place) == 1)
        return vrx_view_of(place->s6_addr, IN6_IS_ADDR_V4MAPPED(place) ? 16 : 8);
    return vrx_view_of((const uint8_t *)text, len);
}

static bool is_terminal(const struct vrx_context *context) {
    struct vrx_registered known;
    return vrx_is_ok(vrx_registry_find(context->daemon->registry, context->terminal_spki, &known));
}

struct vrx_result vrx_guard_call(struct vrx_context *context, const char *path, bool *ret_quiet) {
    struct vrx_limit_caller caller = caller_of(context);
    struct vrx_limit_tell tell = {0};
    struct in6_addr place;
    if (context->anyone) /* the public listener counts by address before (net/limits.h) */
        return vrx_ok();
    if (!context->slot && context->terminal_kind != VRX_TERMINAL_PEER && !is_terminal(context)) {
        caller.what = VRX_LIMITED_ADDRESS;
        caller.name = address_of(vrx_call_peer(context->call)->address, &place);
    }
    struct vrx_result result =
        vrx_limits_call(limits_of(context), &caller, path, vrx_clock_monotonic_ms(NULL), &tell);
    if (vrx_is_ok(result))
        return result;
    *ret_quiet = !tell.record;
    context->raised.more = tell.since;
    vrx_alert_raise(context, VRX_ALERT_RATE);
    return result;
}

struct vrx_result vrx_guard_look_up(struct vrx_context *context) {
    const struct vrx_limit_caller caller = caller_of(context);
    if (!context->call)
        return vrx_ok();
    context->looks_up = true;
    struct vrx_result result =
        vrx_limits_look_up(limits_of(context), &caller, vrx_clock_monotonic_ms(NULL));
    if (!vrx_is_ok(result))
        vrx_alert_raise(context, VRX_ALERT_FAILED_LOOKUPS);
    return result;
}

void vrx_guard_outcome(struct vrx_context *context, enum vrx_reason outcome) {
    const struct vrx_limit_caller caller = caller_of(context);
    if (context->looks_up && (outcome == VRX_NOT_FOUND || outcome == VRX_CHECK_DIGIT_WRONG))
        vrx_limits_failed(limits_of(context), &caller, vrx_clock_monotonic_ms(NULL));
    context->looks_up = false;
}

struct vrx_result vrx_guard_query(
    struct vrx_context *context, const struct vrx_municipality_code *sender, const char *path) {
    struct vrx_limit_query refusal;
    struct vrx_result result = vrx_limits_query(limits_of(context),
        vrx_municipality_code_view(sender), path, vrx_clock_monotonic_ms(NULL), &refusal);
    if (vrx_is_ok(result))
        return result;
    context->audit.written = !refusal.tell.record;
    context->raised.more = refusal.tell.since;
    if (refusal.tell.record)
        vrx_alert_raise(context, refusal.unanswered ? VRX_ALERT_FAILED_LOOKUPS : VRX_ALERT_RATE);
    return result;
}

void vrx_guard_unanswered(struct vrx_context *context, const struct vrx_municipality_code *sender) {
    vrx_limits_unanswered(
        limits_of(context), vrx_municipality_code_view(sender), vrx_clock_monotonic_ms(NULL));
}

/* Texts of the hours are not kept: they are the arena's. */
static struct vrx_result read_hours(struct vrx_context *context) {
    struct vrx_slot *slot = context->slot;
    if (slot->hours_known)
        return vrx_ok();
    VRX_TRY(vrx_office_hours_get(context->tenant, &context->arena, &slot->hours));
    slot->hours.operator_id = slot->hours.terminal_id = (struct vrx_view){0};
    slot->hours_known = true;
    return vrx_ok();
}

static struct vrx_result read_kiosk_hours(struct vrx_context *context) {
    struct vrx_slot *slot = context->slot;
    struct vrx_kiosk_settings settings;
    if (slot->kiosk_hours_known)
        return vrx_ok();
    VRX_TRY(vrx_kiosk_settings_get(context->tenant, &context->arena, &settings));
    slot->kiosk_hours = settings.hours;
    slot->kiosk_hours.operator_id = slot->kiosk_hours.terminal_id = (struct vrx_view){0};
    slot->kiosk_hours_known = true;
    return vrx_ok();
}

/* Nobody comes to a closed kiosk to do wrong: it is refused, and nothing rings. */
static struct vrx_result check_kiosk_hours(struct vrx_context *context) {
    VRX_TRY(read_kiosk_hours(context));
    const int64_t wait = vrx_office_hours_wait(&context->slot->kiosk_hours, context->now);
    return wait ? vrx_refuse_for(VRX_OFFICE_CLOSED, "kiosk hours", (uint32_t)(wait * 1000))
                : vrx_ok();
}

/* At the desks where people sit. */
static struct vrx_result check_hours(struct vrx_context *context) {
    if (context->terminal_kind == VRX_TERMINAL_KIOSK)
        return check_kiosk_hours(context);
    if (context->terminal_kind != VRX_TERMINAL_COUNTER &&
        context->terminal_kind != VRX_TERMINAL_CONSOLE)
        return vrx_ok();
    VRX_TRY(read_hours(context));
    const int64_t wait = vrx_office_hours_wait(&context->slot->hours, context->now);
    if (!wait)
        return vrx_ok();
    vrx_alert_raise(context, VRX_ALERT_OFF_HOURS);
    return context->slot->hours.refuse
               ? vrx_refuse_for(VRX_OFFICE_CLOSED, "office hours", (uint32_t)(wait * 1000))
               : vrx_ok();
}

struct vrx_result vrx_guard_person(struct vrx_context *context, int64_t resident) {
    const struct vrx_limit_caller caller = caller_of(context);
    if (!context->call)
        return vrx_ok();
    struct vrx_result result =
        vrx_limits_person(limits_of(context), &caller, resident, vrx_clock_monotonic_ms(NULL));
    if (!vrx_is_ok(result))
        vrx_alert_raise(context, VRX_ALERT_PERSONS);
    return vrx_is_ok(result) ? check_hours(context) : result;
}

/* ---- what is left of a flood ---- */

#define PURPOSE "limits of one caller"
#define TURN \
    8 /* callers a second and municipality: with those that go on, nobody's queue is filled */

struct rest {
    struct vrx_job job;
    struct vrx_context context; /* of the caller */
    const char *path;
    char basis[48];
};

#define REST_OF(pointer) ((struct rest *)(void *)((char *)(pointer)-offsetof(struct rest, job)))

static struct vrx_result rest_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct rest *rest = REST_OF(job);
    struct vrx_context *context = &rest->context;
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(rest->basis)};
    context->tenant = tenant;
    context->now = vrx_clock_seconds();
    VRX_TRY(vrx_alert_keep(context));
    return vrx_context_record(context, rest->path, PURPOSE, &facts, VRX_RATE_EXCEEDED, NULL);
}

static void rest_done(struct vrx_job *job, struct vrx_result outcome) {
    struct rest *rest = REST_OF(job);
    vrx_alert_tell(&rest->context);
    if (!vrx_is_ok(outcome))
        vrx_log_event(rest->basis, rest->context.slot->code.digits, outcome);
    free(rest);
}

static void fill(struct rest *rest, const struct vrx_limit_untold *untold) {
    struct vrx_context *context = &rest->context;
    rest->job = (struct vrx_job){.run = rest_run, .done = rest_done};
    rest->path = untold->path;
    if (untold->what == VRX_LIMITED_PEER)
        snprintf(context->terminal_id, sizeof context->terminal_id, "peer:%.*s",
            (int)untold->name_len, (const char *)untold->name);
    else
        vrx_hex_string(vrx_view_of(untold->name, VRX_TERMINAL_TEXT / 2), context->terminal_id);
    memcpy(context->operator_id, untold->person, sizeof context->operator_id);
    context->has_session = untold->person[0] != 0;
    context->raised.more = untold->count - 1;
    vrx_alert_raise(context, VRX_ALERT_RATE);
    snprintf(rest->basis, sizeof rest->basis, "%u refused calls together", untold->count);
}

static struct vrx_result record_rest(struct vrx_slot *slot, const struct vrx_limit_untold *untold) {
    struct rest *rest = calloc(1, sizeof *rest);
    if (!rest)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    rest->context.slot = slot;
    fill(rest, untold);
    struct vrx_result result =
        vrx_random_fill(slot->daemon->random, rest->context.request_id, VRX_ID);
    if (vrx_is_ok(result))
        result = vrx_actor_post(slot->actor, &rest->job);
    if (!vrx_is_ok(result))
        free(rest);
    return result;
}

static void log_rest(const char *municipality, const struct vrx_limit_untold *untold) {
    char event[48];
    snprintf(event, sizeof event, "%u refused calls together", untold->count);
    vrx_log_event(event, municipality, vrx_fail(VRX_RATE_EXCEEDED));
}

static void tick_slot(struct vrx_slot *slot, int64_t now_ms) {
    struct vrx_limit_untold untold;
    for (unsigned i = 0; i < TURN && vrx_limits_untold(slot->limits, now_ms, &untold); i++)
        if (!vrx_slot_is_open(slot) || !vrx_is_ok(record_rest(slot, &untold)))
            log_rest(slot->code.digits, &untold);
}

void vrx_guard_tick(struct vrx_daemon *daemon) {
    const int64_t now_ms = vrx_clock_monotonic_ms(NULL);
    struct vrx_limit_untold untold;
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++)
        tick_slot(daemon->slots[i], now_ms);
    pthread_rwlock_unlock(&daemon->slots_lock);
    for (unsigned i = 0; i < TURN && vrx_limits_untold(daemon->strangers, now_ms, &untold); i++)
        log_rest(NULL, &untold);
}
