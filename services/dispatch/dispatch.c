/* SPDX-License-Identifier: Apache-2.0
 *
 * One struct request belongs to one call and is freed with it: for a client stream it carries
 * message after message, for a server stream it comes back to the actor for more. Whoever has it
 * queued holds a reference to the call. At most one step of a call is queued at a time, so a
 * request needs no lock but for its place in a waiting list.
 *
 * Next: method.h for the rows, tenants/actor/actor.h for the transaction around a step.
 */
#include "dispatch/dispatch.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/limits.h"
#include "crypto/random.h"
#include "dispatch/alert.h"
#include "dispatch/caller.h"
#include "dispatch/guard.h"
#include "dispatch/log.h"
#include "dispatch/message.h"
#include "dispatch/second.h"

/* One step of a server stream sends about so much before it lets others in. */
#define STREAM_STEP_BYTES ((size_t)128 << 10)

enum step { STEP_HANDLE, STEP_FINISH, STEP_NEXT };

struct request {
    struct vrx_job job;
    struct vrx_task task;
    struct vrx_stream_wait wait;
    const struct vrx_method *method;
    struct vrx_context context;
    enum step step;
    bool audited;                   /* the call's own entry is written */
    bool skipped;                   /* this step was not done: nobody awaits it */
    bool counted;                   /* the call's end is in the tally */
    int64_t asked_ns;               /* a message was complete that has no reply yet; 0: none */
    struct vrx_arena message_arena; /* of message, which outlives the steps of a server stream */
    ProtobufCMessage *message;
    ProtobufCMessage *reply;
    struct vrx_second second;
    unsigned suspensions;      /* the daemon's count when this terminal was looked up */
    bool new_certificate;      /* newer than the one that is known of it */
    bool quiet;                /* refused as one of a flood: neither audited nor logged alone */
    struct vrx_result refused; /* found before the handler: told and audited in its place */
    bool settled;              /* done on a worker's thread, with this outcome, to be recorded */
    struct vrx_result outcome;
    struct vrx_buffer *out; /* encoded messages of one step of a server stream */
    size_t out_count;
    enum vrx_next next;
    atomic_bool wants_more; /* the stream goes on when what was sent has left */
};

#define REQUEST_OF(pointer, member) \
    ((struct request *)(void *)((char *)(pointer)-offsetof(struct request, member)))

static void out_clear(struct request *request) {
    for (size_t i = 0; i < request->out_count; i++)
        vrx_buffer_done(&request->out[i]);
    request->out_count = 0;
}

/* A call is counted once, when its outcome is known. */
static void count_end(struct request *request, enum vrx_reason outcome) {
    vrx_tally_outcome(
        request->context.daemon->tally, request->context.slot, request->method, outcome);
    request->counted = true;
}

/* A message asks, and what is handed over first after it answers. */
static void measure_begin(struct request *request) {
    if (request->context.daemon->tally)
        request->asked_ns = vrx_clock_monotonic_ns(NULL);
}

static void measure_end(struct request *request) {
    if (!request->asked_ns)
        return;
    vrx_tally_time(request->context.daemon->tally, request->context.slot, request->method,
        (uint64_t)(vrx_clock_monotonic_ns(NULL) - request->asked_ns));
    request->asked_ns = 0;
}

/* With the call's last reference. */
static void request_free(void *user) {
    struct request *request = user;
    if (!request->counted) /* nobody waited for its end */
        count_end(request, VRX_CANCELLED);
    out_clear(request);
    free(request->out);
    if (request->context.state) {
        if (request->method->state_done)
            request->method->state_done(request->context.state);
        vrx_wipe(request->context.state, request->method->state_size);
        free(request->context.state);
    }
    vrx_second_done(&request->second);
    vrx_arena_done(&request->context.arena);
    vrx_arena_done(&request->message_arena);
    free(request);
}

/* Before a step is queued, and after it is done with. */
static void hold(struct request *request) {
    vrx_call_ref(request->context.call);
}

static void release(struct request *request) {
    struct vrx_call *call = request->context.call;
    vrx_call_unref(&call);
}

/* Which action waits; without memory to say so the caller lists them. */
static void name_action(const struct request *request) {
    VRX_IGNORE(
        vrx_call_add_fact(request->context.call, "action", vrx_view_text(request->second.action)));
}

static void note_outcome(struct request *request, struct vrx_result outcome) {
    if (outcome.reason == VRX_SECOND_PERSON_NEEDED)
        name_action(request);
    if (!request->context.anyone) /* they could fill the disk with it */
        vrx_log_call(&request->context, request->method->path, outcome);
    measure_end(request);
    if (!request->counted)
        count_end(request, outcome.reason);
}

static void finish(struct request *request, struct vrx_result outcome) {
    note_outcome(request, outcome);
    vrx_call_finish(request->context.call, outcome);
}

/* On the tenant's thread, which wakes the I/O threads once for many (slot_answered). */
static void finish_of_many(struct request *request, struct vrx_result outcome) {
    note_outcome(request, outcome);
    if (request->context.daemon->answered)
        vrx_call_finish_quietly(request->context.call, outcome);
    else
        vrx_call_finish(request->context.call, outcome);
}

static void post(struct request *request);
static void task_at_once(struct vrx_task *task);

static struct vrx_lane *lane_of(const struct request *request) {
    const struct vrx_context *context = &request->context;
    return context->slot ? &context->slot->lane : &context->daemon->platform_lane;
}

/* ---- waiting for a change ---- */

/* What a stream of this request waits for; NULL where there is nothing. */
static struct vrx_wait_list *list_of(struct request *request) {
    if (request->method->scope == VRX_SCOPE_DAEMON)
        return &request->context.daemon->states;
    return request->context.slot ? &request->context.slot->changed : NULL;
}

/* What changes from now on is not what this step has read. */
static void note_changes(struct request *request) {
    struct vrx_wait_list *list = list_of(request);
    if (!list)
        return;
    pthread_mutex_lock(&list->lock);
    request->wait.seen = list->changes;
    pthread_mutex_unlock(&list->lock);
}

/* The next step of a stream that has waited; never on the thread that woke it, which may hold
 * anything. */
static void go_on(struct request *request) {
    if (request->method->scope != VRX_SCOPE_DAEMON) {
        post(request);
        return;
    }
    hold(request);
    request->task.run = task_at_once;
    vrx_worker_post(request->context.daemon->worker, lane_of(request), &request->task);
}

static void wake(struct vrx_wait_list *list) {
    pthread_mutex_lock(&list->lock);
    list->changes++;
    struct vrx_stream_wait *first = list->first;
    list->first = NULL;
    for (struct vrx_stream_wait *wait = first; wait; wait = wait->next)
        wait->waiting = false;
    pthread_mutex_unlock(&list->lock);
    while (first) {
        struct request *request = REQUEST_OF(first, wait);
        first = first->next;
        go_on(request);
        release(request); /* the list's reference */
    }
}

void vrx_dispatch_wake(struct vrx_slot *slot) {
    wake(&slot->changed);
}

void vrx_dispatch_wake_states(struct vrx_daemon *daemon) {
    wake(&daemon->states);
}

/* Into the list, unless something changed since this step began to read. A call that was cancelled
 * meanwhile stays out: on_cancelled, which would take it out again, has been here. */
static void wait_for_change(struct request *request) {
    struct vrx_wait_list *list = list_of(request);
    if (!list) { /* a row whose stream waits where nothing can change */
        finish(request, vrx_fail(VRX_INTERNAL_ERROR));
        return;
    }
    pthread_mutex_lock(&list->lock);
    bool changed = list->changes != request->wait.seen;
    if (!changed && !vrx_call_is_cancelled(request->context.call)) {
        request->wait.waiting = true;
        request->wait.next = list->first;
        list->first = &request->wait;
        hold(request);
    }
    pthread_mutex_unlock(&list->lock);
    if (changed)
        go_on(request);
}

static void stop_waiting(struct request *request) {
    struct vrx_wait_list *list = list_of(request);
    if (!list)
        return;
    pthread_mutex_lock(&list->lock);
    bool was_waiting = request->wait.waiting;
    if (was_waiting) {
        struct vrx_stream_wait **link = &list->first;
        while (*link != &request->wait)
            link = &(*link)->next;
        *link = request->wait.next;
        request->wait.waiting = false;
    }
    pthread_mutex_unlock(&list->lock);
    if (was_waiting)
        release(request);
}

/* ---- one step, on the tenant's thread or a worker's ---- */

/* Adds one encoded reply to what this step sends. */
static struct vrx_result out_add(struct request *request, size_t *ret_bytes) {
    struct vrx_buffer *grown =
        realloc(request->out, (request->out_count + 1) * sizeof *request->out);
    if (!grown)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    request->out = grown;
    struct vrx_buffer *last = &request->out[request->out_count++];
    *last = (struct vrx_buffer){0};
    VRX_TRY(vrx_message_encode(request->reply, last));
    *ret_bytes = last->len;
    return vrx_ok();
}

/* Before a further message of a stream: what the last one's audit facts point to goes with them. */
static void forget_step(struct request *request) {
    request->context.audit = (struct vrx_audit_facts){0};
    vrx_arena_clear(&request->context.arena);
}

static struct vrx_result run_next(struct request *request) {
    size_t total = 0;
    forget_step(request);
    do {
        VRX_TRY(vrx_message_new(request->method->reply, &request->context.arena, &request->reply));
        VRX_TRY(request->method->next(
            &request->context, request->message, request->reply, &request->next));
        if (request->next == VRX_NEXT_IDLE || request->next == VRX_NEXT_DONE)
            break;
        size_t bytes = 0;
        VRX_TRY(out_add(request, &bytes));
        total += bytes;
    } while (request->next == VRX_NEXT_MORE && total < STREAM_STEP_BYTES &&
             !request->method->one_a_step);
    return vrx_ok();
}

/* Work for a caller who has left is not begun. What was begun is brought to its end, and what was
 * refused is audited, whether they still wait or not. */
static bool is_unwanted(const struct request *request) {
    return request->step != STEP_FINISH && vrx_call_is_cancelled(request->context.call);
}

/* A terminal that was suspended since it was let in begins nothing more. */
static struct vrx_result look_again(struct request *request) {
    struct vrx_daemon *daemon = request->context.daemon;
    const unsigned suspensions = atomic_load(&daemon->suspensions);
    struct vrx_registered caller;
    if (request->suspensions == suspensions || request->context.anyone ||
        request->method->callers & VRX_CALLER_PEER ||
        (request->step == STEP_FINISH && request->method->outside))
        return vrx_ok();
    request->suspensions = suspensions;
    VRX_TRY(vrx_registry_find(daemon->registry, request->context.terminal_spki, &caller));
    return caller.suspended ? vrx_fail(VRX_TERMINAL_SUSPENDED) : vrx_ok();
}

/* What the list of terminals says of this one's certificate, in the transaction of its call. */
static struct vrx_result note_certificate(struct request *request) {
    const struct vrx_peer *peer = vrx_call_peer(request->context.call);
    if (!request->new_certificate || !request->context.tenant)
        return vrx_ok();
    return vrx_terminal_seen(request->context.tenant, peer->spki_sha256,
        peer->certificate_not_before, peer->certificate_not_after);
}

static void certificate_noted(struct request *request) {
    struct vrx_registry *registry = request->context.daemon->registry;
    const struct vrx_peer *peer = vrx_call_peer(request->context.call);
    struct vrx_registered known;
    if (!request->new_certificate || !request->context.tenant)
        return;
    request->new_certificate = false;
    if (!vrx_is_ok(vrx_registry_find(registry, peer->spki_sha256, &known)))
        return;
    known.certificate_from = peer->certificate_not_before;
    known.certificate_until = peer->certificate_not_after;
    VRX_IGNORE(
        vrx_registry_put(registry, peer->spki_sha256, &known)); /* the next call tries again */
}

/* Whether who began the call is still logged in. used: by something that they wait for. */
static struct vrx_result check_session(const struct vrx_context *context, bool used) {
    struct vrx_session session;
    return context->has_session ? vrx_session_find(context->daemon->sessions, &context->session,
                                      vrx_clock_monotonic_ms(NULL), used, &session)
                                : vrx_ok();
}

/* A stream that waits for changes does not keep up the session of someone who has left the desk. */
static bool is_awaited(const struct request *request) {
    return request->step != STEP_NEXT || request->next == VRX_NEXT_MORE;
}

/* What was done outside is recorded for whoever asked for it, logged in still or not. */
static bool is_bound_to_session(const struct request *request) {
    return request->step != STEP_FINISH || !request->method->outside;
}

static struct vrx_result do_step(struct request *request) {
    const struct vrx_method *method = request->method;
    switch (request->step) {
    case STEP_HANDLE:
        return method->handle(
            &request->context, request->message, method->finish ? NULL : request->reply);
    case STEP_FINISH:
        return method->finish(&request->context, request->reply);
    case STEP_NEXT:
        return run_next(request);
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

/* Nobody is asked to agree to what is refused in any case: where a second person is needed the step
 * is tried, and undone as every refused one is. */
static struct vrx_result do_agreed_step(struct request *request) {
    const struct vrx_method *method = request->method;
    const bool effect = request->step != STEP_HANDLE || !method->finish;
    struct vrx_result agreed =
        vrx_second_look(&request->context, method, request->message, effect, &request->second);
    if (agreed.reason == VRX_SECOND_PERSON_NEEDED)
        VRX_TRY(do_step(request));
    VRX_TRY(agreed);
    VRX_TRY(note_certificate(request));
    return do_step(request);
}

static struct vrx_result run_step(struct request *request) {
    request->context.now = vrx_clock_seconds();
    if (request->settled)
        return request->outcome;
    if (vrx_is_ok(request->refused))
        request->refused = look_again(request);
    if (!vrx_is_ok(request->refused))
        return request->refused;
    request->skipped = is_unwanted(request);
    if (request->skipped)
        return vrx_fail(VRX_CANCELLED);
    if (is_bound_to_session(request))
        VRX_TRY(check_session(&request->context, is_awaited(request)));
    return do_agreed_step(request);
}

static struct vrx_result job_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct request *request = REQUEST_OF(job, job);
    request->context.tenant = tenant;
    request->context.audit.written = false;
    return run_step(request);
}

/* A refusal always has its entry; what was not done has none. What went well has one for the call:
 * with the only or last step, or with the first of a server stream, before anything leaves. Alerts
 * are kept here, after what a refusing handler wrote is undone. */
static struct vrx_result job_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct request *request = REQUEST_OF(job, job);
    bool due = request->step != STEP_HANDLE || !request->method->finish;
    if (request->skipped)
        return vrx_ok();
    vrx_guard_outcome(&request->context, outcome.reason);
    VRX_TRY(vrx_alert_keep(&request->context));
    if (vrx_is_ok(outcome) && (!due || request->audited || request->context.audit.written))
        return vrx_ok();
    if (outcome.reason == VRX_SECOND_PERSON_NEEDED)
        VRX_TRY(vrx_second_note(&request->context, request->method, &request->second));
    VRX_TRY(vrx_context_record(&request->context, request->method->path, request->method->purpose,
        &request->context.audit, outcome.reason, NULL));
    request->audited = true;
    return vrx_ok();
}

/* ---- after a step ---- */

typedef void finisher(struct request *request, struct vrx_result outcome);

/* To a message of a call both ways, which goes on: on_writable asks for its next message. */
static void reply(struct request *request, finisher finish_call) {
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_message_encode(request->reply, &encoded);
    bool goes_on = request->method->kind == VRX_CALL_BOTH_STREAM && vrx_is_ok(result);
    if (goes_on)
        atomic_store(&request->wants_more, true);
    if (vrx_is_ok(result)) {
        measure_end(request);
        vrx_call_send(request->context.call, &encoded);
    }
    if (!goes_on)
        finish_call(request, result);
}

static void send_stream(struct request *request) {
    atomic_store(&request->wants_more, request->next == VRX_NEXT_MORE);
    if (request->out_count)
        measure_end(request);
    for (size_t i = 0; i < request->out_count; i++)
        vrx_call_send(request->context.call, &request->out[i]);
    out_clear(request);
    switch (request->next) {
    case VRX_NEXT_MORE: /* on_writable brings us back */
        break;
    case VRX_NEXT_WAIT:
    case VRX_NEXT_IDLE:
        if (atomic_load(&request->context.daemon->stopping))
            finish(request, vrx_fail(VRX_SHUTTING_DOWN));
        else
            wait_for_change(request);
        break;
    case VRX_NEXT_LAST:
    case VRX_NEXT_DONE:
        finish(request, vrx_ok());
        break;
    }
}

static void task_outside(struct vrx_task *task);

/* The reply is on its way by then: it may be to one of those whose connection ends. */
static void end_connections(const struct request *request) {
    struct vrx_daemon *daemon = request->context.daemon;
    if (request->context.ends_connections && daemon->recheck)
        daemon->recheck(daemon->recheck_context);
}

static struct vrx_lane *outside_lane_of(const struct request *request) {
    struct vrx_daemon *daemon = request->context.daemon;
    switch (request->method->lane) {
    case VRX_LANE_LOG_IN:
        return &request->context.slot->log_in_lane;
    case VRX_LANE_CARDS:
        return &daemon->card_lane;
    case VRX_LANE_ISSUER:
        break;
    }
    return &daemon->issuer_lane;
}

static void advance(struct request *request, struct vrx_result outcome, finisher finish_call) {
    const struct vrx_method *method = request->method;
    struct vrx_daemon *daemon = request->context.daemon;
    bool last = request->step == STEP_FINISH || !method->finish;
    if (vrx_is_ok(outcome) && method->committed && last)
        method->committed(&request->context);
    if (vrx_is_ok(outcome))
        certificate_noted(request);
    request->context.tenant = NULL;
    if (!vrx_is_ok(outcome)) {
        finish_call(request, outcome);
    } else if (request->step == STEP_NEXT) {
        send_stream(request);
    } else if (last) {
        reply(request, finish_call);
        end_connections(request);
    } else if (method->kind == VRX_CALL_CLIENT_STREAM) {
        vrx_call_take_more(request->context.call, 1);
    } else {
        hold(request);
        request->task.run = task_outside;
        vrx_worker_post(daemon->worker, outside_lane_of(request), &request->task);
    }
}

static void job_done(struct vrx_job *job, struct vrx_result outcome) {
    struct request *request = REQUEST_OF(job, job);
    vrx_alert_tell(&request->context);
    advance(request, outcome, finish_of_many);
    release(request);
}

/* What a worker's handler did has its entry before its reply, as everything else has, where a
 * ledger is open and the handler did not see to it itself. */
static bool owes_entry(const struct request *request) {
    const struct vrx_slot *slot = request->context.slot;
    return !request->method->unaudited && !request->skipped && !request->context.audit.written &&
           slot && vrx_slot_is_open(slot);
}

static void task_handle(struct vrx_task *task) {
    struct request *request = REQUEST_OF(task, task);
    request->outcome = run_step(request);
    if (owes_entry(request)) {
        request->settled = true;
        request->job.deadline = 0; /* it is done */
        post(request);
    } else {
        advance(request, request->outcome, finish);
    }
    release(request);
}

/* VRX_SCOPE_DAEMON: no vault has a part in it, and so none an entry of it. */
static void task_at_once(struct vrx_task *task) {
    struct request *request = REQUEST_OF(task, task);
    if (request->step == STEP_NEXT)
        note_changes(request);
    advance(request, run_step(request), finish);
    release(request);
}

/* A stream's messages are sent by then, and there is no further one. */
static void task_thread(struct vrx_task *task) {
    struct request *request = REQUEST_OF(task, task);
    struct vrx_result outcome = run_step(request);
    if (vrx_is_ok(outcome) && request->method->kind == VRX_CALL_UNARY)
        reply(request, finish);
    else
        finish(request, outcome);
    release(request);
}

struct vrx_result vrx_dispatch_send(struct vrx_context *context, const ProtobufCMessage *message) {
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_message_encode(message, &encoded));
    vrx_call_send(context->call, &encoded);
    return vrx_ok();
}

struct vrx_result vrx_dispatch_go_on(const struct vrx_context *context) {
    if (context->call && vrx_call_is_cancelled(context->call))
        return vrx_fail(VRX_CANCELLED);
    VRX_TRY(check_session(context, true));
    return atomic_load(&context->daemon->stopping) ? vrx_fail(VRX_SHUTTING_DOWN) : vrx_ok();
}

/* What the handler's transaction prepared is carried out without a tenant; then its last step is
 * queued, with the outcome when that is a refusal. What was done outside must be recorded: the
 * caller's deadline does not count any more. */
static void task_outside(struct vrx_task *task) {
    struct request *request = REQUEST_OF(task, task);
    request->context.now = vrx_clock_seconds();
    request->refused = is_unwanted(request) ? vrx_fail(VRX_CANCELLED)
                                            : request->method->outside(&request->context);
    request->step = STEP_FINISH;
    request->job.deadline = 0;
    post(request);
    release(request);
}

static void post(struct request *request) {
    note_changes(request);
    hold(request);
    struct vrx_result posted = vrx_actor_post(request->context.slot->actor, &request->job);
    if (vrx_is_ok(posted))
        return;
    finish(request, posted);
    release(request);
}

/* A caller wants something of the vault: it is not idle. */
static void post_for_caller(struct request *request) {
    atomic_store(&request->context.slot->used_ms, vrx_clock_monotonic_ms(NULL));
    post(request);
}

/* ---- a message arrives, on the call's I/O thread ---- */

static void refuse(struct request *request, struct vrx_result refused) {
    struct vrx_slot *slot = request->context.slot;
    request->refused = refused;
    if (request->quiet)
        vrx_call_finish(request->context.call, refused);
    else if (slot && vrx_slot_is_open(slot))
        post(request);
    else
        finish(request, refused);
}

/* The entry of a flood's refusal says how many it stands for. */
static void note_flood(struct request *request) {
    struct vrx_context *context = &request->context;
    char *basis = NULL;
    if (context->raised.more &&
        vrx_is_ok(vrx_arena_format(&context->arena, &basis, "and %u refused calls before it",
            (unsigned)context->raised.more)))
        context->audit.basis = vrx_view_text(basis);
}

static void start(struct request *request) {
    int64_t deadline = vrx_call_deadline_ms(request->context.call);
    request->step = request->method->next ? STEP_NEXT : STEP_HANDLE;
    request->job = (struct vrx_job){.run = job_run,
        .audit = job_audit,
        .done = job_done,
        .reads = request->method->reads,
        .deadline = deadline == INT64_MAX ? 0 : deadline};
    request->suspensions = atomic_load(&request->context.daemon->suspensions);
    const struct vrx_result result =
        vrx_caller_admit(&request->context, request->method, &request->new_certificate);
    if (request->new_certificate) /* which is noted in the call's transaction */
        request->job.reads = false;
    const struct vrx_result limited =
        vrx_guard_call(&request->context, request->method->path, &request->quiet);
    if (!vrx_is_ok(limited))
        note_flood(request);
    request->refused = vrx_is_ok(limited) ? result : limited;
}

/* A request for the call's first message; NULL when memory is short. */
static struct request *request_new(struct vrx_daemon *daemon, struct vrx_call *call) {
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->method = vrx_call_method(call);
    request->context.daemon = daemon;
    request->context.call = call;
    request->context.random = daemon->random;
    memcpy(request->context.request_id, vrx_call_request_id(call), VRX_ID);
    vrx_arena_init(&request->context.arena, VRX_LIMIT_ARENA);
    vrx_arena_init(&request->message_arena, VRX_LIMIT_ARENA);
    vrx_call_set_user(call, request, request_free);
    if (request->method->state_size) {
        request->context.state = calloc(1, request->method->state_size);
        if (!request->context.state)
            return NULL;
    }
    start(request);
    return request;
}

/* The call's request, made with its first message; NULL when the call was told that it can't be. */
static struct request *request_of(struct vrx_daemon *daemon, struct vrx_call *call) {
    struct request *request = vrx_call_user(call);
    if (!request)
        request = request_new(daemon, call);
    if (request)
        return request;
    struct request *half_made = vrx_call_user(call);
    if (half_made)
        half_made->counted = true;
    vrx_tally_outcome(daemon->tally, NULL, vrx_call_method(call), VRX_OUT_OF_MEMORY);
    vrx_call_finish(call, vrx_fail(VRX_OUT_OF_MEMORY));
    return NULL;
}

static struct vrx_result decode(struct request *request, struct vrx_view message) {
    vrx_arena_clear(&request->message_arena); /* a message before is done with */
    forget_step(request);
    VRX_TRY(vrx_message_decode(
        request->method->request, message, &request->message_arena, &request->message));
    VRX_TRY(vrx_second_keep(&request->second, request->method, message));
    return vrx_message_new(request->method->reply, &request->context.arena, &request->reply);
}

static void on_message(void *daemon, struct vrx_call *call, struct vrx_view message) {
    struct request *request = request_of(daemon, call);
    if (!request)
        return;
    measure_begin(request);
    struct vrx_result result = request->refused;
    if (vrx_is_ok(result))
        result = decode(request, message);
    if (vrx_is_ok(result) && request->method->route)
        result = request->method->route(&request->context, request->message);
    if (!vrx_is_ok(result)) {
        refuse(request, result);
    } else if (request->method->scope == VRX_SCOPE_TENANT) {
        post_for_caller(request);
    } else if (request->method->scope == VRX_SCOPE_DAEMON) {
        hold(request);
        task_at_once(&request->task);
    } else if (request->method->scope == VRX_SCOPE_THREAD) {
        hold(request);
        request->task.run = task_thread;
        result = vrx_threads_run(request->context.daemon->threads, &request->task);
        if (!vrx_is_ok(result)) {
            refuse(request, result);
            release(request);
        }
    } else {
        hold(request);
        request->task.run = task_handle;
        vrx_worker_post(request->context.daemon->worker, lane_of(request), &request->task);
    }
}

/* The client has sent its last message. */
static void on_end(void *daemon, struct vrx_call *call) {
    struct request *request = request_of(daemon, call);
    if (!request)
        return;
    measure_begin(request);
    if (request->method->kind == VRX_CALL_BOTH_STREAM && vrx_is_ok(request->refused)) {
        finish(request, vrx_ok());
        return;
    }
    request->step = STEP_FINISH;
    struct vrx_result result = request->refused;
    if (vrx_is_ok(result)) {
        forget_step(request);
        result = vrx_message_new(request->method->reply, &request->context.arena, &request->reply);
    }
    if (vrx_is_ok(result))
        post(request);
    else
        refuse(request, result);
}

static void on_writable(void *daemon, struct vrx_call *call) {
    (void)daemon;
    struct request *request = vrx_call_user(call);
    if (!request || !atomic_exchange(&request->wants_more, false))
        return;
    if (request->method->kind == VRX_CALL_BOTH_STREAM)
        vrx_call_take_more(call, 1);
    else
        post_for_caller(request);
}

static void on_cancelled(void *daemon, struct vrx_call *call) {
    (void)daemon;
    struct request *request = vrx_call_user(call);
    if (request)
        stop_waiting(request);
}

static void on_refused(void *context, struct vrx_result outcome) {
    const struct vrx_daemon *daemon = context;
    vrx_tally_outcome(daemon->tally, NULL, NULL, outcome.reason);
}

static bool may_stay(void *daemon, const struct vrx_peer *peer) {
    struct vrx_registered caller;
    struct vrx_registry *registry = ((struct vrx_daemon *)daemon)->registry;
    return !vrx_is_ok(vrx_registry_find(registry, peer->spki_sha256, &caller)) || !caller.suspended;
}

struct vrx_net_guard vrx_dispatch_guard(struct vrx_daemon *daemon) {
    return (struct vrx_net_guard){.may_stay = may_stay, .context = daemon};
}

struct vrx_grpc_handler vrx_dispatch_handler(struct vrx_daemon *daemon) {
    return (struct vrx_grpc_handler){
        .context = daemon,
        .message = on_message,
        .end = on_end,
        .writable = on_writable,
        .cancelled = on_cancelled,
        .refused = on_refused,
    };
}

size_t vrx_dispatch_routes(const struct vrx_method *methods, size_t count, unsigned callers,
    size_t room, struct vrx_grpc_route *routes) {
    size_t found = 0;
    for (size_t i = 0; i < count && found < room; i++) {
        const struct vrx_method *method = &methods[i];
        if (!callers || method->callers & callers)
            routes[found++] = (struct vrx_grpc_route){method->path, method->kind, method};
    }
    return found;
}
