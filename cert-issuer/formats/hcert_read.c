/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the payload of a certificate that anyone may have made: any well-formed CBOR, fields in
 * any order, unknown ones skipped, null for absent, tags before texts, floats for times. Each level
 * is a table of fields. What a certificate cannot do without is checked at the end.
 */
#include "cbor/reader.h"
#include "formats/hcert.h"

typedef struct vrx_result field_reader(struct vrx_cbor_reader *reader, void *at);

struct field {
    struct vrx_view key;
    size_t offset; /* in struct vrx_hcert */
    field_reader *read;
};

struct walk {
    struct vrx_cbor_reader *reader;
    uint64_t left; /* UINT64_MAX: until the break */
};

static bool walk_next(struct walk *walk) {
    if (walk->left == UINT64_MAX)
        return vrx_cbor_peek(walk->reader) != VRX_CBOR_END;
    return walk->left && walk->left--;
}

static struct vrx_result walk_end(struct walk *walk) {
    return walk->left == UINT64_MAX ? vrx_cbor_leave(walk->reader) : vrx_ok();
}

static struct vrx_result skip(struct vrx_cbor_reader *reader) {
    struct vrx_view item;
    return vrx_cbor_item(reader, &item);
}

static struct vrx_result read_fields(struct vrx_cbor_reader *reader, const struct field *fields,
    size_t count, struct vrx_hcert *hcert) {
    struct walk walk = {.reader = reader};
    VRX_TRY(vrx_cbor_map(reader, &walk.left));
    while (walk_next(&walk)) {
        struct vrx_view key = {0};
        const struct field *field = NULL;
        if (vrx_cbor_peek(reader) == VRX_CBOR_TEXT)
            VRX_TRY(vrx_cbor_text(reader, &key));
        else
            VRX_TRY(skip(reader));
        for (size_t i = 0; key.ptr && i < count; i++)
            if (vrx_view_equal(key, fields[i].key))
                field = &fields[i];
        if (!field || vrx_cbor_peek(reader) == VRX_CBOR_NULL)
            VRX_TRY(skip(reader));
        else
            VRX_TRY(field->read(reader, (char *)hcert + field->offset));
    }
    return walk_end(&walk);
}

static struct vrx_result skip_tags(struct vrx_cbor_reader *reader) {
    uint64_t tag = 0;
    while (vrx_cbor_peek(reader) == VRX_CBOR_TAG)
        VRX_TRY(vrx_cbor_tag(reader, &tag));
    return vrx_ok();
}

static struct vrx_result read_text(struct vrx_cbor_reader *reader, void *at) {
    VRX_TRY(skip_tags(reader));
    return vrx_cbor_text(reader, at);
}

static struct vrx_result read_count(struct vrx_cbor_reader *reader, void *at) {
    int64_t value = 0;
    VRX_TRY(vrx_cbor_number(reader, &value));
    if (value < 1 || value > UINT32_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "EU DCC schema 1.3: dose_posint, minimum 1");
    *(uint32_t *)at = (uint32_t)value;
    return vrx_ok();
}

#define KEY(text) \
    { (const uint8_t *)(text), sizeof(text) - 1 }
#define FIELD(key, member, read) \
    { KEY(key), offsetof(struct vrx_hcert, member), read }
#define WHOLE(key, read) \
    { KEY(key), 0, read }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct field name_fields[] = {
    FIELD("fn", surname, read_text),
    FIELD("fnt", surname_mrz, read_text),
    FIELD("gn", given, read_text),
    FIELD("gnt", given_mrz, read_text),
};

static struct vrx_result read_name(struct vrx_cbor_reader *reader, void *at) {
    return read_fields(reader, name_fields, COUNT(name_fields), at);
}

static struct vrx_result read_birth_date(struct vrx_cbor_reader *reader, void *at) {
    struct vrx_hcert *hcert = at;
    VRX_TRY(read_text(reader, &hcert->birth_date));
    hcert->has_birth_date = true;
    return vrx_ok();
}

/* The fields of all three kinds of entry: where two kinds use one key, it means the same. */
static const struct field entry_fields[] = {
    FIELD("tg", disease, read_text),
    FIELD("co", country, read_text),
    FIELD("is", authority, read_text),
    FIELD("ci", identifier, read_text),
};

static const struct field vaccination_fields[] = {
    FIELD("tg", disease, read_text),
    FIELD("co", country, read_text),
    FIELD("is", authority, read_text),
    FIELD("ci", identifier, read_text),
    FIELD("vp", prophylaxis, read_text),
    FIELD("mp", product, read_text),
    FIELD("ma", manufacturer, read_text),
    FIELD("dn", dose, read_count),
    FIELD("sd", series, read_count),
    FIELD("dt", date, read_text),
};

static struct vrx_result read_entries(struct vrx_cbor_reader *reader, struct vrx_hcert *hcert,
    enum vrx_hcert_kind kind, const struct field *fields, size_t count) {
    struct walk walk = {.reader = reader};
    VRX_TRY(vrx_cbor_array(reader, &walk.left));
    while (walk_next(&walk)) {
        if (hcert->kind)
            return vrx_refuse(VRX_INPUT_RANGE, "EU DCC schema 1.3: exactly one entry");
        hcert->kind = kind;
        VRX_TRY(read_fields(reader, fields, count, hcert));
    }
    return walk_end(&walk);
}

static struct vrx_result read_vaccinations(struct vrx_cbor_reader *reader, void *at) {
    return read_entries(
        reader, at, VRX_HCERT_VACCINATION, vaccination_fields, COUNT(vaccination_fields));
}

static struct vrx_result read_tests(struct vrx_cbor_reader *reader, void *at) {
    return read_entries(reader, at, VRX_HCERT_TEST, entry_fields, COUNT(entry_fields));
}

static struct vrx_result read_recoveries(struct vrx_cbor_reader *reader, void *at) {
    return read_entries(reader, at, VRX_HCERT_RECOVERY, entry_fields, COUNT(entry_fields));
}

static const struct field dcc_fields[] = {
    FIELD("ver", version, read_text),
    WHOLE("dob", read_birth_date),
    WHOLE("nam", read_name),
    WHOLE("v", read_vaccinations),
    WHOLE("t", read_tests),
    WHOLE("r", read_recoveries),
};

/* {1: dcc}; other versions of the claim are skipped. */
static struct vrx_result read_health_claim(
    struct vrx_cbor_reader *reader, struct vrx_hcert *hcert) {
    struct walk walk = {.reader = reader};
    VRX_TRY(vrx_cbor_map(reader, &walk.left));
    while (walk_next(&walk)) {
        int64_t key = 0;
        if (vrx_is_ok(vrx_cbor_int(reader, &key))) {
            if (key == 1)
                VRX_TRY(read_fields(reader, dcc_fields, COUNT(dcc_fields), hcert));
            else
                VRX_TRY(skip(reader));
        } else {
            VRX_TRY(skip(reader));
            VRX_TRY(skip(reader));
        }
    }
    return walk_end(&walk);
}

enum claim {
    CLAIM_ISSUER = 1,
    CLAIM_EXPIRES = 4,
    CLAIM_ISSUED = 6,
    CLAIM_HEALTH = -260,
};

struct seen {
    bool issued;
    bool expires;
};

static struct vrx_result read_claim(
    struct vrx_cbor_reader *reader, int64_t key, struct vrx_hcert *hcert, struct seen *seen) {
    switch (key) {
    case CLAIM_ISSUER:
        return read_text(reader, &hcert->issuer);
    case CLAIM_EXPIRES:
        VRX_TRY(skip_tags(reader));
        seen->expires = true;
        return vrx_cbor_number(reader, &hcert->expires);
    case CLAIM_ISSUED:
        VRX_TRY(skip_tags(reader));
        seen->issued = true;
        return vrx_cbor_number(reader, &hcert->issued);
    case CLAIM_HEALTH:
        return read_health_claim(reader, hcert);
    default:
        return skip(reader);
    }
}

static struct vrx_result check_complete(const struct vrx_hcert *hcert, const struct seen *seen) {
    if (!seen->issued || !seen->expires)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "HCERT specification §3.3: iat and exp");
    if (!hcert->kind)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC schema 1.3: exactly one entry");
    if (!hcert->version.len || !hcert->has_birth_date)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC schema 1.3: ver, dob");
    if (!hcert->surname_mrz.len && !hcert->given_mrz.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC schema 1.3: nam");
    if (!hcert->identifier.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC schema 1.3: ci");
    if (hcert->kind == VRX_HCERT_VACCINATION &&
        (!hcert->dose || !hcert->series || !hcert->date.len || !hcert->product.len))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC schema 1.3: vaccination_entry");
    return vrx_ok();
}

struct vrx_result vrx_hcert_read(struct vrx_view payload, struct vrx_hcert *ret_hcert) {
    struct vrx_hcert hcert = {0};
    struct seen seen = {0};
    struct vrx_cbor_reader reader;
    struct walk walk = {.reader = &reader};
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, payload));
    VRX_TRY(vrx_cbor_map(&reader, &walk.left));
    while (walk_next(&walk)) {
        int64_t key = 0;
        if (!vrx_is_ok(vrx_cbor_int(&reader, &key))) {
            VRX_TRY(skip(&reader));
            key = 0; /* no claim that is read here */
        }
        VRX_TRY(read_claim(&reader, key, &hcert, &seen));
    }
    VRX_TRY(walk_end(&walk));
    VRX_TRY(check_complete(&hcert, &seen));
    *ret_hcert = hcert;
    return vrx_ok();
}
