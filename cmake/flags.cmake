# Compiler flags of our own code; every module links dunlin_flags.
add_library(dunlin_flags INTERFACE)
target_compile_features(dunlin_flags INTERFACE cxx_std_23)
target_include_directories(dunlin_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(dunlin_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers -Werror
    -fno-omit-frame-pointer
    # Joined sources (dunlin_join_sources) see each other's names.
    $<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-shadow>)
target_link_options(dunlin_flags INTERFACE -fuse-ld=lld)

# Line tables only: enough for stack traces, a third of the build and link time of full debug info.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -gline-tables-only")
set(CMAKE_C_FLAGS_DEBUG "-O1 -gline-tables-only")
# The sanitizer builds are made anew in every CI run, and take longer to compile than to run: no optimization.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O0 -gline-tables-only")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O1 -gline-tables-only")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")

if(DUNLIN_SANITIZE)
    # Global, so that SQLite and Boost's compiled parts are instrumented as well.
    add_compile_options(-fsanitize=${DUNLIN_SANITIZE})
    add_link_options(-fsanitize=${DUNLIN_SANITIZE})
    if(DUNLIN_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()
