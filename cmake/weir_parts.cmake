# The parts weir stands on, all from the system's packages; vendor/README.md says why each.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(LUA REQUIRED IMPORTED_TARGET lua5.4)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(MICROHTTPD REQUIRED IMPORTED_TARGET libmicrohttpd)

# Lua and SQLite are linked as archives where the system has them: their own calls then don't go through the dynamic
# linker's table. A first load of 1M rows takes 0.93 of the time so (medians of four, interleaved).
option(WEIR_ARCHIVES "Link Lua and SQLite as archives where there are any" ON)
function(weir_archive target name)
  find_library(${target}_ARCHIVE lib${name}.a)
  if(WEIR_ARCHIVES AND ${target}_ARCHIVE)
    set_target_properties(PkgConfig::${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${${target}_ARCHIVE};m;dl;Threads::Threads")
  endif()
endfunction()
weir_archive(LUA lua5.4)
weir_archive(SQLITE sqlite3)
