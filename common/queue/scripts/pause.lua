-- From now on nobody claims jobs for something, until it is resumed: the whole fleet obeys.
--   ARGV  what, JSON object of who says so and why
--   gives '1', or '0' if it was paused already: then who and why are these now
--   guard none
local note = string.format('{"at":%.0f,', now()) .. string.sub(ARGV[OWN + 2], 2)
return tostring(redis.call('HSET', paused, ARGV[OWN + 1], note))
