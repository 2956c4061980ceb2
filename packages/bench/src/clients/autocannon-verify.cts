/** Reads the field of each JSON that autocannon gets. */
const verify = (body: string): boolean => JSON.parse(body).message === "Hello World!"

export = verify
