/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <string.h>

#include "cli/print.h"

static void print_field(FILE *out, const char *field) {
    if (!field[strcspn(field, "\",\r\n")] && !(field[0] && strchr("=+-@\t", field[0]))) {
        fputs(field, out);
        return;
    }
    fputc('"', out);
    if (field[0] && strchr("=+-@\t\r", field[0]))
        fputc('\'', out);
    for (; *field; field++) {
        if (*field == '"')
            fputc('"', out);
        fputc(*field, out);
    }
    fputc('"', out);
}

int vrx_csv_print(FILE *out, const char *const *fields) {
    for (const char *const *field = fields; *field; field++) {
        if (field != fields)
            fputc(',', out);
        print_field(out, *field);
    }
    fputs("\r\n", out);
    return ferror(out) ? vrx_print_refusal("output / 出力", vrx_fail(VRX_DISK_FAILED))
                       : VRX_EXIT_OK;
}
