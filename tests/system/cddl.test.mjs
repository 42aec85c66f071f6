// SPDX-License-Identifier: Apache-2.0
// Every object that municipalities sign, seal or keep in CBOR, as a running daemon and issuer made it, against the .cddl
// files: taken out of the vaults after the end of the daemon, out of exported explanations, and off the issuer's socket;
// read by cbor-x and by cddl.mjs, signatures verified by Node. Each with the same in wrong: a value of another type or
// beyond its bounds, a key that does not belong there, one that is missing.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeIssuer } from './cards.mjs';
import { Cddl, decode, encode, Mismatch } from './cddl.mjs';
import { collect } from './clients.mjs';
import { authorityKeys, signingKeys, verifySign1 } from './cose.mjs';
import { codeOf, until, World } from './harness.mjs';
import { fileOf } from './movers.mjs';
import { root } from './programs.mjs';
import { addressee, applyFor, ask, consentOf, domestic, dose, evidenceOf, hanako, numberOf, queryFor, taro, travel, watch } from './steps.mjs';

const textOf = (path) => readFileSync(join(root, path), 'utf8');
const objectsText = textOf('proto/objects/objects.cddl');
const objects = new Cddl(objectsText);
const trustListText = textOf('cert-issuer/formats/trust_list.cddl');
const revocationListText = textOf('cert-issuer/formats/revocation_list.cddl');
const files = { objects, audit: new Cddl(textOf('proto/objects/audit_entry.cddl')),
  keyring: new Cddl(textOf('tenants/keyring/keyring.cddl')), trust: new Cddl(trustListText), revocation: new Cddl(revocationListText),
  journal: new Cddl(textOf('cert-issuer/signer/journal.cddl')) };
// "vrx.consent.1" is what is signed along with a consent.
const names = Object.fromEntries([...(objectsText + trustListText + revocationListText).matchAll(/"vrx\.([a-z-]+)\.\d+"/g)]
  .map(([quoted, rule]) => [rule, quoted.slice(1, -1)]));

const unknown = { ...taro, addresseeNumber: '9', individualNumber: numberOf(90000000009), name: '未知 三子', kana: '' };
const leaving = { ...taro, addresseeNumber: '8', individualNumber: numberOf(80000000008), name: '消去 四郎', kana: '' };
const hex = (bytes) => Buffer.from(bytes).toString('hex');

let world;
let authority; // keys, as the next
let municipalities;
const samples = []; // { file, rule, bytes, where }

const add = (rule, bytes, where, file = 'objects') => samples.push({ file, rule, bytes, where });

// A signed object, and what is signed inside of it.
function addSigned(rule, message, where, keys = municipalities) {
  const payload = verifySign1(message, names[rule], keys);
  add(rule, payload, where);
  inside[rule]?.(decode(payload), `${where}, ${rule}`);
}

const addEntries = (list, field, where) => list.forEach((one) => add('audit-entry', one.get(field), where, 'audit'));
const inside = {
  query: (query, where) => {
    addSigned('consent', query.get(11), where);
    addSigned('identity-evidence', query.get(12), where);
  },
  'dose-statement': (statement, where) => addEntries(statement.get(5), 4, where),
  explanation: (explanation, where) => {
    addSigned('directory', explanation.get(14), where, authority);
    for (const table of explanation.get(15)) addSigned('permit-table', table, where, authority);
    addSigned('query', explanation.get(17), where);
    addSigned('answer', explanation.get(18), where);
    for (const consent of explanation.get(19)) addSigned('consent', consent.get(1), where);
    for (const receipt of explanation.get(20)) addSigned('receipt', receipt, where);
    addEntries(explanation.get(21), 2, where);
  },
};

// Between the daemon and the issuer: the two messages of each connection, four bytes of length before each.
async function listenBetween() {
  const messages = [];
  renameSync(world.path('issuer.sock'), world.path('issuer-itself.sock'));
  const keep = (stream, rule) => {
    const parts = [];
    stream.on('data', (bytes) => parts.push(bytes));
    stream.on('end', () => messages.push([rule, Buffer.concat(parts).subarray(4)]));
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: world.path('issuer-itself.sock'), allowHalfOpen: true });
    keep(near, 'issue-request');
    keep(far, 'issue-reply');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => { near.destroy(); far.destroy(); });
  });
  await new Promise((resolve) => { server.listen(world.path('issuer.sock'), resolve); });
  return { messages, close: () => server.close() };
}

// Sapporo certifies on an application at Kashiwa.
async function certifyElsewhere(kashiwa) {
  const apply = async () => {
    const evidenceId = await evidenceOf(kashiwa, addressee(1), { purpose: 'PURPOSE_CERTIFICATE' });
    const consentId = await consentOf(kashiwa, addressee(1), evidenceId, { purpose: 'PURPOSE_CERTIFICATE' });
    const applicationId = await applyFor(kashiwa, addressee(1), { evidenceId, consentId, elsewhere: [codeOf('sapporo')] });
    return until(async () => {
      const { parts: [, { state }] } = await kashiwa.Certificates.getApplication({ applicationId });
      return state === 'ELSEWHERE_STATE_ISSUED';
    });
  };
  await world.setPermits((permits) => [...permits, { ...permits[0], id: 'certificate', purpose: 'certificate' }]);
  await until(() => apply().then(() => true, ({ reason }) => {
    assert.equal(reason, 'PERMIT_NOT_IN_FORCE', 'until the daemon has read the table');
    return false;
  }));
}

// What two municipalities do with each other, and one with the issuer: the queries that can be explained.
async function work() {
  const [sapporo, kashiwa] = ['sapporo', 'kashiwa'].map((town) => world.client(`${town}-counter`));
  for (const resident of [hanako, leaving]) {
    await sapporo.Records.registerResident({ resident });
    for (const [doseNumber, administeredOn] of [[1, '2021-07-01'], [2, '2021-07-22']])
      await sapporo.Records.recordVaccination({ resident: addressee(resident.addresseeNumber),
        dose: dose({ doseNumber, administeredOn }) });
  }
  for (const resident of [hanako, unknown]) await kashiwa.Records.registerResident({ resident });
  const ends = async (queryId, state) => {
    assert.equal((await watch(kashiwa, queryId)).at(-1).state, `TRANSFER_STATE_${state}`);
    return queryId;
  };
  const queries = [await ends(await ask(kashiwa, addressee(1)), 'IMPORTED')];
  queries.push(await ends(await ask(kashiwa, addressee(9)), 'NO_RECORD'));
  // By the linkage code, for everything, under a consent that is narrowed and withdrawn.
  const items = ['DOSE', 'LOT', 'VENUE', 'PHYSICIAN', 'TICKET'].map((item) => `DATA_ITEM_${item}`);
  const evidenceId = await evidenceOf(kashiwa, addressee(1));
  const consentId = await consentOf(kashiwa, addressee(1), evidenceId, { items });
  queries.push(await ends((await kashiwa.Exchange.requestTransfer(
    queryFor(addressee(1), evidenceId, consentId, { items }))).queryId, 'IMPORTED'));
  await kashiwa.Exchange.narrowConsent({ consentId, items: items.slice(0, 2) });
  await kashiwa.Exchange.revokeConsent({ consentId });

  const { certificate } = await sapporo.Certificates.issue({ applicationId: await applyFor(sapporo, addressee(1)) });
  for (const asked of [travel, domestic])
    await sapporo.Certificates.issue({ applicationId: await applyFor(sapporo, addressee(1), asked) });
  assert.ok(certificate.uvci);
  await certifyElsewhere(kashiwa);
  const { doses: [first, second] } = await sapporo.Records.getHistory({ resident: addressee(1) });
  await sapporo.Records.correctVaccination({ doseId: first.id, version: first.version,
    dose: dose({ administeredOn: '2021-06-30', lot: 'FA7338' }) });
  await sapporo.Records.markEnteredInError({ doseId: second.id, version: second.version });

  const checked = await evidenceOf(kashiwa, addressee(9));
  const agreed = await consentOf(kashiwa, addressee(9), checked);
  writeFileSync(world.path('movers.csv'), fileOf([[9, codeOf('sapporo'), hex(agreed), hex(checked), 'dose lot']]));
  await world.well('kashiwa-counter', 'bulk', 'submit', 'movers.csv');
  await world.well('sapporo-console', 'retention', 'run', '--addressee', '8', '--order', '令和8年消去第1号');
  // Until both know of everything.
  await until(async () => {
    const { doses } = await kashiwa.Records.getHistory({ resident: addressee(1) });
    const { consent } = await kashiwa.Exchange.getConsent({ consentId });
    return doses.length === 1 && doses[0].lot === 'FA7338' &&
      consent.notices.every(({ state }) => state === 'CONSENT_NOTICE_STATE_DONE');
  });
  return queries;
}

async function explain(queries) {
  const key = ['--authority-key', 'authority/certificate.pem'];
  for (const query of queries)
    for (const [terminal, ...asker] of [['kashiwa-counter'], ['sapporo-console', '--asker', codeOf('kashiwa')]]) {
      const file = `${terminal}-${hex(query)}.cbor`;
      await world.well(terminal, 'explain', hex(query), ...asker, ...key, '--export', file);
      addSigned('explanation', readFileSync(world.path(file)), `exported at ${terminal}`);
    }
}

// 'issuer/journal', as cert-issuer/signer/journal.h has it.
function* journalEntries(file) {
  const bytes = readFileSync(file);
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt16BE(at);
    yield bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length + 32;
  }
}

async function takeFromVault(town) {
  const { objects: kinds } = await world.checkVault(town, [], { objects: true });
  for (const [kind, found] of Object.entries(kinds))
    for (const [, bytes] of found)
      if (kind === 'envelope') add(kind, bytes, `vault of ${town}`);
      else addSigned(kind, bytes, `vault of ${town}`, kind === 'permit-table' ? authority : municipalities);
}

before(async () => {
  world = await World.make({ unattended: true });
  authority = authorityKeys(world.path('authority', 'certificate.pem'));
  municipalities = new Map(world.towns.flatMap((town) => [...signingKeys(world.path('directory.cbor'), codeOf(town))]));
  const between = await listenBetween();
  try {
    await explain(await work());
    for (const town of world.towns)
      for (const { entry } of await collect(world.client(`${town}-console`).Ledger.exportEntries({})))
        add('audit-entry', entry, `ledger of ${town}`, 'audit');
    const { revocations } = await world.client('sapporo-counter').Certificates.getRevocations();
    writeFileSync(world.path('part'), revocations);
    addSigned('revocations', revocations, 'GetRevocations');
    await world.endDaemon();
  } finally {
    between.close();
  }
  world.daemon = null; // has ended
  for (const [rule, bytes] of between.messages) {
    if (!bytes.length) continue; // somebody looked whether the issuer is there
    add(rule, bytes, "issuer's socket");
    const message = decode(bytes);
    if (rule === 'issue-request')
      for (const [field, kind] of [[2, 'application'], [3, 'identity-evidence'], [4, 'dose-statement']])
        addSigned(kind, message.get(field), "issuer's socket");
  }
  for (const town of world.towns) {
    await takeFromVault(town);
    add('keyring', readFileSync(join(world.custodian(town), 'keyring.cbor')), 'keyring.cbor', 'keyring');
  }
  const cards = await makeIssuer('https://cards.sapporo.example');
  writeFileSync(world.path('jwks.json'), JSON.stringify(cards.jwks));
  await world.vrx('pki', 'trust-list', '--authority', 'authority', '--version', '2', '--days', '30', '--csca',
    'csca/certificate.pem', '--signer', 'dsc/certificate.pem', '--shc-issuer', cards.url, '--shc-keys', 'jwks.json', '--out',
    'cards.cbor');
  for (const list of ['trust.cbor', 'cards.cbor'])
    add('trust-list', verifySign1(readFileSync(world.path(list)), names['trust-list'], authority), list, 'trust');
  await world.vrx('pki', 'revocation-list', '--authority', 'authority', '--directory', 'directory.cbor', '--signer',
    'dsc/certificate.pem', '--part', 'part', '--version', '1', '--days', '7', '--out', 'revocations.cbor');
  add('revocation-list', verifySign1(readFileSync(world.path('revocations.cbor')), names['revocation-list'], authority),
    'revocations.cbor', 'revocation');
  for (const entry of journalEntries(world.path('issuer', 'journal'))) add('entry', entry, "issuer's journal", 'journal');
});
after(() => world?.close());

// ---- the reader of the files, by what RFC 8610 says ----

const fits = (text, value) => {
  try {
    new Cddl(text).check('a', encode(value));
    return true;
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    return false;
  }
};
const map = (...pairs) => new Map(pairs);

test('what is read in RFC 8610 is what it says', () => {
  for (const [text, good, bad] of [
    ['a = uint', [0, 24, 2n ** 64n - 1n], [-1, 1.5, '1', null, Buffer.alloc(1)]],
    ['a = 1..5', [1, 5], [0, 6, 1.5, true]],
    ['a = 7 / "x" / null', [7, 'x', null], [8, 'y', false]],
    ['a = bstr .size 3', [Buffer.alloc(3)], [Buffer.alloc(2), Buffer.alloc(4), 'abc']],
    ['a = tstr .size (2..4)', ['ab', 'é', 'abcd'], ['a', 'éab~', Buffer.alloc(3)]],
    ['a = uint .size 2', [0, 65535], [65536]],
    ['a = tstr .regexp "[0-9]{2}"', ['07'], ['7', '007', 'x07']],
    ['a = [2*3 b]\nb = bool ; as before', [[true, false], [true, true, true]], [[true], Array(4).fill(true), [true, 1]]],
    ['a = [* uint]', [[], [1, 2]], [['x'], 1]],
    ['a = [+ tstr]', [['x']], [[]]],
    ['a = [tstr, uint, uint / null]', [['x', 1, null], ['x', 1, 2]], [['x', 1], ['x', null, 1], ['x', 1, 2, 3]]],
    ['a = { 1: uint, ? 2: tstr }', [map([1, 0]), map([1, 0], [2, 'x'])],
      [map(), map([2, 'x']), map([1, 0], [2, 3]), map([1, 0], [3, 'x']), map([1, 0], ['2', 'x']), []]],
    ['a = bstr .cbor b\nb = { 1: uint }', [encode(map([1, 2]))], [encode(map([1, 'x'])), Buffer.of(0xff), Buffer.alloc(0)]],
  ]) {
    for (const value of good) assert.ok(fits(text, value), `${text}: ${value}`);
    for (const value of bad) assert.ok(!fits(text, value), `${text}: not ${value}`);
  }
  assert.throws(() => fits('a = float', 1), SyntaxError);
  assert.throws(() => new Cddl('a = { * uint => tstr }'), SyntaxError);
});

test('what is not deterministic is not read', () => {
  const any = new Cddl('a = { 1: uint, ? 2: uint } / uint / [* uint]');
  for (const good of ['a10100', 'a201000200', '00', '1864', '8101', '1b0000000100000000'])
    any.check('a', Buffer.from(good, 'hex'));
  for (const bad of ['a202000100', 'a201000100', '1800', '190010', '1a00000064', '1b0000000000000001', '9f01ff',
    'bf0100ff', 'f93c00', '0000', ''])
    assert.throws(() => any.check('a', Buffer.from(bad, 'hex')), Mismatch, bad);
});

// ---- the objects ----

test('every object is what the files say', () => {
  for (const { file, rule, bytes, where } of samples) {
    try {
      files[file].check(rule, bytes);
    } catch (error) {
      assert.fail(`${where}: ${error.message}: ${hex(bytes)}`);
    }
  }
});

test('every kind of object was there, and every field', (t) => {
  // One step of a digest, what a card signs (jpki.test.mjs), and of other objects a part: none stands anywhere by itself.
  const parts = new Set(['bulk-row', 'card-challenge', 'dose-item']);
  const unasked = new Set(['query.17']); // leaves sealed, and is not explained
  const counts = {};
  for (const { rule } of samples) counts[rule] = (counts[rule] ?? 0) + 1;
  t.diagnostic(JSON.stringify(counts));
  for (const { name } of objects.rules.get('object').choices) assert.ok(parts.has(name) || counts[name] > 0, name);
  for (const rule of Object.keys(counts).filter((one) => objects.rules.get(one)?.map))
    for (const { key } of objects.rules.get(rule).map)
      assert.ok(unasked.has(`${rule}.${key}`)
        || samples.some(({ rule: kind, bytes }) => kind === rule && decode(bytes).has(key)), `${rule}.${key}`);
  for (const [kind, field, ...values] of [['answer', 4, 3, 4], ['envelope', 1, 1, 2, 3, 4, 5, 6, 7], ['certificate-reply', 4, 1], ['correction-notice', 8, 1, 2]])
    for (const value of values)
      assert.ok(samples.some(({ rule, bytes }) => rule === kind && decode(bytes).get(field) === value), `${kind} ${value}`);
});

// ---- the same in wrong ----

const long = 2300000; // bytes: more than any field may have
const beyond = (value) => {
  if (typeof value === 'string') return 'x'.repeat(long);
  if (value instanceof Uint8Array) return Buffer.alloc(long);
  return typeof value === 'boolean' ? 2 : 2n ** 64n - 1n;
};

// Each [path, value, put back]: the object is wrong there while the loop holds it.
function* wrongs(value, path, put, bounded) {
  const here = function* here(wrong) {
    put(wrong);
    yield path;
    put(value);
  };
  yield* here(1.5);
  if (value instanceof Map) {
    value.set(99, 0);
    yield `${path}.99`;
    value.delete(99);
    for (const [key, item] of value) yield* wrongs(item, `${path}.${key}`, (wrong) => value.set(key, wrong), bounded);
  } else if (Array.isArray(value)) {
    yield* here(new Map());
    for (const [index, item] of value.entries())
      yield* wrongs(item, `${path}[${index}]`, (wrong) => { value[index] = wrong; }, bounded);
  } else {
    yield* here([value]);
    if (bounded) yield* here(beyond(value));
  }
}

test('what is wrong anywhere in it is refused, and there', (t) => {
  const seen = new Set();
  let count = 0;
  for (const { file, rule, bytes } of samples) {
    const value = decode(bytes);
    // One of each kind and shape.
    const shape = `${file} ${rule} ${value instanceof Map ? [...value.keys()] : ''}`;
    if (seen.has(shape)) continue;
    seen.add(shape);
    const cddl = files[file];
    let now = value;
    for (const path of wrongs(value, rule, (wrong) => { now = wrong; }, file === 'objects')) {
      assert.throws(() => cddl.checkValue(rule, now), (error) => {
        assert.ok(error instanceof Mismatch, error.stack);
        // A choice of maps does not say which of them it should have been.
        if (file !== 'journal') assert.equal(error.path.startsWith(path), true, `${error.path} for ${path}`);
        return true;
      }, path);
      count += 1;
    }
    for (const [key, item] of [...value].slice(0, 1)) {
      value.delete(key);
      assert.throws(() => cddl.checkValue(rule, value), Mismatch, `${rule} without ${key}`);
      value.set(key, item);
    }
    cddl.checkValue(rule, value); // it is whole again
  }
  t.diagnostic(`${count} wrong values in ${seen.size} objects`);
});
