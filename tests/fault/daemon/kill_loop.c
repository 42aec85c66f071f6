/* SPDX-License-Identifier: Apache-2.0
 *
 * kill_loop VRXD PRELOAD PROGRAMS: kill -9 of a real vrxd, again and again, in the world that
 * kills.sh made in the present folder. Two counters write all the while, a console keeps every
 * checkpoint; in some rounds persons are erased, the custodians' keyring is replaced, the vault is
 * sealed and opened (kill_jobs.c). The end comes at a random moment: by the clock, or before or
 * after a random sync of some file. Some rounds begin with a vault of an earlier schema, which is
 * killed while it is migrated. Each time the daemon is started again and unsealed with the last
 * checkpoint, which its ledger must extend, by a custodian of the keyring that was acknowledged
 * last, and has everything acknowledged as it was acknowledged.
 *
 * VRX_KILLS times (500); VRX_SEED repeats the choices of a run, though not the machine's timing.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "fault/daemon/kill_backups.h"
#include "fault/daemon/kill_jobs.h"
#include "store/schema.h"
#include "support/vault_files.h"

#define SPAN_MS 60   /* a kill by the clock comes this late at most */
#define LATE_MS 1000 /* who waits for a sync that does not come ends by the clock */
#define ENOUGH 100   /* kills, after which every job must have come to something */
#define CHECK 50     /* rounds between two checks of the whole vault */

static const struct moment {
    const char *name;
    const char *pattern; /* of the file whose sync kills; NULL: the clock does */
    unsigned syncs;      /* one of the first so many */
    bool unsealing;      /* the clock runs from the start */
    bool old;            /* with a vault of an earlier schema */
    unsigned jobs;       /* besides the writers; the others as chance has it */
} moments[] = {
    {.name = "recovery and unseal", .unsealing = true},
    {.name = "work"},
    {.name = "a sync", .pattern = "*", .syncs = 100},
    {.name = "a sync of the database", .pattern = "*/vault.db", .syncs = 6},
    {.name = "a sync of the database beside erasures",
        .pattern = "*/vault.db",
        .syncs = 12,
        .jobs = 1u << ERASE},
    {.name = "a sync of the database beside a change of its key",
        .pattern = "*/vault.db",
        .syncs = 20,
        .jobs = 1u << MOVE_PAGES | 1u << REPLACE_KEYRING},
    {.name = "a sync of a new keyring",
        .pattern = "*/keyring.cbor.*",
        .syncs = 3,
        .jobs = 1u << REPLACE_KEYRING},
    {.name = "a sync of the municipality's folder",
        .pattern = "*/tenants/" MUNICIPALITY,
        .syncs = 6,
        .jobs = 1u << REPLACE_KEYRING | 1u << SEAL},
    {.name = "a sync of a backup", .pattern = "*/backups/*", .syncs = 12, .jobs = 1u << BACK_UP},
    {.name = "a sync of the municipalities' folder, or of one that is put back",
        .pattern = "*/tenants*rest*",
        .syncs = 6,
        .jobs = 1u << SEAL},
    {.name = "a sync of the folder of municipalities",
        .pattern = "*/tenants",
        .syncs = 6,
        .jobs = 1u << SEAL},
    {.name = "a sync of a migration", .pattern = "*", .syncs = 8, .old = true},
    {.name = "a migration", .unsealing = true, .old = true},
};
#define MOMENTS (sizeof moments / sizeof *moments)
#define ALWAYS (1u << WRITE | 1u << WRITE_TOO)

static struct sequence sequence;
static unsigned long kills[MOMENTS];

static void *kill_later(void *milliseconds) {
    take_a_breath(*(const unsigned *)milliseconds);
    daemon_kill();
    return NULL;
}

/* Each of the others in one round of two. */
static unsigned jobs_of(const struct moment *moment) {
    unsigned which = ALWAYS | moment->jobs;
    for (unsigned job = 0; job < JOBS; job++)
        if (sequence_below(&sequence, 2) == 0)
            which |= 1u << job;
    return which;
}

static void work(struct vrx_client *console, const struct moment *moment) {
    pthread_t killer;
    unsigned wait = moment->pattern ? LATE_MS : sequence_below(&sequence, SPAN_MS);
    jobs_start(jobs_of(moment));
    if (!moment->unsealing)
        pthread_create(&killer, NULL, kill_later, &wait);
    while (keep_checkpoint(console) != GONE)
        take_a_breath(5);
    jobs_join();
    /* It died by itself, or will by the killer; either way it is dead before the wait is over. */
    if (!moment->unsealing) {
        pthread_cancel(killer);
        pthread_join(killer, NULL);
    }
}

static bool start(const struct moment *moment) {
    if (moment->old &&
        make_vault_old(1 + sequence_below(&sequence, (uint32_t)vrx_schema_migration_count - 1)))
        jobs_forget_certificates();
    unsigned sync = moment->pattern ? 1 + sequence_below(&sequence, moment->syncs) : 0;
    return daemon_start(moment->pattern, sync, sequence_below(&sequence, 2) == 0);
}

static void use(const struct moment *moment) {
    unsigned wait = sequence_below(&sequence, SPAN_MS);
    pthread_t killer;
    if (moment->unsealing)
        pthread_create(&killer, NULL, kill_later, &wait);
    struct vrx_client *console = dial(CONSOLE);
    struct vrx_client *counter = console ? dial(COUNTER) : NULL;
    if (counter && unseal(console) == DONE && jobs_check(console, counter) == DONE)
        work(console, moment);
    vrx_client_free(&console);
    vrx_client_free(&counter);
    if (moment->unsealing)
        pthread_join(killer, NULL);
}

static void cycle(void) {
    const struct moment *moment = &moments[sequence_below(&sequence, MOMENTS)];
    if (start(moment))
        use(moment);
    daemon_kill(); /* who waited for a sync that nobody came to */
    daemon_killed();
    kills[moment - moments]++;
}

static void check_all(void) {
    bool listening = daemon_start(NULL, 0, false);
    struct vrx_client *console = listening ? dial(CONSOLE) : NULL;
    struct vrx_client *counter = listening ? dial(COUNTER) : NULL;
    jobs_check_all_next();
    if (!console || !counter || unseal(console) != DONE || jobs_check(console, counter) != DONE)
        give_up("vrxd", "died by itself");
    vrx_client_free(&console);
    vrx_client_free(&counter);
    daemon_end();
    check_vault();
    open_newest_backup();
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: kill_loop VRXD PRELOAD PROGRAMS\n");
        return 2;
    }
    unsigned long count = environment_number("VRX_KILLS", 500);
    unsigned long seed = environment_number("VRX_SEED", (unsigned long)time(NULL));
    sequence = sequence_of(seed);
    printf("VRX_SEED=%lu VRX_KILLS=%lu\n", seed, count);
    fflush(stdout);
    signal(SIGPIPE, SIG_IGN);
    world_load(argv[1], argv[2], argv[3]);
    for (unsigned long i = 1; i <= count; i++) {
        cycle();
        if (i % CHECK == 0)
            check_vault();
    }
    check_all();
    for (size_t i = 0; i < MOMENTS; i++)
        printf("%lu killed at %s\n", kills[i], moments[i].name);
    jobs_report(count >= ENOUGH ? (1u << JOBS) - 1 : ALWAYS);
    return 0;
}
