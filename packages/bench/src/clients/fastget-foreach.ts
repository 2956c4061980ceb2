/** FastGet with its defaults, each result given to an Effect. */
import * as FastGetClient from "../FastGetClient.js"

await FastGetClient.main({}, FastGetClient.forEach)
