/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/copy.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dispatch/dispatch.h"
#include "vaultfs/backup.h"

#define PAGE 4096
#define STEP_PAGES 256     /* 1 MiB: a millisecond or two of the municipality's time */
#define HURRIED_PAGES 4096 /* when its calls write faster than that */
#define SYNC_PAGES 8192    /* what is not on the disk yet, so that the last sync is short */
#define PAUSE_NS 20000000  /* before a full queue, or a state on its way, is asked again */

static void pause_a_moment(void) {
    const struct timespec pause = {0, PAUSE_NS};
    (void)nanosleep(&pause, NULL);
}

/* ---- on the tenant's thread, after the batch's transaction ---- */

enum stage { BEGIN, STEP, FINISH, END };

struct copy {
    struct vrx_job job;
    struct vrx_backup_work *work;
    const char *path;
    enum stage stage;
    uint32_t pages; /* of a step */
    struct vrx_tenant *tenant;
    struct vrx_vault_progress progress;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
    struct vrx_result outcome;
};

#define COPY_OF(pointer) ((struct copy *)(void *)((char *)(pointer)-offsetof(struct copy, job)))

static struct vrx_result job_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    COPY_OF(job)->tenant = tenant;
    return vrx_ok();
}

static struct vrx_result do_stage(struct copy *copy) {
    switch (copy->stage) {
    case BEGIN:
        VRX_TRY(vrx_tenant_backup_begin(copy->tenant, copy->path));
        return vrx_tenant_backup_step(copy->tenant, 0, &copy->progress);
    case STEP:
        return vrx_tenant_backup_step(copy->tenant, copy->pages, &copy->progress);
    case FINISH:
        return vrx_tenant_backup_finish(copy->tenant);
    case END:
        vrx_tenant_backup_end(copy->tenant);
        return vrx_ok();
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

static void job_done(struct vrx_job *job, struct vrx_result outcome) {
    struct copy *copy = COPY_OF(job);
    if (vrx_is_ok(outcome))
        outcome = do_stage(copy);
    pthread_mutex_lock(&copy->lock);
    copy->outcome = outcome;
    copy->finished = true;
    pthread_cond_signal(&copy->wake);
    pthread_mutex_unlock(&copy->lock);
}

/* ---- on the caller's thread ---- */

/* One stage, when the queue has room. */
static struct vrx_result send(struct copy *copy, enum stage stage) {
    copy->stage = stage;
    for (unsigned tries = 0;; tries++) {
        copy->job = (struct vrx_job){.run = job_run, .done = job_done};
        copy->finished = false;
        copy->tenant = NULL;
        struct vrx_result result = vrx_actor_post(copy->work->slot->actor, &copy->job);
        if (result.reason == VRX_QUEUE_FULL && tries < 500) {
            pause_a_moment();
            continue;
        }
        VRX_TRY(result);
        pthread_mutex_lock(&copy->lock);
        while (!copy->finished)
            pthread_cond_wait(&copy->wake, &copy->lock);
        result = copy->outcome;
        pthread_mutex_unlock(&copy->lock);
        return result;
    }
}

static uint64_t wal_bytes(const struct vrx_slot *slot) {
    char path[PATH_MAX];
    struct stat state;
    if ((size_t)snprintf(path, sizeof path, "%s/vault.db-wal", slot->folder) >= sizeof path ||
        stat(path, &state) != 0)
        return 0;
    return (uint64_t)state.st_size;
}

/* So that the municipality's own thread does not wait for the disk at the end. A failure is told by
 * the last sync. */
static void sync_part(const struct copy *copy) {
    char path[PATH_MAX];
    if ((size_t)snprintf(path, sizeof path, "%s.part", copy->path) >= sizeof path)
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fdatasync(fd);
    close(fd);
}

static struct vrx_result copy_pages(
    struct copy *copy, void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total)) {
    const uint64_t limit = (uint64_t)copy->work->call->daemon->options.live.backup_wal_bytes;
    uint32_t synced = 0;
    while (copy->progress.done < copy->progress.total) {
        const uint64_t grown = wal_bytes(copy->work->slot);
        VRX_TRY(vrx_dispatch_go_on(copy->work->call));
        if (grown > limit)
            return vrx_refuse(VRX_CAP_REACHED,
                "backup: the vault was written faster than copied; raise --backup-wal-mebibytes, "
                "or take it at a quieter hour");
        copy->pages = grown > limit / 2 ? HURRIED_PAGES : STEP_PAGES;
        VRX_TRY(send(copy, STEP));
        if (copy->progress.done - synced >= SYNC_PAGES) {
            sync_part(copy);
            synced = copy->progress.done;
        }
        if (tell)
            tell(copy->work, (uint64_t)copy->progress.done * PAGE,
                (uint64_t)copy->progress.total * PAGE);
    }
    sync_part(copy);
    return vrx_dispatch_go_on(copy->work->call);
}

/* The vault thaws in any case: by finish, by end, or by being closed. */
static struct vrx_result copy_open(struct vrx_backup_work *work, const char *path,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total)) {
    struct copy copy = {.work = work, .path = path};
    pthread_mutex_init(&copy.lock, NULL);
    pthread_cond_init(&copy.wake, NULL);
    struct vrx_result result = send(&copy, BEGIN);
    if (vrx_is_ok(result)) {
        result = copy_pages(&copy, tell);
        if (vrx_is_ok(result))
            result = send(&copy, FINISH);
        while (!vrx_is_ok(result)) {
            struct vrx_result ended = send(&copy, END);
            if (vrx_is_ok(ended) || ended.reason == VRX_TENANT_SEALED ||
                ended.reason == VRX_SHUTTING_DOWN)
                break;
            pause_a_moment();
        }
    }
    pthread_cond_destroy(&copy.wake);
    pthread_mutex_destroy(&copy.lock);
    return result;
}

struct watched {
    struct vrx_backup_work *work;
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total);
    struct vrx_result ended;
    bool made_way; /* for an unseal */
};

static bool go_on(void *context, uint64_t done, uint64_t total) {
    struct watched *watched = context;
    watched->ended = vrx_dispatch_go_on(watched->work->call);
    watched->made_way = vrx_gate_copy_unwanted(&watched->work->slot->gate);
    if (!vrx_is_ok(watched->ended) || watched->made_way)
        return false;
    if (watched->tell)
        watched->tell(watched->work, done, total);
    return true;
}

/* ret_again: an unseal came in the way, or the vault is on its way from one state to the other. */
static struct vrx_result copy_sealed(struct vrx_backup_work *work, const char *path,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total), bool *ret_again) {
    char from[PATH_MAX];
    struct watched watched = {.work = work, .tell = tell};
    const struct vrx_backup_watch watch = {go_on, &watched};
    struct vrx_gate *gate = &work->slot->gate;
    if ((size_t)snprintf(from, sizeof from, "%s/vault.db", work->slot->folder) >= sizeof from)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    vrx_gate_copy_begin(gate);
    *ret_again = !vrx_actor_is_sealed(work->slot->actor);
    struct vrx_result result = *ret_again ? vrx_ok() : vrx_backup_copy(from, path, &watch);
    vrx_gate_copy_end(gate);
    if (result.reason != VRX_CANCELLED)
        return result;
    *ret_again = watched.made_way && vrx_is_ok(watched.ended);
    return *ret_again ? vrx_ok() : watched.ended;
}

struct vrx_result vrx_backup_vault(struct vrx_backup_work *work, const char *path,
    void (*tell)(struct vrx_backup_work *work, uint64_t done, uint64_t total)) {
    for (;;) {
        bool again = false;
        if (vrx_slot_is_open(work->slot))
            return copy_open(work, path, tell);
        struct vrx_result result = copy_sealed(work, path, tell, &again);
        if (!again)
            return result;
        VRX_TRY(vrx_dispatch_go_on(work->call));
        pause_a_moment();
    }
}
