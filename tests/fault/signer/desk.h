/* SPDX-License-Identifier: Apache-2.0
 *
 * An issuer without its process, in a folder of its own, for tests in which something fails.
 */
#ifndef VRX_TEST_DESK_H
#define VRX_TEST_DESK_H

#include "signer/issue.h"
#include "support/issue_world.h"

#define DESK_TEXT 4096

struct desk {
    struct issue_world world;
    char folder[64];
    char directory_path[96];
    struct vrx_public_key *authority;
    struct vrx_mint *mint;
    struct vrx_journal *journal;
    struct vrx_directory_file *directory;
    struct vrx_issuer issuer;
};

/* For cmocka; *state is the desk, open. */
int desk_setup(void **state);
int desk_teardown(void **state);

/* As at the process's start, and at its end. */
struct vrx_result desk_open(struct desk *desk);
void desk_close(struct desk *desk);

/* Fresh identifiers, signed. */
void desk_next_case(struct desk *desk);

/* Asks with this request, as encoded by desk_request: what came of it, and the text of the
 * certificate, "" where there is none. */
void desk_request(const struct desk *desk, struct vrx_buffer *out);
struct vrx_result desk_ask(
    const struct desk *desk, const struct vrx_buffer *request, char ret_text[DESK_TEXT]);

/* Lines of the journal about the present case, as the file has them. */
struct desk_lines {
    const uint8_t *application;
    size_t intents, issued;
};
struct desk_lines desk_lines(const struct desk *desk);

#endif
