/* SPDX-License-Identifier: Apache-2.0
 *
 * The key ceremony log (pki/ceremony.h) for the commands that use a CA's key: opened and verified
 * before anything is signed, so that nothing is signed that could not be noted.
 */
#ifndef VRX_CLI_CEREMONY_H
#define VRX_CLI_CEREMONY_H

#include "cli/command.h"
#include "pki/ceremony.h"

#define VRX_CEREMONY_OPTION \
    { \
        "ceremony-by", "TEXT", false, false, \
            "who is there, for the CA's ceremony.log; default: $USER", \
            "立会人（CA の ceremony.log に記録。既定は $USER）" \
    }

/* Notes what was signed by the CA whose certificate lies in ca_folder. object: SHA-256 of it.
 * Errors: vrx_pki_read_certificate's, vrx_ceremony_note's. */
struct vrx_result vrx_cli_ceremony_note(const struct vrx_arguments *arguments,
    struct vrx_ceremony_log *log, enum vrx_ceremony_act act, const char *ca_folder,
    const uint8_t object[VRX_CEREMONY_HASH]);
/* The same of a certificate in a file. */
struct vrx_result vrx_cli_ceremony_certificate(const struct vrx_arguments *arguments,
    struct vrx_ceremony_log *log, enum vrx_ceremony_act act, const char *ca_folder,
    const char *certificate);

#endif
