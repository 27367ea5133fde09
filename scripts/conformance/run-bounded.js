// A child process that may neither hang nor take all memory.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const pollMs = 50;

/**
 * Runs a Node program and answers its last line of JSON, or how it ended: `timeout`, `memory`, or `crash` with its exit
 * code or signal and the end of what it said.
 */
export function runBounded(program, argument, { timeoutMs, memoryMiB }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    let ended;
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (complaint += chunk));
    const end = (reason) => {
      ended ??= reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end('timeout'), timeoutMs);
    const watch = setInterval(() => {
      if (residentMiB(child.pid) > memoryMiB) end('memory');
    }, pollMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      clearInterval(watch);
      const line = output.trimEnd().split('\n').at(-1) ?? '';
      if (ended !== undefined) resolve({ ended });
      else if (code === 0 && line.startsWith('{')) resolve({ ...JSON.parse(line), complaint: complaint.trim() });
      else resolve({ ended: 'crash', code: signal ?? code, complaint: complaint.trim().slice(-500) });
    });
  });
}

/** Resident memory of a process where the system tells it (Linux), else 0. */
function residentMiB(pid) {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / 2 ** 20;
  } catch {
    return 0;
  }
}
