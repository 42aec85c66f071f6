/* SPDX-License-Identifier: Apache-2.0
 *
 * The product table. Approval dates: PMDA, special approvals of 2021-02-14 and 2021-05-21, approval
 * of 2022-04-19. DCC codes: the EU's encoding instructions of 2023-05-05, the more specific of the
 * two prophylaxis codes that they give. CVX: CDC's code set of COVID-19 vaccines. ICD-11:
 * WHO's value set for digital COVID-19 certificates. HOT9: JP Core's
 * example of an Immunization.
 */
#include "codes/vaccine.h"

#include "base/text.h"

#define COVID_19 "840539006"
#define MRNA_VACCINE "1119349007"
#define VECTOR_VACCINE "29061000087103"
#define SUBUNIT_VACCINE "1162643001"
#define MRNA_ICD11 "XM0GQ8"
#define VECTOR_ICD11 "XM9QW8"
#define SUBUNIT_ICD11 "XM5JC5"
#define MIXED_INTERVAL_DAYS 27

static const struct vrx_vaccine vaccines[] = {
    {
        .id = 1,
        .vrs_name = "ファイザー",
        .alias = {"ﾌｧｲｻﾞｰ", "コミナティ", "Comirnaty", "Pfizer"},
        .product_en = "Comirnaty",
        .product_ja = "コミナティ筋注",
        .manufacturer_en = "Pfizer",
        .manufacturer_ja = "ファイザー",
        .disease = COVID_19,
        .prophylaxis = MRNA_VACCINE,
        .product = "EU/1/20/1528",
        .holder = "ORG-100030215",
        .icd11 = MRNA_ICD11,
        .cvx = "208",
        .hot9 = "182110901",
        .approved = {2021, 2, 14},
        .primary_doses = 2,
        .interval_days = 18,
    },
    {
        .id = 2,
        .vrs_name = "武田／モデルナ",
        .alias = {"武田/ﾓﾃﾞﾙﾅ", "モデルナ", "スパイクバックス", "Spikevax"},
        .product_en = "Spikevax",
        .product_ja = "スパイクバックス筋注",
        .manufacturer_en = "Takeda/Moderna",
        .manufacturer_ja = "武田／モデルナ",
        .disease = COVID_19,
        .prophylaxis = MRNA_VACCINE,
        .product = "EU/1/20/1507",
        .holder = "ORG-100031184",
        .icd11 = MRNA_ICD11,
        .cvx = "207",
        .approved = {2021, 5, 21},
        .primary_doses = 2,
        .interval_days = 20,
    },
    {
        .id = 3,
        .vrs_name = "アストラゼネカ",
        .alias = {"ｱｽﾄﾗｾﾞﾈｶ", "バキスゼブリア", "Vaxzevria", "AstraZeneca"},
        .product_en = "Vaxzevria",
        .product_ja = "バキスゼブリア筋注",
        .manufacturer_en = "AstraZeneca",
        .manufacturer_ja = "アストラゼネカ",
        .disease = COVID_19,
        .prophylaxis = VECTOR_VACCINE,
        .product = "EU/1/21/1529",
        .holder = "ORG-100001699",
        .icd11 = VECTOR_ICD11,
        .cvx = "210",
        .approved = {2021, 5, 21},
        .primary_doses = 2,
        .interval_days = 27,
    },
    {
        .id = 4,
        .vrs_name = "武田社（ノババックス）",
        .alias = {"武田社(ﾉﾊﾞﾊﾞｯｸｽ)", "ノババックス", "ヌバキソビッド", "Nuvaxovid"},
        .product_en = "Nuvaxovid",
        .product_ja = "ヌバキソビッド筋注",
        .manufacturer_en = "Takeda (Novavax)",
        .manufacturer_ja = "武田社（ノババックス）",
        .disease = COVID_19,
        .prophylaxis = SUBUNIT_VACCINE,
        .product = "EU/1/21/1618",
        .holder = "ORG-100032020",
        .icd11 = SUBUNIT_ICD11,
        .cvx = "211",
        .approved = {2022, 4, 19},
        .primary_doses = 2,
        .interval_days = 20,
    },
};

#define VACCINE_COUNT (sizeof vaccines / sizeof vaccines[0])

/* The one spelling of the characters whose width files disagree on. */
static const struct {
    char wide[4];
    uint8_t narrow;
} widths[] = {{"／", '/'}, {"（", '('}, {"）", ')'}};

const struct vrx_vaccine *vrx_vaccine_find(uint64_t id) {
    for (size_t i = 0; i < VACCINE_COUNT; i++) {
        if (vaccines[i].id == id)
            return &vaccines[i];
    }
    return NULL;
}

const struct vrx_vaccine *vrx_vaccine_at(size_t index) {
    return index < VACCINE_COUNT ? &vaccines[index] : NULL;
}

/* The next byte of the name in its one spelling. The caller has seen that text is not empty. */
static uint8_t take_byte(struct vrx_view *text) {
    size_t taken = 1;
    uint8_t byte = text->ptr[0];
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        if (vrx_view_equal(vrx_view_slice(*text, 0, 3), vrx_view_text(widths[i].wide))) {
            taken = 3;
            byte = widths[i].narrow;
        }
    }
    if (byte >= 'A' && byte <= 'Z')
        byte = (uint8_t)(byte - 'A' + 'a');
    *text = vrx_view_slice(*text, taken, text->len);
    return byte;
}

static bool same_spelling(struct vrx_view text, const char *name) {
    struct vrx_view other = vrx_view_text(name);
    while (text.len && other.len) {
        if (take_byte(&text) != take_byte(&other))
            return false;
    }
    return text.len == other.len;
}

static bool names(const struct vrx_vaccine *vaccine, struct vrx_view text) {
    if (same_spelling(text, vaccine->vrs_name))
        return true;
    for (size_t i = 0; i < VRX_VACCINE_ALIASES && vaccine->alias[i]; i++) {
        if (same_spelling(text, vaccine->alias[i]))
            return true;
    }
    return false;
}

struct vrx_result vrx_vaccine_match(struct vrx_view text, const struct vrx_vaccine **ret_vaccine) {
    for (size_t i = 0; i < VACCINE_COUNT; i++) {
        if (names(&vaccines[i], text)) {
            *ret_vaccine = &vaccines[i];
            return vrx_ok();
        }
    }
    return vrx_fail(VRX_PRODUCT_UNKNOWN);
}

bool vrx_vaccine_interval_kept(const struct vrx_vaccine *first, struct vrx_date first_on,
    const struct vrx_vaccine *second, struct vrx_date second_on) {
    int32_t required = first->id == second->id ? first->interval_days : MIXED_INTERVAL_DAYS;
    return vrx_date_to_days(second_on) - vrx_date_to_days(first_on) > required;
}
