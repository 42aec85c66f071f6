/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx. Everything else is a library, so that tests reach it; read themes.c next.
 */
#include "cli/args.h"
#include "cli/themes.h"

int main(int argc, char **argv) {
    return vrx_cli_run(argc, argv, vrx_cli_themes);
}
