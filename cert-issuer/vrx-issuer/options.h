/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of vrx-issuer.
 */
#ifndef VRX_ISSUER_OPTIONS_H
#define VRX_ISSUER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define VRX_ISSUER_TOKEN_FILES 4

struct vrx_issuer_options {
    const char *config; /* the file that some of them are from; NULL: none */
    const char *socket;
    const char *state;
    const char *directory;
    const char *authority_key;
    const char *certificate;
    const char *key;                                 /* a file, or a PKCS #11 URI */
    const char *pin_file;                            /* of the token; NULL: none */
    const char *token_files[VRX_ISSUER_TOKEN_FILES]; /* that its module uses; NULL ends them */
    const char *shc_issuer;                          /* these two, or neither */
    const char *shc_key;
    const char *vds_certificate; /* these three, or none */
    const char *vds_key;
    const char *vds_csca;
    uid_t uid;           /* the daemon's user; besides it, root and our own */
    uint64_t hourly_cap; /* 0: the default */
    bool list;           /* show the journal and end: */
    bool unfinished;     /* of it what never became a certificate */
    bool json;
};

/* Answers --help and --version itself. True where the process is to go on; otherwise *ret_status is
 * what to end with. */
bool vrx_issuer_options_parse(
    int argc, char **argv, struct vrx_issuer_options *ret_options, int *ret_status);

#endif
