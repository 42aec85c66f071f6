/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/encode.h"
#include "dispatch/context.h"

#define QUEUE_BYTES ((size_t)1 << 20) /* some six thousand lines */
#define PATIENCE_MS 2000              /* for who reads, at the end */

/* A process has one standard error, and so one of this. NULL: lines are written at once. */
static struct vrx_lines *queue;

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

/* A line as it is made. */
struct line {
    FILE *out; /* NULL: there was no memory for it */
    char *text;
    size_t len;
};

static void begin(struct line *line) {
    char time[VRX_TIME_TEXT + 1];
    *line = (struct line){0};
    line->out = open_memstream(&line->text, &line->len);
    if (!line->out)
        return;
    vrx_time_format(vrx_clock_seconds(), time);
    fprintf(line->out, "{\"time\":\"%s\"", time);
}

static void end(struct line *line, struct vrx_result outcome) {
    put_member(line->out, "outcome", vrx_reason_name(outcome.reason));
    if (outcome.clause)
        put_member(line->out, "clause", outcome.clause);
    fputs("}\n", line->out);
    if (fclose(line->out) == 0 && queue)
        vrx_lines_put(queue, vrx_view_of(line->text, line->len));
    else if (line->text)
        fputs(line->text, stderr);
    free(line->text);
}

struct vrx_result vrx_log_start(void) {
    return vrx_lines_new(STDERR_FILENO, QUEUE_BYTES, &queue);
}

void vrx_log_stop(void) {
    (void)vrx_lines_free(&queue, PATIENCE_MS);
}

struct vrx_lines_counts vrx_log_counts(void) {
    return queue ? vrx_lines_counts(queue) : (struct vrx_lines_counts){0};
}

void vrx_log_call(const struct vrx_context *context, const char *path, struct vrx_result outcome) {
    if (vrx_is_ok(outcome))
        return; /* the ledger has it */
    char request[2 * VRX_ID + 1];
    struct line line;
    begin(&line);
    if (!line.out)
        return;
    vrx_hex_string(vrx_view_of(context->request_id, VRX_ID), request);
    put_member(line.out, "call", path);
    put_member(line.out, "terminal", context->terminal_id);
    if (context->slot)
        put_member(line.out, "municipality", context->slot->code.digits);
    put_member(line.out, "request", request);
    end(&line, outcome);
}

void vrx_log_event(const char *event, const char *subject, struct vrx_result outcome) {
    struct line line;
    begin(&line);
    if (!line.out)
        return;
    put_member(line.out, "event", event);
    if (subject)
        put_member(line.out, "subject", subject);
    end(&line, outcome);
}
