// SPDX-License-Identifier: Apache-2.0
// What each kind of certificate is made of, by software that is not VRX's: HCERT by cose-kit, @auth0/cose and the EU's
// JSON schema under ajv; the SMART Health Card by jose with the keys that its issuer publishes, its FHIR bundle by two
// validators; VDS-NC by Node's cryptography over RFC 8785 as canonicalize has it. Three doses, two vaccines. Then the
// QR codes, read by jsqr and zbar, and what an issuer without the keys says.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate, createHash, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import canonicalize from 'canonicalize';
import { calculateJwkThumbprint } from 'jose';
import jsqr from 'jsqr';
import png from 'pngjs';
import { jwsOf, open as openCard } from './cards.mjs';
import { refused } from './clients.mjs';
import { cardIssuer, World } from './harness.mjs';
import { dccOf, open as openHcert } from './hcert.mjs';
import { run, shared } from './programs.mjs';
import { addressee, applyFor, domestic, dose, evidenceOf, hanako, travel } from './steps.mjs';
import { importTown, makeTown } from './town.mjs';

const require = createRequire(import.meta.url);

let world;
let counter;
let abroad; // a certificate for travel
let doses;

const read = (...path) => readFileSync(world.path(...path));
const certificateOf = (...path) => new X509Certificate(read(...path));
const issue = async (applicationId) => (await counter.Certificates.issue({ applicationId })).certificate;
const issueFor = async (values) => issue(await applyFor(counter, addressee(1), values));
const partOf = (certificate, format) =>
  certificate.parts.find((part) => part.format === `CERTIFICATE_FORMAT_${format}`).text;

before(async () => {
  world = await World.make({ unattended: true });
  counter = world.client('sapporo-counter');
  await importTown(world.client('sapporo-system'), await makeTown(world.path('town'), { residents: 100 }));
  await counter.Records.recordVaccination({ resident: addressee(1),
    dose: dose({ doseNumber: 3, administeredOn: '2022-02-15', product: 2, lot: '3005236' }) });
  ({ doses } = await counter.Records.getHistory({ resident: addressee(1) }));
  assert.equal(doses.length, 3);
  abroad = await issueFor(travel);
});

after(() => world?.close());

test('travel: three formats, one identifier, one record', async () => {
  assert.deepEqual(abroad.parts.map(({ format }) => format), ['CERTIFICATE_FORMAT_HCERT',
    'CERTIFICATE_FORMAT_SMART_HEALTH_CARD', 'CERTIFICATE_FORMAT_VDS_NC']);
  assert.equal(abroad.kind, 'CERTIFICATE_KIND_TRAVEL');
  assert.equal(abroad.text, abroad.parts[0].text);
  const { certificates } = await counter.Certificates.listCertificates({ resident: addressee(1) });
  assert.deepEqual(certificates, [{ ...abroad, text: '', parts: [] }]);
});

test('its HCERT: two COSE libraries and the EU schema', async () => {
  const text = partOf(abroad, 'HCERT');
  const { publicKey } = certificateOf('dsc', 'certificate.pem');
  const { parts, message } = openHcert(text);
  assert.equal(await new (require('cose-kit').Sign1)(...parts).verify(publicKey), true);
  const auth0 = require('@auth0/cose').Sign1; // takes the tag from cose-kit, so it comes after it
  await auth0.decode(message).verify(publicKey);
  const spoilt = Buffer.from(message);
  spoilt[spoilt.length - 1] ^= 1;
  await assert.rejects(async () => auth0.decode(spoilt).verify(publicKey));
  const { nam, dob, v: [entry] } = dccOf(text);
  assert.deepEqual(nam, { fn: 'SAPPORO', fnt: 'SAPPORO', gn: 'HANAKO', gnt: 'HANAKO' });
  assert.deepEqual([dob, entry.ci, entry.dn, entry.dt, entry.mp],
    [hanako.birthDate, abroad.uvci, 3, '2022-02-15', 'EU/1/20/1507']);
});

const schema = join(shared('VRX_VECTORS', 'vectors'), 'eu-dcc', 'DCC.combined-schema.json');
test('and the EU schema accepts it', { skip: !existsSync(schema) && 'no vectors' }, () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(readFileSync(schema, 'utf8')));
  assert.equal(validate(dccOf(partOf(abroad, 'HCERT'))), true, JSON.stringify(validate.errors));
});

// What the issuer of the cards publishes under its address.
async function jwks() {
  const jwk = certificateOf('shc', 'certificate.pem').publicKey.export({ format: 'jwk' });
  return { keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'ES256' }] };
}
const ridOf = (uvci) => createHash('sha256').update(uvci).digest().subarray(0, 16).toString('base64url');

// The claims of a card of this certificate; what all cards have is looked at.
async function cardOf(certificate) {
  const published = await jwks();
  const { protectedHeader, claims } = await openCard(jwsOf(partOf(certificate, 'SMART_HEALTH_CARD')), published);
  assert.deepEqual(protectedHeader, { zip: 'DEF', alg: 'ES256', kid: published.keys[0].kid });
  const { vc, ...times } = claims;
  assert.deepEqual(times, { iss: cardIssuer, nbf: certificate.issuedAt, exp: certificate.expiresAt });
  assert.deepEqual(vc.type, ['health-card', 'immunization', 'covid19'].map((type) => `https://smarthealth.cards#${type}`));
  assert.equal(vc.rid, ridOf(certificate.uvci));
  assert.equal(vc.credentialSubject.fhirVersion, '4.0.1');
  return vc.credentialSubject.fhirBundle;
}

// The names of all members, at any depth.
const members = (value) => (Array.isArray(value) ? value.flatMap(members)
  : value && typeof value === 'object' ? Object.entries(value).flatMap(([key, inner]) => [key, ...members(inner)]) : []);

test('its SMART Health Card: jose with the published keys, and FHIR', async () => {
  const bundle = await cardOf(abroad);
  const [patient, ...immunizations] = bundle.entry;
  assert.deepEqual([bundle.type, patient], ['collection', { fullUrl: 'resource:0', resource: { resourceType: 'Patient',
    name: [{ family: 'SAPPORO', given: ['HANAKO'] }], birthDate: hanako.birthDate } }]);
  assert.deepEqual(immunizations, doses.map(({ administeredOn, product, lot }, at) => ({ fullUrl: `resource:${at + 1}`,
    resource: { resourceType: 'Immunization', status: 'completed',
      vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: Number(product) === 1 ? '208' : '207' }] },
      patient: { reference: 'resource:0' }, occurrenceDateTime: administeredOn, lotNumber: lot,
      performer: [{ actor: { display: 'Sapporo' } }] } })));
  assert.deepEqual(members(bundle).filter((name) => ['id', 'meta', 'text'].includes(name)), []);
  const { Fhir } = require('fhir');
  const Schema = require('@asymmetrik/fhir-json-schema-validator');
  assert.deepEqual(new Schema().validate(bundle, true), []);
  assert.deepEqual(new Fhir().validate(bundle, { errorOnUnexpected: true }).messages
    .filter(({ severity }) => severity === 'error' || severity === 'fatal'), []);
  const other = certificateOf('dsc', 'certificate.pem').publicKey.export({ format: 'jwk' });
  await assert.rejects(openCard(jwsOf(partOf(abroad, 'SMART_HEALTH_CARD')), { keys: [{ ...(await jwks()).keys[0], ...other }] }));
});

test('its VDS-NC: chain, signature over RFC 8785, and ICAO\'s fields', () => {
  const text = partOf(abroad, 'VDS_NC');
  const { data, sig } = JSON.parse(text);
  const signer = new X509Certificate(Buffer.from(sig.cer, 'base64url'));
  const authority = certificateOf('csca', 'certificate.pem');
  assert.equal(signer.verify(authority.publicKey), true);
  assert.deepEqual(signer.keyUsage, ['2.23.136.1.1.14.2']);
  assert.ok(text.includes(canonicalize(data)), 'it stands there as it was signed');
  for (const value of [sig.cer, sig.sigvl]) assert.match(value, /^[A-Za-z0-9_-]+={0,2}$/);
  assert.equal(sig.cer.length % 4, 0);
  const good = (content) => verify('sha256', Buffer.from(canonicalize(content)),
    { key: signer.publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(sig.sigvl, 'base64url'));
  assert.equal(sig.alg, 'ES256');
  assert.equal(good(data), true);
  assert.equal(good({ ...data, hdr: { ...data.hdr, is: 'UTO' } }), false);
  assert.deepEqual(data.hdr, { t: 'icao.vacc', v: 1, is: 'JPN' });
  const { uvci, pid, ve } = data.msg;
  assert.match(uvci, /^[A-Z2-7]{12}$/);
  assert.deepEqual(pid, { n: 'SAPPORO  HANAKO', dob: hanako.birthDate, i: 'TR1234567' });
  assert.deepEqual(ve.map(({ des, dis, nam }) => ({ des, dis, nam })), [
    { des: 'XM0GQ8', dis: 'RA01.0', nam: 'Comirnaty' }, { des: 'XM0GQ8', dis: 'RA01.0', nam: 'Spikevax' }]);
  assert.deepEqual(ve.flatMap(({ vd }) => vd), doses.map(({ administeredOn, doseNumber, lot }) =>
    ({ dvc: administeredOn, seq: doseNumber, ctr: 'JPN', adm: 'Sapporo', lot })));
});

test('domestic: one card, the name as in the register, the municipality in Japanese', async () => {
  const certificate = await issueFor(domestic);
  assert.deepEqual([certificate.kind, certificate.text, certificate.parts.length], ['CERTIFICATE_KIND_DOMESTIC', '', 1]);
  const [{ resource: patient }, ...immunizations] = (await cardOf(certificate)).entry;
  assert.deepEqual(patient.name, [{ family: '札幌', given: ['花子'] }]);
  assert.deepEqual(immunizations.map(({ resource }) => [resource.occurrenceDateTime, resource.performer[0].actor.display]),
    doses.map(({ administeredOn }) => [administeredOn, '札幌市']));
});

// The QR codes of `vrx certificate issue`, by two readers and by `vrx verify`.
async function readBack(name, longest) {
  const text = read(`${name}.txt`).toString();
  const { data, width, height } = png.PNG.sync.read(read(`${name}.png`));
  const code = jsqr(new Uint8ClampedArray(data), width, height);
  assert.equal(code?.data, text);
  assert.ok(code.version <= longest, `${name}: version ${code.version}`);
  const seen = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', `${name}.png`],
    { cwd: world.folder, encoding: 'utf8' });
  assert.equal(seen.trim(), text);
  for (const file of [`${name}.png`, `${name}.txt`]) {
    const verdict = await run('vrx', ['verify', file, '--trust-list', 'trust.cbor', '--authority',
      'authority/certificate.pem', '--json'], { cwd: world.folder });
    assert.equal(verdict.code, 0, verdict.stdout + verdict.stderr);
    assert.equal(JSON.parse(verdict.stdout).verdict, 'VALID');
  }
}

test('`vrx certificate`: a QR code for each format, read by jsqr, zbar and `vrx verify`', async () => {
  const evidence = async () => (await evidenceOf(counter, addressee(1), { purpose: 'PURPOSE_CERTIFICATE' })).toString('hex');
  const apply = async (...more) => (await world.well('sapporo-counter', 'certificate', 'apply', '--addressee', '1',
    '--evidence', await evidence(), ...more)).match(/[0-9a-f]{32}/)[0];
  const travelling = await apply('--kind', 'travel', '--surname', 'SAPPORO', '--given-name', 'HANAKO',
    '--passport-number', 'TR1234567', '--nationality', 'JPN');
  const stdout = await world.well('sapporo-counter', 'certificate', 'issue', '--application', travelling, '--out',
    'abroad.txt', '--png', 'abroad.png');
  for (const label of ['HCERT', 'SMART Health Card', 'VDS-NC', 'URN:UVCI:01:JP:']) assert.ok(stdout.includes(label), label);
  await readBack('abroad-hcert', 40);
  await readBack('abroad-shc', 22);
  await readBack('abroad-vds-nc', 35);
  const athome = await apply('--kind', 'domestic');
  await world.well('sapporo-counter', 'certificate', 'issue', '--application', athome, '--out', 'home.txt', '--png', 'home.png');
  await readBack('home', 22);
});

test('what a kind needs, and what it has no place for', async () => {
  for (const [values, reason] of [
    [{ ...travel, passportNumber: '' }, 'INPUT_FIELD_MISSING'],
    [{ ...travel, nationality: '' }, 'INPUT_FIELD_MISSING'],
    [{ ...travel, passportNumber: 'tr1234567' }, 'INPUT_MALFORMED'],
    [{ ...travel, passportNumber: 'TR12345678' }, 'INPUT_TOO_LARGE'],
    [{ ...travel, nationality: 'JP' }, 'INPUT_MALFORMED'],
    [{ ...domestic, passportSurname: 'SAPPORO' }, 'INPUT_FIELD_UNKNOWN'],
    [{ passportNumber: 'TR1234567' }, 'INPUT_FIELD_UNKNOWN'],
    [{ kind: 'CERTIFICATE_KIND_UNSPECIFIED' }, 'INPUT_RANGE'],
    [{ kind: 4 }, 'INPUT_RANGE'],
  ])
    await refused(applyFor(counter, addressee(1), values), reason);
});

test('an issuer without a key for a format: KIND_NOT_ISSUED, and the application is good when there is one', async () => {
  const [applicationId, plain] = [await applyFor(counter, addressee(1), travel), await applyFor(counter, addressee(1))];
  await world.issuer.end();
  world.options.formats = [];
  await world.startIssuer();
  await refused(issue(applicationId), 'KIND_NOT_ISSUED');
  assert.equal((await issue(plain)).parts.length, 1);
  await world.issuer.end();
  delete world.options.formats;
  await world.startIssuer();
  assert.equal((await issue(applicationId)).parts.length, 3);
});

test('an issuer with half of what a format needs, or with what no verifier takes, does not start', async () => {
  const refusedWith = async (more, code, said) => {
    const ended = await run('vrx-issuer', ['--socket', 'other.sock', '--state', 'issuer', '--directory', 'directory.cbor',
      '--authority-key', 'authority/certificate.pem', '--certificate', 'dsc/certificate.pem', '--key', 'dsc/key.pem',
      ...more], { cwd: world.folder });
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, said);
  };
  const card = (url) => ['--shc-issuer', url, '--shc-key', 'shc/key.pem'];
  const seal = (name) => ['--vds-certificate', `${name}/certificate.pem`, '--vds-key', `${name}/key.pem`];
  await refusedWith(['--shc-issuer', cardIssuer], 2, /--shc-key is missing/);
  await refusedWith(['--shc-key', 'shc/key.pem'], 2, /--shc-issuer is missing/);
  await refusedWith(seal('vds'), 2, /--vds-csca is missing/);
  await refusedWith(card('http://cards.example'), 1, /shc\/key\.pem: .*SMART Health Cards 1\.4: iss/);
  await refusedWith([...seal('dsc'), '--vds-csca', 'csca/certificate.pem'], 1, /dsc\/certificate\.pem: .*RFC 5280 §4\.2\.1\.12/);
  await refusedWith([...seal('vds'), '--vds-csca', 'ca/certificate.pem'], 1, /vds\/certificate\.pem: .*RFC 5280/);
});
