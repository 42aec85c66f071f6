/* SPDX-License-Identifier: Apache-2.0
 *
 * The vaccine products that Japan's municipalities recorded for COVID-19: one table, append-only,
 * its numbers never reused. Names as VRS writes them on one side, the codes of the EU's DCC value
 * sets on the other.
 */
#ifndef VRX_CODES_VACCINE_H
#define VRX_CODES_VACCINE_H

#include "base/bytes.h"
#include "base/date.h"

#define VRX_VACCINE_ALIASES 4

struct vrx_vaccine {
    uint64_t id;                            /* stable; what is stored, signed and sent */
    const char *vrs_name;                   /* the manufacturer field of VRS */
    const char *alias[VRX_VACCINE_ALIASES]; /* other ways in which files name it; NULL: no more */
    const char *product_en;
    const char *product_ja;
    const char *manufacturer_en;
    const char *manufacturer_ja;
    const char *disease;      /* DCC tg: SNOMED CT, disease or agent targeted */
    const char *prophylaxis;  /* DCC vp: SNOMED CT, vaccine or prophylaxis */
    const char *product;      /* DCC mp: Union Register number */
    const char *holder;       /* DCC ma: SPOR organisation, marketing authorisation holder */
    const char *icd11;        /* ICD-11 extension code of the class of vaccine, for VDS-NC */
    const char *cvx;          /* CDC's code of the adults' original vaccine, for FHIR */
    const char *hot9;         /* MEDIS code, as JP Core's example has it; NULL: not known here */
    struct vrx_date approved; /* in Japan: no dose before this day */
    uint8_t primary_doses;    /* doses of the primary series */
    uint8_t interval_days;    /* see vrx_vaccine_interval_kept */
};

/* The product with this number. NULL where there is none. */
const struct vrx_vaccine *vrx_vaccine_find(uint64_t id);

/* The products in the order of their numbers; NULL behind the last. */
const struct vrx_vaccine *vrx_vaccine_at(size_t index);

/* The product that a file calls so: the VRS name or an alias, the letters of ASCII in either case,
 * slash and brackets in either width. text: folded (base/text.h). Errors: VRX_PRODUCT_UNKNOWN. */
struct vrx_result vrx_vaccine_match(struct vrx_view text, const struct vrx_vaccine **ret_vaccine);

/* True where at least the required number of full days lies between the first and the second dose
 * of the primary series, the two days themselves not counted: how 予防接種実施規則 (MHW Ordinance
 * 27 of 1958) and MHLW's handbook on COVID-19 vaccination (edition 13.1) word it. Comirnaty "18
 * days or more" (usually 20, three weeks), Spikevax and Nuvaxovid 20 (usually 27 and 20), Vaxzevria
 * 27; two different products 27. A dose given earlier was given all the same: this is a reason to
 * look, not to refuse a record. */
bool vrx_vaccine_interval_kept(const struct vrx_vaccine *first, struct vrx_date first_on,
    const struct vrx_vaccine *second, struct vrx_date second_on);

#endif
