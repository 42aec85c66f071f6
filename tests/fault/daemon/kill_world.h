/* SPDX-License-Identifier: Apache-2.0
 *
 * A real vrxd that is killed again and again, and those who call it: for kill_loop.c. The folder is
 * the one that kills.sh made. What cannot be right ends the program.
 */
#ifndef VRX_FAULT_KILL_WORLD_H
#define VRX_FAULT_KILL_WORLD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "grpc/client.h"

#define MUNICIPALITY "011002"

/* What came of a call. */
enum fate {
    DONE,
    SEALED, /* refused: somebody sealed the vault; it is opened again soon */
    GONE,   /* the daemon is dead; the call may have been done or not */
};

/* vrxd, the library that kills it at a sync, the folder of the build's programs. */
void world_load(const char *vrxd, const char *preload, const char *programs);

_Noreturn void give_up(const char *what, const char *why);
/* A result that must be a success. */
void must(const char *what, struct vrx_result result);

/* Starts the daemon and waits until it listens; false when it ended before. pattern: NULL, or the
 * files and folders whose n-th sync kills it, before or after that sync. */
bool daemon_start(const char *pattern, unsigned sync, bool before);
void daemon_kill(void);
/* Waits for its end, which must be by kill -9. */
void daemon_killed(void);
/* Ends it with SIGTERM, which must go well. */
void daemon_end(void);

/* A vault that nobody has open is whole: every page, every reference, the ledger's tree; by one of
 * the custodians whose keyring it is. */
void check_files(const char *vault, const char *keyring);
/* The vault as a kill left it. */
void check_vault(void);
/* Puts a vault of an earlier schema in the vault's place; no daemon runs. False where a kill left
 * no vault there, for the daemon to put back. */
bool make_vault_old(unsigned version);

/* A connection of its own for each thread; NULL when the daemon is gone. */
enum terminal { CONSOLE, COUNTER };
struct vrx_client *dial(enum terminal terminal);

struct vrx_result call(struct vrx_client *client, const char *path, const ProtobufCMessage *request,
    struct vrx_buffer *ret_reply);
struct vrx_result call_stream(struct vrx_client *client, const char *path,
    const ProtobufCMessage *request, vrx_client_message *message, void *context);
/* Refusals other than TENANT_SEALED end the program. */
enum fate fate_of(const char *what, struct vrx_result result);
/* Who comes while a backup is taken, or one is put back, comes again. */
enum fate unless_busy(const char *what, struct vrx_result result);
enum fate ask(struct vrx_client *client, const char *path, const ProtobufCMessage *request,
    struct vrx_buffer *ret_reply);
void take_a_breath(unsigned milliseconds);

/* The custodian: opens the vault with the last checkpoint held, and holds the one that comes. The
 * daemon must present the keyring that was acknowledged last, or one that was under way. */
enum fate unseal(struct vrx_client *client);
enum fate keep_checkpoint(struct vrx_client *client);
/* Puts the next keyring in force, for the other of two custodians; in turn with a new signing key,
 * a new data key or the same keys. */
enum fate replace_keyring(struct vrx_client *client);
size_t signing_keys_made(void);
unsigned data_keys_made(void);

#endif
