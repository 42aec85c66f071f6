/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/consent.c: what a consent covers. Its encoding is tested with the codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static const struct vrx_municipality_code kashiwa = KASHIWA;
static const struct vrx_municipality_code sapporo = SAPPORO;
static const struct vrx_municipality_code kofu = KOFU;
static const uint8_t subject[VRX_DIGEST] = {0x20};
static const uint64_t asked[] = {VRX_ITEM_LOT, VRX_ITEM_DOSE};

static struct vrx_consent_use good_use(void) {
    return (struct vrx_consent_use){
        .destination = &kashiwa,
        .origin = &kofu,
        .subject = subject,
        .purpose = VRX_PURPOSE_MOVER,
        .items = asked,
        .item_count = 2,
        .time = SAMPLE_TIME,
    };
}

static void assert_refused(const struct vrx_consent *consent, const struct vrx_consent_use *use,
    enum vrx_reason reason, const char *clause) {
    struct vrx_result result = vrx_consent_covers(consent, use);
    assert_reason(result, reason);
    assert_string_equal(result.clause, clause);
}

static void covers_what_it_names(void **state) {
    (void)state;
    struct vrx_consent_use use = good_use();
    assert_ok(vrx_consent_covers(&sample_consent, &use));
    use.origin = &sapporo;
    assert_ok(vrx_consent_covers(&sample_consent, &use));
    use.time = sample_consent.expires_at;
    assert_ok(vrx_consent_covers(&sample_consent, &use));
}

static void consent_revoked(void **state) {
    (void)state;
    struct vrx_consent consent = sample_consent;
    struct vrx_consent_use use = good_use();
    consent.status = VRX_CONSENT_WITHDRAWN;
    assert_refused(&consent, &use, VRX_CONSENT_REVOKED, "consent.status");
}

static void consent_expired(void **state) {
    (void)state;
    struct vrx_consent_use use = good_use();
    use.time = sample_consent.given_at - 1;
    assert_refused(&sample_consent, &use, VRX_CONSENT_EXPIRED, "consent.given_at");
    use.time = sample_consent.expires_at + 1;
    assert_refused(&sample_consent, &use, VRX_CONSENT_EXPIRED, "consent.expires_at");
}

static void consent_for_longer_than_a_year(void **state) {
    (void)state;
    struct vrx_consent consent = sample_consent;
    struct vrx_consent_use use = good_use();
    consent.expires_at = consent.given_at + VRX_LIMIT_CONSENT_SECONDS;
    assert_ok(vrx_consent_covers(&consent, &use));
    consent.expires_at++;
    assert_refused(&consent, &use, VRX_CONSENT_EXPIRED,
        "consent.expires_at: at most 366 days after consent.given_at");
}

static void consent_in_its_status_before_it_was_given(void **state) {
    (void)state;
    struct vrx_consent consent = sample_consent;
    struct vrx_consent_use use = good_use();
    consent.status_since = consent.given_at - 1;
    assert_refused(
        &consent, &use, VRX_CONSENT_EXPIRED, "consent.status_since: not before consent.given_at");
}

static void consent_scope_destination(void **state) {
    (void)state;
    struct vrx_consent_use use = good_use();
    use.destination = &sapporo;
    assert_refused(&sample_consent, &use, VRX_CONSENT_SCOPE, "consent.destination");
}

static void consent_scope_origin(void **state) {
    (void)state;
    struct vrx_consent_use use = good_use();
    use.origin = &kashiwa;
    assert_refused(&sample_consent, &use, VRX_CONSENT_SCOPE, "consent.origins");
}

static void consent_scope_subject(void **state) {
    (void)state;
    uint8_t other[VRX_DIGEST] = {0x20};
    struct vrx_consent_use use = good_use();
    other[VRX_DIGEST - 1] = 1;
    use.subject = other;
    assert_refused(&sample_consent, &use, VRX_CONSENT_SCOPE, "consent.subject");
}

static void consent_scope_purpose(void **state) {
    (void)state;
    struct vrx_consent_use use = good_use();
    use.purpose = VRX_PURPOSE_CERTIFICATE;
    assert_refused(&sample_consent, &use, VRX_CONSENT_SCOPE, "consent.purpose");
}

static void consent_scope_items(void **state) {
    (void)state;
    static const uint64_t too_much[] = {VRX_ITEM_DOSE, VRX_ITEM_PHYSICIAN};
    struct vrx_consent_use use = good_use();
    use.items = too_much;
    assert_refused(&sample_consent, &use, VRX_CONSENT_SCOPE, "consent.items");
}

/* Who looks at a revoked, expired consent of another scope learns that it was revoked. */
static void the_order_of_refusals(void **state) {
    (void)state;
    struct vrx_consent consent = sample_consent;
    struct vrx_consent_use use = good_use();
    use.destination = &sapporo;
    use.time = consent.expires_at + 1;
    assert_refused(&consent, &use, VRX_CONSENT_EXPIRED, "consent.expires_at");
    consent.status = VRX_CONSENT_WITHDRAWN;
    assert_refused(&consent, &use, VRX_CONSENT_REVOKED, "consent.status");
}

/* ---- what may follow ---- */

static void assert_never_follows(const struct vrx_consent *after, const char *clause) {
    struct vrx_result result = vrx_consent_follows(&sample_consent, after);
    assert_reason(result, VRX_CONSENT_SCOPE);
    assert_string_equal(result.clause, clause);
}

static void a_consent_is_narrowed(void **state) {
    (void)state;
    struct vrx_consent after = sample_consent;
    assert_ok(vrx_consent_follows(&sample_consent, &after));
    after.origins = sample_codes + 1;
    after.origin_count = 1;
    assert_ok(vrx_consent_follows(&sample_consent, &after));
    after.items = sample_items + 1;
    after.item_count = 2;
    assert_ok(vrx_consent_follows(&sample_consent, &after));
    after.expires_at--;
    after.status_since++;
    assert_ok(vrx_consent_follows(&sample_consent, &after));
    after.status = VRX_CONSENT_WITHDRAWN;
    assert_ok(vrx_consent_follows(&sample_consent, &after));
}

static void a_consent_is_never_widened(void **state) {
    (void)state;
    struct vrx_municipality_code other[] = {SAPPORO, KASHIWA};
    uint64_t items[] = {VRX_ITEM_DOSE, VRX_ITEM_TICKET};
    struct vrx_consent after = sample_consent;
    after.origins = other;
    assert_never_follows(&after, "consent.origins");
    after = sample_consent;
    after.items = items;
    after.item_count = 2;
    assert_never_follows(&after, "consent.items");
    after = sample_consent;
    after.expires_at++;
    assert_never_follows(&after, "consent.expires_at");
    after = sample_consent;
    after.status_since--;
    assert_never_follows(&after, "consent.status_since");
    struct vrx_consent withdrawn = sample_consent;
    withdrawn.status = VRX_CONSENT_WITHDRAWN;
    struct vrx_result result = vrx_consent_follows(&withdrawn, &sample_consent);
    assert_reason(result, VRX_CONSENT_SCOPE);
    assert_string_equal(result.clause, "consent.status");
}

static void another_consent_never_follows(void **state) {
    (void)state;
    struct vrx_consent after = sample_consent;
    after.id[15] ^= 1;
    assert_never_follows(&after, "consent.id");
    after = sample_consent;
    after.destination = sapporo;
    assert_never_follows(&after, "consent.destination");
    after = sample_consent;
    after.subject[31] ^= 1;
    assert_never_follows(&after, "consent.subject");
    after = sample_consent;
    after.purpose = VRX_PURPOSE_CERTIFICATE;
    assert_never_follows(&after, "consent.purpose");
    after = sample_consent;
    after.given_at++;
    assert_never_follows(&after, "consent.given_at");
    after = sample_consent;
    after.form_number = vrx_view_text("R3-00124");
    assert_never_follows(&after, "consent.form_number");
    after = sample_consent;
    after.form_digest[0] ^= 1;
    assert_never_follows(&after, "consent.form_digest");
    after = sample_consent;
    after.revocable = false;
    assert_never_follows(&after, "consent.revocable");
    after = sample_consent;
    after.evidence_id[0] ^= 1;
    assert_never_follows(&after, "consent.evidence_id");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_what_it_names),
        cmocka_unit_test(consent_revoked),
        cmocka_unit_test(consent_expired),
        cmocka_unit_test(consent_for_longer_than_a_year),
        cmocka_unit_test(consent_in_its_status_before_it_was_given),
        cmocka_unit_test(consent_scope_destination),
        cmocka_unit_test(consent_scope_origin),
        cmocka_unit_test(consent_scope_subject),
        cmocka_unit_test(consent_scope_purpose),
        cmocka_unit_test(consent_scope_items),
        cmocka_unit_test(the_order_of_refusals),
        cmocka_unit_test(a_consent_is_narrowed),
        cmocka_unit_test(a_consent_is_never_widened),
        cmocka_unit_test(another_consent_never_follows),
    };
    return cmocka_run_group_tests_name("objects/consent", tests, NULL, NULL);
}
