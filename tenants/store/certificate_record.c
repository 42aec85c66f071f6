/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate_record.h.
 */
#include "store/certificate_record.h"

#include "store/application_step.h"
#include "store/check.h"
#include "store/sql.h"

#define COLUMNS "uvci, application, resident, text, state, issued_at, expires_at, revoked_at"

static const struct vrx_text_rule text_rules[] = {
    {offsetof(struct vrx_certificate_record, uvci), 1, VRX_LIMIT_UVCI, "uvci"},
    {offsetof(struct vrx_certificate_record, text), 1, VRX_LIMIT_HCERT_TEXT, "certificate"},
};

static struct vrx_certificate_record take_certificate(
    struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_certificate_record certificate = {0};
    certificate.uvci = vrx_take_text(row, arena);
    vrx_take_fixed(row, certificate.application_id, VRX_ID);
    certificate.resident = vrx_take_int(row);
    certificate.text = vrx_take_text(row, arena);
    certificate.state = (enum vrx_certificate_record_state)vrx_take_int(row);
    certificate.issued_at = vrx_take_int(row);
    certificate.expires_at = vrx_take_int(row);
    certificate.revoked_at = vrx_take_int(row);
    return certificate;
}

static struct vrx_result take_one(struct vrx_statement *find, struct vrx_arena *arena,
    struct vrx_certificate_record *ret_certificate) {
    VRX_TRY(vrx_statement_one(find));
    struct vrx_certificate_record certificate = take_certificate(find, arena);
    VRX_TRY(find->error);
    *ret_certificate = certificate;
    return vrx_ok();
}

static struct vrx_result insert_certificate(
    struct vrx_tenant *tenant, const struct vrx_certificate_record *certificate, int64_t resident) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO certificate (uvci, application, resident, text, state, issued_at, "
        "expires_at) VALUES (?, ?, ?, ?, 1, ?, ?)");
    vrx_bind_text(&insert, certificate->uvci);
    vrx_bind_bytes(&insert, vrx_view_of(certificate->application_id, VRX_ID));
    vrx_bind_int(&insert, resident);
    vrx_bind_text(&insert, certificate->text);
    vrx_bind_int(&insert, certificate->issued_at);
    vrx_bind_int(&insert, certificate->expires_at);
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_certificate_record_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_record *certificate, int64_t now) {
    int64_t resident = 0;
    VRX_TRY(vrx_check_texts(certificate, text_rules, sizeof text_rules / sizeof text_rules[0]));
    VRX_TRY(vrx_application_check_step(
        tenant, certificate->application_id, VRX_APPLICATION_RECORD_ISSUED, &resident));
    VRX_TRY(insert_certificate(tenant, certificate, resident));
    return vrx_application_take_step(
        tenant, certificate->application_id, VRX_APPLICATION_RECORD_ISSUED, now);
}

struct vrx_result vrx_certificate_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view uvci, struct vrx_certificate_record *ret_certificate) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM certificate WHERE uvci = ?");
    vrx_bind_text(&find, uvci);
    return take_one(&find, arena, ret_certificate);
}

struct vrx_result vrx_certificate_record_of_application(struct vrx_tenant *tenant,
    struct vrx_arena *arena, const uint8_t application_id[VRX_ID],
    struct vrx_certificate_record *ret_certificate) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " FROM certificate WHERE application = ?");
    vrx_bind_bytes(&find, vrx_view_of(application_id, VRX_ID));
    return take_one(&find, arena, ret_certificate);
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
