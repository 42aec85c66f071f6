/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing that is signed or parsed here goes without the tests that all of it has: whoever adds an
 * object to proto/objects is told what is missing. The headers are read, so that no list of ours
 * can be forgotten.
 */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "support/check.h"
#include "unit/objects/samples.h"

#define ROOM "proto/objects"
#define NAMES_MAX 64
#define NAME_MAX_LEN 64

struct names {
    size_t count;
    char name[NAMES_MAX][NAME_MAX_LEN]; /* "dose_item" */
};

static char text[131072];

static void read_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s is missing", path);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len > 0 && len < sizeof text - 1);
    text[len] = '\0';
}

/* Every NAME of "beforeNAME_schema" and then after, in the order of the text. */
static void find_schemas(const char *before, const char *after, struct names *names) {
    for (const char *at = strstr(text, before); at; at = strstr(at + 1, before)) {
        const char *name = at + strlen(before);
        const char *end = strstr(name, "_schema");
        const size_t len = end ? (size_t)(end - name) : 0;
        if (!end || strncmp(end + strlen("_schema"), after, strlen(after)) != 0)
            continue;
        assert_true(len > 0 && len < NAME_MAX_LEN && names->count < NAMES_MAX);
        memcpy(names->name[names->count], name, len);
        names->name[names->count++][len] = '\0';
    }
}

/* "vrx.dose-item.1" is dose_item's. */
static bool is_named(const struct vrx_object_schema *schema, const char *name) {
    const char *own = schema->name + strlen("vrx.");
    for (; *name; own++, name++)
        if (*own != (*name == '_' ? '-' : *name))
            return false;
    return *own == '.';
}

static const struct vrx_object_schema *schema_of(const char *name) {
    for (size_t i = 0; i < SAMPLES; i++)
        if (is_named(samples[i].schema, name))
            return samples[i].schema;
    return NULL;
}

/* Those of each header in turn; NULL at the end. */
static void each_header(void (*visit)(const char *header, const struct names *names)) {
    DIR *room = opendir(ROOM);
    size_t headers = 0;
    assert_non_null(room);
    for (struct dirent *entry = readdir(room); entry; entry = readdir(room)) {
        char path[sizeof ROOM + 1 + sizeof entry->d_name];
        const size_t len = strlen(entry->d_name);
        struct names names = {0};
        if (len < 3 || strcmp(entry->d_name + len - 2, ".h") != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", ROOM, entry->d_name);
        read_text(path);
        find_schemas("extern const struct vrx_object_schema vrx_", ";", &names);
        visit(entry->d_name, &names);
        headers++;
    }
    closedir(room);
    assert_true(headers > 20);
}

/* ---- samples: round trip, format, every deviation, CDDL ---- */

static void has_samples(const char *header, const struct names *names) {
    for (size_t i = 0; i < names->count; i++)
        if (!schema_of(names->name[i]))
            fail_msg("%s: %s has no sample in samples.h", header, names->name[i]);
}

static void every_object_has_a_sample(void **state) {
    (void)state;
    each_header(has_samples);
}

/* ---- test_altered.c ---- */

/* What nobody signs by itself, and why no altered one is taken all the same. */
static const char *const never_signed[] = {
    "bulk_row",           /* its list has the digest of all rows */
    "card_challenge",     /* by a card, over other bytes: test_card_challenge.c */
    "dated_key",          /* stands in the directory */
    "dose_item",          /* stands in answers, statements and notices */
    "envelope",           /* sealed, with its routing */
    "issue_reply",        /* between two processes of one machine */
    "issue_request",      /* the same; what is in it is signed */
    "issued_certificate", /* stands in replies */
};

static bool is_never_signed(const char *name) {
    for (size_t i = 0; i < sizeof never_signed / sizeof *never_signed; i++)
        if (strcmp(never_signed[i], name) == 0)
            return true;
    return false;
}

static void is_altered(const char *header, const struct names *names) {
    for (size_t i = 0; i < names->count; i++) {
        const struct vrx_object_schema *schema = schema_of(names->name[i]);
        if (!schema || sample_is_signed(schema) == is_never_signed(names->name[i]))
            fail_msg("%s: is %s altered field by field, or never signed?", header, names->name[i]);
    }
}

static void every_object_is_altered_or_never_signed(void **state) {
    (void)state;
    each_header(is_altered);
}

/* ---- fuzz targets ---- */

/* Headers without a table: what reads their bytes; NULL where nothing is read. */
static const struct {
    const char *header, *target;
} others[] = {
    {"audit_entry.h", "tests/fuzz/fuzz_audit_entry.c"},
    {"checkpoint.h", "tests/fuzz/fuzz_checkpoint.c"},
    {"codec.h", "tests/fuzz/fuzz_objects.c"},
    {"merkle.h", NULL},
    {"schema.h", NULL},
    {"subject.h", NULL},
    {"terms.h", NULL},
};

static struct names fuzzed;

static void is_fuzzed(const char *header, const struct names *names) {
    bool known = names->count > 0;
    for (size_t i = 0; i < sizeof others / sizeof *others && !known; i++)
        if (strcmp(others[i].header, header) == 0) {
            known = true;
            assert_true(!others[i].target || access(others[i].target, R_OK) == 0);
        }
    if (!known)
        fail_msg("%s has neither a table nor a fuzz target", header);
    for (size_t i = 0; i < names->count; i++) {
        size_t at = 0;
        while (at < fuzzed.count && strcmp(fuzzed.name[at], names->name[i]) != 0)
            at++;
        if (at == fuzzed.count)
            fail_msg("%s: %s is not in fuzz_objects.c", header, names->name[i]);
    }
}

/* The seeds name them by their place. */
static void every_object_is_fuzzed(void **state) {
    (void)state;
    read_text("tests/fuzz/fuzz_objects.c");
    find_schemas("&vrx_", ",", &fuzzed);
    each_header(is_fuzzed);
    for (size_t i = 0; i < SAMPLES; i++)
        if (samples[i].fuzz_schema >= fuzzed.count ||
            !is_named(samples[i].schema, fuzzed.name[samples[i].fuzz_schema]))
            fail_msg("%s is fuzzed as another object", samples[i].name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_has_a_sample),
        cmocka_unit_test(every_object_is_altered_or_never_signed),
        cmocka_unit_test(every_object_is_fuzzed),
    };
    return cmocka_run_group_tests_name("objects/every_object", tests, NULL, NULL);
}
