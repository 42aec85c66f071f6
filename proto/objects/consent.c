/* SPDX-License-Identifier: Apache-2.0
 *
 * See consent.h for the format, schema.h for how a table is written. A refusal names the field that
 * does not cover the use.
 */
#include "objects/consent.h"

#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, consent, id),
    ROW_MUNICIPALITY(2, consent, destination),
    ROW_FIXED(3, consent, subject),
    ROW_ENUM(4, consent, purpose, VRX_PURPOSE_LAST),
    ROW_MUNICIPALITIES(5, consent, origins, origin_count, 1, VRX_LIMIT_ORIGINS),
    ROW_ENUMS(6, consent, items, item_count, 1, VRX_ITEM_LAST, VRX_ITEM_LAST),
    ROW_TIME(7, consent, given_at),
    ROW_TIME(8, consent, expires_at),
    ROW_TEXT(9, consent, form_number, 0, VRX_LIMIT_FORM_NUMBER),
    ROW_FIXED(10, consent, form_digest),
    ROW_BOOL(11, consent, revocable),
    ROW_FIXED(12, consent, evidence_id),
    ROW_ENUM(13, consent, status, VRX_CONSENT_WITHDRAWN),
    ROW_TIME(14, consent, status_since),
};

const struct vrx_object_schema vrx_consent_schema =
    ROW_DATED_SCHEMA(consent, "vrx.consent.1", fields, status_since);

static bool names_origin(
    const struct vrx_consent *consent, const struct vrx_municipality_code *origin) {
    for (size_t i = 0; i < consent->origin_count; i++)
        if (vrx_municipality_code_equal(&consent->origins[i], origin))
            return true;
    return false;
}

static bool names_item(const struct vrx_consent *consent, uint64_t item) {
    for (size_t i = 0; i < consent->item_count; i++)
        if (consent->items[i] == item)
            return true;
    return false;
}

static bool names_items(const struct vrx_consent *consent, const uint64_t *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!names_item(consent, items[i]))
            return false;
    return true;
}

struct vrx_result vrx_consent_covers(
    const struct vrx_consent *consent, const struct vrx_consent_use *use) {
    if (consent->status != VRX_CONSENT_GRANTED)
        return vrx_refuse(VRX_CONSENT_REVOKED, "consent.status");
    if (use->time < consent->given_at)
        return vrx_refuse(VRX_CONSENT_EXPIRED, "consent.given_at");
    if (use->time > consent->expires_at)
        return vrx_refuse(VRX_CONSENT_EXPIRED, "consent.expires_at");
    if (consent->expires_at - consent->given_at > VRX_LIMIT_CONSENT_SECONDS)
        return vrx_refuse(
            VRX_CONSENT_EXPIRED, "consent.expires_at: at most 366 days after consent.given_at");
    if (consent->status_since < consent->given_at)
        return vrx_refuse(VRX_CONSENT_EXPIRED, "consent.status_since: not before consent.given_at");
    if (!vrx_municipality_code_equal(&consent->destination, use->destination))
        return vrx_refuse(VRX_CONSENT_SCOPE, "consent.destination");
    if (!names_origin(consent, use->origin))
        return vrx_refuse(VRX_CONSENT_SCOPE, "consent.origins");
    if (memcmp(consent->subject, use->subject, sizeof consent->subject) != 0)
        return vrx_refuse(VRX_CONSENT_SCOPE, "consent.subject");
    if (consent->purpose != use->purpose)
        return vrx_refuse(VRX_CONSENT_SCOPE, "consent.purpose");
    if (!names_items(consent, use->items, use->item_count))
        return vrx_refuse(VRX_CONSENT_SCOPE, "consent.items");
    return vrx_ok();
}

static struct vrx_result not_the_same(const char *field) {
    return vrx_refuse(VRX_CONSENT_SCOPE, field);
}

/* What no further object changes. */
static struct vrx_result same_consent(const struct vrx_consent *a, const struct vrx_consent *b) {
    if (memcmp(a->id, b->id, sizeof a->id) != 0)
        return not_the_same("consent.id");
    if (!vrx_municipality_code_equal(&a->destination, &b->destination))
        return not_the_same("consent.destination");
    if (memcmp(a->subject, b->subject, sizeof a->subject) != 0)
        return not_the_same("consent.subject");
    if (a->purpose != b->purpose)
        return not_the_same("consent.purpose");
    if (a->given_at != b->given_at)
        return not_the_same("consent.given_at");
    if (!vrx_view_equal(a->form_number, b->form_number))
        return not_the_same("consent.form_number");
    if (memcmp(a->form_digest, b->form_digest, sizeof a->form_digest) != 0)
        return not_the_same("consent.form_digest");
    if (a->revocable != b->revocable)
        return not_the_same("consent.revocable");
    if (memcmp(a->evidence_id, b->evidence_id, sizeof a->evidence_id) != 0)
        return not_the_same("consent.evidence_id");
    return vrx_ok();
}

struct vrx_result vrx_consent_follows(
    const struct vrx_consent *before, const struct vrx_consent *after) {
    VRX_TRY(same_consent(before, after));
    for (size_t i = 0; i < after->origin_count; i++)
        if (!names_origin(before, &after->origins[i]))
            return not_the_same("consent.origins");
    if (!names_items(before, after->items, after->item_count))
        return not_the_same("consent.items");
    if (after->expires_at > before->expires_at)
        return not_the_same("consent.expires_at");
    if (after->status < before->status)
        return not_the_same("consent.status");
    if (after->status_since < before->status_since)
        return not_the_same("consent.status_since");
    return vrx_ok();
}
