/* SPDX-License-Identifier: Apache-2.0
 *
 * One reader a format; then the same merging for all.
 */
#include "render/paper/paper_of.h"

#include <string.h>

typedef struct vrx_result read_text(const struct vrx_shown *shown, struct vrx_paper *paper);

static const struct vrx_vaccine *vaccine_by(size_t member, struct vrx_view code) {
    const struct vrx_vaccine *vaccine = NULL;
    for (size_t i = 0; code.len && (vaccine = vrx_vaccine_at(i)); i++) {
        const char *own = NULL;
        memcpy(&own, (const char *)vaccine + member, sizeof own);
        if (vrx_view_equal(vrx_view_text(own), code))
            return vaccine;
    }
    return NULL;
}

#define VACCINE_BY(member, code) vaccine_by(offsetof(struct vrx_vaccine, member), code)

/* ---- what a text says, on a paper of its own ---- */

static struct vrx_result read_hcert(const struct vrx_shown *shown, struct vrx_paper *paper) {
    const struct vrx_hcert *hcert = &shown->hcert;
    if (hcert->kind != VRX_HCERT_VACCINATION)
        return vrx_refuse(VRX_INPUT_TYPE, "EU DCC schema 1.3: no vaccination entry");
    /* The name as it is written; a certificate may have none but the passport's lower lines. */
    paper->surname = hcert->surname.len ? hcert->surname : hcert->surname_mrz;
    paper->given = hcert->given.len ? hcert->given : hcert->given_mrz;
    paper->birth_date = hcert->birth_date;
    paper->doses[0] = (struct vrx_paper_dose){.number = hcert->dose,
        .series = hcert->series,
        .date = hcert->date,
        .vaccine = VACCINE_BY(product, hcert->product),
        .product = hcert->product,
        .manufacturer = hcert->manufacturer,
        .country = hcert->country};
    /* Japan's municipalities certify what they gave themselves; elsewhere a ministry does it. */
    if (vrx_view_equal(hcert->country, vrx_view_text("JP")))
        paper->doses[0].place = hcert->authority;
    paper->dose_count = 1;
    paper->texts[0] = (struct vrx_paper_text){.identifier = hcert->identifier,
        .issuer = hcert->authority,
        .issued = hcert->issued,
        .expires = hcert->expires};
    return vrx_ok();
}

/* Kana, kanji and what stands among them, from U+2E80 on: three bytes that begin so, or four. */
static bool is_japanese(struct vrx_view text) {
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.ptr[i] > 0xe2 || (text.ptr[i] == 0xe2 && text.ptr[i + 1] >= 0xba))
            return true;
    return false;
}

static struct vrx_result read_shc(const struct vrx_shown *shown, struct vrx_paper *paper) {
    const struct vrx_shc *shc = &shown->shc;
    if (is_japanese(shc->surname) || is_japanese(shc->given)) {
        paper->surname_ja = shc->surname;
        paper->given_ja = shc->given;
    } else {
        paper->surname = shc->surname;
        paper->given = shc->given;
    }
    paper->birth_date = shc->birth_date;
    for (size_t i = 0; i < shc->dose_count; i++) {
        const struct vrx_shc_dose *dose = &shc->doses[i];
        const bool cvx = vrx_view_equal(dose->system, vrx_view_text(VRX_SHC_CVX));
        paper->doses[i] = (struct vrx_paper_dose){
            .date = vrx_view_slice(dose->date, 0, VRX_DATE_TEXT), /* without a time of day */
            .vaccine = cvx ? VACCINE_BY(cvx, dose->code) : NULL,
            .product = dose->code,
            .lot = dose->lot,
            .place = dose->performer};
    }
    paper->dose_count = shc->dose_count;
    paper->texts[0] = (struct vrx_paper_text){.identifier = shc->identifier,
        .issuer = shc->issuer,
        .issued = shc->issued,
        .expires = shc->expires == VRX_SHC_FOREVER ? 0 : shc->expires};
    return vrx_ok();
}

static struct vrx_result read_vds_nc(const struct vrx_shown *shown, struct vrx_paper *paper) {
    const struct vrx_vds_nc *vds = &shown->vds_nc;
    paper->surname = vds->surname;
    paper->given = vds->given;
    paper->birth_date = vds->birth_date;
    paper->sex = vds->sex;
    paper->passport = vds->document;
    for (size_t i = 0; i < vds->dose_count; i++) {
        const struct vrx_vds_nc_dose *dose = &vds->doses[i];
        paper->doses[i] = (struct vrx_paper_dose){.number = dose->number,
            .date = dose->date,
            .vaccine = VACCINE_BY(product_en, dose->product),
            .product = dose->product.len ? dose->product : dose->prophylaxis,
            .lot = dose->lot,
            .country = dose->country,
            .place = dose->centre};
    }
    paper->dose_count = vds->dose_count;
    paper->texts[0] = (struct vrx_paper_text){
        .identifier = vds->identifier, .issuer = vds->issuer, .expires = vds->expires};
    return vrx_ok();
}

static read_text *const readers[] = {
    [VRX_FORMAT_HCERT] = read_hcert,
    [VRX_FORMAT_SHC] = read_shc,
    [VRX_FORMAT_VDS_NC] = read_vds_nc,
};

/* ---- one paper of two ---- */

/* One says nothing, or both the same. */
static bool agree(struct vrx_view a, struct vrx_view b) {
    return !a.len || !b.len || vrx_view_equal(a, b);
}

static uint8_t capital(uint8_t letter) {
    return letter >= 'a' && letter <= 'z' ? (uint8_t)(letter - 'a' + 'A') : letter;
}

/* The same as far as the shorter one goes, in either case: VDS-NC has capitals, cut off at 39. */
static bool alike(struct vrx_view a, struct vrx_view b) {
    const size_t len = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < len; i++)
        if (capital(a.ptr[i]) != capital(b.ptr[i]))
            return false;
    return true;
}

static bool same_person(const struct vrx_paper *a, const struct vrx_paper *b) {
    return agree(a->birth_date, b->birth_date) && alike(a->surname, b->surname) &&
           agree(a->surname_ja, b->surname_ja) && agree(a->given_ja, b->given_ja);
}

static bool agree_number(uint32_t a, uint32_t b) {
    return !a || !b || a == b;
}

static bool same_dose(const struct vrx_paper_dose *a, const struct vrx_paper_dose *b) {
    return vrx_view_equal(a->date, b->date) && agree(a->lot, b->lot) &&
           agree_number(a->number, b->number) &&
           (a->vaccine || b->vaccine ? a->vaccine == b->vaccine
                                     : vrx_view_equal(a->product, b->product));
}

static void add_view(struct vrx_view *into, struct vrx_view from) {
    if (!into->len)
        *into = from;
}

static void add_number(uint32_t *into, uint32_t from) {
    if (!*into)
        *into = from;
}

static void add_person(struct vrx_paper *into, const struct vrx_paper *from) {
    if (!into->surname.len && !into->given.len) { /* both of one text */
        into->surname = from->surname;
        into->given = from->given;
    }
    add_view(&into->surname_ja, from->surname_ja);
    add_view(&into->given_ja, from->given_ja);
    add_view(&into->birth_date, from->birth_date);
    add_view(&into->sex, from->sex);
    add_view(&into->passport, from->passport);
}

static struct vrx_result add_dose(struct vrx_paper *into, const struct vrx_paper_dose *from) {
    for (size_t i = 0; i < into->dose_count; i++) {
        struct vrx_paper_dose *dose = &into->doses[i];
        if (!same_dose(dose, from))
            continue;
        add_number(&dose->number, from->number);
        add_number(&dose->series, from->series);
        add_view(&dose->lot, from->lot);
        add_view(&dose->country, from->country);
        add_view(&dose->place, from->place);
        return vrx_ok();
    }
    if (into->dose_count == VRX_LIMIT_DOSES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: doses");
    size_t at = into->dose_count++;
    for (; at && vrx_view_compare(into->doses[at - 1].date, from->date) > 0; at--)
        into->doses[at] = into->doses[at - 1];
    into->doses[at] = *from;
    return vrx_ok();
}

struct vrx_result vrx_paper_add(
    struct vrx_paper *paper, struct vrx_view text, const struct vrx_shown *shown) {
    const size_t format = (size_t)shown->format;
    struct vrx_paper said = {0};
    struct vrx_paper whole = *paper;
    if (format >= sizeof readers / sizeof *readers || !readers[format])
        return vrx_refuse(VRX_INPUT_TYPE, "shown.h: no certificate");
    VRX_TRY(readers[format](shown, &said));
    if (whole.text_count == VRX_PAPER_TEXTS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "paper.h: texts on one paper");
    if (!same_person(&whole, &said))
        return vrx_refuse(VRX_INPUT_RANGE, "paper_of.h: certificates of different persons");
    said.texts[0].format = shown->format;
    said.texts[0].text = text;
    whole.texts[whole.text_count++] = said.texts[0];
    add_person(&whole, &said);
    for (size_t i = 0; i < said.dose_count; i++)
        VRX_TRY(add_dose(&whole, &said.doses[i]));
    *paper = whole;
    return vrx_ok();
}
