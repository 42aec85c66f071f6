/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: vrx-issuer --socket PATH --state FOLDER --directory FILE --authority-key FILE\n"
    "                  --certificate FILE --key FILE|URI [--pin-file FILE] [--uid UID]\n"
    "                  [--hourly-cap N]\n"
    "       vrx-issuer --list --state FOLDER\n"
    "\n"
    "Signs vaccination certificates for municipalities. It takes one typed request over a Unix\n"
    "socket, checks everything from signed objects, uses each application once and signs with a\n"
    "key that no other process has. It runs in the foreground and ends on SIGTERM or SIGINT after\n"
    "the request at hand.\n"
    "\n"
    "  --socket PATH         where to listen; an old socket there is replaced\n"
    "  --state FOLDER        where the journal is kept; must exist and be writable\n"
    "  --directory FILE      the signed directory of municipalities; read again when it changes,\n"
    "                        an older version is refused\n"
    "  --authority-key FILE  the platform authority's public key, PEM (PUBLIC KEY, or a\n"
    "                        CERTIFICATE that holds it)\n"
    "  --certificate FILE    the document signer's certificate, PEM (CERTIFICATE)\n"
    "  --key FILE|URI        its private key, PEM (PRIVATE KEY, P-256), mode 0600; or on a token:\n"
    "                        pkcs11:token=NAME;object=NAME?module-path=FILE (RFC 7512)\n"
    "  --pin-file FILE       the token's PIN, first line, mode 0600\n"
    "  --token-files PATH    a file or folder that the token's module reads and writes while it\n"
    "                        signs and when the token comes back; up to 4 times\n"
    "  --shc-issuer URL      for SMART Health Cards: the address that stands in them, under which\n"
    "                        their key is published; begins with https://, without / at the end\n"
    "  --shc-key FILE        their key, PEM (PRIVATE KEY, P-256), mode 0600; no certificate\n"
    "  --vds-certificate FILE, --vds-key FILE, --vds-csca FILE\n"
    "                        for VDS-NC: the signer's certificate (vrx pki vds-signer), its key,\n"
    "                        and the certificate of the authority that issued it\n"
    "  --uid UID             the user whose processes may ask, besides root and our own;\n"
    "                        number, default our own\n"
    "  --hourly-cap N        certificates a municipality and clock hour, default 2000\n"
    "  --list                show the journal, one line a record, and end; also beside a running\n"
    "                        issuer\n"
    "  --help                show this and end\n"
    "  --version             show the version and end\n"
    "\n"
    "Without the keys for SMART Health Cards and VDS-NC the issuer makes no certificates of the\n"
    "kinds that have them, and says so.\n"
    "\n"
    "Lines of --list: time, what, municipality, application, UVCI. An intent without an issued\n"
    "line of the same UVCI is an application that was used up without a certificate.\n"
    "\n"
    "Status: 0 ended by a signal or listed; 1 could not start or the journal failed; 2 wrong "
    "use.\n";

enum option_code {
    OPTION_HELP = 'h',
    OPTION_VERSION = 'V',
    OPTION_SOCKET = 256,
    OPTION_STATE,
    OPTION_DIRECTORY,
    OPTION_AUTHORITY_KEY,
    OPTION_CERTIFICATE,
    OPTION_KEY,
    OPTION_PIN_FILE,
    OPTION_TOKEN_FILES,
    OPTION_SHC_ISSUER,
    OPTION_SHC_KEY,
    OPTION_VDS_CERTIFICATE,
    OPTION_VDS_KEY,
    OPTION_VDS_CSCA,
    OPTION_UID,
    OPTION_HOURLY_CAP,
    OPTION_LIST,
};

static const struct option long_options[] = {
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"state", required_argument, NULL, OPTION_STATE},
    {"directory", required_argument, NULL, OPTION_DIRECTORY},
    {"authority-key", required_argument, NULL, OPTION_AUTHORITY_KEY},
    {"certificate", required_argument, NULL, OPTION_CERTIFICATE},
    {"key", required_argument, NULL, OPTION_KEY},
    {"pin-file", required_argument, NULL, OPTION_PIN_FILE},
    {"token-files", required_argument, NULL, OPTION_TOKEN_FILES},
    {"shc-issuer", required_argument, NULL, OPTION_SHC_ISSUER},
    {"shc-key", required_argument, NULL, OPTION_SHC_KEY},
    {"vds-certificate", required_argument, NULL, OPTION_VDS_CERTIFICATE},
    {"vds-key", required_argument, NULL, OPTION_VDS_KEY},
    {"vds-csca", required_argument, NULL, OPTION_VDS_CSCA},
    {"uid", required_argument, NULL, OPTION_UID},
    {"hourly-cap", required_argument, NULL, OPTION_HOURLY_CAP},
    {"list", no_argument, NULL, OPTION_LIST},
    {NULL, 0, NULL, 0},
};

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || number > max) {
        (void)fprintf(stderr, "vrx-issuer: %s is not a number in range\n", text);
        return false;
    }
    *ret_number = number;
    return true;
}

static bool add_token_files(const char *path, struct vrx_issuer_options *options) {
    for (size_t i = 0; i < VRX_ISSUER_TOKEN_FILES; i++)
        if (!options->token_files[i]) {
            options->token_files[i] = path;
            return true;
        }
    (void)fprintf(stderr, "vrx-issuer: --token-files %d times at most\n", VRX_ISSUER_TOKEN_FILES);
    return false;
}

/* Where the text of an option for SMART Health Cards or VDS-NC goes; NULL for another. */
static const char **path_of_format(int code, struct vrx_issuer_options *options) {
    switch (code) {
    case OPTION_SHC_ISSUER:
        return &options->shc_issuer;
    case OPTION_SHC_KEY:
        return &options->shc_key;
    case OPTION_VDS_CERTIFICATE:
        return &options->vds_certificate;
    case OPTION_VDS_KEY:
        return &options->vds_key;
    case OPTION_VDS_CSCA:
        return &options->vds_csca;
    default:
        return NULL;
    }
}

static bool take_option(int code, struct vrx_issuer_options *options) {
    uint64_t number = 0;
    const char **path = NULL;
    switch (code) {
    case OPTION_SOCKET:
        path = &options->socket;
        break;
    case OPTION_STATE:
        path = &options->state;
        break;
    case OPTION_DIRECTORY:
        path = &options->directory;
        break;
    case OPTION_AUTHORITY_KEY:
        path = &options->authority_key;
        break;
    case OPTION_CERTIFICATE:
        path = &options->certificate;
        break;
    case OPTION_KEY:
        path = &options->key;
        break;
    case OPTION_PIN_FILE:
        path = &options->pin_file;
        break;
    case OPTION_TOKEN_FILES:
        return add_token_files(optarg, options);
    case OPTION_LIST:
        options->list = true;
        return true;
    case OPTION_UID:
        if (!parse_number(optarg, UINT32_MAX - 1, &number))
            return false;
        options->uid = (uid_t)number;
        return true;
    case OPTION_HOURLY_CAP:
        if (!parse_number(optarg, UINT32_MAX, &number) || number == 0)
            return false;
        options->hourly_cap = number;
        return true;
    default:
        path = path_of_format(code, options);
        if (!path)
            return false; /* getopt_long has said what is wrong */
        break;
    }
    *path = optarg;
    return true;
}

static bool is_complete(const struct vrx_issuer_options *options) {
    const struct {
        const char *name, *value;
        bool needed;
    } rows[] = {
        {"--state", options->state, true},
        {"--socket", options->socket, !options->list},
        {"--directory", options->directory, !options->list},
        {"--authority-key", options->authority_key, !options->list},
        {"--certificate", options->certificate, !options->list},
        {"--key", options->key, !options->list},
        {"--shc-issuer", options->shc_issuer, options->shc_key != NULL},
        {"--shc-key", options->shc_key, options->shc_issuer != NULL},
        {"--vds-certificate", options->vds_certificate, options->vds_key || options->vds_csca},
        {"--vds-key", options->vds_key, options->vds_certificate || options->vds_csca},
        {"--vds-csca", options->vds_csca, options->vds_certificate || options->vds_key},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].needed && !rows[i].value) {
            (void)fprintf(stderr, "vrx-issuer: %s is missing; see --help\n", rows[i].name);
            return false;
        }
    return true;
}

bool vrx_issuer_options_parse(
    int argc, char **argv, struct vrx_issuer_options *ret_options, int *ret_status) {
    struct vrx_issuer_options options = {.uid = geteuid()};
    int code = 0;
    *ret_status = 2;
    while ((code = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
        if (code == OPTION_HELP || code == OPTION_VERSION) {
            const char *text = code == OPTION_HELP ? help : "vrx-issuer " VRX_VERSION "\n";
            *ret_status = fputs(text, stdout) < 0 || fflush(stdout) != 0;
            return false;
        }
        if (!take_option(code, &options))
            return false;
    }
    if (optind != argc) {
        (void)fprintf(stderr, "vrx-issuer: %s is no option; see --help\n", argv[optind]);
        return false;
    }
    if (!is_complete(&options))
        return false;
    *ret_options = options;
    return true;
}
