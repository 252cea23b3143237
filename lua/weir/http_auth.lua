-- Who asks: the `auth` of weir.http. A token or a password is best a weir.secret.
--
--   auth = weir.auth.basic("ann", weir.secret "password")
--   auth = weir.auth.bearer(weir.secret "token")                       Authorization: Bearer TOKEN
--   auth = weir.auth.header("X-Api-Key", weir.secret "key")            X-Api-Key: KEY
--   auth = weir.auth.query("access_token", weir.secret "token")        ?access_token=TOKEN
--   auth = weir.auth.login {                                           a call gives the token
--     url   = "/login",
--     body  = { username = weir.secret "user", password = weir.secret "password" },
--     field = "id", ttl = "ttl",                                       -- where the answer has it, and its seconds
--     into  = "query", name = "access_token",                          -- where it goes
--   }

local weir, core = ...

weir.auth = {
  -- Nobody in particular; the same as leaving auth out.
  none = { kind = "none" },
}

-- weir.auth.basic(user, password)
function weir.auth.basic(user, password)
  return core.made("weir.auth.basic", "basic", { user = user, password = password }, { "user", "password" }, {})
end

-- weir.auth.bearer(token)
function weir.auth.bearer(token)
  return core.made("weir.auth.bearer", "bearer", { token = token }, { "token" }, {})
end

-- weir.auth.header(name, token, prefix): a header of any name; a prefix such as "Token " stands before the token.
function weir.auth.header(name, token, prefix)
  local given = { name = name, token = token, prefix = prefix }
  return core.made("weir.auth.header", "header", given, { "name", "token" }, { "prefix" })
end

-- weir.auth.query(name, token): a parameter of every request.
function weir.auth.query(name, token)
  return core.made("weir.auth.query", "query", { name = name, token = token }, { "name", "token" }, {})
end

-- weir.auth.login { … }: as above. The token is asked for again when it has run out or is refused.
function weir.auth.login(options)
  local must, may = { "url", "body", "field" }, { "ttl", "into", "name", "prefix" }
  return core.made("weir.auth.login", "login", options, must, may)
end

-- weir.auth.oauth2 { url = "https://login.example.org/token", client = "weir", secret = weir.secret "client_secret" }
--
-- With refresh = "NAME", the name of the secret that holds a refresh token: a new one is put in its place.
function weir.auth.oauth2(options)
  local refresh = type(options) == "table" and options.refresh
  if refresh and type(refresh) ~= "string" then
    core.refuse("weir.auth.oauth2", "refresh", "refresh is the secret's name as a text: the next token is put there")
  end
  local may = { "client", "secret", "scope", "refresh", "secret_in_body" }
  return core.made("weir.auth.oauth2", "oauth2", options, { "url" }, may)
end

-- weir.auth.aws { key = "AKIA…", secret = weir.secret "aws", region = "eu-west-1", service = "execute-api" }
function weir.auth.aws(options)
  return core.made("weir.auth.aws", "aws", options, { "key", "secret", "region", "service" }, { "session" })
end

-- weir.auth.jwt { key = weir.secret "pem", algorithm = "RS256", claims = { iss = "weir" }, life = "5m" }
function weir.auth.jwt(options)
  return core.made("weir.auth.jwt", "jwt", options, { "key" }, { "algorithm", "claims", "key_id", "life" })
end
