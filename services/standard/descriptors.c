/* SPDX-License-Identifier: Apache-2.0
 *
 * The set is searched from its beginning each time: it is some 20 KB, and asked by people with
 * tools. Field numbers are those of google/protobuf/descriptor.proto.
 */
#include "standard/descriptors.h"

#include "grpc/protobuf.h"

extern const uint8_t vrx_descriptor_set[];
extern const size_t vrx_descriptor_set_len;

enum { SET_FILE = 1 };
enum { FILE_NAME = 1, FILE_PACKAGE = 2, FILE_DEPENDENCY = 3, FILE_SERVICE = 6 };
enum { ANY_NAME = 1 };

/* What may be declared within what: a field's number, and what its message declares in turn. */
struct scope {
    struct {
        uint64_t field;
        const struct scope *inner;
    } part[3];
};

static const struct scope leaf = {0};
static const struct scope message = {{{3, &message}, {4, &leaf}}};
static const struct scope service = {{{2, &leaf}}};
static const struct scope whole_file = {{{4, &message}, {5, &leaf}, {FILE_SERVICE, &service}}};

struct vrx_view vrx_descriptors(void) {
    return vrx_view_of(vrx_descriptor_set, vrx_descriptor_set_len);
}

/* The place-th field of that number; the empty view after the last, or where the encoding ends. */
static struct vrx_view field_at(struct vrx_view bytes, uint64_t number, size_t place) {
    while (bytes.len) {
        struct vrx_protobuf_field field;
        if (!vrx_is_ok(vrx_protobuf_take(&bytes, &field)))
            break;
        if (field.number == number && !place--)
            return field.bytes;
    }
    return (struct vrx_view){0};
}

struct vrx_view vrx_descriptors_at(struct vrx_view set, size_t place) {
    return field_at(set, SET_FILE, place);
}

struct vrx_view vrx_descriptors_named(struct vrx_view set, struct vrx_view name) {
    struct vrx_view file = {0};
    for (size_t i = 0; (file = vrx_descriptors_at(set, i)).len; i++) {
        if (vrx_view_equal(field_at(file, FILE_NAME, 0), name))
            break;
    }
    return file;
}

/* Takes "name" or "name." off the front of *rest; false where it does not begin so. */
static bool take_name(struct vrx_view *rest, struct vrx_view name) {
    if (!name.len || !vrx_view_equal(vrx_view_slice(*rest, 0, name.len), name))
        return false;
    if (rest->len > name.len && rest->ptr[name.len] != '.')
        return false;
    bool dot = rest->len > name.len;
    *rest = vrx_view_slice(*rest, name.len + dot, rest->len);
    return !dot || rest->len;
}

static bool declares(struct vrx_view bytes, const struct scope *scope, struct vrx_view symbol);

static bool declares_in(
    const struct vrx_protobuf_field *field, const struct scope *scope, struct vrx_view symbol) {
    for (size_t i = 0; i < sizeof scope->part / sizeof *scope->part; i++) {
        struct vrx_view rest = symbol;
        if (!scope->part[i].inner || field->number != scope->part[i].field ||
            !take_name(&rest, field_at(field->bytes, ANY_NAME, 0)))
            continue;
        return !rest.len || declares(field->bytes, scope->part[i].inner, rest);
    }
    return false;
}

/* As deep as the set's messages are nested. */
static bool declares(struct vrx_view bytes, const struct scope *scope, struct vrx_view symbol) {
    while (bytes.len) {
        struct vrx_protobuf_field field;
        if (!vrx_is_ok(vrx_protobuf_take(&bytes, &field)))
            return false;
        if (declares_in(&field, scope, symbol))
            return true;
    }
    return false;
}

struct vrx_view vrx_descriptors_declaring(struct vrx_view set, struct vrx_view symbol) {
    struct vrx_view file = {0};
    for (size_t i = 0; (file = vrx_descriptors_at(set, i)).len; i++) {
        struct vrx_view rest = symbol;
        if (take_name(&rest, vrx_descriptor_package(file)) && rest.len &&
            declares(file, &whole_file, rest))
            break;
    }
    return file;
}

struct vrx_view vrx_descriptor_import(struct vrx_view file, size_t place) {
    return field_at(file, FILE_DEPENDENCY, place);
}

struct vrx_view vrx_descriptor_package(struct vrx_view file) {
    return field_at(file, FILE_PACKAGE, 0);
}

struct vrx_view vrx_descriptor_service(struct vrx_view file, size_t place) {
    return field_at(field_at(file, FILE_SERVICE, place), ANY_NAME, 0);
}
