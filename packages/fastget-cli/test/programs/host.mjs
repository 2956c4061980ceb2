/**
 * Runs the built command again and again, one run at a time: each has the
 * arguments, the folder, the environment and the descriptors 0, 1 and 2 of its
 * own, and only the modules are loaded once. What it is asked comes by messages.
 */
import * as Fs from "node:fs"
import * as Net from "node:net"
import { fileURLToPath } from "node:url"

const dist = new URL("../../dist/", import.meta.url)
const program = Fs.readdirSync(dist).find((name) => /^bundle-Program-\w+\.js$/.test(name))
const { run } = await import(new URL(program, dist).href)

const { O_RDONLY, O_RDWR, O_WRONLY } = Fs.constants

/** A closed descriptor's number is the next one that is given, where those below it are open. */
const replace = (number, name, flags) => {
  Fs.closeSync(number)
  const opened = Fs.openSync(name, flags)
  if (opened !== number) throw new Error(`${name} is open as ${opened}, not as ${number}`)
}

/** The streams of Node for these descriptors: made when they are asked for, as Node makes its own. */
const standard = (name, fd) => {
  let stream
  Object.defineProperty(process, name, {
    configurable: true,
    get: () => stream ??= new Net.Socket({ fd, readable: fd === 0, writable: fd !== 0 })
  })
  return {
    flushed: () => new Promise((resolve) => stream === undefined ? resolve() : stream.write("", () => resolve()))
  }
}

const setEnvironment = (env) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
}

const [folder] = process.argv.slice(2)
const pipes = ["stdin", "stdout", "stderr"].map((name) => `${folder}/${name}`)

let streams
const begin = ({ cwd, env }) => {
  setEnvironment(env)
  process.chdir(cwd)
  pipes.forEach((name, number) => replace(number, name, number === 0 ? O_RDONLY : O_WRONLY))
  streams = ["stdin", "stdout", "stderr"].map(standard)
  process.stderr.on("error", () => {})
}

const end = async () => {
  await Promise.all(streams.slice(1).map(({ flushed }) => flushed()))
  for (const handle of process._getActiveHandles()) if (handle._handle?.fd <= 2) handle.destroy()
  pipes.forEach((_, number) => replace(number, "/dev/null", O_RDWR))
}

process.on("uncaughtException", (error) => {
  Fs.writeSync(2, `fastget: this is a bug: ${error.stack}\n`)
  process.exit(70)
})

const here = fileURLToPath(new URL(".", import.meta.url))

process.on("message", async (message) => {
  if (message.args === undefined) {
    begin(message)
    process.send({ begun: true })
  } else {
    const code = await run(message.args)
    await end()
    // The folder of the run may go.
    process.chdir(here)
    process.send({ code })
  }
})
process.on("disconnect", () => {
  Fs.rmSync(folder, { recursive: true, force: true })
  process.exit()
})
