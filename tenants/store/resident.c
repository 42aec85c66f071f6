/* SPDX-License-Identifier: Apache-2.0
 *
 * The resident row, its versions and its number. The present version is the row of `resident`; a
 * change first copies that row to `resident_history`. resident_person.c has what ties a person to
 * the ledger.
 */
#include "store/resident.h"

#include "base/limits.h"
#include "base/text.h"
#include "codes/individual_number.h"
#include "crypto/hash.h"
#include "keyring/keys.h"
#include "store/check.h"
#include "store/sql.h"

#define COLUMNS \
    "id, version, addressee, name, kana, address, birth_date, sex, moved_out, " \
    "no_automatic_answer, no_self_disclosure, recorded_at"

static struct vrx_resident take_resident(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_resident resident = {0};
    resident.id = vrx_take_int(row);
    resident.version = (uint64_t)vrx_take_int(row);
    resident.addressee = vrx_take_text(row, arena);
    resident.name = vrx_take_text(row, arena);
    resident.kana = vrx_take_text(row, arena);
    resident.address = vrx_take_text(row, arena);
    resident.birth_date = vrx_take_date(row);
    resident.sex = (enum vrx_sex)vrx_take_int(row);
    resident.moved_out = vrx_take_date(row);
    resident.no_automatic_answer = vrx_take_bool(row);
    resident.no_self_disclosure = vrx_take_bool(row);
    resident.recorded_at = vrx_take_int(row);
    return resident;
}

static struct vrx_result take_one(
    struct vrx_statement *find, struct vrx_arena *arena, struct vrx_resident *ret_resident) {
    VRX_TRY(vrx_statement_one(find));
    struct vrx_resident resident = take_resident(find, arena);
    VRX_TRY(find->error);
    *ret_resident = resident;
    return vrx_ok();
}

static const struct vrx_text_rule text_rules[] = {
    {offsetof(struct vrx_resident, name), 1, VRX_LIMIT_NAME, "name"},
    {offsetof(struct vrx_resident, kana), 0, VRX_LIMIT_NAME, "kana"},
    {offsetof(struct vrx_resident, address), 0, VRX_LIMIT_ADDRESS, "address"},
};

static struct vrx_result check_dates(const struct vrx_resident *resident, int64_t now) {
    if (!vrx_date_valid(resident->birth_date))
        return vrx_refuse(VRX_DATE_INVALID, "birth date");
    if (vrx_date_compare(resident->birth_date, vrx_date_in_japan(now)) > 0)
        return vrx_refuse(VRX_DATE_IN_FUTURE, "birth date");
    if (!resident->moved_out.year)
        return vrx_ok();
    if (!vrx_date_valid(resident->moved_out))
        return vrx_refuse(VRX_DATE_INVALID, "moved out");
    if (vrx_date_compare(resident->moved_out, resident->birth_date) < 0)
        return vrx_refuse(VRX_DATE_BEFORE_BIRTH, "moved out");
    return vrx_ok();
}

static struct vrx_result check_resident(const struct vrx_resident *resident, int64_t now) {
    VRX_TRY(vrx_check_texts(resident, text_rules, sizeof text_rules / sizeof text_rules[0]));
    if ((unsigned)resident->sex > VRX_SEX_FEMALE)
        return vrx_refuse(VRX_INPUT_RANGE, "sex");
    return check_dates(resident, now);
}

/* Leading zeros do not count: files of one municipality write the same number with and without. */
static struct vrx_result addressee_value(struct vrx_view addressee, int64_t *ret_value) {
    int64_t value = 0;
    if (!vrx_text_is_digits(addressee, 1, VRX_LIMIT_ADDRESSEE))
        return vrx_refuse(VRX_INPUT_RANGE, "addressee number");
    for (size_t i = 0; i < addressee.len; i++)
        value = value * 10 + (addressee.ptr[i] - '0');
    if (value == 0)
        return vrx_refuse(VRX_INPUT_RANGE, "addressee number");
    *ret_value = value;
    return vrx_ok();
}

/* What the number is looked up by. */
static struct vrx_result blind_index(
    struct vrx_tenant *tenant, struct vrx_view number, uint8_t ret_blind[VRX_SHA256]) {
    VRX_TRY(vrx_individual_number_check(number));
    return vrx_hmac_sha256(vrx_tenant_index_key(vrx_tenant_keys(tenant)), number, ret_blind);
}

static struct vrx_result insert_resident(struct vrx_tenant *tenant, int64_t addressee,
    const struct vrx_resident *resident, int64_t now, int64_t *ret_id) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO resident (" COLUMNS ") VALUES (NULL, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    vrx_bind_int(&insert, addressee);
    vrx_bind_text(&insert, resident->name);
    vrx_bind_text(&insert, resident->kana);
    vrx_bind_text(&insert, resident->address);
    vrx_bind_date(&insert, resident->birth_date);
    vrx_bind_int(&insert, resident->sex);
    vrx_bind_date(&insert, resident->moved_out);
    vrx_bind_int(&insert, resident->no_automatic_answer);
    vrx_bind_int(&insert, resident->no_self_disclosure);
    vrx_bind_int(&insert, now);
    VRX_TRY(vrx_statement_run(&insert));
    *ret_id = sqlite3_last_insert_rowid(vrx_tenant_db(tenant));
    return vrx_ok();
}

static struct vrx_result insert_number(struct vrx_tenant *tenant, int64_t id,
    struct vrx_view number, const uint8_t blind[VRX_SHA256]) {
    VRX_STATEMENT(
        insert, tenant, "INSERT INTO individual_number (resident, blind, number) VALUES (?, ?, ?)");
    vrx_bind_int(&insert, id);
    vrx_bind_bytes(&insert, vrx_view_of(blind, VRX_SHA256));
    vrx_bind_text(&insert, number);
    return vrx_statement_run(&insert);
}

static struct vrx_result insert_salt(struct vrx_tenant *tenant, int64_t id) {
    uint8_t salt[VRX_DIGEST];
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), salt, sizeof salt));
    VRX_STATEMENT(insert, tenant, "INSERT INTO audit_salt (resident, salt) VALUES (?, ?)");
    vrx_bind_int(&insert, id);
    vrx_bind_bytes(&insert, vrx_view_of(salt, sizeof salt));
    struct vrx_result result = vrx_statement_run(&insert);
    vrx_wipe(salt, sizeof salt);
    return result;
}

static struct vrx_result refuse_known(struct vrx_tenant *tenant, int64_t addressee,
    struct vrx_view number, const uint8_t blind[VRX_SHA256]) {
    bool known = false;
    VRX_STATEMENT(same_addressee, tenant, "SELECT 1 FROM resident WHERE addressee = ?");
    vrx_bind_int(&same_addressee, addressee);
    VRX_TRY(vrx_statement_row(&same_addressee, &known));
    if (known)
        return vrx_refuse(VRX_ALREADY_EXISTS, "addressee number");
    if (!number.len)
        return vrx_ok();
    VRX_STATEMENT(same_number, tenant, "SELECT 1 FROM individual_number WHERE blind = ?");
    vrx_bind_bytes(&same_number, vrx_view_of(blind, VRX_SHA256));
    VRX_TRY(vrx_statement_row(&same_number, &known));
    return known ? vrx_fail(VRX_NUMBER_CONFLICT) : vrx_ok();
}

struct vrx_result vrx_resident_register(struct vrx_tenant *tenant,
    const struct vrx_resident *resident, struct vrx_view number, int64_t now, int64_t *ret_id) {
    uint8_t blind[VRX_SHA256] = {0};
    int64_t addressee = 0;
    int64_t id = 0;
    VRX_TRY(addressee_value(resident->addressee, &addressee));
    VRX_TRY(check_resident(resident, now));
    if (number.len)
        VRX_TRY(blind_index(tenant, number, blind));
    VRX_TRY(refuse_known(tenant, addressee, number, blind));
    VRX_TRY(insert_resident(tenant, addressee, resident, now, &id));
    if (number.len)
        VRX_TRY(insert_number(tenant, id, number, blind));
    VRX_TRY(insert_salt(tenant, id));
    *ret_id = id;
    return vrx_ok();
}

/* Keeps the present version, so that it can be overwritten. */
static struct vrx_result keep_version(struct vrx_tenant *tenant, int64_t id) {
    VRX_STATEMENT(keep, tenant,
        "INSERT INTO resident_history (" COLUMNS ") SELECT " COLUMNS " FROM resident WHERE id = ?");
    vrx_bind_int(&keep, id);
    return vrx_statement_run(&keep);
}

static struct vrx_result version_of(struct vrx_tenant *tenant, int64_t id, uint64_t *ret_version) {
    VRX_STATEMENT(find, tenant, "SELECT version FROM resident WHERE id = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    *ret_version = (uint64_t)vrx_take_int(&find);
    return find.error;
}

struct vrx_result vrx_resident_update(
    struct vrx_tenant *tenant, const struct vrx_resident *resident, int64_t now) {
    uint64_t version = 0;
    VRX_TRY(check_resident(resident, now));
    VRX_TRY(version_of(tenant, resident->id, &version));
    if (version != resident->version)
        return vrx_fail(VRX_CONFLICT);

    VRX_TRY(keep_version(tenant, resident->id));
    VRX_STATEMENT(update, tenant,
        "UPDATE resident SET version = version + 1, name = ?, kana = ?, address = ?, "
        "birth_date = ?, sex = ?, moved_out = ?, recorded_at = ? WHERE id = ?");
    vrx_bind_text(&update, resident->name);
    vrx_bind_text(&update, resident->kana);
    vrx_bind_text(&update, resident->address);
    vrx_bind_date(&update, resident->birth_date);
    vrx_bind_int(&update, resident->sex);
    vrx_bind_date(&update, resident->moved_out);
    vrx_bind_int(&update, now);
    vrx_bind_int(&update, resident->id);
    return vrx_statement_run(&update);
}

static struct vrx_result protection_of(
    struct vrx_tenant *tenant, int64_t id, bool *ret_no_answer, bool *ret_no_disclosure) {
    VRX_STATEMENT(
        find, tenant, "SELECT no_automatic_answer, no_self_disclosure FROM resident WHERE id = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    *ret_no_answer = vrx_take_bool(&find);
    *ret_no_disclosure = vrx_take_bool(&find);
    return find.error;
}

struct vrx_result vrx_resident_set_protection(struct vrx_tenant *tenant, int64_t id,
    bool no_automatic_answer, bool no_self_disclosure, int64_t now) {
    bool no_answer = false;
    bool no_disclosure = false;
    VRX_TRY(protection_of(tenant, id, &no_answer, &no_disclosure));
    if (no_answer == no_automatic_answer && no_disclosure == no_self_disclosure)
        return vrx_ok();
    VRX_TRY(keep_version(tenant, id));
    VRX_STATEMENT(update, tenant,
        "UPDATE resident SET version = version + 1, no_automatic_answer = ?, "
        "no_self_disclosure = ?, recorded_at = ? WHERE id = ?");
    vrx_bind_int(&update, no_automatic_answer);
    vrx_bind_int(&update, no_self_disclosure);
    vrx_bind_int(&update, now);
    vrx_bind_int(&update, id);
    return vrx_statement_run(&update);
}

struct vrx_result vrx_resident_get(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t id,
    struct vrx_resident *ret_resident) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM resident WHERE id = ?");
    vrx_bind_int(&find, id);
    return take_one(&find, arena, ret_resident);
}

struct vrx_result vrx_resident_find_by_number(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view number, struct vrx_resident *ret_resident) {
    uint8_t blind[VRX_SHA256];
    VRX_TRY(blind_index(tenant, number, blind));
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS " FROM resident "
        "WHERE id = (SELECT resident FROM individual_number WHERE blind = ?)");
    vrx_bind_bytes(&find, vrx_view_of(blind, sizeof blind));
    return take_one(&find, arena, ret_resident);
}

struct vrx_result vrx_resident_near_number(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view number, struct vrx_resident *ret_resident, bool *ret_exact) {
    uint8_t blind[VRX_SHA256];
    VRX_TRY(vrx_hmac_sha256(vrx_tenant_index_key(vrx_tenant_keys(tenant)), number, blind));
    VRX_STATEMENT(find, tenant,
        "SELECT r.*, near.blind = ?1 FROM (SELECT resident, blind FROM individual_number WHERE "
        "blind = coalesce((SELECT blind FROM individual_number WHERE blind >= ?1 ORDER BY blind "
        "LIMIT 1), (SELECT min(blind) FROM individual_number))) AS near "
        "JOIN (SELECT " COLUMNS " FROM resident) AS r ON r.id = near.resident");
    vrx_bind_bytes(&find, vrx_view_of(blind, sizeof blind));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_resident resident = take_resident(&find, arena);
    bool exact = vrx_take_bool(&find);
    VRX_TRY(find.error);
    *ret_resident = resident;
    *ret_exact = exact;
    return vrx_ok();
}

struct vrx_result vrx_resident_find_by_addressee(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view addressee, struct vrx_resident *ret_resident) {
    int64_t value = 0;
    VRX_TRY(addressee_value(addressee, &value));
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM resident WHERE addressee = ?");
    vrx_bind_int(&find, value);
    return take_one(&find, arena, ret_resident);
}

/* Rows of a statement until its end or the room's. */
static struct vrx_result take_many(struct vrx_statement *rows, struct vrx_arena *arena,
    struct vrx_resident *room, size_t size, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_statement_row(rows, &more));
    while (more && count < size) {
        room[count++] = take_resident(rows, arena);
        VRX_TRY(vrx_statement_row(rows, &more));
    }
    *ret_count = count;
    return rows->error;
}

struct vrx_result vrx_resident_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view after, size_t limit, struct vrx_resident **ret_residents, size_t *ret_count) {
    int64_t last = 0;
    VRX_TRY(vrx_check_page(limit));
    if (after.len)
        VRX_TRY(addressee_value(after, &last));
    struct vrx_resident *residents = vrx_arena_alloc_array(arena, limit, sizeof *residents);
    if (!residents)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM resident WHERE addressee > ? ORDER BY addressee LIMIT ?");
    vrx_bind_int(&rows, last);
    vrx_bind_int(&rows, (int64_t)limit);
    VRX_TRY(take_many(&rows, arena, residents, limit, ret_count));
    *ret_residents = residents;
    return vrx_ok();
}

struct vrx_result vrx_resident_versions(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t id, struct vrx_resident **ret_versions, size_t *ret_count) {
    uint64_t count = 0;
    VRX_TRY(version_of(tenant, id, &count));
    struct vrx_resident *versions = vrx_arena_alloc_array(arena, count, sizeof *versions);
    if (!versions)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM resident_history WHERE id = ?1 UNION ALL "
        "SELECT " COLUMNS " FROM resident WHERE id = ?1 ORDER BY version");
    vrx_bind_int(&rows, id);
    VRX_TRY(take_many(&rows, arena, versions, count, ret_count));
    *ret_versions = versions;
    return vrx_ok();
}
