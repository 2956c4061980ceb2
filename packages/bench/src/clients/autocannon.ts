/** autocannon in one thread. */
import * as AutocannonClient from "../AutocannonClient.js"

await AutocannonClient.main(1)
