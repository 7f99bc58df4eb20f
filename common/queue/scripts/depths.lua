-- How many jobs are where, all at one moment.
--   ARGV  –
--   gives pending, processing, delayed, dead, untold, parked
--   guard none: nothing is written
return {redis.call('LLEN', pending), redis.call('LLEN', processing), redis.call('ZCARD', delayed),
        redis.call('ZCARD', dead), redis.call('ZCARD', untold),
        redis.call('ZCARD', parked)}
