/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4180, read from chunks of any size: records ended by CRLF or LF, fields in UTF-8 whatever the
 * file's charset is. Bounded in bytes and fields. A record that is wrong is reported as such and
 * the next one is read; only what leaves no next record to find ends the file.
 *
 *     vrx_csv_init(&csv);
 *     for (;;) {
 *         VRX_TRY(vrx_csv_next(&csv, &step, &record));
 *         if (step == VRX_CSV_END)
 *             break;
 *         if (step == VRX_CSV_RECORD)
 *             …
 *         else if (more bytes are there)
 *             VRX_TRY(vrx_csv_feed(&csv, chunk));
 *         else
 *             vrx_csv_finish(&csv);
 *     }
 */
#ifndef VRX_LAYOUTS_CSV_H
#define VRX_LAYOUTS_CSV_H

#include "base/bytes.h"
#include "base/limits.h"
#include "layouts/charset.h"

/* The widest layout is the VRS export: one field and eight for each dose. */
#define VRX_CSV_FIELDS (1 + 8 * VRX_LIMIT_DOSES)
/* One record as it stands in the file; the widest has 8 KiB. */
#define VRX_CSV_RECORD_BYTES ((size_t)65536)

enum vrx_csv_step {
    VRX_CSV_MORE,   /* feed or finish */
    VRX_CSV_RECORD, /* a record was read */
    VRX_CSV_END,    /* there are no more */
};

/* Valid until the next call of any function but this record's readers. */
struct vrx_csv_record {
    uint64_t line;           /* where it starts, from 1 */
    struct vrx_result error; /* not ok: VRX_INPUT_MALFORMED ("RFC 4180 §2: …"), VRX_INPUT_TEXT or
                                VRX_INPUT_TOO_LARGE (fields); there are no fields then */
    size_t count;
    struct vrx_view fields[VRX_CSV_FIELDS]; /* UTF-8, without quotes */
};

struct vrx_csv {
    struct vrx_buffer input; /* not yet read from at on */
    size_t at;
    size_t scanned; /* bytes behind at that hold no end of record */
    int state;      /* of the scan, at its end */
    bool begun;
    bool finished;
    uint64_t line;     /* of the next record */
    uint64_t newlines; /* within quotes, in what was scanned */
    struct vrx_decoder decoder;
    struct vrx_buffer text; /* the present record as UTF-8 */
    struct vrx_csv_record record;
};

void vrx_csv_init(struct vrx_csv *csv);
void vrx_csv_done(struct vrx_csv *csv);

/* After VRX_CSV_MORE. The chunk is copied. Errors: VRX_OUT_OF_MEMORY, VRX_INPUT_TOO_LARGE (a chunk
 * of VRX_LIMIT_BUFFER or more). */
struct vrx_result vrx_csv_feed(struct vrx_csv *csv, struct vrx_view chunk);
/* No more chunks will come. */
void vrx_csv_finish(struct vrx_csv *csv);

/* Lines without a byte are passed over, and so is a last record that is DOS's end of file mark.
 * Errors, each the end of the file: VRX_INPUT_TOO_LARGE, a record above VRX_CSV_RECORD_BYTES;
 * VRX_INPUT_TRUNCATED, a quote is never closed; VRX_OUT_OF_MEMORY; the decoder's. */
struct vrx_result vrx_csv_next(
    struct vrx_csv *csv, enum vrx_csv_step *ret_step, const struct vrx_csv_record **ret_record);

/* The line on which the next record starts, or on which the one started that ended the file. */
static inline uint64_t vrx_csv_line(const struct vrx_csv *csv) {
    return csv->line;
}

#endif
