/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/log.h"

#include <stdio.h>

#include "base/date.h"
#include "base/encode.h"
#include "dispatch/context.h"

/* Paths and clauses are our own texts; a file's name may hold anything. */
static void put_json_text(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void put_member(FILE *out, const char *name, const char *text) {
    fprintf(out, ",\"%s\":", name);
    put_json_text(out, text);
}

static void begin(FILE *out) {
    char time[VRX_TIME_TEXT + 1];
    vrx_time_format(vrx_clock_seconds(), time);
    flockfile(out);
    fprintf(out, "{\"time\":\"%s\"", time);
}

static void end(FILE *out, struct vrx_result outcome) {
    put_member(out, "outcome", vrx_reason_name(outcome.reason));
    if (outcome.clause)
        put_member(out, "clause", outcome.clause);
    fputs("}\n", out);
    funlockfile(out);
}

void vrx_log_call(const struct vrx_context *context, const char *path, struct vrx_result outcome) {
    if (vrx_is_ok(outcome))
        return; /* the ledger has it */
    char request[2 * VRX_ID + 1];
    vrx_hex_string(vrx_view_of(context->request_id, VRX_ID), request);
    begin(stderr);
    put_member(stderr, "call", path);
    put_member(stderr, "terminal", context->terminal_id);
    if (context->slot)
        put_member(stderr, "municipality", context->slot->code.digits);
    put_member(stderr, "request", request);
    end(stderr, outcome);
}

void vrx_log_event(const char *event, const char *subject, struct vrx_result outcome) {
    begin(stderr);
    put_member(stderr, "event", event);
    if (subject)
        put_member(stderr, "subject", subject);
    end(stderr, outcome);
}
