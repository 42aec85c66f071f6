// SPDX-License-Identifier: Apache-2.0
// Every method of every service in proto/vrx/v1 is called once by a terminal that may and once by one that may not, and
// both stand in the municipality's ledger with how they ended; so does what the daemon does by itself. A method that is
// not in the table fails the test: say here who may call it, and what leaves no entry and why.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { collect } from './clients.mjs';
import { World, until } from './harness.mjs';
import { addressee, dose, hanako } from './steps.mjs';

// [who may, who may not, request]. Most requests are refused for what they lack; that must stand there too.
const O = ['console', 'counter'];
const C = ['counter', 'console'];
const table = {
  Records: {
    registerResident: ['counter', 'kiosk', { resident: hanako }],
    updateResident: ['counter', 'kiosk', { resident: addressee(1) }], // INPUT_FIELD_MISSING
    getHistory: ['counter', 'kiosk', { resident: addressee(1) }],
    recordVaccination: [...C, { resident: addressee(1), dose: dose() }],
    correctVaccination: ['counter', 'system'],
    markEnteredInError: ['counter', 'system'],
    setProtection: [...O, { resident: addressee(1) }],
    importResidents: ['system', 'counter', [{ rows: [], end: { rows: 0 } }]],
    importVaccinations: ['system', 'counter', [{ rows: [] }]], // INPUT_TRUNCATED
    importDoses: ['system', 'counter', [{ rows: [], end: { rows: 0 } }]],
    export: O,
    coverage: ['counter', 'kiosk'],
  },
  Exchange: {
    recordIdentityEvidence: C,
    grantConsent: C,
    getConsent: ['counter', 'system'],
    narrowConsent: C,
    revokeConsent: C,
    requestTransfer: C,
    getTransfer: ['counter', 'system'],
    watchTransfer: ['counter', 'system'],
    explainTransfer: ['counter', 'system'],
  },
  Peer: {
    deliver: [null, 'counter'], // for another daemon's messages, each with an entry: deliver.test.mjs
  },
  Approvals: {
    listApprovals: ['counter', 'kiosk'],
    getApproval: ['counter', 'kiosk'],
    approveAnswer: ['console', 'system'],
    refuseAnswer: ['console', 'system'],
    watchApprovals: [null, 'system'], // does not end by itself: approval.test.mjs
  },
  Bulk: {
    submitBulk: ['counter', 'system', [{ rows: [], end: { rows: 0 } }]], // INPUT_FIELD_MISSING
    startBulk: ['counter', 'system'],
    stopBulk: ['counter', 'system'],
    listBulks: ['counter', 'system'],
    watchBulk: ['counter', 'system'],
    getBulkResults: ['counter', 'system'],
  },
  Reviews: {
    listReviews: ['counter', 'kiosk'],
    getReview: ['counter', 'kiosk'],
    decide: ['console', 'system'],
  },
  Kiosk: { // CARDS_NOT_TAKEN: no anchors are configured here
    challengeCard: ['kiosk', 'console', { resident: addressee(1), purpose: 'PURPOSE_CERTIFICATE' }],
    answerChallenge: ['kiosk', 'console'],
    linkCard: C,
    listCards: ['counter', 'kiosk', { resident: addressee(1) }],
    endCard: ['counter', 'kiosk'],
    getKioskSettings: ['kiosk', 'system'],
    setKioskSettings: O, // INPUT_FIELD_MISSING
  },
  Certificates: {
    apply: C,
    getApplication: C,
    issue: C,
    preview: ['kiosk', 'console', { resident: addressee(1) }], // EVIDENCE_MISSING
    listWork: ['counter', 'kiosk'],
    checkWork: ['counter', 'kiosk', { resident: addressee(1) }],
    listCertificates: ['counter', 'kiosk'],
    revoke: ['counter', 'kiosk'],
    getRevocations: ['counter', 'kiosk'],
  },
  Ledger: {
    getCheckpoint: O,
    proveInclusion: [...O, { index: 0, size: 0 }],
    proveConsistency: [...O, { first: 1, second: 0 }],
    exportEntries: O,
  },
  Retention: {
    getClasses: O,
    setClass: [...O, { what: 'RETENTION_CLASS_CONSENT', days: 400 }],
    planErasure: [...O, { subject: { what: 'RETENTION_CLASS_CONSENT' } }],
    erase: [...O, { subject: { what: 'RETENTION_CLASS_CONSENT' } }],
    getSchedule: O,
    setSchedule: [...O, { schedule: { on: false, fromMinute: 1, untilMinute: 2 } }],
    listErasures: O,
  },
  Alerts: {
    listAlerts: O,
    acknowledgeAlert: [...O, { id: 99 }],
    getOfficeHours: O,
    setOfficeHours: O, // INPUT_FIELD_MISSING
    watchAlerts: [null, 'counter'], // does not end by itself: limits.test.mjs
  },
  Backups: {
    takeBackup: O,
    listBackups: O,
    inspectBackup: O,
    restoreBackup: O,
    discardReplaced: O,
  },
  Operators: { // without a session: refused for that
    logIn: ['counter', 'kiosk', { operatorId: 'nobody', pin: '493817', code: '000000' }],
    logOut: ['counter', 'kiosk'],
    changePin: ['counter', 'kiosk'],
    registerOperator: [...O, { operatorId: 'nobody', roles: ['ROLE_AUDITOR'] }], // ROLE_MISSING: the first one
    listOperators: O,
    changeRoles: O,
    suspendOperator: O,
    reinstateOperator: O,
    resetOperator: O,
  },
  Actions: { // without a session: refused for that
    listActions: ['counter', 'kiosk'],
    getAction: ['counter', 'kiosk'],
    approveAction: ['console', 'system'],
    refuseAction: ['console', 'system'],
    withdrawAction: ['console', 'system'],
  },
  Tenancy: {
    beginUnseal: O, // open already: refused
    unseal: O,
    beginReplaceKeyring: O,
    replaceKeyring: O,
    rotateSigningKey: O,
    rotateDataKey: O,
    checkVault: O,
    registerTerminal: O,
    suspendTerminal: O,
    reinstateTerminal: O,
    replaceTerminal: O,
    listTerminals: O,
    createTenant: [null, 'console'], // the platform's; its entry comes with the first unseal: below
    retireTenant: [null, 'console'], // the platform's; beside the vault that leaves: retire.test.mjs
    status: [null, null], // what is open and what is sealed, asked every two seconds by who keeps vaults open
    seal: O, // last
  },
  Law: { // public, and the same for every municipality
    getDirectory: [null, null],
    getPermitTable: [null, null],
  },
  Verification: { // for anyone: about no municipality's records, and nothing of it is kept
    verify: [null, null],
    getTrustList: [null, null],
    getRevocationList: [null, null],
  },
};

let world;

before(async () => { world = await World.make(); });
after(() => world?.close());

const path = (service, method) => `/vrx.v1.${service}/${method[0].toUpperCase()}${method.slice(1)}`;
const entries = async () => (await world.well('sapporo-console', 'audit', 'entries', '--json')).trim().split('\n')
  .map((line) => JSON.parse(line));
const openAgain = () => world.unseal('sapporo');

// How a call ended, as its entry must say.
async function outcomeOf(kind, service, method, request) {
  const reply = world.client(kind === 'platform' ? kind : `sapporo-${kind}`)[service][method](request);
  const whole = Symbol.asyncIterator in reply ? collect(reply) : reply;
  return whole.then(() => 'OK', ({ reason, message }) => reason || message);
}

test('the table names every method', () => {
  const client = world.client('sapporo-console');
  const all = Object.entries(client).filter(([, service]) => typeof service === 'object')
    .flatMap(([service, methods]) => Object.keys(methods).map((method) => path(service, method))).sort();
  const named = Object.entries(table)
    .flatMap(([service, methods]) => Object.keys(methods).map((method) => path(service, method))).sort();
  assert.deepEqual(named, all);
});

test('each call has its entry, allowed or denied', async (t) => {
  const expected = [];
  for (const [service, methods] of Object.entries(table)) {
    for (const [method, [may, mayNot, request]] of Object.entries(methods)) {
      if (mayNot) {
        const outcome = await outcomeOf(mayNot, service, method, request);
        assert.equal(outcome, 'TERMINAL_KIND', `${service}.${method} by ${mayNot}`);
        expected.push({ method: path(service, method), outcome });
      }
      if (may) {
        const outcome = await outcomeOf(may, service, method, request);
        assert.notEqual(outcome, 'TERMINAL_KIND', `${service}.${method} by ${may}`);
        expected.push({ method: path(service, method), outcome });
      }
    }
  }
  await openAgain();
  const found = await entries();
  const missing = expected.filter(({ method, outcome }) =>
    !found.some((entry) => entry.method === method && entry.outcome === outcome));
  assert.deepEqual(missing, []);
  t.diagnostic(`${expected.length} calls, ${expected.filter(({ outcome }) => outcome === 'OK').length} of them OK`);
  assert.ok(found.some(({ method, outcome }) => method.endsWith('/Unseal') && outcome === 'OK'));
  const created = found.filter(({ method, outcome }) => method === '/vrx.v1.Tenancy/CreateTenant' && outcome === 'OK');
  assert.equal(created.length, 1);
  assert.equal(created[0].operator, 'system.test');
});

test('a sealed municipality\'s refusals stand in the log', async () => {
  await world.seal('sapporo');
  const outcome = await outcomeOf('counter', 'Records', 'getHistory', { resident: addressee(1) });
  assert.equal(outcome, 'TENANT_SEALED');
  await world.daemon.says(/"call":"\/vrx\.v1\.Records\/GetHistory".*"outcome":"TENANT_SEALED"/); // written by a thread of its own
  await openAgain();
});

test('what the daemon does by itself has entries of its own', async () => {
  process.kill(world.daemon.pid, 'SIGUSR1');
  await until(async () => (await world.client('platform').Tenancy.status()).tenants.every(({ sealed }) => sealed));
  await openAgain();
  await world.endDaemon(); // SIGTERM
  await world.startDaemon();
  await openAgain();
  const found = (await entries()).filter(({ terminal, method }) => terminal === 'vrxd' &&
    method === '/vrx.v1.Tenancy/Seal').map(({ basis }) => basis);
  assert.deepEqual(found, ['sealed by signal', 'sealed at the daemon\'s end']);
});

