/* SPDX-License-Identifier: Apache-2.0
 *
 * The order on the paper: title, person, doses, seal, then a QR code for each text. What does not
 * fit a page begins the next one whole; no part is higher than a page.
 */
#include "render/paper/paper.h"

#include <cairo-pdf.h>
#include <stdio.h>

#include "base/date.h"
#include "render/paper/sheet.h"

/* Millimetres. */
#define LABEL_JA 30.0
#define LABEL_EN 38.0
#define VALUE (VRX_SHEET_INNER - LABEL_JA - LABEL_EN)
#define BODY 3.4
#define SMALL 2.7
#define GAP 4.0
#define PADDING 1.0
#define SEAL_SIDE 32.0
#define HEADS 10.0 /* the heads of the columns */

#define TITLE_JA "予防接種証明書"
#define TITLE_EN "Certificate of Vaccination"

struct layout {
    struct vrx_sheet sheet;
    const struct vrx_paper *paper;
    struct vrx_qr codes[VRX_PAPER_TEXTS];
    double y; /* where the next part begins */
};

double vrx_paper_module(size_t side) {
    const double module = VRX_PAPER_QR_SIDE / (double)(side + (size_t)2 * VRX_QR_QUIET_ZONE);
    return module < VRX_PAPER_MODULE_MAX ? module : VRX_PAPER_MODULE_MAX;
}

/* ---- what is common to all parts ---- */

static struct vrx_result bounded(struct vrx_view text) {
    if (text.len > VRX_LIMIT_PAPER_TEXT)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "paper.h: bytes of one field");
    return vrx_ok();
}

/* The next part has this height. */
static struct vrx_result make_room(struct layout *layout, double height, bool *ret_new_page) {
    *ret_new_page = false;
    if (layout->y + height <= VRX_SHEET_BOTTOM)
        return vrx_ok();
    if (height > VRX_SHEET_BOTTOM - VRX_SHEET_TOP)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "paper.h: higher than a page");
    layout->sheet.page++;
    layout->y = VRX_SHEET_TOP;
    *ret_new_page = true;
    return vrx_ok();
}

/* text lives until the sheet is drawn. */
static struct vrx_result put_line(
    struct layout *layout, const char *text, double size, double x, double y) {
    struct vrx_paragraph paragraph;
    VRX_TRY(vrx_sheet_break(
        &layout->sheet, vrx_view_text(text), size, VRX_SHEET_WIDTH - x, &paragraph));
    return vrx_sheet_put(&layout->sheet, &paragraph, x, y);
}

/* ---- terms ---- */

/* The two languages of a code; what no row has is printed as it is. */
struct term {
    const char *code;
    const char *ja;
    const char *en;
};

/* EU DCC value sets: disease-agent-targeted, and vaccine-prophylaxis as codes/vaccine.h uses it. */
static const struct term terms[] = {
    {"840539006", "新型コロナウイルス感染症", "COVID-19"},
    {"1119349007", "mRNAワクチン", "SARS-CoV-2 mRNA vaccine"},
    {"29061000087103", "ウイルスベクターワクチン",
        "COVID-19 non-replicating viral vector antigen vaccine"},
    {"1162643001", "組換えタンパクワクチン",
        "SARS-CoV-2 recombinant spike protein antigen vaccine"},
    {"JP", "日本", "Japan"},
    {"JPN", "日本", "Japan"},
    {"F", "女", "Female"},
    {"M", "男", "Male"},
};

static const struct term *term_of(struct vrx_view code) {
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (vrx_view_equal(vrx_view_text(terms[i].code), code))
            return &terms[i];
    return NULL;
}

/* "日本 Japan", or the code. */
static struct vrx_result spell(
    struct layout *layout, struct vrx_view code, struct vrx_view *ret_text) {
    const struct term *term = term_of(code);
    char *text = NULL;
    *ret_text = code;
    if (!term)
        return vrx_ok();
    VRX_TRY(vrx_arena_format(layout->sheet.arena, &text, "%s %s", term->ja, term->en));
    *ret_text = vrx_view_text(text);
    return vrx_ok();
}

/* ---- title ---- */

static struct vrx_result put_centred(struct layout *layout, const char *text, double size) {
    struct vrx_paragraph paragraph;
    VRX_TRY(
        vrx_sheet_break(&layout->sheet, vrx_view_text(text), size, VRX_SHEET_INNER, &paragraph));
    const double x = (VRX_SHEET_WIDTH - paragraph.lines[0].width * size) / 2;
    VRX_TRY(vrx_sheet_put(&layout->sheet, &paragraph, x, layout->y));
    layout->y += paragraph.height;
    return vrx_ok();
}

static struct vrx_result put_title(struct layout *layout) {
    VRX_TRY(put_centred(layout, TITLE_JA, 6.5));
    VRX_TRY(put_centred(layout, TITLE_EN, 4.8));
    layout->y += GAP;
    return vrx_ok();
}

/* ---- person ---- */

struct row {
    const char *ja;
    const char *en;
    size_t member; /* of struct vrx_paper */
};

#define ROW(member, ja, en) \
    { ja, en, offsetof(struct vrx_paper, member) }

static const struct row rows[] = {
    ROW(surname, "姓（ローマ字）", "Surname"),
    ROW(given, "名（ローマ字）", "Given names"),
    ROW(surname_ja, "姓", "Surname in Japanese"),
    ROW(given_ja, "名", "Given names in Japanese"),
    ROW(birth_date, "生年月日", "Date of birth"),
    ROW(sex, "性別", "Sex"),
    ROW(passport, "旅券番号", "Passport number"),
};

static struct vrx_result put_row(struct layout *layout, const struct row *row) {
    struct vrx_paragraph value;
    struct vrx_view text;
    bool new_page = false;
    memcpy(&text, (const char *)layout->paper + row->member, sizeof text);
    if (!text.len)
        return vrx_ok();
    VRX_TRY(bounded(text));
    VRX_TRY(spell(layout, text, &text));
    VRX_TRY(vrx_sheet_fit(&layout->sheet, text, BODY, VALUE, &value));
    const double height = value.height + 2 * PADDING;
    VRX_TRY(make_room(layout, height, &new_page));
    const double y = layout->y + PADDING;
    const double x = VRX_SHEET_MARGIN;
    VRX_TRY(put_line(layout, row->ja, BODY, x, y));
    VRX_TRY(put_line(layout, row->en, SMALL, x + LABEL_JA, y + (BODY - SMALL) * 0.9));
    VRX_TRY(vrx_sheet_put(&layout->sheet, &value, x + LABEL_JA + LABEL_EN, y));
    layout->y += height;
    return vrx_sheet_rule(&layout->sheet, x, layout->y, VRX_SHEET_INNER);
}

static struct vrx_result put_person(struct layout *layout) {
    VRX_TRY(vrx_sheet_rule(&layout->sheet, VRX_SHEET_MARGIN, layout->y, VRX_SHEET_INNER));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        VRX_TRY(put_row(layout, &rows[i]));
    layout->y += GAP;
    return vrx_ok();
}

/* ---- doses ---- */

#define CELL_TEXTS 4

/* What stands in one cell, each text on a line of its own. */
struct cell {
    struct vrx_view texts[CELL_TEXTS];
    struct vrx_paragraph paragraphs[CELL_TEXTS];
};

static const struct {
    const char *ja;
    const char *en;
    double width;
} columns[] = {
    {"回数", "Dose", 14},
    {"接種日", "Date", 22},
    {"ワクチン・製造者・対象疾病", "Vaccine, manufacturer, disease", 60},
    {"製造番号", "Lot", 24},
    {"接種国", "Country", 20},
    {"接種した市町村等", "Administered by", 34},
};

#define COLUMNS (sizeof columns / sizeof *columns)
#define CELL_GAP 2.0 /* between columns */

static struct vrx_result name(
    struct layout *layout, const char *ja, const char *en, struct vrx_view *ret_text) {
    char *text = NULL;
    VRX_TRY(vrx_arena_format(layout->sheet.arena, &text, "%s %s", ja, en));
    *ret_text = vrx_view_text(text);
    return vrx_ok();
}

static struct vrx_result fill_vaccine(
    struct layout *layout, const struct vrx_paper_dose *dose, struct cell *cell) {
    const struct vrx_vaccine *vaccine = dose->vaccine;
    if (!vaccine) {
        cell->texts[0] = dose->product;
        cell->texts[1] = dose->manufacturer;
        return vrx_ok();
    }
    VRX_TRY(name(layout, vaccine->product_ja, vaccine->product_en, &cell->texts[0]));
    VRX_TRY(name(layout, vaccine->manufacturer_ja, vaccine->manufacturer_en, &cell->texts[1]));
    VRX_TRY(spell(layout, vrx_view_text(vaccine->prophylaxis), &cell->texts[2]));
    return spell(layout, vrx_view_text(vaccine->disease), &cell->texts[3]);
}

static struct vrx_result fill_number(
    struct layout *layout, const struct vrx_paper_dose *dose, struct vrx_view *ret_text) {
    char *text = NULL;
    if (!dose->number)
        return vrx_ok();
    VRX_TRY(vrx_arena_format(
        layout->sheet.arena, &text, dose->series ? "%u / %u" : "%u", dose->number, dose->series));
    *ret_text = vrx_view_text(text);
    return vrx_ok();
}

/* Breaks every text to its column. The height of the whole row. */
static struct vrx_result measure(
    struct layout *layout, struct cell cells[COLUMNS], double *ret_height) {
    double highest = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        double height = 0;
        for (size_t j = 0; j < CELL_TEXTS; j++) {
            struct vrx_paragraph *paragraph = &cells[i].paragraphs[j];
            VRX_TRY(bounded(cells[i].texts[j]));
            VRX_TRY(vrx_sheet_break(
                &layout->sheet, cells[i].texts[j], SMALL, columns[i].width - CELL_GAP, paragraph));
            height += paragraph->height;
        }
        highest = height > highest ? height : highest;
    }
    *ret_height = highest + 2 * PADDING;
    return vrx_ok();
}

static struct vrx_result put_cells(
    struct layout *layout, const struct cell cells[COLUMNS], double height) {
    double x = VRX_SHEET_MARGIN;
    for (size_t i = 0; i < COLUMNS; i++) {
        double y = layout->y + PADDING;
        for (size_t j = 0; j < CELL_TEXTS; j++) {
            VRX_TRY(vrx_sheet_put(&layout->sheet, &cells[i].paragraphs[j], x, y));
            y += cells[i].paragraphs[j].height;
        }
        x += columns[i].width;
    }
    layout->y += height;
    return vrx_sheet_rule(&layout->sheet, VRX_SHEET_MARGIN, layout->y, VRX_SHEET_INNER);
}

static struct vrx_result put_heads(struct layout *layout) {
    struct cell cells[COLUMNS] = {0};
    double height = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        cells[i].texts[0] = vrx_view_text(columns[i].ja);
        cells[i].texts[1] = vrx_view_text(columns[i].en);
    }
    VRX_TRY(measure(layout, cells, &height));
    VRX_TRY(vrx_sheet_rule(&layout->sheet, VRX_SHEET_MARGIN, layout->y, VRX_SHEET_INNER));
    return put_cells(layout, cells, height);
}

static struct vrx_result put_dose(
    struct layout *layout, const struct vrx_paper_dose *dose, bool first) {
    struct cell cells[COLUMNS] = {0};
    double height = 0;
    bool new_page = false;
    VRX_TRY(fill_number(layout, dose, &cells[0].texts[0]));
    cells[1].texts[0] = dose->date;
    VRX_TRY(fill_vaccine(layout, dose, &cells[2]));
    cells[3].texts[0] = dose->lot;
    VRX_TRY(spell(layout, dose->country, &cells[4].texts[0]));
    cells[5].texts[0] = dose->place;
    VRX_TRY(measure(layout, cells, &height));
    VRX_TRY(make_room(layout, height + HEADS, &new_page));
    if (first || new_page)
        VRX_TRY(put_heads(layout));
    return put_cells(layout, cells, height);
}

static struct vrx_result put_doses(struct layout *layout) {
    for (size_t i = 0; i < layout->paper->dose_count; i++)
        VRX_TRY(put_dose(layout, &layout->paper->doses[i], i == 0));
    layout->y += GAP;
    return vrx_ok();
}

/* ---- seal ---- */

static struct vrx_result put_issued(struct layout *layout, int64_t issued, double y) {
    char date[VRX_DATE_TEXT + 1];
    char *kept = NULL;
    vrx_date_format(vrx_date_in_japan(issued), date);
    VRX_TRY(vrx_arena_format(layout->sheet.arena, &kept, "%s", date));
    VRX_TRY(put_line(layout, "交付日", BODY, VRX_SHEET_MARGIN, y));
    VRX_TRY(put_line(layout, "Date of issue", SMALL, VRX_SHEET_MARGIN + LABEL_JA, y + 0.6));
    return put_line(layout, kept, BODY, VRX_SHEET_MARGIN + LABEL_JA + LABEL_EN, y);
}

static struct vrx_result put_seal(struct layout *layout) {
    const struct vrx_paper_text *text = &layout->paper->texts[0];
    const double right = VRX_SHEET_WIDTH - VRX_SHEET_MARGIN - SEAL_SIDE;
    const double width = right - VRX_SHEET_MARGIN - GAP;
    struct vrx_paragraph issuer;
    bool new_page = false;
    VRX_TRY(bounded(text->issuer));
    VRX_TRY(vrx_sheet_fit(&layout->sheet, text->issuer, BODY, width, &issuer));
    const double text_height = 5 * BODY + 12 + issuer.height;
    const double height = text_height > SEAL_SIDE ? text_height : SEAL_SIDE;
    VRX_TRY(make_room(layout, height, &new_page));
    const double x = VRX_SHEET_MARGIN;
    double y = layout->y;
    VRX_TRY(put_line(layout, "上記のとおり、予防接種を受けたことを証明します。", BODY, x, y));
    y += BODY * 1.4;
    VRX_TRY(
        put_line(layout, "This certifies that the above vaccinations were given.", SMALL, x, y));
    y += BODY * 2;
    if (text->issued) {
        VRX_TRY(put_issued(layout, text->issued, y));
        y += BODY * 1.6;
    }
    VRX_TRY(put_line(layout, "発行者", BODY, x, y));
    VRX_TRY(put_line(layout, "Issued by", SMALL, x + LABEL_JA, y + 0.6));
    VRX_TRY(vrx_sheet_put(&layout->sheet, &issuer, x, y + BODY * 1.4));
    VRX_TRY(vrx_sheet_box(&layout->sheet, right, layout->y, SEAL_SIDE, SEAL_SIDE));
    VRX_TRY(put_line(layout, "公印", SMALL, right + 1.5, layout->y + 1));
    VRX_TRY(put_line(layout, "Official seal", SMALL, right + 8.5, layout->y + 1));
    layout->y += height + GAP;
    return vrx_ok();
}

/* ---- codes ---- */

static const char *const format_names[] = {
    [VRX_FORMAT_HCERT] = "EU Digital COVID Certificate (HCERT)",
    [VRX_FORMAT_SHC] = "SMART Health Card",
    [VRX_FORMAT_VDS_NC] = "ICAO Visible Digital Seal (VDS-NC)",
};

#define FACTS 10

/* Beside a code: what its text says of itself. */
struct facts {
    struct vrx_paragraph paragraphs[FACTS];
    size_t count;
    double width, height;
};

static struct vrx_result add_fact(
    struct layout *layout, struct vrx_view text, double size, struct facts *facts) {
    struct vrx_paragraph *paragraph = &facts->paragraphs[facts->count];
    VRX_TRY(bounded(text));
    VRX_TRY(vrx_sheet_break(&layout->sheet, text, size, facts->width, paragraph));
    facts->height += paragraph->height;
    facts->count++;
    return vrx_ok();
}

static struct vrx_result add_labelled(
    struct layout *layout, const char *label, struct vrx_view text, struct facts *facts) {
    if (!text.len)
        return vrx_ok();
    VRX_TRY(add_fact(layout, vrx_view_text(label), SMALL * 0.85, facts));
    return add_fact(layout, text, SMALL, facts);
}

/* "2022-10-11 23:53 JST": an instant as people in Japan read it. */
static struct vrx_result add_time(
    struct layout *layout, const char *label, int64_t time, struct facts *facts) {
    char text[VRX_TIME_TEXT + 1];
    char *shown = NULL;
    if (!time)
        return vrx_ok();
    vrx_time_format(time + VRX_JST_OFFSET, text);
    VRX_TRY(vrx_arena_format(layout->sheet.arena, &shown, "%.10s %.5s JST", text, text + 11));
    return add_labelled(layout, label, vrx_view_text(shown), facts);
}

static struct vrx_result gather(
    struct layout *layout, const struct vrx_paper_text *text, struct facts *facts) {
    const char *format = (size_t)text->format < sizeof format_names / sizeof *format_names
                             ? format_names[text->format]
                             : NULL;
    if (!format)
        return vrx_refuse(VRX_INPUT_RANGE, "shown.h: format");
    VRX_TRY(add_fact(layout, vrx_view_text(format), BODY, facts));
    VRX_TRY(add_labelled(layout, "証明書番号 Certificate id", text->identifier, facts));
    VRX_TRY(add_labelled(layout, "発行者 Issuer", text->issuer, facts));
    VRX_TRY(add_time(layout, "交付 Issued", text->issued, facts));
    return add_time(layout, "有効期限 Valid until", text->expires, facts);
}

static struct vrx_result put_text(
    struct layout *layout, const struct vrx_paper_text *text, struct vrx_qr *qr) {
    struct facts facts = {.width = VRX_SHEET_INNER - VRX_PAPER_QR_SIDE - GAP};
    bool new_page = false;
    VRX_TRY(vrx_qr_init_certificate(qr, text->text));
    VRX_TRY(gather(layout, text, &facts));
    const double module = vrx_paper_module(qr->side);
    const double side = module * (double)(qr->side + (size_t)2 * VRX_QR_QUIET_ZONE);
    const double height = facts.height > side ? facts.height : side;
    VRX_TRY(make_room(layout, height, &new_page));
    VRX_TRY(vrx_sheet_qr(&layout->sheet, qr, VRX_SHEET_MARGIN, layout->y, module));
    double y = layout->y + VRX_QR_QUIET_ZONE * module;
    for (size_t i = 0; i < facts.count; i++) {
        VRX_TRY(vrx_sheet_put(
            &layout->sheet, &facts.paragraphs[i], VRX_SHEET_MARGIN + VRX_PAPER_QR_SIDE + GAP, y));
        y += facts.paragraphs[i].height;
    }
    layout->y += height + GAP;
    return vrx_ok();
}

static struct vrx_result put_all(struct layout *layout) {
    VRX_TRY(put_title(layout));
    VRX_TRY(put_person(layout));
    VRX_TRY(put_doses(layout));
    VRX_TRY(put_seal(layout));
    for (size_t i = 0; i < layout->paper->text_count; i++)
        VRX_TRY(put_text(layout, &layout->paper->texts[i], &layout->codes[i]));
    return vrx_ok();
}

/* ---- the file ---- */

struct stream {
    struct vrx_buffer *out;
    size_t before;
    struct vrx_result result;
};

static cairo_status_t write_stream(void *argument, const unsigned char *bytes, unsigned len) {
    struct stream *stream = argument;
    if (vrx_is_ok(stream->result) && stream->out->len - stream->before + len > VRX_LIMIT_PAPER)
        stream->result = vrx_refuse(VRX_INPUT_TOO_LARGE, "paper.h: the file");
    if (vrx_is_ok(stream->result))
        stream->result = vrx_buffer_append(stream->out, vrx_view_of(bytes, len));
    return vrx_is_ok(stream->result) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* When the first text was issued; where none says it, the day of the last dose; else the epoch:
 * never the clock. */
static void creation(const struct vrx_paper *paper, char out[VRX_TIME_TEXT + 1]) {
    struct vrx_date date;
    vrx_time_format(0, out);
    for (size_t i = 0; i < paper->dose_count; i++)
        if (vrx_is_ok(vrx_date_parse(paper->doses[i].date, &date)))
            vrx_time_format((int64_t)vrx_date_to_days(date) * 86400, out);
    for (size_t i = paper->text_count; i--;)
        if (paper->texts[i].issued)
            vrx_time_format(paper->texts[i].issued, out);
}

/* Pages are told apart by the certificate's number, where that is short. */
static struct vrx_view foot_of(const struct vrx_paper *paper) {
    const struct vrx_view identifier = paper->texts[0].identifier;
    return identifier.len && identifier.len <= VRX_LIMIT_HCERT_FIELD
               ? identifier
               : vrx_view_text(TITLE_JA " " TITLE_EN);
}

static struct vrx_result write_file(struct layout *layout, struct vrx_buffer *out) {
    struct stream stream = {.out = out, .before = out->len, .result = vrx_ok()};
    char created[VRX_TIME_TEXT + 1];
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        write_stream, &stream, VRX_SHEET_WIDTH * 72 / 25.4, VRX_SHEET_HEIGHT * 72 / 25.4);
    creation(layout->paper, created);
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, TITLE_JA " / " TITLE_EN);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "VRX");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created);
    struct vrx_result result = vrx_sheet_draw(&layout->sheet, foot_of(layout->paper), surface);
    cairo_surface_finish(surface);
    if (vrx_is_ok(result) && cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
        result = vrx_is_ok(stream.result) ? vrx_fail(VRX_OUT_OF_MEMORY) : stream.result;
    cairo_surface_destroy(surface);
    if (!vrx_is_ok(result))
        out->len = stream.before;
    return result;
}

static struct vrx_result check(const struct vrx_paper *paper) {
    if (paper->dose_count > VRX_LIMIT_DOSES || paper->text_count > VRX_PAPER_TEXTS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "paper.h: doses, texts");
    if (!paper->text_count || !paper->dose_count || !paper->birth_date.len ||
        !(paper->surname.len + paper->given.len + paper->surname_ja.len + paper->given_ja.len))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "paper.h: a text, a dose, a name, a birth date");
    return vrx_ok();
}

struct vrx_result vrx_paper_pdf(
    const struct vrx_face *face, const struct vrx_paper *paper, struct vrx_buffer *out) {
    struct vrx_arena arena;
    struct layout layout = {.paper = paper, .y = VRX_SHEET_TOP};
    VRX_TRY(check(paper));
    vrx_arena_init(&arena, 0);
    vrx_sheet_init(&layout.sheet, &arena, face);
    struct vrx_result result = put_all(&layout);
    if (vrx_is_ok(result))
        result = write_file(&layout, out);
    for (size_t i = 0; i < paper->text_count; i++)
        vrx_qr_done(&layout.codes[i]);
    vrx_arena_done(&arena);
    return result;
}
