/* SPDX-License-Identifier: Apache-2.0
 *
 * From a municipality's file to the messages of an import: bytes in, messages of rows out. One
 * interface for all layouts; no files and no sockets here.
 */
#ifndef VRX_CLI_IMPORT_ROWS_H
#define VRX_CLI_IMPORT_ROWS_H

#include "base/arena.h"
#include "layouts/movers.h"
#include "layouts/residents.h"
#include "layouts/vrs.h"
#include "vrx/v1/bulk.pb-c.h"
#include "vrx/v1/records.pb-c.h"

/* Rows of one message: less than the service's 500, so that the bar moves. */
#define VRX_IMPORT_ROWS 200
/* Memory of one message's rows after which it is sent although it has fewer: more than its encoding
 * takes, and a quarter of VRX_LIMIT_MESSAGE, so that the longest row still fits on top. */
#define VRX_IMPORT_BYTES ((size_t)1 << 20)

enum vrx_import_kind {
    VRX_IMPORT_RESIDENTS,
    VRX_IMPORT_VACCINATIONS,
    VRX_IMPORT_MOVERS, /* a bulk list */
};

struct vrx_import_rows {
    enum vrx_import_kind kind;
    union {
        struct vrx_residents residents;
        struct vrx_vrs vrs;
        struct vrx_movers movers;
    } reader;
    struct vrx_arena arena; /* of the rows that wait */
    size_t count;
    uint64_t total; /* rows of all messages */
    Vrx__V1__ImportEnd end;
    Vrx__V1__BulkEnd bulk_end;
    union {
        Vrx__V1__ResidentRow *residents[VRX_IMPORT_ROWS];
        Vrx__V1__VaccinationRow *vaccinations[VRX_IMPORT_ROWS];
        Vrx__V1__BulkRow *movers[VRX_IMPORT_ROWS];
    } rows;
    union {
        Vrx__V1__ImportResidentsRequest residents;
        Vrx__V1__ImportVaccinationsRequest vaccinations;
        Vrx__V1__SubmitBulkRequest movers;
    } message;
};

void vrx_import_rows_init(struct vrx_import_rows *rows, enum vrx_import_kind kind);
/* A cleanup function; wipes what waits. */
void vrx_import_rows_done(struct vrx_import_rows *rows);

/* The file's bytes: vrx_csv_feed, vrx_csv_finish and vrx_csv_line of this. */
struct vrx_csv *vrx_import_rows_csv(struct vrx_import_rows *rows);

enum vrx_import_step {
    VRX_IMPORT_MORE,  /* feed or finish */
    VRX_IMPORT_FULL,  /* enough rows wait: take the message, then go on */
    VRX_IMPORT_FAULT, /* *errors: a line that is no row, or whose text cannot be sent */
    VRX_IMPORT_END,   /* there are no more; a last message may wait */
};

/* Reads on until one of these. Errors, each the end of the file: those of vrx_residents_next,
 * vrx_vrs_next and vrx_movers_next. */
struct vrx_result vrx_import_rows_next(
    struct vrx_import_rows *rows, enum vrx_import_step *ret_step, struct vrx_row_errors *errors);

/* The rows that wait, as a message; NULL when none do. Lives until vrx_import_rows_taken, which
 * forgets them. */
const ProtobufCMessage *vrx_import_rows_message(struct vrx_import_rows *rows);
void vrx_import_rows_taken(struct vrx_import_rows *rows);

/* The last message of an import, after all others: how many rows there were. */
const ProtobufCMessage *vrx_import_rows_end(struct vrx_import_rows *rows);

#endif
