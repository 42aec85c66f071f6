/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a transfer was answered or refused, from an explanation (objects/explanation.h) and nothing
 * else: no vault, no service, no clock. First whether what is in it can be believed, then the steps
 * of the decision once more, by the functions that decided then and by the law that was in force
 * then, at last whether what was told the asker follows from them.
 *
 * What the municipality alone knows (whether somebody was found, whether an officer had to look) is
 * its own word; its ledger, which it cannot change afterwards, must say the same.
 */
#ifndef VRX_RULES_EXPLAIN_H
#define VRX_RULES_EXPLAIN_H

#include "objects/answer.h"
#include "objects/audit_entry.h"
#include "objects/checkpoint.h"
#include "objects/consent.h"
#include "objects/directory.h"
#include "objects/explanation.h"
#include "objects/identity_evidence.h"
#include "objects/permit.h"
#include "objects/query.h"
#include "objects/receipt.h"

/* In the order in which they are made and told. */
enum vrx_check {
    /* Whether it can be believed */
    VRX_CHECK_DIRECTORY,   /* signed by the platform authority */
    VRX_CHECK_EXPLANATION, /* signed by the municipality that explains */
    VRX_CHECK_PERMITS,     /* the permit table by which it was judged, signed by the authority */
    VRX_CHECK_QUERY,       /* signed by the municipality that asked, and this very query */
    VRX_CHECK_ANSWER,      /* signed by the municipality that was asked, to this very query */
    VRX_CHECK_CONSENTS,    /* what the consent became: signed, and never wider */
    VRX_CHECK_RECEIPTS,    /* the other side says that it was this answer */
    VRX_CHECK_CHECKPOINT,  /* of the ledger, signed by the municipality that explains */
    VRX_CHECK_ENTRIES,     /* stand in that ledger */
    VRX_CHECK_LEDGER,      /* and they say what was done, then */
    /* The steps of the decision */
    VRX_CHECK_STEP_1, /* sender known and current */
    VRX_CHECK_STEP_2, /* fresh */
    VRX_CHECK_STEP_3, /* permit in force */
    VRX_CHECK_STEP_4, /* consent */
    VRX_CHECK_STEP_5, /* identity check */
    VRX_CHECK_STEP_6, /* not too much at once */
    VRX_CHECK_STEP_7, /* person found */
    VRX_CHECK_STEP_8, /* not protected, or two officers agreed */
    VRX_CHECK_STEP_9, /* nothing more than what was asked for */
    /* What was told */
    VRX_CHECK_OUTCOME, /* follows from the steps */
    VRX_CHECKS,
};

enum vrx_check_verdict {
    VRX_CHECK_NOT_REACHED, /* something before it said no */
    VRX_CHECK_PASSED,
    VRX_CHECK_REFUSED,   /* a step: this is why it was refused */
    VRX_CHECK_BROKEN,    /* what is shown is not so: the explanation cannot be believed */
    VRX_CHECK_NOT_SHOWN, /* nothing here shows it, or it is not for this side to know */
};

struct vrx_checked {
    enum vrx_check_verdict verdict;
    struct vrx_result why; /* REFUSED and BROKEN: reason and clause; NOT_SHOWN: a clause */
};

/* An entry of the ledger, with what it says. */
struct vrx_explained_entry {
    uint64_t index;
    struct vrx_audit_entry entry;
};

/* What is empty or false was not in it, or was not believed. All lives in the arena. */
struct vrx_explained {
    struct vrx_explanation explanation;
    struct vrx_directory directory;
    const struct vrx_directory_entry *asker, *asked; /* as of then; NULL: not in the directory */
    bool has_permits;
    struct vrx_permit_table permits;
    const struct vrx_permit *permit; /* that was applied; NULL */
    bool has_query;
    struct vrx_query query;
    uint8_t query_digest[VRX_DIGEST];
    bool has_consent, has_evidence; /* those in the query */
    struct vrx_consent consent;
    struct vrx_identity_evidence evidence;
    bool has_answer;
    struct vrx_answer answer;
    uint8_t answer_digest[VRX_DIGEST];
    struct vrx_consent *later; /* as many as the explanation has, or none */
    size_t later_count;
    struct vrx_receipt *receipts;
    size_t receipt_count;
    struct vrx_checkpoint checkpoint;
    struct vrx_explained_entry *entries;
    size_t entry_count;
    struct vrx_checked check[VRX_CHECKS];
};

/* Makes all checks. authority: the platform authority's key, which the caller trusts. Errors, where
 * it is no explanation at all: vrx_sign1_parse's, vrx_object_decode's; VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED. What does not hold in one is in check. */
struct vrx_result vrx_explain(struct vrx_view signed_explanation,
    const struct vrx_public_key *authority, struct vrx_arena *arena,
    struct vrx_explained *ret_explained);

/* The first check that is BROKEN; VRX_CHECKS when none is. */
enum vrx_check vrx_explained_broken(const struct vrx_explained *explained);
/* The step that refused; VRX_CHECKS when none did. */
enum vrx_check vrx_explained_refused(const struct vrx_explained *explained);

/* "directory", "step-4": for machines; never changed. */
const char *vrx_check_name(enum vrx_check check);

#endif
