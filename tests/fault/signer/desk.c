/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/random.h"
#include "files/files.h"
#include "support/check.h"
#include "support/issue_reply.h"

static void write_directory(const struct desk *desk) {
    struct vrx_buffer message = {0};
    world_sign_directory(&desk->world, &message);
    assert_ok(vrx_file_replace(desk->directory_path, 0644, vrx_buffer_view(&message)));
    vrx_buffer_done(&message);
}

static void make_mint(struct desk *desk) {
    struct vrx_buffer certificate = {0};
    struct vrx_secret *pem = NULL;
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_certificate_to_pem(desk->world.dsc.cert, &certificate));
    assert_ok(vrx_private_key_to_pem(desk->world.dsc.key, &pem));
    assert_ok(vrx_private_key_from_pem(vrx_secret_view(pem), &key));
    assert_ok(vrx_mint_new(vrx_buffer_view(&certificate), &key, &desk->mint));
    vrx_secret_free(&pem);
    vrx_buffer_done(&certificate);
}

struct vrx_result desk_open(struct desk *desk) {
    VRX_TRY(vrx_journal_open(desk->folder, NULL, &desk->journal));
    VRX_TRY(vrx_directory_file_new(
        desk->directory_path, desk->authority, desk->journal, desk->world.now, &desk->directory));
    desk->issuer = (struct vrx_issuer){.terms = &vrx_issue_terms_default,
        .journal = desk->journal,
        .mint = desk->mint,
        .directory = desk->directory,
        .random = vrx_random_system()};
    return vrx_ok();
}

void desk_close(struct desk *desk) {
    vrx_directory_file_free(&desk->directory);
    vrx_journal_free(&desk->journal);
}

int desk_setup(void **state) {
    static const char pattern[] = "/tmp/vrx-desk-XXXXXX";
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    memcpy(desk->folder, pattern, sizeof pattern);
    assert_non_null(mkdtemp(desk->folder));
    (void)snprintf(desk->directory_path, sizeof desk->directory_path, "%s/directory", desk->folder);
    world_init(&desk->world, WORLD_NOW);
    world_record(&desk->world);
    world_sign(&desk->world);
    assert_ok(vrx_private_key_public(desk->world.authority, &desk->authority));
    write_directory(desk);
    make_mint(desk);
    assert_ok(desk_open(desk));
    *state = desk;
    return 0;
}

int desk_teardown(void **state) {
    struct desk *desk = *state;
    char journal[96];
    (void)snprintf(journal, sizeof journal, "%s/journal", desk->folder);
    desk_close(desk);
    vrx_mint_free(&desk->mint);
    vrx_public_key_free(&desk->authority);
    world_done(&desk->world);
    unlink(journal);
    unlink(desk->directory_path);
    rmdir(desk->folder);
    free(desk);
    return 0;
}

void desk_next_case(struct desk *desk) {
    world_renew(&desk->world);
    world_sign(&desk->world);
}

void desk_request(const struct desk *desk, struct vrx_buffer *out) {
    assert_ok(vrx_object_encode(&vrx_issue_request_schema, &desk->world.request, out));
}

struct vrx_result desk_ask(
    const struct desk *desk, const struct vrx_buffer *request, char ret_text[DESK_TEXT]) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    struct vrx_issue_note note = {0};
    struct vrx_issue_reply reply;
    struct vrx_arena arena;
    ret_text[0] = '\0';
    VRX_TRY(
        vrx_issuer_answer(&desk->issuer, vrx_buffer_view(request), desk->world.now, &bytes, &note));
    vrx_arena_init(&arena, 0);
    if (vrx_is_ok(
            vrx_object_decode(&vrx_issue_reply_schema, vrx_buffer_view(&bytes), &arena, &reply))) {
        const struct vrx_view text = issue_reply_text(&reply, VRX_FORMAT_HCERT);
        assert_int_equal(reply.reason, note.result.reason);
        assert_true(text.len < DESK_TEXT);
        if (text.len)
            memcpy(ret_text, text.ptr, text.len);
        ret_text[text.len] = '\0';
    }
    vrx_arena_done(&arena);
    return note.result;
}

static struct vrx_result count(void *context, const struct vrx_journal_entry *entry) {
    struct desk_lines *lines = context;
    if (entry->kind == VRX_JOURNAL_DIRECTORY ||
        memcmp(entry->application, lines->application, VRX_ID) != 0)
        return vrx_ok();
    lines->intents += entry->kind == VRX_JOURNAL_INTENT;
    lines->issued += entry->kind != VRX_JOURNAL_INTENT;
    return vrx_ok();
}

struct desk_lines desk_lines(const struct desk *desk) {
    struct desk_lines lines = {.application = desk->world.application.id};
    assert_ok(vrx_journal_each(desk->folder, count, &lines));
    return lines;
}
