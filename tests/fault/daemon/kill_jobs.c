/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/daemon/kill_jobs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "fault/daemon/kill_backups.h"
#include "vrx/v1/records.pb-c.h"
#include "vrx/v1/retention.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

#define WRITTEN 2000000
#define ERASURES 200000
#define LISTED 500 /* by ListErasures: the newest */
#define ERASED_NUMBERS 50000000
#define PAUSE_MS 10

/* A dose whose reply came. */
struct written {
    unsigned number;
    uint64_t dose, index;
};

/* A person whose erasure was asked for. */
struct erasure {
    unsigned number;
    char order[32];
    bool certified; /* the last reply came */
};

static struct {
    atomic_uint number; /* of the last resident */
    atomic_size_t count;
    size_t checked;
    struct written written[WRITTEN];
    size_t erasures, erasures_checked;
    size_t forgotten; /* the certificates of so many are not in the vault */
    struct erasure erased[ERASURES];
    atomic_ulong done[JOBS];
    pthread_t threads[JOBS];
    bool running[JOBS];
} t;

/* Persons */

static enum fate register_person(struct vrx_client *client, unsigned number, char addressee[16]) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    (void)snprintf(addressee, 16, "%u", number);
    Vrx__V1__Resident resident = VRX__V1__RESIDENT__INIT;
    resident.addressee_number = addressee;
    resident.name = "負荷 試子";
    resident.kana = "フカ タメコ";
    resident.birth_date = "1990-01-01";
    resident.sex = 2;
    Vrx__V1__RegisterResidentRequest request = VRX__V1__REGISTER_RESIDENT_REQUEST__INIT;
    request.resident = &resident;
    return ask(client, "/vrx.v1.Records/RegisterResident", &request.base, &reply);
}

static Vrx__V1__ResidentKey key_of(char *addressee) {
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    key.addressee_number = addressee;
    return key;
}

static enum fate record_dose(
    struct vrx_client *client, char *addressee, struct vrx_buffer *ret_reply) {
    Vrx__V1__ResidentKey key = key_of(addressee);
    Vrx__V1__Dose dose = VRX__V1__DOSE__INIT;
    dose.dose_number = 1;
    dose.administered_on = "2021-07-01";
    dose.product = 1;
    dose.lot = "EY2173";
    dose.administered_by = MUNICIPALITY;
    Vrx__V1__RecordVaccinationRequest request = VRX__V1__RECORD_VACCINATION_REQUEST__INIT;
    request.resident = &key;
    request.dose = &dose;
    return ask(client, "/vrx.v1.Records/RecordVaccination", &request.base, ret_reply);
}

static struct vrx_result get_history(
    struct vrx_client *client, unsigned number, struct vrx_buffer *ret_reply) {
    char addressee[16];
    (void)snprintf(addressee, sizeof addressee, "%u", number);
    Vrx__V1__ResidentKey key = key_of(addressee);
    Vrx__V1__GetHistoryRequest request = VRX__V1__GET_HISTORY_REQUEST__INIT;
    request.resident = &key;
    return call(client, "/vrx.v1.Records/GetHistory", &request.base, ret_reply);
}

/* Writes */

static enum fate write_one(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    char addressee[16];
    unsigned number = atomic_fetch_add(&t.number, 1) + 1;
    enum fate fate = register_person(client, number, addressee);
    if (fate == DONE)
        fate = record_dose(client, addressee, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__RecordVaccinationResponse *got =
        vrx__v1__record_vaccination_response__unpack(NULL, reply.len, reply.ptr);
    size_t at = atomic_fetch_add(&t.count, 1);
    if (at >= WRITTEN)
        give_up("writes", "too many to remember");
    t.written[at] = (struct written){number, got->dose_id, got->ledger_index};
    vrx__v1__record_vaccination_response__free_unpacked(got, NULL);
    return DONE;
}

static enum fate check_written(struct vrx_client *client) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    for (; t.checked < t.count; t.checked++) {
        const struct written *one = &t.written[t.checked];
        enum fate fate =
            fate_of("a resident who was acknowledged", get_history(client, one->number, &reply));
        if (fate != DONE)
            return fate;
        Vrx__V1__GetHistoryResponse *got =
            vrx__v1__get_history_response__unpack(NULL, reply.len, reply.ptr);
        if (!got || got->n_doses != 1 || got->doses[0]->id != one->dose ||
            got->doses[0]->ledger_index != one->index) {
            char text[16];
            (void)snprintf(text, sizeof text, "%u", one->number);
            give_up(text, "an acknowledged dose is missing or another");
        }
        vrx__v1__get_history_response__free_unpacked(got, NULL);
    }
    return DONE;
}

/* Erasures */

static struct vrx_result take_step(void *certified, struct vrx_view message) {
    Vrx__V1__EraseResponse *step = vrx__v1__erase_response__unpack(NULL, message.len, message.ptr);
    if (step && step->erasure && step->erasure->certificate.len)
        *(bool *)certified = true;
    vrx__v1__erase_response__free_unpacked(step, NULL);
    return vrx_ok();
}

/* Begins the erasure, or goes on with it. */
static struct vrx_result erase(struct vrx_client *client, struct erasure *erasure) {
    char addressee[16];
    (void)snprintf(addressee, sizeof addressee, "%u", erasure->number);
    Vrx__V1__ResidentKey key = key_of(addressee);
    Vrx__V1__ErasureSubject subject = VRX__V1__ERASURE_SUBJECT__INIT;
    subject.subject_case = VRX__V1__ERASURE_SUBJECT__SUBJECT_RESIDENT;
    subject.resident = &key;
    Vrx__V1__EraseRequest request = VRX__V1__ERASE_REQUEST__INIT;
    request.subject = &subject;
    request.order = erasure->order;
    return call_stream(
        client, "/vrx.v1.Retention/Erase", &request.base, take_step, &erasure->certified);
}

static enum fate erase_one(struct vrx_client *client) {
    char addressee[16];
    if (t.erasures == ERASURES)
        give_up("erasures", "too many to remember");
    struct erasure *next = &t.erased[t.erasures];
    unsigned number = atomic_fetch_add(&t.number, 1) + 1 + ERASED_NUMBERS;
    enum fate fate = register_person(client, number, addressee);
    if (fate != DONE)
        return fate;
    *next = (struct erasure){.number = number};
    (void)snprintf(next->order, sizeof next->order, "order %u", number);
    t.erasures++;
    do {
        fate = unless_busy("Erase", erase(client, next));
        if (fate == SEALED)
            take_a_breath(1);
    } while (fate == SEALED);
    if (fate == DONE && !next->certified)
        give_up(next->order, "ended without a certificate");
    return fate;
}

/* Whoever is not there was erased, and the certificate did not reach us. */
static enum fate go_on_erasing(struct vrx_client *console) {
    for (size_t i = t.erasures_checked; i < t.erasures; i++) {
        struct erasure *one = &t.erased[i];
        if (one->certified || i < t.forgotten)
            continue;
        struct vrx_result result = erase(console, one);
        if (result.reason != VRX_NOT_FOUND && fate_of("Erase again", result) == GONE)
            return GONE;
        one->certified = true;
    }
    return DONE;
}

static bool has_certificate(
    const Vrx__V1__ListErasuresResponse *list, const struct erasure *erasure) {
    for (size_t i = 0; i < list->n_erasures; i++)
        if (strcmp(list->erasures[i]->order, erasure->order) == 0)
            return list->erasures[i]->certificate.len > 0;
    return false;
}

static enum fate check_certificates(struct vrx_client *console) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__ListErasuresRequest request = VRX__V1__LIST_ERASURES_REQUEST__INIT;
    enum fate fate = ask(console, "/vrx.v1.Retention/ListErasures", &request.base, &reply);
    if (fate != DONE)
        return fate;
    Vrx__V1__ListErasuresResponse *list =
        vrx__v1__list_erasures_response__unpack(NULL, reply.len, reply.ptr);
    size_t first = t.erasures > LISTED ? t.erasures - LISTED : 0;
    if (first < t.forgotten)
        first = t.forgotten;
    if (first < t.erasures_checked)
        first = t.erasures_checked;
    for (size_t i = first; i < t.erasures; i++)
        if (!list || !has_certificate(list, &t.erased[i]))
            give_up(t.erased[i].order, "has no certificate");
    vrx__v1__list_erasures_response__free_unpacked(list, NULL);
    return DONE;
}

static enum fate check_erased(struct vrx_client *console) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    if (t.erasures_checked == t.erasures)
        return DONE;
    enum fate fate = go_on_erasing(console);
    if (fate == DONE)
        fate = check_certificates(console);
    for (; fate == DONE && t.erasures_checked < t.erasures; t.erasures_checked++) {
        const struct erasure *one = &t.erased[t.erasures_checked];
        struct vrx_result result = get_history(console, one->number, &reply);
        if (result.reason == VRX_NETWORK_FAILED)
            return GONE;
        if (one->certified && result.reason != VRX_NOT_FOUND)
            give_up(one->order, "is erased and still there");
    }
    return fate;
}

/* The rest */

static struct vrx_result take_phase(void *last, struct vrx_view message) {
    Vrx__V1__RotateDataKeyResponse *step =
        vrx__v1__rotate_data_key_response__unpack(NULL, message.len, message.ptr);
    if (step)
        *(Vrx__V1__RotationPhase *)last = step->phase;
    vrx__v1__rotate_data_key_response__free_unpacked(step, NULL);
    return vrx_ok();
}

/* To the data key of the keyring in force, whether that was begun before or not. */
static enum fate move_pages(struct vrx_client *client) {
    static const char path[] = "/vrx.v1.Tenancy/RotateDataKey";
    Vrx__V1__RotateDataKeyRequest request = VRX__V1__ROTATE_DATA_KEY_REQUEST__INIT;
    Vrx__V1__RotationPhase phase = VRX__V1__ROTATION_PHASE__ROTATION_PHASE_MOVING;
    enum fate fate =
        unless_busy(path, call_stream(client, path, &request.base, take_phase, &phase));
    if (fate == DONE && phase == VRX__V1__ROTATION_PHASE__ROTATION_PHASE_MOVING)
        give_up(path, "ended before all pages were moved");
    take_a_breath(PAUSE_MS);
    return fate;
}

/* Every second time a backup takes the vault's place meanwhile. */
static enum fate seal_and_open(struct vrx_client *client) {
    static unsigned times;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__SealRequest request = VRX__V1__SEAL_REQUEST__INIT;
    take_a_breath(PAUSE_MS);
    enum fate fate = ask(client, "/vrx.v1.Tenancy/Seal", &request.base, &reply);
    if (fate == SEALED)
        give_up("Seal", "somebody else sealed it");
    if (fate == DONE && times++ % 2 == 0)
        fate = change_for_backup(client);
    return fate == DONE ? unseal(client) : fate;
}

static const struct {
    const char *name;
    enum terminal terminal;
    enum fate (*once)(struct vrx_client *client);
} jobs[JOBS] = {
    [WRITE] = {"doses recorded", COUNTER, write_one},
    [WRITE_TOO] = {"doses recorded by another", COUNTER, write_one},
    [ERASE] = {"persons erased", CONSOLE, erase_one},
    [REPLACE_KEYRING] = {"keyrings replaced", CONSOLE, replace_keyring},
    [MOVE_PAGES] = {"times pages moved to the data key in force", CONSOLE, move_pages},
    [BACK_UP] = {"backups", CONSOLE, take_backup},
    [SEAL] = {"sealed and opened", CONSOLE, seal_and_open},
};

static void *work(void *job) {
    const size_t which = (size_t)(uintptr_t)job;
    struct vrx_client *client = dial(jobs[which].terminal);
    enum fate fate = client ? DONE : GONE;
    while (fate != GONE) {
        fate = jobs[which].once(client);
        if (fate == DONE)
            atomic_fetch_add(&t.done[which], 1);
        if (fate == SEALED)
            take_a_breath(1);
    }
    vrx_client_free(&client);
    return NULL;
}

void jobs_start(unsigned which) {
    for (size_t i = 0; i < JOBS; i++) {
        t.running[i] = which & 1u << i;
        if (t.running[i] && pthread_create(&t.threads[i], NULL, work, (void *)(uintptr_t)i) != 0)
            give_up("thread", "could not be started");
    }
}

void jobs_join(void) {
    for (size_t i = 0; i < JOBS; i++)
        if (t.running[i])
            pthread_join(t.threads[i], NULL);
}

enum fate jobs_check(struct vrx_client *console, struct vrx_client *counter) {
    enum fate fate = check_written(counter);
    if (fate == DONE)
        fate = check_erased(console);
    if (fate == DONE)
        fate = check_backups(console);
    return fate == DONE ? move_pages(console) : fate;
}

void jobs_check_all_next(void) {
    t.checked = 0;
    t.erasures_checked = 0;
}

void jobs_forget_certificates(void) {
    t.forgotten = t.erasures;
}

void jobs_report(unsigned required) {
    for (size_t i = 0; i < JOBS; i++)
        printf("%lu %s\n", atomic_load(&t.done[i]), jobs[i].name);
    printf("%u new data keys\n", data_keys_made());
    printf("%zu new signing keys\n%lu backups put back\n", signing_keys_made(), backups_put_back());
    printf("%zu acknowledged doses, all there\n", (size_t)t.count);
    for (size_t i = 0; i < JOBS; i++)
        if (required & 1u << i && !atomic_load(&t.done[i]))
            give_up(jobs[i].name, "nothing was acknowledged: nothing was shown");
    if (required & 1u << REPLACE_KEYRING && (!signing_keys_made() || !data_keys_made()))
        give_up("signing and data keys", "none was made: nothing was shown");
    if (required & 1u << SEAL && !backups_put_back())
        give_up("backups", "none was put back: nothing was shown");
}
