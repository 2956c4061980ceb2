"""The original's method: a pool of processes, in each an event loop for every
chunk, in which all requests of the chunk run at once with aiohttp. A short
program of our own: the pool, the sizes of the chunks and the order of the
results are those its README tells of.

While the original waits for results its main process looks for them again and
again, without a pause, and takes a core for it. So does this program; with the
argument "waiting" it sleeps until there are some."""

import asyncio
import concurrent.futures
import json
import os
import resource
import sys
import time

import aiohttp

INPUT_CHUNK_SIZE = 10_000
POOL_SUBMIT_SIZE = 1_000


async def fetch_all(pairs):
    async def fetch(session, n, url):
        async with session.get(url) as response:
            return n, await response.json()

    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(fetch(session, n, url) for n, url in pairs))


def fetch_chunk(pairs):
    return asyncio.run(fetch_all(pairs))


def chunks(task):
    """Chunks for the pool, read from a generator."""
    origins, path = task["origins"], task["path"]
    for start in range(0, task["entries"], INPUT_CHUNK_SIZE):
        end = min(start + INPUT_CHUNK_SIZE, task["entries"])
        for first in range(start, end, POOL_SUBMIT_SIZE):
            last = min(first + POOL_SUBMIT_SIZE, end)
            yield [(n, f"{origins[n % len(origins)]}/{path}/{n}") for n in range(first, last)]


def cpu():
    """Of this process and of its children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def polled(pool, task):
    """Results as the original takes them: callbacks fill a list, and a loop empties it."""
    done = []
    missing = 0
    for chunk in chunks(task):
        pool.submit(fetch_chunk, chunk).add_done_callback(lambda future: done.extend(future.result()))
        missing += len(chunk)
        while done:
            missing -= 1
            yield done.pop()
    while missing:
        if done:
            missing -= 1
            yield done.pop()


def waited(pool, task):
    """The same results, by a main process that sleeps meanwhile."""
    for future in concurrent.futures.as_completed([pool.submit(fetch_chunk, chunk) for chunk in chunks(task)]):
        yield from future.result()


def main():
    task = json.loads(sys.argv[-1])
    results = waited if "waiting" in sys.argv else polled
    workers = os.cpu_count()
    cpu_before = cpu()
    answers = read = 0
    with concurrent.futures.ProcessPoolExecutor(workers) as pool:
        list(pool.map(time.sleep, [0.05] * workers))  # Every process has started.
        start = time.perf_counter()
        for _, answer in results(pool, task):
            answers += 1
            read += len(answer["message"])
        seconds = time.perf_counter() - start
    kib = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({
        "answers": answers,
        "read": read,
        "seconds": seconds,
        "quickSeconds": seconds,
        "cpuMicros": round((cpu() - cpu_before) * 1e6),
        "rssBytes": (kib[0] + workers * kib[1]) * 1024,
        "warmup": 0,
    }))


if __name__ == "__main__":
    main()
