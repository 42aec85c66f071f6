/* SPDX-License-Identifier: Apache-2.0
 *
 * Two halves. The walk goes once over an untrusted item, without recursion and without memory of
 * its own beyond a fixed stack of levels, and checks everything that does not depend on a schema.
 * The pulls below it then read an input that is known to be well-formed.
 *
 * Keys: deterministic encoding makes them ascend, so STRICT compares each with the one before. In
 * FOREIGN they come in any order; the offsets of the open maps' keys are kept sorted, so that
 * finding a duplicate costs a binary search and not a comparison with every earlier key.
 *
 * Read next: head.c for a single head, writer.c for the other direction.
 */
#include "cbor/reader.h"

#include "base/text.h"
#include "cbor/head.h"

struct level {
    enum vrx_cbor_type type;
    bool indefinite;
    bool at_value; /* of a map: a key was read, its value is next */
    uint64_t left; /* items owed, keys and values counted singly; unused when indefinite */
    size_t item_at;
    size_t first_key;    /* FOREIGN maps: index of their first key in walk.keys */
    struct vrx_view key; /* STRICT maps: the previous key's encoding, empty before the first */
};

struct walk {
    struct vrx_view input;
    enum vrx_cbor_mode mode;
    size_t at;
    size_t depth;
    struct level level[VRX_LIMIT_CBOR_DEPTH];
    size_t key_count;
    uint32_t keys[VRX_LIMIT_CBOR_FOREIGN_KEYS]; /* offsets; each open map's part is sorted */
};

_Static_assert(VRX_LIMIT_CBOR_BYTES <= UINT32_MAX, "an offset fits walk.keys");

static struct vrx_view from(struct vrx_view input, size_t at) {
    return vrx_view_of(input.ptr ? input.ptr + at : NULL, input.len - at);
}

static struct vrx_result check_ascends(struct level *level, struct vrx_view key) {
    int order = level->key.len ? vrx_view_compare(level->key, key) : -1;
    if (order == 0)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6: map keys are unique");
    if (order > 0)
        return vrx_refuse(VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1: map keys ascend");
    level->key = key;
    return vrx_ok();
}

/* By type and value, whatever the heads' lengths, and as deterministic encoding orders them: of two
 * strings the shorter one comes first. The offset was read before. */
static int compare_keys(const struct walk *walk, size_t at, const struct vrx_cbor_head *key) {
    struct vrx_cbor_head other = {0};
    VRX_IGNORE(vrx_cbor_head_read(from(walk->input, at), &other));
    if (other.type != key->type)
        return other.type < key->type ? -1 : 1;
    if (other.argument != key->argument)
        return other.argument < key->argument ? -1 : 1;
    return vrx_view_compare(other.content, key->content);
}

/* Where the key belongs among those of its map, which are sorted from low on. Most issuers write
 * them in order, so the last is looked at first. *ret_known: it stands there already. */
static size_t place_of(
    const struct walk *walk, size_t low, const struct vrx_cbor_head *key, bool *ret_known) {
    size_t high = walk->key_count;
    size_t middle = high - 1;
    *ret_known = false;
    while (low < high) {
        const int order = compare_keys(walk, walk->keys[middle], key);
        if (order == 0)
            *ret_known = true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
        middle = low + (high - low) / 2;
    }
    return low;
}

static struct vrx_result check_unique(struct walk *walk, const struct level *level, size_t key_at) {
    struct vrx_cbor_head key;
    VRX_TRY(vrx_cbor_head_read(from(walk->input, key_at), &key));
    if (key.type > VRX_CBOR_TEXT)
        return vrx_ok(); /* nothing here looks such a key up */
    if (key.indefinite)
        return vrx_refuse(VRX_INPUT_NOT_CANONICAL, "RFC 8949 §5.6: a map key in chunks");
    bool known = false;
    const size_t low = place_of(walk, level->first_key, &key, &known);
    if (known)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "RFC 8949 §5.6: map keys are unique");
    if (walk->key_count == VRX_LIMIT_CBOR_FOREIGN_KEYS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "RFC 8949 §10: too many map keys");
    memmove(walk->keys + low + 1, walk->keys + low, (walk->key_count - low) * sizeof *walk->keys);
    walk->keys[low] = (uint32_t)key_at;
    walk->key_count++;
    return vrx_ok();
}

static struct vrx_result check_key(struct walk *walk, struct level *level, size_t key_at) {
    if (walk->mode == VRX_CBOR_FOREIGN)
        return check_unique(walk, level, key_at);
    return check_ascends(level, vrx_view_slice(walk->input, key_at, walk->at - key_at));
}

/* The item that starts at item_at is complete, and with it perhaps the containers around it. */
static struct vrx_result complete(struct walk *walk, size_t item_at) {
    while (walk->depth) {
        struct level *level = &walk->level[walk->depth - 1];
        if (level->type == VRX_CBOR_MAP) {
            if (!level->at_value)
                VRX_TRY(check_key(walk, level, item_at));
            level->at_value = !level->at_value;
        }
        if (level->indefinite || --level->left)
            return vrx_ok();
        item_at = level->item_at;
        walk->key_count = level->first_key;
        walk->depth--;
    }
    return vrx_ok();
}

static struct vrx_result take_break(struct walk *walk) {
    struct level *level = walk->depth ? &walk->level[walk->depth - 1] : NULL;
    if (!level || !level->indefinite || level->at_value)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 8949 §3.2.1: a break outside its place");
    walk->at++;
    walk->key_count = level->first_key;
    walk->depth--;
    return complete(walk, level->item_at);
}

static struct vrx_result enter(struct walk *walk, const struct vrx_cbor_head *head) {
    uint64_t left = head->type == VRX_CBOR_TAG   ? 1
                    : head->type == VRX_CBOR_MAP ? head->argument * 2
                                                 : head->argument;
    size_t item_at = walk->at;
    if (walk->depth == VRX_LIMIT_CBOR_DEPTH)
        return vrx_refuse(VRX_INPUT_TOO_DEEP, "RFC 8949 §10: nested deeper than 16 levels");
    walk->at += head->len;
    if (left == 0 && !head->indefinite)
        return complete(walk, item_at);
    walk->level[walk->depth++] = (struct level){
        .type = head->type,
        .indefinite = head->indefinite,
        .left = left,
        .item_at = item_at,
        .first_key = walk->key_count,
    };
    return vrx_ok();
}

/* RFC 8949 §4.2.1, and §4.2.2 for what it leaves to the application. */
static struct vrx_result check_strict(const struct vrx_cbor_head *head) {
    if (head->type == VRX_CBOR_FLOAT)
        return vrx_refuse(VRX_INPUT_TYPE, "RFC 8949 §4.2.2: no floating-point numbers here");
    if (head->type == VRX_CBOR_UNDEFINED)
        return vrx_refuse(VRX_INPUT_TYPE, "RFC 8949 §3.3: no undefined value here");
    if (head->indefinite)
        return vrx_refuse(VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1: lengths are definite");
    if (!vrx_cbor_head_minimal(head))
        return vrx_refuse(VRX_INPUT_NOT_CANONICAL, "RFC 8949 §4.2.1: the shortest head");
    return vrx_ok();
}

static struct vrx_result check_string(const struct walk *walk, const struct vrx_cbor_head *head) {
    const struct level *level = walk->depth ? &walk->level[walk->depth - 1] : NULL;
    bool chunk = level && (level->type == VRX_CBOR_BYTES || level->type == VRX_CBOR_TEXT);
    if (chunk && (head->type != level->type || head->indefinite))
        return vrx_refuse(
            VRX_INPUT_MALFORMED, "RFC 8949 §3.2.3: chunks are definite strings of one type");
    if (head->type == VRX_CBOR_TEXT && !vrx_utf8_valid(head->content))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 8949 §3.1: text is UTF-8");
    return vrx_ok();
}

static bool is_container(const struct vrx_cbor_head *head) {
    return head->indefinite || head->type == VRX_CBOR_ARRAY || head->type == VRX_CBOR_MAP ||
           head->type == VRX_CBOR_TAG;
}

static struct vrx_result step(struct walk *walk) {
    struct vrx_cbor_head head;
    VRX_TRY(vrx_cbor_head_read(from(walk->input, walk->at), &head));
    if (head.type == VRX_CBOR_END)
        return take_break(walk);
    if (walk->mode == VRX_CBOR_STRICT)
        VRX_TRY(check_strict(&head));
    VRX_TRY(check_string(walk, &head));
    if (is_container(&head))
        return enter(walk, &head);
    size_t item_at = walk->at;
    walk->at += head.len;
    return complete(walk, item_at);
}

struct vrx_result vrx_cbor_measure(
    enum vrx_cbor_mode mode, struct vrx_view input, size_t *ret_used) {
    struct walk walk;
    walk.input = vrx_view_slice(input, 0, VRX_LIMIT_CBOR_BYTES);
    walk.mode = mode;
    walk.at = 0;
    walk.depth = 0;
    walk.key_count = 0;
    do {
        struct vrx_result result = step(&walk);
        if (result.reason == VRX_INPUT_TRUNCATED && walk.input.len < input.len)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "RFC 8949 §10: the item is over its limit");
        VRX_TRY(result);
    } while (walk.depth);
    *ret_used = walk.at;
    return vrx_ok();
}

struct vrx_result vrx_cbor_reader_init(
    struct vrx_cbor_reader *reader, enum vrx_cbor_mode mode, struct vrx_view input) {
    if (input.len > VRX_LIMIT_CBOR_BYTES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "RFC 8949 §10: the input is over its limit");
    size_t used;
    VRX_TRY(vrx_cbor_measure(mode, input, &used));
    if (used != input.len)
        return vrx_refuse(VRX_INPUT_TRAILING, "RFC 8949 §5.1: bytes follow the item");
    *reader = (struct vrx_cbor_reader){.input = input, .mode = mode};
    return vrx_ok();
}

static struct vrx_result read_head(
    const struct vrx_cbor_reader *reader, struct vrx_cbor_head *ret_head) {
    return vrx_cbor_head_read(from(reader->input, reader->at), ret_head);
}

enum vrx_cbor_type vrx_cbor_peek(const struct vrx_cbor_reader *reader) {
    struct vrx_cbor_head head;
    return vrx_is_ok(read_head(reader, &head)) ? head.type : VRX_CBOR_END;
}

/* The head of an item of this type, where this is well; the reader stays before it. */
static struct vrx_result expect(
    const struct vrx_cbor_reader *reader, enum vrx_cbor_type type, struct vrx_cbor_head *head) {
    return vrx_is_ok(read_head(reader, head)) && head->type == type ? vrx_ok()
                                                                    : vrx_fail(VRX_INPUT_TYPE);
}

struct vrx_result vrx_cbor_uint(struct vrx_cbor_reader *reader, uint64_t *ret_value) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, VRX_CBOR_UINT, &head));
    reader->at += head.len;
    *ret_value = head.argument;
    return vrx_ok();
}

struct vrx_result vrx_cbor_int(struct vrx_cbor_reader *reader, int64_t *ret_value) {
    struct vrx_cbor_head head;
    bool negative = vrx_cbor_peek(reader) == VRX_CBOR_NEGINT;
    VRX_TRY(expect(reader, negative ? VRX_CBOR_NEGINT : VRX_CBOR_UINT, &head));
    if (head.argument > INT64_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    reader->at += head.len;
    *ret_value = negative ? -1 - (int64_t)head.argument : (int64_t)head.argument;
    return vrx_ok();
}

static struct vrx_result take_string(
    struct vrx_cbor_reader *reader, enum vrx_cbor_type type, struct vrx_view *ret_content) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, type, &head));
    if (head.indefinite)
        return vrx_refuse(VRX_INPUT_TYPE, "RFC 8949 §3.2.3: a string in chunks");
    reader->at += head.len;
    *ret_content = head.content;
    return vrx_ok();
}

struct vrx_result vrx_cbor_bytes(struct vrx_cbor_reader *reader, struct vrx_view *ret_bytes) {
    return take_string(reader, VRX_CBOR_BYTES, ret_bytes);
}

struct vrx_result vrx_cbor_text(struct vrx_cbor_reader *reader, struct vrx_view *ret_text) {
    return take_string(reader, VRX_CBOR_TEXT, ret_text);
}

struct vrx_result vrx_cbor_bool(struct vrx_cbor_reader *reader, bool *ret_value) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, VRX_CBOR_BOOL, &head));
    reader->at += head.len;
    *ret_value = head.argument != 0;
    return vrx_ok();
}

struct vrx_result vrx_cbor_null(struct vrx_cbor_reader *reader) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, VRX_CBOR_NULL, &head));
    reader->at += head.len;
    return vrx_ok();
}

struct vrx_result vrx_cbor_tag(struct vrx_cbor_reader *reader, uint64_t *ret_tag) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, VRX_CBOR_TAG, &head));
    reader->at += head.len;
    *ret_tag = head.argument;
    return vrx_ok();
}

struct vrx_result vrx_cbor_number(struct vrx_cbor_reader *reader, int64_t *ret_value) {
    if (vrx_cbor_peek(reader) != VRX_CBOR_FLOAT)
        return vrx_cbor_int(reader, ret_value);
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, VRX_CBOR_FLOAT, &head));
    /* Written so that a NaN fails it too; 2^63 itself does not fit. */
    const double bound = 9223372036854775808.0;
    if (!(head.number >= -bound && head.number < bound))
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 8392 §2: the number is out of range");
    reader->at += head.len;
    *ret_value = (int64_t)head.number;
    return vrx_ok();
}

static struct vrx_result take_container(
    struct vrx_cbor_reader *reader, enum vrx_cbor_type type, uint64_t *ret_count) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, type, &head));
    reader->at += head.len;
    *ret_count = head.indefinite ? UINT64_MAX : head.argument;
    return vrx_ok();
}

struct vrx_result vrx_cbor_array(struct vrx_cbor_reader *reader, uint64_t *ret_count) {
    return take_container(reader, VRX_CBOR_ARRAY, ret_count);
}

struct vrx_result vrx_cbor_map(struct vrx_cbor_reader *reader, uint64_t *ret_count) {
    return take_container(reader, VRX_CBOR_MAP, ret_count);
}

struct vrx_result vrx_cbor_leave(struct vrx_cbor_reader *reader) {
    struct vrx_cbor_head head;
    VRX_TRY(expect(reader, VRX_CBOR_END, &head));
    reader->at += head.len;
    return vrx_ok();
}

struct vrx_result vrx_cbor_item(struct vrx_cbor_reader *reader, struct vrx_view *ret_item) {
    if (vrx_cbor_peek(reader) == VRX_CBOR_END)
        return vrx_fail(VRX_INPUT_TYPE);
    size_t used;
    VRX_TRY(vrx_cbor_measure(reader->mode, from(reader->input, reader->at), &used));
    *ret_item = vrx_view_slice(reader->input, reader->at, used);
    reader->at += used;
    return vrx_ok();
}
