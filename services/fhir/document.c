/* SPDX-License-Identifier: Apache-2.0
 *
 * References are looked up in one sorted list of all names that entries go by, so that a Bundle in
 * which every entry refers to the last one costs no more than another.
 */
#include "fhir/document.h"

#include <stdlib.h>
#include <string.h>

#include "fhir/bounds.h"
#include "fhir/element.h"

/* Types whose entries are resources as they are. A transaction's or a history's say what to do with
 * them. */
static const char *const types[] = {"collection", "searchset", "document"};

static struct vrx_result check_bundle(struct vrx_fhir_document *document) {
    const char *rules = NULL;
    bool known = false;
    if (strcmp(vrx_fhir_type(document->root), "Bundle") != 0)
        return vrx_refuse(VRX_INPUT_MALFORMED, "FHIR R4: resourceType Bundle");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        known |= vrx_fhir_is(document->root, "type", types[i]);
    if (!known)
        return vrx_refuse(
            VRX_INPUT_MALFORMED, "FHIR R4 Bundle.type: collection, searchset or document");
    VRX_TRY(vrx_fhir_text(document->root, "implicitRules", &rules));
    if (rules)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "FHIR R4 §2.27.4: Bundle.implicitRules");
    VRX_TRY(vrx_fhir_list(document->root, "entry", &document->entries));
    return json_array_size(document->entries) <= VRX_FHIR_ENTRIES
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 10,000 entries");
}

static struct vrx_result parse(struct vrx_view text, struct vrx_fhir_document *document) {
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    json_error_t error;
    if (vrx_view_equal(vrx_view_slice(text, 0, sizeof mark), vrx_view_of(mark, sizeof mark)))
        text = vrx_view_slice(text, sizeof mark, text.len);
    struct vrx_json_cost cost;
    VRX_TRY(vrx_fhir_bounds(text, &cost));
    VRX_TRY(vrx_json_cost_affordable(&cost));
    document->root = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
    if (document->root)
        return vrx_ok();
    if (!error.text[0] || json_error_code(&error) == json_error_out_of_memory)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    document->line = error.line > 0 ? (unsigned)error.line : 1;
    return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 8259: JSON, each name once in an object");
}

static int by_key(const void *a, const void *b) {
    const struct vrx_fhir_link *left = a;
    const struct vrx_fhir_link *right = b;
    return strcmp(left->key, right->key);
}

/* The names that an entry goes by. */
static struct vrx_result link_entry(
    struct vrx_fhir_document *document, struct vrx_arena *arena, const json_t *entry) {
    const json_t *resource = json_object_get(entry, "resource");
    const char *url = json_string_value(json_object_get(entry, "fullUrl"));
    const char *id = json_string_value(json_object_get(resource, "id"));
    if (!json_is_object(resource))
        return vrx_ok();
    if (url)
        document->links[document->link_count++] = (struct vrx_fhir_link){url, resource};
    if (!id || strlen(id) > 64 || strlen(vrx_fhir_type(resource)) > 64)
        return vrx_ok();
    char *key = NULL;
    VRX_TRY(vrx_arena_format(arena, &key, "%s/%s", vrx_fhir_type(resource), id));
    if (!url || strcmp(url, key) != 0)
        document->links[document->link_count++] = (struct vrx_fhir_link){key, resource};
    return vrx_ok();
}

static struct vrx_result link_entries(struct vrx_fhir_document *document, struct vrx_arena *arena) {
    size_t at;
    json_t *entry;
    document->links = vrx_arena_alloc_array(
        arena, 2 * json_array_size(document->entries) + 1, sizeof *document->links);
    if (!document->links)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    json_array_foreach(document->entries, at, entry) VRX_TRY(link_entry(document, arena, entry));
    qsort(document->links, document->link_count, sizeof *document->links, by_key);
    return vrx_ok();
}

struct vrx_result vrx_fhir_document_open(
    struct vrx_view text, struct vrx_arena *arena, struct vrx_fhir_document *ret_document) {
    *ret_document = (struct vrx_fhir_document){0};
    VRX_TRY(parse(text, ret_document));
    VRX_TRY(check_bundle(ret_document));
    return link_entries(ret_document, arena);
}

void vrx_fhir_document_done(struct vrx_fhir_document *document) {
    json_decref(document->root);
    document->root = NULL;
}

static struct vrx_result find_contained(
    const json_t *resource, const char *id, const json_t **ret_resource) {
    const json_t *list = NULL;
    const json_t *found = NULL;
    size_t at;
    json_t *contained;
    VRX_TRY(vrx_fhir_list(resource, "contained", &list));
    json_array_foreach(list, at, contained) {
        if (!vrx_fhir_is(contained, "id", id))
            continue;
        if (found)
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "FHIR R4 §2.28.3: contained, by id");
        found = contained;
    }
    *ret_resource = found;
    return found ? vrx_ok() : vrx_refuse(VRX_NOT_FOUND, "FHIR R4 §2.28.3: contained, by id");
}

/* A reference may name a version: the Bundle holds one of each. */
static size_t without_version(const char *reference) {
    const char *history = strstr(reference, "/_history/");
    return history ? (size_t)(history - reference) : strlen(reference);
}

static int compare_key(const char *key, const char *reference, size_t len) {
    int order = strncmp(key, reference, len);
    return order ? order : key[len] != '\0';
}

static struct vrx_result find_entry(
    const struct vrx_fhir_document *document, const char *reference, const json_t **ret_resource) {
    static const char clause[] = "FHIR R4 §3.1.6.2: fullUrl, or type and id";
    size_t len = without_version(reference);
    size_t low = 0;
    for (size_t high = document->link_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_key(document->links[middle].key, reference, len) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct vrx_fhir_link *link = &document->links[low];
    if (low == document->link_count || compare_key(link->key, reference, len) != 0)
        return vrx_refuse(VRX_NOT_FOUND, clause);
    if (low + 1 < document->link_count && compare_key(link[1].key, reference, len) == 0)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, clause);
    *ret_resource = link->resource;
    return vrx_ok();
}

struct vrx_result vrx_fhir_resolve(const struct vrx_fhir_document *document, const json_t *resource,
    const json_t *reference, const json_t **ret_resource) {
    const char *text = NULL;
    *ret_resource = NULL;
    VRX_TRY(vrx_fhir_text(reference, "reference", &text));
    if (!text)
        return vrx_ok();
    return text[0] == '#' ? find_contained(resource, text + 1, ret_resource)
                          : find_entry(document, text, ret_resource);
}
