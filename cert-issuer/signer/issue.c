/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/issue.h"

#include "crypto/hash.h"
#include "formats/uvci.h"
#include "policy/content.h"

static bool is_used(const void *context, const uint8_t application[VRX_ID]) {
    return vrx_journal_is_used(context, application);
}

static uint64_t hour_count(
    const void *context, const struct vrx_municipality_code *municipality, int64_t now) {
    return vrx_journal_hour_count(context, municipality, now);
}

static struct vrx_result make_serial(
    const struct vrx_issuer *issuer, char uvci[VRX_UVCI_TEXT + 1]) {
    uint8_t random[VRX_UVCI_RANDOM];
    VRX_TRY(vrx_random_fill(issuer->random, random, sizeof random));
    vrx_uvci_make(random, uvci);
    return vrx_ok();
}

/* The steps that cannot be taken back: intent, certificate, record. */
static struct vrx_result issue(const struct vrx_issuer *issuer,
    const struct vrx_issue_case *issue_case, const struct vrx_hcert *content,
    struct vrx_buffer *text, struct vrx_issue_note *note) {
    struct vrx_journal_entry entry = {.kind = VRX_JOURNAL_INTENT,
        .time = issue_case->now,
        .municipality = issue_case->municipality->code,
        .uvci = content->identifier};
    memcpy(entry.application, issue_case->application.id, VRX_ID);
    VRX_TRY(vrx_journal_append(issuer->journal, &entry));
    note->intended = true;
    VRX_TRY(vrx_mint_make(issuer->mint, content, text));
    entry.kind = VRX_JOURNAL_ISSUED;
    entry.expires = content->expires;
    VRX_TRY(vrx_sha256(vrx_buffer_view(text), entry.certificate));
    return vrx_journal_append(issuer->journal, &entry);
}

static struct vrx_result decide(struct vrx_issue_case *issue_case, struct vrx_issue_note *note) {
    struct vrx_result result = vrx_issue_decide(issue_case);
    /* The application's own rule has run when its id is there; what it says is signed then. */
    static const uint8_t none[VRX_ID] = {0};
    note->known = memcmp(issue_case->application.id, none, VRX_ID) != 0;
    if (note->known) {
        memcpy(note->application, issue_case->application.id, VRX_ID);
        note->municipality = issue_case->application.municipality;
    }
    return result;
}

static struct vrx_result handle(const struct vrx_issuer *issuer, struct vrx_view bytes, int64_t now,
    struct vrx_arena *arena, struct vrx_buffer *text, struct vrx_issue_reply *reply,
    struct vrx_issue_note *note) {
    const struct vrx_issue_memory memory = {
        .is_used = is_used, .hour_count = hour_count, .context = issuer->journal};
    struct vrx_issue_request request;
    struct vrx_hcert content;
    char uvci[VRX_UVCI_TEXT + 1];
    VRX_TRY(vrx_object_decode(&vrx_issue_request_schema, bytes, arena, &request));
    struct vrx_issue_case issue_case = {.now = now,
        .terms = issuer->terms,
        .directory = vrx_directory_file_get(issuer->directory),
        .memory = &memory,
        .request = &request,
        .arena = arena};
    VRX_TRY(decide(&issue_case, note));
    VRX_TRY(make_serial(issuer, uvci));
    VRX_TRY(vrx_arena_copy(arena, vrx_view_text(uvci), &reply->uvci));
    VRX_TRY(
        vrx_issue_content(&issue_case, reply->uvci, vrx_mint_not_after(issuer->mint), &content));
    VRX_TRY(vrx_mint_check(issuer->mint, &content));
    VRX_TRY(issue(issuer, &issue_case, &content, text, note));
    reply->certificate = vrx_buffer_view(text);
    reply->issued_at = content.issued;
    reply->expires_at = content.expires;
    return vrx_ok();
}

struct vrx_result vrx_issuer_answer(const struct vrx_issuer *issuer, struct vrx_view request,
    int64_t now, struct vrx_buffer *reply, struct vrx_issue_note *ret_note) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct vrx_issue_reply answer = {0};
    struct vrx_issue_note note = {0};
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    note.directory = vrx_directory_file_refresh(issuer->directory, now);
    note.result = handle(issuer, request, now, &arena, &text, &answer, &note);
    if (!vrx_is_ok(note.result))
        answer = (struct vrx_issue_reply){
            .reason = note.result.reason, .clause = vrx_view_text(note.result.clause)};
    struct vrx_result result = vrx_object_encode(&vrx_issue_reply_schema, &answer, reply);
    vrx_arena_done(&arena);
    *ret_note = note;
    return result;
}
