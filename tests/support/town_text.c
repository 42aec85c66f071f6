/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of common names and words, and the look-up of the municipality's own name. Some names have
 * the characters that plain Shift_JIS lacks (髙, 﨑), as real registers do.
 */
#include "support/town_text.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "layouts/csv.h"

static const char *const families[TOWN_FAMILIES][2] = {{"佐藤", "サトウ"}, {"鈴木", "スズキ"},
    {"高橋", "タカハシ"}, {"田中", "タナカ"}, {"伊藤", "イトウ"}, {"渡辺", "ワタナベ"},
    {"山本", "ヤマモト"}, {"中村", "ナカムラ"}, {"小林", "コバヤシ"}, {"加藤", "カトウ"},
    {"吉田", "ヨシダ"}, {"山田", "ヤマダ"}, {"佐々木", "ササキ"}, {"山口", "ヤマグチ"},
    {"松本", "マツモト"}, {"井上", "イノウエ"}, {"木村", "キムラ"}, {"林", "ハヤシ"},
    {"斎藤", "サイトウ"}, {"清水", "シミズ"}, {"山崎", "ヤマザキ"}, {"森", "モリ"},
    {"池田", "イケダ"}, {"橋本", "ハシモト"}, {"阿部", "アベ"}, {"石川", "イシカワ"},
    {"山下", "ヤマシタ"}, {"中島", "ナカジマ"}, {"石井", "イシイ"}, {"小川", "オガワ"},
    {"前田", "マエダ"}, {"岡田", "オカダ"}, {"長谷川", "ハセガワ"}, {"藤田", "フジタ"},
    {"後藤", "ゴトウ"}, {"近藤", "コンドウ"}, {"村上", "ムラカミ"}, {"遠藤", "エンドウ"},
    {"青木", "アオキ"}, {"坂本", "サカモト"}, {"齋藤", "サイトウ"}, {"福田", "フクダ"},
    {"太田", "オオタ"}, {"西村", "ニシムラ"}, {"髙橋", "タカハシ"}, {"宮﨑", "ミヤザキ"},
    {"渡邉", "ワタナベ"}, {"五十嵐", "イガラシ"}};

static const char *const males[TOWN_GIVEN][2] = {{"翔太", "ショウタ"}, {"大輔", "ダイスケ"},
    {"健一", "ケンイチ"}, {"誠", "マコト"}, {"博", "ヒロシ"}, {"隆", "タカシ"}, {"和也", "カズヤ"},
    {"浩二", "コウジ"}, {"拓也", "タクヤ"}, {"清", "キヨシ"}, {"正男", "マサオ"}, {"蓮", "レン"},
    {"悠真", "ユウマ"}, {"陽翔", "ハルト"}, {"直樹", "ナオキ"}, {"哲也", "テツヤ"},
    {"修", "オサム"}, {"進", "ススム"}, {"茂", "シゲル"}, {"剛", "ツヨシ"}, {"亮", "リョウ"},
    {"一郎", "イチロウ"}, {"湊", "ミナト"}, {"豊", "ユタカ"}};

static const char *const females[TOWN_GIVEN][2] = {{"陽子", "ヨウコ"}, {"美咲", "ミサキ"},
    {"恵子", "ケイコ"}, {"由美", "ユミ"}, {"愛", "アイ"}, {"さくら", "サクラ"}, {"和子", "カズコ"},
    {"幸子", "サチコ"}, {"真由美", "マユミ"}, {"結衣", "ユイ"}, {"葵", "アオイ"}, {"陽菜", "ヒナ"},
    {"久美子", "クミコ"}, {"智子", "トモコ"}, {"節子", "セツコ"}, {"洋子", "ヨウコ"},
    {"直美", "ナオミ"}, {"千代", "チヨ"}, {"綾", "アヤ"}, {"彩香", "アヤカ"}, {"みどり", "ミドリ"},
    {"紬", "ツムギ"}, {"裕子", "ユウコ"}, {"静江", "シズエ"}};

static const char *const streets[TOWN_STREETS] = {"中央", "本町", "栄町", "緑町", "若葉町", "旭町",
    "東町", "西町", "南町", "北町", "新町", "美園", "桜ケ丘", "泉町", "幸町", "宮の森", "豊平",
    "末広", "青葉台", "花園"};

static const char *const venues[TOWN_VENUES] = {"保健センター", "市民体育館", "中央病院",
    "大規模接種会場", "文化会館", "さくら内科クリニック", "みどり小児科医院", "総合病院",
    "駅前クリニック", "北公民館"};

static const char *const products[TOWN_PRODUCTS][2] = {{"ファイザー", "ﾌｧｲｻﾞｰ"},
    {"武田／モデルナ", "武田/モデルナ"}, {"アストラゼネカ", "ｱｽﾄﾗｾﾞﾈｶ"},
    {"武田社（ノババックス）", "武田社(ノババックス)"}};

/* Where municipalities.csv is absent. */
static const struct {
    const char *code;
    const char *place;
} known_places[] = {{"011002", "北海道札幌市"}, {"012025", "北海道函館市"},
    {"122173", "千葉県柏市"}, {"192015", "山梨県甲府市"}};

static struct vrx_result encode(iconv_t converter, const char *utf8, struct town_text *text) {
    /* iconv's prototype lacks a const; it does not write through it (iconv(3)). */
    char *from = (char *)(uintptr_t)utf8;
    size_t left = strlen(utf8);
    char *to = text->bytes;
    size_t room = sizeof text->bytes;
    if (iconv(converter, &from, &left, &to, &room) != 0)
        return vrx_fail(VRX_INPUT_TEXT);
    text->len = (uint8_t)(sizeof text->bytes - room);
    return vrx_ok();
}

struct vrx_result town_text_encode(const char *utf8, struct town_text *ret_text) {
    iconv_t converter = iconv_open("CP932", "UTF-8");
    if ((intptr_t)converter == -1)
        return vrx_fail(VRX_FILE_REFUSED);
    struct vrx_result result = encode(converter, utf8, ret_text);
    (void)iconv_close(converter);
    return result;
}

static struct vrx_result encode_name(const char *const pair[2], struct town_name *name) {
    VRX_TRY(town_text_encode(pair[0], &name->written));
    return town_text_encode(pair[1], &name->kana);
}

/* "prefecture municipality" of the row with this code, if the record is that row. */
static bool place_of(
    const struct vrx_csv_record *record, const char *municipality, char place[256]) {
    if (record->count < 3 || !vrx_view_equal(record->fields[0], vrx_view_text(municipality)) ||
        !record->fields[2].len)
        return false;
    (void)snprintf(place, 256, "%.*s%.*s", (int)record->fields[1].len,
        (const char *)record->fields[1].ptr, (int)record->fields[2].len,
        (const char *)record->fields[2].ptr);
    return true;
}

static struct vrx_result search_file(
    FILE *file, const char *municipality, char place[256], bool *ret_found) {
    VRX_CLEANUP(vrx_csv_done) struct vrx_csv csv;
    vrx_csv_init(&csv);
    char chunk[16384];
    for (;;) {
        enum vrx_csv_step step;
        const struct vrx_csv_record *record;
        VRX_TRY(vrx_csv_next(&csv, &step, &record));
        if (step == VRX_CSV_END)
            return vrx_ok();
        if (step == VRX_CSV_RECORD) {
            if (place_of(record, municipality, place)) {
                *ret_found = true;
                return vrx_ok();
            }
            continue;
        }
        size_t len = fread(chunk, 1, sizeof chunk, file);
        if (len)
            VRX_TRY(vrx_csv_feed(&csv, vrx_view_of(chunk, len)));
        else
            vrx_csv_finish(&csv);
    }
}

static struct vrx_result find_place(
    const char *municipality, const char *names, struct town_text *ret_place) {
    char place[256];
    bool found = false;
    FILE *file = names ? fopen(names, "re") : NULL;
    if (file) {
        struct vrx_result result = search_file(file, municipality, place, &found);
        (void)fclose(file);
        VRX_TRY(result);
    }
    for (size_t i = 0; !found && i < sizeof known_places / sizeof known_places[0]; i++) {
        if (strcmp(known_places[i].code, municipality) == 0) {
            (void)snprintf(place, sizeof place, "%s", known_places[i].place);
            found = true;
        }
    }
    return found ? town_text_encode(place, ret_place) : vrx_fail(VRX_MUNICIPALITY_UNKNOWN);
}

struct vrx_result town_words_load(
    const char *municipality, const char *names, struct town_words *words) {
    VRX_TRY(find_place(municipality, names, &words->place));
    for (size_t i = 0; i < TOWN_FAMILIES; i++)
        VRX_TRY(encode_name(families[i], &words->family[i]));
    for (size_t i = 0; i < TOWN_GIVEN; i++) {
        VRX_TRY(encode_name(males[i], &words->given[0][i]));
        VRX_TRY(encode_name(females[i], &words->given[1][i]));
    }
    for (size_t i = 0; i < TOWN_STREETS; i++)
        VRX_TRY(town_text_encode(streets[i], &words->street[i]));
    for (size_t i = 0; i < TOWN_VENUES; i++)
        VRX_TRY(town_text_encode(venues[i], &words->venue[i]));
    for (size_t i = 0; i < TOWN_PRODUCTS; i++) {
        VRX_TRY(town_text_encode(products[i][0], &words->product[i][0]));
        VRX_TRY(town_text_encode(products[i][1], &words->product[i][1]));
    }
    VRX_TRY(town_text_encode("丁目", &words->chome));
    VRX_TRY(town_text_encode("番", &words->ban));
    VRX_TRY(town_text_encode("号", &words->go));
    return town_text_encode("　", &words->wide_space);
}
