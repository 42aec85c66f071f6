/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verdict.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"
#include "codes/vaccine.h"

#define VERDICT_EXIT 10

static const struct {
    const char *en;
    const char *ja;
} sentences[] = {
    [VRX_VERDICT_VALID] = {"the certificate is genuine and valid", "真正かつ有効な証明書です"},
    [VRX_VERDICT_EXPIRED] = {"the certificate has expired", "有効期限が切れています"},
    [VRX_VERDICT_NOT_YET_VALID] = {"the certificate is not valid yet", "まだ有効ではありません"},
    [VRX_VERDICT_ISSUER_UNKNOWN] = {"the trust list does not know who signed it",
        "署名者が信頼リストにありません"},
    [VRX_VERDICT_DAMAGED] = {"the signature does not verify: damaged or forged",
        "署名を検証できません（破損または偽造）"},
    [VRX_VERDICT_NOT_A_CERTIFICATE] = {"this is not a vaccination certificate",
        "接種証明書ではありません"},
    [VRX_VERDICT_WRONG_KEY_USAGE] = {"its signer may not sign vaccination certificates",
        "署名者に接種証明書を発行する権限がありません"},
    [VRX_VERDICT_REVOKED] = {"the certificate has been revoked", "失効した証明書です"},
    [VRX_VERDICT_REVOCATION_UNKNOWN] =
        {"genuine, but the revocation list is too old to say whether it was revoked",
            "真正ですが、失効リストが古いため失効の有無を確認できません"},
};

/* A certificate's content in the order in which an officer reads it. */
struct line {
    enum vrx_format format;
    const char *name;
    const char *en;
    const char *ja;
    size_t member; /* of struct vrx_shown */
};

#define HCERT(name, en, ja) \
    { VRX_FORMAT_HCERT, #name, en, ja, offsetof(struct vrx_shown, hcert.name) }
#define SHC(name, member, en, ja) \
    { VRX_FORMAT_SHC, name, en, ja, offsetof(struct vrx_shown, shc.member) }
#define VDS_NC(name, member, en, ja) \
    { VRX_FORMAT_VDS_NC, name, en, ja, offsetof(struct vrx_shown, vds_nc.member) }

static const struct line lines[] = {
    HCERT(surname, "surname", "姓"),
    HCERT(given, "given name", "名"),
    HCERT(birth_date, "born", "生年月日"),
    HCERT(date, "administered on", "接種日"),
    HCERT(product, "product code", "製品コード"),
    HCERT(manufacturer, "manufacturer code", "製造者コード"),
    HCERT(country, "country", "国"),
    HCERT(authority, "issuer", "発行者"),
    HCERT(identifier, "certificate id", "証明書番号"),
    SHC("surname", surname, "surname", "姓"),
    SHC("given", given, "given name", "名"),
    SHC("birth_date", birth_date, "born", "生年月日"),
    SHC("authority", issuer, "issuer", "発行者"),
    SHC("identifier", identifier, "certificate id", "証明書番号"),
    VDS_NC("surname", surname, "surname", "姓"),
    VDS_NC("given", given, "given name", "名"),
    VDS_NC("birth_date", birth_date, "born", "生年月日"),
    VDS_NC("sex", sex, "sex", "性別"),
    VDS_NC("document", document, "travel document", "旅券番号"),
    VDS_NC("country", issuer, "country", "国"),
    VDS_NC("identifier", identifier, "certificate id", "証明書番号"),
};

#define LINES (sizeof lines / sizeof lines[0])

/* The same of one of several doses. */
struct dose_field {
    const char *name;
    size_t member;
};

static const struct dose_field shc_fields[] = {
    {"date", offsetof(struct vrx_shc_dose, date)},
    {"system", offsetof(struct vrx_shc_dose, system)},
    {"code", offsetof(struct vrx_shc_dose, code)},
    {"lot", offsetof(struct vrx_shc_dose, lot)},
    {"performer", offsetof(struct vrx_shc_dose, performer)},
};

static const struct dose_field vds_nc_fields[] = {
    {"date", offsetof(struct vrx_vds_nc_dose, date)},
    {"code", offsetof(struct vrx_vds_nc_dose, prophylaxis)},
    {"product", offsetof(struct vrx_vds_nc_dose, product)},
    {"disease", offsetof(struct vrx_vds_nc_dose, disease)},
    {"lot", offsetof(struct vrx_vds_nc_dose, lot)},
    {"country", offsetof(struct vrx_vds_nc_dose, country)},
    {"performer", offsetof(struct vrx_vds_nc_dose, centre)},
};

static struct vrx_view view_at(const void *object, size_t member) {
    struct vrx_view view;
    memcpy(&view, (const char *)object + member, sizeof view);
    return view;
}

static const char *product_name(struct vrx_view code) {
    const struct vrx_vaccine *vaccine = NULL;
    for (size_t i = 0; (vaccine = vrx_vaccine_at(i)); i++)
        if (vrx_view_equal(vrx_view_text(vaccine->product), code))
            return vaccine->product_en;
    return "";
}

/* ---- for people ---- */

/* Control characters of a foreign certificate never reach the terminal. */
static void put_text(struct vrx_view text) {
    for (size_t i = 0; i < text.len; i++)
        putchar(text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
}

static void put_part(const char *before, struct vrx_view text) {
    if (!text.len)
        return;
    fputs(before, stdout);
    put_text(text);
}

static void show_hcert_dose(const struct vrx_hcert *hcert) {
    if (hcert->kind == VRX_HCERT_VACCINATION)
        printf("  %-18s %u of %u %s  (接種回数)\n", "dose", hcert->dose, hcert->series,
            product_name(hcert->product));
}

static void show_shc_doses(const struct vrx_shc *shc) {
    for (size_t i = 0; i < shc->dose_count; i++) {
        const struct vrx_shc_dose *dose = &shc->doses[i];
        const bool cvx = vrx_view_equal(dose->system, vrx_view_text(VRX_SHC_CVX));
        printf("  %-18s ", "dose");
        put_text(dose->date);
        put_part(cvx ? ", CVX " : ", code ", dose->code);
        if (!cvx)
            put_part(" of ", dose->system);
        put_part(", lot ", dose->lot);
        put_part(", ", dose->performer);
        printf("  (接種)\n");
    }
}

static void show_vds_nc_doses(const struct vrx_vds_nc *vds) {
    for (size_t i = 0; i < vds->dose_count; i++) {
        const struct vrx_vds_nc_dose *dose = &vds->doses[i];
        printf("  %-18s %u, ", "dose", dose->number);
        put_text(dose->date);
        put_part(" ", dose->product);
        put_part(", lot ", dose->lot);
        put_part(", ", dose->centre);
        put_part(", ", dose->country);
        printf("  (接種)\n");
    }
}

static void show_content(const struct vrx_shown *shown) {
    for (size_t i = 0; i < LINES; i++) {
        const struct vrx_view text = view_at(shown, lines[i].member);
        if (lines[i].format != shown->format || !text.len)
            continue;
        printf("  %-18s ", lines[i].en);
        put_text(text);
        printf("  (%s)\n", lines[i].ja);
    }
    if (shown->format == VRX_FORMAT_HCERT)
        show_hcert_dose(&shown->hcert);
    else if (shown->format == VRX_FORMAT_SHC)
        show_shc_doses(&shown->shc);
    else
        show_vds_nc_doses(&shown->vds_nc);
}

static void show_age(int64_t seconds) {
    const long long hours = seconds > 0 ? seconds / 3600 : 0;
    if (hours < 48)
        printf("%lld hours old", hours);
    else
        printf("%lld days old", hours / 24);
}

/* Never silent: who reads VALID has to see what it rests on. */
static void show_revocation(const struct vrx_cli_lists *lists, int64_t now) {
    char when[VRX_PRINT_TIME];
    if (!lists->revocations.version) {
        printf("  revocation unknown: not checked, there is no list  (失効は確認していません)\n");
        return;
    }
    printf("  revocation list %llu, ", (unsigned long long)lists->revocations.version);
    show_age(now - lists->revocations.issued);
    vrx_print_time(lists->revocations.next_update, when);
    printf(", next by %s  (失効リスト)\n", when);
    if (lists->revoked == VRX_REVOKED_UNKNOWN)
        printf("  revocation unknown: the list does not speak of this signer  "
               "(この署名者の失効情報はありません)\n");
    else if (lists->revoked == VRX_REVOKED_STALE)
        printf("  revocation unknown: the list's next update is past  "
               "(失効リストの更新期限が過ぎています)\n");
    else if (lists->revoked == VRX_REVOKED_NO)
        printf("  not revoked  (失効していません)\n");
}

static void show(const struct vrx_finding *finding, const struct vrx_shown *shown,
    const struct vrx_cli_lists *lists, int64_t now) {
    printf("%s: %s / %s\n", vrx_verdict_name(finding->verdict), sentences[finding->verdict].en,
        sentences[finding->verdict].ja);
    if (finding->clause)
        printf("  %s\n", finding->clause);
    if (finding->readable)
        show_content(shown);
    printf("  trust list %llu, %lld days old", (unsigned long long)lists->trust_version,
        (long long)((now - lists->trust_issued) / 86400));
    if (lists->signers)
        printf(", %zu signers", lists->signers);
    printf("  (信頼リスト)\n");
    if (finding->readable)
        show_revocation(lists, now);
}

/* ---- for programs ---- */

static void put_json_text(struct vrx_json *json, const char *name, struct vrx_view view) {
    char text[VRX_LIMIT_JSON_FIELD + 1];
    snprintf(text, sizeof text, "%.*s", (int)view.len, view.ptr ? (const char *)view.ptr : "");
    vrx_json_text(json, name, text);
}

static void put_json_texts(
    struct vrx_json *json, const struct dose_field *fields, size_t count, const void *dose) {
    for (size_t i = 0; i < count; i++)
        put_json_text(json, fields[i].name, view_at(dose, fields[i].member));
}

static void put_json_hcert(struct vrx_json *json, const struct vrx_hcert *hcert) {
    vrx_json_number(json, "dose", hcert->dose);
    vrx_json_number(json, "series", hcert->series);
    vrx_json_time(json, "issued", hcert->issued);
    vrx_json_time(json, "expires", hcert->expires);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void put_json_shc(struct vrx_json *json, const struct vrx_shc *shc) {
    struct vrx_json doses;
    vrx_json_array(&doses);
    for (size_t i = 0; i < shc->dose_count; i++) {
        struct vrx_json dose;
        vrx_json_object(&dose);
        put_json_texts(&dose, shc_fields, COUNT(shc_fields), &shc->doses[i]);
        vrx_json_add(&doses, &dose);
    }
    vrx_json_put(json, "doses", &doses);
    vrx_json_time(json, "issued", shc->issued);
    if (shc->expires != VRX_SHC_FOREVER)
        vrx_json_time(json, "expires", shc->expires);
}

static void put_json_vds_nc(struct vrx_json *json, const struct vrx_vds_nc *vds) {
    struct vrx_json doses;
    vrx_json_array(&doses);
    for (size_t i = 0; i < vds->dose_count; i++) {
        struct vrx_json dose;
        vrx_json_object(&dose);
        vrx_json_number(&dose, "dose", vds->doses[i].number);
        put_json_texts(&dose, vds_nc_fields, COUNT(vds_nc_fields), &vds->doses[i]);
        vrx_json_add(&doses, &dose);
    }
    vrx_json_put(json, "doses", &doses);
    vrx_json_time(json, "expires", vds->expires);
}

static void put_json_content(struct vrx_json *json, const struct vrx_shown *shown) {
    vrx_json_text(json, "format", vrx_format_name(shown->format));
    for (size_t i = 0; i < LINES; i++)
        if (lines[i].format == shown->format)
            put_json_text(json, lines[i].name, view_at(shown, lines[i].member));
    if (shown->format == VRX_FORMAT_HCERT)
        put_json_hcert(json, &shown->hcert);
    else if (shown->format == VRX_FORMAT_SHC)
        put_json_shc(json, &shown->shc);
    else
        put_json_vds_nc(json, &shown->vds_nc);
}

static void put_json_revocation(
    struct vrx_json *json, const struct vrx_cli_lists *lists, int64_t now) {
    vrx_json_text(json, "revocation", vrx_revoked_name(lists->revoked));
    if (!lists->revocations.version)
        return;
    const int64_t age = now - lists->revocations.issued;
    vrx_json_number(json, "revocation_list_version", lists->revocations.version);
    vrx_json_time(json, "revocation_list_issued", lists->revocations.issued);
    vrx_json_time(json, "revocation_list_next_update", lists->revocations.next_update);
    vrx_json_number(json, "revocation_list_age_seconds", age > 0 ? (uint64_t)age : 0);
}

static int show_json(const struct vrx_finding *finding, const struct vrx_shown *shown,
    const struct vrx_cli_lists *lists, int64_t now) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
    vrx_json_object(&json);
    vrx_json_text(&json, "verdict", vrx_verdict_name(finding->verdict));
    if (finding->clause)
        vrx_json_text(&json, "clause", finding->clause);
    if (finding->readable)
        put_json_content(&json, shown);
    put_json_revocation(&json, lists, now);
    vrx_json_number(&json, "trust_list_version", lists->trust_version);
    vrx_json_time(&json, "trust_list_issued", lists->trust_issued);
    return vrx_json_print(&json);
}

int vrx_cli_verdict_tell(const struct vrx_arguments *arguments, const struct vrx_finding *finding,
    const struct vrx_shown *shown, const struct vrx_cli_lists *lists, int64_t now) {
    if (vrx_argument_json(arguments))
        VRX_CLI_TRY(show_json(finding, shown, lists, now));
    else
        show(finding, shown, lists, now);
    return finding->verdict == VRX_VERDICT_VALID ? VRX_EXIT_OK
                                                 : VERDICT_EXIT + (int)finding->verdict;
}

/* ---- from a service ---- */

/* A verdict that came later than this program is none that it could tell. */
static bool is_known(int verdict) {
    return verdict >= VRX_VERDICT_VALID && (size_t)verdict < sizeof sentences / sizeof *sentences;
}

static struct vrx_hcert take_hcert(const Vrx__V1__VerifiedCertificate *content) {
    return (struct vrx_hcert){.issued = content->issued_at,
        .expires = content->expires_at,
        .surname = vrx_view_text(content->surname),
        .given = vrx_view_text(content->given_name),
        .birth_date = vrx_view_text(content->birth_date),
        .kind = (enum vrx_hcert_kind)content->kind,
        .country = vrx_view_text(content->country),
        .authority = vrx_view_text(content->authority),
        .identifier = vrx_view_text(content->identifier),
        .product = vrx_view_text(content->product),
        .manufacturer = vrx_view_text(content->manufacturer),
        .dose = content->dose,
        .series = content->series,
        .date = vrx_view_text(content->administered_on)};
}

static struct vrx_result take_shc(
    const Vrx__V1__VerifiedCertificate *content, struct vrx_arena *arena, struct vrx_shc *ret_shc) {
    struct vrx_shc_dose *doses = vrx_arena_alloc_array(arena, content->n_doses, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < content->n_doses; i++) {
        const Vrx__V1__VerifiedDose *dose = content->doses[i];
        doses[i] = (struct vrx_shc_dose){.system = vrx_view_text(dose->vaccine_system),
            .code = vrx_view_text(dose->vaccine_code),
            .date = vrx_view_text(dose->administered_on),
            .lot = vrx_view_text(dose->lot),
            .performer = vrx_view_text(dose->performer)};
    }
    *ret_shc = (struct vrx_shc){.issuer = vrx_view_text(content->authority),
        .issued = content->issued_at,
        .expires = content->expires_at ? content->expires_at : VRX_SHC_FOREVER,
        .identifier = vrx_view_text(content->identifier),
        .surname = vrx_view_text(content->surname),
        .given = vrx_view_text(content->given_name),
        .birth_date = vrx_view_text(content->birth_date),
        .doses = doses,
        .dose_count = content->n_doses};
    return vrx_ok();
}

static struct vrx_result take_vds_nc(const Vrx__V1__VerifiedCertificate *content,
    struct vrx_arena *arena, struct vrx_vds_nc *ret_vds) {
    struct vrx_vds_nc_dose *doses = vrx_arena_alloc_array(arena, content->n_doses, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < content->n_doses; i++) {
        const Vrx__V1__VerifiedDose *dose = content->doses[i];
        doses[i] = (struct vrx_vds_nc_dose){.prophylaxis = vrx_view_text(dose->vaccine_code),
            .product = vrx_view_text(dose->product),
            .disease = vrx_view_text(dose->disease),
            .date = vrx_view_text(dose->administered_on),
            .number = dose->number,
            .country = vrx_view_text(dose->country),
            .centre = vrx_view_text(dose->performer),
            .lot = vrx_view_text(dose->lot)};
    }
    *ret_vds = (struct vrx_vds_nc){.issuer = vrx_view_text(content->country),
        .identifier = vrx_view_text(content->identifier),
        .surname = vrx_view_text(content->surname),
        .given = vrx_view_text(content->given_name),
        .birth_date = vrx_view_text(content->birth_date),
        .sex = vrx_view_text(content->sex),
        .document = vrx_view_text(content->document_number),
        .doses = doses,
        .dose_count = content->n_doses,
        .expires = content->expires_at};
    return vrx_ok();
}

static struct vrx_result take_content(const Vrx__V1__VerifiedCertificate *content,
    struct vrx_arena *arena, struct vrx_shown *ret_shown) {
    switch (content->format) {
    case VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_UNSPECIFIED: /* before there were several
                                                                       */
    case VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_HCERT:
        ret_shown->format = VRX_FORMAT_HCERT;
        ret_shown->hcert = take_hcert(content);
        return vrx_ok();
    case VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_SMART_HEALTH_CARD:
        ret_shown->format = VRX_FORMAT_SHC;
        return take_shc(content, arena, &ret_shown->shc);
    case VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_VDS_NC:
        ret_shown->format = VRX_FORMAT_VDS_NC;
        return take_vds_nc(content, arena, &ret_shown->vds_nc);
    default:
        return vrx_refuse(VRX_INPUT_VERSION, "verification.proto: CertificateFormat");
    }
}

/* What is known of the revocation; a word that came later than this program says nothing. */
static enum vrx_revoked take_revoked(Vrx__V1__Revocation revocation) {
    return revocation >= VRX__V1__REVOCATION__REVOCATION_NOT_REVOKED &&
                   revocation <= VRX__V1__REVOCATION__REVOCATION_STALE
               ? (enum vrx_revoked)revocation
               : VRX_REVOKED_UNKNOWN;
}

struct vrx_result vrx_cli_verdict_take(const Vrx__V1__VerifyResponse *answer,
    struct vrx_arena *arena, struct vrx_finding *ret_finding, struct vrx_shown *ret_shown,
    struct vrx_cli_lists *ret_lists) {
    if (!is_known((int)answer->verdict))
        return vrx_refuse(VRX_INPUT_VERSION, "verification.proto: Verdict");
    if (answer->certificate)
        VRX_TRY(take_content(answer->certificate, arena, ret_shown));
    *ret_lists = (struct vrx_cli_lists){.trust_version = answer->trust_list_version,
        .trust_issued = answer->trust_list_issued_at,
        .revoked = take_revoked(answer->revocation),
        .revocations = {answer->revocation_list_version, answer->revocation_list_issued_at,
            answer->revocation_list_next_update}};
    *ret_finding = (struct vrx_finding){.verdict = (enum vrx_verdict)answer->verdict,
        .clause = answer->clause[0] ? answer->clause : NULL,
        .readable = answer->certificate};
    return vrx_ok();
}
