/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate_record.h.
 */
#include "store/certificate_record.h"

#include "store/application_step.h"
#include "store/check.h"
#include "store/sql.h"

#define COLUMNS \
    "uvci, application, resident, kind, state, issued_at, expires_at, revoked_at, mark, marked_at"

static const struct vrx_text_rule text_rules[] = {
    {offsetof(struct vrx_certificate_record, uvci), 1, VRX_LIMIT_UVCI, "uvci"},
};
static const struct vrx_text_rule issued_rules[] = {
    {offsetof(struct vrx_issued_certificate, text), 1, VRX_LIMIT_HCERT_TEXT, "certificate"},
};

static struct vrx_certificate_record take_certificate(
    struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_certificate_record certificate = {0};
    certificate.uvci = vrx_take_text(row, arena);
    vrx_take_fixed(row, certificate.application_id, VRX_ID);
    certificate.resident = vrx_take_int(row);
    certificate.kind = (uint64_t)vrx_take_int(row);
    certificate.state = (enum vrx_certificate_record_state)vrx_take_int(row);
    certificate.issued_at = vrx_take_int(row);
    certificate.expires_at = vrx_take_int(row);
    certificate.revoked_at = vrx_take_int(row);
    certificate.mark = (enum vrx_certificate_mark)vrx_take_int(row);
    certificate.marked_at = vrx_take_int(row);
    return certificate;
}

static struct vrx_result take_texts(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_certificate_record *certificate) {
    bool more = false;
    certificate->certificates =
        vrx_arena_alloc_array(arena, VRX_FORMAT_LAST, sizeof *certificate->certificates);
    if (!certificate->certificates)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT format, text FROM certificate_text WHERE certificate = ? ORDER BY format");
    vrx_bind_text(&rows, certificate->uvci);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && certificate->certificate_count < VRX_FORMAT_LAST) {
        struct vrx_issued_certificate *issued =
            &certificate->certificates[certificate->certificate_count++];
        issued->format = (uint64_t)vrx_take_int(&rows);
        issued->text = vrx_take_text(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    return vrx_ok();
}

static struct vrx_result take_one(struct vrx_tenant *tenant, struct vrx_statement *find,
    struct vrx_arena *arena, struct vrx_certificate_record *ret_certificate) {
    VRX_TRY(vrx_statement_one(find));
    struct vrx_certificate_record certificate = take_certificate(find, arena);
    VRX_TRY(find->error);
    VRX_TRY(take_texts(tenant, arena, &certificate));
    *ret_certificate = certificate;
    return vrx_ok();
}

static struct vrx_result insert_certificate(
    struct vrx_tenant *tenant, const struct vrx_certificate_record *certificate, int64_t resident) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO certificate (uvci, application, resident, kind, state, issued_at, "
        "expires_at) VALUES (?, ?, ?, ?, 1, ?, ?)");
    vrx_bind_text(&insert, certificate->uvci);
    vrx_bind_bytes(&insert, vrx_view_of(certificate->application_id, VRX_ID));
    vrx_bind_int(&insert, resident);
    vrx_bind_int(&insert, (int64_t)certificate->kind);
    vrx_bind_int(&insert, certificate->issued_at);
    vrx_bind_int(&insert, certificate->expires_at);
    return vrx_statement_run(&insert);
}

static struct vrx_result insert_text(
    struct vrx_tenant *tenant, struct vrx_view uvci, const struct vrx_issued_certificate *issued) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO certificate_text (certificate, format, text) VALUES (?, ?, ?)");
    vrx_bind_text(&insert, uvci);
    vrx_bind_int(&insert, (int64_t)issued->format);
    vrx_bind_text(&insert, issued->text);
    return vrx_statement_run(&insert);
}

static struct vrx_result check(const struct vrx_certificate_record *certificate) {
    VRX_TRY(vrx_check_texts(certificate, text_rules, sizeof text_rules / sizeof text_rules[0]));
    if (certificate->kind < VRX_CERTIFICATE_HCERT || certificate->kind > VRX_CERTIFICATE_LAST)
        return vrx_refuse(VRX_INPUT_RANGE, "kind");
    if (!certificate->certificate_count)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "certificate");
    for (size_t i = 0; i < certificate->certificate_count; i++) {
        const struct vrx_issued_certificate *issued = &certificate->certificates[i];
        if (issued->format < VRX_FORMAT_HCERT || issued->format > VRX_FORMAT_LAST)
            return vrx_refuse(VRX_INPUT_RANGE, "format");
        VRX_TRY(
            vrx_check_texts(issued, issued_rules, sizeof issued_rules / sizeof issued_rules[0]));
    }
    return vrx_ok();
}

struct vrx_result vrx_certificate_record_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_record *certificate, int64_t now) {
    int64_t resident = 0;
    VRX_TRY(check(certificate));
    VRX_TRY(vrx_application_check_step(
        tenant, certificate->application_id, VRX_APPLICATION_RECORD_ISSUED, &resident));
    VRX_TRY(insert_certificate(tenant, certificate, resident));
    for (size_t i = 0; i < certificate->certificate_count; i++)
        VRX_TRY(insert_text(tenant, certificate->uvci, &certificate->certificates[i]));
    return vrx_application_take_step(
        tenant, certificate->application_id, VRX_APPLICATION_RECORD_ISSUED, now);
}

struct vrx_result vrx_certificate_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view uvci, struct vrx_certificate_record *ret_certificate) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM certificate WHERE uvci = ?");
    vrx_bind_text(&find, uvci);
    return take_one(tenant, &find, arena, ret_certificate);
}

struct vrx_result vrx_certificate_record_of_application(struct vrx_tenant *tenant,
    struct vrx_arena *arena, const uint8_t application_id[VRX_ID],
    struct vrx_certificate_record *ret_certificate) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM certificate WHERE application = ?");
    vrx_bind_bytes(&find, vrx_view_of(application_id, VRX_ID));
    return take_one(tenant, &find, arena, ret_certificate);
}

struct vrx_result vrx_certificate_record_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, struct vrx_certificate_record **ret_certificates, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_certificate_record *certificates =
        vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *certificates);
    if (!certificates)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM certificate WHERE resident = ? "
        "ORDER BY issued_at DESC, rowid DESC LIMIT ?");
    vrx_bind_int(&rows, resident);
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        certificates[count++] = take_certificate(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_certificates = certificates;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_certificate_record_revoke(
    struct vrx_tenant *tenant, struct vrx_view uvci, int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate SET state = 2, revoked_at = ? WHERE uvci = ? AND state = 1");
    vrx_bind_int(&update, now);
    vrx_bind_text(&update, uvci);
    VRX_TRY(vrx_statement_run(&update));
    if (vrx_statement_changes(&update) == 1)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM certificate WHERE uvci = ?");
    vrx_bind_text(&find, uvci);
    VRX_TRY(vrx_statement_one(&find));
    return vrx_fail(VRX_WRONG_STATE);
}

struct vrx_result vrx_certificate_record_revoked(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view after, int64_t now, struct vrx_view **ret_uvcis, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    struct vrx_view *uvcis = vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *uvcis);
    if (!uvcis)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT DISTINCT uvci FROM certificate WHERE state = 2 AND expires_at >= ? AND uvci > ? "
        "ORDER BY uvci LIMIT ?");
    vrx_bind_int(&rows, now);
    vrx_bind_text(&rows, after);
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        uvcis[count++] = vrx_take_text(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    VRX_TRY(rows.error);
    *ret_uvcis = uvcis;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_certificate_record_rests_on(
    struct vrx_tenant *tenant, struct vrx_view uvci, int64_t dose, bool shown) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO certificate_dose (certificate, dose, head, shown) VALUES (?1, ?2, ?2, ?3)");
    vrx_bind_text(&insert, uvci);
    vrx_bind_int(&insert, dose);
    vrx_bind_int(&insert, shown);
    return vrx_statement_run(&insert);
}

/* What one certificate says is right, is another, or never was: the worst of its doses. */
#define WORST \
    "(SELECT max(CASE WHEN h.state <> 1 THEN iif(cd.shown, 2, 1) " \
    "WHEN cd.shown AND (h.administered_on <> d.administered_on OR h.product <> d.product " \
    "OR h.dose_number <> d.dose_number OR h.source = 3 OR (certificate.kind <> 1 AND h.lot <> " \
    "d.lot)) THEN 1 ELSE 0 END) " \
    "FROM certificate_dose AS cd JOIN dose AS d ON d.id = cd.dose JOIN dose AS h ON h.id = " \
    "cd.head " \
    "WHERE cd.certificate = certificate.uvci)"

static struct vrx_result mark(
    struct vrx_tenant *tenant, int64_t head, int64_t now, uint64_t *ret_marked) {
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate SET mark = " WORST ", marked_at = iif(" WORST " = 0, NULL, ?1) "
        "WHERE state = 1 AND mark <> " WORST " AND uvci IN "
        "(SELECT certificate FROM certificate_dose WHERE head = ?2)");
    vrx_bind_int(&update, now);
    vrx_bind_int(&update, head);
    VRX_TRY(vrx_statement_run(&update));
    *ret_marked = (uint64_t)vrx_statement_changes(&update);
    return vrx_ok();
}

static struct vrx_result revoke_marked(
    struct vrx_tenant *tenant, int64_t head, int64_t now, uint64_t *ret_revoked) {
    VRX_STATEMENT(update, tenant,
        "UPDATE certificate SET state = 2, revoked_at = ? WHERE state = 1 AND mark = 2 AND uvci IN "
        "(SELECT certificate FROM certificate_dose WHERE head = ?)");
    vrx_bind_int(&update, now);
    vrx_bind_int(&update, head);
    VRX_TRY(vrx_statement_run(&update));
    *ret_revoked = (uint64_t)vrx_statement_changes(&update);
    return vrx_ok();
}

struct vrx_result vrx_certificate_record_dose_changed(struct vrx_tenant *tenant, int64_t from,
    int64_t to, int64_t now, struct vrx_certificate_changes *changes) {
    uint64_t marked = 0;
    uint64_t revoked = 0;
    VRX_STATEMENT(follow, tenant, "UPDATE certificate_dose SET head = ? WHERE head = ?");
    vrx_bind_int(&follow, to);
    vrx_bind_int(&follow, from);
    VRX_TRY(vrx_statement_run(&follow));
    VRX_TRY(mark(tenant, to, now, &marked));
    VRX_TRY(revoke_marked(tenant, to, now, &revoked));
    changes->revoked += revoked;
    changes->marked += marked - revoked;
    return vrx_ok();
}
