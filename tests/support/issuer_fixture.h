/* SPDX-License-Identifier: Apache-2.0
 *
 * The real vrx-issuer over a case that may be issued (issue_world.h), asked over its socket as a
 * taken-over caller would. Each fixture has a folder of its own.
 */
#ifndef VRX_TEST_ISSUER_FIXTURE_H
#define VRX_TEST_ISSUER_FIXTURE_H

#include <sys/types.h>

#include "support/issue_world.h"

#define ISSUER_PATH 128
#define ISSUER_MORE 18

struct issuer_fixture {
    struct issue_world world;
    char folder[64];
    char socket[ISSUER_PATH], state[ISSUER_PATH], directory[ISSUER_PATH], authority[ISSUER_PATH];
    char certificate[ISSUER_PATH], key[2 * ISSUER_PATH]; /* a file, or a URI */
    char *more[ISSUER_MORE];                             /* arguments, ended by NULL */
    char *environment[ISSUER_MORE];                      /* the same */
    bool traced;                                         /* stops at exec, for ptrace(2) */
    pid_t pid;
    int log; /* its standard error */
};

/* For cmocka; *state is the fixture. */
int issuer_setup(void **state);
int issuer_teardown(void **state);

/* Starts it; issuer_start waits until it serves. extra: one more environment variable, of
 * kill_at_sync.c, or NULL. */
void issuer_launch(struct issuer_fixture *fixture, const char *extra);
void issuer_start(struct issuer_fixture *fixture);
/* Reads the process's log up to and including this text. */
bool issuer_saw(int fd, const char *text);
/* The same up to one of two: 1 or 2, and 0 where neither comes. */
int issuer_saw_either(int fd, const char *text, const char *other);
/* Waits for its end and returns the wait status. */
int issuer_ended(struct issuer_fixture *fixture);
/* By SIGTERM, and it ends well. */
void issuer_stop(struct issuer_fixture *fixture);
void issuer_kill(struct issuer_fixture *fixture);
void issuer_refuses_to_start(struct issuer_fixture *fixture, const char *because);

/* --list as text, with more options, a blank between them, or NULL. */
void issuer_list(const struct issuer_fixture *fixture, const char *options, char *out, size_t size);
/* How often --list has this word on a line with the application of the world. */
size_t issuer_listed(const struct issuer_fixture *fixture, const char *word);

/* Signs the world's directory again. */
void issuer_write_directory(const struct issuer_fixture *fixture);

/* Asks with the world's request. The reply lives in the arena. */
void issuer_expect(const struct issuer_fixture *fixture, enum vrx_reason reason);
void issuer_expect_no_answer(const struct issuer_fixture *fixture);
/* Fresh identifiers, signed. */
void issuer_next_case(struct issuer_fixture *fixture);

int issuer_dial(const struct issuer_fixture *fixture);
/* The world's request with its head, as it goes over the socket. */
void issuer_frame(const struct issuer_fixture *fixture, struct vrx_buffer *out);
/* Sends these bytes, closes the sending side, and counts what comes back. */
size_t issuer_send_raw(const struct issuer_fixture *fixture, const void *bytes, size_t len);

#endif
