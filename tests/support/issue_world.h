/* SPDX-License-Identifier: Apache-2.0
 *
 * A platform authority, two municipalities, one with a ledger, and one case that may be issued. A
 * test changes what it wants, then signs: what it changed is the only thing wrong.
 */
#ifndef VRX_TEST_ISSUE_WORLD_H
#define VRX_TEST_ISSUE_WORLD_H

#include "crypto/x509.h"
#include "objects/application.h"
#include "objects/directory.h"
#include "objects/dose_statement.h"
#include "objects/identity_evidence.h"
#include "objects/issue_request.h"
#include "support/signers.h"

#define WORLD_NOW ((int64_t)1639000000) /* 2021-12-08 in Japan, too */
#define WORLD_DOSES 3
#define WORLD_ENTRIES 11 /* of the ledger, doses among them */

enum world_municipality { WORLD_SAPPORO, WORLD_KASHIWA, WORLD_MUNICIPALITIES };

struct issue_world {
    int64_t now;
    struct vrx_private_key *authority;
    struct vrx_private_key *municipality[WORLD_MUNICIPALITIES];
    struct test_signer csca;
    struct test_signer dsc;
    struct vrx_directory_entry entry[WORLD_MUNICIPALITIES];
    struct vrx_dated_key key[WORLD_MUNICIPALITIES]; /* signs and, here, exchanges */
    struct vrx_directory directory;
    struct vrx_buffer spki[WORLD_MUNICIPALITIES];

    /* The case, before it is signed */
    struct vrx_application application;
    struct vrx_document_seen documents[2];
    struct vrx_identity_evidence evidence;
    struct vrx_dose_statement statement;
    struct vrx_proven_dose dose[WORLD_DOSES];
    /* Who signs what */
    enum world_municipality application_by, evidence_by, statement_by, checkpoint_by;
    bool claims_sapporo;                   /* names Sapporo's key, whoever signs */
    enum world_municipality checkpoint_of; /* whose ledger it speaks of */
    uint16_t outcome;                      /* what the doses' entries record */

    /* The ledger's entries, made by world_record */
    struct vrx_buffer ledger[WORLD_ENTRIES];
    struct vrx_buffer proof[WORLD_DOSES];
    struct vrx_buffer checkpoint;

    /* Signed, made by world_sign */
    struct vrx_buffer signed_application;
    struct vrx_buffer signed_evidence;
    struct vrx_buffer signed_statement;
    struct vrx_issue_request request;
};

/* A person with two doses of Comirnaty by Sapporo, checked at the counter just now. */
void world_init(struct issue_world *world, int64_t now);
void world_done(struct issue_world *world);

/* The signer's last second: two years from now. */
static inline int64_t world_signer_until(const struct issue_world *world) {
    return world->now + 2 * 365 * 86400;
}

/* A further case: fresh identifiers. */
void world_renew(struct issue_world *world);

/* Writes the doses into the ledger and fills salts, entries, proofs and checkpoint. */
void world_record(struct issue_world *world);
/* Signs the case as it stands; request points to what was signed. */
void world_sign(struct issue_world *world);

/* The directory, signed by the authority, appended. */
void world_sign_directory(const struct issue_world *world, struct vrx_buffer *out);

#endif
