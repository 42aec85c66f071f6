/* SPDX-License-Identifier: Apache-2.0
 *
 * The decision table: every combination of what a query can meet (directory, permit, consent,
 * identity check, person, protection), 9,600 of them, signed, sealed, decided on by the origin's
 * own code and opened again as the asker would. decisions.tsv beside this file has the outcomes as
 * reviewed, grouped where a step decides; the test fails where they differ. After a change that is
 * meant, write it anew and review the difference:
 *
 *     build/dev/tests/test_decisions__unit_exchange --write && git diff tests/unit/exchange
 */
#include <stdio.h>
#include <stdlib.h>

#include "exchange/decide.h"
#include "files/files.h"
#include "keyring/keys.h"
#include "store/foreign_consent.h"
#include "store/resident.h"
#include "support/exchange_world.h"

#define REVIEWED "tests/unit/exchange/decisions.tsv"
#define LIMIT_FILE ((size_t)1 << 20)

/* ---- what a query can meet ---- */

enum { DIRECTORY, PERMIT, CONSENT, EVIDENCE, PERSON, PROTECTION, KINDS };
#define MOST 6 /* values of one kind */

static const struct {
    const char *name;
    const char *values[MOST + 1];
} kinds[KINDS] = {
    [DIRECTORY] = {"directory", {"unknown", "expired", "not-current", "current"}},
    [PERMIT] = {"permit",
        {"none", "not-in-force", "wrong-items", "with-consent", "without-consent"}},
    [CONSENT] = {"consent", {"none", "expired", "revoked", "told-revoked", "scope", "valid"}},
    [EVIDENCE] = {"evidence", {"none", "stale", "method", "other-subject", "valid"}},
    [PERSON] = {"person", {"unknown", "birth-date", "name", "found"}},
    [PROTECTION] = {"protection", {"none", "no-automatic-answer", "no-self-disclosure", "both"}},
};
static const unsigned counts[KINDS] = {4, 5, 6, 5, 4, 4};
#define COMBINATIONS 9600

static void meet_directory(struct exchange_world *world, unsigned value) {
    struct vrx_directory *directory = &world->base.directory;
    if (value == 0) { /* Kashiwa is the first */
        directory->entries = &world->base.entry[WORLD_SAPPORO];
        directory->entry_count = WORLD_TOWNS - 1;
    } else if (value == 1) {
        directory->expires = world->now - 1;
    } else if (value == 2) {
        world->base.entry[WORLD_KASHIWA].valid_until = world->now - 1;
    }
}

static void meet_permit(struct exchange_world *world, unsigned value) {
    struct vrx_permit *permit = &world->base.permit;
    if (value == 0)
        world->query.permit_id = vrx_view_text("another-permit");
    else if (value == 1)
        permit->in_force_until = world->query.asked_at - 1;
    else if (value == 2)
        permit->item_count = 1; /* the dose and no lot */
    else if (value == 4)
        permit->consent_required = false;
}

static void meet_consent(struct exchange_world *world, unsigned value) {
    struct vrx_consent *consent = &world->consent;
    if (value == 0) {
        world->with_consent = false;
    } else if (value == 1) {
        consent->expires_at = world->query.asked_at - 1;
    } else if (value == 2) {
        consent->status = VRX_CONSENT_WITHDRAWN;
        consent->status_since = world->query.asked_at - 1;
    } else if (value == 4) {
        consent->item_count = 1; /* the dose and no lot */
    }
}

/* A notice has come of a consent that the query carries as it was granted; in the open transaction.
 */
static void meet_notice(struct exchange_world *world, unsigned value) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer object = {0};
    const struct world_town *kashiwa = &world->base.town[WORLD_KASHIWA];
    struct vrx_consent withdrawn = world->consent;
    if (value != 3)
        return;
    withdrawn.status = VRX_CONSENT_WITHDRAWN;
    withdrawn.status_since = world->query.asked_at - 1;
    assert_ok(vrx_object_sign(&vrx_consent_schema, &withdrawn, kashiwa->keys->signing,
        vrx_view_of(kashiwa->keys->signing_kid, VRX_KID), &object));
    struct vrx_foreign_consent told = {
        .sender = kashiwa->code,
        .object = vrx_buffer_view(&object),
        .status = VRX_CONSENT_WITHDRAWN,
        .expires_at = withdrawn.expires_at,
        .told_at = world->now,
    };
    memcpy(told.id, withdrawn.id, VRX_ID);
    assert_ok(vrx_foreign_consent_put(world->tenant[WORLD_SAPPORO], &told));
}

static void meet_evidence(struct exchange_world *world, unsigned value) {
    struct vrx_identity_evidence *evidence = &world->evidence;
    if (value == 0)
        world->with_evidence = false;
    else if (value == 1)
        evidence->checked_at = world->query.asked_at - 31 * WORLD_DAY;
    else if (value == 2)
        evidence->method = VRX_IDENTITY_PROXY;
    else if (value == 3)
        evidence->subject[0] ^= 1;
}

static void meet_person(struct exchange_world *world, unsigned value) {
    exchange_world_about(world, value == 0 ? WORLD_UNKNOWN : WORLD_HANAKO);
    if (value == 1)
        world->query.birth_date.day++;
    else if (value == 2)
        world->query.name = vrx_view_text("大野　花子");
}

/* Of Hanako, whoever is asked for; in the open transaction. */
static void meet_protection(struct exchange_world *world, unsigned value) {
    assert_ok(vrx_resident_set_protection(world->tenant[WORLD_SAPPORO],
        world->person[WORLD_HANAKO].resident[WORLD_SAPPORO], (value & 1) != 0, (value & 2) != 0,
        world->now));
}

/* ---- one combination ---- */

/* What came of it, as a row's end. */
#define OUTCOME 128
static char outcomes[COMBINATIONS][OUTCOME];

/* The case as it is where nothing is wrong, to which each combination goes back. */
struct clean {
    struct vrx_consent consent;
    struct vrx_identity_evidence evidence;
    struct vrx_query query;
    struct vrx_directory directory;
    struct vrx_directory_entry entry;
    struct vrx_permit permit;
};

static struct clean remember(const struct exchange_world *world) {
    return (struct clean){world->consent, world->evidence, world->query, world->base.directory,
        world->base.entry[WORLD_KASHIWA], world->base.permit};
}

/* The directory and the permits but for their versions, which ascend. */
static void restore_law(struct exchange_world *world, const struct clean *clean) {
    const uint64_t version = world->base.directory.version;
    world->base.directory = clean->directory;
    world->base.directory.version = version;
    world->base.entry[WORLD_KASHIWA] = clean->entry;
    world->base.permit = clean->permit;
}

static void restore_case(struct exchange_world *world, const struct clean *clean) {
    world->consent = clean->consent;
    world->evidence = clean->evidence;
    world->query = clean->query;
    world->with_consent = world->with_evidence = true;
    exchange_world_renew(world);
}

/* Whether officers have something to look at. */
static bool waits(struct exchange_world *world) {
    struct vrx_transfer_in transfer;
    assert_ok(vrx_transfer_in_get(world->tenant[WORLD_SAPPORO], &world->context.arena,
        &world->query.asker, world->query.id, &transfer));
    return transfer.state == VRX_TRANSFER_PENDING && transfer.resident != 0;
}

static const char *const words[] = {
    [VRX_ANSWER_DENIED] = "DENIED",
    [VRX_ANSWER_PENDING] = "PENDING",
    [VRX_ANSWER_DOSES] = "DOSES",
    [VRX_ANSWER_NO_RECORD] = "NO_RECORD",
};

static void describe(struct exchange_world *world, struct vrx_result result, char out[OUTCOME]) {
    if (!vrx_is_ok(result)) {
        (void)snprintf(out, OUTCOME, "no answer\t-\t%s\t%s", vrx_reason_name(result.reason),
            result.clause ? result.clause : "-");
        return;
    }
    exchange_world_open_reply(world);
    const struct vrx_answer *answer = &world->answer;
    assert_int_equal(answer->dose_count, answer->outcome == VRX_ANSWER_DOSES ? 2 : 0);
    (void)snprintf(out, OUTCOME, "%s\t%s\t%s\t%.*s", words[answer->outcome],
        waits(world) ? "two officers" : "-",
        answer->reason ? vrx_reason_name((enum vrx_reason)answer->reason) : "-",
        answer->clause.len ? (int)answer->clause.len : 1,
        answer->clause.len ? (const char *)answer->clause.ptr : "-");
}

/* Nothing of it stays in Sapporo's vault. */
static void decide(struct exchange_world *world, const unsigned at[KINDS], char out[OUTCOME]) {
    exchange_world_sign(world);
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, WORLD_SAPPORO);
    meet_protection(world, at[PROTECTION]);
    meet_notice(world, at[CONSENT]);
    struct vrx_result result = vrx_exchange_receive_query(
        context, vrx_buffer_view(&world->envelope), &world->reply, &world->decision);
    describe(world, result, out);
    assert_reason(exchange_world_end(world, WORLD_SAPPORO, vrx_fail(VRX_CANCELLED)), VRX_CANCELLED);
}

static size_t index_of(const unsigned at[KINDS]) {
    size_t index = 0;
    for (size_t i = 0; i < KINDS; i++)
        index = index * counts[i] + at[i];
    return index;
}

static bool next(unsigned at[KINDS]) {
    for (size_t i = KINDS; i-- > 0;) {
        if (++at[i] < counts[i])
            return true;
        at[i] = 0;
    }
    return false;
}

static void decide_all(struct exchange_world *world) {
    const struct clean clean = remember(world);
    unsigned at[KINDS] = {0};
    size_t done = 0;
    do {
        bool new_law = index_of(at) % (COMBINATIONS / 20) == 0;
        restore_case(world, &clean);
        if (new_law) {
            restore_law(world, &clean);
            meet_directory(world, at[DIRECTORY]);
        }
        meet_person(world, at[PERSON]);
        meet_permit(world, at[PERMIT]);
        meet_consent(world, at[CONSENT]);
        meet_evidence(world, at[EVIDENCE]);
        if (new_law)
            daemon_world_sign_law(&world->base);
        decide(world, at, outcomes[index_of(at)]);
        done++;
    } while (next(at));
    assert_int_equal(done, COMBINATIONS);
}

/* ---- as rows ---- */

static size_t below(size_t kind) {
    size_t count = 1;
    for (size_t i = kind; i < KINDS; i++)
        count *= counts[i];
    return count;
}

static bool same(size_t first, size_t second, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(outcomes[first + i], outcomes[second + i]) != 0)
            return false;
    return true;
}

static void put(struct vrx_buffer *out, const char *text) {
    assert_ok(vrx_buffer_append(out, vrx_view_text(text)));
}

#define CELL 96
static const size_t widths[KINDS] = {11, 15, 26, 20, 23, 24};

static void put_cell(struct vrx_buffer *out, const char *text, size_t width) {
    put(out, text);
    for (size_t len = strlen(text); len < width; len++)
        put(out, " ");
    put(out, "\t");
}

static void put_row(
    struct vrx_buffer *out, char cells[KINDS][CELL], size_t combinations, const char *outcome) {
    char text[OUTCOME];
    char number[16];
    for (size_t i = 0; i < KINDS; i++)
        put_cell(out, cells[i], widths[i]);
    (void)snprintf(number, sizeof number, "%zu", combinations);
    put_cell(out, number, 12);
    (void)snprintf(text, sizeof text, "%s", outcome);
    char *rest = text;
    for (const size_t *width = (const size_t[]){9, 12, 21, 0}; rest; width++) {
        char *tab = strchr(rest, '\t');
        if (tab)
            *tab = '\0';
        if (tab)
            put_cell(out, rest, *width);
        else
            put(out, rest);
        rest = tab ? tab + 1 : NULL;
    }
    put(out, "\n");
}

/* Values under which everything further on comes out alike stand in one row: "any" where that is
 * all of them. alike: how many combinations each row stands for so far. */
static void put_rows(struct vrx_buffer *out, size_t kind, size_t first, size_t alike,
    char cells[KINDS][CELL], size_t *rows) {
    bool put_already[MOST] = {false};
    if (kind == KINDS) {
        put_row(out, cells, alike, outcomes[first]);
        (*rows)++;
        return;
    }
    const size_t size = below(kind + 1);
    for (unsigned i = 0; i < counts[kind]; i++) {
        unsigned members = 0;
        if (put_already[i])
            continue;
        cells[kind][0] = '\0';
        for (unsigned j = i; j < counts[kind]; j++) {
            if (put_already[j] || !same(first + i * size, first + j * size, size))
                continue;
            put_already[j] = true;
            size_t len = strlen(cells[kind]);
            (void)snprintf(
                cells[kind] + len, CELL - len, "%s%s", members ? "|" : "", kinds[kind].values[j]);
            members++;
        }
        if (members == counts[kind])
            (void)snprintf(cells[kind], CELL, "any");
        put_rows(out, kind + 1, first + i * size, alike * members, cells, rows);
    }
}

static const char head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "#\n"
    "# What the municipality of origin answers, by what a query meets there. Made by\n"
    "# test_decisions.c from 9,600 queries, one for every combination, each signed, sealed, "
    "decided\n"
    "# on by the daemon's code and opened again. After a change that is meant:\n"
    "#\n"
    "#     build/dev/tests/test_decisions__unit_exchange --write && git diff tests/unit/exchange\n"
    "#\n"
    "# How to review: the columns go in the order of the steps (1 directory, 3 permit, 4 consent,\n"
    "# 5 identity check, 7 person, 8 protection), so in each row the last column that is not "
    "\"any\"\n"
    "# is the one that decided. Ask of each row: may the asker be told this? Of DOSES: does all "
    "to\n"
    "# the left of it allow them? Of PENDING: is it one for everybody whom the asker must not "
    "tell\n"
    "# apart, with nothing in the last two columns? Then: the numbers of combinations add up to\n"
    "# 9,600, so no combination is missing.\n"
    "#\n"
    "# directory: of the asker; expired is the whole directory. permit: the one that the query\n"
    "# names; wrong-items: not for all that is asked. consent, evidence: what came with the "
    "query;\n"
    "# told-revoked: as it was granted, but a notice has said otherwise; scope: not for all that "
    "is\n"
    "# asked; method: one that the permit does not accept. person: "
    "whom\n"
    "# the number names; birth-date, name: the query has another one. protection: of that person, "
    "or\n"
    "# of another where nobody was found. waits for: what the origin's own people see; the asker\n"
    "# does not. PENDING becomes NO_RECORD in the end, or DOSES where two officers approve.\n"
    "#\n";

static void make_file(struct exchange_world *world, struct vrx_buffer *out) {
    char cells[KINDS][CELL];
    size_t rows = 0;
    decide_all(world);
    put(out, head);
    put(out, "# ");
    for (size_t i = 0; i < KINDS; i++)
        put_cell(out, kinds[i].name, widths[i] - (i == 0 ? 2 : 0));
    put_cell(out, "combinations", 12);
    put_cell(out, "outcome", 9);
    put_cell(out, "waits for", 12);
    put_cell(out, "reason", 21);
    put(out, "clause\n");
    put_rows(out, 0, 0, 1, cells, &rows);
    print_message("%d combinations in %zu rows\n", COMBINATIONS, rows);
}

/* ---- against the reviewed ones ---- */

static struct vrx_view take_line(struct vrx_view *rest) {
    const uint8_t *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    const size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
    const struct vrx_view line = vrx_view_slice(*rest, 0, len);
    *rest = vrx_view_slice(*rest, len + 1, SIZE_MAX);
    return line;
}

static bool has_line(struct vrx_view text, struct vrx_view line) {
    while (text.len)
        if (vrx_view_equal(take_line(&text), line))
            return true;
    return false;
}

static void print_missing(char sign, struct vrx_view of, struct vrx_view in) {
    while (of.len) {
        const struct vrx_view line = take_line(&of);
        if (!has_line(in, line))
            print_message("%c %.*s\n", sign, (int)line.len, line.len ? (const char *)line.ptr : "");
    }
}

static bool write_anew;

static void test_every_combination_comes_out_as_reviewed(void **state) {
    struct vrx_buffer found VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reviewed VRX_CLEANUP(vrx_buffer_done) = {0};
    make_file(*state, &found);
    if (write_anew)
        assert_ok(vrx_file_replace(REVIEWED, 0644, vrx_buffer_view(&found)));
    assert_ok(vrx_file_read(REVIEWED, LIMIT_FILE, &reviewed));
    const struct vrx_view is = vrx_buffer_view(&found);
    const struct vrx_view should = vrx_buffer_view(&reviewed);
    print_missing('-', should, is);
    print_missing('+', is, should);
    if (!vrx_view_equal(is, should))
        fail_msg("%s was reviewed (-), and the origin decides otherwise (+)", REVIEWED);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_every_combination_comes_out_as_reviewed),
    };
    write_anew = argc == 2 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
