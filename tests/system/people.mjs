// SPDX-License-Identifier: Apache-2.0
// Who works at the terminals: operators, enrolled through the service as a municipality enrols its own, each with
// the telephone that shows their codes (RFC 6238, computed here a second time). A code opens one session, and the
// daemon takes the present one, the one before and the one after: three log-ins without waiting, then one in 30
// seconds. A place's next operator is enrolled before the last code of the present one is used up, so that no test
// waits for the clock.
import assert from 'node:assert/strict';
import { createHmac, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from './clients.mjs';

export const allRoles = ['REGISTRAR', 'MOVERS_DESK', 'APPROVER', 'CERTIFICATE_CLERK', 'AUDITOR', 'KEY_CUSTODIAN',
  'ADMINISTRATOR'].map((name) => `ROLE_${name}`);

const stepSeconds = 30;
const margin = 5; // seconds before a step's end in which its predecessor is not counted on any more

function base32(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

// The code of a step: RFC 4226 §5.3 over the count of half minutes since 1970.
export function codeAt(secret, step) {
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32(secret)).update(count).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, '0');
}

export const presentStep = () => Math.floor(Date.now() / 1000 / stepSeconds);

export class Operator {
  constructor(id, { enrolmentUri, initialPin }) {
    this.id = id;
    this.secret = new URL(enrolmentUri).searchParams.get('secret');
    this.pin = initialPin;
    this.usedStep = 0;
  }

  // The earliest step whose code the daemon still takes and has not taken yet; undefined when there is none.
  freeStep() {
    const now = Date.now() / 1000;
    const first = now % stepSeconds < stepSeconds - margin ? presentStep() - 1 : presentStep();
    const step = Math.max(this.usedStep + 1, first);
    return step <= presentStep() + 1 ? step : undefined;
  }

  async nextStep() {
    for (;;) {
      const step = this.freeStep();
      if (step !== undefined) return step;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  // A log-in at the client's terminal, all of it right: the reply. The initial PIN is changed on the way.
  async logIn(client) {
    const reply = await this.logInAsIs(client);
    if (reply.pinChangeDue) {
      const newPin = `pin-${randomInt(1e9, 1e10)}`;
      await client.Operators.changePin({ oldPin: this.pin, newPin }, { session: reply.session });
      this.pin = newPin;
    }
    return reply;
  }

  // The same, and where the PIN is to be changed it is not.
  async logInAsIs(client) {
    const step = await this.nextStep();
    const reply = await client.Operators.logIn({ operatorId: this.id, pin: this.pin,
      code: codeAt(this.secret, step) }, { session: null }).catch((error) => {
      if (error.reason !== 'TENANT_SEALED') this.usedStep = step;
      throw error;
    });
    this.usedStep = step;
    assert.match(reply.session, /^[A-Za-z0-9_-]{43}$/);
    return reply;
  }
}

export async function register(client, operatorId, roles, options = {}) {
  const displayName = `${operatorId} of the tests`;
  return new Operator(operatorId, await client.Operators.registerOperator({ operatorId, displayName, roles }, options));
}

// For vrx, which looks for the session in the terminal's folder.
export const keepSession = (folder, token) => writeFileSync(join(folder, 'session'), `${token}\n`, { mode: 0o600 });

// The first administrator of a new municipality, enrolled and logged in at the console of this folder.
export async function firstAdministrator(port, folder, id = 'admin') {
  const client = connect(port, folder, join(folder, 'ca.pem'));
  try {
    const operator = await register(client, id, allRoles, { session: null });
    keepSession(folder, (await operator.logIn(client)).session);
  } finally {
    client.close();
  }
}

// A place at a terminal, and the operators who take turns there. enrol(id, options): a further one, by who is logged
// in at the console; where that is this very place (alone) the first one is registered by nobody, and the next one
// while there is still somebody.
export class Place {
  constructor(name, enrol, alone) {
    this.name = name;
    this.enrol = enrol;
    this.alone = alone;
    this.operators = [];
    this.next = null; // who is being enrolled
    this.turn = Promise.resolve(); // of who logs in: one after the other
    this.count = 0;
  }

  async add(options) {
    this.count += 1;
    const operator = await this.enrol(this.count === 1 ? this.name : `${this.name}.${this.count}`, options);
    this.operators.push(operator);
    return operator;
  }

  free() { return this.operators.find((operator) => operator.freeStep() !== undefined); }

  // The session's token; who it is, is this.present.
  logIn(client) {
    const session = this.turn.then(() => this.logInNow(client));
    this.turn = session.catch(() => {});
    return session;
  }

  async logInNow(client) {
    await this.next;
    this.present = this.free() ?? (this.alone ? this.operators[0] : undefined)
      ?? await this.add(this.alone ? { session: null } : {});
    const { session } = await this.present.logIn(client);
    // Who is killed meanwhile has nobody in stock, and waits for the next code.
    if (this.alone && !this.free()) this.next = this.add({ session }).catch(() => {});
    return session;
  }
}
