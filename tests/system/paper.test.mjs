// SPDX-License-Identifier: Apache-2.0
// Certificates on paper: issued by real daemons, printed as PDF, drawn again by poppler and read by zbar and jsqr, which
// know nothing of how they were made; then what `vrx verify` says of pictures and documents of each kind: every verdict,
// several codes in one, and what is no picture at all.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import jsqr from 'jsqr';
import png from 'pngjs';
import { claims, makeIssuer, qrText } from './cards.mjs';
import { World } from './harness.mjs';
import { run } from './programs.mjs';
import { addressee, applyFor, travel } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';
import { hanakoSealed, makeSigner, seal } from './vds.mjs';

let world;
let issued; // the text of a certificate
let issuedAt;
let expiresAt;
let card;
let sealed;
let signer;
const csca = ['csca/certificate.pem', 'csca/key.pem'];
const trusting = (list) => ['--trust-list', list, '--authority', 'authority/certificate.pem'];
const put = (name, content) => writeFileSync(world.path(name), content);
const get = (name) => readFileSync(world.path(name));
const vrx = (...args) => run('vrx', args, { cwd: world.folder });
const tool = (program, ...args) => execFileSync(program, args, { cwd: world.folder, maxBuffer: 1 << 26,
  stdio: ['ignore', 'pipe', 'ignore'] });

async function well(...args) {
  const result = await vrx(...args);
  assert.equal(result.code, 0, `${args.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

before(async () => {
  world = await World.make({ public: true });
  const counter = world.client('sapporo-counter');
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  const application = (await applyFor(counter, addressee(1))).toString('hex');

  // What is printed is verified: asked for before the application is used.
  const without = await world.at('sapporo-counter', 'certificate', 'issue', '--application', application, '--pdf', 'paper.pdf');
  assert.equal(without.code, 2, without.stderr);
  assert.match(without.stderr, /--trust-list and --authority/);
  assert.equal(existsSync(world.path('paper.pdf')), false);

  const said = JSON.parse(await world.well('sapporo-counter', 'certificate', 'issue', '--application', application, '--out',
    'issued.txt', '--png', 'issued.png', '--svg', 'issued.svg', '--pdf', 'paper.pdf', ...trusting('trust.cbor'), '--json'));
  issued = said.text;
  [issuedAt, expiresAt] = [said.issued_at, said.expires_at];

  const cards = await makeIssuer('https://cards.sapporo.example/shc');
  put('cards.json', JSON.stringify(cards.jwks));
  await well('pki', 'trust-list', '--authority', 'authority', '--version', '2', '--days', '30', '--csca', csca[0],
    '--signer', 'dsc/certificate.pem', '--shc-issuer', cards.url, '--shc-keys', 'cards.json', '--out', 'all.cbor');
  card = qrText(await cards.sign(claims(cards.url, { family: '札幌', given: ['花子'], birthDate: '1985-04-01' },
    [{ date: '2021-06-13', lot: 'EP2163', performer: '札幌市' }, { date: '2021-07-05', lot: 'ER7449', performer: '札幌市' }])));
  signer = makeSigner(world.folder, 'signer', csca);
  sealed = seal(hanakoSealed, signer);
  put('card.txt', card);
  put('seal.txt', sealed);
});

after(() => world?.close());

// ---- reading back ----

const zbar = (file) => tool('zbarimg', '-q', '--raw', '-Sdisable', '-Sqrcode.enable', file).toString().trim().split('\n');

// Every code of a page by jsqr, which finds one, and none for sure among the corners of several: codes stand in the left
// half, with more white above and below than lines of text have.
function jsqrAll(file) {
  const page = png.PNG.sync.read(get(file));
  const half = Math.floor(page.width * 0.575);
  const dark = (y) => {
    for (let x = 0; x < half; x += 1) if (page.data[(y * page.width + x) * 4] < 128) return true;
    return false;
  };
  const bands = [];
  for (let y = 0; y < page.height; y += 1) {
    if (!dark(y)) continue;
    if (bands.length && y - bands.at(-1)[1] < 30) bands.at(-1)[1] = y;
    else bands.push([y, y]);
  }
  return bands.flatMap(([top, bottom]) => {
    const part = new png.PNG({ width: half, height: bottom - top + 41 });
    part.data.fill(255);
    png.PNG.bitblt(page, part, 0, top, half, bottom - top + 1, 0, 20);
    const code = jsqr(new Uint8ClampedArray(part.data), part.width, part.height);
    return code?.data ? [code.data] : [];
  });
}

// The pages of a PDF file at 150 dpi, as an office's scanner has them: their names.
function pages(file, name, kind = 'png') {
  tool('pdftoppm', '-r', '150', `-${kind}`, file, name);
  const count = Number(/Pages: +(\d+)/.exec(tool('pdfinfo', file))[1]);
  return Array.from({ length: count }, (_, at) => `${name}-${at + 1}.${kind === 'png' ? 'png' : 'jpg'}`);
}

test('a certificate that daemons issued is printed, and read back from the page by zbar and jsqr', () => {
  assert.equal(statSync(world.path('paper.pdf')).mode & 0o777, 0o600);
  assert.equal(statSync(world.path('issued.svg')).mode & 0o777, 0o600);
  assert.match(get('issued.svg').toString(), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="[\d.]+mm"/);
  const [page, ...more] = pages('paper.pdf', 'page');
  assert.deepEqual(more, []);
  assert.deepEqual(zbar(page), [issued]);
  assert.deepEqual(jsqrAll(page), [issued]);
});

test('the page says what the certificate says, in both languages', () => {
  const said = tool('pdftotext', '-raw', 'paper.pdf', '-').toString().replace(/\s/g, '');
  for (const text of ['予防接種証明書', 'CertificateofVaccination', 'SAPPORO', 'HANAKO', '生年月日', 'Dateofbirth', '1985-04-01',
    '2/2', 'コミナティ筋注Comirnaty', 'ファイザーPfizer', 'COVID-19', '日本Japan', 'Sapporo', '公印', 'Officialseal',
    /URN:UVCI:01:JP:[A-Z0-9/]+#[A-Z0-9/:]/, '有効期限Validuntil', '1/1'])
    assert.ok(typeof text === 'string' ? said.includes(text) : text.test(said), `${text} in ${said}`);
  assert.doesNotMatch(said, /札幌花子/, 'an EU certificate has no name in kanji');
  const fonts = tool('pdffonts', 'paper.pdf').toString().trim().split('\n').slice(2);
  assert.ok(fonts.length > 0 && fonts.every((font) => /IPAexGothic .* yes yes yes /.test(font)), fonts.join('\n'));
  assert.doesNotMatch(tool('pdfinfo', 'paper.pdf').toString(), /SAPPORO|HANAKO/);
});

test('it is printed again from its text, its picture and its own paper: the same bytes', async () => {
  for (const file of ['issued.txt', 'issued.png', 'paper.pdf']) {
    await well('paper', file, ...trusting('trust.cbor'), '--out', 'again.pdf');
    assert.deepEqual(get('again.pdf'), get('paper.pdf'), file);
  }
});

test('three formats of one person go on one paper, with all doses, and are read back', async () => {
  await well('paper', 'issued.txt', 'card.txt', 'seal.txt', ...trusting('all.cbor'), '--out', 'all.pdf');
  const names = pages('all.pdf', 'all');
  const all = [issued, card, sealed].sort();
  assert.deepEqual(names.flatMap(zbar).sort(), all);
  assert.deepEqual(names.flatMap(jsqrAll).sort(), all);
  const said = tool('pdftotext', '-raw', 'all.pdf', '-').toString().replace(/\s/g, '');
  for (const text of ['札幌', '花子', 'TR1234567', '旅券番号', 'Passportnumber', '女Female', 'EP2163', 'ER7449', '札幌市',
    'JP0009990038', 'https://cards.sapporo.example/shc', `1/${names.length}`])
    assert.ok(said.includes(text), `${text} in ${said}`);
  const { code, stdout } = await verify('all.pdf', 'all.cbor');
  assert.equal(code, 0);
  assert.deepEqual(stdout.map(({ format }) => format).sort(), ['HCERT', 'SHC', 'VDS_NC']);
});

test('what daemons issue for travel goes on one paper by itself: every dose once, every code', async () => {
  const application = (await applyFor(world.client('sapporo-counter'), addressee(1), travel)).toString('hex');
  await world.well('sapporo-counter', 'certificate', 'issue', '--application', application, '--out', 'abroad.txt', '--pdf',
    'abroad.pdf', ...trusting('trust.cbor'));
  const texts = ['hcert', 'shc', 'vds-nc'].map((format) => get(`abroad-${format}.txt`).toString()).sort();
  const names = pages('abroad.pdf', 'abroad');
  assert.deepEqual(names.flatMap(zbar).sort(), texts);
  assert.deepEqual(names.flatMap(jsqrAll).sort(), texts);
  const said = tool('pdftotext', '-raw', 'abroad.pdf', '-').toString().replace(/\s/g, '');
  assert.equal(said.split('ファイザーPfizer').length - 1, 2, said);
  assert.ok(said.includes('TR1234567'), said);
});

test('what does not verify, or is of another person, is not printed', async () => {
  put('damaged.txt', damaged());
  const other = structuredClone(hanakoSealed);
  other.msg.pid.dob = '1985-04-02';
  put('other.txt', seal(other, signer));
  for (const [files, code] of [[['damaged.txt'], 15], [['issued.txt', 'damaged.txt'], 15], [['issued.txt', 'other.txt'], 1]]) {
    const result = await vrx('paper', ...files, ...trusting('all.cbor'), '--out', 'refused.pdf');
    assert.equal(result.code, code, result.stderr);
    assert.equal(existsSync(world.path('refused.pdf')), false);
  }
});

test('a name that the font cannot write is refused', async () => {
  const strange = structuredClone(hanakoSealed);
  strange.msg.pid.n = 'علي';
  put('strange.txt', seal(strange, signer));
  const result = await vrx('paper', 'strange.txt', ...trusting('all.cbor'), '--out', 'refused.pdf');
  assert.equal(result.code, 1);
  assert.match(result.stderr, /INPUT_TEXT: face\.h: the font has no such character/);
});

// ---- verdicts ----

// `vrx verify` of a file: { code, stdout }, stdout as objects, one a code.
async function verify(file, list = 'trust.cbor', ...more) {
  const { code, stdout, stderr } = await vrx('verify', file, ...trusting(list), '--json', ...more);
  assert.equal(stderr, '');
  return { code, stdout: stdout.trim().split('\n').map(JSON.parse) };
}

function damaged() {
  const at = 100;
  return issued.slice(0, at) + (issued[at] === 'A' ? 'B' : 'A') + issued.slice(at + 1);
}

// Pictures beside each other on white.
function beside(files) {
  const all = files.map((file) => png.PNG.sync.read(get(file)));
  const whole = new png.PNG({ width: all.reduce((sum, { width }) => sum + width, 0),
    height: Math.max(...all.map(({ height }) => height)) });
  whole.data.fill(255);
  let x = 0;
  for (const one of all) {
    png.PNG.bitblt(one, whole, 0, 0, one.width, one.height, x, 0);
    x += one.width;
  }
  return whole;
}

// A picture as NAME.png, NAME.pdf (of one page, drawn by hand) and NAME.jpg and NAME-cmyk.jpg (drawn by poppler).
function everyKind(picture, name) {
  const { width, height, data } = picture;
  put(`${name}.png`, png.PNG.sync.write(picture));
  const grey = Buffer.alloc(width * height);
  for (let at = 0; at < grey.length; at += 1) grey[at] = data[at * 4];
  const [w, h] = [width, height].map((pixels) => Math.round((pixels / 2) * 72 / 150)); // two a pixel at 300 dpi
  const content = `${w} 0 0 ${h} 0 0 cm /P Do`;
  put(`${name}.pdf`, Buffer.concat([Buffer.from(`%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[5 0 R]/Count 1>>endobj
3 0 obj<</Length ${content.length}>>stream
${content}
endstream endobj
5 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${w} ${h}]/Contents 3 0 R/Resources<</XObject<</P 4 0 R>>>>>>endobj
4 0 obj<</Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceGray/BitsPerComponent 8/Length ${grey.length}>>stream
`), grey, Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')]));
  tool('pdftoppm', '-r', '200', '-singlefile', '-jpeg', `${name}.pdf`, name);
  tool('pdftoppm', '-r', '200', '-singlefile', '-jpegcmyk', `${name}.pdf`, `${name}-cmyk`);
  return [`${name}.png`, `${name}.pdf`, `${name}.jpg`, `${name}-cmyk.jpg`];
}

async function pictureOf(text, name) {
  put(`${name}.txt`, text);
  await well('qr', `${name}.txt`, '--png', `${name}.png`);
  return everyKind(png.PNG.sync.read(get(`${name}.png`)), name);
}

test('each verdict has its exit status, from files of each kind', async () => {
  const later = (time, seconds) => new Date(Date.parse(time) + seconds * 1000).toISOString().replace(/\.\d+/, '');
  const wrong = makeSigner(world.folder, 'wrong', csca, { usage: 'serverAuth' });
  await well('authority', 'init', '--out', 'nobody');
  await well('pki', 'dsc', '--csca', 'csca', '--name', 'another signer', '--out', 'another');
  await well('pki', 'trust-list', '--authority', 'authority', '--version', '3', '--days', '30', '--csca', csca[0],
    '--signer', 'another/certificate.pem', '--out', 'stranger.cbor');
  await well('pki', 'trust-list', '--authority', 'authority', '--version', '4', '--days', '500', '--csca', csca[0],
    '--signer', 'dsc/certificate.pem', '--out', 'long.cbor');
  const good = await pictureOf(issued, 'good');
  for (const [files, verdict, code, list, ...more] of [
    [good, 'VALID', 0, 'trust.cbor'],
    [good, 'EXPIRED', 12, 'long.cbor', '--at', later(expiresAt, 1)],
    [good, 'NOT_YET_VALID', 13, 'long.cbor', '--at', later(issuedAt, -1)],
    [good, 'ISSUER_UNKNOWN', 14, 'stranger.cbor'],
    [await pictureOf(damaged(), 'damaged'), 'DAMAGED', 15, 'trust.cbor'],
    [await pictureOf('HELLO', 'hello'), 'NOT_A_CERTIFICATE', 16, 'trust.cbor'],
    [await pictureOf(seal(hanakoSealed, wrong), 'usage'), 'WRONG_KEY_USAGE', 17, 'trust.cbor'],
  ])
    for (const file of files) {
      const said = await verify(file, list, ...more);
      assert.deepEqual([said.code, said.stdout.map((one) => one.verdict)], [code, [verdict]],
        `${file}: ${JSON.stringify(said.stdout)}`);
    }
});

test('the paper of an office, as a PDF file, a scan and a photograph', async () => {
  for (const file of ['paper.pdf', ...pages('paper.pdf', 'scan', 'jpeg'), ...pages('paper.pdf', 'ink', 'jpegcmyk')]) {
    const said = await verify(file);
    assert.deepEqual([said.code, said.stdout[0].verdict], [0, 'VALID'], file);
  }
});

test('of several codes the worst decides; what is no certificate only where there is nothing else', async () => {
  for (const [names, code, count] of [[['good', 'damaged'], 15, 2], [['hello', 'damaged', 'good'], 15, 3],
    [['good', 'good'], 0, 1], [['hello', 'good'], 0, 2], [['good', 'hello'], 0, 2]])
    for (const file of everyKind(beside(names.map((name) => `${name}.png`)), 'several').slice(0, count > 2 ? 4 : 1)) {
      const said = await verify(file);
      assert.deepEqual([said.code, said.stdout.length], [code, count], `${names} in ${file}`);
    }
  const { stdout } = await vrx('verify', 'several.png', ...trusting('trust.cbor'));
  assert.equal(stdout.match(/^VALID: /gm).length, 1);
  everyKind(beside(['good.png', 'damaged.png']), 'several');
  const both = await vrx('verify', 'several.png', ...trusting('trust.cbor'));
  assert.match(both.stdout, /^VALID: /m);
  assert.match(both.stdout, /^DAMAGED: /m);
});

test('a service is asked about each code', async () => {
  everyKind(beside(['good.png', 'damaged.png']), 'several');
  const ask = (file) => vrx('verify', 'online', file, '--server', `localhost:${world.publicPort}`, '--ca',
    'ca/certificate.pem', '--json');
  assert.equal((await ask('paper.pdf')).code, 0);
  const both = await ask('several.jpg');
  assert.equal(both.code, 15, both.stderr);
  assert.equal(both.stdout.trim().split('\n').length, 2);
  assert.equal((await ask('garbage.txt')).code, 3, 'no such file');
});

test('what is no picture, or a picture of nothing, is no certificate', async () => {
  const blank = new png.PNG({ width: 200, height: 200 });
  blank.data.fill(255);
  for (const file of everyKind(blank, 'blank')) {
    const said = await verify(file);
    assert.deepEqual([said.code, said.stdout[0].verdict], [16, 'NOT_A_CERTIFICATE'], file);
    assert.match(said.stdout[0].clause, /ISO\/IEC 18004 §12: no QR code/);
  }
  const begins = { png: '\x89PNG\r\n\x1a\n', jpg: '\xff\xd8\xff\xe0', pdf: '%PDF-1.7\n' };
  const clauses = { png: /ISO\/IEC 15948/, jpg: /ISO\/IEC 10918-1/, pdf: /ISO 32000-1/ };
  for (const [kind, bytes] of Object.entries(begins)) {
    put(`garbage.${kind}`, Buffer.concat([Buffer.from(bytes, 'latin1'), Buffer.alloc(5000, 'not a picture ')]));
    put(`cut.${kind}`, get(`good.${kind}`).subarray(0, 300));
    for (const file of [`garbage.${kind}`, `cut.${kind}`]) {
      const said = await verify(file);
      assert.deepEqual([said.code, said.stdout[0].verdict], [16, 'NOT_A_CERTIFICATE'], file);
      assert.match(said.stdout[0].clause, clauses[kind]);
    }
  }
});
