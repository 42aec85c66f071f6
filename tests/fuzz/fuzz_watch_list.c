/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists for `vrx watch`: what is taken has four parts, each of them text that ends inside the file.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/watch.h"

#define ENTRIES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_watched entries[ENTRIES];
    size_t count = 0;
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    if (vrx_is_ok(vrx_watch_list(text, size, entries, ENTRIES, &count))) {
        require(count >= 1 && count <= ENTRIES);
        for (size_t i = 0; i < count; i++) {
            const char *parts[] = {entries[i].terminal, entries[i].names.custodian,
                entries[i].names.keyring, entries[i].names.checkpoint};
            for (size_t j = 0; j < 4; j++)
                require(parts[j][0] && parts[j] + strlen(parts[j]) < text + size);
        }
    }
    free(text);
    return 0;
}
