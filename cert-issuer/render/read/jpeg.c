/* SPDX-License-Identifier: Apache-2.0
 *
 * libjpeg(-turbo) tells errors by a jump out of its depths; everything that must outlive the jump
 * stands in one struct. It converts to grey by itself but for CMYK, whose ink is taken away from
 * white here; Adobe's programs write it inverted.
 */
#include <setjmp.h>
#include <stdio.h> /* jpeglib.h needs it */
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

#include "base/limits.h"
#include "render/read/grey.h"

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    struct vrx_result result; /* why it jumped */
    struct vrx_grey grey;
    uint8_t *line; /* of CMYK */
};

static void give_up(j_common_ptr jpeg) {
    struct reader *reader = jpeg->client_data;
    const int code = jpeg->err->msg_code;
    if (code == JERR_OUT_OF_MEMORY)
        reader->result = vrx_fail(VRX_OUT_OF_MEMORY);
    else if (code == JERR_NO_BACKING_STORE)
        reader->result = vrx_refuse(VRX_INPUT_TOO_LARGE, "grey.h: memory for one JPEG picture");
    else
        reader->result = vrx_refuse(VRX_INPUT_MALFORMED, "ISO/IEC 10918-1: not a JPEG picture");
    longjmp(reader->out, 1); /* NOLINT(cert-err52-cpp): the library's only way out */
}

/* Level -1 is a warning: data that it made up, but for bytes between two parts, as some telephones
 * leave them. */
static void hear(j_common_ptr jpeg, int level) {
    struct reader *reader = jpeg->client_data;
    if (level >= 0 || jpeg->err->msg_code == JWRN_EXTRANEOUS_DATA)
        return;
    reader->result =
        vrx_refuse(VRX_INPUT_MALFORMED, "ISO/IEC 10918-1: a damaged or incomplete JPEG picture");
    longjmp(reader->out, 1); /* NOLINT(cert-err52-cpp): the library's only way out */
}

static void count_scans(j_common_ptr jpeg) {
    struct reader *reader = jpeg->client_data;
    if (reader->jpeg.input_scan_number <= VRX_JPEG_SCANS)
        return;
    reader->result = vrx_refuse(VRX_INPUT_TOO_LARGE, "grey.h: scans of a JPEG picture");
    longjmp(reader->out, 1); /* NOLINT(cert-err52-cpp): the library's only way out */
}

/* ITU-R BT.601, as libjpeg has it. */
static void grey_of_cmyk(const uint8_t *cmyk, uint8_t *grey, unsigned width, bool inverted) {
    const unsigned flip = inverted ? 0 : 255;
    for (unsigned x = 0; x < width; x++, cmyk += 4) {
        const unsigned light = cmyk[3] ^ flip;
        const unsigned red = (cmyk[0] ^ flip) * light / 255;
        const unsigned green = (cmyk[1] ^ flip) * light / 255;
        const unsigned blue = (cmyk[2] ^ flip) * light / 255;
        grey[x] = (uint8_t)((299 * red + 587 * green + 114 * blue) / 1000);
    }
}

static void read_lines(struct reader *reader) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = reader->grey.pixels + (size_t)jpeg->output_scanline * jpeg->output_width;
        JSAMPROW row = reader->line ? reader->line : to;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (reader->line)
            grey_of_cmyk(reader->line, to, jpeg->output_width, jpeg->saw_Adobe_marker);
    }
}

/* All that may jump. */
static void decode(struct reader *reader, struct vrx_view file) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->mem->max_memory_to_use = VRX_JPEG_MEMORY;
    jpeg->progress = &reader->progress;
    jpeg_mem_src(jpeg, file.ptr, (unsigned long)file.len);
    jpeg_read_header(jpeg, TRUE);
    const bool cmyk = jpeg->num_components == 4;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_GRAYSCALE;
    reader->result = vrx_grey_init(jpeg->image_width, jpeg->image_height, &reader->grey);
    if (!vrx_is_ok(reader->result))
        return;
    if (cmyk && !(reader->line = malloc((size_t)jpeg->image_width * 4))) {
        reader->result = vrx_fail(VRX_OUT_OF_MEMORY);
        return;
    }
    jpeg_start_decompress(jpeg);
    read_lines(reader);
    jpeg_finish_decompress(jpeg);
}

struct vrx_result vrx_grey_from_jpeg(struct vrx_view jpeg, struct vrx_grey *ret_grey) {
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->jpeg.client_data = reader;
    reader->errors.error_exit = give_up;
    reader->errors.emit_message = hear;
    reader->progress.progress_monitor = count_scans;
    if (setjmp(reader->out) == 0) /* NOLINT(cert-err52-cpp): the library's only way out */
        decode(reader, jpeg);
    jpeg_destroy_decompress(&reader->jpeg);
    struct vrx_result result = reader->result;
    if (vrx_is_ok(result))
        *ret_grey = reader->grey;
    else
        vrx_grey_done(&reader->grey);
    free(reader->line);
    free(reader);
    return result;
}
