/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a seal. Its data are written in their canonical form at once, the members in the order of
 * their names: what is signed is what stands there, and a verifier that canonicalises it (ours by
 * ../json/jcs.c) comes to the same bytes.
 */
#include <stdio.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/limits.h"
#include "formats/json/json_text.h"
#include "formats/vds/vds_nc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define NUMBER_MAX 99
#define ANY SIZE_MAX /* of so many characters as the seal has room for */

/* ---- what may be written ---- */

struct bound {
    struct vrx_view text;
    size_t most; /* characters */
    bool needed;
    const char *clause;
};

static struct vrx_result check_text(const struct bound *bound) {
    if (!bound->text.len)
        return bound->needed ? vrx_refuse(VRX_INPUT_FIELD_MISSING, bound->clause) : vrx_ok();
    for (size_t i = 0; i < bound->text.len; i++)
        if (bound->text.ptr[i] < ' ' || bound->text.ptr[i] > '~')
            return vrx_refuse(VRX_INPUT_TEXT, bound->clause);
    return bound->text.len > bound->most ? vrx_refuse(VRX_INPUT_TOO_LARGE, bound->clause)
                                         : vrx_ok();
}

static struct vrx_result check_texts(const struct bound *bounds, size_t count) {
    for (size_t i = 0; i < count; i++)
        VRX_TRY(check_text(&bounds[i]));
    return vrx_ok();
}

/* Two spaces stand between the two parts of a name, and nowhere else. */
static struct vrx_result check_spaces(struct vrx_view name) {
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == ' ' && (i == 0 || i + 1 == name.len || name.ptr[i - 1] == ' '))
            return vrx_refuse(VRX_INPUT_TEXT, "ICAO 9303-3 §4.6: one space within a name");
    return vrx_ok();
}

/* vrx_date_parse takes the basic form too, which has no hyphens. */
static struct vrx_result check_date(struct vrx_view text) {
    struct vrx_date date;
    if (text.len != VRX_DATE_TEXT)
        return vrx_refuse(VRX_INPUT_MALFORMED, "VDS-NC 1.1: a date is YYYY-MM-DD");
    return vrx_date_parse(text, &date);
}

static struct vrx_result check_dose(const struct vrx_vds_nc_dose *dose) {
    const struct bound bounds[] = {
        {dose->prophylaxis, VRX_VDS_NC_CODE, true, "VDS-NC 1.1: des"},
        {dose->product, ANY, true, "VDS-NC 1.1: nam"},
        {dose->disease, VRX_VDS_NC_CODE, false, "VDS-NC 1.1: dis"},
        {dose->country, 3, true, "VDS-NC 1.1: ctr"},
        {dose->centre, VRX_VDS_NC_CENTRE, true, "VDS-NC 1.1: adm"},
        {dose->lot, VRX_VDS_NC_CENTRE, true, "VDS-NC 1.1: lot"},
    };
    if (dose->number < 1 || dose->number > NUMBER_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "VDS-NC 1.1: seq");
    VRX_TRY(check_date(dose->date));
    return check_texts(bounds, COUNT(bounds));
}

static struct vrx_result check(const struct vrx_vds_nc *vds) {
    const struct bound bounds[] = {
        {vds->issuer, 3, true, "VDS-NC 1.1: is"},
        {vds->identifier, VRX_VDS_NC_IDENTIFIER, true, "VDS-NC 1.1: uvci"},
        {vds->surname, VRX_VDS_NC_NAME, true, "VDS-NC 1.1: n"},
        {vds->given, VRX_VDS_NC_NAME, false, "VDS-NC 1.1: n"},
        {vds->document, VRX_VDS_NC_DOCUMENT, true, "VDS-NC 1.1: i"},
        {vds->sex, 1, false, "VDS-NC 1.1: sex"},
    };
    VRX_TRY(check_texts(bounds, COUNT(bounds)));
    VRX_TRY(check_spaces(vds->surname));
    VRX_TRY(check_spaces(vds->given));
    if (vds->given.len && vds->surname.len + 2 + vds->given.len > VRX_VDS_NC_NAME)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "VDS-NC 1.1: n");
    VRX_TRY(check_date(vds->birth_date));
    if (!vds->dose_count || vds->dose_count > VRX_LIMIT_DOSES)
        return vrx_refuse(VRX_INPUT_RANGE, "limits.h: doses of one person");
    for (size_t i = 0; i < vds->dose_count; i++)
        VRX_TRY(check_dose(&vds->doses[i]));
    return vrx_ok();
}

/* ---- the data ---- */

static bool same_vaccine(const struct vrx_vds_nc_dose *a, const struct vrx_vds_nc_dose *b) {
    return vrx_view_equal(a->prophylaxis, b->prophylaxis) &&
           vrx_view_equal(a->product, b->product) && vrx_view_equal(a->disease, b->disease);
}

static bool is_first_of_vaccine(const struct vrx_vds_nc *vds, size_t at) {
    for (size_t i = 0; i < at; i++)
        if (same_vaccine(&vds->doses[i], &vds->doses[at]))
            return false;
    return true;
}

static struct vrx_result put_dose(
    struct vrx_buffer *out, const struct vrx_vds_nc_dose *dose, bool first) {
    const struct vrx_json_piece pieces[] = {
        {first ? "{\"adm\":" : ",{\"adm\":", dose->centre, false},
        {",\"ctr\":", dose->country, false},
        {",\"dvc\":", dose->date, false},
        {",\"lot\":", dose->lot, false},
    };
    char number[sizeof ",\"seq\":4294967295}"];
    (void)snprintf(number, sizeof number, ",\"seq\":%u}", dose->number);
    VRX_TRY(vrx_json_put_pieces(out, pieces, COUNT(pieces)));
    return vrx_json_append(out, number);
}

/* The event of this dose's vaccine, with all of its doses. */
static struct vrx_result put_event(
    struct vrx_buffer *out, const struct vrx_vds_nc *vds, size_t at) {
    const struct vrx_vds_nc_dose *vaccine = &vds->doses[at];
    const struct vrx_json_piece pieces[] = {
        {at ? ",{\"des\":" : "{\"des\":", vaccine->prophylaxis, false},
        {",\"dis\":", vaccine->disease, true},
        {",\"nam\":", vaccine->product, false},
    };
    VRX_TRY(vrx_json_put_pieces(out, pieces, COUNT(pieces)));
    VRX_TRY(vrx_json_append(out, ",\"vd\":["));
    for (size_t i = at; i < vds->dose_count; i++)
        if (same_vaccine(&vds->doses[i], vaccine))
            VRX_TRY(put_dose(out, &vds->doses[i], i == at));
    return vrx_json_append(out, "]}");
}

static struct vrx_result put_data(struct vrx_buffer *out, const struct vrx_vds_nc *vds) {
    char name[VRX_VDS_NC_NAME + 1];
    (void)snprintf(name, sizeof name, "%.*s%s%.*s", (int)vds->surname.len,
        (const char *)vds->surname.ptr, vds->given.len ? "  " : "", (int)vds->given.len,
        vds->given.len ? (const char *)vds->given.ptr : "");
    const struct vrx_json_piece pieces[] = {
        {"{\"hdr\":{\"is\":", vds->issuer, false},
        {",\"t\":\"icao.vacc\",\"v\":1},\"msg\":{\"pid\":{\"dob\":", vds->birth_date, false},
        {",\"i\":", vds->document, false},
        {",\"n\":", vrx_view_text(name), false},
        {",\"sex\":", vds->sex, true},
        {"},\"uvci\":", vds->identifier, false},
    };
    VRX_TRY(vrx_json_put_pieces(out, pieces, COUNT(pieces)));
    VRX_TRY(vrx_json_append(out, ",\"ve\":["));
    for (size_t i = 0; i < vds->dose_count; i++)
        if (is_first_of_vaccine(vds, i))
            VRX_TRY(put_event(out, vds, i));
    return vrx_json_append(out, "]}}");
}

struct vrx_result vrx_vds_nc_data(const struct vrx_vds_nc *vds, struct vrx_buffer *out) {
    VRX_TRY(check(vds));
    return put_data(out, vds);
}

/* ---- the signature ---- */

static struct vrx_result put_bytes(
    struct vrx_buffer *out, const char *json, struct vrx_view bytes) {
    VRX_TRY(vrx_json_append(out, json));
    return vrx_base64_encode(VRX_BASE64_URL_PADDED, bytes, out);
}

struct vrx_result vrx_vds_nc_sign(struct vrx_view data, const struct vrx_private_key *key,
    const struct vrx_certificate *signer, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    uint8_t signature[VRX_P256_SIGNATURE];
    VRX_TRY(vrx_sign_es256(key, data, signature));
    VRX_TRY(vrx_json_append(&text, "{\"data\":"));
    VRX_TRY(vrx_buffer_append(&text, data));
    VRX_TRY(
        put_bytes(&text, ",\"sig\":{\"alg\":\"ES256\",\"cer\":\"", vrx_certificate_der(signer)));
    VRX_TRY(put_bytes(&text, "\",\"sigvl\":\"", vrx_view_of(signature, sizeof signature)));
    VRX_TRY(vrx_json_append(&text, "\"}}"));
    if (text.len > VRX_LIMIT_VDS_NC_MADE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "ISO/IEC 18004 table 7: version 40, bytes, level M");
    return vrx_buffer_append(out, vrx_buffer_view(&text));
}
