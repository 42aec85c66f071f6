/* SPDX-License-Identifier: Apache-2.0
 *
 * A few threads go round all municipalities; each of these has its own next time and at most one
 * thread at it. Signals are blocked in them and taken by the main thread, so that no unseal and no
 * checkpoint is left half done.
 */
#include "cli/watch.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "keyring/unseal.h"
#include "vrx/v1/tenancy.pb-c.h"

#define LOOK_MS 2000  /* between two looks at a vault, at least */
#define EACH_MS 10    /* between any two looks: a hundred a second are asked of the daemon */
#define PAUSE_MS 1000 /* after the first failure; doubled with each further one */
#define PAUSE_MAX_MS 60000
#define REFRESH_MS 3600000 /* between two checkpoints of an open vault: each is an entry */
#define AT_ONCE 8          /* as many as vrxd opens at once */
#define LIST_BYTES ((size_t)2 << 20)

enum state { UNKNOWN, OPEN, WAITING, FAILING, GIVEN_UP };

static const char *const state_names[][2] = {
    [OPEN] = {"open", "開封中"},
    [WAITING] = {"waiting for further custodians", "他の鍵管理者を待っています"},
    [FAILING] = {"not reached or not opened; trying again", "開封できません。再試行します"},
    [GIVEN_UP] = {"GIVEN UP: somebody must look at this", "中止しました。確認が必要です"},
};

struct watch {
    const struct vrx_watched *watched;
    struct vrx_custody custody;
    struct vrx_connection connection;
    enum state state;
    int64_t next_ms;
    int64_t pause_ms;
    int64_t refresh_ms;
    bool lost;      /* the last look found that the connection had gone */
    unsigned alarm; /* round's, when the last look began */
    bool busy;      /* a thread is at it */
};

struct round {
    const struct vrx_arguments *arguments;
    struct watch *watches;
    size_t count;
    pthread_mutex_t lock; /* of the members below, and of every watch's busy and next_ms */
    pthread_cond_t changed;
    unsigned alarm;  /* how often the daemon seemed to have gone */
    bool token_busy; /* C_Initialize was not told of threads: one at a time asks a token */
    bool ending;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void report(const struct vrx_arguments *arguments, const struct watch *watch) {
    const char *code = watch->custody.signers.municipality.digits;
    char time_text[VRX_PRINT_TIME];
    flockfile(stdout);
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_json_time(&json, "time", vrx_cli_now());
        vrx_json_text(&json, "municipality", code);
        vrx_json_text(&json, "state", state_names[watch->state][0]);
        vrx_json_print(&json);
    } else {
        vrx_print_time(vrx_cli_now(), time_text);
        printf("%s %s %s / %s\n", time_text, code, state_names[watch->state][0],
            state_names[watch->state][1]);
    }
    fflush(stdout);
    funlockfile(stdout);
}

static void turn(const struct vrx_arguments *arguments, struct watch *watch, enum state state) {
    const bool changed = watch->state != state;
    watch->state = state;
    if (changed)
        report(arguments, watch);
}

static void disconnect(struct watch *watch) {
    vrx_connection_done(&watch->connection);
    watch->connection =
        (struct vrx_connection){.about = watch->custody.signers.municipality.digits};
}

/* What asking again does not mend. */
static bool is_final(const struct watch *watch, int status) {
    if (status == VRX_EXIT_USAGE)
        return true;
    switch (watch->connection.refused) {
    case VRX_OK: /* our own check said no, after a call that went well */
        return status == VRX_EXIT_REFUSED;
    case VRX_LEDGER_BEHIND:
    case VRX_VAULT_DAMAGED:
    case VRX_SIGNATURE_INVALID:
        return true;
    default:
        return false;
    }
}

static int is_sealed(struct watch *watch, bool *ret_sealed) {
    Vrx__V1__StatusRequest request;
    vrx__v1__status_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &watch->connection, VRX_REMOTE("Tenancy", "Status", status), &request.base, &reply));
    const Vrx__V1__StatusResponse *status = (const void *)reply;
    if (status->n_tenants != 1)
        return VRX_EXIT_FAILED;
    *ret_sealed = status->tenants[0]->sealed;
    return VRX_EXIT_OK;
}

/* This custodian's share is given once; it is given again when ten minutes have brought nobody. */
static int unseal(const struct vrx_arguments *arguments, struct watch *watch) {
    const char *note = NULL;
    uint32_t missing = 0;
    if (watch->state == WAITING && now_ms() < watch->refresh_ms)
        return VRX_EXIT_OK;
    VRX_CLI_TRY(vrx_custody_unseal(&watch->connection, &watch->custody, &note, &missing));
    watch->refresh_ms =
        now_ms() + (missing ? (int64_t)VRX_UNSEAL_SECONDS * 1000 : (int64_t)REFRESH_MS);
    if (!missing)
        watch->state = UNKNOWN; /* each opening is said, also of a vault that was open before */
    turn(arguments, watch, missing ? WAITING : OPEN);
    return VRX_EXIT_OK;
}

static int refresh(const struct vrx_arguments *arguments, struct watch *watch) {
    const bool due = watch->state != OPEN || now_ms() >= watch->refresh_ms;
    if (due && watch->custody.held_path) {
        VRX_CLI_TRY(vrx_custody_refresh(&watch->connection, &watch->custody));
        watch->refresh_ms = now_ms() + REFRESH_MS;
    }
    turn(arguments, watch, OPEN);
    return VRX_EXIT_OK;
}

static int look(const struct vrx_arguments *arguments, struct watch *watch) {
    bool sealed = false;
    watch->lost = watch->connection.client && !vrx_client_usable(watch->connection.client);
    if (!watch->connection.client || watch->lost) {
        disconnect(watch);
        /* Until a call has been made, a failure is the connection's. */
        watch->connection.refused = VRX_NETWORK_FAILED;
        VRX_CLI_TRY(vrx_connect_to(vrx_argument(arguments, "server"), watch->watched->terminal,
            vrx_argument(arguments, "operator"), &watch->connection));
    }
    VRX_CLI_TRY(is_sealed(watch, &sealed));
    return sealed ? unseal(arguments, watch) : refresh(arguments, watch);
}

/* Returns the pause until the next look; look_ms: when all is well. */
static int64_t step(const struct vrx_arguments *arguments, struct watch *watch, int64_t look_ms) {
    const bool held = watch->connection.client;
    int status = look(arguments, watch);
    if (watch->connection.client)
        vrx_arena_clear(&watch->connection.arena);
    if (status == VRX_EXIT_OK) {
        watch->pause_ms = 0;
        return look_ms;
    }
    watch->lost |= held;
    const bool final = is_final(watch, status);
    disconnect(watch);
    turn(arguments, watch, final ? GIVEN_UP : FAILING);
    watch->pause_ms = watch->pause_ms ? watch->pause_ms * 2 : PAUSE_MS;
    if (watch->pause_ms > PAUSE_MAX_MS)
        watch->pause_ms = PAUSE_MAX_MS;
    return watch->pause_ms;
}

/* ---- several at once ---- */

/* The one whose time comes first of those that a thread may take up; NULL when there is none. */
static struct watch *soonest(const struct round *round) {
    struct watch *found = NULL;
    for (size_t i = 0; i < round->count; i++) {
        struct watch *watch = &round->watches[i];
        const bool kept = watch->custody.custodian.token && round->token_busy;
        if (!watch->busy && !kept && watch->next_ms != INT64_MAX &&
            (!found || watch->next_ms < found->next_ms))
            found = watch;
    }
    return found;
}

static bool nobody_left(const struct round *round) {
    for (size_t i = 0; i < round->count; i++)
        if (round->watches[i].busy || round->watches[i].next_ms != INT64_MAX)
            return false;
    return true;
}

static int64_t look_ms(const struct round *round) {
    const int64_t all = (int64_t)round->count * EACH_MS;
    return all > LOOK_MS ? all : LOOK_MS;
}

/* Where one connection went, the daemon probably did: all others are looked at now, once. */
static void raise_alarm(struct round *round) {
    round->alarm++;
    for (size_t i = 0; i < round->count; i++)
        if (!round->watches[i].busy && round->watches[i].next_ms != INT64_MAX)
            round->watches[i].next_ms = 0;
    (void)pthread_cond_broadcast(&round->changed);
}

/* With the lock held, which is given away meanwhile. */
static void take_up(struct round *round, struct watch *watch) {
    const bool token = watch->custody.custodian.token;
    watch->busy = true;
    watch->alarm = round->alarm;
    round->token_busy |= token;
    (void)pthread_mutex_unlock(&round->lock);
    const int64_t pause = step(round->arguments, watch, look_ms(round));
    (void)pthread_mutex_lock(&round->lock);
    watch->next_ms = watch->state == GIVEN_UP ? INT64_MAX : now_ms() + pause;
    if (watch->lost && watch->alarm == round->alarm)
        raise_alarm(round);
    watch->busy = false;
    if (token)
        round->token_busy = false;
    if (nobody_left(round) && !round->ending)
        (void)kill(getpid(), SIGTERM); /* for the main thread: as if it had been told to end */
    (void)pthread_cond_signal(&round->changed);
}

static void *go_round(void *argument) {
    struct round *round = argument;
    (void)pthread_mutex_lock(&round->lock);
    while (!round->ending) {
        struct watch *watch = soonest(round);
        if (watch && watch->next_ms <= now_ms()) {
            take_up(round, watch);
        } else if (watch) {
            const struct timespec at = {watch->next_ms / 1000, watch->next_ms % 1000 * 1000000};
            (void)pthread_cond_timedwait(&round->changed, &round->lock, &at);
        } else {
            (void)pthread_cond_wait(&round->changed, &round->lock);
        }
    }
    (void)pthread_mutex_unlock(&round->lock);
    return NULL;
}

static void round_init(struct round *round) {
    pthread_condattr_t attributes;
    (void)pthread_mutex_init(&round->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&round->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

static void round_end(struct round *round) {
    (void)pthread_mutex_lock(&round->lock);
    round->ending = true;
    (void)pthread_cond_broadcast(&round->changed);
    (void)pthread_mutex_unlock(&round->lock);
}

/* Until a signal comes, from outside or because nobody is left. The signals are blocked. */
static int watch_all(const struct vrx_arguments *arguments, struct watch *watches, size_t count,
    const sigset_t *signals) {
    struct round round = {.arguments = arguments, .watches = watches, .count = count};
    pthread_t threads[AT_ONCE];
    size_t started = 0;
    round_init(&round);
    while (started < AT_ONCE && started < count &&
           pthread_create(&threads[started], NULL, go_round, &round) == 0)
        started++;
    int received = 0;
    while (started && sigwait(signals, &received) != 0)
        continue;
    round_end(&round);
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    const bool given_up = nobody_left(&round);
    const struct timespec at_once = {0};
    while (sigtimedwait(signals, NULL, &at_once) > 0) /* told twice is told once */
        continue;
    (void)pthread_cond_destroy(&round.changed);
    (void)pthread_mutex_destroy(&round.lock);
    if (!started)
        return vrx_print_refusal("watch", vrx_fail(VRX_OUT_OF_MEMORY));
    return given_up ? VRX_EXIT_REFUSED : VRX_EXIT_OK;
}

/* A connection for each municipality is kept. */
static void allow_files(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files); /* select() is used nowhere */
}

int vrx_watch(
    const struct vrx_arguments *arguments, const struct vrx_watched *watched, size_t count) {
    struct watch *watches = calloc(count, sizeof *watches);
    if (!watches)
        return vrx_print_refusal("watch", vrx_fail(VRX_OUT_OF_MEMORY));
    sigset_t signals;
    sigset_t before;
    allow_files();
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    int status = VRX_EXIT_OK;
    for (size_t i = 0; i < count && status == VRX_EXIT_OK; i++) {
        watches[i].watched = &watched[i];
        status = vrx_custody_load(&watched[i].names, &watches[i].custody);
    }
    (void)pthread_sigmask(SIG_BLOCK, &signals, &before);
    if (status == VRX_EXIT_OK)
        status = watch_all(arguments, watches, count, &signals);
    for (size_t i = count; i-- > 0;) { /* tokens: the first is closed last */
        disconnect(&watches[i]);
        vrx_custody_done(&watches[i].custody);
    }
    free(watches);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* Splits one line, which ends with NUL. */
static struct vrx_result take_line(char *line, struct vrx_watched *ret_entry) {
    const char *parts[4];
    for (size_t i = 0; i < 4; i++) {
        parts[i] = line;
        line += strcspn(line, "\t");
        if (line == parts[i] || (*line == '\t') != (i < 3))
            return vrx_refuse(VRX_INPUT_MALFORMED, "watch list: four parts between tabs");
        if (*line)
            *line++ = '\0';
    }
    *ret_entry = (struct vrx_watched){parts[0], {parts[1], parts[2], parts[3]}};
    return vrx_ok();
}

struct vrx_result vrx_watch_list(
    char *text, size_t len, struct vrx_watched *entries, size_t max, size_t *ret_count) {
    size_t count = 0;
    if (!len)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (memchr(text, '\0', len))
        return vrx_refuse(VRX_INPUT_MALFORMED, "watch list: text");
    for (char *line = text; line < text + len;) {
        char *end = memchr(line, '\n', (size_t)(text + len - line));
        if (!end)
            return vrx_refuse(VRX_INPUT_MALFORMED, "watch list: a line ends with a line feed");
        *end = '\0';
        if (line[0] && line[0] != '#') {
            if (count == max)
                return vrx_fail(VRX_INPUT_TOO_LARGE);
            VRX_TRY(take_line(line, &entries[count++]));
        }
        line = end + 1;
    }
    if (!count)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    *ret_count = count;
    return vrx_ok();
}

static int run_watch(const struct vrx_arguments *arguments) {
    const char *path = vrx_argument(arguments, "list");
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    size_t count = 0;
    VRX_CLI_TRY(vrx_value_file(path, LIST_BYTES, &text));
    struct vrx_watched *entries = calloc(VRX_WATCHED_MAX, sizeof *entries);
    struct vrx_result result =
        entries ? vrx_watch_list((char *)text.ptr, text.len, entries, VRX_WATCHED_MAX, &count)
                : vrx_fail(VRX_OUT_OF_MEMORY);
    int status =
        vrx_is_ok(result) ? vrx_watch(arguments, entries, count) : vrx_print_refusal(path, result);
    free(entries);
    return status;
}

static const struct vrx_option options[] = {
    {"server", "HOST:PORT", true, false, "the daemon", "接続先"},
    {"list", "FILE", true, false,
        "a line for each municipality: terminal folder, custodian (file or URI), keyring, "
        "checkpoint, between tabs",
        "自治体ごとに1行。端末のフォルダー、鍵管理者、鍵束、検証点をタブで区切る"},
    {"operator", "NAME", false, false, "who is responsible; stands in the audit ledger", "操作者"},
    {0},
};

const struct vrx_command vrx_cli_watch_commands[] = {
    {"watch", false, "keep several municipalities' vaults open (key custodian)",
        "複数の自治体の保管庫を開封し続ける（鍵管理者）", options, run_watch},
    {0},
};
