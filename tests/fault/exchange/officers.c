/* SPDX-License-Identifier: Apache-2.0
 *
 * Officers of an origin in sim.h's world: each looks at what would leave about somebody guarded,
 * and agrees or says no a while later, by the handlers of vrx.v1.Approvals. What each of them saw
 * and did is remembered here; oracle_approvals.c says what may leave by it.
 */
#include <stdio.h>

#include "exchange/approvals.h"
#include "fault/exchange/acts.h"
#include "fault/exchange/oracle.h"
#include "store/approval.h"
#include "vrx/v1/approvals.pb-c.h"

/* One call of one officer about one query. */
struct sitting {
    struct truth_query *query;
    unsigned officer;
    struct vrx_approval approval;
    bool shown; /* there is something to agree to */
    uint8_t digest[VRX_DIGEST];
};

static struct vrx_result handle(
    struct sim_step *step, const char *path, const void *request, void *reply) {
    const struct sitting *sitting = step->arg;
    const struct vrx_method *method = NULL;
    for (size_t i = 0; i < VRX_APPROVALS_METHODS; i++)
        if (strstr(vrx_approvals_methods[i].path, path))
            method = &vrx_approvals_methods[i];
    assert_non_null(method);
    protobuf_c_message_init(method->reply, reply);
    (void)snprintf(step->context.operator_id, sizeof step->context.operator_id, "officer-%u",
        sitting->officer);
    return method->handle(&step->context, request, reply);
}

/* As the officer finds it in the list, which does not name the query. */
static struct vrx_result find(struct sim_step *step) {
    struct sitting *sitting = step->arg;
    const struct truth_query *query = sitting->query;
    return vrx_approval_of_query(step->context.tenant, &step->context.arena,
        &step->sim->town[query->asker].who->code, query->id, step->context.now, &sitting->approval);
}

static ProtobufCBinaryData id_of(struct sitting *sitting) {
    return (ProtobufCBinaryData){VRX_ID, sitting->approval.id};
}

static struct vrx_result run_look(struct sim_step *step) {
    struct sitting *sitting = step->arg;
    Vrx__V1__GetApprovalRequest in = VRX__V1__GET_APPROVAL_REQUEST__INIT;
    Vrx__V1__GetApprovalResponse out;
    VRX_TRY(find(step));
    in.approval = id_of(sitting);
    VRX_TRY(handle(step, "/GetApproval", &in, &out));
    sitting->shown = out.digest.len == VRX_DIGEST;
    if (sitting->shown)
        memcpy(sitting->digest, out.digest.data, VRX_DIGEST);
    if (sitting->shown && out.n_doses != oracle_left_of(step->sim, sitting->query))
        sim_violated(step->sim, "query %u: an officer was shown other doses",
            oracle_index(step->sim, sitting->query));
    return vrx_ok();
}

static struct vrx_result run_agree(struct sim_step *step) {
    struct sitting *sitting = step->arg;
    Vrx__V1__ApproveAnswerRequest in = VRX__V1__APPROVE_ANSWER_REQUEST__INIT;
    Vrx__V1__ApproveAnswerResponse out;
    VRX_TRY(find(step));
    in.approval = id_of(sitting);
    in.digest = (ProtobufCBinaryData){VRX_DIGEST, sitting->digest};
    return handle(step, "/ApproveAnswer", &in, &out);
}

static struct vrx_result run_refuse(struct sim_step *step) {
    struct sitting *sitting = step->arg;
    Vrx__V1__RefuseAnswerRequest in = VRX__V1__REFUSE_ANSWER_REQUEST__INIT;
    Vrx__V1__RefuseAnswerResponse out;
    VRX_TRY(find(step));
    in.approval = id_of(sitting);
    in.reason = (char *)(uintptr_t) "K-18";
    return handle(step, "/RefuseAnswer", &in, &out);
}

void sim_look(struct sim *sim, unsigned index, unsigned officer) {
    struct truth_query *query = &sim->queries[index];
    struct truth_officer *truth = &query->officers[officer];
    struct sitting sitting = {.query = query, .officer = officer};
    bool lost = false;
    if (!sim->town[query->origin].tenant)
        return;
    if (!vrx_is_ok(sim_call(sim, query->origin, run_look, &sitting, &lost)) || lost ||
        !sitting.shown)
        return;
    oracle_saw(sim, query, officer);
    memcpy(truth->digest, sitting.digest, VRX_DIGEST);
    sim_plan(sim, sim->now + sim_below(sim, 15), SIM_DECIDE, index, officer, NULL);
    if (sim_chance(sim, 100)) /* again, which is one officer still */
        sim_plan(sim, sim->now + sim_below(sim, 15), SIM_DECIDE, index, officer, NULL);
}

void sim_decide(struct sim *sim, unsigned index, unsigned officer) {
    struct truth_query *query = &sim->queries[index];
    struct sitting sitting = {.query = query, .officer = officer};
    const bool no = sim_chance(sim, 100);
    bool lost = false;
    if (!sim->town[query->origin].tenant)
        return;
    memcpy(sitting.digest, query->officers[officer].digest, VRX_DIGEST);
    struct vrx_result result =
        sim_call(sim, query->origin, no ? run_refuse : run_agree, &sitting, &lost);
    if (lost || !vrx_is_ok(result))
        return;
    if (no)
        oracle_refused(sim, query);
    else
        oracle_agreed(sim, query, officer);
}

void sim_call_officers(struct sim *sim, unsigned index) {
    const struct truth_query *query = &sim->queries[index];
    const uint32_t seconds = SIM_PENDING_SECONDS;
    for (unsigned officer = 0; officer < SIM_OFFICERS; officer++)
        if (sim_chance(sim, 800))
            sim_plan(sim, sim->now + sim_below(sim, seconds), SIM_LOOK, index, officer, NULL);
    if (sim_chance(sim, 300)) /* and it changes under their eyes */
        sim_plan(sim, sim->now + sim_below(sim, seconds), SIM_VACCINATE, query->person,
            query->origin, NULL);
}
