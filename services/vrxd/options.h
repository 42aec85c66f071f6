/* SPDX-License-Identifier: Apache-2.0
 *
 * Every setting of vrxd, from one table: an option of the command line, a name in the configuration
 * file, a line of the help and of the commented file that --print-config makes. What the command
 * line says counts before what the file says.
 */
#ifndef VRX_VRXD_OPTIONS_H
#define VRX_VRXD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/limits.h"
#include "vrxd/config_file.h"

#define VRXD_PLATFORM_TERMINALS 16

/* Texts are borrowed from argv and from file. */
struct vrxd_options {
    int argc;
    char **argv;
    cfg_t *file; /* NULL: none was named */
    const char *config;
    bool check; /* --check-config: say whether it would start, and do not */

    const char *state;
    const char *backups; /* "": below the state folder */
    const char *listen;  /* "127.0.0.1:7440" */
    const char *certificate;
    const char *key;
    const char *client_ca;
    const char *client_crl;       /* "": none */
    const char *peer_certificate; /* "": no other daemon is called; the next two too */
    const char *peer_key;
    const char *peer_ca;
    const char *authority;
    const char *directory;
    const char *permits;
    const char *law_source;    /* "": nowhere is asked; "law.example:443" */
    const char *law_source_ca; /* "": client_ca */
    const char *issuer;
    const char *metrics;    /* "": none; "127.0.0.1:9440" or a path with a slash */
    const char *trust_list; /* "": none; the next five too */
    const char *revocation_list;
    const char *card_anchors; /* "": no number card is taken; the next two too */
    const char *card_crl;
    const char *card_ocsp;     /* "http://ocsp.example/" */
    const char *public_listen; /* "0.0.0.0:443" */
    const char *public_certificate;
    const char *public_key;
    const char *public_folder; /* "": none */
    const char *platform[VRXD_PLATFORM_TERMINALS];
    unsigned platform_count;
    long law_fetch_seconds;
    long threads;
    long connections;
    long address_connections;
    long terminal_connections;
    long handshake_seconds;
    long connection_idle_seconds;
    long keepalive_seconds;
    long stall_seconds;
    long drain_seconds;
    long idle_seal_seconds;
    long pending_seconds;
    long transfer_seconds;
    long backup_wal_mebibytes;
    long cache_mebibytes;
    long session_idle_seconds;
    long session_seconds;
    long log_in_tries;
    long log_in_terminal_tries;
    long log_in_wait_seconds;
    long card_ocsp_seconds;
    long card_tries;
    long card_terminal_tries;
    long card_wait_seconds;
    long limits[VRX_LIMITS];
};

/* False: exit with *ret_status; help or what is wrong was printed. */
bool vrxd_options_parse(int argc, char **argv, struct vrxd_options *ret_options, int *ret_status);
void vrxd_options_done(struct vrxd_options *options);

/* Reads the file again, with the command line over it as before, and takes over what may change
 * while vrxd runs. Where anything is wrong all stays as it is. wrong: what is wrong (false), or the
 * name of a setting that has changed and counts from the next start only ("" where there is none).
 */
bool vrxd_options_reload(struct vrxd_options *options, char wrong[VRXD_LIMIT_WRONG]);

/* Splits "127.0.0.1:7440" or "[::1]:7440". False when it is neither. */
bool vrxd_options_address(const char *listen, char address[64], uint16_t *ret_port);

#endif
