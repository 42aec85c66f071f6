/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/csv.h"

#include <string.h>

#include "cli/print.h"

/* What begins a formula, in the wide forms too, which Japanese spreadsheets take as the narrow
 * ones.
 */
static bool is_formula(const char *field) {
    static const char *const wide[] = {"＝", "＋", "－", "＠"};
    if (field[0] && strchr("=+-@\t\r", field[0]))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(field, wide[i], strlen(wide[i])) == 0)
            return true;
    return false;
}

static void print_field(FILE *out, const char *field) {
    bool formula = is_formula(field);
    if (!formula && !field[strcspn(field, "\",\r\n")]) {
        fputs(field, out);
        return;
    }
    fputc('"', out);
    if (formula)
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
