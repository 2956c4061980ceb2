/**
 * Which entity owns an origin. Origins are divided into a fixed number of
 * partitions by a hash of their name, so that a crawl of many origins needs few
 * messages and an origin still has exactly one owner. An origin with more
 * requests than one machine can make has several lanes: each of them is a
 * partition's entity of its own, with its part of the origin's limits.
 */

/** How many partitions there are. Every client and runner of a cluster has to use the same number. */
export const partitions = 128

/** FNV-1a, 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    value ^= text.charCodeAt(i)
    value = Math.imul(value, 0x01000193)
  }
  return value >>> 0
}

/** The partition of an origin: a number from 0. */
export const of = (origin: string): number => hash(origin) % partitions

/** The lane of a stored chunk. Its number would not do as it is: where chunks have 1,000 entries each is a multiple of that. */
export const laneOf = (number: number, lanes: number): number => hash(String(number)) % lanes

/** The partition of an entity, by its name. */
export const ofEntity = (entityId: string): number => Number.parseInt(entityId, 10)

/** The name of the entity that owns a partition, or a lane of it. */
export const entityId = (partition: number, lane: number): string => `${partition}#${lane}`
