/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do in sim.h's world: at counters by the municipalities' own handlers, and at a
 * municipality that signs what it likes, by the test's hand with that municipality's keys.
 */
#include <stdio.h>

#include "codes/individual_number.h"
#include "crypto/hash.h"
#include "exchange/handlers.h"
#include "fault/exchange/acts.h"
#include "objects/consent.h"
#include "objects/identity_evidence.h"
#include "objects/query.h"
#include "objects/receipt.h"
#include "objects/subject.h"
#include "records/handlers.h"
#include "store/resident.h"
#include "store/signer.h"

static const char *const codes[SIM_TOWNS] = {"122173", "011002", "192015"};

static char *text(const char *constant) {
    return (char *)(uintptr_t)constant; /* protobuf-c has no const; handlers only read */
}

char *sim_code_of(unsigned town) {
    return text(codes[town]);
}

static ProtobufCBinaryData binary(uint8_t *bytes, size_t len) {
    return (ProtobufCBinaryData){len, bytes};
}

Vrx__V1__ResidentKey sim_key_of(struct truth_person *person) {
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
    key.individual_number = person->number;
    return key;
}

size_t sim_items_of(unsigned bits, Vrx__V1__DataItem items[VRX_ITEM_LAST]) {
    size_t count = 0;
    for (unsigned item = VRX_ITEM_DOSE; item <= VRX_ITEM_LAST; item++)
        if (bits & 1u << item)
            items[count++] = (Vrx__V1__DataItem)item;
    return count;
}

/* ---- a call of somebody at a terminal ---- */

static struct vrx_result audit_call(struct sim_step *step, struct vrx_result outcome) {
    if (vrx_is_ok(outcome) && step->context.audit.written)
        return vrx_ok();
    return vrx_context_record(
        &step->context, "sim/call", "sim", &step->context.audit, outcome.reason, NULL);
}

struct vrx_result sim_call(struct sim *sim, unsigned town,
    struct vrx_result (*run)(struct sim_step *step), void *arg, bool *ret_lost) {
    struct sim_step step;
    sim_step_init(sim, town, "person", &step);
    step.run = run;
    step.audit = audit_call;
    step.arg = arg;
    (void)sim_run(sim, town, &step, 1);
    *ret_lost = !step.durable;
    struct vrx_result outcome = step.job.outcome;
    outcome.clause = NULL; /* may live in the step */
    sim_step_done(&step);
    return outcome;
}

void sim_nudge(struct sim *sim, unsigned town) {
    atomic_store(&sim->town[town].who->slot->exchange_due, 0);
}

bool sim_is_trouble(struct vrx_result result) {
    return vrx_reason_category(result.reason) > VRX_CATEGORY_STATE ||
           result.reason == VRX_KEY_NOT_IN_FORCE || result.reason == VRX_KEY_UNKNOWN;
}

/* ---- people and their doses ---- */

struct vaccination {
    struct truth_person *person;
    unsigned town;
    const struct truth_dose *old; /* NULL: a new one */
    bool error;                   /* the old one was never given */
    struct truth_dose dose;
};

static Vrx__V1__Dose dose_message(
    const struct vaccination *given, char date[16], const char *administered_by) {
    Vrx__V1__Dose message = VRX__V1__DOSE__INIT;
    (void)snprintf(date, 16, "%04u-%02u-%02u", given->dose.date.year, given->dose.date.month,
        given->dose.date.day);
    message.administered_on = date;
    message.product = 1;
    message.dose_number = (uint32_t)given->dose.number;
    message.lot = text(given->dose.lot);
    message.venue = text("中央区民センター");
    message.physician = text("北一郎");
    message.administered_by = text(administered_by);
    return message;
}

static struct vrx_result run_vaccination(struct sim_step *step) {
    struct vaccination *given = step->arg;
    char date[16];
    Vrx__V1__Dose message = dose_message(given, date, codes[given->town]);
    Vrx__V1__ResidentKey key = sim_key_of(given->person);
    if (!given->old) {
        Vrx__V1__RecordVaccinationRequest in = VRX__V1__RECORD_VACCINATION_REQUEST__INIT;
        Vrx__V1__RecordVaccinationResponse out = VRX__V1__RECORD_VACCINATION_RESPONSE__INIT;
        in.resident = &key;
        in.dose = &message;
        VRX_TRY(vrx_records_record_vaccination(&step->context, &in, &out));
        given->dose.id = (int64_t)out.dose_id;
        given->dose.version = 1;
        return vrx_ok();
    }
    if (given->error) {
        Vrx__V1__MarkEnteredInErrorRequest in = VRX__V1__MARK_ENTERED_IN_ERROR_REQUEST__INIT;
        Vrx__V1__MarkEnteredInErrorResponse out = VRX__V1__MARK_ENTERED_IN_ERROR_RESPONSE__INIT;
        in.dose_id = (uint64_t)given->old->id;
        in.version = (uint32_t)given->old->version;
        return vrx_records_mark_entered_in_error(&step->context, &in, &out);
    }
    Vrx__V1__CorrectVaccinationRequest in = VRX__V1__CORRECT_VACCINATION_REQUEST__INIT;
    Vrx__V1__CorrectVaccinationResponse out = VRX__V1__CORRECT_VACCINATION_RESPONSE__INIT;
    in.dose_id = (uint64_t)given->old->id;
    in.version = (uint32_t)given->old->version;
    in.dose = &message;
    VRX_TRY(vrx_records_correct_vaccination(&step->context, &in, &out));
    given->dose.id = (int64_t)out.dose_id;
    given->dose.version = out.version;
    return vrx_ok();
}

/* A refusal (too close to another dose) changes nothing, here either. */
static void vaccination(struct sim *sim, struct vaccination *given) {
    bool lost = false;
    struct truth_record *record = &given->person->at[given->town];
    struct vrx_result result = sim_call(sim, given->town, run_vaccination, given, &lost);
    if (lost || !vrx_is_ok(result))
        return;
    for (size_t i = 0; given->old && i < record->dose_count; i++)
        if (record->doses[i].id == given->old->id)
            record->doses[i].gone = true;
    if (!given->error)
        record->doses[record->dose_count++] = given->dose;
}

void sim_vaccinate(struct sim *sim, unsigned person, unsigned town) {
    struct vaccination given = {.person = &sim->people[person], .town = town};
    struct truth_record *record = &given.person->at[town];
    if (!sim->town[town].tenant || !record->resident || record->dose_count == SIM_DOSES)
        return;
    size_t count = 0;
    for (size_t i = 0; i < record->dose_count; i++)
        count += !record->doses[i].gone;
    /* Towns vaccinate at different times of a year, or now and then at the same. */
    const uint32_t month = 3 + 3 * (uint32_t)count + (sim_chance(sim, 100) ? 0 : town);
    given.dose.date = (struct vrx_date){
        2021, (uint8_t)(month > 12 ? 12 : month), (uint8_t)(1 + sim_below(sim, 28))};
    given.dose.number = count + 1;
    (void)snprintf(given.dose.lot, sizeof given.dose.lot, "EW%04u", sim_below(sim, 10000));
    vaccination(sim, &given);
}

/* Rather a dose that others have. */
void sim_correct(struct sim *sim, unsigned person, unsigned town) {
    const struct truth_query *query = &sim->queries[sim_below(sim, SIM_QUERIES)];
    if (query->decided && query->dose_count) {
        person = query->person;
        town = query->origin;
    }
    struct vaccination given = {.person = &sim->people[person], .town = town};
    struct truth_record *record = &given.person->at[town];
    if (!sim->town[town].tenant || !record->dose_count || record->dose_count == SIM_DOSES)
        return;
    given.old = &record->doses[sim_below(sim, (uint32_t)record->dose_count)];
    if (given.old->gone)
        return;
    given.error = sim_chance(sim, 200);
    given.dose = *given.old;
    if (sim_chance(sim, 500))
        (void)snprintf(given.dose.lot, sizeof given.dose.lot, "FA%04u", sim_below(sim, 10000));
    else
        given.dose.date.day = (uint8_t)(1 + given.dose.date.day % 28);
    vaccination(sim, &given);
}

struct protecting {
    struct truth_person *person;
    bool guarded;
};

static struct vrx_result run_protecting(struct sim_step *step) {
    struct protecting *protecting = step->arg;
    Vrx__V1__ResidentKey key = sim_key_of(protecting->person);
    Vrx__V1__SetProtectionRequest in = VRX__V1__SET_PROTECTION_REQUEST__INIT;
    Vrx__V1__SetProtectionResponse out = VRX__V1__SET_PROTECTION_RESPONSE__INIT;
    in.resident = &key;
    in.no_automatic_answer = protecting->guarded;
    return vrx_records_set_protection(&step->context, &in, &out);
}

void sim_guard(struct sim *sim, unsigned person, unsigned town) {
    for (unsigned i = 0; i < SIM_PEOPLE && sim_chance(sim, 900); i++)
        if (sim->people[(person + i) % SIM_PEOPLE].at[town].guarded) /* rather end it somewhere */
            person = (person + i) % SIM_PEOPLE;
    struct truth_record *record = &sim->people[person].at[town];
    struct protecting protecting = {&sim->people[person], !record->guarded};
    bool lost = false;
    if (!sim->town[town].tenant || !record->resident)
        return;
    if (vrx_is_ok(sim_call(sim, town, run_protecting, &protecting, &lost)) && !lost)
        record->guarded = protecting.guarded;
}

struct registration {
    struct truth_person *person;
    unsigned index, town;
};

static struct vrx_result run_registration(struct sim_step *step) {
    const struct registration *registration = step->arg;
    struct truth_person *person = registration->person;
    struct truth_record *record = &person->at[registration->town];
    char addressee[16];
    (void)snprintf(addressee, sizeof addressee, "%u", 1000 + registration->index);
    struct vrx_resident resident = {
        .addressee = vrx_view_text(addressee),
        .name = vrx_view_text(record->other_name ? "別人　太郎" : person->name),
        .birth_date = person->birth_date,
    };
    return vrx_resident_register(step->context.tenant, &resident, vrx_view_text(person->number),
        step->context.now, &record->resident);
}

/* One town in three does not know a person, one in twelve has them under another name. */
void sim_register_people(struct sim *sim) {
    for (unsigned i = 0; i < SIM_PEOPLE; i++) {
        struct truth_person *person = &sim->people[i];
        (void)snprintf(person->number, sizeof person->number, "%011u", 1000 + i);
        person->number[11] = vrx_individual_number_check_digit(person->number);
        (void)snprintf(person->name, sizeof person->name, "試験　%u子", i);
        person->birth_date = (struct vrx_date){(uint16_t)(1930 + i), 3, 4};
        for (unsigned town = 0; town < SIM_TOWNS; town++) {
            struct registration registration = {person, i, town};
            bool lost = false;
            if (town != i % SIM_TOWNS && sim_chance(sim, 333))
                continue;
            person->at[town].other_name = town != i % SIM_TOWNS && sim_chance(sim, 83);
            assert_ok(sim_call(sim, town, run_registration, &registration, &lost));
            const uint32_t most = town != i % SIM_TOWNS || sim_chance(sim, 200) ? 4 : 1;
            for (uint32_t left = sim_below(sim, most); left; left--)
                sim_vaccinate(sim, i, town);
            if (sim_chance(sim, 100))
                sim_guard(sim, i, town);
        }
    }
}

/* ---- at the counter ---- */

static struct vrx_result record_evidence(struct sim_step *step, struct truth_query *query) {
    Vrx__V1__ResidentKey key = sim_key_of(&step->sim->people[query->person]);
    Vrx__V1__DocumentSeen document = VRX__V1__DOCUMENT_SEEN__INIT;
    document.type = VRX__V1__DOCUMENT_TYPE__DOCUMENT_TYPE_NUMBER_CARD;
    document.number = text("A1234567");
    Vrx__V1__DocumentSeen *documents[] = {&document, &document};
    Vrx__V1__RecordIdentityEvidenceRequest in = VRX__V1__RECORD_IDENTITY_EVIDENCE_REQUEST__INIT;
    Vrx__V1__RecordIdentityEvidenceResponse out = VRX__V1__RECORD_IDENTITY_EVIDENCE_RESPONSE__INIT;
    in.resident = &key;
    in.method = query->evidence.poor ? VRX__V1__IDENTITY_METHOD__IDENTITY_METHOD_PROXY
                                     : VRX__V1__IDENTITY_METHOD__IDENTITY_METHOD_CARD_SEEN;
    in.n_documents = query->evidence.poor ? 2 : 1;
    in.documents = documents;
    in.purpose = VRX__V1__PURPOSE__PURPOSE_MOVER;
    VRX_TRY(vrx_exchange_record_evidence(&step->context, &in, &out));
    memcpy(query->evidence.id, out.evidence_id.data, VRX_ID);
    query->evidence.checked_at = step->context.now;
    query->evidence.there = true;
    return vrx_ok();
}

static struct vrx_result grant_consent(struct sim_step *step, struct truth_query *query) {
    Vrx__V1__ResidentKey key = sim_key_of(&step->sim->people[query->person]);
    Vrx__V1__DataItem items[VRX_ITEM_LAST];
    char *origins[SIM_TOWNS];
    uint8_t form[VRX_DIGEST] = {1};
    Vrx__V1__GrantConsentRequest in = VRX__V1__GRANT_CONSENT_REQUEST__INIT;
    Vrx__V1__GrantConsentResponse out = VRX__V1__GRANT_CONSENT_RESPONSE__INIT;
    in.resident = &key;
    in.evidence_id = binary(query->evidence.id, VRX_ID);
    in.origins = origins;
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        if (query->consent.origins & 1u << i)
            origins[in.n_origins++] = text(codes[i]);
    in.n_items = sim_items_of(query->consent.items, items);
    in.items = items;
    in.form_number = text("K-17");
    in.form_digest = binary(form, VRX_DIGEST);
    in.valid_days = 1;
    VRX_TRY(vrx_exchange_grant_consent(&step->context, &in, &out));
    memcpy(query->consent.id, out.consent_id.data, VRX_ID);
    query->consent.given_at = step->context.now;
    query->consent.expires_at = step->context.now + WORLD_DAY;
    query->consent.there = true;
    return vrx_ok();
}

static struct vrx_result run_grounds(struct sim_step *step) {
    struct truth_query *query = step->arg;
    VRX_TRY(record_evidence(step, query));
    return grant_consent(step, query);
}

static struct vrx_result run_request(struct sim_step *step) {
    struct truth_query *query = step->arg;
    Vrx__V1__ResidentKey key = sim_key_of(&step->sim->people[query->person]);
    Vrx__V1__DataItem items[VRX_ITEM_LAST];
    Vrx__V1__RequestTransferRequest in = VRX__V1__REQUEST_TRANSFER_REQUEST__INIT;
    Vrx__V1__RequestTransferResponse out = VRX__V1__REQUEST_TRANSFER_RESPONSE__INIT;
    in.resident = &key;
    in.from_municipality = text(codes[query->origin]);
    in.to_municipality = text(codes[query->asker]);
    in.consent_id = binary(query->consent.id, query->consent.there ? VRX_ID : 0);
    in.evidence_id = binary(query->evidence.id, query->evidence.there ? VRX_ID : 0);
    in.n_items = sim_items_of(query->items, items);
    in.items = items;
    VRX_TRY(vrx_exchange_request_transfer(&step->context, &in, &out));
    memcpy(query->id, out.query_id.data, VRX_ID);
    return vrx_ok();
}

/* Which case it is. The person is known where they live now, whatever the origin knows. */
void sim_draw_case(struct sim *sim, unsigned index) {
    struct truth_query *query = &sim->queries[index];
    query->person = sim_below(sim, SIM_PEOPLE);
    query->asker = query->person % SIM_TOWNS;
    query->origin = (query->asker + 1 + sim_below(sim, SIM_TOWNS - 1)) % SIM_TOWNS;
    query->items = 1u << VRX_ITEM_DOSE | (sim_below(sim, 4) << VRX_ITEM_LOT);
    if (sim_chance(sim, 30))
        query->items |= 1u << VRX_ITEM_PHYSICIAN;
    query->consent.items = query->items | (sim_below(sim, 8) << VRX_ITEM_LOT);
    query->consent.origins = 1u << query->origin | sim_below(sim, 1u << SIM_TOWNS);
    query->consent.origins &= ~(1u << query->asker);
}

/* What the permit table that the town holds gives for this instant. */
static void find_permit(const struct sim *sim, struct truth_query *query) {
    const struct sim_law *law = &sim->laws[sim->town[query->asker].law];
    query->permit[0] = '\0';
    for (size_t i = 0; i < law->count && !query->permit[0]; i++)
        if (law->truth[i].from <= query->asked_at && query->asked_at <= law->truth[i].until)
            memcpy(query->permit, law->truth[i].id, sizeof query->permit);
}

static void later(struct sim *sim, unsigned index, int64_t seconds) {
    sim_plan(sim, sim->now + seconds, SIM_ASK, index, 0, NULL);
}

/* The first time that somebody comes. */
static void make_grounds(struct sim *sim, unsigned index) {
    struct truth_query *query = &sim->queries[index];
    bool lost = false;
    query->evidence.poor = sim_chance(sim, 20);
    struct truth_query made = *query;
    struct vrx_result result = sim_call(sim, query->asker, run_grounds, &made, &lost);
    if (lost || sim_is_trouble(result)) {
        later(sim, index, 60);
        return;
    }
    assert_ok(result);
    query->evidence = made.evidence;
    query->consent = made.consent;
    if (sim_chance(sim, 20))
        query->evidence.there = false; /* the officer forgets to name it */
    if (sim_chance(sim, 20))
        query->consent.there = false;
    if (sim_chance(sim, 40))
        query->items |= 1u << VRX_ITEM_VENUE; /* perhaps more than was consented to */
    if (sim_chance(sim, 40))
        query->origin = (query->asker + 1 + sim_below(sim, SIM_TOWNS - 1)) % SIM_TOWNS;
    later(sim, index,
        sim_chance(sim, 700) ? 0 : sim_below(sim, (sim_chance(sim, 600) ? 10 : 30) * 3600));
    if (sim_chance(sim, 250))
        sim_plan(sim, sim->now + sim_below(sim, sim_chance(sim, 600) ? 20 : 12 * 3600), SIM_REVOKE,
            index, 0, NULL);
    if (sim_chance(sim, 200))
        sim_plan(sim, sim->now + sim_below(sim, sim_chance(sim, 600) ? 20 : 12 * 3600), SIM_NARROW,
            index, 0, NULL);
}

struct truth_query sim_made_now(const struct sim *sim, const struct truth_query *query) {
    struct truth_query made = *query;
    made.honest = true;
    made.asked_at = sim_clock(sim, query->asker);
    made.deadline = made.asked_at + SIM_TRANSFER_SECONDS;
    find_permit(sim, &made);
    return made;
}

void sim_made(struct truth_query *query, const struct truth_query *made) {
    *query = *made;
    query->said = query->consent;
    query->asked = true;
    query->here = VRX_TRANSFER_REQUESTED;
}

static void request(struct sim *sim, unsigned index) {
    struct truth_query *query = &sim->queries[index];
    struct truth_query made = sim_made_now(sim, query);
    bool lost = false;
    struct vrx_result result = sim_call(sim, query->asker, run_request, &made, &lost);
    if (lost || sim_is_trouble(result)) {
        later(sim, index, 60);
        return;
    }
    const bool lawful = made.permit[0] && oracle_lawful(sim, made.asker, &made);
    if (vrx_is_ok(result) != lawful)
        sim_violated(sim, "query %u was %s by its destination (%s)", index,
            lawful ? "refused" : "made", vrx_reason_name(result.reason));
    if (!vrx_is_ok(result))
        return;
    sim_made(query, &made);
    sim_nudge(sim, query->asker);
}

void sim_ask(struct sim *sim, unsigned index) {
    struct truth_query *query = &sim->queries[index];
    if (query->asked || query->listed)
        return;
    if (!sim->town[query->asker].tenant)
        later(sim, index, 1800);
    else if (!query->consent.given_at)
        make_grounds(sim, index);
    else if (!sim_chance(sim, 100) || !sim_enlist(sim, index))
        request(sim, index);
}

/* ---- what becomes of a consent ---- */

struct changing {
    struct truth_query *query;
    struct truth_consent next;
};

static struct vrx_result run_revoke(struct sim_step *step) {
    struct changing *changing = step->arg;
    Vrx__V1__RevokeConsentRequest in = VRX__V1__REVOKE_CONSENT_REQUEST__INIT;
    Vrx__V1__RevokeConsentResponse out = VRX__V1__REVOKE_CONSENT_RESPONSE__INIT;
    in.consent_id = binary(changing->query->consent.id, VRX_ID);
    return vrx_exchange_revoke_consent(&step->context, &in, &out);
}

static struct vrx_result run_narrow(struct sim_step *step) {
    struct changing *changing = step->arg;
    const struct truth_consent *next = &changing->next;
    Vrx__V1__DataItem items[VRX_ITEM_LAST];
    char *origins[SIM_TOWNS];
    Vrx__V1__NarrowConsentRequest in = VRX__V1__NARROW_CONSENT_REQUEST__INIT;
    Vrx__V1__NarrowConsentResponse out = VRX__V1__NARROW_CONSENT_RESPONSE__INIT;
    in.consent_id = binary(changing->query->consent.id, VRX_ID);
    in.origins = origins;
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        if (next->origins & 1u << i)
            origins[in.n_origins++] = text(codes[i]);
    in.n_items = sim_items_of(next->items, items);
    in.items = items;
    in.expires_at = next->expires_at;
    return vrx_exchange_narrow_consent(&step->context, &in, &out);
}

/* Again a little later where the machine was in the way. */
static void change_consent(struct sim *sim, struct changing *changing, enum sim_event_kind kind,
    struct vrx_result (*run)(struct sim_step *step)) {
    struct truth_query *query = changing->query;
    const unsigned index = (unsigned)(query - sim->queries);
    bool lost = false;
    if (!sim->town[query->asker].tenant) {
        sim_plan(sim, sim->now + 1800, kind, index, 0, NULL);
        return;
    }
    struct vrx_result result = sim_call(sim, query->asker, run, changing, &lost);
    if (lost || sim_is_trouble(result)) {
        sim_plan(sim, sim->now + 60, kind, index, 0, NULL);
        return;
    }
    if (!vrx_is_ok(result)) /* nothing was narrower, or it is revoked */
        return;
    query->consent = changing->next;
    oracle_consent_changed(sim, query);
    sim_nudge(sim, query->asker);
}

static bool can_change(const struct truth_query *query) {
    return query->consent.given_at && !query->consent.revoked && query->notice_count < SIM_NOTICES;
}

void sim_revoke(struct sim *sim, unsigned index) {
    struct changing changing = {&sim->queries[index], sim->queries[index].consent};
    changing.next.revoked = true;
    if (can_change(changing.query))
        change_consent(sim, &changing, SIM_REVOKE, run_revoke);
}

void sim_narrow(struct sim *sim, unsigned index) {
    struct changing changing = {&sim->queries[index], sim->queries[index].consent};
    struct truth_consent *next = &changing.next;
    if (!can_change(changing.query))
        return;
    if (sim_chance(sim, 400))
        next->items &= 1u << VRX_ITEM_DOSE | sim_below(sim, 8) << VRX_ITEM_LOT;
    if (sim_chance(sim, 300) && next->origins & (next->origins - 1)) /* of several, one */
        next->origins = sim_chance(sim, 500) ? next->origins & (0u - next->origins)
                                             : next->origins & (next->origins - 1);
    next->expires_at -= sim_below(sim, (uint32_t)WORLD_DAY);
    change_consent(sim, &changing, SIM_NARROW, run_narrow);
}

/* ---- who signs what they like ---- */

struct forgery {
    struct truth_query *query;
    struct vrx_buffer evidence, consent, signed_query, envelope;
    uint8_t salt[VRX_DIGEST];
};

static void draw_bytes(struct sim *sim, uint8_t *out, size_t len) {
    assert_ok(vrx_random_fill(&sim->random, out, len));
}

/* By this town, with the key that it signs with at this time. False: it has none. */
static bool sign_as(struct sim *sim, unsigned town, const struct vrx_object_schema *schema,
    const void *object, struct vrx_buffer *out) {
    struct vrx_tenant *tenant = sim->town[town].tenant;
    return tenant && vrx_is_ok(vrx_signer_sign(tenant, schema, object, out));
}

/* Its key says nothing of the time before it was in force, in whatever law that has it. */
static bool is_before_its_key(
    const struct sim *sim, unsigned town, int64_t stated, const struct vrx_buffer *signed_object) {
    const struct sim_town *there = &sim->town[town];
    const struct vrx_dated_keys keys = {there->signing, there->signing_count};
    struct vrx_view kid;
    assert_ok(vrx_object_kid(vrx_buffer_view(signed_object), &kid));
    const struct vrx_dated_key *key = vrx_dated_key_find(keys, kid);
    return key && stated < key->from;
}

static unsigned somebody_else(struct sim *sim, unsigned town) {
    return (town + 1 + sim_below(sim, SIM_TOWNS - 1)) % SIM_TOWNS;
}

/* A stranger is another person, or the right one by the hand of another town. */
static void subject_of(struct sim *sim, const struct forgery *forgery, bool other, uint8_t *out) {
    const unsigned person = (forgery->query->person + other) % SIM_PEOPLE;
    assert_ok(vrx_subject_make(vrx_view_text(sim->people[person].number), forgery->salt, out));
}

static bool forge_evidence(struct sim *sim, struct forgery *forgery) {
    struct truth_query *query = forgery->query;
    const bool other_person = query->evidence.stranger && sim_chance(sim, 500);
    struct vrx_document_seen documents[2] = {
        {.type = VRX_DOCUMENT_NUMBER_CARD}, {.type = VRX_DOCUMENT_MANDATE}};
    struct vrx_identity_evidence evidence = {
        .municipality = sim->town[query->asker].who->code,
        .method = query->evidence.poor ? VRX_IDENTITY_PROXY : VRX_IDENTITY_CARD_SEEN,
        .documents = documents,
        .document_count = query->evidence.poor ? 2 : 1,
        .checked_at = query->evidence.checked_at,
        .operator_id = vrx_view_text("tanaka"),
        .terminal_id = vrx_view_text("counter-1"),
        .purpose = VRX_PURPOSE_MOVER,
    };
    draw_bytes(sim, evidence.id, VRX_ID);
    memcpy(query->evidence.id, evidence.id, VRX_ID);
    subject_of(sim, forgery, other_person, evidence.subject);
    const bool by_other = query->evidence.stranger && !other_person;
    query->evidence.unknown_key = by_other;
    if (!sign_as(sim, by_other ? somebody_else(sim, query->asker) : query->asker,
            &vrx_identity_evidence_schema, &evidence, &forgery->evidence))
        return false;
    query->evidence.stranger |=
        is_before_its_key(sim, query->asker, evidence.checked_at, &forgery->evidence);
    return true;
}

static size_t list_items(unsigned bits, uint64_t items[VRX_ITEM_LAST]) {
    size_t count = 0;
    for (unsigned item = VRX_ITEM_DOSE; item <= VRX_ITEM_LAST; item++)
        if (bits & 1u << item)
            items[count++] = item;
    return count;
}

static bool forge_consent(struct sim *sim, struct forgery *forgery) {
    struct truth_query *query = forgery->query;
    const bool other_person = query->consent.stranger && sim_chance(sim, 500);
    struct vrx_municipality_code origins[SIM_TOWNS];
    uint64_t items[VRX_ITEM_LAST];
    struct vrx_consent consent = {
        .destination = sim->town[query->asker].who->code,
        .purpose = VRX_PURPOSE_MOVER,
        .origins = origins,
        .items = items,
        .item_count = list_items(query->consent.items, items),
        .given_at = query->consent.given_at,
        .expires_at = query->consent.expires_at,
        .form_number = vrx_view_text("K-17"),
        .revocable = true,
        .status = query->consent.revoked ? VRX_CONSENT_WITHDRAWN : VRX_CONSENT_GRANTED,
        .status_since = query->consent.given_at,
    };
    for (unsigned i = 0; i < SIM_TOWNS; i++)
        if (query->consent.origins & 1u << i)
            origins[consent.origin_count++] = sim->town[i].who->code;
    draw_bytes(sim, consent.id, VRX_ID);
    memcpy(query->consent.id, consent.id, VRX_ID);
    memcpy(consent.evidence_id, query->evidence.id, VRX_ID);
    subject_of(sim, forgery, other_person, consent.subject);
    const bool by_other = query->consent.stranger && !other_person;
    query->consent.unknown_key = by_other;
    if (!sign_as(sim, by_other ? somebody_else(sim, query->asker) : query->asker,
            &vrx_consent_schema, &consent, &forgery->consent))
        return false;
    query->consent.stranger |=
        is_before_its_key(sim, query->asker, consent.given_at, &forgery->consent);
    return true;
}

/* Mostly lawful, each with one thing or two that are not. */
static void draw_forgery(struct sim *sim, struct truth_query *query) {
    const int64_t now = sim_clock(sim, query->asker);
    const struct sim_law *law = &sim->laws[sim_below(sim, sim->law_count)];
    *query = (struct truth_query){.asker = query->asker,
        .person = query->person,
        .origin = query->origin,
        .items = query->items};
    memcpy(
        query->permit, law->truth[sim_below(sim, (uint32_t)law->count)].id, sizeof query->permit);
    query->asked_at = now - sim_below(sim, sim_chance(sim, 800) ? 60 : 20 * (uint32_t)WORLD_DAY);
    if (sim_chance(sim, 50))
        query->asked_at = now + sim_below(sim, 3600);
    query->deadline = query->asked_at + SIM_TRANSFER_SECONDS;
    if (sim_chance(sim, 50))
        query->deadline = query->asked_at + sim_below(sim, 30 * (uint32_t)WORLD_DAY);
    query->consent = (struct truth_consent){.there = !sim_chance(sim, 60),
        .origins = sim_chance(sim, 60) ? 1u << query->asker : 1u << query->origin,
        .items = sim_chance(sim, 60) ? 1u << VRX_ITEM_DOSE : query->items,
        .given_at = query->asked_at - 60 + sim_below(sim, 70),
        .revoked = sim_chance(sim, 60),
        .stranger = sim_chance(sim, 60)};
    if (sim_chance(sim, 100))
        query->consent.items = query->items |= 1u << VRX_ITEM_PHYSICIAN;
    query->consent.expires_at =
        query->consent.given_at + sim_below(sim, sim_chance(sim, 60) ? 60 : (uint32_t)WORLD_DAY);
    query->evidence = (struct truth_evidence){.there = !sim_chance(sim, 60),
        .checked_at = query->asked_at + 70 - sim_below(sim, 200),
        .poor = sim_chance(sim, 60),
        .stranger = sim_chance(sim, 60)};
    if (sim_chance(sim, 60))
        query->evidence.checked_at = query->asked_at - sim_below(sim, 2 * SIM_EVIDENCE_SECONDS);
}

void sim_claim(struct sim *sim, unsigned town, unsigned from, const struct sim_message *message) {
    const struct sim_town *there = &sim->town[town];
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer signed_receipt VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer envelope VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_envelope routing;
    struct vrx_receipt receipt = {.signer = there->who->code,
        .sender = sim->town[from].who->code,
        .kind = message->sent.kind,
        .signed_at = sim_clock(sim, town)};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_object_decode(
        &vrx_envelope_schema, vrx_buffer_view(&message->bytes), &arena, &routing));
    for (size_t i = 0; i < there->key_count && !content.len; i++)
        (void)vrx_envelope_open(&routing, there->keys[i]->exchange, &content);
    memcpy(receipt.id, message->sent.query_id, VRX_ID);
    assert_ok(vrx_sha256(vrx_buffer_view(&content), receipt.digest));
    if (!sign_as(sim, town, &vrx_receipt_schema, &receipt, &signed_receipt))
        return;
    const struct sim_town *to = &sim->town[from];
    routing.kind = VRX_ENVELOPE_RECEIPT;
    routing.to = routing.from;
    routing.from = there->who->code;
    assert_ok(vrx_private_key_public(to->keys[to->key_count - 1]->exchange, &key));
    assert_ok(vrx_envelope_seal(
        &routing, vrx_buffer_view(&signed_receipt), key, &sim->random, &envelope));
    sim_send(sim, town, from, vrx_buffer_view(&envelope), &message->sent, true);
}

static bool forge_query(struct sim *sim, struct forgery *forgery) {
    struct truth_query *truth = forgery->query;
    const struct truth_person *person = &sim->people[truth->person];
    uint64_t items[VRX_ITEM_LAST];
    struct vrx_query query = {
        .asker = sim->town[truth->asker].who->code,
        .asked = sim->town[truth->origin].who->code,
        .purpose = VRX_PURPOSE_MOVER,
        .permit_id = vrx_view_text(truth->permit),
        .items = items,
        .item_count = list_items(truth->items, items),
        .individual_number = vrx_view_text(person->number),
        .birth_date = person->birth_date,
        .name = vrx_view_text(person->name),
        .consent = vrx_buffer_view(&forgery->consent),
        .evidence = vrx_buffer_view(&forgery->evidence),
        .asked_at = truth->asked_at,
        .deadline = truth->deadline,
    };
    memcpy(query.subject_salt, forgery->salt, VRX_DIGEST);
    draw_bytes(sim, query.id, VRX_ID);
    draw_bytes(sim, query.nonce, VRX_ID);
    memcpy(truth->id, query.id, VRX_ID);
    return sign_as(sim, truth->asker, &vrx_query_schema, &query, &forgery->signed_query);
}

static void send_forgery(struct sim *sim, const struct forgery *forgery) {
    const struct truth_query *query = forgery->query;
    struct vrx_sending sent = {
        .to = sim->town[query->origin].who->code, .kind = VRX_ENVELOPE_QUERY};
    memcpy(sent.query_id, query->id, VRX_ID);
    sim_send(sim, query->asker, query->origin, vrx_buffer_view(&forgery->envelope), &sent, false);
}

static void seal(struct sim *sim, struct forgery *forgery) {
    const struct truth_query *query = forgery->query;
    const struct sim_town *origin = &sim->town[query->origin];
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_envelope routing = {.kind = VRX_ENVELOPE_QUERY,
        .from = sim->town[query->asker].who->code,
        .to = origin->who->code};
    memcpy(routing.query_id, query->id, VRX_ID);
    assert_ok(vrx_private_key_public(origin->keys[origin->key_count - 1]->exchange, &key));
    assert_ok(vrx_envelope_seal(
        &routing, vrx_buffer_view(&forgery->signed_query), key, &sim->random, &forgery->envelope));
}

void sim_forge(struct sim *sim, unsigned index) {
    struct truth_query *query = &sim->queries[index];
    struct forgery forgery = {.query = query};
    draw_forgery(sim, query);
    draw_bytes(sim, forgery.salt, VRX_DIGEST);
    if ((!query->evidence.there || forge_evidence(sim, &forgery)) &&
        (!query->consent.there || forge_consent(sim, &forgery)) && forge_query(sim, &forgery)) {
        seal(sim, &forgery);
        query->said = query->consent;
        query->asked = true;
        send_forgery(sim, &forgery);
        if (sim_chance(sim, 500)) /* it may come a second time */
            send_forgery(sim, &forgery);
    }
    vrx_buffer_done(&forgery.evidence);
    vrx_buffer_done(&forgery.consent);
    vrx_buffer_done(&forgery.signed_query);
    vrx_buffer_done(&forgery.envelope);
}
