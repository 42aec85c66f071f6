/* SPDX-License-Identifier: Apache-2.0
 *
 * Power fails at a random call, again and again, on one vault: during transactions, checkpoints,
 * changes of the key epoch (which come often here), VACUUM, the change to
 * another data key, backups, closing and recovery. Each time the
 * vault opens, passes integrity_check, holds every acknowledged transaction and no half of one.
 * VRX_FAULT_COUNT crashes (2,000), from VRX_FAULT_SEED on; a failure names the seed that repeats
 * it. Two disks that break their promise show that the oracle sees loss.
 */
#include "vaultfs/backup.h"

#include "support/check.h"
#include "support/crash_vfs.h"
#include "support/vault_files.h"
#include "support/vault_work.h"

#include "crypto/random.h"

#define CYCLES 4        /* crashes of one vault */
#define TRANSACTIONS 60 /* at most, between two crashes */
#define EPOCH 60        /* pages written under one key */
#define CALLS 700       /* at most, between two crashes */

enum promise {
    PROMISE_KEPT,
    PROMISE_SYNC_SKIPPED, /* one in eight */
    PROMISE_SYNC_NORMAL,  /* SQLite does not sync the WAL at a commit */
};

struct trial {
    const struct vault_folder *folder;
    enum promise promise;
    struct crash_vfs crash;
    struct sequence sequence;
    struct vrx_random random;
    struct vault_work work;
    struct vrx_vault *vault;
    unsigned crashes;
    uint8_t key;  /* that opened the vault last */
    uint8_t next; /* that it may have been changed to, or the same */
    unsigned rekeys;
    struct vrx_backup *backup;
    struct vault_work backed_up; /* what had been done when it began */
    unsigned backups;
};

/* As the caller of a rekey does: the new key, and where it is refused the old one. */
static struct vrx_result open_with(struct trial *trial, bool create) {
    struct vrx_result result = vrx_vault_open_over(trial->folder->vault, vault_key(trial->next),
        &trial->random, create, "crash", &trial->vault);
    if (vrx_is_ok(result))
        trial->key = trial->next;
    if (result.reason != VRX_VAULT_DAMAGED || trial->key == trial->next)
        return result;
    VRX_TRY(vrx_vault_open_over(trial->folder->vault, vault_key(trial->key), &trial->random, false,
        "crash", &trial->vault));
    trial->next = trial->key;
    return vrx_ok();
}

/* Begins, steps or finishes, whichever is next. */
static struct vrx_result rekey(struct trial *trial) {
    struct vrx_vault_progress progress;
    VRX_TRY(vrx_vault_rekey_progress(trial->vault, &progress));
    if (!progress.active) {
        trial->next = (uint8_t)(trial->key + 1);
        VRX_TRY(vrx_vault_rekey_begin(trial->vault, vault_key(trial->next)));
        trial->key = trial->next;
        return vrx_ok();
    }
    if (progress.done < progress.total)
        return vrx_vault_rekey_step(trial->vault, 1 + sequence_below(&trial->sequence, 20));
    VRX_TRY(vrx_vault_rekey_finish(trial->vault));
    trial->rekeys++;
    return vrx_ok();
}

/* A finished backup opens with what was there when it began, and with nothing that came later. */
static struct vrx_result check_backup(struct trial *trial) {
    struct vrx_vault *copy = NULL;
    const char *wrong = NULL;
    VRX_TRY(
        vrx_vault_open(trial->folder->copy, vault_key(trial->key), &trial->random, false, &copy));
    struct vrx_result result = vrx_vault_check(copy);
    if (vrx_is_ok(result))
        result = vault_work_verify(vrx_vault_db(copy), &trial->backed_up, &wrong);
    vrx_vault_close(&copy);
    if (wrong)
        fail_msg("backup: %s", wrong);
    file_write(trial->folder->copy, vrx_view_of(NULL, 0));
    trial->backups++;
    return result;
}

/* Begins, steps or finishes, whichever is next. */
static struct vrx_result back_up(struct trial *trial) {
    if (!trial->backup) {
        trial->backed_up = trial->work;
        return vrx_backup_begin(trial->vault, trial->folder->copy, &trial->backup);
    }
    struct vrx_vault_progress progress;
    vrx_backup_progress(trial->backup, &progress);
    if (progress.done < progress.total)
        return vrx_backup_step(trial->backup, 1 + sequence_below(&trial->sequence, 40));
    VRX_TRY(vrx_backup_finish(&trial->backup));
    return check_backup(trial);
}

static void close_vault(struct trial *trial) {
    vrx_backup_free(&trial->backup);
    vrx_vault_close(&trial->vault);
}

static struct vrx_result reopen(struct trial *trial, bool create) {
    VRX_TRY(open_with(trial, create));
    sqlite3 *db = vrx_vault_db(trial->vault);
    if (trial->promise == PROMISE_KEPT)
        vrx_vault_limit_epochs(trial->vault, EPOCH, EPOCH / 3);
    if (trial->promise == PROMISE_SYNC_NORMAL) {
        sqlite3_set_authorizer(db, NULL, NULL);
        VRX_TRY(vrx_sqlite_result(
            db, sqlite3_exec(db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL)));
    }
    return vault_work_settings(db);
}

/* Until the power fails or the work is done, which includes closing sometimes. */
static void work_until_dark(struct trial *trial) {
    crash_vfs_power(&trial->crash, 1 + sequence_below(&trial->sequence, CALLS));
    unsigned transactions = 1 + sequence_below(&trial->sequence, TRANSACTIONS);
    while (transactions-- > 0 && trial->vault && !crash_vfs_is_dark(&trial->crash)) {
        struct vrx_result result = vault_work_next(vrx_vault_db(trial->vault), &trial->work);
        if (!vrx_is_ok(result) && !crash_vfs_is_dark(&trial->crash))
            fail_msg("with power: %s", vrx_reason_name(result.reason));
        if (trial->promise == PROMISE_KEPT &&
            sequence_below(&trial->sequence, trial->backup ? 2 : 12) == 0) {
            result = back_up(trial);
            if (!vrx_is_ok(result) && !crash_vfs_is_dark(&trial->crash))
                fail_msg("backup with power: %s", vrx_reason_name(result.reason));
        }
        if (!trial->backup && trial->promise == PROMISE_KEPT &&
            sequence_below(&trial->sequence, 2) == 0) {
            result = rekey(trial);
            if (!vrx_is_ok(result) && !crash_vfs_is_dark(&trial->crash))
                fail_msg("rekey with power: %s", vrx_reason_name(result.reason));
        }
        if (!trial->backup && sequence_below(&trial->sequence, 25) == 0) {
            result = vrx_vault_vacuum(trial->vault);
            if (!vrx_is_ok(result) && !crash_vfs_is_dark(&trial->crash))
                fail_msg("VACUUM with power: %s", vrx_reason_name(result.reason));
        }
        if (sequence_below(&trial->sequence, 12) == 0) {
            close_vault(trial);
            VRX_IGNORE(reopen(trial, false));
        }
    }
    if (sequence_below(&trial->sequence, 4) == 0)
        close_vault(trial);
}

static const char *after_crash(struct trial *trial) {
    struct vrx_result result = reopen(trial, false);
    if (vrx_is_ok(result))
        result = vrx_vault_check(trial->vault);
    const char *wrong = NULL;
    if (vrx_is_ok(result))
        result = vault_work_verify(vrx_vault_db(trial->vault), &trial->work, &wrong);
    return vrx_is_ok(result) ? wrong : vrx_reason_name(result.reason);
}

/* NULL, or what is wrong after a crash. */
static const char *cycle(struct trial *trial) {
    work_until_dark(trial);
    crash_vfs_cut(&trial->crash);
    close_vault(trial);
    crash_vfs_settle(&trial->crash);
    trial->crashes++;
    /* Recovery itself may be cut off, and leaves no worse a disk behind. */
    if (sequence_below(&trial->sequence, 3) == 0) {
        crash_vfs_power(&trial->crash, 1 + sequence_below(&trial->sequence, 40));
        VRX_IGNORE(reopen(trial, false));
        crash_vfs_cut(&trial->crash);
        close_vault(trial);
        crash_vfs_settle(&trial->crash);
    }
    return after_crash(trial);
}

struct reached {
    unsigned rekeys;
    unsigned backups;
};

/* Crashes one vault CYCLES times; *ret_crashes is how often it came that far, and what
 * came to its end is added to *reached. */
static const char *run_trial(struct vault_folder *folder, uint64_t seed, enum promise promise,
    unsigned *ret_crashes, struct reached *reached) {
    struct trial trial = {
        .folder = folder, .promise = promise, .sequence = sequence_of(seed), .key = 1, .next = 1};
    trial.random = sequence_random(&trial.sequence);
    assert_non_null(crash_vfs_register(&trial.crash, seed + 1));
    assert_ok(reopen(&trial, true));
    assert_ok(vault_work_create(vrx_vault_db(trial.vault)));
    /* The promise is broken when there is something to lose. */
    sql_run(vrx_vault_db(trial.vault), "PRAGMA wal_checkpoint(TRUNCATE)");
    trial.crash.skipped_sync = promise == PROMISE_SYNC_SKIPPED ? 8 : 0;
    const char *wrong = NULL;
    for (int i = 0; i < CYCLES && !wrong; i++)
        wrong = cycle(&trial);
    close_vault(&trial);
    crash_vfs_unregister(&trial.crash);
    vault_folder_empty(folder);
    *ret_crashes = trial.crashes;
    reached->rekeys += trial.rekeys;
    reached->backups += trial.backups;
    return wrong;
}

static void what_was_acknowledged_survives_every_crash(void **state) {
    unsigned long count = environment_number("VRX_FAULT_COUNT", 2000);
    unsigned long seed = environment_number("VRX_FAULT_SEED", 1);
    unsigned long crashes = 0;
    struct reached reached = {0};
    for (; crashes < count; seed++) {
        unsigned some = 0;
        const char *wrong = run_trial(*state, seed, PROMISE_KEPT, &some, &reached);
        crashes += some;
        if (wrong)
            fail_msg("VRX_FAULT_SEED=%lu, crash %u: %s", seed, some, wrong);
    }
    print_message("%lu crashes, %u data keys left behind, %u backups\n", crashes, reached.rekeys,
        reached.backups);
    assert_true((reached.rekeys > 0 && reached.backups > 0) || count < 100);
}

/* So many of 30 vaults must be found to have lost something. */
static void expect_loss(struct vault_folder *folder, enum promise promise) {
    unsigned lost = 0;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        unsigned crashes = 0;
        struct reached reached = {0};
        lost += run_trial(folder, seed, promise, &crashes, &reached) != NULL;
    }
    print_message("%u of 30 vaults lost something\n", lost);
    assert_true(lost >= 5);
}

static void a_disk_that_forgets_a_sync_is_noticed(void **state) {
    expect_loss(*state, PROMISE_SYNC_SKIPPED);
}

static void synchronous_normal_is_not_enough(void **state) {
    expect_loss(*state, PROMISE_SYNC_NORMAL);
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(what_was_acknowledged_survives_every_crash),
        VAULT_TEST(a_disk_that_forgets_a_sync_is_noticed),
        VAULT_TEST(synchronous_normal_is_not_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
