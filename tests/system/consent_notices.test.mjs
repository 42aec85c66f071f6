// SPDX-License-Identifier: Apache-2.0
// What becomes of a consent while others rest on it: narrowed, revoked, told to the municipality that was asked, which
// lets nothing leave any more; and the law, which changes at its instants while the daemon runs: a permit without consent
// is switched on for some seconds and off again, signed directories and tables are fetched by whoever wants them.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World, until } from './harness.mjs';
import { start } from './programs.mjs';
import { addressee, consentOf, dose, evidenceOf, hanako, queryFor, taro, watch } from './steps.mjs';

const IMPORTED = 'TRANSFER_STATE_IMPORTED';
const PENDING = 'TRANSFER_STATE_PENDING';
const DENIED = 'TRANSFER_STATE_DENIED';
const none = Buffer.alloc(0);

let world;
let kashiwa; // who asks
let sapporo; // who is asked

before(async () => {
  world = await World.make({ pendingSeconds: 3600, public: true });
  kashiwa = world.client('kashiwa-counter');
  sapporo = world.client('sapporo-console');
  for (const resident of [hanako, taro]) {
    await sapporo.Records.registerResident({ resident });
    await world.client('sapporo-counter').Records.recordVaccination(
      { resident: addressee(resident.addresseeNumber), dose: dose() });
    await kashiwa.Records.registerResident({ resident });
  }
  await sapporo.Records.setProtection({ resident: addressee(2), noAutomaticAnswer: true });
});
after(() => world?.close());

const vrx = async (terminal, ...args) => JSON.parse(await world.well(terminal, ...args, '--json'));
const hex = (bytes) => bytes.toString('hex');
const entries = async (town) => (await world.well(`${town}-console`, 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const stateOf = async (queryId) => (await kashiwa.Exchange.getTransfer({ queryId })).transfer;

// Somebody consents and is asked for: { consentId, evidenceId, queryId }.
async function ask(number) {
  const evidenceId = await evidenceOf(kashiwa, addressee(number));
  const consentId = await consentOf(kashiwa, addressee(number), evidenceId);
  const { queryId } = await kashiwa.Exchange.requestTransfer(queryFor(addressee(number), evidenceId, consentId));
  return { consentId, evidenceId, queryId };
}

// Told, and acknowledged by a receipt.
const told = (consentId) => until(async () => {
  const { consent } = await kashiwa.Exchange.getConsent({ consentId });
  return consent.notices.length === 1 && consent.notices[0].state === 'CONSENT_NOTICE_STATE_DONE' && consent;
});

test('a consent that is revoked while officers look ends the transfer at both ends', async () => {
  const { consentId, evidenceId, queryId } = await ask(2);
  await until(async () => (await stateOf(queryId)).state === PENDING);
  assert.equal((await vrx('sapporo-console', 'approval', 'list')).length, 1);
  const before = (await kashiwa.Exchange.getConsent({ consentId })).consent;
  assert.equal(before.state, 'CONSENT_STATE_GRANTED');
  assert.equal(before.changedAt, 0);
  assert.deepEqual(before.notices, []);

  await world.well('kashiwa-counter', 'consent', 'revoke', '--consent', hex(consentId));
  const last = (await watch(kashiwa, queryId)).at(-1);
  assert.deepEqual([last.state, last.reason, last.clause], [DENIED, 'CONSENT_REVOKED', 'consent.status']);
  const consent = await told(consentId);
  assert.equal(consent.state, 'CONSENT_STATE_WITHDRAWN');
  assert.equal(consent.notices[0].municipality, '011002');
  assert.deepEqual(await vrx('sapporo-console', 'approval', 'list'), [], 'there is nothing to look at any more');
  await refused(kashiwa.Exchange.requestTransfer(queryFor(addressee(2), evidenceId, consentId)), 'CONSENT_REVOKED');

  const there = await entries('sapporo');
  const stopped = there.filter(({ method }) => method === 'exchange/end').at(-1);
  assert.equal(stopped.outcome, 'CONSENT_REVOKED');
  assert.ok(there.some(({ method, outcome }) => method === 'exchange/consent-notice' && outcome === 'OK'));
  const shown = await vrx('kashiwa-counter', 'consent', 'show', '--consent', hex(consentId));
  assert.equal(shown.state, 'WITHDRAWN');
  assert.equal(shown.notices[0].state, 'DONE');
});

test('doses that came before stay, and say that the consent behind them was revoked', async () => {
  const { consentId, queryId } = await ask(1);
  assert.equal((await watch(kashiwa, queryId)).at(-1).state, IMPORTED);
  const history = async () => (await kashiwa.Records.getHistory({ resident: addressee(1) })).doses;
  assert.deepEqual((await history()).map(({ provenance }) => provenance.consentRevokedAt), [0]);
  const before = Math.floor(Date.now() / 1000);
  await kashiwa.Exchange.revokeConsent({ consentId });
  const [{ provenance: { consentRevokedAt } }] = await history();
  assert.ok(consentRevokedAt >= before && consentRevokedAt <= Date.now() / 1000);
  assert.match(await world.well('kashiwa-counter', 'history', '--addressee', '1'), /consent revoked \/ 同意撤回済み/);
  assert.equal((await stateOf(queryId)).state, IMPORTED);
  await told(consentId);
});

test('a narrowed consent is narrower at both ends, and never wider again', async () => {
  const { consentId, evidenceId, queryId } = await ask(2);
  await until(async () => (await stateOf(queryId)).state === PENDING);
  const consent = hex(consentId);
  const wider = await world.at('kashiwa-counter', 'consent', 'narrow', '--consent', consent, '--until', '2099-12-31');
  assert.match(wider.stderr, /CONSENT_SCOPE/);
  await world.well('kashiwa-counter', 'consent', 'narrow', '--consent', consent, '--item', 'dose');
  const last = (await watch(kashiwa, queryId)).at(-1);
  assert.deepEqual([last.state, last.reason, last.clause], [DENIED, 'CONSENT_SCOPE', 'consent.items']);
  assert.deepEqual((await told(consentId)).items, ['DATA_ITEM_DOSE']);
  await refused(kashiwa.Exchange.narrowConsent({ consentId, items: ['DATA_ITEM_DOSE', 'DATA_ITEM_LOT'] }), 'CONSENT_SCOPE');
  const query = (items) => kashiwa.Exchange.requestTransfer(queryFor(addressee(2), evidenceId, consentId, { items }));
  await refused(query(['DATA_ITEM_DOSE', 'DATA_ITEM_LOT']), 'CONSENT_SCOPE');
  const again = await query(['DATA_ITEM_DOSE']);
  await until(async () => (await stateOf(again.queryId)).state === PENDING);
});

const instant = (seconds) => new Date(Math.floor(Date.now() / 1000 + seconds) * 1000).toISOString().replace('.000', '');
const without = 'mover-without-consent';

test('the permit without consent is in force from its instant to its instant, while the daemon runs', async () => {
  const request = () => kashiwa.Exchange.requestTransfer(queryFor(addressee(1), none, none));
  await refused(request(), 'CONSENT_MISSING');
  const times = [instant(2), instant(6)];
  copyFileSync(world.path('permits.cbor'), world.path('permits-before.cbor'));
  await world.vrx('authority', 'permits', '--authority', 'authority', '--amend', 'permits-before.cbor', '--days', '30',
    '--begin', `${without}=${times[0]}`, '--end', `${without}=${times[1]}`, '--out', 'permits.cbor');
  const { queryId } = await until(async () => {
    const reply = await request().catch(({ reason }) => assert.equal(reason, 'CONSENT_MISSING'));
    if (!reply) assert.ok(Date.now() < Date.parse(times[1]), 'not before it is over');
    return reply;
  });
  assert.ok(Date.now() >= Date.parse(times[0]));
  assert.equal((await watch(kashiwa, queryId)).at(-1).state, IMPORTED);
  await until(() => request().then(() => false, ({ reason }) => reason === 'CONSENT_MISSING'));
  assert.ok(Date.now() >= Date.parse(times[1]));

  const basis = `${without}; without consent`;
  for (const [town, methods] of [['kashiwa', ['/vrx.v1.Exchange/RequestTransfer', 'exchange/answer']],
    ['sapporo', ['exchange/query', 'exchange/receipt']]]) {
    const noted = await until(async () => {
      const of = (await entries(town)).filter((entry) => entry.basis === basis && entry.outcome === 'OK');
      return methods.every((method) => of.some((entry) => entry.method === method)) && of;
    });
    assert.ok(noted.length >= methods.length, town);
  }
});

test('anyone may have the signed law, and believes its signature only', async () => {
  const law = world.anyone().Law;
  const { directory, version, expiresAt } = await law.getDirectory({});
  assert.deepEqual(directory, readFileSync(world.path('directory.cbor')));
  assert.equal((await law.getDirectory({ knownVersion: version })).directory.length, 0);
  assert.ok(expiresAt > Date.now() / 1000);
  const table = await law.getPermitTable({});
  assert.deepEqual(table.permitTable, readFileSync(world.path('permits.cbor')));

  mkdirSync(world.path('elsewhere'));
  const fetch = (authority = 'authority') => world.vrx('authority', 'fetch', '--server', `localhost:${world.publicPort}`, '--ca',
    'ca/certificate.pem', '--authority', `${authority}/certificate.pem`, '--directory', 'elsewhere/directory.cbor',
    '--permits', 'elsewhere/permits.cbor', '--json');
  await assert.rejects(fetch('ca'), /KEY_UNKNOWN/);
  assert.deepEqual(JSON.parse(await fetch()),
    { directory: { version, taken: true }, permits: { version: table.version, taken: true } });
  assert.deepEqual(readFileSync(world.path('elsewhere', 'permits.cbor')), table.permitTable);
  assert.equal(JSON.parse(await fetch()).permits.taken, false);
});

test('a daemon takes the law from another one, and nothing older', async () => {
  const path = (...names) => world.path('elsewhere', ...names);
  copyFileSync(world.path('permits-before.cbor'), path('permits.cbor'));
  mkdirSync(path('state'), { mode: 0o700 });
  const other = start('vrxd', ['--state', path('state'), '--listen', '127.0.0.1:0', '--certificate', 'server/certificate.pem',
    '--key', 'server/key.pem', '--client-ca', 'ca/certificate.pem', '--authority', 'authority/certificate.pem', '--directory',
    path('directory.cbor'), '--permits', path('permits.cbor'), '--issuer', 'issuer.sock', '--law-source',
    `localhost:${world.publicPort}`, '--law-fetch-seconds', '1'], { cwd: world.folder });
  try {
    await other.says(/"event":"law fetched"/);
    assert.deepEqual(readFileSync(path('permits.cbor')), readFileSync(world.path('permits.cbor')));
    // It goes ahead of its source by hand, and stays there.
    await world.vrx('authority', 'permits', '--authority', 'authority', '--amend', 'permits.cbor', '--days', '30',
      '--out', 'ahead.cbor');
    writeFileSync(path('permits.cbor'), readFileSync(world.path('ahead.cbor')));
    await other.says(/"event":"law not fetched"[^\n]*DIRECTORY_STALE/);
    assert.deepEqual(readFileSync(path('permits.cbor')), readFileSync(world.path('ahead.cbor')));
  } finally {
    assert.deepEqual(await other.end(), { code: 0, signal: null }, other.output());
  }
});
