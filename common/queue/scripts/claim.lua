-- pending -> processing, for up to N of the oldest jobs.
--   KEYS  pending, processing, owners
--   ARGV  N, prefix of the job keys, prefix of the tokens (a number is put behind it)
--   gives id, body, trouble for each job taken; body false and trouble a text where there is none
--   guard none: whoever runs it first has the job
redis.call('HLEN', KEYS[3])  -- a key of the wrong type must fail before anything moves
local taken = {}
for i = 1, tonumber(ARGV[1]) do
  local id = redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')
  if not id then break end
  redis.call('HSET', KEYS[3], id, ARGV[3] .. i)
  local body = redis.pcall('GET', ARGV[2] .. id)
  local trouble = ''
  if type(body) == 'table' then
    trouble = body.err
    body = false
  elseif not body then
    trouble = 'there is no body under its key'
  end
  taken[#taken + 1] = id
  taken[#taken + 1] = body
  taken[#taken + 1] = trouble
end
return taken
