/* SPDX-License-Identifier: Apache-2.0
 *
 * One statement a table serves both a walk (old rows of a range of residents) and the erasure of a
 * person (every row of one). The order of the table is that of the references between tables: what
 * refers to a row goes before it, and a walk leaves what something kept still refers to. Bounded by
 * residents, not by rows: no resident has many, and an index leads to them.
 */
#include "store/erase_rows.h"

#include "store/sql.h"

#define STEP_RESIDENTS 200 /* some thousand page reads */
#define STEP_OTHERS 500    /* rows that belong to no resident */

/* ?1 and ?2: after and up to this resident; ?3: older than; ?4: of any age. */
#define OF_RESIDENTS(age) "WHERE resident > ?1 AND resident <= ?2 AND (?4 OR " age " < ?3) "
#define WITH_PERSON(id) "WHERE " id " > ?1 AND " id " <= ?2 AND ?4 AND ?3 IS NOT NULL"

/* transfer_in and certificate_in are looked up by filed: of a resident, their id; of a query about
 * nobody, below 0. */
static const struct {
    enum vrx_erased_kind kind;
    const char *sql;
} tables[] = {
    {VRX_ERASED_CERTIFICATE, "DELETE FROM certificate " OF_RESIDENTS("max(issued_at, expires_at, "
                                                                     "coalesce(revoked_at, 0))")},
    /* The certificates of others stand in what they replied. */
    {VRX_ERASED_CERTIFICATE,
        "DELETE FROM certificate_out " OF_RESIDENTS("max(changed_at, deadline, "
                                                    "coalesce(expires_at, 0))")},
    {VRX_ERASED_APPLICATION, "DELETE FROM certificate_work " OF_RESIDENTS("last_at")},
    {VRX_ERASED_APPLICATION, "DELETE FROM application " OF_RESIDENTS("changed_at") //
        "AND NOT EXISTS (SELECT 1 FROM certificate WHERE application = application.id) "
        "AND NOT EXISTS (SELECT 1 FROM certificate_out WHERE application = application.id)"},
    /* These three go with their query, and the last with its dose, by themselves: ON DELETE
     * CASCADE. */
    {VRX_ERASED_TRANSFER_OUT, "DELETE FROM correction " WITH_PERSON("resident")},
    {VRX_ERASED_TRANSFER_OUT, "DELETE FROM dose_received " WITH_PERSON("resident")},
    {VRX_ERASED_TRANSFER_IN, "DELETE FROM dose_sent " WITH_PERSON("resident")},
    {VRX_ERASED_TRANSFER_OUT, "DELETE FROM transfer_out " OF_RESIDENTS("max(changed_at, "
                                                                       "deadline)")},
    /* What was told of a consent under which somebody asked for the person. */
    {VRX_ERASED_CONSENT,
        "DELETE FROM foreign_consent WHERE ?4 AND ?3 IS NOT NULL AND (sender, id) IN "
        "(SELECT sender, consent FROM transfer_in WHERE filed > ?1 AND filed <= ?2 "
        "UNION ALL SELECT sender, consent FROM certificate_in WHERE filed > ?1 AND filed <= ?2)"},
    /* A list's row says what was asked for whom; a list that has not ended is of no age. */
    {VRX_ERASED_TRANSFER_OUT,
        "DELETE FROM bulk_row " OF_RESIDENTS(
            "(SELECT coalesce(ended_at, ?3) FROM bulk_list WHERE key = list)")},
    {VRX_ERASED_TRANSFER_OUT, "DELETE FROM outbox " OF_RESIDENTS("max(changed_at, deadline)")},
    {VRX_ERASED_TRANSFER_IN, "DELETE FROM transfer_in WHERE filed > ?1 AND filed <= ?2 "
                             "AND (?4 OR max(changed_at, deadline) < ?3)"},
    {VRX_ERASED_TRANSFER_IN, "DELETE FROM certificate_in WHERE filed > ?1 AND filed <= ?2 "
                             "AND (?4 OR max(changed_at, deadline) < ?3)"},
    {VRX_ERASED_CONSENT, "DELETE FROM consent " OF_RESIDENTS("coalesce(revoked_at, recorded_at)") //
        "AND NOT EXISTS (SELECT 1 FROM transfer_out WHERE consent = consent.id) "
        "AND NOT EXISTS (SELECT 1 FROM certificate_out WHERE consent = consent.id)"},
    /* The cards by which somebody was to be known again are of the checks that linked them. */
    {VRX_ERASED_EVIDENCE, "DELETE FROM card_challenge " OF_RESIDENTS("expires_at")},
    {VRX_ERASED_EVIDENCE,
        "DELETE FROM card " OF_RESIDENTS("coalesce(ended_at, max(linked_at, not_after))")},
    {VRX_ERASED_EVIDENCE, "DELETE FROM evidence " OF_RESIDENTS("recorded_at") //
        "AND NOT EXISTS (SELECT 1 FROM consent WHERE evidence = evidence.id) "
        "AND NOT EXISTS (SELECT 1 FROM application WHERE evidence = evidence.id) "
        "AND NOT EXISTS (SELECT 1 FROM transfer_out WHERE evidence = evidence.id)"},
    /* What came and waits, or waited, is a dose too. */
    {VRX_ERASED_DOSE, "DELETE FROM review " OF_RESIDENTS("(administered_on + 1) * 86400")},
    /* A dose with all that it corrects; what stands in it now says how old it is. A day is over at
     * its end. */
    {VRX_ERASED_DOSE,
        "WITH RECURSIVE gone (id, corrects) AS ("
        "SELECT id, corrects FROM dose AS last " OF_RESIDENTS("(administered_on + 1) * 86400") //
        "AND NOT EXISTS (SELECT 1 FROM dose AS later WHERE later.corrects = last.id) "
        "UNION ALL SELECT dose.id, dose.corrects FROM gone JOIN dose ON dose.id = gone.corrects) "
        "DELETE FROM dose WHERE id IN (SELECT id FROM gone)"},
    {VRX_ERASED_AUDIT_SALT, "DELETE FROM audit_salt " WITH_PERSON("resident")},
    {VRX_ERASED_INDIVIDUAL_NUMBER, "DELETE FROM individual_number " WITH_PERSON("resident")},
    {VRX_ERASED_RESIDENT_VERSION, "DELETE FROM resident_history " WITH_PERSON("id")},
    {VRX_ERASED_RESIDENT, "DELETE FROM resident " WITH_PERSON("id")},
};

#define KIND(name) (1u << VRX_ERASED_##name)

static const unsigned kinds_of[VRX_RETENTION_LAST + 1] = {
    [VRX_RETENTION_VACCINATION] = KIND(DOSE),
    [VRX_RETENTION_EVIDENCE] = KIND(EVIDENCE),
    [VRX_RETENTION_CONSENT] = KIND(CONSENT),
    [VRX_RETENTION_TRANSFER] = KIND(TRANSFER_OUT) | KIND(TRANSFER_IN),
    [VRX_RETENTION_APPLICATION] = KIND(CERTIFICATE) | KIND(APPLICATION),
};

struct range {
    int64_t after;
    int64_t upto;
    int64_t before;
    bool all; /* whatever its age */
};

static struct vrx_result erase_kinds(struct vrx_tenant *tenant, unsigned kinds,
    const struct range *range, struct vrx_erased_counts *counts) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (!(kinds & 1u << tables[i].kind))
            continue;
        VRX_STATEMENT(erase, tenant, tables[i].sql);
        vrx_bind_int(&erase, range->after);
        vrx_bind_int(&erase, range->upto);
        vrx_bind_int(&erase, range->before);
        vrx_bind_int(&erase, range->all);
        VRX_TRY(vrx_statement_run(&erase));
        counts->rows[tables[i].kind] += (uint64_t)vrx_statement_changes(&erase);
    }
    return vrx_ok();
}

struct vrx_result vrx_erase_resident(
    struct vrx_tenant *tenant, int64_t resident, struct vrx_erased_counts *counts) {
    struct range person = {.after = resident - 1, .upto = resident, .all = true};
    uint64_t before = counts->rows[VRX_ERASED_RESIDENT];
    VRX_TRY(erase_kinds(tenant, ~0u, &person, counts));
    return counts->rows[VRX_ERASED_RESIDENT] == before + 1 ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

/* The end of the next part of the walk; 0 when there is none. */
static struct vrx_result next_part(struct vrx_tenant *tenant, int64_t after, int64_t *ret_upto) {
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(max(id), 0) FROM "
        "(SELECT id FROM resident WHERE id > ? ORDER BY id LIMIT ?)");
    vrx_bind_int(&find, after);
    vrx_bind_int(&find, STEP_RESIDENTS);
    VRX_TRY(vrx_statement_one(&find));
    *ret_upto = vrx_take_int(&find);
    return find.error;
}

/* Moved out for longer than their class asks, no dose within its own, and nothing recorded or
 * handed out within that of the salt. */
static struct vrx_result find_departed(struct vrx_tenant *tenant, const struct range *range,
    int64_t now, int64_t ret_ids[STEP_RESIDENTS], size_t *ret_count) {
    int64_t salt_before = 0;
    int64_t dose_before = 0;
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_retention_before(tenant, VRX_RETENTION_AUDIT_SALT, now, &salt_before));
    VRX_TRY(vrx_retention_before(tenant, VRX_RETENTION_VACCINATION, now, &dose_before));
    VRX_STATEMENT(find, tenant,
        "SELECT id FROM resident AS r WHERE id > ?1 AND id <= ?2 "
        "AND (moved_out + 1) * 86400 < min(?3, ?4) "
        "AND NOT EXISTS (SELECT 1 FROM dose WHERE resident = r.id "
        "AND (administered_on + 1) * 86400 >= ?5) "
        "AND NOT EXISTS (SELECT 1 FROM transfer_in WHERE filed = r.id AND changed_at >= ?4) "
        "AND NOT EXISTS (SELECT 1 FROM transfer_out WHERE resident = r.id AND changed_at >= ?4) "
        "AND NOT EXISTS (SELECT 1 FROM certificate_in WHERE filed = r.id AND changed_at >= ?4) "
        "AND NOT EXISTS (SELECT 1 FROM certificate_out WHERE resident = r.id AND changed_at >= ?4) "
        "AND NOT EXISTS (SELECT 1 FROM outbox WHERE resident = r.id "
        "AND max(changed_at, iif(state = 1, deadline, 0)) >= ?4) "
        "AND NOT EXISTS (SELECT 1 FROM certificate WHERE resident = r.id AND issued_at >= ?4)");
    vrx_bind_int(&find, range->after);
    vrx_bind_int(&find, range->upto);
    vrx_bind_int(&find, range->before);
    vrx_bind_int(&find, salt_before);
    vrx_bind_int(&find, dose_before);
    VRX_TRY(vrx_statement_row(&find, &more));
    while (more && count < STEP_RESIDENTS) {
        ret_ids[count++] = vrx_take_int(&find);
        VRX_TRY(vrx_statement_row(&find, &more));
    }
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result erase_departed(struct vrx_tenant *tenant, const struct range *range,
    int64_t now, struct vrx_erased_counts *counts) {
    int64_t ids[STEP_RESIDENTS];
    size_t count = 0;
    VRX_TRY(find_departed(tenant, range, now, ids, &count));
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_erase_resident(tenant, ids[i], counts));
    return vrx_ok();
}

/* What stands under no resident, of these classes: some rows older than ?1, at most ?2. */
static const struct {
    enum vrx_retention_class what;
    enum vrx_erased_kind kind;
    const char *sql;
} others[] = {
    /* queries about people whom nobody here knows */
    {VRX_RETENTION_TRANSFER, VRX_ERASED_TRANSFER_IN,
        "DELETE FROM transfer_in WHERE id IN (SELECT id FROM transfer_in WHERE filed < 0 "
        "AND max(changed_at, deadline) < ? LIMIT ?)"},
    {VRX_RETENTION_TRANSFER, VRX_ERASED_TRANSFER_IN,
        "DELETE FROM certificate_in WHERE id IN (SELECT id FROM certificate_in WHERE filed < 0 "
        "AND max(changed_at, deadline) < ? LIMIT ?)"},
    {VRX_RETENTION_TRANSFER, VRX_ERASED_TRANSFER_IN,
        "DELETE FROM arrival WHERE id IN (SELECT id FROM arrival WHERE arrived_at < ? LIMIT ?)"},
    {VRX_RETENTION_TRANSFER, VRX_ERASED_TRANSFER_OUT,
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE resident IS NULL "
        "AND max(changed_at, deadline) < ? LIMIT ?)"},
    /* lists whose rows are all erased, but for those that named nobody here */
    {VRX_RETENTION_TRANSFER, VRX_ERASED_TRANSFER_OUT,
        "DELETE FROM bulk_list WHERE key IN (SELECT key FROM bulk_list AS l WHERE ended_at < ? "
        "AND NOT EXISTS (SELECT 1 FROM bulk_row WHERE list = l.key AND resident IS NOT NULL) "
        "LIMIT ?)"},
    /* what was told of others' consents, whose time is over */
    {VRX_RETENTION_CONSENT, VRX_ERASED_CONSENT,
        "DELETE FROM foreign_consent WHERE (sender, id) IN (SELECT sender, id FROM foreign_consent "
        "WHERE max(expires_at, told_at) < ? LIMIT ?)"},
    {VRX_RETENTION_TERMINAL, VRX_ERASED_TERMINAL,
        "DELETE FROM terminal WHERE id IN (SELECT id FROM terminal WHERE state = 2 "
        "AND changed_at < ? LIMIT ?)"},
};

static struct vrx_result erase_others(struct vrx_tenant *tenant, enum vrx_retention_class what,
    int64_t before, struct vrx_erased_counts *counts, bool *ret_done) {
    bool done = true;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i].what != what)
            continue;
        VRX_STATEMENT(erase, tenant, others[i].sql);
        vrx_bind_int(&erase, before);
        vrx_bind_int(&erase, STEP_OTHERS);
        VRX_TRY(vrx_statement_run(&erase));
        int64_t rows = vrx_statement_changes(&erase);
        counts->rows[others[i].kind] += (uint64_t)rows;
        done = done && rows < STEP_OTHERS;
    }
    *ret_done = done;
    return vrx_ok();
}

struct vrx_result vrx_erase_step(struct vrx_tenant *tenant, enum vrx_retention_class what,
    int64_t before, int64_t now, int64_t *walked, struct vrx_erased_counts *counts,
    bool *ret_done) {
    struct range range = {.after = *walked, .before = before};
    if (what != VRX_RETENTION_TERMINAL)
        VRX_TRY(next_part(tenant, range.after, &range.upto));
    if (!range.upto)
        return erase_others(tenant, what, before, counts, ret_done);
    VRX_TRY(what == VRX_RETENTION_RESIDENT ? erase_departed(tenant, &range, now, counts)
                                           : erase_kinds(tenant, kinds_of[what], &range, counts));
    *walked = range.upto;
    *ret_done = false;
    return vrx_ok();
}
