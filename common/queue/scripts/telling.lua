-- dead, to be told: the last look before the server hears of it; or the telling was in vain.
--   ARGV  id, when the letter was written, ms that the telling may take ('0': it was in vain), ms until
--         somebody else may try
--   gives 1, or 0 if there is nothing to tell any more
--   guard the letter is the one that was written then, and the server has still to be told. While it is
--         being told, dead_retry does not put the job back: the server must not hear that it failed
--         after it has heard of its end
local id, letter = ARGV[OWN + 1], letter_key(ARGV[OWN + 1])
local at = redis.call('HGET', letter, 'at')
if not at then redis.call('ZREM', untold, id) end
if at ~= ARGV[OWN + 2] or not redis.call('ZSCORE', untold, id) then return 0 end
redis.call('ZADD', untold, now() + ARGV[OWN + 4], id)
if ARGV[OWN + 3] == '0' then
  redis.call('HDEL', letter, 'telling')
else
  redis.call('HSET', letter, 'telling', now() + ARGV[OWN + 3])
end
return 1
