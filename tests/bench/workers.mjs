// SPDX-License-Identifier: Apache-2.0
//
// Measuring programs that run side by side, each with a folder of its own, and answer one command at a time.
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const scratch = mkdtempSync(join(tmpdir(), 'vrx-bench-'));
let made = 0;

export class Worker {
  constructor(program, ...options) {
    this.folder = join(scratch, `${made++}`);
    mkdirSync(this.folder);
    this.child = spawn(program, [this.folder, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => { this.child.on('exit', resolve); });
  }

  async ask(command) {
    this.child.stdin.write(`${command}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the program ended at: ${command}`);
    return value.split(' ').map(Number);
  }

  async end() {
    this.child.stdin.end();
    await this.ended;
    rmSync(this.folder, { recursive: true });
  }
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const micro = (nanoseconds) => (nanoseconds / 1000).toFixed(1);

// What takes long says where it is: over itself for one who looks on, else a line every ten seconds.
let said = Date.now();
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (text && Date.now() - said > 10000) {
    said = Date.now();
    console.error(`… ${text}`);
  }
}
