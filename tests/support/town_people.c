/* SPDX-License-Identifier: Apache-2.0
 *
 * Chance is splitmix64 (Steele, Lea, Flood 2014): one state a resident, seeded by town and index.
 * Individual numbers are a permutation of the index, so that all of a town are distinct.
 */
#include "support/town_people.h"

#include <string.h>

#include "support/town.h"

#define NUMBER_SPACE UINT64_C(100000000000) /* 11 digits */
#define NUMBER_STEP UINT64_C(61803398877)   /* shares no factor with 10: visits every number */
#define COMIRNATY 0
#define SPIKEVAX 1
#define VAXZEVRIA 2
#define NUVAXOVID 3
#define FIRST_BIRTH_YEAR 1922
#define YOUNGEST_VACCINATED 2009 /* birth year: 12 years old in 2021 */

struct chance {
    uint64_t state;
};

static uint64_t draw(struct chance *chance) {
    uint64_t z = chance->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static unsigned below(struct chance *chance, unsigned bound) {
    return (unsigned)(draw(chance) % bound);
}

static bool one_in(struct chance *chance, unsigned n) {
    return below(chance, n) == 0;
}

void town_init(struct town *town, const char *municipality, uint64_t residents, uint64_t seed) {
    struct chance chance = {seed};
    for (const char *at = municipality; *at; at++)
        chance.state = draw(&chance) ^ (uint8_t)*at;
    town->municipality = municipality;
    town->elsewhere = strcmp(municipality, "012025") == 0 ? "011002" : "012025";
    town->residents = residents;
    town->seed = chance.state;
}

static void add(struct town_cell *cell, const char *bytes, size_t len) {
    size_t room = sizeof cell->bytes - cell->len;
    len = len < room ? len : room;
    memcpy(cell->bytes + cell->len, bytes, len);
    cell->len += len;
}

static void add_text(struct town_cell *cell, const struct town_text *text) {
    add(cell, text->bytes, text->len);
}

/* count digits, with zeros in front; full-width ones are 82 4F to 82 58 in CP932. */
static void add_number(struct town_cell *cell, uint64_t value, unsigned count, bool wide) {
    char digits[20];
    for (unsigned i = count; i-- > 0; value /= 10)
        digits[i] = (char)('0' + value % 10);
    for (unsigned i = 0; i < count; i++) {
        char pair[2] = {(char)0x82, (char)(0x4F + digits[i] - '0')};
        add(cell, wide ? pair : &digits[i], wide ? 2 : 1);
    }
}

static unsigned digits_of(uint64_t value) {
    unsigned count = 1;
    while (value /= 10)
        count++;
    return count;
}

static void add_date(struct town_cell *cell, struct vrx_date date, bool wide) {
    add_number(cell, date.year * 10000u + date.month * 100u + date.day, 8, wide);
}

/* The product fits: an index is below 2 * VRX_TOWN_RESIDENTS_MAX. */
static uint64_t number_at(const struct town *town, uint64_t index) {
    return (index * NUMBER_STEP + town->seed % NUMBER_SPACE) % NUMBER_SPACE;
}

static bool reserved(uint64_t number) {
    return number == 0 || number == UINT64_C(12345678901) || number == UINT64_C(98765432109);
}

static void add_individual_number(
    const struct town *town, uint64_t index, struct town_cell *cell, bool wide) {
    while (reserved(number_at(town, index)))
        index += town->residents;
    uint64_t number = number_at(town, index);
    struct town_cell first = {0};
    add_number(&first, number, 11, false);
    char check = vrx_individual_number_check_digit(first.bytes);
    add_number(cell, number * 10 + (uint64_t)(check - '0'), 12, wide);
}

static void add_address(const struct town *town, struct chance *chance, struct town_cell *cell) {
    bool wide = one_in(chance, 2);
    add_text(cell, &town->words.place);
    add_text(cell, &town->words.street[below(chance, TOWN_STREETS)]);
    add_number(cell, 1 + below(chance, 9), 1, wide);
    add_text(cell, &town->words.chome);
    unsigned ban = 1 + below(chance, 40);
    unsigned go = 1 + below(chance, 30);
    add_number(cell, ban, digits_of(ban), wide);
    add_text(cell, &town->words.ban);
    add_number(cell, go, digits_of(go), wide);
    add_text(cell, &town->words.go);
}

static void add_names(const struct town_words *words, struct chance *chance, unsigned sex,
    struct town_cell *written, struct town_cell *kana) {
    const struct town_name *family = &words->family[below(chance, TOWN_FAMILIES)];
    const struct town_name *given = &words->given[sex - 1][below(chance, TOWN_GIVEN)];
    struct town_text space = {1, " "};
    if (one_in(chance, 3))
        space = words->wide_space;
    add_text(written, &family->written);
    add_text(written, &space);
    add_text(written, &given->written);
    add_text(kana, &family->kana);
    add_text(kana, &space);
    add_text(kana, &given->kana);
}

static struct vrx_date birth_date(struct chance *chance, enum town_shape shape) {
    unsigned year = FIRST_BIRTH_YEAR + below(chance, 100);
    if (shape == TOWN_STANDARD && year > YOUNGEST_VACCINATED)
        year -= 50;
    struct vrx_date date = {
        (uint16_t)year, (uint8_t)(1 + below(chance, 12)), (uint8_t)(1 + below(chance, 28))};
    return shape == TOWN_BABY ? (struct vrx_date){2022, 3, 1} : date;
}

static struct vrx_date make_resident(const struct town *town, uint64_t index, enum town_shape shape,
    struct chance *chance, struct town_row *row) {
    bool plain = shape != TOWN_ANYONE;
    bool wide = !plain && one_in(chance, 16);
    unsigned sex = 1 + below(chance, 2);
    struct vrx_date birth = birth_date(chance, shape);
    struct town_cell *cell = row->cell;
    row->count = VRX_RESIDENT_FIELDS;
    row->quoted = !plain && one_in(chance, 16);
    add_number(&cell[VRX_RESIDENT_ADDRESSEE_NUMBER], index + 1, digits_of(index + 1), wide);
    add_individual_number(town, index, &cell[VRX_RESIDENT_INDIVIDUAL_NUMBER], wide);
    add_names(&town->words, chance, sex, &cell[VRX_RESIDENT_NAME], &cell[VRX_RESIDENT_KANA]);
    add_date(&cell[VRX_RESIDENT_BIRTH_DATE], birth, wide);
    add_number(&cell[VRX_RESIDENT_SEX], sex, 1, wide);
    add_address(town, chance, &cell[VRX_RESIDENT_ADDRESS]);
    return birth;
}

struct dose_plan {
    unsigned product;
    struct vrx_date day;
    bool elsewhere;
};

/* Each product's first days in use, and the usual distance to its second dose. */
static const struct {
    struct vrx_date from;
    unsigned days;
    unsigned second;
} campaigns[TOWN_PRODUCTS] = {
    [COMIRNATY] = {{2021, 4, 12}, 150, 21},
    [SPIKEVAX] = {{2021, 6, 1}, 120, 28},
    [VAXZEVRIA] = {{2021, 8, 16}, 60, 56},
    [NUVAXOVID] = {{2022, 6, 6}, 60, 21},
};

/* Days from the dose before: at least, and how many more chance may add. From the second on. */
static const unsigned gaps[TOWN_DOSES][2] = {{0, 1}, {0, 5}, {180, 60}, {120, 60}, {90, 40}};

static unsigned choose_product(struct chance *chance) {
    unsigned hundredth = below(chance, 100);
    return hundredth < 82   ? COMIRNATY
           : hundredth < 98 ? SPIKEVAX
           : hundredth < 99 ? VAXZEVRIA
                            : NUVAXOVID;
}

/* Of a hundred people of 12 and over, how many have at most so many doses: 2.5 doses a resident. */
static unsigned choose_count(struct chance *chance) {
    static const unsigned at_most[TOWN_DOSES + 1] = {7, 10, 35, 67, 89, 100};
    unsigned hundredth = below(chance, 100);
    unsigned count = 0;
    while (hundredth >= at_most[count])
        count++;
    return count;
}

static unsigned plan_by_chance(
    struct chance *chance, struct vrx_date birth, struct dose_plan *plan) {
    unsigned count = birth.year > YOUNGEST_VACCINATED ? 0 : choose_count(chance);
    unsigned product = choose_product(chance);
    /* The series that began in 2022 had no time for more. */
    if (product == NUVAXOVID && count > 2)
        count = 2;
    int32_t day = vrx_date_to_days(campaigns[product].from);
    day += (int32_t)below(chance, campaigns[product].days);
    for (unsigned i = 0; i < count; i++) {
        unsigned gap = i == 1 ? campaigns[product].second : gaps[i][0];
        if (i)
            day += (int32_t)(gap + below(chance, gaps[i][1]));
        if (i >= 2)
            product = one_in(chance, 3) ? SPIKEVAX : COMIRNATY;
        plan[i] = (struct dose_plan){product, vrx_date_from_days(day), one_in(chance, 33)};
    }
    return count;
}

static unsigned plan_standard(struct dose_plan *plan) {
    plan[0] = (struct dose_plan){COMIRNATY, {2021, 6, 1}, false};
    plan[1] = (struct dose_plan){COMIRNATY, {2021, 6, 22}, false};
    return 2;
}

static void add_lot(struct chance *chance, unsigned product, struct town_cell *cell) {
    char letters[2] = {(char)('E' + below(chance, 2)), (char)('A' + below(chance, 26))};
    switch (product) {
    case COMIRNATY:
        add(cell, letters, 2);
        add_number(cell, below(chance, 10000), 4, false);
        break;
    case SPIKEVAX:
        add_number(cell, 3000000 + below(chance, 7000), 7, false);
        break;
    case VAXZEVRIA:
        add(cell, "D", 1);
        add_number(cell, below(chance, 1000), 3, false);
        add(cell, &letters[1], 1);
        break;
    default:
        add(cell, "4301MF0", 7);
        add_number(cell, below(chance, 100), 2, false);
        break;
    }
}

static void make_dose(const struct town *town, uint64_t index, const struct dose_plan *plan,
    bool plain, struct chance *chance, struct town_cell *cell) {
    const struct town_words *words = &town->words;
    bool wide = !plain && one_in(chance, 16);
    bool other_name = !plain && one_in(chance, 16);
    struct vrx_date registered =
        vrx_date_from_days(vrx_date_to_days(plan->day) + (int32_t)below(chance, 3));
    add_date(&cell[VRX_DOSE_REGISTERED_AT], registered, wide);
    add_number(&cell[VRX_DOSE_REGISTERED_AT], 90000 + below(chance, 9) * 10000u, 6, wide);
    add_date(&cell[VRX_DOSE_ADMINISTERED_ON], plan->day, wide);
    add_number(&cell[VRX_DOSE_TICKET_NUMBER], index + 1, 10, wide);
    add(&cell[VRX_DOSE_MUNICIPALITY_CODE], plan->elsewhere ? town->elsewhere : town->municipality,
        VRX_MUNICIPALITY_CODE_DIGITS);
    add_text(&cell[VRX_DOSE_VENUE], &words->venue[below(chance, TOWN_VENUES)]);
    struct town_cell kana = {0};
    add_names(words, chance, 1 + below(chance, 2), &cell[VRX_DOSE_PHYSICIAN], &kana);
    add_text(&cell[VRX_DOSE_MANUFACTURER], &words->product[plan->product][other_name]);
    add_lot(chance, plan->product, &cell[VRX_DOSE_LOT]);
}

static void make_vaccinations(const struct town *town, uint64_t index, enum town_shape shape,
    struct vrx_date birth, struct chance *chance, struct town_person *person) {
    struct dose_plan plan[TOWN_DOSES];
    bool plain = shape != TOWN_ANYONE;
    struct town_row *row = &person->vaccinations;
    person->doses = plain ? plan_standard(plan) : plan_by_chance(chance, birth, plan);
    person->doses_elsewhere = 0;
    row->count = 0;
    if (!person->doses)
        return;
    /* As in the export: so many groups for everyone, empty behind the last dose. */
    row->count = 1 + TOWN_DOSES * VRX_DOSE_FIELDS;
    row->quoted = !plain && one_in(chance, 16);
    unsigned digits =
        !plain && one_in(chance, 8) ? VRX_ADDRESSEE_NUMBER_DIGITS : digits_of(index + 1);
    add_number(&row->cell[0], index + 1, digits, false);
    for (unsigned i = 0; i < person->doses; i++) {
        make_dose(town, index, &plan[i], plain, chance, &row->cell[1 + i * VRX_DOSE_FIELDS]);
        person->doses_elsewhere += plan[i].elsewhere;
    }
}

static struct vrx_result set_cell(struct town_cell *cell, const char *utf8) {
    struct town_text text;
    VRX_TRY(town_text_encode(utf8, &text));
    cell->len = 0;
    add_text(cell, &text);
    return vrx_ok();
}

static struct vrx_result make_well_known(uint64_t index, struct town_row *row) {
    static const char *const known[2][VRX_RESIDENT_SEX + 1] = {
        {"1", VRX_TOWN_HANAKO_NUMBER, "札幌 花子", "サッポロ ハナコ", "19850401", "2"},
        {"2", VRX_TOWN_TARO_NUMBER, "北海 太郎", "ホッカイ タロウ", "19791103", "1"},
    };
    for (size_t i = 0; i <= VRX_RESIDENT_SEX; i++)
        VRX_TRY(set_cell(&row->cell[i], known[index][i]));
    return vrx_ok();
}

struct vrx_result town_person_make(
    const struct town *town, uint64_t index, enum town_shape shape, struct town_person *person) {
    struct chance chance = {town->seed ^ (index + 1) * UINT64_C(0xD1342543DE82EF95)};
    if (index < 2)
        shape = TOWN_STANDARD;
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        person->resident.cell[i].len = 0;
    for (size_t i = 0; i < 1 + TOWN_DOSES * VRX_DOSE_FIELDS; i++)
        person->vaccinations.cell[i].len = 0;
    struct vrx_date birth = make_resident(town, index, shape, &chance, &person->resident);
    make_vaccinations(town, index, shape, birth, &chance, person);
    return index < 2 ? make_well_known(index, &person->resident) : vrx_ok();
}
