/** FastGet with its defaults. */
import * as FastGetClient from "../FastGetClient.js"

await FastGetClient.main()
