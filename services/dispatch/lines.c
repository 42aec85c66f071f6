/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring of bytes under a lock, which is held for as long as a line is copied, never while anything
 * is written.
 */
#include "dispatch/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "dispatch/daemon.h"

#define PIECE 4096 /* written at once: PIPE_BUF, so that lines of two programs do not mix */
#define STACK ((size_t)256 << 10)

struct vrx_lines {
    int fd;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct vrx_lines_counts counts;
    uint64_t untold; /* lines lost that no line has told of */
    size_t at;       /* the oldest byte */
    size_t len;
    bool ending;
    bool ended;
    pthread_t thread;
    size_t size;
    char ring[];
};

static bool has_room(const struct vrx_lines *lines, size_t len) {
    return lines->size - lines->len >= len;
}

static void append(struct vrx_lines *lines, struct vrx_view line) {
    for (size_t i = 0; i < line.len; i++)
        lines->ring[(lines->at + lines->len + i) % lines->size] = (char)line.ptr[i];
    lines->len += line.len;
}

/* True when there is nothing untold. */
static bool tell_lost(struct vrx_lines *lines) {
    char time[VRX_TIME_TEXT + 1];
    char line[160];
    if (!lines->untold)
        return true;
    vrx_time_format(vrx_clock_seconds(), time);
    const int len = snprintf(line, sizeof line,
        "{\"time\":\"%s\",\"event\":\"lines lost\",\"subject\":\"%" PRIu64
        "\",\"outcome\":\"QUEUE_FULL\"}\n",
        time, lines->untold);
    if (!has_room(lines, (size_t)len))
        return false;
    append(lines, vrx_view_of(line, (size_t)len));
    lines->untold = 0;
    return true;
}

void vrx_lines_put(struct vrx_lines *lines, struct vrx_view line) {
    (void)pthread_mutex_lock(&lines->lock);
    if (tell_lost(lines) && has_room(lines, line.len)) {
        append(lines, line);
    } else {
        lines->counts.lost++;
        lines->untold++;
    }
    (void)pthread_cond_broadcast(&lines->changed);
    (void)pthread_mutex_unlock(&lines->lock);
}

struct vrx_lines_counts vrx_lines_counts(struct vrx_lines *lines) {
    (void)pthread_mutex_lock(&lines->lock);
    const struct vrx_lines_counts counts = lines->counts;
    (void)pthread_mutex_unlock(&lines->lock);
    return counts;
}

/* ---- the thread ---- */

/* Takes up to a piece out of the ring, to the end of a line where one ends in it. */
static size_t take(struct vrx_lines *lines, char piece[PIECE]) {
    size_t len = lines->len < PIECE ? lines->len : PIECE;
    size_t whole = 0;
    for (size_t i = 0; i < len; i++) {
        piece[i] = lines->ring[(lines->at + i) % lines->size];
        if (piece[i] == '\n')
            whole = i + 1;
    }
    if (whole)
        len = whole;
    lines->at = (lines->at + len) % lines->size;
    lines->len -= len;
    return len;
}

/* False when nobody will ever read it. */
static bool write_all(int fd, const char *bytes, size_t len) {
    while (len) {
        const ssize_t written = write(fd, bytes, len);
        if (written >= 0) {
            bytes += written;
            len -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd writable = {.fd = fd, .events = POLLOUT};
            (void)poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

static uint64_t count_lines(const char *bytes, size_t len) {
    uint64_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += bytes[i] == '\n';
    return count;
}

/* Under the lock, which is given up meanwhile. */
static void write_piece(struct vrx_lines *lines) {
    char piece[PIECE];
    const size_t len = take(lines, piece);
    (void)pthread_mutex_unlock(&lines->lock);
    const bool written = write_all(lines->fd, piece, len);
    (void)pthread_mutex_lock(&lines->lock);
    *(written ? &lines->counts.written : &lines->counts.lost) += count_lines(piece, len);
}

static void *work(void *argument) {
    struct vrx_lines *lines = argument;
    (void)pthread_mutex_lock(&lines->lock);
    for (;;) {
        (void)tell_lost(lines); /* at the latest when the ring is empty, where there is room */
        if (lines->len)
            write_piece(lines);
        else if (lines->ending)
            break;
        else
            (void)pthread_cond_wait(&lines->changed, &lines->lock);
    }
    lines->ended = true;
    (void)pthread_cond_broadcast(&lines->changed);
    (void)pthread_mutex_unlock(&lines->lock);
    return NULL;
}

static int start(struct vrx_lines *lines) {
    sigset_t all;
    sigset_t before;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error)
        return error;
    (void)pthread_attr_setstacksize(&attributes, STACK);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&lines->thread, &attributes, work, lines);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return error;
}

/* ---- life ---- */

static void release(struct vrx_lines *lines) {
    (void)pthread_cond_destroy(&lines->changed);
    (void)pthread_mutex_destroy(&lines->lock);
    free(lines);
}

struct vrx_result vrx_lines_new(int fd, size_t bytes, struct vrx_lines **ret_lines) {
    pthread_condattr_t attributes;
    if (bytes < PIECE)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_lines *lines = calloc(1, sizeof *lines + bytes);
    if (!lines)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    lines->fd = fd;
    lines->size = bytes;
    (void)pthread_mutex_init(&lines->lock, NULL); /* none of these can fail on Linux */
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&lines->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    if (start(lines) != 0) {
        release(lines);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_lines = lines;
    return vrx_ok();
}

bool vrx_lines_free(struct vrx_lines **lines, int64_t patience_ms) {
    struct vrx_lines *own = *lines;
    struct timespec until;
    *lines = NULL;
    if (!own)
        return true;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += patience_ms / 1000;
    until.tv_nsec += patience_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&own->lock);
    own->ending = true;
    (void)pthread_cond_broadcast(&own->changed);
    while (!own->ended && pthread_cond_timedwait(&own->changed, &own->lock, &until) == 0)
        ;
    const bool ended = own->ended;
    (void)pthread_mutex_unlock(&own->lock);
    if (!ended) {
        (void)pthread_detach(own->thread);
        return false;
    }
    (void)pthread_join(own->thread, NULL);
    release(own);
    return true;
}
