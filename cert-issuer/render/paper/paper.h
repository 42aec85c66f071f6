/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate on paper: sheets of A4 in Japanese and English, side by side, as a PDF file
 * (ISO 32000-1). What stands on it is a pure input; paper_of.h fills it from verified texts. First
 * the person, the doses and the place of the municipality's seal (公印), then a QR code for each
 * text, with what that text says of itself.
 *
 * The file holds no script, no form, no link and nothing outside itself; its metadata name the kind
 * of document and no person, and the same input gives the same bytes: its creation date is when the
 * certificate was issued. Fonts are embedded, reduced to the characters that are used, and text can
 * be searched and copied. A character without a glyph is refused, never drawn as a box; a long text
 * becomes smaller and wraps, and is never cut off.
 *
 * A QR code's modules are squares of at least VRX_PAPER_MODULE_MIN, drawn as vectors, with the
 * quiet zone of ISO/IEC 18004 §9.1.
 */
#ifndef VRX_RENDER_PAPER_PAPER_H
#define VRX_RENDER_PAPER_PAPER_H

#include "base/limits.h"
#include "codes/vaccine.h"
#include "formats/shown/shown.h"
#include "render/paper/face.h"

/* IPAex Gothic, Debian's fonts-ipaexfont-gothic: one file with Latin letters and the kanji of
 * JIS X 0213, all that names of the register are written with but for forms of single kanji. */
#define VRX_PAPER_FONT "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"

#define VRX_PAPER_TEXTS 8 /* texts on one paper: every format, and one more of each */
#define VRX_PAPER_MODULE_MIN \
    0.33                         /* mm: what every telephone reads (EU DCC printing guidelines) \
                                  */
#define VRX_PAPER_MODULE_MAX 0.8 /* mm: a larger one only takes room */
#define VRX_PAPER_QR_SIDE 100.0  /* mm: what a QR code with its quiet zone is drawn to fill */
#define VRX_LIMIT_PAPER_TEXT \
    VRX_LIMIT_JSON_FIELD                  /* bytes of one field; no format has a longer one */
#define VRX_LIMIT_PAPER ((size_t)4 << 20) /* the file; one with all at their limits takes 1 MiB */

/* Texts are UTF-8; an empty view is an absent field, which is not printed. */
struct vrx_paper_dose {
    uint32_t number;                   /* 0: not said */
    uint32_t series;                   /* of how many; 0: not said */
    struct vrx_view date;              /* "2021-10-12", or as much of it as is said */
    const struct vrx_vaccine *vaccine; /* NULL: one that codes/vaccine.h has not */
    struct vrx_view product;           /* then: its name or code, as the text has it */
    struct vrx_view manufacturer;      /* then: the code of its manufacturer */
    struct vrx_view lot;
    struct vrx_view country; /* two or three letters */
    struct vrx_view place;   /* the municipality, or who gave it */
};

struct vrx_paper_text {
    enum vrx_format format;
    struct vrx_view text; /* what the QR code holds */
    struct vrx_view identifier;
    struct vrx_view issuer;
    int64_t issued;  /* seconds; 0: not said */
    int64_t expires; /* seconds; 0: not said, or never */
};

/* All zero is a paper on which nothing stands yet. */
struct vrx_paper {
    struct vrx_view surname; /* in Latin letters, as in the passport */
    struct vrx_view given;
    struct vrx_view surname_ja; /* as in the register */
    struct vrx_view given_ja;
    struct vrx_view birth_date; /* "1964-08-12", or as much of it as is said */
    struct vrx_view sex;        /* as the text has it: "F" */
    struct vrx_view passport;   /* number */

    struct vrx_paper_dose doses[VRX_LIMIT_DOSES]; /* by date */
    size_t dose_count;
    struct vrx_paper_text texts[VRX_PAPER_TEXTS];
    size_t text_count;
};

/* The size in mm of a module of a QR code with so many modules a side (without quiet zone) on
 * paper: from VRX_PAPER_MODULE_MIN to VRX_PAPER_MODULE_MAX. */
double vrx_paper_module(size_t side);

/* Appends the PDF file. face: vrx_face_open(VRX_PAPER_FONT); one thread at a time, for as many
 * papers as one likes. Errors: VRX_INPUT_FIELD_MISSING without a text, a dose, a name or a birth
 * date; VRX_INPUT_TOO_LARGE for a field over VRX_LIMIT_PAPER_TEXT, for more doses or texts than
 * there is room for, over VRX_LIMIT_PAPER; VRX_INPUT_TEXT for a character that the font has not;
 * vrx_qr_init_certificate's; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_paper_pdf(
    const struct vrx_face *face, const struct vrx_paper *paper, struct vrx_buffer *out);

#endif
