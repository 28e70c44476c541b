import { dlopen, FFIType, type Pointer, ptr } from 'bun:ffi';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Place } from './messages.ts';

const SOL_SOCKET = 1;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;

const BPF_LOAD_WORD = 0x20;
const BPF_MODULO = 0x94;
const BPF_JUMP_IF_AT_LEAST = 0x35;
const BPF_ADD = 0x04;
const BPF_RETURN_A = 0x16;
/** Where a filter reads a random number instead of the packet (linux/filter.h). */
const RANDOM = 0xffff_f000 + 56;
const INSTRUCTION_BYTES = 8;
const PROGRAM_BYTES = 16;

type Setsockopt = (fd: number, level: number, option: number, value: Pointer, length: number) => number;
let loaded: Setsockopt | undefined;

/** Linux has the options, and glibc is what Bun's own image has; elsewhere nothing is steered. */
function setsockopt(...call: Parameters<Setsockopt>): boolean {
  if (process.platform !== 'linux') return false;
  const { i32, u32, ptr: pointer } = FFIType;
  try {
    loaded ??= dlopen('libc.so.6', {
      setsockopt: { args: [i32, i32, i32, pointer, u32], returns: i32 },
    }).symbols.setsockopt;
  } catch {
    return false;
  }
  return loaded(...call) === 0;
}

/**
 * Sends new connections of a shared port to every listener but one, chosen at random: that one can
 * empty its queue and close without resetting anybody (SO_REUSEPORT hands no queue over).
 * @param port of this process's own listener, which stands for the whole group
 * @returns whether the kernel took it; where it did not, a few connections may be reset
 */
export function steerAway(port: number, { index, of }: Place): boolean {
  const listener = findListener(port);
  if (listener === undefined || of < 2) return false;
  const program = assemble([
    [BPF_LOAD_WORD, 0, 0, RANDOM],
    [BPF_MODULO, 0, 0, of - 1],
    [BPF_JUMP_IF_AT_LEAST, 0, 1, index],
    [BPF_ADD, 0, 0, 1],
    [BPF_RETURN_A, 0, 0, 0],
  ]);
  const header = new DataView(new ArrayBuffer(PROGRAM_BYTES));
  header.setUint16(0, program.byteLength / INSTRUCTION_BYTES, true);
  header.setBigUint64(8, BigInt(ptr(program)), true);
  return setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, ptr(header), PROGRAM_BYTES);
}

/** Takes the program away again: the kernel chooses by the hash of the connection. */
export function spreadEvenly(port: number): void {
  const listener = findListener(port);
  const nothing = new Uint8Array(4);
  if (listener !== undefined) setsockopt(listener, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, ptr(nothing), 4);
}

/** struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; } */
function assemble(instructions: readonly (readonly [number, number, number, number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_BYTES));
  for (const [row, [code, ifTrue, ifFalse, operand]] of instructions.entries()) {
    const at = row * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, operand, true);
  }
  return new Uint8Array(view.buffer);
}

const LISTENING = '0A';

/** Bun does not say which descriptor its listener has: the kernel's tables do. */
function findListener(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set(
    ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/self/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTENING)
        .map((columns) => `socket:[${columns[9]}]`),
    ),
  );
  const own = readdirSync('/proc/self/fd').find((fd) => inodes.has(linkOf(fd)));
  return own === undefined ? undefined : Number(own);
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
