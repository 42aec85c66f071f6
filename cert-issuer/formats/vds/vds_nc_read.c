/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the content of a seal. Each level is a table of fields; a vaccination event with its
 * doses becomes a row a dose. A sequence number may be a text, as some issuers write it.
 */
#include "base/limits.h"
#include "formats/json/foreign_json.h"
#include "formats/vds/vds_nc.h"

struct field {
    const char *key;
    size_t offset; /* of a view */
    bool required;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct vrx_result missing(void) {
    return vrx_refuse(VRX_INPUT_FIELD_MISSING, "VDS-NC 1.1: a required field is absent");
}

static const char other_type[] = "VDS-NC 1.1: a field of another type";

static struct vrx_result read_texts(const json_t *object, const struct field *fields, size_t count,
    struct vrx_arena *arena, void *at) {
    if (!object)
        return missing();
    for (size_t i = 0; i < count; i++) {
        struct vrx_view text = {0};
        VRX_TRY(vrx_foreign_json_text(arena, object, fields[i].key, other_type, &text));
        if (!text.len && fields[i].required)
            return missing();
        memcpy((char *)at + fields[i].offset, &text, sizeof text);
    }
    return vrx_ok();
}

#define FIELD(key, member, required) \
    { key, offsetof(struct vrx_vds_nc, member), required }

static const struct field header_fields[] = {FIELD("is", issuer, true)};
static const struct field message_fields[] = {FIELD("uvci", identifier, true)};
static const struct field person_fields[] = {
    FIELD("n", surname, true),
    FIELD("dob", birth_date, false),
    FIELD("sex", sex, false),
    FIELD("i", document, false),
};

#undef FIELD
#define FIELD(key, member, required) \
    { key, offsetof(struct vrx_vds_nc_dose, member), required }

static const struct field event_fields[] = {
    FIELD("des", prophylaxis, true),
    FIELD("nam", product, true),
    FIELD("dis", disease, false),
};
static const struct field dose_fields[] = {
    FIELD("dvc", date, true),
    FIELD("ctr", country, true),
    FIELD("adm", centre, false),
    FIELD("lot", lot, false),
};

/* 1 to 99, as a number or in one or two digits. */
static struct vrx_result read_number(const json_t *value, uint32_t *ret_number) {
    json_int_t number = json_integer_value(value);
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        for (size_t i = 0; i < json_string_length(value); i++)
            number =
                i < 2 && text[i] >= '0' && text[i] <= '9' ? number * 10 + (text[i] - '0') : 100;
    } else if (!json_is_integer(value)) {
        return value ? vrx_refuse(VRX_INPUT_TYPE, other_type) : missing();
    }
    if (number < 1 || number > 99)
        return vrx_refuse(VRX_INPUT_RANGE, "VDS-NC 1.1: seq");
    *ret_number = (uint32_t)number;
    return vrx_ok();
}

/* The elements of a list that must have one. */
static struct vrx_result read_list(const json_t *list, size_t *ret_count) {
    if (!list)
        return missing();
    if (!json_is_array(list))
        return vrx_refuse(VRX_INPUT_TYPE, other_type);
    if (!json_array_size(list))
        return missing();
    *ret_count = json_array_size(list);
    return vrx_ok();
}

static struct vrx_result read_event(
    const json_t *event, struct vrx_arena *arena, struct vrx_vds_nc_dose *doses, size_t *count) {
    struct vrx_vds_nc_dose vaccine = {0};
    const json_t *list = json_object_get(event, "vd");
    size_t len = 0;
    VRX_TRY(read_texts(event, event_fields, COUNT(event_fields), arena, &vaccine));
    VRX_TRY(read_list(list, &len));
    for (size_t i = 0; i < len; i++) {
        const json_t *dose = json_array_get(list, i);
        if (*count == VRX_LIMIT_DOSES)
            return vrx_refuse(VRX_INPUT_RANGE, "limits.h: doses of one person");
        doses[*count] = vaccine;
        VRX_TRY(read_texts(dose, dose_fields, COUNT(dose_fields), arena, &doses[*count]));
        VRX_TRY(read_number(json_object_get(dose, "seq"), &doses[*count].number));
        ++*count;
    }
    return vrx_ok();
}

static struct vrx_result read_events(
    const json_t *events, struct vrx_arena *arena, struct vrx_vds_nc *vds) {
    struct vrx_vds_nc_dose *doses = vrx_arena_alloc_array(arena, VRX_LIMIT_DOSES, sizeof *doses);
    size_t len = 0;
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(read_list(events, &len));
    for (size_t i = 0; i < len; i++)
        VRX_TRY(read_event(json_array_get(events, i), arena, doses, &vds->dose_count));
    vds->doses = doses;
    return vrx_ok();
}

static void split_name(struct vrx_vds_nc *vds) {
    const struct vrx_view name = vds->surname;
    for (size_t i = 1; i + 2 < name.len; i++)
        if (name.ptr[i] == ' ' && name.ptr[i + 1] == ' ') {
            vds->surname.len = i;
            vds->given = vrx_view_slice(name, i + 2, name.len);
            return;
        }
}

struct vrx_result vrx_vds_nc_read(
    const json_t *data, struct vrx_arena *arena, struct vrx_vds_nc *ret_vds) {
    struct vrx_vds_nc vds = {0};
    const json_t *message = json_object_get(data, "msg");
    VRX_TRY(
        read_texts(json_object_get(data, "hdr"), header_fields, COUNT(header_fields), arena, &vds));
    VRX_TRY(read_texts(message, message_fields, COUNT(message_fields), arena, &vds));
    VRX_TRY(read_texts(
        json_object_get(message, "pid"), person_fields, COUNT(person_fields), arena, &vds));
    VRX_TRY(read_events(json_object_get(message, "ve"), arena, &vds));
    if (!vds.birth_date.len && !vds.document.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "VDS-NC 1.1: dob or i, to know the person by");
    split_name(&vds);
    *ret_vds = vds;
    return vrx_ok();
}
