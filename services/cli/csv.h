/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing CSV (RFC 4180) for other programs: UTF-8, CRLF.
 */
#ifndef VRX_CLI_CSV_H
#define VRX_CLI_CSV_H

#include <stdio.h>

/* One record; fields ended by NULL. A field that a spreadsheet would take for a formula (it begins
 * with =, +, -, @ of either width, tab or CR) keeps its content but gets an apostrophe before it,
 * so that opening the file runs nothing. The exit status; what failed is said on standard error. */
int vrx_csv_print(FILE *out, const char *const *fields);

#endif
