-- All that is paused.
--   ARGV  –
--   gives what, and the JSON object of who said so, when and why, of each
--   guard none: nothing is written
return redis.call('HGETALL', paused)
