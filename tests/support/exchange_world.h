/* SPDX-License-Identifier: Apache-2.0
 *
 * Kashiwa asks Sapporo for a mover's doses. The test holds both vaults and both municipalities'
 * keys, so it can be a dishonest destination or a dishonest origin: it changes the case, signs and
 * seals it with whichever keys, and gives it to the other side's own code in a transaction.
 */
#ifndef VRX_TEST_EXCHANGE_WORLD_H
#define VRX_TEST_EXCHANGE_WORLD_H

#include "dispatch/context.h"
#include "objects/answer.h"
#include "objects/consent.h"
#include "objects/envelope.h"
#include "objects/identity_evidence.h"
#include "objects/query.h"
#include "store/dose.h"
#include "store/transfer_in.h"
#include "store/transfer_out.h"
#include "support/check.h"
#include "support/daemon_world.h"

/* Who lives, or lived, at Sapporo. */
enum {
    WORLD_HANAKO,  /* two doses given at Sapporo, a third that came there from Kofu */
    WORLD_TARO,    /* one dose; an officer must look before anything leaves */
    WORLD_UNKNOWN, /* nobody at Sapporo */
    WORLD_PEOPLE,
};

struct world_person {
    char number[13];
    const char *name;
    struct vrx_date birth_date;
    int64_t resident[2]; /* by town; 0 at Sapporo for the unknown */
};

struct exchange_world {
    struct daemon_world base;
    struct vrx_tenant *tenant[2]; /* Kashiwa's and Sapporo's, open */
    struct world_person person[WORLD_PEOPLE];
    int64_t now;   /* of the next step */
    bool recorded; /* each step has its entry in the ledger, as with a daemon */

    /* The case, before it is signed: Hanako, dose and lot, nothing wrong */
    struct vrx_document_seen document;
    struct vrx_identity_evidence evidence;
    struct vrx_municipality_code consent_origin;
    uint64_t consent_items[VRX_ITEM_LAST];
    struct vrx_consent consent;
    uint64_t asked_items[VRX_ITEM_LAST];
    struct vrx_query query;
    struct vrx_envelope routing;
    bool with_evidence, with_consent;
    bool without_consent; /* Kashiwa's own handler asks without the consent that it took down */
    /* Whose keys: WORLD_KASHIWA, … */
    unsigned evidence_by, consent_by, query_by, sealed_to;

    /* Signed and sealed by exchange_world_sign, or taken from Kashiwa's vault */
    struct vrx_buffer signed_evidence, signed_consent, signed_query;
    struct vrx_buffer envelope;

    /* What the last step did */
    struct vrx_context context; /* audit says what it noted */
    int64_t changes;            /* rows that it wrote, also when that was rolled back */
    struct vrx_result decision;
    struct vrx_buffer reply; /* Sapporo's, sealed */
    struct vrx_buffer signed_answer;
    struct vrx_answer answer; /* in context's arena */
};

/* cmocka setup and teardown: *state is the world, at WORLD_NOW or at another instant. */
int exchange_world_setup(void **state);
int exchange_world_setup_at(void **state, int64_t now);
int exchange_world_teardown(void **state);
#define EXCHANGE_TEST(name) \
    cmocka_unit_test_setup_teardown(name, exchange_world_setup, exchange_world_teardown)

/* ---- Kashiwa, dishonest: the case as it stands ---- */

/* Makes the case one about this person. */
void exchange_world_about(struct exchange_world *world, unsigned person);
/* What is asked for, and consented to. */
void exchange_world_items(struct exchange_world *world, const uint64_t *items, size_t count);
/* A further case: fresh ids and nonce. */
void exchange_world_renew(struct exchange_world *world);
void exchange_world_sign(struct exchange_world *world);
/* Sapporo receives these bytes and decides; what it refuses is rolled back. */
struct vrx_result exchange_world_deliver(struct exchange_world *world, struct vrx_view envelope);
/* sign, deliver the envelope, and open the answer when there is one. */
struct vrx_result exchange_world_ask(struct exchange_world *world);
/* Opens and verifies the reply as Kashiwa would; asserts that it is to the signed query. */
void exchange_world_open_reply(struct exchange_world *world);

/* ---- Kashiwa, honest: by its own handlers ---- */

/* Evidence and consent for this person: evidence.id and consent.id are theirs. */
struct vrx_result exchange_world_grounds(
    struct exchange_world *world, unsigned person, const uint64_t *items, size_t count);
/* Evidence, consent and transfer for this person; envelope and query.id are those of the transfer.
 */
struct vrx_result exchange_world_request(
    struct exchange_world *world, unsigned person, const uint64_t *items, size_t count);
struct vrx_transfer_out exchange_world_transfer(struct exchange_world *world);
/* Kashiwa takes in an answer. */
struct vrx_result exchange_world_take(struct exchange_world *world, struct vrx_view envelope);
size_t exchange_world_history(
    struct exchange_world *world, unsigned town, unsigned person, struct vrx_dose **ret_doses);

/* ---- Sapporo, dishonest ---- */

/* An answer to the query in envelope, which it opens: two doses that Kashiwa has not. */
void exchange_world_answer(
    struct exchange_world *world, struct vrx_answer *ret_answer, struct vrx_dose_item doses[2]);
/* Signed and sealed; the reply. */
void exchange_world_seal(struct exchange_world *world, const struct vrx_answer *answer,
    unsigned signed_by, unsigned sealed_to);

/* ---- either ---- */

/* The context of a step at this town, its arena empty. Valid until the next step. */
struct vrx_context *exchange_world_context(struct exchange_world *world, unsigned town);
void exchange_world_begin(struct exchange_world *world, unsigned town);
/* Commits what went well, rolls back the rest; result is handed through. */
struct vrx_result exchange_world_end(
    struct exchange_world *world, unsigned town, struct vrx_result result);
/* One statement on the town's vault, committed. */
void exchange_world_run(struct exchange_world *world, unsigned town, const char *sql);
int64_t exchange_world_rows(struct exchange_world *world, unsigned town, const char *table);

#endif
