-- How the pages of a list follow each other: the `page` of weir.http, or of one of its types.
--
--   page = weir.page.whole                                                          all in one answer
--   page = weir.page.offset { offset = "skip", limit = "limit", size = 500 }        ?skip=500&limit=500
--   page = weir.page.number { page = "page", limit = "per_page", total = "count" }  ?page=2&per_page=500
--   page = weir.page.link {}                                                        a header: Link: <…>; rel="next"
--   page = weir.page.next "next"                                                    the answer's field `next` is a URL
--   page = weir.page.cursor { cursor = "after", next = weir.path("meta", "next") }  ?after=CURSOR
--   page = weir.page.keyset { after = "changed_after", limit = "limit" }            ?changed_after=LAST
--   page = weir.page.window { from = "from", to = "to", width = "1d" }              ?from=DAY&to=NEXT_DAY
--   page = weir.page.custom(function(answer, request) … end)                        anything else
--
-- Where an answer says something (a total, a cursor, a URL) is a field's name, weir.path("data", "next"), or a header:
-- "header:X-Next". Every one takes pages_max too: a list of more pages than that is an error.

local weir, core = ...

weir.page = {
  -- All in one answer; the same as leaving page out.
  whole = { kind = "whole" },
}

-- Each of these takes a table. First the options it must have, then those it may have.
local function pager(kind, must, may)
  may[#may + 1] = "pages_max"
  weir.page[kind] = function(options)
    return core.made("weir.page." .. kind, kind, options, must, may)
  end
end

pager("offset", { "offset" }, { "limit", "size", "overlap", "total" })
pager("number", { "page" }, { "limit", "size", "first", "total", "pages" })
pager("link", {}, { "size" })
pager("cursor", { "cursor", "next" }, { "limit", "size", "more", "in_body" })
pager("keyset", {}, { "after", "limit", "size" })
pager("window", { "from", "to" }, { "limit", "size", "width", "start" })

-- weir.page.next(where), or weir.page.next { next = where, size = … }
function weir.page.next(where)
  local given = type(where) == "table" and where or { next = where }
  return core.made("weir.page.next", "next", given, { "next" }, { "size", "pages_max" })
end

-- weir.page.custom(function(answer, request) return { path = "/list", query = { after = answer.last } } end)
--
-- The function is given the answer { status =, headers =, body =, count =, last = } (how many records it had, and the
-- last of them) and the request before it, at first nil and nil. It gives the next request { path =, query = }, or nil
-- at the end. With more to say: weir.page.custom { call = … }.
function weir.page.custom(call)
  local given = type(call) == "table" and call or { call = call }
  return core.made("weir.page.custom", "function", given, { "call" }, { "size", "pages_max" })
end
