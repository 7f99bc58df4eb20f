-- processing -> pending at the front, or dead, for all jobs in the hands of a process that died.
--   ARGV  what its tokens begin with, crashes that bury, '1' if they count as a crash
--   gives how many were put back, how many were buried, calls in doubt
--   guard owners[id] begins with it
local prefix = ARGV[OWN + 1]
local back, buried = 0, 0
check_types()
local mine = {}
local held = redis.call('HGETALL', owners)
for i = 1, #held, 2 do
  if string.sub(held[i + 1], 1, #prefix) == prefix then mine[held[i]] = true end
end
-- The newest of the list is its first: pushed in this order, the jobs stand as they stood before
-- they were taken. Those that a Python worker has taken out of the list come last.
local order = {}
for _, id in ipairs(redis.call('LRANGE', processing, 0, -1)) do
  if mine[id] then
    mine[id] = nil
    order[#order + 1] = id
  end
end
for id in pairs(mine) do order[#order + 1] = id end
for _, id in ipairs(order) do
  local went = 'requeued'
  if ARGV[OWN + 3] == '1' then
    went = take_back(id, tonumber(ARGV[OWN + 2]))
  elseif redis.call('LPOS', processing, id) or not settled_by_another(id) then
    release(id)
    to_front(id)
  else
    release(id)
    went = 'settled'
  end
  if went == 'requeued' then back = back + 1 end
  if went == 'buried' then buried = buried + 1 end
end
return {back, buried, in_doubt}
