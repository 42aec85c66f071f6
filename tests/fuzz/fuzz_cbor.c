/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through both modes of the reader. What STRICT accepts has one encoding, so FOREIGN must
 * accept it too; whatever is accepted can be pulled to its end without another look at its form.
 */
#include <stdlib.h>

#include "cbor/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

static void pull(struct vrx_cbor_reader *reader) {
    uint64_t count = 0;
    struct vrx_view view;
    enum vrx_cbor_type type = vrx_cbor_peek(reader);
    size_t before = reader->at;
    if (type == VRX_CBOR_ARRAY)
        require(vrx_is_ok(vrx_cbor_array(reader, &count)));
    else if (type == VRX_CBOR_MAP)
        require(vrx_is_ok(vrx_cbor_map(reader, &count)));
    else if (type == VRX_CBOR_TAG)
        require(vrx_is_ok(vrx_cbor_tag(reader, &count)));
    else if (type == VRX_CBOR_END)
        require(vrx_is_ok(vrx_cbor_leave(reader)));
    else
        require(vrx_is_ok(vrx_cbor_item(reader, &view)));
    require(reader->at > before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_view input = vrx_view_of(data, size);
    struct vrx_cbor_reader reader;
    bool strict = vrx_is_ok(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, input));
    while (strict && reader.at < size)
        pull(&reader);
    struct vrx_result foreign = vrx_cbor_reader_init(&reader, VRX_CBOR_FOREIGN, input);
    require(!strict || vrx_is_ok(foreign) || foreign.reason == VRX_INPUT_TOO_LARGE);
    while (vrx_is_ok(foreign) && reader.at < size)
        pull(&reader);
    return 0;
}
