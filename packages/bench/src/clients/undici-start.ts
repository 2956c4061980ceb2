/** Raw undici, cold: the first request of a process. Its import is counted apart. */
import * as Measure from "../Measure.js"
import type { Task } from "../Task.js"
import * as TaskModule from "../Task.js"

const task: Task = JSON.parse(process.argv[2]!)
const { Agent, request } = await import("undici")
const cpu = process.cpuUsage()
const start = performance.now()
const dispatcher = new Agent({ connections: task.connections })
const { body } = await request(TaskModule.url(task, 0), { dispatcher })
const json = await body.json()
Measure.reportFirst(start, performance.now(), process.cpuUsage(cpu), json)
await dispatcher.close()
