// SPDX-License-Identifier: Apache-2.0
// HTTP/2 as bytes (RFC 9113 §4.1, RFC 7541): what no client library would send.
export const types = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, WINDOW_UPDATE: 8, CONTINUATION: 9 };
export const flags = { END_STREAM: 1, ACK: 1, END_HEADERS: 4 };

export function frame(type, flag, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(types.SETTINGS, 0, 0)]);

// An integer of RFC 7541 §5.1 with a prefix of so many bits.
function integer(value, bits, first) {
  const most = 2 ** bits - 1;
  if (value < most) return [first | value];
  const bytes = [first | most];
  for (value -= most; value >= 128; value = Math.floor(value / 128)) bytes.push(128 | value % 128);
  return [...bytes, value];
}

const string = (text) => Buffer.concat([Buffer.from(integer(Buffer.byteLength(text), 7, 0)), Buffer.from(text)]);

// A field as a literal, kept in the dynamic table where indexed.
export const field = (name, value, indexed = false) =>
  Buffer.concat([Buffer.from([indexed ? 0x40 : 0]), string(name), string(value)]);
// One of the dynamic table: 62 is the newest.
export const again = Buffer.from(integer(62, 7, 0x80));

export const call = (path = '/vrx.v1.Records/GetHistory') => Buffer.concat([field(':method', 'POST'),
  field(':scheme', 'https'), field(':path', path), field(':authority', 'localhost'), field('te', 'trailers'),
  field('content-type', 'application/grpc')]);
