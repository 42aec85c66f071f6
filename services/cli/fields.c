/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf-c's descriptors say where in the struct a field lies; a repeated one is an array behind
 * a pointer. Reading goes by memcpy, never by a cast to another type.
 */
#include "cli/fields.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "vrx/v1/actions.pb-c.h"
#include "vrx/v1/backups.pb-c.h"
#include "vrx/v1/bulk.pb-c.h"
#include "vrx/v1/certificates.pb-c.h"
#include "vrx/v1/exchange.pb-c.h"
#include "vrx/v1/ledger.pb-c.h"
#include "vrx/v1/operators.pb-c.h"
#include "vrx/v1/records.pb-c.h"
#include "vrx/v1/retention.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

static const ProtobufCServiceDescriptor *const services[] = {
    &vrx__v1__actions__descriptor,
    &vrx__v1__backups__descriptor,
    &vrx__v1__bulk__descriptor,
    &vrx__v1__certificates__descriptor,
    &vrx__v1__exchange__descriptor,
    &vrx__v1__ledger__descriptor,
    &vrx__v1__operators__descriptor,
    &vrx__v1__records__descriptor,
    &vrx__v1__retention__descriptor,
    &vrx__v1__tenancy__descriptor,
};

const ProtobufCMessageDescriptor *vrx_fields_of_request(const char *path) {
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        const size_t len = strlen(services[i]->name);
        if (path[0] != '/' || strncmp(path + 1, services[i]->name, len) != 0 ||
            path[1 + len] != '/')
            continue;
        const ProtobufCMethodDescriptor *method =
            protobuf_c_service_descriptor_get_method_by_name(services[i], path + 2 + len);
        return method ? method->input : NULL;
    }
    return NULL;
}

/* ---- one value ---- */

/* Bytes of one value in a repeated field's array. */
static size_t width_of(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return 4;
    }
}

struct value {
    const ProtobufCFieldDescriptor *field;
    const void *at;
};

static int64_t number_of(struct value value) {
    int64_t wide = 0;
    int32_t narrow = 0;
    uint32_t natural = 0;
    protobuf_c_boolean truth = 0;
    switch (value.field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        memcpy(&truth, value.at, sizeof truth);
        return truth != 0;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        memcpy(&natural, value.at, sizeof natural);
        return natural;
    default:
        if (width_of(value.field->type) == 8) {
            memcpy(&wide, value.at, sizeof wide);
            return wide;
        }
        memcpy(&narrow, value.at, sizeof narrow);
        return narrow;
    }
}

static const char *text_of(struct value value) {
    const char *text = NULL;
    memcpy(&text, value.at, sizeof text);
    return text ? text : "";
}

static struct vrx_view bytes_of(struct value value) {
    ProtobufCBinaryData bytes = {0};
    memcpy(&bytes, value.at, sizeof bytes);
    return vrx_bytes_view(bytes);
}

static const ProtobufCMessage *message_of(struct value value) {
    const ProtobufCMessage *message = NULL;
    memcpy(&message, value.at, sizeof message);
    return message;
}

/* "RETENTION_CLASS_CONSENT"; NULL for a number that has no name. */
static const char *name_of(struct value value) {
    const ProtobufCEnumValue *named =
        protobuf_c_enum_descriptor_get_value(value.field->descriptor, (int)number_of(value));
    return named ? named->name : NULL;
}

/* ---- the fields of a message ---- */

/* A oneof's field that is not the set one is not there. */
static bool is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    uint32_t chosen = 0;
    if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
        return true;
    memcpy(&chosen, (const char *)message + field->quantifier_offset, sizeof chosen);
    return chosen == field->id;
}

static size_t count_of(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    size_t count = 1;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
    return is_there(message, field) ? count : 0;
}

static struct value value_at(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t index) {
    const char *at = (const char *)message + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        const char *array = NULL;
        memcpy(&array, at, sizeof array);
        at = array + index * width_of(field->type);
    }
    return (struct value){field, at};
}

static bool are_known(const ProtobufCMessage *message, unsigned depth) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (message->n_unknown_fields || depth > VRX_FIELDS_DEPTH)
        return false;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        for (size_t j = 0; j < count_of(message, field); j++) {
            const ProtobufCMessage *inner = message_of(value_at(message, field, j));
            if (inner && !are_known(inner, depth + 1))
                return false;
        }
    }
    return true;
}

bool vrx_fields_are_known(const ProtobufCMessage *message) {
    return are_known(message, 0);
}

/* ---- as a table ---- */

struct path {
    char text[256];
    size_t len;
};

/* The path of one value of a field below. */
static struct path below(
    const struct path *path, const ProtobufCFieldDescriptor *field, size_t index) {
    struct path inner = *path;
    char number[24] = "";
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        (void)snprintf(number, sizeof number, "[%zu]", index);
    int len = snprintf(inner.text + inner.len, sizeof inner.text - inner.len, "%s%s%s",
        inner.len ? "." : "", field->name, number);
    inner.len += len > 0 ? (size_t)len : 0;
    if (inner.len >= sizeof inner.text)
        inner.len = sizeof inner.text - 1;
    return inner;
}

static void table_of(struct vrx_table *table, const ProtobufCMessage *message,
    const struct path *path, unsigned depth);

static void table_value(
    struct vrx_table *table, struct value value, const struct path *path, unsigned depth) {
    const bool is_message = value.field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (is_message && message_of(value) && depth < VRX_FIELDS_DEPTH) {
        table_of(table, message_of(value), path, depth + 1);
        return;
    }
    vrx_table_text(table, path->text);
    switch (value.field->type) {
    case PROTOBUF_C_TYPE_STRING:
        vrx_table_text(table, text_of(value));
        break;
    case PROTOBUF_C_TYPE_BYTES:
        vrx_table_hex(table, bytes_of(value));
        break;
    case PROTOBUF_C_TYPE_BOOL:
        vrx_table_text(table, number_of(value) ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM:
        if (name_of(value)) {
            vrx_table_text(table, name_of(value));
            break;
        }
        vrx_table_format(table, "%lld", (long long)number_of(value));
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        vrx_table_text(table, message_of(value) ? "…" : "-");
        break;
    default:
        vrx_table_format(table, "%lld", (long long)number_of(value));
    }
}

static void table_of(struct vrx_table *table, const ProtobufCMessage *message,
    const struct path *path, unsigned depth) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        for (size_t j = 0; j < count_of(message, field); j++) {
            const struct path inner = below(path, field, j);
            table_value(table, value_at(message, field, j), &inner, depth);
        }
    }
}

void vrx_fields_table(struct vrx_table *table, const ProtobufCMessage *message) {
    const struct path path = {{0}, 0};
    table_of(table, message, &path, 0);
}

/* ---- as JSON ---- */

static json_t *json_of(const ProtobufCMessage *message, unsigned depth);

static json_t *json_value(struct value value, unsigned depth) {
    switch (value.field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return json_string(text_of(value));
    case PROTOBUF_C_TYPE_BYTES: {
        struct vrx_buffer hex VRX_CLEANUP(vrx_buffer_done) = {0};
        if (!vrx_is_ok(vrx_hex_encode(bytes_of(value), &hex)))
            return NULL;
        return json_stringn(hex.len ? (const char *)hex.ptr : "", hex.len);
    }
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(number_of(value) != 0);
    case PROTOBUF_C_TYPE_ENUM:
        return name_of(value) ? json_string(name_of(value)) : json_integer(number_of(value));
    case PROTOBUF_C_TYPE_MESSAGE:
        return message_of(value) && depth < VRX_FIELDS_DEPTH ? json_of(message_of(value), depth + 1)
                                                             : json_null();
    default:
        return json_integer(number_of(value));
    }
}

static json_t *json_field(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, unsigned depth) {
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return json_value(value_at(message, field, 0), depth);
    json_t *array = json_array();
    for (size_t i = 0; array && i < count_of(message, field); i++)
        if (json_array_append_new(array, json_value(value_at(message, field, i), depth)) != 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *json_of(const ProtobufCMessage *message, unsigned depth) {
    const ProtobufCMessageDescriptor *type = message->descriptor;
    json_t *object = json_object();
    for (unsigned i = 0; object && i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (is_there(message, field) &&
            json_object_set_new(object, field->name, json_field(message, field, depth)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

void vrx_fields_json(const ProtobufCMessage *message, struct vrx_json *ret_json) {
    ret_json->value = json_of(message, 0);
}
