-- Dead jobs of which the server has to be told now; nobody else gets them for a while.
--   ARGV  how many at most, ms until somebody else may try
--   gives id, body, kind, cause, when the letter was written (ms) of each
--   guard due by Redis' clock
local due = redis.call('ZRANGEBYSCORE', untold, '-inf', now(), 'LIMIT', 0, ARGV[OWN + 1])
local out = {}
for _, id in ipairs(due) do
  redis.call('ZADD', untold, now() + ARGV[OWN + 2], id)
  local letter = redis.call('HMGET', letter_key(id), 'body', 'kind', 'cause', 'at')
  out[#out + 1] = id
  for i = 1, 4 do out[#out + 1] = letter[i] or '' end
end
return out
