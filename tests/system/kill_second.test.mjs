// SPDX-License-Identifier: Apache-2.0
// kill -9 while what two persons agreed to is done: afterwards either it was done and the agreement is used up, or
// neither; never one without the other. Each round has an operator of its own who asks, so that nobody waits for the
// next code. VRX_KILLS is how often (3 here); VRX_SEED repeats a run's moments.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { refused } from './clients.mjs';
import { World } from './harness.mjs';
import { random, seed } from './kills.mjs';
import { register } from './people.mjs';

const rounds = Math.min(Number(process.env.VRX_KILLS ?? 3), 20);
const spanMs = 2; // and the signal takes its time, too; every other round waits for a moment of the loop only

let world;
let pairs; // { asks, agrees } a round

before(async () => {
  world = await World.make();
  const admin = world.client('sapporo-console');
  pairs = [];
  // One of each pair is an administrator: their enrolment is agreed to by the world's second person.
  for (let round = 0; round < rounds; round++)
    pairs.push({ asks: await register(admin, `asks.${round}`, ['ROLE_ADMINISTRATOR']),
      agrees: await register(admin, `agrees.${round}`, ['ROLE_APPROVER']) });
});
after(() => world?.close());

const terminal = () => world.client('sapporo-console', { operator: '', agree: null });
const logIn = async (operator) => ({ session: (await operator.logIn(terminal())).session });

test(`an agreement and what is done by it, killed ${rounds} times (seed ${seed})`, async (t) => {
  const outcomes = { done: 0, undone: 0 };
  let days = 500;
  for (const { asks, agrees } of pairs) {
    const by = await logIn(asks);
    const request = { what: 'RETENTION_CLASS_CONSENT', days: ++days };
    const { action } = await refused(world.client('sapporo-console', { agree: null, operator: asks.id, session: null })
      .Retention.setClass(request, by), 'SECOND_PERSON_NEEDED');
    const id = { action: Buffer.from(action, 'hex') };
    await terminal().Actions.approveAction(id, await logIn(agrees));
    const running = world.client('sapporo-console', { agree: null, operator: asks.id, session: null })
      .Retention.setClass(request, by).then(() => true, () => false);
    await new Promise((resolve) => {
      if (days % 2) setImmediate(resolve);
      else setTimeout(resolve, random() * spanMs);
    });
    await world.endDaemon('SIGKILL');
    const told = await running;
    await world.checkVault('sapporo');
    await world.startDaemon();
    await world.unseal('sapporo');
    const again = await logIn(asks);
    const client = world.client('sapporo-console', { agree: null, operator: asks.id, session: null });
    const { periods } = await client.Retention.getClasses({}, again);
    const done = periods.find(({ what }) => what === request.what).days === days;
    const { state } = (await terminal().Actions.getAction(id, again)).action;
    assert.equal(state, done ? 'ACTION_STATE_USED' : 'ACTION_STATE_APPROVED');
    if (told) assert.ok(done, 'what was told as done is done');
    if (done) await refused(client.Retention.setClass(request, again), 'SECOND_PERSON_NEEDED');
    else await client.Retention.setClass(request, again);
    outcomes[done ? 'done' : 'undone']++;
  }
  t.diagnostic(JSON.stringify(outcomes));
});
