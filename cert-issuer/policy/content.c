/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/content.h"

#include "base/limits.h"
#include "codes/vaccine.h"
#include "formats/identifier.h"
#include "formats/mrz.h"

#define COVID_19_ICD11 "RA01.0" /* ICD-11: COVID-19, virus identified */

struct vrx_issue_formats vrx_issue_formats_of(uint64_t kind) {
    static const struct vrx_issue_formats kinds[] = {
        [VRX_CERTIFICATE_HCERT] = {{VRX_FORMAT_HCERT}, 1},
        [VRX_CERTIFICATE_DOMESTIC] = {{VRX_FORMAT_SHC}, 1},
        [VRX_CERTIFICATE_TRAVEL] = {{VRX_FORMAT_HCERT, VRX_FORMAT_SHC, VRX_FORMAT_VDS_NC}, 3},
    };
    return kind < sizeof kinds / sizeof *kinds ? kinds[kind] : kinds[0];
}

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

/* ---- HCERT ---- */

static struct vrx_result put_hcert_person(
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

static struct vrx_result put_hcert_dose(
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

static struct vrx_result put_hcert(
    const struct vrx_issue_case *issue_case, struct vrx_issue_content *content) {
    struct vrx_hcert *hcert = &content->hcert;
    *hcert = (struct vrx_hcert){
        .issuer = vrx_view_text("JP"),
        .issued = content->issued,
        .expires = content->expires,
        .version = vrx_view_text(VRX_HCERT_SCHEMA),
        .country = vrx_view_text("JP"),
        .authority = issue_case->municipality->name_en,
        .identifier = content->uvci,
    };
    VRX_TRY(put_hcert_person(issue_case, hcert));
    return put_hcert_dose(issue_case, hcert);
}

/* ---- SMART Health Card ---- */

#define WIDE_SPACE "\xe3\x80\x80" /* U+3000 */

/* The words with one space between two. */
static struct vrx_result put_words(
    struct vrx_arena *arena, struct vrx_view text, struct vrx_view *ret_words) {
    char *words = vrx_arena_alloc(arena, text.len + 1);
    size_t len = 0;
    if (!words)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < text.len; i++) {
        const bool wide = vrx_view_equal(vrx_view_slice(text, i, 3), vrx_view_text(WIDE_SPACE));
        if (!wide && text.ptr[i] != ' ')
            words[len++] = (char)text.ptr[i];
        else if (len && words[len - 1] != ' ')
            words[len++] = ' ';
        i += wide ? 2 : 0;
    }
    *ret_words = vrx_view_of(words, len && words[len - 1] == ' ' ? len - 1 : len);
    return vrx_ok();
}

/* The register has one text for both names, the family's first. */
static void split_name(struct vrx_view words, struct vrx_shc *shc) {
    size_t at = 0;
    while (at < words.len && words.ptr[at] != ' ')
        at++;
    shc->surname = vrx_view_slice(words, 0, at);
    if (at < words.len)
        shc->given = vrx_view_slice(words, at + 1, words.len);
}

static struct vrx_result put_shc_person(
    const struct vrx_issue_case *issue_case, struct vrx_shc *shc) {
    const struct vrx_application *application = &issue_case->application;
    struct vrx_arena *arena = issue_case->arena;
    struct vrx_view words = {0};
    VRX_TRY(put_date(arena, application->birth_date, &shc->birth_date));
    if (application->kind != VRX_CERTIFICATE_DOMESTIC) {
        VRX_TRY(put_words(arena, application->surname, &shc->surname));
        return put_words(arena, application->given_name, &shc->given);
    }
    VRX_TRY(put_words(arena, application->name, &words));
    split_name(words, shc);
    return vrx_ok();
}

static struct vrx_result put_shc_doses(
    const struct vrx_issue_case *issue_case, struct vrx_view performer, struct vrx_shc *shc) {
    const struct vrx_dose_statement *statement = &issue_case->statement;
    struct vrx_shc_dose *doses =
        vrx_arena_alloc_array(issue_case->arena, statement->dose_count, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < statement->dose_count; i++) {
        const struct vrx_dose_item *item = &statement->doses[i].item;
        const struct vrx_vaccine *vaccine = vrx_vaccine_find(item->product);
        if (!vaccine)
            return vrx_fail(VRX_PRODUCT_UNKNOWN);
        doses[i] = (struct vrx_shc_dose){.system = vrx_view_text(VRX_SHC_CVX),
            .code = vrx_view_text(vaccine->cvx),
            .lot = item->lot,
            .performer = performer};
        VRX_TRY(put_date(issue_case->arena, item->administered_on, &doses[i].date));
    }
    shc->doses = doses;
    shc->dose_count = statement->dose_count;
    return vrx_ok();
}

static struct vrx_result put_shc(const struct vrx_issue_case *issue_case,
    const struct vrx_issue_frame *frame, struct vrx_issue_content *content) {
    struct vrx_shc *shc = &content->shc;
    const bool domestic = issue_case->application.kind == VRX_CERTIFICATE_DOMESTIC;
    char rid[VRX_RID_TEXT + 1];
    *shc = (struct vrx_shc){
        .issuer = frame->shc_issuer, .issued = content->issued, .expires = content->expires};
    VRX_TRY(vrx_identifier_rid(content->uvci, rid));
    VRX_TRY(vrx_arena_copy(issue_case->arena, vrx_view_text(rid), &shc->identifier));
    VRX_TRY(put_shc_person(issue_case, shc));
    return put_shc_doses(issue_case,
        domestic ? issue_case->municipality->name_ja : issue_case->municipality->name_en, shc);
}

/* ---- VDS-NC ---- */

/* As in the machine-readable zone, at most so many characters, a space for each filler. */
static struct vrx_result put_vds_name(
    struct vrx_arena *arena, struct vrx_view roman, size_t most, struct vrx_view *ret_name) {
    char name[VRX_MRZ_NAME + 1];
    size_t len = 0;
    VRX_TRY(vrx_mrz_from_roman(roman, name, &len));
    len = len < most ? len : most;
    for (size_t i = 0; i < len; i++)
        if (name[i] == '<')
            name[i] = ' ';
    return vrx_arena_copy(
        arena, vrx_view_of(name, len && name[len - 1] == ' ' ? len - 1 : len), ret_name);
}

static struct vrx_result put_vds_person(
    const struct vrx_issue_case *issue_case, struct vrx_vds_nc *vds) {
    const struct vrx_application *application = &issue_case->application;
    static const size_t between = 2; /* spaces */
    vds->document = application->passport_number;
    VRX_TRY(put_date(issue_case->arena, application->birth_date, &vds->birth_date));
    VRX_TRY(put_vds_name(
        issue_case->arena, application->surname, VRX_VDS_NC_NAME - between - 1, &vds->surname));
    return put_vds_name(issue_case->arena, application->given_name,
        VRX_VDS_NC_NAME - between - vds->surname.len, &vds->given);
}

/* The municipality by its name, or by its code where the name does not fit. */
static struct vrx_view centre_of(const struct vrx_directory_entry *municipality) {
    const struct vrx_view name = municipality->name_en;
    for (size_t i = 0; i < name.len; i++)
        if (name.len > VRX_VDS_NC_CENTRE || name.ptr[i] < ' ' || name.ptr[i] > '~')
            return vrx_municipality_code_view(&municipality->code);
    return name;
}

static struct vrx_result put_vds_doses(
    const struct vrx_issue_case *issue_case, struct vrx_vds_nc *vds) {
    const struct vrx_dose_statement *statement = &issue_case->statement;
    struct vrx_vds_nc_dose *doses =
        vrx_arena_alloc_array(issue_case->arena, statement->dose_count, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < statement->dose_count; i++) {
        const struct vrx_dose_item *item = &statement->doses[i].item;
        const struct vrx_vaccine *vaccine = vrx_vaccine_find(item->product);
        if (!vaccine)
            return vrx_fail(VRX_PRODUCT_UNKNOWN);
        doses[i] = (struct vrx_vds_nc_dose){.prophylaxis = vrx_view_text(vaccine->icd11),
            .product = vrx_view_text(vaccine->product_en),
            .disease = vrx_view_text(COVID_19_ICD11),
            .number = (uint32_t)item->dose_number,
            .country = vrx_view_text("JPN"),
            .centre = centre_of(issue_case->municipality),
            .lot = item->lot};
        VRX_TRY(put_date(issue_case->arena, item->administered_on, &doses[i].date));
    }
    vds->doses = doses;
    vds->dose_count = statement->dose_count;
    return vrx_ok();
}

static struct vrx_result put_vds_nc(
    const struct vrx_issue_case *issue_case, struct vrx_issue_content *content) {
    struct vrx_vds_nc *vds = &content->vds_nc;
    char identifier[VRX_VDS_ID_TEXT + 1];
    *vds = (struct vrx_vds_nc){.issuer = vrx_view_text("JPN")};
    VRX_TRY(vrx_identifier_vds(content->uvci, identifier));
    VRX_TRY(vrx_arena_copy(issue_case->arena, vrx_view_text(identifier), &vds->identifier));
    VRX_TRY(put_vds_person(issue_case, vds));
    return put_vds_doses(issue_case, vds);
}

/* ---- all of a kind ---- */

static struct vrx_result put_format(const struct vrx_issue_case *issue_case,
    const struct vrx_issue_frame *frame, enum vrx_format format,
    struct vrx_issue_content *content) {
    switch (format) {
    case VRX_FORMAT_HCERT:
        return put_hcert(issue_case, content);
    case VRX_FORMAT_SHC:
        return put_shc(issue_case, frame, content);
    case VRX_FORMAT_VDS_NC:
        return put_vds_nc(issue_case, content);
    }
    return vrx_fail(VRX_INTERNAL_ERROR);
}

struct vrx_result vrx_issue_content(const struct vrx_issue_case *issue_case,
    const struct vrx_issue_frame *frame, struct vrx_issue_content *ret_content) {
    const int64_t expires = issue_case->now + (int64_t)issue_case->terms->lifetime;
    struct vrx_issue_content content = {
        .formats = vrx_issue_formats_of(issue_case->application.kind),
        .uvci = frame->uvci,
        .issued = issue_case->now,
        .expires = expires < frame->not_after ? expires : frame->not_after,
    };
    if (!content.formats.count)
        return vrx_refuse(VRX_INPUT_RANGE, "content.h: a kind without formats");
    if (content.expires <= content.issued)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1.2.5: the signer has ended");
    for (size_t i = 0; i < content.formats.count; i++)
        VRX_TRY(put_format(issue_case, frame, content.formats.at[i], &content));
    *ret_content = content;
    return vrx_ok();
}
