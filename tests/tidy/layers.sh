#!/bin/sh
# Which room may include which, where third-party headers may be seen, and that basenames in src/ are unique.
. "$(dirname "$0")/common.sh"

files 'c|h' src | xargs awk '
    BEGIN {
        # A room and the floors under it. The four adapters never see each other; only main.c sees them all.
        may["base"] = "base"
        may["model"] = "base model"
        may["format"] = "base model format"
        may["http"] = "base model http"
        may["sqlite"] = "base sqlite"
        may["port"] = "base model port"
        may["engine"] = "base model port engine"
        may["source"] = "base model format http port source"
        may["store"] = "base model format port sqlite store"
        may["script"] = "base model format port script"
        may["cli"] = "base model format http port engine script cli"
        may["server"] = "base model format http port sqlite engine server"
        may["main.c"] = "base model format http port sqlite engine source store script cli server"
        # A header of a third party and the files that may include it.
        home["lua.h"] = home["lauxlib.h"] = home["lualib.h"] = "^src/script/"
        home["sqlite3.h"] = "sqlite[^/]*$"
        home["zlib.h"] = "^src/format/format_gzip[^/]*$"
        home["zip.h"] = "^src/format/format_zip[^/]*$"
        home["xxhash.h"] = "^src/base/hash\\.c$"
        home["curl/curl.h"] = "^src/http/"
        home["libpq-fe.h"] = "postgres[^/]*$"
        home["csv.h"] = "^src/format/format_csv[^/]*$"
        home["microhttpd.h"] = "^src/server/"
        home["cJSON.h"] = home["cjson/cJSON.h"] = "^src/(cli|http|server)/"
    }
    /^#[ ]*include[ ]+"/ {
        split($0, quoted, "\""); split(FILENAME, from, "/"); split(quoted[2], to, "/")
        if (!(from[2] in may)) {
            print FILENAME ": room " from[2] " is not in the list of rooms; add it to tests/tidy/layers.sh"; next
        }
        if (quoted[2] !~ /\//) {
            if (quoted[2] !~ /\.(def|inc)$/) print FILENAME ":" FNR ": include \"" quoted[2] "\" by its room: \"room/" quoted[2] "\""
        } else if (index(" " may[from[2]] " ", " " to[1] " ") == 0) {
            print FILENAME ":" FNR ": " from[2] "/ must not include " quoted[2] "; it sees " may[from[2]] " alone"
        }
    }
    /^#[ ]*include[ ]+</ {
        match($0, /<[^>]*>/); header = substr($0, RSTART + 1, RLENGTH - 2)
        if (header in home && FILENAME !~ home[header]) {
            print FILENAME ":" FNR ": <" header "> is confined to " home[header] "; go through that room"
        }
    }' >"$found"

# x.c and x.h beside each other are one module; the same name in two rooms, or twice, is not.
files 'c|h' src | sed -E 's/\.[ch]$//' | sort -u | awk -F/ '
    { if ($NF in seen) print $0 ": its name is taken by " seen[$NF] "; basenames are unique in src/"; seen[$NF] = $0 }' >>"$found"
finish
