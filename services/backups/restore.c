/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting a backup back. The folder is made beside (stage.c) while unseals are refused, and takes
 * its place in the municipality's lane, to which its keyring belongs. Content is not looked at:
 * that is for the unseal, which has the keys (admin/closed.c).
 */
#include <stddef.h>
#include <sys/stat.h>

#include "backups/handlers.h"
#include "backups/stage.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"

static void tell(struct vrx_backup_work *work, uint64_t done, uint64_t total) {
    Vrx__V1__RestoreBackupResponse message;
    if (!vrx_backup_is_due(work))
        return;
    vrx__v1__restore_backup_response__init(&message);
    message.done = done;
    message.total = total;
    VRX_IGNORE(vrx_dispatch_send(work->call, &message.base)); /* the next one says more */
}

/* ---- in the lane ---- */

struct swap {
    struct vrx_task task;
    struct vrx_backup_work *work;
    const char *aside;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
    struct vrx_result outcome;
};

static void do_swap(struct vrx_task *task) {
    struct swap *swap = (struct swap *)(void *)((char *)task - offsetof(struct swap, task));
    struct vrx_backup_work *work = swap->work;
    struct vrx_result result =
        vrx_daemon_restore_tenant(work->call->daemon, &work->place.code, swap->aside, &work->slot);
    pthread_mutex_lock(&swap->lock);
    swap->outcome = result;
    swap->finished = true;
    pthread_cond_signal(&swap->wake);
    pthread_mutex_unlock(&swap->lock);
}

static struct vrx_result swap_in(struct vrx_backup_work *work, const char *aside) {
    struct swap swap = {.task.run = do_swap, .work = work, .aside = aside};
    pthread_mutex_init(&swap.lock, NULL);
    pthread_cond_init(&swap.wake, NULL);
    struct vrx_daemon *daemon = work->call->daemon;
    vrx_worker_post(
        daemon->worker, work->slot ? &work->slot->lane : &daemon->platform_lane, &swap.task);
    pthread_mutex_lock(&swap.lock);
    while (!swap.finished)
        pthread_cond_wait(&swap.wake, &swap.lock);
    pthread_mutex_unlock(&swap.lock);
    pthread_cond_destroy(&swap.wake);
    pthread_mutex_destroy(&swap.lock);
    return swap.outcome;
}

/* ---- on the caller's ---- */

/* A name that no vault set aside has. */
static struct vrx_result name_aside(
    const struct vrx_backup_work *work, struct vrx_backup_place *ret_aside) {
    struct vrx_backup_place aside = {.code = work->place.code, .replaced = true};
    for (unsigned nth = 1; nth <= 9; nth++) {
        char path[PATH_MAX];
        struct stat state;
        vrx_backup_name(work->call->now, nth, aside.name);
        VRX_TRY(vrx_backup_path(work->call->daemon, &aside, "", path));
        if (stat(path, &state) == 0)
            continue;
        *ret_aside = aside;
        return vrx_ok();
    }
    return vrx_refuse(VRX_CAP_REACHED, "nine restores a second");
}

static struct vrx_result stage_and_swap(
    struct vrx_backup_work *work, const struct vrx_backup_place *aside) {
    if (work->slot && !vrx_actor_is_sealed(work->slot->actor))
        return vrx_refuse(VRX_WRONG_STATE, "restore: seal the municipality's vault first");
    VRX_TRY(vrx_backup_stage(work, tell));
    struct vrx_result result = vrx_dispatch_go_on(work->call);
    if (vrx_is_ok(result))
        result = swap_in(work, aside->name);
    if (!vrx_is_ok(result))
        vrx_backup_unstage(work);
    return result;
}

static struct vrx_result restore(
    struct vrx_backup_work *work, const struct vrx_backup_place *aside) {
    struct vrx_slot *slot = work->slot;
    if (slot)
        vrx_gate_replace_begin(&slot->gate);
    struct vrx_result result = stage_and_swap(work, aside);
    if (slot)
        vrx_gate_replace_end(&slot->gate);
    if (vrx_is_ok(result))
        vrx_log_event("restored", work->place.code.digits, result);
    return result;
}

static struct vrx_result send_last(
    struct vrx_backup_work *work, const struct vrx_backup_place *aside) {
    Vrx__V1__RestoreBackupResponse message;
    Vrx__V1__Backup old;
    vrx__v1__restore_backup_response__init(&message);
    message.restored = true;
    struct vrx_result result = vrx_backup_message(work->call, aside, &old);
    if (vrx_is_ok(result))
        message.aside = &old;
    else if (result.reason != VRX_NOT_FOUND) /* there was none, or it was lost */
        return result;
    return vrx_dispatch_send(work->call, &message.base);
}

struct vrx_result vrx_backups_restore(struct vrx_context *call, const void *request, void *reply) {
    const Vrx__V1__RestoreBackupRequest *in = request;
    struct vrx_backup_work work;
    struct vrx_backup_place aside = {0};
    (void)reply;
    struct vrx_result result =
        vrx_backup_begin_work(call, VRX_BACKUPS_PATH "RestoreBackup", in->municipality, &work);
    if (vrx_is_ok(result))
        result = vrx_backup_take_turn(&work);
    if (vrx_is_ok(result))
        result = vrx_backup_work_name(&work, in->name, in->replaced);
    if (vrx_is_ok(result))
        result = name_aside(&work, &aside);
    if (vrx_is_ok(result))
        result = restore(&work, &aside);
    if (vrx_is_ok(result))
        result = send_last(&work, &aside);
    return vrx_backup_end_work(&work, result);
}
