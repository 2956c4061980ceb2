/**
 * The built command in processes that stay: a start of the command loads some
 * thousand modules, and most tests only need what a run reads, writes and ends
 * with. Its descriptors are named pipes, as those of a process are pipes. What is
 * about the process itself, as its signals, its end or a terminal, has one of its
 * own (`Process`).
 */
import * as Effect from "effect/Effect"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../programs/host.mjs", import.meta.url))

/** Named pipes are files on these systems only. */
export const isSupported = process.platform !== "win32"

export interface Run {
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: string | Buffer
}

export interface Ended {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = Fs.constants

interface Host {
  readonly child: ChildProcess
  readonly folder: string
  /** The exit code or the signal, where it ends. */
  readonly died: Promise<{ readonly code: number | string }>
}

const make = (): Host => {
  const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "fastget-host-"))
  execFileSync("mkfifo", ["stdin", "stdout", "stderr"].map((name) => Path.join(folder, name)))
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "ignore", "ignore", "ipc"] })
  const died = once(child, "exit").then(([code, signal]) => ({ code: code ?? signal }))
  // One that is killed leaves it.
  child.once("exit", () => Fs.rmSync(folder, { recursive: true, force: true }))
  child.unref()
  child.channel?.unref()
  return { child, folder, died }
}

/** Those that run nothing. */
const idle: Array<Host> = []

/** A host that has not ended. */
const take = (): Host => {
  const host = idle.pop()
  if (host === undefined) return make()
  return host.child.connected && !host.child.killed ? host : take()
}

const answer = ({ child, died }: Host): Promise<{ readonly code?: number | string }> =>
  Promise.race([once(child, "message").then(([message]) => message), died])

const reader = (host: Host, name: string): Net.Socket =>
  new Net.Socket({ fd: Fs.openSync(Path.join(host.folder, name), O_RDONLY | O_NONBLOCK), readable: true })

const runIn = async (host: Host, { args, cwd, env, stdin }: Run): Promise<Ended> => {
  // A pipe is opened without waiting where its other end is open. Nothing is read before the host has that.
  const [stdout, stderr] = [reader(host, "stdout"), reader(host, "stderr")]
  const pipe = Path.join(host.folder, "stdin")
  const both = Fs.openSync(pipe, O_RDWR | O_NONBLOCK)
  host.child.send({ cwd, env })
  const begun = await answer(host)
  if (begun.code !== undefined) throw new Error(`The host of the command ended with ${begun.code}`)
  const input = new Net.Socket({ fd: Fs.openSync(pipe, O_WRONLY | O_NONBLOCK), readable: false, writable: true })
  Fs.closeSync(both)
  // The run may end before it has read all.
  input.on("error", () => {})
  input.end(stdin)
  const outputs = Promise.all([text(stdout), text(stderr)])
  host.child.send({ args })
  const { code } = await answer(host)
  input.destroy()
  const [out, err] = await outputs
  return { code: code ?? "none", stdout: out, stderr: err }
}

/** Runs the command to its end. */
export const run = (run: Run): Effect.Effect<Ended> =>
  Effect.async<Ended>((resume) => {
    const host = take()
    const ended = runIn(host, run).finally(() => idle.push(host))
    ended.then((ended) => resume(Effect.succeed(ended)), (error) => resume(Effect.die(error)))
    return Effect.sync(() => host.child.kill("SIGKILL"))
  })
