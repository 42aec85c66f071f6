/* SPDX-License-Identifier: Apache-2.0
 *
 * The network of sim.h: what is to happen, in order of time, and messages on their way. It loses,
 * copies, delays, alters and misdirects them, and keeps some to send them again days later.
 */
#include <stdlib.h>

#include "fault/exchange/sim.h"

/* ---- what is to happen: a binary heap ---- */

static bool before(const struct sim_event *a, const struct sim_event *b) {
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct sim_event *a, struct sim_event *b) {
    struct sim_event kept = *a;
    *a = *b;
    *b = kept;
}

void sim_plan(struct sim *sim, int64_t at, enum sim_event_kind kind, unsigned who, unsigned what,
    struct sim_message *message) {
    if (sim->event_count == sim->event_capacity) {
        sim->event_capacity = sim->event_capacity ? 2 * sim->event_capacity : 512;
        sim->events = realloc(sim->events, sim->event_capacity * sizeof *sim->events);
        assert_non_null(sim->events);
    }
    size_t i = sim->event_count++;
    sim->events[i] = (struct sim_event){at, sim->planned++, kind, who, what, message};
    for (; i && before(&sim->events[i], &sim->events[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&sim->events[i], &sim->events[(i - 1) / 2]);
}

bool sim_next(struct sim *sim, struct sim_event *ret_event) {
    struct sim_event *events = sim->events;
    if (!sim->event_count)
        return false;
    *ret_event = events[0];
    events[0] = events[--sim->event_count];
    for (size_t i = 0, child; (child = 2 * i + 1) < sim->event_count; i = child) {
        if (child + 1 < sim->event_count && before(&events[child + 1], &events[child]))
            child++;
        if (!before(&events[child], &events[i]))
            break;
        swap(&events[i], &events[child]);
    }
    return true;
}

/* ---- messages ---- */

void sim_forget(struct sim_message **message) {
    struct sim_message *gone = *message;
    *message = NULL;
    if (!gone || --gone->users)
        return;
    vrx_buffer_done(&gone->bytes);
    free(gone);
}

static struct sim_message *copy_of(
    struct vrx_view bytes, unsigned from, unsigned to, const struct vrx_sending *sent, bool reply) {
    struct sim_message *message = calloc(1, sizeof *message);
    assert_non_null(message);
    assert_ok(vrx_buffer_append(&message->bytes, bytes));
    message->from = from;
    message->to = to;
    message->sent = *sent;
    message->sent.envelope = (struct vrx_buffer){0};
    message->reply = reply;
    message->users = 1;
    return message;
}

/* One bit of one byte; sometimes an end that is missing or too long. */
static void alter(struct sim *sim, struct sim_message *message) {
    struct vrx_buffer *bytes = &message->bytes;
    const uint32_t at = sim_below(sim, (uint32_t)bytes->len);
    const uint32_t how = sim_below(sim, 10);
    message->altered = true;
    sim->altered++;
    if (how == 0)
        bytes->len = at;
    else if (how == 1)
        assert_ok(vrx_buffer_append_byte(bytes, (uint8_t)at));
    else
        bytes->ptr[at] ^= (uint8_t)(1u << sim_below(sim, 8));
}

/* Takes the user over. */
static void keep(struct sim *sim, struct sim_message *message) {
    if (sim->kept_count < SIM_KEPT) {
        sim->kept[sim->kept_count++] = message;
        return;
    }
    const uint32_t at = sim_below(sim, SIM_KEPT);
    sim_forget(&sim->kept[at]);
    sim->kept[at] = message;
}

static int64_t delay(struct sim *sim) {
    if (!sim_chance(sim, sim->weather.late))
        return sim_below(sim, 3);
    return sim_chance(sim, 700) ? sim_below(sim, 600) : sim_below(sim, 8 * 3600);
}

static void carry(struct sim *sim, struct sim_message *message) {
    if (sim->cut[message->from][message->to] || sim_chance(sim, sim->weather.drop)) {
        sim_forget(&message);
        return;
    }
    if (sim_chance(sim, sim->weather.astray))
        message->to = sim_below(sim, SIM_TOWNS);
    if (sim_chance(sim, sim->weather.alter))
        alter(sim, message);
    sim_plan(sim, sim->now + delay(sim), SIM_ARRIVE, message->to, 0, message);
}

void sim_send(struct sim *sim, unsigned from, unsigned to, struct vrx_view bytes,
    const struct vrx_sending *sent, bool reply) {
    do {
        carry(sim, copy_of(bytes, from, to, sent, reply));
    } while (sim_chance(sim, sim->weather.copy));
    if (sim_chance(sim, 100))
        keep(sim, copy_of(bytes, from, to, sent, reply));
}

void sim_replay(struct sim *sim) {
    if (!sim->kept_count)
        return;
    const struct sim_message *old = sim->kept[sim_below(sim, (uint32_t)sim->kept_count)];
    const unsigned to = sim_chance(sim, 800) ? old->to : sim_below(sim, SIM_TOWNS);
    struct sim_message *message =
        copy_of(vrx_buffer_view(&old->bytes), old->from, to, &old->sent, old->reply);
    if (sim_chance(sim, sim->weather.alter))
        alter(sim, message);
    sim_plan(sim, sim->now, SIM_ARRIVE, to, 0, message);
}
