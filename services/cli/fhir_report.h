/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of imported Bundles: totals, and every fault with its file, entry, FHIRPath and what
 * to do, so that the sender can be told. Faults come from two sides, the reader (fhir/fault.h) and
 * the service; the report has both in the order of the files. Of the content of an element only a
 * vaccine's code that is not known is shown.
 */
#ifndef VRX_CLI_FHIR_REPORT_H
#define VRX_CLI_FHIR_REPORT_H

#include "cli/command.h"
#include "fhir/reader.h"
#include "vrx/v1/records.pb-c.h"

/* Listed; all are counted. */
#define VRX_FHIR_REPORT_FAULTS 10000

struct vrx_fhir_report_fault {
    size_t file; /* index */
    struct vrx_fhir_fault fault;
};

struct vrx_fhir_report {
    struct vrx_arena arena;
    const char *(*file_name)(const void *context, size_t file);
    const void *context;
    uint64_t imported;
    uint64_t unchanged;
    uint64_t refused;
    uint64_t skipped[VRX_FHIR_SKIPS];
    size_t count;
    size_t capacity;
    struct vrx_fhir_report_fault *faults;
};

/* file_name: of the file with this index, as the caller named it. */
void vrx_fhir_report_init(struct vrx_fhir_report *report,
    const char *(*file_name)(const void *context, size_t file), const void *context);
/* A cleanup function. */
void vrx_fhir_report_done(struct vrx_fhir_report *report);

/* What the reader says of a file. Copies. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_fhir_report_take_bundle(
    struct vrx_fhir_report *report, size_t file, const struct vrx_fhir_bundle *bundle);
/* What the service says of an entry. The error need not outlive the call. Errors:
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_fhir_report_take_service(
    struct vrx_fhir_report *report, size_t file, size_t entry, const Vrx__V1__RowError *error);
/* In the order of files and entries; call it when all are taken. */
void vrx_fhir_report_sort(struct vrx_fhir_report *report);

/* On standard output, for people or as JSON. The exit status. */
int vrx_fhir_report_print(const struct vrx_fhir_report *report, bool json);
/* Tab-separated, with a row of headings: file, path, reason, en, ja, detail, advice_en, advice_ja.
 * Errors: the buffer's. */
struct vrx_result vrx_fhir_report_tsv(const struct vrx_fhir_report *report, struct vrx_buffer *out);

#endif
