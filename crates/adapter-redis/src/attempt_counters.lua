-- Takes one from each quota, or from none.
-- KEYS: what is counted, one for each quota; each holds "<taken> <ends_at>".
-- ARGV: now, and then a limit and a window for each key; times in microseconds, now being the caller's.
-- Answers 1 or 0.
local now = tonumber(ARGV[1])
local taken, ends_at, is_known = {}, {}, {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if not taken[key] then
    taken[key], ends_at[key] = 0, now + window
    local stored = redis.call('GET', key)
    if stored then
      local first, second = string.match(stored, '^(%d+) (%-?%d+)$')
      if now < tonumber(second) then
        taken[key], ends_at[key], is_known[key] = tonumber(first), tonumber(second), true
      end
    end
  end
  taken[key] = taken[key] + 1
  if taken[key] > limit then
    return 0
  end
end
for key, count in pairs(taken) do
  local value = string.format('%.0f %.0f', count, ends_at[key])
  if is_known[key] then
    redis.call('SET', key, value, 'KEEPTTL')
  else
    local left = math.max(1, math.ceil((ends_at[key] - now) / 1000))
    redis.call('SET', key, value, 'PX', string.format('%.0f', left))
  end
end
return 1
