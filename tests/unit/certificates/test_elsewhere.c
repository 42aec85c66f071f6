/* SPDX-License-Identifier: Apache-2.0
 *
 * exchange/elsewhere.h and certificates/elsewhere.h: Kashiwa asks Sapporo for a certificate on an
 * application made at Kashiwa. What the law refuses, who cannot be told from whom, and what becomes
 * of what the issuer says; the issuer's own rules have tests of their own (unit/policy).
 */
#include "certificates/elsewhere.h"

#include "crypto/hash.h"
#include "crypto/random.h"
#include "dispatch/signed.h"
#include "exchange/elsewhere.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "objects/dose_statement.h"
#include "store/application_record.h"
#include "store/certificate_out.h"
#include "store/certificate_record.h"
#include "store/evidence_record.h"
#include "store/outbox.h"
#include "support/exchange_world.h"

static struct vrx_municipality_code named; /* beside Kashiwa in the application */
static struct vrx_application application;
static struct vrx_buffer signed_application;
static unsigned application_by;

static int setup(void **state) {
    assert_int_equal(exchange_world_setup(state), 0);
    struct exchange_world *world = *state;
    world->recorded = true;
    world->base.permit.purpose = VRX_PURPOSE_CERTIFICATE;
    daemon_world_sign_law(&world->base);
    world->query.purpose = VRX_PURPOSE_CERTIFICATE;
    world->consent.purpose = VRX_PURPOSE_CERTIFICATE;
    world->evidence.purpose = VRX_PURPOSE_CERTIFICATE;
    world->routing.kind = VRX_ENVELOPE_CERTIFICATE_QUERY;
    named = world->base.town[WORLD_SAPPORO].code;
    application_by = WORLD_KASHIWA;
    application = (struct vrx_application){
        .municipality = world->base.town[WORLD_KASHIWA].code,
        .kind = VRX_CERTIFICATE_HCERT,
        .surname = vrx_view_text("ONO"),
        .given_name = vrx_view_text("HANAKO"),
        .applicant = VRX_APPLICANT_PERSON,
        .applied_at = world->now - 120,
        .elsewhere = &named,
        .elsewhere_count = 1,
    };
    world->query.deadline = application.applied_at + VRX_APPLICATION_SECONDS;
    return 0;
}

static int teardown(void **state) {
    vrx_buffer_done(&signed_application);
    return exchange_world_teardown(state);
}

/* A fresh case about this person, which a test may change before it is signed. */
static void about(struct exchange_world *world, unsigned person) {
    exchange_world_about(world, person);
    exchange_world_renew(world);
    assert_ok(vrx_random_fill(vrx_random_system(), application.id, VRX_ID));
    memcpy(application.subject, world->evidence.subject, VRX_DIGEST);
    memcpy(application.evidence_id, world->evidence.id, VRX_ID);
    application.birth_date = world->person[person].birth_date;
}

static void sign(struct exchange_world *world) {
    const struct vrx_tenant_keys *keys = world->base.town[application_by].keys;
    vrx_buffer_clear(&signed_application);
    assert_ok(vrx_object_sign(&vrx_application_schema, &application, keys->signing,
        vrx_view_of(keys->signing_kid, VRX_KID), &signed_application));
    world->query.application = vrx_buffer_view(&signed_application);
    exchange_world_sign(world);
}

static struct vrx_result arrive(
    struct exchange_world *world, unsigned town, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, town);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, town);
    struct vrx_result result =
        vrx_exchange_receive(context, envelope, &world->reply, &world->decision);
    if (vrx_is_ok(result))
        assert_ok(vrx_exchange_record_receive(context, envelope, result, world->decision));
    return exchange_world_end(world, town, result);
}

static struct vrx_result ask(struct exchange_world *world) {
    sign(world);
    return arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope));
}

static struct vrx_certificate_in asked(struct exchange_world *world) {
    struct vrx_certificate_in found;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_certificate_in_get(
        context->tenant, &context->arena, &world->query.asker, world->query.id, &found));
    return found;
}

/* What Sapporo has to say to Kashiwa, sealed; VRX_NOT_FOUND: nothing. */
static struct vrx_result find_reply(
    struct exchange_world *world, struct vrx_outbox_message *ret_message) {
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    struct vrx_outbox_key key = {.to = world->query.asker, .kind = VRX_ENVELOPE_CERTIFICATE_REPLY};
    memcpy(key.id, world->query.id, VRX_ID);
    return vrx_outbox_get(context->tenant, &context->arena, &key, ret_message);
}

static void open_reply(struct exchange_world *world, struct vrx_certificate_reply *ret_said) {
    struct vrx_outbox_message message;
    struct vrx_envelope routing;
    uint8_t digest[VRX_DIGEST];
    assert_ok(find_reply(world, &message));
    struct vrx_arena *arena = &world->context.arena;
    assert_ok(vrx_object_decode(&vrx_envelope_schema, message.envelope, arena, &routing));
    vrx_buffer_clear(&world->signed_answer);
    assert_ok(vrx_envelope_open(
        &routing, world->base.town[WORLD_KASHIWA].keys->exchange, &world->signed_answer));
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_SAPPORO], &vrx_certificate_reply_schema,
        vrx_buffer_view(&world->signed_answer), arena, ret_said));
    assert_ok(vrx_certificate_reply_check(ret_said));
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_query), digest));
    assert_memory_equal(ret_said->query_digest, digest, VRX_DIGEST);
    assert_memory_equal(ret_said->query_id, world->query.id, VRX_ID);
}

/* What waits is looked at; returns when to look again. */
static int64_t look(struct exchange_world *world, struct vrx_elsewhere_issue *issue) {
    int64_t next = -1;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(
        exchange_world_end(world, WORLD_SAPPORO, vrx_certificates_look(context, issue, &next)));
    return next;
}

static void look_in_vain(struct exchange_world *world) {
    struct vrx_elsewhere_issue issue = {0};
    look(world, &issue);
    assert_false(issue.begun);
}

static int64_t settle(
    struct exchange_world *world, struct vrx_elsewhere_issue *issue, struct vrx_result issuer) {
    int64_t next = -1;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(
        world, WORLD_SAPPORO, vrx_certificates_settle(context, issue, issuer, &next)));
    vrx_elsewhere_issue_done(issue);
    return next;
}

/* As the issuer would reply. */
static void put_certificate(const struct exchange_world *world, struct vrx_elsewhere_issue *issue) {
    static struct vrx_issued_certificate certificate;
    certificate = (struct vrx_issued_certificate){
        .format = VRX_FORMAT_HCERT, .text = vrx_view_text("HC1:AN EXAMPLE")};
    issue->state.reply = (struct vrx_issue_reply){.certificates = &certificate,
        .certificate_count = 1,
        .uvci = vrx_view_text("URN:UVCI:01:JP:AN-EXAMPLE"),
        .issued_at = world->now,
        .expires_at = world->now + WORLD_DAY};
}

static void issue_it(struct exchange_world *world) {
    struct vrx_elsewhere_issue issue = {0};
    look(world, &issue);
    assert_true(issue.begun);
    put_certificate(world, &issue);
    settle(world, &issue, vrx_ok());
}

/* ---- it is lawful ---- */

static void test_a_certificate_is_issued_and_replied(void **state) {
    struct exchange_world *world = *state;
    struct vrx_certificate_reply said;
    struct vrx_certificate_record *records = NULL;
    struct vrx_outbox_message none;
    size_t count = 0;
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    assert_int_equal(asked(world).state, VRX_ELSEWHERE_WAITING);
    assert_true(asked(world).may_issue);
    assert_reason(find_reply(world, &none), VRX_NOT_FOUND);
    issue_it(world);
    assert_int_equal(asked(world).state, VRX_ELSEWHERE_ISSUED);
    open_reply(world, &said);
    assert_int_equal(said.outcome, VRX_CERTIFICATE_OUTCOME_ISSUED);
    assert_true(vrx_view_equal(said.certificates[0].text, vrx_view_text("HC1:AN EXAMPLE")));
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_certificate_record_list(context->tenant, &context->arena,
        world->person[WORLD_HANAKO].resident[WORLD_SAPPORO], &records, &count));
    assert_int_equal(count, 1);
    assert_memory_equal(records[0].application_id, application.id, VRX_ID);
}

/* Of the doses given here, and by the number that stands here. */
static void test_the_statement_is_of_own_doses_and_of_the_subject(void **state) {
    struct exchange_world *world = *state;
    struct vrx_elsewhere_issue issue = {0};
    struct vrx_dose_statement statement;
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    look(world, &issue);
    assert_true(issue.begun);
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_SAPPORO], &vrx_dose_statement_schema,
        vrx_buffer_view(&issue.state.statement), &context->arena, &statement));
    assert_int_equal(statement.dose_count, 2); /* the third came from Kofu */
    assert_true(vrx_view_equal(statement.subject, vrx_view_of(application.subject, VRX_DIGEST)));
    assert_memory_equal(statement.application_id, application.id, VRX_ID);
    assert_true(vrx_view_equal(
        vrx_buffer_view(&issue.state.application), vrx_buffer_view(&signed_application)));
    vrx_elsewhere_issue_done(&issue);
}

/* ---- refusals of law, each replied with its reason, and before anybody is looked for ---- */

static void expect_refusal(
    struct exchange_world *world, enum vrx_reason reason, const char *clause) {
    struct vrx_certificate_reply said;
    assert_ok(ask(world));
    assert_int_equal(asked(world).state, VRX_ELSEWHERE_REFUSED);
    assert_int_equal(asked(world).resident, 0);
    open_reply(world, &said);
    assert_int_equal(said.outcome, VRX_CERTIFICATE_OUTCOME_REFUSED);
    assert_string_equal(
        vrx_reason_name(vrx_reason_from_value((unsigned)said.reason)), vrx_reason_name(reason));
    if (clause && !memmem(said.clause.ptr, said.clause.len, clause, strlen(clause)))
        fail_msg("clause is %.*s", (int)said.clause.len, (const char *)said.clause.ptr);
    look_in_vain(world);
}

static void test_refusals_of_the_query_s_grounds(void **state) {
    struct exchange_world *world = *state;
    about(world, WORLD_HANAKO);
    world->with_consent = false;
    expect_refusal(world, VRX_CONSENT_MISSING, NULL);
    world->with_consent = true;
    about(world, WORLD_HANAKO);
    world->consent.status = VRX_CONSENT_WITHDRAWN;
    expect_refusal(world, VRX_CONSENT_REVOKED, NULL);
    world->consent.status = VRX_CONSENT_GRANTED;
    about(world, WORLD_HANAKO);
    world->consent_origin = world->base.town[WORLD_KOFU].code;
    expect_refusal(world, VRX_CONSENT_SCOPE, "consent.origins");
    world->consent_origin = world->base.town[WORLD_SAPPORO].code;
    about(world, WORLD_HANAKO);
    world->consent.purpose = VRX_PURPOSE_MOVER;
    expect_refusal(world, VRX_CONSENT_SCOPE, "consent.purpose");
    world->consent.purpose = VRX_PURPOSE_CERTIFICATE;
    about(world, WORLD_HANAKO);
    world->evidence.purpose = VRX_PURPOSE_MOVER;
    expect_refusal(world, VRX_EVIDENCE_SUBJECT, NULL);
    world->evidence.purpose = VRX_PURPOSE_CERTIFICATE;
    about(world, WORLD_HANAKO);
    world->with_evidence = false;
    expect_refusal(world, VRX_EVIDENCE_MISSING, NULL);
    world->with_evidence = true;
    about(world, WORLD_HANAKO);
    world->query.purpose = VRX_PURPOSE_MOVER;
    expect_refusal(world, VRX_PERMIT_NOT_IN_FORCE, "query.purpose");
}

static void test_refusal_no_permit_for_certificates(void **state) {
    struct exchange_world *world = *state;
    world->base.permit.purpose = VRX_PURPOSE_MOVER;
    daemon_world_sign_law(&world->base);
    about(world, WORLD_HANAKO);
    expect_refusal(world, VRX_PERMIT_NOT_IN_FORCE, NULL);
}

static void test_refusals_of_the_application(void **state) {
    struct exchange_world *world = *state;
    about(world, WORLD_HANAKO);
    named = world->base.town[WORLD_KOFU].code;
    expect_refusal(world, VRX_APPLICATION_MISSING, "application.elsewhere");
    named = world->base.town[WORLD_SAPPORO].code;
    about(world, WORLD_HANAKO);
    application.municipality = world->base.town[WORLD_KOFU].code;
    expect_refusal(world, VRX_APPLICATION_MISSING, "application.elsewhere");
    application.municipality = world->base.town[WORLD_KASHIWA].code;
    about(world, WORLD_HANAKO);
    application.subject[0] ^= 1;
    expect_refusal(world, VRX_APPLICATION_MISSING, "application.subject");
    about(world, WORLD_HANAKO);
    application.birth_date.year--;
    expect_refusal(world, VRX_APPLICATION_MISSING, "application.subject");
    about(world, WORLD_HANAKO);
    application.evidence_id[0] ^= 1;
    expect_refusal(world, VRX_EVIDENCE_SUBJECT, "Number Act art. 16");
    about(world, WORLD_HANAKO);
    application.given_name.len = 0;
    expect_refusal(world, VRX_INPUT_FIELD_MISSING, "application.given_name");
}

static void test_refusals_of_the_application_s_time(void **state) {
    struct exchange_world *world = *state;
    about(world, WORLD_HANAKO);
    application.applied_at = world->now - VRX_APPLICATION_SECONDS - 1;
    expect_refusal(world, VRX_APPLICATION_EXPIRED, "open for a day");
    about(world, WORLD_HANAKO);
    application.applied_at = world->now + 1000;
    expect_refusal(world, VRX_APPLICATION_EXPIRED, "not after the query");
}

/* ---- what is not even refused ---- */

static void expect_error(struct exchange_world *world, enum vrx_reason reason) {
    const int64_t before = exchange_world_rows(world, WORLD_SAPPORO, "certificate_in");
    assert_reason(ask(world), reason);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "certificate_in"), before);
}

/* The other kind's query, under either envelope. */
static void test_a_query_says_by_its_application_for_what_it_is(void **state) {
    struct exchange_world *world = *state;
    about(world, WORLD_HANAKO);
    world->routing.kind = VRX_ENVELOPE_QUERY;
    expect_error(world, VRX_QUERY_NOT_FOR_US);
    world->routing.kind = VRX_ENVELOPE_CERTIFICATE_QUERY;
    world->query.application = (struct vrx_view){0};
    exchange_world_sign(world);
    assert_reason(
        arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope)), VRX_QUERY_NOT_FOR_US);
}

static void test_an_application_signed_by_another_one_is_left_for_later(void **state) {
    struct exchange_world *world = *state;
    about(world, WORLD_HANAKO);
    application_by = WORLD_KOFU;
    expect_error(world, VRX_KEY_UNKNOWN);
}

static void test_an_application_comes_once(void **state) {
    struct exchange_world *world = *state;
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope))); /* acknowledged */
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "certificate_in"), 1);
    exchange_world_renew(world);
    expect_error(world, VRX_QUERY_REPLAYED);
}

/* ---- who cannot be told from whom ---- */

enum { NOBODY, NO_AUTOMATIC_ANSWER, NO_SELF_DISCLOSURE, NO_DOSE, CASES };

static void make_case(struct exchange_world *world, unsigned number) {
    const int64_t hanako = world->person[WORLD_HANAKO].resident[WORLD_SAPPORO];
    about(world, number == NOBODY                ? WORLD_UNKNOWN
                 : number == NO_AUTOMATIC_ANSWER ? WORLD_TARO
                                                 : WORLD_HANAKO);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result done = vrx_ok();
    if (number == NO_SELF_DISCLOSURE || number == NO_DOSE)
        done = vrx_resident_set_protection(
            world->tenant[WORLD_SAPPORO], hanako, false, number == NO_SELF_DISCLOSURE, world->now);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, done));
    if (number == NO_DOSE)
        exchange_world_run(world, WORLD_SAPPORO, "UPDATE dose SET administered_by = '192015'");
}

static void test_no_record_is_one_message_at_one_instant(void **state) {
    struct exchange_world *world = *state;
    size_t lengths[CASES], acknowledged[CASES];
    int64_t told_at[CASES];
    for (unsigned i = 0; i < CASES; i++) {
        struct vrx_certificate_reply said;
        struct vrx_outbox_message none;
        struct vrx_elsewhere_issue issue = {0};
        make_case(world, i);
        assert_ok(ask(world));
        acknowledged[i] = world->reply.len;
        assert_false(asked(world).may_issue);
        const int64_t came = world->now;
        world->now = look(world, &issue) - 1;
        look_in_vain(world);
        assert_reason(find_reply(world, &none), VRX_NOT_FOUND);
        world->now++;
        look_in_vain(world);
        open_reply(world, &said);
        assert_int_equal(said.outcome, VRX_CERTIFICATE_OUTCOME_NO_RECORD);
        assert_int_equal(said.reason, 0);
        assert_int_equal(asked(world).state, VRX_ELSEWHERE_NO_RECORD);
        lengths[i] = world->signed_answer.len;
        told_at[i] = said.replied_at - came;
        world->now += 60;
        world->query.asked_at = world->now;
    }
    for (unsigned i = 1; i < CASES; i++) {
        assert_int_equal(lengths[i], lengths[0]);
        assert_int_equal(acknowledged[i], acknowledged[0]);
        assert_int_equal(told_at[i], told_at[0]);
    }
    assert_int_equal(told_at[0], VRX_ELSEWHERE_TELL_SECONDS);
}

static void protect_hanako(struct exchange_world *world, bool protect) {
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO,
        vrx_resident_set_protection(world->tenant[WORLD_SAPPORO],
            world->person[WORLD_HANAKO].resident[WORLD_SAPPORO], false, protect, world->now)));
}

/* The issuer is away when it is asked, and the person is protected by the time it is asked again.
 */
static int64_t protected_meanwhile(struct exchange_world *world) {
    struct vrx_elsewhere_issue issue = {0};
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    look(world, &issue);
    assert_true(issue.begun);
    const int64_t next = settle(world, &issue, vrx_fail(VRX_ISSUER_UNAVAILABLE));
    protect_hanako(world, true);
    return next;
}

/* Before the instant: as if it had been so from the beginning. */
static void test_a_person_who_becomes_protected_in_time_is_no_record(void **state) {
    struct exchange_world *world = *state;
    struct vrx_certificate_reply said;
    const int64_t came = world->now;
    world->now = protected_meanwhile(world);
    assert_true(world->now < came + VRX_ELSEWHERE_TELL_SECONDS);
    look_in_vain(world);
    world->now = came + VRX_ELSEWHERE_TELL_SECONDS;
    look_in_vain(world);
    open_reply(world, &said);
    assert_int_equal(said.outcome, VRX_CERTIFICATE_OUTCOME_NO_RECORD);
}

/* After it: silence, as from an issuer that stays away. */
static void test_a_person_who_becomes_protected_later_is_not_spoken_of(void **state) {
    struct exchange_world *world = *state;
    struct vrx_outbox_message none;
    (void)protected_meanwhile(world);
    world->now += 100;
    look_in_vain(world);
    world->now = world->query.deadline + 1;
    look_in_vain(world);
    assert_int_equal(asked(world).state, VRX_ELSEWHERE_EXPIRED);
    assert_reason(find_reply(world, &none), VRX_NOT_FOUND);
}

/* ---- what the issuer says ---- */

static void test_the_issuer_away_is_asked_again_and_the_query_expires(void **state) {
    struct exchange_world *world = *state;
    struct vrx_elsewhere_issue issue = {0};
    struct vrx_outbox_message none;
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    for (int i = 0; i < 3; i++) {
        look(world, &issue);
        assert_true(issue.begun);
        world->now = settle(world, &issue, vrx_fail(VRX_ISSUER_UNAVAILABLE));
        assert_int_equal(asked(world).state, VRX_ELSEWHERE_WAITING);
    }
    world->now = world->query.deadline + 1;
    look_in_vain(world);
    assert_int_equal(asked(world).state, VRX_ELSEWHERE_EXPIRED);
    assert_reason(find_reply(world, &none), VRX_NOT_FOUND);
}

static void test_a_refusal_of_the_issuer_is_replied(void **state) {
    struct exchange_world *world = *state;
    struct vrx_elsewhere_issue issue = {0};
    struct vrx_certificate_reply said;
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    look(world, &issue);
    settle(world, &issue, vrx_refuse(VRX_DOSE_INTERVAL, "quality.h"));
    open_reply(world, &said);
    assert_int_equal(said.outcome, VRX_CERTIFICATE_OUTCOME_REFUSED);
    assert_int_equal(said.reason, VRX_DOSE_INTERVAL);
    look_in_vain(world);
}

/* Killed between the issuer's answer and the record: it begins anew, with the same. */
static void test_what_was_begun_begins_anew(void **state) {
    struct exchange_world *world = *state;
    struct vrx_elsewhere_issue lost = {0};
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    look(world, &lost);
    assert_true(lost.begun);
    vrx_elsewhere_issue_done(&lost);
    issue_it(world);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "certificate"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "application"), 1);
}

/* ---- where the application was made ---- */

/* The rows that asking leaves at Kashiwa. */
static void put_asked(struct exchange_world *world) {
    struct vrx_tenant *tenant = world->tenant[WORLD_KASHIWA];
    const int64_t resident = world->person[WORLD_HANAKO].resident[WORLD_KASHIWA];
    struct vrx_evidence_record evidence = {.resident = resident,
        .object = vrx_buffer_view(&world->signed_evidence),
        .recorded_at = world->now};
    struct vrx_application_record record = {.resident = resident,
        .object = vrx_buffer_view(&signed_application),
        .recorded_at = world->now};
    struct vrx_certificate_out out = {.resident = resident,
        .origin = world->query.asked,
        .created_at = world->now,
        .deadline = world->query.deadline};
    memcpy(evidence.id, world->evidence.id, VRX_ID);
    memcpy(record.id, application.id, VRX_ID);
    memcpy(record.evidence_id, world->evidence.id, VRX_ID);
    memcpy(out.query_id, world->query.id, VRX_ID);
    memcpy(out.application_id, application.id, VRX_ID);
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_query), out.query_digest));
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(vrx_evidence_record_put(tenant, &evidence));
    assert_ok(vrx_application_record_put(tenant, &record));
    assert_ok(vrx_certificate_out_put(tenant, &out));
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_ok()));
}

static struct vrx_certificate_out at_kashiwa(struct exchange_world *world) {
    struct vrx_certificate_out found;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(vrx_certificate_out_get(context->tenant, &context->arena, world->query.id, &found));
    return found;
}

static struct vrx_result reply_arrives(struct exchange_world *world) {
    struct vrx_outbox_message message;
    struct vrx_buffer envelope VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(find_reply(world, &message));
    assert_ok(vrx_buffer_append(&envelope, message.envelope));
    return arrive(world, WORLD_KASHIWA, vrx_buffer_view(&envelope));
}

static void make_issued(struct exchange_world *world) {
    about(world, WORLD_HANAKO);
    assert_ok(ask(world));
    put_asked(world);
    issue_it(world);
}

static void test_a_reply_is_taken_once(void **state) {
    struct exchange_world *world = *state;
    make_issued(world);
    for (int i = 0; i < 2; i++) {
        assert_ok(reply_arrives(world));
        struct vrx_certificate_out found = at_kashiwa(world);
        assert_int_equal(found.state, VRX_ELSEWHERE_ISSUED);
        assert_int_equal(found.expires_at, world->now + WORLD_DAY);
        assert_true(found.reply.len > 0);
    }
}

static void test_a_certificate_may_come_late_and_not_after_a_withdrawal(void **state) {
    struct exchange_world *world = *state;
    make_issued(world);
    exchange_world_run(world, WORLD_KASHIWA, "UPDATE certificate_out SET state = 5");
    assert_ok(reply_arrives(world));
    assert_int_equal(at_kashiwa(world).state, VRX_ELSEWHERE_ISSUED);
    exchange_world_run(world, WORLD_KASHIWA,
        "DELETE FROM arrival; UPDATE certificate_out SET state = 3, reason = 231, reply = NULL, "
        "expires_at = NULL");
    assert_ok(reply_arrives(world));
    assert_int_equal(at_kashiwa(world).state, VRX_ELSEWHERE_REFUSED);
    assert_int_equal(at_kashiwa(world).reply.len, 0);
}

static void test_a_reply_to_another_query_is_not_taken(void **state) {
    struct exchange_world *world = *state;
    make_issued(world);
    exchange_world_run(
        world, WORLD_KASHIWA, "UPDATE certificate_out SET query_digest = zeroblob(32)");
    assert_reason(reply_arrives(world), VRX_QUERY_NOT_FOR_US);
    exchange_world_run(world, WORLD_KASHIWA, "UPDATE certificate_out SET origin = '192015'");
    assert_reason(reply_arrives(world), VRX_QUERY_NOT_FOR_US);
    exchange_world_run(world, WORLD_KASHIWA, "DELETE FROM certificate_out");
    assert_reason(reply_arrives(world), VRX_NOT_FOUND);
}

static void test_a_deadline_ends_what_waits(void **state) {
    struct exchange_world *world = *state;
    int64_t next = 0;
    about(world, WORLD_HANAKO);
    sign(world);
    put_asked(world);
    for (int i = 0; i < 2; i++) {
        struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
        exchange_world_begin(world, WORLD_KASHIWA);
        assert_ok(
            exchange_world_end(world, WORLD_KASHIWA, vrx_elsewhere_end_overdue(context, &next)));
        assert_int_equal(next, i ? 0 : world->query.deadline + 1);
        assert_int_equal(
            at_kashiwa(world).state, i ? VRX_ELSEWHERE_EXPIRED : VRX_ELSEWHERE_WAITING);
        world->now = world->query.deadline + 1;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_certificate_is_issued_and_replied),
        TEST(test_the_statement_is_of_own_doses_and_of_the_subject),
        TEST(test_refusals_of_the_query_s_grounds),
        TEST(test_refusal_no_permit_for_certificates),
        TEST(test_refusals_of_the_application),
        TEST(test_refusals_of_the_application_s_time),
        TEST(test_a_query_says_by_its_application_for_what_it_is),
        TEST(test_an_application_signed_by_another_one_is_left_for_later),
        TEST(test_an_application_comes_once),
        TEST(test_no_record_is_one_message_at_one_instant),
        TEST(test_a_person_who_becomes_protected_in_time_is_no_record),
        TEST(test_a_person_who_becomes_protected_later_is_not_spoken_of),
        TEST(test_the_issuer_away_is_asked_again_and_the_query_expires),
        TEST(test_a_refusal_of_the_issuer_is_replied),
        TEST(test_what_was_begun_begins_anew),
        TEST(test_a_reply_is_taken_once),
        TEST(test_a_certificate_may_come_late_and_not_after_a_withdrawal),
        TEST(test_a_reply_to_another_query_is_not_taken),
        TEST(test_a_deadline_ends_what_waits),
    };
    return cmocka_run_group_tests_name("certificates/elsewhere", tests, NULL, NULL);
}
