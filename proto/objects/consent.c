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
