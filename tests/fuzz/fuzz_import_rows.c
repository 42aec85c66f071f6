/* SPDX-License-Identifier: Apache-2.0
 *
 * A file of any layout, in pieces, to messages of rows. What must hold: every line of the file
 * is in a message or a fault, in order; a message stays below its limits and reads back as it was.
 * The first byte chooses the layout and the pieces.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "cli/import_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

static uint64_t line_of(const struct vrx_import_rows *rows, size_t at) {
    switch (rows->kind) {
    case VRX_IMPORT_RESIDENTS:
        return rows->rows.residents[at]->line;
    case VRX_IMPORT_VACCINATIONS:
        return rows->rows.vaccinations[at]->line;
    case VRX_IMPORT_MOVERS:
        break;
    }
    return rows->rows.movers[at]->line;
}

static enum vrx_import_kind kind_of(uint8_t first) {
    if (first & 1)
        return VRX_IMPORT_RESIDENTS;
    return first & 0x80 ? VRX_IMPORT_MOVERS : VRX_IMPORT_VACCINATIONS;
}

static void check_message(struct vrx_import_rows *rows, uint64_t *line) {
    const ProtobufCMessage *message = vrx_import_rows_message(rows);
    if (!message)
        return;
    size_t size = protobuf_c_message_get_packed_size(message);
    require(size < VRX_LIMIT_MESSAGE && rows->count <= VRX_IMPORT_ROWS);
    for (size_t i = 0; i < rows->count; i++) {
        uint64_t at = line_of(rows, i);
        require(at > *line);
        *line = at;
    }
    uint8_t *packed = malloc(size + 1);
    require(packed && protobuf_c_message_pack(message, packed) == size);
    ProtobufCMessage *again = protobuf_c_message_unpack(message->descriptor, NULL, size, packed);
    require(again && protobuf_c_message_get_packed_size(again) == size);
    protobuf_c_message_free_unpacked(again, NULL);
    free(packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct vrx_import_rows rows;
    if (!size)
        return 0;
    struct vrx_view file = vrx_view_of(data + 1, size - 1);
    size_t piece = (size_t)(data[0] >> 1) + 1;
    size_t fed = 0;
    uint64_t line = 0;
    enum vrx_import_step step = VRX_IMPORT_MORE;
    vrx_import_rows_init(&rows, kind_of(data[0]));
    while (step != VRX_IMPORT_END) {
        struct vrx_row_errors errors;
        if (!vrx_is_ok(vrx_import_rows_next(&rows, &step, &errors)))
            step = VRX_IMPORT_END;
        struct vrx_view next = vrx_view_slice(file, fed, piece);
        fed += step == VRX_IMPORT_MORE ? next.len : 0;
        if (step == VRX_IMPORT_MORE && !next.len)
            vrx_csv_finish(vrx_import_rows_csv(&rows));
        else if (step == VRX_IMPORT_MORE)
            require(vrx_is_ok(vrx_csv_feed(vrx_import_rows_csv(&rows), next)));
        if (step == VRX_IMPORT_FAULT)
            require(errors.count > 0 && errors.count <= VRX_ROW_ERRORS);
        if (step == VRX_IMPORT_FULL || step == VRX_IMPORT_END) {
            check_message(&rows, &line);
            vrx_import_rows_taken(&rows);
        }
    }
    vrx_import_rows_done(&rows);
    return 0;
}
