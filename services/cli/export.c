/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx export fhir` and `vrx export vrs`: what `vrx export` gives, for other systems. Both are made
 * here of the same call, so the same two persons must agree to it. A VRS file has no place for
 * where a record came from; doses of another municipality's answer are left out of it, lest they
 * come back as this one's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/own_town.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "fhir/writer.h"
#include "files/files.h"
#include "layouts/vrs_write.h"
#include "vrx/v1/records.pb-c.h"

static bool came_by_transfer(const Vrx__V1__Dose *dose) {
    return dose->provenance && strcmp(dose->provenance->kind, "transfer") == 0;
}

/* ---- FHIR ---- */

struct fhir_export {
    const char *folder;
    char part[VRX_CLI_PATH]; /* what it is called until it is whole */
    bool made;
    struct vrx_fhir_writer writer;
    uint64_t bundles;
    uint64_t persons;
    uint64_t doses;
};

/* What is not whole is nothing. */
static void fhir_export_done(struct fhir_export *export) {
    vrx_fhir_writer_done(&export->writer);
    if (export->made)
        VRX_IGNORE(vrx_folder_remove(export->part));
}

static struct vrx_result make_folder(struct fhir_export *export) {
    if (export->made)
        return vrx_ok();
    if (mkdir(export->part, 0700) != 0)
        return vrx_fail(errno == ENOSPC ? VRX_DISK_FULL : VRX_FILE_REFUSED);
    export->made = true;
    return vrx_ok();
}

static struct vrx_result write_bundle(struct fhir_export *export) {
    char name[32];
    char path[VRX_CLI_PATH];
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!export->writer.persons)
        return vrx_ok();
    snprintf(name, sizeof name, "bundle-%05llu.json", (unsigned long long)++export->bundles);
    VRX_TRY(make_folder(export));
    VRX_TRY(vrx_folder_path(export->part, name, path));
    VRX_TRY(vrx_fhir_writer_take(&export->writer, &text));
    return vrx_file_create(path, 0600, vrx_buffer_view(&text));
}

static struct vrx_result fhir_dose(const Vrx__V1__Dose *message, struct vrx_fhir_dose *ret_dose) {
    *ret_dose = (struct vrx_fhir_dose){
        .id = message->id,
        .number = message->dose_number,
        .registered_at = message->registered_at,
        .vaccine = vrx_vaccine_find(message->product),
        .maker = message->manufacturer,
        .lot = message->lot,
        .venue = message->venue,
        .physician = message->physician,
        .ticket = message->ticket_number,
        .reported = came_by_transfer(message),
    };
    if (!ret_dose->vaccine)
        return vrx_fail(VRX_PRODUCT_UNKNOWN);
    VRX_TRY(vrx_date_parse(vrx_view_text(message->administered_on), &ret_dose->administered_on));
    return message->administered_by[0]
               ? vrx_municipality_code_parse(
                     vrx_view_text(message->administered_by), &ret_dose->administered_by)
               : vrx_ok();
}

static struct vrx_result fhir_person(
    struct fhir_export *export, const Vrx__V1__ExportResponse *record) {
    struct vrx_fhir_dose doses[VRX_LIMIT_DOSES];
    if (!record->resident)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (record->n_doses > VRX_LIMIT_DOSES)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    if (!record->n_doses)
        return vrx_ok();
    for (size_t i = 0; i < record->n_doses; i++)
        VRX_TRY(fhir_dose(record->doses[i], &doses[i]));
    if (vrx_fhir_writer_full(&export->writer))
        VRX_TRY(write_bundle(export));
    const struct vrx_fhir_person person = {
        .addressee = record->resident->addressee_number,
        .name = record->resident->name,
        .kana = record->resident->kana,
        .birth_date = record->resident->birth_date,
        .sex = record->resident->sex,
        .doses = doses,
        .dose_count = record->n_doses,
    };
    export->persons++;
    export->doses += record->n_doses;
    return vrx_fhir_writer_add(&export->writer, &person);
}

static int take_fhir(void *context, const ProtobufCMessage *reply) {
    struct vrx_result result = fhir_person(context, (const void *)reply);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("Export", result);
}

/* The last Bundle, and the folder under its name. */
static struct vrx_result finish_fhir(struct fhir_export *export) {
    VRX_TRY(write_bundle(export));
    VRX_TRY(make_folder(export));
    VRX_TRY(vrx_folder_sync(export->part));
    if (rename(export->part, export->folder) != 0)
        return vrx_fail(VRX_FILE_REFUSED);
    export->made = false;
    return vrx_ok();
}

static int say_fhir(const struct vrx_arguments *arguments, const struct fhir_export *export) {
    if (!vrx_argument_json(arguments)) {
        printf("Bundles: %llu   persons / 人: %llu   doses / 接種記録: %llu\n",
            (unsigned long long)export->bundles, (unsigned long long)export->persons,
            (unsigned long long)export->doses);
        return VRX_EXIT_OK;
    }
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_number(&json, "bundles", export->bundles);
    vrx_json_number(&json, "persons", export->persons);
    vrx_json_number(&json, "doses", export->doses);
    return vrx_json_print(&json);
}

/* Nothing may be there yet: Bundles of another day would pass for some of this one. */
static int check_folder(struct fhir_export *export) {
    struct stat about;
    int len = snprintf(export->part, sizeof export->part, "%s.part", export->folder);
    if (len < 0 || (size_t)len >= sizeof export->part)
        return vrx_print_file_failure(export->folder, vrx_fail(VRX_INPUT_TOO_LARGE));
    if (lstat(export->folder, &about) == 0)
        return vrx_print_file_failure(export->folder, vrx_fail(VRX_ALREADY_EXISTS));
    if (lstat(export->part, &about) == 0)
        return vrx_print_file_failure(export->part, vrx_fail(VRX_ALREADY_EXISTS));
    return VRX_EXIT_OK;
}

static int call_export(struct vrx_connection *connection,
    int (*take)(void *context, const ProtobufCMessage *reply), void *context) {
    Vrx__V1__ExportRequest request;
    vrx__v1__export_request__init(&request);
    return vrx_call_replies(
        connection, VRX_REMOTE("Records", "Export", export), &request.base, take, context);
}

static int run_fhir(const struct vrx_arguments *arguments) {
    struct fhir_export export VRX_CLEANUP(fhir_export_done) = {
        .folder = vrx_argument(arguments, "")};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_municipality_code own;
    VRX_CLI_TRY(check_folder(&export));
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_cli_own_town(&connection, &own));
    vrx_fhir_writer_init(&export.writer, &own);
    VRX_CLI_TRY(call_export(&connection, take_fhir, &export));
    struct vrx_result result = finish_fhir(&export);
    return vrx_is_ok(result) ? say_fhir(arguments, &export)
                             : vrx_print_file_failure(export.folder, result);
}

/* ---- VRS ---- */

struct vrs_export {
    struct vrx_arena arena; /* of one person */
    struct vrx_buffer line;
    uint64_t left_out;   /* doses of other municipalities' answers, or numbered beyond the layout */
    uint64_t incomplete; /* doses without a field that the layout's reader asks for */
};

static void vrs_export_done(struct vrs_export *export) {
    vrx_arena_done(&export->arena);
    vrx_buffer_done(&export->line);
}

/* The maker as it was written, where that names the product; else as VRS names it. */
static struct vrx_result maker_of(
    struct vrs_export *export, const Vrx__V1__Dose *dose, struct vrx_view *ret_maker) {
    const struct vrx_vaccine *vaccine = vrx_vaccine_find(dose->product);
    const struct vrx_vaccine *named = NULL;
    struct vrx_view folded = {0};
    if (!vaccine)
        return vrx_fail(VRX_PRODUCT_UNKNOWN);
    VRX_TRY(vrx_text_fold(&export->arena, vrx_view_text(dose->manufacturer), &folded));
    bool fits = vrx_is_ok(vrx_vaccine_match(folded, &named)) && named == vaccine;
    *ret_maker = vrx_view_text(fits ? dose->manufacturer : vaccine->vrs_name);
    return vrx_ok();
}

static struct vrx_result vrs_dose(
    struct vrs_export *export, const Vrx__V1__Dose *dose, struct vrx_dose_texts *texts) {
    struct vrx_vrs_times *times = vrx_arena_alloc(&export->arena, sizeof *times);
    struct vrx_date date = {0};
    if (!times)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_date_parse(vrx_view_text(dose->administered_on), &date));
    vrx_vrs_put_times(dose->registered_at, date, times, texts);
    texts->field[VRX_DOSE_TICKET_NUMBER] = vrx_view_text(dose->ticket_number);
    texts->field[VRX_DOSE_MUNICIPALITY_CODE] = vrx_view_text(dose->administered_by);
    texts->field[VRX_DOSE_VENUE] = vrx_view_text(dose->venue);
    texts->field[VRX_DOSE_PHYSICIAN] = vrx_view_text(dose->physician);
    texts->field[VRX_DOSE_LOT] = vrx_view_text(dose->lot);
    VRX_TRY(maker_of(export, dose, &texts->field[VRX_DOSE_MANUFACTURER]));
    bool complete = true;
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
        complete &= texts->field[i].len > 0;
    export->incomplete += !complete;
    return vrx_ok();
}

/* One person's line; none where there is no dose to write. */
static struct vrx_result vrs_person(
    struct vrs_export *export, const Vrx__V1__ExportResponse *record) {
    struct vrx_dose_texts doses[VRX_LIMIT_DOSES] = {0};
    size_t count = 0;
    vrx_arena_clear(&export->arena);
    vrx_buffer_clear(&export->line);
    if (!record->resident)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    for (size_t i = 0; i < record->n_doses; i++) {
        const Vrx__V1__Dose *dose = record->doses[i];
        if (came_by_transfer(dose) || !dose->dose_number || dose->dose_number > VRX_LIMIT_DOSES) {
            export->left_out++;
            continue;
        }
        VRX_TRY(vrs_dose(export, dose, &doses[dose->dose_number - 1]));
        count = dose->dose_number > count ? dose->dose_number : count;
    }
    const struct vrx_vaccination_texts row = {
        .addressee_number = vrx_view_text(record->resident->addressee_number),
        .doses = doses,
        .dose_count = count,
    };
    return count ? vrx_vrs_write(&row, &export->line) : vrx_ok();
}

static int take_vrs(void *context, const ProtobufCMessage *reply) {
    struct vrs_export *export = context;
    struct vrx_result result = vrs_person(export, (const void *)reply);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("Export", result);
    if (export->line.len &&
        fwrite(export->line.ptr, 1, export->line.len, stdout) != export->line.len)
        return vrx_print_refusal("output / 出力", vrx_fail(VRX_DISK_FAILED));
    return VRX_EXIT_OK;
}

static int run_vrs(const struct vrx_arguments *arguments) {
    struct vrs_export export VRX_CLEANUP(vrs_export_done) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    vrx_arena_init(&export.arena, 0);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(call_export(&connection, take_vrs, &export));
    if (fflush(stdout) != 0)
        return vrx_print_refusal("output / 出力", vrx_fail(VRX_DISK_FAILED));
    if (export.left_out)
        fprintf(stderr,
            "left out: %llu doses that came from other municipalities, or are beyond the 32nd\n"
            "他の自治体から受け取った接種記録と33回目以降の %llu 件は含みません\n",
            (unsigned long long)export.left_out, (unsigned long long)export.left_out);
    if (export.incomplete)
        fprintf(stderr,
            "%llu doses lack a field that VRS always has; an import refuses their lines\n"
            "VRS の必須項目が空の接種記録が %llu 件あり、その行は取り込めません\n",
            (unsigned long long)export.incomplete, (unsigned long long)export.incomplete);
    return VRX_EXIT_OK;
}

static const struct vrx_option fhir_options[] = {
    {"", "DIR", true, false, "a new folder; gets a file for each Bundle of at most 100 persons",
        "新しく作るフォルダー。100人までの Bundle ごとに一つのファイルを書き出す"},
    {0},
};

const struct vrx_command vrx_cli_export_commands[] = {
    {"export fhir", true, "every resident's doses as FHIR Bundles (JP Core), without addresses",
        "全住民の接種記録を FHIR の Bundle（JP Core）で出力する（住所は含まない）", fhir_options,
        run_fhir},
    {"export vrs", true, "every resident's doses in the layout of the VRS export",
        "全住民の接種記録を VRS の予防接種台帳向け出力の形式で出力する", NULL, run_vrs},
    {0},
};
