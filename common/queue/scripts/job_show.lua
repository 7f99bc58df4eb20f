-- All that Redis knows of one job, at one moment.
--   ARGV  id
--   gives the type of its body's key, the body ('' if that is no text), seconds the body lives (-1: for
--         ever), its position in the pending list ('' or a number, 0 is next), '1' if it is in the
--         processing list, owner, ms of the lease, of the due time and of the death ('' if there is
--         none), '1' if the server has to be told of it, since when a Python worker has it ('' or ms),
--         now in ms, ms of its parking or ''; then its journal and its dead letter as fields and values
--   guard none: nothing is written
local id = ARGV[OWN + 1]
local function hash_of(key)
  local fields = redis.pcall('HGETALL', key)
  return fields.err and {} or fields
end
local kind = redis.call('TYPE', job_key(id)).ok
local waiting = redis.call('LPOS', pending, id, 'RANK', -1)
local place = waiting and redis.call('LLEN', pending) - 1 - waiting
local stranger = string.match(redis.call('HGET', strangers, id) or '', '^%d+')
return {kind, kind == 'string' and redis.call('GET', job_key(id)) or '',
        tostring(redis.call('TTL', job_key(id))), place and tostring(place) or '',
        redis.call('LPOS', processing, id) and '1' or '0', redis.call('HGET', owners, id) or '',
        redis.call('ZSCORE', leases, id) or '', redis.call('ZSCORE', delayed, id) or '',
        redis.call('ZSCORE', dead, id) or '', redis.call('ZSCORE', untold, id) and '1' or '0',
        stranger or '', string.format('%.0f', now()), redis.call('ZSCORE', parked, id) or '',
        hash_of(journal_key(id)), hash_of(letter_key(id))}
