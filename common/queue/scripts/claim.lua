-- pending -> processing, for up to N of the oldest jobs; for fewer if their texts and journals are large,
-- since whoever asked has to read the reply before the leases run out, over whatever link: always for one.
--   ARGV  N, prefix of the tokens (a number is put behind it), ms the lease lasts, then the names that
--         a pause of this claim may have
--   gives id, body, trouble, journal for each job taken; body false and trouble a text where there
--         is none
--   guard an id that somebody of ours has in hand already was enqueued twice: this one is dropped;
--         nothing is taken while one of the names is paused
check_types()
for i = OWN + 4, #ARGV do
  if redis.call('HEXISTS', paused, ARGV[i]) == 1 then return {} end
end
local ENOUGH = 8 * 1024 * 1024  -- bytes
local taken = {}
local number, bytes = 0, 0
while number < tonumber(ARGV[OWN + 1]) and bytes < ENOUGH do
  local id = redis.call('LMOVE', pending, processing, 'RIGHT', 'LEFT')
  if not id then break end
  if redis.call('HEXISTS', owners, id) == 1 then
    redis.call('LREM', processing, 1, id)
  else
    number = number + 1
    redis.call('HSET', owners, id, ARGV[OWN + 2] .. number)
    redis.call('ZADD', leases, now() + ARGV[OWN + 3], id)
    redis.call('HDEL', strangers, id)
    local body = redis.pcall('GET', job_key(id))
    local trouble = ''
    if type(body) == 'table' then
      trouble = body.err
      body = false
    elseif not body then
      trouble = 'there is no body under its key'
    end
    local journal = redis.pcall('HGETALL', journal_key(id))
    if journal.err then journal = {} end
    bytes = bytes + #(body or '')
    for _, text in ipairs(journal) do bytes = bytes + #text end
    for _, value in ipairs({id, body, trouble, journal}) do taken[#taken + 1] = value end
  end
end
return taken
