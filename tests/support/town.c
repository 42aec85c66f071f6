/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes a town's files row by row and spoils the rows that are to be faulty. The kinds of faults
 * are a table; every stride-th resident takes the next one. A resident whose row is refused has no
 * row of vaccinations, so that each faulty row has one fault only.
 */
#include "support/town.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/town_people.h"

enum action {
    SET,            /* the cell becomes text, given in UTF-8 */
    SET_RAW,        /* the cell becomes text, byte by byte */
    CHANGE_LAST,    /* the last digit becomes another one */
    DROP_LAST_CELL, /* the row is one cell short */
};

static const struct fault {
    bool vaccinations; /* the file */
    bool by_vault;     /* cannot be seen without knowing the residents */
    unsigned dose;     /* from 1; 0 for cells of no dose */
    unsigned field;    /* enum vrx_resident_field, enum vrx_dose_field */
    enum action action;
    enum vrx_reason reason;
    enum town_shape shape;
    const char *text;
} faults[] = {
    {false, false, 0, VRX_RESIDENT_INDIVIDUAL_NUMBER, CHANGE_LAST, VRX_CHECK_DIGIT_WRONG,
        TOWN_STANDARD, NULL},
    {false, false, 0, VRX_RESIDENT_INDIVIDUAL_NUMBER, SET, VRX_INPUT_MALFORMED, TOWN_STANDARD,
        "12345678901"},
    {false, false, 0, VRX_RESIDENT_INDIVIDUAL_NUMBER, SET, VRX_INPUT_RANGE, TOWN_STANDARD,
        "000000000000"},
    {false, false, 0, VRX_RESIDENT_ADDRESSEE_NUMBER, SET, VRX_INPUT_MALFORMED, TOWN_STANDARD,
        "K-12"},
    {false, false, 0, VRX_RESIDENT_NAME, SET, VRX_INPUT_FIELD_MISSING, TOWN_STANDARD, "　"},
    {false, false, 0, VRX_RESIDENT_NAME, SET_RAW, VRX_INPUT_TEXT, TOWN_STANDARD, "\x81"},
    {false, false, 0, VRX_RESIDENT_BIRTH_DATE, SET, VRX_DATE_INVALID, TOWN_STANDARD, "19850230"},
    {false, false, 0, VRX_RESIDENT_BIRTH_DATE, SET, VRX_DATE_IN_FUTURE, TOWN_STANDARD, "20991231"},
    {false, false, 0, VRX_RESIDENT_SEX, SET, VRX_INPUT_RANGE, TOWN_STANDARD, "男"},
    {false, false, 0, VRX_RESIDENT_FIELDS, DROP_LAST_CELL, VRX_INPUT_MALFORMED, TOWN_STANDARD,
        NULL},
    {true, false, 0, 0, SET, VRX_INPUT_MALFORMED, TOWN_STANDARD, "12A"},
    {true, true, 0, 0, SET, VRX_NOT_FOUND, TOWN_STANDARD, "999999999999999"},
    {true, false, 1, VRX_DOSE_ADMINISTERED_ON, SET, VRX_DATE_BEFORE_APPROVAL, TOWN_STANDARD,
        "20210201"},
    {true, true, 1, VRX_DOSE_ADMINISTERED_ON, SET, VRX_DATE_BEFORE_BIRTH, TOWN_BABY, "20210601"},
    {true, false, 2, VRX_DOSE_ADMINISTERED_ON, SET, VRX_DATE_INVALID, TOWN_STANDARD, "20210931"},
    {true, false, 2, VRX_DOSE_ADMINISTERED_ON, SET, VRX_DATE_IN_FUTURE, TOWN_STANDARD, "20991231"},
    {true, false, 2, VRX_DOSE_ADMINISTERED_ON, SET, VRX_DOSE_INTERVAL, TOWN_STANDARD, "20210601"},
    {true, false, 2, VRX_DOSE_ADMINISTERED_ON, SET, VRX_DOSE_ORDER, TOWN_STANDARD,
        "２０２１０５３１"},
    {true, false, 2, VRX_DOSE_REGISTERED_AT, SET, VRX_DATE_INVALID, TOWN_STANDARD,
        "20210622250000"},
    {true, false, 2, VRX_DOSE_TICKET_NUMBER, SET, VRX_INPUT_MALFORMED, TOWN_STANDARD, "12345"},
    {true, false, 2, VRX_DOSE_MUNICIPALITY_CODE, CHANGE_LAST, VRX_CHECK_DIGIT_WRONG, TOWN_STANDARD,
        NULL},
    {true, false, 2, VRX_DOSE_MANUFACTURER, SET, VRX_PRODUCT_UNKNOWN, TOWN_STANDARD, "ヤンセン"},
    {true, false, 2, VRX_DOSE_LOT, SET, VRX_LOT_INVALID, TOWN_STANDARD, "不明"},
    {true, false, 2, VRX_DOSE_LOT, SET, VRX_DOSE_INCOMPLETE, TOWN_STANDARD, ""},
    {true, false, 0, VRX_DOSE_FIELDS, DROP_LAST_CELL, VRX_INPUT_MALFORMED, TOWN_STANDARD, NULL},
};

#define FAULT_KINDS (sizeof faults / sizeof faults[0])

struct totals {
    uint64_t residents_good;
    uint64_t residents_faulty;
    uint64_t vaccinations_good;
    uint64_t vaccinations_faulty;
    uint64_t vaccinations_faulty_by_vault;
    uint64_t doses_good;
    uint64_t doses_elsewhere;
};

struct writer {
    struct town town;
    FILE *residents;
    FILE *vaccinations;
    FILE *expected;
    uint64_t resident_line;
    uint64_t vaccination_line;
    uint64_t fault_count; /* of all kinds together */
    uint64_t stride;      /* residents from one fault to the next */
    struct totals totals;
    struct town_person person;
};

/* NULL where this resident's rows are good. The well-known two come before the first. */
static const struct fault *fault_of(const struct writer *writer, uint64_t index) {
    if (index < 2 || (index - 2) % writer->stride != 0)
        return NULL;
    uint64_t number = (index - 2) / writer->stride;
    return number < writer->fault_count ? &faults[number % FAULT_KINDS] : NULL;
}

static struct vrx_result spoil(const struct fault *fault, struct town_row *row) {
    if (fault->action == DROP_LAST_CELL) {
        row->count--;
        return vrx_ok();
    }
    size_t at = fault->dose ? 1 + (fault->dose - 1) * VRX_DOSE_FIELDS + fault->field : fault->field;
    struct town_cell *cell = &row->cell[at];
    struct town_text text = {0};
    switch (fault->action) {
    case CHANGE_LAST:
        cell->bytes[cell->len - 1] = cell->bytes[cell->len - 1] == '9' ? '0' : '9';
        return vrx_ok();
    case SET_RAW:
        text.len = (uint8_t)strlen(fault->text);
        memcpy(text.bytes, fault->text, text.len);
        break;
    case SET:
        VRX_TRY(town_text_encode(fault->text, &text));
        break;
    case DROP_LAST_CELL:
        break;
    }
    memcpy(cell->bytes, text.bytes, text.len);
    cell->len = text.len;
    return vrx_ok();
}

static const struct vrx_field_name *field_name(const struct fault *fault) {
    if (fault->action == DROP_LAST_CELL || fault->reason == VRX_INPUT_TEXT)
        return &vrx_row_field;
    if (!fault->vaccinations)
        return &vrx_resident_field_names[fault->field];
    return fault->dose ? &vrx_dose_field_names[fault->field] : &vrx_addressee_field;
}

static void expect(struct writer *writer, const struct fault *fault) {
    (void)fprintf(writer->expected, "%s\t%lu\t%s\t%s\t%u\t%s\n",
        fault->vaccinations ? VRX_TOWN_VACCINATIONS : VRX_TOWN_RESIDENTS,
        (unsigned long)(fault->vaccinations ? writer->vaccination_line : writer->resident_line),
        field_name(fault)->en, vrx_reason_name(fault->reason), fault->dose,
        fault->by_vault ? "vault" : "layout");
}

static void write_row(FILE *file, const struct town_row *row) {
    for (size_t i = 0; i < row->count; i++) {
        if (i)
            putc_unlocked(',', file);
        if (row->quoted)
            putc_unlocked('"', file);
        fwrite_unlocked(row->cell[i].bytes, 1, row->cell[i].len, file);
        if (row->quoted)
            putc_unlocked('"', file);
    }
    fwrite_unlocked("\r\n", 1, 2, file);
}

static void count_vaccinations(struct writer *writer, const struct fault *fault) {
    struct totals *totals = &writer->totals;
    if (!fault) {
        totals->vaccinations_good++;
        totals->doses_good += writer->person.doses;
        totals->doses_elsewhere += writer->person.doses_elsewhere;
    } else if (fault->by_vault) {
        totals->vaccinations_faulty_by_vault++;
    } else {
        totals->vaccinations_faulty++;
    }
}

static struct vrx_result write_person(struct writer *writer, uint64_t index) {
    const struct fault *fault = fault_of(writer, index);
    struct town_person *person = &writer->person;
    VRX_TRY(town_person_make(&writer->town, index, fault ? fault->shape : TOWN_ANYONE, person));
    bool resident_faulty = fault && !fault->vaccinations;
    writer->resident_line++;
    if (fault) {
        struct town_row *spoilt = resident_faulty ? &person->resident : &person->vaccinations;
        VRX_TRY(spoil(fault, spoilt));
    }
    write_row(writer->residents, &person->resident);
    if (resident_faulty) {
        writer->totals.residents_faulty++;
        expect(writer, fault);
        return vrx_ok();
    }
    writer->totals.residents_good++;
    if (!person->vaccinations.count)
        return vrx_ok();
    writer->vaccination_line++;
    write_row(writer->vaccinations, &person->vaccinations);
    count_vaccinations(writer, fault);
    if (fault)
        expect(writer, fault);
    return vrx_ok();
}

static void write_totals(const struct writer *writer) {
    const struct totals *totals = &writer->totals;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"residents_good", totals->residents_good},
        {"residents_faulty", totals->residents_faulty},
        {"vaccinations_good", totals->vaccinations_good},
        {"vaccinations_faulty", totals->vaccinations_faulty},
        {"vaccinations_faulty_by_vault", totals->vaccinations_faulty_by_vault},
        {"doses_good", totals->doses_good},
        {"doses_elsewhere", totals->doses_elsewhere},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        (void)fprintf(writer->expected, "# %s\t%lu\n", rows[i].name, (unsigned long)rows[i].value);
}

static struct vrx_result write_header(struct writer *writer) {
    struct town_row *row = &writer->person.resident;
    *row = (struct town_row){.count = VRX_RESIDENT_FIELDS};
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++) {
        struct town_text text;
        VRX_TRY(town_text_encode(vrx_resident_field_names[i].ja, &text));
        memcpy(row->cell[i].bytes, text.bytes, text.len);
        row->cell[i].len = text.len;
    }
    write_row(writer->residents, row);
    writer->resident_line = 1;
    (void)fputs("# file\tline\tfield\treason\tdose\tfound_by\n", writer->expected);
    return vrx_ok();
}

static struct vrx_result open_file(const char *folder, const char *name, FILE **ret_file) {
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return vrx_fail(VRX_FILE_REFUSED);
    FILE *file = fopen(path, "we");
    if (!file)
        return vrx_fail(VRX_FILE_REFUSED);
    *ret_file = file;
    return vrx_ok();
}

static struct vrx_result close_file(FILE **file, struct vrx_result result) {
    bool failed = *file && ferror(*file);
    if (*file && fclose(*file) != 0)
        failed = true;
    *file = NULL;
    return vrx_is_ok(result) && failed ? vrx_fail(VRX_DISK_FAILED) : result;
}

static struct vrx_result write_files(struct writer *writer, const char *folder) {
    VRX_TRY(open_file(folder, VRX_TOWN_RESIDENTS, &writer->residents));
    VRX_TRY(open_file(folder, VRX_TOWN_VACCINATIONS, &writer->vaccinations));
    VRX_TRY(open_file(folder, VRX_TOWN_EXPECTED, &writer->expected));
    VRX_TRY(write_header(writer));
    for (uint64_t i = 0; i < writer->town.residents; i++)
        VRX_TRY(write_person(writer, i));
    write_totals(writer);
    return vrx_ok();
}

/* Faults are spread over the whole town. */
static struct vrx_result plan_faults(
    struct writer *writer, const struct vrx_town_options *options) {
    uint64_t each = options->faults ? options->faults : options->residents / 1000;
    each = each ? each : 1;
    if (each > options->residents / FAULT_KINDS / 2)
        return vrx_fail(VRX_INPUT_RANGE);
    writer->fault_count = each * FAULT_KINDS;
    writer->stride = (options->residents - 2) / writer->fault_count;
    return vrx_ok();
}

struct vrx_result vrx_town_write(const struct vrx_town_options *options) {
    struct vrx_municipality_code code;
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(options->municipality), &code));
    if (options->residents < VRX_TOWN_RESIDENTS_MIN || options->residents > VRX_TOWN_RESIDENTS_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    town_init(&writer->town, options->municipality, options->residents, options->seed);
    struct vrx_result result = plan_faults(writer, options);
    if (vrx_is_ok(result))
        result = town_words_load(options->municipality, options->names, &writer->town.words);
    if (vrx_is_ok(result))
        result = write_files(writer, options->folder);
    result = close_file(&writer->residents, result);
    result = close_file(&writer->vaccinations, result);
    result = close_file(&writer->expected, result);
    free(writer);
    return result;
}
