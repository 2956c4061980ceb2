/** autocannon with two worker threads. */
import * as AutocannonClient from "../AutocannonClient.js"

await AutocannonClient.main(2)
