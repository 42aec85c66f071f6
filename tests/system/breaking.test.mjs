// SPDX-License-Identifier: Apache-2.0
// `buf breaking`, as CI asks it of proto/, finds what would break a client that was made from the last release, and
// lets pass what does not. It is asked of copies of proto/ with one change each.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from './programs.mjs';

const buf = join(root, 'tests', 'system', 'node_modules', '@bufbuild', 'buf-linux-x64', 'bin', 'buf');
const folder = mkdtempSync(join(tmpdir(), 'vrx-breaking-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args) => new Promise((resolve) => {
  execFile(buf, args, { cwd: join(folder, 'proto'), env: { ...process.env, BUF_CACHE_DIR: join(folder, 'cache') } },
    (error, stdout, stderr) => resolve({ code: error ? error.code : 0, output: stdout + stderr }));
});

// What is said of proto/ with this text of one file in another's place. The release it is compared with is proto/ as
// it is now: what differs from the last one is CI's to say.
async function compare(file, from, to) {
  cpSync(join(root, 'proto'), join(folder, 'proto'), { recursive: true, filter: (name) => !/\.[ch]$/.test(name) });
  assert.equal((await run('build', '--exclude-source-info', '-o', '../api.txtpb')).code, 0);
  const path = join(folder, 'proto', file);
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from), `${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
  return run('breaking', '--against', '../api.txtpb');
}

const method = '  rpc GetTrustList(GetTrustListRequest) returns (GetTrustListResponse);\n';
for (const [what, from, to, said] of [
  ['another number', 'string text = 1;', 'string text = 9;', /Previously present field "1"/],
  ['another type', 'uint64 known_version = 1;', 'string known_version = 1;', /changed type/],
  ['another name', 'string surname = 2;', 'string family_name = 2;', /changed name/],
  ['a method that is gone', method, '', /RPC "GetTrustList" on service "Verification" was deleted/],
  ['a value that is gone', '  VERDICT_VALID = 1;\n', '', /"1" on enum "Verdict" was deleted/],
  ['a stream where there was none', 'returns (GetTrustListResponse)', 'returns (stream GetTrustListResponse)', /stream/],
]) {
  test(`${what} is found`, async () => {
    const { code, output } = await compare('vrx/v1/verification.proto', from, to);
    assert.equal(code, 100, output);
    assert.match(output, said);
  });
}

test('what is added breaks nothing', async () => {
  const { code, output } = await compare('vrx/v1/verification.proto', method,
    `${method}  rpc GetAnother(GetTrustListRequest) returns (GetTrustListResponse);\n`);
  assert.equal(code, 0, output);
});

test('the last release is of the form that buf reads', async () => {
  cpSync(join(root, 'proto'), join(folder, 'proto'), { recursive: true });
  const { code, output } = await run('build', 'released/api.txtpb', '-o', '../released.binpb');
  assert.equal(code, 0, output);
});
