-- Parameters: what a sync is given with each run, as in `weir run SCRIPT --param file=readings.csv`.
--
--   weir.sync {
--     params = {
--       file  = weir.param.file { help = "The readings to bring in." },
--       month = weir.param.integer { default = 1 },
--     },
--     datasource = weir.csv { file = weir.param "file", … },       -- as an option
--     pull = {
--       reading = {
--         month = function() return weir.param "month" end,         -- inside a function: the value
--       },
--     },
--   }

local weir, core = ...

-- The types a parameter may have. Each may be called with { default = …, help = … }; without a default it must be
-- given.
weir.param = {
  text    = core.param_text,
  integer = core.param_integer,
  bool    = core.param_bool,
  file    = core.param_file, -- a path, as seen from where weir is started
}

-- weir.param "name": the value that was given.
setmetatable(weir.param, {
  __call = function(_, name)
    return core.param(name)
  end,
})
