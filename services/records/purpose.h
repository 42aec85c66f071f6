/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VRX_RECORDS_PURPOSE_H
#define VRX_RECORDS_PURPOSE_H

/* Why these records are touched at all, as the ledger says it. */
#define VRX_RECORDS_PURPOSE "vaccination administration (Number Act Appended Table 1)"
/* Counts that name nobody. */
#define VRX_RECORDS_COUNTS "statistics of vaccination (Personal Information Act art. 69(2))"

#endif
