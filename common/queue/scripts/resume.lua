-- Jobs are claimed for something again.
--   ARGV  what
--   gives '1', or '0' if it was not paused
--   guard none
return tostring(redis.call('HDEL', paused, ARGV[OWN + 1]))
