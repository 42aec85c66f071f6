/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/encode.h"
#include "cli/json.h"
#include "objects/dated_key.h"

static const struct {
    const char *en;
    const char *ja;
} advice[] = {
    [VRX_RETRY_NEVER] = {"asking again will not help", "再試行しても変わりません"},
    [VRX_RETRY_CORRECTED] = {"correct it and try again", "修正してから再試行してください"},
    [VRX_RETRY_LATER] = {"try again later", "しばらくしてから再試行してください"},
    [VRX_RETRY_NOW] = {"try again", "もう一度実行してください"},
};

int vrx_print_refusal(const char *subject, struct vrx_result result) {
    enum vrx_retry retry = vrx_reason_retry(result.reason);
    flockfile(stderr);
    fprintf(stderr, "vrx: %s: %s / %s\n     %s%s", subject, vrx_reason_sentence_en(result.reason),
        vrx_reason_sentence_ja(result.reason), vrx_reason_name(result.reason),
        result.clause ? ": " : "");
    vrx_text_pad(stderr, result.clause ? result.clause : "", 0, false);
    if (result.retry_ms) {
        const unsigned seconds = result.retry_ms / 1000 + (result.retry_ms % 1000 != 0);
        fprintf(stderr, " - try again in %u s / %u秒後に再試行してください\n", seconds, seconds);
    } else {
        fprintf(stderr, " - %s / %s\n", advice[retry].en, advice[retry].ja);
    }
    funlockfile(stderr);
    enum vrx_category category = vrx_reason_category(result.reason);
    return category == VRX_CATEGORY_IO || category == VRX_CATEGORY_INTERNAL ? VRX_EXIT_FAILED
                                                                            : VRX_EXIT_REFUSED;
}

int vrx_print_file_failure(const char *path, struct vrx_result result) {
    vrx_print_refusal(path, result);
    return VRX_EXIT_FAILED;
}

void vrx_table_time(struct vrx_table *table, int64_t time) {
    char text[VRX_PRINT_TIME] = "";
    if (time >= VRX_KEY_NO_END)
        text[0] = '-';
    else if (time)
        vrx_print_time(time, text);
    vrx_table_text(table, text);
}

void vrx_print_clock(uint32_t minute, char out[8]) {
    snprintf(out, 8, "%02u:%02u", minute / 60 % 25, minute % 60);
}

int vrx_print_field(const struct vrx_arguments *arguments, const char *name, const char *text) {
    if (!vrx_argument_json(arguments)) {
        vrx_text_pad(stdout, text, 0, false);
        putchar('\n');
        return VRX_EXIT_OK;
    }
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_text(&json, name, text);
    return vrx_json_print(&json);
}

int vrx_print_hex(const struct vrx_arguments *arguments, const char *name, struct vrx_view bytes) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_hex_encode(bytes, &text);
    if (vrx_is_ok(result))
        result = vrx_buffer_append_byte(&text, '\0');
    if (!vrx_is_ok(result))
        return vrx_print_refusal(name, result);
    return vrx_print_field(arguments, name, (const char *)text.ptr);
}

int vrx_print_done(const struct vrx_arguments *arguments, const char *en, const char *ja) {
    if (vrx_argument_json(arguments))
        return vrx_print_field(arguments, "done", en);
    printf("%s / %s\n", en, ja);
    return VRX_EXIT_OK;
}

int vrx_print_table(const struct vrx_table *table) {
    struct vrx_result result = vrx_table_print(table, stdout);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("table / 表", result);
}

void vrx_print_time(int64_t time, char out[VRX_PRINT_TIME]) {
    char text[VRX_TIME_TEXT + 1];
    vrx_time_format(time + VRX_JST_OFFSET, text);
    snprintf(out, VRX_PRINT_TIME, "%.10s %.8s JST", text, text + 11);
}

#define WIDTH 40

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void vrx_progress_init(struct vrx_progress *progress, const char *what) {
    *progress = (struct vrx_progress){.what = what, .enabled = isatty(STDERR_FILENO) == 1};
}

void vrx_progress_show(struct vrx_progress *progress, uint64_t done, uint64_t total) {
    int64_t now = now_ms();
    if (!progress->enabled || (done < total && now - progress->drawn_ms < 100))
        return;
    progress->drawn_ms = now;
    unsigned filled = total ? (unsigned)(done * WIDTH / total) : WIDTH;
    fprintf(stderr, "\r%s [", progress->what);
    for (unsigned i = 0; i < WIDTH; i++)
        fputs(i < filled ? "█" : "·", stderr);
    fprintf(stderr, "] %3u %%", total ? (unsigned)(done * 100 / total) : 100);
    if (done >= total)
        vrx_progress_stop(progress);
}

void vrx_progress_stop(struct vrx_progress *progress) {
    if (progress->enabled && progress->drawn_ms)
        fputc('\n', stderr);
    progress->enabled = false;
}
