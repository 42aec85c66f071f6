// SPDX-License-Identifier: Apache-2.0
//
// The same certificate by other software: by hand on Node's own crypto and zlib, by @auth0/cose, by cose-kit; CBOR by
// cbor-x, Base45 written here once for all of them. A worker as issuer_bench.c is: `issue N` and `verify N` are
// answered with nanoseconds of processor time for one. Keys are made once, headers and tables too.
//
//     node issuer_peers.mjs by-hand|auth0|cose-kit PACKAGES CERTIFICATE KEY
//
// PACKAGES is the folder that they are installed in, CERTIFICATE a text, KEY its signer's PKCS #8 in base64. One peer a
// process: two of them want the same tag of cbor-x for themselves.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { deflateSync, inflateSync } from 'node:zlib';

const [name, folder, sample, pkcs8] = process.argv.slice(2);
const require = createRequire(resolve(folder, 'package.json'));
const { Decoder, Encoder, Tag } = require('cbor-x');

const NOW = 1633964000 + 86400; // hcert_sample.h's, a day later
const key = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey(key);
const nothing = Buffer.alloc(0);
const cbor = { mapsAsObjects: false, useRecords: false, tagUint8Array: false };
const encoder = new Encoder(cbor);
const decoder = new Decoder(cbor);

// ---- Base45, by tables ----

const alphabet = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:');
const digits = new Int32Array(256).fill(100000);
alphabet.forEach((character, value) => { digits[character] = value; });

function base45(bytes) {
  const out = Buffer.allocUnsafe((bytes.length >> 1) * 3 + (bytes.length & 1) * 2 + 4);
  let to = out.write('HC1:', 'latin1');
  let at = 0;
  for (; at + 1 < bytes.length; at += 2) {
    const number = bytes[at] << 8 | bytes[at + 1];
    out[to++] = alphabet[number % 45];
    out[to++] = alphabet[((number / 45) | 0) % 45];
    out[to++] = alphabet[(number / 2025) | 0];
  }
  if (at < bytes.length) {
    out[to++] = alphabet[bytes[at] % 45];
    out[to++] = alphabet[(bytes[at] / 45) | 0];
  }
  return out.latin1Slice();
}

function unbase45(text) {
  if (!text.startsWith('HC1:')) throw new Error('prefix');
  const from = Buffer.from(text, 'latin1');
  const out = Buffer.allocUnsafe(Math.ceil((from.length - 4) / 3 * 2));
  let to = 0;
  let at = 4;
  for (; at + 2 < from.length; at += 3) {
    const number = digits[from[at]] + 45 * digits[from[at + 1]] + 2025 * digits[from[at + 2]];
    if (number > 65535) throw new Error('Base45');
    out[to++] = number >> 8;
    out[to++] = number & 255;
  }
  if (at < from.length) {
    const number = digits[from[at]] + 45 * digits[from[at + 1]];
    if (!(number < 256)) throw new Error('Base45');
    out[to++] = number;
  }
  return out.subarray(0, to);
}

const pack = (message) => base45(deflateSync(message, { level: 9 })); // smaller tables gain nothing in Node's zlib
const unpack = (text) => inflateSync(unbase45(text), { maxOutputLength: 65536 });

// ---- the content ----

// The array behind COSE_Sign1's tag.
function open(message) {
  if (message[0] !== 0xd2) throw new Error('tag');
  return decoder.decode(message.subarray(1));
}
const opened = open(unpack(sample));
const content = decoder.decode(opened[2]);
const kid = Buffer.from(decoder.decode(opened[0]).get(4));
const signers = new Map([[kid.toString('hex'), publicKey]]);
const signerOf = (header) => {
  const found = signers.get(Buffer.from(header.get(4)).toString('hex'));
  if (!found || header.get(1) !== -7) throw new Error('signer');
  return found;
};
const payload = () => encoder.encode(content);

// What a reader needs, and the dates.
function read(bytes) {
  const claims = decoder.decode(bytes);
  const dcc = claims.get(-260).get(1);
  const [dose] = dcc.get('v');
  if (claims.get(6) > NOW || claims.get(4) < NOW) throw new Error('dates');
  if (!dcc.get('nam').get('fnt') || !dcc.get('dob') || !dose.get('ci') || !(dose.get('dn') > 0)) throw new Error('content');
}

// ---- the peers ----

const protectedBytes = encoder.encode(new Map([[1, -7], [4, kid]]));
const structure = (header, bytes) => encoder.encode(['Signature1', header, nothing, bytes]);
const raw = { dsaEncoding: 'ieee-p1363' };

const peers = {
  'by-hand': () => ({
    issue() {
      const bytes = payload();
      const signature = sign('sha256', structure(protectedBytes, bytes), { key, ...raw });
      return pack(encoder.encode(new Tag([protectedBytes, new Map(), bytes, signature], 18)));
    },
    verify(text) {
      const [header, , bytes, signature] = open(unpack(text));
      const signer = signerOf(decoder.decode(header));
      if (!verify('sha256', structure(header, bytes), { key: signer, ...raw }, signature)) throw new Error('signature');
      read(bytes);
    },
  }),

  auth0() {
    const { Algorithms, Headers, ProtectedHeaders, Sign1 } = require('@auth0/cose');
    const headers = new ProtectedHeaders([[Headers.Algorithm, Algorithms.ES256], [Headers.KeyID, kid]]);
    return {
      issue: async () => pack((await Sign1.sign(headers, undefined, payload(), key)).encode()),
      async verify(text) {
        const message = Sign1.decode(unpack(text));
        await message.verify(signerOf(message.protectedHeaders));
        read(message.payload);
      },
    };
  },

  'cose-kit'() {
    const { coseSign, Sign1 } = require('cose-kit');
    return {
      issue: async () => pack(await coseSign({ alg: 'ES256', kid }, {}, payload(), key)),
      async verify(text) {
        const message = new Sign1(...open(unpack(text)));
        if (!await message.verify(signerOf(decoder.decode(message.encodedProtectedHeaders)))) throw new Error('signature');
        read(message.payload);
      },
    };
  },
};

// It takes its own and ours, and not one that was changed.
const peer = peers[name]();
await peer.verify(await peer.issue());
await peer.verify(sample);
const changed = unpack(sample);
changed[changed.length - 1] ^= 1;
if (await Promise.resolve().then(() => peer.verify(pack(changed))).then(() => true, () => false))
  throw new Error(`${name} takes a certificate that was changed`);

async function measure(work, count) {
  const begun = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const pending = work();
    if (pending instanceof Promise) await pending;
  }
  const { user, system } = process.cpuUsage(begun);
  return (user + system) * 1000 / count;
}

const works = { issue: () => peer.issue(), verify: () => peer.verify(sample) };
for await (const line of createInterface({ input: process.stdin })) {
  const [what, count] = line.split(' ');
  console.log((await measure(works[what], Number(count))).toFixed(0));
}
