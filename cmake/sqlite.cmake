# SQLite is compiled in from the amalgamation inside the npm package better-sqlite3, whose version and
# checksum package-lock.json pins (docs/decisions/0002). `./dev` runs `npm ci` before CMake.
set(DUNLIN_SQLITE_DIR ${CMAKE_SOURCE_DIR}/node_modules/better-sqlite3/deps/sqlite3)
if(NOT EXISTS ${DUNLIN_SQLITE_DIR}/sqlite3.c)
    message(FATAL_ERROR "${DUNLIN_SQLITE_DIR}/sqlite3.c is missing: run `npm ci --ignore-scripts` (or ./dev build).")
endif()
add_library(dunlin_sqlite STATIC ${DUNLIN_SQLITE_DIR}/sqlite3.c)
target_include_directories(dunlin_sqlite SYSTEM PUBLIC ${DUNLIN_SQLITE_DIR})
# PUBLIC, because sqlite3.h hides the preupdate hook from callers that do not define these.
target_compile_definitions(dunlin_sqlite PUBLIC SQLITE_ENABLE_PREUPDATE_HOOK SQLITE_ENABLE_SESSION)
target_compile_definitions(dunlin_sqlite PRIVATE
    SQLITE_DQS=0 SQLITE_THREADSAFE=2 SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_LOAD_EXTENSION
    SQLITE_OMIT_DEPRECATED SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_LIKE_DOESNT_MATCH_BLOBS
    SQLITE_MAX_EXPR_DEPTH=1000 SQLITE_USE_ALLOCA SQLITE_ENABLE_FTS5 SQLITE_ENABLE_MATH_FUNCTIONS
    SQLITE_ENABLE_COLUMN_METADATA SQLITE_ENABLE_STAT4 SQLITE_DEFAULT_FOREIGN_KEYS=1
    SQLITE_TRUSTED_SCHEMA=1 SQLITE_MAX_VARIABLE_NUMBER=250000)
target_compile_options(dunlin_sqlite PRIVATE -w)
