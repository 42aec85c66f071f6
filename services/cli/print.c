/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

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
    fprintf(stderr, "vrx: %s: %s / %s\n     %s%s%s - %s / %s\n", subject,
        vrx_reason_sentence_en(result.reason), vrx_reason_sentence_ja(result.reason),
        vrx_reason_name(result.reason), result.clause ? ": " : "",
        result.clause ? result.clause : "", advice[retry].en, advice[retry].ja);
    enum vrx_category category = vrx_reason_category(result.reason);
    return category == VRX_CATEGORY_IO || category == VRX_CATEGORY_INTERNAL ? VRX_EXIT_FAILED
                                                                            : VRX_EXIT_REFUSED;
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
        fputc('\n', stderr);
}
