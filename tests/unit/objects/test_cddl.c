/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/objects.cddl says what the tables say: every field of every table is written out as
 * CDDL and must stand there, its names resolved, in its place; and the file has no map beyond them.
 */
#include <stdio.h>

#include "support/check.h"
#include "unit/objects/samples.h"

#define TYPE_MAX 256
#define MAPS_MAX 32

static char cddl[32768];
static const struct vrx_object_schema *seen[MAPS_MAX];
static size_t seen_count;

static int read_file(void **state) {
    (void)state;
    FILE *file = fopen("proto/objects/objects.cddl", "rb");
    assert_non_null(file);
    size_t len = fread(cddl, 1, sizeof cddl - 1, file);
    fclose(file);
    assert_true(len > 0 && len < sizeof cddl - 1);
    cddl[len] = '\0';
    return 0;
}

/* What stands behind "name = " at the start of a line; NULL where there is no such rule. */
static const char *rule(const char *name, size_t len) {
    for (const char *line = cddl; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, len) == 0 && strncmp(line + len, " = ", 3) == 0)
            return line + len + 3;
        if (!*line)
            break;
    }
    return NULL;
}

/* The length of a line without its comment, its comma and blanks. */
static size_t content(const char *line) {
    size_t len = strcspn(line, ";\n");
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == ','))
        len--;
    return len;
}

static void append(char *out, const char *piece, size_t len) {
    size_t used = strlen(out);
    assert_true(used + len < TYPE_MAX);
    memcpy(out + used, piece, len);
    out[used + len] = '\0';
}

/* Names of rules give way to what they stand for, except those of maps; quoted text stays. */
static void resolve(const char *type, size_t len, char *out) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
    for (size_t at = 0; at < len;) {
        size_t word = strspn(type + at, letters);
        size_t quoted = type[at] == '"' ? strcspn(type + at + 1, "\"") + 2 : 0;
        const char *body = word ? rule(type + at, word) : NULL;
        size_t step = word ? word : quoted ? quoted : 1;
        if (body && *body != '{')
            resolve(body, content(body), out);
        else
            append(out, type + at, step);
        at += step;
    }
}

/* "vrx.dose-item.1" is the map dose-item. */
static size_t map_name(const struct vrx_object_schema *schema, const char **ret_name) {
    assert_memory_equal(schema->name, "vrx.", 4);
    *ret_name = schema->name + 4;
    return strcspn(*ret_name, ".");
}

static void element_type(const struct vrx_object_field *field, char *out) {
    unsigned long long min = field->min;
    unsigned long long max = field->max;
    const char *name = NULL;
    int len = -1;
    switch (field->kind) {
    case VRX_FIELD_UINT:
    case VRX_FIELD_TIME:
        len = min == max ? snprintf(out, TYPE_MAX, "%llu", min)
                         : snprintf(out, TYPE_MAX, "%llu..%llu", min, max);
        break;
    case VRX_FIELD_BOOL:
        len = snprintf(out, TYPE_MAX, "bool");
        break;
    case VRX_FIELD_TEXT:
        len = snprintf(out, TYPE_MAX, "tstr .size (%llu..%llu)", min, max);
        break;
    case VRX_FIELD_DIGITS:
        len = snprintf(out, TYPE_MAX, "tstr .regexp \"[0-9]{%llu}\"", max);
        break;
    case VRX_FIELD_BYTES:
        len = min == max ? snprintf(out, TYPE_MAX, "bstr .size %llu", min)
                         : snprintf(out, TYPE_MAX, "bstr .size (%llu..%llu)", min, max);
        break;
    case VRX_FIELD_FIXED:
        len = snprintf(out, TYPE_MAX, "bstr .size %llu", max);
        break;
    case VRX_FIELD_DATE:
        len = snprintf(out, TYPE_MAX, "tstr .regexp \"[0-9]{4}-[0-9]{2}-[0-9]{2}\"");
        break;
    case VRX_FIELD_MUNICIPALITY:
        len = snprintf(out, TYPE_MAX, "tstr .regexp \"[0-9]{6}\"");
        break;
    case VRX_FIELD_RECORD:
        len = (int)map_name(field->record, &name);
        len = snprintf(out, TYPE_MAX, "%.*s", len, name);
        break;
    }
    assert_in_range(len, 1, TYPE_MAX - 1);
}

static void expected_line(const struct vrx_object_field *field, char *out) {
    char type[TYPE_MAX];
    char least[24] = "";
    element_type(field, type);
    if (field->min_count > 0)
        snprintf(least, sizeof least, "%zu", field->min_count);
    const char *optional = field->optional ? "? " : "";
    unsigned long long key = field->key;
    int len = field->array ? snprintf(out, TYPE_MAX, "  %s%llu: [%s*%zu %s]", optional, key, least,
                                 field->max_count, type)
                           : snprintf(out, TYPE_MAX, "  %s%llu: %s", optional, key, type);
    assert_in_range(len, 1, TYPE_MAX - 1);
}

static void compare(const struct vrx_object_schema *schema) {
    const char *name;
    size_t len = map_name(schema, &name);
    for (size_t i = 0; i < seen_count; i++)
        if (seen[i] == schema)
            return;
    assert_true(seen_count < MAPS_MAX);
    seen[seen_count++] = schema;
    const char *line = rule(name, len);
    if (!line || *line != '{')
        fail_msg("objects.cddl has no map %.*s", (int)len, name);
    for (size_t i = 0; i < schema->field_count; i++) {
        char expected[TYPE_MAX];
        char found[TYPE_MAX] = "";
        line = strchr(line, '\n') + 1;
        resolve(line, content(line), found);
        expected_line(&schema->fields[i], expected);
        assert_string_equal(found, expected);
        if (schema->fields[i].record)
            compare(schema->fields[i].record);
    }
    line = strchr(line, '\n') + 1;
    assert_memory_equal(line, "}\n", 2);
}

static void the_file_says_what_the_tables_say(void **state) {
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++)
        compare(samples[i].schema);
    size_t maps = 0;
    for (const char *at = strstr(cddl, " = {\n"); at; at = strstr(at + 1, " = {\n"))
        maps++;
    assert_int_equal(maps, seen_count);
}

/* A name that RFC 8610 appendix D defines must not be defined again. */
static void no_rule_of_the_prelude_is_redefined(void **state) {
    (void)state;
    static const char *const prelude[] = {"any", "uint", "nint", "int", "bstr", "bytes", "tstr",
        "text", "tdate", "time", "number", "biguint", "bignint", "bigint", "integer", "unsigned",
        "decfrac", "bigfloat", "uri", "regexp", "float", "false", "true", "bool", "nil", "null",
        "undefined"};
    for (size_t i = 0; i < sizeof prelude / sizeof *prelude; i++)
        assert_null(rule(prelude[i], strlen(prelude[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_says_what_the_tables_say),
        cmocka_unit_test(no_rule_of_the_prelude_is_redefined),
    };
    return cmocka_run_group_tests_name("objects/cddl", tests, read_file, NULL);
}
