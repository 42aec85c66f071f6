/* SPDX-License-Identifier: Apache-2.0
 *
 * The input of fuzz_arrivals and how make_arrival_seeds writes it: one byte each for the kind of
 * the message, what of it is put right and what is wrong with its envelope, then the content before
 * it is signed.
 */
#ifndef VRX_TEST_ARRIVAL_SEED_H
#define VRX_TEST_ARRIVAL_SEED_H

#define ARRIVAL_HEAD 3

/* Append only, the seeds count on it. */
enum arrival_kind {
    ARRIVAL_QUERY,           /* of Kashiwa, to Sapporo */
    ARRIVAL_CONSENT,         /* inside a good query */
    ARRIVAL_EVIDENCE,        /* the same */
    ARRIVAL_ANSWER,          /* of Sapporo, to the query that waits at Kashiwa */
    ARRIVAL_ANSWER_PENDING,  /* to the one that pends there */
    ARRIVAL_RECEIPT,         /* of Kashiwa, of doses that it has */
    ARRIVAL_ACKNOWLEDGEMENT, /* of Sapporo, of that receipt */
    ARRIVAL_CONSENT_NOTICE,  /* of Kashiwa, of the consent under which a query pends at Sapporo */
    ARRIVAL_CORRECTION,      /* of Sapporo, of a dose that Kashiwa has */
    ARRIVAL_BYTES_TO_ORIGIN, /* an envelope as it is */
    ARRIVAL_BYTES_TO_DESTINATION,
    ARRIVAL_KINDS,
};

/* Ids, digests and keys are others in each run: what an input cannot know is put in, where it asks
 * for it. */
enum arrival_right {
    ARRIVAL_RIGHT_IDS = 1,     /* whom and which message it is about */
    ARRIVAL_RIGHT_TIE = 2,     /* the digests by which it hangs together with others */
    ARRIVAL_RIGHT_TIME = 4,    /* it is of this instant */
    ARRIVAL_RIGHT_GROUNDS = 8, /* a query's consent, identity check and person */
};

enum arrival_wrong {
    ARRIVAL_WRONG_SIGNER = 1,
    ARRIVAL_WRONG_RECEIVER = 2, /* sealed to another one's key */
    ARRIVAL_WRONG_ID = 4,       /* in the envelope */
    ARRIVAL_WRONG_SENDER = 8,   /* the same */
};

#endif
