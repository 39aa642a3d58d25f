-- Spreads requests over many sessions: each line of the file in BENCH_COOKIES is the Cookie field of one.
local requests = {}
local at = 0

init = function() -- wrk has set the Host by now
  for line in io.lines(os.getenv("BENCH_COOKIES")) do
    requests[#requests + 1] = wrk.format(nil, nil, { Host = wrk.headers["Host"], Cookie = line ~= "" and line or nil })
  end
end

request = function()
  at = at % #requests + 1
  return requests[at]
end

done = function(summary, latency, _)
  local e = summary.errors
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
