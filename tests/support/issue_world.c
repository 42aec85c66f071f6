/* SPDX-License-Identifier: Apache-2.0 */
#include "support/issue_world.h"

#include "crypto/random.h"
#include "objects/audit_entry.h"
#include "objects/checkpoint.h"
#include "objects/codec.h"
#include "objects/merkle.h"
#include "support/sign_pinned.h"

static const char *const codes[WORLD_MUNICIPALITIES] = {"011002", "122173"};
static const char *const names_ja[WORLD_MUNICIPALITIES] = {"札幌市", "柏市"};
static const char *const names_en[WORLD_MUNICIPALITIES] = {"Sapporo City", "Kashiwa City"};

/* Where in the ledger the doses stand: an even place, an odd one, and the last. */
static const size_t places[WORLD_DOSES] = {4, 7, 10};

static void fill(uint8_t *at, size_t len) {
    assert_ok(vrx_random_fill(vrx_random_system(), at, len));
}

static void make_directory(struct issue_world *world) {
    for (size_t i = 0; i < WORLD_MUNICIPALITIES; i++) {
        struct vrx_public_key *public_key = NULL;
        assert_ok(vrx_private_key_new_p256(&world->municipality[i]));
        assert_ok(vrx_private_key_public(world->municipality[i], &public_key));
        assert_ok(vrx_public_key_to_spki(public_key, &world->spki[i]));
        vrx_public_key_free(&public_key);
        assert_ok(vrx_dated_key_make(
            vrx_buffer_view(&world->spki[i]), 0, VRX_KEY_NO_END, &world->key[i]));
        world->entry[i] = (struct vrx_directory_entry){
            .name_ja = vrx_view_text(names_ja[i]),
            .name_en = vrx_view_text(names_en[i]),
            .signing_keys = &world->key[i],
            .signing_key_count = 1,
            .exchange_keys = &world->key[i],
            .exchange_key_count = 1,
            .valid_from = world->now - 86400,
            .valid_until = world->now + 86400,
        };
        assert_ok(vrx_municipality_code_parse(vrx_view_text(codes[i]), &world->entry[i].code));
    }
    world->directory = (struct vrx_directory){.version = 5,
        .issued = world->now - 86400,
        .expires = world->now + 86400,
        .entries = world->entry,
        .entry_count = WORLD_MUNICIPALITIES};
}

static void make_doses(struct issue_world *world) {
    static const struct vrx_date dates[WORLD_DOSES] = {{2021, 7, 1}, {2021, 7, 22}, {2021, 12, 1}};
    for (size_t i = 0; i < WORLD_DOSES; i++) {
        world->dose[i] = (struct vrx_proven_dose){
            .item = {.administered_by = world->entry[WORLD_SAPPORO].code,
                .administered_on = dates[i],
                .product = 1,
                .dose_number = i + 1,
                .lot = vrx_view_text("EW4811"),
                .venue = vrx_view_text("つどーむ")},
        };
    }
}

void world_renew(struct issue_world *world) {
    fill(world->application.id, VRX_ID);
    fill(world->evidence.id, VRX_ID);
    memcpy(world->application.evidence_id, world->evidence.id, VRX_ID);
    memcpy(world->statement.application_id, world->application.id, VRX_ID);
}

static void make_case(struct issue_world *world) {
    world->application = (struct vrx_application){
        .municipality = world->entry[WORLD_SAPPORO].code,
        .kind = VRX_CERTIFICATE_HCERT,
        .surname = vrx_view_text("ONO-SMITH"),
        .given_name = vrx_view_text("HANAKO"),
        .birth_date = {1964, 8, 12},
        .applicant = VRX_APPLICANT_PERSON,
        .applied_at = world->now - 60,
    };
    fill(world->application.subject, VRX_DIGEST);
    fill(world->application.person, VRX_DIGEST);
    world->documents[0].type = VRX_DOCUMENT_NUMBER_CARD;
    world->documents[1].type = VRX_DOCUMENT_MANDATE;
    world->evidence = (struct vrx_identity_evidence){
        .municipality = world->entry[WORLD_SAPPORO].code,
        .method = VRX_IDENTITY_CARD_SEEN,
        .documents = world->documents,
        .document_count = 2,
        .checked_at = world->now - 120,
        .operator_id = vrx_view_text("op1"),
        .terminal_id = vrx_view_text("counter1"),
        .purpose = VRX_PURPOSE_CERTIFICATE,
    };
    memcpy(world->evidence.subject, world->application.subject, VRX_DIGEST);
    world->statement = (struct vrx_dose_statement){
        .municipality = world->entry[WORLD_SAPPORO].code,
        .doses = world->dose,
        .dose_count = 2,
        .stated_at = world->now - 5,
    };
    memcpy(world->statement.person, world->application.person, VRX_DIGEST);
    make_doses(world);
    world_renew(world);
}

void world_init(struct issue_world *world, int64_t now) {
    *world = (struct issue_world){.now = now};
    int64_t from = now - 86400;
    assert_ok(vrx_private_key_new_p256(&world->authority));
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, from, world_signer_until(world), &world->csca);
    test_certificate(
        VRX_PROFILE_DSC_VACCINATION, &world->csca, 2, from, world_signer_until(world), &world->dsc);
    make_directory(world);
    make_case(world);
}

static void clear_signed(struct issue_world *world) {
    vrx_buffer_done(&world->signed_application);
    vrx_buffer_done(&world->signed_evidence);
    vrx_buffer_done(&world->signed_statement);
}

static void clear_recorded(struct issue_world *world) {
    for (size_t i = 0; i < WORLD_ENTRIES; i++)
        vrx_buffer_done(&world->ledger[i]);
    for (size_t i = 0; i < WORLD_DOSES; i++)
        vrx_buffer_done(&world->proof[i]);
    vrx_buffer_done(&world->checkpoint);
}

void world_done(struct issue_world *world) {
    clear_signed(world);
    clear_recorded(world);
    for (size_t i = 0; i < WORLD_MUNICIPALITIES; i++) {
        vrx_private_key_free(&world->municipality[i]);
        vrx_buffer_done(&world->spki[i]);
    }
    vrx_private_key_free(&world->authority);
    test_signer_done(&world->dsc);
    test_signer_done(&world->csca);
}

/* The ledger ----------------------------------------------------------------------------------- */

static void write_entry(
    struct issue_world *world, size_t place, const struct vrx_proven_dose *dose) {
    uint8_t commitment[VRX_DIGEST];
    struct vrx_audit_entry entry = {.time = world->now - 1000 + (int64_t)place,
        .method = vrx_view_text("vrx.v1.Records/RecordVaccination"),
        .terminal = vrx_view_text("counter1"),
        .operator_id = vrx_view_text("op1")};
    if (dose) {
        assert_ok(vrx_dose_item_commitment(&dose->item, dose->salt, commitment));
        entry.outcome = world->outcome;
        entry.commitment = vrx_view_of(commitment, VRX_DIGEST);
        entry.person = vrx_view_of(world->statement.person, VRX_DIGEST);
    }
    fill(entry.request, VRX_ID);
    assert_ok(vrx_audit_entry_encode(&entry, &world->ledger[place]));
}

/* By recursion to the leaves: the tree is small. Only whole subtrees are asked for. */
static struct vrx_result subtree(
    void *context, unsigned level, uint64_t index, struct vrx_merkle_hash *ret_hash) {
    const struct issue_world *world = context;
    struct vrx_merkle_hash right;
    if (level == 0)
        return vrx_merkle_leaf(vrx_buffer_view(&world->ledger[index]), ret_hash);
    VRX_TRY(subtree(context, level - 1, index * 2, ret_hash));
    VRX_TRY(subtree(context, level - 1, index * 2 + 1, &right));
    return vrx_merkle_node(ret_hash, &right, ret_hash);
}

static void prove(struct issue_world *world, const struct vrx_merkle_source *source, size_t i) {
    struct vrx_merkle_proof proof;
    struct vrx_proven_dose *dose = &world->dose[i];
    assert_ok(vrx_merkle_prove_inclusion(source, places[i], WORLD_ENTRIES, &proof));
    assert_ok(vrx_buffer_append(
        &world->proof[i], vrx_view_of(proof.hash, proof.count * VRX_MERKLE_HASH)));
    dose->ledger_index = places[i];
    dose->entry = vrx_buffer_view(&world->ledger[places[i]]);
    dose->proof = vrx_buffer_view(&world->proof[i]);
}

void world_record(struct issue_world *world) {
    const struct vrx_merkle_source source = {.subtree = subtree, .context = world};
    struct vrx_checkpoint checkpoint = {
        .municipality = world->entry[world->checkpoint_of].code, .size = WORLD_ENTRIES};
    clear_recorded(world);
    for (size_t place = 0; place < WORLD_ENTRIES; place++) {
        struct vrx_proven_dose *dose = NULL;
        for (size_t i = 0; i < WORLD_DOSES; i++)
            if (places[i] == place)
                dose = &world->dose[i];
        if (dose)
            fill(dose->salt, VRX_DIGEST);
        write_entry(world, place, dose);
    }
    for (size_t i = 0; i < WORLD_DOSES; i++)
        prove(world, &source, i);
    assert_ok(vrx_merkle_root(&source, WORLD_ENTRIES, &checkpoint.root));
    assert_ok(vrx_checkpoint_make(
        &checkpoint, world->municipality[world->checkpoint_by], &world->checkpoint));
    world->statement.checkpoint = vrx_buffer_view(&world->checkpoint);
}

/* Signing -------------------------------------------------------------------------------------- */

static void sign(const struct issue_world *world, const struct vrx_object_schema *schema,
    const void *object, enum world_municipality by, struct vrx_buffer *out) {
    assert_ok(vrx_object_sign(schema, object, world->municipality[by],
        vrx_view_of(world->key[world->claims_sapporo ? WORLD_SAPPORO : by].kid, VRX_DATED_KID),
        out));
}

void world_sign(struct issue_world *world) {
    clear_signed(world);
    sign(world, &vrx_application_schema, &world->application, world->application_by,
        &world->signed_application);
    sign(world, &vrx_identity_evidence_schema, &world->evidence, world->evidence_by,
        &world->signed_evidence);
    sign(world, &vrx_dose_statement_schema, &world->statement, world->statement_by,
        &world->signed_statement);
    world->request = (struct vrx_issue_request){.kind = world->application.kind,
        .application = vrx_buffer_view(&world->signed_application),
        .evidence = vrx_buffer_view(&world->signed_evidence),
        .statement = vrx_buffer_view(&world->signed_statement)};
}

void world_sign_directory(const struct issue_world *world, struct vrx_buffer *out) {
    test_sign_pinned(&vrx_directory_schema, &world->directory, world->authority, out);
}
