/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/render/paper: what the PDF file holds, said by poppler's programs, which know nothing
 * of how it was made.
 */
#include "render/paper/paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "render/paper/paper_of.h"
#include "render/paper/sheet.h"
#include "support/check.h"
#include "support/hcert_sample.h"

static struct vrx_face *face;

static int open_face(void **state) {
    (void)state;
    assert_ok(vrx_face_open(VRX_PAPER_FONT, &face));
    return 0;
}

static int close_face(void **state) {
    (void)state;
    vrx_face_close(&face);
    assert_null(face);
    return 0;
}

static const char hcert_text[] =
    "HC1:6BFOXN%TS3DH1QG9WA6H98BRPRHO DJS4F3S-%2LXKQGLAVDQ81LO2-36/X0X6BMF6";
static const char shc_text[] = "shc:/567629095243206034602924374044603122295953265460346029";
static const char vds_text[] = "{\"data\":{\"hdr\":{\"is\":\"JPN\",\"t\":\"icao.vacc\",\"v\":1}}}";

static const struct vrx_shc_dose shc_doses[] = {
    {.system = {(const uint8_t *)VRX_SHC_CVX, sizeof VRX_SHC_CVX - 1},
        .code = {(const uint8_t *)"208", 3},
        .date = {(const uint8_t *)"2021-06-22T10:00:00+09:00", 25},
        .lot = {(const uint8_t *)"EY0779", 6},
        .performer = {(const uint8_t *)"札幌市", 9}},
    {.system = {(const uint8_t *)VRX_SHC_CVX, sizeof VRX_SHC_CVX - 1},
        .code = {(const uint8_t *)"208", 3},
        .date = {(const uint8_t *)"2021-08-02", 10},
        .lot = {(const uint8_t *)"FE8206", 6},
        .performer = {(const uint8_t *)"札幌市", 9}},
};

static struct vrx_shown shown_hcert(void) {
    return (struct vrx_shown){.format = VRX_FORMAT_HCERT, .hcert = test_hcert_sample()};
}

static struct vrx_shown shown_shc(void) {
    return (struct vrx_shown){.format = VRX_FORMAT_SHC,
        .shc = {.issuer = vrx_view_text("https://cards.sapporo.example/shc"),
            .issued = SAMPLE_ISSUED,
            .expires = VRX_SHC_FOREVER,
            .identifier = vrx_view_text("MKyCxh7p6uQ"),
            .surname = vrx_view_text("山田"),
            .given = vrx_view_text("花子"),
            .birth_date = vrx_view_text("1964-08-12"),
            .doses = shc_doses,
            .dose_count = 2}};
}

static const struct vrx_vds_nc_dose vds_doses[] = {
    {.product = {(const uint8_t *)"Comirnaty", 9},
        .date = {(const uint8_t *)"2021-08-02", 10},
        .number = 2,
        .country = {(const uint8_t *)"JPN", 3},
        .centre = {(const uint8_t *)"Sapporo City", 12},
        .lot = {(const uint8_t *)"FE8206", 6}},
};

static struct vrx_shown shown_vds_nc(void) {
    return (struct vrx_shown){.format = VRX_FORMAT_VDS_NC,
        .vds_nc = {.issuer = vrx_view_text("JPN"),
            .identifier = vrx_view_text("JP0009990038"),
            .surname = vrx_view_text("YAMADA"),
            .given = vrx_view_text("HANAKO"),
            .birth_date = vrx_view_text("1964-08-12"),
            .sex = vrx_view_text("F"),
            .document = vrx_view_text("TR1234567"),
            .doses = vds_doses,
            .dose_count = 1,
            .expires = SAMPLE_EXPIRES}};
}

static struct vrx_paper paper_of_all(void) {
    const struct vrx_shown hcert = shown_hcert();
    const struct vrx_shown shc = shown_shc();
    const struct vrx_shown vds = shown_vds_nc();
    struct vrx_paper paper = {0};
    assert_ok(vrx_paper_add(&paper, vrx_view_text(hcert_text), &hcert));
    assert_ok(vrx_paper_add(&paper, vrx_view_text(shc_text), &shc));
    assert_ok(vrx_paper_add(&paper, vrx_view_text(vds_text), &vds));
    return paper;
}

static struct vrx_buffer pdf_of(const struct vrx_paper *paper) {
    struct vrx_buffer pdf = {0};
    assert_ok(vrx_paper_pdf(face, paper, &pdf));
    return pdf;
}

/* What a program says of a file, called as "PROGRAM OPTIONS file"; options end in a space. */
static struct vrx_buffer ask(const char *before, struct vrx_view pdf, const char *behind) {
    char path[] = "/tmp/vrx-paper-XXXXXX";
    char command[256];
    struct vrx_buffer said = {0};
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, pdf.ptr, pdf.len), pdf.len);
    close(file);
    snprintf(command, sizeof command, "LC_ALL=C.UTF-8 %s %s %s", before, path, behind);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): of constants */
    assert_non_null(pipe);
    uint8_t bytes[4096];
    for (size_t len; (len = fread(bytes, 1, sizeof bytes, pipe)) > 0;)
        assert_ok(vrx_buffer_append(&said, vrx_view_of(bytes, len)));
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    assert_ok(vrx_buffer_append_byte(&said, 0));
    return said;
}

static void says(const struct vrx_buffer *said, const char *what) {
    if (!strstr((const char *)said->ptr, what))
        fail_msg("\"%s\" is not in:\n%s", what, (const char *)said->ptr);
}

/* Without white space: lines break where they must. */
static void squeeze(struct vrx_buffer *said) {
    size_t to = 0;
    for (size_t i = 0; i < said->len; i++)
        if (!said->ptr[i] || !strchr(" \n\f", said->ptr[i]))
            said->ptr[to++] = said->ptr[i];
    said->len = to;
}

static void both_languages_and_all_values_can_be_read(void **state) {
    (void)state;
    static const char *const values[] = {"予防接種証明書", "Certificate of Vaccination", "Surname",
        "姓（ローマ字）", "YAMADA", "HANAKO", "山田", "花子", "生年月日", "Date of birth",
        "1964-08-12", "女 Female", "旅券番号", "TR1234567", "2 / 2", "2021-06-22", "2021-08-02",
        "コミナティ筋注 Comirnaty", "ファイザー Pfizer", "mRNAワクチン", "COVID-19", "EY0779",
        "FE8206", "日本 Japan", "札幌市", "Sapporo City", "公印", "Official seal", "交付日",
        "2021-10-11", SAMPLE_UVCI, "有効期限 Valid until", "JP0009990038", "MKyCxh7p6uQ",
        "https://cards.sapporo.example/shc", "HCERT", "SMART Health Card", "VDS-NC", "1 / 1",
        "2022-10-11 23:53 JST"};
    const struct vrx_paper paper = paper_of_all();
    assert_int_equal(paper.dose_count, 2);
    struct vrx_buffer pdf = pdf_of(&paper);
    struct vrx_buffer said = ask("pdftotext -raw", vrx_buffer_view(&pdf), "-");
    squeeze(&said);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct vrx_buffer value = {0};
        assert_ok(vrx_buffer_append(&value, vrx_view_of(values[i], strlen(values[i]) + 1)));
        squeeze(&value);
        says(&said, (const char *)value.ptr);
        vrx_buffer_done(&value);
    }
    vrx_buffer_done(&said);
    vrx_buffer_done(&pdf);
}

static void fonts_are_embedded_and_reduced(void **state) {
    (void)state;
    const struct vrx_paper paper = paper_of_all();
    struct vrx_buffer pdf = pdf_of(&paper);
    struct vrx_buffer said = ask("pdffonts", vrx_buffer_view(&pdf), "| tail -n +3 | cut -c 38-");
    size_t fonts = 0;
    for (char *line = strtok((char *)said.ptr, "\n"); line; line = strtok(NULL, "\n"), fonts++)
        /* type, encoding, embedded, subset, ToUnicode */
        if (strncmp(line, "CID TrueType      Identity-H       yes yes yes", 46) != 0 &&
            strncmp(line, "TrueType          WinAnsi          yes yes yes", 46) != 0)
            fail_msg("%s", line);
    assert_true(fonts >= 1);
    vrx_buffer_done(&said);
    vrx_buffer_done(&pdf);
}

static void metadata_name_no_person(void **state) {
    (void)state;
    const struct vrx_paper paper = paper_of_all();
    struct vrx_buffer pdf = pdf_of(&paper);
    struct vrx_buffer said = ask("TZ=UTC pdfinfo", vrx_buffer_view(&pdf), "");
    says(&said, "Title:           予防接種証明書 / Certificate of Vaccination\n");
    says(&said, "CreationDate:    Mon Oct 11 14:53:20 2021 UTC\n");
    says(&said, "JavaScript:      no\n");
    says(&said, "Form:            none\n");
    says(&said, "Encrypted:       no\n");
    says(&said, "Metadata Stream: no\n");
    says(&said, "Page size:       595.276 x 841.89 pts (A4)\n");
    assert_null(strstr((const char *)said.ptr, "YAMADA"));
    assert_null(strstr((const char *)said.ptr, "ModDate"));
    vrx_buffer_done(&said);
    vrx_buffer_done(&pdf);
}

static void the_same_input_gives_the_same_bytes(void **state) {
    (void)state;
    const struct vrx_paper paper = paper_of_all();
    struct vrx_buffer first = pdf_of(&paper);
    struct vrx_face *other = NULL;
    struct vrx_buffer again = {0};
    assert_ok(vrx_face_open(VRX_PAPER_FONT, &other));
    assert_ok(vrx_paper_pdf(other, &paper, &again));
    assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&again)));
    vrx_face_close(&other);
    vrx_buffer_done(&again);
    vrx_buffer_done(&first);
}

/* Every size of code that there is (ISO/IEC 18004 §7.1), on the paper's width. */
static void modules_are_large_enough(void **state) {
    (void)state;
    for (size_t side = 21; side <= VRX_QR_SIDE_MAX; side += 4) {
        const double module = vrx_paper_module(side);
        assert_true(module >= VRX_PAPER_MODULE_MIN);
        assert_true(module <= VRX_PAPER_MODULE_MAX);
        assert_true(
            module * (double)(side + (size_t)2 * VRX_QR_QUIET_ZONE) <= VRX_PAPER_QR_SIDE + 1e-9);
    }
    assert_true(vrx_paper_module(VRX_QR_SIDE_MAX) < 0.55);
}

/* ---- the longest ---- */

static struct vrx_view many(uint8_t *bytes, const char *text) {
    const size_t len = strlen(text);
    size_t used = 0;
    while (used + len <= VRX_LIMIT_PAPER_TEXT) {
        memcpy(bytes + used, text, len);
        used += len;
    }
    return vrx_view_of(bytes, used);
}

static size_t count_of(const struct vrx_buffer *said, const char *what) {
    size_t count = 0;
    for (const char *at = (const char *)said->ptr; (at = strstr(at, what)); at += strlen(what))
        count++;
    return count;
}

static void the_longest_texts_are_whole(void **state) {
    (void)state;
    static uint8_t bytes[8][VRX_LIMIT_PAPER_TEXT];
    struct vrx_paper paper = paper_of_all();
    paper.surname = many(bytes[0], "WOLFESCHLEGELSTEIN");
    paper.given = many(bytes[1], "Hubert Blaine ");
    paper.surname_ja = many(bytes[2], "勅使河原");
    paper.passport = many(bytes[3], "Q7");
    paper.texts[0].identifier = many(bytes[4], "URN:");
    paper.texts[0].issuer = many(bytes[5], "Minister. ");
    paper.doses[0].lot = many(bytes[6], "K9");
    paper.doses[0].place = many(bytes[7], "一宮市");
    while (paper.dose_count < VRX_LIMIT_DOSES)
        paper.doses[paper.dose_count++] = paper.doses[0];
    struct vrx_buffer pdf = pdf_of(&paper);
    struct vrx_buffer said = ask("pdftotext -raw", vrx_buffer_view(&pdf), "-");
    squeeze(&said);
    assert_int_equal(count_of(&said, "勅使河原"), VRX_LIMIT_PAPER_TEXT / 12);
    assert_int_equal(count_of(&said, "Q7"), VRX_LIMIT_PAPER_TEXT / 2);
    assert_int_equal(count_of(&said, "K9"), (VRX_LIMIT_DOSES - 1) * (VRX_LIMIT_PAPER_TEXT / 2));
    assert_int_equal(count_of(&said, "WOLFESCHLEGELSTEIN"), VRX_LIMIT_PAPER_TEXT / 18);
    assert_int_equal(count_of(&said, "HubertBlaine"), VRX_LIMIT_PAPER_TEXT / 14);
    assert_int_equal(count_of(&said, "URN:"), VRX_LIMIT_PAPER_TEXT / 4);
    assert_true(pdf.len < VRX_LIMIT_PAPER / 4);
    vrx_buffer_done(&said);
    vrx_buffer_done(&pdf);
}

/* Every line stays within its width; what is broken is all there, but for spaces at a line's end.
 */
static void lines_are_broken_where_they_may_be(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double width; /* em */
        const char *lines[5];
    } forms[] = {
        {"", 10, {NULL}},
        {"札幌市中央区", 3, {"札幌市", "中央区"}},
        {"札幌市、中央区", 3, {"札幌", "市、中", "央区"}},
        {"Hubert Blaine", 5, {"Hubert", "Blaine"}},
        {"札幌Sapporo", 3, {"札幌", "Sappo", "ro"}},
        {"花子  ", 2, {"花子"}},
        {"一", 0.5, {"一"}},
    };
    struct vrx_arena arena;
    struct vrx_sheet sheet;
    vrx_arena_init(&arena, 0);
    vrx_sheet_init(&sheet, &arena, face);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct vrx_paragraph paragraph;
        assert_ok(vrx_sheet_break(
            &sheet, vrx_view_text(forms[i].text), 2, forms[i].width * 2, &paragraph));
        size_t count = 0;
        while (forms[i].lines[count])
            count++;
        assert_int_equal(paragraph.count, count);
        for (size_t j = 0; j < count; j++) {
            assert_true(vrx_view_equal(paragraph.lines[j].text, vrx_view_text(forms[i].lines[j])));
            assert_true(
                paragraph.lines[j].width <= forms[i].width || paragraph.lines[j].count == 1);
        }
    }
    vrx_arena_done(&arena);
}

/* ---- refusals ---- */

static void refuse(const struct vrx_paper *paper, enum vrx_reason reason) {
    struct vrx_buffer pdf = {0};
    assert_ok(vrx_buffer_append_byte(&pdf, 'x'));
    assert_reason(vrx_paper_pdf(face, paper, &pdf), reason);
    assert_int_equal(pdf.len, 1);
    vrx_buffer_done(&pdf);
}

static void refusal_of_a_character_that_the_font_has_not(void **state) {
    (void)state;
    static const char *const texts[] = {"\U0001f489", "علي", "e\u0301", "か\u3099",
        "\u8fbb\U000e0120", "two\nlines", "\x7f", "\xff", "\xe5\xb1", "\u0e2a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct vrx_paper paper = paper_of_all();
        paper.surname_ja = vrx_view_text(texts[i]);
        refuse(&paper, VRX_INPUT_TEXT);
        paper = paper_of_all();
        paper.doses[1].place = vrx_view_text(texts[i]);
        refuse(&paper, VRX_INPUT_TEXT);
    }
}

static void refusal_of_what_is_not_there_or_too_much(void **state) {
    (void)state;
    static uint8_t longer[VRX_LIMIT_PAPER_TEXT + 1];
    memset(longer, 'A', sizeof longer);
    const struct vrx_view none = {0};
    struct vrx_paper paper = {0};
    refuse(&paper, VRX_INPUT_FIELD_MISSING);
    paper = paper_of_all();
    paper.dose_count = 0;
    refuse(&paper, VRX_INPUT_FIELD_MISSING);
    paper = paper_of_all();
    paper.text_count = 0;
    refuse(&paper, VRX_INPUT_FIELD_MISSING);
    paper = paper_of_all();
    paper.birth_date = none;
    refuse(&paper, VRX_INPUT_FIELD_MISSING);
    paper = paper_of_all();
    paper.surname = paper.given = paper.surname_ja = paper.given_ja = none;
    refuse(&paper, VRX_INPUT_FIELD_MISSING);
    paper = paper_of_all();
    paper.passport = vrx_view_of(longer, sizeof longer);
    refuse(&paper, VRX_INPUT_TOO_LARGE);
    paper = paper_of_all();
    paper.doses[0].lot = vrx_view_of(longer, sizeof longer);
    refuse(&paper, VRX_INPUT_TOO_LARGE);
    paper = paper_of_all();
    paper.texts[2].identifier = vrx_view_of(longer, sizeof longer);
    refuse(&paper, VRX_INPUT_TOO_LARGE);
    paper = paper_of_all();
    paper.texts[2].format = (enum vrx_format)9;
    refuse(&paper, VRX_INPUT_RANGE);
    paper = paper_of_all();
    paper.texts[0].text = vrx_view_text("hc1:");
    refuse(&paper, VRX_INPUT_TEXT);
    paper = paper_of_all();
    paper.dose_count = VRX_LIMIT_DOSES + 1;
    refuse(&paper, VRX_INPUT_TOO_LARGE);
    paper = paper_of_all();
    paper.text_count = VRX_PAPER_TEXTS + 1;
    refuse(&paper, VRX_INPUT_TOO_LARGE);
}

static void refusal_of_a_font_that_is_none(void **state) {
    (void)state;
    struct vrx_face *none = NULL;
    assert_reason(vrx_face_open("/nonexistent/ipaexg.ttf", &none), VRX_NOT_FOUND);
    assert_reason(vrx_face_open("README.md", &none), VRX_FILE_REFUSED);
    assert_null(none);
}

/* ---- merging ---- */

static void texts_of_one_person_add_to_each_other(void **state) {
    (void)state;
    const struct vrx_paper paper = paper_of_all();
    assert_int_equal(paper.text_count, 3);
    assert_int_equal(paper.dose_count, 2);
    assert_true(vrx_view_equal(paper.doses[0].date, vrx_view_text("2021-06-22")));
    assert_int_equal(paper.doses[0].number, 0);
    assert_int_equal(paper.doses[1].number, 2);
    assert_int_equal(paper.doses[1].series, 2);
    assert_true(vrx_view_equal(paper.doses[1].lot, vrx_view_text("FE8206")));
    assert_string_equal(paper.doses[1].vaccine->product_en, "Comirnaty");
    assert_true(vrx_view_equal(paper.surname_ja, vrx_view_text("山田")));
    assert_true(vrx_view_equal(paper.passport, vrx_view_text("TR1234567")));
    assert_int_equal(paper.texts[1].expires, 0);
}

static void doses_that_differ_are_two(void **state) {
    (void)state;
    const struct vrx_shown hcert = shown_hcert();
    struct vrx_shown vds = shown_vds_nc();
    struct vrx_vds_nc_dose dose = vds_doses[0];
    vds.vds_nc.doses = &dose;
    const struct {
        const char *date, *product;
        uint32_t number;
        size_t doses;
    } forms[] = {{"2021-08-02", "Comirnaty", 2, 1}, {"2021-08-02", "Comirnaty", 0, 1},
        {"2021-08-02", "Comirnaty", 3, 2}, {"2021-08-03", "Comirnaty", 2, 2},
        {"2021-08-02", "Spikevax", 2, 2}, {"2021-08-02", "Sputnik V", 2, 2}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct vrx_paper paper = {0};
        dose.date = vrx_view_text(forms[i].date);
        dose.product = vrx_view_text(forms[i].product);
        dose.number = forms[i].number;
        assert_ok(vrx_paper_add(&paper, vrx_view_text(hcert_text), &hcert));
        assert_ok(vrx_paper_add(&paper, vrx_view_text(vds_text), &vds));
        assert_int_equal(paper.dose_count, forms[i].doses);
    }
}

static void refusal_to_mix(void **state) {
    (void)state;
    struct vrx_paper paper = paper_of_all();
    const struct vrx_paper before = paper;
    struct vrx_shown other = shown_hcert();
    other.hcert.birth_date = vrx_view_text("1964-08-13");
    assert_reason(vrx_paper_add(&paper, vrx_view_text(hcert_text), &other), VRX_INPUT_RANGE);
    other = shown_hcert();
    other.hcert.surname = vrx_view_text("SATO");
    assert_reason(vrx_paper_add(&paper, vrx_view_text(hcert_text), &other), VRX_INPUT_RANGE);
    other = shown_hcert();
    other.hcert.kind = VRX_HCERT_TEST;
    assert_reason(vrx_paper_add(&paper, vrx_view_text(hcert_text), &other), VRX_INPUT_TYPE);
    other = (struct vrx_shown){0};
    assert_reason(vrx_paper_add(&paper, vrx_view_text(hcert_text), &other), VRX_INPUT_TYPE);
    assert_memory_equal(&paper, &before, sizeof paper);
    other = shown_hcert();
    while (paper.text_count < VRX_PAPER_TEXTS)
        assert_ok(vrx_paper_add(&paper, vrx_view_text(hcert_text), &other));
    assert_reason(vrx_paper_add(&paper, vrx_view_text(hcert_text), &other), VRX_INPUT_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_languages_and_all_values_can_be_read),
        cmocka_unit_test(fonts_are_embedded_and_reduced),
        cmocka_unit_test(metadata_name_no_person),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(modules_are_large_enough),
        cmocka_unit_test(the_longest_texts_are_whole),
        cmocka_unit_test(lines_are_broken_where_they_may_be),
        cmocka_unit_test(refusal_of_a_character_that_the_font_has_not),
        cmocka_unit_test(refusal_of_what_is_not_there_or_too_much),
        cmocka_unit_test(refusal_of_a_font_that_is_none),
        cmocka_unit_test(texts_of_one_person_add_to_each_other),
        cmocka_unit_test(doses_that_differ_are_two),
        cmocka_unit_test(refusal_to_mix),
    };
    return cmocka_run_group_tests(tests, open_face, close_face);
}
