/* SPDX-License-Identifier: Apache-2.0
 *
 * See permit.h for the format, schema.h for how a table is written. A refusal names the field of
 * the permit that it comes from.
 */
#include "objects/permit.h"

#include "objects/schema.h"

static const struct vrx_object_field permit_fields[] = {
    ROW_TEXT(1, permit, id, 1, VRX_LIMIT_PERMIT_ID),
    ROW_ENUM(2, permit, purpose, VRX_PURPOSE_LAST),
    ROW_TEXT(3, permit, legal_basis, 1, VRX_LIMIT_LEGAL_BASIS),
    ROW_MUNICIPALITIES(4, permit, askers, asker_count, 0, VRX_LIMIT_PERMIT_CODES),
    ROW_MUNICIPALITIES(5, permit, asked, asked_count, 0, VRX_LIMIT_PERMIT_CODES),
    ROW_ENUMS(6, permit, items, item_count, 1, VRX_ITEM_LAST, VRX_ITEM_LAST),
    ROW_BOOL(7, permit, consent_required),
    ROW_ENUMS(8, permit, methods, method_count, 0, VRX_IDENTITY_LAST, VRX_IDENTITY_LAST),
    ROW_UINT(9, permit, evidence_seconds, 0, UINT32_MAX),
    ROW_TIME(10, permit, in_force_from),
    ROW_TIME(11, permit, in_force_until),
};

static const struct vrx_object_schema vrx_permit_schema =
    ROW_SCHEMA(permit, "vrx.permit.1", permit_fields);

static const struct vrx_object_field fields[] = {
    ROW_UINT(1, permit_table, version, 0, VRX_OBJECT_UINT_MAX),
    ROW_TIME(2, permit_table, issued),
    ROW_TIME(3, permit_table, expires),
    ROW_RECORDS(4, permit_table, permits, permit_count, 0, VRX_LIMIT_PERMITS, permit),
};

const struct vrx_object_schema vrx_permit_table_schema =
    ROW_SCHEMA(permit_table, "vrx.permit-table.1", fields);

static struct vrx_result not_in_force(const char *field) {
    return vrx_refuse(VRX_PERMIT_NOT_IN_FORCE, field);
}

/* An empty list names every municipality. */
static bool names(const struct vrx_municipality_code *codes, size_t count,
    const struct vrx_municipality_code *code) {
    for (size_t i = 0; i < count; i++)
        if (vrx_municipality_code_equal(&codes[i], code))
            return true;
    return count == 0;
}

static bool contains(const uint64_t *values, size_t count, uint64_t value) {
    for (size_t i = 0; i < count; i++)
        if (values[i] == value)
            return true;
    return false;
}

struct vrx_result vrx_permit_by_id(const struct vrx_permit_table *table, struct vrx_view id,
    const struct vrx_permit **ret_permit) {
    for (size_t i = 0; i < table->permit_count; i++) {
        if (vrx_view_equal(table->permits[i].id, id)) {
            *ret_permit = &table->permits[i];
            return vrx_ok();
        }
    }
    return not_in_force("permit.id");
}

struct vrx_result vrx_permit_table_current(const struct vrx_permit_table *table, int64_t time) {
    if (time > table->expires)
        return not_in_force("permit_table.expires");
    return vrx_ok();
}

struct vrx_result vrx_permit_in_force(const struct vrx_permit *permit, enum vrx_purpose purpose,
    const struct vrx_municipality_code *asker, const struct vrx_municipality_code *asked,
    int64_t time) {
    if (permit->purpose != (uint64_t)purpose)
        return not_in_force("permit.purpose");
    if (time < permit->in_force_from)
        return not_in_force("permit.in_force_from");
    if (time > permit->in_force_until)
        return not_in_force("permit.in_force_until");
    if (!names(permit->askers, permit->asker_count, asker))
        return not_in_force("permit.askers");
    if (!names(permit->asked, permit->asked_count, asked))
        return not_in_force("permit.asked");
    return vrx_ok();
}

struct vrx_result vrx_permit_find(const struct vrx_permit_table *table, enum vrx_purpose purpose,
    const struct vrx_municipality_code *asker, const struct vrx_municipality_code *asked,
    int64_t time, const struct vrx_permit **ret_permit) {
    VRX_TRY(vrx_permit_table_current(table, time));
    for (size_t i = 0; i < table->permit_count; i++) {
        const struct vrx_permit *permit = &table->permits[i];
        if (vrx_is_ok(vrx_permit_in_force(permit, purpose, asker, asked, time))) {
            *ret_permit = permit;
            return vrx_ok();
        }
    }
    return not_in_force("permit_table.permits");
}

struct vrx_result vrx_permit_covers(
    const struct vrx_permit *permit, const uint64_t *items, size_t item_count) {
    for (size_t i = 0; i < item_count; i++)
        if (!contains(permit->items, permit->item_count, items[i]))
            return vrx_refuse(VRX_PERMIT_ITEMS, "permit.items");
    return vrx_ok();
}

bool vrx_permit_accepts_method(const struct vrx_permit *permit, uint64_t method) {
    return permit->method_count == 0 || contains(permit->methods, permit->method_count, method);
}
