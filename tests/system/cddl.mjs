// SPDX-License-Identifier: Apache-2.0
// The Concise Data Definition Language (RFC 8610), as much of it as VRX's .cddl files use, over what cbor-x decodes: a
// reader of these files that shares nothing with VRX's own codec. What it does not know it refuses to read.
//
//     const cddl = new Cddl(readFileSync('objects.cddl', 'utf8'));
//     cddl.check('consent', payload)     throws a Mismatch, which says where and why
import { Decoder, Encoder } from 'cbor-x';

// Maps stay maps, and texts are texts.
const decoder = new Decoder({ mapsAsObjects: false });
const encoder = new Encoder({ mapsAsObjects: false, tagUint8Array: false, variableMapSize: true });
export const decode = (bytes) => decoder.decode(bytes);
export const encode = (value) => Buffer.from(encoder.encode(value)); // encode() writes into a buffer that it uses again

export class Mismatch extends Error {
  constructor(path, why) {
    super(`${path}: ${why}`);
    this.path = path;
  }
}

const isInteger = (value) => typeof value === 'bigint' || Number.isInteger(value);
const isBytes = (value) => value instanceof Uint8Array;
const isText = (value) => typeof value === 'string';
// RFC 8610 appendix D
const prelude = {
  uint: (value) => isInteger(value) && value >= 0 && value < 2n ** 64n,
  bstr: isBytes,
  tstr: isText,
  bool: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

// ---- reading: appendix B ----

const tokenKinds = /\s+|;[^\n]*|("[^"]*")|(\d+)|(\.\.)|(\.[a-z]+)|([A-Za-z_@$](?:[-.]*[A-Za-z0-9_@$])*)|([=/:,?*+()[\]{}])/y;

function tokens(text) {
  const found = [];
  tokenKinds.lastIndex = 0;
  while (tokenKinds.lastIndex < text.length) {
    const at = tokenKinds.lastIndex;
    const match = tokenKinds.exec(text);
    if (!match) throw new SyntaxError(`CDDL: ${text.slice(at, at + 40)}`);
    const [, string, number, range, control, name, symbol] = match;
    if (string !== undefined) found.push({ literal: string.slice(1, -1) });
    else if (number !== undefined) found.push({ literal: BigInt(number) });
    else if (name !== undefined) found.push({ name });
    else if (range ?? control ?? symbol) found.push({ symbol: range ?? control ?? symbol });
  }
  return found;
}

class Parser {
  constructor(text) {
    this.tokens = tokens(text);
    this.at = 0;
  }

  is(symbol, ahead = 0) { return this.tokens[this.at + ahead]?.symbol === symbol; }
  take(symbol) {
    if (!this.is(symbol)) return false;
    this.at += 1;
    return true;
  }
  need(symbol) {
    if (!this.take(symbol)) throw new SyntaxError(`CDDL: ${symbol} expected before ${JSON.stringify(this.tokens[this.at])}`);
  }

  rules() {
    const rules = new Map();
    while (this.at < this.tokens.length) {
      const { name } = this.tokens[this.at++];
      this.need('=');
      if (!name || rules.has(name) || prelude[name]) throw new SyntaxError(`CDDL: rule ${name}`);
      rules.set(name, this.type());
    }
    return rules;
  }

  type() {
    const choices = [this.limited()];
    while (this.take('/')) choices.push(this.limited());
    return choices.length === 1 ? choices[0] : { choices };
  }

  // A type, a range, or a type under a control operator (§3.8).
  limited() {
    const type = this.single();
    if (this.take('..')) return { from: type.literal, to: this.single().literal };
    const control = this.tokens[this.at]?.symbol;
    if (!control?.startsWith('.')) return type;
    this.at += 1;
    return { type, control, by: this.single() };
  }

  single() {
    if (this.take('(')) return this.closed(this.type(), ')');
    if (this.take('{')) return { map: this.entries('}') };
    if (this.take('[')) return { array: this.entries(']') };
    const token = this.tokens[this.at++];
    if (token?.name !== undefined || token?.literal !== undefined) return token;
    throw new SyntaxError(`CDDL: ${JSON.stringify(token)}`);
  }

  closed(value, symbol) {
    this.need(symbol);
    return value;
  }

  entries(end) {
    const list = [];
    while (!this.take(end)) {
      list.push({ ...this.occurrence(), ...this.entry() });
      if (!this.take(',') && !this.is(end)) throw new SyntaxError('CDDL: , expected');
    }
    return list;
  }

  // §3.2
  occurrence() {
    if (this.take('?')) return { least: 0, most: 1 };
    if (this.take('+')) return { least: 1, most: Infinity };
    const least = this.is('*', 1) ? Number(this.tokens[this.at++].literal) : 0;
    if (!this.take('*')) return { least: 1, most: 1 };
    const most = this.tokens[this.at];
    if (typeof most?.literal !== 'bigint') return { least, most: Infinity };
    this.at += 1;
    return { least, most: Number(most.literal) };
  }

  entry() {
    if (!this.is(':', 1)) return { type: this.type() };
    const { literal } = this.tokens[this.at];
    this.at += 2;
    return { key: typeof literal === 'bigint' ? Number(literal) : literal, type: this.type() };
  }
}

// ---- matching ----

// How long, and whether that is among what the type allows: bytes, bytes of UTF-8, or those of an integer.
function sizeFits(cddl, value, by) {
  if (isInteger(value)) return BigInt(value) < 2n ** (8n * by.literal);
  const size = isText(value) ? Buffer.byteLength(value) : value.length;
  return cddl.fits(by, size);
}

const controls = {
  '.size': (cddl, value, by, path) => {
    if (!sizeFits(cddl, value, by)) throw new Mismatch(path, 'size');
  },
  '.regexp': (cddl, value, by, path) => {
    if (!new RegExp(`^(?:${by.literal})$`, 'u').test(value)) throw new Mismatch(path, 'regexp');
  },
  '.cbor': (cddl, value, by, path) => cddl.match(by, readDeterministic(value, path), path),
};

export class Cddl {
  constructor(text) {
    this.rules = new Parser(text).rules();
  }

  // The bytes are one item of this rule in deterministic encoding; what they say.
  check(rule, bytes) {
    const value = readDeterministic(bytes, rule);
    this.checkValue(rule, value);
    return value;
  }

  checkValue(rule, value) { this.match({ name: rule }, value, rule); }

  fits(type, value) {
    try {
      this.match(type, value, '');
      return true;
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      return false;
    }
  }

  match(type, value, path) {
    if (type.choices) {
      if (!type.choices.some((choice) => this.fits(choice, value))) throw new Mismatch(path, 'none of the choices');
    } else if (type.name !== undefined) {
      this.matchName(type.name, value, path);
    } else if (type.literal !== undefined) {
      if (isInteger(value) ? BigInt(value) !== type.literal : value !== type.literal) throw new Mismatch(path, 'value');
    } else if (type.from !== undefined) {
      if (!isInteger(value) || value < type.from || value > type.to) throw new Mismatch(path, 'range');
    } else if (type.control) {
      this.match(type.type, value, path);
      if (!controls[type.control]) throw new SyntaxError(`CDDL: ${type.control}`);
      controls[type.control](this, value, type.by, path);
    } else if (type.map) {
      this.matchMap(type.map, value, path);
    } else {
      this.matchArray(type.array, value, path);
    }
  }

  matchName(name, value, path) {
    if (this.rules.has(name)) return this.match(this.rules.get(name), value, path);
    if (!prelude[name]) throw new SyntaxError(`CDDL: no rule ${name}`);
    if (!prelude[name](value)) throw new Mismatch(path, `no ${name}`);
    return undefined;
  }

  // §3.5.1: every entry has a key of its own, and there is nothing else.
  matchMap(entries, value, path) {
    if (!(value instanceof Map)) throw new Mismatch(path, 'no map');
    for (const { key, type, least } of entries) {
      if (key === undefined) throw new SyntaxError('CDDL: a map\'s entry without a key');
      if (value.has(key)) this.match(type, value.get(key), `${path}.${key}`);
      else if (least > 0) throw new Mismatch(`${path}.${key}`, 'missing');
    }
    for (const key of value.keys())
      if (!entries.some((entry) => entry.key === key)) throw new Mismatch(`${path}.${key}`, 'not in the map');
  }

  // §3.4; each entry takes as many as it can (appendix A).
  matchArray(entries, value, path) {
    if (!Array.isArray(value)) throw new Mismatch(path, 'no array');
    let at = 0;
    for (const { type, least, most } of entries) {
      let count = 0;
      for (; count < most && at < value.length; count += 1, at += 1) {
        if (count >= least && entries.length > 1 && !this.fits(type, value[at])) break;
        this.match(type, value[at], `${path}[${at}]`);
      }
      if (count < least) throw new Mismatch(path, 'too few');
    }
    if (at < value.length) throw new Mismatch(path, 'too many');
  }
}

// ---- RFC 8949 §4.2.1 ----

function checkOrder(value, path) {
  if (typeof value === 'bigint' && value < 2n ** 32n) throw new Mismatch(path, 'not the shortest form');
  if (Array.isArray(value)) value.forEach((item, index) => checkOrder(item, `${path}[${index}]`));
  if (!(value instanceof Map)) return;
  let before = null;
  for (const [key, item] of value) {
    const encoded = encode(key);
    if (before && Buffer.compare(before, encoded) >= 0) throw new Mismatch(path, 'keys out of order');
    before = encoded;
    checkOrder(item, `${path}.${key}`);
  }
}

// One item, of definite length, in the shortest form, with ascending keys.
function readDeterministic(bytes, path) {
  let value;
  try {
    value = decode(bytes);
  } catch (error) {
    throw new Mismatch(path, `no CBOR: ${error.message}`);
  }
  checkOrder(value, path);
  if (Buffer.compare(encode(value), bytes) !== 0) throw new Mismatch(path, 'not deterministic');
  return value;
}
