/* SPDX-License-Identifier: Apache-2.0
 *
 * An intent is followed by its certificate at once, or after a restart; so few wait for theirs at
 * any place of the journal, and those that still do at its end are the unfinished.
 */
#include "listing.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/encode.h"
#include "formats/uvci.h"

struct intent {
    struct vrx_journal_entry entry;
    char uvci[VRX_UVCI_TEXT + 1];
};

struct listing {
    bool unfinished;
    bool json;
    struct intent *open; /* intents without a certificate so far, in the journal's order */
    size_t len;
    size_t capacity;
};

static void show(const struct vrx_journal_entry *entry, bool json) {
    static const char *const words[] = {[VRX_JOURNAL_DIRECTORY] = "directory",
        [VRX_JOURNAL_INTENT] = "intent",
        [VRX_JOURNAL_ISSUED] = "issued",
        [VRX_JOURNAL_KEPT] = "issued"};
    char time_text[VRX_TIME_TEXT + 1];
    char application[2 * VRX_ID + 1];
    vrx_time_format(entry->time, time_text);
    vrx_hex_string(vrx_view_of(entry->application, VRX_ID), application);
    if (entry->kind == VRX_JOURNAL_DIRECTORY)
        (void)printf(json ? "{\"time\":\"%s\",\"what\":\"directory\",\"version\":%llu}\n"
                          : "%s directory %llu\n",
            time_text, (unsigned long long)entry->directory_version);
    else
        (void)printf(json ? "{\"time\":\"%s\",\"what\":\"%s\",\"municipality\":\"%s\","
                            "\"application\":\"%s\",\"uvci\":\"%.*s\"}\n"
                          : "%s %s %s %s %.*s\n",
            time_text, words[entry->kind], entry->municipality.digits, application,
            (int)entry->uvci.len, (const char *)entry->uvci.ptr);
}

static struct vrx_result open_intent(
    struct listing *listing, const struct vrx_journal_entry *entry) {
    if (listing->len == listing->capacity) {
        const size_t capacity = listing->capacity ? 2 * listing->capacity : 16;
        struct intent *grown = realloc(listing->open, capacity * sizeof *grown);
        if (!grown)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        listing->open = grown;
        listing->capacity = capacity;
    }
    struct intent *intent = &listing->open[listing->len++];
    const size_t len = entry->uvci.len < VRX_UVCI_TEXT ? entry->uvci.len : VRX_UVCI_TEXT;
    *intent = (struct intent){.entry = *entry};
    if (len)
        memcpy(intent->uvci, entry->uvci.ptr, len);
    intent->entry.uvci.len = len;
    return vrx_ok();
}

static void close_intent(struct listing *listing, const struct vrx_journal_entry *entry) {
    for (size_t i = listing->len; i-- > 0;)
        if (memcmp(listing->open[i].entry.application, entry->application, VRX_ID) == 0) {
            memmove(&listing->open[i], &listing->open[i + 1],
                (--listing->len - i) * sizeof *listing->open);
            return;
        }
}

static struct vrx_result visit(void *context, const struct vrx_journal_entry *entry) {
    struct listing *listing = context;
    if (!listing->unfinished) {
        show(entry, listing->json);
        return vrx_ok();
    }
    if (entry->kind == VRX_JOURNAL_INTENT)
        return open_intent(listing, entry);
    if (entry->kind != VRX_JOURNAL_DIRECTORY)
        close_intent(listing, entry);
    return vrx_ok();
}

struct vrx_result vrx_listing_show(const char *state, bool unfinished, bool json) {
    struct listing listing = {.unfinished = unfinished, .json = json};
    struct vrx_result result = vrx_journal_each(state, visit, &listing);
    for (size_t i = 0; i < listing.len && vrx_is_ok(result); i++) {
        struct intent *intent = &listing.open[i];
        intent->entry.uvci.ptr = (const uint8_t *)intent->uvci; /* the array has moved */
        show(&intent->entry, json);
    }
    free(listing.open);
    if (vrx_is_ok(result) && (ferror(stdout) || fflush(stdout) != 0))
        return vrx_fail(VRX_DISK_FAILED);
    return result;
}
