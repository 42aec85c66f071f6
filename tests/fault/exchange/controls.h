/* SPDX-License-Identifier: Apache-2.0
 *
 * Defects to order, by standing in front of one function each: the oracle must see every one of
 * them, or it is not to be believed.
 */
#ifndef VRX_FAULT_CONTROLS_H
#define VRX_FAULT_CONTROLS_H

enum control {
    CONTROL_NONE,
    CONTROL_CONSENT,    /* the origin does not look at the consent */
    CONTROL_PERMIT,     /* nor whether the permit is in force */
    CONTROL_ITEMS,      /* nor what it is for */
    CONTROL_EVIDENCE,   /* nor how old the identity check is */
    CONTROL_FRESH,      /* nor at the query's deadline */
    CONTROL_KEY,        /* or takes a key that it does not know for a forgery */
    CONTROL_GUARD,      /* nor whether an officer must look first */
    CONTROL_OFFICERS,   /* one officer is as good as two */
    CONTROL_CLOSING,    /* who comes after the time may agree */
    CONTROL_SEEN,       /* what they agree to says nothing of the doses */
    CONTROL_REPEAT,     /* a query that comes again is decided again */
    CONTROL_TOLD,       /* what was told of a consent is forgotten */
    CONTROL_REVOCATION, /* the destination goes on with what was revoked */
    CONTROL_ACCEPT,     /* it takes an answer as often as it comes */
    CONTROL_DOSE,       /* and a dose */
    CONTROL_CORRECTION, /* what was corrected stays as it came */
    CONTROL_ROW,        /* a row that was asked waits for its turn */
    CONTROL_COMMIT,     /* a lost transaction counts as done */
    CONTROL_ENTRY,      /* an answer has no entry in the ledger */
    CONTROL_RECEIPT,    /* a receipt is not kept */
    CONTROL_DENIAL,     /* nor a denial in the place of doses */
    CONTROLS,
};

extern enum control control; /* the present one */

struct control_text {
    const char *name;
    const char *seen_as; /* in the violation that must be found; empty: in any */
};
extern const struct control_text control_texts[CONTROLS];

#endif
