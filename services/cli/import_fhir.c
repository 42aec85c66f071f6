/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx import fhir`: Bundles of Immunizations, read here and sent to the service dose by dose, in
 * one call. A file that is no Bundle is said and passed over; what is sent of the others is taken
 * or reported. Repeating it changes nothing.
 *
 * Read fhir/reader.h, then fhir_report.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/connect.h"
#include "cli/fhir_report.h"
#include "cli/own_town.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "fhir/systems.h"
#include "files/files.h"

#define ROWS 200 /* of one message; with every text at its limit they have 100 KiB */

/* Where a row of the call came from. */
struct origin {
    uint32_t file;
    uint32_t entry;
};

struct row {
    Vrx__V1__DoseRow row;
    Vrx__V1__Dose dose;
    char addressee[VRX_ADDRESSEE_NUMBER_DIGITS + 1];
    char birth_date[VRX_DATE_TEXT + 1];
    char administered_on[VRX_DATE_TEXT + 1];
    char administered_by[VRX_MUNICIPALITY_CODE_DIGITS + 1];
};

struct importer {
    const struct vrx_arguments *arguments;
    char own_system[VRX_FHIR_ADDRESSEE_SYSTEM];
    const char *system;
    struct vrx_connection connection;
    struct vrx_upload upload;
    struct vrx_fhir_report report;
    struct vrx_buffer origins; /* struct origin of each row that was sent */
    uint64_t sent;
    struct vrx_arena arena; /* of the rows that wait */
    size_t count;
    struct row rows[ROWS];
    Vrx__V1__DoseRow *list[ROWS];
};

static void importer_free(struct importer **importer) {
    if (!*importer)
        return;
    vrx_upload_done(&(*importer)->upload);
    vrx_connection_done(&(*importer)->connection);
    vrx_fhir_report_done(&(*importer)->report);
    vrx_buffer_done(&(*importer)->origins);
    vrx_arena_done(&(*importer)->arena);
    vrx_wipe(*importer, sizeof **importer);
    free(*importer);
    *importer = NULL;
}

static const char *file_name(const void *arguments, size_t file) {
    return vrx_argument_at(arguments, "", file);
}

static int send_rows(struct importer *importer, const Vrx__V1__ImportEnd *end) {
    Vrx__V1__ImportDosesRequest request;
    vrx__v1__import_doses_request__init(&request);
    Vrx__V1__ImportEnd copy;
    if (end) {
        copy = *end;
        request.end = &copy;
    }
    for (size_t i = 0; i < importer->count; i++)
        importer->list[i] = &importer->rows[i].row;
    request.rows = importer->list;
    request.n_rows = importer->count;
    VRX_CLI_TRY(vrx_upload_send(&importer->upload, &request.base));
    importer->count = 0;
    vrx_arena_clear(&importer->arena);
    return VRX_EXIT_OK;
}

static struct vrx_result keep(struct importer *importer, const char *text, char **ret_text) {
    return vrx_arena_string(&importer->arena, vrx_view_text(text), ret_text);
}

/* A dose as the next row of the message that waits. */
static struct vrx_result put_row(
    struct importer *importer, size_t file, const struct vrx_fhir_dose *dose) {
    struct row *row = &importer->rows[importer->count];
    const struct origin origin = {(uint32_t)file, (uint32_t)dose->entry};
    VRX_TRY(vrx_buffer_append(&importer->origins, vrx_view_of(&origin, sizeof origin)));
    vrx__v1__dose_row__init(&row->row);
    vrx__v1__dose__init(&row->dose);
    memcpy(row->addressee, dose->addressee.digits, sizeof row->addressee);
    memcpy(row->administered_by, dose->administered_by.digits, sizeof row->administered_by);
    vrx_date_format(dose->birth_date, row->birth_date);
    vrx_date_format(dose->administered_on, row->administered_on);
    row->row.line = ++importer->sent;
    row->row.addressee_number = row->addressee;
    row->row.birth_date = row->birth_date;
    row->row.dose = &row->dose;
    row->dose.dose_number = dose->number;
    row->dose.product = (uint32_t)dose->vaccine->id;
    row->dose.registered_at = dose->registered_at;
    row->dose.administered_on = row->administered_on;
    row->dose.administered_by = row->administered_by;
    VRX_TRY(keep(importer, dose->lot, &row->dose.lot));
    VRX_TRY(keep(importer, dose->venue, &row->dose.venue));
    VRX_TRY(keep(importer, dose->physician, &row->dose.physician));
    VRX_TRY(keep(importer, dose->ticket, &row->dose.ticket_number));
    VRX_TRY(keep(importer, dose->maker, &row->dose.manufacturer));
    importer->count++;
    return vrx_ok();
}

static int send_doses(
    struct importer *importer, size_t file, const struct vrx_fhir_bundle *bundle) {
    for (size_t i = 0; i < bundle->dose_count; i++) {
        struct vrx_result result = put_row(importer, file, &bundle->doses[i]);
        if (!vrx_is_ok(result))
            return vrx_print_refusal("import", result);
        if (importer->count == ROWS)
            VRX_CLI_TRY(send_rows(importer, NULL));
    }
    return VRX_EXIT_OK;
}

static int say_no_bundle(const char *path, unsigned line, struct vrx_result result) {
    char subject[4096];
    if (!line)
        return vrx_print_refusal(path, result);
    snprintf(subject, sizeof subject, "%s: line / 行 %u", path, line);
    return vrx_print_refusal(subject, result);
}

/* *ret_wrong: the exit status where the file is no Bundle, and the others are to be read. */
static int import_file(struct importer *importer, size_t file, int *ret_wrong) {
    const char *path = vrx_argument_at(importer->arguments, "", file);
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_fhir_bundle bundle;
    vrx_arena_init(&arena, VRX_FHIR_MEMORY);
    struct vrx_result result = vrx_file_read(path, VRX_FHIR_BYTES, &text);
    if (!vrx_is_ok(result)) {
        *ret_wrong = vrx_print_file_failure(path, result);
        return VRX_EXIT_OK;
    }
    result = vrx_fhir_read(vrx_buffer_view(&text), importer->system, &arena, &bundle);
    if (!vrx_is_ok(result)) {
        *ret_wrong = say_no_bundle(path, bundle.line, result);
        return VRX_EXIT_OK;
    }
    result = vrx_fhir_report_take_bundle(&importer->report, file, &bundle);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("import", result);
    return send_doses(importer, file, &bundle);
}

static struct vrx_result take_reply(
    struct importer *importer, const Vrx__V1__ImportDosesResponse *done) {
    struct vrx_fhir_report *report = &importer->report;
    report->imported = done->imported;
    report->unchanged = done->unchanged;
    report->refused += done->refused;
    for (size_t i = 0; i < done->n_errors; i++) {
        struct origin origin;
        if (done->errors[i]->line - 1 >= importer->sent)
            return vrx_refuse(VRX_INPUT_RANGE, "ImportDosesResponse.errors: of no row of ours");
        memcpy(&origin, importer->origins.ptr + (done->errors[i]->line - 1) * sizeof origin,
            sizeof origin);
        VRX_TRY(vrx_fhir_report_take_service(report, origin.file, origin.entry, done->errors[i]));
    }
    vrx_fhir_report_sort(report);
    return vrx_ok();
}

static int end(struct importer *importer) {
    Vrx__V1__ImportEnd all;
    vrx__v1__import_end__init(&all);
    all.rows = importer->sent;
    VRX_CLI_TRY(send_rows(importer, &all));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_upload_end(&importer->upload, &reply));
    struct vrx_result result = take_reply(importer, (const void *)reply);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("import", result);
}

static int tell(const struct importer *importer) {
    VRX_CLI_TRY(vrx_fhir_report_print(&importer->report, vrx_argument_json(importer->arguments)));
    const char *path = vrx_argument(importer->arguments, "errors");
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!path)
        return VRX_EXIT_OK;
    struct vrx_result result = vrx_fhir_report_tsv(&importer->report, &text);
    if (vrx_is_ok(result))
        result = vrx_file_replace(path, 0600, vrx_buffer_view(&text));
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

/* The addressee numbers' system: as given, or this municipality's own. */
static int find_system(struct importer *importer) {
    struct vrx_municipality_code own;
    importer->system = vrx_argument(importer->arguments, "system");
    if (importer->system)
        return VRX_EXIT_OK;
    VRX_CLI_TRY(vrx_cli_own_town(&importer->connection, &own));
    vrx_fhir_addressee_system(&own, importer->own_system);
    importer->system = importer->own_system;
    return VRX_EXIT_OK;
}

static int run_fhir(const struct vrx_arguments *arguments) {
    struct importer *importer VRX_CLEANUP(importer_free) = calloc(1, sizeof *importer);
    if (!importer)
        return vrx_print_refusal("import", vrx_fail(VRX_OUT_OF_MEMORY));
    int wrong = VRX_EXIT_OK;
    importer->arguments = arguments;
    vrx_arena_init(&importer->arena, 0);
    vrx_fhir_report_init(&importer->report, file_name, arguments);
    VRX_CLI_TRY(vrx_connect(arguments, &importer->connection));
    VRX_CLI_TRY(find_system(importer));
    VRX_CLI_TRY(vrx_upload_begin(&importer->connection,
        VRX_REMOTE("Records", "ImportDoses", import_doses), &importer->upload));
    for (size_t file = 0; file < vrx_argument_count(arguments, ""); file++)
        VRX_CLI_TRY(import_file(importer, file, &wrong));
    VRX_CLI_TRY(end(importer));
    VRX_CLI_TRY(tell(importer));
    return wrong;
}

static const struct vrx_option fhir_options[] = {
    {"", "FILE", true, true, "a Bundle of Immunizations and Patients, FHIR R4 in JSON",
        "Immunization と Patient の Bundle（FHIR R4、JSON）"},
    {"system", "URI", false, false,
        "the system under which the Patients' identifiers are this municipality's addressee "
        "numbers; without it, the one of vrx export fhir",
        "Patient.identifier のうち本自治体の宛名番号を表す system。省略時は vrx export fhir "
        "のもの"},
    {"errors", "FILE", false, false, "writes the faulty entries' report here, tab-separated",
        "取り込めない記録の一覧をタブ区切りで書き出す"},
    {0},
};

const struct vrx_command vrx_cli_import_fhir_commands[] = {
    {"import fhir", true, "record doses from FHIR Bundles (JP Core)",
        "FHIR の Bundle（JP Core）から接種記録を登録する", fhir_options, run_fhir},
    {0},
};
