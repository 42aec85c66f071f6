/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/content.h"

#include "codes/vaccine.h"
#include "formats/mrz.h"

static struct vrx_result put_date(
    struct vrx_arena *arena, struct vrx_date date, struct vrx_view *ret_text) {
    char text[VRX_DATE_TEXT + 1];
    vrx_date_format(date, text);
    return vrx_arena_copy(arena, vrx_view_text(text), ret_text);
}

static struct vrx_result put_mrz(
    struct vrx_arena *arena, struct vrx_view roman, struct vrx_view *ret_mrz) {
    char name[VRX_MRZ_NAME + 1];
    size_t len = 0;
    VRX_TRY(vrx_mrz_from_roman(roman, name, &len));
    return vrx_arena_copy(arena, vrx_view_of(name, len), ret_mrz);
}

static struct vrx_result put_person(
    const struct vrx_issue_case *issue_case, struct vrx_hcert *hcert) {
    const struct vrx_application *application = &issue_case->application;
    hcert->surname = application->surname;
    hcert->given = application->given_name;
    VRX_TRY(put_mrz(issue_case->arena, application->surname, &hcert->surname_mrz));
    VRX_TRY(put_mrz(issue_case->arena, application->given_name, &hcert->given_mrz));
    VRX_TRY(put_date(issue_case->arena, application->birth_date, &hcert->birth_date));
    hcert->has_birth_date = true;
    return vrx_ok();
}

/* The number of doses in the series as the EU's member states agreed to write it (health security
 * committee, 2021-12): a primary series of two counts 1/2, 2/2 and its boosters 3/3, 4/4; one of a
 * single dose 1/1 and its boosters 2/1, 3/1, so that 2/2 always means a primary series. */
static uint32_t series_of(uint32_t dose, uint32_t primary) {
    return dose > primary && primary > 1 ? dose : primary;
}

static struct vrx_result put_dose(
    const struct vrx_issue_case *issue_case, struct vrx_hcert *hcert) {
    const struct vrx_dose_statement *statement = &issue_case->statement;
    const struct vrx_dose_item *latest = &statement->doses[statement->dose_count - 1].item;
    const struct vrx_vaccine *vaccine = vrx_vaccine_find(latest->product);
    if (!vaccine)
        return vrx_fail(VRX_PRODUCT_UNKNOWN);
    hcert->kind = VRX_HCERT_VACCINATION;
    hcert->disease = vrx_view_text(vaccine->disease);
    hcert->prophylaxis = vrx_view_text(vaccine->prophylaxis);
    hcert->product = vrx_view_text(vaccine->product);
    hcert->manufacturer = vrx_view_text(vaccine->holder);
    hcert->dose = (uint32_t)latest->dose_number;
    hcert->series = series_of(hcert->dose, vaccine->primary_doses);
    return put_date(issue_case->arena, latest->administered_on, &hcert->date);
}

struct vrx_result vrx_issue_content(const struct vrx_issue_case *issue_case, struct vrx_view uvci,
    int64_t not_after, struct vrx_hcert *ret_content) {
    if (issue_case->application.kind != VRX_CERTIFICATE_HCERT)
        return vrx_refuse(VRX_INPUT_RANGE, "content.h: a kind that this issuer does not issue");
    int64_t expires = issue_case->now + (int64_t)issue_case->terms->lifetime;
    struct vrx_hcert content = {
        .issuer = vrx_view_text("JP"),
        .issued = issue_case->now,
        .expires = expires < not_after ? expires : not_after,
        .version = vrx_view_text(VRX_HCERT_SCHEMA),
        .country = vrx_view_text("JP"),
        .authority = issue_case->municipality->name_en,
        .identifier = uvci,
    };
    if (content.expires <= content.issued)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1.2.5: the signer has ended");
    VRX_TRY(put_person(issue_case, &content));
    VRX_TRY(put_dose(issue_case, &content));
    *ret_content = content;
    return vrx_ok();
}
