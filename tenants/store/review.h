/* SPDX-License-Identifier: Apache-2.0
 *
 * Doses that came from another municipality and disagree with what is here. One waits until an
 * officer has decided, and stands in no history until then:
 *
 *     WAITING → DECIDED             an officer decided
 *     WAITING → CLOSED              the origin took it back, or corrected it so that nothing
 * disagrees DECIDED, CLOSED → WAITING     an officer took the decision back, or the origin
 * corrected it
 *
 * Every change is an event that stays: who, when, what. Here stand rows only; what a decision does
 * to the record is services/reviews'. All run in the owner's transaction. Errors besides those of
 * tenant.h are named.
 */
#ifndef VRX_STORE_REVIEW_H
#define VRX_STORE_REVIEW_H

#include "base/arena.h"
#include "base/limits.h"
#include "store/approval.h"
#include "store/dose.h"

#define VRX_LIMIT_REVIEW_NOTE 300 /* bytes: a hundred characters of why */

enum vrx_review_state {
    VRX_REVIEW_WAITING = 1,
    VRX_REVIEW_DECIDED = 2,
    VRX_REVIEW_CLOSED = 3,
};

/* Values of ReviewDecision in proto/vrx/v1/reviews.proto. */
enum vrx_review_decision {
    VRX_REVIEW_KEEP_BOTH = 1,   /* two doses: theirs is put down beside ours */
    VRX_REVIEW_TAKE_THEIRS = 2, /* theirs is right: it corrects ours, for reference; or, where they
                                 * withdrew it, ours is taken out */
    VRX_REVIEW_MERGE = 3,       /* one dose, ours stands: theirs is put down as superseded */
    VRX_REVIEW_REJECT = 4,      /* theirs is no dose of this person: it stays here only */
    VRX_REVIEW_REOPEN = 5,      /* takes the last decision back; theirs waits again */
};

enum vrx_review_event_kind {
    VRX_REVIEW_OPENED = 1,
    VRX_REVIEW_DECISION = 2,
    VRX_REVIEW_CORRECTED = 3, /* by the origin: it waits with other content, or again */
    VRX_REVIEW_WITHDRAWN = 4, /* by the origin */
    VRX_REVIEW_SETTLED = 5,   /* nothing disagrees any more: it is known, or was put down */
    VRX_REVIEW_FOLLOWED = 6, /* the origin's correction went to the dose that a decision put down */
};

struct vrx_review {
    uint8_t id[VRX_ID];
    int64_t resident;
    struct vrx_municipality_code origin;
    uint8_t query_id[VRX_ID];          /* of the transfer that brought it */
    uint8_t source_digest[VRX_DIGEST]; /* SHA-256 of the origin's signed object: answer or notice */
    int64_t stated_at;                 /* when the origin signed that */
    bool withdrawn;                    /* theirs is what they said last before they withdrew it */
    struct vrx_dose_item theirs;
    unsigned rule;           /* enum vrx_match (services/rules/match.h): why it waits */
    enum vrx_reason refusal; /* where the record's rules refused it; else VRX_OK */
    int64_t counterpart;     /* the version of ours that it disagreed with; 0: none */
    enum vrx_review_state state;
    unsigned effect; /* enum vrx_review_decision that has its effect; 0: none */
    int64_t dose;    /* the version that this put down; 0: none */
    uint64_t version;
    int64_t opened_at;
    int64_t changed_at;
};

struct vrx_review_event {
    uint64_t version; /* of the review, from 1 */
    enum vrx_review_event_kind kind;
    unsigned decision;     /* enum vrx_review_decision; 0: none was made */
    int64_t dose;          /* what it put down; 0: nothing */
    struct vrx_officer by; /* empty: the origin's notice, or the exchange itself */
    struct vrx_view note;  /* may be empty */
    bool has_source;
    uint8_t source_digest[VRX_DIGEST]; /* what the origin signed */
    int64_t at;
};

/* Opens one, WAITING, with its first event; id, state, effect, dose, version and the instants are
 * not looked at, and *ret_id is the new id. Errors: VRX_NOT_FOUND (resident, counterpart),
 * VRX_INPUT_RANGE. */
struct vrx_result vrx_review_open(struct vrx_tenant *tenant, const struct vrx_review *review,
    int64_t now, uint8_t ret_id[VRX_ID]);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_review_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_review *ret_review);

/* Writes what a change made of it (origin's content, rule, refusal, counterpart, state, effect,
 * dose), counts its version up and keeps the event; event->version and at are not looked at.
 * Errors: VRX_NOT_FOUND; VRX_CONFLICT when its version is not review->version any more;
 * VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT (note); VRX_INPUT_RANGE. */
struct vrx_result vrx_review_change(struct vrx_tenant *tenant, const struct vrx_review *review,
    const struct vrx_review_event *event, int64_t now);

/* Its events, the first first. */
struct vrx_result vrx_review_events(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_review_event **ret_events, size_t *ret_count);

/* Those that wait, the oldest first, or with ended the others, the last changed first; at most
 * VRX_LIMIT_PAGE. */
struct vrx_result vrx_review_list(struct vrx_tenant *tenant, struct vrx_arena *arena, bool ended,
    struct vrx_review **ret_reviews, size_t *ret_count);

/* All of one resident, the oldest first; at most VRX_LIMIT_PAGE. */
struct vrx_result vrx_review_of_resident(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t resident, struct vrx_review **ret_reviews, size_t *ret_count);

/* How many wait: of the doses that a transfer brought (dose_received.h), or with query_id NULL of
 * all. */
struct vrx_result vrx_review_count(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], uint64_t *ret_count);

#endif
