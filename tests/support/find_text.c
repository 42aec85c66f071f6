/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-find-text TEXT FOLDER…: looks for a text in every byte of every file below the folders, in
 * the encodings in which it could lie there. Prints each find; exits 1 when there was one, 0 when
 * there was none, 2 when something could not be read: a scan that skipped a file has shown nothing.
 */
#include <ftw.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const encodings[] = {"UTF-8", "CP932", "EUC-JP", "UTF-16LE", "UTF-16BE"};
#define ENCODINGS (sizeof encodings / sizeof encodings[0])
#define NEEDLE 1024

static struct {
    char bytes[NEEDLE];
    size_t len;
} needles[ENCODINGS];

static int found;

static int make_needle(const char *text, size_t which) {
    iconv_t converter = iconv_open(encodings[which], "UTF-8");
    if (converter == (iconv_t)-1)
        return -1;
    char copy[NEEDLE];
    size_t left = strlen(text);
    if (left >= sizeof copy) {
        iconv_close(converter);
        return -1;
    }
    memcpy(copy, text, left);
    char *in = copy;
    char *out = needles[which].bytes;
    size_t room = NEEDLE;
    size_t result = iconv(converter, &in, &left, &out, &room);
    iconv_close(converter);
    needles[which].len = NEEDLE - room;
    return result == (size_t)-1 ? -1 : 0;
}

static int search(const char *path, const char *content, size_t size) {
    for (size_t i = 0; i < ENCODINGS; i++)
        if (memmem(content, size, needles[i].bytes, needles[i].len)) {
            printf("%s holds the text in %s\n", path, encodings[i]);
            found = 1;
        }
    return 0;
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)walk;
    if (type == FTW_DNR || type == FTW_NS)
        return 2;
    if (type != FTW_F || !S_ISREG(status->st_mode))
        return 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return 2;
    size_t size = (size_t)status->st_size;
    char *content = malloc(size + 1);
    int result = 2;
    if (content && fread(content, 1, size, file) == size)
        result = search(path, content, size);
    free(content);
    fclose(file);
    return result;
}

int main(int argc, char **argv) {
    if (argc < 3 || !argv[1][0]) {
        fprintf(stderr, "usage: vrx-find-text TEXT FOLDER...\n");
        return 2;
    }
    for (size_t i = 0; i < ENCODINGS; i++)
        if (make_needle(argv[1], i) != 0) {
            fprintf(stderr, "vrx-find-text: the text has no form in %s\n", encodings[i]);
            return 2;
        }
    for (int i = 2; i < argc; i++)
        if (nftw(argv[i], visit, 16, FTW_PHYS) != 0) {
            fprintf(stderr, "vrx-find-text: %s could not be read whole\n", argv[i]);
            return 2;
        }
    return found;
}
