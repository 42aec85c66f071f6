// SPDX-License-Identifier: Apache-2.0
// `vrx verify` on VDS-NC, ICAO's seal for vaccinations: seals that are made without VRX (vds.mjs), drawn as QR codes and
// read back by jsqr; each verdict with its exit status; Australia's published ones by the country's real authority. What
// a service says of them is in verification.test.mjs.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import jsqr from 'jsqr';
import png from 'pngjs';
import { run, runWell, shared } from './programs.mjs';
import { hanakoSealed, makeAuthority, makeSigner, openssl, seal } from './vds.mjs';

let folder;
let signer;
const vector = (name) => join(shared('VRX_VECTORS', 'vectors'), 'vds-nc', name);
const csca = ['csca/certificate.pem', 'csca/key.pem'];
const vrx = (...args) => runWell('vrx', args, { cwd: folder });
const put = (name, content) => writeFileSync(join(folder, name), content);
const changed = (change) => { const data = structuredClone(hanakoSealed); change(data); return data; };

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vrx-vds-'));
  await vrx('pki', 'csca', '--name', 'VRX test CSCA', '--out', 'csca');
  await vrx('pki', 'dsc', '--csca', 'csca', '--name', 'VRX test signer', '--out', 'dsc');
  await vrx('authority', 'init', '--out', 'authority');
  makeAuthority(folder, 'other', 'JP');
  await signTrust('trust.cbor');
  signer = makeSigner(folder, 'signer', csca);
});
after(() => rmSync(folder, { recursive: true }));

const signTrust = (out, ...more) => vrx('pki', 'trust-list', '--authority', 'authority', '--version', '1', '--days', '500',
  '--csca', 'csca/certificate.pem', ...more, '--signer', 'dsc/certificate.pem', '--out', out);

const verify = (file, ...more) => run('vrx', ['verify', file, '--trust-list', 'trust.cbor', '--authority',
  'authority/certificate.pem', ...more], { cwd: folder });
async function verdictOf(text, ...more) {
  put('shown.txt', text);
  const { code, stdout, stderr } = await verify('shown.txt', '--json', ...more);
  assert.equal(stderr, '');
  return { code, ...JSON.parse(stdout) };
}
async function expect(text, verdict, code, clause, ...more) {
  const shown = await verdictOf(text, ...more);
  assert.deepEqual([shown.verdict, shown.code], [verdict, code], shown.clause);
  assert.match(shown.clause ?? '', clause);
  return shown;
}

test('a genuine seal is valid, and says what it says', async () => {
  const shown = await expect(seal(hanakoSealed, signer), 'VALID', 0, /^$/);
  assert.equal(shown.format, 'VDS_NC');
  assert.deepEqual([shown.surname, shown.given, shown.birth_date, shown.sex, shown.document, shown.country,
    shown.identifier], ['SAPPORO', 'HANAKO', '1985-04-01', 'F', 'TR1234567', 'JPN', 'JP0009990038']);
  assert.deepEqual(shown.doses, [
    { dose: 1, date: '2021-06-13', code: 'XM68M6', product: 'Comirnaty', disease: 'RA01.0', lot: 'EP2163', country: 'JPN',
      performer: 'Sapporo City' },
    { dose: 2, date: '2021-07-05', code: 'XM68M6', product: 'Comirnaty', disease: 'RA01.0', lot: 'ER7449', country: 'JPN',
      performer: 'Sapporo City' }]);
  assert.equal(shown.revocation, 'UNKNOWN');
  const days = (Date.parse(shown.expires) - Date.now()) / 86400e3;
  assert.ok(days > 363 && days < 366, shown.expires);
});

test('people read it in both languages', async () => {
  put('shown.txt', seal(hanakoSealed, signer));
  const { stdout } = await verify('shown.txt');
  assert.match(stdout, /^VALID: the certificate is genuine and valid \/ 真正かつ有効な証明書です\n/);
  for (const line of [/ surname +SAPPORO +\(姓\)/, / travel document +TR1234567 +\(旅券番号\)/, / sex +F +\(性別\)/,
    / dose +2, 2021-07-05 Comirnaty, lot ER7449, Sapporo City, JPN +\(接種\)/, /revocation unknown/])
    assert.match(stdout, line);
});

test('it is drawn as a QR code and read back', async () => {
  const text = seal(hanakoSealed, signer);
  put('shown.txt', text);
  await vrx('qr', 'shown.txt', '--png', 'shown.png');
  const { data, width, height } = png.PNG.sync.read(readFileSync(join(folder, 'shown.png')));
  assert.equal(jsqr(new Uint8ClampedArray(data), width, height).data, text);
  const { code, stdout } = await verify('shown.png', '--json');
  assert.equal(code, 0, stdout);
  assert.equal(JSON.parse(stdout).surname, 'SAPPORO');
  assert.match((await vrx('qr', 'shown.txt')).stdout, /▄/);
});

test('ES384 and ES512 as well; indented, too', async () => {
  for (const curve of ['P-384', 'P-521']) {
    const other = makeSigner(folder, curve, csca, { curve });
    await expect(seal(hanakoSealed, other, '\t'), 'VALID', 0, /^$/);
    const text = seal(hanakoSealed, other);
    await expect(text.replace(/"ES\d+"/, '"ES256"'), 'DAMAGED', 15, /^RFC 9053 §2/);
  }
});

// Numbers from a formula, so that what fails fails again.
function* sequence() {
  for (let state = 20211010; ; state = (state * 1103515245 + 12345) % 2147483648) yield state >>> 8;
}

test('another RFC 8785 agrees on keys, escapes and numbers of any kind', async () => {
  const next = sequence();
  const pick = (count) => next.next().value % count;
  const characters = [...'az09 /\\"\'\b\f\n\r\t', '\u0001', '\u001f', '\u007f', '\u0080', 'é', '€', '札', '\ud7ff', '\ue000',
    '\ufb33', '\uffff', '😀', '\u{10ffff}', '\u2028'];
  const text = () => Array.from({ length: pick(6) }, () => characters[pick(characters.length)]).join('');
  const number = () => [0, -0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, pick(1e6)][pick(7)];
  const value = (depth) => [text, number, () => null, () => true, () => false,
    () => (depth ? Array.from({ length: pick(4) }, () => value(depth - 1)) : []),
    () => (depth ? Object.fromEntries(Array.from({ length: pick(6) }, () => [text(), value(depth - 1)])) : {})][pick(7)]();
  for (let i = 0; i < 30; i++) {
    const more = value(4);
    const sealed = seal(changed((data) => { data.opt = more; }), signer, pick(2));
    assert.equal((await verdictOf(sealed)).verdict, sealed.length > 4096 ? 'NOT_A_CERTIFICATE' : 'VALID', JSON.stringify(more));
  }
});

test('each verdict has its exit status and its clause', async () => {
  const text = seal(hanakoSealed, signer);
  const at = (days) => ['--at', new Date(Date.now() + days * 86400e3).toISOString().replace(/\.\d+/, '')];
  const stranger = makeSigner(folder, 'stranger', ['other.pem', 'other.key']);
  const dcc = { key: readFileSync(join(folder, 'dsc', 'key.pem')), hash: 256,
    der: openssl(folder, 'x509', '-in', 'dsc/certificate.pem', '-outform', 'DER') };
  const forTests = makeSigner(folder, 'tests', csca, { type: 'NT' });
  const serving = makeSigner(folder, 'serving', csca, { usage: 'serverAuth' });
  const abroad = makeSigner(folder, 'abroad', csca, { country: 'AU' });
  const australian = changed((data) => { data.hdr.is = 'AUS'; });
  for (const [shown, verdict, code, clause, ...more] of [
    [text, 'EXPIRED', 12, /^RFC 5280 §4\.1\.2\.5/, ...at(366)],
    [text, 'NOT_YET_VALID', 13, /^RFC 5280 §4\.1\.2\.5/, ...at(-1)],
    [seal(hanakoSealed, stranger), 'ISSUER_UNKNOWN', 14, /^RFC 5280 §6\.1\.3/],
    [text.replace('HANAKO', 'HANAKA'), 'DAMAGED', 15, /^RFC 9053 §2\.1/],
    [text.replace('"seq":1', '"seq":1,"seq":1'), 'DAMAGED', 15, /^RFC 8259 §4/],
    [text.replace('"seq":1', '"seq":1.5'), 'DAMAGED', 15, /^RFC 8785 §3\.2\.2\.3/],
    [text.replace('"seq":1', `"seq":${'9'.repeat(1000)}`), 'DAMAGED', 15, /^RFC 8259 §6/],
    [text.replace('"seq":1', `"seq":${'['.repeat(1000)}`), 'DAMAGED', 15, /nesting/],
    [text.slice(0, -1), 'DAMAGED', 15, /^RFC 8259 §2/],
    [seal(changed((data) => { delete data.msg.pid; }), signer), 'DAMAGED', 15, /^VDS-NC 1\.1/],
    [text.replace('"v":1', '"v":2'), 'NOT_A_CERTIFICATE', 16, /hdr\.v/],
    [text.replaceAll('icao.vacc', 'icao.test'), 'NOT_A_CERTIFICATE', 16, /a certificate begins/],
    [`${' '.repeat(4096)}${text}`, 'NOT_A_CERTIFICATE', 16, /^limits\.h/],
    ['{}', 'NOT_A_CERTIFICATE', 16, /a certificate begins/],
    [seal(hanakoSealed, dcc), 'WRONG_KEY_USAGE', 17, /2\.23\.136\.1\.1\.14\.2$/],
    [seal(hanakoSealed, serving), 'WRONG_KEY_USAGE', 17, /2\.23\.136\.1\.1\.14\.2$/],
    [seal(hanakoSealed, forTests), 'WRONG_KEY_USAGE', 17, /document type NV/],
    [seal(hanakoSealed, abroad), 'WRONG_KEY_USAGE', 17, /not of the issuing country/],
    [seal(australian, signer), 'WRONG_KEY_USAGE', 17, /not of the issuing country/],
    [seal(australian, abroad), 'WRONG_KEY_USAGE', 17, /authority is not of its country/]])
    await expect(shown, verdict, code, clause, ...more);
});

test('Australia\'s published seals', { skip: !existsSync(vector('')) && 'no vectors' }, async () => {
  openssl(folder, 'x509', '-inform', 'DER', '-in', vector('app-cscaCertData.der'), '-out', 'australia.pem');
  const seals = { valid: readFileSync(vector('app-validVDSJson.json')), changed: readFileSync(vector('app-invalidVDSJson.json')) };
  await expect(seals.valid, 'ISSUER_UNKNOWN', 14, /^RFC 5280/);
  await signTrust('trust.cbor', '--csca', 'australia.pem');
  const shown = await expect(seals.valid, 'VALID', 0, /^$/);
  assert.deepEqual([shown.surname, shown.given, shown.country, shown.doses.length], ['CITIZEN', 'JANE CATHERINE', 'AUS', 2]);
  await expect(seals.changed, 'DAMAGED', 15, /^RFC 9053/);
  await expect(seal(hanakoSealed, signer), 'VALID', 0, /^$/);
});
