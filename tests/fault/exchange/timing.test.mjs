// SPDX-License-Identifier: Apache-2.0
// What a municipality can tell, over the wire between two daemons, of a person whom it asks for: queries that Kashiwa's
// own daemon has made are taken on their way and handed to Sapporo's one by one, with the certificate of Kashiwa's daemon,
// in a random order: about people who are not there, who are protected, and who are protected and refused by an officer;
// each when it comes, when it is repeated and when its time has come. All replies are of one length and in one order of
// states. Their times are compared pair by pair by Welch's t, which must stay below 4.5; that it would tell is shown on
// people who are there and answered: there t must be above. test_timing.c looks closer, without the wire.
//
// VRX_FAULT_COUNT persons (24); from 1,000 on the times are judged, below they are only printed. VRX_FAULT_SEED repeats an
// order. A tenth of the times, the longest of all, is left out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { grpc, v1 } from '../../system/clients.mjs';
import { Daemons } from '../../system/daemons.mjs';
import { until } from '../../system/harness.mjs';
import { addressee, ask, dose, hanako, numberOf } from '../../system/steps.mjs';

const count = Number(process.env.VRX_FAULT_COUNT ?? 24);
const judged = count >= 1000;
const bound = 4.5;
const closesAfter = 5 + Math.ceil(count / 25); // seconds: all are asked before the first one's time has come
const sorts = ['unknown', 'protected', 'refused', 'answered'];
const moments = ['when it comes', 'repeated', 'when its time has come'];

let seed = Number(process.env.VRX_FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`# VRX_FAULT_SEED=${seed} VRX_FAULT_COUNT=${count}`);
function random() { // mulberry32, in [0, 1)
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const shuffle = (list) => list.map((item) => [random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);

let daemons;
let north; // keeps Sapporo
let south; // Kashiwa
let peer; // Sapporo's daemon, as Kashiwa's own calls it
const people = []; // { number, sort, envelope, approval, times, replies }

// Takes what Kashiwa's daemon sends to Sapporo's, and says nothing: envelopes, as they come.
async function catcher() {
  const envelopes = [];
  const server = new grpc.Server();
  server.addService(v1.Peer.service, { deliver: (call, reply) => {
    envelopes.push(...call.request.envelopes);
    reply({ code: grpc.status.UNAVAILABLE, details: 'caught' });
  } });
  const file = (name) => readFileSync(north.path('server-north', name));
  const port = await new Promise((resolve, reject) => server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createSsl(
    readFileSync(north.path('ca', 'certificate.pem')), [{ cert_chain: file('certificate.pem'), private_key: file('key.pem') }],
    false), (error, bound_) => (error ? reject(error) : resolve(bound_))));
  return { envelopes, port, close: () => server.forceShutdown() };
}

// The query's id: field 4 of the envelope, a map of integers (proto/objects/envelope.h).
const idOf = (envelope) => envelope.subarray(envelope.indexOf(Buffer.from([0x04, 0x50])) + 2).subarray(0, 16).toString('hex');

function deliver(envelope) {
  const begun = process.hrtime.bigint();
  return new Promise((resolve, reject) => peer.deliver({ fromMunicipality: '122173', toMunicipality: '011002',
    envelopes: [envelope] }, (error, response) => {
    const taken = Number(process.hrtime.bigint() - begun) / 1e3;
    if (error) return reject(error);
    assert.equal(response.replies.length, 1);
    assert.equal(response.replies[0].reason, '', response.replies[0].clause);
    return resolve({ taken, length: response.replies[0].envelope.length });
  }));
}

before(async () => {
  daemons = await Daemons.make({ north: ['sapporo'], south: ['kashiwa'] },
    { unattended: true, pendingSeconds: closesAfter });
  [north, south] = ['north', 'south'].map((name) => daemons.world(name));
  const caught = await catcher();
  daemons.detour('north', { host: '127.0.0.1', port: caught.port });
  const [here, there] = [north.client('sapporo-counter'), south.client('kashiwa-counter')];
  const console_ = north.client('sapporo-console');
  for (let i = 0; i < count; i++) {
    const sort = sorts[i % 10 === 9 ? 3 : i % 3];
    const number = 1000 + i;
    const resident = { ...hanako, addresseeNumber: String(number), individualNumber: numberOf(60000000000 + i) };
    await there.Records.registerResident({ resident });
    if (sort !== 'unknown') {
      await here.Records.registerResident({ resident });
      await here.Records.recordVaccination({ resident: addressee(number), dose: dose() });
    }
    if (sort === 'protected' || sort === 'refused')
      await console_.Records.setProtection({ resident: addressee(number), noAutomaticAnswer: true });
    people.push({ number, sort, id: (await ask(there, addressee(number))).toString('hex'), times: [], replies: [] });
  }
  await until(() => new Set(caught.envelopes.map(idOf)).size === count);
  for (const envelope of caught.envelopes)
    people.find(({ id }) => id === idOf(envelope)).envelope = Buffer.from(envelope);
  daemons.relay('north').be('refuse'); // Kashiwa's own daemon asks no more
  caught.close();
  const file = (folder, name) => readFileSync(south.path(folder, name));
  peer = new v1.Peer(`${north.host}:${north.port}`, grpc.credentials.createSsl(file('ca', 'certificate.pem'),
    file('daemon-south', 'key.pem'), file('daemon-south', 'certificate.pem')),
  { 'grpc.ssl_target_name_override': 'localhost' });
});
after(async () => {
  peer?.close();
  await daemons?.close();
});

async function handOver(moment) {
  for (const person of shuffle(people)) {
    const { taken, length } = await deliver(person.envelope);
    person.times[moment] = taken;
    person.replies[moment] = length;
  }
}

function statistics(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: variance / values.length, n: values.length };
}

// Welch's t of two sorts at a moment, said.
function compare(t, moment, first, second) {
  const all = people.map(({ times }) => times[moment]).sort((a, b) => a - b);
  const cut = all[all.length - 1 - Math.floor(all.length / 10)];
  const [a, b] = [first, second].map((name) => statistics(
    people.filter(({ sort, times }) => sort === name && times[moment] <= cut).map(({ times }) => times[moment])));
  const error = Math.sqrt(a.error + b.error);
  const welch = (a.mean - b.mean) / error;
  t.diagnostic(`${moments[moment]}: ${first} ${a.mean.toFixed(0)} us (${a.n}), ${second} ${b.mean.toFixed(0)} us (${b.n}): ` +
    `t ${welch.toFixed(2)}; seen from ${(bound * error).toFixed(0)} us on`);
  return Math.abs(welch);
}

test('replies about who is not there, protected or refused are of one length', async () => {
  const { Approvals } = north.client('sapporo-console', { operator: 'officer' });
  await handOver(0);
  const { approvals } = await Approvals.listApprovals();
  assert.equal(approvals.length, Math.min(500, people.filter(({ sort }) => sort === 'protected' || sort === 'refused').length));
  const numbers = new Map(people.map((person) => [String(person.number), person]));
  const late = new Set(people.filter(({ sort }) => sort === 'refused'));
  for (const { approval } of approvals) {
    const { resident } = await Approvals.getApproval({ approval });
    if (late.delete(numbers.get(resident.addresseeNumber)))
      await Approvals.refuseAnswer({ approval, reason: 'order 14' });
  }
  for (const person of late) person.sort = 'protected'; // beyond what is listed at once
  await handOver(1);
  await new Promise((resolve) => { setTimeout(resolve, (closesAfter + 1) * 1000); });
  await handOver(2);
  const lengths = new Set(people.filter(({ sort }) => sort !== 'answered').flatMap(({ replies }) => replies));
  assert.equal(lengths.size, 1, [...lengths].join());
  for (const { replies } of people.filter(({ sort }) => sort === 'answered'))
    assert.ok(replies[0] !== [...lengths][0], 'who is answered is told apart by the length');
});

test('and take as long', (t) => {
  for (const moment of moments.keys())
    for (const [first, second] of [['unknown', 'protected'], ['unknown', 'refused'], ['protected', 'refused']]) {
      const welch = compare(t, moment, first, second);
      if (judged) assert.ok(welch < bound, `${moments[moment]}, ${first} / ${second}: t ${welch}`);
    }
});

test('who is answered is told apart by the time', (t) => {
  const welch = compare(t, 0, 'unknown', 'answered');
  if (judged) assert.ok(welch > bound, `t ${welch}: the comparison above shows nothing`);
});
