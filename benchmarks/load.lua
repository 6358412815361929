-- wrk's side of load.py: sends the requests of a file, one after the other, and tells what became of them.
local requests, at = {}, 0

init = function(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    table.insert(requests, wrk.format(method, path, nil, body ~= "" and body or nil))
  end
end

request = function()
  at = at % #requests + 1
  return requests[at]
end

done = function(summary, latency)
  local e = summary.errors
  local told = '{"requests":%d,"seconds":%.4f,"p50":%.3f,"p95":%.3f,"p99":%.3f,"failed":%d}\n'
  io.stderr:write(told:format(summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, e.status + e.connect + e.read + e.write + e.timeout))
end
