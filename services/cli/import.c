/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx import`: a municipality's file, streamed to the service 200 rows at a time. Lines that are
 * no rows are found here, everything else that can be wrong with a row by the service; the report
 * has both. An import that was cut off is simply repeated: what is there already counts as
 * unchanged.
 *
 * Read import_rows.h, then report.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/connect.h"
#include "cli/hand_in.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"

#define CHUNK 65536

struct importer {
    const char *path;
    int fd;
    uint64_t size; /* 0: unknown, there is no bar */
    uint64_t done;
    struct vrx_progress progress;
    struct vrx_import_rows rows;
    struct vrx_report report;
    struct vrx_connection connection;
    struct vrx_upload upload;
    struct vrx_result file; /* what ended the file before its end */
    uint8_t chunk[CHUNK];
};

static void importer_free(struct importer **importer) {
    if (!*importer)
        return;
    vrx_upload_done(&(*importer)->upload);
    vrx_connection_done(&(*importer)->connection);
    vrx_import_rows_done(&(*importer)->rows);
    vrx_report_done(&(*importer)->report);
    if ((*importer)->fd > STDERR_FILENO)
        close((*importer)->fd);
    vrx_wipe(*importer, sizeof **importer);
    free(*importer);
    *importer = NULL;
}

static int open_file(struct importer *importer) {
    if (strcmp(importer->path, "-") == 0) {
        importer->path = "standard input / 標準入力";
        importer->fd = STDIN_FILENO;
        return VRX_EXIT_OK;
    }
    struct stat about;
    importer->fd = open(importer->path, O_RDONLY | O_CLOEXEC);
    if (importer->fd < 0 || fstat(importer->fd, &about) != 0)
        return vrx_print_file_failure(
            importer->path, vrx_fail(errno == ENOENT ? VRX_NOT_FOUND : VRX_FILE_REFUSED));
    if (S_ISDIR(about.st_mode))
        return vrx_print_file_failure(importer->path, vrx_fail(VRX_FILE_REFUSED));
    importer->size = about.st_size > 0 ? (uint64_t)about.st_size : 0;
    return VRX_EXIT_OK;
}

/* The next chunk of the file into the reader, or its end. */
static struct vrx_result feed(struct importer *importer) {
    struct vrx_csv *csv = vrx_import_rows_csv(&importer->rows);
    ssize_t got = 0;
    do
        got = read(importer->fd, importer->chunk, sizeof importer->chunk);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return vrx_fail(VRX_DISK_FAILED);
    if (got == 0)
        vrx_csv_finish(csv);
    else
        VRX_TRY(vrx_csv_feed(csv, vrx_view_of(importer->chunk, (size_t)got)));
    importer->done += (uint64_t)got;
    if (importer->size && importer->done < importer->size)
        vrx_progress_show(&importer->progress, importer->done, importer->size);
    return vrx_ok();
}

static int send_rows(struct importer *importer) {
    const ProtobufCMessage *message = vrx_import_rows_message(&importer->rows);
    if (message)
        VRX_CLI_TRY(vrx_upload_send(&importer->upload, message));
    vrx_import_rows_taken(&importer->rows);
    return VRX_EXIT_OK;
}

/* Until the file ends. What ends it early is kept: the rows before it were sent, and their report
 * is owed all the same. */
static int send_file(struct importer *importer) {
    enum vrx_import_step step = VRX_IMPORT_MORE;
    while (step != VRX_IMPORT_END) {
        struct vrx_row_errors errors;
        importer->file = vrx_import_rows_next(&importer->rows, &step, &errors);
        if (vrx_is_ok(importer->file) && step == VRX_IMPORT_MORE)
            importer->file = feed(importer);
        if (vrx_is_ok(importer->file) && step == VRX_IMPORT_FAULT)
            importer->file = vrx_report_take_layout(&importer->report, &errors);
        if (!vrx_is_ok(importer->file))
            step = VRX_IMPORT_END;
        if (step == VRX_IMPORT_FULL || step == VRX_IMPORT_END)
            VRX_CLI_TRY(send_rows(importer));
    }
    VRX_CLI_TRY(vrx_upload_send(&importer->upload, vrx_import_rows_end(&importer->rows)));
    if (importer->size)
        vrx_progress_show(&importer->progress, 1, 1);
    return VRX_EXIT_OK;
}

static struct vrx_result take_list(
    struct vrx_report *report, const Vrx__V1__SubmitBulkResponse *done) {
    if (!done->list)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    report->imported = done->list->rows;
    report->refused += done->list->refused;
    report->is_list = true;
    report->list_state = vrx_choice_word(vrx_bulk_state_choices, (unsigned)done->list->state);
    report->list_id = vrx_bytes_view(done->list->list_id);
    report->list_digest = vrx_bytes_view(done->list->digest);
    return vrx_report_take_service(report, done->errors, done->n_errors);
}

static struct vrx_result take_reply(struct importer *importer, const ProtobufCMessage *reply) {
    struct vrx_report *report = &importer->report;
    if (importer->rows.kind == VRX_IMPORT_RESIDENTS) {
        const Vrx__V1__ImportResidentsResponse *done = (const void *)reply;
        report->imported = done->imported;
        report->unchanged = done->unchanged;
        report->refused += done->refused;
        return vrx_report_take_service(report, done->errors, done->n_errors);
    }
    if (importer->rows.kind == VRX_IMPORT_MOVERS)
        return take_list(report, (const void *)reply);
    const Vrx__V1__ImportVaccinationsResponse *done = (const void *)reply;
    report->imported = done->imported;
    report->unchanged = done->unchanged;
    report->refused += done->refused;
    report->doses = done->doses;
    report->has_doses = true;
    return vrx_report_take_service(report, done->errors, done->n_errors);
}

static int write_errors(const struct vrx_report *report, const char *path) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_report_tsv(report, &text);
    if (vrx_is_ok(result))
        result = vrx_file_replace(path, 0600, vrx_buffer_view(&text));
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

/* What the clerk learns, whatever else happened. */
static int tell(const struct vrx_arguments *arguments, struct importer *importer) {
    vrx_report_sort(&importer->report);
    int status = vrx_report_print(&importer->report, vrx_argument_json(arguments));
    if (vrx_argument_given(arguments, "errors") && status == VRX_EXIT_OK)
        status = write_errors(&importer->report, vrx_argument(arguments, "errors"));
    if (vrx_is_ok(importer->file))
        return status;
    char subject[4096];
    snprintf(subject, sizeof subject, "%s: line / 行 %llu", importer->path,
        (unsigned long long)vrx_csv_line(vrx_import_rows_csv(&importer->rows)));
    fputs("vrx: the file was not read to its end / ファイルを最後まで読めませんでした\n", stderr);
    return vrx_print_refusal(subject, importer->file);
}

int vrx_cli_hand_in(const struct vrx_arguments *arguments, enum vrx_import_kind kind,
    const struct vrx_remote *remote) {
    struct importer *importer VRX_CLEANUP(importer_free) = calloc(1, sizeof *importer);
    if (!importer)
        return vrx_print_refusal("import", vrx_fail(VRX_OUT_OF_MEMORY));
    importer->path = vrx_argument(arguments, "");
    importer->fd = -1;
    vrx_import_rows_init(&importer->rows, kind);
    vrx_report_init(&importer->report);
    vrx_progress_init(&importer->progress, importer->path);
    VRX_CLI_TRY(open_file(importer));
    VRX_CLI_TRY(vrx_connect(arguments, &importer->connection));
    VRX_CLI_TRY(vrx_upload_begin(&importer->connection, remote, &importer->upload));
    VRX_CLI_TRY(send_file(importer));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_upload_end(&importer->upload, &reply));
    struct vrx_result result = take_reply(importer, reply);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("import", result);
    return tell(arguments, importer);
}

static int run_residents(const struct vrx_arguments *arguments) {
    return vrx_cli_hand_in(arguments, VRX_IMPORT_RESIDENTS,
        VRX_REMOTE("Records", "ImportResidents", import_residents));
}

static int run_vaccinations(const struct vrx_arguments *arguments) {
    return vrx_cli_hand_in(arguments, VRX_IMPORT_VACCINATIONS,
        VRX_REMOTE("Records", "ImportVaccinations", import_vaccinations));
}

const struct vrx_option vrx_cli_hand_in_options[] = {
    {"", "FILE|-", true, false, "the file, CSV in UTF-8 or CP932 (Shift_JIS)",
        "CSV ファイル（UTF-8 または CP932）"},
    {"errors", "FILE", false, false, "writes the faulty rows' report here, tab-separated",
        "取り込めない行の一覧をタブ区切りで書き出す"},
    {0},
};

const struct vrx_command vrx_cli_import_commands[] = {
    {"import residents", true, "register residents from a file of the resident register",
        "住民基本台帳のファイルから住民を登録する", vrx_cli_hand_in_options, run_residents},
    {"import vaccinations", true, "record doses from a VRS export",
        "VRS の予防接種台帳向け出力から接種記録を登録する", vrx_cli_hand_in_options,
        run_vaccinations},
    {0},
};
