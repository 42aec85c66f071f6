/* SPDX-License-Identifier: Apache-2.0
 *
 * The CSV reader on chunks whose size the first byte gives. What must hold: lines ascend, a good
 * record has fields and they are UTF-8, a wrong one has none.
 */
#include <stdlib.h>

#include "base/text.h"
#include "layouts/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

static void check_record(const struct vrx_csv_record *record, uint64_t last_line) {
    require(record->line > last_line);
    require((record->count > 0) == vrx_is_ok(record->error));
    for (size_t i = 0; i < record->count; i++)
        require(vrx_utf8_valid(record->fields[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    struct vrx_view rest = vrx_view_of(data + 1, size - 1);
    size_t chunk = (size_t)data[0] + 1;
    VRX_CLEANUP(vrx_csv_done) struct vrx_csv csv;
    vrx_csv_init(&csv);
    uint64_t last_line = 0;
    enum vrx_csv_step step;
    const struct vrx_csv_record *record;
    while (vrx_is_ok(vrx_csv_next(&csv, &step, &record)) && step != VRX_CSV_END) {
        if (step == VRX_CSV_RECORD) {
            check_record(record, last_line);
            last_line = record->line;
        } else if (rest.len) {
            if (!vrx_is_ok(vrx_csv_feed(&csv, vrx_view_slice(rest, 0, chunk))))
                break;
            rest = vrx_view_slice(rest, chunk, rest.len);
        } else {
            vrx_csv_finish(&csv);
        }
    }
    return 0;
}
