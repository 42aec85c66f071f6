/* SPDX-License-Identifier: Apache-2.0
 *
 * What this municipality's other records say against a dose: slips of the pen that no rule about
 * the dose alone can find. Compared with other residents' current doses; what another municipality
 * answered (VRX_DOSE_TRANSFER) is not asked, and neither are the resident's own other doses, which
 * the same pen may have written.
 */
#ifndef VRX_STORE_DOSE_DOUBT_H
#define VRX_STORE_DOSE_DOUBT_H

#include "store/dose.h"

/* A lot's doses speak against one of them when at least so many do, and at least so many times as
 * many as agree with it, itself counted: three quarters. One wrong record cannot cast doubt on
 * those that are right, nor can two that merely disagree. */
#define VRX_DOUBT_DOSES 3
#define VRX_DOUBT_TIMES 3

/* How far apart two doses of one lot may lie: 18 months, at their longest. That is the longest that
 * any COVID-19 vaccine in Japan could be kept, as far as municipalities published it: Comirnaty,
 * once MHLW had extended it for the last time (bivalent and children's 2022-12-15, original
 * 2023-01-25; 6 months in the beginning). Spikevax kept 9 months. A lot arrives some months after
 * it was made, so doses rightly given never lie so far apart. A date that is wrong by less is not
 * found so.
 */
#define VRX_DOUBT_LOT_DAYS 550

enum vrx_dose_doubt {
    VRX_DOUBT_NONE,
    VRX_DOUBT_LOT_PRODUCT, /* the lot's doses are of another product */
    VRX_DOUBT_LOT_DATE,    /* its doses of this product lie more than VRX_DOUBT_LOT_DAYS away */
    VRX_DOUBT_TICKET, /* a dose of another resident's, by the same municipality, has this ticket
                       * number (接種券番号: each municipality gives one to one person) */
};

/* The first of these that is so; a dose without a lot or a ticket is not asked for it. dose: of the
 * store. Errors: the store's. */
struct vrx_result vrx_dose_doubt(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, enum vrx_dose_doubt *ret_doubt);

#endif
