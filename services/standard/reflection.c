/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions and answers of grpc.reflection.v1. Replies point into the descriptors, which are
 * constant, and into the call's arena.
 */
#include "grpc/reflection/v1/reflection.pb-c.h"
#include "grpc/status.h"
#include "standard/descriptors.h"
#include "standard/handlers.h"

#define FILES_MAX 64 /* of the set; tests/unit/standard counts them */
#define SERVICES_MAX 64

typedef Grpc__Reflection__V1__ServerReflectionRequest question;
typedef Grpc__Reflection__V1__ServerReflectionResponse answer;

#define ASKED(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_REQUEST__MESSAGE_REQUEST_##name
#define SAID(name) GRPC__REFLECTION__V1__SERVER_REFLECTION_RESPONSE__MESSAGE_RESPONSE_##name

static struct vrx_result say_error(
    struct vrx_arena *arena, enum vrx_grpc_code code, const char *text, answer *out) {
    Grpc__Reflection__V1__ErrorResponse *error = vrx_arena_alloc(arena, sizeof *error);
    if (!error)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    grpc__reflection__v1__error_response__init(error);
    error->error_code = (int32_t)code;
    out->message_response_case = SAID(ERROR_RESPONSE);
    out->error_response = error;
    return vrx_arena_string(arena, vrx_view_text(text), &error->error_message);
}

/* protobuf-c's bytes are not const; it only reads what it encodes. */
static ProtobufCBinaryData bytes_of(struct vrx_view view) {
    union {
        const uint8_t *from;
        uint8_t *to;
    } data = {view.ptr};
    return (ProtobufCBinaryData){view.len, data.to};
}

static bool has(const struct vrx_view *files, size_t count, struct vrx_view file) {
    for (size_t i = 0; i < count; i++)
        if (files[i].ptr == file.ptr)
            return true;
    return false;
}

/* The file, then what it imports, then what those import. Returns how many. */
static size_t with_imports(struct vrx_view file, struct vrx_view files[FILES_MAX]) {
    struct vrx_view set = vrx_descriptors();
    size_t count = 0;
    files[count++] = file;
    for (size_t i = 0; i < count; i++) {
        struct vrx_view name = {0};
        for (size_t place = 0; (name = vrx_descriptor_import(files[i], place)).len; place++) {
            struct vrx_view import = vrx_descriptors_named(set, name);
            if (import.len && count < FILES_MAX && !has(files, count, import))
                files[count++] = import;
        }
    }
    return count;
}

static struct vrx_result say_file(struct vrx_arena *arena, struct vrx_view file, answer *out) {
    if (!file.len)
        return say_error(arena, VRX_GRPC_NOT_FOUND, "no such file or symbol", out);
    struct vrx_view files[FILES_MAX];
    size_t count = with_imports(file, files);
    Grpc__Reflection__V1__FileDescriptorResponse *reply = vrx_arena_alloc(arena, sizeof *reply);
    ProtobufCBinaryData *bytes = vrx_arena_alloc_array(arena, count, sizeof *bytes);
    if (!reply || !bytes)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    grpc__reflection__v1__file_descriptor_response__init(reply);
    for (size_t i = 0; i < count; i++)
        bytes[i] = bytes_of(files[i]);
    reply->file_descriptor_proto = bytes;
    reply->n_file_descriptor_proto = count;
    out->message_response_case = SAID(FILE_DESCRIPTOR_RESPONSE);
    out->file_descriptor_response = reply;
    return vrx_ok();
}

/* There are no extensions: of what is a type here, the list is empty. */
static struct vrx_result say_extensions(struct vrx_arena *arena, char *type, answer *out) {
    if (!vrx_descriptors_declaring(vrx_descriptors(), vrx_view_text(type)).len)
        return say_error(arena, VRX_GRPC_NOT_FOUND, "no such type", out);
    Grpc__Reflection__V1__ExtensionNumberResponse *reply = vrx_arena_alloc(arena, sizeof *reply);
    if (!reply)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    grpc__reflection__v1__extension_number_response__init(reply);
    reply->base_type_name = type;
    out->message_response_case = SAID(ALL_EXTENSION_NUMBERS_RESPONSE);
    out->all_extension_numbers_response = reply;
    return vrx_ok();
}

static struct vrx_result add_service(struct vrx_arena *arena, struct vrx_view package,
    struct vrx_view name, Grpc__Reflection__V1__ListServiceResponse *list) {
    Grpc__Reflection__V1__ServiceResponse *service = vrx_arena_alloc(arena, sizeof *service);
    if (!service)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    grpc__reflection__v1__service_response__init(service);
    list->service[list->n_service++] = service;
    return vrx_arena_format(arena, &service->name, "%.*s.%.*s", (int)package.len,
        (const char *)package.ptr, (int)name.len, (const char *)name.ptr);
}

static struct vrx_result say_services(struct vrx_arena *arena, answer *out) {
    Grpc__Reflection__V1__ListServiceResponse *list = vrx_arena_alloc(arena, sizeof *list);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    grpc__reflection__v1__list_service_response__init(list);
    list->service = vrx_arena_alloc_array(arena, SERVICES_MAX, sizeof *list->service);
    if (!list->service)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_view file = {0};
    for (size_t i = 0; (file = vrx_descriptors_at(vrx_descriptors(), i)).len; i++) {
        struct vrx_view package = vrx_descriptor_package(file);
        struct vrx_view name = {0};
        for (size_t place = 0; (name = vrx_descriptor_service(file, place)).len; place++)
            if (list->n_service < SERVICES_MAX)
                VRX_TRY(add_service(arena, package, name, list));
    }
    out->message_response_case = SAID(LIST_SERVICES_RESPONSE);
    out->list_services_response = list;
    return vrx_ok();
}

struct vrx_result vrx_reflection_answer(
    struct vrx_context *context, const void *request, void *reply) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_view set = vrx_descriptors();
    answer *out = reply;
    /* It stays until the reply is encoded, and is only read. */
    union {
        const void *from;
        question *to;
    } asked = {request};
    out->original_request = asked.to;
    out->valid_host = asked.to->host;
    switch (asked.to->message_request_case) {
    case ASKED(FILE_BY_FILENAME):
        return say_file(
            arena, vrx_descriptors_named(set, vrx_view_text(asked.to->file_by_filename)), out);
    case ASKED(FILE_CONTAINING_SYMBOL):
        return say_file(arena,
            vrx_descriptors_declaring(set, vrx_view_text(asked.to->file_containing_symbol)), out);
    case ASKED(FILE_CONTAINING_EXTENSION):
        return say_error(arena, VRX_GRPC_NOT_FOUND, "no such extension", out);
    case ASKED(ALL_EXTENSION_NUMBERS_OF_TYPE):
        return say_extensions(arena, asked.to->all_extension_numbers_of_type, out);
    case ASKED(LIST_SERVICES):
        return say_services(arena, out);
    default:
        return say_error(arena, VRX_GRPC_INVALID_ARGUMENT, "nothing is asked for", out);
    }
}
