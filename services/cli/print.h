/* SPDX-License-Identifier: Apache-2.0
 *
 * How commands speak: results on standard output, what went wrong on standard error, in words that
 * say what to do next.
 */
#ifndef VRX_CLI_PRINT_H
#define VRX_CLI_PRINT_H

#include "base/bytes.h"
#include "cli/command.h"
#include "cli/table.h"

/* "vrx: SUBJECT: sentence / 日本語 (REASON; clause)" and the retry advice. Returns the exit status
 * that fits: VRX_EXIT_REFUSED for INPUT, AUTH, STATE, LIMIT and CRYPTO, else VRX_EXIT_FAILED. */
int vrx_print_refusal(const char *subject, struct vrx_result result);

/* The same for a file of the caller's: always VRX_EXIT_FAILED, since nobody said no. */
int vrx_print_file_failure(const char *path, struct vrx_result result);

/* One result on standard output: the text alone, so that scripts take it as it is, or with --json
 * an object with that one name. The exit status, as of all below. */
int vrx_print_field(const struct vrx_arguments *arguments, const char *name, const char *text);
/* The same of an identifier or a digest, in hexadecimal. */
int vrx_print_hex(const struct vrx_arguments *arguments, const char *name, struct vrx_view bytes);
/* That something was done which has no result: "EN / JA", or with --json {"done": "EN"}. */
int vrx_print_done(const struct vrx_arguments *arguments, const char *en, const char *ja);
/* A table on standard output. */
int vrx_print_table(const struct vrx_table *table);

/* An instant for people in Japan: "2021-10-12 12:04:05 JST". */
#define VRX_PRINT_TIME 24
void vrx_print_time(int64_t time, char out[VRX_PRINT_TIME]);
/* The same as a table's next cell: empty for 0, where there is none, and "-" from VRX_KEY_NO_END
 * on. */
void vrx_table_time(struct vrx_table *table, int64_t time);

/* A minute of the day: "08:30"; 1440 is "24:00". */
void vrx_print_clock(uint32_t minute, char out[8]);

/* A progress bar on standard error, on a terminal only; drawn at most ten times a second. done =
 * total ends it with a newline. */
struct vrx_progress {
    const char *what;
    int64_t drawn_ms;
    bool enabled;
};
void vrx_progress_init(struct vrx_progress *progress, const char *what);
void vrx_progress_show(struct vrx_progress *progress, uint64_t done, uint64_t total);
/* Leaves the bar as it stands and begins a new line for what is to be said. */
void vrx_progress_stop(struct vrx_progress *progress);

#endif
