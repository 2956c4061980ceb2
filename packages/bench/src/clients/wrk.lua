-- A URL of its own for each request, and the totals in the last line.
local path = os.getenv("BENCH_PATH")
local n = 0

request = function()
  n = n + 1
  return "GET /" .. path .. "/" .. n .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\n\r\n"
end

done = function(summary)
  io.write(string.format("totals %d %f\n", summary.requests, summary.duration / 1e6))
end
