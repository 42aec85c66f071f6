/* SPDX-License-Identifier: Apache-2.0
 *
 * Three municipalities, each with a daemon, a law and a clock of its own, and a network that is an
 * adversary's, all in one thread and on one seed. Their code is the real one from the handlers down
 * to the vault; the virtual clock is context->now. What happened is remembered here apart from
 * theirs (truth), and judged by rules of its own (oracle.c).
 *
 * Next: test_simulation.c, what may happen; oracle.c, what must not.
 */
#ifndef VRX_FAULT_SIM_H
#define VRX_FAULT_SIM_H

#include "actor/batch.h"
#include "dispatch/context.h"
#include "exchange/steps.h"
#include "objects/answer.h"
#include "objects/envelope.h"
#include "store/transfer.h"
#include "support/check.h"
#include "support/daemon_world.h"
#include "support/vault_files.h"

#define SIM_TOWNS 3
#define SIM_PEOPLE 40
#define SIM_HISTORIES 100 /* transfers in one world */
#define SIM_FORGERIES 24  /* queries of a dishonest municipality */
#define SIM_QUERIES (SIM_HISTORIES + SIM_FORGERIES)
#define SIM_DOSES 8 /* of one person at one town */
#define SIM_PERMITS 6
#define SIM_LAWS 10
#define SIM_KEPT 256 /* messages that the adversary kept */
#define SIM_SPAN (3 * WORLD_DAY)
#define SIM_TRANSFER_SECONDS (6 * 3600)
#define SIM_PENDING_SECONDS 30
#define SIM_EVIDENCE_SECONDS (12 * 3600)
#define SIM_KEYS 3 /* keyrings of one town */
#define SIM_OFFICERS 3
#define SIM_NOTICES 3 /* changes of one consent */
#define SIM_CORRECTIONS 512
#define SIM_LISTS 12 /* of movers, handed in at night */
#define SIM_ROWS 6   /* of one list */

/* ---- what happened ---- */

struct truth_dose {
    int64_t id;
    uint64_t version;
    struct vrx_date date;
    uint64_t number;
    char lot[12];
    bool gone; /* superseded or an error */
};

struct truth_record {                   /* of a person at one town */
    int64_t resident;                   /* 0: nobody knows them there */
    bool other_name;                    /* the register has them under another one */
    bool guarded;                       /* an officer must look before anything leaves */
    struct truth_dose doses[SIM_DOSES]; /* administered there */
    size_t dose_count;
};

struct truth_person {
    char number[13];
    char name[40];
    struct vrx_date birth_date;
    struct truth_record at[SIM_TOWNS];
};

struct truth_permit {
    char id[16];
    unsigned items; /* bits, by enum vrx_data_item */
    int64_t from, until;
};

/* What is signed about a person's will and identity; times by the destination's clock. */
struct truth_consent {
    bool there;
    uint8_t id[VRX_ID];
    unsigned origins, items; /* bits */
    int64_t given_at, expires_at;
    bool revoked;
    bool stranger;    /* about somebody else, or signed by somebody else */
    bool unknown_key; /* with a key that no directory has as its municipality's */
};

/* What became of a consent, as the destination told the origin. */
struct truth_notice {
    uint8_t id[VRX_ID]; /* zero: it did not leave yet */
    struct truth_consent consent;
    bool owed;  /* the origin had been asked */
    bool taken; /* and knows */
};

struct truth_evidence {
    bool there;
    uint8_t id[VRX_ID];
    int64_t checked_at;
    bool poor; /* a method that no permit accepts */
    bool stranger, unknown_key;
};

/* What an officer was shown of a person. */
struct truth_seen {
    struct truth_dose doses[SIM_DOSES];
    size_t count;
};

struct truth_officer {
    struct truth_seen seen;
    uint8_t digest[VRX_DIGEST]; /* that they were given with it */
};

/* What the officers of the origin have agreed to. */
struct truth_approval {
    unsigned first; /* the officer who agreed first, from 1; 0: nobody did */
    struct truth_seen seen;
    bool approved, refused;
};

struct truth_query {
    bool listed;      /* a list asks */
    bool turned_down; /* or did not, when it came to it */
    bool asked;       /* a query was made and is durable */
    bool left;        /* and went to its origin */
    bool honest;
    uint8_t id[VRX_ID];
    unsigned asker, origin, person, items;
    char permit[16];
    int64_t asked_at, deadline;
    struct truth_consent consent; /* as it is now */
    struct truth_consent said;    /* as the query has it */
    struct truth_evidence evidence;
    struct truth_notice notices[SIM_NOTICES];
    size_t notice_count;

    /* The destination's side, as it was seen last */
    enum vrx_transfer_state here; /* 0: not yet */
    int64_t here_changed_at;
    /* The origin's */
    bool decided;
    enum vrx_answer_outcome expected; /* by the oracle, when it was decided */
    bool stops;                       /* a notice that is being taken ends it */
    enum vrx_transfer_state there;
    int64_t due_at;
    uint64_t reason;
    struct truth_dose doses[SIM_DOSES]; /* that may leave */
    size_t dose_count;
    struct truth_officer officers[SIM_OFFICERS];
    struct truth_approval approval;
    uint8_t pending[VRX_DIGEST], final[VRX_DIGEST]; /* of the sealed answers; zero: none left yet */
    uint8_t signed_answer[VRX_DIGEST];              /* of what is inside the final one */
    uint8_t denial[VRX_DIGEST]; /* of the sealed one in the place of doses; zero: none left */
    uint8_t signed_denial[VRX_DIGEST]; /* of what is inside */
};

/* A correction notice that left its origin. */
struct truth_correction {
    uint8_t id[VRX_ID];
    struct truth_query *query;
    uint8_t digest[VRX_DIGEST]; /* of the signed notice */
    bool taken;                 /* by the destination */
};

enum truth_stage { LIST_COLLECTS, LIST_HANDED_IN, LIST_RUNS, LIST_ENDED };

/* A list of movers; its rows are queries, and their line is where they stand here, from 1. */
struct truth_list {
    unsigned town;
    enum truth_stage stage;
    unsigned rows[SIM_ROWS];
    size_t count;
    uint8_t id[VRX_ID], digest[VRX_DIGEST];
    bool checked; /* against what was signed */
};

/* ---- the world ---- */

struct sim_law {
    struct vrx_buffer directory, permits; /* signed */
    struct truth_permit truth[SIM_PERMITS];
    size_t count;
};

struct sim_town {
    struct world_town *who;
    struct vrx_daemon *daemon;
    char state[80], directory_file[96], permits_file[96];
    unsigned law; /* which it holds */
    int64_t skew; /* its clock is so much ahead */
    bool down;    /* sealed */
    struct vrx_tenant *tenant;
    struct vrx_batch batch;
    struct vrx_tenant_keys *keys[SIM_KEYS]; /* of all its keyrings, as the test knows them */
    size_t key_count;
    struct vrx_dated_key signing[SIM_KEYS], exchange[SIM_KEYS]; /* for the directory */
    size_t signing_count, exchange_count;
    struct vrx_buffer spki[2 * SIM_KEYS];
    bool changes_key;         /* a signing key waits for the directory, */
    unsigned key_law;         /* which is that of this law, */
    int64_t old_key_until;    /* or for the end of the one in use */
    uint64_t entries;         /* that its ledger must have */
    struct vrx_buffer ledger; /* of struct sim_entry */
};

/* An entry that a ledger must have, of the exchange's methods. */
struct sim_entry {
    char method[32];
    uint8_t request[VRX_ID];
    enum vrx_reason outcome;
};

struct sim_message {
    struct vrx_buffer bytes;
    unsigned from, to;
    struct vrx_sending sent; /* without its envelope: what it is, or what it replies to */
    bool reply;
    bool altered;
    unsigned users; /* events that will deliver it, and the adversary's memory */
};

enum sim_event_kind {
    SIM_ASK, /* a person comes to the counter */
    SIM_FORGE,
    SIM_REVOKE,
    SIM_NARROW,
    SIM_ARRIVE,
    SIM_REPLAY,
    SIM_GUARD,
    SIM_CORRECT,
    SIM_VACCINATE,
    SIM_LOOK, /* an officer of the origin, at what would leave */
    SIM_DECIDE,
    SIM_LIST, /* a list goes on */
    SIM_KILL,
    SIM_SEAL,
    SIM_UNSEAL,
    SIM_CUT,
    SIM_HEAL,
    SIM_CLOCK,
    SIM_LAW,
    SIM_LAW_ARRIVES,
    SIM_EVENTS,
};

struct sim_event {
    int64_t at;
    uint64_t order; /* of two at one time, the one that was planned first */
    enum sim_event_kind kind;
    unsigned who; /* query, town, … */
    unsigned what;
    struct sim_message *message;
};

/* How bad this world's network and machines are, in 1,000. */
struct sim_weather {
    unsigned drop, copy, late, alter, astray, crash;
};

struct sim {
    struct daemon_world base;
    uint64_t seed;
    bool trace;            /* VRX_FAULT_TRACE: each step to standard error */
    struct sequence dice;  /* what happens */
    struct sequence bytes; /* ids and nonces */
    struct vrx_random random;
    struct sim_weather weather;
    int64_t now;
    struct sim_town town[SIM_TOWNS];
    bool cut[SIM_TOWNS][SIM_TOWNS];
    struct truth_person people[SIM_PEOPLE];
    struct truth_query queries[SIM_QUERIES];
    struct truth_correction corrections[SIM_CORRECTIONS];
    size_t correction_count;
    struct truth_list lists[SIM_LISTS];
    unsigned list_count;
    struct sim_law laws[SIM_LAWS];
    unsigned law_count;
    struct sim_event *events; /* a heap */
    size_t event_count, event_capacity;
    uint64_t planned;
    struct sim_message *kept[SIM_KEPT];
    size_t kept_count;
    unsigned long counts[SIM_EVENTS];
    unsigned long steps, crashes, altered, answers, released;
    unsigned long denied; /* transfers that had been answered with doses */
    char violation[256];  /* the first; empty: none */
};

/* Of the dice. */
static inline uint32_t sim_below(struct sim *sim, uint32_t bound) {
    return sequence_below(&sim->dice, bound);
}
static inline bool sim_chance(struct sim *sim, unsigned in_1000) {
    return sim_below(sim, 1000) < in_1000;
}
static inline int64_t sim_clock(const struct sim *sim, unsigned town) {
    return sim->now + sim->town[town].skew;
}

/* Keeps the first one; the world ends there. */
void sim_violated(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- world.c: machines ---- */

struct sim *sim_new(uint64_t seed);
void sim_free(struct sim **sim);
/* The law as sim->base has it, in its next version; no town has it yet. */
void sim_sign_law(struct sim *sim, const struct truth_permit *permits, size_t count);
void sim_take_law(struct sim *sim, unsigned town, unsigned law);
/* The town's next keyring; the directory of the next law names its keys. */
void sim_rotate(struct sim *sim, unsigned town, bool signing, bool exchange);
/* The change to it, when its time has come. */
void sim_change_key(struct sim *sim, unsigned town);
void sim_open(struct sim *sim, unsigned town);
void sim_close(struct sim *sim, unsigned town);

/* One step of a town, as a job of its actor. */
struct sim_step {
    struct vrx_job job;
    struct vrx_context context;
    struct vrx_result (*run)(struct sim_step *step);
    struct vrx_result (*audit)(struct sim_step *step, struct vrx_result outcome);
    struct sim *sim;
    unsigned town;
    const char *name; /* for the trace */
    void *arg;
    struct sim_message *message;
    struct vrx_buffer reply;
    struct vrx_result decision;
    struct vrx_sendings sendings;
    struct truth_notice *notice; /* that the message is, or replies to */
    bool covered;                /* the query that it is, when it was looked at */
    bool ends;                   /* and it stops what waits */
    bool known;                  /* a reply to what was acknowledged before */
    bool audited;                /* its entry was appended */
    bool durable;                /* and committed; job.outcome says with what outcome */
};
void sim_step_init(struct sim *sim, unsigned town, const char *name, struct sim_step *step);
void sim_step_done(struct sim_step *step);

/* All in one transaction, which the weather may spoil at any statement; whoever lost it finds that
 * in job.outcome. False: it is durable, and the machine died before anyone was told. */
bool sim_run(struct sim *sim, unsigned town, struct sim_step *steps, size_t count);

/* ---- network.c ---- */

void sim_plan(struct sim *sim, int64_t at, enum sim_event_kind kind, unsigned who, unsigned what,
    struct sim_message *message);
/* The earliest; false: none is left. The caller forgets its message. */
bool sim_next(struct sim *sim, struct sim_event *ret_event);
/* One user less; NULL is accepted, *message is NULL then. */
void sim_forget(struct sim_message **message);
/* A copy of these bytes goes on its way; and the weather's. */
void sim_send(struct sim *sim, unsigned from, unsigned to, struct vrx_view bytes,
    const struct vrx_sending *sent, bool reply);
/* One of the messages of before, whatever it was, to whoever. */
void sim_replay(struct sim *sim);

/* ---- acts.c: people ---- */

/* Who will ask whom about whom. */
void sim_draw_case(struct sim *sim, unsigned index);
/* At the counter of queries[index].asker: identity check, consent, query. */
void sim_ask(struct sim *sim, unsigned index);
/* A municipality that signs what it likes. */
void sim_forge(struct sim *sim, unsigned index);
/* And that says it has what it was sent: seals the receipt of a message from this town. */
void sim_claim(struct sim *sim, unsigned town, unsigned from, const struct sim_message *message);
void sim_revoke(struct sim *sim, unsigned index);
void sim_narrow(struct sim *sim, unsigned index);
void sim_guard(struct sim *sim, unsigned person, unsigned town);
void sim_correct(struct sim *sim, unsigned person, unsigned town);
void sim_vaccinate(struct sim *sim, unsigned person, unsigned town);
void sim_register_people(struct sim *sim);

/* ---- lists.c ---- */

/* Hands the case to a list of its asker instead of asking at once. False: there is no room. */
bool sim_enlist(struct sim *sim, unsigned index);
/* The next thing that is to be done with a list. */
void sim_go_on(struct sim *sim, unsigned list);

/* ---- officers.c ---- */

/* A query about somebody guarded pends at its origin: perhaps somebody looks. */
void sim_call_officers(struct sim *sim, unsigned index);
void sim_look(struct sim *sim, unsigned index, unsigned officer);
void sim_decide(struct sim *sim, unsigned index, unsigned officer);

/* ---- oracle.c, oracle_doses.c, oracle_approvals.c ---- */

struct truth_query *sim_query_of(struct sim *sim, const uint8_t id[VRX_ID]);
/* The query that such a message is about; *ret_notice: of a consent notice, else NULL. */
struct truth_query *sim_subject_of(
    struct sim *sim, const struct vrx_sending *sent, struct truth_notice **ret_notice);
/* Would a query of these facts be lawful under the law that this town holds, at the instant that
 * the query names? */
bool oracle_consented(const struct truth_query *query, const struct truth_consent *consent);
bool oracle_lawful(const struct sim *sim, unsigned town, const struct truth_query *query);
/* The consent has changed at its destination, durably: the transfer ends if it is not covered. */
void oracle_consent_changed(struct sim *sim, struct truth_query *query);
/* The origin has taken a notice, durably; true: a query that waits is to end by it. */
bool oracle_noticed(struct truth_query *query, struct truth_notice *notice);
void oracle_stopped(struct sim *sim, struct truth_query *query, const struct truth_notice *notice);
/* The origin has decided on a query: what it must have found. */
void oracle_decided(struct sim *sim, struct truth_query *query);
/* It came once more, durably: what two officers agreed to leaves now, or they look again. */
void oracle_asked_again(struct sim *sim, struct truth_query *query);
/* The correction notice of this name; NULL: none left yet. */
struct truth_correction *oracle_correction(struct sim *sim, const uint8_t id[VRX_ID]);
/* A query leaves its destination, or another message its town. */
void oracle_sent(struct sim *sim, unsigned town, const struct vrx_sending *sending);
/* Whether the town's outbox has this message as acknowledged. */
bool oracle_is_acknowledged(struct sim *sim, unsigned town, const struct vrx_sending *sent);
/* Whether the consent covers the query by all that its origin was told. */
bool oracle_covered(const struct truth_query *query);
/* An answer leaves its origin, who knew the consent to cover it, or not to. */
void oracle_answered(struct sim *sim, unsigned town, struct vrx_view envelope, bool covered);
/* Both ends' records of a transfer after a step of this town. */
void oracle_looks(struct sim *sim, unsigned town, struct truth_query *query);
/* What became of the rows of this town's lists, after a durable step of one of them. */
void oracle_listed(struct sim *sim, unsigned town);
/* Nothing is on its way any more and every deadline has passed. */
void oracle_ends(struct sim *sim);
/* One entry more that the town's ledger must have. */
void oracle_entry(struct sim *sim, unsigned town, const char *method, const uint8_t request[VRX_ID],
    enum vrx_reason outcome);

#endif
