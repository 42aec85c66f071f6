/* SPDX-License-Identifier: Apache-2.0
 *
 * One request through policy, journal and mint, in the order that makes an application single-use
 * whatever happens: decide, then make the intent durable, then build and sign, then record, then
 * reply. An application makes the certificates of its kind, once. Who asks again with it gets
 * those, byte for byte, as long as the application is open, every rule holds and what would be
 * certified is the same: the answer may have been lost. A crash between the intent and the record
 * has let nothing out; asked again, the certificate is made under that intent, with its serial and
 * time.
 */
#ifndef VRX_SIGNER_ISSUE_H
#define VRX_SIGNER_ISSUE_H

#include "base/random.h"
#include "policy/issue_case.h"
#include "signer/directory_file.h"
#include "signer/journal.h"
#include "signer/mint.h"

/* What the process has; all borrowed. */
struct vrx_issuer {
    const struct vrx_issue_terms *terms;
    struct vrx_journal *journal;
    const struct vrx_mint *mint;
    struct vrx_directory_file *directory;
    const struct vrx_random *random; /* serials */
};

/* What the process says about it in its log. No personal data. */
struct vrx_issue_note {
    struct vrx_result result;    /* VRX_OK: issued */
    struct vrx_result directory; /* of looking for a newer directory */
    bool asked;                  /* the request names the call behind it: */
    uint8_t request[VRX_ID];     /* as the asker says */
    bool known;                  /* the two below were verified */
    uint8_t application[VRX_ID];
    struct vrx_municipality_code municipality; /* who certifies; where it was made, where the
                                                * statement was not looked at */
    bool intended;                             /* the application is used up */
    bool again;                                /* a certificate of before */
};

/* Appends the encoded reply (objects/issue_request.h) to a request's bytes at the time now,
 * refusals included; what happened is in ret_note. Errors: the codec's when not even a reply can be
 * encoded; nothing is appended then. */
struct vrx_result vrx_issuer_answer(const struct vrx_issuer *issuer, struct vrx_view request,
    int64_t now, struct vrx_buffer *reply, struct vrx_issue_note *ret_note);

#endif
