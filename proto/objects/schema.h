/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to this room and its tests: how an object's table is written. One row a field, in the
 * order of the keys:
 *
 *     static const struct vrx_object_field fields[] = {
 *         ROW_FIXED(1, consent, id),
 *         ROW_MUNICIPALITIES(5, consent, origins, origin_count, 1, VRX_LIMIT_ORIGINS),
 *     };
 *     const struct vrx_object_schema vrx_consent_schema =
 *         ROW_SCHEMA(consent, "vrx consent 1", fields);
 *
 * The object is its struct's tag without vrx_. A member of another type than its row needs does not
 * compile.
 */
#ifndef VRX_OBJECTS_SCHEMA_H
#define VRX_OBJECTS_SCHEMA_H

#include <stddef.h>

#include "base/date.h"
#include "codes/municipality_code.h"
#include "objects/codec.h"

enum vrx_field_kind {
    VRX_FIELD_UINT,         /* uint64_t, from min to max */
    VRX_FIELD_BOOL,         /* bool */
    VRX_FIELD_TEXT,         /* struct vrx_view, UTF-8, from min to max bytes */
    VRX_FIELD_DIGITS,       /* struct vrx_view, text of max ASCII digits */
    VRX_FIELD_BYTES,        /* struct vrx_view, from min to max bytes */
    VRX_FIELD_FIXED,        /* uint8_t[max] */
    VRX_FIELD_DATE,         /* struct vrx_date, text "2021-10-12" */
    VRX_FIELD_TIME,         /* int64_t, seconds since 1970, from min to max, encoded as uint */
    VRX_FIELD_MUNICIPALITY, /* struct vrx_municipality_code, text of 6 digits */
    VRX_FIELD_RECORD,       /* a nested struct, by its own schema */
};

struct vrx_object_field {
    uint64_t key;     /* ascending in a table */
    const char *name; /* "object.member" */
    enum vrx_field_kind kind;
    bool optional; /* absent when the member is zero or empty; such a value never stands there */
    bool array;    /* pointer and count: the elements are of this kind */
    size_t offset;
    size_t count_offset; /* arrays */
    size_t min_count;
    size_t max_count;
    uint64_t min;
    uint64_t max;
    const struct vrx_object_schema *record; /* VRX_FIELD_RECORD */
};

struct vrx_object_schema {
    const char *name; /* of the signed object; signed with it, so it never changes */
    size_t size;      /* of the struct */
    const struct vrx_object_field *fields;
    size_t field_count;
    const char *stated_time; /* "object.member": when it was signed, as it says; NULL: not said */
    size_t time_offset;
};

/* The largest integer that SQLite keeps, so that every number of an object can be stored. */
#define VRX_OBJECT_UINT_MAX ((uint64_t)INT64_MAX)
/* The last second of the year 9999. */
#define VRX_OBJECT_TIME_MAX INT64_C(253402300799)

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): type is the name of a type */
#define ROW_AT(object, member, type) \
    _Generic(((struct vrx_##object *)0)->member, type: offsetof(struct vrx_##object, member))
/* NOLINTEND(bugprone-macro-parentheses) */
#define ROW_BASE(number, object, member, type) \
    .key = (number), .name = #object "." #member, .offset = ROW_AT(object, member, type)
#define ROW_ARRAY(object, counter, least, most) \
    .array = true, .count_offset = ROW_AT(object, counter, size_t), \
    .min_count = (least), .max_count = (most)

#define ROW_UINT(number, object, member, least, most) \
    {ROW_BASE(number, object, member, uint64_t), .kind = VRX_FIELD_UINT, \
        .min = (least), .max = (most)}
/* A value of an enum that begins at 1. */
#define ROW_ENUM(number, object, member, last) ROW_UINT(number, object, member, 1, last)
#define ROW_BOOL(number, object, member) \
    {ROW_BASE(number, object, member, bool), .kind = VRX_FIELD_BOOL}
#define ROW_TEXT(number, object, member, least, most) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_TEXT, \
        .min = (least), .max = (most)}
#define ROW_OPTIONAL_TEXT(number, object, member, most) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_TEXT, \
        .min = 1, .max = (most), .optional = true}
#define ROW_DIGITS(number, object, member, count) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_DIGITS, .max = (count)}
#define ROW_OPTIONAL_DIGITS(number, object, member, count) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_DIGITS, .max = (count), \
        .optional = true}
#define ROW_BYTES(number, object, member, least, most) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_BYTES, \
        .min = (least), .max = (most)}
#define ROW_OPTIONAL_BYTES(number, object, member, most) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_BYTES, \
        .min = 1, .max = (most), .optional = true}
/* Of one length. */
#define ROW_OPTIONAL_EXACT(number, object, member, length) \
    {ROW_BASE(number, object, member, struct vrx_view), .kind = VRX_FIELD_BYTES, \
        .min = (length), .max = (length), .optional = true}
#define ROW_FIXED(number, object, member) \
    {ROW_BASE(number, object, member, uint8_t *), .kind = VRX_FIELD_FIXED, \
        .max = sizeof(((struct vrx_##object *)0)->member)}
#define ROW_DATE(number, object, member) \
    {ROW_BASE(number, object, member, struct vrx_date), .kind = VRX_FIELD_DATE}
#define ROW_TIME(number, object, member) \
    {ROW_BASE(number, object, member, int64_t), .kind = VRX_FIELD_TIME, \
        .max = VRX_OBJECT_TIME_MAX}
#define ROW_OPTIONAL_TIME(number, object, member) \
    {ROW_BASE(number, object, member, int64_t), .kind = VRX_FIELD_TIME, \
        .min = 1, .max = VRX_OBJECT_TIME_MAX, .optional = true}
#define ROW_MUNICIPALITY(number, object, member) \
    {ROW_BASE(number, object, member, struct vrx_municipality_code), \
        .kind = VRX_FIELD_MUNICIPALITY}
#define ROW_RECORD(number, object, member, type) \
    {ROW_BASE(number, object, member, struct vrx_##type), .kind = VRX_FIELD_RECORD, \
        .record = &vrx_##type##_schema}

/* Arrays: a pointer member, and a counter of type size_t. */
#define ROW_ENUMS(number, object, member, counter, least, most, last) \
    {ROW_BASE(number, object, member, uint64_t *), .kind = VRX_FIELD_UINT, \
        .min = 1, .max = (last), ROW_ARRAY(object, counter, least, most)}
#define ROW_MUNICIPALITIES(number, object, member, counter, least, most) \
    {ROW_BASE(number, object, member, struct vrx_municipality_code *), \
        .kind = VRX_FIELD_MUNICIPALITY, ROW_ARRAY(object, counter, least, most)}
/* Absent when there is none. */
#define ROW_OPTIONAL_MUNICIPALITIES(number, object, member, counter, most) \
    {ROW_BASE(number, object, member, struct vrx_municipality_code *), \
        .kind = VRX_FIELD_MUNICIPALITY, .optional = true, ROW_ARRAY(object, counter, 1, most)}
/* uint8_t (*)[bytes]; absent when there is none. */
#define ROW_OPTIONAL_FIXEDS(number, object, member, counter, most, bytes) \
    {ROW_BASE(number, object, member, uint8_t(*)[bytes]), .kind = VRX_FIELD_FIXED, \
        .max = (bytes), .optional = true, ROW_ARRAY(object, counter, 1, most)}
/* At most so many, of 1 to so many bytes each. */
#define ROW_BYTES_LIST(number, object, member, counter, most, longest) \
    {ROW_BASE(number, object, member, struct vrx_view *), .kind = VRX_FIELD_BYTES, \
        .min = 1, .max = (longest), ROW_ARRAY(object, counter, 0, most)}
#define ROW_RECORDS(number, object, member, counter, least, most, type) \
    {ROW_BASE(number, object, member, struct vrx_##type *), .kind = VRX_FIELD_RECORD, \
        .record = &vrx_##type##_schema, ROW_ARRAY(object, counter, least, most)}
/* Absent when there is none. */
#define ROW_OPTIONAL_RECORDS(number, object, member, counter, most, type) \
    {ROW_BASE(number, object, member, struct vrx_##type *), .kind = VRX_FIELD_RECORD, \
        .record = &vrx_##type##_schema, .optional = true, ROW_ARRAY(object, counter, 1, most)}

#define ROW_SCHEMA(object, signed_name, table) \
    {.name = (signed_name), .size = sizeof(struct vrx_##object), .fields = (table), \
        .field_count = sizeof(table) / sizeof *(table)}
/* One that a municipality signs: member says when. */
#define ROW_DATED_SCHEMA(object, signed_name, table, member) \
    {.name = (signed_name), .size = sizeof(struct vrx_##object), .fields = (table), \
        .field_count = sizeof(table) / sizeof *(table), .stated_time = #object "." #member, \
        .time_offset = ROW_AT(object, member, int64_t)}
/* clang-format on */

#endif
