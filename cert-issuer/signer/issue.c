/* SPDX-License-Identifier: Apache-2.0
 *
 * See issue.h. What the journal has of an application decides what is done: nothing, and it is
 * intended and issued; an intent that a crash left, and it is issued under that; a certificate, and
 * it is given again.
 */
#include "signer/issue.h"

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "formats/uvci.h"
#include "policy/content.h"

/* What the journal has of the application at hand. */
struct past {
    struct vrx_buffer bytes;        /* of entry */
    struct vrx_journal_entry entry; /* its kind is 0: nothing */
    struct vrx_result unread;       /* why the disk does not say what there is */
};

struct memory {
    struct vrx_journal *journal;
    struct past *past;
};

/* Used up for good, where nothing recent says what for: what was begun can be finished, and what
 * was issued is given again, where it is the same. */
static bool is_used(const void *context, const uint8_t application[VRX_ID]) {
    const struct memory *memory = context;
    struct past *past = memory->past;
    if (!vrx_journal_is_used(memory->journal, application))
        return false;
    const struct vrx_result result =
        vrx_journal_recall(memory->journal, application, &past->bytes, &past->entry);
    if (!vrx_is_ok(result) && result.reason != VRX_NOT_FOUND)
        past->unread = result;
    return result.reason == VRX_NOT_FOUND || past->entry.kind == VRX_JOURNAL_ISSUED;
}

static uint64_t hour_count(
    const void *context, const struct vrx_municipality_code *municipality, int64_t now) {
    const struct memory *memory = context;
    return vrx_journal_hour_count(memory->journal, municipality, now);
}

static struct vrx_result make_serial(
    const struct vrx_issuer *issuer, char uvci[VRX_UVCI_TEXT + 1]) {
    uint8_t random[VRX_UVCI_RANDOM];
    VRX_TRY(vrx_random_fill(issuer->random, random, sizeof random));
    vrx_uvci_make(random, uvci);
    return vrx_ok();
}

/* ---- keeping what was issued ---- */

/* The certificate is kept for who asks again because the first answer was lost. It holds a name and
 * a birth date, which the journal must not: so it is sealed under a key that only the signed
 * application gives, whose signature nobody can guess and which the municipality erases in its
 * time. The payload is authenticated with it: who shows other doses or another name by then gets
 * nothing. */
static struct vrx_result keep_key(
    const struct vrx_issue_case *issue_case, uint8_t ret_key[VRX_AEAD_KEY]) {
    return vrx_hkdf_sha256(issue_case->request->application, vrx_view_text("vrx.kept.1"),
        vrx_view_of(issue_case->use, VRX_ID), ret_key, VRX_AEAD_KEY);
}

static struct vrx_result keep(const struct vrx_issuer *issuer,
    const struct vrx_issue_case *issue_case, struct vrx_view payload, struct vrx_view text,
    struct vrx_buffer *out) {
    uint8_t key[VRX_AEAD_KEY];
    uint8_t *at = NULL;
    struct vrx_aead aead VRX_CLEANUP(vrx_aead_done) = {0};
    VRX_TRY(keep_key(issue_case, key));
    struct vrx_result result = vrx_aead_init(&aead, vrx_view_of(key, sizeof key));
    vrx_wipe(key, sizeof key);
    VRX_TRY(result);
    VRX_TRY(vrx_buffer_extend(out, VRX_AEAD_NONCE + text.len + VRX_AEAD_TAG, &at));
    VRX_TRY(vrx_random_fill(issuer->random, at, VRX_AEAD_NONCE));
    return vrx_aead_seal(
        &aead, at, payload, text, at + VRX_AEAD_NONCE, at + VRX_AEAD_NONCE + text.len);
}

static struct vrx_result give_again(const struct vrx_issue_case *issue_case,
    const struct vrx_journal_entry *past, struct vrx_view payload, struct vrx_buffer *text) {
    uint8_t key[VRX_AEAD_KEY];
    uint8_t digest[VRX_SHA256];
    uint8_t *out = NULL;
    struct vrx_aead aead VRX_CLEANUP(vrx_aead_done) = {0};
    if (past->kept.len <= VRX_AEAD_NONCE + VRX_AEAD_TAG)
        return vrx_refuse(VRX_VAULT_DAMAGED, "journal.cddl: kept");
    const size_t len = past->kept.len - VRX_AEAD_NONCE - VRX_AEAD_TAG;
    const uint8_t *at = past->kept.ptr;
    VRX_TRY(keep_key(issue_case, key));
    struct vrx_result result = vrx_aead_init(&aead, vrx_view_of(key, sizeof key));
    vrx_wipe(key, sizeof key);
    VRX_TRY(result);
    VRX_TRY(vrx_buffer_extend(text, len, &out));
    result = vrx_aead_open(
        &aead, at, payload, vrx_view_of(at + VRX_AEAD_NONCE, len), at + VRX_AEAD_NONCE + len, out);
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_APPLICATION_USED, "issue.h: used for another content");
    VRX_TRY(result);
    VRX_TRY(vrx_sha256(vrx_view_of(out, len), digest));
    return memcmp(digest, past->certificate, sizeof digest) == 0
               ? vrx_ok()
               : vrx_refuse(VRX_VAULT_DAMAGED, "journal.h: certificate");
}

/* ---- the steps that cannot be taken back: intent, certificate, record ---- */

static struct vrx_result intend(const struct vrx_issuer *issuer,
    const struct vrx_issue_case *issue_case, const struct vrx_issue_content *content,
    struct vrx_journal_entry *entry) {
    *entry = (struct vrx_journal_entry){.kind = VRX_JOURNAL_INTENT,
        .time = content->issued,
        .municipality = issue_case->municipality->code,
        .uvci = content->uvci};
    memcpy(entry->application, issue_case->use, VRX_ID);
    return vrx_journal_append(issuer->journal, entry);
}

/* The record is durable before the certificate leaves. */
static struct vrx_result issue(const struct vrx_issuer *issuer,
    const struct vrx_issue_case *issue_case, const struct vrx_issue_content *content,
    const struct vrx_journal_entry *intent, struct vrx_buffer *text) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer kept = {0};
    struct vrx_journal_entry entry = *intent;
    VRX_TRY(vrx_mint_make(issuer->mint, content, text));
    VRX_TRY(vrx_mint_payload(content, &payload));
    VRX_TRY(keep(issuer, issue_case, vrx_buffer_view(&payload), vrx_buffer_view(text), &kept));
    entry.kind = VRX_JOURNAL_KEPT;
    entry.expires = content->expires;
    entry.kept = vrx_buffer_view(&kept);
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
        note->municipality = issue_case->statement.municipality.digits[0]
                                 ? issue_case->statement.municipality
                                 : issue_case->application.municipality;
    }
    return result;
}

/* As it was, or is to be: with the serial and the time of an intent that there is. */
static struct vrx_result make_content(const struct vrx_issuer *issuer,
    const struct vrx_issue_case *issue_case, const struct vrx_journal_entry *past,
    struct vrx_issue_content *ret_content) {
    struct vrx_issue_case then = *issue_case;
    struct vrx_view serial = past->uvci;
    char uvci[VRX_UVCI_TEXT + 1];
    const struct vrx_issue_formats formats = vrx_issue_formats_of(issue_case->application.kind);
    VRX_TRY(vrx_mint_ready(issuer->mint, &formats));
    if (past->kind) {
        then.now = past->time;
    } else {
        VRX_TRY(make_serial(issuer, uvci));
        serial = vrx_view_text(uvci);
    }
    VRX_TRY(vrx_arena_copy(issue_case->arena, serial, &serial));
    const struct vrx_issue_frame frame = {.uvci = serial,
        .not_after = vrx_mint_not_after(issuer->mint, &formats),
        .shc_issuer = vrx_mint_shc_issuer(issuer->mint)};
    VRX_TRY(vrx_issue_content(&then, &frame, ret_content));
    return vrx_mint_check(issuer->mint, ret_content);
}

/* By what there is of the application: nothing, an intent, or a certificate. */
static struct vrx_result carry_out(const struct vrx_issuer *issuer,
    const struct vrx_issue_case *issue_case, const struct vrx_journal_entry *past,
    const struct vrx_issue_content *content, struct vrx_buffer *text, struct vrx_issue_note *note) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    struct vrx_journal_entry intent = *past;
    note->again = past->kind == VRX_JOURNAL_KEPT;
    if (note->again) {
        VRX_TRY(vrx_mint_payload(content, &payload));
        return give_again(issue_case, past, vrx_buffer_view(&payload), text);
    }
    if (!past->kind)
        VRX_TRY(intend(issuer, issue_case, content, &intent));
    note->intended = true;
    return issue(issuer, issue_case, content, &intent, text);
}

/* The texts, one a format. */
static struct vrx_result put_certificates(const struct vrx_issue_formats *formats,
    struct vrx_view texts, struct vrx_arena *arena, struct vrx_issue_reply *reply) {
    struct vrx_issued_certificate *issued =
        vrx_arena_alloc_array(arena, formats->count, sizeof *issued);
    if (!issued)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < formats->count; i++) {
        const bool last = i + 1 == formats->count;
        const uint8_t *end = texts.len ? memchr(texts.ptr, VRX_MINT_SEPARATOR, texts.len) : NULL;
        if (!texts.len || (end != NULL) == last)
            return vrx_refuse(VRX_VAULT_DAMAGED, "journal.h: as many certificates as formats");
        const size_t len = end ? (size_t)(end - texts.ptr) : texts.len;
        issued[i].format = formats->at[i];
        issued[i].text = vrx_view_slice(texts, 0, len);
        texts = vrx_view_slice(texts, len + 1, texts.len);
    }
    reply->certificates = issued;
    reply->certificate_count = formats->count;
    return vrx_ok();
}

static struct vrx_result handle(const struct vrx_issuer *issuer, struct vrx_view bytes, int64_t now,
    struct vrx_arena *arena, struct past *past, struct vrx_buffer *text,
    struct vrx_issue_reply *reply, struct vrx_issue_note *note) {
    const struct memory memory = {issuer->journal, past};
    const struct vrx_issue_memory rules = {
        .is_used = is_used, .hour_count = hour_count, .context = &memory};
    struct vrx_issue_request request;
    struct vrx_issue_content content;
    VRX_TRY(vrx_object_decode(&vrx_issue_request_schema, bytes, arena, &request));
    note->asked = request.request_id.len == VRX_ID;
    if (note->asked)
        memcpy(note->request, request.request_id.ptr, VRX_ID);
    struct vrx_issue_case issue_case = {.now = now,
        .terms = issuer->terms,
        .directory = vrx_directory_file_get(issuer->directory),
        .memory = &rules,
        .request = &request,
        .arena = arena};
    VRX_TRY(decide(&issue_case, note));
    VRX_TRY(past->unread); /* nobody is told that it is used where nobody knows */
    VRX_TRY(make_content(issuer, &issue_case, &past->entry, &content));
    VRX_TRY(carry_out(issuer, &issue_case, &past->entry, &content, text, note));
    VRX_TRY(put_certificates(&content.formats, vrx_buffer_view(text), arena, reply));
    reply->uvci = content.uvci;
    reply->issued_at = content.issued;
    reply->expires_at = content.expires;
    return vrx_ok();
}

struct vrx_result vrx_issuer_answer(const struct vrx_issuer *issuer, struct vrx_view request,
    int64_t now, struct vrx_buffer *reply, struct vrx_issue_note *ret_note) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct vrx_issue_reply answer = {0};
    struct vrx_issue_note note = {0};
    struct past past = {0};
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    note.directory = vrx_directory_file_refresh(issuer->directory, now);
    note.result = handle(issuer, request, now, &arena, &past, &text, &answer, &note);
    if (!vrx_is_ok(note.result))
        answer = (struct vrx_issue_reply){
            .reason = note.result.reason, .clause = vrx_view_text(note.result.clause)};
    struct vrx_result result = vrx_object_encode(&vrx_issue_reply_schema, &answer, reply);
    vrx_buffer_done(&past.bytes);
    vrx_arena_done(&arena);
    *ret_note = note;
    return result;
}
