// SPDX-License-Identifier: Apache-2.0
// `vrx` in the hands of administrators and operators: enrolment as it is seen on the screen, log-in, the session's
// file, what is said when a session is missing or over, lost telephones and people who leave.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import jsQR from 'jsqr';
import { World } from './harness.mjs';
import { codeAt, presentStep } from './people.mjs';
import { program } from './programs.mjs';

let world;
before(async () => {
  world = await World.make();
  // The desks of two persons more, at the same terminals.
  for (const [desk, terminal] of [['jiro-desk', 'sapporo-console'], ['hanako-desk', 'sapporo-counter']]) {
    mkdirSync(world.path(desk));
    for (const file of ['certificate.pem', 'key.pem', 'ca.pem'])
      cpSync(world.path(terminal, file), world.path(desk, file));
  }
});
after(() => world?.close());

// A command at a desk with these lines on standard input: { code, stdout, stderr }.
function typed(lines, desk, ...args) {
  return new Promise((resolve) => {
    const child = execFile(program('vrx'), [...args, '--server', `localhost:${world.port}`, '--terminal', desk],
      { cwd: world.folder }, (error, stdout, stderr) => resolve({ code: error ? error.code : 0, stdout, stderr }));
    child.stdin.on('error', () => {}); // who is refused does not read on
    child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  });
}
async function done(...args) {
  const result = await typed(...args);
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result.stdout;
}
async function fails(code, says, ...args) {
  const result = await typed(...args);
  assert.equal(result.code, code, result.stdout + result.stderr);
  assert.match(result.stderr, says);
  return result;
}

const people = {}; // { pin, secret, step } by id
async function enrol(id, ...roles) {
  const enrolment = JSON.parse(await world.well('sapporo-console', 'operator', 'register', '--id', id, '--name',
    `${id} 氏`, ...roles.flatMap((role) => ['--role', role]), '--json'));
  people[id] = { pin: enrolment.initial_pin, secret: enrolment.secret, step: 0 };
  return enrolment;
}
// A code that was not used yet: of the step before where the present one is not about to end. Whose three codes are
// used waits for the next step, as a person would.
async function nextCode(id) {
  const person = people[id];
  const first = Date.now() / 1000 % 30 < 25 ? presentStep() - 1 : presentStep();
  person.step = Math.max(person.step + 1, first);
  while (person.step > presentStep() + 1) await sleep(200);
  return codeAt(person.secret, person.step);
}
const logIn = async (id, desk, ...more) =>
  done([people[id].pin, await nextCode(id)], desk, 'login', '--operator', id, ...more);
const token = (desk) => readFileSync(world.path(desk, 'session'), 'utf8');

// What a telephone sees where light characters stand on a dark screen.
function scan(text) {
  const rows = text.split('\n').filter((line) => /^[ ▀▄█]+$/.test(line));
  const width = rows[0].length;
  const scale = 4;
  const image = { width: width * scale, height: rows.length * 2 * scale };
  const pixels = new Uint8ClampedArray(image.width * image.height * 4).fill(255);
  for (let y = 0; y < image.height; y++)
    for (let x = 0; x < image.width; x++) {
      const lower = Math.floor(y / scale) % 2;
      const light = (lower ? '▄█' : '▀█').includes(rows[Math.floor(y / scale / 2)][Math.floor(x / scale)]);
      pixels.fill(light ? 255 : 0, (y * image.width + x) * 4, (y * image.width + x) * 4 + 3);
    }
  return jsQR(pixels, image.width, image.height)?.data;
}

test('an enrolment on the screen is the code for the telephone, the secret to type and the first PIN', async () => {
  const shown = await world.well('sapporo-console', 'operator', 'register', '--id', 'screen', '--role', 'auditor');
  const uri = new URL(scan(shown));
  assert.equal(uri.protocol, 'otpauth:');
  assert.equal(uri.host, 'totp');
  assert.equal(decodeURIComponent(uri.pathname), '/VRX 011002:screen');
  const secret = uri.searchParams.get('secret');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.match(shown, new RegExp(`手入力用の鍵 +${secret.match(/.{4}/g).join(' ')}\n`));
  people.screen = { pin: /初期暗証番号 +(\d{8})\n/.exec(shown)[1], secret, step: 0 };
  assert.match(await logIn('screen', 'hanako-desk'), /vrx pin change/);
});

test('log-in keeps the session in the terminal\'s folder, for its owner, and shows it to nobody', async () => {
  const { enrolment_uri: uri } = await enrol('hanako', 'registrar', 'movers-desk');
  assert.match(uri, /^otpauth:\/\/totp\//);
  const said = await logIn('hanako', 'hanako-desk');
  assert.match(said, /ログインしました: hanako \(registrar, movers-desk\)[\s\S]*next .*vrx pin change/);
  assert.equal(statSync(world.path('hanako-desk', 'session')).mode & 0o777, 0o600);
  assert.match(token('hanako-desk'), /^[A-Za-z0-9_-]{43}\n$/);
  assert.ok(!said.includes(token('hanako-desk').trim()));
});

test('the initial PIN opens nothing but its own change', async () => {
  await enrol('jiro', 'administrator');
  await logIn('jiro', 'jiro-desk');
  await fails(1, /PIN_CHANGE_DUE[\s\S]*next \/ 次の操作: vrx pin change/, [], 'jiro-desk', 'operator', 'list');
  await fails(1, /LOGIN_REFUSED/, ['00000000', 'correct-horse'], 'jiro-desk', 'pin', 'change');
  await fails(1, /PIN_WEAK/, [people.jiro.pin, '123456'], 'jiro-desk', 'pin', 'change');
  await fails(1, /PIN_CHANGE_DUE/, [], 'jiro-desk', 'operator', 'list');
  await done([people.jiro.pin, 'correct-horse'], 'jiro-desk', 'pin', 'change');
  people.jiro.pin = 'correct-horse';
  const list = JSON.parse(await done([], 'jiro-desk', 'operator', 'list', '--json'));
  const [jiro] = list.filter(({ operator }) => operator === 'jiro');
  assert.deepEqual([jiro.name, jiro.roles, jiro.state, jiro.pin_change_due, jiro.log_ins],
    ['jiro 氏', ['administrator'], 'active', false, 1]);
  assert.match(await done([], 'jiro-desk', 'operator', 'list'), /jiro +jiro 氏 +active 有効 /);
});

test('after log-out a command says that somebody must log in, and how', async () => {
  await done([], 'jiro-desk', 'logout');
  assert.ok(!existsSync(world.path('jiro-desk', 'session')));
  await fails(1, /SESSION_REQUIRED[\s\S]*next \/ 次の操作: vrx login --operator ID/, [], 'jiro-desk', 'operator', 'list');
  assert.match(await done([], 'jiro-desk', 'logout'), /nobody was logged in/);
});

test('unknown operator, wrong PIN, wrong code and a code again are one refusal, and keep no session', async () => {
  const good = await nextCode('jiro');
  const tries = [['nobody', 'correct-horse', good], ['jiro', 'incorrect-horse', good], ['jiro', 'correct-horse',
    good === '000000' ? '000001' : '000000']];
  const said = new Set();
  const words = ({ stderr }) => stderr.replace(/request [0-9a-f]{32}/, 'request');
  for (const [id, pin, code] of tries)
    said.add(words(await fails(1, /LOGIN_REFUSED/, [pin, code], 'jiro-desk', 'login', '--operator', id)));
  assert.ok(!existsSync(world.path('jiro-desk', 'session')));
  const one = JSON.parse(await done(['correct-horse'], 'jiro-desk', 'login', '--operator', 'jiro', '--code', good,
    '--json'));
  assert.deepEqual([one.operator, one.roles, one.pin_change_due, one.idle_seconds], ['jiro', ['administrator'], false, 900]);
  said.add(words(await fails(1, /LOGIN_REFUSED/, ['correct-horse', good], 'jiro-desk', 'login', '--operator', 'jiro')));
  assert.equal(said.size, 1, [...said].join('\n'));
});

test('a session opens nothing at another terminal', async () => {
  writeFileSync(world.path('hanako-desk', 'session'), token('jiro-desk'), { mode: 0o600 });
  await fails(1, /SESSION_ENDED[\s\S]*次の操作: vrx login/, ['x', 'correct-donkey'], 'hanako-desk', 'pin', 'change');
  assert.ok(!existsSync(world.path('hanako-desk', 'session')), 'what is over is not sent again');
  await done([], 'jiro-desk', 'operator', 'list');
});

test('a session file that others can read is not used', async () => {
  const held = token('jiro-desk');
  writeFileSync(world.path('hanako-desk', 'session'), held, { mode: 0o644 });
  await fails(3, /hanako-desk\/session: [\s\S]*FILE_REFUSED/, [], 'hanako-desk', 'logout');
  writeFileSync(world.path('hanako-desk', 'session'), '');
});

test('who leaves is out at once; who comes back logs in again', async () => {
  await world.well('sapporo-console', 'operator', 'suspend', '--id', 'jiro');
  await fails(1, /SESSION_ENDED/, [], 'jiro-desk', 'operator', 'list');
  await fails(1, /SESSION_REQUIRED/, [], 'jiro-desk', 'operator', 'list');
  const { stderr } = await world.at('sapporo-console', 'operator', 'suspend', '--id', 'jiro');
  assert.match(stderr, /WRONG_STATE/);
  assert.match(await world.well('sapporo-console', 'operator', 'list'), /jiro +jiro 氏 +suspended 停止/);
  await world.well('sapporo-console', 'operator', 'reinstate', '--id', 'jiro');
  await logIn('jiro', 'jiro-desk');
});

test('other roles, and a lost telephone: the old one opens nothing any more', async () => {
  await world.well('sapporo-console', 'operator', 'roles', '--id', 'hanako', '--role', 'auditor');
  const held = { ...people.hanako };
  const shown = JSON.parse(await world.well('sapporo-console', 'operator', 'reset', '--id', 'hanako', '--json'));
  assert.notEqual(shown.secret, held.secret);
  await fails(1, /LOGIN_REFUSED/, [held.pin, await nextCode('hanako')], 'hanako-desk', 'login', '--operator', 'hanako');
  people.hanako = { pin: shown.initial_pin, secret: shown.secret, step: 0 };
  assert.match(await logIn('hanako', 'hanako-desk'), /hanako \(auditor\)[\s\S]*vrx pin change/);
});

test('administrators leave their own account to others, and there is always one', async () => {
  const admin = world.operator('sapporo-console');
  const others = ['jiro', 'sapporo.second']; // the world's second person is an administrator too
  for (const id of others) await world.well('sapporo-console', 'operator', 'suspend', '--id', id);
  for (const [reason, ...args] of [['OWN_ACCOUNT', 'reset'], ['OWN_ACCOUNT', 'roles', '--role', 'auditor'],
    ['LAST_ADMINISTRATOR', 'suspend']]) {
    const { code, stderr } = await world.at('sapporo-console', 'operator', ...args, '--id', admin);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(reason));
  }
  for (const id of others) await world.well('sapporo-console', 'operator', 'reinstate', '--id', id);
});

test('after five failures the terminal says how long that operator waits, and others log in', async () => {
  for (let i = 0; i < 5; i++)
    await fails(1, /LOGIN_REFUSED/, ['guess-number', '000000'], 'jiro-desk', 'login', '--operator', 'ghost');
  await fails(1, /RATE_EXCEEDED/, ['guess-number', '000000'], 'jiro-desk', 'login', '--operator', 'ghost');
});

test('what is wrong with the command line is said before anything is asked', async () => {
  await fails(2, /--operator: who logs in/, [], 'jiro-desk', 'login');
  await fails(2, /there is no --pin/, [], 'jiro-desk', 'login', '--operator', 'jiro', '--pin', 'x');
  await fails(2, /each role once/, [], 'jiro-desk', 'operator', 'roles', '--id', 'x', '--role', 'auditor', '--role', 'auditor');
  await fails(2, /key-custodian +鍵/, [], 'jiro-desk', 'operator', 'roles', '--id', 'x', '--role', 'boss');
  await fails(1, /INPUT_TRUNCATED/, [], 'jiro-desk', 'login', '--operator', 'jiro');
});
